// SPDX-License-Identifier: MIT
/*
 * The DMAR parser.
 *
 *   header, 48 bytes | structure: type, length, body, scopes | structure | ...
 *   scope: type, length, 2 reserved, enumeration id, bus, path (device,
 * function)*
 *
 * Firmware is trusted to mean well, not to be right: every length is checked
 * before it is used, and what is refused is refused with its byte.
 *
 * VT-d specification, "BIOS Considerations": DMA Remapping Reporting Structure.
 */
#include "platform/dmar.h"

#include "lib/error.h"
#include "lib/range.h"
#include "platform/bytes.h"

#define HEADER_BYTES 48u

enum structure_type {
	STRUCTURE_UNIT = 0,
	STRUCTURE_RESERVED = 1,
};

enum scope_type {
	SCOPE_ENDPOINT = 1,
	SCOPE_BRIDGE = 2,
	SCOPE_IOAPIC = 3, /* interrupts alone */
	SCOPE_HPET = 4,	  /* interrupts alone */
	SCOPE_NAMESPACE = 5,
};

struct parser {
	struct dmar *dmar;
	struct dmar_error *error;
};

static int refuse(struct parser *p, int err, uint32_t offset,
		  const char *reason)
{
	p->error->offset = offset;
	p->error->reason = reason;
	return err;
}

/* What a scope names. */
struct scope {
	struct dmar_path path;
	bool is_requester; /* does DMA that a unit translates                 */
};

static bool read_path(struct bytes *body, struct dmar_path *path)
{
	path->bus = (uint8_t)bytes_get(body, 1);
	do {
		uint64_t device = bytes_get(body, 1);
		uint64_t function = bytes_get(body, 1);

		if (body->is_short || device > 31 || function > 7) {
			return false;
		}
		path->hop[path->hops++] = (uint8_t)(device << 3 | function);
	} while (bytes_left(body) != 0 && path->hops < PCI_HOPS_MAX);
	return true;
}

static int parse_scope(struct parser *p, struct bytes *from, struct scope *out)
{
	uint32_t where = bytes_where(from);
	uint8_t type = (uint8_t)bytes_get(from, 1);
	uint8_t length = (uint8_t)bytes_get(from, 1);
	struct bytes body;

	if (from->is_short || length < 8 || length % 2 != 0) {
		return refuse(p, -XEN_EINVAL, where, "scope of a bad length");
	}
	body = bytes_take(from, length - 2u);
	bytes_skip(&body, 3); /* reserved, enumeration id */
	if (body.is_short) {
		return refuse(p, -XEN_EINVAL, where, "truncated scope");
	}
	*out = (struct scope){
		.path = {.where = where, .is_bridge = type == SCOPE_BRIDGE},
		.is_requester = type != SCOPE_IOAPIC && type != SCOPE_HPET,
	};
	if (!read_path(&body, &out->path)) {
		return refuse(p, -XEN_EINVAL, where, "scope names no function");
	}
	if (bytes_left(&body) != 0) {
		return refuse(p, -XEN_EOPNOTSUPP, where,
			      "scope behind more bridges than fit");
	}
	if (type < SCOPE_ENDPOINT || type > SCOPE_NAMESPACE) {
		return refuse(p, -XEN_EOPNOTSUPP, where, "unknown scope type");
	}
	return 0;
}

static bool is_same_path(const struct dmar_path *a, const struct dmar_path *b)
{
	for (unsigned i = 0; i < a->hops; i++) {
		if (a->hop[i] != b->hop[i]) {
			return false;
		}
	}
	return a->bus == b->bus && a->hops == b->hops;
}

/* A requester named by two units of a segment would be in front of neither. */
static bool is_named(const struct dmar *dmar, uint16_t segment,
		     const struct dmar_path *path)
{
	for (unsigned i = 0; i < dmar->scope_count; i++) {
		const struct dmar_scope *s = &dmar->scope[i];

		if (is_same_path(&s->path, path) &&
		    dmar->unit[s->unit].segment == segment) {
			return true;
		}
	}
	return false;
}

static int add_unit_scope(struct parser *p, const struct scope *scope)
{
	struct dmar *dmar = p->dmar;
	unsigned index = dmar->unit_count - 1;
	const struct dmar_unit *unit = &dmar->unit[index];

	/* Interrupts alone; and what includes all needs no bridge's name. */
	if (!scope->is_requester ||
	    (unit->includes_all && scope->path.is_bridge)) {
		return 0;
	}
	if (is_named(dmar, unit->segment, &scope->path)) {
		return refuse(p, -XEN_EINVAL, scope->path.where,
			      "device named by two scopes");
	}
	if (dmar->scope_count == DMAR_SCOPES_MAX) {
		return refuse(p, -XEN_EOPNOTSUPP, scope->path.where,
			      "more devices named than fit");
	}
	dmar->scope[dmar->scope_count++] =
		(struct dmar_scope){index, scope->path};
	return 0;
}

