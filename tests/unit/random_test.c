// SPDX-License-Identifier: MIT
/*
 * Random calls of two guests against an oracle made of flat arrays, written
 * from the contract: each status, and each page that a device reaches, after
 * each step. SEED=n replays the sequence that a failure names.
 */
#include "service_fixture.h"

#include <string.h>

#define SEEDS	30
#define STEPS	8000
#define GUESTS	2u
#define DOMAINS 4u
#define DEVICES 2u
#define WINDOW	1200u /* pages of logical addresses in play */
#define BASE	UINT64_C(0x10000000)
#define FRAMES	480u
#define NONE	DOMAINS
#define STALE	64u

struct model_domain {
	uint64_t handle; /* 0 = does not exist */
	uint32_t type;
	uint16_t frame[WINDOW];
	uint8_t rights[WINDOW];
};

static struct model_guest {
	struct fake_guest *g;
	struct model_domain domain[DOMAINS];
	uint64_t token[DEVICES];
	unsigned attached[DEVICES]; /* index of a domain, or NONE */
	bool may_pass;
	uint64_t stale[STALE];
	unsigned stale_count;
} model[GUESTS];

static const uint32_t machine_sbdf[GUESTS][DEVICES] = {{D1, D2}, {D3, D4}};
static uint64_t state, seed;
static unsigned step;

#define R(limit) ((unsigned)random_below(&state, limit))

