// SPDX-License-Identifier: MIT
/*
 * MSI-X: the capability, and the table, whose pages the guest does not have.
 * The guest's entries are a shadow; the hardware's hold the hypervisor's
 * messages, masked as the guest has masked them, so pending bits are the
 * hardware's own. The registry's lock is held. PCI 3.0, 6.8.2.
 */
#include "arch/mmio.h"
#include "platform/pci_msix.h"
#include "vpci/function.h"

/* In the first word, above id and pointer. */
#define CONTROL_SIZE   GENMASK(26, 16)
#define CONTROL_MASKED BIT(30)
#define CONTROL_ENABLE BIT(31)

#define CONTROL	    0x02u /* as a register of 16 bits */
#define CONTROL_ON  BIT(15)
#define CONTROL_OFF BIT(14) /* all messages masked */
#define MSIX_BYTES  12u

/* An entry's words. */
#define ENTRY_BYTES   16u
#define ENTRY_ADDRESS 0x0u
#define ENTRY_UPPER   0x4u
#define ENTRY_DATA    0x8u
#define ENTRY_CONTROL 0xcu
#define ENTRY_MASKED  1u
#define ADDRESS_BITS  UINT32_C(0xfffffffc)

static unsigned entry_count(const struct vpci_function *f)
{
	return f->dev->pci->msix.entries;
}

/* ---- the hardware ---- */

static hpa_t entry_reg(const struct vpci_function *f, unsigned n, unsigned word)
{
	const struct pci_device *pci = f->dev->pci;

	return to_hpa(pci->bar[pci->msix.bar].address + pci->msix.offset +
		      n * ENTRY_BYTES + word);
}

static void mask_hardware(const struct vpci_function *f, unsigned n)
{
	mmio_write32(entry_reg(f, n, ENTRY_CONTROL), ENTRY_MASKED);
}

static void write_hardware(const struct vpci_function *f, unsigned n,
			   const struct iommu_message *message)
{
	mmio_write32(entry_reg(f, n, ENTRY_ADDRESS),
		     (uint32_t)message->address);
	mmio_write32(entry_reg(f, n, ENTRY_UPPER),
		     (uint32_t)(message->address >> 32));
	mmio_write32(entry_reg(f, n, ENTRY_DATA), message->data);
	mmio_write32(entry_reg(f, n, ENTRY_CONTROL), 0);
}

static void switch_hardware(const struct vpci_function *f, unsigned at)
{
	uint16_t control = vpci_config_read16(f, at + CONTROL);

	control &= (uint16_t) ~(CONTROL_ON | CONTROL_OFF);
	control = (uint16_t)(control | (f->msix.is_enabled ? CONTROL_ON : 0) |
			     (f->msix.is_masked ? CONTROL_OFF : 0));
	vpci_config_write16(f, at + CONTROL, control);
}

/* ---- the shadow takes effect ---- */

/*
 * An unmasked entry is written whole each time: the device may have been reset
 * by its own registers. A masked one keeps its vector.
 */
static void apply(struct vpci_function *f, unsigned n)
{
	struct vpci_msix_entry *e = &f->msix.entry[n];
	struct iommu_message message;

	mask_hardware(f, n);
	if (e->is_masked) {
		return;
	}
	vpci_message_route(f, n, vpci_message_vector(e->address, e->data),
			   &e->vector, &message);
	if (e->vector != 0) {
		write_hardware(f, n, &message);
	}
}

static void drop(struct vpci_function *f, unsigned n)
{
	struct iommu_message unused;

	mask_hardware(f, n);
	vpci_message_route(f, n, 0, &f->msix.entry[n].vector, &unused);
}

/* ---- the capability ---- */

static unsigned msix_bytes(struct vpci_function *f, unsigned at)
{
	for (unsigned n = 0; n < entry_count(f); n++) {
		f->msix.entry[n].is_masked = true;
	}
	return iommu_intr_is_present() && at == f->dev->pci->msix.at &&
			       pci_msix_window(f->dev->pci).bytes != 0
		       ? MSIX_BYTES
		       : 0;
}

static uint32_t msix_read(struct vpci_function *f, unsigned at, unsigned offset)
{
	if (offset != 0) {
		return vpci_config_read32(f, at + offset);
	}
	return (uint32_t)(field_prep(CONTROL_SIZE, entry_count(f) - 1) |
			  (f->msix.is_enabled ? CONTROL_ENABLE : 0) |
			  (f->msix.is_masked ? CONTROL_MASKED : 0));
}

