// SPDX-License-Identifier: MIT
/*
 * A guest finds and drives its device as on a bare machine: by configuration
 * mechanism 1, its own BAR, its own local APIC, MSI.
 *
 * Stage 1 looks at the bus; stage 2 at its own interrupts. Stage 3 programs MSI
 * in the standard way, and the device's interrupts must come; stage 4 programs
 * messages that are not its to send, and stage 5 forges them by DMA: none may
 * come.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/edu.h"
#include "lib/interrupt.h"
#include "lib/pci.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

#define HOST_BRIDGE_CLASS 0x0600u
#define EDU_BAR_BYTES	  0x100000u

#define VECTOR_SELF   0x45u
#define VECTOR_MASKED 0x55u
#define SOON	      (CLOCK_SECOND / 5)

#define VECTOR_FIRST  0x31u
#define VECTOR_SECOND 0x62u

#define MSI_CONTROL 2u
#define MSI_ADDRESS 4u
#define MSI_UPPER   8u
#define MSI_DATA    12u
#define MSI_WINDOW  0xfee00000u

static struct edu edu;
static uint32_t msi; /* its capability's offset */

/* What the hypervisor's list says of it must be what the bus says. */
static void look_at_the_bus(void)
{
	struct edu listed;
	uint64_t bytes = 0, place;
	uint32_t found = 0;

	edu.sbdf = pci_find(EDU_VENDOR, EDU_DEVICE);
	REPORT(STEP_PCI_BRIDGE, pci_read16(0, 0x0a), HOST_BRIDGE_CLASS, 0);
	REPORT(STEP_EDU_FOUND, edu_find(&listed), STATUS_SUCCESS, listed.sbdf);
	REPORT(STEP_PCI_FOUND, edu.sbdf, listed.sbdf, 0);
	for (uint32_t sbdf = 0; sbdf < 0x10000; sbdf++) {
		found += pci_read16(sbdf, 0) != 0xffff;
	}
	REPORT(STEP_PCI_COUNT, found, 2, 0);
	place = pci_bar(edu.sbdf, 0, &bytes);
	REPORT(STEP_PCI_BAR, place == (uintptr_t)listed.bar, true, place);
	REPORT(STEP_PCI_BYTES, bytes, EDU_BAR_BYTES, 0);
	edu.bar = (void *)(uintptr_t)place;
	pci_write16(edu.sbdf, PCI_COMMAND, PCI_MEMORY);
	REPORT(STEP_EDU_ID, edu_identification(&edu), EDU_IDENTIFICATION, 0);
	REPORT(STEP_EDU_ALIVE, edu_is_alive(&edu), true, 0);
	REPORT(STEP_PCI_PIN, pci_read16(edu.sbdf, 0x3c), 0, 0);
}

static void raise_own(void)
{
	uint64_t begin;

	interrupt_start();
	REPORT(STEP_APIC_ID, msr_read(X2APIC_ID), 0, 0);
	msr_write(X2APIC_SELF, VECTOR_SELF);
	REPORT(STEP_SELF, interrupt_within(VECTOR_SELF, 1, SOON), true, 0);
	/* Held back by the task priority, then by the flag. */
	__asm__ volatile("mov %0, %%cr8" : : "r"(UINT64_C(5)));
	msr_write(X2APIC_SELF, VECTOR_MASKED);
	REPORT(STEP_SELF_HELD, interrupt_within(VECTOR_MASKED, 1, SOON), false,
	       msr_read(X2APIC_TPR));
	__asm__ volatile("mov %0, %%cr8" : : "r"(UINT64_C(0)));
	REPORT(STEP_SELF_FREED, interrupt_within(VECTOR_MASKED, 1, SOON), true,
	       0);
	__asm__ volatile("cli");
	msr_write(X2APIC_SELF, VECTOR_SELF);
	begin = clock_ticks();
	while (clock_ticks() - begin < SOON) {
		__asm__ volatile("pause");
	}
	REPORT(STEP_SELF_HELD, interrupt_count(VECTOR_SELF), 1, 0);
	interrupt_halt();
	REPORT(STEP_SELF, interrupt_count(VECTOR_SELF), 2, 0);
	REPORT(STEP_TOTAL, interrupt_total(), 3, 0);
}

static void program(uint32_t address, uint16_t data)
{
	pci_write16(edu.sbdf, msi + MSI_CONTROL, 0);
	pci_write32(edu.sbdf, msi + MSI_ADDRESS, address);
	pci_write32(edu.sbdf, msi + MSI_UPPER, 0);
	pci_write16(edu.sbdf, msi + MSI_DATA, data);
	pci_write16(edu.sbdf, msi + MSI_CONTROL, 1);
}

/* Did the device's next interrupt come as this vector? */
static bool takes(uint8_t vector)
{
	uint32_t before = interrupt_count(vector);
	bool came;

	edu_raise(&edu, EDU_ASKED_FACTORIAL);
	came = interrupt_within(vector, before + 1, CLOCK_SECOND);
	edu_acknowledge(&edu, EDU_ASKED_FACTORIAL);
	return came;
}

/* How many interrupts of any vector come although none should? */
static uint32_t strays(void)
{
	uint32_t before = interrupt_total();

	edu_raise(&edu, EDU_ASKED_FACTORIAL);
	(void)interrupt_within(0, 1, SOON);
	edu_acknowledge(&edu, EDU_ASKED_FACTORIAL);
	return interrupt_total() - before;
}

