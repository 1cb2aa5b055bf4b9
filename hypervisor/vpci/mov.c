// SPDX-License-Identifier: MIT
/*
 * Prefixes, opcode, ModRM with what follows it, constant: each is taken from a
 * cursor that never passes the end. Table first: the forms that are known.
 * APM vol. 3, 1.2 (encoding), 1.4 (ModRM and SIB).
 */
#include "vpci/mov.h"

#include "lib/bits.h"
#include "lib/string.h"

#define PREFIX_OPERAND 0x66u
#define REX	       0x40u
#define REX_MASK       0xf0u
#define REX_W	       BIT(3)
#define REX_R	       BIT(2)
#define REX_B	       BIT(0)
#define ESCAPE	       0x0fu

#define OPCODE_MOV_TO_CR 0x22u

#define MODRM_MOD GENMASK(7, 6)
#define MODRM_REG GENMASK(5, 3)
#define MODRM_RM  GENMASK(2, 0)
#define SIB_BASE  GENMASK(2, 0)
#define RM_SIB	  4u
#define RM_RIP	  5u

/* Bytes of memory that a form moves. */
enum width {
	WIDTH_1,
	WIDTH_2,
	WIDTH_OPERAND, /* 2, 4 or 8, by prefixes */
};

struct form {
	bool is_escaped; /* behind 0Fh */
	uint8_t opcode;
	enum width width;
	bool is_write;
	bool is_constant;
	bool is_extended; /* into a register of operand size, zeroes above */
};

static const struct form forms[] = {
	{false, 0x88, WIDTH_1, true, false, false},
	{false, 0x89, WIDTH_OPERAND, true, false, false},
	{false, 0x8a, WIDTH_1, false, false, false},
	{false, 0x8b, WIDTH_OPERAND, false, false, false},
	{false, 0xc6, WIDTH_1, true, true, false},
	{false, 0xc7, WIDTH_OPERAND, true, true, false},
	{true, 0xb6, WIDTH_1, false, false, true},
	{true, 0xb7, WIDTH_2, false, false, true},
};

struct cursor {
	const uint8_t *code;
	unsigned count;
	unsigned at;
	bool is_short;
};

struct prefixes {
	bool has_operand;
	uint8_t rex; /* 0 = none */
};

static uint8_t take(struct cursor *c)
{
	if (c->at >= c->count) {
		c->is_short = true;
		return 0;
	}
	return c->code[c->at++];
}

static bool is_segment(uint8_t byte)
{
	return byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e ||
	       byte == 0x64 || byte == 0x65;
}

/* Legacy prefixes in any order, then REX. Return: the first byte behind. */
static uint8_t take_prefixes(struct cursor *c, struct prefixes *p)
{
	uint8_t byte = take(c);

	*p = (struct prefixes){false, 0};
	while (!c->is_short && (byte == PREFIX_OPERAND || is_segment(byte))) {
		p->has_operand |= byte == PREFIX_OPERAND;
		byte = take(c);
	}
	if ((byte & REX_MASK) == REX) {
		p->rex = byte;
		byte = take(c);
	}
	return byte;
}

static const struct form *take_opcode(struct cursor *c, uint8_t byte)
{
	bool is_escaped = byte == ESCAPE;

	if (is_escaped) {
		byte = take(c);
	}
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		if (forms[i].is_escaped == is_escaped &&
		    forms[i].opcode == byte) {
			return &forms[i];
		}
	}
	return NULL;
}

static void skip(struct cursor *c, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		(void)take(c);
	}
}

/* What tells the address; the CPU has worked it out already. */
static void skip_address(struct cursor *c, uint8_t modrm)
{
	unsigned mod = (unsigned)field_get(MODRM_MOD, modrm);
	unsigned base = (unsigned)field_get(MODRM_RM, modrm);

	if (base == RM_SIB) {
		base = (unsigned)field_get(SIB_BASE, take(c));
	}
	if (mod == 1) {
		skip(c, 1);
	} else if (mod == 2 || (mod == 0 && base == RM_RIP)) {
		skip(c, 4);
	}
}

