/* SPDX-License-Identifier: MIT */
/* The user-space build's ordering words, in terms that sanitizers know. */
#pragma once

#include <sched.h>

static inline void barrier_publish(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void barrier_observe(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void barrier_full(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Threads outnumber CPUs here, so a waiter lets the holder run. */
static inline void cpu_relax(void)
{
	sched_yield();
}
