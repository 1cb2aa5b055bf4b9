// SPDX-License-Identifier: MIT
/*
 * An assigned function's header. Policy first: a table of what may be read and
 * written; what is not in it reads 0 and keeps what it has. The registry's lock
 * is held. PCI Local Bus specification 3.0, 6.1 and 6.2.
 */
#include "vpci/function.h"

#include "arch/mmio.h"
#include "lib/string.h"
#include "platform/pci_regs.h"

#define STATUS_CAPABILITIES BIT(20) /* in the word at 04h */

#define BAR_FIRST 0x10u
#define BAR_LAST  0x24u

/* Index as the registry's: a function has one owner. */
static struct vpci_function functions[PCI_DEVICES_MAX];

static hpa_t reg(const struct vpci_function *f, unsigned at)
{
	return to_hpa(f->dev->pci->config.addr + at);
}

uint16_t vpci_config_read16(const struct vpci_function *f, unsigned at)
{
	return mmio_read16(reg(f, at));
}

uint32_t vpci_config_read32(const struct vpci_function *f, unsigned at)
{
	return mmio_read32(reg(f, at));
}

void vpci_config_write16(const struct vpci_function *f, unsigned at,
			 uint16_t value)
{
	mmio_write16(reg(f, at), value);
}

void vpci_config_write32(const struct vpci_function *f, unsigned at,
			 uint32_t value)
{
	mmio_write32(reg(f, at), value);
}

/* ---- registers of the header ---- */

static uint32_t read_hardware(struct vpci_function *f, unsigned at)
{
	return vpci_config_read32(f, at);
}

static uint32_t read_command(struct vpci_function *f, unsigned at)
{
	uint32_t master = vpci_config_read32(f, at) & (uint32_t)COMMAND_MASTER;

	return (f->decodes_memory ? (uint32_t)COMMAND_MEMORY : 0) |
	       (f->hides_pin ? (uint32_t)COMMAND_NO_INTX : 0) | master |
	       (f->capability_count != 0 ? (uint32_t)STATUS_CAPABILITIES : 0);
}

/*
 * Memory stays decoded and the pin silent whatever the guest says: an access to
 * a BAR that nobody answers can bring down a machine (CVE-2020-12888), and the
 * pin's line is shared with devices of others.
 */
static void write_command(struct vpci_function *f, unsigned at, uint32_t value,
			  uint32_t mask)
{
	(void)at;
	if (mask & COMMAND_MEMORY) {
		f->decodes_memory = (value & COMMAND_MEMORY) != 0;
		pci_decode_quietly(f->dev->pci);
	}
	if (mask & COMMAND_MASTER) {
		dma_device_set_master(f->dev, (value & COMMAND_MASTER) != 0);
	}
	if (mask & COMMAND_NO_INTX) {
		f->hides_pin = (value & COMMAND_NO_INTX) != 0;
	}
}

/* True for the register above a 64-bit BAR's. */
static bool is_upper(const struct vpci_function *f, unsigned n)
{
	const struct pci_bar *below = &f->dev->pci->bar[n - (n != 0)];

	return n != 0 && below->bytes != 0 &&
	       field_get(BAR_TYPE,
			 vpci_config_read32(f, BAR_FIRST + 4 * (n - 1))) ==
		       BAR_TYPE_64;
}

/*
 * A BAR shows where the tools have put it, or, after all ones were written, its
 * size. It cannot be moved.
 */
static uint32_t read_bar(struct vpci_function *f, unsigned at)
{
	unsigned n = (at - BAR_FIRST) / 4;
	bool upper = is_upper(f, n);
	unsigned low = upper ? n - 1 : n;
	const struct pci_bar *bar = &f->dev->pci->bar[low];
	uint64_t value =
		f->sizing >> n & 1 ? ~(bar->bytes - 1) : f->dev->bar_at[low];

	if (bar->bytes == 0 || f->dev->bar_at[low] == 0) {
		return 0;
	}
	return upper ? (uint32_t)(value >> 32)
		     : (uint32_t)value | (vpci_config_read32(f, at) &
					  (uint32_t)BAR_FLAGS);
}

