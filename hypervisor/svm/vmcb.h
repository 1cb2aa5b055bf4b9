/* SPDX-License-Identifier: MIT */
/* The virtual machine control block. AMD APM vol. 2, appendix B. */
#pragma once

#include "lib/bits.h"

/* clang-format off */
enum vmcb_intercept_cr {
	INTERCEPT_CR8_WRITE = 1 << 24,
};

enum vmcb_intercept1 {
	INTERCEPT_INTR     = 1 << 0,
	INTERCEPT_NMI      = 1 << 1,
	INTERCEPT_CPUID    = 1 << 18,
	INTERCEPT_INVD     = 1 << 22,
	INTERCEPT_INVLPGA  = 1 << 26,
	INTERCEPT_IOIO     = 1 << 27,
	INTERCEPT_MSR      = 1 << 28,
	INTERCEPT_SHUTDOWN = (int)(1u << 31),
};

enum vmcb_intercept2 {
	INTERCEPT_VMRUN   = 1 << 0,
	INTERCEPT_VMMCALL = 1 << 1,
	INTERCEPT_VMLOAD  = 1 << 2,
	INTERCEPT_VMSAVE  = 1 << 3,
	INTERCEPT_STGI    = 1 << 4,
	INTERCEPT_CLGI    = 1 << 5,
	INTERCEPT_SKINIT  = 1 << 6,
};

enum vmexit {
	VMEXIT_CR8_WRITE  = 0x018,
	VMEXIT_EXCEPTION0 = 0x040,
	VMEXIT_INTR       = 0x060,
	VMEXIT_NMI        = 0x061,
	VMEXIT_CPUID      = 0x072,
	VMEXIT_INVD       = 0x076,
	VMEXIT_INVLPGA    = 0x07a,
	VMEXIT_IOIO       = 0x07b,
	VMEXIT_MSR        = 0x07c,
	VMEXIT_SHUTDOWN   = 0x07f,
	VMEXIT_VMRUN      = 0x080,
	VMEXIT_VMMCALL    = 0x081,
	VMEXIT_VMLOAD     = 0x082,
	VMEXIT_VMSAVE     = 0x083,
	VMEXIT_STGI       = 0x084,
	VMEXIT_CLGI       = 0x085,
	VMEXIT_SKINIT     = 0x086,
	VMEXIT_NPF        = 0x400,
};
/* clang-format on */

/* QEMU stores 32 bits of the -1 that the manual names: compare the low half. */
#define VMEXIT_INVALID 0xffffffffu

#define TLB_CONTROL_NOTHING   0u
#define TLB_CONTROL_FLUSH_ALL 1u

#define VINTR_TPR	GENMASK(7, 0) /* the guest's CR8 */
#define VINTR_PENDING	BIT(8)
#define VINTR_PRIORITY	GENMASK(19, 16)
#define VINTR_IGNORE	BIT(20) /* the task priority */
#define VINTR_MASKING	BIT(24)
#define VINTR_VECTOR	GENMASK(39, 32)
#define EVENT_VALID	BIT(31)
#define EVENT_HAS_ERROR BIT(11)
#define EVENT_TYPE	GENMASK(10, 8)
#define EVENT_INTERRUPT 0u
#define EVENT_EXCEPTION (UINT64_C(3) << 8)
#define VECTOR_DB	1u
#define VECTOR_AC	17u
#define VECTOR_UD	6u
#define VECTOR_GP	13u

#define IOIO_IN	     BIT(0)
#define NPF_IS_WRITE BIT(1)
#define NPF_IS_FETCH BIT(4)
#define NPF_IS_FINAL BIT(32) /* of the address itself, not of a guest table */

/* Segment attributes in the 12-bit form. */
#define SEGMENT_LONG BIT(9)

struct vmcb_segment {
	uint16_t selector;
	uint16_t attributes;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	uint32_t intercept_cr;
	uint32_t intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept1;
	uint32_t intercept2;
	uint32_t intercept3;
	uint8_t reserved0[0x40 - 0x18];
	uint64_t iopm_base;
	uint64_t msrpm_base;
	uint64_t tsc_offset;
	uint32_t asid;
	uint32_t tlb_control;
	uint64_t vintr;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_int_info;
	uint64_t np_enable;
	uint8_t reserved1[0xa8 - 0x98];
	uint64_t event_injection;
	uint64_t n_cr3;
	uint64_t lbr_control;
	uint64_t clean;
	uint64_t next_rip;
	uint8_t reserved2[0x400 - 0xd0];
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved3[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved4;
	uint64_t efer;
	uint8_t reserved5[0x548 - 0x4d8];
	uint64_t cr4;
	uint64_t cr3;
	uint64_t cr0;
	uint64_t dr7;
	uint64_t dr6;
	uint64_t rflags;
	uint64_t rip;
	uint8_t reserved6[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved7[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved8[0x668 - 0x648];
	uint64_t g_pat;
	uint8_t reserved9[0x1000 - 0x670];
};

/* clang-format off */
static_assert(offsetof(struct vmcb, iopm_base) == 0x040, "layout");
static_assert(offsetof(struct vmcb, asid) == 0x058, "layout");
static_assert(offsetof(struct vmcb, exit_code) == 0x070, "layout");
static_assert(offsetof(struct vmcb, np_enable) == 0x090, "layout");
static_assert(offsetof(struct vmcb, event_injection) == 0x0a8, "layout");
static_assert(offsetof(struct vmcb, n_cr3) == 0x0b0, "layout");
static_assert(offsetof(struct vmcb, next_rip) == 0x0c8, "layout");
static_assert(offsetof(struct vmcb, es) == 0x400, "layout");
static_assert(offsetof(struct vmcb, tr) == 0x490, "layout");
static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "layout");
static_assert(offsetof(struct vmcb, efer) == 0x4d0, "layout");
static_assert(offsetof(struct vmcb, cr4) == 0x548, "layout");
static_assert(offsetof(struct vmcb, rip) == 0x578, "layout");
static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "layout");
static_assert(offsetof(struct vmcb, rax) == 0x5f8, "layout");
static_assert(offsetof(struct vmcb, cr2) == 0x640, "layout");
static_assert(offsetof(struct vmcb, g_pat) == 0x668, "layout");
static_assert(sizeof(struct vmcb) == 0x1000, "layout");
/* clang-format on */
