// SPDX-License-Identifier: MIT
/*
 * Registers of a fake VT-d unit: capabilities, global commands, fault
 * recording. Intel VT-d specification, chapter 11. The queue and the walks are
 * in fake_vtd_queue.c and fake_vtd_walk.c.
 */
#include "fake_vtd.h"

#include "fake_vtd_fault.h"
#include "fake_vtd_priv.h"
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLLS_MAX 1000000u

static uint64_t capabilities(const struct fake_vtd_config *c)
{
	unsigned sagaw = c->width == 39 ? 0x2 : 0x6;

	return field_prep(GENMASK(2, 0), c->nd) |
	       field_prep(BIT(4), c->needs_wbf) |
	       field_prep(BIT(7), c->caching_mode) |
	       field_prep(GENMASK(12, 8), sagaw) |
	       field_prep(GENMASK(21, 16), c->width - 1) |
	       field_prep(GENMASK(33, 24), R_FRCD / 16) |
	       field_prep(GENMASK(37, 34), c->superpages) |
	       field_prep(BIT(39), !c->no_psi) |
	       field_prep(GENMASK(47, 40), c->fault_count - 1) |
	       field_prep(GENMASK(53, 48), c->mamv) | BIT(54) | BIT(55) |
	       field_prep(BIT(56), c->first_stage && (c->superpages & 2));
}

struct fake_vtd *fake_vtd_create(const struct fake_vtd_config *config,
				 uint64_t registers)
{
	struct fake_vtd *u = calloc(1, sizeof(*u));

	if (u == NULL) {
		abort();
	}
	u->config = *config;
	u->ignore_commands = config->is_deaf;
	u->registers = registers;
	u->cap = capabilities(config);
	u->ecap =
		field_prep(BIT(0), config->is_coherent) |
		field_prep(BIT(1), !config->no_qi) |
		field_prep(BIT(3), !config->no_ir && !config->no_qi) |
		field_prep(BIT(4), config->has_eim) |
		field_prep(BIT(7), config->snoop_control) |
		field_prep(GENMASK(17, 8), R_IVA / 16) |
		field_prep(GENMASK(23, 20), config->mhmv) |
		field_prep(BIT(43), config->scalable) |
		field_prep(BIT(46), config->scalable && !config->first_stage) |
		field_prep(BIT(47), config->first_stage) |
		field_prep(BIT(48), config->walks_snoop);
	u->event[0] = (uint32_t)BIT(31);
	u->ievent[0] = (uint32_t)BIT(31);
	if (config->left_enabled) {
		/* Firmware's leavings: on, with a root that is not ours. */
		u->gsts = (uint32_t)(GCMD_TE | GCMD_SRTP);
		if (!config->no_ir) {
			u->gsts |= (uint32_t)(GCMD_IRE | GCMD_SIRTP | GCMD_CFI);
		}
		u->intr_table = registers;
		u->rtaddr = u->root = registers;
	}
	return u;
}

static bool every(const struct fake_cache_entry *entry, const void *arg)
{
	(void)entry;
	(void)arg;
	return true;
}

void fake_vtd_destroy(struct fake_vtd *unit)
{
	fake_cache_drop(&unit->context, every, NULL);
	fake_cache_drop(&unit->paging, every, NULL);
	fake_cache_drop(&unit->iotlb, every, NULL);
	fake_cache_drop(&unit->pasid, every, NULL);
	fake_vtd_forget_first_stage(unit);
	fake_vtd_forget_interrupts(unit);
	free(unit);
}

