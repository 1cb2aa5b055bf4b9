/* SPDX-License-Identifier: MIT */
/*
 * Counts the instructions of single calls: the guest's own, the switch to the
 * hypervisor and back, and all that the hypervisor does for the call.
 *
 * Runs under -icount shift=0, where every instruction of any CPU moves the time
 * stamp counter by one. So each call is timed alone, ROUNDS times, and the
 * least counts: a round in which another CPU had its turn is longer. What an
 * empty call takes (the two readings, the indirect call) is subtracted.
 *
 * With an edu in its file the guest attaches it, so that unmapping has a unit
 * to flush; without one nothing was ever cached and no flush is due.
 */
#include "bench_figures.h"

#include "lib/edu.h"
#include "lib/hypercall.h"
#include "lib/report.h"

#include <sluice/sluice.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define ROUNDS		  32u
#define CALIBRATION_LOOPS 5000u /* of two instructions each */

/* Guest-physical: above the image, below the 8 MiB that the guest has. */
#define MEMORY UINT64_C(0x400000)

/* Logical: one page stays mapped, so that the tables above do not come and go.
 */
#define LOGICAL_NEIGHBOUR UINT64_C(0x40000000)
#define LOGICAL_ONE	  (LOGICAL_NEIGHBOUR + 8 * SLUICE_PAGE_BYTES)
#define LOGICAL_MANY	  (LOGICAL_NEIGHBOUR + UINT64_C(0x200000))

#define READ_WRITE (IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE)

/* A call under measure, and what undoes it outside the measured time. */
struct figure {
	enum bench_step step;
	NTSTATUS (*act)(void);
	NTSTATUS (*undo)(void);
};

static DMA_IOMMU_INTERFACE_EX io;
static uint64_t domain; /* handle */
static uint64_t ticks[ROUNDS];
static uint64_t frames[SLUICE_MAP_MAX];

static NTSTATUS act_nothing(void)
{
	return STATUS_SUCCESS;
}

static NTSTATUS act_calibration(void)
{
	uint32_t loops = CALIBRATION_LOOPS;

	__asm__ volatile("1: decl %0; jnz 1b" : "+r"(loops) : : "cc");
	return STATUS_SUCCESS;
}

static NTSTATUS act_yield(void)
{
	return (NTSTATUS)hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL);
}

static NTSTATUS act_info(void)
{
	struct sluice_info call = {.abi_version = 0};

	return SLUICE_CALL(info, &call);
}

static NTSTATUS act_create_delete(void)
{
	struct sluice_create_domain create = {.type = DomainTypeTranslate};
	struct sluice_domain_ref delete = {.domain = 0};
	NTSTATUS status = SLUICE_CALL(create_domain, &create);

	if (status != STATUS_SUCCESS) {
		return status;
	}
	delete.domain = create.domain;
	return SLUICE_CALL(delete_domain, &delete);
}

static NTSTATUS map(uint64_t logical, uint64_t pages, bool from_list)
{
	struct sluice_map call = {
		.domain = domain,
		.permissions = READ_WRITE,
		.kind = from_list ? SLUICE_MAP_FRAMES : SLUICE_MAP_CONTIGUOUS,
		.base = from_list ? 0 : MEMORY,
		.frames = from_list ? (uintptr_t)frames : 0,
		.pages = pages,
		.logical_address = logical,
		.has_logical_address = 1,
	};

	return SLUICE_CALL(map, &call);
}

static NTSTATUS unmap(uint64_t logical, uint64_t pages)
{
	struct sluice_unmap call = {
		.domain = domain,
		.logical_address = logical,
		.pages = pages,
	};

	return SLUICE_CALL(unmap, &call);
}

static NTSTATUS act_map_1(void)
{
	return map(LOGICAL_ONE, 1, false);
}

static NTSTATUS act_unmap_1(void)
{
	return unmap(LOGICAL_ONE, 1);
}

static NTSTATUS act_map_512(void)
{
	return map(LOGICAL_MANY, SLUICE_MAP_MAX, false);
}

static NTSTATUS act_frames_512(void)
{
	return map(LOGICAL_MANY, SLUICE_MAP_MAX, true);
}

static NTSTATUS act_unmap_512(void)
{
	return unmap(LOGICAL_MANY, SLUICE_MAP_MAX);
}

/* The library's handles are the hypervisor's. */
static PIOMMU_DMA_DOMAIN library_domain(void)
{
	return (PIOMMU_DMA_DOMAIN)(uintptr_t)domain;
}

