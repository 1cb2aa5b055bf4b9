// SPDX-License-Identifier: MIT
/*
 * The device entries of a unit's block in the IVRS: 4, 8, 16 or 32 bytes by the
 * two top bits of their type, or a length of their own.
 *
 *   all | select | range, end | alias | alias range, end | extended ... |
 *   special: I/O APIC, HPET | named in the ACPI name space
 *
 * AMD IOMMU specification, 48882, "IVHD Device Entries".
 */
#include "lib/error.h"
#include "platform/ivrs_parser.h"

enum entry_type {
	ENTRY_PAD = 0,
	ENTRY_ALL = 1,
	ENTRY_SELECT = 2,
	ENTRY_RANGE = 3,
	ENTRY_RANGE_END = 4,
	ENTRY_PAD_8 = 64,
	ENTRY_ALIAS = 66,
	ENTRY_ALIAS_RANGE = 67,
	ENTRY_EXTENDED = 70,
	ENTRY_EXTENDED_RANGE = 71,
	ENTRY_SPECIAL = 72,
	ENTRY_NAMED = 240,
};

#define VARIETY_IOAPIC	1u
#define VARIETY_HPET	2u
#define NAMED_LENGTH_AT 21u /* byte that tells the rest's length */
#define NAMED_BYTES	22u

/* A range of devices whose first entry has come and whose last has not. */
struct open_range {
	bool is_open;
	uint32_t where;
	struct ivrs_device device;
};

/* A requester in front of which two units stood would be in front of neither.
 */
static bool is_anothers(const struct ivrs *ivrs, const struct ivrs_device *dev)
{
	for (unsigned i = 0; i < ivrs->device_count; i++) {
		const struct ivrs_device *d = &ivrs->device[i];

		if (d->unit != dev->unit && d->first <= dev->last &&
		    dev->first <= d->last &&
		    ivrs->unit[d->unit].segment ==
			    ivrs->unit[dev->unit].segment) {
			return true;
		}
	}
	return false;
}

static int add_device(struct ivrs_parser *p, uint32_t where,
		      const struct ivrs_device *device)
{
	struct ivrs *ivrs = p->ivrs;

	if (device->last < device->first) {
		return ivrs_refuse(p, -XEN_EINVAL, where,
				   "range ends before it "
				   "begins");
	}
	if (is_anothers(ivrs, device)) {
		return ivrs_refuse(p, -XEN_EINVAL, where,
				   "device named by two units");
	}
	if (ivrs->device_count == IVRS_DEVICES_MAX) {
		return ivrs_refuse(p, -XEN_EOPNOTSUPP, where,
				   "more devices named than fit");
	}
	ivrs->device[ivrs->device_count++] = *device;
	return 0;
}

static int include_all(struct ivrs_parser *p, uint32_t where, unsigned unit)
{
	struct ivrs *ivrs = p->ivrs;

	for (unsigned i = 0; i < ivrs->unit_count; i++) {
		if (i != unit && ivrs->unit[i].includes_all &&
		    ivrs->unit[i].segment == ivrs->unit[unit].segment) {
			return ivrs_refuse(
				p, -XEN_EINVAL, where,
				"two units include all of a segment");
		}
	}
	ivrs->unit[unit].includes_all = true;
	return 0;
}

/* Length of the entry at the cursor, 0 when there is no telling. */
static uint32_t entry_bytes(const struct bytes *from)
{
	struct bytes ahead = *from;
	uint8_t type = (uint8_t)bytes_get(&ahead, 1);

	if (type == ENTRY_NAMED) {
		bytes_skip(&ahead, NAMED_LENGTH_AT - 1);
		return NAMED_BYTES + (uint32_t)bytes_get(&ahead, 1);
	}
	/* The other variable lengths are not known, 0xc0 to 0xef are 32. */
	return type > ENTRY_NAMED ? 0 : 4u << (type >> 6);
}

static int add_special(struct ivrs_parser *p, struct bytes *entry,
		       struct ivrs_device *device, uint32_t where)
{
	uint64_t variety;

	device->handle = (uint8_t)bytes_get(entry, 1);
	device->first = (uint16_t)bytes_get(entry, 2);
	device->last = device->first;
	variety = bytes_get(entry, 1);
	if (variety != VARIETY_IOAPIC && variety != VARIETY_HPET) {
		return 0;
	}
	device->kind = variety == VARIETY_IOAPIC ? IVRS_IOAPIC : IVRS_HPET;
	return add_device(p, where, device);
}

static int end_range(struct ivrs_parser *p, struct open_range *range,
		     uint32_t where, uint16_t last)
{
	if (!range->is_open) {
		return ivrs_refuse(p, -XEN_EINVAL, where,
				   "end without a range");
	}
	range->is_open = false;
	range->device.last = last;
	return add_device(p, range->where, &range->device);
}

static int begin_range(struct open_range *range, uint32_t where,
		       const struct ivrs_device *device)
{
	*range = (struct open_range){true, where, *device};
	return 0;
}

static int parse_entry(struct ivrs_parser *p, struct bytes *entry,
		       unsigned unit, struct open_range *range)
{
	uint32_t where = bytes_where(entry);
	uint8_t type = (uint8_t)bytes_get(entry, 1);
	uint16_t id = (uint16_t)bytes_get(entry, 2);
	struct ivrs_device device = {
		.unit = unit,
		.kind = IVRS_DEVICES,
		.first = id,
		.last = id,
		.settings = (uint8_t)bytes_get(entry, 1),
	};

	if (range->is_open && type != ENTRY_RANGE_END && type != ENTRY_PAD) {
		return ivrs_refuse(p, -XEN_EINVAL, where,
				   "range without an end");
	}
	switch (type) {
	case ENTRY_ALL:
		return include_all(p, where, unit);
	case ENTRY_SELECT:
	case ENTRY_EXTENDED:
		return add_device(p, where, &device);
	case ENTRY_RANGE:
	case ENTRY_EXTENDED_RANGE:
		return begin_range(range, where, &device);
	case ENTRY_RANGE_END:
		return end_range(p, range, where, id);
	case ENTRY_ALIAS:
	case ENTRY_ALIAS_RANGE:
		bytes_skip(entry, 1);
		device.kind = IVRS_ALIAS;
		device.alias = (uint16_t)bytes_get(entry, 2);
		return type == ENTRY_ALIAS ? add_device(p, where, &device)
					   : begin_range(range, where, &device);
	case ENTRY_SPECIAL:
		return add_special(p, entry, &device, where);
	case ENTRY_NAMED:
		device.kind = IVRS_NAMED;
		return add_device(p, where, &device);
	default:
		return 0;
	}
}

int ivrs_parse_devices(struct ivrs_parser *p, struct bytes *body, unsigned unit)
{
	struct open_range range = {.is_open = false};

	while (bytes_left(body) != 0) {
		uint32_t where = bytes_where(body);
		uint32_t length = entry_bytes(body);
		struct bytes entry;
		int err;

		if (length == 0 || length > bytes_left(body)) {
			return ivrs_refuse(p, -XEN_EINVAL, where,
					   "device entry of a bad length");
		}
		entry = bytes_take(body, length);
		err = parse_entry(p, &entry, unit, &range);
		if (err) {
			return err;
		}
	}
	if (range.is_open) {
		return ivrs_refuse(p, -XEN_EINVAL, range.where,
				   "range without an end");
	}
	return 0;
}
