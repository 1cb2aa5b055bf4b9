// SPDX-License-Identifier: MIT
/*
 * The transport of SLUICE_HYPERCALL: who may call, which bytes are read and
 * written, and what is refused before the service is asked.
 */
#include "hypercall/hypercall.h"
#include "service_fixture.h"

#include <stdint.h>
#include <string.h>
#include <xen/xen.h>

#define ARGUMENT (FAKE_GUEST_LINEAR + FAKE_GUEST_ARGUMENT)

static const struct op {
	const char *name;
	uint64_t number;
	size_t bytes;
	bool for_control;
} ops[] = {
#define ANY_GUEST		 false
#define CONTROL			 true
#define ROW(nr, name, type, who) {#name, nr, sizeof(type), who},
	SLUICE_DMA_OPS(ROW)
#undef ROW
#undef CONTROL
#undef ANY_GUEST
};

#define OPS (sizeof(ops) / sizeof(ops[0]))

static struct fake_guest *g;

/* ---- refusals, in order ---- */

struct request {
	uint64_t op;
	uint64_t at;
	uint32_t size;
	bool is_64bit;
	uint8_t cpl;
	bool is_read_only;
	uint8_t tail;
};

/* clang-format off */
static void leave_64bit(void *r) { ((struct request *)r)->is_64bit = false; }
static void leave_ring0(void *r) { ((struct request *)r)->cpl = 3; }
static void unknown_op(void *r) { ((struct request *)r)->op = 13; }
static void control_op(void *r)
{
	struct request *q = r;

	if (q->op == SLUICE_OP_info) {
		q->op = SLUICE_OP_platform;
	}
}
static void misalign(void *r) { ((struct request *)r)->at += 4; }
static void shrink(void *r) { ((struct request *)r)->size = 16; }
static void protect(void *r) { ((struct request *)r)->is_read_only = true; }
static void fill_tail(void *r) { ((struct request *)r)->tail = 1; }
/* clang-format on */

static int64_t attempt(const struct defect *early, const struct defect *late)
{
	struct request r = {
		.op = SLUICE_OP_info,
		.at = ARGUMENT,
		.size = sizeof(struct sluice_info) + 64,
		.is_64bit = true,
	};
	uint8_t bytes[256] = {0}, found[256];
	int64_t result;

	if (late != NULL) {
		late->spoil(&r);
	}
	early->spoil(&r);
	memcpy(bytes, &r.size, sizeof(r.size));
	bytes[r.size + 100] = r.tail;
	bytes[sizeof(struct sluice_info) + 60] = r.tail;
	fake_guest_write(g, FAKE_GUEST_ARGUMENT, bytes, sizeof(bytes));
	fake_guest_protect(g, FAKE_GUEST_ARGUMENT, true, !r.is_read_only);
	g->caller.is_64bit = r.is_64bit;
	g->caller.cpl = r.cpl;
	result = fake_guest_hypercall(g, SLUICE_HYPERCALL, r.op, r.at, 0);
	fake_guest_read(g, FAKE_GUEST_ARGUMENT, found, sizeof(found));
	EXPECT(memcmp(bytes, found, sizeof(bytes)) == 0, "%s: bytes written",
	       early->name);
	return result;
}

START_TEST(transport_refuses_in_order)
{
	/* Of any two defects of one call the earlier in the order answers. */
	static const struct defect defects[] = {
		{"mode", -XEN_EOPNOTSUPP, leave_64bit},
		{"ring", -XEN_EPERM, leave_ring0},
		{"sub-op", -XEN_ENOSYS, unknown_op},
		{"privilege", -XEN_EPERM, control_op},
		{"alignment", -XEN_EINVAL, misalign},
		{"size", -XEN_EINVAL, shrink},
		{"read-only", -XEN_EFAULT, protect},
		{"tail", -XEN_E2BIG, fill_tail},
	};

	boot_service(_i);
	g = guest_with(0, 0);
	expect_order(defects, sizeof(defects) / sizeof(defects[0]), attempt);
	machine_shutdown();
}
END_TEST

START_TEST(mode_and_ring_are_asked_of_every_family)
{
	/* Outside 64-bit mode or ring 0 no hypercall number is served. */
	boot_service(_i);
	g = machine_control();
	for (uint64_t number = 0; number < 64; number++) {
		g->caller.is_64bit = false;
		ANSWERS(-XEN_EOPNOTSUPP,
			fake_guest_hypercall(g, number, 0, ARGUMENT, 0));
		ANSWERS(-XEN_EOPNOTSUPP,
			fake_guest_hypercall(g, number | ~(uint64_t)UINT32_MAX,
					     0, ARGUMENT, 0));
		g->caller.is_64bit = true;
		for (g->caller.cpl = 3; g->caller.cpl > 0; g->caller.cpl--) {
			ANSWERS(-XEN_EPERM, fake_guest_hypercall(g, number, 0,
								 ARGUMENT, 0));
		}
	}
	machine_shutdown();
}
END_TEST

