// SPDX-License-Identifier: MIT
/*
 * The TSC, measured once against the PIT's channel 2, whose gate and output
 * sit at port 61h. The result is kept as ns per 2^32 ticks.
 */
#include "arch/time.h"

#include "arch/cpu.h"

#define PIT_HZ	      1193182u
#define PIT_TICKS     23864u /* 20 ms */
#define PIT_CHANNEL2  0x42
#define PIT_COMMAND   0x43
#define PIT_GATE      0x61
#define GATE_ON	      0x01
#define SPEAKER_ON    0x02
#define OUTPUT	      0x20
#define SPIN_LIMIT    50000000u
#define TSC_GUESS_KHZ 1000000u
#define KHZ_PLAUSIBLE 10000u

static uint64_t tsc_start;
static uint64_t ns_per_tick_32; /* fixed point, 32 fraction bits */

static void set_rate(uint64_t khz)
{
	ns_per_tick_32 = (UINT64_C(1000000) << 32) / khz;
}

void time_init(void)
{
	uint8_t gate = inb(PIT_GATE);
	uint64_t start, ticks, khz;

	outb(PIT_GATE, (uint8_t)((gate & ~SPEAKER_ON) | GATE_ON));
	outb(PIT_COMMAND, 0xb0); /* channel 2, both bytes, mode 0 */
	outb(PIT_CHANNEL2, PIT_TICKS & 0xff);
	outb(PIT_CHANNEL2, PIT_TICKS >> 8);
	start = rdtsc();
	for (unsigned i = 0; i < SPIN_LIMIT && !(inb(PIT_GATE) & OUTPUT); i++) {
	}
	ticks = rdtsc() - start;
	outb(PIT_GATE, gate);
	khz = ticks * (PIT_HZ / 1000) / PIT_TICKS;
	set_rate(khz > KHZ_PLAUSIBLE ? khz : TSC_GUESS_KHZ);
	tsc_start = start;
}

uint64_t time_now_ns(void)
{
	uint64_t ticks = rdtsc() - tsc_start;

	return (uint64_t)(((unsigned __int128)ticks * ns_per_tick_32) >> 32);
}
