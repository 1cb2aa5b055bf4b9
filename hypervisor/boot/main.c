// SPDX-License-Identifier: MIT
/*
 * The timeline: from the loader's hand-over to the control domain's first
 * instruction. Each step relies on those above it.
 */
#include "arch/apic.h"
#include "arch/cpu.h"
#include "arch/cpu_stack.h"
#include "arch/desc.h"
#include "arch/serial.h"
#include "arch/time.h"
#include "base/log.h"
#include "boot/acpi_hide.h"
#include "boot/bootinfo.h"
#include "boot/control_guest.h"
#include "boot/hvmap.h"
#include "boot/linux.h"
#include "dma/dma.h"
#include "dma/firmware.h"
#include "hypercall/dma_calls.h"
#include "hypercall/hypercall.h"
#include "iommu/intr.h"
#include "iommu/unit.h"
#include "lib/check.h"
#include "lib/string.h"
#include "mm/page.h"
#include "platform/acpi.h"
#include "platform/pci.h"
#include "svm/cpus.h"
#include "svm/permissions.h"
#include "svm/svm.h"
#include "svm/vcpu.h"

#include <sluice/dma.h>

#define GIB4	       (UINT64_C(1) << 32)
#define LEAF_ADDRESSES 0x80000008u
#define RESET_PORT     0xcf9
#define RESET_HARD     0x0e

extern const char image_end[];
void boot_main(uint32_t info, uint32_t magic);

static struct bootinfo bootinfo;

static void need(const char *wrong)
{
	if (wrong != NULL) {
		panic("cannot start: %s", wrong);
	}
}

static void check_cpu(void)
{
	const char *missing = svm_check();

	if (missing != NULL) {
		panic("cannot start: this CPU lacks %s", missing);
	}
	if (!apic_is_supported()) {
		panic("cannot start: this CPU lacks x2APIC, on which the "
		      "protection of guests' CPUs rests");
	}
	p2m_address_bits = cpuid(LEAF_ADDRESSES, 0).eax & 0xff;
	if (p2m_address_bits > 48) {
		p2m_address_bits = 48;
	}
}

/* Heap up to 16 MiB; what the control domain does not get is the guests'. */
static void share_memory(void)
{
	uint64_t heap = align_up((uintptr_t)image_end, PAGE_BYTES);

	page_pool_add(PAGE_POOL_HYPERVISOR, to_hpa(heap),
		      (HYPERVISOR_END - heap) >> PAGE_SHIFT);
}

static void share_guest_pool(const struct bootinfo *info)
{
	if (info->control_end < info->top_low) {
		page_pool_add(PAGE_POOL_GUEST, to_hpa(info->control_end),
			      (info->top_low - info->control_end) >>
				      PAGE_SHIFT);
	}
	for (unsigned i = 0; i < info->map_count; i++) {
		const struct bootinfo_region *r = &info->map[i];
		uint64_t start = align_up(r->start, PAGE_BYTES);
		uint64_t end = align_down(r->start + r->bytes, PAGE_BYTES);

		if (r->kind != BOOTINFO_RAM || r->start < GIB4) {
			continue;
		}
		if (r->start == GIB4) {
			start += info->control_high;
		}
		if (start < end) {
			page_pool_add(PAGE_POOL_GUEST, to_hpa(start),
				      (end - start) >> PAGE_SHIFT);
		}
	}
}

/* The units, or why there are none. */
static uint32_t start_iommu(const struct bootinfo *info)
{
	const char *option = bootinfo_option(info, "iommu");

	if (option != NULL && strncmp(option, "off", 3) == 0) {
		log_warn("IOMMU: switched off by iommu=off; no domain "
			 "interface");
		return SLUICE_INTERFACE_SWITCHED_OFF;
	}
	if (pci_start() != 0) {
		return SLUICE_INTERFACE_NO_IOMMU;
	}
	/* The control domain is to run here, and has no other CPU. */
	iommu_intr_home = apic_id();
	return iommu_start();
}

static void reset_machine(void)
{
	log_info("reset, asked for by the control domain");
	outb(RESET_PORT, RESET_HARD);
	cpu_halt_forever();
}

static bool is_firmware_memory(struct range at)
{
	return bootinfo_is_reserved(&bootinfo, at);
}

/* What the gate's rooms cannot know by themselves. */
static void connect_gate(const struct bootinfo *info)
{
	hypercall_ram_pages = bootinfo_ram_pages(info);
	hypercall_cpu_count = cpus_count;
	hypercall_free_cpu_count = cpus_free_count;
	hypercall_reset_machine = reset_machine;
}

void boot_main(uint32_t info, uint32_t magic)
{
	struct linux_entry entry;
	struct guest *control;
	uint32_t no_interface;

	cpu_stacks[0].guard = CPU_STACK_GUARD;
	serial_init();
	desc_load();
	cpu_protect();
	time_init();
	log_info("Sluice " SLUICE_VERSION);
	need(bootinfo_read(&bootinfo, magic, to_hpa(info)));
	need(bootinfo_share(&bootinfo));
	check_cpu();
	need(linux_load(&bootinfo, &entry));
	/* Modules have left the heap's place: memory may be used. */
	share_memory();
	hvmap_start(&bootinfo);
	share_guest_pool(&bootinfo);
	apic_start();
	svm_enable();
	permissions_start();
	vcpu_start();
	if (acpi_start(HPA_NONE) != 0) {
		panic("cannot start: the firmware has no ACPI tables");
	}
	cpus_start();
	no_interface = start_iommu(&bootinfo);
	/*
	 * A guest's CPU, idle or not, takes host interrupts; the control
	 * domain's never does. Without one there is no guest to have a device.
	 */
	if (cpus_count() > 1) {
		iommu_start_fault_events(cpu_stacks[1].apic_id, VECTOR_FAULT);
	}
	acpi_hide();
	connect_gate(&bootinfo);
	dma_is_firmware_memory = is_firmware_memory;
	control = control_guest_create(&bootinfo);
	if (dma_start(no_interface) != 0) {
		panic("cannot start: the control domain's devices have no "
		      "domain");
	}
	linux_describe(&bootinfo, acpi_rsdp().addr);
	log_info("control domain: %lu MiB; guests' pool: %lu MiB",
		 control->p2m.ram_pages >> 8,
		 page_pool_counts(PAGE_POOL_GUEST).total >> 8);
	control_guest_enter(control, entry);
}
