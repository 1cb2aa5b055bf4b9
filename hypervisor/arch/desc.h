/* SPDX-License-Identifier: MIT */
/* Segments and interrupt gates of the hypervisor itself. */
#pragma once

#include "lib/compiler.h"

#define SELECTOR_CODE 0x08u
#define SELECTOR_DATA 0x10u

/* What an exception found, pushed by arch/exception.S. */
struct exception_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* desc_load() - Load the descriptor tables on this CPU. */
void desc_load(void);

/* desc_take_fault_event() - Did VECTOR_FAULT come, on any CPU, since asked? */
bool desc_take_fault_event(void);

/* exception_handle() - Called by the stubs. */
void exception_handle(struct exception_frame *frame);
