// SPDX-License-Identifier: MIT
/*
 * Fault recording registers -> the fault log.
 *
 * A unit keeps a few faults (often one), drops further ones of the same
 * requester, and after an overflow records nothing until that is cleared. It
 * sends its event when the first fault comes and then no other before the
 * status is clean again, so who stops short of that has to come back. One call
 * makes a bounded number of rounds, however fast a device faults.
 *
 * VT-d specification, "Fault Reporting", "Fault Recording Registers" and
 * appendix "Fault Reason Encodings".
 */
#include "iommu/fault.h"
#include "iommu/vtd/vtd.h"

#define ROUNDS_MAX 4u

struct reason_range {
	uint8_t first;
	uint8_t last;
	uint8_t kind;
};

/* clang-format off */
static const struct reason_range reasons[] = {
	/* Legacy mode. */
	{0x01, 0x02, SLUICE_FAULT_TRANSLATION},  /* root, context entry absent   */
	{0x03, 0x03, SLUICE_FAULT_UNSUPPORTED},  /* context entry not valid      */
	{0x04, 0x04, SLUICE_FAULT_ADDRESS_SIZE}, /* beyond the table's width     */
	/*
	 * An absent second-stage entry is one without rights: these two stand
	 * for "not mapped" as well, and the unit does not tell.
	 */
	{0x05, 0x06, SLUICE_FAULT_PERMISSION},   /* no write, no read right      */
	{0x07, 0x09, SLUICE_FAULT_EXTERNAL},     /* table not readable           */
	{0x0a, 0x0d, SLUICE_FAULT_UNSUPPORTED},  /* reserved bits; request kind  */
	/* Interrupt messages; the address is none, see below. */
	{0x20, 0x26, SLUICE_FAULT_INTERRUPT},
	/* Scalable mode; QEMU's unit uses those above for what it can. */
	{0x30, 0x30, SLUICE_FAULT_EXTERNAL},     /* root table address           */
	{0x31, 0x32, SLUICE_FAULT_UNSUPPORTED},  /* request kind                 */
	{0x38, 0x38, SLUICE_FAULT_EXTERNAL},     /* root entry not readable      */
	{0x39, 0x39, SLUICE_FAULT_TRANSLATION},  /* ... absent                   */
	{0x40, 0x40, SLUICE_FAULT_EXTERNAL},     /* context entry not readable   */
	{0x41, 0x41, SLUICE_FAULT_TRANSLATION},  /* ... absent                   */
	{0x50, 0x50, SLUICE_FAULT_EXTERNAL},     /* PASID directory not readable */
	{0x51, 0x51, SLUICE_FAULT_TRANSLATION},  /* ... absent                   */
	{0x58, 0x58, SLUICE_FAULT_EXTERNAL},     /* PASID entry not readable     */
	{0x59, 0x59, SLUICE_FAULT_TRANSLATION},  /* ... absent                   */
	{0x70, 0x70, SLUICE_FAULT_EXTERNAL},     /* first stage not readable     */
	{0x71, 0x71, SLUICE_FAULT_TRANSLATION},  /* ... absent                   */
	{0x73, 0x73, SLUICE_FAULT_EXTERNAL},     /* ... root not readable        */
	{0x74, 0x74, SLUICE_FAULT_ADDRESS_SIZE}, /* ... entry beyond the width   */
	{0x75, 0x77, SLUICE_FAULT_PERMISSION},   /* nested: right on a table     */
	{0x78, 0x78, SLUICE_FAULT_EXTERNAL},     /* second stage not readable    */
	{0x79, 0x79, SLUICE_FAULT_PERMISSION},   /* ... no right, or absent      */
	{0x7b, 0x7b, SLUICE_FAULT_EXTERNAL},     /* ... root pointer             */
	{0x80, 0x80, SLUICE_FAULT_ADDRESS_SIZE}, /* not canonical                */
	{0x81, 0x82, SLUICE_FAULT_PERMISSION},   /* user, execute                */
	{0x83, 0x84, SLUICE_FAULT_ADDRESS_SIZE}, /* beyond the width             */
	{0x85, 0x86, SLUICE_FAULT_PERMISSION},   /* no write, no read right      */
};
/* clang-format on */

