/* SPDX-License-Identifier: MIT */
/* Each call on a token as one line, in pages, for the suites about tokens. */
#pragma once

#include "service_fixture.h"

#define MIB	 UINT64_C(0x100000)
#define LA	 (6 * MIB + 0x1f0000) /* 16 pages below a table's end */
#define BYTES(n) ((uint64_t)(n)*PAGE_BYTES)
#define FIRST	 SLUICE_TOKEN_FIRST
#define LAST	 SLUICE_TOKEN_LAST
#define WHOLE	 (FIRST | LAST)
#define TOKENS	 32

static struct fake_guest *g;
static uint64_t domain, device;

static inline void set_up(int kind)
{
	boot_service(kind);
	g = guest_with(1, D1);
	domain = new_domain(g, DomainTypeTranslate);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
}

static inline NTSTATUS reserve(uint64_t la, uint64_t pages, uint64_t *token)
{
	struct sluice_reserve_token a = {.domain = domain,
					 .bytes = BYTES(pages),
					 .has_logical_address = 1,
					 .logical_address = la};
	NTSTATUS status = CALL(g, reserve_token, a);

	*token = a.token;
	return status;
}

static inline uint64_t new_token(uint64_t la, uint64_t pages)
{
	uint64_t token = 0;

	ANSWERS(STATUS_SUCCESS, reserve(la, pages, &token));
	EXPECT(token != 0, "handle 0");
	return token;
}

static inline NTSTATUS free_token(uint64_t token)
{
	struct sluice_token_ref a = {.token = token};

	return CALL(g, free_token, a);
}

/* Each page at P(its number in the token), modulo what the guest has. */
static inline NTSTATUS map_part(uint64_t token, uint64_t first, uint64_t pages,
				uint32_t marks)
{
	uint64_t frames[SLUICE_MAP_MAX];
	struct sluice_map_token a = {.token = token,
				     .offset = BYTES(first),
				     .permissions = RW,
				     .kind = SLUICE_MAP_FRAMES,
				     .pages = pages,
				     .marks = marks};

	for (uint64_t i = 0; i < pages; i++) {
		frames[i] = P((first + i) % 400) / PAGE_BYTES;
	}
	a.frames = fake_guest_list(g, frames, pages * sizeof(frames[0]));
	return CALL(g, map_token, a);
}

static inline NTSTATUS unmap_part(uint64_t token, uint64_t segment,
				  uint64_t length, uint64_t first,
				  uint64_t pages)
{
	struct sluice_unmap_token a = {.token = token,
				       .segment_offset = BYTES(segment),
				       .segment_bytes = BYTES(length),
				       .offset = BYTES(first),
				       .pages = pages};

	return CALL(g, unmap_token, a);
}

static inline NTSTATUS unmap_whole(uint64_t token, uint64_t first,
				   uint64_t pages)
{
	return unmap_part(token, first, pages, first, pages);
}
