// SPDX-License-Identifier: MIT
/*
 * Enumeration of PCI functions through ECAM, and the bus-master switch. The
 * list is fixed after pci_start(); the PCI lock guards read-modify-write of
 * command registers. PCI Express base specification, 7.2.2; PCI Firmware
 * specification 4.1.2 (MCFG).
 */
#include "platform/pci.h"

#include "arch/mmio.h"
#include "base/log.h"
#include "base/spinlock.h"
#include "lib/error.h"
#include "lib/string.h"
#include "platform/acpi.h"
#include "platform/pci_capability.h"
#include "platform/pci_msix.h"
#include "platform/pci_regs.h"

#define MCFG_HEADER_BYTES 44u
#define MCFG_ENTRY_BYTES  16u

/* I/O APIC, HPET, IOMMUs, local APICs: where no BAR of a function can be. */
#define FIXED_DEVICES ((struct range){0xfec00000, 0x01400000})
#define CLASS_BRIDGE  0x0604u
#define CLASS_IOMMU   0x0806u

/* Fixed after pci_start(). */
static struct pci_device devices[PCI_DEVICES_MAX];
static unsigned device_count;
static struct range ecam;

static struct spinlock pci_lock = SPINLOCK_INIT(LOCK_PCI);

static hpa_t reg(hpa_t config, unsigned offset)
{
	return to_hpa(config.addr + offset);
}

/* The first MCFG entry, segment 0: start of the window and its buses. */
static int read_mcfg(struct range *window, unsigned *first_bus,
		     unsigned *last_bus)
{
	struct acpi_table table;
	const uint8_t *entry;
	uint64_t base;
	int error;

	error = acpi_find("MCFG", &table);
	if (error != 0 || table.size < MCFG_HEADER_BYTES + MCFG_ENTRY_BYTES) {
		return -XEN_ENODEV;
	}
	entry = table.bytes + MCFG_HEADER_BYTES;
	memcpy(&base, entry, sizeof(base));
	*first_bus = entry[10];
	*last_bus = entry[11];
	if (base == 0 || !is_aligned(base, UINT64_C(1) << 20) ||
	    *last_bus < *first_bus || entry[8] != 0 || entry[9] != 0) {
		return -XEN_ENODEV;
	}
	*window = (struct range){base, (uint64_t)(*last_bus + 1) << 20};
	return 0;
}

/* Size one BAR with decoding off. Return: registers it takes, 1 or 2. */
static unsigned size_bar(hpa_t config, unsigned n, unsigned count,
			 struct pci_bar *bar)
{
	hpa_t low = reg(config, PCI_BAR0 + 4 * n);
	hpa_t high = reg(config, PCI_BAR0 + 4 * n + 4);
	uint32_t saved = mmio_read32(low);
	/* The last register has no upper half, whatever it says. */
	bool is_64bit =
		field_get(BAR_TYPE, saved) == BAR_TYPE_64 && n + 1 < count;
	uint64_t mask;

	*bar = (struct pci_bar){0, 0};
	if (saved & BAR_IO) {
		return 1;
	}
	mmio_write32(low, UINT32_MAX);
	mask = mmio_read32(low) & ~BAR_FLAGS;
	mmio_write32(low, saved);
	bar->address = saved & ~BAR_FLAGS;
	if (is_64bit) {
		uint32_t saved_high = mmio_read32(high);

		mmio_write32(high, UINT32_MAX);
		mask |= (uint64_t)mmio_read32(high) << 32;
		mmio_write32(high, saved_high);
		bar->address |= (uint64_t)saved_high << 32;
	} else if (mask != 0) {
		mask |= GENMASK(63, 32);
	}
	bar->bytes = mask != 0 ? ~mask + 1 : 0;
	return is_64bit ? 2 : 1;
}

