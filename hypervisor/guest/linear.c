// SPDX-License-Identifier: MIT
/*
 * The caller's own page walk, AMD APM vol. 2, 5.3 "Long-Mode Page Translation".
 *
 * Every table is looked up in the guest's memory map and must be its own RAM,
 * so a hostile CR3 reads nothing but its owner's memory. At most five steps.
 * A call keeps what the last walk found, since most arguments lie in one page;
 * two walks to one page, with another between, each stand on their own.
 */
#include "guest/linear.h"

#include "arch/guestmem.h"
#include "lib/error.h"

#define CR4_LA57 BIT(12)

#define ENTRY_PRESENT BIT(0)
#define ENTRY_WRITE   BIT(1)
#define ENTRY_LARGE   BIT(7) /* at levels 1 and 2 alone: 2 MiB, 1 GiB */
#define ENTRY_ADDRESS GENMASK(51, 12)

#define LEVEL_BITS	 9u
#define LEVEL_LARGE_LAST 2u

/* Sign-extended from the highest translated bit, as the CPU asks for. */
static bool is_canonical(uint64_t linear, unsigned levels)
{
	unsigned bits = PAGE_SHIFT + levels * LEVEL_BITS;
	uint64_t top = linear >> (bits - 1);

	return top == 0 || top == UINT64_MAX >> (bits - 1);
}

static unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + level * LEVEL_BITS;
}

/* One 8-byte entry of a table at @table; false when it is not RAM. */
static bool read_entry(struct p2m *p2m, gpa_t table, uint64_t index,
		       uint64_t *entry)
{
	hpa_t page;

	if (p2m_lookup(p2m, table, &page) != P2M_RAM) {
		return false;
	}
	guestmem_read(entry, to_hpa(page.addr + index * sizeof(*entry)),
		      sizeof(*entry));
	return true;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 0 ||
	       (level <= LEVEL_LARGE_LAST && (entry & ENTRY_LARGE) != 0);
}

/*
 * R/W is honoured at every level even where the caller runs with CR0.WP clear
 * and could write itself: a kernel clears it to patch its own text, never so
 * that we would write to what it holds read-only (shared, copy-on-write). U/S
 * and SMAP do not matter to a ring 0 caller's own address, NX not to data.
 */
static bool walk(const struct guest_caller *caller, uint64_t linear,
		 bool *is_writable, gpa_t *to)
{
	unsigned level = (caller->cr4 & CR4_LA57) != 0 ? 5 : 4;
	gpa_t table = to_gpa(caller->cr3 & ENTRY_ADDRESS);

	if (!is_canonical(linear, level)) {
		return false;
	}
	*is_writable = true;
	while (level-- > 0) {
		uint64_t offset_mask = BIT(level_shift(level)) - 1;
		uint64_t index =
			(linear >> level_shift(level)) & (BIT(LEVEL_BITS) - 1);
		uint64_t entry;

		if (!read_entry(&caller->guest->p2m, table, index, &entry) ||
		    (entry & ENTRY_PRESENT) == 0) {
			return false;
		}
		*is_writable &= (entry & ENTRY_WRITE) != 0;
		if (is_leaf(entry, level)) {
			*to = to_gpa((entry & ENTRY_ADDRESS & ~offset_mask) |
				     (linear & offset_mask));
			return true;
		}
		table = to_gpa(entry & ENTRY_ADDRESS);
	}
	return false;
}

/* Where the page at @page lies and what may be done with it. */
static struct linear_cache find_page(const struct guest_caller *caller,
				     uint64_t page)
{
	struct linear_cache found = {.page = page};
	gpa_t gpa;

	found.is_valid =
		walk(caller, page, &found.is_writable, &gpa) &&
		p2m_lookup(&caller->guest->p2m, gpa, &found.to) == P2M_RAM;
	return found;
}

int linear_translate(const struct guest_caller *caller, uint64_t linear,
		     bool is_write, hpa_t *to)
{
	uint64_t page = align_down(linear, PAGE_BYTES);
	struct linear_cache found = {0};

	if (caller->cache != NULL) {
		found = *caller->cache;
	}
	if (!found.is_valid || found.page != page) {
		found = find_page(caller, page);
	}
	if (!found.is_valid || (is_write && !found.is_writable)) {
		return -XEN_EFAULT;
	}
	if (caller->cache != NULL) {
		*caller->cache = found;
	}
	*to = to_hpa(found.to.addr + (linear & PAGE_MASK));
	return 0;
}
