// SPDX-License-Identifier: MIT
/*
 * MSI, one message. The guest's registers are a shadow; the device is given the
 * hypervisor's message, and is on only while that leads somewhere. Mask and
 * pending bits are the hardware's. The registry's lock is held. PCI 3.0, 6.8.1.
 */
#include "vpci/function.h"

/* In the first word, above id and pointer. */
#define CONTROL_ENABLE BIT(16)
#define CONTROL_64BIT  BIT(23)
#define CONTROL_MASK   BIT(24)

#define CONTROL	      0x02u /* as a register of 16 bits */
#define CONTROL_ON    BIT(0)
#define CONTROL_COUNT GENMASK(6, 4) /* messages enabled, log2 */
#define ADDRESS	      0x04u
#define ADDRESS_UPPER 0x08u
#define ADDRESS_BITS  UINT32_C(0xfffffffc)
#define DATA_BITS     UINT32_C(0xffff)
#define MASK_BITS     UINT32_C(1)

static unsigned data_at(const struct vpci_msi *msi)
{
	return msi->is_64bit ? 0x0c : 0x08;
}

static unsigned mask_at(const struct vpci_msi *msi)
{
	return data_at(msi) + 4;
}

static unsigned pending_at(const struct vpci_msi *msi)
{
	return data_at(msi) + 8;
}

static unsigned msi_bytes(struct vpci_function *f, unsigned at)
{
	struct vpci_msi *msi = &f->msi;
	uint32_t word = vpci_config_read32(f, at);

	if (!iommu_intr_is_present()) {
		return 0;
	}
	msi->is_64bit = (word & CONTROL_64BIT) != 0;
	msi->has_mask = (word & CONTROL_MASK) != 0;
	return data_at(msi) + (msi->has_mask ? 12 : 4);
}

static uint32_t msi_read(struct vpci_function *f, unsigned at, unsigned offset)
{
	const struct vpci_msi *msi = &f->msi;

	if (offset == 0) {
		return (msi->is_enabled ? (uint32_t)CONTROL_ENABLE : 0) |
		       (msi->is_64bit ? (uint32_t)CONTROL_64BIT : 0) |
		       (msi->has_mask ? (uint32_t)CONTROL_MASK : 0);
	}
	if (offset == ADDRESS) {
		return (uint32_t)msi->address;
	}
	if (offset == data_at(msi)) {
		return msi->data;
	}
	if (offset == ADDRESS_UPPER) {
		return (uint32_t)(msi->address >> 32);
	}
	if (offset == mask_at(msi)) {
		return msi->mask;
	}
	return vpci_config_read32(f, at + pending_at(msi)) & MASK_BITS;
}

static void switch_hardware(const struct vpci_function *f, unsigned at, bool on)
{
	uint16_t control = vpci_config_read16(f, at + CONTROL);

	control &= (uint16_t) ~(CONTROL_ON | CONTROL_COUNT);
	vpci_config_write16(f, at + CONTROL,
			    (uint16_t)(control | (on ? CONTROL_ON : 0)));
}

static void write_message(struct vpci_function *f, unsigned at,
			  const struct iommu_message *message)
{
	const struct vpci_msi *msi = &f->msi;

	vpci_config_write32(f, at + ADDRESS, (uint32_t)message->address);
	if (msi->is_64bit) {
		vpci_config_write32(f, at + ADDRESS_UPPER,
				    (uint32_t)(message->address >> 32));
	}
	vpci_config_write16(f, at + data_at(msi), (uint16_t)message->data);
	if (msi->has_mask) {
		vpci_config_write32(f, at + mask_at(msi), msi->mask);
	}
}

/* The hardware follows the shadow; off while its message changes. */
static void apply(struct vpci_function *f, unsigned at)
{
	struct vpci_msi *msi = &f->msi;
	struct iommu_message message;
	uint8_t wanted = msi->is_enabled
				 ? vpci_message_vector(msi->address, msi->data)
				 : 0;

	switch_hardware(f, at, false);
	vpci_message_route(f, 0, wanted, &msi->vector, &message);
	if (msi->vector != 0) {
		write_message(f, at, &message);
		switch_hardware(f, at, true);
	}
}

static void set_enabled(struct vpci_function *f, bool on)
{
	/* Both at once is an error; the entries are one function's. */
	f->msi.is_enabled = on && !f->msix.is_enabled;
}

static void msi_write(struct vpci_function *f, unsigned at, unsigned offset,
		      uint32_t value, uint32_t mask)
{
	struct vpci_msi *msi = &f->msi;
	uint32_t low = (uint32_t)msi->address;
	uint32_t high = (uint32_t)(msi->address >> 32);

	if (offset == 0) {
		if (!(mask & CONTROL_ENABLE)) {
			return;
		}
		set_enabled(f, (value & CONTROL_ENABLE) != 0);
	} else if (offset == ADDRESS) {
		low = (low & ~mask) | (value & ADDRESS_BITS);
	} else if (offset == data_at(msi)) {
		msi->data = (msi->data & ~mask) | (value & DATA_BITS);
	} else if (offset == ADDRESS_UPPER) {
		high = (high & ~mask) | value;
	} else if (offset == mask_at(msi)) {
		msi->mask = (msi->mask & ~mask) | (value & MASK_BITS);
	}
	msi->address = (uint64_t)high << 32 | low;
	if (msi->is_enabled || offset == 0) {
		apply(f, at);
	}
}

const struct vpci_kind vpci_msi_kind = {0x05, msi_bytes, msi_read, msi_write};
