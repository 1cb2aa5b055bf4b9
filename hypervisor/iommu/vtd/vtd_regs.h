/* SPDX-License-Identifier: MIT */
/*
 * VT-d: registers, descriptors and table entries, in the manual's order.
 *
 * Intel Virtualization Technology for Directed I/O, Architecture Specification,
 * chapters "Register Descriptions", "Translation Structure Formats" and
 * "Caching Translation Information" (queued invalidation).
 */
#pragma once

#include "arch/store128.h"
#include "lib/bits.h"

/* clang-format off */
/* Offset, width, access, meaning. */
enum vtd_reg {
	VTD_VER    = 0x000, /* 32 RO   architecture version                       */
	VTD_CAP    = 0x008, /* 64 RO   capabilities                               */
	VTD_ECAP   = 0x010, /* 64 RO   extended capabilities                      */
	VTD_GCMD   = 0x018, /* 32 WO   one command bit at a time; confirm in GSTS */
	VTD_GSTS   = 0x01c, /* 32 RO   same bit positions as GCMD                 */
	VTD_RTADDR = 0x020, /* 64 RW   root table pointer; takes effect with SRTP */
	VTD_FSTS   = 0x034, /* 32 RW1C fault status                               */
	VTD_FECTL  = 0x038, /* 32 RW   fault event control                        */
	VTD_FEDATA = 0x03c, /* 32 RW   fault event data: the vector               */
	VTD_FEADDR = 0x040, /* 32 RW   fault event address: the CPU               */
	VTD_FEUADDR = 0x044, /* 32 RW   its upper half                            */
	VTD_IQH    = 0x080, /* 64 RO   invalidation queue head                    */
	VTD_IQT    = 0x088, /* 64 RW   invalidation queue tail                    */
	VTD_IQA    = 0x090, /* 64 RW   invalidation queue address                 */
	VTD_IRTA   = 0x0b8, /* 64 RW   interrupt remapping table; effect: SIRTP   */
};

/* Capability Register. */
#define VTD_CAP_ND    GENMASK(2, 0)   /* ids: 2^(4 + 2 * this)               */
#define VTD_CAP_RWBF  BIT(4)          /* write buffer must be flushed        */
#define VTD_CAP_CM    BIT(7)          /* caching mode: absent entries cached */
#define VTD_CAP_SAGAW GENMASK(12, 8)  /* table depths: bit n = n + 2 levels  */
#define VTD_CAP_MGAW  GENMASK(21, 16) /* address width - 1                   */
#define VTD_CAP_FRO   GENMASK(33, 24) /* fault registers, offset / 16        */
#define VTD_CAP_SLLPS GENMASK(37, 34) /* large pages: bit 0 2 MiB, 1 1 GiB   */
#define VTD_CAP_PSI   BIT(39)         /* page-selective invalidation         */
#define VTD_CAP_NFR   GENMASK(47, 40) /* fault registers - 1                 */
#define VTD_CAP_MAMV  GENMASK(53, 48) /* largest address mask                */
#define VTD_CAP_DWD   BIT(54)         /* drains writes                       */
#define VTD_CAP_DRD   BIT(55)         /* drains reads                        */
#define VTD_CAP_FS1GP BIT(56)         /* first stage: 1 GiB pages            */

/* Extended Capability Register. */
#define VTD_ECAP_C   BIT(0)         /* table walks snoop caches              */
#define VTD_ECAP_QI  BIT(1)         /* queued invalidation                   */
#define VTD_ECAP_IR  BIT(3)         /* interrupt remapping                   */
#define VTD_ECAP_EIM BIT(4)         /* ... with 32-bit destinations          */
#define VTD_ECAP_SC  BIT(7)         /* a leaf can force snooping             */
#define VTD_ECAP_IRO GENMASK(17, 8) /* IOTLB registers, offset / 16          */
#define VTD_ECAP_MHMV GENMASK(23, 20) /* largest mask of entries to forget   */
#define VTD_ECAP_SMTS  BIT(43)      /* scalable mode                         */
#define VTD_ECAP_SLTS  BIT(46)      /* second stage in scalable mode         */
#define VTD_ECAP_FLTS  BIT(47)      /* first stage in scalable mode          */
#define VTD_ECAP_SMPWC BIT(48)      /* scalable: table walks snoop if asked  */

/* Root Table Address Register. */
#define VTD_RTADDR_TTM GENMASK(11, 10) /* how the root table is read         */
#define VTD_TTM_LEGACY   0u
#define VTD_TTM_SCALABLE 1u

