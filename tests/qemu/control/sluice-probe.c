/* SPDX-License-Identifier: MIT */
/*
 * sluice-probe: what a test in the control domain looks at and pokes.
 *
 * Reads and writes a guest's memory and report page by foreign mapping, and
 * reads inventory and platform by the plain hypercall. Each command prints at
 * most one line, and answers by its exit code: 0 yes, 1 no or failed.
 */
#include "control/guest_view.h"

#include <errno.h>
#include <inttypes.h>
#include <sluice/dma.h>
#include <sluice/dma_ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MICROSECONDS 10000
#define WAIT_SECONDS	  30u

struct words {
	const char *word[4]; /* after command and guest; NULL when not there */
};

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	if (text == NULL) {
		guest_view_fail("a number is missing");
	}
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0') {
		guest_view_fail("%s: no number", text);
	}
	return value;
}

static uint64_t number_or(const char *text, uint64_t preset)
{
	return text == NULL ? preset : number(text);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* wait GUEST STAGE|end [SECONDS]: until it waits there, or has ended. */
static int cmd_wait(const struct guest_view *view, const struct words *w)
{
	bool for_end = w->word[0] != NULL && strcmp(w->word[0], "end") == 0;
	uint32_t stage = for_end ? 0 : (uint32_t)number(w->word[0]);
	double end = now() + (double)number_or(w->word[1], WAIT_SECONDS);
	volatile struct report_page *page = guest_view_report(view);
	xc_dominfo_t info;

	while (now() < end) {
		bool started = page->magic == REPORT_MAGIC;
		bool stopped = !guest_view_info(view, &info) || info.shutdown ||
			       info.crashed || (started && page->done != 0);

		if (stopped) {
			return for_end ? 0 : 1;
		}
		if (!for_end && started && page->waiting == stage) {
			return 0;
		}
		usleep(POLL_MICROSECONDS);
	}
	guest_view_fail("guest %u: not at %s in time (waits at %u, %u steps)",
			view->id, w->word[0], page->waiting, page->step_count);
}

/* go GUEST STAGE: let it enter this stage and those before. */
static int cmd_go(const struct guest_view *view, const struct words *w)
{
	guest_view_report(view)->go = (uint32_t)number(w->word[0]);
	return 0;
}

/* argument GUEST INDEX VALUE */
static int cmd_argument(const struct guest_view *view, const struct words *w)
{
	uint64_t index = number(w->word[0]);

	if (index >= REPORT_ARGUMENTS) {
		guest_view_fail("%s: no argument has this number", w->word[0]);
	}
	guest_view_report(view)->argument[index] = number(w->word[1]);
	return 0;
}

/* step GUEST ID [NTH]: "value aux" of the NTH (0, 1, ...) step of this id. */
static int cmd_step(const struct guest_view *view, const struct words *w)
{
	volatile struct report_page *page = guest_view_report(view);
	uint64_t id = number(w->word[0]), skip = number_or(w->word[1], 0);

	for (uint32_t i = 0; i < page->step_count && i < REPORT_STEPS_MAX;
	     i++) {
		volatile struct report_step *step = &page->step[i];

		if (step->id == id && skip-- == 0) {
			printf("0x%08" PRIx32 " 0x%" PRIx64 "\n",
			       (uint32_t)step->value, step->aux);
			return 0;
		}
	}
	return 1;
}

static bool step_is_right(volatile struct report_step *step)
{
	if (step->wanted == REPORT_NEGATIVE) {
		return step->value < 0;
	}
	return step->wanted == REPORT_ANY || step->value == step->wanted;
}

/* steps GUEST: print the wrong ones; yes if there are none and some steps. */
static int cmd_steps(const struct guest_view *view, const struct words *w)
{
	volatile struct report_page *page = guest_view_report(view);
	uint32_t wrong = page->wrong != 0, count = page->step_count;

	(void)w;
	for (uint32_t i = 0; i < count && i < REPORT_STEPS_MAX; i++) {
		volatile struct report_step *step = &page->step[i];

		if (!step_is_right(step)) {
			wrong++;
			printf("step %u (line %u): 0x%08" PRIx32
			       " instead of 0x%08" PRIx32 ", 0x%" PRIx64 "\n",
			       step->id, step->line, (uint32_t)step->value,
			       (uint32_t)step->wanted, step->aux);
		}
	}
	if (page->done > REPORT_DONE) {
		wrong++;
		printf("ended with %u: exception %u at 0x%" PRIx64 "\n",
		       page->done, page->trap, page->trap_ip);
	}
	printf("%u steps, %s\n", count, wrong ? "some wrong" : "all as wanted");
	return wrong != 0 || count == 0;
}

/* text GUEST: what it says went wrong; yes when it says nothing. */
static int cmd_text(const struct guest_view *view, const struct words *w)
{
	volatile struct report_page *page = guest_view_report(view);

	(void)w;
	for (unsigned i = 0; i < REPORT_TEXT && page->text[i] != '\0'; i++) {
		putchar(page->text[i]);
	}
	if (page->text[0] != '\0') {
		putchar('\n');
	}
	return page->text[0] != '\0';
}

/* beat GUEST: does its heartbeat grow within two seconds? */
static int cmd_beat(const struct guest_view *view, const struct words *w)
{
	volatile struct report_page *page = guest_view_report(view);
	uint64_t before = page->heartbeat;
	double end = now() + 2;

	(void)w;
	while (now() < end) {
		if (page->heartbeat != before) {
			return 0;
		}
		usleep(POLL_MICROSECONDS);
	}
	return 1;
}

/* state GUEST: running, paused, shutdown(REASON), crashed(REASON), dying. */
static int cmd_state(const struct guest_view *view, const struct words *w)
{
	xc_dominfo_t info;

	(void)w;
	if (!guest_view_info(view, &info)) {
		puts("gone");
	} else if (info.dying) {
		puts("dying");
	} else if (info.crashed || info.shutdown) {
		printf("%s(%d)\n", info.crashed ? "crashed" : "shutdown",
		       info.shutdown_reason);
	} else {
		puts(info.paused ? "paused" : "running");
	}
	return 0;
}

static uint8_t pattern_byte(uint64_t seed, uint64_t index)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + index;

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint8_t)(x >> 32);
}

