// SPDX-License-Identifier: MIT
/* This machine's IVRS table, read once at start-up, before any guest runs. */
#include "base/log.h"
#include "lib/error.h"
#include "platform/acpi.h"
#include "platform/ivrs.h"

static struct ivrs machine;

int ivrs_start(void)
{
	struct acpi_table table;
	struct ivrs_error error;
	int err;

	machine = (struct ivrs){0};
	err = acpi_find("IVRS", &table);
	if (err) {
		return err;
	}
	err = ivrs_parse(table.bytes, table.size, &machine, &error);
	if (err) {
		machine = (struct ivrs){0};
		log_error("ivrs: table at %lx, byte %u: %s", table.where.addr,
			  error.offset, error.reason);
	}
	return err;
}

const struct ivrs *ivrs_machine(void)
{
	return &machine;
}
