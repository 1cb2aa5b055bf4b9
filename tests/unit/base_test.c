// SPDX-License-Identifier: MIT
/* Rank 2: ranked locks and the bounded log. */
#include "base/log.h"
#include "base/spinlock.h"
#include "suite.h"

#include <pthread.h>
#include <string.h>

struct pair {
	struct spinlock *first, *second;
};

static void take_both(void *arg)
{
	struct pair *p = arg;

	spin_lock(p->first);
	spin_lock(p->second);
	spin_unlock(p->second);
	spin_unlock(p->first);
}

START_TEST(locks_taken_upwards_panic)
{
	/* Any two locks whose rank order is inverted stop the machine. */
	for (int a = 1; a < LOCK_RANK_COUNT; a++) {
		for (int b = a + 1; b < LOCK_RANK_COUNT; b++) {
			struct spinlock high = SPINLOCK_INIT((enum lock_rank)a);
			struct spinlock low = SPINLOCK_INIT((enum lock_rank)b);
			struct pair fine = {&high, &low};

			ck_assert(!machine_panics(take_both, &fine));
		}
	}
	struct spinlock high = SPINLOCK_INIT(LOCK_P2M);
	struct spinlock low = SPINLOCK_INIT(LOCK_LOG);
	struct pair inverted = {&low, &high};

	ck_assert(machine_panics(take_both, &inverted));
	ck_assert_ptr_nonnull(strstr(machine_panic_text(), "rank"));
}
END_TEST

START_TEST(twins_are_taken_by_address)
{
	/* Two locks of one rank go in ascending address, else panic. */
	struct spinlock twins[2] = {SPINLOCK_INIT(LOCK_P2M),
				    SPINLOCK_INIT(LOCK_P2M)};
	struct pair up = {&twins[0], &twins[1]};
	struct pair down = {&twins[1], &twins[0]};

	ck_assert(!machine_panics(take_both, &up));
	ck_assert(machine_panics(take_both, &down));
}
END_TEST

START_TEST(taking_a_held_lock_panics)
{
	/* A CPU that takes a lock it holds stops instead of hanging. */
	struct spinlock lock = SPINLOCK_INIT(LOCK_P2M);
	struct pair twice = {&lock, &lock};

	ck_assert(machine_panics(take_both, &twice));
}
END_TEST

static void unlock(void *arg)
{
	spin_unlock(arg);
}

START_TEST(unlocking_what_is_not_held_panics)
{
	/* A lock is given back once, by the CPU that holds it. */
	struct spinlock lock = SPINLOCK_INIT(LOCK_P2M);

	ck_assert(machine_panics(unlock, &lock));
	spin_lock(&lock);
	ck_assert(spin_is_held(&lock));
	spin_unlock(&lock);
	ck_assert(!spin_is_held(&lock));
	ck_assert(machine_panics(unlock, &lock));
}
END_TEST

static void take_unranked(void *arg)
{
	spin_lock(arg);
}

START_TEST(lock_without_a_rank_panics)
{
	/* A lock that was never initialised is not taken. */
	struct spinlock lock = {0};

	ck_assert(machine_panics(take_unranked, &lock));
}
END_TEST

#define ROUNDS 20000u

static struct spinlock shared = SPINLOCK_INIT(LOCK_DMA_GUEST);
static uint64_t counter;

static void *count(void *cpu)
{
	machine_set_cpu((unsigned)(uintptr_t)cpu);
	for (unsigned i = 0; i < ROUNDS; i++) {
		spin_lock(&shared);
		counter++;
		spin_unlock(&shared);
	}
	return NULL;
}

START_TEST(lock_excludes)
{
	/* Two CPUs that count under one lock lose no step. */
	pthread_t thread[2];

	for (uintptr_t i = 0; i < 2; i++) {
		ck_assert_int_eq(pthread_create(&thread[i], NULL, count,
						(void *)(i + 1)),
				 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
	}
	ck_assert_uint_eq(counter, 2 * ROUNDS);
}
END_TEST

static struct machine_config just_ram(void)
{
	struct machine_config c = machine_default();

	c.stage = MACHINE_RAM;
	return c;
}

START_TEST(log_line_is_cut_not_overrun)
{
	/* A text longer than a line is cut and still ends in a newline. */
	struct machine_config c = just_ram();
	char text[1000], out[1000];
	uint64_t offset = 0, lost;
	size_t n;

	machine_boot(&c);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	n = log_read(&offset, &lost, out, sizeof(out));
	ck_assert_uint_gt(n, 100);
	ck_assert_uint_lt(n, 300);
	ck_assert_int_eq(out[n - 1], '\n');
	ck_assert_uint_eq(lost, 0);
	ck_assert_uint_eq(strlen(machine_serial()), n);
}
END_TEST

START_TEST(log_ring_counts_what_it_lost)
{
	/* A reader that comes late learns how many bytes it missed. */
	struct machine_config c = just_ram();
	char out[256];
	uint64_t offset = 0, lost, total = 0;
	size_t n;

	machine_boot(&c);
	for (int i = 0; i < 2000; i++) {
		log_info("line %d of many that fill the ring", i);
	}
	n = log_read(&offset, &lost, out, sizeof(out));
	ck_assert_uint_eq(n, sizeof(out));
	ck_assert_uint_gt(lost, 0);
	ck_assert_uint_eq(offset, lost + n);
	total = n;
	while ((n = log_read(&offset, &lost, out, sizeof(out))) != 0) {
		ck_assert_uint_eq(lost, 0);
		total += n;
	}
	ck_assert_uint_eq(total, LOG_BYTES);
	ck_assert_int_eq(out[(LOG_BYTES - 1) % sizeof(out)], '\n');
}
END_TEST

static unsigned lines_on_serial(void)
{
	unsigned lines = 0;

	for (const char *p = machine_serial(); *p != '\0'; p++) {
		lines += *p == '\n';
	}
	return lines;
}

START_TEST(guest_cannot_flood_the_log)
{
	/* A guest gets LOG_GUEST_BURST lines a second, the rest are counted. */
	struct machine_config c = just_ram();

	c.clock_step_ns = 1000;
	machine_boot(&c);
	for (int i = 0; i < 1000; i++) {
		log_guest(3, "noise");
	}
	ck_assert_uint_eq(lines_on_serial(), LOG_GUEST_BURST);
	log_guest(4, "another guest is heard");
	ck_assert_uint_eq(lines_on_serial(), LOG_GUEST_BURST + 1);
	machine_clock_advance(UINT64_C(1000000000));
	log_guest(3, "again");
	ck_assert_ptr_nonnull(strstr(machine_serial(), "984 lines dropped"));
}
END_TEST

UNIT_SUITE(base, locks_taken_upwards_panic, twins_are_taken_by_address,
	   taking_a_held_lock_panics, unlocking_what_is_not_held_panics,
	   lock_without_a_rank_panics, lock_excludes,
	   log_line_is_cut_not_overrun, log_ring_counts_what_it_lost,
	   guest_cannot_flood_the_log)
