/* SPDX-License-Identifier: MIT */
/*
 * What a sequence of typed calls is made from and compared with: the model, the
 * names, the source of numbers. No machine is known here: tests/host has one
 * (oracle.h), a guest in QEMU is another (tests/qemu/replay).
 */
#pragma once

#include "dma_model.h"
#include "oracle_call.h"

struct fake_guest;
struct oracle_setting;

/* Numbers to decide by: a seed's, or a fuzzer's bytes and then zeros. */
struct oracle_source {
	uint64_t state;
	const uint8_t *bytes;
	size_t left;
	bool is_bytes;
};

struct oracle {
	const struct oracle_setting *setting;
	struct model model;
	struct fake_guest *guest[MODEL_GUESTS];
	uint64_t handle[MODEL_GUESTS][ORACLE_KINDS][ORACLE_NAMES];
	struct oracle_source *source;
	unsigned fail_1_in; /* calls with a failing allocation; 0 = none */
	unsigned copy_1_in; /* calls with a failing copy; 0 = none       */
	bool is_ending;	    /* of a sequence: things are taken away      */
	bool is_alone;	    /* guest A makes every call                  */
	uint64_t last_page; /* that the call at hand is about */
	uint64_t digest;    /* of all answers */
	uint64_t calls;
	uint64_t successes;
	uint64_t probes;
	uint64_t removals; /* after which a device must have lost something */
	uint64_t failures; /* injected ones that were met */
	bool is_thorough;  /* compare everything after each call */
	bool is_over;	   /* a unit failed: only safety is asked from now on */
	char wrong[256];   /* "" = nothing */
	uint64_t by_op[64][2];		   /* calls, successes */
	uint64_t met[64][ORACLE_STATUSES]; /* agreed answers, by sub-op */
};

/* ---- oracle_make.c ---- */
struct oracle_call oracle_make(struct oracle *o);
/* oracle_op_is_made() - Do sequences have calls of @op at all? */
bool oracle_op_is_made(unsigned op);
uint64_t oracle_below(struct oracle_source *s, uint64_t limit);
bool oracle_one_in(struct oracle_source *s, unsigned n);

/* ---- oracle_values.c ---- */
uint64_t oracle_page(struct oracle *o);
uint64_t oracle_pages(struct oracle *o);
uint64_t oracle_frame(struct oracle *o, unsigned guest);
uint32_t oracle_permissions(struct oracle *o);
/* oracle_some() - A value that is mostly @usual. */
uint64_t oracle_some(struct oracle *o, uint64_t usual);
/* oracle_mapped() - Mapped pages of @d that are @owner's, one or more. */
bool oracle_mapped(struct oracle *o, const struct model_domain *d,
		   enum model_owner owner, uint64_t *page, uint64_t *pages);
void oracle_list_of_frames(struct oracle *o, unsigned guest, uint64_t count,
			   struct oracle_list *list);

/* ---- oracle_run.c ---- */

/* oracle_run() - Make the call and compare. False when something is wrong. */
bool oracle_run(struct oracle *o, const struct oracle_call *call);

/* ---- oracle_transport.c ---- */

/* oracle_wanted_rax() - What rax must be, in the order of sluice/abi.h. */
int64_t oracle_wanted_rax(const struct oracle *o, const struct oracle_call *c);
/* oracle_misshape() - Give the argument its wrong size; its bytes from then. */
size_t oracle_misshape(const struct oracle_call *c, union model_argument *a,
		       size_t bytes);

/* oracle_stays_done() - Does it hold though its reply cannot be written? */
bool oracle_stays_done(const struct oracle_call *call);

/* oracle_status_index() - Place of a status in SLUICE_STATUS_LIST. */
unsigned oracle_status_index(NTSTATUS status);

/* ---- oracle_clean.c ---- */

/* oracle_clean() - Delete what is left; check that nothing leaked. */
void oracle_clean(struct oracle *o);
/* oracle_audit() - Live counts of one guest against the model's. */
void oracle_audit(struct oracle *o, unsigned guest);

/* ---- what a machine under test defines; oracle_gate.c: the fakes ---- */

/* oracle_place() - Put a list into the caller's memory: its linear address. */
uint64_t oracle_place(struct oracle *o, const struct oracle_call *c,
		      const void *list, size_t bytes);
/* oracle_arm(), oracle_disarm() - Around the call: what must fail; did it? */
void oracle_arm(struct oracle *o, const struct oracle_call *c);
bool oracle_disarm(const struct oracle_call *c);
/* oracle_transport() - Hand the argument to the gate: rax. */
int64_t oracle_transport(struct oracle *o, const struct oracle_call *c,
			 union model_argument *a, size_t bytes);
/* oracle_wrong() - Keep the first thing that went wrong. */
void oracle_wrong(struct oracle *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* oracle_check_machine() - What the machine itself complains of. */
void oracle_check_machine(struct oracle *o);
/* oracle_look() - Pages around what a call touched, in all that may change. */
void oracle_look(struct oracle *o, const struct oracle_call *call,
		 const union model_argument *a, const uint64_t *frames);
/* oracle_look_cached() - A device that left @domain reaches nothing of it. */
void oracle_look_cached(struct oracle *o, const struct model_device *d,
			uint64_t domain);
/* oracle_look_all() - Every page of interest of every device. */
void oracle_look_all(struct oracle *o);
/* oracle_ask() - A call beside the sequences: its status. */
int32_t oracle_ask(struct oracle *o, unsigned guest, unsigned op,
		   void *argument, size_t bytes);
