// SPDX-License-Identifier: MIT
/* A call as a line of C, near enough to paste into a unit test. */
#include "oracle.h"
#include "oracle_shape.h"

#include <stdio.h>

static const char *const op_names[] = {
#define NAME(nr, name, arg, who) [nr] = #name,
	SLUICE_DMA_OPS(NAME)
#undef NAME
};

static const char *const status_names[] = {
#define NAME(number, name, text) #name,
	SLUICE_STATUS_LIST(NAME)
#undef NAME
};

const char *oracle_status_name(unsigned n)
{
	return status_names[n];
}

const char *oracle_op_name(unsigned op)
{
	return op < sizeof(op_names) / sizeof(op_names[0]) ? op_names[op]
							   : NULL;
}

static const char *const guests[] = {"control", "a", "b", "x86"};

static void print_ref(const char *field, struct oracle_ref r)
{
	static const char *const kinds[] = {"domain", "device", "token",
					    "pasid", "junk"};

	if (r.kind != ORACLE_NOTHING) {
		printf(" .%s = %s_%s[%u],", field, guests[r.guest],
		       kinds[r.kind], r.name);
	}
}

#define HEX(field, value)                                                      \
	do {                                                                   \
		if ((value) != 0) {                                            \
			printf(" ." field " = 0x%llx,",                        \
			       (unsigned long long)(value));                   \
		}                                                              \
	} while (0)

static void print_map(const struct oracle_call *c)
{
	const struct sluice_map *m = &c->a.map;

	printf(" .permissions = %u, .kind = %u,", m->permissions, m->kind);
	HEX("base", m->base);
	HEX("pages", m->pages);
	HEX("min", m->min);
	HEX("max", m->max);
	HEX("has_bounds", m->has_bounds);
	HEX("has_logical_address", m->has_logical_address);
	HEX("options", m->options);
	HEX("logical_address", m->logical_address);
}

static void print_domain(const struct oracle_call *c)
{
	const struct sluice_create_domain *d = &c->a.create_domain;

	printf(" .type = %u,", d->type);
	HEX("creation_flags", d->creation_flags);
	HEX("allocator_type", d->allocator_type);
	HEX("allocator_width", d->allocator_width);
	for (unsigned i = 0; i < c->list.count; i++) {
		const struct sluice_reserved_region *r = &c->list.region[i];

		printf(" {0x%llx, 0x%llx, %u}", (unsigned long long)r->base,
		       (unsigned long long)r->pages, r->should_map);
	}
	HEX("region_count", d->region_count);
}

static void print_unmap(const struct oracle_call *c)
{
	const struct sluice_unmap *u = &c->a.unmap;

	HEX("logical_address", u->logical_address);
	HEX("pages", u->pages);
	HEX("range_base", u->range_base);
	HEX("range_pages", u->range_pages);
	HEX("options", u->options);
}

/* The rest of the structures as words, from the header's end on. */
static void print_words(const struct oracle_call *c)
{
	struct oracle_shape s = oracle_shape(c->op);

	for (unsigned i = 16; i + 8 <= s.bytes && i + 8 <= sizeof(c->a);
	     i += 8) {
		uint64_t word;

		__builtin_memcpy(&word, &c->a.bytes[i], sizeof(word));
		if (word != 0) {
			printf(" @%u = 0x%llx,", i, (unsigned long long)word);
		}
	}
}

static void print_list(const struct oracle_call *c)
{
	if (c->op == SLUICE_OP_create_domain || c->list.count == 0) {
		return;
	}
	printf(" list{0x%llx + n * %lld, %u", (unsigned long long)c->list.base,
	       (long long)c->list.stride, c->list.count);
	if (c->list.odd_at < c->list.count) {
		printf(", [%u] = 0x%llx", c->list.odd_at,
		       (unsigned long long)c->list.odd);
	}
	printf("}");
}

void oracle_print(const struct oracle_call *c, unsigned n)
{
	static const char *const transports[] = {"",
						 " /* longer */",
						 " /* tail */",
						 " /* shorter */",
						 " /* misaligned */",
						 " /* read-only */",
						 " /* unmapped */",
						 " /* 32-bit */",
						 " /* ring 3 */"};
	static const char *const lists[] = {
		"", " /* list crosses */", " /* list null */",
		" /* list wild */", " /* list runs off */"};

	static const char *const injected[] = {
		"",	   "allocation", "every allocation from",
		"command", "read",	 "reply"};

	printf("%3u: %s.%s(", n, guests[c->guest], op_names[c->op]);
	print_ref("first", c->first);
	print_ref("second", c->second);
	HEX("flags", c->a.header.flags);
	HEX("header_reserved", c->a.header.reserved);
	switch (c->op) {
	case SLUICE_OP_create_domain:
		print_domain(c);
		break;
	case SLUICE_OP_map:
		print_map(c);
		break;
	case SLUICE_OP_unmap:
		print_unmap(c);
		break;
	default:
		print_words(c);
		break;
	}
	print_list(c);
	printf(")%s%s", transports[c->transport], lists[c->list.at]);
	if (c->inject != ORACLE_NO_FAILURE) {
		printf(" /* %s %u fails */", injected[c->inject], c->inject_at);
	}
	if (c->op == SLUICE_OP_create_domain ||
	    c->op == SLUICE_OP_create_device ||
	    c->op == SLUICE_OP_create_pasid ||
	    c->op == SLUICE_OP_reserve_token) {
		printf(" -> [%u]", c->name);
	}
	printf("\n");
}
