// SPDX-License-Identifier: MIT
/* The IVRS parser: bytes of a firmware that means well and is not right. */
#include "fake_firmware.h"
#include "lib/error.h"
#include "platform/ivrs.h"
#include "suite.h"

#include <string.h>

#define SIZE_AT	  4u
#define INFO_AT	  36u
#define FIRST_AT  48u		   /* the unit's block of type 10h */
#define SECOND_AT (FIRST_AT + 28u) /* its block of type 11h        */
#define ENTRY_AT  (SECOND_AT + 40u)

struct table {
	uint8_t bytes[FIRMWARE_TABLE_MAX];
	uint32_t size;
};

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	memcpy(at, &value, bytes);
}

static void append(struct table *t, const uint8_t *bytes, uint32_t count)
{
	memcpy(t->bytes + t->size, bytes, count);
	t->size += count;
	put(t->bytes + SIZE_AT, t->size, 4);
}

/* Entries go into the block that is being written: its length follows. */
static void append_entries(struct table *t, uint32_t block,
			   const uint8_t *bytes, uint32_t count)
{
	append(t, bytes, count);
	put(t->bytes + block + 2, t->size - block, 2);
}

static void append_range(struct table *t, uint8_t type, uint8_t flags,
			 uint16_t id, uint16_t end, uint64_t base,
			 uint64_t bytes)
{
	uint8_t block[32] = {type, flags, 32};

	put(block + 4, id, 2);
	put(block + 6, end, 2);
	put(block + 16, base, 8);
	put(block + 24, bytes, 8);
	append(t, block, sizeof(block));
}

/*
 * One unit described twice; a select, a range, an alias, an alias range, an
 * extended select, an I/O APIC, an HPET, a named device; two unity ranges.
 */
static struct table good_table(void)
{
	static const uint8_t entries[] = {
		2,   0x08, 0x00, 0,			   /* 00:01.0      */
		3,   0x10, 0x00, 0,    4,   0x1f, 0x00, 0, /* to 00:03.7   */
		66,  0x00, 0x02, 0,    0,   0x00, 0x01, 0, /* 02:00.0      */
		67,  0x00, 0x03, 0,    0,   0x08, 0x01, 0, /* 03:00.0 ...  */
		4,   0xff, 0x03, 0,			   /* 03:1f.7      */
		70,  0x40, 0x00, 0,    0,   0,	  0,	0, /* 00:08.0      */
		72,  0,	   0,	 0xd7, 5,   0xa0, 0x00, 1, /* I/O APIC 5   */
		72,  0,	   0,	 0,    0,   0xa1, 0x00, 2, /* HPET 0       */
		0,   0,	   0,	 0,    64,  0,	  0,	0,   0,
		0,   0,	   0, /* padding      */
		240, 0x9d, 0x00, 0,    'A', 'M',  'D',	'I', '0',
		'0', '4',  '0',	 0,    0,   0,	  0,	0,   0,
		0,   0,	   1,	 4,    'u', 'i',  'd',	'0',
	};
	struct machine_config c = machine_amd();
	struct table t;

	c.amdvi[0].no_ir = true;
	c.amdvi[0].explicit_scope = true;
	c.function_count = 0;
	t.size = firmware_ivrs(&c, t.bytes);
	/* Its list of 10h is wrong, and not the one that counts. */
	memmove(t.bytes + SECOND_AT, t.bytes + SECOND_AT - 4,
		t.size - (SECOND_AT - 4));
	put(t.bytes + FIRST_AT + 24, 1, 4);
	put(t.bytes + FIRST_AT + 2, 28, 2);
	t.size += 4;
	append_entries(&t, SECOND_AT, entries, sizeof(entries));
	append_range(&t, 0x21, 7, 0x10, 0, 0xcf000, 0x10000);
	append_range(&t, 0x22, 3, 0x40, 0x4f, 0x7ff00000, 0x1000);
	return t;
}

