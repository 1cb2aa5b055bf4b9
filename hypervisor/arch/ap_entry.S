/* SPDX-License-Identifier: MIT */
/*
 * A further CPU's way up: real mode at 8000h, straight to long mode with the
 * hypervisor's page tables, its stack, C. Everything before the jump is copied,
 * so addresses in it are computed from where it lands.
 */
#define TRAMPOLINE 0x8000

	.section .text
	.globl ap_entry, ap_entry_end
	.code16
ap_entry:
	cli
	xor %ax, %ax
	mov %ax, %ds
	lgdtl TRAMPOLINE + (ap_gdtr - ap_entry)
	mov $0x20, %eax			/* CR4.PAE */
	mov %eax, %cr4
	mov $ap_first_cr3, %esi
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $0x18, $(TRAMPOLINE + (ap_protected - ap_entry))
	.code32
ap_protected:
	mov $0x10, %ax
	mov %ax, %ds
	mov %ax, %ss
	mov (%esi), %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx
	rdmsr
	or $0x900, %eax			/* EFER.LME, EFER.NXE */
	wrmsr
	mov %cr0, %eax
	or $0x80010001, %eax		/* PG, WP, PE */
	mov %eax, %cr0
	ljmpl $0x08, $ap_long
	.balign 8
ap_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 10: data */
	.quad 0x00cf9b000000ffff	/* 18: 32-bit code */
ap_gdtr:
	.word 4 * 8 - 1
	.long TRAMPOLINE + (ap_gdt - ap_entry)
ap_entry_end:

	.code64
ap_long:
	mov ap_cr3(%rip), %rax
	mov %rax, %cr3
	mov ap_stack_top(%rip), %rsp
	movl $1, ap_is_up(%rip)
	xor %ebp, %ebp
	call *ap_main(%rip)
	ud2
	.section .note.GNU-stack, "", @progbits