/* Global Command and Global Status Registers. */
#define VTD_G_TE       0x80000000u /* translation enable                     */
#define VTD_G_SRTP     0x40000000u /* set root table pointer                 */
#define VTD_G_WBF      0x08000000u /* write buffer flush; status: pending    */
#define VTD_G_QIE      0x04000000u /* queued invalidation enable             */
#define VTD_G_IRE      0x02000000u /* interrupt remapping enable             */
#define VTD_G_SIRTP    0x01000000u /* set interrupt remapping table pointer  */
#define VTD_G_CFI      0x00800000u /* messages of the old format pass        */
#define VTD_G_ONE_SHOT 0x69000000u /* SRTP, SFL, WBF, SIRTP: not kept        */

/* Fault Status Register. */
#define VTD_FSTS_PFO 0x00000001u      /* a fault found no free register      */
#define VTD_FSTS_PPF 0x00000002u      /* a fault register is in use          */
#define VTD_FSTS_IQE 0x00000010u      /* queue: descriptor refused, stopped  */
#define VTD_FSTS_ICE 0x00000020u      /* queue: bad completion from a device */
#define VTD_FSTS_ITE 0x00000040u      /* queue: a device did not answer      */
#define VTD_FSTS_FRI GENMASK(15, 8)   /* first fault register in use         */
#define VTD_FSTS_QUEUE (VTD_FSTS_IQE | VTD_FSTS_ICE | VTD_FSTS_ITE)

#define VTD_FECTL_IM 0x80000000u /* fault events masked                      */

/* A message to one CPU's local APIC. */
#define VTD_MESSAGE    0xfee00000u
#define VTD_MESSAGE_TO GENMASK(19, 12)

/* Invalidation Queue Address Register. */
#define VTD_IQA_DW BIT(11) /* descriptors of 256 bits, not of 128            */

/* Interrupt Remapping Table Address Register. */
#define VTD_IRTA_EIME BIT(11)        /* 32-bit destinations                  */
#define VTD_IRTA_S    GENMASK(3, 0)  /* log2 of entries - 1                  */

/* Fault Recording Registers: 128 bits each, high half listed from bit 64. */
#define VTD_FRCD_BYTES 16u
#define VTD_FRCD_FI    GENMASK(63, 12) /* low:  page of the access           */
#define VTD_FRCD_SID   GENMASK(15, 0)  /* high: requester                    */
#define VTD_FRCD_FR    GENMASK(39, 32) /* high: reason                       */
#define VTD_FRCD_T1    BIT(62)         /* high: 1 = read, 0 = write          */
#define VTD_FRCD_F     BIT(63)         /* high: in use; write 1 to free      */
#define VTD_FRCD_F_32  0x80000000u     /* the same, in the last 32 bits      */

/*
 * Root entry: 128 bits, one a bus. In scalable mode the low half leads to the
 * functions 0..127 of the bus, the high half to 128..255.
 */
#define VTD_ROOT_P   BIT(0)
#define VTD_ROOT_CTP GENMASK(63, 12) /* context table                        */

/* Context entry: 128 bits, one a function. */
#define VTD_CTX_P      BIT(0)          /* low: absent = every request faults */
#define VTD_CTX_FPD    BIT(1)          /* low: no faults recorded, absent too */
#define VTD_CTX_T      GENMASK(3, 2)   /* low: 0 = through the second stage  */
#define VTD_CTX_SSPTR  GENMASK(63, 12) /* low: root of the second stage      */
#define VTD_CTX_AW     GENMASK(2, 0)   /* high: depth of that table - 2      */
#define VTD_CTX_DID    GENMASK(23, 8)  /* high: domain id                    */

/* Scalable-mode context entry: 256 bits, one a function; words 0 and 1. */
#define VTD_SCTX_P         BIT(0)
#define VTD_SCTX_FPD       BIT(1)          /* no faults recorded, absent too */
#define VTD_SCTX_PASIDDIR  GENMASK(63, 12) /* PASID directory                */
#define VTD_SCTX_RID_PASID GENMASK(19, 0)  /* 1: of requests without one     */

/* PASID directory entry: 64 bits, one for 64 PASIDs; as many with PDTS 0. */
#define VTD_PASIDDIR_ENTRIES 128u
#define VTD_PASIDDIR_P     BIT(0)
#define VTD_PASIDDIR_TABLE GENMASK(63, 12)

/* PASID table entry: 512 bits; words 0, 1 and 2 are in use. */
#define VTD_PASID_P        BIT(0)
#define VTD_PASID_AW       GENMASK(4, 2)   /* levels - 2                     */
#define VTD_PASID_PGTT     GENMASK(8, 6)   /* which tables                   */
#define VTD_PGTT_FIRST     1u
#define VTD_PASID_DID      GENMASK(15, 0)  /* 1: domain id                   */
#define VTD_PASID_PWSNP    BIT(23)         /* 1: table walks snoop           */
#define VTD_PASID_FSPM     GENMASK(3, 2)   /* 2: 0 = four levels             */
#define VTD_PASID_FSPTPTR  GENMASK(63, 12) /* 2: root of the first stage     */