START_TEST(unknown_numbers_are_told)
{
	/* Gaps, sub-ops beyond, and numbers with high bits: ENOSYS. */
	bool is_known[64] = {false};

	boot_service(_i);
	for (unsigned i = 0; i < OPS; i++) {
		is_known[ops[i].number] = true;
	}
	for (unsigned who = 0; who < 2; who++) {
		g = who ? machine_control() : guest_with(0, 0);
		for (uint64_t n = 0; n < 64; n++) {
			uint64_t high[] = {n | BIT(32), n | BIT(63), ~n};

			for (unsigned i = 0; i < 3; i++) {
				ANSWERS(-XEN_ENOSYS,
					fake_guest_hypercall(
						g, SLUICE_HYPERCALL, high[i],
						g->argument_at, 0));
			}
			if (!is_known[n]) {
				ANSWERS(-XEN_ENOSYS,
					fake_guest_hypercall(
						g, SLUICE_HYPERCALL, n,
						g->argument_at, 0));
			}
		}
		ANSWERS(-XEN_ENOSYS,
			fake_guest_hypercall(g, SLUICE_HYPERCALL | BIT(32), 0,
					     g->argument_at, 0));
	}
	machine_shutdown();
}
END_TEST

START_TEST(guest_finds_no_management_call)
{
	/* Xen's calls do not exist for a guest, ours for the tools are EPERM.
	 */
	static const uint64_t numbers[] = {
		__HYPERVISOR_memory_op,	  __HYPERVISOR_multicall,
		__HYPERVISOR_xen_version, __HYPERVISOR_vcpu_op,
		__HYPERVISOR_sysctl,	  __HYPERVISOR_domctl,
		__HYPERVISOR_hvm_op,	  __HYPERVISOR_grant_table_op,
	};

	boot_service(_i);
	g = guest_with(0, 0);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ANSWERS(-XEN_ENOSYS,
			fake_guest_hypercall(g, numbers[i], 0, ARGUMENT, 0));
	}
	for (unsigned i = 0; i < OPS; i++) {
		uint8_t argument[PAGE_BYTES] = {0};

		if (ops[i].for_control) {
			ANSWERS(-XEN_EPERM,
				fake_guest_call(g, ops[i].number, argument,
						ops[i].bytes));
		}
	}
	machine_shutdown();
}
END_TEST

/* ---- size and place of the structure ---- */

/* The caller of a sub-op, and its argument's bytes, all 0 but the size. */
static int64_t call_sized(const struct op *op, uint8_t *argument, uint32_t size,
			  size_t bytes)
{
	g = machine_control();
	memcpy(argument, &size, sizeof(size));
	return fake_guest_call(g, op->number, argument, bytes);
}

START_TEST(size_is_judged_at_each_edge)
{
	/* Smaller is EINVAL; larger is fine with zeroes behind, else E2BIG. */
	boot_service(_i);
	for (unsigned i = 0; i < OPS; i++) {
		uint32_t exact = (uint32_t)ops[i].bytes;
		const struct {
			uint32_t size, dirty;
			int64_t answer;
		} rows[] = {
			{exact, 0, 0},
			{exact, exact, 0}, /* beyond what it says */
			{exact - 1, 0, -XEN_EINVAL},
			{16, 0, -XEN_EINVAL},
			{1, 0, -XEN_EINVAL},
			{exact + 1, 0, 0},
			{exact + 1, exact, -XEN_E2BIG},
			{exact + 200, exact + 199, -XEN_E2BIG},
			{exact + 200, exact + 200, 0},
			{SLUICE_ARGUMENT_MAX, 0, 0},
			{SLUICE_ARGUMENT_MAX, 4095, -XEN_E2BIG},
			{SLUICE_ARGUMENT_MAX + 1, 0, -XEN_E2BIG},
			{UINT32_MAX, 0, -XEN_E2BIG},
		};

		for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
			uint8_t argument[PAGE_BYTES] = {0};
			int64_t got;

			argument[rows[r].dirty] = 1;
			got = call_sized(&ops[i], argument, rows[r].size,
					 sizeof(argument));
			EXPECT(got == rows[r].answer, "%s, row %u: %ld",
			       ops[i].name, r, (long)got);
		}
	}
	machine_reset();
}
END_TEST

