// SPDX-License-Identifier: MIT
/*
 * The command buffer, used one request at a time: the request, a
 * COMPLETION_WAIT that makes the unit store a number nobody has used before,
 * and the wait for that number. So at most two commands of 256 are under way,
 * the next request starts after the last one's answer, and an answer that comes
 * too late is never taken for another's.
 *
 * A unit stops at a command that it refuses (CmdBufRun clear) and goes on after
 * the buffer has been switched off and on; then it is empty, and what was in it
 * has failed.
 *
 * AMD IOMMU specification, 48882, "Command Buffer", "COMPLETION_WAIT",
 * "ILLEGAL_COMMAND_ERROR".
 */
#include "arch/barrier.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "base/log.h"
#include "iommu/amdvi/amdvi.h"
#include "lib/error.h"

static unsigned read_head(const struct iommu_unit *unit)
{
	uint64_t head = mmio_read64(amdvi_reg(unit, AMDVI_CMDHEAD));

	return (unsigned)(head / sizeof(struct amdvi_command)) %
	       AMDVI_RING_ENTRIES;
}

static void post(struct amdvi *amdvi, struct amdvi_command command)
{
	struct amdvi_command *ring = physmap_ptr(amdvi->commands);

	ring[amdvi->tail] = command;
	amdvi->tail = (amdvi->tail + 1) % AMDVI_RING_ENTRIES;
}

static struct amdvi_command wait_command(const struct amdvi *amdvi)
{
	return (struct amdvi_command){{
		field_prep(AMDVI_CMD_CODE, AMDVI_CMD_WAIT) | AMDVI_WAIT_STORE |
			AMDVI_WAIT_FLUSH |
			(amdvi->status.addr & AMDVI_WAIT_ADDRESS),
		amdvi->sequence,
	}};
}

static bool is_done(const struct amdvi *amdvi)
{
	uint64_t done = read_once(*(uint64_t *)physmap_ptr(amdvi->status));

	barrier_observe();
	return done == amdvi->sequence;
}

static int give_up(struct iommu_unit *unit, const char *what)
{
	unit->has_failed = true;
	log_error("amdvi: unit at %lx: %s (head %u tail %u status %lx); "
		  "no further request is made",
		  unit->registers.addr, what, read_head(unit),
		  amdvi_of(unit)->tail,
		  mmio_read64(amdvi_reg(unit, AMDVI_STATUS)));
	return -XEN_EIO;
}

/* Place an empty buffer; pointers may be written while it is off. */
static void place(struct iommu_unit *unit)
{
	struct amdvi *amdvi = amdvi_of(unit);

	amdvi->tail = 0;
	mmio_write64(amdvi_reg(unit, AMDVI_CMDBUF),
		     amdvi->commands.addr |
			     field_prep(AMDVI_RING_LENGTH, AMDVI_RING_LG2));
	mmio_write64(amdvi_reg(unit, AMDVI_CMDHEAD), 0);
	mmio_write64(amdvi_reg(unit, AMDVI_CMDTAIL), 0);
	amdvi_control(unit, AMDVI_CTL_CMDBUF_EN, true);
}

int amdvi_command_start(struct iommu_unit *unit)
{
	int err;

	amdvi_control(unit, AMDVI_CTL_CMDBUF_EN, false);
	err = amdvi_wait_status(unit, AMDVI_STS_CMD_RUN, 0);
	if (err) {
		return err;
	}
	place(unit);
	return 0;
}

/*
 * Take a stopped buffer on. The request has failed all the same. The event that
 * tells of it stays in the log until somebody collects: that may silence a
 * requester, which takes a command, and there is no buffer for one here.
 */
static int recover(struct iommu_unit *unit)
{
	const struct amdvi_command *ring =
		physmap_ptr(amdvi_of(unit)->commands);
	unsigned head = read_head(unit);

	log_error("amdvi: unit at %lx: refused command %u: %lx %lx",
		  unit->registers.addr, head, ring[head].word[0],
		  ring[head].word[1]);
	if (amdvi_command_start(unit) != 0 ||
	    amdvi_wait_status(unit, AMDVI_STS_CMD_RUN, AMDVI_STS_CMD_RUN) !=
		    0) {
		return give_up(unit, "command buffer does not recover");
	}
	return -XEN_EIO;
}

static int wait_done(struct iommu_unit *unit)
{
	struct deadline deadline = deadline_in_ns(IOMMU_DEADLINE_NS);

	for (;;) {
		/* Asked first, so that a late look is still a look. */
		bool is_late = deadline_passed(deadline);
		uint64_t status = mmio_read64(amdvi_reg(unit, AMDVI_STATUS));

		/* The wait stands behind the request: its answer is both's. */
		if (is_done(amdvi_of(unit))) {
			return 0;
		}
		if ((status & AMDVI_STS_CMD_RUN) == 0) {
			return recover(unit);
		}
		if (is_late) {
			return give_up(unit, "invalidation not confirmed");
		}
		cpu_relax();
	}
}

int amdvi_command_run(struct iommu_unit *unit, struct amdvi_command request)
{
	struct amdvi *amdvi = amdvi_of(unit);

	if (unit->has_failed) {
		return -XEN_EIO;
	}
	/* The last request's answer has emptied it; else nobody knows what. */
	if (read_head(unit) != amdvi->tail) {
		return give_up(unit, "command buffer is not empty");
	}
	amdvi->sequence++;
	post(amdvi, request);
	post(amdvi, wait_command(amdvi));
	/* Commands are in memory before the unit is told of them. */
	barrier_publish();
	mmio_write64(amdvi_reg(unit, AMDVI_CMDTAIL),
		     (uint64_t)amdvi->tail * sizeof(struct amdvi_command));
	return wait_done(unit);
}
