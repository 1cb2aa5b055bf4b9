/* SPDX-License-Identifier: MIT */
/*
 * A machine with its service, and each call of it as one line: for the suites
 * of the DMA service and of the gate.
 */
#pragma once

#include "dma/dma.h"
#include "fail_at.h"
#include "fake_guest.h"
#include "guestmem.h"
#include "lib/error.h"
#include "suite.h"

#include <sluice/dma_iommu_types.h>
#include <sluice/dma_ops.h>

/* Functions of the machine, and the places where a guest sees its own. */
#define D1 SLUICE_SBDF(0, 0, 3, 0)
#define D2 SLUICE_SBDF(0, 0, 4, 0)
#define D3 SLUICE_SBDF(0, 0, 5, 0)
#define D4 SLUICE_SBDF(0, 0, 6, 0)
#define V1 SLUICE_SBDF(0, 0, 1, 0)
#define V2 SLUICE_SBDF(0, 0, 2, 0)

#define READ  IOMMU_ACCESS_READ
#define WRITE IOMMU_ACCESS_WRITE
#define RW    (READ | WRITE)

/* Guest-physical address of the n-th page that is the test's. */
#define P(n) ((FAKE_GUEST_FREE_PAGE + (uint64_t)(n)) * PAGE_BYTES)

/* Fails, showing the call, unless @call answers @want. */
#define ANSWERS(want, call)                                                    \
	do {                                                                   \
		int64_t want_ = (want);                                        \
		int64_t got_ = (call);                                         \
		EXPECT(got_ == want_, "%s: %lx, not " #want, #call,            \
		       (unsigned long)got_);                                   \
	} while (0)

/* ---- machines ---- */

/* The kinds of unit on which each property of the service must hold. */
#define SERVICE_KINDS 6
/* Behind them: those that walk first-stage tables alone, without Translate. */
#define FIRST_STAGE_KINDS 2
void boot_service(int kind);
struct machine_config service_machine(int kind); /* not booted */

/* A guest of 512 pages with @devices of D1, D2 ... assigned, from @first on. */
struct fake_guest *guest_with(unsigned devices, uint32_t first);

/* ---- calls: the status, or the handle (failing the test on refusal) ---- */

#define CALL(g, op, a) fake_guest_status(g, SLUICE_OP_##op, &(a), sizeof(a))

uint64_t new_domain(struct fake_guest *g, uint32_t type);
uint64_t new_device(struct fake_guest *g, uint32_t sbdf);
NTSTATUS create_domain(struct fake_guest *g, uint32_t type);
NTSTATUS create_device(struct fake_guest *g, uint32_t sbdf);
NTSTATUS delete_domain(struct fake_guest *g, uint64_t domain);
NTSTATUS delete_device(struct fake_guest *g, uint64_t device);
NTSTATUS attach(struct fake_guest *g, uint64_t domain, uint64_t device);
NTSTATUS detach(struct fake_guest *g, uint64_t device);
NTSTATUS map(struct fake_guest *g, uint64_t domain, uint64_t la, uint64_t gpa,
	     uint64_t pages, uint32_t permissions);
NTSTATUS map_frames(struct fake_guest *g, uint64_t domain, uint64_t la,
		    const uint64_t *frames, uint64_t pages,
		    uint32_t permissions);
NTSTATUS unmap(struct fake_guest *g, uint64_t domain, uint64_t la,
	       uint64_t pages);
NTSTATUS query_types(struct fake_guest *g, uint64_t device, uint32_t *types);
NTSTATUS create_with(struct fake_guest *g, uint32_t type,
		     const struct sluice_reserved_region *regions,
		     uint32_t count, uint64_t *domain);

/* set_types() - The control domain's say over a guest. */
NTSTATUS set_types(struct fake_guest *g, uint32_t allowed_types);

/* ---- what a refused call must leave alone ---- */

struct snapshot {
	struct sluice_inventory inventory;
	struct sluice_domain_info domain[8];
	struct machine_counts pages;
	struct dma_asid_counts asids;
};

struct snapshot snap(struct fake_guest *g);
/* expect_same() - Fail, naming @what, when @g is not as in @before. */
void expect_same(struct fake_guest *g, struct snapshot before,
		 const char *what);

/* ---- refusals in order ---- */

struct defect {
	const char *name;
	int32_t answer;
	void (*spoil)(void *request);
};

/**
 * expect_order() - Each defect alone gives its answer; of two, the earlier's.
 * @defects: in the order checked
 * @attempt: make a good request, spoil it by @late (NULL: not), then by
 *           @early, call
 */
void expect_order(const struct defect *defects, unsigned count,
		  int64_t (*attempt)(const struct defect *early,
				     const struct defect *late));

/* ---- devices ---- */

/* A write of a device arrives at the guest's page; a read sees it. */
bool lands(uint32_t sbdf, uint64_t la, struct fake_guest *g, uint64_t gpa);
bool sees(uint32_t sbdf, uint64_t la, struct fake_guest *g, uint64_t gpa);
/* is_blocked() - Neither reads nor writes pass, whatever bus-master says. */
bool is_blocked(uint32_t sbdf, uint64_t la);
/* reach() - Machine address that a device reaches, 0 = none; warms caches. */
uint64_t reach(uint32_t sbdf, uint64_t la, bool write);

/* ---- tests that hold on every kind of unit ---- */

#define KINDS_SUITE(name, kinds, ...)                                          \
	Suite *name##_suite(void);                                             \
	Suite *name##_suite(void)                                              \
	{                                                                      \
		const TTest *const tests[] = {__VA_ARGS__};                    \
		return service_suite(#name, tests,                             \
				     sizeof(tests) / sizeof(tests[0]), kinds); \
	}

#define SERVICE_SUITE(name, ...) KINDS_SUITE(name, SERVICE_KINDS, __VA_ARGS__)

Suite *service_suite(const char *name, const TTest *const *tests, size_t count,
		     int kind_count);
