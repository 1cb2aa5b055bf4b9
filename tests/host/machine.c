// SPDX-License-Identifier: MIT
/*
 * Building a machine and taking it down: the hypervisor's start-up in the order
 * of boot/main.c, over fakes; and the questions asked at the end.
 */
#include "machine.h"

#include "clock.h"
#include "dma/dma.h"
#include "dma/firmware.h"
#include "fail_at.h"
#include "fake_cpu.h"
#include "fake_firmware.h"
#include "fake_guest.h"
#include "fake_tlb.h"
#include "guest/guest.h"
#include "guestmem.h"
#include "iommu/unit.h"
#include "platform/acpi.h"
#include "platform/pci.h"
#include "ram.h"

#include <string.h>

#define FIRMWARE_BYTES UINT64_C(0x10000)

static struct {
	struct machine_config config;
	struct fake_unit *unit[MACHINE_UNITS_MAX];
	uint64_t firmware; /* machine address of the RSDP */
	uint32_t no_interface;
	struct fake_guest *control;
	struct machine_counts baseline;
	struct machine_messages messages;
	bool is_up;
} machine;

struct machine_config machine_default(void)
{
	struct machine_config c = {
		.stage = MACHINE_SERVICE,
		.hypervisor_pages = 2048,
		.guest_pages = 2048,
		.control_pages = 1024,
		.clock_step_ns = 10000,
		.unit_count = 1,
		.unit = {FAKE_VTD_DEFAULT},
		.function_count = 5,
	};

	c.function[0] = (struct fake_function_config){
		.vendor = 0x8086, .device = 0x29c0, .class_code = 0x060000};
	for (unsigned i = 1; i < c.function_count; i++) {
		c.function[i] = (struct fake_function_config){
			.sbdf = SLUICE_SBDF(0, 0, 2 + i, 0),
			.vendor = 0x1234,
			.device = 0x11e8,
			.class_code = 0x00ff00,
		};
		c.function[i].bar[0].address = MACHINE_BAR_BASE + (i << 20);
		c.function[i].bar[0].bytes = 1 << 20;
	}
	return c;
}

struct machine_config machine_amd(void)
{
	struct machine_config c = machine_default();

	c.vendor = MACHINE_AMD;
	c.amdvi[0] = FAKE_AMDVI_DEFAULT;
	/* Its device table is large. */
	c.hypervisor_pages += 512;
	c.function[c.function_count++] = (struct fake_function_config){
		.sbdf = MACHINE_AMDVI_SBDF(0),
		.vendor = 0x1022,
		.device = 0x1419,
		.class_code = 0x080600,
		.unit = FAKE_NO_UNIT,
	};
	return c;
}

static void build_ram(const struct machine_config *c)
{
	uint64_t hypervisor = c->hypervisor_pages * PAGE_BYTES;
	uint64_t guests = c->guest_pages * PAGE_BYTES;
	uint64_t control = c->control_pages * PAGE_BYTES;

	ram_create(hypervisor + guests + control + FIRMWARE_BYTES, hypervisor);
	/* Not at the end, so that a table may claim to be longer than it is. */
	machine.firmware = MACHINE_RAM_BASE + hypervisor + guests;
	page_pool_add(PAGE_POOL_HYPERVISOR, to_hpa(MACHINE_RAM_BASE),
		      c->hypervisor_pages);
	page_pool_add(PAGE_POOL_GUEST, to_hpa(MACHINE_RAM_BASE + hypervisor),
		      c->guest_pages);
}

/* Header of the capability block: secure device, an IOMMU, NpCache, EFRSup. */
static uint32_t amdvi_capability(const struct machine_config *c, uint32_t sbdf)
{
	unsigned n = sbdf - MACHINE_AMDVI_SBDF(0);

	return 0x0803000f |
	       (n < MACHINE_UNITS_MAX && c->amdvi[n].np_cache ? 1u << 26 : 0);
}

static void build_hardware(const struct machine_config *c)
{
	for (unsigned i = 0; i < c->unit_count; i++) {
		machine.unit[i] =
			c->vendor == MACHINE_AMD
				? fake_unit_amdvi(&c->amdvi[i],
						  MACHINE_AMDVI_BASE +
							  i * FAKE_AMDVI_WINDOW)
				: fake_unit_vtd(&c->unit[i],
						MACHINE_VTD_BASE +
							i * PAGE_BYTES);
	}
	for (unsigned i = 0; i < c->function_count; i++) {
		struct fake_function_config f = c->function[i];

		if (f.class_code == 0x080600 && f.capability == 0) {
			f.capability = amdvi_capability(c, f.sbdf);
		}
		fake_function_add(&f);
	}
}

static void start_firmware(const struct machine_config *c)
{
	uint8_t dmar[FIRMWARE_TABLE_MAX], ivrs[FIRMWARE_TABLE_MAX];
	struct firmware_tables t = {c->dmar, c->dmar_bytes, c->ivrs,
				    c->ivrs_bytes};

	if (t.dmar == NULL && c->unit_count != 0 &&
	    c->vendor == MACHINE_INTEL) {
		t.dmar_bytes = firmware_dmar(c, dmar);
		t.dmar = dmar;
	}
	if (t.ivrs == NULL && c->unit_count != 0 && c->vendor == MACHINE_AMD) {
		t.ivrs_bytes = firmware_ivrs(c, ivrs);
		t.ivrs = ivrs;
	}
	firmware_place(machine.firmware, &t);
	if (acpi_start(to_hpa(machine.firmware)) != 0) {
		machine_fail("acpi_start() finds no root pointer");
	}
	if (pci_start() != 0) {
		machine_fail("pci_start() finds no MCFG");
	}
}

