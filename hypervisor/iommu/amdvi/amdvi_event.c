// SPDX-License-Identifier: MIT
/*
 * The event log -> the fault log.
 *
 * A unit writes events of 128 bits into a ring, from which we take them; when
 * it is full the unit counts no further, sets EventOverflow and stops logging
 * until told to go on. One call takes a bounded number, however fast a device
 * faults. (QEMU 10.0 logs nothing ever: its test for overflow is always true.)
 *
 * AMD IOMMU specification, 48882, "Event Logging", event formats.
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "base/log.h"
#include "iommu/amdvi/amdvi.h"
#include "iommu/fault.h"
#include "platform/pci_msi.h"

#define ROUNDS_MAX 4u
/* Looks at an entry which the tail has passed and that is not there yet. */
#define LOOKS_MAX 1000u

/* Offset of the pointers' index in the registers. */
static unsigned to_index(uint64_t pointer)
{
	return (unsigned)(pointer / sizeof(struct amdvi_event)) %
	       AMDVI_RING_ENTRIES;
}

/*
 * Presence and right of the page are told apart; that the whole requester is
 * blocked is not, and our table knows.
 */
static uint32_t kind_of_page_fault(struct iommu_unit *unit, uint64_t word)
{
	if ((word & AMDVI_EVT_RZ) != 0) {
		return SLUICE_FAULT_UNSUPPORTED;
	}
	if ((word & AMDVI_EVT_PR) == 0 ||
	    amdvi_dte_is_blocked(unit, (uint16_t)(word & AMDVI_EVT_DEVICE))) {
		return SLUICE_FAULT_TRANSLATION;
	}
	return SLUICE_FAULT_PERMISSION;
}

/* Return: false for an event that is about no access of a device. */
static bool kind_of(struct iommu_unit *unit, uint64_t word, uint32_t *kind)
{
	uint64_t code = field_get(AMDVI_EVT_CODE, word);

	if ((word & AMDVI_EVT_I) != 0 &&
	    (code == AMDVI_EVT_PAGE_FAULT || code == AMDVI_EVT_BAD_DTE)) {
		*kind = SLUICE_FAULT_INTERRUPT;
		return true;
	}
	switch (code) {
	case AMDVI_EVT_PAGE_FAULT:
		*kind = kind_of_page_fault(unit, word);
		return true;
	case AMDVI_EVT_DTE_ERROR:
	case AMDVI_EVT_PT_ERROR:
		*kind = SLUICE_FAULT_EXTERNAL;
		return true;
	case AMDVI_EVT_BAD_DTE:
	case AMDVI_EVT_REQUEST:
		*kind = SLUICE_FAULT_UNSUPPORTED;
		return true;
	default:
		return false;
	}
}

static void record(struct iommu_unit *unit, const struct amdvi_event *event)
{
	uint64_t word = event->word[0];
	uint32_t sbdf = (uint32_t)unit->segment << 16 |
			(uint32_t)field_get(AMDVI_EVT_DEVICE, word);
	uint32_t kind;
	bool is_storm;

	if (!kind_of(unit, word, &kind)) {
		log_error("amdvi: unit at %lx: event %lx %lx",
			  unit->registers.addr, word, event->word[1]);
		return;
	}
	is_storm = fault_record((struct sluice_fault){
		.address = event->word[1] & AMDVI_EVT_ADDRESS,
		.sbdf = sbdf,
		.guest = iommu_fault_owner(sbdf),
		/* RW is about memory; a message is a write. */
		.is_write = kind == SLUICE_FAULT_INTERRUPT ||
			    (word & AMDVI_EVT_RW) != 0,
		/* The code, then RZ, PE, RW, PR. */
		.reason =
			(uint8_t)(field_get(AMDVI_EVT_CODE, word) << 4 |
				  field_get(AMDVI_EVT_RZ | AMDVI_EVT_PE |
						    AMDVI_EVT_RW | AMDVI_EVT_PR,
					    word)),
		.kind = kind,
		.unit = unit->index,
	});
	if (is_storm) {
		iommu_fault_storm(unit, sbdf, kind);
	}
}

/*
 * Take one entry and leave it empty. The tail may be seen before the entry is
 * (erratum 732 of family 15h), so an empty one is looked at again.
 */
