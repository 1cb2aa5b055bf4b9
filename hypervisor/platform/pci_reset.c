// SPDX-License-Identifier: MIT
/*
 * Function-level and secondary-bus reset, in steps. Called with the lock over
 * the device held; bridges' control registers are the control domain's as well,
 * which is trusted for configuration space. PCI Express base specification,
 * 6.6.1 (conventional reset), 6.6.2 (function-level reset) and its times.
 */
#include "platform/pci_reset.h"

#include "arch/mmio.h"
#include "base/log.h"
#include "lib/error.h"
#include "platform/pci_capability.h"
#include "platform/pci_regs.h"

#define MS UINT64_C(1000000)

#define DRAIN_NS  (100 * MS)  /* a function's own requests                   */
#define HOLD_NS	  (2 * MS)    /* Trst is 1 ms                                */
#define SETTLE_NS (100 * MS)  /* no access before                            */
#define ANSWER_NS (1000 * MS) /* "not ready" may be said for so long */

#define ROM_SETTABLE (GENMASK(31, 11) | BIT(0))

static hpa_t reg(const struct pci_device *dev, unsigned offset)
{
	return to_hpa(dev->config.addr + offset);
}

static bool answers(const struct pci_device *dev)
{
	uint32_t id = mmio_read32(reg(dev, PCI_VENDOR));

	return id == (dev->vendor | (uint32_t)dev->device << 16);
}

/* ---- ways ---- */

static bool has_flr(const struct pci_reset *reset)
{
	return reset->express != 0 &&
	       (mmio_read32(
			reg(reset->dev, reset->express + EXPRESS_DEVICE_CAP)) &
		DEVICE_CAP_FLR) != 0;
}

static bool has_advanced_flr(const struct pci_reset *reset)
{
	const uint8_t wanted = AF_CAP_PENDING | AF_CAP_FLR;

	return reset->advanced != 0 &&
	       (mmio_read8(reg(reset->dev, reset->advanced + AF_CAP)) &
		wanted) == wanted;
}

/*
 * The bridge right above @dev, if nothing else is below it. A function that
 * found no place in the list may be there as well, so a full list has none.
 */
static const struct pci_device *bridge_alone(const struct pci_device *dev)
{
	uint8_t bus = (uint8_t)(dev->sbdf >> 8);
	const struct pci_device *bridge = NULL;

	if (bus == 0 || pci_device_count() == PCI_DEVICES_MAX) {
		return NULL;
	}
	for (unsigned i = 0; i < pci_device_count(); i++) {
		const struct pci_device *other = pci_device_at(i);

		if (other == dev || other->sbdf >> 16 != dev->sbdf >> 16) {
			continue;
		}
		if ((uint8_t)(other->sbdf >> 8) == bus) {
			return NULL;
		}
		if ((mmio_read8(reg(other, PCI_HEADER_TYPE)) & HEADER_LAYOUT) ==
			    HEADER_BRIDGE &&
		    mmio_read8(reg(other, PCI_SECONDARY)) == bus) {
			bridge = other;
		}
	}
	return bridge;
}

void pci_reset_describe(struct pci_reset *reset, const struct pci_device *dev)
{
	*reset = (struct pci_reset){
		.dev = dev,
		.express = pci_capability(dev->config, PCI_CAP_EXPRESS),
		.advanced = pci_capability(dev->config, PCI_CAP_AF),
	};
	if (has_flr(reset)) {
		reset->way = SLUICE_RESET_FLR;
	} else if (has_advanced_flr(reset)) {
		reset->way = SLUICE_RESET_AF;
	} else if (!dev->is_bridge) {
		reset->bridge = bridge_alone(dev);
		reset->way = reset->bridge != NULL ? SLUICE_RESET_BUS
						   : SLUICE_RESET_NONE;
	}
	if (reset->bridge != NULL) {
		pci_slot_describe(&reset->slot, reset->bridge);
	}
}

/* ---- record and put back ---- */

