/* SPDX-License-Identifier: MIT */
/* Between the two halves of call making. */
#pragma once

#include "oracle_state.h"

uint64_t oracle_handle(const struct oracle *o, struct oracle_ref r);
uint8_t oracle_free_name(struct oracle *o, unsigned guest,
			 enum oracle_kind kind);
const struct model_domain *oracle_domain_of(const struct oracle *o,
					    const struct oracle_call *c);
/* ---- oracle_aim.c ---- */
bool oracle_is_live(const struct oracle *o, struct oracle_ref r);
bool oracle_has_live(const struct oracle *o, unsigned guest,
		     enum oracle_kind kind);
/* oracle_has_suitable() - One with which @op has a chance. */
bool oracle_has_suitable(const struct oracle *o, unsigned guest,
			 enum oracle_kind kind, unsigned op);
/* oracle_aim() - Mostly the next name that suits @op, or at least is alive. */
void oracle_aim(const struct oracle *o, struct oracle_ref *r, unsigned op);

void oracle_make_space(struct oracle *o, struct oracle_call *c);
/* Fill in what a sub-op needs; the second knows those of the address space. */
void oracle_make_argument(struct oracle *o, struct oracle_call *c);
