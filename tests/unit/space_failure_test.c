// SPDX-License-Identifier: MIT
/*
 * Ranges and tokens when memory is short, or a unit does not confirm: what is
 * told, what is given back, and what nobody gets any more.
 */
#include "fake_nest.h"
#include "iommu/unit.h"
#include "space_fixture.h"

static struct fake_guest *g;
static uint64_t domain, device;

/* A domain of 32 bits with an allocator, on a unit that refuses on request. */
static void set_up(void)
{
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true});
	g = space_guest(0);
	domain = new_allocating(g, 32);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

/* The same on a unit that caches absence, so that each map waits for it. */
static void set_up_caching(void)
{
	boot_service(1);
	g = space_guest(0);
	domain = new_allocating(g, 32);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

static bool arrives(uint64_t la, uint64_t gpa)
{
	static uint64_t mark = UINT64_C(0xdef0000000);
	uint64_t found;

	mark++;
	if (fake_nest_dma(D1, FAKE_NEST_UNTAGGED, la, &mark, true) !=
	    FAKE_DMA_OK) {
		return false;
	}
	fake_guest_read(g, gpa, &found, sizeof(found));
	return found == mark;
}

static NTSTATUS map_one(uint64_t gpa, uint64_t *la)
{
	return map_anywhere(g, domain, gpa, (struct wish){.pages = 1}, la);
}

/* ---- tokens, wherever the allocator puts them ---- */

static struct sluice_reserve_token new_token(uint64_t of, uint64_t pages)
{
	struct sluice_reserve_token a = {.domain = of, .bytes = BYTES(pages)};

	ANSWERS(STATUS_SUCCESS, CALL(g, reserve_token, a));
	return a;
}

static NTSTATUS free_token(uint64_t token)
{
	struct sluice_token_ref a = {.token = token};

	return CALL(g, free_token, a);
}

static NTSTATUS map_token(uint64_t token, uint64_t gpa)
{
	struct sluice_map_token a = {.token = token,
				     .permissions = RW,
				     .kind = SLUICE_MAP_CONTIGUOUS,
				     .base = gpa,
				     .pages = 1,
				     .marks = SLUICE_TOKEN_FIRST |
					      SLUICE_TOKEN_LAST};

	return CALL(g, map_token, a);
}

static NTSTATUS unmap_token(uint64_t token)
{
	struct sluice_unmap_token a = {
		.token = token, .segment_bytes = BYTES(1), .pages = 1};

	return CALL(g, unmap_token, a);
}

/* ---- memory ---- */

START_TEST(allocator_without_memory_leaves_no_domain)
{
	/* The n-th page missing refuses the domain, until none is. */
	struct snapshot before;
	uint64_t made;
	unsigned n = 1;

	set_up();
	before = snap(g);
	for (;; n++) {
		NTSTATUS status;

		fail_at(n);
		status = create_allocating(g, 48, &made);
		if (!fail_hit()) {
			ANSWERS(STATUS_SUCCESS, status);
			break;
		}
		fail_off();
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
		expect_same(g, before, "no memory");
	}
	/* Its own page, a root, nodes of the allocator. */
	ck_assert_uint_eq(n, 4);
	ANSWERS(STATUS_SUCCESS, delete_domain(g, made));
	expect_same(g, before, "deleted");
	machine_shutdown();
}
END_TEST

START_TEST(refused_page_gives_the_range_back)
{
	/* For tables or for the allocator's nodes: the next map is the first.
	 */
	const struct wish one = {.pages = 1};
	struct snapshot before;
	unsigned made = 0;
	uint64_t la;

	set_up();
	fail_off();
	before = snap(g);
	for (unsigned n = 1;; n++) {
		NTSTATUS status;

		fail_at(n);
		status = map_one(P(0), &la);
		if (!fail_hit()) {
			ANSWERS(STATUS_SUCCESS, status);
			break;
		}
		fail_off();
		ANSWERS(STATUS_INSUFFICIENT_RESOURCES, status);
		expect_same(g, before, "no table");
	}
	ck_assert_uint_eq(la, 0x1000);
	/* 16 MiB apart, so that each needs nodes of its own. */
	fail_from(1);
	for (;; made++) {
		struct wish far = one;

		far.has = SLUICE_HAS_MIN;
		far.min = (uint64_t)(made + 1) << 24;
		before = snap(g);
		if (allocate(g, domain, far, &la) != STATUS_SUCCESS) {
			break;
		}
		ck_assert_uint_eq(la, far.min);
	}
	ck_assert(fail_hit());
	expect_same(g, before, "no node");
	fail_off();
	ck_assert_uint_eq(new_range(g, domain, 1), 0x2000);
	machine_shutdown();
}
END_TEST

/* ---- a unit that confirms no flush, for a while ---- */

START_TEST(unconfirmed_range_is_withheld_and_others_wait)
{
	/* Nobody gets its addresses before a flush; fresh ones are kept. */
	uint64_t la, held, part, next;
	struct snapshot before;

	set_up();
	held = new_range(g, domain, 1);
	part = new_range(g, domain, 2);
	ANSWERS(STATUS_SUCCESS, map_inside(g, domain, part, P(3), 1));
	ANSWERS(STATUS_SUCCESS, map_one(P(0), &la));
	ck_assert(arrives(la, P(0)));
	fake_nest_refusals.flush = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, unmap(g, domain, la, 1));
	ANSWERS(STATUS_INVALID_PARAMETER, unmap(g, domain, la, 1));
	before = snap(g);
	for (unsigned i = 0; i < 3; i++) {
		ANSWERS(STATUS_UNSUCCESSFUL, map_one(P(1), &next));
		ANSWERS(STATUS_UNSUCCESSFUL, free_range(g, domain, held, 1));
		ANSWERS(STATUS_UNSUCCESSFUL,
			map_inside(g, domain, part + PAGE_BYTES, P(1), 1));
	}
	expect_same(g, before, "still waiting");
	fake_nest_refusals.flush = 0;
	ANSWERS(STATUS_SUCCESS, map_one(P(1), &next));
	ck_assert_uint_ne(next, la);
	ck_assert(arrives(next, P(1)) && !arrives(la, P(0)));
	ANSWERS(STATUS_SUCCESS, free_range(g, domain, held, 1));
	ck_assert_uint_eq(new_range(g, domain, 1), held);
	/* Confirmed by that map; its owner can give it back after all. */
	ANSWERS(STATUS_SUCCESS, free_range(g, domain, la, 1));
	ck_assert_uint_eq(new_range(g, domain, 1), la);
	machine_reset();
}
END_TEST