START_TEST(structure_must_be_writable_memory)
{
	/* Unmapped, read-only, no RAM, not canonical, past the top: EFAULT. */
	const uint64_t page = FAKE_GUEST_ARGUMENT;
	const uint64_t border = ARGUMENT + PAGE_BYTES;

	boot_service(_i);
	g = guest_with(0, 0);
	for (unsigned i = 0; i < OPS; i++) {
		uint64_t cross = border - (ops[i].bytes / 16 * 8);
		uint32_t size = (uint32_t)ops[i].bytes;
		const struct {
			uint64_t at;
			bool first[2], second[2]; /* present, writable */
			int64_t answer;
		} rows[] = {
			{ARGUMENT, {false, false}, {true, true}, -XEN_EFAULT},
			{ARGUMENT, {true, false}, {true, true}, -XEN_EFAULT},
			{cross, {true, true}, {false, false}, -XEN_EFAULT},
			{cross, {true, true}, {true, false}, -XEN_EFAULT},
			{cross, {true, false}, {true, true}, -XEN_EFAULT},
			{cross, {true, true}, {true, true}, 0},
			{0x1000, {true, true}, {true, true}, -XEN_EFAULT},
			{BIT(63), {true, true}, {true, true}, -XEN_EFAULT},
			{UINT64_MAX - 15,
			 {true, true},
			 {true, true},
			 -XEN_EFAULT},
			{0, {true, true}, {true, true}, -XEN_EFAULT},
		};

		if (ops[i].for_control) {
			continue;
		}
		for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
			uint64_t gpa = page;
			int64_t got;

			if (rows[r].at == cross) {
				gpa += cross - ARGUMENT;
			}
			fake_guest_fill(g, page, 0, 2 * PAGE_BYTES);
			fake_guest_write(g, gpa, &size, sizeof(size));
			fake_guest_protect(g, page, rows[r].first[0],
					   rows[r].first[1]);
			fake_guest_protect(g, page + PAGE_BYTES,
					   rows[r].second[0],
					   rows[r].second[1]);
			got = fake_guest_hypercall(g, SLUICE_HYPERCALL,
						   ops[i].number, rows[r].at,
						   0);
			EXPECT(got == rows[r].answer, "%s, row %u: %ld",
			       ops[i].name, r, (long)got);
			fake_guest_protect(g, page, true, true);
			fake_guest_protect(g, page + PAGE_BYTES, true, true);
		}
	}
	machine_reset();
}
END_TEST

START_TEST(all_that_a_structure_claims_must_be_readable)
{
	/* A larger one that ends in a page that is not there: EFAULT. */
	const uint64_t page = FAKE_GUEST_ARGUMENT;

	boot_service(_i);
	g = guest_with(0, 0);
	for (unsigned i = 0; i < OPS; i++) {
		uint64_t cross = PAGE_BYTES - ops[i].bytes;
		uint32_t size = (uint32_t)ops[i].bytes + 8;

		if (ops[i].for_control || ops[i].bytes % 8 != 0) {
			continue;
		}
		for (unsigned there = 0; there < 2; there++) {
			fake_guest_fill(g, page, 0, 2 * PAGE_BYTES);
			fake_guest_write(g, page + cross, &size, sizeof(size));
			fake_guest_protect(g, page + PAGE_BYTES, there != 0,
					   true);
			EXPECT(fake_guest_hypercall(g, SLUICE_HYPERCALL,
						    ops[i].number,
						    ARGUMENT + cross, 0) ==
				       (there ? 0 : -XEN_EFAULT),
			       "%s", ops[i].name);
			fake_guest_protect(g, page + PAGE_BYTES, true, true);
		}
	}
	machine_reset();
}
END_TEST

START_TEST(structure_must_be_the_callers_memory)
{
	/* Linear addresses that lead to no RAM of the caller are unmapped. */
	const uint64_t targets[] = {512 * PAGE_BYTES, BIT(31), MACHINE_RAM_BASE,
				    MACHINE_VTD_BASE, BIT(51)};
	struct snapshot before;
	uint64_t cr3;

	boot_service(_i);
	g = guest_with(0, 0);
	before = snap(g);
	cr3 = g->caller.cr3;
	for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		fake_guest_remap(g, FAKE_GUEST_ARGUMENT, targets[i]);
		ANSWERS(-XEN_EFAULT,
			fake_guest_hypercall(g, SLUICE_HYPERCALL,
					     SLUICE_OP_create_domain, ARGUMENT,
					     0));
		fake_guest_remap(g, FAKE_GUEST_ARGUMENT, FAKE_GUEST_ARGUMENT);
		g->caller.cr3 = targets[i];
		ANSWERS(-XEN_EFAULT,
			fake_guest_hypercall(g, SLUICE_HYPERCALL,
					     SLUICE_OP_create_domain, ARGUMENT,
					     0));
		g->caller.cr3 = cr3;
	}
	expect_same(g, before, "foreign tables");
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(gate, transport_refuses_in_order,
	      mode_and_ring_are_asked_of_every_family, unknown_numbers_are_told,
	      guest_finds_no_management_call, size_is_judged_at_each_edge,
	      structure_must_be_writable_memory,
	      all_that_a_structure_claims_must_be_readable,
	      structure_must_be_the_callers_memory)
