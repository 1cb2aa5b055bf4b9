// SPDX-License-Identifier: MIT
/*
 * hammer [SECONDS [THREADS [intel|amd]]]: guests' calls, the tools' and the
 * control domain's at once, one thread a CPU, for ThreadSanitizer. Some threads
 * share a guest and use its domains under each other; each has a slice in which
 * every answer is known, one has a guest of its own, one creates and destroys
 * guests. At the end devices must find the sum of what the threads did; then
 * everything is deleted, and live counts are zero (class R, S).
 */
#include "hammer.h"

#include "dma/dma.h"
#include "guestmem.h"
#include "hypercall/hypercall.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARGUMENT_PAGE 20u /* of the first thread; one each */
#define LIFE_SBDF     SLUICE_SBDF(0, 0, 6, 0)

struct hammer_guest hammer_guests[HAMMER_GUESTS];

static struct hammer hammers[HAMMER_THREADS];
static pthread_t threads[HAMMER_THREADS];
static unsigned thread_count = 8;
static uint64_t end_ns;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t hammer_below(struct hammer *h, uint64_t limit)
{
	h->state ^= h->state << 13;
	h->state ^= h->state >> 7;
	h->state ^= h->state << 17;
	return (h->state >> 11) % limit;
}

int32_t hammer_call(struct hammer *h, struct fake_guest *as, unsigned op,
		    void *argument, size_t bytes)
{
	uint64_t gpa = as->ram.addr + (ARGUMENT_PAGE + h->number) * PAGE_BYTES;
	struct sluice_header *header = argument;
	uint64_t args[HYPERCALL_ARGUMENTS] = {op, fake_guest_linear(as, gpa), 0,
					      0, 0};
	struct guest_caller caller = as->caller;
	int64_t rax;

	header->size = (uint32_t)bytes;
	memcpy(machine_ram(fake_guest_hpa(as, gpa), bytes), argument, bytes);
	do {
		rax = hypercall_dispatch(&caller, SLUICE_HYPERCALL, args);
	} while (rax == HYPERCALL_AGAIN);
	if (rax != 0) {
		return STATUS_UNSUCCESSFUL;
	}
	memcpy(argument, machine_ram(fake_guest_hpa(as, gpa), bytes), bytes);
	h->calls++;
	h->successes += header->status == STATUS_SUCCESS;
	return header->status;
}

static void *run(void *arg)
{
	struct hammer *h = arg;

	machine_set_cpu(h->number);
	while (now_ns() < end_ns) {
		switch (h->part) {
		case HAMMER_SHARES:
			hammer_share(h);
			break;
		case HAMMER_OWNS:
			hammer_own(h);
			break;
		case HAMMER_LIVES:
			hammer_live(h, LIFE_SBDF);
			break;
		default:
			hammer_rule(h);
			break;
		}
	}
	return NULL;
}

/* ---- start ---- */

static void start_guest(unsigned n, uint32_t sbdf)
{
	struct hammer_guest *g = &hammer_guests[n];
	struct hammer h = {.guest = g};
	struct sluice_create_domain c = {.type = 0};
	struct sluice_create_device d = {.sbdf = 0};

	g->fake = n == 0 ? machine_control() : fake_guest_create(NULL);
	g->sbdf = sbdf;
	if (sbdf != 0) {
		d.sbdf = fake_guest_assign(g->fake, sbdf);
		fake_guest_run(g->fake);
		if (HAMMER_CALL(&h, g->fake, create_device, d) != 0) {
			machine_fail("hammer: no device token");
		}
		g->device = d.device;
	}
	if (HAMMER_CALL(&h, g->fake, create_domain, c) != 0) {
		machine_fail("hammer: no domain");
	}
	g->kept = c.domain;
}

static void start(bool amd)
{
	struct machine_config c = amd ? machine_amd() : machine_default();

	c.unit[0].is_coherent = true;
	machine_boot(&c);
	start_guest(0, 0);
	for (unsigned i = 1; i < HAMMER_GUESTS; i++) {
		start_guest(i, SLUICE_SBDF(0, 0, 2 + i, 0));
	}
	if (dma_device_quarantine(LIFE_SBDF) != 0) {
		machine_fail("hammer: no device for guests that come and go");
	}
}

/* The last guest is one thread's alone; the other threads share two. */
static void start_threads(void)
{
	static const enum hammer_part parts[] = {HAMMER_RULES, HAMMER_LIVES,
						 HAMMER_OWNS};

	for (unsigned i = 0; i < thread_count; i++) {
		enum hammer_part part = i < 3 ? parts[i] : HAMMER_SHARES;
		unsigned guest = part == HAMMER_RULES  ? 0
				 : part == HAMMER_OWNS ? HAMMER_GUESTS - 1
						       : 1 + i % 2;

		hammers[i] =
			(struct hammer){.number = i,
					.part = part,
					.guest = &hammer_guests[guest],
					.state = 0x9e3779b97f4a7c15u * (i + 1)};
		pthread_create(&threads[i], NULL, run, &hammers[i]);
	}
}

/* ---- end ---- */

