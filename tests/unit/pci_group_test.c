// SPDX-License-Identifier: MIT
/* Requester ids and groups of described topologies; no machine is needed. */
#include "platform/pci.h"
#include "suite.h"

#include <string.h>

#define FUNCTION(bus, device, function) SLUICE_SBDF(0, bus, device, function)
#define MANY				64u

static struct pci_device devices[MANY];
static unsigned count;

static struct pci_device *add(uint32_t sbdf)
{
	devices[count] = (struct pci_device){.sbdf = sbdf};
	return &devices[count++];
}

static struct pci_device *add_bridge(uint32_t sbdf, uint8_t first, uint8_t last,
				     bool merges)
{
	struct pci_device *bridge = add(sbdf);

	bridge->is_bridge = true;
	bridge->bridge = (struct pci_bridge){first, last, merges};
	return bridge;
}

static bool has_ids(const struct pci_device *dev, const uint16_t *ids,
		    unsigned wanted)
{
	for (unsigned i = 0; i < wanted; i++) {
		if (!pci_has_id(dev, 0, ids[i])) {
			return false;
		}
	}
	return dev->ids.count == wanted && dev->ids.id[0] == ids[0];
}

START_TEST(functions_of_ports_are_alone)
{
	/* Own id and no group, behind ports and in one device of several. */
	struct pci_device *behind, *first, *second;
	uint16_t id;

	count = 0;
	add_bridge(FUNCTION(0, 1, 0), 1, 1, false);
	behind = add(FUNCTION(1, 0, 0));
	first = add(FUNCTION(0, 5, 0));
	second = add(FUNCTION(0, 5, 1));
	pci_group(devices, count, NULL, 0);
	id = 0x100;
	ck_assert(has_ids(behind, &id, 1) && behind->ids.group == 0);
	id = 0x28;
	ck_assert(has_ids(first, &id, 1) && first->ids.group == 0);
	id = 0x29;
	ck_assert(has_ids(second, &id, 1) && second->ids.group == 0);
}
END_TEST

START_TEST(devices_behind_a_bridge_to_pci_are_a_group)
{
	/* The bridge's id and that of its bus's first device stand for both. */
	static const uint16_t want[] = {0x118, 0x100, 0x30};
	struct pci_device *one, *two, *other;

	count = 0;
	one = add(FUNCTION(1, 3, 0));
	two = add(FUNCTION(1, 4, 0));
	other = add(FUNCTION(2, 3, 0));
	add_bridge(FUNCTION(0, 6, 0), 1, 1, true);
	add_bridge(FUNCTION(0, 7, 0), 0, 0, true); /* not set up */
	pci_group(devices, count, NULL, 0);
	ck_assert(has_ids(one, want, 3));
	ck_assert_uint_ne(one->ids.group, 0);
	ck_assert_uint_eq(one->ids.group, two->ids.group);
	ck_assert_uint_eq(other->ids.group, 0);
	ck_assert_uint_eq(devices[3].ids.group, 0);
	ck_assert(!pci_has_id(one, 1, 0x100));
}
END_TEST

START_TEST(nested_bridges_make_one_group)
{
	/* What lies behind the inner one may come out of the outer one. */
	static const uint16_t want[] = {0x200, 0x100, 0x30, 0x108};
	struct pci_device *inner, *outer;

	count = 0;
	add_bridge(FUNCTION(0, 6, 0), 1, 2, true);
	add_bridge(FUNCTION(1, 1, 0), 2, 2, true);
	outer = add(FUNCTION(1, 2, 0));
	inner = add(FUNCTION(2, 0, 0));
	pci_group(devices, count, NULL, 0);
	ck_assert(has_ids(inner, want, 4));
	ck_assert_uint_ne(inner->ids.group, 0);
	ck_assert_uint_eq(inner->ids.group, outer->ids.group);
}
END_TEST

START_TEST(phantom_functions_are_its_own)
{
	/* One, two, three bits of the number: two, four, eight ids, alone. */
	static const uint16_t one[] = {0x19, 0x1d};
	static const uint16_t two[] = {0x19, 0x1b, 0x1d, 0x1f};
	static const uint16_t all[] = {0x18, 0x19, 0x1a, 0x1b,
				       0x1c, 0x1d, 0x1e, 0x1f};
	struct pci_device *dev;

	count = 0;
	dev = add(FUNCTION(0, 3, 1));
	dev->ids.phantom_bits = 1;
	pci_group(devices, count, NULL, 0);
	ck_assert(has_ids(dev, one, 2));
	dev->ids.phantom_bits = 2;
	pci_group(devices, count, NULL, 0);
	ck_assert(has_ids(dev, two, 4));
	dev->sbdf = FUNCTION(0, 3, 0);
	dev->ids.phantom_bits = 3;
	pci_group(devices, count, NULL, 0);
	ck_assert(has_ids(dev, all, 8));
	ck_assert_uint_eq(dev->ids.group, 0);
	ck_assert(!dev->ids.is_too_many);
}
END_TEST

