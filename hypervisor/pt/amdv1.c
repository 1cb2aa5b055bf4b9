// SPDX-License-Identifier: MIT
/*
 * AMD-Vi host page tables ("version 1"). An entry names the level of the table
 * that it points to, which our walker implies by depth; both must agree, or the
 * unit walks a table of another depth than we built.
 *
 *   63 62 61 60 59 58   52 51          12 11        9 8     1  0
 *  [ 0|IW|IR|FC| U|   0   |    address   |next level |   0   |PR]
 *
 * Next level 0 ends the walk: a leaf of the page size that its level has by
 * default (4 KiB, 2 MiB, 1 GiB). 7, a leaf of another size, is never used. In
 * an entry above a leaf FC and U are reserved.
 *
 * AMD I/O Virtualization Technology (IOMMU) specification, 48882: section "I/O
 * Page Tables for Host Translations", with the tables of PTE and PDE fields.
 */
#include "lib/check.h"
#include "pt/pt.h"

#define V1_PRESENT BIT(0)
/* Ignored by hardware in every entry; the higher ones are reserved. */
#define V1_PIN	      BIT(1)
#define V1_NEXT_LEVEL GENMASK(11, 9)
#define V1_ADDRESS    GENMASK(51, 12)
#define V1_COHERENT   BIT(60) /* leaf: a device's accesses snoop caches */
#define V1_READ	      BIT(61)
#define V1_WRITE      BIT(62)

/*
 * FC is set, so that a device that asks for no snooping cannot read behind a
 * guest's caches, which nobody cleans.
 */
static uint64_t amdv1_make_leaf(hpa_t page, unsigned prot, unsigned level)
{
	(void)level;
	CHECK((prot & (PT_READ | PT_WRITE)) != 0);
	return page.addr | V1_PRESENT | V1_COHERENT |
	       ((prot & PT_READ) != 0 ? V1_READ : 0) |
	       ((prot & PT_WRITE) != 0 ? V1_WRITE : 0);
}

/*
 * Rights of a path are the AND of its levels: a table takes nothing away. Our
 * level n is the manual's n + 1, so the table below an entry of our level n has
 * the manual's level n.
 */
static uint64_t amdv1_make_table(hpa_t table, unsigned level)
{
	return table.addr | V1_PRESENT | V1_READ | V1_WRITE |
	       field_prep(V1_NEXT_LEVEL, level);
}

static unsigned amdv1_prot(uint64_t entry)
{
	return ((entry & V1_READ) != 0 ? PT_READ : 0) |
	       ((entry & V1_WRITE) != 0 ? PT_WRITE : 0);
}

const struct pt_format pt_format_amdv1 = {
	.name = "amdv1",
	.leaf_levels = 3,
	.present = V1_PRESENT,
	.leaf_mask = V1_NEXT_LEVEL,
	.leaf_value = 0,
	.make_leaf = amdv1_make_leaf,
	.make_table = amdv1_make_table,
	.prot = amdv1_prot,
	.address_mask = V1_ADDRESS,
	.table_pin = V1_PIN,
	/* IW without IR lets a device write alone. */
	.write_only_ok = true,
};
