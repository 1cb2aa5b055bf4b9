/* SPDX-License-Identifier: MIT */
/*
 * The oracle: sequences of typed calls through the gate, each compared with the
 * model: status, outputs, what devices reach, live counts.
 *
 * A call names objects symbolically, so that a sequence means the same on a
 * fresh machine and with calls left out (oracle_shrink.c).
 */
#pragma once

#include "dma_model.h"
#include "fake_guest.h"
#include "fake_vtd.h"
#include "oracle_call.h"

/* A row of the list of machines and failures. */
struct oracle_setting {
	const char *name;
	struct fake_vtd_config unit;
	bool has_no_unit;
	uint64_t delay_ns;	   /* of completions */
	uint32_t table_page_quota; /* of guests A and B, 0 = default */
	uint32_t domain_quota;
	unsigned fail_1_in;    /* calls with a failing allocation; 0 = none */
	bool hammers;	       /* devices try while a command is under way */
	unsigned command_1_in; /* sequences with a failing command; 0 = none */
};

extern const struct oracle_setting oracle_settings[];
extern const unsigned oracle_setting_count;

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
	uint64_t last_page; /* that the call at hand is about */
	uint64_t calls;
	uint64_t successes;
	uint64_t probes;
	bool is_thorough; /* compare everything after each call */
	bool is_over;	  /* a unit failed: only safety is asked from now on */
	char wrong[256];  /* "" = nothing */
	uint64_t by_op[64][2];		   /* calls, successes */
	uint64_t met[64][ORACLE_STATUSES]; /* agreed answers, by sub-op */
};

/* ---- oracle_world.c ---- */
void oracle_boot(struct oracle *o, const struct oracle_setting *setting);

/* oracle_clean() - Delete what is left; check that nothing leaked. */
void oracle_clean(struct oracle *o);

/* oracle_renew() - Destroy guests A and B and create them again. */
void oracle_renew(struct oracle *o);

/* oracle_shutdown() - machine_shutdown(), which checks, unless a unit failed.
 */
void oracle_shutdown(struct oracle *o);

/* oracle_device_count() - Live counts of one guest against the model's. */
void oracle_audit(struct oracle *o, unsigned guest);

/* ---- oracle_make.c ---- */
struct oracle_call oracle_make(struct oracle *o);
uint64_t oracle_below(struct oracle_source *s, uint64_t limit);
bool oracle_one_in(struct oracle_source *s, unsigned n);

/* ---- oracle_values.c ---- */
uint64_t oracle_page(struct oracle *o);
uint64_t oracle_pages(struct oracle *o);
uint64_t oracle_frame(struct oracle *o, unsigned guest);
uint32_t oracle_permissions(struct oracle *o);
/* oracle_some() - A value that is mostly @usual. */
uint64_t oracle_some(struct oracle *o, uint64_t usual);
/* oracle_mapped() - A mapped page of @d and how many follow like it. */
bool oracle_mapped(struct oracle *o, const struct model_domain *d,
		   uint64_t *page, uint64_t *pages);
void oracle_list_of_frames(struct oracle *o, unsigned guest, uint64_t count,
			   struct oracle_list *list);

/* ---- oracle_run.c ---- */

/* oracle_run() - Make the call and compare. False when something is wrong. */
bool oracle_run(struct oracle *o, const struct oracle_call *call);

/* ---- oracle_transport.c ---- */

/* oracle_wanted_rax() - What rax must be, in the order of sluice/abi.h. */
int64_t oracle_wanted_rax(const struct oracle *o, const struct oracle_call *c);
int64_t oracle_transport(struct oracle *o, const struct oracle_call *c,
			 union model_argument *a, size_t bytes);

void oracle_wrong(struct oracle *o, const char *fmt, ...) __printf_like(2, 3);

/* ---- oracle_view.c ---- */

/* oracle_probe() - One page as a device sees it, read and write. */
void oracle_probe(struct oracle *o, const struct model_device *d,
		  uint64_t page);
/* oracle_look() - Pages around what a call touched, in all that may change. */
void oracle_look(struct oracle *o, const struct oracle_call *call,
		 const union model_argument *a, const uint64_t *frames);
/* oracle_hammer() - Called by the unit before each command: class W. */
void oracle_hammer(void *oracle);
/* oracle_look_cached() - A detached device left nothing in the unit. */
void oracle_look_cached(struct oracle *o, const struct model_device *d,
			uint64_t domain);
/* oracle_look_all() - Every page of interest of every device. */
void oracle_look_all(struct oracle *o);
/* oracle_look_safe() - A unit failed: nothing but the owner's memory. */
void oracle_look_safe(struct oracle *o);

/* ---- oracle_print.c, oracle_shrink.c ---- */
void oracle_print(const struct oracle_call *call, unsigned n);

/* For reports. */
unsigned oracle_status_index(NTSTATUS status);
const char *oracle_status_name(unsigned n);
const char *oracle_op_name(unsigned op);

/* oracle_replay() - Fresh machine, the calls. Returns o->wrong[0] == 0. */
bool oracle_replay(struct oracle *o, const struct oracle_setting *setting,
		   const struct oracle_call *calls, unsigned count);

/* oracle_shrink() - Leave calls out while it still goes wrong. New count. */
unsigned oracle_shrink(const struct oracle_setting *setting,
		       struct oracle_call *calls, unsigned count);

/* oracle_sequence() - Make and run up to @count calls; keep them. */
unsigned oracle_sequence(struct oracle *o, struct oracle_call *calls,
			 unsigned count, volatile unsigned *made);
