/* SPDX-License-Identifier: MIT */
/*
 * AMD-Vi: registers, device table entry, commands and events, in the manual's
 * order.
 *
 * AMD I/O Virtualization Technology (IOMMU) specification, 48882, chapters
 * "Architecture" (tables, commands, events) and "Register Reference". Fields of
 * two doublewords are given in the 64-bit word that holds them.
 */
#pragma once

#include "arch/store128.h"
#include "lib/bits.h"

/* clang-format off */
/* Offset, width, access, meaning. */
enum amdvi_reg {
	AMDVI_DEVTAB   = 0x0000, /* 64 RW   device table base and size            */
	AMDVI_CMDBUF   = 0x0008, /* 64 RW   command buffer base and length        */
	AMDVI_EVTLOG   = 0x0010, /* 64 RW   event log base and length             */
	AMDVI_CONTROL  = 0x0018, /* 64 RW   what is switched on                   */
	AMDVI_EXCLBASE = 0x0020, /* 64 RW   exclusion range: base, enable         */
	AMDVI_EXCLLIM  = 0x0028, /* 64 RW   exclusion range: limit                */
	AMDVI_EFR      = 0x0030, /* 64 RO   extended features                     */
	AMDVI_CMDHEAD  = 0x2000, /* 64 RW   command buffer, byte offset of head   */
	AMDVI_CMDTAIL  = 0x2008, /* 64 RW   command buffer, byte offset of tail   */
	AMDVI_EVTHEAD  = 0x2010, /* 64 RW   event log, byte offset of head        */
	AMDVI_EVTTAIL  = 0x2018, /* 64 RW   event log, byte offset of tail        */
	AMDVI_STATUS   = 0x2020, /* 64 RW1C what has happened, what is running    */
};

#define AMDVI_WINDOW          UINT64_C(0x4000)  /* registers without counters */
#define AMDVI_WINDOW_COUNTERS UINT64_C(0x80000) /* with them (EFR.PCSup)      */

/* Capability block in the configuration space of the unit's PCI function. */
#define AMDVI_CAP_ID      GENMASK(7, 0)   /* 0fh: secure device              */
#define AMDVI_CAP_TYPE    GENMASK(18, 16) /* 3: an IOMMU                     */
#define AMDVI_CAP_NPCACHE BIT(26)         /* absent entries are cached       */

/* Device Table Base Address Register. */
#define AMDVI_DEVTAB_BASE GENMASK(51, 12)
#define AMDVI_DEVTAB_SIZE GENMASK(8, 0) /* 4 KiB pages - 1                   */

/* Command Buffer and Event Log Base Address Registers. */
#define AMDVI_RING_BASE   GENMASK(51, 12)
#define AMDVI_RING_LENGTH GENMASK(59, 56) /* log2 of entries, 8..15          */

/* Control Register. */
#define AMDVI_CTL_IOMMU_EN    BIT(0)        /* translation                   */
#define AMDVI_CTL_HT_TUN_EN   BIT(1)        /* HyperTransport tunnel         */
#define AMDVI_CTL_EVENTLOG_EN BIT(2)
#define AMDVI_CTL_EVENTINT_EN BIT(3)        /* interrupt at an event         */
#define AMDVI_CTL_COMWAIT_INT BIT(4)        /* interrupt at COMPLETION_WAIT  */
#define AMDVI_CTL_INV_TIMEOUT GENMASK(7, 5) /* for devices' own caches       */
#define AMDVI_CTL_PASS_PW     BIT(8)        /* PassPW of requests            */
#define AMDVI_CTL_RES_PASS_PW BIT(9)        /* PassPW of responses           */
#define AMDVI_CTL_COHERENT    BIT(10)       /* device table reads snoop      */
#define AMDVI_CTL_ISOC        BIT(11)       /* isochronous requests          */
#define AMDVI_CTL_CMDBUF_EN   BIT(12)
#define AMDVI_CTL_PPRLOG_EN   BIT(13)       /* peripheral page requests      */
#define AMDVI_CTL_PPR_EN      BIT(15)
#define AMDVI_CTL_GT_EN       BIT(16)       /* guest (first-stage) tables    */
#define AMDVI_CTL_GA_EN       BIT(17)       /* guest virtual interrupts      */

