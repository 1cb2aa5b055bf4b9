// SPDX-License-Identifier: MIT
/*
 * The identity table behind a guest's PassThrough domains: what cannot be in
 * it, and what a unit that confirms no flush does to its end.
 */
#include "fake_nest.h"
#include "guest/p2m.h"
#include "mm/page.h"
#include "service_fixture.h"

#define NARROW_KIND 2 /* 39 bits of logical address */

static struct fake_guest *g;

/* A guest with one more page of RAM, at @gpa. */
static struct fake_guest *guest_with_page_at(uint64_t gpa)
{
	struct fake_guest *made = fake_guest_create(NULL);
	hpa_t page = page_alloc(PAGE_POOL_GUEST, made->guest->id);

	ck_assert_int_eq(
		p2m_add(&made->guest->p2m, to_gpa(gpa), page, 1, P2M_RAM), 0);
	fake_guest_assign(made, D1);
	fake_guest_run(made);
	return made;
}

START_TEST(memory_beyond_the_width_has_no_identity)
{
	/* Refused as a whole; the last page that fits is reached. */
	uint64_t last = BIT(39) - PAGE_BYTES, device, domain;
	struct snapshot before;

	boot_service(NARROW_KIND);
	g = guest_with_page_at(BIT(39));
	before = snap(g);
	ANSWERS(STATUS_INSUFFICIENT_RESOURCES,
		create_domain(g, DomainTypePassThrough));
	expect_same(g, before, "refused");
	ANSWERS(STATUS_SUCCESS, create_domain(g, DomainTypeTranslate));
	machine_shutdown();

	boot_service(NARROW_KIND);
	g = guest_with_page_at(last);
	domain = new_domain(g, DomainTypePassThrough);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	ck_assert(lands(D1, last, g, last) && lands(D1, P(0), g, P(0)));
	machine_shutdown();
}
END_TEST

START_TEST(last_user_waits_for_the_flush)
{
	/* Of whichever type: told, nothing changes, the next try succeeds. */
	const uint32_t types[] = {DomainTypePassThrough, DomainTypeUnmanaged};

	for (unsigned i = 0; i < 2; i++) {
		struct snapshot empty, before;
		uint64_t device, pass, last;

		fake_nest_boot(&(struct fake_nest_config){.can_nest = true});
		g = guest_with(1, D1);
		device = new_device(g, V1);
		empty = snap(g);
		pass = new_domain(g, DomainTypePassThrough);
		ANSWERS(STATUS_SUCCESS, attach(g, pass, device));
		ANSWERS(STATUS_SUCCESS, detach(g, device));
		/* Never attached itself; the table behind it was. */
		last = new_domain(g, types[i]);
		ANSWERS(STATUS_SUCCESS, delete_domain(g, pass));
		before = snap(g);
		fake_nest_refusals.flush = -XEN_EIO;
		ANSWERS(STATUS_UNSUCCESSFUL, delete_domain(g, last));
		expect_same(g, before, "not confirmed");
		fake_nest_refusals.flush = 0;
		ANSWERS(STATUS_SUCCESS, delete_domain(g, last));
		expect_same(g, empty, "deleted");
		machine_shutdown();
	}
}
END_TEST

UNIT_SUITE(passthrough, memory_beyond_the_width_has_no_identity,
	   last_user_waits_for_the_flush)
