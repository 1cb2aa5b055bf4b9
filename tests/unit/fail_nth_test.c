// SPDX-License-Identifier: MIT
/*
 * Every allocation, every copy of guest memory and every command of the unit
 * made to fail, the first, the second, ... once or from there on, in each of
 * the scenarios of fail_nth.h. A call that failed has done nothing,
 * the same call succeeds when nothing is in its way, and nothing leaks: class
 * Q.
 */
#include "fail_nth.h"

#include <stdio.h>

/* ---- what may fail ---- */

enum fault {
	NO_PAGE,
	NO_PAGES, /* from the n-th on */
	NO_READ,
	NO_READS,
	NO_REPLY,
	NO_REPLIES,
	REFUSED, /* a command of the unit */
	SILENT,	 /* the unit, after n commands */
	FAULTS,
};

static const char *const fault_names[] = {
	"page",	 "pages from",	 "read",    "reads from",
	"reply", "replies from", "command", "silence after",
};

#define ROUNDS_MAX 64u

static unsigned left; /* commands until the unit falls silent */
static bool is_hit;

static void fall_silent(void *arg)
{
	(void)arg;
	if (--left == 0) {
		fake_unit_hold(machine_unit(0), true);
		is_hit = true;
	}
}

static void arm(enum fault fault, unsigned n)
{
	is_hit = false;
	switch (fault) {
	case NO_PAGE:
		fail_at(n);
		return;
	case NO_PAGES:
		fail_from(n);
		return;
	case NO_READ:
	case NO_READS:
		fail_read_at(n, fault == NO_READS);
		return;
	case NO_REPLY:
		fail_reply_at(n);
		return;
	case NO_REPLIES:
		fail_reply_from(n);
		return;
	case REFUSED:
		fake_unit_queue_error(machine_unit(0), n);
		return;
	default:
		left = n;
		fake_unit_between(machine_unit(0), fall_silent, NULL);
	}
}

static uint64_t commands_taken(void)
{
	return fake_unit_counts(machine_unit(0)).descriptors;
}

/* @commands: taken since arm(). Return: true when something was refused. */
static bool disarm(enum fault fault, unsigned n, uint64_t commands)
{
	bool hit = fail_hit() || fail_copy_hit() || is_hit ||
		   (fault == REFUSED && commands >= n);

	fail_off();
	fail_copies_off();
	fake_unit_queue_error(machine_unit(0), 0);
	fake_unit_between(machine_unit(0), NULL, NULL);
	fake_unit_hold(machine_unit(0), false);
	return hit;
}

/* ---- what devices see ---- */

#define VIEWS 64u

struct views {
	unsigned count;
	uint64_t hpa[VIEWS];
};

static void view(struct views *v, uint32_t sbdf, uint64_t la, unsigned pages)
{
	for (unsigned i = 0; i < pages; i++) {
		EXPECT(v->count + 2 <= VIEWS, "more views");
		v->hpa[v->count++] = reach(sbdf, la + BYTES(i), false);
		v->hpa[v->count++] = reach(sbdf, la + BYTES(i), true);
	}
}

static struct views look(void)
{
	struct views v = {.count = 0};

	view(&v, D1, PLAIN + BYTES(3), 6);
	view(&v, D1, LARGE, 1);
	view(&v, D1, LARGE + BYTES(99), 3);
	view(&v, D1, LARGE + BYTES(511), 1);
	view(&v, D1, TOKEN, 2);
	view(&v, D1, TOKEN + BYTES(8), 1);
	view(&v, D1, TOKEN + 4 * MIB, 1);
	view(&v, D1, FREE, 1);
	view(&v, D1, FREE + BYTES(412), 1);
	view(&v, D1, FREE + BYTES(600), 1);
	view(&v, D1, HOME, 1);
	view(&v, D1, P(100), 2);
	view(&v, D2, P(0), 2);
	view(&v, D3, P(0), 1);
	view(&v, D3, PLAIN, 1);
	return v;
}

/* @may_be_blocked: what was seen before, or nothing. */
static void expect_views(struct views was, bool may_be_blocked,
			 const char *what)
{
	struct views now = look();

	for (unsigned i = 0; i < now.count; i++) {
		EXPECT(now.hpa[i] == was.hpa[i] ||
			       (may_be_blocked && now.hpa[i] == 0),
		       "%s: view %u was %lx, is %lx", what, i,
		       (unsigned long)was.hpa[i], (unsigned long)now.hpa[i]);
	}
}

/* ---- the sweep ---- */

struct state {
	struct snapshot counts;
	struct views views;
};

