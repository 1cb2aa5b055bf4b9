// SPDX-License-Identifier: MIT
/*
 * One call: names become handles, lists go to guest memory, the gate is called,
 * and everything that can be seen afterwards is compared with the model. Knows
 * no machine: what differs between machines is in oracle_state.h.
 */
#include "model_space.h"
#include "oracle_make.h"
#include "oracle_series.h"
#include "oracle_shape.h"
#include "oracle_state.h"

#include <string.h>
#include <xen/errno.h>

#define AUDIT_EACH 16u

/* Reads that bring the argument in; the next one is its list's. */
#define ARGUMENT_READS 2u

static uint64_t resolve(const struct oracle *o, struct oracle_ref r)
{
	static const uint64_t junk[] = {
		0,	    1,		2,	UINT64_MAX, 0x100000000ull,
		0xffffffff, 1ull << 63, 0x10001};

	return r.kind == ORACLE_JUNK ? junk[r.name % 8] : oracle_handle(o, r);
}

static void put64(union model_argument *a, int at, uint64_t value)
{
	memcpy((uint8_t *)a + at, &value, sizeof(value));
}

/* What one call works with. */
struct work {
	struct oracle_shape shape;
	union model_argument in;
	union model_argument out;
	uint64_t frame[SLUICE_MAP_MAX + 1];
	struct model_list list;
};

static void build_list(struct oracle *o, const struct oracle_call *c,
		       struct work *w)
{
	size_t bytes = c->list.count * sizeof(uint64_t);
	const void *list = w->frame;

	for (unsigned i = 0; i < c->list.count; i++) {
		w->frame[i] =
			c->list.base + (uint64_t)c->list.stride * (uint64_t)i;
		if (i == c->list.odd_at) {
			w->frame[i] = c->list.odd;
		}
	}
	w->list = (struct model_list){.is_readable =
					      c->list.at <= ORACLE_LIST_CROSSES,
				      .count = c->list.count,
				      .frame = w->frame,
				      .region = c->list.region};
	if (w->shape.list == 0 || c->list.count == 0) {
		return;
	}
	if (c->op == SLUICE_OP_create_domain) {
		list = c->list.region;
		bytes = c->list.count * sizeof(c->list.region[0]);
	}
	put64(&w->in, w->shape.list, oracle_place(o, c, list, bytes));
}

static void build(struct oracle *o, const struct oracle_call *c, struct work *w)
{
	size_t known = sizeof(c->a);

	w->shape = oracle_shape(c->op);
	memset(&w->in, 0, w->shape.bytes + 8);
	memcpy(&w->in, &c->a, w->shape.bytes < known ? w->shape.bytes : known);
	w->in.header.size = w->shape.bytes;
	w->in.header.status = 0x5a5a5a5a;
	if (c->first.kind != ORACLE_NOTHING && w->shape.first != 0) {
		put64(&w->in, w->shape.first, resolve(o, c->first));
	}
	if (c->second.kind != ORACLE_NOTHING && w->shape.second != 0) {
		put64(&w->in, w->shape.second, resolve(o, c->second));
	}
	build_list(o, c, w);
}

/* ---- what is compared ---- */

/* Only [out] fields may change, and these on success alone. */
static void compare_bytes(struct oracle *o, const struct oracle_call *c,
			  const struct work *w, bool success)
{
	const uint8_t *in = (const uint8_t *)&w->in;
	const uint8_t *out = (const uint8_t *)&w->out;
	size_t status = offsetof(struct sluice_header, status);

	for (size_t i = 4; i < w->shape.bytes; i++) {
		bool may =
			(i >= status && i < status + 4) ||
			(success && i >= w->shape.out && i < w->shape.out_end);

		if (in[i] != out[i] && !may) {
			oracle_wrong(o, "op %u wrote byte %zu of its argument",
				     c->op, i);
		}
	}
}