START_TEST(token_waits_for_what_a_unit_may_hold)
{
	/* It stays until a flush is confirmed, and nothing is mapped in it. */
	struct sluice_reserve_token t;
	struct snapshot before;

	set_up();
	t = new_token(domain, 3);
	ANSWERS(STATUS_SUCCESS, map_token(t.token, P(0)));
	ck_assert(arrives(t.logical_address, P(0)));
	fake_nest_refusals.flush = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, unmap_token(t.token));
	before = snap(g);
	ANSWERS(STATUS_UNSUCCESSFUL, map_token(t.token, P(1)));
	ANSWERS(STATUS_UNSUCCESSFUL, free_token(t.token));
	expect_same(g, before, "still waiting");
	fake_nest_refusals.flush = 0;
	ANSWERS(STATUS_SUCCESS, map_token(t.token, P(1)));
	ck_assert(arrives(t.logical_address, P(1)));
	ANSWERS(STATUS_SUCCESS, unmap_token(t.token));
	ANSWERS(STATUS_SUCCESS, free_token(t.token));
	ck_assert(!arrives(t.logical_address, P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(end_of_a_token_that_is_not_confirmed_loses_its_range)
{
	/* The token is gone; neither its tables nor its range are reused. */
	struct sluice_reserve_token t, next;
	struct snapshot before;

	set_up();
	t = new_token(domain, 3);
	before = snap(g);
	fake_nest_refusals.flush = -XEN_EIO;
	ANSWERS(STATUS_UNSUCCESSFUL, free_token(t.token));
	ANSWERS(STATUS_INVALID_PARAMETER_1, free_token(t.token));
	fake_nest_refusals.flush = 0;
	/* All but its two pages of marks, which no unit reads, stay away. */
	ck_assert_uint_eq(snap(g).inventory.hypervisor_pages,
			  before.inventory.hypervisor_pages - 2);
	next = new_token(domain, 3);
	ck_assert_uint_ne(next.logical_address, t.logical_address);
	ANSWERS(STATUS_SUCCESS, map_token(next.token, P(0)));
	ck_assert(arrives(next.logical_address, P(0)));
	machine_reset();
}
END_TEST

START_TEST(lost_reply_and_lost_flush_keep_the_page)
{
	/* A part that can be neither told nor taken back stays charged. */
	uint64_t range;
	struct sluice_map a = {.permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = P(0),
			       .pages = 1,
			       .has_logical_address = 1,
			       .options = SLUICE_MAP_PART};

	set_up();
	range = new_range(g, domain, 2);
	a.domain = domain;
	a.logical_address = range;
	fake_nest_refusals.flush = -XEN_EIO;
	fail_reply_at(1);
	ck_assert_int_eq(fake_guest_call(g, SLUICE_OP_map, &a, sizeof(a)),
			 -XEN_EFAULT);
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	ANSWERS(STATUS_UNSUCCESSFUL, map_inside(g, domain, range, P(1), 1));
	fake_nest_refusals.flush = 0;
	ANSWERS(STATUS_SUCCESS, map_inside(g, domain, range, P(1), 1));
	ck_assert(arrives(range, P(1)));
	machine_reset();
}
END_TEST

START_TEST(guest_goes_when_the_unit_confirms_again)
{
	/* Refused, nothing of it is lost; the second time all of it goes. */
	uint64_t other, la;

	set_up();
	other = new_allocating(g, 40);
	(void)new_token(other, 5);
	(void)new_token(domain, 5);
	(void)new_token(other, 600);
	ANSWERS(STATUS_SUCCESS, map_one(P(0), &la));
	ck_assert(arrives(la, P(0)));
	fake_nest_refusals.flush = -XEN_EIO;
	ck_assert_int_eq(dma_guest_destroy(g->guest), -XEN_EIO);
	ck_assert(!arrives(la, P(0)));
	/* The one that no unit ever knew is gone, its tokens with it. */
	ck_assert_uint_eq(snap(g).inventory.domain_count, 1);
	ANSWERS(STATUS_INVALID_PARAMETER_1, delete_domain(g, other));
	fake_nest_refusals.flush = 0;
	ck_assert_int_eq(dma_guest_destroy(g->guest), 0);
	/* Who has gone gets nothing new, and may be told so twice. */
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES, create_domain(g, 0));
	ck_assert_int_eq(dma_guest_destroy(g->guest), 0);
	machine_shutdown();
}
END_TEST

/* ---- units that cache absence ---- */

START_TEST(unconfirmed_map_gives_its_range_back)
{
	/* Taken back and flushed: the next map goes to the same place. */
	struct sluice_reserve_token t;
	struct snapshot before;
	uint64_t la;

	set_up_caching();
	ck_assert(is_blocked(D1, 0x1000));
	before = snap(g);
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, map_one(P(0), &la));
	expect_same(g, before, "taken back");
	ANSWERS(STATUS_SUCCESS, map_one(P(0), &la));
	ck_assert_uint_eq(la, 0x1000);
	ck_assert(lands(D1, la, g, P(0)));

	t = new_token(domain, 1);
	before = snap(g);
	ck_assert(is_blocked(D1, t.logical_address));
	fake_unit_queue_error(machine_unit(0), 1);
	ANSWERS(STATUS_UNSUCCESSFUL, map_token(t.token, P(1)));
	expect_same(g, before, "taken back");
	ck_assert(is_blocked(D1, t.logical_address));
	ANSWERS(STATUS_SUCCESS, map_token(t.token, P(1)));
	ck_assert(lands(D1, t.logical_address, g, P(1)));
	machine_shutdown();
}
END_TEST

