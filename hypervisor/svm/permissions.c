// SPDX-License-Identifier: MIT
/*
 * The permission maps. A set bit exits. Tables first: what the control domain
 * may not touch is a short list, everything else about the machine is its own.
 */
#include "svm/permissions.h"

#include "arch/msr.h"
#include "arch/physmap.h"
#include "lib/check.h"
#include "lib/string.h"

#define IO_MAP_BYTES  12288u
#define MSR_MAP_BYTES 8192u
#define MSR_READ      1u
#define MSR_WRITE     2u

/* The hypervisor's own serial port. */
#define COM2_FIRST 0x2f8u
#define COM2_COUNT 8u

static uint8_t io_map[2][IO_MAP_BYTES] __aligned_to(4096);
static uint8_t msr_map[2][MSR_MAP_BYTES] __aligned_to(4096);

static const struct {
	uint32_t msr;
	uint8_t bits;
} control_msrs[] = {
	{MSR_APIC_BASE, MSR_WRITE}, /* x2APIC stays on: the ICR filter's base */
	{MSR_X2APIC_ICR, MSR_WRITE},
	{MSR_EFER, MSR_READ | MSR_WRITE},
	{MSR_VM_CR, MSR_READ | MSR_WRITE},
	{MSR_SMM_IGNNE, MSR_READ | MSR_WRITE},
	{MSR_VM_HSAVE_PA, MSR_READ | MSR_WRITE},
	{MSR_SVM_KEY, MSR_READ | MSR_WRITE},
	/* Where system management mode lives, and where addresses lead. */
	{MSR_SMBASE, MSR_WRITE},
	{MSR_SMM_ADDR, MSR_WRITE},
	{MSR_SMM_MASK, MSR_WRITE},
	{MSR_SYSCFG, MSR_WRITE},
	{MSR_HWCR, MSR_WRITE},
	{MSR_TOP_MEM, MSR_WRITE},
	{MSR_TOP_MEM2, MSR_WRITE},
};

/* Memory types and I/O ranges, which hold for the hypervisor's memory too. */
static const struct {
	uint32_t first, last;
} control_msr_ranges[] = {
	{MSR_MTRR_BASE0, MSR_MTRR_BASE0 + 15},
	{MSR_MTRR_FIX64K, MSR_MTRR_FIX4K_LAST},
	{MSR_MTRR_DEFAULT, MSR_MTRR_DEFAULT},
	{MSR_IORR0, MSR_IORR0 + 3},
};

/* MSRs that VMRUN or VMLOAD switch, so that a guest may own them. */
static const uint32_t guest_msrs[] = {
	0x174,	    0x175,	0x176, /* SYSENTER_CS, _ESP, _EIP          */
	0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, /* STAR..SFMASK    */
	0xc0000100, 0xc0000101, 0xc0000102, /* FS, GS, KERNEL_GS bases     */
};

/* Bit number of an MSR's read bit; its write bit follows. */
static size_t msr_bit(uint32_t msr)
{
	if (msr < 0x2000) {
		return msr * 2u;
	}
	if (msr >= 0xc0000000 && msr < 0xc0002000) {
		return 0x800 * 8 + (msr - 0xc0000000) * 2u;
	}
	CHECK(msr >= 0xc0010000 && msr < 0xc0012000);
	return 0x1000 * 8 + (msr - 0xc0010000) * 2u;
}

static void set_msr(uint8_t *map, uint32_t msr, uint8_t bits)
{
	size_t bit = msr_bit(msr);

	map[bit / 8] |= (uint8_t)(bits << (bit % 8));
}

static void clear_msr(uint8_t *map, uint32_t msr)
{
	size_t bit = msr_bit(msr);

	map[bit / 8] &= (uint8_t) ~((MSR_READ | MSR_WRITE) << (bit % 8));
}

void permissions_start(void)
{
	memset(io_map[0], 0xff, IO_MAP_BYTES);
	memset(msr_map[0], 0xff, MSR_MAP_BYTES);
	for (size_t i = 0; i < ARRAY_COUNT(guest_msrs); i++) {
		clear_msr(msr_map[0], guest_msrs[i]);
	}
	for (unsigned port = COM2_FIRST; port < COM2_FIRST + COM2_COUNT;
	     port++) {
		io_map[1][port / 8] |= (uint8_t)(1u << (port % 8));
	}
	for (size_t i = 0; i < ARRAY_COUNT(control_msrs); i++) {
		set_msr(msr_map[1], control_msrs[i].msr, control_msrs[i].bits);
	}
	for (size_t i = 0; i < ARRAY_COUNT(control_msr_ranges); i++) {
		for (uint32_t msr = control_msr_ranges[i].first;
		     msr <= control_msr_ranges[i].last; msr++) {
			/* The PAT lies among them, and is the guest's own. */
			if (msr != MSR_PAT) {
				set_msr(msr_map[1], msr, MSR_WRITE);
			}
		}
	}
}

hpa_t permissions_io(bool is_control)
{
	return physmap_hpa(io_map[is_control]);
}

hpa_t permissions_msr(bool is_control)
{
	return physmap_hpa(msr_map[is_control]);
}