static int check_unit(struct parser *p, const struct dmar_unit *unit,
		      uint32_t where)
{
	const struct dmar *dmar = p->dmar;
	struct range window = {unit->registers, unit->register_bytes};

	if (unit->registers == 0 || (unit->registers & PAGE_MASK) != 0 ||
	    !range_is_valid(unit->registers, unit->register_bytes)) {
		return refuse(p, -XEN_EINVAL, where, "bad register address");
	}
	for (unsigned i = 0; i < dmar->unit_count; i++) {
		const struct dmar_unit *other = &dmar->unit[i];

		if (range_overlaps(window,
				   (struct range){other->registers,
						  other->register_bytes})) {
			return refuse(p, -XEN_EINVAL, where,
				      "registers of two units overlap");
		}
		if (unit->includes_all && other->includes_all &&
		    unit->segment == other->segment) {
			return refuse(p, -XEN_EINVAL, where,
				      "two units include all of a segment");
		}
	}
	if (dmar->unit_count == DMAR_UNITS_MAX) {
		return refuse(p, -XEN_EOPNOTSUPP, where, "more units than fit");
	}
	return 0;
}

static int parse_unit(struct parser *p, struct bytes body)
{
	uint32_t where = bytes_where(&body);
	uint64_t flags = bytes_get(&body, 1);
	uint64_t size = bytes_get(&body, 1);
	uint64_t segment = bytes_get(&body, 2);
	uint64_t registers = bytes_get(&body, 8);
	struct dmar_unit unit = {
		.registers = registers,
		.register_bytes = PAGE_BYTES << (size & 0xf),
		.segment = (uint16_t)segment,
		.includes_all = (flags & 1) != 0,
	};
	int err;

	if (body.is_short) {
		return refuse(p, -XEN_EINVAL, where, "truncated unit");
	}
	err = check_unit(p, &unit, where);
	if (err) {
		return err;
	}
	p->dmar->unit[p->dmar->unit_count++] = unit;
	while (bytes_left(&body) != 0) {
		struct scope scope;

		err = parse_scope(p, &body, &scope);
		if (err) {
			return err;
		}
		err = add_unit_scope(p, &scope);
		if (err) {
			return err;
		}
	}
	return 0;
}

static int add_reserved_scope(struct parser *p, const struct scope *scope)
{
	struct dmar *dmar = p->dmar;
	unsigned index = dmar->reserved_count - 1;

	if (dmar->name_count == DMAR_RESERVED_NAMES) {
		return refuse(p, -XEN_EOPNOTSUPP, scope->path.where,
			      "more devices with reserved memory than fit");
	}
	dmar->name[dmar->name_count++] =
		(struct dmar_reserved_name){index, scope->path};
	return 0;
}

static int check_reserved(struct parser *p, const struct dmar_reserved *r,
			  uint32_t where)
{
	if ((r->base & PAGE_MASK) != 0 || (r->last & PAGE_MASK) != PAGE_MASK ||
	    r->last < r->base) {
		return refuse(p, -XEN_EINVAL, where, "bad reserved range");
	}
	if (p->dmar->reserved_count == DMAR_RESERVED_MAX) {
		return refuse(p, -XEN_EOPNOTSUPP, where,
			      "more reserved ranges than fit");
	}
	return 0;
}

static int parse_reserved(struct parser *p, struct bytes body)
{
	uint32_t where = bytes_where(&body);
	struct dmar_reserved range = {0};
	int err;

	bytes_skip(&body, 2);
	range.segment = (uint16_t)bytes_get(&body, 2);
	range.base = bytes_get(&body, 8);
	range.last = bytes_get(&body, 8);
	if (body.is_short) {
		return refuse(p, -XEN_EINVAL, where,
			      "truncated reserved range");
	}
	err = check_reserved(p, &range, where);
	if (err) {
		return err;
	}
	p->dmar->reserved[p->dmar->reserved_count++] = range;
	while (bytes_left(&body) != 0) {
		struct scope scope;

		err = parse_scope(p, &body, &scope);
		if (err) {
			return err;
		}
		err = add_reserved_scope(p, &scope);
		if (err) {
			return err;
		}
	}
	return 0;
}

/* Structures of other types say nothing that the service rests on. */
static int parse_structure(struct parser *p, struct bytes *from)
{
	uint32_t where = bytes_where(from);
	uint64_t type = bytes_get(from, 2);
	uint32_t length = (uint32_t)bytes_get(from, 2);
	struct bytes body;

	if (from->is_short || length < 4 || length - 4 > bytes_left(from)) {
		return refuse(p, -XEN_EINVAL, where,
			      "structure of a bad length");
	}
	body = bytes_take(from, length - 4);
	switch (type) {
	case STRUCTURE_UNIT:
		return parse_unit(p, body);
	case STRUCTURE_RESERVED:
		return parse_reserved(p, body);
	default:
		return 0;
	}
}

int dmar_parse(const uint8_t *bytes, uint32_t size, struct dmar *dmar,
	       struct dmar_error *error)
{
	struct parser p = {dmar, error};
	struct bytes table = {.start = bytes, .size = size};
	uint64_t stated;

	*dmar = (struct dmar){0};
	*error = (struct dmar_error){"", 0};
	bytes_skip(&table, 4); /* signature */
	stated = bytes_get(&table, 4);
	bytes_skip(&table, HEADER_BYTES - 8);
	if (table.is_short || stated != size) {
		return refuse(&p, -XEN_EINVAL, 4, "bad length of the table");
	}
	while (bytes_left(&table) != 0) {
		int err = parse_structure(&p, &table);

		if (err) {
			return err;
		}
	}
	if (dmar->unit_count == 0) {
		return refuse(&p, -XEN_ENOENT, HEADER_BYTES, "no unit");
	}
	return 0;
}
