// SPDX-License-Identifier: MIT
/* The MSI capability, set up once at start; no lock. */
#include "platform/pci_msi.h"

#include "arch/mmio.h"
#include "platform/pci_capability.h"

#define MSI_CONTROL    0x02u
#define MSI_ADDRESS    0x04u
#define MSI_UPPER      0x08u
#define MSI_DATA       0x08u /* where addresses have 32 bits */
#define MSI_DATA_64    0x0cu
#define CONTROL_ENABLE BIT(0)
#define CONTROL_MANY   GENMASK(6, 4)
#define CONTROL_64     BIT(7)
#define MESSAGE	       0xfee00000u
#define MESSAGE_TO     GENMASK(19, 12)

bool pci_msi_start(const struct pci_device *dev, uint32_t apic_id,
		   uint8_t vector)
{
	unsigned at = pci_capability(dev->config, PCI_CAP_MSI);
	hpa_t msi = to_hpa(dev->config.addr + at);
	hpa_t control = to_hpa(msi.addr + MSI_CONTROL);
	uint16_t value;

	if (at == 0) {
		return false;
	}
	value = mmio_read16(control) &
		(uint16_t) ~(CONTROL_ENABLE | CONTROL_MANY);
	mmio_write16(control, value);
	mmio_write32(to_hpa(msi.addr + MSI_ADDRESS),
		     MESSAGE | (uint32_t)field_prep(MESSAGE_TO, apic_id));
	if ((value & CONTROL_64) != 0) {
		mmio_write32(to_hpa(msi.addr + MSI_UPPER), 0);
		mmio_write16(to_hpa(msi.addr + MSI_DATA_64), vector);
	} else {
		mmio_write16(to_hpa(msi.addr + MSI_DATA), vector);
	}
	mmio_write16(control, (uint16_t)(value | CONTROL_ENABLE));
	return true;
}
