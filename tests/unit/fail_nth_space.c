// SPDX-License-Identifier: MIT
/* Acts that map, unmap, or take parts of an address space. */
#include "fail_nth.h"

static uint64_t frames[SLUICE_MAP_MAX];

static uint64_t listed(uint64_t from, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		frames[i] = (from >> PAGE_SHIFT) + count - 1 - i;
	}
	return fake_guest_list(fn.g, frames, count * sizeof(frames[0]));
}

static int64_t map_run(uint64_t domain, uint64_t la, uint64_t pages,
		       uint32_t kind, uint32_t options)
{
	struct sluice_map a = {
		.domain = domain,
		.permissions = RW,
		.kind = kind,
		.base = kind == SLUICE_MAP_CONTIGUOUS ? P(0) : 0,
		.pages = pages,
		.has_logical_address = la != 0,
		.logical_address = la,
		.options = options,
	};

	if (kind == SLUICE_MAP_FRAMES) {
		a.frames = listed(P(0), pages);
	}
	return fail_nth_said(SLUICE_OP_map, &a, sizeof(a));
}

static int64_t map_beside(void)
{
	return map_run(fn.plain, PLAIN + BYTES(8), 4, SLUICE_MAP_CONTIGUOUS, 0);
}

static int64_t map_far(void)
{
	return map_run(fn.plain, FREE, 1, SLUICE_MAP_CONTIGUOUS, 0);
}

static int64_t map_over_tables(void)
{
	return map_run(fn.plain, FREE + BYTES(412), 200, SLUICE_MAP_FRAMES, 0);
}

static int64_t map_anywhere(void)
{
	return map_run(fn.buddy, 0, 64, SLUICE_MAP_FRAMES, 0);
}

static int64_t map_part(void)
{
	return map_run(fn.buddy, fn.taken, 4, SLUICE_MAP_CONTIGUOUS,
		       SLUICE_MAP_PART);
}

static int64_t unmap_run(uint64_t domain, uint64_t la, uint64_t pages)
{
	return SAID(unmap, struct sluice_unmap a =
				   ((struct sluice_unmap){.domain = domain,
							  .logical_address = la,
							  .pages = pages}));
}

static int64_t unmap_plain(void)
{
	return unmap_run(fn.plain, PLAIN, 8);
}

static int64_t unmap_some(void)
{
	return unmap_run(fn.plain, PLAIN + BYTES(3), 2);
}

static int64_t unmap_from_large(void)
{
	return unmap_run(fn.plain, LARGE + BYTES(100), 5);
}

static int64_t unmap_large(void)
{
	return unmap_run(fn.plain, LARGE, 512);
}

static int64_t unmap_range(void)
{
	return unmap_run(fn.buddy, fn.range, 8);
}

static int64_t identity(uint64_t op, uint32_t permissions, uint32_t kind,
			uint64_t base)
{
	struct sluice_identity a = {
		.domain = fn.plain,
		.permissions = permissions,
		.kind = kind,
		.base = kind == SLUICE_MAP_CONTIGUOUS ? base : 0,
		.pages = 4,
	};

	if (kind == SLUICE_MAP_FRAMES) {
		a.frames = listed(base, 4);
	}
	return fail_nth_said(op, &a, sizeof(a));
}

static int64_t identity_map(void)
{
	return identity(SLUICE_OP_map_identity, RW, SLUICE_MAP_CONTIGUOUS,
			P(100));
}

static int64_t identity_map_list(void)
{
	return identity(SLUICE_OP_map_identity, RW, SLUICE_MAP_FRAMES, P(100));
}

static int64_t identity_unmap(void)
{
	return identity(SLUICE_OP_unmap_identity, 0, SLUICE_MAP_CONTIGUOUS,
			HOME);
}

static int64_t identity_unmap_list(void)
{
	return identity(SLUICE_OP_unmap_identity, 0, SLUICE_MAP_FRAMES, HOME);
}