static void take_messages(void)
{
	msi = pci_capability(edu.sbdf, PCI_CAP_MSI);
	REPORT(STEP_MSI_FOUND, msi != 0, true, msi);
	pci_write16(edu.sbdf, PCI_COMMAND, PCI_MEMORY | PCI_MASTER);
	REPORT(STEP_MSI_EARLY, strays(), 0, 0);
	program(MSI_WINDOW, VECTOR_FIRST);
	REPORT(STEP_MSI_READ,
	       pci_read32(edu.sbdf, msi + MSI_ADDRESS) == MSI_WINDOW &&
		       pci_read16(edu.sbdf, msi + MSI_DATA) == VECTOR_FIRST,
	       true, 0);
	REPORT(STEP_MSI_TAKEN, takes(VECTOR_FIRST), true, VECTOR_FIRST);
	REPORT(STEP_MSI_TAKEN, takes(VECTOR_FIRST), true, VECTOR_FIRST);
	program(MSI_WINDOW, VECTOR_SECOND);
	REPORT(STEP_MSI_TAKEN, takes(VECTOR_SECOND), true, VECTOR_SECOND);
	/* With the flag off, so that it cannot come before the guest halts. */
	__asm__ volatile("cli");
	edu_compute_told(&edu, 5);
	interrupt_halt();
	REPORT(STEP_HALTED, interrupt_count(VECTOR_SECOND), 2, 0);
	edu_acknowledge(&edu, EDU_ASKED_FACTORIAL);
	REPORT(STEP_FACTORIAL, edu_computed(&edu), 120, 0);
	pci_write16(edu.sbdf, msi + MSI_CONTROL, 0);
	REPORT(STEP_MSI_MASKED, strays(), 0, 0);
	REPORT(STEP_TOTAL, interrupt_total(), 7, 0);
}

static void try_foreign_messages(void)
{
	static const struct {
		uint32_t address;
		uint16_t data;
	} messages[] = {
		{MSI_WINDOW, 0x431},	      /* NMI, to itself            */
		{MSI_WINDOW, 0x531},	      /* INIT                      */
		{MSI_WINDOW, 0x231},	      /* SMI                       */
		{MSI_WINDOW, 0x731},	      /* external                  */
		{MSI_WINDOW | 1 << 12, 0x31}, /* the next CPU              */
		{MSI_WINDOW | 2 << 12, 0x31}, /* and the one behind        */
		{MSI_WINDOW, 0xf0},	      /* the hypervisor's wake-up  */
		{MSI_WINDOW, 0xff},	      /* its spurious vector       */
		{MSI_WINDOW, 0x0e},	      /* an exception              */
		{MSI_WINDOW, 0x8031},	      /* level-triggered           */
		{MSI_WINDOW | 0x10, 0x31},    /* an entry of the unit's    */
		{0x80000, 0x31},	      /* its own memory            */
	};

	for (uint32_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		program(messages[i].address, messages[i].data);
		REPORT(STEP_FOREIGN, strays(), 0, i);
	}
	program(MSI_WINDOW, VECTOR_FIRST);
	REPORT(STEP_MSI_TAKEN, takes(VECTOR_FIRST), true, VECTOR_FIRST);
}

/* What the device's buffer holds, to write it wherever it is to go. */
static void load_buffer(uint32_t word)
{
	uint64_t domain = dma_open(DomainTypeTranslate);

	*(volatile uint32_t *)(uintptr_t)PAGE_SOURCE = word;
	dma_attach(domain, dma_token(edu.sbdf));
	dma_map(domain, PAGE_SOURCE, LOGICAL_SOURCE,
		IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE);
	REPORT(STEP_COPY_IN,
	       edu_copy(&edu, EDU_READS_MEMORY, LOGICAL_SOURCE, 0, 4), true, 0);
}

/*
 * The device writes into the window what it was never given to send: to
 * entries of others, and to its own CPU a vector that is programmed nowhere.
 * Its own entry stays as it is.
 */
static void forge_messages(void)
{
	static const uint32_t windows[] = {
		MSI_WINDOW | 0x10 | 200 << 5, /* an entry nobody has        */
		MSI_WINDOW | 0x18 | 201 << 5,
		MSI_WINDOW | 1 << 12, /* to a CPU, as it was before remapping */
		MSI_WINDOW | 2 << 12,
	};
	uint32_t before = interrupt_total();

	load_buffer(0x66);
	for (uint32_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		REPORT(STEP_FORGED,
		       edu_copy(&edu, EDU_WRITES_MEMORY, windows[i], 0, 4),
		       true, windows[i]);
		REPORT(STEP_STOLEN, interrupt_total() - before, 0, windows[i]);
	}
	REPORT(STEP_MSI_TAKEN, takes(VECTOR_FIRST), true, VECTOR_FIRST);
}

void guest_main(void)
{
	static void (*const stages[])(void) = {
		[STAGE_BUS] = look_at_the_bus,
		[STAGE_OWN] = raise_own,
		[STAGE_MSI] = take_messages,
		[STAGE_FOREIGN] = try_foreign_messages,
		[STAGE_FORGED] = forge_messages,
	};

	for (uint32_t stage = STAGE_BUS; stage < STAGE_PCI_END; stage++) {
		report_wait(stage);
		stages[stage]();
	}
	report_wait(STAGE_PCI_END);
}