static void keep_handle(struct oracle *o, const struct oracle_call *c,
			const struct work *w)
{
	switch (c->op) {
	case SLUICE_OP_create_domain:
		o->handle[c->guest][ORACLE_DOMAIN][c->name] =
			w->out.create_domain.domain;
		return;
	case SLUICE_OP_create_device:
		o->handle[c->guest][ORACLE_DEVICE][c->name] =
			w->out.create_device.device;
		return;
	case SLUICE_OP_reserve_token:
		o->handle[c->guest][ORACLE_TOKEN][c->name] =
			w->out.reserve_token.token;
		return;
	case SLUICE_OP_create_pasid:
		o->handle[c->guest][ORACLE_PASID][c->name] =
			w->out.create_pasid.pasid;
		return;
	default:
		return;
	}
}

/* Devices that lose sight of something by a call that succeeded. */
static bool removes(const struct oracle_call *c, const struct work *w)
{
	switch (c->op) {
	case SLUICE_OP_unmap:
		return (w->in.unmap.options & SLUICE_UNMAP_CHECK) == 0;
	case SLUICE_OP_unmap_identity:
		return (w->in.unmap_identity.options & SLUICE_UNMAP_CHECK) == 0;
	case SLUICE_OP_unmap_token:
	case SLUICE_OP_detach_device:
	case SLUICE_OP_detach_pasid:
	case SLUICE_OP_delete_domain:
		return true;
	default:
		return false;
	}
}

static void settle(struct oracle *o, const struct oracle_call *c,
		   struct work *w, const struct model_says *says)
{
	const struct model_device *d = model_device_of(
		&o->model, c->guest, w->in.detach_device.device);
	uint64_t left = d != NULL ? d->domain : 0;
	const char *text = model_settle(&o->model, c->guest, c->op, says,
					&w->in, &w->out, &w->list);

	if (text != NULL) {
		oracle_wrong(o, "op %u: %s", c->op, text);
		return;
	}
	o->successes++;
	o->by_op[c->op][1]++;
	o->removals += removes(c, w);
	keep_handle(o, c, w);
	if (c->op == SLUICE_OP_detach_device && d != NULL) {
		oracle_look_cached(o, d, left);
	}
}

static void compare_status(struct oracle *o, const struct oracle_call *c,
			   struct work *w, const struct model_says *says,
			   bool hit)
{
	NTSTATUS is = w->out.header.status;
	struct model_says again;
	bool is_short = is == STATUS_INSUFFICIENT_RESOURCES &&
			says->status == STATUS_SUCCESS &&
			(says->may_be_short || hit);

	if (is == STATUS_INSUFFICIENT_RESOURCES && !is_short) {
		/* What its tables cost is known when it is asked for. */
		oracle_audit(o, c->guest);
		again = model_expect(&o->model, c->guest, c->op, &w->in,
				     &w->list);
		is_short = again.may_be_short;
	}
	if (is != says->status && is != says->or_status && !is_short) {
		oracle_wrong(o, "op %u answers %08x, must %08x%s", c->op,
			     (unsigned)is, (unsigned)says->status,
			     hit ? " (an allocation failed)" : "");
		return;
	}
	o->met[c->op][oracle_status_index(is)]++;
	compare_bytes(o, c, w, is == STATUS_SUCCESS);
	if (is == STATUS_SUCCESS) {
		settle(o, c, w, says);
	}
}

/* Where devices hammer during the call. */
static uint64_t page_of(const struct oracle *o, const struct oracle_call *c,
			const union model_argument *a)
{
	switch (c->op) {
	case SLUICE_OP_unmap:
		return a->unmap.logical_address >> MODEL_PAGE_SHIFT;
	case SLUICE_OP_unmap_identity:
		return a->unmap_identity.base >> MODEL_PAGE_SHIFT;
	default:
		return o->last_page;
	}
}

