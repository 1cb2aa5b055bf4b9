/* SPDX-License-Identifier: MIT */
/* Shared by the control domain's test programs; see guest_view.h. */
#include "control/guest_view.h"

#include <ctype.h>
#include <errno.h>
#include <sluice/abi.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xencall.h>

#define PAGE_BYTES XC_PAGE_SIZE
#define PAGES_MAX  GUEST_VIEW_PAGES

void guest_view_fail(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

/* The toolstack keeps a guest's name in Xen's 16-byte handle. */
static bool info_has_name(const xc_dominfo_t *info, const char *name)
{
	char text[sizeof(info->handle) + 1] = "";

	memcpy(text, info->handle, sizeof(info->handle));
	return strcmp(text, name) == 0;
}

void guest_view_open(struct guest_view *view, const char *name_or_id)
{
	xc_dominfo_t info = {.domid = 0};
	uint32_t first = 1;

	view->control = xc_interface_open(NULL, NULL, 0);
	view->memory = xenforeignmemory_open(NULL, 0);
	if (view->control == NULL || view->memory == NULL) {
		guest_view_fail("no hypervisor: %s", strerror(errno));
	}
	if (isdigit((unsigned char)*name_or_id)) {
		view->id = (uint32_t)strtoul(name_or_id, NULL, 10);
		return;
	}
	while (xc_domain_getinfo(view->control, first, 1, &info) == 1) {
		if (info_has_name(&info, name_or_id)) {
			view->id = info.domid;
			return;
		}
		first = info.domid + 1;
	}
	guest_view_fail("%s: no such guest", name_or_id);
}

bool guest_view_info(const struct guest_view *view, xc_dominfo_t *info)
{
	return xc_domain_getinfo(view->control, view->id, 1, info) == 1 &&
	       info->domid == view->id;
}

/* First and last page of a range, as a count. */
static size_t range_pages(uint64_t address, uint64_t bytes)
{
	return (address % PAGE_BYTES + bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

void *guest_view_map(const struct guest_view *view, uint64_t address,
		     uint64_t bytes)
{
	size_t pages = range_pages(address, bytes);
	xen_pfn_t frames[PAGES_MAX];
	int errors[PAGES_MAX];
	uint8_t *at;

	if (pages == 0 || pages > PAGES_MAX) {
		guest_view_fail("%zu pages at once", pages);
	}
	for (size_t i = 0; i < pages; i++) {
		frames[i] = address / PAGE_BYTES + i;
	}
	at = xenforeignmemory_map(view->memory, view->id,
				  PROT_READ | PROT_WRITE, pages, frames,
				  errors);
	if (at == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < pages; i++) {
		if (errors[i] != 0) {
			xenforeignmemory_unmap(view->memory, at, pages);
			errno = -errors[i];
			return NULL;
		}
	}
	return at + address % PAGE_BYTES;
}

void guest_view_unmap(const struct guest_view *view, void *at, uint64_t address,
		      uint64_t bytes)
{
	uint8_t *first = (uint8_t *)at - address % PAGE_BYTES;

	xenforeignmemory_unmap(view->memory, first,
			       range_pages(address, bytes));
}

volatile struct report_page *guest_view_report(const struct guest_view *view)
{
	void *at = guest_view_map(view, REPORT_GPA, sizeof(struct report_page));

	if (at == NULL) {
		guest_view_fail(
			"guest %u: its report page cannot be mapped: %s",
			view->id, strerror(errno));
	}
	return at;
}

int32_t guest_view_call(uint32_t op, void *argument, uint32_t bytes)
{
	xencall_handle *call = xencall_open(NULL, 0);
	struct sluice_header *header;
	int32_t status;
	int code;

	if (call == NULL) {
		guest_view_fail("no hypervisor: %s", strerror(errno));
	}
	header = xencall_alloc_buffer_pages(call, 1);
	if (header == NULL) {
		guest_view_fail("no buffer for a call");
	}
	memcpy(header, argument, bytes);
	*header = (struct sluice_header){.size = bytes};
	code = xencall2(call, SLUICE_HYPERCALL, op, (uintptr_t)header);
	if (code != 0) {
		guest_view_fail("sub-op %u: not carried: %s", op,
				strerror(errno));
	}
	status = header->status;
	memcpy(argument, header, bytes);
	xencall_free_buffer_pages(call, header, 1);
	xencall_close(call);
	return status;
}
