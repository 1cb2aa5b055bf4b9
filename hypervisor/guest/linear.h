/* SPDX-License-Identifier: MIT */
/*
 * The calling vCPU as the gate sees it, and its linear addresses.
 *
 * Walks the caller's own 4- or 5-level tables (AMD APM vol. 2, 5.3) page by
 * page, through the guest's memory map at every level. Only 64-bit callers get
 * here, so the older table forms are not known.
 */
#pragma once

#include "guest/guest.h"

/* The page of a caller's that was translated last. */
struct linear_cache {
	bool is_valid;
	bool is_writable;
	uint64_t page; /* linear */
	hpa_t to;
};

struct guest_caller {
	struct guest *guest;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	bool is_64bit; /* EFER.LMA and CS.L                                  */
	uint8_t cpl;   /* 0..3                                               */
	struct linear_cache *cache; /* of the call in progress, or NULL: a
				       guest's RAM stays while it runs */
};

/**
 * linear_translate() - One linear address to machine memory.
 * @is_write: the page must be writable as well
 * @to:       receives the machine address of the byte
 *
 * Return: 0; -XEN_EFAULT not canonical, not mapped, not writable, or not the
 * guest's RAM.
 */
int linear_translate(const struct guest_caller *caller, uint64_t linear,
		     bool is_write, hpa_t *to) __must_check;
