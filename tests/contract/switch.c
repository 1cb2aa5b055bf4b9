// SPDX-License-Identifier: MIT
/*
 * The switches of a woven build, by two words of the environment:
 *   ROW_OFF=CALL NUMBER=VALUE,...  inside CALL these checks answer VALUE
 *   ROW_RECORD=FILE                append what is seen, each line once:
 *     CALL STATUS NUMBER=VALUE TEST UNIT   a refusal, and a check it met
 *     CALL STATUS ! TEST UNIT              a refusal that met no check
 *     CALL 0 - TEST UNIT                   a success
 * CALL is a sub-op or a function of the contract. Tests fork, so what was
 * written already stands in shared memory.
 */
#define _GNU_SOURCE
#include "switch.h"

#include "iommu/unit.h"

#include <fcntl.h>
#include <sluice/dma_ops.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SITES_MAX  4096u
#define DEPTH_MAX  8u
#define SEEN_SLOTS (UINT64_C(1) << 22)

static const char *const op_names[] = {
#define NAME(nr, name, arg, who) [nr] = #name,
	SLUICE_DMA_OPS(NAME)
#undef NAME
};

/* One call that runs, and the checks that it has met. */
struct frame {
	const char *call;
	bool is_off;   /* it, or one around it, is the call of ROW_OFF */
	bool is_gate;  /* the gate itself: answers by register         */
	bool is_inner; /* something was called from inside            */
	unsigned count;
	uint16_t met[2 * SITES_MAX]; /* number * 2 + value */
	uint8_t is_met[2 * SITES_MAX];
};

static _Thread_local struct frame frames[DEPTH_MAX];
static _Thread_local unsigned depth;
static char test[128] = "oracle";
static char off_call[64];
static uint8_t off[SITES_MAX]; /* 0, or value + 1 */
static int record = -1;
static _Atomic uint64_t *seen;

static void __attribute__((constructor)) start(void)
{
	const char *path = getenv("ROW_RECORD");
	const char *text = getenv("ROW_OFF");
	unsigned number, value;

	if (path != NULL) {
		record = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
		seen = mmap(NULL, SEEN_SLOTS * sizeof(*seen),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
		if (record < 0 || seen == MAP_FAILED) {
			abort();
		}
	}
	if (text == NULL || sscanf(text, "%63s", off_call) != 1) {
		return;
	}
	for (text = strchr(text, ' '); text != NULL; text = strchr(text, ',')) {
		text++;
		if (sscanf(text, "%u=%u", &number, &value) != 2 ||
		    number >= SITES_MAX) {
			abort();
		}
		off[number] = (uint8_t)(value + 1);
	}
}

void row_test(const char *file, const char *name)
{
	const char *base = strrchr(file, '/');

	base = base != NULL ? base + 1 : file;
	snprintf(test, sizeof(test), "%.*s:%s", (int)strcspn(base, "."), base,
		 name);
}

static struct frame *top(void)
{
	return depth != 0 ? &frames[depth - 1] : NULL;
}

bool row_term(unsigned number, bool value)
{
	struct frame *f = top();
	unsigned key;

	if (f == NULL || number >= SITES_MAX) {
		return value;
	}
	key = number * 2 + value;
	if (!f->is_met[key]) {
		f->is_met[key] = 1;
		f->met[f->count++] = (uint16_t)key;
	}
	return f->is_off && off[number] != 0 ? off[number] - 1 : value;
}

void row_enter(const char *name, unsigned sub_op)
{
	struct frame *outer = top();
	struct frame *f;

	if (depth == DEPTH_MAX) {
		abort();
	}
	if (outer != NULL) {
		outer->is_inner = true;
	}
	f = &frames[depth++];
	f->is_gate = strcmp(name, "sluice_op") == 0;
	f->is_inner = false;
	if (f->is_gate) {
		name = sub_op < sizeof(op_names) / sizeof(op_names[0]) &&
				       op_names[sub_op] != NULL
			       ? op_names[sub_op]
			       : "gap";
	} else if (strncmp(name, "dma_call_", 9) == 0) {
		name = outer != NULL ? outer->call : name + 9;
	}
	f->call = name;
	f->is_off =
		strcmp(name, off_call) == 0 || (outer != NULL && outer->is_off);
	f->count = 0;
}

/* True once for each line, over all processes. */
static bool is_new(const char *line)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	uint64_t none;

	for (const char *c = line; *c != 0; c++) {
		hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
	}
	hash |= 1;
	for (uint64_t i = 0; i < 64; i++) {
		_Atomic uint64_t *slot =
			&seen[(hash >> 20) + i & (SEEN_SLOTS - 1)];

		none = 0;
		if (atomic_compare_exchange_strong(slot, &none, hash)) {
			return true;
		}
		if (none == hash) {
			return false;
		}
	}
	return false;
}

static void note(const struct frame *f, long status, const char *met)
{
	char line[320];
	int n = snprintf(line, sizeof(line), "%s %x %s %s %s\n", f->call,
			 (unsigned)status, met, test, iommu_name());

	if (is_new(line) && write(record, line, (size_t)n) != n) {
		abort();
	}
}

static void note_all(const struct frame *f, long status)
{
	char met[32];

	if (f->is_gate && status == 0) {
		/* The outcome is the structure's; who wrote it told us. */
		if (f->is_inner) {
			return;
		}
		status = STATUS_INVALID_PARAMETER;
	}
	if (status == 0) {
		note(f, 0, "-");
		return;
	}
	if (f->count == 0) {
		note(f, status, "!");
	}
	for (unsigned i = 0; i < f->count; i++) {
		snprintf(met, sizeof(met), "%u=%u", f->met[i] / 2,
			 f->met[i] % 2);
		note(f, status, met);
	}
}

long row_leave(long status)
{
	struct frame *f = top();
	struct frame *outer = depth > 1 ? &frames[depth - 2] : NULL;

	if (record >= 0) {
		note_all(f, status);
	}
	for (unsigned i = 0; i < f->count; i++) {
		uint16_t key = f->met[i];

		f->is_met[key] = 0;
		if (outer != NULL && !outer->is_met[key]) {
			outer->is_met[key] = 1;
			outer->met[outer->count++] = key;
		}
	}
	depth--;
	return status;
}