void fake_vtd_violate(struct fake_vtd *unit, const char *fmt, ...)
{
	va_list args;

	if (unit->violation[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	vsnprintf(unit->violation, sizeof(unit->violation), fmt, args);
	va_end(args);
}

/* What changes when a global command is confirmed. */
static void confirm(struct fake_vtd *u)
{
	uint32_t command = u->command;

	u->command_pending = false;
	u->gsts = (u->gsts & ~(uint32_t)GCMD_STAYS) |
		  (command & (uint32_t)GCMD_STAYS);
	if (command & GCMD_SRTP) {
		if (((u->root ^ u->rtaddr) & GENMASK(11, 10)) &&
		    (u->gsts & GCMD_TE)) {
			fake_vtd_violate(u, "mode changed while translating");
		}
		u->root = u->rtaddr;
		u->owes_pasid_flush = fake_vtd_is_scalable(u);
		u->gsts |= (uint32_t)GCMD_SRTP;
		u->owes_context_flush = true;
		u->owes_iotlb_flush = true;
	}
	if (command & GCMD_SIRTP) {
		u->intr_table = u->irta;
		u->owes_intr_flush = true;
		u->gsts |= (uint32_t)GCMD_SIRTP;
	}
}

static void check_enable(struct fake_vtd *u)
{
	if (!(u->gsts & GCMD_SRTP)) {
		fake_vtd_violate(u, "TE set before SRTP was confirmed");
	}
	if (u->owes_context_flush || u->owes_pasid_flush ||
	    u->owes_iotlb_flush) {
		fake_vtd_violate(u,
				 "TE set, but %s not flushed globally since "
				 "SRTP",
				 u->owes_context_flush ? "contexts"
				 : u->owes_pasid_flush ? "PASIDs"
						       : "translations");
	}
}

static void check_queue_enable(struct fake_vtd *u)
{
	if (u->config.no_qi) {
		fake_vtd_violate(u, "QIE set on a unit without a queue");
	}
	if (u->iqt != 0) {
		fake_vtd_violate(u, "QIE set with tail %lx",
				 (unsigned long)u->iqt);
	}
	if (machine_ram(u->iqa & ~PAGE_MASK, fake_vtd_queue_bytes(u)) == NULL) {
		fake_vtd_violate(u, "QIE set with a queue at %lx, no RAM",
				 (unsigned long)u->iqa);
	}
	u->iqh = 0;
}

static void write_gcmd(struct fake_vtd *u, uint32_t value)
{
	uint32_t changed = (value ^ u->gsts) & (uint32_t)GCMD_STAYS;
	uint32_t asked = changed | (value & (uint32_t)GCMD_ONCE);

	if (u->command_pending) {
		fake_vtd_violate(u, "GCMD %08x before %08x was confirmed",
				 value, u->command);
	}
	if (__builtin_popcount(asked) > 1) {
		fake_vtd_violate(u, "GCMD %08x: %08x asked at once", value,
				 asked);
	}
	if (value & ~(uint32_t)(GCMD_STAYS | GCMD_ONCE)) {
		fake_vtd_violate(u, "GCMD %08x: reserved bits", value);
	}
	if (changed & value & GCMD_TE) {
		check_enable(u);
	}
	if (changed & value & GCMD_QIE) {
		check_queue_enable(u);
	}
	if (changed & value & GCMD_IRE) {
		fake_vtd_check_remapping(u);
	}
	if ((changed & ~value & GCMD_QIE) && u->iqh != u->iqt) {
		fake_vtd_violate(u, "QIE cleared with descriptors waiting");
	}
	if (value & GCMD_SRTP) {
		u->gsts &= ~(uint32_t)GCMD_SRTP;
	}
	if (value & GCMD_SIRTP) {
		u->gsts &= ~(uint32_t)GCMD_SIRTP;
	}
	u->command = value;
	u->command_pending = true;
	u->command_due_ns = machine_clock_now() + u->delay_ns;
	fake_vtd_tick(u);
}

/* A 64-bit register as a whole; halves are cut by the caller. */
static uint64_t read_register(struct fake_vtd *u, unsigned offset)
{
	switch (offset) {
	case R_VER:
		return 0x10;
	case R_CAP:
		return u->cap;
	case R_ECAP:
		return u->ecap;
	case R_GCMD: /* the aligned pair GCMD (reads 0), GSTS */
		return (uint64_t)u->gsts << 32;
	case R_RTADDR:
		return u->rtaddr;
	case 0x30: /* reserved, FSTS */
		return (uint64_t)fake_vtd_fault_status(u) << 32;
	case R_FECTL:
		return u->event[0] | (uint64_t)u->event[1] << 32;
	case R_FEADDR:
		return u->event[2] | (uint64_t)u->event[3] << 32;
	case R_IQH:
		return u->iqh;
	case R_IQT:
		return u->iqt;
	case R_IQA:
		return u->iqa;
	case 0x98: /* reserved, ICS */
		return (uint64_t)u->ics << 32;
	case R_IECTL:
		return u->ievent[0] | (uint64_t)u->ievent[1] << 32;
	case R_IEADDR:
		return u->ievent[2] | (uint64_t)u->ievent[3] << 32;
	case R_IRTA:
		return u->irta;
	case 0x60: /* reserved, PMEN */
	case R_CCMD:
	case R_IVA:
	case R_IOTLB:
		return 0;
	default:
		break;
	}
	if (offset >= R_FRCD && offset < R_FRCD + 16 * u->config.fault_count) {
		struct fault_words *r = &u->record[(offset - R_FRCD) / 16];

		return offset % 16 == 0 ? r->low : r->high;
	}
	fake_vtd_violate(u, "read of unknown register %x", offset);
	return 0;
}

uint64_t fake_vtd_read(struct fake_vtd *unit, unsigned offset, unsigned bytes)
{
	uint64_t whole;

	if (++unit->polls > POLLS_MAX) {
		machine_fail("VT-d register %x polled without a deadline",
			     offset);
	}
	if (bytes < 4 || offset % bytes != 0 || offset >= R_END) {
		machine_fail("VT-d register %x read with %u bytes", offset,
			     bytes);
	}
	fake_vtd_tick(unit);
	whole = read_register(unit, offset & ~7u);
	return offset & 4 ? whole >> 32 : bytes == 4 ? (uint32_t)whole : whole;
}

static void write_register(struct fake_vtd *u, unsigned offset, unsigned bytes,
			   uint64_t value)
{
	switch (offset) {
	case R_GCMD:
		write_gcmd(u, (uint32_t)value);
		return;
	case R_RTADDR:
		if (value & PAGE_MASK &
			    ~(u->config.first_stage ? BIT(10) : 0) ||
		    bytes != 8) {
			fake_vtd_violate(u, "RTADDR %lx", (unsigned long)value);
		}
		u->rtaddr = value;
		return;
	case R_FSTS:
		u->fsts &= ~((uint32_t)value & (uint32_t)(FSTS_PFO | FSTS_IQE));
		return;
	case R_FECTL:
		fake_vtd_write_event_control(u, (uint32_t)value);
		return;
	case R_FEDATA:
	case R_FEADDR:
	case R_FEUADDR:
		u->event[(offset - R_FECTL) / 4] = (uint32_t)value;
		return;
	case R_IECTL:
	case R_IEDATA:
	case R_IEADDR:
	case R_IEUADDR:
		u->ievent[(offset - R_IECTL) / 4] = (uint32_t)value;
		return;
	case R_ICS:
		u->ics &= ~(uint32_t)value;
		return;
	case R_IQT:
		fake_vtd_write_tail(u, value);
		return;
	case R_IQA:
		if ((u->gsts & GCMD_QIE) || bytes != 8 ||
		    (value & GENMASK(11, 3) &
		     ~(u->config.scalable ? BIT(11) : 0))) {
			fake_vtd_violate(u, "IQA %lx%s", (unsigned long)value,
					 u->gsts & GCMD_QIE ? " while on" : "");
		}
		u->iqa = value;
		return;
	case R_IRTA:
		fake_vtd_write_irta(u, bytes, value);
		return;
	default:
		break;
	}
	if (offset >= R_FRCD && offset < R_FRCD + 16 * u->config.fault_count) {
		fake_vtd_write_fault(u, offset, bytes, value);
		return;
	}
	fake_vtd_violate(u, "write of %lx to register %x", (unsigned long)value,
			 offset);
}

void fake_vtd_write(struct fake_vtd *unit, unsigned offset, unsigned bytes,
		    uint64_t value)
{
	if (bytes < 4 || offset % bytes != 0 || offset >= R_END) {
		machine_fail("VT-d register %x written with %u bytes", offset,
			     bytes);
	}
	write_register(unit, offset, bytes, value);
}

void fake_vtd_tick(struct fake_vtd *unit)
{
	uint64_t now = machine_clock_now();

	if (unit->command_pending && !unit->ignore_commands &&
	    now >= unit->command_due_ns) {
		confirm(unit);
	}
	if (!unit->hold && !unit->is_between && now >= unit->queue_due_ns) {
		fake_vtd_queue_run(unit);
	}
}

void fake_vtd_clock_was_read(struct fake_vtd *unit)
{
	unit->polls = 0;
	fake_vtd_tick(unit);
}