/* Which BARs a function has is told by its header's layout, not its class. */
static void size_bars(struct pci_device *dev)
{
	static const unsigned counts[] = {SLUICE_BARS_MAX, 2, 1};
	uint8_t layout =
		mmio_read8(reg(dev->config, PCI_HEADER_TYPE)) & HEADER_LAYOUT;
	unsigned count = layout < ARRAY_COUNT(counts) ? counts[layout] : 0;
	uint16_t command = mmio_read16(reg(dev->config, PCI_COMMAND));

	dev->is_bridge |= layout != 0;
	mmio_write16(reg(dev->config, PCI_COMMAND),
		     (uint16_t)(command & ~COMMAND_MEMORY));
	for (unsigned n = 0; n < count;) {
		n += size_bar(dev->config, n, count, &dev->bar[n]);
	}
	mmio_write16(reg(dev->config, PCI_COMMAND), command);
}

/* Bus numbers, phantom functions: all that requester ids follow from. */
static void read_ids(struct pci_device *dev)
{
	hpa_t config = dev->config;
	unsigned at = pci_capability(config, PCI_CAP_EXPRESS);

	if (at != 0) {
		dev->ids.phantom_bits = (uint8_t)field_get(
			DEVICE_CAP_PHANTOM,
			mmio_read32(reg(config, at + EXPRESS_DEVICE_CAP)));
	}
	if ((mmio_read8(reg(config, PCI_HEADER_TYPE)) & HEADER_LAYOUT) !=
	    HEADER_BRIDGE) {
		return;
	}
	dev->bridge = (struct pci_bridge){
		.secondary = mmio_read8(reg(config, PCI_SECONDARY)),
		.subordinate = mmio_read8(reg(config, PCI_SUBORDINATE)),
		.merges_ids = at == 0 ||
			      field_get(EXPRESS_PORT,
					mmio_read16(reg(config,
							at + EXPRESS_FLAGS))) ==
				      EXPRESS_PORT_TO_PCI,
	};
}

/* Return: true when there is a function at this address. */
static bool probe(uint32_t sbdf, hpa_t config)
{
	uint32_t id = mmio_read32(reg(config, PCI_VENDOR));
	uint32_t class_word;
	struct pci_device dev = {.sbdf = sbdf, .config = config};

	if ((id & 0xffff) == 0xffff) {
		return false;
	}
	class_word = mmio_read32(reg(config, PCI_CLASS));
	dev.vendor = (uint16_t)id;
	dev.device = (uint16_t)(id >> 16);
	dev.class_code = class_word >> 8;
	dev.is_bridge = class_word >> 16 == CLASS_BRIDGE;
	dev.is_iommu = class_word >> 16 == CLASS_IOMMU;
	size_bars(&dev);
	pci_msix_describe(&dev);
	read_ids(&dev);
	if (pci_add_device(dev) != 0) {
		log_error("PCI %04x:%02x:%02x.%u: more than %u functions; this "
			  "one cannot be assigned",
			  sbdf >> 16, sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f,
			  sbdf & 7, PCI_DEVICES_MAX);
	}
	return true;
}

static void probe_slot(unsigned bus, unsigned slot)
{
	uint32_t sbdf = SLUICE_SBDF(0, bus, slot, 0);
	hpa_t config = to_hpa(ecam.start + ((uint64_t)sbdf << PAGE_SHIFT));

	if (!probe(sbdf, config) ||
	    !(mmio_read8(reg(config, PCI_HEADER_TYPE)) & HEADER_MULTI)) {
		return;
	}
	for (unsigned f = 1; f < 8; f++) {
		probe(sbdf + f, to_hpa(config.addr + f * PAGE_BYTES));
	}
}

static bool is_fixed(struct range at)
{
	return range_overlaps(at, ecam) || range_overlaps(at, FIXED_DEVICES);
}

bool pci_is_window(struct range at)
{
	for (unsigned i = 0; i < device_count; i++) {
		for (unsigned b = 0; b < SLUICE_BARS_MAX; b++) {
			const struct pci_bar *bar = &devices[i].bar[b];

			if (bar->address != 0 &&
			    range_overlaps(at, (struct range){bar->address,
							      bar->bytes})) {
				return true;
			}
		}
	}
	return is_fixed(at);
}

