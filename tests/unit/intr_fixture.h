/* SPDX-License-Identifier: MIT */
/* Requesters with entries of their own, and messages through a unit. */
#pragma once

#include "iommu_fixture.h"

#define WINDOW UINT64_C(0xfee00000)

/* Bits of VT-d's format: remapped, data added to the entry's number. */
#define REMAPPED 0x18u

static inline struct iommu_message set(uint32_t sbdf, unsigned n,
				       uint8_t vector, uint32_t apic_id)
{
	struct iommu_vector to = {vector, apic_id};
	struct iommu_message message = {0, 0};

	ck_assert_int_eq(iommu_intr_set(sbdf, n, &to, &message), 0);
	return message;
}

static inline bool sends(uint32_t sbdf, struct iommu_message message)
{
	return fake_msi(sbdf, message.address, message.data);
}

/* Does it arrive as this vector of this CPU, and as nothing else? */
static inline bool arrives(uint32_t sbdf, struct iommu_message message,
			   uint8_t vector, uint32_t apic_id)
{
	unsigned before = fake_arrivals();
	struct fake_arrival a;

	if (!sends(sbdf, message) || fake_arrivals() != before + 1) {
		return false;
	}
	a = fake_arrival(before);
	return a.sbdf == sbdf && a.vector == vector && a.apic_id == apic_id &&
	       a.mode == FAKE_INTR_FIXED;
}

/* D1 open, its entry 3 is vector 0x51 of CPU 2 and in use. */
static inline struct iommu_message boot_warm(int kind)
{
	struct iommu_message message;

	boot_kind(kind);
	ck_assert_int_eq(iommu_intr_open(D1, 16), 0);
	message = set(D1, 3, 0x51, 2);
	ck_assert(arrives(D1, message, 0x51, 2));
	return message;
}

static inline void expect_sound(void)
{
	ck_assert_ptr_null(fake_unit_violation(machine_unit(0)));
}

/* Messages of either format that @sbdf could send: how many arrive? */
static inline unsigned forge_all(uint32_t sbdf)
{
	unsigned before = fake_arrivals();

	for (uint32_t data = 0; data < 0x800; data++) {
		/* AMD's filter of SMI is another feature. */
		if (iommu_format() == &pt_format_amdv1 &&
		    data >> 8 == FAKE_INTR_SMI) {
			continue;
		}
		fake_msi(sbdf, WINDOW | (data & 3) << 12, data);
		fake_msi(sbdf, WINDOW | REMAPPED | (data & 0x3f) << 13, data);
	}
	return fake_arrivals() - before;
}
