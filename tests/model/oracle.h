/* SPDX-License-Identifier: MIT */
/*
 * The oracle: sequences of typed calls through the gate, each compared with the
 * model: status, outputs, what devices reach, live counts.
 *
 * A call names objects symbolically, so that a sequence means the same on a
 * fresh machine and with calls left out (oracle_shrink.c).
 */
#pragma once

#include "fake_guest.h"
#include "fake_nest.h"
#include "machine.h"
#include "oracle_state.h"

/* A row of the list of machines and failures. */
struct oracle_setting {
	const char *name;
	unsigned address_bits; /* that its units translate */
	enum machine_vendor vendor;
	struct fake_vtd_config vtd;
	struct fake_amdvi_config amdvi;
	struct fake_nest_config nest; /* instead, if it can anything */
	bool has_no_unit;
	bool is_alone; /* guest A makes every call, and has what QEMU's has */
	uint64_t delay_ns;	   /* of completions */
	bool reorders;		   /* commands overtake each other */
	uint32_t table_page_quota; /* of guests A and B, 0 = default */
	uint32_t domain_quota;
	unsigned fail_1_in;    /* calls with a failing allocation; 0 = none */
	unsigned copy_1_in;    /* calls with a failing copy; 0 = none */
	bool hammers;	       /* devices try while a command is under way */
	unsigned command_1_in; /* sequences with a failing command; 0 = none */
};

extern const struct oracle_setting oracle_settings[];
extern const unsigned oracle_setting_count;

/* oracle_types() - Types that such a machine can offer, as a mask. */
uint32_t oracle_types(const struct oracle_setting *setting);
/* oracle_serves() - Can @op succeed at all on such a machine? */
bool oracle_serves(const struct oracle_setting *setting, unsigned op);

/* ---- oracle_world.c ---- */
void oracle_boot(struct oracle *o, const struct oracle_setting *setting);

/* oracle_renew() - Destroy guests A and B and create them again. */
void oracle_renew(struct oracle *o);

/* oracle_shutdown() - machine_shutdown(), which checks, unless a unit failed.
 */
void oracle_shutdown(struct oracle *o);

/* ---- oracle_gate.c ---- */

/* oracle_nests() - Is the machine's unit the one of fake_nest.h? */
bool oracle_nests(const struct oracle_setting *setting);
/* oracle_translate() - @pasid: or FAKE_NEST_UNTAGGED. */
enum fake_dma oracle_translate(const struct oracle *o, uint32_t sbdf,
			       uint32_t pasid, uint64_t iova, bool write,
			       uint64_t *hpa);

/* ---- oracle_view.c ---- */

/* oracle_probe() - One page as a device sees it, read and write. */
void oracle_probe(struct oracle *o, const struct model_device *d,
		  uint64_t page);
/* oracle_hammer() - Called by the unit before each command: class W. */
void oracle_hammer(void *oracle);
/* oracle_look_safe() - A unit failed: nothing but the owner's memory. */
void oracle_look_safe(struct oracle *o);

/* ---- oracle_alone.c ---- */

/**
 * oracle_alone() - What replay_guest does in QEMU, on the fakes: its series of
 * @count sequences, and their digest printed.
 * @setting: the machine; its failures are left out
 * Return: true: no divergence.
 */
bool oracle_alone(const struct oracle_setting *setting, uint64_t seed,
		  uint64_t count);

/* ---- oracle_print.c, oracle_shrink.c ---- */
void oracle_print(const struct oracle_call *call, unsigned n);

/* For reports. */
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
