// SPDX-License-Identifier: MIT
/*
 * The control domain's memory map, by exclusion: what is not its RAM, not the
 * hypervisor's, not the pool's and not withheld is device space, one to one.
 */
#include "boot/control_guest.h"

#include "arch/physmap.h"
#include "base/log.h"
#include "iommu/unit.h"
#include "lib/check.h"
#include "lib/string.h"
#include "mm/page.h"
#include "platform/pci.h"
#include "svm/vcpu.h"

#define GIB4	  (UINT64_C(1) << 32)
#define CHUNK	  (UINT64_C(1) << 21)
#define APIC	  ((struct range){0xfee00000, PAGE_BYTES})
#define ALL_PAGES UINT64_MAX
#define NAME	  "control"

/* What a page of the machine is to the control domain. */
static enum p2m_type type_of(const struct bootinfo *info, uint64_t page)
{
	if (bootinfo_is_control_ram(info, page)) {
		return P2M_RAM;
	}
	if (page >= HYPERVISOR_START && page < HYPERVISOR_END) {
		return P2M_HOLE;
	}
	if (page >= info->control_end && page < info->top_low) {
		return P2M_HOLE;
	}
	if (page == APIC.start || iommu_owns_registers(page, PAGE_BYTES)) {
		return P2M_BLANK;
	}
	return P2M_DEVICE;
}

static void add(struct guest *guest, uint64_t start, uint64_t end,
		enum p2m_type type, hpa_t blank)
{
	hpa_t to = type == P2M_BLANK ? blank : to_hpa(start);

	if (type == P2M_HOLE || start == end) {
		return;
	}
	if (p2m_add(&guest->p2m, to_gpa(start), to, (end - start) >> PAGE_SHIFT,
		    type) != 0) {
		panic("control domain's map: cannot add %lx-%lx", start, end);
	}
}

/*
 * How far from @at everything is surely like @at: most of the space is plain
 * device space or plain RAM, and asking for each of its pages would be felt.
 */
static uint64_t stride(const struct bootinfo *info, uint64_t at)
{
	uint64_t last = at + CHUNK - PAGE_BYTES;

	if (!is_aligned(at, CHUNK)) {
		return PAGE_BYTES;
	}
	if (at >= info->top_low) {
		return range_overlaps((struct range){at, CHUNK}, APIC) ||
				       iommu_owns_registers(at, CHUNK)
			       ? PAGE_BYTES
			       : CHUNK;
	}
	/* The RAM from 16 MiB to top_low is one piece: bootinfo_share(). */
	return at >= HYPERVISOR_END && last < info->top_low &&
			       (last < info->control_end ||
				at >= info->control_end)
		       ? CHUNK
		       : PAGE_BYTES;
}

/* Below 4 GiB: runs of pages of one type; blank pages one by one. */
static void add_low(struct guest *guest, const struct bootinfo *info,
		    hpa_t blank)
{
	uint64_t start = 0;
	uint64_t at = 0;
	enum p2m_type type = type_of(info, 0);

	while (start < GIB4) {
		enum p2m_type here;

		at += stride(info, at);
		here = at < GIB4 ? type_of(info, at) : P2M_HOLE;
		if (here == type && type != P2M_BLANK && at < GIB4) {
			continue;
		}
		add(guest, start, at, type, blank);
		start = at;
		type = here;
	}
}

/* A BAR that claims RAM, or lies beyond what a table can name, is no BAR. */
static void forget_bad_bars(const struct bootinfo *info)
{
	for (unsigned i = 0; i < pci_device_count(); i++) {
		for (unsigned b = 0; b < SLUICE_BARS_MAX; b++) {
			struct pci_bar *bar = &pci_device_at(i)->bar[b];

			if (bar->bytes != 0 && bar->address != 0 &&
			    (bootinfo_touches_ram(info, bar->address,
						  bar->bytes) ||
			     (bar->address + bar->bytes - 1) >>
					     p2m_address_bits !=
				     0)) {
				log_warn("PCI %x: BAR %u at %lx claims what is "
					 "not its; left out",
					 pci_device_at(i)->sbdf, b,
					 bar->address);
				*bar = (struct pci_bar){0, 0};
			}
		}
	}
}

static void add_high_bars(struct guest *guest, hpa_t blank)
{
	for (unsigned i = 0; i < pci_device_count(); i++) {
		const struct pci_device *dev = pci_device_at(i);

		for (unsigned b = 0; b < SLUICE_BARS_MAX; b++) {
			const struct pci_bar *bar = &dev->bar[b];

			if (bar->bytes >= PAGE_BYTES && bar->address >= GIB4) {
				add(guest, bar->address,
				    bar->address + bar->bytes, P2M_DEVICE,
				    blank);
			}
		}
	}
}

/* AMD's IOMMU function is nobody's device: its configuration is not there. */
static void hide_iommu_functions(struct guest *guest, hpa_t blank)
{
	for (unsigned i = 0; i < pci_device_count(); i++) {
		const struct pci_device *dev = pci_device_at(i);
		gpa_t at = to_gpa(dev->config.addr);

		if (!dev->is_iommu) {
			continue;
		}
		if (p2m_remove(&guest->p2m, at, 1, P2M_DEVICE) != 0) {
			panic("control domain's map: cannot hide %lx", at.addr);
		}
		add(guest, at.addr, at.addr + PAGE_BYTES, P2M_BLANK, blank);
	}
}

struct guest *control_guest_create(const struct bootinfo *info)
{
	hpa_t blank = page_alloc(PAGE_POOL_HYPERVISOR, PAGE_OWNER_NONE);
	struct guest *guest = guest_create(GUEST_CONTROL_ID, true);

	if (guest == NULL || hpa_is_none(blank)) {
		panic("control domain: no memory for its tables");
	}
	memset(physmap_ptr(blank), 0xff, PAGE_BYTES);
	forget_bad_bars(info);
	add_low(guest, info, blank);
	add(guest, GIB4, GIB4 + info->control_high, P2M_RAM, blank);
	add_high_bars(guest, blank);
	hide_iommu_functions(guest, blank);
	guest->max_pages = ALL_PAGES;
	/* Where the tools keep a guest's name. */
	memcpy(guest->handle, NAME, sizeof(NAME));
	p2m_freeze(&guest->p2m);
	return guest;
}

void control_guest_enter(struct guest *guest, struct linux_entry entry)
{
	struct vcpu *vcpu;

	if (vcpu_create(guest) != 0) {
		panic("control domain: no memory for its CPU");
	}
	vcpu = guest->vcpu;
	vcpu->vmcb->rip = entry.entry;
	vcpu->regs.rsi = entry.boot_params;
	guest->state = GUEST_RUNNING;
	guest->has_run = true;
	guest->has_cpu = true;
	vcpu_run_control(vcpu);
}