/* What the gate must answer when a copy of the caller's memory fails. */
static void expect_failed_copy(struct oracle *o, const struct oracle_call *c,
			       struct work *w, struct model_says *says,
			       int64_t *wanted)
{
	if (c->inject == ORACLE_FAIL_READ && c->inject_at > ARGUMENT_READS) {
		/* The list, then, which is as if it were not there. */
		w->list.is_readable = false;
		*says = model_expect(&o->model, c->guest, c->op, &w->in,
				     &w->list);
	} else if (c->inject == ORACLE_FAIL_READ ||
		   c->inject == ORACLE_FAIL_REPLY) {
		*wanted = -XEN_EFAULT;
	}
}

/* The caller was told nothing: what made something is undone, the rest holds.
 */
static void settle_unheard(struct oracle *o, const struct oracle_call *c,
			   struct work *w, const struct model_says *says)
{
	/* The first copy has the [out] fields, the second the status. */
	bool told = c->inject_at > 1 && says->status == STATUS_SUCCESS;

	w->out.header.status = w->in.header.status;
	if (!told) {
		w->shape.out_end = 0;
	}
	compare_bytes(o, c, w, true);
	if (says->status == STATUS_SUCCESS && oracle_stays_done(c)) {
		settle(o, c, w, says);
	}
}

static void compare(struct oracle *o, const struct oracle_call *c,
		    struct work *w, struct model_says *says, int64_t rax,
		    bool hit)
{
	int64_t wanted = oracle_wanted_rax(o, c);

	if (hit) {
		o->failures++;
		expect_failed_copy(o, c, w, says, &wanted);
	}
	if (rax != wanted) {
		oracle_wrong(o, "op %u: rax %ld, must %ld", c->op, (long)rax,
			     (long)wanted);
	} else if (rax == 0) {
		compare_status(o, c, w, says, hit);
	} else if (hit && c->inject == ORACLE_FAIL_REPLY) {
		settle_unheard(o, c, w, says);
	} else {
		w->shape.out_end = 0;
		compare_bytes(o, c, w, false);
	}
	oracle_check_machine(o);
}

static void look(struct oracle *o, const struct oracle_call *c,
		 const union model_argument *a, const uint64_t *frames)
{
	oracle_look(o, c, a, frames);
	if (o->is_thorough) {
		oracle_look_all(o);
	}
	for (unsigned n = 0; n < MODEL_GUESTS; n++) {
		if (o->is_thorough || o->calls % AUDIT_EACH == n) {
			oracle_audit(o, n);
		}
	}
}

static void digest(struct oracle *o, const struct oracle_call *c, int64_t rax,
		   int32_t status)
{
	uint64_t answer = (uint64_t)rax << 32 | (uint32_t)status;

	o->digest = oracle_mix(o->digest ^ answer, c->op);
}

/* Return: true when something was made to fail. */
static bool run_once(struct oracle *o, const struct oracle_call *call)
{
	static struct work w;
	struct model_says says;
	int64_t rax;
	bool hit;

	build(o, call, &w);
	memcpy(&w.out, &w.in, w.shape.bytes);
	says = model_expect(&o->model, call->guest, call->op, &w.in, &w.list);
	o->last_page = page_of(o, call, &w.in);
	oracle_arm(o, call);
	rax = oracle_transport(o, call, &w.out, w.shape.bytes);
	hit = oracle_disarm(call);
	digest(o, call, rax, w.out.header.status);
	o->calls++;
	o->by_op[call->op][0]++;
	if (!o->is_over) {
		compare(o, call, &w, &says, rax, hit);
		look(o, call, rax == 0 ? &w.out : &w.in, w.frame);
	}
	return hit;
}

bool oracle_run(struct oracle *o, const struct oracle_call *call)
{
	struct oracle_call again = *call;

	if (run_once(o, call) && o->wrong[0] == '\0' && !o->is_over) {
		/* Nothing fails, nothing is in the way. */
		again.inject = ORACLE_NO_FAILURE;
		run_once(o, &again);
	}
	return o->wrong[0] == '\0';
}
