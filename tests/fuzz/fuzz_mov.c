// SPDX-License-Identifier: MIT
/*
 * Any bytes as an instruction, beside a disassembler that knows them all:
 * whatever the emulator understands means the same to both, and of the moves
 * that it is for it misses none. What it says of an instruction does not depend
 * on the bytes behind it.
 */
#include "fuzz.h"
#include "vpci/mov.h"

#include <Zydis/Zydis.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 64u /* of an input: several instructions */

static ZydisDecoder decoder;

/* ---- what the disassembler says ---- */

struct known {
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operand[ZYDIS_MAX_OPERAND_COUNT];
	bool is_valid;
};

static void disassemble(const uint8_t *code, unsigned count, struct known *k)
{
	k->is_valid = ZYAN_SUCCESS(ZydisDecoderDecodeFull(
		&decoder, code, count, &k->instruction, k->operand));
}

static bool is_memory(const struct known *k, unsigned operand)
{
	return k->operand[operand].type == ZYDIS_OPERAND_TYPE_MEMORY;
}

static unsigned register_number(const ZydisDecodedOperand *operand)
{
	must(operand->type == ZYDIS_OPERAND_TYPE_REGISTER);
	/* Of the whole register: the numbers of 8-bit ones are others. */
	return (unsigned)ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(
		ZYDIS_MACHINE_MODE_LONG_64, operand->reg.value));
}

static unsigned register_bits(const ZydisDecodedOperand *operand)
{
	return ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64,
				     operand->reg.value);
}

/* ah, ch, dh, bh. */
static bool is_high_byte(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       operand->reg.value >= ZYDIS_REGISTER_AH &&
	       operand->reg.value <= ZYDIS_REGISTER_BH;
}

/* Operand size and segment prefixes, and at most a REX, at the end. */
static bool has_plain_prefixes(const struct known *k)
{
	for (unsigned i = 0; i < k->instruction.raw.prefix_count; i++) {
		switch (k->instruction.raw.prefixes[i].value) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
		case 0x66:
			break;
		default:
			if (i + 1u != k->instruction.raw.prefix_count ||
			    !(k->instruction.attributes &
			      ZYDIS_ATTRIB_HAS_REX)) {
				return false;
			}
		}
	}
	return true;
}

/* One of the moves that drivers' compilers make: README.md of hypervisor/vpci.
 */
static bool is_plain_move(const struct known *k)
{
	ZydisMnemonic name = k->instruction.mnemonic;
	uint8_t opcode = k->instruction.opcode;

	if (!k->is_valid || !has_plain_prefixes(k) ||
	    is_high_byte(&k->operand[0]) || is_high_byte(&k->operand[1]) ||
	    is_memory(k, 0) == is_memory(k, 1)) {
		return false;
	}
	if (k->instruction.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT) {
		return name == ZYDIS_MNEMONIC_MOV &&
		       ((opcode >= 0x88 && opcode <= 0x8b) || opcode == 0xc6 ||
			opcode == 0xc7);
	}
	return k->instruction.opcode_map == ZYDIS_OPCODE_MAP_0F &&
	       name == ZYDIS_MNEMONIC_MOVZX;
}

/* ---- what must agree ---- */

static void compare(const struct mov *mov, const struct known *k)
{
	const ZydisDecodedOperand *memory = &k->operand[mov->is_write ? 0 : 1];
	const ZydisDecodedOperand *other = &k->operand[mov->is_write ? 1 : 0];

	must(is_plain_move(k));
	must(mov->length == k->instruction.length);
	must(memory->type == ZYDIS_OPERAND_TYPE_MEMORY);
	must(mov->bytes * 8u == memory->size);
	must(mov->is_constant == (other->type == ZYDIS_OPERAND_TYPE_IMMEDIATE));
	if (mov->is_constant) {
		uint64_t mask = UINT64_MAX >> (64 - memory->size);

		must(((mov->constant ^ other->imm.value.u) & mask) == 0);
		return;
	}
	must(mov->reg == register_number(other));
	must(mov->register_bytes * 8u == register_bits(other));
}

static void judge_mov(const uint8_t *code, unsigned count)
{
	struct mov mov, again;
	struct known k;
	enum mov_result result = mov_decode(code, count, &mov);

	disassemble(code, count, &k);
	if (result != MOV_OK) {
		must(!is_plain_move(&k));
		must(result != MOV_SHORT || count < MOV_BYTES_MAX);
		return;
	}
	must(mov.length <= count);
	compare(&mov, &k);
	for (unsigned less = 0; less < mov.length; less++) {
		must(mov_decode(code, less, &again) == MOV_SHORT);
	}
	must(mov_decode(code, mov.length, &again) == MOV_OK);
	must(memcmp(&mov, &again, sizeof(mov)) == 0);
}

static void judge_cr8(const uint8_t *code, unsigned count)
{
	struct mov_cr8 mov;
	struct known k;

	if (mov_decode_cr8(code, count, &mov) != MOV_OK) {
		return;
	}
	disassemble(code, count, &k);
	must(k.is_valid && k.instruction.mnemonic == ZYDIS_MNEMONIC_MOV);
	must(mov.length == k.instruction.length);
	must(k.operand[0].reg.value == ZYDIS_REGISTER_CR8);
	must(mov.reg == register_number(&k.operand[1]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > BYTES_MAX) {
		return 0;
	}
	must(ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
					   ZYDIS_STACK_WIDTH_64)));
	for (size_t at = 0; at < size; at++) {
		size_t left = size - at;
		unsigned count =
			left < MOV_BYTES_MAX ? (unsigned)left : MOV_BYTES_MAX;
		uint8_t *code = malloc(count);

		/* Exactly as many bytes as are there. */
		must(code != NULL);
		memcpy(code, data + at, count);
		judge_mov(code, count);
		judge_cr8(code, count);
		free(code);
	}
	return 0;
}
