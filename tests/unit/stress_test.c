// SPDX-License-Identifier: MIT
/*
 * Four CPUs in the service at once: two for each of two guests, the control
 * domain's calls in between. Locks must keep the counts whole (class S); run
 * under a thread sanitizer it is a race detector.
 */
#include "service_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define WORKERS 4u
#define ROUNDS	8000u
#define DOMAINS 4u
#define LA(n)	((uint64_t)(n)*PAGE_BYTES)

static struct fake_guest *guests[2];

struct worker {
	pthread_t thread;
	unsigned number;
	uint64_t state;
	struct fake_guest *g;
	uint64_t domain[DOMAINS];
	uint64_t token;
	unsigned successes;
};

static void edit_domains(struct worker *w, unsigned n)
{
	struct sluice_create_domain a = {.type = n % 3};

	if (w->domain[n] != 0) {
		if (dma_delete_domain(w->g->guest, w->domain[n]) == 0) {
			w->domain[n] = 0;
		}
	} else if (dma_create_domain(&w->g->caller, &a) == 0) {
		w->domain[n] = a.domain;
	}
}

static void edit_token(struct worker *w)
{
	struct sluice_create_device a = {.sbdf = w->number < 2 ? V1 : V2};

	if (w->token != 0) {
		if (dma_delete_device(w->g->guest, w->token) == 0) {
			w->token = 0;
		}
	} else if (dma_create_device(w->g->guest, &a) == 0) {
		w->token = a.device;
	}
}

static void edit_mappings(struct worker *w, uint64_t domain, unsigned page)
{
	struct sluice_map m = {.domain = domain,
			       .permissions = RW,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = P(0),
			       .pages = 4,
			       .logical_address = LA(page),
			       .has_logical_address = 1};
	struct sluice_unmap u = {
		.domain = domain, .logical_address = LA(page), .pages = 4};

	w->successes += dma_map(&w->g->caller, &m) == 0;
	w->successes += dma_unmap(w->g->guest, &u) == 0;
}

/* What the control domain asks and orders meanwhile. */
static void control(struct worker *w, unsigned n)
{
	struct guest *g = machine_control()->guest;
	struct sluice_inventory i = {.guest = w->g->guest->id};
	struct sluice_device_info d = {.scope = SLUICE_SCOPE_MACHINE,
				       .index = n};
	struct sluice_guest_policy p = {.guest = w->g->guest->id};

	w->successes += dma_inventory(g, &i) == 0;
	w->successes += dma_list_devices(g, &d) == 0;
	if (dma_guest_policy(&p) == 0 && n == 0) {
		p.operation = SLUICE_POLICY_SET;
		p.allowed_types ^= 1u << DomainTypePassThrough;
		w->successes += dma_guest_policy(&p) == 0;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	machine_set_cpu(w->number + 1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned n = (unsigned)random_below(&w->state, DOMAINS);
		uint8_t byte = 0;

		switch (random_below(&w->state, 7)) {
		case 0:
			edit_domains(w, n);
			break;
		case 1:
			edit_token(w);
			break;
		case 2:
			w->successes +=
				dma_attach_device(w->g->guest, w->domain[n],
						  w->token) == 0;
			break;
		case 3:
			w->successes +=
				dma_detach_device(w->g->guest, w->token) == 0;
			break;
		case 4:
			control(w, n);
			break;
		case 5:
			/* A freed page reached fails the test. */
			fake_dma_as(w->number < 2 ? D1 : D2, LA(n), &byte, 1,
				    true);
			break;
		default:
			edit_mappings(w, w->domain[n], n);
		}
	}
	return NULL;
}

START_TEST(four_cpus_leave_the_counts_whole)
{
	/* After any interleaving destruction gives every id and page back. */
	struct worker w[WORKERS] = {{.number = 0}};

	boot_service(_i);
	guests[0] = guest_with(2, D1);
	guests[1] = guest_with(2, D3);
	for (unsigned i = 0; i < WORKERS; i++) {
		w[i].number = i;
		w[i].state = random_seed(7) + i;
		w[i].g = guests[i % 2];
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		pthread_join(w[i].thread, NULL);
		ck_assert_uint_gt(w[i].successes, ROUNDS / 100);
	}
	ck_assert_int_eq(fake_guest_destroy(guests[0]), 0);
	ck_assert_int_eq(fake_guest_destroy(guests[1]), 0);
	ck_assert_uint_eq(dma_asid_counts().in_use, 1);
	for (uint32_t d = D1; d <= D4; d += SLUICE_SBDF(0, 0, 1, 0)) {
		ck_assert(dma_device_is_assignable(d));
		ck_assert(is_blocked(d, LA(0)));
	}
	machine_shutdown();
}
END_TEST

struct rival {
	pthread_t thread;
	unsigned cpu;
	uint64_t domain;
	NTSTATUS status;
};

static void *delete_it(void *arg)
{
	struct rival *r = arg;

	machine_set_cpu(r->cpu);
	r->status = dma_delete_domain(guests[0]->guest, r->domain);
	return NULL;
}

START_TEST(one_of_two_deletes_wins)
{
	/* Two CPUs delete one domain: exactly one success, one unknown. */
	boot_service(_i);
	guests[0] = guest_with(0, 0);
	for (unsigned i = 0; i < 100; i++) {
		struct rival r[2];

		r[0].domain = r[1].domain = new_domain(guests[0], 0);
		for (unsigned n = 0; n < 2; n++) {
			r[n].cpu = n + 1;
			pthread_create(&r[n].thread, NULL, delete_it, &r[n]);
		}
		pthread_join(r[0].thread, NULL);
		pthread_join(r[1].thread, NULL);
		ck_assert_int_eq(r[0].status ^ r[1].status,
				 STATUS_INVALID_PARAMETER_1);
		ck_assert_int_eq(r[0].status & r[1].status, 0);
	}
	machine_shutdown();
}
END_TEST

/* The guest that the control domain asks about. */
static void ask(void *about)
{
	struct sluice_inventory i = {.guest = *(uint16_t *)about};
	struct sluice_domain_info d = {.guest = *(uint16_t *)about};

	(void)dma_inventory(machine_control()->guest, &i);
	(void)dma_list_domains(machine_control()->guest, &d);
}

START_TEST(guest_asked_about_cannot_go)
{
	/* The list of guests is held while another one's counts are read. */
	uint16_t self = SLUICE_GUEST_SELF, other;

	boot_service(_i);
	other = guest_with(0, 0)->guest->id;
	ask(&other);
	spin_lock(&guest_list_lock);
	ask(&self);
	ck_assert(machine_panics(ask, &other));
	ck_assert_ptr_nonnull(strstr(machine_panic_text(), "rank"));
	machine_reset();
}
END_TEST

SERVICE_SUITE(stress, four_cpus_leave_the_counts_whole, one_of_two_deletes_wins,
	      guest_asked_about_cannot_go)