/* Any other code is a table that is not as the unit wants it. */
static uint32_t kind_of(uint8_t reason)
{
	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++) {
		if (reason >= reasons[i].first && reason <= reasons[i].last) {
			return reasons[i].kind;
		}
	}
	return SLUICE_FAULT_UNSUPPORTED;
}

/* Of an interrupt the unit tells the entry, not where the message went. */
static uint64_t address_of(uint32_t kind, uint64_t low)
{
	return kind == SLUICE_FAULT_INTERRUPT ? VTD_MSI_BASE
					      : low & VTD_FRCD_FI;
}

static uint32_t requester(const struct iommu_unit *unit, uint64_t high)
{
	return (uint32_t)unit->segment << 16 |
	       (uint32_t)field_get(VTD_FRCD_SID, high);
}

/* Return: true when its requester is to be silenced. */
static bool record(const struct iommu_unit *unit, uint64_t low, uint64_t high)
{
	uint32_t sbdf = requester(unit, high);
	uint8_t reason = (uint8_t)field_get(VTD_FRCD_FR, high);

	return fault_record((struct sluice_fault){
		.address = address_of(kind_of(reason), low),
		.sbdf = sbdf,
		.guest = iommu_fault_owner(sbdf),
		/* T1 says nothing of an interrupt; a message is a write. */
		.is_write = kind_of(reason) == SLUICE_FAULT_INTERRUPT ||
			    (high & VTD_FRCD_T1) == 0,
		.reason = reason,
		.kind = kind_of(reason),
		.unit = unit->index,
	});
}

/* Read every register in use, from the oldest on, and free it. */
static void drain(struct iommu_unit *unit, unsigned first)
{
	const struct vtd *vtd = vtd_of(unit);

	for (unsigned i = 0; i < vtd->fault_count; i++) {
		unsigned n = (first + i) % vtd->fault_count;
		uint64_t at = vtd->fault_at + (uint64_t)n * VTD_FRCD_BYTES;
		uint64_t high = mmio_read64(vtd_reg(unit, at + 8));
		bool is_storm;

		if ((high & VTD_FRCD_F) == 0) {
			continue;
		}
		/* The low half is valid once F is seen, until F is cleared. */
		is_storm = record(unit, mmio_read64(vtd_reg(unit, at)), high);
		mmio_write32(vtd_reg(unit, at + 12), VTD_FRCD_F_32);
		if (is_storm) {
			iommu_fault_storm(
				unit, requester(unit, high),
				kind_of((uint8_t)field_get(VTD_FRCD_FR, high)));
		}
	}
}

bool vtd_fault_read(struct iommu_unit *unit)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		uint32_t status = mmio_read32(vtd_reg(unit, VTD_FSTS));

		/* All ones: nothing answers there any more. */
		if ((status & (VTD_FSTS_PFO | VTD_FSTS_PPF)) == 0 ||
		    status == UINT32_MAX) {
			return false;
		}
		drain(unit, (unsigned)field_get(VTD_FSTS_FRI, status));
		if ((status & VTD_FSTS_PFO) != 0) {
			/* How many were lost is not told: one at least. */
			fault_lost(1);
			mmio_write32(vtd_reg(unit, VTD_FSTS), VTD_FSTS_PFO);
		}
	}
	return true;
}

void vtd_fault_events(struct iommu_unit *unit, uint32_t apic_id, uint8_t vector)
{
	mmio_write32(vtd_reg(unit, VTD_FEDATA), vector);
	mmio_write32(vtd_reg(unit, VTD_FEADDR),
		     VTD_MESSAGE |
			     (uint32_t)field_prep(VTD_MESSAGE_TO, apic_id));
	mmio_write32(vtd_reg(unit, VTD_FEUADDR), 0);
	mmio_write32(vtd_reg(unit, VTD_FECTL), 0);
}
