// SPDX-License-Identifier: MIT
/* Identity mappings through the library's tables, in both versions. */
#include "inproc_fixture.h"

/* A page of one frame, as either version takes it. */
static PFN_NUMBER frame;
static MDL mdl = {.ByteCount = PAGE_BYTES, .PageFrame = &frame};
static IOMMU_MAP_PHYSICAL_ADDRESS one;

static void describe(uint64_t gpa)
{
	frame = gpa / PAGE_BYTES;
	one = list_of(&frame, 1);
}

/* Both versions answer alike. */
#define MAP(want, rights)                                                      \
	do {                                                                   \
		ANSWERS(want, v3.MapIdentityRangeEx(domain, rights, &one));    \
		ANSWERS(want, v1.MapIdentityRange(domain, rights, &mdl));      \
	} while (0)
#define UNMAP(want)                                                            \
	do {                                                                   \
		ANSWERS(want, v3.UnmapIdentityRangeEx(domain, &one));          \
		ANSWERS(want, v1.UnmapIdentityRange(domain, &mdl));            \
	} while (0)

START_TEST(device_emits_guest_addresses)
{
	/* Where it maps, a device reaches memory by its own address. */
	boot_service(_i);
	use(guest_with(1, D1));
	attach_new(DomainTypeTranslate);
	describe(P(3));
	ANSWERS(STATUS_SUCCESS, v3.MapIdentityRangeEx(domain, RW, &one));
	ck_assert(lands(D1, P(3), g, P(3)));
	ANSWERS(STATUS_SUCCESS, v1.UnmapIdentityRange(domain, &mdl));
	ck_assert(is_blocked(D1, P(3)));
	ANSWERS(STATUS_SUCCESS, v1.MapIdentityRange(domain, READ, &mdl));
	ck_assert(sees(D1, P(3), g, P(3)));
	ANSWERS(STATUS_SUCCESS, v3.UnmapIdentityRangeEx(domain, &one));
	machine_shutdown();
}
END_TEST

START_TEST(identity_is_for_remapping_domains)
{
	/* PassThrough does nothing; Unmanaged and what is none is refused. */
	boot_service(_i);
	use(guest_with(0, 0));
	describe(P(3));
	domain = NOTHING;
	MAP(STATUS_INVALID_PARAMETER_1, RW);
	UNMAP(STATUS_INVALID_PARAMETER_1);
	domain = make(DomainTypeUnmanaged);
	MAP(STATUS_INVALID_PARAMETER_1, RW);
	UNMAP(STATUS_INVALID_PARAMETER_1);
	domain = make(DomainTypePassThrough);
	MAP(STATUS_SUCCESS, RW);
	UNMAP(STATUS_SUCCESS);
	domain = make_buddy(32);
	MAP(STATUS_NOT_SUPPORTED, RW);
	UNMAP(STATUS_NOT_SUPPORTED);
	machine_shutdown();
}
END_TEST

START_TEST(rights_and_memory_are_checked)
{
	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	describe(P(3));
	MAP(STATUS_INVALID_PARAMETER_2, 0);
	mdl.ByteCount = 0;
	one.PfnArray.NumberOfPages = 0;
	MAP(STATUS_INVALID_PARAMETER_3, RW);
	UNMAP(STATUS_INVALID_PARAMETER_2);
	mdl.ByteCount = 8;
	one = run_of(P(3) + 8, 1);
	MAP(STATUS_INVALID_PARAMETER_3, RW);
	UNMAP(STATUS_INVALID_PARAMETER_2);
	machine_shutdown();
}
END_TEST

START_TEST(what_is_taken_is_in_use)
{
	/* Mapped already, a reserved region, one page named twice. */
	PFN_NUMBER twice[2] = {P(5) / PAGE_BYTES, P(5) / PAGE_BYTES};
	IOMMU_MAP_PHYSICAL_ADDRESS both = list_of(twice, 2);

	boot_service(_i);
	use(guest_with(0, 0));
	domain = make_reserved(P(4), 1);
	ANSWERS(STATUS_IN_USE, v3.MapIdentityRangeEx(domain, RW, &both));
	describe(P(3));
	ANSWERS(STATUS_SUCCESS, v3.MapIdentityRangeEx(domain, RW, &one));
	MAP(STATUS_IN_USE, RW);
	describe(P(4));
	MAP(STATUS_IN_USE, RW);
	machine_shutdown();
}
END_TEST

START_TEST(what_is_absent_does_not_go)
{
	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	describe(P(3));
	UNMAP(STATUS_INVALID_PARAMETER);
	machine_shutdown();
}
END_TEST

START_TEST(only_what_was_mapped_so_goes)
{
	/* Not what is mapped elsewhere, reserved, a token's, named twice. */
	PFN_NUMBER twice[2] = {P(5) / PAGE_BYTES, P(5) / PAGE_BYTES};
	IOMMU_MAP_PHYSICAL_ADDRESS both = list_of(twice, 2);
	IOMMU_MAP_PHYSICAL_ADDRESS run = run_of(P(7), 1);
	IOMMU_DMA_RESERVED_REGION region = {
		.Base = P(9), .NumberOfPages = 1, .ShouldMap = 1};
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	ULONGLONG at = P(6), out;

	boot_service(_i);
	use(guest_with(0, 0));
	ANSWERS(STATUS_SUCCESS, v3.CreateDomainEx(DomainTypeTranslate, no_flags,
						  NULL, &region, &domain));
	ANSWERS(STATUS_SUCCESS,
		v3.MapLogicalRangeEx(domain, RW, &run, &at, NULL, NULL, &out));
	describe(P(6));
	UNMAP(STATUS_INVALID_PARAMETER);
	describe(P(9));
	UNMAP(STATUS_INVALID_PARAMETER);
	at = P(7);
	ANSWERS(STATUS_SUCCESS,
		v3.ReserveLogicalAddressRange(domain, PAGE_BYTES, &at, NULL,
					      NULL, &token));
	ANSWERS(STATUS_SUCCESS,
		v3.MapReservedLogicalRange(token, 0, RW, &run, &segment));
	describe(P(7));
	UNMAP(STATUS_INVALID_PARAMETER);
	describe(P(5));
	ANSWERS(STATUS_SUCCESS, v3.MapIdentityRangeEx(domain, RW, &one));
	ANSWERS(STATUS_INVALID_PARAMETER,
		v3.UnmapIdentityRangeEx(domain, &both));
	machine_shutdown();
}
END_TEST

START_TEST(identity_tables_are_bounded)
{
	/* No memory for tables, of a list and of a run: nothing is mapped. */
	boot_service(_i);
	use(guest_with(0, 0));
	domain = make(DomainTypeTranslate);
	describe(P(3));
	fail_at(1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v3.MapIdentityRangeEx(domain, RW, &one));
	fail_at(1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v1.MapIdentityRange(domain, RW, &mdl));
	one = run_of(P(3), 1);
	fail_at(1);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		v3.MapIdentityRangeEx(domain, RW, &one));
	fail_off();
	ANSWERS(STATUS_SUCCESS, v3.MapIdentityRangeEx(domain, RW, &one));
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(inproc_identity, device_emits_guest_addresses,
	      identity_is_for_remapping_domains, rights_and_memory_are_checked,
	      what_is_taken_is_in_use, what_is_absent_does_not_go,
	      only_what_was_mapped_so_goes, identity_tables_are_bounded)
