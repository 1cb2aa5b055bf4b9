// SPDX-License-Identifier: MIT
/*
 * Interrupt remapping by a fake AMD IOMMU: entries of 32 bits. What a
 * requester's device table entry says, and each entry of its table, is kept
 * until a command names it. AMD IOMMU specification, "Interrupt Remapping",
 * "Device Table Entry Format", "INVALIDATE_INTERRUPT_TABLE".
 */
#include "fake_amdvi_priv.h"
#include "lib/addr.h"
#include "machine.h"

#define DTE2_IV	   BIT(0)
#define DTE2_LEN   GENMASK(4, 1)
#define DTE2_TABLE GENMASK(51, 6)
#define DTE2_INIT  BIT(56)
#define DTE2_EINT  BIT(57)
#define DTE2_NMI   BIT(58)
#define DTE2_CTL   GENMASK(61, 60)
#define DTE2_PASS  (DTE2_INIT | DTE2_EINT | DTE2_NMI | GENMASK(63, 62))
#define LEN_MAX	   9u /* data bits 8..0 */

#define IRTE_EN	      BIT(0)
#define IRTE_RESERVED (GENMASK(31, 24) | GENMASK(7, 1)) /* that we refuse */

static bool any(const struct fake_cache_entry *e, const void *arg)
{
	(void)e;
	(void)arg;
	return true;
}

static bool of_source(const struct fake_cache_entry *e, const void *arg)
{
	return e->did == *(const uint16_t *)arg;
}

void fake_amdvi_forget_device(struct fake_amdvi *unit, uint16_t source)
{
	fake_cache_drop(&unit->intr_dte, of_source, &source);
}

bool fake_amdvi_flush_interrupts(struct fake_amdvi *unit, const uint64_t c[2])
{
	uint16_t source = (uint16_t)c[0];

	if ((c[0] & GENMASK(59, 16)) || c[1] != 0) {
		return false;
	}
	unit->counts.interrupt_flushes++;
	fake_cache_drop(&unit->intr, of_source, &source);
	return true;
}

void fake_amdvi_forget_interrupts(struct fake_amdvi *unit)
{
	fake_cache_drop(&unit->intr_dte, any, NULL);
	fake_cache_drop(&unit->intr, any, NULL);
}

/* Remapped by a table, dropped, or as the machine would have it without us. */
bool fake_amdvi_is_intr_sound(const uint64_t w[4])
{
	unsigned control = (unsigned)field_get(DTE2_CTL, w[2]);
	uint64_t table = w[2] & DTE2_TABLE;
	unsigned lg2 = (unsigned)field_get(DTE2_LEN, w[2]);

	if (w[3] != 0 || (w[2] & ~(DTE2_IV | DTE2_LEN | DTE2_TABLE | DTE2_CTL |
				   DTE2_PASS))) {
		return false;
	}
	if (!(w[2] & DTE2_IV) || control == 0) {
		return control == 0 && lg2 == 0 && table == 0;
	}
	return control == 2 && lg2 <= LEN_MAX && is_aligned(table, 128) &&
	       machine_ram(table, BIT(lg2) * 4) != NULL;
}

static struct fake_cache_entry *find_dte(struct fake_amdvi *u, uint16_t source)
{
	struct fake_cache_entry *e =
		fake_cache_find(&u->intr_dte, -1, 0, source);
	uint64_t w[4];

	if (e != NULL) {
		return e;
	}
	if (!fake_amdvi_fetch_dte(u, source, w)) {
		return NULL;
	}
	fake_cache_add(&u->intr_dte, (struct fake_cache_entry){.tag = source,
							       .did = source,
							       .present = true,
							       .value = w[2]});
	return fake_cache_find(&u->intr_dte, -1, 0, source);
}

/* Return: the entry, 0 when there is none to be had. */
static uint32_t find_entry(struct fake_amdvi *u, uint16_t source, uint64_t dte,
			   unsigned index)
{
	uint64_t tag = (uint64_t)source << 16 | index;
	struct fake_cache_entry *e = fake_cache_find(&u->intr, -1, 0, tag);
	uint64_t at = (dte & DTE2_TABLE) + index * 4u;
	uint64_t pair;
	uint32_t entry;

	if (e != NULL) {
		return (uint32_t)e->value;
	}
	if (index >= BIT(field_get(DTE2_LEN, dte)) ||
	    !fake_amdvi_fetch(u, at & ~UINT64_C(7), &pair, sizeof(pair),
			      true)) {
		return 0;
	}
	entry = (uint32_t)(pair >> (at & 4 ? 32 : 0));
	if ((entry & IRTE_EN) && (entry & IRTE_RESERVED)) {
		fake_amdvi_violate(u, "interrupt entry %x of %04x: %08x", index,
				   source, entry);
		return 0;
	}
	fake_cache_add(&u->intr, (struct fake_cache_entry){.tag = tag,
							   .did = source,
							   .present = true,
							   .value = entry});
	return entry;
}

static bool remap(struct fake_amdvi *u, uint16_t source, uint64_t dte,
		  uint32_t data, struct fake_arrival *arrival)
{
	uint32_t entry = find_entry(u, source, dte, data & 0x1ff);

	if (!(entry & IRTE_EN)) {
		return false;
	}
	*arrival = (struct fake_arrival){.vector = (uint8_t)(entry >> 16),
					 .apic_id = entry >> 8 & 0xff};
	return true;
}

/* What a valid entry does with a message. Return: false: dropped. */
static bool decide(struct fake_amdvi *u, uint16_t source, uint64_t dte,
		   uint32_t data, struct fake_arrival *arrival)
{
	switch (arrival->mode) {
	case FAKE_INTR_FIXED:
	case FAKE_INTR_LOWEST:
		return field_get(DTE2_CTL, dte) == 2 &&
		       remap(u, source, dte, data, arrival);
	case FAKE_INTR_SMI: /* the filter of these is another feature */
		return true;
	case FAKE_INTR_NMI:
		return dte & DTE2_NMI;
	case FAKE_INTR_INIT:
		return dte & DTE2_INIT;
	case FAKE_INTR_EXTINT:
		return dte & DTE2_EINT;
	default:
		return false;
	}
}

bool fake_amdvi_interrupt(struct fake_amdvi *unit, uint16_t source,
			  uint64_t address, uint32_t data,
			  struct fake_arrival *arrival)
{
	const struct fake_cache_entry *dte;

	*arrival = fake_intr_raw(address, data);
	if (!(unit->applied & C_IOMMU)) {
		return true;
	}
	dte = find_dte(unit, source);
	if (dte != NULL && !(dte->value & DTE2_IV)) {
		return true;
	}
	if (dte != NULL && decide(unit, source, dte->value, data, arrival)) {
		return true;
	}
	unit->counts.faults++;
	unit->counts.last_reason =
		(unsigned)(dte != NULL ? E_PAGE_FAULT : E_BAD_DTE) << 4;
	fake_amdvi_log(unit, dte != NULL ? E_PAGE_FAULT : E_BAD_DTE,
		       F_I | source, address);
	return false;
}