START_TEST(phantom_of_one_is_another_function)
{
	/* Two functions that may send under one id are a group. */
	struct pci_device *first, *second;

	count = 0;
	first = add(FUNCTION(0, 3, 0));
	second = add(FUNCTION(0, 3, 4));
	first->ids.phantom_bits = 1;
	pci_group(devices, count, NULL, 0);
	ck_assert_uint_ne(first->ids.group, 0);
	ck_assert_uint_eq(first->ids.group, second->ids.group);
}
END_TEST

START_TEST(aliases_of_firmware_join_groups)
{
	/* A range with one alias is one group, with the alias's own owner. */
	static const struct pci_alias alias[] = {{0, 0x200, 0x2ff, 0x18},
						 {1, 0x28, 0x28, 0x20}};
	struct pci_device *first, *second, *owner, *other;

	count = 0;
	first = add(FUNCTION(2, 0, 0));
	second = add(FUNCTION(2, 1, 0));
	owner = add(FUNCTION(0, 3, 0));
	other = add(FUNCTION(0, 5, 0));
	pci_group(devices, count, alias, 2);
	ck_assert(pci_has_id(first, 0, 0x18) && pci_has_id(second, 0, 0x18));
	ck_assert_uint_ne(first->ids.group, 0);
	ck_assert_uint_eq(first->ids.group, second->ids.group);
	ck_assert_uint_eq(first->ids.group, owner->ids.group);
	ck_assert_uint_eq(other->ids.group, 0);
	ck_assert_uint_eq(other->ids.count, 1);
}
END_TEST

START_TEST(chain_of_shared_ids_is_one_group)
{
	/* Each shares an id with the next alone: still one group, in any order.
	 */
	struct pci_alias alias[MANY - 1];

	for (unsigned turn = 0; turn < 2; turn++) {
		count = 0;
		for (unsigned i = 0; i < MANY; i++) {
			uint16_t bus = (uint16_t)(turn ? MANY - i : i + 1);

			add(FUNCTION(bus, 0, 0));
		}
		for (unsigned i = 0; i < MANY - 1; i++) {
			uint16_t id = (uint16_t)((i + 1) << 8);

			alias[i] = (struct pci_alias){0, id, id,
						      (uint16_t)(id + 0x100)};
		}
		pci_group(devices, count, alias, MANY - 1);
		for (unsigned i = 1; i < MANY; i++) {
			ck_assert_uint_eq(devices[i].ids.group,
					  devices[0].ids.group);
		}
		ck_assert_uint_ne(devices[0].ids.group, 0);
	}
}
END_TEST

START_TEST(more_ids_than_fit_are_told)
{
	/* The list ends at its bound, and says that it is not whole. */
	struct pci_alias alias[PCI_IDS_MAX];
	struct pci_device *dev;

	count = 0;
	dev = add(FUNCTION(0, 3, 0));
	for (unsigned i = 0; i < PCI_IDS_MAX; i++) {
		alias[i] = (struct pci_alias){0, 0x18, 0x18,
					      (uint16_t)(0x100 + i)};
	}
	pci_group(devices, count, alias, PCI_IDS_MAX - 1);
	ck_assert_uint_eq(dev->ids.count, PCI_IDS_MAX);
	ck_assert(!dev->ids.is_too_many);
	pci_group(devices, count, alias, PCI_IDS_MAX);
	ck_assert_uint_eq(dev->ids.count, PCI_IDS_MAX);
	ck_assert(dev->ids.is_too_many);
}
END_TEST

UNIT_SUITE(pci_group, functions_of_ports_are_alone,
	   devices_behind_a_bridge_to_pci_are_a_group,
	   nested_bridges_make_one_group, phantom_functions_are_its_own,
	   phantom_of_one_is_another_function, aliases_of_firmware_join_groups,
	   chain_of_shared_ids_is_one_group, more_ids_than_fit_are_told)
