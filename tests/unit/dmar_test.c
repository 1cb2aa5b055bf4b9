// SPDX-License-Identifier: MIT
/* The DMAR parser: bytes of a firmware that means well and is not right. */
#include "fake_firmware.h"
#include "lib/error.h"
#include "platform/dmar.h"
#include "suite.h"

#include <sluice/dma.h>
#include <string.h>

#define SIZE_AT	   4u
#define FIRST_AT   48u /* first remapping structure */
#define RMRR_BYTES 32u

struct table {
	uint8_t bytes[FIRMWARE_TABLE_MAX];
	uint32_t size;
};

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	memcpy(at, &value, bytes);
}

/* Two units, one with four functions named, and one reserved range. */
static struct table good_table(void)
{
	struct machine_config c = machine_default();
	struct table t;
	uint8_t *rmrr;

	c.unit_count = 2;
	c.unit[1] = FAKE_VTD_DEFAULT;
	c.unit[0].explicit_scope = true;
	c.function[4].unit = 1;
	t.size = firmware_dmar(&c, t.bytes);
	rmrr = t.bytes + t.size;
	put(rmrr, 1, 2);
	put(rmrr + 2, RMRR_BYTES, 2);
	put(rmrr + 8, 0xcf000, 8);
	put(rmrr + 16, 0xdefff, 8);
	rmrr[24] = 1;
	rmrr[25] = 8;
	rmrr[30] = 4; /* 00:04.0 */
	t.size += RMRR_BYTES;
	put(t.bytes + SIZE_AT, t.size, 4);
	return t;
}

/* Parse out of a block of exactly @size bytes, so that ASan sees its end. */
static int parse(const uint8_t *bytes, uint32_t size, struct dmar *dmar)
{
	struct dmar_error error = {NULL, 0};
	uint8_t *copy = malloc(size ? size : 1);
	int result;

	memcpy(copy, bytes, size);
	result = dmar_parse(copy, size, dmar, &error);
	free(copy);
	EXPECT(result == 0 || result == -XEN_EINVAL ||
		       result == -XEN_EOPNOTSUPP || result == -XEN_ENOENT,
	       "undocumented error %d", result);
	EXPECT(result == 0 || (error.reason != NULL && error.offset <= 4096),
	       "error %d without a reason", result);
	return result;
}

START_TEST(good_table_is_understood)
{
	/* Units, named functions and reserved ranges come out as written. */
	struct table t = good_table();
	struct dmar d;

	ck_assert_int_eq(parse(t.bytes, t.size, &d), 0);
	ck_assert_uint_eq(d.unit_count, 2);
	ck_assert_uint_eq(d.unit[0].registers, MACHINE_VTD_BASE);
	ck_assert_uint_eq(d.unit[0].register_bytes, 4096);
	ck_assert(!d.unit[0].includes_all);
	ck_assert(d.unit[1].includes_all);
	ck_assert_uint_eq(d.scope_count, 4);
	ck_assert_uint_eq(d.scope[1].path.bus, 0);
	ck_assert_uint_eq(d.scope[1].path.hops, 1);
	ck_assert_uint_eq(d.scope[1].path.hop[0], 3 << 3);
	ck_assert(!d.scope[1].path.is_bridge);
	ck_assert_uint_eq(d.scope[1].unit, 0);
	ck_assert_uint_eq(d.reserved_count, 1);
	ck_assert_uint_eq(d.reserved[0].base, 0xcf000);
	ck_assert_uint_eq(d.reserved[0].last, 0xdefff);
	ck_assert_uint_eq(d.name_count, 1);
	ck_assert_uint_eq(d.name[0].range, 0);
	ck_assert_uint_eq(d.name[0].path.hop[0], 4 << 3);
}
END_TEST

START_TEST(every_truncation_is_survived)
{
	/* A table cut anywhere is refused, or ends at a structure's border. */
	struct table t = good_table();
	struct dmar d;

	for (uint32_t size = 0; size < t.size; size++) {
		struct table cut = t;

		EXPECT(parse(t.bytes, size, &d) != 0,
		       "%u bytes that claim to be %u", size, t.size);
		if (size >= SIZE_AT + 4) {
			put(cut.bytes + SIZE_AT, size, 4);
		}
		EXPECT(parse(cut.bytes, size, &d) != 0 || d.unit_count != 0,
		       "%u bytes describe no unit", size);
	}
}
END_TEST

