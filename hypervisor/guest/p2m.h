/* SPDX-License-Identifier: MIT */
/*
 * A guest's memory map: guest-physical page -> machine page, with a type.
 *
 * One nested page table holds both the translation and, in bits that the
 * hardware leaves to software, the type. It freezes when the guest first runs
 * (foreign mappings of the control domain come and go all the same), so a page
 * that DMA may reach cannot leave while a domain maps it.
 */
#pragma once

#include "base/spinlock.h"
#include "lib/range.h"
#include "pt/pt.h"

enum p2m_type {
	P2M_HOLE = 0, /* nothing there                                       */
	P2M_RAM,      /* the guest's own memory: the only type DMA may reach */
	P2M_DEVICE,   /* a BAR, or a device window of the control domain     */
	P2M_FOREIGN,  /* another guest's page, lent to the control domain    */
	P2M_BLANK,    /* a page of ones that is nobody's: what is withheld    */
};

struct p2m {
	struct spinlock lock;
	struct pt pt;
	uint16_t owner;
	bool is_frozen;
	uint64_t ram_pages;
	uint64_t table_pages;
};

/* Width of guest-physical addresses, bits; set once from CPUID 80000008h. */
extern unsigned p2m_address_bits;

int p2m_init(struct p2m *p2m, uint16_t owner) __must_check;

/**
 * p2m_empty() - Give back what a guest's map holds, in pieces.
 * @budget: leaves at most in this call
 * The guest's CPU has left. Return: true when nothing is left.
 */
bool p2m_empty(struct p2m *p2m, uint64_t budget);

/* p2m_destroy() - Drop every page reference and the tables; CPU has left. */
void p2m_destroy(struct p2m *p2m);

/**
 * p2m_add() - Put machine pages at guest-physical pages that are holes.
 * Return: 0; -XEN_EBUSY not a hole; -XEN_EPERM frozen (RAM and devices);
 * -XEN_ENOMEM; -XEN_EINVAL beyond the guest's address width. All or nothing.
 */
int p2m_add(struct p2m *p2m, gpa_t at, hpa_t page, uint64_t pages,
	    enum p2m_type type) __must_check;

/**
 * p2m_remove() - Turn pages of one type into holes; flushes nested tables.
 * Return: 0; -XEN_ENOENT part of the range is not of @type; -XEN_EPERM frozen
 * RAM; -XEN_ENOMEM.
 */
int p2m_remove(struct p2m *p2m, gpa_t at, uint64_t pages,
	       enum p2m_type type) __must_check;

/**
 * p2m_remove_machine() - Take a device's window away wherever it is mapped.
 * @window: machine addresses of a BAR
 * The guest does not run. Return: 0, -XEN_ENOMEM (nothing more removed).
 */
int p2m_remove_machine(struct p2m *p2m, struct range window) __must_check;

/* p2m_lookup() - Translate one page. Return: its type, P2M_HOLE for none. */
enum p2m_type p2m_lookup(struct p2m *p2m, gpa_t at, hpa_t *page);

/**
 * p2m_lookup_run() - Translate a page and, in one step, some that follow it.
 * @pages: receives how many from @at on lie side by side in machine memory, of
 *         the same type: to the end of the leaf, not farther; at least 1
 * Return: as p2m_lookup(); for P2M_HOLE nothing is written.
 */
enum p2m_type p2m_lookup_run(struct p2m *p2m, gpa_t at, hpa_t *page,
			     uint64_t *pages);

/* p2m_freeze() - The guest is about to run for the first time. */
void p2m_freeze(struct p2m *p2m);

/**
 * p2m_for_each_ram() - Visit the RAM of a guest in runs, ascending.
 * @visit: gets guest-physical start, machine start, length in pages of one run
 *         that is contiguous in both; returns 0 to go on
 * Return: 0 or the first non-zero of @visit.
 */
int p2m_for_each_ram(struct p2m *p2m,
		     int (*visit)(void *context, gpa_t at, hpa_t page,
				  uint64_t pages),
		     void *context) __must_check;

/*
 * p2m_flush - Makes every CPU that may cache @p2m drop it and waits. Set by
 * svm/; the user-space build records the calls. NULL = nobody runs yet.
 */
extern void (*p2m_flush)(struct p2m *p2m);
