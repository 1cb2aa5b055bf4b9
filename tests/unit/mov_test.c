// SPDX-License-Identifier: MIT
/* The decoder of moves: a table of encodings, every cut of them, random bytes.
 */
#include "suite.h"
#include "vpci/mov.h"

#include <string.h>

struct row {
	const char *text;
	uint8_t code[MOV_BYTES_MAX];
	uint8_t length;
	struct mov want; /* .length is the row's */
};

#define STORE(n, r)                                                            \
	{                                                                      \
		.bytes = n, .is_write = true, .reg = r, .register_bytes = n    \
	}
#define LOAD(n, r)                                                             \
	{                                                                      \
		.bytes = n, .reg = r, .register_bytes = n                      \
	}
#define EXTEND(n, r, to)                                                       \
	{                                                                      \
		.bytes = n, .reg = r, .register_bytes = to                     \
	}
#define CONSTANT(n, value)                                                     \
	{                                                                      \
		.bytes = n, .is_write = true, .is_constant = true,             \
		.register_bytes = n, .constant = (uint64_t)(value)             \
	}

/* clang-format off */
static const struct row rows[] = {
	{"mov %eax,(%rdi)",       {0x89, 0x07}, 2, STORE(4, 0)},
	{"mov %r9d,8(%rdi)",      {0x44, 0x89, 0x4f, 0x08}, 4, STORE(4, 9)},
	{"mov %rdx,0x100(%rcx)",  {0x48, 0x89, 0x91, 0, 1, 0, 0}, 7, STORE(8, 2)},
	{"mov %ax,(%rdi)",        {0x66, 0x89, 0x07}, 3, STORE(2, 0)},
	{"mov %cl,(%rdi)",        {0x88, 0x0f}, 2, STORE(1, 1)},
	{"mov %sil,(%rdi)",       {0x40, 0x88, 0x37}, 3, STORE(1, 6)},
	{"mov (%rax),%ebx",       {0x8b, 0x18}, 2, LOAD(4, 3)},
	{"mov (%r8),%r15",        {0x4d, 0x8b, 0x38}, 3, LOAD(8, 15)},
	{"mov (%rsp),%eax",       {0x8b, 0x04, 0x24}, 3, LOAD(4, 0)},
	{"mov 8(%rsp),%eax",      {0x8b, 0x44, 0x24, 0x08}, 4, LOAD(4, 0)},
	{"mov (,%rax,4),%eax",    {0x8b, 0x04, 0x85, 1, 2, 3, 4}, 7, LOAD(4, 0)},
	{"mov (%r13,%rax),%ecx",  {0x41, 0x8b, 0x4c, 0x05, 0}, 5, LOAD(4, 1)},
	{"mov 0x10(%rip),%eax",   {0x8b, 0x05, 0x10, 0, 0, 0}, 6, LOAD(4, 0)},
	{"mov (%rbp),%al",        {0x8a, 0x45, 0x00}, 3, LOAD(1, 0)},
	{"mov %gs:(%rax),%eax",   {0x65, 0x8b, 0x00}, 3, LOAD(4, 0)},
	{"movzbl (%rax),%ecx",    {0x0f, 0xb6, 0x08}, 3, EXTEND(1, 1, 4)},
	{"movzwl (%rax),%esi",    {0x0f, 0xb7, 0x30}, 3, EXTEND(2, 6, 4)},
	{"movzbq (%rax),%r9",     {0x4c, 0x0f, 0xb6, 0x08}, 4, EXTEND(1, 9, 8)},
	{"movzbw (%rax),%cx",     {0x66, 0x0f, 0xb6, 0x08}, 4, EXTEND(1, 1, 2)},
	{"movl $0x12345678,(%rdi)", {0xc7, 0x07, 0x78, 0x56, 0x34, 0x12}, 6,
	 CONSTANT(4, 0x12345678)},
	{"movl $-1,(%rdi)",       {0xc7, 0x07, 0xff, 0xff, 0xff, 0xff}, 6,
	 CONSTANT(4, -1)},
	{"movq $-2,8(%rdi)",      {0x48, 0xc7, 0x47, 8, 0xfe, 0xff, 0xff, 0xff}, 8,
	 CONSTANT(8, -2)},
	{"movw $1,(%rdi)",        {0x66, 0xc7, 0x07, 1, 0}, 5, CONSTANT(2, 1)},
	{"movb $0x80,(%rdi)",     {0xc6, 0x07, 0x80}, 3, CONSTANT(1, -128)},
	{"movl $1,0x1000(,%r8,8)", {0x42, 0xc7, 0x04, 0xc5, 0, 0x10, 0, 0, 1, 0, 0, 0},
	 12, CONSTANT(4, 1)},
};

/* What a driver could use as well, and what only an attacker would. */
static const struct {
	const char *text;
	uint8_t code[MOV_BYTES_MAX];
} refused[] = {
	{"mov %eax,%ecx",        {0x89, 0xc1}},
	{"mov (%rdi),%ah",       {0x8a, 0x27}},
	{"mov %bh,(%rdi)",       {0x88, 0x3f}},
	{"c7 /1",                {0xc7, 0x0f, 0, 0, 0, 0}},
	{"c6 /7 (xabort)",       {0xc6, 0xf8, 0}},
	{"add %eax,(%rdi)",      {0x01, 0x07}},
	{"lock add",             {0xf0, 0x01, 0x07}},
	{"rep movsd",            {0xf3, 0xa5}},
	{"mov moffs",            {0xa1, 0, 0, 0, 0, 0, 0, 0, 0}},
	{"xchg %eax,(%rdi)",     {0x87, 0x07}},
	{"addr32 mov",           {0x67, 0x8b, 0x07}},
	{"rex before 66",        {0x48, 0x66, 0x89, 0x07}},
	{"two rex",              {0x48, 0x48, 0x89, 0x07}},
	{"movsx",                {0x0f, 0xbe, 0x07}},
	{"movnti",               {0x0f, 0xc3, 0x07}},
	{"vmovd",                {0xc5, 0xf9, 0x7e, 0x07}},
	{"nothing but prefixes", {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
				  0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66}},
};
/* clang-format on */