static bool take(struct amdvi_event *slot, struct amdvi_event *event)
{
	for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
		event->word[0] = read_once(slot->word[0]);
		if (field_get(AMDVI_EVT_CODE, event->word[0]) !=
		    AMDVI_EVT_NONE) {
			barrier_observe();
			event->word[1] = read_once(slot->word[1]);
			*slot = (struct amdvi_event){{0, 0}};
			return true;
		}
		cpu_relax();
	}
	return false;
}

static void drain(struct iommu_unit *unit)
{
	struct amdvi *amdvi = amdvi_of(unit);
	struct amdvi_event *ring = physmap_ptr(amdvi->events);
	unsigned tail = to_index(mmio_read64(amdvi_reg(unit, AMDVI_EVTTAIL)));
	struct amdvi_event event;

	while (amdvi->head != tail) {
		if (take(&ring[amdvi->head], &event)) {
			record(unit, &event);
		} else {
			fault_lost(1);
		}
		amdvi->head = (amdvi->head + 1) % AMDVI_RING_ENTRIES;
	}
	/* Entries are empty before the unit may write to them again. */
	barrier_publish();
	mmio_write64(amdvi_reg(unit, AMDVI_EVTHEAD),
		     (uint64_t)amdvi->head * sizeof(struct amdvi_event));
}

/* Let a unit that ran out of room go on logging. */
static void restart(struct iommu_unit *unit)
{
	amdvi_control(unit, AMDVI_CTL_EVENTLOG_EN, false);
	mmio_write64(amdvi_reg(unit, AMDVI_STATUS), AMDVI_STS_OVERFLOW);
	amdvi_control(unit, AMDVI_CTL_EVENTLOG_EN, true);
}

bool amdvi_event_read(struct iommu_unit *unit)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		uint64_t status = mmio_read64(amdvi_reg(unit, AMDVI_STATUS));

		/* All ones: nothing answers there any more. */
		if (status == UINT64_MAX) {
			return false;
		}
		/* Before the log is looked at: what comes later is announced.
		 */
		mmio_write64(amdvi_reg(unit, AMDVI_STATUS), AMDVI_STS_EVENTINT);
		drain(unit);
		if ((status & AMDVI_STS_OVERFLOW) == 0) {
			return false;
		}
		/* How many were lost is not told: one at least. */
		fault_lost(1);
		restart(unit);
	}
	return true;
}

/* By the MSI capability of the unit's own function; ours, no guest sees it. */
void amdvi_event_announce(struct iommu_unit *unit, uint32_t apic_id,
			  uint8_t vector)
{
	const struct amdvi *amdvi = amdvi_of(unit);
	uint32_t sbdf = (uint32_t)unit->segment << 16 |
			amdvi->ivrs->unit[amdvi->index].bdf;
	const struct pci_device *function = pci_device_find(sbdf);

	if (function == NULL || !pci_msi_start(function, apic_id, vector)) {
		log_warn("amdvi: unit at %lx: its function %x has no MSI; "
			 "faults are collected when they are read",
			 unit->registers.addr, sbdf);
		return;
	}
	amdvi_control(unit, AMDVI_CTL_EVENTINT_EN, true);
}

int amdvi_event_start(struct iommu_unit *unit)
{
	struct amdvi *amdvi = amdvi_of(unit);
	int err;

	amdvi_control(unit, AMDVI_CTL_EVENTLOG_EN, false);
	err = amdvi_wait_status(unit, AMDVI_STS_EVENT_RUN, 0);
	if (err) {
		return err;
	}
	amdvi->head = 0;
	mmio_write64(amdvi_reg(unit, AMDVI_EVTLOG),
		     amdvi->events.addr |
			     field_prep(AMDVI_RING_LENGTH, AMDVI_RING_LG2));
	mmio_write64(amdvi_reg(unit, AMDVI_EVTHEAD), 0);
	mmio_write64(amdvi_reg(unit, AMDVI_EVTTAIL), 0);
	mmio_write64(amdvi_reg(unit, AMDVI_STATUS), AMDVI_STS_OVERFLOW |
							    AMDVI_STS_EVENTINT |
							    AMDVI_STS_COMWAIT);
	amdvi_control(unit, AMDVI_CTL_EVENTLOG_EN, true);
	return 0;
}
