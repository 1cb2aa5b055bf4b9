/* SPDX-License-Identifier: MIT */
/*
 * A guest with one function that has every capability a guest may see and some
 * it may not, and a unit that notes what is asked of interrupt remapping.
 */
#pragma once

#include "fake_cpu.h"
#include "fake_registers.h"
#include "iommu/unit.h"
#include "service_fixture.h"
#include "vpci/vpci.h"

#define BAR_MACHINE (MACHINE_BAR_BASE + (UINT64_C(1) << 20)) /* of D1     */
#define BAR_AT	    UINT64_C(0xe0000000) /* in the guest's view           */
#define BAR_BYTES   (UINT64_C(1) << 20)

/* Capabilities of D1. */
#define AT_VENDOR  0x40u /* not shown */
#define AT_POWER   0x50u
#define AT_MSI	   0x60u
#define AT_EXPRESS 0x80u
#define AT_MSIX	   0xc0u

/* MSI-X: 5 entries from 2 KiB into the BAR's third page; PBA behind. */
#define TABLE_PAGE  UINT64_C(0x2000)
#define TABLE	    (TABLE_PAGE + 0x800)
#define TABLE_COUNT 5u
#define PENDING	    (TABLE_PAGE + 0xc00)

/* What the unit is told to make of message @n. */
#define MESSAGE_ADDRESS UINT64_C(0xfee00010)
#define MESSAGE_DATA(n) (0x40u + (n))

/* The guest's own messages: to vector 0x31 .. of its CPU, physical. */
#define OWN_ADDRESS UINT64_C(0xfee00000)

/* What the unit holds; a vector of 0 = dropped. */
extern struct iommu_vector vpci_entry[IOMMU_INTR_ENTRIES];
extern unsigned vpci_sets; /* calls so far */
extern int vpci_set_error; /* answered once, then 0 */

/* Machine, guest, D1 assigned to it at V1, mapped at BAR_AT. */
struct fake_guest *vpci_boot(bool remaps_interrupts);

/* ... with other words of configuration space. */
struct fake_guest *vpci_boot_with(bool remaps_interrupts,
				  const struct fake_register *registers,
				  unsigned count);

/* vpci_boot_end() - Take it down, checking. */
void vpci_boot_end(void);

/* Configuration space through the ports: @bytes at @at of V1. */
uint32_t config_get(struct fake_guest *g, unsigned at, unsigned bytes);
void config_put(struct fake_guest *g, unsigned at, unsigned bytes,
		uint32_t value);
/* The same of any function, and any address word. */
uint32_t port_get(struct fake_guest *g, uint32_t address, unsigned offset,
		  unsigned bytes);

/* The MSI-X table's page, @at from the BAR's start; fails unless it is one. */
uint64_t table_get(struct fake_guest *g, uint64_t at, unsigned bytes);
void table_put(struct fake_guest *g, uint64_t at, unsigned bytes,
	       uint64_t value);
