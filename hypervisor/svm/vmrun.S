/* SPDX-License-Identifier: MIT */
/*
 * Enter and leave a guest, nothing else. APM vol. 2, 15.5.
 *
 * vmrun(rdi = VMCB, rsi = registers, rdx = take host interrupts)
 *
 * GIF stays 0 from CLGI to STGI. With rdx = 0 it is never set here: what
 * arrives while the hypervisor works waits for the guest. With rdx = 1 host
 * interrupts are enabled around VMRUN (so that they exit), then taken.
 */
	.section .text
	.globl vmrun, vmload
vmrun:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdx
	push %rsi
	clgi
	test %rdx, %rdx
	jz 1f
	sti
1:	mov %rdi, %rax
	mov 0x00(%rsi), %rbx
	mov 0x08(%rsi), %rcx
	mov 0x10(%rsi), %rdx
	mov 0x20(%rsi), %rdi
	mov 0x28(%rsi), %rbp
	mov 0x30(%rsi), %r8
	mov 0x38(%rsi), %r9
	mov 0x40(%rsi), %r10
	mov 0x48(%rsi), %r11
	mov 0x50(%rsi), %r12
	mov 0x58(%rsi), %r13
	mov 0x60(%rsi), %r14
	mov 0x68(%rsi), %r15
	mov 0x18(%rsi), %rsi
	vmrun %rax
	push %rsi
	mov 8(%rsp), %rsi
	mov %rbx, 0x00(%rsi)
	mov %rcx, 0x08(%rsi)
	mov %rdx, 0x10(%rsi)
	mov %rdi, 0x20(%rsi)
	mov %rbp, 0x28(%rsi)
	mov %r8, 0x30(%rsi)
	mov %r9, 0x38(%rsi)
	mov %r10, 0x40(%rsi)
	mov %r11, 0x48(%rsi)
	mov %r12, 0x50(%rsi)
	mov %r13, 0x58(%rsi)
	mov %r14, 0x60(%rsi)
	mov %r15, 0x68(%rsi)
	pop %rax
	mov %rax, 0x18(%rsi)
	pop %rsi
	pop %rdx
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	cld
	test %rdx, %rdx
	jz 2f
	stgi
	nop
2:	cli
	ret

vmload:
	mov %rdi, %rax
	vmload %rax
	ret
	.section .note.GNU-stack, "", @progbits
