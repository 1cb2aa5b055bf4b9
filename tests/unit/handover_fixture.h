/* SPDX-License-Identifier: MIT */
/* Devices on their way from one owner to the next, as domctl sends them. */
#pragma once

#include "dma/handover.h"
#include "service_fixture.h"

#define MS	    UINT64_C(1000000)
#define LA	    UINT64_C(0x40000)
#define COMMAND	    0x04u
#define BAR0	    0x10u
#define NO_WAIVER   0u
#define NEVER_SEEN  0x600df00du
#define LOOKS_BOUND 1000000u

static inline void boot_with(int kind, struct fake_reset_config reset)
{
	struct machine_config c = service_machine(kind);

	c.function[1].reset = reset;
	c.function[2].reset = reset;
	machine_boot(&c);
}

/* Ask until the reset is over. Return: the last answer. */
static inline int assign_to(struct fake_guest *to, uint32_t sbdf,
			    uint32_t flags)
{
	int err;

	for (unsigned looks = 0; looks < LOOKS_BOUND; looks++) {
		err = dma_device_assign(to->guest, sbdf, flags);
		if (err != -XEN_EAGAIN) {
			return err;
		}
	}
	machine_fail("the reset does not end");
}

static inline int send_home(uint32_t sbdf)
{
	int err;

	for (unsigned looks = 0; looks < LOOKS_BOUND; looks++) {
		err = dma_device_release(sbdf);
		if (err != -XEN_EAGAIN) {
			return err;
		}
	}
	machine_fail("the reset does not end");
}

static inline uint8_t state_of(uint32_t sbdf)
{
	return dma_handover_state(dma_device_find(sbdf));
}

/* Out of the control domain, as domctl does it. */
static inline void take(uint32_t sbdf)
{
	ck_assert_int_eq(dma_device_quarantine(sbdf), 0);
	dma_device_start_reset(sbdf);
}

static inline void expect_fit(uint32_t sbdf, uint32_t bar)
{
	ck_assert_uint_eq(fake_function_kept(sbdf), 0);
	ck_assert_uint_eq(fake_function_config32(sbdf, BAR0), bar);
	ck_assert(!fake_function_is_master(sbdf));
	ck_assert_uint_eq(fake_function_config32(sbdf, COMMAND) & 0x0407,
			  0x0402);
}
