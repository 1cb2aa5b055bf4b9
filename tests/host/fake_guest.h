/* SPDX-License-Identifier: MIT */
/*
 * A guest: RAM from the guests' pool, its own 4-level page tables in that RAM
 * (so that guest/linear.c walks for real), and the gate.
 *
 * Guest-physical layout, in pages: 0 holds nothing; 1 the argument structure,
 * 2..9 lists (frames, regions); 16.. is the test's (FAKE_GUEST_FREE_PAGE); the
 * last ones are the page tables. Linear = FAKE_GUEST_LINEAR + guest-physical.
 */
#pragma once

#include "guest/guest.h"
#include "guest/linear.h"

#include <sluice/dma_ops.h>

#define FAKE_GUEST_LINEAR     UINT64_C(0xffff900000000000)
#define FAKE_GUEST_ARGUMENT   UINT64_C(0x1000) /* guest-physical */
#define FAKE_GUEST_LIST	      UINT64_C(0x2000) /* guest-physical */
#define FAKE_GUEST_FREE_PAGE  16u
#define FAKE_GUEST_TABLES_MAX 40u

struct fake_guest_config {
	uint16_t id;	    /* 0 = choose                                    */
	uint16_t machine;   /* SLUICE_MACHINE_*                              */
	uint64_t ram_pages; /* multiple of 512 not needed; 64..4096          */
	uint64_t hole_page; /* first page of a hole in it; 0 = none          */
	uint64_t hole_pages;
	uint32_t allowed_types; /* 0 = all                                   */
	uint32_t domain_quota;	/* 0 = default                               */
	uint32_t table_page_quota;
};

struct fake_guest {
	struct guest *guest;
	struct guest_caller caller; /* what the next call says; tests edit it */
	gpa_t ram;		    /* guest-physical start of RAM, 0 or the
				       control domain's                      */
	uint64_t ram_pages;
	uint64_t argument_at; /* linear address handed to the gate; tests edit
				 it to give a bad pointer                    */
	hpa_t table_page[FAKE_GUEST_TABLES_MAX]; /* its own page tables       */
	unsigned table_count;
};

/* fake_guest_create() - NULL config = amd64, 512 pages, everything allowed. */
struct fake_guest *fake_guest_create(const struct fake_guest_config *config);

/**
 * fake_guest_destroy() - Service, memory map, slot: in the order of domctl.
 * Return: what dma_guest_destroy() said; on error the guest's memory is kept.
 */
int fake_guest_destroy(struct fake_guest *guest);

/**
 * fake_guest_call() - One sub-op of SLUICE_HYPERCALL through the gate.
 * @op:       SLUICE_OP_*
 * @argument: starts with a sluice_header, whose size is filled in when 0
 *
 * Copies @argument into the guest, calls hypercall_dispatch() with the saved
 * caller, copies it back. Return: rax.
 */
int64_t fake_guest_call(struct fake_guest *guest, uint64_t op, void *argument,
			size_t bytes);

/**
 * fake_guest_status() - The same, and the NTSTATUS of the outcome.
 * Fails the test when rax is not 0.
 */
int32_t fake_guest_status(struct fake_guest *guest, uint64_t op, void *argument,
			  size_t bytes);

/* fake_guest_hypercall() - Any number, raw registers. */
int64_t fake_guest_hypercall(struct fake_guest *guest, uint64_t number,
			     uint64_t a0, uint64_t a1, uint64_t a2);

/* Guest memory by guest-physical address (from .ram on); fails outside RAM. */
void fake_guest_write(struct fake_guest *guest, uint64_t gpa, const void *from,
		      size_t bytes);
void fake_guest_read(struct fake_guest *guest, uint64_t gpa, void *to,
		     size_t bytes);
void fake_guest_fill(struct fake_guest *guest, uint64_t gpa, uint8_t byte,
		     size_t bytes);

/* fake_guest_hpa() - Machine address behind a guest-physical one. */
uint64_t fake_guest_hpa(struct fake_guest *guest, uint64_t gpa);

/* fake_guest_linear() - Linear address of a guest-physical one. */
uint64_t fake_guest_linear(const struct fake_guest *guest, uint64_t gpa);

/**
 * fake_guest_list() - Place a list at FAKE_GUEST_LIST (32 KiB at most).
 * Return: its linear address.
 */
uint64_t fake_guest_list(struct fake_guest *guest, const void *list,
			 size_t bytes);

/* fake_guest_protect() - Change how the guest's own tables map one page. */
void fake_guest_protect(struct fake_guest *guest, uint64_t gpa, bool present,
			bool writable);

/* fake_guest_remap() - Let the linear page of @gpa lead to @target instead. */
void fake_guest_remap(struct fake_guest *guest, uint64_t gpa, uint64_t target);

/**
 * fake_guest_run() - The guest runs for the first time: its memory map and its
 * machine type are frozen. The first call of the gate does it, too.
 */
void fake_guest_run(struct fake_guest *guest);

/**
 * fake_guest_assign() - quarantine + assign, before the guest first runs.
 * Return: the function's PCI address in the guest's view.
 */
uint32_t fake_guest_assign(struct fake_guest *guest, uint32_t sbdf);

/* For the machine. */
struct fake_guest *fake_guest_control_create(uint64_t ram, uint64_t pages);
void fake_guests_destroy_all(void); /* but the control domain */
void fake_guests_forget(void);
