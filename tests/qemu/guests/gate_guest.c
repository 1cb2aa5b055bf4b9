/* SPDX-License-Identifier: MIT */
/*
 * The gate takes a call from ring 0 of 64-bit mode, with a pointer that the
 * caller may write, and a header that fits; anything else gets its transport
 * code and is not read.
 *
 * The argument is an inventory call, since it tells success from a call that
 * was not made: the status field. Each row places the structure somewhere it
 * must not be, or gives it a header it must not have; `status` is the one that
 * must stand in the header afterwards, where the header can be read at all. The
 * other modes follow, then the registers: only rax may change.
 */
#include "guests/steps.h"
#include "lib/hypercall.h"
#include "lib/paging.h"
#include "lib/report.h"
#include "lib/trap.h"

#include <xen/errno.h>
#include <xen/xen.h>

#define HEADER_STEP  100u
#define POINTER_STEP 200u
#define MODE_STEP    300u

#define OP SLUICE_OP_inventory

/* Pages of one 2 MiB page whose rights are changed. */
#define PAGE_PLAIN    0x400000u
#define PAGE_READONLY 0x401000u
#define PAGE_ABSENT   0x402000u
#define PAGE_HOLE     0x403000u /* shows what is no RAM                    */
#define PAGE_BORDER   0x404000u /* followed by an absent page              */
#define PAGE_SPLIT    0x406000u /* followed by a page that lies elsewhere  */
#define PAGE_EDGE     0x409000u /* so is this one                          */
#define PAGE_FAR      0x480000u
#define HOLE	      0xd0000000u

static struct sluice_inventory *argument_at(uint64_t address)
{
	struct sluice_inventory *argument = (void *)(uintptr_t)address;

	*argument = (struct sluice_inventory){
		.header = {.size = sizeof(*argument), .status = NOT_CARRIED},
		.guest = SLUICE_GUEST_SELF,
	};
	return argument;
}

static void headers(void)
{
	const struct {
		uint32_t op, size, flags, reserved, reserved2, tail;
		int32_t code;
		NTSTATUS status;
	} rows[] = {
		{OP, 80, 0, 0, 0, 0, 0, STATUS_SUCCESS},
		{OP, 88, 0, 0, 0, 0, 0, STATUS_SUCCESS},
		{OP, 88, 0, 0, 0, 1, -XEN_E2BIG, NOT_CARRIED},
		{OP, 4096, 0, 0, 0, 0, 0, STATUS_SUCCESS},
		{OP, 4104, 0, 0, 0, 0, -XEN_E2BIG, NOT_CARRIED},
		{OP, UINT32_MAX, 0, 0, 0, 0, -XEN_E2BIG, NOT_CARRIED},
		{OP, 79, 0, 0, 0, 0, -XEN_EINVAL, NOT_CARRIED},
		{OP, 16, 0, 0, 0, 0, -XEN_EINVAL, NOT_CARRIED},
		{OP, 0, 0, 0, 0, 0, -XEN_EINVAL, NOT_CARRIED},
		{OP, 80, 1, 0, 0, 0, 0, STATUS_INVALID_PARAMETER},
		{OP, 80, 0, 1, 0, 0, 0, STATUS_INVALID_PARAMETER},
		{OP, 80, 0, 0, 1, 0, 0, STATUS_INVALID_PARAMETER},
		{13, 80, 0, 0, 0, 0, -XEN_ENOSYS, NOT_CARRIED},
		{99, 80, 0, 0, 0, 0, -XEN_ENOSYS, NOT_CARRIED},
		{UINT32_MAX, 80, 0, 0, 0, 0, -XEN_ENOSYS, NOT_CARRIED},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sluice_inventory *argument = argument_at(PAGE_PLAIN);

		argument->header.size = rows[i].size;
		argument->header.flags = rows[i].flags;
		argument->header.reserved = rows[i].reserved;
		argument->reserved = rows[i].reserved2;
		*(uint32_t *)(argument + 1) = rows[i].tail;
		REPORT(HEADER_STEP + 2 * i, hypercall_raw(rows[i].op, argument),
		       rows[i].code, rows[i].size);
		REPORT(HEADER_STEP + 2 * i + 1, argument->header.status,
		       rows[i].status, rows[i].op);
		*(uint32_t *)(argument + 1) = 0;
	}
	/* The sub-op is 64 bits wide. */
	REPORT(HEADER_STEP + 40,
	       hypercall_raw(OP | 1ull << 32, argument_at(PAGE_PLAIN)),
	       -XEN_ENOSYS, 0);
}

