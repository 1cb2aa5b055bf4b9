// SPDX-License-Identifier: MIT
/* This machine's DMAR table, read once at start-up, before any guest runs. */
#include "base/log.h"
#include "lib/error.h"
#include "platform/acpi.h"
#include "platform/dmar.h"

static struct dmar machine;

int dmar_start(void)
{
	struct acpi_table table;
	struct dmar_error error;
	int err;

	machine = (struct dmar){0};
	err = acpi_find("DMAR", &table);
	if (err) {
		return err;
	}
	err = dmar_parse(table.bytes, table.size, &machine, &error);
	if (err) {
		machine = (struct dmar){0};
		log_error("dmar: table at %lx, byte %u: %s", table.where.addr,
			  error.offset, error.reason);
	}
	return err;
}

const struct dmar *dmar_machine(void)
{
	return &machine;
}
