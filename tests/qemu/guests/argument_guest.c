/* SPDX-License-Identifier: MIT */
/*
 * A wrong argument gets the status of its position, and has no effect.
 *
 * This amd64 guest makes CreateDomainEx, MapLogicalRangeEx and
 * UnmapLogicalRange calls that are right but for one field, from the tables
 * below: each row names the field by the value it carries, and the status that
 * the contract gives it. Memory rows are the ones that matter most: beyond the
 * guest's RAM, its device's BAR, the interrupt window, the IOMMU's registers,
 * frame lists that hide one bad frame. Between the calls the domain's mapped
 * pages must stay at the one page that was mapped rightly; last come the
 * guest's quota of domains and its inventory, back at zero.
 */
#include "guests/steps.h"
#include "guests/try.h"
#include "lib/edu.h"
#include "lib/report.h"

#define CREATE_STEP 100u
#define MAP_STEP    200u
#define FRAMES_STEP 260u
#define UNMAP_STEP  300u
#define QUOTA_STEP  400u

#define RAM_END	  0x800000u /* the guest's file gives it 8 MiB          */
#define GOOD_PAGE PAGE_TARGET
#define GOOD_AT	  LOGICAL_TARGET
#define HOLE	  0xd0000000u
#define RW	  (IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE)
#define IP(n)	  STATUS_INVALID_PARAMETER_##n

static uint64_t domain;
static uint64_t bar; /* of the guest's edu, if it has one */

static const struct sluice_reserved_region good_region = {0x10000, 1, 0, {0}};
static const struct sluice_reserved_region misaligned = {0x10800, 1, 0, {0}};
static const struct sluice_reserved_region empty = {0x10000, 0, 0, {0}};
static const struct sluice_reserved_region wrapping = {-4096ull, 2, 0, {0}};
static const struct sluice_reserved_region wide = {1ull << 60, 1, 0, {0}};
static const struct sluice_reserved_region no_ram = {HOLE, 1, 1, {0}};
static const struct sluice_reserved_region contrary[2] = {{0x10000, 2, 0, {0}},
							  {0x11000, 1, 1, {0}}};

/* clang-format off */
#define REGIONS(list, count) .regions = (uintptr_t)(list), .region_count = (count)
static void create_wrongly(void)
{
	const struct {
		struct sluice_create_domain call;
		NTSTATUS wanted;
	} rows[] = {
		{{.type = DomainTypeMax},                                    IP(1)},
		{{.type = UINT32_MAX},                                       IP(1)},
		{{.creation_flags = 1},                                      IP(2)},
		{{.creation_flags = 1ull << 63},                             IP(2)},
		{{.allocator_type = IommuDmaLogicalAllocatorMax},            IP(3)},
		{{.allocator_type = 1, .allocator_width = 11},               IP(3)},
		{{.allocator_type = 1, .allocator_width = 63},               IP(3)},
		{{.allocator_type = 1, .allocator_width = 64},               IP(3)},
		{{.allocator_type = 1, .allocator_width = 30,
		  .type = DomainTypePassThrough},                            IP(3)},
		{{REGIONS(&misaligned, 1)},                                  IP(4)},
		{{REGIONS(&empty, 1)},                                       IP(4)},
		{{REGIONS(&wrapping, 1)},                                    IP(4)},
		{{REGIONS(&wide, 1)},                                        IP(4)},
		{{REGIONS(&no_ram, 1)},                                      IP(4)},
		{{REGIONS(contrary, 2)},                                     IP(4)},
		{{REGIONS(&good_region, SLUICE_REGIONS_MAX + 1)},            IP(4)},
		{{REGIONS(&good_region, UINT32_MAX)},                        IP(4)},
		{{REGIONS(HOLE, 1)},                                         IP(4)},
		{{REGIONS(-8ull, 1)},                                        IP(4)},
		{{REGIONS(&good_region, 1), .type = DomainTypePassThrough},  IP(4)},
		{{.reserved = 1},                            STATUS_INVALID_PARAMETER},
		{{.reserved2 = 1},                           STATUS_INVALID_PARAMETER},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sluice_create_domain call = rows[i].call;

		call.domain = REPORT_MAGIC;
		REPORT(CREATE_STEP + i, SLUICE_CALL(create_domain, &call),
		       rows[i].wanted, call.domain);
		/* A refused call leaves [out] fields alone. */
		REPORT(CREATE_STEP + i, call.domain == REPORT_MAGIC, true, 0);
	}
}

