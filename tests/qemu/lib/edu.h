/* SPDX-License-Identifier: MIT */
/*
 * QEMU's edu device through its BAR 0: a DMA engine of one 4 KiB buffer.
 *
 * It takes 100 ms of the machine's time for each transfer, and tells nobody
 * when its access was blocked. An offset or count outside the buffer may end
 * the emulator, so they are checked here.
 * Source: QEMU, docs/specs/edu.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EDU_IDENTIFICATION 0x010000edu
#define EDU_BUFFER_BYTES   4096u
#define EDU_VENDOR	   0x1234u
#define EDU_DEVICE	   0x11e8u

/* What asked for an interrupt, until it is acknowledged. */
#define EDU_ASKED_FACTORIAL 0x001u
#define EDU_ASKED_DMA	    0x100u

struct edu {
	volatile uint32_t *bar;
	uint32_t sbdf; /* in the guest's own view */
};

enum edu_direction {
	EDU_READS_MEMORY = 0,  /* memory -> buffer */
	EDU_WRITES_MEMORY = 2, /* buffer -> memory */
};

/**
 * edu_find() - The first edu assigned to this guest, by Sluice's list.
 * Return: STATUS_SUCCESS; the status of the list call that failed;
 * STATUS_NOT_FOUND, also when its BAR is not mapped.
 */
int32_t edu_find(struct edu *edu);

/* edu_find_next() - The same of the one after @skip others. */
int32_t edu_find_next(struct edu *edu, uint32_t skip);

uint32_t edu_identification(const struct edu *edu);

/* edu_is_alive() - Does the liveness register answer with the inverse? */
bool edu_is_alive(const struct edu *edu);

/* edu_start() - Begin a transfer between `logical` and the buffer's `offset`.
 */
bool edu_start(const struct edu *edu, enum edu_direction direction,
	       uint64_t logical, uint32_t offset, uint32_t bytes);

bool edu_is_busy(const struct edu *edu);

/* edu_start_told() - The same, and an interrupt at its end. */
bool edu_start_told(const struct edu *edu, enum edu_direction direction,
		    uint64_t logical, uint32_t offset, uint32_t bytes);

/* edu_compute_told() - Begin a factorial; an interrupt tells its end. */
void edu_compute_told(const struct edu *edu, uint32_t number);
uint32_t edu_computed(const struct edu *edu);

/* edu_raise() - Let the device send its interrupt, for reasons `asked`. */
void edu_raise(const struct edu *edu, uint32_t asked);
uint32_t edu_asked(const struct edu *edu);
void edu_acknowledge(const struct edu *edu, uint32_t asked);

/* edu_copy() - A whole transfer; false: out of bounds or past its deadline. */
bool edu_copy(const struct edu *edu, enum edu_direction direction,
	      uint64_t logical, uint32_t offset, uint32_t bytes);
