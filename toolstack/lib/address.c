/* SPDX-License-Identifier: MIT */
/*
 * PCI addresses, guests' names and domain types as text, strictly.
 */
#include <sluice/sluice.h>
#include <stdio.h>
#include <string.h>

/* Read exactly @digits hexadecimal digits. Return: the rest, or NULL. */
static const char *hex_parse(const char *text, unsigned digits, uint32_t *value)
{
	static const char alphabet[] = "0123456789abcdef0123456789ABCDEF";

	*value = 0;
	for (unsigned i = 0; i < digits; i++) {
		const char *found =
			text[i] == '\0' ? NULL : strchr(alphabet, text[i]);

		if (found == NULL) {
			return NULL;
		}
		*value = *value << 4 | (uint32_t)((found - alphabet) & 15);
	}
	return text + digits;
}

bool sluice_address_parse(const char *text, uint32_t *sbdf)
{
	uint32_t segment = 0;
	uint32_t bus, device, function;
	const char *rest = text;

	/* "ssss:bb:dd.f" is 12 characters, "bb:dd.f" is 7. */
	if (strlen(text) == 12) {
		rest = hex_parse(rest, 4, &segment);
		if (rest == NULL || *rest++ != ':') {
			return false;
		}
	}
	rest = hex_parse(rest, 2, &bus);
	if (rest == NULL || *rest++ != ':') {
		return false;
	}
	rest = hex_parse(rest, 2, &device);
	if (rest == NULL || *rest++ != '.') {
		return false;
	}
	rest = hex_parse(rest, 1, &function);
	if (rest == NULL || *rest != '\0' || device > 31 || function > 7) {
		return false;
	}
	*sbdf = SLUICE_SBDF(segment, bus, device, function);
	return true;
}

void sluice_address_print(uint32_t sbdf, char text[SLUICE_ADDRESS_TEXT])
{
	(void)snprintf(text, SLUICE_ADDRESS_TEXT, "%04x:%02x:%02x.%x",
		       sbdf >> 16, sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f,
		       sbdf & 7);
}

bool sluice_name_is_valid(const char *name)
{
	const size_t length = strlen(name);

	/* Digits alone would read as an id, a leading '-' as an option. */
	return length >= 1 && name[0] != '-' && length < SLUICE_NAME_BYTES &&
	       strspn(name,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		      "abcdefghijklmnopqrstuvwxyz0123456789_.-") == length &&
	       strspn(name, "0123456789") != length;
}

static const char *const type_names[] = {
	[DomainTypeTranslate] = "translate",
	[DomainTypePassThrough] = "passthrough",
	[DomainTypeUnmanaged] = "unmanaged",
	[DomainTypeTranslateS1] = "translates1",
};

_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == DomainTypeMax,
	       "each type has a name");

const char *sluice_type_name(uint32_t type)
{
	return type < DomainTypeMax ? type_names[type] : "unknown";
}

bool sluice_type_parse(const char *text, uint32_t *type)
{
	for (uint32_t i = 0; i < DomainTypeMax; i++) {
		if (strcmp(type_names[i], text) == 0) {
			*type = i;
			return true;
		}
	}
	return false;
}
