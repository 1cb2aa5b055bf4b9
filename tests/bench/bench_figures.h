/* SPDX-License-Identifier: MIT */
/*
 * What bench_kernel measures: step number, name, words for the table. Read by
 * the compiler and, as text, by tests/bench/calls.py.
 */
#pragma once

/* clang-format off */
#define BENCH_FIGURES(ROW)                                                     \
	/*   nr  name           what is counted                             */ \
	ROW(100, calibration,   "ticks of 10000 instructions")                 \
	ROW(101, yield,         "null hypercall: sched_op yield")              \
	ROW(102, info,          "sub-op info")                                 \
	ROW(103, create_delete, "CreateDomainEx + DeleteDomain")               \
	ROW(104, map_1,         "map 1 page, table present")                   \
	ROW(105, unmap_1,       "unmap 1 page, table stays")                   \
	ROW(106, map_512,       "map 512 pages, contiguous, table absent")     \
	ROW(107, unmap_512,     "unmap 512 pages, table goes")                 \
	ROW(108, frames_512,    "map 512 pages, frame list, table absent")     \
	ROW(109, library_map,   "MapLogicalRangeEx 1 page through libsluice")  \
	ROW(110, library_unmap, "UnmapLogicalRange 1 page through libsluice")
/* clang-format on */

enum bench_step {
#define BENCH_STEP(nr, name, text) BENCH_##name = nr,
	BENCH_FIGURES(BENCH_STEP)
#undef BENCH_STEP
};

/* Steps that are not figures. */
#define BENCH_SETUP    90u /* status of a call that prepares                  */
#define BENCH_CALL     91u /* first status that was no success; aux = figure  */
#define BENCH_RAM      80u /* aux = pages: of the machine                     */
#define BENCH_CONTROL  81u /* of the control domain */
#define BENCH_GUESTS   82u /* of the guests' pool                             */
#define BENCH_OWN      83u /* of the hypervisor's pool                        */
#define BENCH_OWN_FREE 84u /* of that, free */
