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

#define ORACLE_NAMES	   6u
#define ORACLE_CALLS_MAX   400u
#define ORACLE_REGIONS_MAX 4u

/* Statuses there are, as SLUICE_STATUS_LIST numbers them. */
#define ORACLE_STATUS_ONE(number, name, text) +1
#define ORACLE_STATUSES			      (0 SLUICE_STATUS_LIST(ORACLE_STATUS_ONE))

/* Guests of the oracle's machine, as model and calls number them. */
enum { ORACLE_CONTROL, ORACLE_A, ORACLE_B, ORACLE_X86 };

enum oracle_kind {
	ORACLE_DOMAIN,
	ORACLE_DEVICE,
	ORACLE_TOKEN,
	ORACLE_KINDS,
	ORACLE_JUNK = ORACLE_KINDS, /* .name picks an invented handle        */
	ORACLE_NOTHING,		    /* the field is not a handle             */
};

struct oracle_ref {
	uint8_t kind;
	uint8_t guest;
	uint8_t name;
};

/* How the argument reaches the gate. */
enum oracle_transport {
	ORACLE_PLAIN,
	ORACLE_LONGER,	   /* size 8 more, zero                               */
	ORACLE_TAIL,	   /* size 8 more, not zero: -XEN_E2BIG               */
	ORACLE_SHORTER,	   /* size 1 less: -XEN_EINVAL                        */
	ORACLE_MISALIGNED, /* -XEN_EINVAL                                    */
	ORACLE_READ_ONLY,  /* -XEN_EFAULT                                     */
	ORACLE_UNMAPPED,   /* -XEN_EFAULT                                     */
	ORACLE_32BIT,	   /* -XEN_EOPNOTSUPP                                 */
	ORACLE_RING3,	   /* -XEN_EPERM                                      */
	ORACLE_TRANSPORTS,
};

/* Where a list stands. */
enum oracle_list_at {
	ORACLE_LIST_GOOD,
	ORACLE_LIST_CROSSES, /* readable, in two pages                       */
	ORACLE_LIST_NULL,
	ORACLE_LIST_WILD,
	ORACLE_LIST_EDGE, /* its last element lies in a page that is absent  */
};

struct oracle_list {
	uint8_t at;	 /* enum oracle_list_at */
	uint16_t count;	 /* elements written */
	uint16_t odd_at; /* this element is .odd instead */
	uint64_t base;	 /* element n is base + n * stride */
	int64_t stride;
	uint64_t odd;
	struct sluice_reserved_region region[ORACLE_REGIONS_MAX];
};

/* What fails during the call. */
enum oracle_inject {
	ORACLE_NO_FAILURE,
	ORACLE_FAIL_ALLOCATION,	 /* the n-th                                 */
	ORACLE_FAIL_ALLOCATIONS, /* the n-th and every later one             */
	ORACLE_FAIL_COMMAND,	 /* the n-th IOMMU command; ends the sequence */
};

struct oracle_call {
	uint8_t op;    /* SLUICE_OP_* */
	uint8_t guest; /* the caller */
	uint8_t name;  /* under which a new object is known */
	uint8_t transport;
	uint8_t inject;
	uint8_t inject_at;
	struct oracle_ref first;  /* domain, device or token field */
	struct oracle_ref second; /* device of attach, pasid */
	struct oracle_list list;
	union {
		struct sluice_header header;
		struct sluice_create_domain create_domain;
		struct sluice_create_device create_device;
		struct sluice_attach_device attach_device;
		struct sluice_map map;
		struct sluice_unmap unmap;
		struct sluice_identity identity;
		struct sluice_allocate_range allocate_range;
		struct sluice_range_ref range_ref;
		struct sluice_reserve_token reserve_token;
		struct sluice_map_token map_token;
		struct sluice_unmap_token unmap_token;
		struct sluice_configure configure;
		struct sluice_flush_list flush_list;
		struct sluice_guest_policy guest_policy;
		struct sluice_domain_info list_domains;
		struct sluice_device_info list_devices;
		uint8_t bytes[152];
	} a;
};

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
