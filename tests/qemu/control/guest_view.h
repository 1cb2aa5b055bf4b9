/* SPDX-License-Identifier: MIT */
/*
 * A guest as the control domain's test programs see it: its state, and its
 * memory by foreign mapping. Stock libxenctrl, and our own sub-ops by plain
 * libxencall, so that a mistake in libsluice cannot hide one of the hypervisor.
 */
#pragma once

#include "lib/report_page.h"

#include <stdbool.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

struct guest_view {
	xc_interface *control;
	xenforeignmemory_handle *memory;
	uint32_t id;
};

/* guest_view_fail() - "PROGRAM: what: why" on stderr, exit 1. */
__attribute__((noreturn, format(printf, 1, 2))) void
guest_view_fail(const char *format, ...);

/* guest_view_open() - The guest of a name or a decimal id; exits on failure. */
void guest_view_open(struct guest_view *view, const char *name_or_id);

/* guest_view_info() - False: there is no such guest any more. */
bool guest_view_info(const struct guest_view *view, xc_dominfo_t *info);

/* Most pages that one mapping may have. */
#define GUEST_VIEW_PAGES 64u

/* guest_view_map() - Map its pages for reading and writing; NULL: errno. */
void *guest_view_map(const struct guest_view *view, uint64_t address,
		     uint64_t bytes);
void guest_view_unmap(const struct guest_view *view, void *at, uint64_t address,
		      uint64_t bytes);

/* guest_view_report() - Its report page; exits on failure. */
volatile struct report_page *guest_view_report(const struct guest_view *view);

/**
 * guest_view_call() - One sub-op of ours; fills size and the rest of a header.
 * Return: NTSTATUS; exits when the call was not carried.
 */
int32_t guest_view_call(uint32_t op, void *argument, uint32_t bytes);
