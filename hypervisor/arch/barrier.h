/* SPDX-License-Identifier: MIT */
/* Ordering between our stores and an observer: another CPU or a device. */
#pragma once

/* barrier_publish() - Stores before it are seen before stores after it. */
static inline void barrier_publish(void)
{
	__asm__ volatile("sfence" ::: "memory");
}

/* barrier_observe() - Loads before it are done before loads after it. */
static inline void barrier_observe(void)
{
	__asm__ volatile("lfence" ::: "memory");
}

/* barrier_full() - Both, and stores before it before loads after it. */
static inline void barrier_full(void)
{
	__asm__ volatile("mfence" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}