/* A BAR that lies over another's, or that no BAR can be, is not believed. */
static bool is_plausible(const struct pci_device *dev, unsigned n)
{
	const struct pci_bar *bar = &dev->bar[n];
	struct range r = {bar->address, bar->bytes};

	if ((bar->bytes & (bar->bytes - 1)) != 0 ||
	    !is_aligned(bar->address, bar->bytes) ||
	    !range_is_valid(bar->address, bar->bytes) || is_fixed(r)) {
		return false;
	}
	for (unsigned i = 0; i < device_count; i++) {
		for (unsigned b = 0; b < SLUICE_BARS_MAX; b++) {
			const struct pci_bar *o = &devices[i].bar[b];

			if (o != bar && o->address != 0 &&
			    range_overlaps(
				    r, (struct range){o->address, o->bytes})) {
				return false;
			}
		}
	}
	return true;
}

static void check_bars(void)
{
	for (unsigned i = 0; i < device_count; i++) {
		for (unsigned b = 0; b < SLUICE_BARS_MAX; b++) {
			struct pci_bar *bar = &devices[i].bar[b];

			if (bar->bytes == 0 || bar->address == 0 ||
			    is_plausible(&devices[i], b)) {
				continue;
			}
			log_warn("PCI %x: BAR %u, %lx bytes at %lx, cannot be; "
				 "it is left out",
				 devices[i].sbdf, b, bar->bytes, bar->address);
			*bar = (struct pci_bar){0, 0};
		}
	}
}

int pci_start(void)
{
	unsigned first, last;
	int error;

	error = read_mcfg(&ecam, &first, &last);
	if (error != 0) {
		log_error("PCI: no usable MCFG table; no device can be "
			  "assigned");
		ecam = (struct range){0, 0};
		return error;
	}
	for (unsigned bus = first; bus <= last; bus++) {
		for (unsigned slot = 0; slot < 32; slot++) {
			probe_slot(bus, slot);
		}
	}
	check_bars();
	log_info("PCI: %u functions", device_count);
	return 0;
}

unsigned pci_device_count(void)
{
	return device_count;
}

struct pci_device *pci_device_at(unsigned n)
{
	return n < device_count ? &devices[n] : NULL;
}

struct pci_device *pci_device_find(uint32_t sbdf)
{
	for (unsigned i = 0; i < device_count; i++) {
		if (devices[i].sbdf == sbdf) {
			return &devices[i];
		}
	}
	return NULL;
}

void pci_set_bus_master(const struct pci_device *dev, bool on)
{
	hpa_t command = reg(dev->config, PCI_COMMAND);
	uint16_t value;

	spin_lock(&pci_lock);
	value = mmio_read16(command);
	/* All ones: nobody answers, so that is not what is written back. */
	if (value == UINT16_MAX) {
		value = 0;
	}
	value = (uint16_t)(on ? value | COMMAND_MASTER
			      : value & ~COMMAND_MASTER);
	mmio_write16(command, value);
	/* Read back: the write has reached the function before we go on. */
	(void)mmio_read16(command);
	spin_unlock(&pci_lock);
}

void pci_decode_quietly(const struct pci_device *dev)
{
	hpa_t command = reg(dev->config, PCI_COMMAND);
	uint16_t value;

	spin_lock(&pci_lock);
	value = mmio_read16(command);
	if (value != UINT16_MAX) {
		mmio_write16(command, (uint16_t)(value | COMMAND_MEMORY |
						 COMMAND_NO_INTX));
	}
	spin_unlock(&pci_lock);
}

int pci_add_device(struct pci_device dev)
{
	if (device_count == PCI_DEVICES_MAX) {
		return -XEN_ENOMEM;
	}
	devices[device_count++] = dev;
	return 0;
}

void pci_reset(void)
{
	device_count = 0;
	ecam = (struct range){0, 0};
}