/* Extended Feature Register. */
#define AMDVI_EFR_PREF  BIT(0)          /* prefetch command                  */
#define AMDVI_EFR_PPR   BIT(1)          /* peripheral page requests          */
#define AMDVI_EFR_XT    BIT(2)          /* x2APIC destinations               */
#define AMDVI_EFR_NX    BIT(3)          /* no-execute, privilege             */
#define AMDVI_EFR_GT    BIT(4)          /* guest tables                      */
#define AMDVI_EFR_IA    BIT(6)          /* INVALIDATE_IOMMU_ALL              */
#define AMDVI_EFR_GA    BIT(7)          /* guest virtual interrupts          */
#define AMDVI_EFR_HE    BIT(8)          /* hardware error registers          */
#define AMDVI_EFR_PC    BIT(9)          /* performance counters              */
#define AMDVI_EFR_HATS  GENMASK(11, 10) /* host table depth: 4, 5, 6 levels  */
#define AMDVI_EFR_GATS  GENMASK(13, 12) /* guest table depth                 */
#define AMDVI_HATS_RESERVED 3u

/* Status Register. */
#define AMDVI_STS_OVERFLOW   BIT(0) /* RW1C an event found no room           */
#define AMDVI_STS_EVENTINT   BIT(1) /* RW1C an event has been logged         */
#define AMDVI_STS_COMWAIT    BIT(2) /* RW1C a wait asked for an interrupt    */
#define AMDVI_STS_EVENT_RUN  BIT(3) /* RO   the event log is working         */
#define AMDVI_STS_CMD_RUN    BIT(4) /* RO   the command buffer is working    */

/*
 * Device table entry: 256 bits, words 0 to 3. V=1, TV=1 without a mode, without
 * IR and IW blocks all DMA; V=0 lets all of it through untranslated.
 */
#define AMDVI_DTE0_V    BIT(0)          /* the entry holds                   */
#define AMDVI_DTE0_TV   BIT(1)          /* its translation part holds        */
#define AMDVI_DTE0_MODE GENMASK(11, 9)  /* depth of the table, 0 = none      */
#define AMDVI_DTE0_ROOT GENMASK(51, 12) /* root of the host table            */
#define AMDVI_DTE0_IR   BIT(61)         /* reads are allowed                 */
#define AMDVI_DTE0_IW   BIT(62)         /* writes are allowed                */
#define AMDVI_DTE1_DID  GENMASK(15, 0)  /* domain id                         */
#define AMDVI_DTE1_I    BIT(32)         /* the device may keep translations  */
#define AMDVI_DTE1_SE   BIT(33)         /* one event a device and page       */
#define AMDVI_DTE1_SA   BIT(34)         /* no event at all                   */
#define AMDVI_DTE1_SD   BIT(38)         /* table walks do not snoop          */
#define AMDVI_DTE1_EX   BIT(39)         /* exclusion range applies           */
#define AMDVI_DTE2_IV   BIT(0)          /* interrupts are remapped           */
#define AMDVI_DTE2_LEN  GENMASK(4, 1)   /* log2 of entries                   */
#define AMDVI_DTE2_TABLE GENMASK(51, 6) /* interrupt remapping table         */
#define AMDVI_DTE2_INIT BIT(56)         /* INIT passes                       */
#define AMDVI_DTE2_EINT BIT(57)         /* external interrupts pass          */
#define AMDVI_DTE2_NMI  BIT(58)         /* NMI passes                        */
#define AMDVI_DTE2_CTL  GENMASK(61, 60) /* fixed ones: 0 drop, 2 by the table */
#define AMDVI_INTCTL_REMAP 2u
#define AMDVI_DTE2_LINT GENMASK(63, 62) /* LINT0, LINT1 pass                 */

/*
 * Interrupt remapping table entry: 32 bits (control.GAEn clear). Which one is
 * taken stands in the low bits of the message's data.
 */
#define AMDVI_IRTE_EN     BIT(0)          /* clear = dropped                 */
#define AMDVI_IRTE_DEST   GENMASK(15, 8)  /* APIC id; fixed, physical: 0     */
#define AMDVI_IRTE_VECTOR GENMASK(23, 16)
#define AMDVI_MSI_BASE    UINT64_C(0xfee00000)

