// SPDX-License-Identifier: MIT
/*
 * A guest drives an NVMe controller by MSI-X, as a stock driver does: it finds
 * it on its own bus, programs the table with plain moves, and gives the admin
 * queue one Identify command; the completion must come as the vector of entry
 * 0. Then entries that are not its to program, and the same command again.
 * NVM Express base specification 1.4, 3.1, 5.15, 7.6.1; PCI 3.0, 6.8.2.
 */
#include "guests/steps.h"
#include "lib/dma.h"
#include "lib/interrupt.h"
#include "lib/pci.h"
#include "lib/report.h"

#include <sluice/dma_iommu_types.h>

#define NVME_VENDOR 0x1b36u
#define NVME_DEVICE 0x0010u

/* Registers, in 32-bit words. */
#define NVME_CC	  (0x14 / 4)
#define NVME_CSTS (0x1c / 4)
#define NVME_AQA  (0x24 / 4)
#define NVME_ASQ  (0x28 / 4)
#define NVME_ACQ  (0x30 / 4)
#define NVME_SQ0  (0x1000 / 4)
#define NVME_CQ0  (0x1004 / 4)

#define CC_ENABLE  0x00460001u /* entries of 64 and 16 bytes */
#define CSTS_READY 1u
#define QUEUE_LAST 1u /* two entries, less one */

#define IDENTIFY       0x06u
#define CNS_CONTROLLER 1u

#define MSIX_CONTROL 2u
#define MSIX_TABLE   4u
#define MSIX_ON	     0x8000u
#define MSI_WINDOW   0xfee00000u
#define VECTOR	     0x41u

/* Pages for the device, logical = guest-physical. */
#define PAGE_SUBMIT   PAGE_SOURCE
#define PAGE_COMPLETE PAGE_TARGET
#define PAGE_DATA     PAGE_CANARY

struct command {
	uint32_t opcode; /* and identifier above */
	uint32_t namespace;
	uint64_t reserved, metadata;
	uint64_t data[2];
	uint32_t cdw10[6];
};

struct completion {
	uint32_t result, reserved, queue;
	uint32_t status; /* identifier, phase in bit 16, status above */
};

static uint32_t sbdf;
static volatile uint32_t *regs, *table;
static uint32_t submitted;

static bool within(volatile uint32_t *reg, uint32_t mask, uint32_t wanted)
{
	uint64_t begin = clock_ticks();

	while ((*reg & mask) != wanted) {
		if (clock_ticks() - begin > 10 * CLOCK_SECOND) {
			return false;
		}
		report_beat();
	}
	return true;
}

static void find(void)
{
	uint64_t domain, bytes = 0;
	uint32_t msix;

	sbdf = pci_find(NVME_VENDOR, NVME_DEVICE);
	REPORT(STEP_PCI_FOUND, sbdf != PCI_NONE, true, sbdf);
	regs = (void *)(uintptr_t)pci_bar(sbdf, 0, &bytes);
	REPORT(STEP_PCI_BYTES, bytes, REPORT_ANY, (uintptr_t)regs);
	pci_write16(sbdf, PCI_COMMAND, PCI_MEMORY | PCI_MASTER);
	msix = pci_capability(sbdf, PCI_CAP_MSIX);
	REPORT(STEP_MSI_FOUND, msix != 0, true, msix);
	table = regs + pci_read32(sbdf, msix + MSIX_TABLE) / 4;
	pci_write16(sbdf, msix + MSIX_CONTROL, MSIX_ON);
	domain = dma_open(DomainTypePassThrough);
	dma_attach(domain, dma_token(sbdf));
	interrupt_start();
}

static void start_controller(void)
{
	regs[NVME_CC] = 0;
	REPORT(STEP_NVME_READY, within(&regs[NVME_CSTS], CSTS_READY, 0), true,
	       0);
	regs[NVME_AQA] = QUEUE_LAST << 16 | QUEUE_LAST;
	regs[NVME_ASQ] = PAGE_SUBMIT;
	regs[NVME_ASQ + 1] = 0;
	regs[NVME_ACQ] = PAGE_COMPLETE;
	regs[NVME_ACQ + 1] = 0;
	regs[NVME_CC] = CC_ENABLE;
	REPORT(STEP_NVME_READY,
	       within(&regs[NVME_CSTS], CSTS_READY, CSTS_READY), true, 0);
}

