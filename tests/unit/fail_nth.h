/* SPDX-License-Identifier: MIT */
/*
 * Calls in which something is made to fail, and the machine that each finds: a
 * guest with four devices, D1 in a Translate domain with pages of every kind,
 * D2 in a PassThrough domain, D3 with a token and no domain, D4 without one.
 */
#pragma once

#include "service_fixture.h"

#define MIB	 UINT64_C(0x100000)
#define BYTES(n) ((uint64_t)(n)*PAGE_BYTES)
#define PLAIN	 (16 * MIB)  /* 8 pages                                      */
#define LARGE	 (32 * MIB)  /* 512 pages at once: large where it can be    */
#define TOKEN	 (64 * MIB)  /* 16 pages reserved, 4 of them mapped          */
#define FREE	 (128 * MIB) /* nothing, and no table                        */
#define HOME	 P(200)	     /* 4 pages, identity                            */

/* What there is; handles. */
struct fail_nth {
	struct fake_guest *g;
	uint64_t plain, buddy, pass, bare, empty; /* domains                 */
	uint64_t first, second, third;		  /* devices                 */
	uint64_t token, unused;			  /* of plain                */
	uint64_t range, taken; /* of buddy: mapped; empty                    */
};
extern struct fail_nth fn;

struct fail_nth_scenario {
	const char *name;
	int64_t (*act)(void); /* one call: rax if not 0, else the status     */
	/* Without a reply: is it done all the same? Else it is taken back. */
	bool holds;
	/* By a refused command something is gone: what a second try says. */
	int64_t gone;
	bool is_alone; /* in a guest without a PassThrough domain            */
};
#define FAIL_NTH_ROW(act, ...)                                                 \
	{                                                                      \
#act, act, __VA_ARGS__                                         \
	}

/* Domains, devices, policy: fail_nth_object.c; the rest: fail_nth_space.c. */
extern const struct fail_nth_scenario fail_nth_objects[];
extern const unsigned fail_nth_object_count;
extern const struct fail_nth_scenario fail_nth_spaces[];
extern const unsigned fail_nth_space_count;

void fail_nth_set_up(int kind, bool passes);
int64_t fail_nth_said(uint64_t op, void *argument, size_t bytes);

#define SAID(op, ...)                                                          \
	({                                                                     \
		__VA_ARGS__;                                                   \
		fail_nth_said(SLUICE_OP_##op, &a, sizeof(a));                  \
	})
