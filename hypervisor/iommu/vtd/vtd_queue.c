// SPDX-License-Identifier: MIT
/*
 * The invalidation queue, used one request at a time: the request, a wait that
 * makes the unit store a number nobody has used before, and the wait for that
 * number. So at most two descriptors are under way, the next request
 * starts after the last one's answer, and an answer that comes too late is
 * never taken for another's.
 *
 * VT-d specification, "Queued Invalidation Interface". The unit always snoops
 * the queue and the status, whatever it does for tables (ECAP.C).
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "base/log.h"
#include "iommu/vtd/vtd.h"
#include "lib/error.h"

#define BATCH 2u /* a request and its wait */

static unsigned entries(const struct vtd *vtd)
{
	return (unsigned)PAGE_BYTES >> vtd->descriptor_lg2;
}

/* Where a descriptor is wider than ours its upper half stays zero. */
static struct vtd_descriptor *slot(struct vtd *vtd, unsigned index)
{
	uint8_t *ring = physmap_ptr(vtd->queue);

	return (void *)(ring + ((size_t)(index % entries(vtd))
				<< vtd->descriptor_lg2));
}

static uint32_t read_done(const struct vtd *vtd)
{
	const uint8_t *page = physmap_ptr(vtd->status);
	uint32_t done = read_once(
		*(const uint32_t *)(const void *)(page + VTD_STATUS_DONE));

	barrier_observe();
	return done;
}

static unsigned read_head(const struct iommu_unit *unit)
{
	const struct vtd *vtd = vtd_of(unit);
	uint64_t head = mmio_read64(vtd_reg(unit, VTD_IQH));

	return (unsigned)(head >> vtd->descriptor_lg2) % entries(vtd);
}

static void write_tail(struct iommu_unit *unit)
{
	const struct vtd *vtd = vtd_of(unit);

	/* Descriptors are in memory before the unit is told of them. */
	barrier_publish();
	mmio_write64(vtd_reg(unit, VTD_IQT),
		     (uint64_t)vtd->tail << vtd->descriptor_lg2);
}

static void post(struct vtd *vtd, struct vtd_descriptor descriptor)
{
	*slot(vtd, vtd->tail) = descriptor;
	vtd->tail = (vtd->tail + 1) % entries(vtd);
}

static struct vtd_descriptor wait_descriptor(const struct vtd *vtd,
					     uint64_t where, uint32_t value)
{
	return (struct vtd_descriptor){
		.low = field_prep(VTD_DESC_TYPE, VTD_DESC_WAIT) | VTD_DESC_SW |
		       field_prep(VTD_DESC_STATUS, value),
		.high = (vtd->status.addr + where) & VTD_DESC_STADDR,
	};
}

static int give_up(struct iommu_unit *unit, const char *what)
{
	unit->has_failed = true;
	log_error("vtd: unit at %lx: %s (head %u tail %u status %x); "
		  "no further request is made",
		  unit->registers.addr, what, read_head(unit),
		  vtd_of(unit)->tail, mmio_read32(vtd_reg(unit, VTD_FSTS)));
	return -XEN_EIO;
}

/*
 * Take a stopped queue on: in place of what it stands at comes a harmless wait,
 * then the error is cleared, then the tail is written again.
 */
static void restart(struct iommu_unit *unit, uint32_t errors)
{
	struct vtd *vtd = vtd_of(unit);

	if ((errors & VTD_FSTS_IQE) != 0) {
		unsigned head = read_head(unit);
		struct vtd_descriptor *bad = slot(vtd, head);

		log_error("vtd: unit at %lx: refused descriptor %u: %lx %lx",
			  unit->registers.addr, head, bad->low, bad->high);
		*bad = wait_descriptor(vtd, VTD_STATUS_SCRATCH, 0);
		barrier_publish();
	}
	mmio_write32(vtd_reg(unit, VTD_FSTS), errors);
	write_tail(unit);
}

/* Empty the queue after an error. The request has failed all the same. */
static int recover(struct iommu_unit *unit, uint32_t errors)
{
	struct deadline deadline = deadline_in_ns(IOMMU_DEADLINE_NS);
	unsigned restarts = 0;

	for (;;) {
		bool is_late = deadline_passed(deadline);

		if (errors != 0) {
			if (restarts++ == BATCH) {
				return give_up(unit, "queue keeps stopping");
			}
			restart(unit, errors);
		} else if (read_head(unit) == vtd_of(unit)->tail) {
			return -XEN_EIO;
		}
		if (is_late) {
			return give_up(unit, "queue does not recover");
		}
		cpu_relax();
		errors = mmio_read32(vtd_reg(unit, VTD_FSTS)) & VTD_FSTS_QUEUE;
	}
}

static int wait_done(struct iommu_unit *unit)
{
	struct deadline deadline = deadline_in_ns(IOMMU_DEADLINE_NS);
	const struct vtd *vtd = vtd_of(unit);

	for (;;) {
		bool is_late = deadline_passed(deadline);
		uint32_t errors =
			mmio_read32(vtd_reg(unit, VTD_FSTS)) & VTD_FSTS_QUEUE;

		/*
		 * Errors first: one of them may have swallowed the request
		 * and still let the wait behind it through.
		 */
		if (errors != 0) {
			return recover(unit, errors);
		}
		if (read_done(vtd) == vtd->sequence) {
			return 0;
		}
		if (is_late) {
			return give_up(unit, "invalidation not confirmed");
		}
		cpu_relax();
	}
}

int vtd_queue_run(struct iommu_unit *unit, struct vtd_descriptor request)
{
	struct vtd *vtd = vtd_of(unit);

	if (unit->has_failed) {
		return -XEN_EIO;
	}
	/* The last request's answer has emptied it; else nobody knows what. */
	if (read_head(unit) != vtd->tail) {
		return give_up(unit, "queue is not empty");
	}
	vtd->sequence++;
	post(vtd, request);
	post(vtd, wait_descriptor(vtd, VTD_STATUS_DONE, vtd->sequence));
	write_tail(unit);
	return wait_done(unit);
}

int vtd_queue_start(struct iommu_unit *unit)
{
	struct vtd *vtd = vtd_of(unit);
	uint32_t status = mmio_read32(vtd_reg(unit, VTD_GSTS));
	int err;

	if ((status & VTD_G_QIE) != 0) {
		err = vtd_command(unit, VTD_G_QIE, false);
		if (err) {
			return err;
		}
	}
	vtd->tail = 0;
	mmio_write64(vtd_reg(unit, VTD_IQT), 0);
	/* Size field 0: one page, of either width. */
	mmio_write64(vtd_reg(unit, VTD_IQA),
		     vtd->queue.addr |
			     (vtd->descriptor_lg2 == 5 ? VTD_IQA_DW : 0));
	mmio_write32(vtd_reg(unit, VTD_FSTS), VTD_FSTS_QUEUE | VTD_FSTS_PFO);
	return vtd_command(unit, VTD_G_QIE, true);
}
