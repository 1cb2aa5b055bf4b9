// SPDX-License-Identifier: MIT
/*
 * hammer [SECONDS [THREADS]]: guests' calls and the control domain's at once,
 * one thread a CPU, for ThreadSanitizer. Threads that share a guest use its
 * domains under each other. At the end everything is deleted: live counts must
 * be zero, no page lost, no device able to reach anything (class R, S).
 */
#include "dma/dma.h"
#include "fake_device.h"
#include "fake_guest.h"
#include "guestmem.h"
#include "hypercall/hypercall.h"
#include "machine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS_MAX 16u
#define HANDLES	    8u
#define GUESTS	    3u

/*
 * A thread's own argument and list pages of its guest, so that what races is
 * the service and not the bytes that it is given.
 */
struct hammer {
	pthread_t thread;
	unsigned cpu;
	struct fake_guest *guest;
	unsigned page; /* first of two of its own */
	uint64_t state;
	uint64_t calls;
	uint64_t successes;
};

static struct fake_guest *guests[GUESTS];
static uint32_t devices[GUESTS];
static uint64_t domains[GUESTS][HANDLES];
static uint64_t tokens[GUESTS];
static uint64_t end_ns;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t below(struct hammer *h, uint64_t limit)
{
	h->state ^= h->state << 13;
	h->state ^= h->state >> 7;
	h->state ^= h->state << 17;
	return (h->state >> 11) % limit;
}

static int32_t call(struct hammer *h, unsigned op, void *argument, size_t bytes)
{
	uint64_t gpa = h->guest->ram.addr + h->page * PAGE_BYTES;
	struct sluice_header *header = argument;
	uint64_t args[HYPERCALL_ARGUMENTS] = {
		op, fake_guest_linear(h->guest, gpa), 0, 0, 0};
	struct guest_caller caller = h->guest->caller;

	header->size = (uint32_t)bytes;
	memcpy(machine_ram(fake_guest_hpa(h->guest, gpa), bytes), argument,
	       bytes);
	if (hypercall_dispatch(&caller, SLUICE_HYPERCALL, args) != 0) {
		return STATUS_UNSUCCESSFUL;
	}
	memcpy(argument, machine_ram(fake_guest_hpa(h->guest, gpa), bytes),
	       bytes);
	h->calls++;
	h->successes += header->status == STATUS_SUCCESS;
	return header->status;
}

/* Which guest's table of handles a thread uses. */
static unsigned slot_of(const struct hammer *h)
{
	for (unsigned i = 0; i < GUESTS; i++) {
		if (guests[i] == h->guest) {
			return i;
		}
	}
	return 0;
}

static uint64_t *pick(struct hammer *h)
{
	return &domains[slot_of(h)][below(h, HANDLES)];
}

static uint64_t load(const uint64_t *handle)
{
	return __atomic_load_n(handle, __ATOMIC_RELAXED);
}

static void create_or_delete(struct hammer *h)
{
	uint64_t *at = pick(h);
	uint64_t old = __atomic_exchange_n(at, 0, __ATOMIC_RELAXED);
	struct sluice_domain_ref ref = {.domain = old};
	struct sluice_create_domain create = {.type = 0};

	if (old != 0 &&
	    call(h, SLUICE_OP_delete_domain, &ref, sizeof(ref)) != 0) {
		/* Somebody's device is in it: known again. */
		__atomic_store_n(at, old, __ATOMIC_RELAXED);
		return;
	}
	create.type = below(h, 4) == 0 ? 1 : 0;
	create.allocator_type = create.type == 0 && below(h, 2);
	create.allocator_width = 32;
	if (old == 0 && call(h, SLUICE_OP_create_domain, &create,
			     sizeof(create)) == STATUS_SUCCESS) {
		old = __atomic_exchange_n(at, create.domain, __ATOMIC_RELAXED);
		ref = (struct sluice_domain_ref){.domain = old};
		if (old != 0) {
			(void)call(h, SLUICE_OP_delete_domain, &ref,
				   sizeof(ref));
		}
	}
}

static void map(struct hammer *h)
{
	struct sluice_map a = {.domain = load(pick(h)),
			       .permissions = 3,
			       .kind = SLUICE_MAP_CONTIGUOUS,
			       .base = (64 + below(h, 64)) << 12,
			       .pages = 1 + below(h, 4),
			       .has_logical_address = (uint32_t)below(h, 2),
			       .logical_address = (1 + below(h, 32)) << 12};

	(void)call(h, SLUICE_OP_map, &a, sizeof(a));
}

static void unmap(struct hammer *h)
{
	struct sluice_unmap a = {.domain = load(pick(h)),
				 .logical_address = (1 + below(h, 32)) << 12,
				 .pages = 1 + below(h, 4)};

	(void)call(h, SLUICE_OP_unmap, &a, sizeof(a));
}

static void use_token(struct hammer *h)
{
	uint64_t token = load(&tokens[slot_of(h)]);
	struct sluice_reserve_token r = {.domain = load(pick(h)),
					 .bytes = 8 * 4096,
					 .has_logical_address = 1,
					 .logical_address = 0x100000};
	struct sluice_map_token m = {.token = token,
				     .offset = below(h, 8) << 12,
				     .permissions = 3,
				     .kind = SLUICE_MAP_CONTIGUOUS,
				     .base = 64 << 12,
				     .pages = 1,
				     .marks = 3};
	struct sluice_unmap_token u = {.token = token,
				       .segment_offset = m.offset,
				       .segment_bytes = 4096,
				       .offset = m.offset,
				       .pages = 1};
	struct sluice_token_ref f = {.token = token};

	switch (below(h, 4)) {
	case 0:
		if (call(h, SLUICE_OP_reserve_token, &r, sizeof(r)) == 0) {
			__atomic_store_n(&tokens[slot_of(h)], r.token,
					 __ATOMIC_RELAXED);
		}
		return;
	case 1:
		(void)call(h, SLUICE_OP_map_token, &m, sizeof(m));
		return;
	case 2:
		(void)call(h, SLUICE_OP_unmap_token, &u, sizeof(u));
		return;
	default:
		(void)call(h, SLUICE_OP_free_token, &f, sizeof(f));
	}
}

