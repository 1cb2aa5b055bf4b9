/* SPDX-License-Identifier: MIT */
/* Selectors of the guests' descriptor table; shared by C and assembly. */
#pragma once

#define SEGMENT_CODE32	 0x08 /* ring 0, compatibility or protected mode */
#define SEGMENT_DATA	 0x10
#define SEGMENT_CODE64	 0x18
#define SEGMENT_USER64	 0x23 /* ring 3 */
#define SEGMENT_USERDATA 0x2b
#define SEGMENT_TSS	 0x30

/* Interrupt that leads from ring 3 back to ring 0. */
#define VECTOR_RING3_RETURN 0x80
