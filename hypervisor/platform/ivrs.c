// SPDX-License-Identifier: MIT
/*
 * The IVRS parser.
 *
 *   header, 48 bytes | block: type, flags, length, body | block | ...
 *   body of a unit (IVHD): own function, registers, device entries
 *
 * Read twice: first which units there are and which of its blocks describes
 * each best, then the devices of those blocks and the reserved ranges (IVMD).
 *
 * AMD IOMMU specification, 48882, "I/O Virtualization ACPI Table".
 */
#include "lib/error.h"
#include "lib/range.h"
#include "platform/bytes.h"
#include "platform/ivrs_parser.h"

#define HEADER_BYTES   48u
#define BLOCK_BYTES    4u  /* type, flags, length                        */
#define UNIT_BYTES     24u /* of type 10h                                */
#define UNIT_BYTES_EFR 40u /* of types 11h and 40h                       */
#define RANGE_BYTES    32u
#define INFO_AT	       36u
#define VIRTUAL_BITS   GENMASK(21, 15)
#define WINDOW_BYTES   UINT64_C(0x4000) /* registers without counters    */

enum block_type {
	BLOCK_UNIT = 0x10,
	BLOCK_UNIT_EFR = 0x11,
	BLOCK_RANGE_ALL = 0x20,
	BLOCK_RANGE_ONE = 0x21,
	BLOCK_RANGE_SOME = 0x22,
	BLOCK_UNIT_ACPI = 0x40,
};

#define RANGE_UNITY	BIT(0)
#define RANGE_READ	BIT(1)
#define RANGE_WRITE	BIT(2)
#define RANGE_EXCLUSION BIT(3)

int ivrs_refuse(struct ivrs_parser *p, int err, uint32_t offset,
		const char *reason)
{
	p->error->offset = offset;
	p->error->reason = reason;
	return err;
}

static bool is_unit_type(uint64_t type)
{
	return type == BLOCK_UNIT || type == BLOCK_UNIT_EFR ||
	       type == BLOCK_UNIT_ACPI;
}

/* ---- first pass: units ---- */

static struct ivrs_unit *find_unit(struct ivrs *ivrs, uint16_t segment,
				   uint16_t bdf)
{
	for (unsigned i = 0; i < ivrs->unit_count; i++) {
		struct ivrs_unit *unit = &ivrs->unit[i];

		if (unit->segment == segment && unit->bdf == bdf) {
			return unit;
		}
	}
	return NULL;
}

/* The same unit described again: the higher type tells more. */
static int add_description(struct ivrs_parser *p, struct ivrs_unit *known,
			   const struct ivrs_unit *unit)
{
	if (known->registers != unit->registers) {
		return ivrs_refuse(p, -XEN_EINVAL, unit->where,
				   "one unit at two addresses");
	}
	if (known->type == unit->type) {
		return ivrs_refuse(p, -XEN_EINVAL, unit->where,
				   "unit described twice in one way");
	}
	if (unit->type > known->type) {
		*known = *unit;
	}
	return 0;
}

static int add_unit(struct ivrs_parser *p, const struct ivrs_unit *unit)
{
	struct ivrs *ivrs = p->ivrs;
	struct ivrs_unit *known = find_unit(ivrs, unit->segment, unit->bdf);
	struct range window = {unit->registers, WINDOW_BYTES};

	if (unit->registers == 0 ||
	    !is_aligned(unit->registers, WINDOW_BYTES) ||
	    !range_is_valid(unit->registers, WINDOW_BYTES)) {
		return ivrs_refuse(p, -XEN_EINVAL, unit->where,
				   "bad register address");
	}
	if (known != NULL) {
		return add_description(p, known, unit);
	}
	for (unsigned i = 0; i < ivrs->unit_count; i++) {
		struct range other = {ivrs->unit[i].registers, WINDOW_BYTES};

		if (range_overlaps(window, other)) {
			return ivrs_refuse(p, -XEN_EINVAL, unit->where,
					   "registers of two units overlap");
		}
	}
	if (ivrs->unit_count == IVRS_UNITS_MAX) {
		return ivrs_refuse(p, -XEN_EOPNOTSUPP, unit->where,
				   "more units than fit");
	}
	ivrs->unit[ivrs->unit_count++] = *unit;
	return 0;
}

/* The fixed part of a unit's block; leaves @body at its device entries. */
static bool read_unit(struct bytes *body, uint8_t type, uint8_t flags,
		      struct ivrs_unit *unit)
{
	*unit = (struct ivrs_unit){
		.where = bytes_where(body) - BLOCK_BYTES,
		.type = type,
		.flags = flags,
	};
	unit->bdf = (uint16_t)bytes_get(body, 2);
	unit->capability = (uint16_t)bytes_get(body, 2);
	unit->registers = bytes_get(body, 8);
	unit->segment = (uint16_t)bytes_get(body, 2);
	bytes_skip(body, UNIT_BYTES - 18);
	if (type != BLOCK_UNIT) {
		unit->features = bytes_get(body, 8);
		bytes_skip(body, UNIT_BYTES_EFR - UNIT_BYTES - 8);
	}
	return !body->is_short;
}

/* ---- second pass: reserved ranges ---- */

