/* SPDX-License-Identifier: MIT */
/*
 * From the loader's 32-bit state to C in long mode: a first identity map of
 * 4 GiB, which the other CPUs use on their way up as well.
 * Multiboot specification 0.6.96, 3.1-3.2.
 */
#define MULTIBOOT_MAGIC	 0x1badb002
#define MULTIBOOT_FLAGS	 0x3 /* modules on pages, memory map */
#define LOADER_MAGIC	 0x2badb002
#define STACK_BYTES	 16384

	.section .multiboot, "ax"
	.balign 4
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .text
	.globl boot_entry, boot_pml4
	.code32
boot_entry:
	cli
	cld
	mov %eax, %esi			/* loader's magic */
	mov %ebx, %edi			/* loader's information */
	mov $(cpu_stacks + STACK_BYTES), %esp

	/* Four tables of 512 2 MiB pages: 0 to 4 GiB. */
	mov $boot_pd, %ebx
	mov $0x83, %eax			/* present, writable, large */
	mov $2048, %ecx
1:	mov %eax, (%ebx)
	add $0x200000, %eax
	add $8, %ebx
	loop 1b
	mov $boot_pdpt, %ebx
	mov $(boot_pd + 3), %eax
	mov $4, %ecx
2:	mov %eax, (%ebx)
	add $4096, %eax
	add $8, %ebx
	loop 2b
	movl $(boot_pdpt + 3), boot_pml4

	mov %cr4, %eax
	or $0x20, %eax			/* PAE */
	mov %eax, %cr4
	mov $boot_pml4, %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx
	rdmsr
	or $0x900, %eax			/* LME, NXE */
	wrmsr
	mov %cr0, %eax
	or $0x80010001, %eax		/* PG, WP, PE */
	mov %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x08, $boot_long

	.code64
boot_long:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %esi, %esi
	mov %edi, %edi
	xor %ebp, %ebp
	call boot_main
	ud2

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
boot_gdtr:
	.word 3 * 8 - 1
	.long boot_gdt

	.section .bss
	.balign 4096
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pd:
	.skip 4 * 4096
	.section .note.GNU-stack, "", @progbits
