// SPDX-License-Identifier: MIT
/* Acts on domains, devices and policy; and the machine that all acts find. */
#include "fail_nth.h"

struct fail_nth fn;

int64_t fail_nth_said(uint64_t op, void *argument, size_t bytes)
{
	int64_t rax = fake_guest_call(fn.g, op, argument, bytes);

	return rax != 0 ? rax : ((struct sluice_header *)argument)->status;
}

static int64_t create(uint32_t type, uint32_t width, unsigned regions)
{
	struct sluice_reserved_region list[] = {
		{.base = P(300), .pages = 2, .should_map = 1},
		{.base = FREE, .pages = 4},
	};
	struct sluice_create_domain a = {
		.type = type,
		.allocator_type = width != 0,
		.allocator_width = width,
		.regions = fake_guest_list(fn.g, list, sizeof(list)),
		.region_count = regions,
	};

	return fail_nth_said(SLUICE_OP_create_domain, &a, sizeof(a));
}

static int64_t create_plain(void)
{
	return create(DomainTypeTranslate, 0, 0);
}

static int64_t create_buddy(void)
{
	return create(DomainTypeTranslate, 32, 0);
}

static int64_t create_regions(void)
{
	return create(DomainTypeTranslate, 32, 2);
}

static int64_t create_pass(void)
{
	return create(DomainTypePassThrough, 0, 0);
}

static int64_t create_bare(void)
{
	return create(DomainTypeUnmanaged, 0, 0);
}

static int64_t delete_empty(void)
{
	return SAID(delete_domain,
		    struct sluice_domain_ref a = {.domain = fn.empty});
}

static int64_t delete_full(void)
{
	return SAID(delete_domain,
		    struct sluice_domain_ref a = {.domain = fn.buddy});
}

static int64_t create_token(void)
{
	return SAID(create_device, struct sluice_create_device a = {
					   .sbdf = SLUICE_SBDF(0, 0, 4, 0)});
}

static int64_t delete_token(void)
{
	return SAID(delete_device,
		    struct sluice_device_ref a = {.device = fn.third});
}

static int64_t attach_to(uint64_t domain)
{
	return SAID(attach_device,
		    struct sluice_attach_device a =
			    (struct sluice_attach_device){.domain = domain,
							  .device = fn.third});
}

static int64_t attach_plain(void)
{
	return attach_to(fn.plain);
}

static int64_t attach_pass(void)
{
	return attach_to(fn.pass);
}

static int64_t attach_bare(void)
{
	return attach_to(fn.bare);
}

static int64_t detach_plain(void)
{
	return SAID(detach_device,
		    struct sluice_device_ref a = {.device = fn.first});
}

static int64_t detach_pass(void)
{
	return SAID(detach_device,
		    struct sluice_device_ref a = {.device = fn.second});
}

static int64_t policy(uint32_t types)
{
	struct sluice_guest_policy a = {
		.guest = fn.g->guest->id,
		.operation = SLUICE_POLICY_SET,
		.machine = SLUICE_MACHINE_AMD64,
		.allowed_types = types,
		.domain_quota = fn.g->guest->policy.domain_quota,
		.table_page_quota = fn.g->guest->policy.table_page_quota};
	int64_t rax = fake_guest_call(machine_control(), SLUICE_OP_guest_policy,
				      &a, sizeof(a));

	return rax != 0 ? rax : a.header.status;
}

static int64_t policy_withdraw(void)
{
	return policy(0xd);
}

static int64_t ask_state(void)
{
	return SAID(device_state,
		    struct sluice_device_state a = {.device = fn.first});
}

const struct fail_nth_scenario fail_nth_objects[] = {
	FAIL_NTH_ROW(create_plain, false, 0, false),
	FAIL_NTH_ROW(create_buddy, false, 0, false),
	FAIL_NTH_ROW(create_regions, false, 0, false),
	FAIL_NTH_ROW(create_pass, false, 0, true),
	FAIL_NTH_ROW(create_bare, false, 0, false),
	FAIL_NTH_ROW(delete_empty, true, 0, false),
	FAIL_NTH_ROW(delete_full, true, 0, false),
	FAIL_NTH_ROW(create_token, false, 0, false),
	FAIL_NTH_ROW(delete_token, true, 0, false),
	FAIL_NTH_ROW(attach_plain, true, 0, false),
	FAIL_NTH_ROW(attach_pass, true, 0, false),
	FAIL_NTH_ROW(attach_bare, true, 0, false),
	FAIL_NTH_ROW(detach_plain, true, 0, false),
	FAIL_NTH_ROW(detach_pass, true, 0, false),
	FAIL_NTH_ROW(policy_withdraw, true, 0, false),
	FAIL_NTH_ROW(ask_state, true, 0, false),
};