/* Parse out of a block of exactly @size bytes, so that ASan sees its end. */
static int parse_at(const uint8_t *bytes, uint32_t size, struct ivrs *ivrs,
		    uint32_t *offset)
{
	struct ivrs_error error = {NULL, 0};
	uint8_t *copy = malloc(size ? size : 1);
	int result;

	memcpy(copy, bytes, size);
	result = ivrs_parse(copy, size, ivrs, &error);
	free(copy);
	EXPECT(result == 0 || result == -XEN_EINVAL ||
		       result == -XEN_EOPNOTSUPP || result == -XEN_ENOENT,
	       "undocumented error %d", result);
	EXPECT(result == 0 || (error.reason != NULL && error.offset <= 4096),
	       "error %d without a reason", result);
	*offset = error.offset;
	return result;
}

static int parse(const uint8_t *bytes, uint32_t size, struct ivrs *ivrs)
{
	uint32_t offset;

	return parse_at(bytes, size, ivrs, &offset);
}

START_TEST(good_table_is_understood)
{
	/* The unit once, from its best block; devices and ranges as written. */
	static const struct ivrs_device want[] = {
		{0, IVRS_DEVICES, 0x08, 0x08, 0, 0, 0},
		{0, IVRS_DEVICES, 0x10, 0x1f, 0, 0, 0},
		{0, IVRS_ALIAS, 0x200, 0x200, 0x100, 0, 0},
		{0, IVRS_ALIAS, 0x300, 0x3ff, 0x108, 0, 0},
		{0, IVRS_DEVICES, 0x40, 0x40, 0, 0, 0},
		{0, IVRS_IOAPIC, 0xa0, 0xa0, 0, 5, 0xd7},
		{0, IVRS_HPET, 0xa1, 0xa1, 0, 0, 0},
		{0, IVRS_NAMED, 0x9d, 0x9d, 0, 0, 0},
	};
	struct table t = good_table();
	struct ivrs d;

	ck_assert_int_eq(parse(t.bytes, t.size, &d), 0);
	ck_assert_uint_eq(d.virtual_bits, 48);
	ck_assert_uint_eq(d.unit_count, 1);
	ck_assert_uint_eq(d.unit[0].registers, MACHINE_AMDVI_BASE);
	ck_assert_uint_eq(d.unit[0].type, 0x11);
	ck_assert_uint_eq(d.unit[0].bdf, 0x10);
	ck_assert_uint_eq(d.unit[0].capability, 0x40);
	ck_assert(!d.unit[0].includes_all);
	ck_assert_uint_eq(d.device_count, ARRAY_COUNT(want));
	for (unsigned i = 0; i < ARRAY_COUNT(want); i++) {
		const struct ivrs_device *is = &d.device[i];

		EXPECT(is->kind == want[i].kind && is->unit == 0 &&
			       is->first == want[i].first &&
			       is->last == want[i].last &&
			       is->alias == want[i].alias &&
			       is->handle == want[i].handle &&
			       is->settings == want[i].settings,
		       "device %u", i);
	}
	ck_assert_uint_eq(d.unity_count, 2);
	ck_assert_uint_eq(d.unity[0].base, 0xcf000);
	ck_assert_uint_eq(d.unity[0].last, 0xdefff);
	ck_assert(d.unity[0].can_read && d.unity[0].can_write);
	ck_assert(d.unity[1].can_read && !d.unity[1].can_write);
	ck_assert_uint_eq(d.unity[0].first_bdf, 0x10);
	ck_assert_uint_eq(d.unity[0].last_bdf, 0x10);
	ck_assert_uint_eq(d.unity[1].first_bdf, 0x40);
	ck_assert_uint_eq(d.unity[1].last_bdf, 0x4f);
}
END_TEST

