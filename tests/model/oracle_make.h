/* SPDX-License-Identifier: MIT */
/* Between the two halves of call making. */
#pragma once

#include "oracle_state.h"

uint64_t oracle_handle(const struct oracle *o, struct oracle_ref r);
uint8_t oracle_free_name(struct oracle *o, unsigned guest,
			 enum oracle_kind kind);
const struct model_domain *oracle_domain_of(const struct oracle *o,
					    const struct oracle_call *c);
void oracle_make_space(struct oracle *o, struct oracle_call *c);
/* Fill in what a sub-op needs; the second knows those of the address space. */
void oracle_make_argument(struct oracle *o, struct oracle_call *c);
