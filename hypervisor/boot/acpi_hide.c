// SPDX-License-Identifier: MIT
/* The first letter of a signature becomes X; the checksum follows. */
#include "boot/acpi_hide.h"

#include "arch/physmap.h"
#include "base/log.h"
#include "lib/compiler.h"
#include "platform/acpi.h"

#define CHECKSUM_OFFSET 9u

static void hide(const char signature[4])
{
	struct acpi_table table;
	uint8_t *bytes;

	if (acpi_find(signature, &table) != 0) {
		return;
	}
	bytes = physmap_ptr(table.where);
	bytes[CHECKSUM_OFFSET] =
		(uint8_t)(bytes[CHECKSUM_OFFSET] + bytes[0] - 'X');
	bytes[0] = 'X';
	log_info("ACPI: %c%c%c%c hidden from the control domain", signature[0],
		 signature[1], signature[2], signature[3]);
}

void acpi_hide(void)
{
	hide("DMAR");
	hide("IVRS");
}