START_TEST(every_byte_change_is_survived)
{
	/* No value of any one byte crashes the parser or breaks its bounds. */
	struct table t = good_table();
	struct dmar d;

	for (uint32_t at = 0; at < t.size; at++) {
		for (unsigned value = 0; value < 256; value++) {
			struct table changed = t;

			changed.bytes[at] = (uint8_t)value;
			if (parse(changed.bytes, t.size, &d) != 0) {
				continue;
			}
			EXPECT(d.unit_count >= 1 &&
				       d.unit_count <= DMAR_UNITS_MAX &&
				       d.scope_count <= DMAR_SCOPES_MAX &&
				       d.reserved_count <= DMAR_RESERVED_MAX &&
				       d.name_count <= DMAR_RESERVED_NAMES,
			       "byte %u = %u breaks a bound", at, value);
		}
	}
}
END_TEST

START_TEST(random_tables_are_survived)
{
	/* Structures with random bytes of plausible lengths never crash it. */
	uint64_t state = random_seed(0xd3a5);
	struct dmar d;

	for (unsigned round = 0; round < 20000; round++) {
		struct table t = good_table();

		t.size = FIRST_AT + (uint32_t)random_below(&state, 200);
		for (uint32_t at = FIRST_AT; at < t.size; at++) {
			/* Small numbers are lengths and types more often. */
			t.bytes[at] = (uint8_t)random_below(
				&state, random_below(&state, 2) ? 256 : 24);
		}
		put(t.bytes + SIZE_AT, t.size, 4);
		parse(t.bytes, t.size, &d);
	}
}
END_TEST

START_TEST(bad_fields_are_refused)
{
	/* Each malformed field is refused with the documented code. */
	static const struct {
		const char *what;
		uint32_t at;
		uint64_t value;
		unsigned bytes;
		int error;
	} rows[] = {
		{"structure of length 0", FIRST_AT + 2, 0, 2, -XEN_EINVAL},
		{"structure of length 3", FIRST_AT + 2, 3, 2, -XEN_EINVAL},
		{"unit of 15 bytes", FIRST_AT + 2, 15, 2, -XEN_EINVAL},
		{"structure past the end", FIRST_AT + 2, 4000, 2, -XEN_EINVAL},
		{"scope of length 0", FIRST_AT + 17, 0, 1, -XEN_EINVAL},
		{"scope of length 7", FIRST_AT + 17, 7, 1, -XEN_EINVAL},
		{"scope past its unit", FIRST_AT + 17, 250, 1, -XEN_EINVAL},
		{"device 32", FIRST_AT + 22, 32, 1, -XEN_EINVAL},
		{"function 8", FIRST_AT + 23, 8, 1, -XEN_EINVAL},
		{"registers at 0", FIRST_AT + 8, 0, 8, -XEN_EINVAL},
		{"registers misaligned", FIRST_AT + 8, 0xfed90800, 8,
		 -XEN_EINVAL},
		{"units overlap", FIRST_AT + 8, MACHINE_VTD_BASE + 4096, 8,
		 -XEN_EINVAL},
		{"scope of an unknown kind", FIRST_AT + 16, 6, 1,
		 -XEN_EOPNOTSUPP},
	};
	struct dmar d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table t = good_table();
		int error;

		put(t.bytes + rows[i].at, rows[i].value, rows[i].bytes);
		error = parse(t.bytes, t.size, &d);
		ck_assert_msg(error == rows[i].error, "%s: %d", rows[i].what,
			      error);
	}
}
END_TEST

START_TEST(more_than_fits_is_refused)
{
	/* One unit more than there is room for is refused, none is dropped. */
	struct table t = good_table();
	struct dmar d;

	for (unsigned units = DMAR_UNITS_MAX; units <= DMAR_UNITS_MAX + 1;
	     units++) {
		t.size = FIRST_AT;
		for (unsigned i = 0; i < units; i++) {
			uint8_t *unit = t.bytes + t.size;

			memset(unit, 0, 16);
			put(unit + 2, 16, 2);
			put(unit + 8, 0xfed00000 + i * 4096, 8);
			t.size += 16;
		}
		put(t.bytes + SIZE_AT, t.size, 4);
		ck_assert_int_eq(parse(t.bytes, t.size, &d),
				 units > DMAR_UNITS_MAX ? -XEN_EOPNOTSUPP : 0);
	}
}
END_TEST

UNIT_SUITE(dmar, good_table_is_understood, every_truncation_is_survived,
	   every_byte_change_is_survived, random_tables_are_survived,
	   bad_fields_are_refused, more_than_fits_is_refused)