/*
 * Write the pattern of "ADDRESS BYTES SEED", or compare memory with it, a
 * mapping at a time. Return: whether it is there.
 */
static bool pattern_walk(const struct guest_view *view, const struct words *w,
			 bool write)
{
	uint64_t first = number(w->word[0]), bytes = number(w->word[1]);
	uint64_t seed = number(w->word[2]), most = XC_PAGE_SIZE * 32ull;
	bool same = true;

	for (uint64_t done = 0; done < bytes; done += most) {
		uint64_t part = bytes - done < most ? bytes - done : most;
		uint8_t *at = guest_view_map(view, first + done, part);

		if (at == NULL) {
			guest_view_fail(
				"guest %u: 0x%" PRIx64 " cannot be mapped: %s",
				view->id, first + done, strerror(errno));
		}
		for (uint64_t i = 0; i < part; i++) {
			uint8_t byte = pattern_byte(seed, done + i);

			if (write) {
				at[i] = byte;
			}
			same = same && at[i] == byte;
		}
		guest_view_unmap(view, at, first + done, part);
	}
	return same;
}

/* fill GUEST ADDRESS BYTES SEED: write the seed's pattern. */
static int cmd_fill(const struct guest_view *view, const struct words *w)
{
	return pattern_walk(view, w, true) ? 0 : 1;
}

/* holds GUEST ADDRESS BYTES SEED: is the seed's pattern there? */
static int cmd_holds(const struct guest_view *view, const struct words *w)
{
	return pattern_walk(view, w, false) ? 0 : 1;
}

/* inventory GUEST: domains tokens attached assigned asids mapped tables. */
static int cmd_inventory(const struct guest_view *view, const struct words *w)
{
	struct sluice_inventory call = {.guest = view->id};
	int32_t status =
		guest_view_call(SLUICE_OP_inventory, &call, sizeof(call));

	(void)w;
	if (status != STATUS_SUCCESS) {
		guest_view_fail("inventory: status 0x%08" PRIx32,
				(uint32_t)status);
	}
	printf("domains=%u tokens=%u attached=%u assigned=%u asids=%u "
	       "mapped=%" PRIu64 " tables=%" PRIu64 "\n",
	       call.domain_count, call.device_count, call.attached_count,
	       call.assigned_count, call.asid_count, call.mapped_pages,
	       call.table_pages);
	return 0;
}

/* platform: what of the machine is free; the same before and after a test. */
static int cmd_platform(void)
{
	struct sluice_platform call = {.cpu_count = 0};
	int32_t status =
		guest_view_call(SLUICE_OP_platform, &call, sizeof(call));

	if (status != STATUS_SUCCESS) {
		guest_view_fail("platform: status 0x%08" PRIx32,
				(uint32_t)status);
	}
	printf("guests=%u cpus=%u asids=%u pool=%" PRIu64 " hypervisor=%" PRIu64
	       "\n",
	       call.guest_count, call.free_cpu_count, call.asid_in_use,
	       call.pool_free_pages, call.hypervisor_free_pages);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct guest_view *view, const struct words *w);
} commands[] = {
	{"wait", cmd_wait},	    {"go", cmd_go},
	{"argument", cmd_argument}, {"step", cmd_step},
	{"steps", cmd_steps},	    {"beat", cmd_beat},
	{"state", cmd_state},	    {"fill", cmd_fill},
	{"holds", cmd_holds},	    {"inventory", cmd_inventory},
	{"text", cmd_text},
};

int main(int argc, char **argv)
{
	struct words w = {{NULL}};
	struct guest_view view;

	if (argc == 2 && strcmp(argv[1], "platform") == 0) {
		return cmd_platform();
	}
	if (argc < 3 || argc > 7) {
		guest_view_fail("usage: COMMAND GUEST [WORD ...], or platform");
	}
	for (int i = 3; i < argc; i++) {
		w.word[i - 3] = argv[i];
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, argv[1]) == 0) {
			guest_view_open(&view, argv[2]);
			return commands[i].run(&view, &w);
		}
	}
	guest_view_fail("%s: no such command", argv[1]);
}
