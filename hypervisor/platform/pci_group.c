// SPDX-License-Identifier: MIT
/*
 * Requester ids and groups of a described topology. Pure and bounded: a pass
 * over pairs of functions, and as many passes as groups grow together.
 */
#include "platform/pci_group.h"

#include "platform/pci.h"

#define FUNCTION_BITS 3u

static uint8_t bus_of(const struct pci_device *dev)
{
	return (uint8_t)(dev->sbdf >> 8);
}

static uint16_t segment_of(const struct pci_device *dev)
{
	return (uint16_t)(dev->sbdf >> 16);
}

static bool lists(const struct pci_ids *ids, uint16_t id)
{
	for (unsigned i = 0; i < ids->count; i++) {
		if (ids->id[i] == id) {
			return true;
		}
	}
	return false;
}

bool pci_has_id(const struct pci_device *dev, uint16_t segment, uint16_t bdf)
{
	return segment_of(dev) == segment && lists(&dev->ids, bdf);
}

static void add(struct pci_ids *ids, uint16_t id)
{
	if (lists(ids, id)) {
		return;
	}
	if (ids->count == PCI_IDS_MAX) {
		ids->is_too_many = true;
		return;
	}
	ids->id[ids->count++] = id;
}

/* The highest bits of the function number are free to be anything. */
static void add_phantoms(struct pci_device *dev)
{
	unsigned fixed = FUNCTION_BITS - dev->ids.phantom_bits;
	unsigned base = dev->sbdf & 0xffffu & ~7u;
	unsigned low = dev->sbdf & 7u & ((1u << fixed) - 1);

	for (unsigned high = 0; high < 1u << dev->ids.phantom_bits; high++) {
		add(&dev->ids, (uint16_t)(base | high << fixed | low));
	}
}

static bool is_behind(const struct pci_device *dev,
		      const struct pci_device *bridge)
{
	return bridge->bridge.secondary != 0 &&
	       segment_of(dev) == segment_of(bridge) &&
	       bus_of(dev) >= bridge->bridge.secondary &&
	       bus_of(dev) <= bridge->bridge.subordinate;
}

static void find_ids(struct pci_device *dev, const struct pci_device *devices,
		     unsigned count, const struct pci_alias *aliases,
		     unsigned alias_count)
{
	dev->ids.count = 0;
	dev->ids.group = 0;
	dev->ids.is_too_many = dev->ids.phantom_bits > FUNCTION_BITS;
	add(&dev->ids, (uint16_t)dev->sbdf);
	if (dev->is_bridge || dev->ids.is_too_many) {
		return;
	}
	add_phantoms(dev);
	for (unsigned i = 0; i < count; i++) {
		const struct pci_device *b = &devices[i];

		if (b->bridge.merges_ids && is_behind(dev, b)) {
			add(&dev->ids, (uint16_t)(b->bridge.secondary << 8));
			add(&dev->ids, (uint16_t)b->sbdf);
		}
	}
	for (unsigned i = 0; i < alias_count; i++) {
		const struct pci_alias *a = &aliases[i];
		uint16_t own = dev->ids.id[0];

		if (a->segment == segment_of(dev) && a->first <= own &&
		    own <= a->last) {
			add(&dev->ids, a->id);
		}
	}
}

static bool share_id(const struct pci_device *a, const struct pci_device *b)
{
	for (unsigned i = 0; i < a->ids.count; i++) {
		if (pci_has_id(b, segment_of(a), a->ids.id[i])) {
			return true;
		}
	}
	return false;
}

/* One pass: functions that share an id get the lower of their numbers. */
static bool join(struct pci_device *devices, unsigned count)
{
	bool has_changed = false;

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = i + 1; j < count; j++) {
			struct pci_ids *a = &devices[i].ids;
			struct pci_ids *b = &devices[j].ids;

			if (devices[i].is_bridge || devices[j].is_bridge ||
			    a->group == b->group ||
			    !share_id(&devices[i], &devices[j])) {
				continue;
			}
			has_changed = true;
			if (a->group < b->group) {
				b->group = a->group;
			} else {
				a->group = b->group;
			}
		}
	}
	return has_changed;
}

static bool is_alone(const struct pci_device *devices, unsigned count,
		     unsigned n)
{
	for (unsigned i = 0; i < count; i++) {
		if (i != n && devices[i].ids.group == devices[n].ids.group) {
			return false;
		}
	}
	return true;
}

void pci_group(struct pci_device *devices, unsigned count,
	       const struct pci_alias *aliases, unsigned alias_count)
{
	for (unsigned i = 0; i < count; i++) {
		find_ids(&devices[i], devices, count, aliases, alias_count);
		devices[i].ids.group = (uint8_t)(i + 1);
	}
	/* Numbers only fall, so this ends; nearly always after two passes. */
	while (join(devices, count)) {
	}
	for (unsigned i = 0; i < count; i++) {
		if (is_alone(devices, count, i)) {
			devices[i].ids.group = 0;
		}
	}
}
