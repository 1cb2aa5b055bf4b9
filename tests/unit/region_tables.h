/* SPDX-License-Identifier: MIT */
/*
 * Firmware's tables with memory kept for devices, of either vendor: RMRR
 * structures behind a DMAR, IVMD blocks behind an IVRS.
 */
#pragma once

#include "fake_firmware.h"
#include "machine.h"

#include <string.h>

/* Memory that firmware keeps for requesters first..last. */
struct kept {
	uint32_t first;
	uint32_t last;
	uint64_t base;
	uint64_t bytes;
	unsigned rights; /* PT_*; RMRR tells none and means both */
};

static inline void put_bytes(uint8_t *at, uint64_t value, unsigned bytes)
{
	memcpy(at, &value, bytes);
}

/* One structure a device. Return: bytes written at @at. */
static inline uint32_t put_rmrr(uint8_t *at, const struct kept *k)
{
	uint32_t bytes = 24;

	memset(at, 0, 24);
	put_bytes(at, 1, 2);
	put_bytes(at + 8, k->base, 8);
	put_bytes(at + 16, k->base + k->bytes - 1, 8);
	for (uint32_t id = k->first; id <= k->last; id += 8) {
		uint8_t scope[8] = {1, 8};

		scope[5] = (uint8_t)(id >> 8);
		scope[6] = (uint8_t)(id >> 3 & 31);
		scope[7] = (uint8_t)(id & 7);
		memcpy(at + bytes, scope, sizeof(scope));
		bytes += sizeof(scope);
	}
	put_bytes(at + 2, bytes, 2);
	return bytes;
}

static inline uint32_t put_ivmd(uint8_t *at, const struct kept *k)
{
	uint8_t block[32] = {k->first == k->last ? 0x21 : 0x22,
			     (uint8_t)(1 | k->rights << 1), 32};

	put_bytes(block + 4, k->first, 2);
	put_bytes(block + 6, k->last, 2);
	put_bytes(block + 16, k->base, 8);
	put_bytes(block + 24, k->bytes, 8);
	memcpy(at, block, sizeof(block));
	return sizeof(block);
}

/* region_tables() - Give @c a table of its units and of @kept, in @table. */
static inline void region_tables(struct machine_config *c,
				 const struct kept *kept, unsigned count,
				 uint8_t table[FIRMWARE_TABLE_MAX])
{
	bool is_amd = c->vendor == MACHINE_AMD;
	uint32_t bytes =
		is_amd ? firmware_ivrs(c, table) : firmware_dmar(c, table);

	for (unsigned i = 0; i < count; i++) {
		bytes += is_amd ? put_ivmd(table + bytes, &kept[i])
				: put_rmrr(table + bytes, &kept[i]);
	}
	put_bytes(table + 4, bytes, 4);
	firmware_checksum(table, bytes);
	if (is_amd) {
		c->ivrs = table;
		c->ivrs_bytes = bytes;
	} else {
		c->dmar = table;
		c->dmar_bytes = bytes;
	}
}
