/* SPDX-License-Identifier: MIT */
/*
 * Between two owners: what a PCI function was set to is recorded, the function
 * is reset, and what the reset took is put back. A reset goes on in steps, none
 * of which waits, so that no lock is held for as long as hardware needs.
 *
 *   pci_reset_describe   at start: how can it be reset?
 *   pci_reset_record     it leaves the control domain
 *   pci_reset_begin      it is blocked, and nobody's
 *   pci_reset_step ...   until it says something else than -XEN_EAGAIN
 *   pci_reset_open       it goes to a guest: registers answer, DMA is off
 *
 * No power-state reset (D3hot to D0): a function that says nothing against it
 * (No_Soft_Reset clear) need not do it, and nothing shows whether it did;
 * QEMU's e1000e is one.
 */
#pragma once

#include "arch/time.h"
#include "platform/pci.h"
#include "platform/pci_slot.h"

#include <sluice/assign.h>

enum pci_reset_phase {
	PCI_RESET_IDLE,
	PCI_RESET_DRAIN,  /* its own requests are to come to an end          */
	PCI_RESET_HOLD,	  /* its bus is held in reset                        */
	PCI_RESET_SETTLE, /* nobody may talk to it                           */
	PCI_RESET_ANSWER, /* it may take more time, and says so              */
};

struct pci_reset {
	/* Fixed at start. */
	const struct pci_device *dev;
	const struct pci_device *bridge; /* for a bus reset alone            */
	struct pci_slot slot;		 /* below it                         */
	enum sluice_reset_way way;
	unsigned express;  /* offset of the PCI Express capability, 0 = none */
	unsigned advanced; /* of Advanced Features                           */

	/* Recorded. */
	uint16_t command;
	uint16_t cache_line;
	uint8_t interrupt_line;
	uint16_t device_control;
	uint16_t device_control_2;
	uint16_t link_control;
	uint32_t bar[SLUICE_BARS_MAX];
	uint32_t rom;

	/* Under way. */
	enum pci_reset_phase phase;
	struct deadline until;
};

/* The list of functions is complete, no guest runs. */
void pci_reset_describe(struct pci_reset *reset, const struct pci_device *dev);

/**
 * pci_reset_record() - Remember what a reset will take away.
 * Return: 0; -XEN_EIO it does not answer; -XEN_EOPNOTSUPP a BAR is not where it
 * was at start, which is where a guest would be given it.
 */
int pci_reset_record(struct pci_reset *reset) __must_check;

/* pci_reset_begin() - Its DMA off, what it has under way may end; way != NONE.
 */
void pci_reset_begin(struct pci_reset *reset);

/**
 * pci_reset_step() - Go on as far as that goes without waiting.
 * Return: 0 done, and what was recorded is back, but bus-master off;
 * -XEN_EAGAIN not yet; -XEN_EIO it does not answer, or does not take its BARs
 * back: it may be begun again.
 */
int pci_reset_step(struct pci_reset *reset) __must_check;

/**
 * pci_reset_restore() - Put back what was recorded, without a reset.
 * Return: 0; -XEN_EIO it does not answer, or does not take its BARs back.
 */
int pci_reset_restore(const struct pci_reset *reset) __must_check;

/**
 * pci_reset_open() - For a guest: memory decoded; bus-master and INTx off, and
 * ATS, page requests and PASIDs, which no unit's entry allows.
 */
void pci_reset_open(const struct pci_reset *reset);

/* pci_reset_quiet() - ATS, page requests and PASIDs off, without the rest. */
void pci_reset_quiet(const struct pci_reset *reset);