static uint64_t recorded_address(const struct pci_reset *reset, unsigned n)
{
	uint32_t low = reset->bar[n];
	uint64_t address = low & (uint32_t)~BAR_FLAGS;

	if (field_get(BAR_TYPE, low) == BAR_TYPE_64 &&
	    n + 1 < SLUICE_BARS_MAX) {
		address |= (uint64_t)reset->bar[n + 1] << 32;
	}
	return address;
}

static int check_bars(const struct pci_reset *reset)
{
	for (unsigned n = 0; n < SLUICE_BARS_MAX; n++) {
		const struct pci_bar *bar = &reset->dev->bar[n];

		if (bar->bytes == 0 || bar->address == 0 ||
		    (reset->bar[n] & BAR_IO) != 0 ||
		    recorded_address(reset, n) == bar->address) {
			continue;
		}
		log_warn("device %x: BAR %u was moved to %lx; it cannot be "
			 "assigned before the next boot",
			 reset->dev->sbdf, n, recorded_address(reset, n));
		return -XEN_EOPNOTSUPP;
	}
	return 0;
}

static void record_express(struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;
	unsigned at = reset->express;

	if (at == 0) {
		return;
	}
	reset->device_control = mmio_read16(reg(dev, at + EXPRESS_DEVICE_CTL)) &
				(uint16_t)~DEVICE_CTL_FLR;
	reset->link_control = mmio_read16(reg(dev, at + EXPRESS_LINK_CTL));
	reset->device_control_2 =
		mmio_read16(reg(dev, at + EXPRESS_DEVICE_CTL_2));
}

int pci_reset_record(struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;

	if (!answers(dev)) {
		return -XEN_EIO;
	}
	reset->command =
		mmio_read16(reg(dev, PCI_COMMAND)) & (uint16_t)~COMMAND_MASTER;
	reset->cache_line = mmio_read16(reg(dev, PCI_CACHE_LINE));
	reset->interrupt_line = mmio_read8(reg(dev, PCI_INTERRUPT));
	for (unsigned n = 0; n < SLUICE_BARS_MAX; n++) {
		reset->bar[n] = mmio_read32(reg(dev, PCI_BAR0 + 4 * n));
	}
	reset->rom = mmio_read32(reg(dev, PCI_ROM));
	record_express(reset);
	return check_bars(reset);
}

static void restore_express(const struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;
	unsigned at = reset->express;

	if (at == 0) {
		return;
	}
	mmio_write16(reg(dev, at + EXPRESS_DEVICE_CTL), reset->device_control);
	mmio_write16(reg(dev, at + EXPRESS_LINK_CTL), reset->link_control);
	mmio_write16(reg(dev, at + EXPRESS_DEVICE_CTL_2),
		     reset->device_control_2);
}

/* BARs while nothing is decoded, the command last. Return: they are back. */
static bool restore(const struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;
	bool is_back = true;

	mmio_write16(reg(dev, PCI_COMMAND), 0);
	for (unsigned n = 0; n < SLUICE_BARS_MAX; n++) {
		hpa_t bar = reg(dev, PCI_BAR0 + 4 * n);

		mmio_write32(bar, reset->bar[n]);
		is_back = is_back && mmio_read32(bar) == reset->bar[n];
	}
	mmio_write32(reg(dev, PCI_ROM), reset->rom & (uint32_t)ROM_SETTABLE);
	mmio_write16(reg(dev, PCI_CACHE_LINE), reset->cache_line);
	mmio_write8(reg(dev, PCI_INTERRUPT), reset->interrupt_line);
	restore_express(reset);
	pci_reset_quiet(reset);
	mmio_write16(reg(dev, PCI_COMMAND), reset->command);
	return is_back;
}

int pci_reset_restore(const struct pci_reset *reset)
{
	if (answers(reset->dev) && restore(reset)) {
		return 0;
	}
	log_error("device %x: does not come back", reset->dev->sbdf);
	return -XEN_EIO;
}

/* ---- steps ---- */

static bool has_pending(const struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;

	if (reset->way == SLUICE_RESET_FLR) {
		return (mmio_read16(
				reg(dev, reset->express + EXPRESS_DEVICE_STS)) &
			DEVICE_STS_PENDING) != 0;
	}
	return reset->way == SLUICE_RESET_AF &&
	       (mmio_read8(reg(dev, reset->advanced + AF_STATUS)) &
		AF_STATUS_PENDING) != 0;
}

