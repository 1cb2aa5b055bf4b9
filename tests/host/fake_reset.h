/* SPDX-License-Identifier: MIT */
/*
 * How a PCI function is reset: the capabilities that offer it, what a reset
 * takes away, and the time in which nobody may talk to the function. Harsher
 * than life: talking to it too early fails the test, and so does a reset begun
 * with bus-master on.
 */
#pragma once

#include "lib/compiler.h"

enum fake_reset_way {
	FAKE_RESET_NONE,
	FAKE_RESET_FLR, /* PCI Express at 40h                             */
	FAKE_RESET_AF,	/* Advanced Features at 40h                       */
};

struct fake_reset_config {
	enum fake_reset_way way;
	uint64_t answer_ns; /* "not ready" for so long after the 100 ms     */
	bool never_answers; /* reads all ones from its reset on             */
	bool never_drains;  /* says for ever that requests are pending      */
	bool forgets_bars;  /* its BARs cannot be written after a reset     */
	bool has_ats;	    /* ATS, page requests, PASIDs at 100h..         */
};

struct fake_reset {
	struct fake_reset_config config;
	uint64_t quiet_until; /* 0 = not in a reset                         */
	uint64_t mute_until;
	unsigned count; /* resets made                                     */
	uint32_t kept;	/* what software left inside                       */
	bool is_unplugged;
};

#define FAKE_RESET_EXPRESS 0x40u
#define FAKE_RESET_ATS	   0x100u /* PRI and PASID 16 bytes on, each     */

/* Place the capabilities into a function's 4 KiB. */
void fake_reset_build(struct fake_reset *r, uint8_t *space);

/* fake_reset_reads() - False: all ones are read instead. */
bool fake_reset_reads(struct fake_reset *r);

/**
 * fake_reset_write() - A write to configuration space.
 * Return: true when the function is reset by it.
 */
bool fake_reset_write(struct fake_reset *r, uint8_t *space, unsigned offset,
		      unsigned bytes, uint64_t value);

/* fake_reset_enter() - It is being reset from now on, by whatever way. */
void fake_reset_enter(struct fake_reset *r, uint8_t *space);
