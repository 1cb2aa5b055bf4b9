// SPDX-License-Identifier: MIT
/*
 * Calls on domains, tokens and a device that other threads use at the same
 * time. Any answer is right; locks, counts and the sanitizer are what is asked.
 */
#include "fake_device.h"
#include "hammer.h"

#include <sluice/ntstatus.h>

static uint64_t load(const uint64_t *handle)
{
	return __atomic_load_n(handle, __ATOMIC_RELAXED);
}

static uint64_t *pick(struct hammer *h)
{
	return &h->guest->domain[hammer_below(h, 8)];
}

static void create_or_delete(struct hammer *h)
{
	struct fake_guest *g = h->guest->fake;
	uint64_t *at = pick(h);
	uint64_t old = __atomic_exchange_n(at, 0, __ATOMIC_RELAXED);
	struct sluice_domain_ref ref = {.domain = old};
	struct sluice_create_domain create = {.type = 0};

	if (old != 0 && HAMMER_CALL(h, g, delete_domain, ref) != 0) {
		/* Somebody's device is in it: known again. */
		old = __atomic_exchange_n(at, old, __ATOMIC_RELAXED);
		ref = (struct sluice_domain_ref){.domain = old};
		if (old != 0) {
			(void)HAMMER_CALL(h, g, delete_domain, ref);
		}
		return;
	}
	create.type = hammer_below(h, 4) == 0 ? 1 : 0;
	create.allocator_type = create.type == 0 && hammer_below(h, 2);
	create.allocator_width = 32;
	if (old == 0 &&
	    HAMMER_CALL(h, g, create_domain, create) == STATUS_SUCCESS) {
		old = __atomic_exchange_n(at, create.domain, __ATOMIC_RELAXED);
		ref = (struct sluice_domain_ref){.domain = old};
		if (old != 0) {
			(void)HAMMER_CALL(h, g, delete_domain, ref);
		}
	}
}

static void map(struct hammer *h)
{
	struct sluice_map a = {
		.domain = load(pick(h)),
		.permissions = 3,
		.kind = SLUICE_MAP_CONTIGUOUS,
		.base = h->guest->fake->ram.addr +
			((64 + hammer_below(h, 64)) << 12),
		.pages = 1 + hammer_below(h, 4),
		.has_logical_address = (uint32_t)hammer_below(h, 2),
		.logical_address = (1 + hammer_below(h, 32)) << 12};

	(void)HAMMER_CALL(h, h->guest->fake, map, a);
}

static void unmap(struct hammer *h)
{
	struct sluice_unmap a = {.domain = load(pick(h)),
				 .logical_address = (1 + hammer_below(h, 32))
						    << 12,
				 .pages = 1 + hammer_below(h, 4)};

	(void)HAMMER_CALL(h, h->guest->fake, unmap, a);
}

/* One token a guest, and whoever made it last but one has none. */
static void reserve(struct hammer *h, struct sluice_reserve_token *r)
{
	struct sluice_token_ref f = {.token = 0};
	uint64_t none = 0;

	if (HAMMER_CALL(h, h->guest->fake, reserve_token, *r) !=
		    STATUS_SUCCESS ||
	    __atomic_compare_exchange_n(&h->guest->token, &none, r->token,
					false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED)) {
		return;
	}
	f.token = r->token;
	(void)HAMMER_CALL(h, h->guest->fake, free_token, f);
}

static void use_token(struct hammer *h)
{
	struct fake_guest *g = h->guest->fake;
	uint64_t token = load(&h->guest->token);
	struct sluice_reserve_token r = {.domain = load(pick(h)),
					 .bytes = 8 * 4096,
					 .has_logical_address = 1,
					 .logical_address = 0x100000};
	struct sluice_map_token m = {.token = token,
				     .offset = hammer_below(h, 8) << 12,
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

	switch (hammer_below(h, 4)) {
	case 0:
		if (token == 0) {
			reserve(h, &r);
		}
		return;
	case 1:
		(void)HAMMER_CALL(h, g, map_token, m);
		return;
	case 2:
		(void)HAMMER_CALL(h, g, unmap_token, u);
		return;
	default:
		if (HAMMER_CALL(h, g, free_token, f) == STATUS_SUCCESS) {
			__atomic_compare_exchange_n(&h->guest->token, &token, 0,
						    false, __ATOMIC_RELAXED,
						    __ATOMIC_RELAXED);
		}
	}
}

static void switch_device(struct hammer *h)
{
	struct fake_guest *g = h->guest->fake;
	struct sluice_attach_device a = {.domain = load(pick(h)),
					 .device = h->guest->device};
	struct sluice_device_ref d = {.device = h->guest->device};

	if (hammer_below(h, 4) == 0) {
		a.domain = h->guest->kept;
	}
	if (hammer_below(h, 2)) {
		(void)HAMMER_CALL(h, g, attach_device, a);
	} else {
		(void)HAMMER_CALL(h, g, detach_device, d);
	}
}

static void look(struct hammer *h)
{
	struct sluice_inventory i = {.guest = SLUICE_GUEST_SELF};
	struct sluice_domain_info d = {.guest = SLUICE_GUEST_SELF};

	switch (hammer_below(h, 3)) {
	case 0:
		(void)HAMMER_CALL(h, h->guest->fake, inventory, i);
		return;
	case 1:
		(void)HAMMER_CALL(h, h->guest->fake, list_domains, d);
		return;
	default:
		if (h->guest->sbdf != 0) {
			(void)fake_probe(h->guest->sbdf,
					 hammer_below(h, 36) << 12, true);
		}
	}
}

void hammer_share(struct hammer *h)
{
	switch (hammer_below(h, 10)) {
	case 0:
		create_or_delete(h);
		return;
	case 1:
	case 2:
		map(h);
		return;
	case 3:
	case 4:
		unmap(h);
		return;
	case 5:
		switch_device(h);
		return;
	case 6:
		use_token(h);
		return;
	case 7:
		look(h);
		return;
	default:
		hammer_slice(h);
	}
}

/* Types come and go while guests work; whoever lists sees all of them. */
void hammer_rule(struct hammer *h)
{
	struct fake_guest *control = h->guest->fake;
	struct fake_guest *g =
		hammer_guests[1 + hammer_below(h, HAMMER_GUESTS - 1)].fake;
	struct sluice_guest_policy p = {.guest = g->guest->id};
	struct sluice_read_faults f = {.sequence = 0};
	struct sluice_inventory i = {.guest = (uint16_t)hammer_below(h, 8)};
	struct sluice_device_info d = {.scope = SLUICE_SCOPE_MACHINE,
				       .index = (uint32_t)hammer_below(h, 5)};

	switch (hammer_below(h, 5)) {
	case 0:
		(void)HAMMER_CALL(h, control, read_faults, f);
		return;
	case 1:
		(void)HAMMER_CALL(h, control, inventory, i);
		return;
	case 2:
		(void)HAMMER_CALL(h, control, list_devices, d);
		return;
	case 3:
		hammer_share(h);
		return;
	default:
		break;
	}
	if (HAMMER_CALL(h, control, guest_policy, p) == STATUS_SUCCESS) {
		p.operation = SLUICE_POLICY_SET;
		p.allowed_types = 0xd | (uint32_t)hammer_below(h, 2) << 1;
		(void)HAMMER_CALL(h, control, guest_policy, p);
	}
}
