// SPDX-License-Identifier: MIT
/* The CPUs' end of the interrupt window: who was interrupted, and how. */
#include "fake_intr.h"

#include "lib/bits.h"
#include "machine.h"

static struct fake_arrival arrivals[FAKE_ARRIVALS_MAX];
static unsigned arrival_count;

void fake_intr_reset(void)
{
	arrival_count = 0;
}

void fake_intr_arrive(struct fake_arrival arrival)
{
	arrivals[arrival_count++ % FAKE_ARRIVALS_MAX] = arrival;
}

unsigned fake_arrivals(void)
{
	return arrival_count;
}

struct fake_arrival fake_arrival(unsigned n)
{
	if (n >= arrival_count || n + FAKE_ARRIVALS_MAX < arrival_count) {
		machine_fail("arrival %u of %u is not there", n, arrival_count);
	}
	return arrivals[n % FAKE_ARRIVALS_MAX];
}

struct fake_arrival fake_intr_raw(uint64_t address, uint32_t data)
{
	return (struct fake_arrival){
		.apic_id = (uint32_t)field_get(GENMASK(19, 12), address),
		.vector = (uint8_t)data,
		.mode = (uint8_t)field_get(GENMASK(10, 8), data)};
}
