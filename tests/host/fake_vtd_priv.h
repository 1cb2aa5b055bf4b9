/* SPDX-License-Identifier: MIT */
/* The inside of a fake VT-d unit: fake_vtd.c, fake_vtd_queue.c, _walk.c. */
#pragma once

#include "fake_cache.h"
#include "fake_vtd.h"
#include "lib/bits.h"

/* Registers, Intel VT-d specification, 11.4. Offsets of the two that move. */
enum {
	R_VER = 0x00,
	R_CAP = 0x08,
	R_ECAP = 0x10,
	R_GCMD = 0x18,
	R_GSTS = 0x1c,
	R_RTADDR = 0x20,
	R_CCMD = 0x28,
	R_FSTS = 0x34,
	R_FECTL = 0x38,
	R_FEDATA = 0x3c,
	R_FEADDR = 0x40,
	R_FEUADDR = 0x44,
	R_PMEN = 0x64,
	R_IQH = 0x80,
	R_IQT = 0x88,
	R_IQA = 0x90,
	R_ICS = 0x9c,
	R_IECTL = 0xa0,
	R_IEDATA = 0xa4,
	R_IEADDR = 0xa8,
	R_IEUADDR = 0xac,
	R_IRTA = 0xb8,
	R_IVA = 0xf0,
	R_IOTLB = 0xf8,
	R_FRCD = 0x220,
	R_END = 0x1000,
};

#define GCMD_TE	   BIT(31)
#define GCMD_SRTP  BIT(30)
#define GCMD_SFL   BIT(29)
#define GCMD_EAFL  BIT(28)
#define GCMD_WBF   BIT(27)
#define GCMD_QIE   BIT(26)
#define GCMD_IRE   BIT(25)
#define GCMD_SIRTP BIT(24)
#define GCMD_CFI   BIT(23)
#define GCMD_STAYS (GCMD_TE | GCMD_EAFL | GCMD_QIE | GCMD_IRE | GCMD_CFI)
#define GCMD_ONCE  (GCMD_SRTP | GCMD_SFL | GCMD_WBF | GCMD_SIRTP)

#define FSTS_PFO BIT(0)
#define FSTS_PPF BIT(1)
#define FSTS_IQE BIT(4)

/* Context entries of either mode: their faults are not recorded. */
#define ENTRY_FPD BIT(1)

#define FAULT_RECORDS_MAX 8u
#define FAULT_F		  BIT(63)

/* Fault reasons, table 26 of the specification (legacy mode). */
enum {
	REASON_ROOT_ABSENT = 1,
	REASON_CONTEXT_ABSENT = 2,
	REASON_CONTEXT_INVALID = 3,
	REASON_BEYOND_WIDTH = 4,
	REASON_WRITE = 5,
	REASON_READ = 6,
	REASON_TABLE_ACCESS = 7,
	REASON_ROOT_ACCESS = 8,
	REASON_CONTEXT_ACCESS = 9,
	REASON_ROOT_RESERVED = 0xa,
	REASON_CONTEXT_RESERVED = 0xb,
	REASON_ENTRY_RESERVED = 0xc,
};

/* Machine addresses have this many bits; table entries beyond are reserved. */
#define HOST_ADDRESS_BITS 46u

struct fault_words {
	uint64_t low;
	uint64_t high;
};

struct fake_vtd {
	struct fake_vtd_config config;
	uint64_t registers;
	uint64_t cap;
	uint64_t ecap;

	/* Global command and status. */
	uint32_t gsts;
	uint32_t command; /* accepted, not confirmed yet */
	bool command_pending;
	uint64_t command_due_ns;
	uint64_t rtaddr;
	uint64_t root; /* latched by SRTP */
	bool owes_context_flush;
	bool owes_iotlb_flush;
	bool owes_pasid_flush;
	uint64_t irta;
	uint64_t intr_table; /* latched by SIRTP */
	bool owes_intr_flush;

	/* Queue. */
	uint64_t iqa;
	uint64_t iqh; /* byte offset */
	uint64_t iqt;
	uint64_t queue_due_ns;
	uint32_t ics;

	/* Faults. */
	uint32_t fsts;	   /* PFO and IQE; the rest is computed */
	uint32_t event[4]; /* FECTL, FEDATA, FEADDR, FEUADDR */
	bool is_damaged; /* roots of the tables of requesters are unreadable */
	bool is_quiet;	 /* the entry that the last access went by has FPD */
	uint32_t ievent[4];
	struct fault_words record[FAULT_RECORDS_MAX];
	unsigned record_next;

	/* What is cached. */
	struct fake_cache context; /* tag = source id, did of the entry */
	struct fake_cache paging;  /* tag = address above the table's reach */
	struct fake_cache iotlb;   /* tag = address >> page size, by level */
	/* Scalable mode: fake_vtd_scalable.c, fake_vtd_first.c. */
	struct fake_cache pasid; /* tag = source id, PASID */
	struct fake_cache fs_paging;
	struct fake_cache fs_iotlb;

	struct fake_cache intr; /* tag = index; value, extra: low, high half */

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

void fake_vtd_violate(struct fake_vtd *unit, const char *fmt, ...)
	__printf_like(2, 3);

/* fake_vtd_fetch() - Read a table word pair as the walker sees memory. */
bool fake_vtd_fetch(struct fake_vtd *unit, uint64_t hpa, void *to, size_t bytes,
		    bool snoops);

/* fake_vtd_queue_run() - Execute descriptors until head meets tail. */
void fake_vtd_queue_run(struct fake_vtd *unit);
void fake_vtd_write_tail(struct fake_vtd *unit, uint64_t value);
uint64_t fake_vtd_queue_bytes(const struct fake_vtd *unit);

/* ---- interrupts ---- */

/* Descriptors of type 4. Return: false when they are nonsense. */
bool fake_vtd_flush_interrupts(struct fake_vtd *unit, const uint64_t d[2]);
void fake_vtd_write_irta(struct fake_vtd *unit, unsigned bytes, uint64_t value);
void fake_vtd_check_remapping(struct fake_vtd *unit);
void fake_vtd_forget_interrupts(struct fake_vtd *unit);

/* ---- scalable mode ---- */

/* A requester's first-stage table, as its PASID entry has it. */
struct fake_stage {
	uint16_t did;
	uint32_t pasid;
	uint64_t root;
	bool snoops; /* walks see caches */
};

static inline bool fake_vtd_is_scalable(const struct fake_vtd *unit)
{
	return field_get(GENMASK(11, 10), unit->root) == 1;
}

static inline unsigned fake_vtd_descriptor_bytes(const struct fake_vtd *unit)
{
	return unit->iqa & BIT(11) ? 32 : 16;
}

/* Return: fault reason, 0 = allowed. */
unsigned fake_vtd_find_stage(struct fake_vtd *unit, uint16_t source,
			     struct fake_stage *stage);
unsigned fake_vtd_translate_scalable(struct fake_vtd *unit, uint16_t source,
				     uint64_t iova, bool is_write,
				     uint64_t *hpa);

/* Descriptors of types 7 and 6. Return: false when they are nonsense. */
bool fake_vtd_flush_pasid(struct fake_vtd *unit, const uint64_t d[2]);
bool fake_vtd_flush_first_stage(struct fake_vtd *unit, const uint64_t d[2]);
bool fake_vtd_pasid_reserved(const uint64_t d[2]);
void fake_vtd_forget_first_stage(struct fake_vtd *unit);