/* Interrupt remapping table entry: 128 bits. */
#define VTD_IRTE_P        BIT(0)          /* low: absent = dropped           */
#define VTD_IRTE_VECTOR   GENMASK(23, 16) /* low; fixed, edge, physical: 0   */
#define VTD_IRTE_DEST     GENMASK(63, 32) /* low: APIC id, with EIME         */
#define VTD_IRTE_DEST_8   GENMASK(47, 40) /* low: APIC id, without           */
#define VTD_IRTE_SID      GENMASK(15, 0)  /* high: who may use it            */
#define VTD_IRTE_SQ       GENMASK(17, 16) /* high: 0 = all bits of SID       */
#define VTD_IRTE_SVT      GENMASK(19, 18) /* high: 1 = compare with SID      */
#define VTD_SVT_SID       1u

/* A message that is remapped: address, to which the device's data is added. */
#define VTD_MSI_BASE      UINT64_C(0xfee00000)
#define VTD_MSI_HANDLE    GENMASK(19, 5)  /* entry, bits 14..0               */
#define VTD_MSI_REMAP     BIT(4)          /* 0 = the old format              */
#define VTD_MSI_SHV       BIT(3)          /* data is added to the handle     */

/* Invalidation descriptors: 128 bits, or as many and zeroes up to 256. */
#define VTD_DESC_TYPE    GENMASK(3, 0)
#define VTD_DESC_CONTEXT 1u            /* context cache                      */
#define VTD_DESC_IOTLB   2u
#define VTD_DESC_IEC     4u            /* interrupt entry cache              */
#define VTD_DESC_WAIT    5u
#define VTD_DESC_PIOTLB  6u            /* IOTLB by PASID: first stage        */
#define VTD_DESC_PASID   7u            /* PASID cache                        */
#define VTD_DESC_G       GENMASK(5, 4)   /* granularity, below               */
#define VTD_G_GLOBAL     1u
#define VTD_G_DOMAIN     2u
#define VTD_G_DEVICE     3u              /* context cache                    */
#define VTD_G_PAGE       3u              /* IOTLB                            */
#define VTD_G_PIOTLB_ALL  2u             /* IOTLB by PASID: all of the PASID */
#define VTD_G_PIOTLB_PAGE 3u             /* IOTLB by PASID                   */
#define VTD_G_PASID_ONE    1u            /* PASID cache: this one            */
#define VTD_G_PASID_GLOBAL 3u            /* PASID cache                      */
#define VTD_DESC_IEC_ONE   BIT(4)          /* IEC: these entries, not all    */
#define VTD_DESC_IEC_IM    GENMASK(31, 27) /* IEC: log2 of entries           */
#define VTD_DESC_IEC_IIDX  GENMASK(47, 32) /* IEC: the first                 */
#define VTD_DESC_DID     GENMASK(31, 16)
#define VTD_DESC_SID     GENMASK(47, 32) /* context cache                    */
#define VTD_DESC_PASID_NR GENMASK(51, 32) /* PASID cache, IOTLB by PASID     */
#define VTD_DESC_DW      BIT(6)          /* IOTLB: drain writes              */
#define VTD_DESC_DR      BIT(7)          /* IOTLB: drain reads               */
#define VTD_DESC_AM      GENMASK(5, 0)   /* IOTLB, high: log2 of pages       */
#define VTD_DESC_ADDR    GENMASK(63, 12) /* IOTLB, high                      */
#define VTD_DESC_SW      BIT(5)          /* wait: write the status           */
#define VTD_DESC_STATUS  GENMASK(63, 32) /* wait: what to write              */
#define VTD_DESC_STADDR  GENMASK(63, 2)  /* wait, high: where                */
/* clang-format on */

struct vtd_descriptor {
	uint64_t low;
	uint64_t high;
};

struct vtd_root_entry {
	uint64_t low;
	uint64_t high; /* 0 in legacy mode */
};

struct vtd_context_entry {
	struct pair128 pair;
};

struct vtd_irte {
	uint64_t low;
	uint64_t high;
};

struct vtd_scalable_context {
	uint64_t word[4];
};

struct vtd_pasid_entry {
	uint64_t word[8];
};

static_assert(sizeof(struct vtd_descriptor) == 16, "128 bits");
static_assert(sizeof(struct vtd_root_entry) == 16, "128 bits");
static_assert(sizeof(struct vtd_context_entry) == 16, "128 bits");
static_assert(sizeof(struct vtd_irte) == 16, "128 bits");
static_assert(sizeof(struct vtd_scalable_context) == 32, "256 bits");
static_assert(sizeof(struct vtd_pasid_entry) == 64, "512 bits");