static bool is_reserved(struct range at)
{
	for (unsigned i = 0; i < MACHINE_RESERVED_MAX; i++) {
		if (range_contains(machine.config.reserved[i], at)) {
			return true;
		}
	}
	return false;
}

static void start_service(const struct machine_config *c)
{
	dma_is_firmware_memory = is_reserved;
	fake_cpu_start();
	fake_tlb_start();
	machine.control = fake_guest_control_create(
		machine.firmware + FIRMWARE_BYTES, c->control_pages);
	if (dma_start(machine.no_interface) != 0 &&
	    machine.no_interface == SLUICE_INTERFACE_PRESENT) {
		machine_fail("dma_start() failed");
	}
}

void machine_boot(const struct machine_config *config)
{
	struct machine_config c = config ? *config : machine_default();

	if (machine.is_up) {
		machine_reset();
	}
	machine.config = c;
	machine.is_up = true;
	clock_reset(c.clock_step_ns);
	build_ram(&c);
	build_hardware(&c);
	if (c.stage >= MACHINE_FIRMWARE) {
		start_firmware(&c);
	}
	machine.no_interface = SLUICE_INTERFACE_NO_IOMMU;
	if (c.stage >= MACHINE_IOMMU) {
		machine.no_interface =
			c.start_units != NULL ? c.start_units() : iommu_start();
	}
	if (c.stage >= MACHINE_SERVICE) {
		start_service(&c);
	}
	machine.baseline = machine_counts();
}

static void check_unit(unsigned n)
{
	const char *violation = fake_unit_violation(machine.unit[n]);

	if (violation != NULL) {
		machine_fail("IOMMU unit %u: %s", n, violation);
	}
}

static void check_pool(enum page_pool pool, const char *name)
{
	uint64_t was = machine.baseline.pool[pool].free;
	uint64_t is = machine_counts().pool[pool].free;

	if (is != was) {
		machine_fail("%s pool: %lu pages free after boot, %lu at the "
			     "end",
			     name, (unsigned long)was, (unsigned long)is);
	}
}

/* The tables of one segment say what the registry says, id by id. */
static void audit_segment(uint32_t segment)
{
	struct sluice_audit a = {.checked = 0};

	for (uint32_t id = 0; id < 0x10000; id += a.checked) {
		a.first = segment << 16 | id;
		if (dma_audit(&a) != STATUS_SUCCESS) {
			return; /* There is no interface. */
		}
		if (a.wrong_count != 0) {
			machine_fail("requester %x: %s is %s", a.wrong[0],
				     (a.wrong_interrupts & 1) != 0
					     ? "its interrupts' way"
					     : "its DMA's way",
				     (a.wrong_open & 1) != 0
					     ? "open and should be blocked"
					     : "blocked and should be open");
		}
	}
}

static void audit(void)
{
	for (unsigned i = 0; iommu_unit_at(i) != NULL; i++) {
		audit_segment(iommu_unit_at(i)->segment);
	}
}

void machine_shutdown(void)
{
	fail_off();
	audit();
	fake_guests_destroy_all();
	audit();
	check_pool(PAGE_POOL_HYPERVISOR, "hypervisor");
	check_pool(PAGE_POOL_GUEST, "guest");
	for (unsigned i = 0; i < machine.config.unit_count; i++) {
		check_unit(i);
	}
	if (guestmem_double_reads() != 0) {
		machine_fail("%u reads of guest memory already read in the "
			     "same hypercall",
			     guestmem_double_reads());
	}
	machine_reset();
}

void machine_reset(void)
{
	dma_reset();
	iommu_reset();
	pci_reset();
	guest_reset();
	page_reset();
	p2m_flush = NULL;
	machine_on_message = NULL;
	fake_guests_forget();
	fake_functions_reset();
	fake_intr_reset();
	fail_reset();
	guestmem_reset();
	for (unsigned i = 0; i < MACHINE_UNITS_MAX; i++) {
		if (machine.unit[i] != NULL) {
			fake_unit_destroy(machine.unit[i]);
		}
	}
	ram_destroy();
	memset(&machine, 0, sizeof(machine));
}

uint32_t machine_no_interface(void)
{
	return machine.no_interface;
}

struct fake_unit *machine_unit(unsigned n)
{
	return n < MACHINE_UNITS_MAX ? machine.unit[n] : NULL;
}

struct fake_unit *machine_catch_all_unit(void)
{
	for (unsigned i = 0; i < machine.config.unit_count; i++) {
		bool is_explicit =
			machine.config.vendor == MACHINE_AMD
				? machine.config.amdvi[i].explicit_scope
				: machine.config.unit[i].explicit_scope;

		if (!is_explicit) {
			return machine.unit[i];
		}
	}
	return NULL;
}

struct fake_guest *machine_control(void)
{
	return machine.control;
}

void (*machine_on_message)(uint64_t address, uint32_t data);

void machine_message(uint64_t address, uint32_t data)
{
	machine.messages.count++;
	machine.messages.address = address;
	machine.messages.data = data;
	if (machine_on_message != NULL) {
		machine_on_message(address, data);
	}
}

struct machine_messages machine_messages(void)
{
	return machine.messages;
}

hpa_t machine_rsdp(void)
{
	return to_hpa(machine.firmware);
}

struct machine_counts machine_counts(void)
{
	struct machine_counts counts;

	for (unsigned i = 0; i < PAGE_POOL_COUNT; i++) {
		counts.pool[i] = page_pool_counts((enum page_pool)i);
	}
	return counts;
}
