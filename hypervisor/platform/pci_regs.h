/* SPDX-License-Identifier: MIT */
/*
 * Registers of a PCI function's configuration space, offsets in bytes. PCI 3.0,
 * 6.1 and 6.2 (header); PCI Express base specification, 7.5.3 (Express) and
 * 10.5 (ATS, page request); PCI Advanced Capabilities for Conventional PCI.
 */
#pragma once

#include "lib/bits.h"

/* Every header. */
#define PCI_VENDOR	0x00
#define PCI_COMMAND	0x04
#define PCI_CLASS	0x08
#define PCI_CACHE_LINE	0x0c /* and the latency timer above it */
#define PCI_HEADER_TYPE 0x0e
#define PCI_BAR0	0x10
#define PCI_INTERRUPT	0x3c

#define COMMAND_MEMORY	BIT(1)
#define COMMAND_MASTER	BIT(2)
#define COMMAND_NO_INTX BIT(10)
#define HEADER_LAYOUT	GENMASK(6, 0)
#define HEADER_BRIDGE	1u
#define HEADER_MULTI	BIT(7)

/* A base address register. */
#define BAR_IO	    BIT(0)
#define BAR_TYPE    GENMASK(2, 1)
#define BAR_TYPE_64 2u
#define BAR_FLAGS   GENMASK(3, 0)

/* An endpoint's. */
#define PCI_ROM 0x30

/* A bridge's. */
#define PCI_SECONDARY	   0x19
#define PCI_SUBORDINATE	   0x1a
#define PCI_BRIDGE_CONTROL 0x3e
#define BRIDGE_RESET	   BIT(6)

/* PCI Express capability. */
#define EXPRESS_FLAGS	     0x02
#define EXPRESS_PORT	     GENMASK(7, 4)
#define EXPRESS_PORT_ROOT    4u
#define EXPRESS_PORT_DOWN    6u
#define EXPRESS_PORT_TO_PCI  7u
#define EXPRESS_SLOT	     BIT(8)
#define EXPRESS_DEVICE_CAP   0x04
#define DEVICE_CAP_PHANTOM   GENMASK(4, 3)
#define DEVICE_CAP_FLR	     BIT(28)
#define EXPRESS_DEVICE_CTL   0x08
#define DEVICE_CTL_FLR	     BIT(15)
#define EXPRESS_DEVICE_STS   0x0a
#define DEVICE_STS_PENDING   BIT(5)
#define EXPRESS_LINK_CTL     0x10
#define EXPRESS_SLOT_CAP     0x14
#define SLOT_CAP_HOTPLUG     BIT(6)
#define EXPRESS_SLOT_CTL     0x18 /* which events of the status are told */
#define SLOT_CTL_PRESENCE    BIT(3)
#define SLOT_CTL_INTERRUPT   BIT(5)
#define SLOT_CTL_LINK	     BIT(12)
#define EXPRESS_SLOT_STS     0x1a
#define SLOT_STS_PRESENCE    BIT(3)
#define SLOT_STS_LINK	     BIT(8)
#define EXPRESS_DEVICE_CTL_2 0x28

/* Advanced Features capability; one byte each. */
#define AF_CAP		  0x03
#define AF_CAP_PENDING	  BIT(0)
#define AF_CAP_FLR	  BIT(1)
#define AF_CONTROL	  0x04
#define AF_CONTROL_FLR	  BIT(0)
#define AF_STATUS	  0x05
#define AF_STATUS_PENDING BIT(0)

/* Control registers of ATS, page requests and PASIDs: 16 bits, 0 = off. */
#define ATS_CONTROL   0x06
#define PRI_CONTROL   0x04
#define PASID_CONTROL 0x06