struct map_row {
	uint64_t base, pages, logical;
	uint32_t permissions, kind, has_logical;
	NTSTATUS wanted;
};

static void map_wrongly(void)
{
	const struct map_row rows[] = {
		{GOOD_PAGE,     1, GOOD_AT, 0,          1, 1, IP(2)},
		{GOOD_PAGE,     1, GOOD_AT, 4,          1, 1, IP(2)},
		{GOOD_PAGE,     1, GOOD_AT, 1u<<31 | RW,1, 1, IP(2)},
		{GOOD_PAGE,     1, GOOD_AT, RW,         0, 1, IP(3)},
		{GOOD_PAGE,     1, GOOD_AT, RW,         3, 1, IP(3)},
		{GOOD_PAGE,     0, GOOD_AT, RW,         1, 1, IP(3)},
		{0x100000, SLUICE_MAP_MAX + 1, GOOD_AT, RW, 1, 1, IP(3)},
		{GOOD_PAGE, 1ull<<52,   GOOD_AT, RW,    1, 1, IP(3)},
		{GOOD_PAGE, UINT64_MAX, GOOD_AT, RW,    1, 1, IP(3)},
		{GOOD_PAGE + 8, 1, GOOD_AT, RW,         1, 1, IP(3)},
		{-4096ull,      2, GOOD_AT, RW,         1, 1, IP(3)},
		{-4096ull,      1, GOOD_AT, RW,         1, 1, IP(3)},
		{RAM_END,       1, GOOD_AT, RW,         1, 1, IP(3)},
		{RAM_END - 4096, 2, GOOD_AT, RW,        1, 1, IP(3)},
		{HOLE,          1, GOOD_AT, RW,         1, 1, IP(3)},
		{bar ? bar : HOLE, 1, GOOD_AT, RW,      1, 1, IP(3)},
		{0xfee00000,    1, GOOD_AT, RW,         1, 1, IP(3)},
		{0xfed90000,    1, GOOD_AT, RW,         1, 1, IP(3)},
		{1ull << 32,    1, GOOD_AT, RW,         1, 1, IP(3)},
		{1ull << 39,    1, GOOD_AT, RW,         1, 1, IP(3)},
		{1ull << 52,    1, GOOD_AT, RW,         1, 1, IP(3)},
		{GOOD_PAGE,     1, GOOD_AT, RW,         1, 0, STATUS_NOT_SUPPORTED},
		{GOOD_PAGE,     1, GOOD_AT + 8,  RW,    1, 1, IP(4)},
		{GOOD_PAGE,     1, 1ull << 57,   RW,    1, 1, IP(4)},
		{GOOD_PAGE,     2, -4096ull,     RW,    1, 1, IP(4)},
		{GOOD_PAGE,     1, LOGICAL_SOURCE, RW,  1, 1, STATUS_IN_USE},
		{GOOD_PAGE,     2, LOGICAL_SOURCE - 4096, RW, 1, 1, STATUS_IN_USE},
		{GOOD_PAGE,     1, 0xfee00000,   RW,    1, 1, STATUS_IN_USE},
		{GOOD_PAGE,     1, 0xfeeff000,   RW,    1, 1, STATUS_IN_USE},
		{GOOD_PAGE,     2, 0xfedff000,   RW,    1, 1, STATUS_IN_USE},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct map_row *row = &rows[i];
		struct sluice_map call = {
			.domain = domain, .permissions = row->permissions,
			.kind = row->kind, .base = row->base,
			.pages = row->pages, .logical_address = row->logical,
			.has_logical_address = row->has_logical,
		};

		REPORT(MAP_STEP + i, SLUICE_CALL(map, &call), row->wanted,
		       row->base);
	}
}
/* clang-format on */