START_TEST(silent_unit_ends_in_an_answer)
{
	/* Neither the map nor its end is confirmed: told, nothing is freed. */
	struct sluice_reserve_token t;
	uint64_t free_pages, la;

	set_up_caching();
	t = new_token(domain, 1);
	machine_clock_set_step(IOMMU_DEADLINE_NS / 100);
	fake_unit_hold(machine_unit(0), true);
	ANSWERS(STATUS_UNSUCCESSFUL, map_token(t.token, P(0)));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	free_pages = machine_counts().pool[PAGE_POOL_HYPERVISOR].free;
	ANSWERS(STATUS_UNSUCCESSFUL, map_one(P(0), &la));
	ck_assert_uint_le(machine_counts().pool[PAGE_POOL_HYPERVISOR].free,
			  free_pages);
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	machine_reset();

	/* The same for a map that is the first to hear of it. */
	set_up_caching();
	machine_clock_set_step(IOMMU_DEADLINE_NS / 100);
	fake_unit_hold(machine_unit(0), true);
	ANSWERS(STATUS_UNSUCCESSFUL, map_one(P(0), &la));
	ck_assert_uint_eq(snap(g).inventory.mapped_pages, 0);
	machine_reset();
}
END_TEST

UNIT_SUITE(space_failure, allocator_without_memory_leaves_no_domain,
	   refused_page_gives_the_range_back,
	   unconfirmed_range_is_withheld_and_others_wait,
	   token_waits_for_what_a_unit_may_hold,
	   end_of_a_token_that_is_not_confirmed_loses_its_range,
	   lost_reply_and_lost_flush_keep_the_page,
	   guest_goes_when_the_unit_confirms_again,
	   unconfirmed_map_gives_its_range_back, silent_unit_ends_in_an_answer)