static int parse_unity(struct ivrs_parser *p, struct bytes body, uint8_t type,
		       uint8_t flags)
{
	struct ivrs *ivrs = p->ivrs;
	uint32_t where = bytes_where(&body) - BLOCK_BYTES;
	uint16_t id = (uint16_t)bytes_get(&body, 2);
	uint16_t end = (uint16_t)bytes_get(&body, 2);
	struct ivrs_unity unity = {
		.segment = (uint16_t)bytes_get(&body, 2),
		.first_bdf = type == BLOCK_RANGE_ALL ? 0 : id,
		.last_bdf = type == BLOCK_RANGE_ALL    ? UINT16_MAX
			    : type == BLOCK_RANGE_SOME ? end
						       : id,
		.is_exclusion = (flags & RANGE_EXCLUSION) != 0,
		.can_read = (flags & RANGE_READ) != 0,
		.can_write = (flags & RANGE_WRITE) != 0,
	};
	uint64_t bytes;

	bytes_skip(&body, 6);
	unity.base = bytes_get(&body, 8);
	bytes = bytes_get(&body, 8);
	if (body.is_short || unity.last_bdf < unity.first_bdf ||
	    !range_is_valid(unity.base, bytes) ||
	    !is_aligned(unity.base | bytes, PAGE_BYTES)) {
		return ivrs_refuse(p, -XEN_EINVAL, where, "bad reserved range");
	}
	/* Neither mapped nor left alone: it asks for nothing. */
	if ((flags & (RANGE_UNITY | RANGE_EXCLUSION)) == 0) {
		return 0;
	}
	if (ivrs->unity_count == IVRS_UNITY_MAX) {
		return ivrs_refuse(p, -XEN_EOPNOTSUPP, where,
				   "more reserved ranges than fit");
	}
	unity.last = unity.base + (bytes - 1);
	ivrs->unity[ivrs->unity_count++] = unity;
	return 0;
}

/* ---- blocks ---- */

typedef int block_fn(struct ivrs_parser *p, struct bytes body, uint8_t type,
		     uint8_t flags);

static int note_unit(struct ivrs_parser *p, struct bytes body, uint8_t type,
		     uint8_t flags)
{
	struct ivrs_unit unit;

	if (!is_unit_type(type)) {
		return 0;
	}
	if (!read_unit(&body, type, flags, &unit)) {
		return ivrs_refuse(p, -XEN_EINVAL, unit.where,
				   "truncated unit");
	}
	return add_unit(p, &unit);
}

static int note_rest(struct ivrs_parser *p, struct bytes body, uint8_t type,
		     uint8_t flags)
{
	struct ivrs_unit unit, *known;

	if (type == BLOCK_RANGE_ALL || type == BLOCK_RANGE_ONE ||
	    type == BLOCK_RANGE_SOME) {
		return parse_unity(p, body, type, flags);
	}
	if (!is_unit_type(type) || !read_unit(&body, type, flags, &unit)) {
		return 0;
	}
	known = find_unit(p->ivrs, unit.segment, unit.bdf);
	if (known == NULL || known->where != unit.where) {
		return 0;
	}
	return ivrs_parse_devices(p, &body, (unsigned)(known - p->ivrs->unit));
}

/* Blocks of other types are of a later edition: told to be passed over. */
static int for_each_block(struct ivrs_parser *p, struct bytes from,
			  block_fn *note)
{
	while (bytes_left(&from) != 0) {
		uint32_t where = bytes_where(&from);
		uint8_t type = (uint8_t)bytes_get(&from, 1);
		uint8_t flags = (uint8_t)bytes_get(&from, 1);
		uint32_t length = (uint32_t)bytes_get(&from, 2);
		int err;

		if (from.is_short || length < BLOCK_BYTES ||
		    length - BLOCK_BYTES > bytes_left(&from)) {
			return ivrs_refuse(p, -XEN_EINVAL, where,
					   "block of a bad length");
		}
		err = note(p, bytes_take(&from, length - BLOCK_BYTES), type,
			   flags);
		if (err) {
			return err;
		}
	}
	return 0;
}

int ivrs_parse(const uint8_t *bytes, uint32_t size, struct ivrs *ivrs,
	       struct ivrs_error *error)
{
	struct ivrs_parser p = {ivrs, error};
	struct bytes table = {.start = bytes, .size = size};
	uint64_t stated, info;
	int err;

	*ivrs = (struct ivrs){0};
	*error = (struct ivrs_error){"", 0};
	bytes_skip(&table, 4); /* signature */
	stated = bytes_get(&table, 4);
	bytes_skip(&table, INFO_AT - 8);
	info = bytes_get(&table, 4);
	bytes_skip(&table, HEADER_BYTES - INFO_AT - 4);
	if (table.is_short || stated != size) {
		return ivrs_refuse(&p, -XEN_EINVAL, 4,
				   "bad length of the table");
	}
	ivrs->virtual_bits = (unsigned)field_get(VIRTUAL_BITS, info);
	err = for_each_block(&p, table, note_unit);
	if (err) {
		return err;
	}
	if (ivrs->unit_count == 0) {
		return ivrs_refuse(&p, -XEN_ENOENT, HEADER_BYTES, "no unit");
	}
	return for_each_block(&p, table, note_rest);
}
