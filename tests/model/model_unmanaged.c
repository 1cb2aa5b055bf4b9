// SPDX-License-Identifier: MIT
/*
 * Caller-owned tables. Where no unit can nest them configuring is refused, DMA
 * stays blocked, and flushing is shape-checked. Contract 3.1, 3.6, section 5
 * Q23, Q24, Q27.
 */
#include "model_space.h"

static bool is_unmanaged(const struct model_call *c, uint64_t handle)
{
	const struct model_domain *d = model_domain_of(c->m, c->guest, handle);

	return d != NULL && d->type == MODEL_UNMANAGED;
}

/* One half of the input range: unused, or a root in the caller's RAM. */
static bool half_is_sound(const struct model_call *c, uint64_t root,
			  unsigned bits)
{
	if (bits == 0) {
		return root == 0;
	}
	return (root & MODEL_PAGE_MASK) == 0 && bits >= 25 && bits <= 48 &&
	       model_is_ram(c->m, c->guest, root >> MODEL_PAGE_SHIFT);
}

struct model_says model_expect_configure_domain(const struct model_call *c)
{
	const struct sluice_configure *a = &c->a->configure_domain;

	if (!is_unmanaged(c, a->domain)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (!c->m->can_nest) {
		return a->arch <= 1
			       ? model_say(STATUS_NOT_SUPPORTED)
			       : model_say_either(STATUS_NOT_SUPPORTED,
						  STATUS_INVALID_PARAMETER_2);
	}
	if (a->arch == 1) {
		return model_say(STATUS_NOT_SUPPORTED);
	}
	if (a->arch != 0 || a->coherent_walks > 1 ||
	    a->translation_enabled > 1 ||
	    !half_is_sound(c, a->ttbr0, a->input_size0) ||
	    !half_is_sound(c, a->ttbr1, a->input_size1) ||
	    (a->translation_enabled != 0 && a->input_size0 == 0 &&
	     a->input_size1 == 0)) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (a->translation_enabled == 0 &&
	    (model_types(c->m, c->guest) & 1u << MODEL_PASSTHROUGH) == 0) {
		return model_say(STATUS_ACCESS_DENIED); /* Q27 */
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_configure_domain(const struct model_done *e)
{
	const struct sluice_configure *a = &e->in->configure_domain;
	struct model_domain *d = model_domain_of(e->m, e->guest, a->domain);
	const struct model_guest *g = &e->m->guest[e->guest];

	if (!e->m->can_nest) {
		return "configured on a unit that cannot nest";
	}
	d->is_configured = true;
	d->is_bypassed = a->translation_enabled == 0;
	for (unsigned i = 0; i < MODEL_ARM_TABLES; i++) {
		if (g->arm[i].root == a->ttbr0 >> MODEL_PAGE_SHIFT) {
			d->arm = i;
			return NULL;
		}
	}
	/* Nobody aims a walker at a table that the model does not know. */
	return d->is_bypassed ? NULL : "an unknown table";
}

struct model_says model_expect_flush_domain(const struct model_call *c)
{
	return model_say(is_unmanaged(c, c->a->flush_domain.domain)
				 ? STATUS_SUCCESS
				 : STATUS_INVALID_PARAMETER_1);
}

const char *model_settle_flush_domain(const struct model_done *e)
{
	(void)e;
	return NULL;
}

struct model_says model_expect_flush_list(const struct model_call *c)
{
	const struct sluice_flush_list *a = &c->a->flush_list;

	if (!is_unmanaged(c, a->domain)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	if (a->last_level > 1) {
		return model_say(STATUS_INVALID_PARAMETER_2);
	}
	if (a->count > SLUICE_FLUSH_MAX) {
		return model_say(STATUS_INVALID_PARAMETER_3);
	}
	if (a->count != 0 && !c->list->is_readable) {
		return model_say(STATUS_INVALID_PARAMETER_4);
	}
	for (unsigned i = 0; i < a->count; i++) {
		if ((c->list->frame[i] & MODEL_PAGE_MASK) != 0) {
			return model_say(STATUS_INVALID_PARAMETER_4);
		}
	}
	return model_say(STATUS_SUCCESS);
}

const char *model_settle_flush_list(const struct model_done *e)
{
	(void)e;
	return NULL;
}