static unsigned operand_bytes(const struct prefixes *p)
{
	if (p->rex & REX_W) {
		return 8;
	}
	return p->has_operand ? 2 : 4;
}

/* At most 32 bits stand in the code; a wider operand is sign-extended. */
static uint64_t take_constant(struct cursor *c, unsigned bytes)
{
	unsigned present = bytes < 4 ? bytes : 4;
	uint64_t value = 0;

	for (unsigned i = 0; i < present; i++) {
		value |= (uint64_t)take(c) << (8 * i);
	}
	return (uint64_t)((int64_t)(value << (64 - 8 * present)) >>
			  (64 - 8 * present));
}

static unsigned width_bytes(enum width width, const struct prefixes *p)
{
	switch (width) {
	case WIDTH_1:
		return 1;
	case WIDTH_2:
		return 2;
	default:
		return operand_bytes(p);
	}
}

/* Without REX these name the second byte of the first four registers. */
static bool is_high_byte(const struct mov *mov, const struct form *form,
			 const struct prefixes *p)
{
	return form->width == WIDTH_1 && !form->is_constant &&
	       !form->is_extended && p->rex == 0 && mov->reg >= 4;
}

enum mov_result mov_decode(const uint8_t *code, unsigned count, struct mov *mov)
{
	struct cursor c = {code, count < MOV_BYTES_MAX ? count : MOV_BYTES_MAX,
			   0, false};
	struct prefixes p;
	const struct form *form = take_opcode(&c, take_prefixes(&c, &p));
	uint8_t modrm = take(&c);

	memset(mov, 0, sizeof(*mov));
	if (c.is_short) {
		return count < MOV_BYTES_MAX ? MOV_SHORT : MOV_UNKNOWN;
	}
	if (form == NULL || field_get(MODRM_MOD, modrm) == 3) {
		return MOV_UNKNOWN;
	}
	mov->reg = (uint8_t)(field_get(MODRM_REG, modrm) |
			     ((p.rex & REX_R) ? 8u : 0));
	mov->bytes = (uint8_t)width_bytes(form->width, &p);
	mov->register_bytes =
		form->is_extended ? (uint8_t)operand_bytes(&p) : mov->bytes;
	mov->is_write = form->is_write;
	mov->is_constant = form->is_constant;
	if (is_high_byte(mov, form, &p) ||
	    (form->is_constant && field_get(MODRM_REG, modrm) != 0)) {
		return MOV_UNKNOWN;
	}
	skip_address(&c, modrm);
	if (form->is_constant) {
		mov->constant = take_constant(&c, mov->bytes);
	}
	mov->length = (uint8_t)c.at;
	if (c.is_short) {
		return count < MOV_BYTES_MAX ? MOV_SHORT : MOV_UNKNOWN;
	}
	return MOV_OK;
}

enum mov_result mov_decode_cr8(const uint8_t *code, unsigned count,
			       struct mov_cr8 *mov)
{
	struct cursor c = {code, count < MOV_BYTES_MAX ? count : MOV_BYTES_MAX,
			   0, false};
	struct prefixes p;
	bool is_known = take_prefixes(&c, &p) == ESCAPE;
	uint8_t modrm;

	is_known = take(&c) == OPCODE_MOV_TO_CR && is_known;
	modrm = take(&c);
	memset(mov, 0, sizeof(*mov));
	if (c.is_short) {
		return count < MOV_BYTES_MAX ? MOV_SHORT : MOV_UNKNOWN;
	}
	/* The register number is 8: from REX; ModRM always names a register. */
	if (!is_known || !(p.rex & REX_R) || field_get(MODRM_REG, modrm) != 0) {
		return MOV_UNKNOWN;
	}
	mov->reg = (uint8_t)(field_get(MODRM_RM, modrm) |
			     ((p.rex & REX_B) ? 8u : 0));
	mov->length = (uint8_t)c.at;
	return MOV_OK;
}
