/* SPDX-License-Identifier: MIT */
/*
 * Values on the command line: each is read whole or not at all.
 */
#include "parse.h"

#include <stdio.h>
#include <string.h>

/* Longest text that a part of a list may be. */
#define PART_BYTES 32

bool parse_number(const char *text, uint64_t *number)
{
	static const char alphabet[] = "0123456789abcdef0123456789ABCDEF";
	const bool is_hex = strncmp(text, "0x", 2) == 0;
	const unsigned base = is_hex ? 16 : 10;
	const char *rest = is_hex ? text + 2 : text;
	uint64_t value = 0;

	if (*rest == '\0') {
		return false;
	}
	for (; *rest != '\0'; rest++) {
		const char *found = strchr(alphabet, *rest);
		const unsigned digit =
			found == NULL ? base
				      : (unsigned)(found - alphabet) & 15;

		if (digit >= base || value > (UINT64_MAX - digit) / base) {
			return false;
		}
		value = value * base + digit;
	}
	*number = value;
	return true;
}

bool parse_handle(const char *text, PIOMMU_DMA_DOMAIN *domain)
{
	uint64_t number;

	if (!parse_number(text, &number) || number == 0) {
		return false;
	}
	*domain = (PIOMMU_DMA_DOMAIN)(uintptr_t)number;
	return true;
}

/* Copy up to the next comma. Return: what follows it, "" at the end, NULL. */
static const char *part_next(const char *text, char part[PART_BYTES])
{
	const size_t length = strcspn(text, ",");

	if (length == 0 || length >= PART_BYTES) {
		return NULL;
	}
	memcpy(part, text, length);
	part[length] = '\0';
	text += length;
	if (*text == ',') {
		text++;
		return *text == '\0' ? NULL : text;
	}
	return text;
}

bool parse_types(const char *text, uint32_t *mask)
{
	char part[PART_BYTES];
	uint32_t types = 0;
	uint32_t type;

	if (strcmp(text, "none") == 0) {
		*mask = 0;
		return true;
	}
	do {
		text = part_next(text, part);
		if (text == NULL || !sluice_type_parse(part, &type)) {
			return false;
		}
		types |= 1u << type;
	} while (*text != '\0');
	*mask = types;
	return true;
}

bool parse_permissions(const char *text, uint32_t *permissions)
{
	static const struct {
		const char *text;
		uint32_t permissions;
	} rows[] = {
		{"r", IOMMU_ACCESS_READ},
		{"w", IOMMU_ACCESS_WRITE},
		{"rw", IOMMU_ACCESS_READ | IOMMU_ACCESS_WRITE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].text, text) == 0) {
			*permissions = rows[i].permissions;
			return true;
		}
	}
	return false;
}

bool parse_region(const char *text, IOMMU_DMA_RESERVED_REGION *region)
{
	char base[PART_BYTES];
	char pages[PART_BYTES];
	char kind[PART_BYTES];
	uint64_t number;

	text = part_next(text, base);
	text = text == NULL ? NULL : part_next(text, pages);
	text = text == NULL ? NULL : part_next(text, kind);
	if (text == NULL || *text != '\0') {
		return false;
	}
	*region = (IOMMU_DMA_RESERVED_REGION){
		.ShouldMap = strcmp(kind, "map") == 0,
	};
	if (!region->ShouldMap && strcmp(kind, "hole") != 0) {
		return false;
	}
	if (!parse_number(base, &region->Base) ||
	    !parse_number(pages, &number)) {
		return false;
	}
	region->NumberOfPages = (SIZE_T)number;
	return true;
}
