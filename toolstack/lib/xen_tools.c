/* SPDX-License-Identifier: MIT */
/*
 * libxenctrl and libxenforeignmemory: open, close, fill guest memory.
 */
#include "xen_tools.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Pages mapped at a time: bounds what one mapping costs the control domain. */
#define WINDOW_PAGES 256u

NTSTATUS xen_tools_open(struct xen_tools *tools, struct sluice_error *error)
{
	*tools = (struct xen_tools){0};
	/* Their own lines would double ours. */
	tools->logger = (xentoollog_logger *)xtl_createlogger_stdiostream(
		stderr, XTL_CRITICAL, 0);
	tools->control = xc_interface_open(tools->logger, tools->logger, 0);
	tools->memory = xenforeignmemory_open(tools->logger, 0);
	if (tools->logger == NULL || tools->control == NULL ||
	    tools->memory == NULL) {
		xen_tools_close(tools);
		return error_set(error, STATUS_NOT_SUPPORTED,
				 "/dev/xen/privcmd cannot be opened: %s; boot "
				 "this machine under Sluice and run as root",
				 strerror(errno));
	}
	return STATUS_SUCCESS;
}

void xen_tools_close(struct xen_tools *tools)
{
	if (tools->memory != NULL) {
		(void)xenforeignmemory_close(tools->memory);
	}
	if (tools->control != NULL) {
		(void)xc_interface_close(tools->control);
	}
	if (tools->logger != NULL) {
		xtl_logger_destroy(tools->logger);
	}
	*tools = (struct xen_tools){0};
}

/* One window: at most WINDOW_PAGES pages from the page of @address on. */
static int window_write(struct xen_tools *tools, uint32_t guest,
			uint64_t address, const void *from, size_t bytes)
{
	xen_pfn_t frames[WINDOW_PAGES];
	const size_t offset = address % SLUICE_PAGE_BYTES;
	const size_t pages =
		(offset + bytes + SLUICE_PAGE_BYTES - 1) / SLUICE_PAGE_BYTES;

	for (size_t i = 0; i < pages; i++) {
		frames[i] = address / SLUICE_PAGE_BYTES + i;
	}

	char *window = xenforeignmemory_map(tools->memory, guest,
					    PROT_READ | PROT_WRITE, pages,
					    frames, NULL);

	if (window == NULL) {
		return errno != 0 ? -errno : -EFAULT;
	}
	if (from != NULL) {
		memcpy(window + offset, from, bytes);
	} else {
		memset(window + offset, 0, bytes);
	}
	(void)xenforeignmemory_unmap(tools->memory, window, pages);
	return 0;
}

int xen_tools_write(struct xen_tools *tools, uint32_t guest, uint64_t address,
		    const void *from, uint64_t bytes)
{
	const char *source = from;

	while (bytes != 0) {
		const size_t offset = address % SLUICE_PAGE_BYTES;
		size_t part = WINDOW_PAGES * SLUICE_PAGE_BYTES - offset;

		if (part > bytes) {
			part = (size_t)bytes;
		}

		int result = window_write(tools, guest, address, source, part);

		if (result != 0) {
			return result;
		}
		address += part;
		bytes -= part;
		if (source != NULL) {
			source += part;
		}
	}
	return 0;
}
