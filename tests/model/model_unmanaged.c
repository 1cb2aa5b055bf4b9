// SPDX-License-Identifier: MIT
/*
 * Caller-owned tables: a legacy VT-d unit cannot nest them, so configuring is
 * refused, DMA stays blocked, and flushing is shape-checked. Contract 3.1, 3.6,
 * section 5 Q23, Q24, Q27.
 */
#include "model_space.h"

static bool is_unmanaged(const struct model_call *c, uint64_t handle)
{
	const struct model_domain *d = model_domain_of(c->m, c->guest, handle);

	return d != NULL && d->type == MODEL_UNMANAGED;
}

struct model_says model_expect_configure_domain(const struct model_call *c)
{
	const struct sluice_configure *a = &c->a->configure_domain;

	if (!is_unmanaged(c, a->domain)) {
		return model_say(STATUS_INVALID_PARAMETER_1);
	}
	return a->arch <= 1 ? model_say(STATUS_NOT_SUPPORTED)
			    : model_say_either(STATUS_NOT_SUPPORTED,
					       STATUS_INVALID_PARAMETER_2);
}

const char *model_settle_configure_domain(const struct model_done *e)
{
	(void)e;
	return "configured on a unit that cannot nest";
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
