// SPDX-License-Identifier: MIT
/*
 * The capabilities a guest sees: those of a known kind, each kind once, found
 * by walking the hardware's list, which may be nonsense. Two of the kinds are
 * here, for they are read alone. PCI 3.0, 6.7; PCI Power Management 1.2, 3.2;
 * PCI Express base specification, 7.5.3.
 */
#include "vpci/function.h"

#define STATUS		    0x06u
#define STATUS_CAPABILITIES BIT(4)
#define POINTER		    0x34u
#define FIRST		    0x40u
#define STEPS_MAX	    48u /* 192 bytes, 4 at least each */
#define POINTER_BITS	    0xfcu

#define POWER_BYTES	    8u
#define POWER_CAPABILITIES  0x00u
#define POWER_CAP_SHOWN	    GENMASK(18, 16) /* the version; no D1, D2, PME */
#define POWER_CONTROL	    0x04u
#define POWER_CONTROL_SHOWN BIT(3) /* no soft reset; in D0, and stays there */

#define MESSAGE_CONTROL 0x02u /* of MSI and of MSI-X */
#define MSI_ON		0x0001u
#define MSIX_ON		0x8000u

#define EXPRESS_VERSION	   GENMASK(19, 16)
#define EXPRESS_BYTES_1	   0x14u
#define EXPRESS_BYTES_2	   0x3cu
#define EXPRESS_DEVICE_CAP 0x04u
#define DEVICE_CAP_FLR	   BIT(28)

/* ---- power management ---- */

static unsigned power_bytes(struct vpci_function *f, unsigned at)
{
	(void)f;
	(void)at;
	return POWER_BYTES;
}

/* A function that came back from D3 would have lost what is set up in it. */
static uint32_t power_read(struct vpci_function *f, unsigned at,
			   unsigned offset)
{
	uint32_t shown = offset == POWER_CAPABILITIES
				 ? (uint32_t)POWER_CAP_SHOWN
				 : (uint32_t)POWER_CONTROL_SHOWN;

	return vpci_config_read32(f, at + offset) & shown;
}

const struct vpci_kind vpci_power = {0x01, power_bytes, power_read, NULL};

/* ---- PCI Express ---- */

static unsigned express_bytes(struct vpci_function *f, unsigned at)
{
	return field_get(EXPRESS_VERSION, vpci_config_read32(f, at)) < 2
		       ? EXPRESS_BYTES_1
		       : EXPRESS_BYTES_2;
}

/* Not its reset, which would take the BARs away under the hypervisor's feet. */
static uint32_t express_read(struct vpci_function *f, unsigned at,
			     unsigned offset)
{
	uint32_t hidden =
		offset == EXPRESS_DEVICE_CAP ? (uint32_t)DEVICE_CAP_FLR : 0;

	return vpci_config_read32(f, at + offset) & ~hidden;
}

const struct vpci_kind vpci_express = {0x10, express_bytes, express_read, NULL};

/* ---- the list ---- */

static const struct vpci_kind *const kinds[] = {
	&vpci_power,
	&vpci_msi_kind,
	&vpci_express,
	&vpci_msix_kind,
};

static_assert(ARRAY_COUNT(kinds) == VPCI_CAPABILITIES_MAX, "one of each");

static const struct vpci_kind *kind_of(uint8_t id)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (kinds[i]->id == id) {
			return kinds[i];
		}
	}
	return NULL;
}

/* New of its kind, inside the space, and over no other. */
static bool is_sound(const struct vpci_function *f,
		     const struct vpci_capability *new)
{
	unsigned end = (unsigned)new->at + new->bytes;

	if (new->bytes == 0 || end > VPCI_CONFIG_BYTES) {
		return false;
	}
	for (unsigned i = 0; i < f->capability_count; i++) {
		const struct vpci_capability *c = &f->capability[i];

		if (c->kind == new->kind ||
		    (new->at < c->at + c->bytes && c->at < end)) {
			return false;
		}
	}
	return true;
}

/* A former owner's message must not go on being sent. */
static void silence(const struct vpci_function *f, unsigned at, uint8_t id)
{
	unsigned control = at + MESSAGE_CONTROL;
	uint16_t on = id == vpci_msi_kind.id	? MSI_ON
		      : id == vpci_msix_kind.id ? MSIX_ON
						: 0;

	if (on != 0) {
		vpci_config_write16(
			f, control,
			(uint16_t)(vpci_config_read16(f, control) & ~on));
	}
}

static void consider(struct vpci_function *f, unsigned at, uint8_t id)
{
	struct vpci_capability new = {.kind = kind_of(id), .at = (uint8_t)at};

	if (new.kind == NULL) {
		return;
	}
	silence(f, at, id);
	new.bytes = (uint8_t) new.kind->bytes(f, at);
	if (is_sound(f, &new)) {
		f->capability[f->capability_count++] = new;
	}
}

void vpci_capabilities_find(struct vpci_function *f)
{
	unsigned at;

	f->capability_count = 0;
	if (!(vpci_config_read16(f, STATUS) & STATUS_CAPABILITIES)) {
		return;
	}
	at = vpci_config_read32(f, POINTER) & POINTER_BITS;
	for (unsigned n = 0; at >= FIRST && n < STEPS_MAX; n++) {
		uint16_t word = vpci_config_read16(f, at);

		consider(f, at, (uint8_t)word);
		at = word >> 8 & POINTER_BITS;
	}
}

const struct vpci_capability *vpci_capability_at(const struct vpci_function *f,
						 unsigned at)
{
	for (unsigned i = 0; i < f->capability_count; i++) {
		const struct vpci_capability *c = &f->capability[i];

		if (at >= c->at && at - c->at < c->bytes) {
			return c;
		}
	}
	return NULL;
}

uint8_t vpci_capability_first(const struct vpci_function *f)
{
	return f->capability_count != 0 ? f->capability[0].at : 0;
}

uint8_t vpci_capability_next(const struct vpci_function *f,
			     const struct vpci_capability *c)
{
	unsigned next = (unsigned)(c - f->capability) + 1;

	return next < f->capability_count ? f->capability[next].at : 0;
}
