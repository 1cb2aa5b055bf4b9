/* SPDX-License-Identifier: MIT */
/*
 * The stock Xen libraries, opened for one operation, and guest memory.
 */
#pragma once

#include "error.h"

#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xentoollog.h>

struct xen_tools {
	xentoollog_logger *logger;
	xc_interface *control;
	xenforeignmemory_handle *memory;
};

/* xen_tools_open() - Open them; NOT_SUPPORTED with *error if one fails. */
NTSTATUS xen_tools_open(struct xen_tools *tools, struct sluice_error *error);

/* xen_tools_close() - Close what is open. */
void xen_tools_close(struct xen_tools *tools);

/**
 * xen_tools_write() - Copy bytes into a guest's memory.
 * @guest:   id
 * @address: guest-physical, bytes, any alignment
 * @from:    the bytes; NULL: zeros
 * @bytes:   length
 *
 * Return: 0 or a negative errno.
 */
int xen_tools_write(struct xen_tools *tools, uint32_t guest, uint64_t address,
		    const void *from, uint64_t bytes);