START_TEST(order_of_blocks_does_not_matter)
{
	/* The richest block is taken wherever it stands; "all" is understood.
	 */
	struct machine_config c = machine_amd();
	struct table t;
	struct ivrs d;

	t.size = firmware_ivrs(&c, t.bytes);
	t.bytes[FIRST_AT + 24] = 0; /* 10h names nobody, 11h all */
	ck_assert_int_eq(parse(t.bytes, t.size, &d), 0);
	ck_assert_uint_eq(d.unit_count, 1);
	ck_assert(d.unit[0].includes_all);
	c.amdvi[0].block_type = 0x40;
	t.size = firmware_ivrs(&c, t.bytes);
	c.amdvi[0].block_type = 0x10;
	{
		struct table low;
		uint32_t bytes = firmware_ivrs(&c, low.bytes) - FIRST_AT;

		low.bytes[FIRST_AT + 24] = 0;
		append(&t, low.bytes + FIRST_AT, bytes);
	}
	ck_assert_int_eq(parse(t.bytes, t.size, &d), 0);
	ck_assert_uint_eq(d.unit_count, 1);
	ck_assert_uint_eq(d.unit[0].type, 0x40);
	ck_assert(d.unit[0].includes_all);
}
END_TEST

START_TEST(every_truncation_is_survived)
{
	/* A table cut anywhere is refused, or ends at a block's border. */
	struct table t = good_table();
	struct ivrs d;

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

static void expect_bounds(const struct ivrs *d, const char *what, unsigned n)
{
	EXPECT(d->unit_count >= 1 && d->unit_count <= IVRS_UNITS_MAX &&
		       d->device_count <= IVRS_DEVICES_MAX &&
		       d->unity_count <= IVRS_UNITY_MAX,
	       "%s %u breaks a bound", what, n);
	for (unsigned i = 0; i < d->device_count; i++) {
		EXPECT(d->device[i].unit < d->unit_count &&
			       d->device[i].first <= d->device[i].last,
		       "%s %u: device %u", what, n, i);
	}
	for (unsigned i = 0; i < d->unity_count; i++) {
		EXPECT(d->unity[i].base <= d->unity[i].last, "%s %u: range %u",
		       what, n, i);
	}
}

START_TEST(every_byte_change_is_survived)
{
	/* No value of any one byte crashes the parser or breaks its bounds. */
	struct table t = good_table();
	struct ivrs d;

	for (uint32_t at = 0; at < t.size; at++) {
		for (unsigned value = 0; value < 256; value++) {
			uint8_t was = t.bytes[at];

			t.bytes[at] = (uint8_t)value;
			if (parse(t.bytes, t.size, &d) == 0) {
				expect_bounds(&d, "byte", at);
			}
			t.bytes[at] = was;
		}
	}
}
END_TEST

START_TEST(random_tables_are_survived)
{
	/* Blocks with random bytes of plausible lengths never crash it. */
	uint64_t state = random_seed(0x1765);
	struct ivrs d;

	for (unsigned round = 0; round < 20000; round++) {
		struct table t = good_table();
		uint32_t from = random_below(&state, 2) ? FIRST_AT : ENTRY_AT;

		t.size = from + (uint32_t)random_below(&state, 200);
		for (uint32_t at = from; at < t.size; at++) {
			/* Small numbers are lengths and types more often. */
			t.bytes[at] = (uint8_t)random_below(
				&state, random_below(&state, 2) ? 256 : 24);
		}
		put(t.bytes + SIZE_AT, t.size, 4);
		if (from == ENTRY_AT) {
			put(t.bytes + SECOND_AT + 2, t.size - SECOND_AT, 2);
		}
		if (parse(t.bytes, t.size, &d) == 0) {
			expect_bounds(&d, "round", round);
		}
	}
}
END_TEST

START_TEST(bad_fields_are_refused)
{
	/* Each malformed field is refused with its code, and its byte told. */
	static const struct {
		const char *what;
		uint32_t at;
		uint64_t value;
		unsigned bytes;
		int error;
		uint32_t offset;
	} rows[] = {
		{"block of length 0", FIRST_AT + 2, 0, 2, -XEN_EINVAL,
		 FIRST_AT},
		{"block of length 3", SECOND_AT + 2, 3, 2, -XEN_EINVAL,
		 SECOND_AT},
		{"block past the end", SECOND_AT + 2, 4000, 2, -XEN_EINVAL,
		 SECOND_AT},
		{"registers at 0", FIRST_AT + 8, 0, 8, -XEN_EINVAL, FIRST_AT},
		{"registers misaligned", FIRST_AT + 8,
		 MACHINE_AMDVI_BASE + 0x1000, 8, -XEN_EINVAL, FIRST_AT},
		{"registers at the end of all", FIRST_AT + 8,
		 UINT64_MAX - 0x3fff, 8, -XEN_EINVAL, SECOND_AT},
		{"one unit at two places", SECOND_AT + 8,
		 MACHINE_AMDVI_BASE + 0x10000, 8, -XEN_EINVAL, SECOND_AT},
		{"two units at one place", SECOND_AT + 4, 0x20, 2, -XEN_EINVAL,
		 SECOND_AT},
		{"the same said twice", SECOND_AT, 0x10, 1, -XEN_EINVAL,
		 SECOND_AT},
		{"block shorter than its type", FIRST_AT, 0x11, 1, -XEN_EINVAL,
		 FIRST_AT},
		{"end without a range", ENTRY_AT, 4, 1, -XEN_EINVAL, ENTRY_AT},
		{"range without an end", ENTRY_AT, 3, 1, -XEN_EINVAL,
		 ENTRY_AT + 4},
		{"range that ends before it begins", ENTRY_AT + 9, 0x0f, 2,
		 -XEN_EINVAL, ENTRY_AT + 4},
		{"entry of unknown length", ENTRY_AT, 250, 1, -XEN_EINVAL,
		 ENTRY_AT},
	};
	struct ivrs d;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct table t = good_table();
		uint32_t offset;
		int error;

		put(t.bytes + rows[i].at, rows[i].value, rows[i].bytes);
		error = parse_at(t.bytes, t.size, &d, &offset);
		ck_assert_msg(error == rows[i].error &&
				      offset == rows[i].offset,
			      "%s: %d at %u, not %u", rows[i].what, error,
			      offset, rows[i].offset);
	}
}
END_TEST

