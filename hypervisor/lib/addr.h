/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as types, so that mixing two of them does not compile.
 *
 * hpa_t is a machine address, gpa_t a guest-physical one, iova_t a logical
 * address as a device emits it. Lengths stay plain integers with units in
 * their names.
 */
#pragma once

#include "lib/bits.h"

#define PAGE_SHIFT 12
#define PAGE_BYTES UINT64_C(4096)
#define PAGE_MASK  (PAGE_BYTES - 1)

typedef struct {
	uint64_t addr;
} hpa_t;

typedef struct {
	uint64_t addr;
} gpa_t;

typedef struct {
	uint64_t addr;
} iova_t;

static inline hpa_t to_hpa(uint64_t addr)
{
	return (hpa_t){addr};
}

static inline gpa_t to_gpa(uint64_t addr)
{
	return (gpa_t){addr};
}

static inline iova_t to_iova(uint64_t addr)
{
	return (iova_t){addr};
}

#define HPA_NONE ((hpa_t){~UINT64_C(0)})

static inline bool hpa_is_none(hpa_t hpa)
{
	return hpa.addr == ~UINT64_C(0);
}

/* bytes_to_pages() - Pages that hold @bytes, the last one perhaps in part. */
static inline uint64_t bytes_to_pages(uint64_t bytes)
{
	return (bytes >> PAGE_SHIFT) + ((bytes & PAGE_MASK) != 0);
}
