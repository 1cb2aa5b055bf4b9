/* SPDX-License-Identifier: MIT */
/*
 * The instruction that touched an emulated page, in 64-bit mode: one of the
 * plain moves between a register or a constant and memory. Anything else is
 * not understood, and ends the guest. APM vol. 3, 1.2 and appendix A.
 */
#pragma once

#include "lib/compiler.h"

#define MOV_BYTES_MAX 15u /* an instruction is no longer */

struct mov {
	uint8_t length; /* of the instruction                                */
	uint8_t bytes;	/* read or written in memory: 1, 2, 4, 8             */
	bool is_write;
	bool is_constant; /* a write of .constant, else of .reg        */
	uint8_t reg;	  /* 0..15: rax, rcx, rdx, rbx, rsp, rbp, rsi ... */
	uint8_t register_bytes; /* of .reg that a read changes; 4 clears more */
	uint64_t constant;	/* sign-extended                             */
};

enum mov_result {
	MOV_OK,
	MOV_SHORT,   /* more bytes are needed                                */
	MOV_UNKNOWN, /* no such move                                         */
};

/* What changes the task priority: mov to CR8. */
struct mov_cr8 {
	uint8_t length;
	uint8_t reg; /* 0..15 */
};

/* mov_decode_cr8() - The same for it; 44h 0Fh 22h /0 and its like. */
enum mov_result mov_decode_cr8(const uint8_t *code, unsigned count,
			       struct mov_cr8 *mov);

/**
 * mov_decode() - Understand an instruction.
 * @count: bytes that are there, 0 to MOV_BYTES_MAX; none other is read
 */
enum mov_result mov_decode(const uint8_t *code, unsigned count,
			   struct mov *mov);