static void write_bar(struct vpci_function *f, unsigned at, uint32_t value,
		      uint32_t mask)
{
	unsigned bit = 1u << ((at - BAR_FIRST) / 4);
	bool is_sizing = mask == UINT32_MAX &&
			 (value | (uint32_t)BAR_FLAGS) == UINT32_MAX;

	f->sizing = (uint8_t)(is_sizing ? f->sizing | bit : f->sizing & ~bit);
}

static uint32_t read_first_capability(struct vpci_function *f, unsigned at)
{
	(void)at;
	return vpci_capability_first(f);
}

struct header_row {
	uint8_t first, last; /* words, inclusive */
	uint32_t (*read)(struct vpci_function *f, unsigned at);
	void (*write)(struct vpci_function *f, unsigned at, uint32_t value,
		      uint32_t mask); /* NULL: read-only */
};

/* Cache line, latency, BIST, ROM, interrupt line and pin: 0, and stay so. */
static const struct header_row header[] = {
	{0x00, 0x00, read_hardware, NULL}, /* vendor, device              */
	{0x04, 0x04, read_command, write_command},
	{0x08, 0x08, read_hardware, NULL}, /* revision, class             */
	{BAR_FIRST, BAR_LAST, read_bar, write_bar},
	{0x2c, 0x2c, read_hardware, NULL}, /* subsystem                   */
	{0x34, 0x34, read_first_capability, NULL},
};

static const struct header_row *header_row(unsigned at)
{
	for (size_t i = 0; i < ARRAY_COUNT(header); i++) {
		if (at >= header[i].first && at <= header[i].last) {
			return &header[i];
		}
	}
	return NULL;
}

/* ---- the whole space ---- */

uint32_t vpci_function_read(struct vpci_function *f, unsigned at)
{
	const struct header_row *row = header_row(at);
	const struct vpci_capability *c = vpci_capability_at(f, at);
	uint32_t value;

	if (row != NULL) {
		return row->read(f, at);
	}
	if (c == NULL) {
		return 0;
	}
	value = c->kind->read(f, c->at, at - c->at);
	if (at == c->at) {
		value = (value & ~UINT32_C(0xffff)) | c->kind->id |
			(uint32_t)vpci_capability_next(f, c) << 8;
	}
	return value;
}

void vpci_function_write(struct vpci_function *f, unsigned at, uint32_t value,
			 uint32_t mask)
{
	const struct header_row *row = header_row(at);
	const struct vpci_capability *c = vpci_capability_at(f, at);

	if (row != NULL && row->write != NULL) {
		row->write(f, at, value, mask);
	} else if (c != NULL && c->kind->write != NULL) {
		c->kind->write(f, c->at, at - c->at, value, mask);
	}
}

/* ---- adoption ---- */

/* A guest gets devices before it runs and none after: one look is enough. */
static void adopt(struct vpci_function *f, struct guest *guest,
		  struct dma_device *dev)
{
	memset(f, 0, sizeof(*f));
	f->dev = dev;
	f->guest = guest;
	f->generation = vpci_guest_generation(guest);
	f->decodes_memory = true;
	pci_decode_quietly(dev->pci);
	vpci_capabilities_find(f);
}

struct vpci_function *vpci_function_of(struct guest *guest,
				       struct dma_device *dev)
{
	struct vpci_function *f = &functions[dev - dma_device_at(0)];

	if (f->guest != guest || f->dev != dev ||
	    f->generation != vpci_guest_generation(guest)) {
		adopt(f, guest, dev);
	}
	return f;
}

struct vpci_function *vpci_function(struct guest *guest, uint32_t guest_sbdf)
{
	struct dma_device *dev =
		dma_device_find_own(dma_guest_of(guest), guest_sbdf);

	return dev != NULL ? vpci_function_of(guest, dev) : NULL;
}
