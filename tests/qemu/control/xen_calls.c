/* SPDX-License-Identifier: MIT */
/*
 * Stock libxenctrl makes, fills and ends a guest, and every page comes back.
 *
 * The life of an empty guest as Xen's own tools would lead it: version,
 * physinfo, create, max_vcpus, max_mem, populate, write and read back through a
 * foreign mapping, CPU context, pause; then destroyed while a page is still
 * mapped here. The page must stay readable and must not be given to another
 * until it is unmapped; after that the pool has as many free pages as at the
 * start. Prints what fails; exit 0 if nothing did.
 */
#include "control/guest_view.h"

#include <errno.h>
#include <inttypes.h>
#include <sluice/dma.h>
#include <sluice/dma_ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xen/hvm/save.h>
#include <xentoollog.h>

#define PAGES	     512u
#define PAGE_BYTES   4096u
#define HELD_PAGE    0x42000u
#define WORD	     UINT64_C(0x510ce0f0f510ce)
#define FREE_SECONDS 5u

static int failures;

/* One call; its name stands in the message. */
static void expect(bool right, const char *what)
{
	if (!right) {
		printf("xen_calls: %s: failed: %s\n", what, strerror(errno));
		failures++;
	}
}

static uint64_t pool_free(void)
{
	struct sluice_platform call = {.cpu_count = 0};

	guest_view_call(SLUICE_OP_platform, &call, sizeof(call));
	return call.pool_free_pages;
}

static void ask_hypervisor(xc_interface *control)
{
	xc_physinfo_t physinfo = {.nr_cpus = 0};
	xen_extraversion_t extra = "";
	int version = xc_version(control, XENVER_version, NULL);

	expect(version == (4 << 16 | 17), "xc_version: 4.17");
	expect(xc_version(control, XENVER_extraversion, extra) == 0,
	       "xc_version: extraversion");
	expect(xc_physinfo(control, &physinfo) == 0, "xc_physinfo");
	expect(physinfo.total_pages > 0 && physinfo.nr_cpus > 0,
	       "xc_physinfo: pages and CPUs");
	expect((physinfo.capabilities & XEN_SYSCTL_PHYSCAP_hap) != 0,
	       "xc_physinfo: nested paging");
}

static uint32_t create(xc_interface *control)
{
	struct xen_domctl_createdomain config = {
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
		.max_vcpus = 1,
		.max_evtchn_port = 1023,
		.max_grant_frames = 64,
		.max_maptrack_frames = 1024,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
		.arch = {.emulation_flags = XEN_X86_EMU_LAPIC},
	};
	uint32_t id = 0;

	expect(xc_domain_create(control, &id, &config) == 0,
	       "xc_domain_create");
	expect(id != 0, "xc_domain_create: an id");
	expect(xc_domain_max_vcpus(control, id, 1) == 0, "xc_domain_max_vcpus");
	expect(xc_domain_setmaxmem(control, id, PAGES * PAGE_BYTES / 1024) == 0,
	       "xc_domain_setmaxmem");
	return id;
}

static void populate(xc_interface *control, uint32_t id)
{
	static xen_pfn_t frames[PAGES];
	xen_pfn_t beyond = PAGES;

	for (uint32_t i = 0; i < PAGES; i++) {
		frames[i] = i;
	}
	expect(xc_domain_populate_physmap_exact(control, id, PAGES, 0, 0,
						frames) == 0,
	       "xc_domain_populate_physmap_exact");
	expect(xc_domain_populate_physmap_exact(control, id, 1, 0, 0,
						&beyond) != 0,
	       "populate beyond max_mem: refused");
}

static void look_at(const struct guest_view *view)
{
	uint8_t context[8192];
	xc_dominfo_t info;
	int bytes = xc_domain_hvm_getcontext(view->control, view->id, NULL, 0);

	expect(guest_view_info(view, &info) && info.hvm && info.paused &&
		       info.nr_pages == PAGES,
	       "xc_domain_getinfo: hvm, paused, its pages");
	expect(bytes > (int)HVM_SAVE_LENGTH(CPU) &&
		       bytes <= (int)sizeof(context),
	       "xc_domain_hvm_getcontext: size");
	expect(xc_domain_hvm_getcontext(view->control, view->id, context,
					sizeof(context)) > 0,
	       "xc_domain_hvm_getcontext");
	expect(xc_domain_pause(view->control, view->id) == 0,
	       "xc_domain_pause");
	expect(xc_domain_unpause(view->control, view->id) == 0,
	       "xc_domain_unpause: back to one pause");
	expect(guest_view_map(view, PAGES * PAGE_BYTES, 8) == NULL,
	       "foreign mapping of a page that it does not have: refused");
}

/* The guest goes, the page that is mapped here stays what it was. */
static void destroy_while_mapped(const struct guest_view *view,
				 uint64_t free_before)
{
	volatile uint64_t *held = guest_view_map(view, HELD_PAGE, PAGE_BYTES);
	volatile uint64_t *again;
	xc_dominfo_t info;

	expect(held != NULL, "foreign mapping");
	if (held == NULL) {
		return;
	}
	held[0] = WORD;
	held[511] = ~WORD;
	again = guest_view_map(view, HELD_PAGE, PAGE_BYTES);
	expect(again != NULL && again[0] == WORD && again[511] == ~WORD,
	       "read back through a second mapping");
	if (again != NULL) {
		guest_view_unmap(view, (void *)again, HELD_PAGE, PAGE_BYTES);
	}
	expect(xc_domain_destroy(view->control, view->id) == 0,
	       "xc_domain_destroy");
	expect(held[0] == WORD && held[511] == ~WORD,
	       "the mapped page of the destroyed guest");
	expect(!guest_view_info(view, &info) || info.dying,
	       "xc_domain_getinfo: gone or dying");
	expect(guest_view_map(view, 0, 8) == NULL,
	       "a new mapping of the destroyed guest: refused");
	guest_view_unmap(view, (void *)held, HELD_PAGE, PAGE_BYTES);
	for (uint32_t i = 0; i < FREE_SECONDS * 10; i++) {
		if (pool_free() == free_before) {
			break;
		}
		usleep(100000);
	}
	expect(pool_free() == free_before, "free pages as at the start");
	expect(!guest_view_info(view, &info), "the id is free");
}

int main(void)
{
	struct guest_view view;
	xc_interface *control = xc_interface_open(NULL, NULL, 0);
	uint64_t free_before;
	char text[16];

	if (control == NULL) {
		guest_view_fail("no hypervisor: %s", strerror(errno));
	}
	free_before = pool_free();
	ask_hypervisor(control);
	snprintf(text, sizeof(text), "%" PRIu32, create(control));
	guest_view_open(&view, text);
	populate(control, view.id);
	look_at(&view);
	destroy_while_mapped(&view, free_before);
	printf("xen_calls: %d failed\n", failures);
	return failures != 0;
}
