/* SPDX-License-Identifier: MIT */
/* The inside of a fake AMD IOMMU: fake_amdvi.c, _command.c, _walk.c, _event.c.
 */
#pragma once

#include "fake_amdvi.h"
#include "fake_cache.h"
#include "lib/bits.h"

/* Registers, AMD IOMMU specification, "MMIO Registers". */
enum {
	A_DEVTAB = 0x00,
	A_CMDBUF = 0x08,
	A_EVTLOG = 0x10,
	A_CONTROL = 0x18,
	A_EXCLBASE = 0x20,
	A_EXCLLIM = 0x28,
	A_EFR = 0x30,
	A_CMDHEAD = 0x2000,
	A_CMDTAIL = 0x2008,
	A_EVTHEAD = 0x2010,
	A_EVTTAIL = 0x2018,
	A_STATUS = 0x2020,
};

#define C_IOMMU	   BIT(0)
#define C_EVENTLOG BIT(2)
#define C_EVENTINT BIT(3)
#define C_COHERENT BIT(10)
#define C_CMDBUF   BIT(12)
/* HtTunEn, PassPW, ResPassPW, Isoc: bits 1, 8, 9, 11. Others are refused. */
#define C_HARMLESS (BIT(1) | BIT(8) | BIT(9) | BIT(11))

#define S_OVERFLOW  BIT(0)
#define S_EVENTINT  BIT(1)
#define S_COMWAIT   BIT(2)
#define S_EVENT_RUN BIT(3)
#define S_CMD_RUN   BIT(4)

/* Event codes, and the flags of an IO_PAGE_FAULT. */
enum {
	E_BAD_DTE = 1,
	E_PAGE_FAULT = 2,
	E_DTE_ERROR = 3,
	E_PT_ERROR = 4,
	E_BAD_COMMAND = 5,
	E_COMMAND_ERROR = 6,
};

#define F_I  BIT(51)
#define F_PR BIT(52)
#define F_RW BIT(53)
#define F_PE BIT(54)
#define F_RZ BIT(55)

/* Machine addresses have this many bits; table entries beyond are reserved. */
#define AMDVI_HOST_BITS 46u

/* Found by requester: the page number has this many bits of a tag. */
#define PAGE_TAG_BITS 48u

struct fake_amdvi {
	struct fake_amdvi_config config;
	uint64_t registers;
	bool is_damaged; /* the device table is unreadable */
	uint64_t efr;

	uint64_t devtab;
	uint64_t cmdbuf;
	uint64_t evtlog;
	uint64_t exclusion[2];
	uint64_t control; /* as written */
	uint64_t applied; /* as in effect */
	uint64_t control_due_ns;
	uint64_t status; /* the bits that software clears */

	/* Command buffer: byte offsets. */
	uint64_t cmd_head;
	uint64_t cmd_tail;
	uint64_t cmd_due_ns;
	bool cmd_halted; /* by a refused command */

	/* Event log: byte offsets. */
	uint64_t evt_head;
	uint64_t evt_tail;
	bool evt_halted; /* by an overflow */

	/* What is cached. */
	struct fake_cache dte;	  /* tag = requester                         */
	struct fake_cache paging; /* tag = address above the table's reach   */
	struct fake_cache iotlb;  /* tag = requester, page number, by level  */
	struct fake_cache intr_dte; /* tag = requester; its word 2           */
	struct fake_cache intr;	    /* tag = requester, index                */

	/* Behaviour. */
	uint64_t delay_ns;
	bool reorder;
	bool hold;
	bool ignore_commands;
	unsigned error_in;
	void (*between)(void *arg);
	void *between_arg;
	bool is_between;
	unsigned polls; /* register reads since the clock was last read */

	struct fake_unit_counts counts;
	char violation[200];
};

void fake_amdvi_violate(struct fake_amdvi *unit, const char *fmt, ...)
	__printf_like(2, 3);

/* fake_amdvi_fetch() - Read memory as the unit sees it. */
bool fake_amdvi_fetch(struct fake_amdvi *unit, uint64_t hpa, void *to,
		      size_t bytes, bool snoops);

/* fake_amdvi_log() - Log an event, or overflow. */
void fake_amdvi_log(struct fake_amdvi *unit, unsigned code, uint64_t low,
		    uint64_t high);

static inline bool fake_amdvi_runs(const struct fake_amdvi *u, uint64_t what)
{
	return (u->applied & C_IOMMU) && (u->applied & what) &&
	       !(what == C_CMDBUF ? u->cmd_halted : u->evt_halted);
}

/* Bytes of a ring whose base register says so. */
static inline uint64_t fake_amdvi_ring_bytes(uint64_t base)
{
	return UINT64_C(16) << field_get(GENMASK(59, 56), base);
}

/* fake_amdvi_fetch_dte() - From memory. Return: false if it is not sound. */
bool fake_amdvi_fetch_dte(struct fake_amdvi *unit, uint16_t source,
			  uint64_t words[4]);

/* Two caches of what a requester's messages become, and who forgets them. */
void fake_amdvi_forget_device(struct fake_amdvi *unit, uint16_t source);
bool fake_amdvi_flush_interrupts(struct fake_amdvi *unit, const uint64_t c[2]);
void fake_amdvi_forget_interrupts(struct fake_amdvi *unit);
bool fake_amdvi_is_intr_sound(const uint64_t words[4]);

void fake_amdvi_commands_run(struct fake_amdvi *unit);

/* What firmware's use of the unit has left in its caches. */
void fake_amdvi_warm(struct fake_amdvi *unit);
