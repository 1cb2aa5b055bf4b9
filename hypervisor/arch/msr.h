/* SPDX-License-Identifier: MIT */
/* MSR numbers. AMD APM vol. 2, appendix A; x2APIC: chapter 16.11. */
#pragma once

#include "lib/bits.h"

#define MSR_TSC		    0x00000010u
#define MSR_APIC_BASE	    0x0000001bu
#define APIC_BASE_BSP	    BIT(8)
#define APIC_BASE_EXTD	    BIT(10) /* x2APIC mode */
#define APIC_BASE_EN	    BIT(11)
#define MSR_MTRR_BASE0	    0x00000200u
#define MSR_MTRR_FIX64K	    0x00000250u
#define MSR_MTRR_FIX4K_LAST 0x0000026fu
#define MSR_PAT		    0x00000277u
#define MSR_PAT_RESET	    UINT64_C(0x0007040600070406)

#define MSR_MTRR_DEFAULT 0x000002ffu

#define MSR_X2APIC_FIRST 0x00000800u
#define MSR_X2APIC_ID	 0x00000802u
#define MSR_X2APIC_TPR	 0x00000808u
#define MSR_X2APIC_EOI	 0x0000080bu
#define MSR_X2APIC_SVR	 0x0000080fu
#define MSR_X2APIC_ICR	 0x00000830u
#define MSR_X2APIC_LAST	 0x000008ffu

#define MSR_EFER	0xc0000080u
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)
#define EFER_SVME	BIT(12)
#define MSR_SYSCFG	0xc0010010u
#define MSR_HWCR	0xc0010015u
#define MSR_IORR0	0xc0010016u
#define MSR_TOP_MEM	0xc001001au
#define MSR_TOP_MEM2	0xc001001du
#define MSR_SMBASE	0xc0010111u
#define MSR_SMM_ADDR	0xc0010112u
#define MSR_SMM_MASK	0xc0010113u
#define MSR_VM_CR	0xc0010114u
#define VM_CR_SVMDIS	BIT(4)
#define MSR_SMM_IGNNE	0xc0010115u
#define MSR_VM_HSAVE_PA 0xc0010117u
#define MSR_SVM_KEY	0xc0010118u