static void set_enabled(struct vpci_function *f, bool on)
{
	f->msix.is_enabled = on;
	for (unsigned n = 0; n < entry_count(f); n++) {
		if (on) {
			apply(f, n);
		} else {
			drop(f, n);
		}
	}
}

static void msix_write(struct vpci_function *f, unsigned at, unsigned offset,
		       uint32_t value, uint32_t mask)
{
	struct vpci_msix *msix = &f->msix;
	bool is_on = (value & CONTROL_ENABLE) != 0 && !f->msi.is_enabled;

	if (offset != 0) {
		return;
	}
	if (mask & CONTROL_MASKED) {
		msix->is_masked = (value & CONTROL_MASKED) != 0;
	}
	if ((mask & CONTROL_ENABLE) && is_on != msix->is_enabled) {
		set_enabled(f, is_on);
	}
	switch_hardware(f, at);
}

const struct vpci_kind vpci_msix_kind = {0x11, msix_bytes, msix_read,
					 msix_write};

/* ---- the table ---- */

static uint32_t read_word(const struct vpci_msix_entry *e, unsigned word)
{
	switch (word) {
	case ENTRY_ADDRESS:
		return (uint32_t)e->address;
	case ENTRY_UPPER:
		return (uint32_t)(e->address >> 32);
	case ENTRY_DATA:
		return e->data;
	default:
		return e->is_masked;
	}
}

static void write_word(struct vpci_msix_entry *e, unsigned word, uint32_t value)
{
	switch (word) {
	case ENTRY_ADDRESS:
		e->address = (e->address & ~(uint64_t)UINT32_MAX) |
			     (value & ADDRESS_BITS);
		break;
	case ENTRY_UPPER:
		e->address = (uint32_t)e->address | (uint64_t)value << 32;
		break;
	case ENTRY_DATA:
		e->data = value;
		break;
	default:
		e->is_masked = (value & ENTRY_MASKED) != 0;
		break;
	}
}

/* Words of 4 bytes, one or two: aligned, so they are one entry's. */
static void access_entry(struct vpci_function *f, uint64_t offset,
			 unsigned bytes, bool is_write, uint64_t *value)
{
	unsigned n = (unsigned)(offset / ENTRY_BYTES);
	unsigned word = (unsigned)(offset % ENTRY_BYTES);
	struct vpci_msix_entry *e = &f->msix.entry[n];
	bool has_more = bytes == 8;

	if (bytes < 4) {
		*value = is_write ? *value : UINT64_MAX;
	} else if (!is_write) {
		*value = read_word(e, word);
		*value |= has_more ? (uint64_t)read_word(e, word + 4) << 32 : 0;
	} else {
		write_word(e, word, (uint32_t)*value);
		if (has_more) {
			write_word(e, word + 4, (uint32_t)(*value >> 32));
		}
		if (f->msix.is_enabled) {
			apply(f, n);
		}
	}
}

/* What else lies in the table's pages is the device's, as if it were mapped. */
static void access_device(hpa_t at, unsigned bytes, bool is_write,
			  uint64_t *value)
{
	switch (bytes | (is_write ? 0x10u : 0)) {
	case 1:
		*value = mmio_read8(at);
		break;
	case 2:
		*value = mmio_read16(at);
		break;
	case 4:
		*value = mmio_read32(at);
		break;
	case 8:
		*value = mmio_read64(at);
		break;
	case 0x11:
		mmio_write8(at, (uint8_t)*value);
		break;
	case 0x12:
		mmio_write16(at, (uint16_t)*value);
		break;
	case 0x14:
		mmio_write32(at, (uint32_t)*value);
		break;
	default:
		mmio_write64(at, *value);
		break;
	}
}

void vpci_msix_access(struct vpci_function *f, uint64_t offset, unsigned bytes,
		      bool is_write, uint64_t *value)
{
	const struct pci_device *pci = f->dev->pci;
	uint64_t into = offset - pci->msix.offset;

	if (offset >= pci->msix.offset &&
	    into < entry_count(f) * (uint64_t)ENTRY_BYTES) {
		access_entry(f, into, bytes, is_write, value);
	} else {
		access_device(to_hpa(pci->bar[pci->msix.bar].address + offset),
			      bytes, is_write, value);
	}
}