static void drop_token(struct hammer *h, struct hammer_guest *g)
{
	struct sluice_token_ref t = {.token = g->token};

	for (uint64_t page = 0; page < 8; page++) {
		struct sluice_unmap_token u = {.token = g->token,
					       .segment_offset = page << 12,
					       .segment_bytes = 4096,
					       .offset = page << 12,
					       .pages = 1};

		(void)HAMMER_CALL(h, g->fake, unmap_token, u);
	}
	(void)HAMMER_CALL(h, g->fake, free_token, t);
}

/* Every domain but the one that is kept, known to somebody or not. */
static void delete_all(struct hammer_guest *g)
{
	struct hammer h = {.guest = g};
	struct sluice_device_ref d = {.device = g->device};
	struct sluice_domain_info i = {.guest = SLUICE_GUEST_SELF};

	(void)HAMMER_CALL(&h, g->fake, detach_device, d);
	drop_token(&h, g);
	while (HAMMER_CALL(&h, g->fake, list_domains, i) == STATUS_SUCCESS) {
		struct sluice_domain_ref r = {.domain = i.domain};

		if (i.domain == g->kept) {
			i.index++;
		} else if (HAMMER_CALL(&h, g->fake, delete_domain, r) !=
			   STATUS_SUCCESS) {
			machine_fail("hammer: a domain cannot be deleted: %x",
				     (unsigned)r.header.status);
		}
	}
}

static uint64_t pages_left(const struct hammer_guest *g)
{
	uint64_t pages = 0;

	for (unsigned i = 0; i < thread_count; i++) {
		for (unsigned n = 0; n < HAMMER_SLICE; n++) {
			pages += hammers[i].guest == g &&
				 hammers[i].slice[n] != 0;
		}
	}
	return pages;
}

/* What is left is the threads' slices, and the device finds each of them. */
static void check_sum(struct hammer_guest *g)
{
	struct hammer h = {.guest = g};
	struct sluice_inventory i = {.guest = SLUICE_GUEST_SELF};
	struct sluice_attach_device a = {.domain = g->kept,
					 .device = g->device};

	(void)HAMMER_CALL(&h, g->fake, inventory, i);
	if (i.mapped_pages != pages_left(g)) {
		machine_fail("hammer: %lu pages are mapped, must %lu",
			     (unsigned long)i.mapped_pages,
			     (unsigned long)pages_left(g));
	}
	if (g->sbdf == 0) {
		return;
	}
	if (HAMMER_CALL(&h, g->fake, attach_device, a) != STATUS_SUCCESS) {
		machine_fail("hammer: the last attach is refused");
	}
	for (unsigned n = 0; n < thread_count; n++) {
		if (hammers[n].guest == g) {
			hammer_check(&hammers[n]);
		}
	}
}

static void expect_nothing(struct hammer_guest *g)
{
	struct hammer h = {.guest = g};
	struct sluice_device_ref d = {.device = g->device};
	struct sluice_domain_ref r = {.domain = g->kept};
	struct sluice_inventory i = {.guest = SLUICE_GUEST_SELF};

	(void)HAMMER_CALL(&h, g->fake, detach_device, d);
	d = (struct sluice_device_ref){.device = g->device};
	(void)HAMMER_CALL(&h, g->fake, delete_device, d);
	(void)HAMMER_CALL(&h, g->fake, delete_domain, r);
	(void)HAMMER_CALL(&h, g->fake, inventory, i);
	if (i.mapped_pages != 0 || i.device_count != 0 || i.domain_count != 0 ||
	    (!g->fake->guest->is_control &&
	     (i.table_pages != 0 || i.asid_count != 0 ||
	      i.attached_count != 0))) {
		machine_fail("hammer: guest %u keeps %u domains, %u devices, "
			     "%lu pages, %lu tables",
			     g->fake->guest->id, i.domain_count, i.device_count,
			     (unsigned long)i.mapped_pages,
			     (unsigned long)i.table_pages);
	}
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
	const char *vendor = argc > 3 ? argv[3] : "intel";
	uint64_t calls = 0, successes = 0, lives = 0;

	thread_count = argc > 2 ? (unsigned)atoi(argv[2]) : 8;
	if (thread_count < 4 || thread_count > HAMMER_THREADS) {
		fprintf(stderr, "hammer: 4..%u threads\n", HAMMER_THREADS);
		return EXIT_FAILURE;
	}
	if (strcmp(vendor, "intel") != 0 && strcmp(vendor, "amd") != 0) {
		fprintf(stderr, "hammer: intel or amd\n");
		return EXIT_FAILURE;
	}
	start(vendor[0] == 'a');
	end_ns = now_ns() + seconds * UINT64_C(1000000000);
	start_threads();
	for (unsigned i = 0; i < thread_count; i++) {
		pthread_join(threads[i], NULL);
		calls += hammers[i].calls;
		successes += hammers[i].successes;
		lives += hammers[i].lives;
	}
	for (unsigned i = 0; i < HAMMER_GUESTS; i++) {
		delete_all(&hammer_guests[i]);
		check_sum(&hammer_guests[i]);
		expect_nothing(&hammer_guests[i]);
	}
	/* Guests destroyed, pools as after boot, no violation. */
	guestmem_forgive();
	machine_shutdown();
	printf("hammer: %s, %u threads, %u s, %llu calls, %llu succeeded, %llu "
	       "guests lived and died; every count as it must be\n",
	       vendor, thread_count, seconds, (unsigned long long)calls,
	       (unsigned long long)successes, (unsigned long long)lives);
	return EXIT_SUCCESS;
}