static NTSTATUS act_library_map(void)
{
	IOMMU_MAP_PHYSICAL_ADDRESS memory = {
		.MapType = MapPhysicalAddressTypeContiguousRange,
	};
	IOMMU_DMA_LOGICAL_ADDRESS wanted = LOGICAL_ONE, got = 0;

	memory.ContiguousRange.Base = MEMORY;
	memory.ContiguousRange.Size = SLUICE_PAGE_BYTES;
	return io.V2.MapLogicalRangeEx(library_domain(), READ_WRITE, &memory,
				       &wanted, NULL, NULL, &got);
}

static NTSTATUS act_library_unmap(void)
{
	return io.V2.UnmapLogicalRange(library_domain(), LOGICAL_ONE, 1);
}

/* An unmap is measured as the undoing of a map, which is done before it. */
static const struct figure figures[] = {
	{BENCH_calibration, act_calibration, act_nothing},
	{BENCH_yield, act_yield, act_nothing},
	{BENCH_info, act_info, act_nothing},
	{BENCH_create_delete, act_create_delete, act_nothing},
	{BENCH_map_1, act_map_1, act_unmap_1},
	{BENCH_map_512, act_map_512, act_unmap_512},
	{BENCH_frames_512, act_frames_512, act_unmap_512},
	{BENCH_library_map, act_library_map, act_library_unmap},
};

static const struct figure inverse_figures[] = {
	{BENCH_unmap_1, act_unmap_1, act_map_1},
	{BENCH_unmap_512, act_unmap_512, act_map_512},
	{BENCH_library_unmap, act_library_unmap, act_library_map},
};

/* Fills ticks[], least first. Return: the first status that is no success. */
static NTSTATUS measure(NTSTATUS (*act)(void), NTSTATUS (*undo)(void))
{
	NTSTATUS first = STATUS_SUCCESS;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t begin = clock_ticks();
		NTSTATUS status = act();
		uint64_t took = clock_ticks() - begin;
		uint32_t at = i;

		if (first == STATUS_SUCCESS) {
			first = status;
		}
		status = undo();
		if (first == STATUS_SUCCESS) {
			first = status;
		}
		for (; at > 0 && ticks[at - 1] > took; at--) {
			ticks[at] = ticks[at - 1];
		}
		ticks[at] = took;
	}
	return first;
}

static void report_figures(const struct figure *f, uint32_t count,
			   uint64_t nothing)
{
	for (uint32_t i = 0; i < count; i++) {
		REPORT(BENCH_CALL, measure(f[i].act, f[i].undo),
		       STATUS_SUCCESS, f[i].step);
		REPORT(f[i].step, ticks[0] - nothing, REPORT_ANY,
		       ticks[ROUNDS / 2] - nothing);
	}
}

/* Return: whether a device's DMA goes through the domain now. */
static bool attach_device(void)
{
	struct sluice_attach_device attach = {.domain = domain};
	struct sluice_create_device token = {.sbdf = 0};
	struct edu edu;

	if (edu_find(&edu) != STATUS_SUCCESS) {
		return false;
	}
	token.sbdf = edu.sbdf;
	REPORT(BENCH_SETUP, SLUICE_CALL(create_device, &token), STATUS_SUCCESS,
	       edu.sbdf);
	attach.device = token.device;
	REPORT(BENCH_SETUP, SLUICE_CALL(attach_device, &attach), STATUS_SUCCESS,
	       edu.sbdf);
	return true;
}

static void set_up(void)
{
	struct sluice_create_domain create = {.type = DomainTypeTranslate};

	sluice_set_carrier(sluice_carry_vmmcall);
	REPORT(BENCH_SETUP,
	       IoGetIommuInterfaceEx(DMA_IOMMU_INTERFACE_EX_VERSION_2, 0, &io),
	       STATUS_SUCCESS, 0);
	for (uint32_t i = 0; i < SLUICE_MAP_MAX; i++) {
		frames[i] = MEMORY / SLUICE_PAGE_BYTES + i;
	}
	REPORT(BENCH_SETUP, SLUICE_CALL(create_domain, &create), STATUS_SUCCESS,
	       create.domain);
	domain = create.domain;
	REPORT(BENCH_DEVICE, attach_device(), REPORT_ANY, 0);
	REPORT(BENCH_SETUP, map(LOGICAL_NEIGHBOUR, 1, false), STATUS_SUCCESS,
	       LOGICAL_NEIGHBOUR);
}

void guest_main(void)
{
	uint64_t nothing;

	set_up();
	measure(act_nothing, act_nothing);
	nothing = ticks[0];
	report_figures(figures, sizeof(figures) / sizeof(*figures), nothing);
	/* These take away what they find. */
	REPORT(BENCH_SETUP, act_map_1(), STATUS_SUCCESS, LOGICAL_ONE);
	REPORT(BENCH_SETUP, act_map_512(), STATUS_SUCCESS, LOGICAL_MANY);
	report_figures(inverse_figures,
		       sizeof(inverse_figures) / sizeof(*inverse_figures),
		       nothing);
}
