/* SPDX-License-Identifier: MIT */
/*
 * One image at 2 MiB. Code, constants and data start on pages of their own, so
 * that boot/hvmap.c can give each its rights. What follows up to 16 MiB is the
 * hypervisor's heap.
 */
OUTPUT_FORMAT(elf64-x86-64)
ENTRY(boot_entry)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = 0x200000;
	image_start = .;
	.text : {
		*(.multiboot)
		*(.text .text.*)
	} :text
	. = ALIGN(4096);
	image_rodata = .;
	.rodata : { *(.rodata .rodata.*) } :rodata
	. = ALIGN(4096);
	image_data = .;
	.data : { *(.data .data.*) } :data
	. = ALIGN(4096);
	.bss : { *(.bss .bss.* COMMON) } :data
	. = ALIGN(4096);
	image_end = .;
	/DISCARD/ : { *(.note*) *(.comment) *(.eh_frame*) }
}
