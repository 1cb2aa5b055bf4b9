/* SPDX-License-Identifier: MIT */
/*
 * Counts the instructions of single calls: the caller's own, the switch to the
 * hypervisor and back, and all that the hypervisor does for the call.
 *
 * It boots in Linux's place, as the control domain's kernel, and prints to COM1
 * itself: Linux's x2APIC timer ends QEMU under -icount ("Bad icount read"), and
 * without Linux no other CPU runs and a boot takes a second.
 *
 * Runs under -icount shift=0, where every instruction moves the time stamp
 * counter by one. Each call is timed alone, ROUNDS times; the least counts, and
 * the greatest is printed too. What an empty call takes (the two readings, the
 * indirect call) is subtracted.
 *
 * All is done twice: before any device was attached nothing can be cached and
 * unmapping flushes nothing; then with an edu attached, so that it does.
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

/* Guest-physical: RAM of the control domain above this image. */
#define MEMORY UINT64_C(0x4000000)

#define COM1	    0x3f8u
#define COM1_STATUS (COM1 + 5)
#define COM1_EMPTY  0x20u

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
		REPORT(BENCH_CALL, measure(f[i].act, f[i].undo), STATUS_SUCCESS,
		       f[i].step);
		REPORT(f[i].step, ticks[0] - nothing, REPORT_ANY,
		       ticks[ROUNDS - 1] - nothing);
	}
}

static void attach_device(void)
{
	struct sluice_attach_device attach = {.domain = domain};
	struct sluice_create_device token = {.sbdf = 0};
	struct edu edu;

	REPORT(BENCH_SETUP, edu_find(&edu), STATUS_SUCCESS, 0);
	token.sbdf = edu.sbdf;
	REPORT(BENCH_SETUP, SLUICE_CALL(create_device, &token), STATUS_SUCCESS,
	       edu.sbdf);
	attach.device = token.device;
	REPORT(BENCH_SETUP, SLUICE_CALL(attach_device, &attach), STATUS_SUCCESS,
	       edu.sbdf);
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
	REPORT(BENCH_SETUP, map(LOGICAL_NEIGHBOUR, 1, false), STATUS_SUCCESS,
	       LOGICAL_NEIGHBOUR);
}

static void report_all(void)
{
	uint64_t nothing;

	measure(act_nothing, act_nothing);
	nothing = ticks[0];
	report_figures(figures, sizeof(figures) / sizeof(*figures), nothing);
	/* These take away what they find, and put it back. */
	REPORT(BENCH_SETUP, act_map_1(), STATUS_SUCCESS, LOGICAL_ONE);
	REPORT(BENCH_SETUP, act_map_512(), STATUS_SUCCESS, LOGICAL_MANY);
	report_figures(inverse_figures,
		       sizeof(inverse_figures) / sizeof(*inverse_figures),
		       nothing);
	REPORT(BENCH_SETUP, act_unmap_1(), STATUS_SUCCESS, LOGICAL_ONE);
	REPORT(BENCH_SETUP, act_unmap_512(), STATUS_SUCCESS, LOGICAL_MANY);
}

/* Who has the machine's RAM, 4 KiB pages. */
static void report_memory(void)
{
	struct sluice_platform p = {.cpu_count = 0};

	REPORT(BENCH_SETUP, SLUICE_CALL(platform, &p), STATUS_SUCCESS, 0);
	REPORT(BENCH_RAM, 0, REPORT_ANY, p.memory_pages);
	REPORT(BENCH_CONTROL, 0, REPORT_ANY, p.control_pages);
	REPORT(BENCH_GUESTS, 0, REPORT_ANY, p.pool_pages);
	REPORT(BENCH_OWN, 0, REPORT_ANY, p.hypervisor_pages);
	REPORT(BENCH_OWN_FREE, 0, REPORT_ANY, p.hypervisor_free_pages);
}

/* ---- saying it ---- */

static void print_char(char c)
{
	uint8_t status;

	do {
		__asm__ volatile("inb %w1, %b0"
				 : "=a"(status)
				 : "d"(COM1_STATUS));
	} while ((status & COM1_EMPTY) == 0);
	__asm__ volatile("outb %b0, %w1" : : "a"(c), "d"(COM1));
}

static void print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		print_char(*text);
	}
}

static void print_number(uint64_t value)
{
	char text[21];
	char *at = text + sizeof(text) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	print_char(' ');
	print_text(at);
}

/* "bench: RUN NUMBER VALUE AUX" for each step since the last time. */
static void print_steps(uint32_t run)
{
	for (uint32_t i = 0; i < report.step_count; i++) {
		print_text("bench:");
		print_number(run);
		print_number(report.step[i].id);
		print_number((uint32_t)report.step[i].value);
		print_number(report.step[i].aux);
		print_text("\r\n");
	}
	report.step_count = 0;
}

void guest_main(void)
{
	report_memory();
	set_up();
	report_all();
	print_steps(0);
	attach_device();
	report_all();
	print_steps(1);
	print_text("bench: end\r\n");
}
