// SPDX-License-Identifier: MIT
/* Words of a function's configuration space, past the bus. PCI 3.0, 6.8.1. */
#include "fake_device.h"
#include "lib/bits.h"

#include <string.h>

#define MSI_ENABLE BIT(16)

void fake_function_poke32(uint32_t sbdf, unsigned offset, uint32_t value)
{
	memcpy(fake_function_space(sbdf) + offset, &value, sizeof(value));
}

uint32_t fake_function_config32(uint32_t sbdf, unsigned offset)
{
	uint32_t value;

	memcpy(&value, fake_function_space(sbdf) + offset, sizeof(value));
	return value;
}

bool fake_function_message(uint32_t sbdf, uint64_t *address, uint32_t *data)
{
	const unsigned at = FAKE_FUNCTION_MSI;

	*address = fake_function_config32(sbdf, at + 4) |
		   (uint64_t)fake_function_config32(sbdf, at + 8) << 32;
	*data = fake_function_config32(sbdf, at + 12) & 0xffff;
	return fake_function_config32(sbdf, at) & MSI_ENABLE;
}
