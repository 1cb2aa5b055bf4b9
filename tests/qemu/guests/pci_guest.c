// SPDX-License-Identifier: MIT
/*
 * A guest finds and drives its device as on a bare machine: by configuration
 * mechanism 1, its own BAR, its own local APIC, MSI.
 *
 * Stage 1 looks at the bus; stage 2 at its own interrupts. Stage 3 programs MSI
 * in the standard way, and the device's interrupts must come; stage 4 programs
 * messages that are not its to send, and none of them may come.
 */
#include "guests/steps.h"
#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/interrupt.h"
#include "lib/pci.h"
#include "lib/report.h"

#define HOST_BRIDGE_CLASS 0x0600u
#define EDU_BAR_BYTES	  0x100000u

#define VECTOR_SELF   0x45u
#define VECTOR_MASKED 0x55u
#define SOON	      (CLOCK_SECOND / 5)

static struct edu edu;

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

void guest_main(void)
{
	static void (*const stages[])(void) = {
		[STAGE_BUS] = look_at_the_bus,
		[STAGE_OWN] = raise_own,
	};

	for (uint32_t stage = STAGE_BUS; stage < STAGE_PCI_END; stage++) {
		report_wait(stage);
		stages[stage]();
	}
	report_wait(STAGE_PCI_END);
}