static struct state state_now(void)
{
	return (struct state){snap(fn.g), look()};
}

static void expect_state(struct state want, const char *what)
{
	expect_same(fn.g, want.counts, what);
	expect_views(want.views, false, what);
}

/* Objects that were made and taken back have used up a handle. */
static void expect_but_for_handles(struct state want, const char *what)
{
	struct snapshot now = snap(fn.g);

	for (unsigned i = 0; i < ARRAY_COUNT(now.domain); i++) {
		want.counts.domain[i].domain = now.domain[i].domain;
	}
	expect_state(want, what);
}

struct sweep {
	int kind;
	const struct fail_nth_scenario *scenario;
	enum fault fault;
	unsigned n;
	bool is_fresh; /* the machine is as set_up() left it */
	struct state before;
	struct state after; /* the call, nothing in its way */
	char what[96];
};

static void renew(struct sweep *s)
{
	fail_nth_set_up(s->kind, !s->scenario->is_alone);
	s->before = state_now();
	s->is_fresh = true;
}

/* A unit did not obey: what devices see is what they saw, or less. */
static void judge_unit(struct sweep *s)
{
	const struct fail_nth_scenario *scenario = s->scenario;
	int64_t again;

	s->is_fresh = false;
	expect_views(s->before.views, true, s->what);
	if (s->fault == REFUSED) {
		again = scenario->act();
		EXPECT(again == STATUS_SUCCESS ||
			       (scenario->gone != 0 && again == scenario->gone),
		       "%s: later %lx", s->what, (unsigned long)again);
		if (again == STATUS_SUCCESS) {
			expect_views(s->after.views, false, s->what);
		}
	}
	machine_reset();
}

/* A page or a copy failed: nothing is done, or all of it and nobody heard. */
static void judge_refusal(struct sweep *s)
{
	if (s->scenario->holds && s->fault >= NO_REPLY) {
		s->is_fresh = false;
		expect_state(s->after, s->what);
		machine_shutdown();
		return;
	}
	expect_state(s->before, s->what);
}

/* Return: false when there is no n-th thing to fail. */
static bool try_next(struct sweep *s)
{
	uint64_t commands;
	int64_t result;
	bool hit;

	if (!s->is_fresh) {
		renew(s);
	}
	snprintf(s->what, sizeof(s->what), "%s: %s %u", s->scenario->name,
		 fault_names[s->fault], s->n);
	commands = commands_taken();
	arm(s->fault, s->n);
	result = s->scenario->act();
	hit = disarm(s->fault, s->n, commands_taken() - commands);
	EXPECT(hit || result == STATUS_SUCCESS, "%s: %lx", s->what,
	       (unsigned long)result);
	if (result == STATUS_SUCCESS) {
		/* After all that failed, or it found a way around. */
		expect_but_for_handles(s->after, s->what);
		s->is_fresh = false;
		machine_shutdown();
	} else if (s->fault < REFUSED) {
		judge_refusal(s);
	} else {
		judge_unit(s);
	}
	return hit;
}

static void sweep(int kind, const struct fail_nth_scenario *scenario)
{
	struct sweep s = {.kind = kind, .scenario = scenario};

	renew(&s);
	EXPECT(s.scenario->act() == STATUS_SUCCESS, "%s: refused",
	       s.scenario->name);
	s.after = state_now();
	s.is_fresh = false;
	machine_shutdown();
	for (unsigned fault = 0; fault < FAULTS; fault++) {
		s.fault = (enum fault)fault;
		s.n = 1;
		while (try_next(&s)) {
			EXPECT(++s.n < ROUNDS_MAX, "%s: no end", s.what);
		}
	}
}

/* Of the service's kinds: one that does not snoop, caches absence, is AMD's. */
static const int swept[] = {0, 1, 4};

#define SWEPT ((int)ARRAY_COUNT(swept))

START_TEST(nothing_is_done_by_halves)
{
	/* One scenario on one kind of unit. */
	unsigned n = (unsigned)(_i / SWEPT);

	sweep(swept[_i % SWEPT],
	      n < fail_nth_object_count
		      ? &fail_nth_objects[n]
		      : &fail_nth_spaces[n - fail_nth_object_count]);
}
END_TEST

Suite *fail_nth_suite(void);
Suite *fail_nth_suite(void)
{
	Suite *suite = suite_create("fail_nth");
	TCase *tcase = tcase_create("fail_nth");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(
		tcase, nothing_is_done_by_halves, 0,
		SWEPT * (int)(fail_nth_object_count + fail_nth_space_count));
	suite_add_tcase(suite, tcase);
	return suite;
}
