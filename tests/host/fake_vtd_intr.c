// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping by a fake VT-d unit. It keeps each entry that it has used
 * until it is told to forget it; with caching mode, absent ones too. An entry
 * that does not check its source is a violation: nobody here wants one. Intel
 * VT-d specification, 5.1, 6.5.2.7, 9.10, 11.4.10.
 */
#include "fake_vtd_fault.h"
#include "fake_vtd_priv.h"
#include "machine.h"

#define MESSAGE_REMAP BIT(4)
#define MESSAGE_SHV   BIT(3)
#define ENTRY_BYTES   16u
#define ENTRY_P	      BIT(0)
#define IRTA_EIME     BIT(11)

/* Fault reasons of the specification. */
enum {
	REASON_RESERVED = 0x20,
	REASON_INDEX = 0x21,
	REASON_ABSENT = 0x22,
	REASON_ACCESS = 0x23,
	REASON_ENTRY = 0x24,
	REASON_COMPATIBLE = 0x25,
	REASON_SOURCE = 0x26,
};

struct intr_span {
	uint64_t first;
	uint64_t last;
};

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool in_span(const struct fake_cache_entry *e, const void *arg)
{
	const struct intr_span *s = arg;

	return s->first <= e->tag && e->tag <= s->last;
}

void fake_vtd_forget_interrupts(struct fake_vtd *unit)
{
	fake_cache_drop(&unit->intr, any, NULL);
}

bool fake_vtd_flush_interrupts(struct fake_vtd *unit, const uint64_t d[2])
{
	unsigned mask = (unsigned)field_get(GENMASK(31, 27), d[0]);
	uint64_t first = field_get(GENMASK(47, 32), d[0]);
	struct intr_span span = {first, first + BIT(mask) - 1};
	bool is_selective = d[0] & BIT(4);

	if (unit->config.no_ir || d[1] != 0 ||
	    (d[0] & (GENMASK(63, 48) | GENMASK(26, 5))) ||
	    (!is_selective && (d[0] & GENMASK(63, 27))) ||
	    mask > unit->config.mhmv || !is_aligned(first, BIT(mask))) {
		return false;
	}
	unit->counts.interrupt_flushes++;
	if (is_selective) {
		fake_cache_drop(&unit->intr, in_span, &span);
	} else {
		fake_vtd_forget_interrupts(unit);
		unit->owes_intr_flush = false;
	}
	return true;
}

static uint64_t entries_of(uint64_t irta)
{
	return BIT(field_get(GENMASK(3, 0), irta) + 1);
}

void fake_vtd_write_irta(struct fake_vtd *unit, unsigned bytes, uint64_t value)
{
	uint64_t reserved = GENMASK(10, 4) | GENMASK(63, HOST_ADDRESS_BITS) |
			    (unit->config.has_eim ? 0 : IRTA_EIME);

	if (unit->config.no_ir || bytes != 8 || (value & reserved) ||
	    machine_ram(value & ~PAGE_MASK, entries_of(value) * ENTRY_BYTES) ==
		    NULL) {
		fake_vtd_violate(unit, "IRTA %lx", (unsigned long)value);
	}
	unit->irta = value;
}

void fake_vtd_check_remapping(struct fake_vtd *unit)
{
	if (!(unit->gsts & GCMD_SIRTP)) {
		fake_vtd_violate(unit, "IRE set before SIRTP was confirmed");
	}
	if (unit->owes_intr_flush) {
		fake_vtd_violate(unit, "IRE set, but entries not flushed "
				       "globally since SIRTP");
	}
}

static bool is_wide(const struct fake_vtd *u)
{
	return u->intr_table & IRTA_EIME;
}

/* Fixed, edge, physical; destination where the mode has it. */
static bool is_sound(const struct fake_vtd *u, const uint64_t w[2])
{
	uint64_t reserved =
		GENMASK(31, 24) | GENMASK(15, 1) |
		(is_wide(u) ? 0 : GENMASK(63, 48) | GENMASK(39, 32));

	return !(w[0] & reserved) && field_get(GENMASK(19, 18), w[1]) == 1 &&
	       !(w[1] & (GENMASK(17, 16) | GENMASK(63, 20)));
}

/* Return: fault reason, 0 = *@entry is present and sound. */
static unsigned find_entry(struct fake_vtd *u, uint64_t index,
			   struct fake_cache_entry **entry)
{
	uint64_t at = (u->intr_table & ~PAGE_MASK) + index * ENTRY_BYTES;
	uint64_t w[2];

	*entry = fake_cache_find(&u->intr, -1, 0, index);
	if (*entry == NULL) {
		if (!fake_vtd_fetch(u, at, w, sizeof(w), false)) {
			return REASON_ACCESS;
		}
		if ((w[0] & ENTRY_P) && !is_sound(u, w)) {
			fake_vtd_violate(
				u, "interrupt entry %lx: %016lx %016lx",
				(unsigned long)index, (unsigned long)w[0],
				(unsigned long)w[1]);
			return REASON_ENTRY;
		}
		if (!(w[0] & ENTRY_P) && !u->config.caching_mode) {
			return REASON_ABSENT;
		}
		fake_cache_add(&u->intr, (struct fake_cache_entry){
						 .tag = index,
						 .present = w[0] & ENTRY_P,
						 .value = w[0],
						 .extra = (unsigned)w[1]});
		*entry = fake_cache_find(&u->intr, -1, 0, index);
	}
	return (*entry)->present ? 0 : REASON_ABSENT;
}

/* The entry that a message of the new format names. */
static uint64_t index_of(uint64_t address, uint32_t data)
{
	uint64_t index = field_get(GENMASK(19, 5), address) |
			 field_get(BIT(2), address) << 15;

	return address & MESSAGE_SHV ? index + (uint16_t)data : index;
}

static unsigned remap(struct fake_vtd *u, uint16_t source, uint64_t address,
		      uint32_t data, struct fake_arrival *arrival)
{
	struct fake_cache_entry *entry;
	uint64_t index = index_of(address, data);
	unsigned reason;

	if ((address & 3) || data >> 16 != 0 ||
	    (!(address & MESSAGE_SHV) && data != 0)) {
		return REASON_RESERVED;
	}
	if (index >= entries_of(u->intr_table)) {
		return REASON_INDEX;
	}
	reason = find_entry(u, index, &entry);
	if (reason != 0) {
		return reason;
	}
	if ((uint16_t)entry->extra != source) {
		return REASON_SOURCE;
	}
	*arrival = (struct fake_arrival){
		.vector = (uint8_t)(entry->value >> 16),
		.apic_id = (uint32_t)(is_wide(u) ? entry->value >> 32
						 : entry->value >> 40),
	};
	return 0;
}

bool fake_vtd_interrupt(struct fake_vtd *unit, uint16_t source,
			uint64_t address, uint32_t data,
			struct fake_arrival *arrival)
{
	bool may_pass = (unit->gsts & GCMD_CFI) && !is_wide(unit);
	unsigned reason = 0;

	if (address & MESSAGE_REMAP && unit->gsts & GCMD_IRE) {
		reason = remap(unit, source, address, data, arrival);
	} else if (unit->gsts & GCMD_IRE && !may_pass) {
		reason = REASON_COMPATIBLE;
	} else {
		*arrival = fake_intr_raw(address, data);
	}
	if (reason != 0) {
		/* The index stands in the top bits; an address there is not. */
		unit->is_quiet = false;
		fake_vtd_record(unit, source, index_of(address, data) << 48,
				true, reason);
	}
	return reason == 0;
}