/* Bytes behind the count are poisoned: AddressSanitizer sees a step too far. */
static enum mov_result decode(const uint8_t *code, unsigned count,
			      struct mov *mov)
{
	uint8_t *exact = malloc(count != 0 ? count : 1);
	enum mov_result result;

	memcpy(exact, code, count);
	result = mov_decode(exact, count, mov);
	free(exact);
	return result;
}

START_TEST(known_moves_are_understood)
{
	/* Each encoding gives width, direction, register, constant, length. */
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct mov mov;

		EXPECT(decode(r->code, MOV_BYTES_MAX, &mov) == MOV_OK,
		       "%s: not understood", r->text);
		EXPECT(mov.length == r->length, "%s: %u bytes", r->text,
		       mov.length);
		EXPECT(mov.bytes == r->want.bytes &&
			       mov.is_write == r->want.is_write &&
			       mov.is_constant == r->want.is_constant &&
			       mov.constant == r->want.constant &&
			       mov.register_bytes == r->want.register_bytes &&
			       (mov.is_constant || mov.reg == r->want.reg),
		       "%s: %u bytes, register %u", r->text, mov.bytes,
		       mov.reg);
	}
}
END_TEST

START_TEST(cut_moves_ask_for_more)
{
	/* Every proper beginning is too short; the whole is enough. */
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct mov mov;

		for (unsigned n = 0; n < rows[i].length; n++) {
			EXPECT(decode(rows[i].code, n, &mov) == MOV_SHORT,
			       "%s cut to %u", rows[i].text, n);
		}
		EXPECT(decode(rows[i].code, rows[i].length, &mov) == MOV_OK,
		       "%s", rows[i].text);
	}
}
END_TEST

START_TEST(everything_else_is_refused)
{
	/* Other instructions, registers as targets, prefixes that change the
	 * meaning.
	 */
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		struct mov mov;

		EXPECT(decode(refused[i].code, MOV_BYTES_MAX, &mov) ==
			       MOV_UNKNOWN,
		       "%s", refused[i].text);
	}
}
END_TEST

START_TEST(moves_to_cr8_are_understood)
{
	/* With REX.R and register 0; other control registers are not it. */
	static const struct {
		uint8_t code[MOV_BYTES_MAX];
		uint8_t length, reg;
		enum mov_result result;
	} cr8[] = {
		{{0x44, 0x0f, 0x22, 0xc0}, 4, 0, MOV_OK},
		{{0x45, 0x0f, 0x22, 0xc7}, 4, 15, MOV_OK},
		{{0x44, 0x0f, 0x22, 0xc1}, 4, 1, MOV_OK},
		{{0x0f, 0x22, 0xc0}, 0, 0, MOV_UNKNOWN},
		{{0x44, 0x0f, 0x22, 0xc8}, 0, 0, MOV_UNKNOWN},
		{{0x44, 0x0f, 0x20, 0xc0}, 0, 0, MOV_UNKNOWN},
		{{0xf0, 0x0f, 0x22, 0xc0}, 0, 0, MOV_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cr8); i++) {
		struct mov_cr8 mov;

		EXPECT(mov_decode_cr8(cr8[i].code, MOV_BYTES_MAX, &mov) ==
			       cr8[i].result,
		       "row %zu", i);
		EXPECT(mov.length == cr8[i].length && mov.reg == cr8[i].reg,
		       "row %zu: %u bytes, register %u", i, mov.length,
		       mov.reg);
		for (unsigned n = 0; n < cr8[i].length; n++) {
			EXPECT(mov_decode_cr8(cr8[i].code, n, &mov) ==
				       MOV_SHORT,
			       "row %zu cut to %u", i, n);
		}
	}
}
END_TEST

START_TEST(random_bytes_stay_in_bounds)
{
	/* Whatever the bytes: no read past the end, and what is understood
	 * fits into what was given.
	 */
	uint64_t seed = random_seed(UINT64_C(0x6d6f76));
	uint64_t understood = 0;

	for (unsigned i = 0; i < 200000; i++) {
		uint8_t code[MOV_BYTES_MAX];
		unsigned count = (unsigned)random_below(&seed, 16);
		struct mov mov;

		for (unsigned n = 0; n < sizeof(code); n++) {
			code[n] = (uint8_t)random_next(&seed);
		}
		if (decode(code, count, &mov) != MOV_OK) {
			continue;
		}
		understood++;
		EXPECT(mov.length >= 2 && mov.length <= count, "length %u",
		       mov.length);
		EXPECT(mov.reg < 16, "register %u", mov.reg);
		EXPECT(mov.bytes == 1 || mov.bytes == 2 || mov.bytes == 4 ||
			       mov.bytes == 8,
		       "%u bytes", mov.bytes);
	}
	ck_assert_uint_gt(understood, 100);
}
END_TEST

UNIT_SUITE(mov, known_moves_are_understood, cut_moves_ask_for_more,
	   everything_else_is_refused, moves_to_cr8_are_understood,
	   random_bytes_stay_in_bounds)