/* Commands: 128 bits; the code stands in the first word's top bits. */
#define AMDVI_CMD_CODE       GENMASK(63, 60)
#define AMDVI_CMD_WAIT       1u /* COMPLETION_WAIT                           */
#define AMDVI_CMD_DEVTAB     2u /* INVALIDATE_DEVTAB_ENTRY                   */
#define AMDVI_CMD_PAGES      3u /* INVALIDATE_IOMMU_PAGES                    */
#define AMDVI_CMD_INTR       5u /* INVALIDATE_INTERRUPT_TABLE                */
#define AMDVI_CMD_ALL        8u /* INVALIDATE_IOMMU_ALL                      */
#define AMDVI_WAIT_STORE     BIT(0)         /* store the second word ...     */
#define AMDVI_WAIT_FLUSH     BIT(2)         /* nothing behind it overtakes   */
#define AMDVI_WAIT_ADDRESS   GENMASK(51, 3) /* ... here                      */
#define AMDVI_DEVTAB_ID      GENMASK(15, 0)
#define AMDVI_PAGES_DID      GENMASK(47, 32)
#define AMDVI_PAGES_SIZE     BIT(0)         /* word 1: more than one page    */
#define AMDVI_PAGES_PDE      BIT(1)         /* word 1: upper levels as well  */
#define AMDVI_PAGES_ADDRESS  GENMASK(63, 12)
/* With SIZE: the lowest clear bit from 12 on tells the size; 63 means all. */
#define AMDVI_PAGES_WHOLE    UINT64_C(0x7ffffffffffff000)

/* Events: 128 bits; the code stands in the first word's top bits. */
#define AMDVI_EVT_CODE       GENMASK(63, 60)
#define AMDVI_EVT_NONE       0x0u /* not written yet                         */
#define AMDVI_EVT_BAD_DTE    0x1u /* ILLEGAL_DEV_TABLE_ENTRY                 */
#define AMDVI_EVT_PAGE_FAULT 0x2u /* IO_PAGE_FAULT                           */
#define AMDVI_EVT_DTE_ERROR  0x3u /* DEV_TAB_HARDWARE_ERROR                  */
#define AMDVI_EVT_PT_ERROR   0x4u /* PAGE_TAB_HARDWARE_ERROR                 */
#define AMDVI_EVT_BAD_CMD    0x5u /* ILLEGAL_COMMAND_ERROR                   */
#define AMDVI_EVT_CMD_ERROR  0x6u /* COMMAND_HARDWARE_ERROR                  */
#define AMDVI_EVT_TIMEOUT    0x7u /* IOTLB_INV_TIMEOUT                       */
#define AMDVI_EVT_REQUEST    0x8u /* INVALID_DEVICE_REQUEST                  */
#define AMDVI_EVT_DEVICE     GENMASK(15, 0)
#define AMDVI_EVT_DID        GENMASK(47, 32)
#define AMDVI_EVT_I          BIT(51) /* an interrupt request, not memory     */
#define AMDVI_EVT_PR         BIT(52) /* the page was there                   */
#define AMDVI_EVT_RW         BIT(53) /* a write                              */
#define AMDVI_EVT_PE         BIT(54) /* with PR: it had no right             */
#define AMDVI_EVT_RZ         BIT(55) /* with PR: reserved bits were set      */
#define AMDVI_EVT_ADDRESS    GENMASK(63, 12) /* word 1                       */
/* clang-format on */

#define AMDVI_DEVICES	   0x10000u /* requester ids, an entry each */
#define AMDVI_RING_ENTRIES 256u	    /* one page, the least there is */
#define AMDVI_RING_LG2	   8u

struct amdvi_dte {
	struct pair128 translation; /* words 0, 1 */
	struct pair128 interrupts;  /* words 2, 3 */
};

struct amdvi_command {
	uint64_t word[2];
};

struct amdvi_event {
	uint64_t word[2];
};

static_assert(sizeof(struct amdvi_dte) == 32, "256 bits");
static_assert(sizeof(struct amdvi_command) == 16, "128 bits");
static_assert(sizeof(struct amdvi_event) == 16, "128 bits");
