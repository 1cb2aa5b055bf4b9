/* SPDX-License-Identifier: MIT */
/*
 * The seam of oracle_state.h over the real gate: lists and arguments in the
 * guest's own memory, VMMCALL from three modes, no injected failure.
 */
#include "lib/hypercall.h"
#include "lib/paging.h"
#include "lib/report.h"
#include "lib/trap.h"
#include "replay/replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In one 2 MiB page, above what is loaded and below the end of memory. */
#define PAGE_ARGUMENT 0xc00000u
#define PAGE_LISTS    0xc02000u /* and the seven behind it */
#define PAGE_ABSENT   0xc0a000u
#define WILD	      0xdead000000ull
#define PAGE_BYTES    4096u

/* The model's guest B stands for every guest that is not the caller. */
#define OTHER_GUEST 1000u

extern const uint8_t guest_end[];

static uint64_t dma_each;

void oracle_wrong(struct oracle *o, const char *fmt, ...)
{
	va_list args;

	if (o->wrong[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	vsnprintf(o->wrong, sizeof(o->wrong), fmt, args);
	va_end(args);
}

uint64_t oracle_place(struct oracle *o, const struct oracle_call *c,
		      const void *list, size_t bytes)
{
	size_t half = bytes / 16 * 8 < PAGE_BYTES ? bytes / 16 * 8 : 8;
	uint64_t at = PAGE_LISTS;

	(void)o;
	switch (c->list.at) {
	case ORACLE_LIST_NULL: /* Linear 0 is memory here. */
	case ORACLE_LIST_WILD:
		return WILD;
	case ORACLE_LIST_EDGE:
		/* As much as fits; the page behind is absent. */
		bytes -= 8;
		at = PAGE_ABSENT - bytes;
		break;
	case ORACLE_LIST_CROSSES:
		at = PAGE_LISTS + PAGE_BYTES - half;
		break;
	default:
		break;
	}
	memcpy((void *)(uintptr_t)at, list, bytes);
	return at;
}

void oracle_arm(struct oracle *o, const struct oracle_call *c)
{
	(void)o;
	(void)c;
}

bool oracle_disarm(const struct oracle_call *c)
{
	(void)c;
	return false;
}

static int64_t carry(const struct oracle_call *c, uint64_t at)
{
	switch (c->transport) {
	case ORACLE_32BIT:
		return (int32_t)trap_call_compat(SLUICE_HYPERCALL, c->op, at);
	case ORACLE_RING3:
		return (int64_t)trap_call_ring3(SLUICE_HYPERCALL, c->op, at);
	default:
		return hypercall_raw(c->op, (void *)(uintptr_t)at);
	}
}

int64_t oracle_transport(struct oracle *o, const struct oracle_call *c,
			 union model_argument *a, size_t bytes)
{
	uint64_t at = PAGE_ARGUMENT;
	int64_t rax;

	(void)o;
	report_beat();
	bytes = oracle_misshape(c, a, bytes);
	at += c->transport == ORACLE_MISALIGNED ? 4 : 0;
	memcpy((void *)(uintptr_t)at, a, bytes);
	if (c->transport == ORACLE_UNMAPPED) {
		return carry(c, WILD);
	}
	if (c->transport == ORACLE_READ_ONLY) {
		paging_set(PAGE_ARGUMENT, PAGE_ARGUMENT, PAGING_PRESENT);
	}
	rax = carry(c, at);
	if (c->transport == ORACLE_READ_ONLY) {
		paging_set(PAGE_ARGUMENT, PAGE_ARGUMENT,
			   PAGING_PRESENT | PAGING_WRITE);
	}
	memcpy(a, (void *)(uintptr_t)at, bytes);
	return rax;
}

int32_t oracle_ask(struct oracle *o, unsigned guest, unsigned op,
		   void *argument, size_t bytes)
{
	(void)o;
	if (guest != ORACLE_A) {
		return STATUS_SUCCESS; /* There is nobody else. */
	}
	return hypercall_status(op, argument, (uint32_t)bytes);
}

void oracle_check_machine(struct oracle *o)
{
	(void)o;
}

void oracle_look(struct oracle *o, const struct oracle_call *call,
		 const union model_argument *a, const uint64_t *frames)
{
	(void)o;
	(void)call;
	(void)a;
	(void)frames;
}

void oracle_look_cached(struct oracle *o, const struct model_device *d,
			uint64_t domain)
{
	(void)o;
	(void)d;
	(void)domain;
}

/* At the end of a sequence: a transfer takes 100 ms, so not of each. */
void oracle_look_all(struct oracle *o)
{
	static uint64_t turn;

	if (dma_each != 0 && turn++ % dma_each == 0) {
		replay_dma(o);
	}
}

/* ---- the caller, as the model must know it ---- */

static bool learn_guest(struct model *m)
{
	struct sluice_info info = {.guest = 0};
	struct sluice_inventory counts = {.guest = SLUICE_GUEST_SELF};
	struct model_guest *g = &m->guest[ORACLE_A];

	if (SLUICE_CALL(info, &info) != STATUS_SUCCESS ||
	    SLUICE_CALL(inventory, &counts) != STATUS_SUCCESS ||
	    counts.memory_pages > MODEL_FRAMES) {
		return false;
	}
	m->guest_count = MODEL_GUESTS;
	m->has_interface = info.no_interface == SLUICE_INTERFACE_PRESENT;
	m->address_bits = info.address_bits;
	m->offered_types = info.available_types;
	m->asid_capacity = UINT32_MAX; /* more than the quota of domains */
	g->id = info.guest;
	g->allowed_types = info.available_types;
	g->domain_quota = info.domain_quota;
	g->table_page_quota = info.table_page_quota;
	g->ram_count = counts.memory_pages;
	g->table_pages = counts.table_pages;
	for (uint64_t i = 0; i < g->ram_count; i++) {
		g->frame[i] = i * PAGE_BYTES;
	}
	m->guest[ORACLE_B].id = OTHER_GUEST;
	m->guest[ORACLE_X86].id = OTHER_GUEST + 1;
	return true;
}

static void learn_devices(struct model *m)
{
	struct sluice_device_info info = {.scope = SLUICE_SCOPE_OWN};

	while (m->device_count < MODEL_DEVICES &&
	       SLUICE_CALL(list_devices, &info) == STATUS_SUCCESS) {
		m->device[m->device_count++] = (struct model_device){
			.sbdf = info.sbdf,
			.guest_sbdf = info.sbdf,
			.guest = ORACLE_A,
		};
		info = (struct sluice_device_info){.scope = SLUICE_SCOPE_OWN,
						   .index = info.index + 1};
	}
}

bool replay_start(struct oracle *o, uint64_t each)
{
	dma_each = each;
	o->is_alone = true;
	model_start(&o->model);
	if ((uintptr_t)guest_end > PAGE_ARGUMENT || !learn_guest(&o->model)) {
		return false;
	}
	learn_devices(&o->model);
	replay_dma_start(o);
	paging_set(PAGE_ABSENT, 0, 0);
	return o->model.device_count > 0;
}
