/* SPDX-License-Identifier: MIT */
/*
 * The report page: all that a bare guest has to say.
 *
 * It lies at a fixed guest-physical address. The guest writes what it saw, the
 * control domain reads it by a foreign mapping (and judges it again: a guest's
 * own verdict is never enough). The other way, the control domain writes `go`
 * and `argument`; a guest stops at each stage until `go` has reached it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define REPORT_GPA	 0x80000u
#define REPORT_MAGIC	 0x5452504552494c53ull /* "SLIREPRT" */
#define REPORT_STEPS_MAX 160u
#define REPORT_ARGUMENTS 4u
#define REPORT_TEXT	 160u

/* Values of report_step.wanted that stand for more than one value. */
#define REPORT_ANY	0x7fffffff /* the reader judges         */
#define REPORT_NEGATIVE 0x7ffffffe /* any error number will do  */

/* report_page.done. */
#define REPORT_RUNNING 0u
#define REPORT_DONE    1u /* came to its end                            */
#define REPORT_TRAPPED 2u /* an exception that nobody had asked for     */
#define REPORT_LATE    3u /* a wait reached its deadline                */

/* First step of every guest: does CPUID announce Sluice? The only one if not.
 */
#define REPORT_STEP_SLUICE 1u

/* One thing that the guest saw. */
struct report_step {
	uint32_t id;	/* the guest's own number of the step             */
	uint32_t line;	/* source line that reported it                   */
	int32_t value;	/* NTSTATUS, transport code or plain value        */
	int32_t wanted; /* what the guest's own table expects             */
	uint64_t aux;	/* a handle, an address, a count; 0 = nothing     */
};

struct report_page {
	uint64_t magic;	     /* REPORT_MAGIC, written last at the start   */
	uint64_t heartbeat;  /* grows while the guest runs or waits       */
	uint32_t waiting;    /* stage before which the guest waits; 0 = none */
	uint32_t go;	     /* control domain: highest stage allowed     */
	uint32_t done;	     /* REPORT_*                                  */
	uint32_t step_count; /* written after the step itself             */
	uint32_t trap;	     /* vector of an unexpected exception         */
	uint32_t wrong;	     /* steps whose value is not the wanted one   */
	uint64_t trap_ip;    /* where it happened                         */
	uint64_t argument[REPORT_ARGUMENTS]; /* control domain's words    */
	struct report_step step[REPORT_STEPS_MAX];
	char text[REPORT_TEXT]; /* what went wrong, terminated; mostly empty */
};

_Static_assert(sizeof(struct report_step) == 24, "same in 32 and 64 bits");
_Static_assert(offsetof(struct report_page, argument) == 48, "no padding");
_Static_assert(sizeof(struct report_page) <= 4096, "one page");