static int64_t range_take(void)
{
	return SAID(allocate_range,
		    struct sluice_allocate_range a =
			    ((struct sluice_allocate_range){.domain = fn.buddy,
							    .pages = 40}));
}

static int64_t range_give(void)
{
	return SAID(free_range,
		    struct sluice_range_ref a = ((struct sluice_range_ref){
			    .domain = fn.buddy,
			    .logical_address = fn.taken,
			    .pages = 16}));
}

static int64_t token_reserve(void)
{
	return SAID(reserve_token,
		    struct sluice_reserve_token a =
			    ((struct sluice_reserve_token){
				    .domain = fn.plain,
				    .bytes = BYTES(600),
				    .has_logical_address = 1,
				    .logical_address = FREE + BYTES(300)}));
}

static int64_t token_reserve_anywhere(void)
{
	return SAID(reserve_token,
		    struct sluice_reserve_token a =
			    ((struct sluice_reserve_token){
				    .domain = fn.buddy, .bytes = BYTES(20)}));
}

static int64_t token_free(void)
{
	return SAID(free_token,
		    struct sluice_token_ref a = {.token = fn.unused});
}

static int64_t token_map(void)
{
	return SAID(map_token,
		    struct sluice_map_token a = ((struct sluice_map_token){
			    .token = fn.token,
			    .offset = BYTES(8),
			    .permissions = RW,
			    .kind = SLUICE_MAP_FRAMES,
			    .frames = listed(P(0), 4),
			    .pages = 4,
			    .marks = SLUICE_TOKEN_FIRST | SLUICE_TOKEN_LAST}));
}

static int64_t token_unmap(void)
{
	return SAID(unmap_token,
		    struct sluice_unmap_token a = ((struct sluice_unmap_token){
			    .token = fn.token,
			    .segment_bytes = BYTES(4),
			    .pages = 4}));
}

static int64_t flush_whole(void)
{
	return SAID(flush_domain,
		    struct sluice_domain_ref a = {.domain = fn.bare});
}

static int64_t flush_some(void)
{
	return SAID(flush_list,
		    struct sluice_flush_list a = ((struct sluice_flush_list){
			    .domain = fn.bare,
			    .addresses = fake_guest_list(
				    fn.g, (uint64_t[]){0x1000, 0x5000}, 16),
			    .count = 2}));
}

const struct fail_nth_scenario fail_nth_spaces[] = {
	FAIL_NTH_ROW(map_beside, false, 0, false),
	FAIL_NTH_ROW(map_far, false, 0, false),
	FAIL_NTH_ROW(map_over_tables, false, 0, false),
	FAIL_NTH_ROW(map_anywhere, false, 0, false),
	FAIL_NTH_ROW(map_part, false, 0, false),
	FAIL_NTH_ROW(unmap_plain, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(unmap_some, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(unmap_from_large, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(unmap_large, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(unmap_range, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(identity_map, true, 0, false),
	FAIL_NTH_ROW(identity_map_list, true, 0, false),
	FAIL_NTH_ROW(identity_unmap, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(identity_unmap_list, true, STATUS_INVALID_PARAMETER,
		     false),
	FAIL_NTH_ROW(range_take, false, 0, false),
	FAIL_NTH_ROW(range_give, true, 0, false),
	FAIL_NTH_ROW(token_reserve, false, 0, false),
	FAIL_NTH_ROW(token_reserve_anywhere, false, 0, false),
	FAIL_NTH_ROW(token_free, true, STATUS_INVALID_PARAMETER_1, false),
	FAIL_NTH_ROW(token_map, true, 0, false),
	FAIL_NTH_ROW(token_unmap, true, STATUS_INVALID_PARAMETER, false),
	FAIL_NTH_ROW(flush_whole, true, 0, false),
	FAIL_NTH_ROW(flush_some, true, 0, false),
};

const unsigned fail_nth_space_count =
	sizeof(fail_nth_spaces) / sizeof(fail_nth_spaces[0]);