static uint64_t device_of(unsigned slot, uint64_t set)
{
	static uint64_t handles[GUESTS];

	if (set != 0) {
		handles[slot] = set;
	}
	return handles[slot];
}

static void switch_device(struct hammer *h)
{
	uint64_t device = device_of(slot_of(h), 0);
	struct sluice_attach_device a = {.domain = load(pick(h)),
					 .device = device};
	struct sluice_device_ref d = {.device = device};

	if (below(h, 2)) {
		(void)call(h, SLUICE_OP_attach_device, &a, sizeof(a));
	} else {
		(void)call(h, SLUICE_OP_detach_device, &d, sizeof(d));
	}
}

static void look(struct hammer *h)
{
	struct sluice_inventory i = {.guest = SLUICE_GUEST_SELF};
	struct sluice_domain_info d = {.guest = SLUICE_GUEST_SELF};
	uint32_t sbdf = devices[slot_of(h)];

	switch (below(h, 3)) {
	case 0:
		(void)call(h, SLUICE_OP_inventory, &i, sizeof(i));
		return;
	case 1:
		(void)call(h, SLUICE_OP_list_domains, &d, sizeof(d));
		return;
	default:
		if (sbdf != 0) {
			(void)fake_probe(sbdf, below(h, 36) << 12, true);
		}
	}
}

/* The control domain: types come and go while guests work. */
static void rule(struct hammer *h)
{
	struct fake_guest *g = guests[1 + below(h, GUESTS - 1)];
	struct sluice_guest_policy p = {.guest = g->guest->id};
	struct sluice_read_faults f = {.sequence = 0};

	if (below(h, 2)) {
		(void)call(h, SLUICE_OP_read_faults, &f, sizeof(f));
		return;
	}
	if (call(h, SLUICE_OP_guest_policy, &p, sizeof(p)) == 0) {
		p.operation = SLUICE_POLICY_SET;
		p.allowed_types = 0xd | (uint32_t)below(h, 2) << 1;
		(void)call(h, SLUICE_OP_guest_policy, &p, sizeof(p));
	}
}

static void *run(void *arg)
{
	struct hammer *h = arg;

	machine_set_cpu(h->cpu);
	while (now_ns() < end_ns) {
		switch (below(h, h->guest == guests[0] ? 10 : 8)) {
		case 0:
			create_or_delete(h);
			break;
		case 1:
		case 2:
			map(h);
			break;
		case 3:
		case 4:
			unmap(h);
			break;
		case 5:
			switch_device(h);
			break;
		case 6:
			use_token(h);
			break;
		case 7:
			look(h);
			break;
		default:
			rule(h);
			break;
		}
	}
	return NULL;
}

static void start(void)
{
	struct machine_config c = machine_default();

	c.unit[0].is_coherent = true;
	machine_boot(&c);
	guests[0] = machine_control();
	for (unsigned i = 1; i < GUESTS; i++) {
		struct sluice_create_device d = {.sbdf = 0};
		struct hammer h = {.guest = NULL, .page = 20};

		guests[i] = fake_guest_create(NULL);
		devices[i] = SLUICE_SBDF(0, 0, 2 + i, 0);
		d.sbdf = fake_guest_assign(guests[i], devices[i]);
		fake_guest_run(guests[i]);
		h.guest = guests[i];
		if (call(&h, SLUICE_OP_create_device, &d, sizeof(d)) != 0) {
			machine_fail("hammer: no device token");
		}
		device_of(i, d.device);
	}
}

int main(int argc, char **argv)
{
	static struct hammer hammers[THREADS_MAX];
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
	unsigned threads = argc > 2 ? (unsigned)atoi(argv[2]) : 8;
	uint64_t calls = 0, successes = 0;

	start();
	end_ns = now_ns() + seconds * UINT64_C(1000000000);
	for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
		hammers[i] =
			(struct hammer){.cpu = i,
					.guest = guests[i % GUESTS],
					.page = 20 + 2 * i,
					.state = 0x9e3779b97f4a7c15u * (i + 1)};
		pthread_create(&hammers[i].thread, NULL, run, &hammers[i]);
	}
	for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
		pthread_join(hammers[i].thread, NULL);
		calls += hammers[i].calls;
		successes += hammers[i].successes;
	}
	/* Guests destroyed, pools as after boot, no violation. */
	for (unsigned i = 0; i < HANDLES; i++) {
		struct sluice_domain_ref d = {.domain = domains[0][i]};
		struct hammer h = {.guest = guests[0], .page = 20};

		if (d.domain != 0 &&
		    call(&h, SLUICE_OP_delete_domain, &d, sizeof(d)) ==
			    STATUS_RESOURCE_IN_USE) {
			struct sluice_token_ref t = {.token = tokens[0]};

			(void)call(&h, SLUICE_OP_free_token, &t, sizeof(t));
			(void)call(&h, SLUICE_OP_delete_domain, &d, sizeof(d));
		}
	}
	guestmem_forgive();
	machine_shutdown();
	printf("hammer: %u threads, %u s, %llu calls, %llu succeeded\n",
	       threads, seconds, (unsigned long long)calls,
	       (unsigned long long)successes);
	return EXIT_SUCCESS;
}
