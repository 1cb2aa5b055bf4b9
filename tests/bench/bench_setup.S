/* SPDX-License-Identifier: MIT */
/*
 * The boot sector's worth of a bzImage, so that the hypervisor takes
 * bench_kernel for its control domain's kernel. Only what a loader reads:
 * Documentation/x86/boot.rst, "The Real-Mode Kernel Header". The 32-bit entry
 * that follows it in memory is that of the bare guests (tests/qemu/lib/entry.S).
 */
	.section .setup, "a", @progbits
	.org 0x1f1
	.byte 1                 /* setup_sects: one behind this one */
	.org 0x1fe
	.word 0xaa55
	.byte 0xeb, 0x66        /* jump; its length says where the header ends */
	.ascii "HdrS"
	.word 0x020f            /* protocol 2.15 */
	.org 0x211
	.byte 1                 /* loadflags: LOADED_HIGH */
	.org 0x214
	.long 0x1000000         /* code32_start */
	.org 0x22c
	.long 0x7fffffff        /* initrd_addr_max */
	.org 0x260
	.long bench_image_bytes /* init_size */
	.org 0x400
	.section .note.GNU-stack, "", @progbits