static void program(uint32_t address, uint32_t data)
{
	table[3] = 1;
	table[0] = address;
	table[1] = 0;
	table[2] = data;
	table[3] = 0;
}

/* One Identify, and its completion. Return: the phase turned, status 0. */
static bool identify(void)
{
	uint32_t slot = submitted % (QUEUE_LAST + 1);
	uint32_t phase = submitted / (QUEUE_LAST + 1) % 2 == 0;
	volatile struct command *c = (void *)(uintptr_t)PAGE_SUBMIT;
	volatile struct completion *done = (void *)(uintptr_t)PAGE_COMPLETE;

	*(volatile uint32_t *)(uintptr_t)PAGE_DATA = 0;
	c[slot] = (struct command){
		.opcode = IDENTIFY | submitted << 16,
		.data = {PAGE_DATA, 0},
		.cdw10 = {CNS_CONTROLLER},
	};
	submitted++;
	regs[NVME_SQ0] = submitted % (QUEUE_LAST + 1);
	if (!within(&done[slot].status, 1u << 16, phase << 16)) {
		return false;
	}
	regs[NVME_CQ0] = submitted % (QUEUE_LAST + 1);
	return done[slot].status >> 17 == 0 &&
	       *(volatile uint16_t *)(uintptr_t)PAGE_DATA == NVME_VENDOR;
}

static void take_completions(void)
{
	find();
	start_controller();
	program(MSI_WINDOW, VECTOR);
	REPORT(STEP_MSI_READ,
	       table[0] == MSI_WINDOW && table[2] == VECTOR && table[3] == 0,
	       true, 0);
	for (uint32_t n = 1; n <= 3; n++) {
		REPORT(STEP_NVME_DONE, identify(), true, 0);
		REPORT(STEP_MSI_TAKEN,
		       interrupt_within(VECTOR, n, CLOCK_SECOND), true, VECTOR);
	}
	/* Masked it is kept back, and comes when it is unmasked. */
	table[3] = 1;
	REPORT(STEP_NVME_DONE, identify(), true, 0);
	REPORT(STEP_MSI_MASKED, interrupt_within(VECTOR, 4, CLOCK_SECOND / 5),
	       false, 0);
	table[3] = 0;
	REPORT(STEP_MSI_TAKEN, interrupt_within(VECTOR, 4, CLOCK_SECOND), true,
	       VECTOR);
}

static void try_foreign_messages(void)
{
	static const struct {
		uint32_t address, data;
	} messages[] = {
		{MSI_WINDOW, 0x431},	      /* NMI                  */
		{MSI_WINDOW, 0x531},	      /* INIT                 */
		{MSI_WINDOW | 1 << 12, 0x41}, /* another CPU          */
		{MSI_WINDOW | 0x10, 0x41},    /* an entry of the unit's */
		{MSI_WINDOW, 0xf0},
		{PAGE_DATA, 0x41}, /* its own memory       */
	};

	for (uint32_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		uint32_t before = interrupt_total();

		program(messages[i].address, messages[i].data);
		REPORT(STEP_NVME_DONE, identify(), true, i);
		(void)interrupt_within(0, 1, CLOCK_SECOND / 5);
		REPORT(STEP_FOREIGN, interrupt_total() - before, 0, i);
	}
	program(MSI_WINDOW, VECTOR + 1);
	REPORT(STEP_NVME_DONE, identify(), true, 0);
	REPORT(STEP_MSI_TAKEN, interrupt_within(VECTOR + 1, 1, CLOCK_SECOND),
	       true, VECTOR + 1);
}

void guest_main(void)
{
	report_wait(1);
	take_completions();
	report_wait(2);
	try_foreign_messages();
	report_wait(3);
	/* A move that is not understood ends the guest here. */
	__asm__ volatile("lock; orl $0, (%0)" : : "r"(table) : "memory");
	report_wait(4);
}