const unsigned fail_nth_object_count =
	sizeof(fail_nth_objects) / sizeof(fail_nth_objects[0]);

/* ---- what the acts find ---- */

/* Guest-physical address of what can be one large leaf, if there is any. */
static uint64_t large_run(void)
{
	const uint64_t span = 512 * PAGE_BYTES;

	for (uint64_t at = P(0); at + span < fn.g->ram_pages * PAGE_BYTES;
	     at += PAGE_BYTES) {
		uint64_t hpa = fake_guest_hpa(fn.g, at);

		if ((hpa & (span - 1)) == 0 &&
		    fake_guest_hpa(fn.g, at + span - PAGE_BYTES) ==
			    hpa + span - PAGE_BYTES) {
			return at;
		}
	}
	return P(0);
}

static uint64_t reserved(uint64_t la)
{
	struct sluice_reserve_token a = {.domain = fn.plain,
					 .bytes = BYTES(16),
					 .has_logical_address = 1,
					 .logical_address = la};

	ANSWERS(STATUS_SUCCESS, CALL(fn.g, reserve_token, a));
	return a.token;
}

static void fill_plain(void)
{
	struct sluice_identity home = {.domain = fn.plain,
				       .permissions = RW,
				       .kind = SLUICE_MAP_CONTIGUOUS,
				       .base = HOME,
				       .pages = 4};
	struct sluice_map_token part = {.permissions = RW,
					.kind = SLUICE_MAP_CONTIGUOUS,
					.base = P(20),
					.pages = 4,
					.marks = SLUICE_TOKEN_FIRST |
						 SLUICE_TOKEN_LAST};

	ANSWERS(STATUS_SUCCESS, map(fn.g, fn.plain, PLAIN, P(0), 8, RW));
	ANSWERS(STATUS_SUCCESS,
		map(fn.g, fn.plain, LARGE, large_run(), 512, RW));
	ANSWERS(STATUS_SUCCESS, CALL(fn.g, map_identity, home));
	part.token = fn.token = reserved(TOKEN);
	fn.unused = reserved(TOKEN + 4 * MIB);
	ANSWERS(STATUS_SUCCESS, CALL(fn.g, map_token, part));
}

static void fill_buddy(void)
{
	struct sluice_map mapped = {.permissions = RW,
				    .kind = SLUICE_MAP_CONTIGUOUS,
				    .base = P(40),
				    .pages = 8};
	struct sluice_allocate_range only_taken = {.pages = 16};
	struct sluice_create_domain a = {.allocator_type = 1,
					 .allocator_width = 32};

	ANSWERS(STATUS_SUCCESS, CALL(fn.g, create_domain, a));
	fn.buddy = mapped.domain = only_taken.domain = a.domain;
	ANSWERS(STATUS_SUCCESS, CALL(fn.g, map, mapped));
	ANSWERS(STATUS_SUCCESS, CALL(fn.g, allocate_range, only_taken));
	fn.range = mapped.logical_address;
	fn.taken = only_taken.logical_address;
}

/* @passes: with a domain whose table is all of the guest's memory. */
void fail_nth_set_up(int kind, bool passes)
{
	struct fake_guest_config c = {.ram_pages = 1100};

	boot_service(kind);
	fn.g = fake_guest_create(&c);
	for (unsigned i = 0; i < 4; i++) {
		fake_guest_assign(fn.g, D1 + SLUICE_SBDF(0, 0, i, 0));
	}
	fake_guest_run(fn.g);
	fn.plain = new_domain(fn.g, DomainTypeTranslate);
	fn.bare = new_domain(fn.g, DomainTypeUnmanaged);
	fn.empty = new_domain(fn.g, DomainTypeTranslate);
	fn.first = new_device(fn.g, V1);
	fn.second = new_device(fn.g, V2);
	fn.third = new_device(fn.g, SLUICE_SBDF(0, 0, 3, 0));
	ANSWERS(STATUS_SUCCESS, attach(fn.g, fn.plain, fn.first));
	if (passes) {
		fn.pass = new_domain(fn.g, DomainTypePassThrough);
		ANSWERS(STATUS_SUCCESS, attach(fn.g, fn.pass, fn.second));
	}
	fill_plain();
	fill_buddy();
}
