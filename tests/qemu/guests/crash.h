/* SPDX-License-Identifier: MIT */
/*
 * Misdeeds of crash_guest: number, name, and how the guest may end:
 *   crash  only by the hypervisor, with reason "crash"
 *   ud     so, or with #UD raised in the guest
 *   any    in any way, as long as nobody else notices
 */
#pragma once

/* The step of a misdeed that was survived: this plus its number. */
#define CRASH_STEP 100u

/* clang-format off */
#define CRASH_LIST(ROW)                                                        \
	ROW( 0, hole_read,    crash)                                           \
	ROW( 1, hole_write,   crash)                                           \
	ROW( 2, port_write,   crash)                                           \
	ROW( 3, port_read,    crash)                                           \
	ROW( 4, triple_fault, crash)                                           \
	ROW( 5, svm_vmrun,    ud)                                              \
	ROW( 6, svm_vmload,   ud)                                              \
	ROW( 7, svm_vmsave,   ud)                                              \
	ROW( 8, svm_stgi,     ud)                                              \
	ROW( 9, svm_clgi,     ud)                                              \
	ROW(10, svm_skinit,   ud)                                              \
	ROW(11, svm_invlpga,  ud)                                              \
	ROW(12, apic_off,     any)                                             \
	ROW(13, init_others,  any)                                             \
	ROW(14, port_string,  crash)
/* clang-format on */
