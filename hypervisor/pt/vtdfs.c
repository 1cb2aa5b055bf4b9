// SPDX-License-Identifier: MIT
/*
 * VT-d first-stage entries: the processor's own four-level format, walked for a
 * device. A request without PASID counts as a user's, so U/S stands at every
 * level; there is no read bit, so a leaf that can be written can be read.
 *
 * Accessed and dirty are set from the start: the unit then never stores to a
 * table, and no store of its own can meet one of ours. Compare entries without
 * them all the same.
 *
 * Intel VT-d specification, "First-Stage Translation", "Access Rights" and
 * "First-Stage Paging Entries". PWT, PCD, PAT, G and XD stay 0.
 */
#include "lib/check.h"
#include "pt/pt.h"

#define FS_PRESENT  BIT(0)
#define FS_WRITE    BIT(1)
#define FS_USER	    BIT(2)
#define FS_ACCESSED BIT(5)
#define FS_DIRTY    BIT(6)
#define FS_LARGE    BIT(7) /* in a level above 0: this is a leaf */
#define FS_ADDRESS  GENMASK(51, 12)
#define FS_PIN	    BIT(52) /* ignored */

static uint64_t vtdfs_make_leaf(hpa_t page, unsigned prot, unsigned level)
{
	/* Nothing below says "write, but do not read" (write_only_ok). */
	CHECK((prot & PT_READ) != 0);
	return page.addr | FS_PRESENT | FS_USER | FS_ACCESSED |
	       ((prot & PT_WRITE) != 0 ? FS_WRITE | FS_DIRTY : 0) |
	       (level > 0 ? FS_LARGE : 0);
}

/* Rights of a path are the AND of its levels: a table takes nothing away. */
static uint64_t vtdfs_make_table(hpa_t table, unsigned level)
{
	(void)level;
	return table.addr | FS_PRESENT | FS_USER | FS_WRITE | FS_ACCESSED;
}

static unsigned vtdfs_prot(uint64_t entry)
{
	return PT_READ | ((entry & FS_WRITE) != 0 ? PT_WRITE : 0);
}

const struct pt_format pt_format_vtdfs = {
	.name = "vtdfs",
	.leaf_levels = 3,
	.present = FS_PRESENT,
	.leaf_mask = FS_LARGE,
	.leaf_value = FS_LARGE,
	.make_leaf = vtdfs_make_leaf,
	.make_table = vtdfs_make_table,
	.prot = vtdfs_prot,
	.address_mask = FS_ADDRESS,
	.table_pin = FS_PIN,
	.write_only_ok = false,
};