#define MUST(want, call)                                                       \
	do {                                                                   \
		NTSTATUS want_ = (want), got_ = (call);                        \
		EXPECT(got_ == want_, "SEED=%lu step %u: %s: %x, not %x",      \
		       seed, step, #call, got_, want_);                        \
	} while (0)

static uint64_t at(unsigned page)
{
	return BASE + page * PAGE_BYTES;
}

static bool has_attached(const struct model_guest *m, unsigned d)
{
	return m->attached[0] == d || m->attached[1] == d;
}

static void do_create(struct model_guest *m, unsigned d)
{
	struct model_domain *x = &m->domain[d];
	struct sluice_create_domain a = {.type = R(4) ? 0 : R(3)};
	bool may = a.type != DomainTypePassThrough || m->may_pass;

	if (x->handle != 0) {
		return;
	}
	MUST(may ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED,
	     CALL(m->g, create_domain, a));
	if (may) {
		memset(x, 0, sizeof(*x));
		x->handle = a.domain;
		x->type = a.type;
	}
}

static void do_delete(struct model_guest *m, unsigned d)
{
	struct model_domain *x = &m->domain[d];

	if (x->handle == 0 || R(3) != 0) {
		return;
	}
	if (has_attached(m, d)) {
		MUST(STATUS_RESOURCE_IN_USE, delete_domain(m->g, x->handle));
		return;
	}
	MUST(STATUS_SUCCESS, delete_domain(m->g, x->handle));
	m->stale[m->stale_count++ % STALE] = x->handle;
	x->handle = 0;
}

static void do_token(struct model_guest *m, unsigned v)
{
	uint32_t sbdf = v ? V2 : V1;

	if (m->token[v] == 0) {
		m->token[v] = new_device(m->g, sbdf);
		return;
	}
	MUST(STATUS_RESOURCE_IN_USE, create_device(m->g, sbdf));
	if (m->attached[v] != NONE) {
		MUST(STATUS_RESOURCE_IN_USE, delete_device(m->g, m->token[v]));
		return;
	}
	MUST(STATUS_SUCCESS, delete_device(m->g, m->token[v]));
	m->token[v] = 0;
}

static void do_attach(struct model_guest *m, unsigned d, unsigned v)
{
	const struct model_domain *x = &m->domain[d];
	NTSTATUS want = STATUS_SUCCESS;

	if (x->handle == 0) {
		want = STATUS_INVALID_PARAMETER_1;
	} else if (m->token[v] == 0) {
		want = STATUS_INVALID_PARAMETER_2;
	} else if (m->attached[v] != NONE) {
		want = STATUS_INVALID_PARAMETER;
	} else if (x->type == DomainTypePassThrough && !m->may_pass) {
		want = STATUS_ACCESS_DENIED;
	}
	MUST(want, attach(m->g, x->handle, m->token[v]));
	if (want == STATUS_SUCCESS) {
		m->attached[v] = d;
	}
}

static void do_detach(struct model_guest *m, unsigned v)
{
	MUST(m->attached[v] != NONE ? STATUS_SUCCESS
				    : STATUS_INVALID_PARAMETER_1,
	     detach(m->g, m->token[v]));
	m->attached[v] = NONE;
}

static void do_map(struct model_guest *m, unsigned d)
{
	struct model_domain *x = &m->domain[d];
	unsigned first = R(WINDOW), count = 1 + R(R(3) ? 4 : 400);
	unsigned frame = R(FRAMES), stride = 1 + R(3);
	uint32_t rights = 1 + R(3);
	NTSTATUS want = STATUS_SUCCESS, got;
	uint64_t frames[512];
	bool fails = R(8) == 0;

	count = first + count > WINDOW ? WINDOW - first : count;
	for (unsigned i = 0; i < count; i++) {
		frames[i] = (frame + i * stride) % FRAMES;
		if (x->rights[first + i] != 0) {
			want = STATUS_IN_USE;
		}
	}
	if (R(16) == 0) {
		frames[R(count)] = 512 + R(BIT(20));
		want = STATUS_INVALID_PARAMETER_3;
	}
	if (x->handle == 0 || x->type != DomainTypeTranslate) {
		want = STATUS_INVALID_PARAMETER_1;
	}
	if (fails) {
		fail_at(1 + R(2));
	}
	got = map_frames(m->g, x->handle, at(first), frames, count, rights);
	if (fails && fail_hit()) {
		want = STATUS_INSUFFICIENT_RESOURCES;
	}
	fail_off();
	MUST(want, got);
	for (unsigned i = 0; want == STATUS_SUCCESS && i < count; i++) {
		x->frame[first + i] = (uint16_t)frames[i];
		x->rights[first + i] = (uint8_t)rights;
	}
}

static void do_unmap(struct model_guest *m, unsigned d)
{
	struct model_domain *x = &m->domain[d];
	unsigned first = R(WINDOW), count = 1 + R(R(3) ? 3 : 300);
	NTSTATUS want = STATUS_SUCCESS;

	count = first + count > WINDOW ? WINDOW - first : count;
	for (unsigned i = 0; i < count; i++) {
		if (x->rights[first + i] == 0) {
			want = STATUS_INVALID_PARAMETER;
		}
	}
	if (x->handle == 0 || x->type != DomainTypeTranslate) {
		want = STATUS_INVALID_PARAMETER_1;
	}
	MUST(want, unmap(m->g, x->handle, at(first), count));
	if (want == STATUS_SUCCESS) {
		memset(&x->rights[first], 0, count);
	}
}

static void do_stale(struct model_guest *m, struct model_guest *other)
{
	uint64_t bad =
		R(2) ? m->stale[R(STALE)] : other->domain[R(DOMAINS)].handle;

	MUST(STATUS_INVALID_PARAMETER_1, delete_domain(m->g, bad));
	MUST(STATUS_INVALID_PARAMETER_1, map(m->g, bad, at(0), 0, 1, RW));
	MUST(STATUS_INVALID_PARAMETER_1, unmap(m->g, bad, at(0), 1));
}

static void do_policy(struct model_guest *m)
{
	m->may_pass = !m->may_pass;
	MUST(STATUS_SUCCESS, set_types(m->g, m->may_pass ? 7 : 5));
}

/* Machine address that the oracle says the device reaches; 0 = none. */
static uint64_t expected(const struct model_guest *m, unsigned v, uint64_t la,
			 bool write)
{
	uint64_t page = (la - BASE) >> PAGE_SHIFT;
	const struct model_domain *x = &m->domain[m->attached[v]];

	if (m->attached[v] == NONE || x->type == DomainTypeUnmanaged) {
		return 0;
	}
	if (x->type == DomainTypePassThrough) {
		return m->may_pass && la < 512 * PAGE_BYTES
			       ? fake_guest_hpa(m->g, la)
			       : 0;
	}
	if (la < BASE || page >= WINDOW ||
	    (x->rights[page] & (write ? WRITE : READ)) == 0) {
		return 0;
	}
	return fake_guest_hpa(m->g, x->frame[page] * PAGE_BYTES);
}

static void check_devices(void)
{
	for (unsigned i = 0; i < 6; i++) {
		unsigned who = R(GUESTS), v = R(DEVICES);
		uint64_t la = R(4) ? at(R(WINDOW + 2)) : R(520) * PAGE_BYTES;
		bool write = R(2);
		uint64_t want = expected(&model[who], v, la, write);
		uint64_t got = reach(machine_sbdf[who][v], la, write);

		EXPECT(got == want,
		       "SEED=%lu step %u: %lx leads to %lx, not "
		       "%lx",
		       seed, step, la, got, want);
	}
}

static void one_step(void)
{
	unsigned who = R(GUESTS), d = R(DOMAINS), v = R(DEVICES);
	struct model_guest *m = &model[who];

	switch (R(24)) {
	case 0:
	case 1:
		do_create(m, d);
		break;
	case 2:
		do_delete(m, d);
		break;
	case 3:
		do_token(m, v);
		break;
	case 4:
	case 5:
		do_attach(m, d, v);
		break;
	case 6:
		do_detach(m, v);
		break;
	case 7:
		do_stale(m, &model[!who]);
		break;
	case 8:
		do_policy(m);
		break;
	default:
		if (R(5) < 3) {
			do_map(m, d);
		} else {
			do_unmap(m, d);
		}
	}
	check_devices();
}

/* Give everything back through the front door, or leave it to destruction. */
static void clean_up(struct model_guest *m, struct snapshot before)
{
	for (unsigned v = 0; v < DEVICES; v++) {
		if (m->attached[v] != NONE) {
			MUST(STATUS_SUCCESS, detach(m->g, m->token[v]));
		}
		if (m->token[v] != 0) {
			MUST(STATUS_SUCCESS, delete_device(m->g, m->token[v]));
		}
	}
	for (unsigned d = 0; d < DOMAINS; d++) {
		if (m->domain[d].handle != 0) {
			MUST(STATUS_SUCCESS,
			     delete_domain(m->g, m->domain[d].handle));
		}
	}
	before.asids = dma_asid_counts();
	before.pages = machine_counts();
	expect_same(m->g, before, "at the end");
}

START_TEST(random_calls_agree_with_the_oracle)
{
	/* Any sequence of calls answers and translates as flat arrays say. */
	struct snapshot before[GUESTS];

	seed = random_seed((uint64_t)_i + 1);
	state = seed * UINT64_C(0x9e3779b97f4a7c15);
	boot_service((int)(seed % SERVICE_KINDS));
	memset(model, 0, sizeof(model));
	for (unsigned i = 0; i < GUESTS; i++) {
		model[i].g = guest_with(DEVICES, machine_sbdf[i][0]);
		model[i].attached[0] = model[i].attached[1] = NONE;
		model[i].may_pass = true;
	}
	for (unsigned i = 0; i < GUESTS; i++) {
		before[i] = snap(model[i].g);
	}
	for (step = 0; step < STEPS; step++) {
		one_step();
	}
	for (unsigned i = 0; i < GUESTS && seed % 3 != 0; i++) {
		clean_up(&model[i], before[i]);
	}
	machine_shutdown();
}
END_TEST

Suite *random_suite(void);
Suite *random_suite(void)
{
	Suite *suite = suite_create("random");
	TCase *tcase = tcase_create("random");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, random_calls_agree_with_the_oracle, 0,
			    SEEDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
