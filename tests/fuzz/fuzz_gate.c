// SPDX-License-Identifier: MIT
/*
 * Bytes become the oracle's typed calls (model/oracle_make.c decides by them
 * instead of by a seed); the model judges. First byte: the setting, mostly one,
 * since a new machine costs as much as hundreds of calls.
 */
#include "../model/oracle.h"
#include "fuzz.h"
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>

#define CALLS_MAX	 64u
#define SETTINGS_AT	 200u
#define INPUTS_A_MACHINE 2000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct oracle o;
	static struct oracle_call calls[CALLS_MAX];
	static const struct oracle_setting *on;
	static unsigned inputs;
	const struct oracle_setting *setting;
	struct oracle_source source = {.is_bytes = true};
	unsigned made = 0;

	if (size < 2) {
		return 0;
	}
	setting = &oracle_settings[data[0] < SETTINGS_AT
					   ? 0
					   : (data[0] - SETTINGS_AT) %
						     oracle_setting_count];
	if (setting != on || o.is_over || ++inputs == INPUTS_A_MACHINE) {
		inputs = 0;
		oracle_boot(&o, setting);
		on = setting;
	}
	source.bytes = data + 1;
	source.left = size - 1;
	o.source = &source;
	o.calls = 0; /* The same looks, whatever came before. */
	while (made < CALLS_MAX && source.left > 0 && !o.is_over &&
	       o.wrong[0] == '\0') {
		calls[made] = oracle_make(&o);
		oracle_run(&o, &calls[made++]);
	}
	if (o.wrong[0] == '\0' && !o.is_over) {
		oracle_clean(&o);
	}
	if (o.wrong[0] != '\0') {
		for (unsigned i = 0; i < made; i++) {
			oracle_print(&calls[i], i);
		}
		printf("setting %s: %s\n", setting->name, o.wrong);
		fflush(stdout);
		abort();
	}
	return 0;
}