/* A frame list is read where it lies, and one bad frame spoils it. */
static void frames_wrongly(void)
{
	static uint64_t frames[4] = {
		GOOD_PAGE >> 12,
		(GOOD_PAGE >> 12) + 1,
		HOLE >> 12,
		UINT64_MAX >> 11,
	};
	const struct {
		uint64_t at, pages;
	} rows[] = {
		{(uintptr_t)frames, 3},
		{(uintptr_t)(frames + 3), 1},
		{(uintptr_t)(frames + 2), 1},
		{HOLE, 1},
		{0x8000000000000000ull, 1},
		{-8ull, 2},
		{RAM_END - 8, 2},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sluice_map call = {
			.domain = domain,
			.permissions = RW,
			.kind = SLUICE_MAP_FRAMES,
			.frames = rows[i].at,
			.pages = rows[i].pages,
			.logical_address = GOOD_AT,
			.has_logical_address = 1,
		};

		REPORT(FRAMES_STEP + i, SLUICE_CALL(map, &call), IP(3),
		       rows[i].at);
	}
}

static void unmap_wrongly(void)
{
	const struct {
		uint64_t logical, pages;
		NTSTATUS wanted;
	} rows[] = {
		{LOGICAL_SOURCE + 8, 1, IP(2)},
		{LOGICAL_SOURCE, 0, IP(3)},
		{LOGICAL_SOURCE, SLUICE_MAP_MAX + 1, IP(3)},
		{LOGICAL_SOURCE, UINT64_MAX, IP(3)},
		{-4096ull, 2, STATUS_INVALID_PARAMETER},
		{LOGICAL_SOURCE, 2, STATUS_INVALID_PARAMETER},
		{LOGICAL_SOURCE - 4096, 2, STATUS_INVALID_PARAMETER},
		{GOOD_AT, 1, STATUS_INVALID_PARAMETER},
		{0xfee00000, 1, STATUS_INVALID_PARAMETER},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		REPORT(UNMAP_STEP + i,
		       try_unmap(domain, rows[i].logical, rows[i].pages),
		       rows[i].wanted, rows[i].logical);
	}
}

/* Domains up to the quota, then a refusal, then all of them again. */
static void exhaust_quota(void)
{
	static uint64_t handles[65];
	struct sluice_info info = {.guest = 0};
	uint32_t count = 0;
	NTSTATUS status = SLUICE_CALL(info, &info);

	REPORT(QUOTA_STEP, status, STATUS_SUCCESS, info.domain_quota);
	while (count < 65) {
		status =
			try_create_domain(DomainTypeTranslate, &handles[count]);
		if (status != STATUS_SUCCESS) {
			break;
		}
		count++;
	}
	REPORT(QUOTA_STEP + 1, status, STATUS_INSUFFICIENT_RESOURCES, count);
	REPORT(QUOTA_STEP + 2, count, info.domain_quota, 0);
	while (count > 0) {
		status = try_delete_domain(handles[--count]);
		if (status != STATUS_SUCCESS) {
			break;
		}
	}
	REPORT(QUOTA_STEP + 3, status, STATUS_SUCCESS, count);
}

void guest_main(void)
{
	struct edu edu;

	report_wait(1);
	if (edu_find(&edu) == STATUS_SUCCESS) {
		bar = (uintptr_t)edu.bar;
	}
	REPORT(STEP_CREATE, try_create_domain(DomainTypeTranslate, &domain),
	       STATUS_SUCCESS, domain);
	REPORT(STEP_MAP, try_map(domain, PAGE_SOURCE, LOGICAL_SOURCE),
	       STATUS_SUCCESS, 0);
	create_wrongly();
	map_wrongly();
	frames_wrongly();
	unmap_wrongly();
	/* The domain and its one page. */
	REPORT(STEP_LEFT, try_left(), 2, 0);
	REPORT(STEP_DELETE, try_delete_domain(domain), STATUS_SUCCESS, 0);
	exhaust_quota();
	REPORT(STEP_LEFT, try_left(), 0, 0);
	report_wait(2);
}
