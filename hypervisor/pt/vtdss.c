// SPDX-License-Identifier: MIT
/*
 * VT-d second-stage entries. There is no present bit: an entry without any
 * right is absent, so a leaf must grant something.
 *
 * Intel VT-d specification, Second-Stage Paging Entries. The transient mapping
 * bit (62) stays 0, and so does snoop (11) in the first of the two formats:
 * reserved where a unit lacks snoop control. In the second every access through
 * a leaf snoops, whatever the device asks for.
 */
#include "lib/check.h"
#include "pt/pt.h"

#define SS_READ	   BIT(0)
#define SS_WRITE   BIT(1)
#define SS_LARGE   BIT(7) /* in a level above 0: this is a leaf */
#define SS_SNOOP   BIT(11)
#define SS_ADDRESS GENMASK(51, 12)
#define SS_PIN	   BIT(52) /* ignored */

static uint64_t vtdss_make_leaf(hpa_t page, unsigned prot, unsigned level)
{
	CHECK((prot & (PT_READ | PT_WRITE)) != 0);
	return page.addr | ((prot & PT_READ) != 0 ? SS_READ : 0) |
	       ((prot & PT_WRITE) != 0 ? SS_WRITE : 0) |
	       (level > 0 ? SS_LARGE : 0);
}

static uint64_t vtdss_make_snooped(hpa_t page, unsigned prot, unsigned level)
{
	return vtdss_make_leaf(page, prot, level) | SS_SNOOP;
}

/* Rights of a path are the AND of its levels: a table takes nothing away. */
static uint64_t vtdss_make_table(hpa_t table, unsigned level)
{
	(void)level;
	return table.addr | SS_READ | SS_WRITE;
}

static unsigned vtdss_prot(uint64_t entry)
{
	return ((entry & SS_READ) != 0 ? PT_READ : 0) |
	       ((entry & SS_WRITE) != 0 ? PT_WRITE : 0);
}

const struct pt_format pt_format_vtdss = {
	.name = "vtdss",
	.leaf_levels = 3,
	.present = SS_READ | SS_WRITE,
	.leaf_mask = SS_LARGE,
	.leaf_value = SS_LARGE,
	.make_leaf = vtdss_make_leaf,
	.make_table = vtdss_make_table,
	.prot = vtdss_prot,
	.address_mask = SS_ADDRESS,
	.table_pin = SS_PIN,
	.write_only_ok = true,
};

const struct pt_format pt_format_vtdss_snoop = {
	.name = "vtdss-snoop",
	.leaf_levels = 3,
	.present = SS_READ | SS_WRITE,
	.leaf_mask = SS_LARGE,
	.leaf_value = SS_LARGE,
	.make_leaf = vtdss_make_snooped,
	.make_table = vtdss_make_table,
	.prot = vtdss_prot,
	.address_mask = SS_ADDRESS,
	.table_pin = SS_PIN,
	.write_only_ok = true,
};
