// SPDX-License-Identifier: MIT
/*
 * AMD nested paging: long-mode entries with a guest's access seen as a user's.
 *
 * AMD APM vol. 2, 5.3 (long-mode page translation) and 15.25.5 (nested paging:
 * every level needs U/S = 1, since the processor walks as user).
 */
#include "pt/pt.h"

#define NPT_PRESENT  BIT(0)
#define NPT_WRITE    BIT(1)
#define NPT_USER     BIT(2)
#define NPT_PWT	     BIT(3)
#define NPT_PCD	     BIT(4)
#define NPT_LARGE    BIT(7) /* in a level above 0: this is a leaf  */
#define NPT_SOFT     GENMASK(11, 9)
#define NPT_ADDRESS  GENMASK(51, 12)
#define NPT_PIN	     BIT(52) /* available to software, in a table's entry */
#define NPT_NO_EXEC  BIT(63)
#define NPT_UNCACHED (NPT_PCD | NPT_PWT)

static uint64_t npt_make_leaf(hpa_t page, unsigned prot, unsigned level)
{
	return page.addr | NPT_PRESENT | NPT_USER |
	       ((prot & PT_WRITE) != 0 ? NPT_WRITE : 0) |
	       ((prot & PT_EXEC) != 0 ? 0 : NPT_NO_EXEC) |
	       ((prot & PT_DEVICE) != 0 ? NPT_UNCACHED : 0) |
	       field_prep(NPT_SOFT, PT_SOFT_GET(prot)) |
	       (level > 0 ? NPT_LARGE : 0);
}

/* Rights are the leaf's alone: a table takes nothing away. */
static uint64_t npt_make_table(hpa_t table, unsigned level)
{
	(void)level;
	return table.addr | NPT_PRESENT | NPT_USER | NPT_WRITE;
}

static unsigned npt_prot(uint64_t entry)
{
	return PT_READ | ((entry & NPT_WRITE) != 0 ? PT_WRITE : 0) |
	       ((entry & NPT_NO_EXEC) != 0 ? 0 : PT_EXEC) |
	       ((entry & NPT_PCD) != 0 ? PT_DEVICE : 0) |
	       PT_SOFT(field_get(NPT_SOFT, entry));
}

const struct pt_format pt_format_npt = {
	.name = "npt",
	.leaf_levels = 3,
	.present = NPT_PRESENT,
	.leaf_mask = NPT_LARGE,
	.leaf_value = NPT_LARGE,
	.make_leaf = npt_make_leaf,
	.make_table = npt_make_table,
	.prot = npt_prot,
	.address_mask = NPT_ADDRESS,
	.table_pin = NPT_PIN,
	.write_only_ok = false,
};
