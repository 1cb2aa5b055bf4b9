// SPDX-License-Identifier: MIT
/* What the tools say of a guest's file that names a part of a group. */
#include "carrier_inproc.h"
#include "guest_group.h"
#include "machine.h"
#include "suite.h"

#include <string.h>

#define BRIDGE SLUICE_SBDF(0, 0, 6, 0)
#define ONE    SLUICE_SBDF(0, 1, 3, 0)
#define TWO    SLUICE_SBDF(0, 1, 4, 0)
#define ALONE  SLUICE_SBDF(0, 0, 3, 0)

/* Two devices behind a bridge to PCI; others are alone. */
static void boot(void)
{
	struct machine_config c = machine_default();

	c.function[4] = (struct fake_function_config){
		.sbdf = BRIDGE,
		.vendor = 0x1234,
		.device = 0x11e8,
		.class_code = 0x060400,
		.is_bridge = true,
		.secondary = 1,
	};
	for (unsigned i = 0; i < 2; i++) {
		c.function[c.function_count] = c.function[1];
		c.function[c.function_count++].sbdf = i == 0 ? ONE : TWO;
	}
	c.function[5].bar[0].bytes = c.function[6].bar[0].bytes = 0;
	machine_boot(&c);
	carrier_inproc_use(machine_control());
	sluice_set_carrier(sluice_carry_inproc);
}

START_TEST(missing_members_are_named)
{
	/* A part of a group is refused with the rest of it; the whole is not.
	 */
	struct sluice_guest_config config = {.device_count = 2};
	struct sluice_error error = {.text = ""};

	boot();
	config.device[0].sbdf = ALONE;
	config.device[1].sbdf = TWO;
	ck_assert_int_eq(guest_group_check(&config, &error),
			 STATUS_ACCESS_DENIED);
	ck_assert_ptr_nonnull(strstr(error.text, "01:04.0"));
	ck_assert_ptr_nonnull(strstr(error.text, "shares a requester id with"));
	ck_assert_ptr_nonnull(
		strstr(error.text, "01:03.0: give all of them to this guest"));
	config.device[config.device_count++].sbdf = ONE;
	ck_assert_int_eq(guest_group_check(&config, &error), STATUS_SUCCESS);
	config.device_count = 1;
	ck_assert_int_eq(guest_group_check(&config, &error), STATUS_SUCCESS);
	config.device[0].sbdf = SLUICE_SBDF(0, 9, 0, 0);
	ck_assert_int_eq(guest_group_check(&config, &error), STATUS_NOT_FOUND);
	machine_shutdown();
}
END_TEST

UNIT_SUITE(guest_group, missing_members_are_named)