static void pointers(void)
{
	static const struct {
		uint64_t address;
		int32_t code;
	} rows[] = {
		{PAGE_PLAIN + 1, -XEN_EINVAL},
		{PAGE_PLAIN + 4, -XEN_EINVAL},
		{UINT64_MAX, -XEN_EINVAL},
		{0x800000000008ull, -XEN_EFAULT},
		{0xffff800000000000ull, -XEN_EFAULT},
		{0x8000000000000000ull, -XEN_EFAULT},
		{-8ull, -XEN_EFAULT},
		{-64ull, -XEN_EFAULT},
		{1ull << 32, -XEN_EFAULT},
		{HOLE, -XEN_EFAULT},
		{0xfee00000, -XEN_EFAULT},
		{PAGE_READONLY, -XEN_EFAULT},
		{PAGE_ABSENT, -XEN_EFAULT},
		{PAGE_HOLE, -XEN_EFAULT},
		{PAGE_EDGE + 4096 - 16, -XEN_EFAULT},
		{PAGE_EDGE + 4096 - 8, -XEN_EFAULT},
		{PAGE_BORDER + 4096 - 80, 0},
		{PAGE_SPLIT + 4096 - 40, 0},
		{PAGE_READONLY - 40, -XEN_EFAULT},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		REPORT(POINTER_STEP + i,
		       hypercall_raw(OP, (void *)(uintptr_t)rows[i].address),
		       rows[i].code, rows[i].address);
	}
}

/* Good arguments where they can be; then take the rights away. */
static void pointers_prepare(void)
{
	volatile struct sluice_inventory *split;
	volatile uint8_t *far = (void *)(uintptr_t)PAGE_FAR;

	argument_at(PAGE_READONLY - 40);
	argument_at(PAGE_READONLY);
	argument_at(PAGE_ABSENT);
	argument_at(PAGE_BORDER + 4096 - 80);
	/* A header alone: the rest of the structure lies where nothing is. */
	argument_at(PAGE_EDGE + 4096 - 16);
	paging_set(PAGE_SPLIT + 4096, PAGE_FAR, PAGING_PRESENT | PAGING_WRITE);
	split = argument_at(PAGE_SPLIT + 4096 - 40);
	split->asid_count = 0x5a;
	REPORT(POINTER_STEP + 30, far[0], 0x5a, 0);
	paging_set(PAGE_READONLY, PAGE_READONLY, PAGING_PRESENT);
	paging_set(PAGE_ABSENT, 0, 0);
	paging_set(PAGE_HOLE, HOLE, PAGING_PRESENT | PAGING_WRITE);
	paging_set(PAGE_BORDER + 4096, 0, 0);
	paging_set(PAGE_EDGE + 4096, 0, 0);
}

static void modes(void)
{
	struct sluice_inventory *argument = argument_at(PAGE_PLAIN);
	uint64_t address = (uintptr_t)argument;

	REPORT(MODE_STEP, trap_call_ring3(SLUICE_HYPERCALL, OP, address),
	       -XEN_EPERM, 0);
	REPORT(MODE_STEP + 1, argument->header.status, NOT_CARRIED, 0);
	REPORT(MODE_STEP + 2, trap_call_compat(SLUICE_HYPERCALL, OP, address),
	       -XEN_EOPNOTSUPP, 0);
	REPORT(MODE_STEP + 3, argument->header.status, NOT_CARRIED, 0);
	REPORT(MODE_STEP + 4, trap_call_pattern(SLUICE_HYPERCALL, OP, address),
	       0, 0);
	REPORT(MODE_STEP + 5, argument->header.status, STATUS_SUCCESS,
	       argument->memory_pages);
	/* A call that is refused keeps them too. */
	REPORT(MODE_STEP + 6, trap_call_pattern(63, OP, address), 0, 0);
}

void guest_main(void)
{
	report_wait(1);
	headers();
	pointers_prepare();
	pointers();
	modes();
	report_wait(2);
}
