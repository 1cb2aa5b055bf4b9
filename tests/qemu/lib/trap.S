/* SPDX-License-Identifier: MIT */
/*
 * Exception stubs of an amd64 guest, the way back out of a probed function,
 * and VMMCALL from ring 3 and from compatibility mode.
 */
#include "lib/segments.h"

/* Vectors whose exception pushes an error code: 8, 10-14, 17, 21, 29, 30. */
#define WITH_ERROR_CODE 0x60227d00

	.text
	.code64
	.balign 16
	.globl trap_stubs, trap_stub_end
trap_stubs:
	vector = 0
	.rept 32
	.balign 16
	.if (WITH_ERROR_CODE >> vector) & 1 == 0
	pushq $0
	.endif
	pushq $vector
	jmp trap_common
	.balign 16
	vector = vector + 1
	.endr
trap_stub_end:

trap_common:
	popq %rdi
	movq 8(%rsp), %rsi
	andq $-16, %rsp
	call trap_taken
	ud2

	.macro push_kept
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm
	.macro pop_kept
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	.endm

	.globl trap_probe, trap_probe_resume, trap_probe_sp
trap_probe:
	push_kept
	movq %rsp, trap_probe_sp
	subq $8, %rsp
	call *%rdi
	addq $8, %rsp
	xorl %eax, %eax
1:	movq $0, trap_probe_sp
	pop_kept
	ret

trap_probe_resume:
	movq trap_probe_sp, %rsp
	movq %rdi, %rax
	jmp 1b

	.globl trap_call_ring3, trap_ring3_return
trap_call_ring3:
	push_kept
	movq %rsp, ring3_sp
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	pushq $SEGMENT_USERDATA
	pushq $user_stack_top
	pushq $2
	pushq $SEGMENT_USER64
	pushq $1f
	iretq
1:	vmmcall
	int $VECTOR_RING3_RETURN
trap_ring3_return:
	movq ring3_sp, %rsp
	movl $SEGMENT_DATA, %ecx
	movl %ecx, %ss
	pop_kept
	ret

	.globl trap_call_compat
trap_call_compat:
	push_kept
	movl %edi, %eax
	movl %esi, %edi
	movl %edx, %esi
	movl %edi, %ebx
	movl %esi, %ecx
	pushq $SEGMENT_CODE32
	pushq $2f
	lretq
	.code32
2:	vmmcall
	ljmp $SEGMENT_CODE64, $3f
	.code64
3:	movl %eax, %eax
	pop_kept
	ret

/* A register's pattern is its place in the mask plus this. */
#define PATTERN 0x5ca1ab1e00

	.macro pattern_set number, register
	movabsq $(PATTERN + \number), \register
	.endm
	.macro pattern_test number, register
	movabsq $(PATTERN + \number), %rax
	cmpq %rax, \register
	je 4f
	orq $(1 << \number), changed
4:
	.endm

	.globl trap_call_pattern
trap_call_pattern:
	push_kept
	movq $0, changed
	movq %rdi, %rax
	movq %rsi, pattern_rdi
	movq %rdx, pattern_rsi
	movq %rsi, %rdi
	movq %rdx, %rsi
	pattern_set 0, %rbx
	pattern_set 1, %rcx
	pattern_set 2, %rdx
	pattern_set 5, %rbp
	pattern_set 6, %r8
	pattern_set 7, %r9
	pattern_set 8, %r10
	pattern_set 9, %r11
	pattern_set 10, %r12
	pattern_set 11, %r13
	pattern_set 12, %r14
	pattern_set 13, %r15
	vmmcall
	pattern_test 0, %rbx
	pattern_test 1, %rcx
	pattern_test 2, %rdx
	pattern_test 5, %rbp
	pattern_test 6, %r8
	pattern_test 7, %r9
	pattern_test 8, %r10
	pattern_test 9, %r11
	pattern_test 10, %r12
	pattern_test 11, %r13
	pattern_test 12, %r14
	pattern_test 13, %r15
	cmpq %rsi, pattern_rsi
	je 5f
	orq $(1 << 3), changed
5:	cmpq %rdi, pattern_rdi
	je 6f
	orq $(1 << 4), changed
6:	movq changed, %rax
	pop_kept
	ret

	.bss
	.balign 16
trap_probe_sp:
	.skip 8
ring3_sp:
	.skip 8
changed:
	.skip 8
pattern_rdi:
	.skip 8
pattern_rsi:
	.skip 8
	.balign 16
	.skip 1024
user_stack_top:
	.section .note.GNU-stack, "", @progbits
