/* SPDX-License-Identifier: MIT */
/*
 * First instructions of a bare guest, after the 32-bit PVH entry: flat
 * segments, no paging, ebx = start info (not needed, our guests' files say
 * where everything is).
 *
 * The 32-bit guest stays in protected mode without paging. The amd64 guests
 * enter long mode on tables of their own: the first 4 GiB, guest-physical =
 * linear, 2 MiB pages, ring 3 allowed; device windows (0xE0000000 up)
 * uncached.
 */
#include "lib/segments.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define CR0_PE 0x00000001
#define CR0_WP 0x00010000
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

#define PAGE_LARGE_RW_USER 0x87 /* present, writable, user, 2 MiB */
#define PAGE_TABLE_RW_USER 0x07
#define PAGE_UNCACHED 0x10
#define DEVICES_FIRST_LEAF (0xe0000000 >> 21)

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 2f - 1f, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
#ifdef __x86_64__
1:	.quad guest_entry
#else
1:	.long guest_entry
#endif
2:

	.section .text.entry, "ax"
	.code32
	.globl guest_entry
guest_entry:
	cli
	cld
	movl $stack_top, %esp
	lgdt gdt_pointer
	ljmp $SEGMENT_CODE32, $1f
1:	movl $SEGMENT_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
#ifdef __x86_64__
	call tables_fill
	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $guest_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	/* WP: a page that the guest may not write, its kernel may not either. */
	movl %cr0, %eax
	orl $(CR0_PE | CR0_WP | CR0_PG), %eax
	movl %eax, %cr0
	ljmp $SEGMENT_CODE64, $entry64

tables_fill:
	movl $(guest_pdpt + PAGE_TABLE_RW_USER), guest_pml4
	xorl %ecx, %ecx
1:	movl %ecx, %eax
	shll $12, %eax
	addl $(guest_pd + PAGE_TABLE_RW_USER), %eax
	movl %eax, guest_pdpt(, %ecx, 8)
	incl %ecx
	cmpl $4, %ecx
	jb 1b
	xorl %ecx, %ecx
2:	movl %ecx, %eax
	shll $21, %eax
	orl $PAGE_LARGE_RW_USER, %eax
	cmpl $DEVICES_FIRST_LEAF, %ecx
	jb 3f
	orl $PAGE_UNCACHED, %eax
3:	movl %eax, guest_pd(, %ecx, 8)
	incl %ecx
	cmpl $2048, %ecx
	jb 2b
	ret

	.code64
entry64:
#endif
	call guest_start
	ud2

	.section .data
	.balign 8
gdt_pointer:
	.word gdt_end - guest_gdt - 1
	.long guest_gdt
	.balign 8
	.globl guest_gdt
guest_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* 0x08 code, 32 bits           */
	.quad 0x00cf93000000ffff /* 0x10 data                    */
	.quad 0x00af9b000000ffff /* 0x18 code, 64 bits           */
	.quad 0x00affb000000ffff /* 0x20 code, 64 bits, ring 3   */
	.quad 0x00cff3000000ffff /* 0x28 data, ring 3            */
	.quad 0, 0               /* 0x30 TSS, filled by trap.c   */
gdt_end:

	.section .bss
	.balign 4096
	.globl guest_pml4, guest_pd
guest_pml4:
	.skip 4096
guest_pdpt:
	.skip 4096
guest_pd:
	.skip 4 * 4096
	.skip 16384
stack_top:
	.section .note.GNU-stack, "", @progbits