static void enter(struct pci_reset *reset, enum pci_reset_phase phase,
		  uint64_t ns)
{
	reset->phase = phase;
	reset->until = deadline_in_ns(ns);
}

static void hold_bus(const struct pci_device *bridge, bool on)
{
	hpa_t control = reg(bridge, PCI_BRIDGE_CONTROL);
	uint16_t value = mmio_read16(control);

	value = (uint16_t)(on ? value | BRIDGE_RESET : value & ~BRIDGE_RESET);
	mmio_write16(control, value);
	/* Read back: the write has reached the bridge before time counts. */
	(void)mmio_read16(control);
}

static void issue(struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;
	hpa_t control = reg(dev, reset->express + EXPRESS_DEVICE_CTL);

	mmio_write16(reg(dev, PCI_COMMAND), 0);
	switch (reset->way) {
	case SLUICE_RESET_FLR:
		mmio_write16(control, mmio_read16(control) | DEVICE_CTL_FLR);
		break;
	case SLUICE_RESET_AF:
		mmio_write8(reg(dev, reset->advanced + AF_CONTROL),
			    AF_CONTROL_FLR);
		break;
	default:
		pci_slot_mask(&reset->slot);
		hold_bus(reset->bridge, true);
		enter(reset, PCI_RESET_HOLD, HOLD_NS);
		return;
	}
	enter(reset, PCI_RESET_SETTLE, SETTLE_NS);
}

void pci_reset_begin(struct pci_reset *reset)
{
	pci_set_bus_master(reset->dev, false);
	enter(reset, PCI_RESET_DRAIN, DRAIN_NS);
}

static int finish(struct pci_reset *reset)
{
	reset->phase = PCI_RESET_IDLE;
	/* Its link is up: no event of the reset is still to come. */
	pci_slot_unmask(&reset->slot, answers(reset->dev));
	return pci_reset_restore(reset);
}

/* One phase. Return: 0 the next may be looked at; as pci_reset_step(). */
static int advance(struct pci_reset *reset)
{
	/* Looked at first: time that jumped must not make an answer late. */
	bool is_over = deadline_passed(reset->until);

	switch (reset->phase) {
	case PCI_RESET_DRAIN:
		if (has_pending(reset) && !is_over) {
			return -XEN_EAGAIN;
		}
		issue(reset);
		return 0;
	case PCI_RESET_HOLD:
		if (!is_over) {
			return -XEN_EAGAIN;
		}
		hold_bus(reset->bridge, false);
		enter(reset, PCI_RESET_SETTLE, SETTLE_NS);
		return 0;
	case PCI_RESET_SETTLE:
		if (!is_over) {
			return -XEN_EAGAIN;
		}
		enter(reset, PCI_RESET_ANSWER, ANSWER_NS);
		return 0;
	default:
		return is_over || answers(reset->dev) ? finish(reset)
						      : -XEN_EAGAIN;
	}
}

int pci_reset_step(struct pci_reset *reset)
{
	int err = 0;

	while (err == 0 && reset->phase != PCI_RESET_IDLE) {
		err = advance(reset);
	}
	return err;
}

/* ---- what a guest gets ---- */

static void switch_off(const struct pci_device *dev, uint16_t capability,
		       unsigned control)
{
	unsigned at = pci_extended_capability(dev->config, capability);

	if (at != 0) {
		mmio_write16(reg(dev, at + control), 0);
	}
}

void pci_reset_quiet(const struct pci_reset *reset)
{
	const struct pci_device *dev = reset->dev;

	/* Page requests before what they go by. */
	switch_off(dev, PCI_EXT_CAP_PRI, PRI_CONTROL);
	switch_off(dev, PCI_EXT_CAP_ATS, ATS_CONTROL);
	switch_off(dev, PCI_EXT_CAP_PASID, PASID_CONTROL);
}

void pci_reset_open(const struct pci_reset *reset)
{
	pci_reset_quiet(reset);
	mmio_write16(reg(reset->dev, PCI_COMMAND),
		     COMMAND_MEMORY | COMMAND_NO_INTX);
}
