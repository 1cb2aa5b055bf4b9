// SPDX-License-Identifier: MIT
/*
 * Walks by the books: Arm ARM, VMSAv8-64 stage 1 with a 4 KiB granule, over
 * the second stage in our own VT-d format. Attributes but for access flag and
 * read-only are not looked at.
 */
#include "fake_nest_priv.h"
#include "lib/bits.h"
#include "machine.h"

#include <string.h>

#define ARM64_ADDRESS GENMASK(47, 12)

static uint64_t read_entry(uint64_t table, uint64_t index)
{
	const void *at = machine_ram(table + index * 8, 8);
	uint64_t entry = 0;

	if (at != NULL) {
		memcpy(&entry, at, sizeof(entry));
	}
	return entry;
}

/* The hypervisor's table. */
bool nest_second_stage(struct nest_walk *w, uint64_t gpa)
{
	const struct pt_format *f = &pt_format_vtdss;
	uint64_t table = w->target->root.addr;

	w->fault = SLUICE_FAULT_ADDRESS_SIZE;
	if (gpa >> (12 + 9 * w->target->levels) != 0) {
		return false;
	}
	w->fault = SLUICE_FAULT_TRANSLATION;
	for (unsigned level = w->target->levels; level-- > 0;) {
		unsigned shift = 12 + 9 * level;
		uint64_t entry = read_entry(table, gpa >> shift & 511);

		if (!pt_entry_is_present(f, entry)) {
			return false;
		}
		table = entry & f->address_mask;
		if (pt_entry_is_leaf(f, entry, level)) {
			w->out = table | (gpa & (BIT(shift) - 1));
			w->may_read = (f->prot(entry) & PT_READ) != 0;
			w->may_write = (f->prot(entry) & PT_WRITE) != 0;
			return true;
		}
	}
	return false;
}

/* The half of the input range that @la lies in: its root and its width. */
static bool pick_half(const struct iommu_nest *nest, uint64_t la,
		      uint64_t *root, unsigned *bits)
{
	unsigned half = la >> 63 & 1;

	*bits = nest->input_bits[half];
	*root = nest->ttbr[half];
	return *bits != 0 && (half ? ~la : la) >> *bits == 0;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 0 ? (entry & 3) == ARM64_PAGE
			  : level < 3 && (entry & 3) == ARM64_BLOCK;
}

/* The leaf that translates @la; its guest-physical address is in @gpa. */
static bool find_leaf(struct nest_walk *w, uint64_t la, uint64_t *gpa,
		      uint64_t *leaf)
{
	uint64_t table;
	unsigned bits, level;

	w->fault = SLUICE_FAULT_TRANSLATION;
	if (!pick_half(w->target->nest, la, &table, &bits)) {
		return false;
	}
	la &= BIT(bits) - 1;
	for (level = (bits - 12 + 8) / 9; level-- > 0;) {
		unsigned shift = 12 + 9 * level;
		uint64_t entry;

		if (!nest_second_stage(w, table + (la >> shift & 511) * 8)) {
			return false;
		}
		entry = read_entry(w->out, 0);
		table = entry & ARM64_ADDRESS;
		if (is_leaf(entry, level)) {
			*gpa = table | (la & (BIT(shift) - 1));
			*leaf = entry;
			return true;
		}
		if (level == 0 || (entry & 3) != ARM64_TABLE) {
			break;
		}
	}
	w->fault = SLUICE_FAULT_TRANSLATION;
	return false;
}

bool nest_first_stage(struct nest_walk *w, uint64_t la)
{
	uint64_t gpa, leaf;

	if (!find_leaf(w, la, &gpa, &leaf)) {
		return false;
	}
	w->fault = SLUICE_FAULT_PERMISSION;
	if ((leaf & ARM64_ACCESSED) == 0 || !nest_second_stage(w, gpa)) {
		return false;
	}
	w->may_write = w->may_write && (leaf & ARM64_READ_ONLY) == 0;
	return true;
}
