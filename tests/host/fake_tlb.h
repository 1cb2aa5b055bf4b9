/* SPDX-License-Identifier: MIT */
/*
 * The CPUs' cache of nested translations, which forgets nothing until
 * p2m_flush() tells it (emulated CPUs forget too readily to show the bug).
 */
#pragma once

#include "guest/p2m.h"

/* fake_tlb_access() - What a CPU running @p2m's guest reaches at @at. */
enum p2m_type fake_tlb_access(struct p2m *p2m, gpa_t at, hpa_t *page);

/* fake_tlb_flushes() - Calls of p2m_flush since fake_tlb_start(). */
unsigned fake_tlb_flushes(void);

/* fake_tlb_start() - Forget all and take p2m_flush. */
void fake_tlb_start(void);