START_TEST(bad_ranges_are_refused)
{
	/* Reserved memory without length, off its pages, wrapping, reversed. */
	static const struct {
		uint16_t first, last;
		uint64_t base, bytes;
	} rows[] = {
		{0, 0, 0x1000, 0},
		{0, 0, 0x1800, 0x1000},
		{0, 0, 0x1000, 0x1800},
		{0, 0, UINT64_MAX - 0xfff, 0x2000},
		{0x20, 0x10, 0x1000, 0x1000},
	};
	struct ivrs d;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct table t = good_table();

		append_range(&t, 0x22, 7, rows[i].first, rows[i].last,
			     rows[i].base, rows[i].bytes);
		ck_assert_msg(parse(t.bytes, t.size, &d) == -XEN_EINVAL,
			      "range %zu", i);
	}
}
END_TEST

START_TEST(more_than_fits_is_refused)
{
	/* One more than there is room for is refused, none is dropped. */
	struct ivrs d;

	for (unsigned units = IVRS_UNITS_MAX; units <= IVRS_UNITS_MAX + 1;
	     units++) {
		struct table t = good_table();

		t.size = FIRST_AT;
		for (unsigned i = 0; i < units; i++) {
			uint8_t unit[24] = {0x10, 0, 24};

			put(unit + 4, 0x10 + i, 2);
			put(unit + 8, 0xfe000000 + i * 0x4000, 8);
			append(&t, unit, sizeof(unit));
		}
		ck_assert_int_eq(parse(t.bytes, t.size, &d),
				 units > IVRS_UNITS_MAX ? -XEN_EOPNOTSUPP : 0);
	}
	for (unsigned n = IVRS_UNITY_MAX; n <= IVRS_UNITY_MAX + 1; n++) {
		struct table t = good_table();

		for (unsigned i = 2; i < n; i++) {
			append_range(&t, 0x20, 7, 0, 0, i << 12, 0x1000);
		}
		ck_assert_int_eq(parse(t.bytes, t.size, &d),
				 n > IVRS_UNITY_MAX ? -XEN_EOPNOTSUPP : 0);
	}
}
END_TEST

UNIT_SUITE(ivrs, good_table_is_understood, order_of_blocks_does_not_matter,
	   every_truncation_is_survived, every_byte_change_is_survived,
	   random_tables_are_survived, bad_fields_are_refused,
	   bad_ranges_are_refused, more_than_fits_is_refused)
