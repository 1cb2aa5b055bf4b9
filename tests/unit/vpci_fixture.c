// SPDX-License-Identifier: MIT
/* The machine of the vpci suites; what stands for interrupt remapping in it. */
#include "vpci_fixture.h"

#include "dma/device.h"

#include <string.h>

static const struct fake_register every_capability[] = {
	{0x04, 0x00100000, 0}, /* there is a list */
	{0x0c, 0x00004010, 0xff},
	{0x2c, 0x11001af4, 0},
	{0x30, 0xfff00000, 0xfffff801},
	{0x34, AT_VENDOR, 0},
	{0x3c, 0x02010105, 0xff},
	{AT_VENDOR, 0x00105009, 0},
	{AT_VENDOR + 4, 0xdeadbeef, 0xffffffff},
	{AT_POWER, 0xfe036001, 0},
	{AT_POWER + 4, 0x00000008, 0x103},
	{AT_MSI, 0x01868005, 0x00710000},
	{AT_MSI + 4, 0, 0xfffffffc},
	{AT_MSI + 8, 0, 0xffffffff},
	{AT_MSI + 12, 0, 0xffff},
	{AT_MSI + 16, 0, 0xff},
	{AT_MSI + 20, 0x000000ff, 0},
	{AT_EXPRESS, 0x0002c010, 0},
	{AT_EXPRESS + 4, 0x00008fc5, 0},
	{AT_EXPRESS + 8, 0x00002810, 0xffff},
	{AT_MSIX, 0x00040011, 0xc0000000},
	{AT_MSIX + 4, (uint32_t)TABLE, 0},
	{AT_MSIX + 8, (uint32_t)PENDING, 0},
};

struct iommu_vector vpci_entry[IOMMU_INTR_ENTRIES];
unsigned vpci_sets;
int vpci_set_error;

/* Whether the units' own remapping is asked, or this stands in front of it. */
static enum {
	UNITS_OWN,
	NONE,
	NOTED,
} remapping;

/* The linker puts these in front (TEST_UNIT_LDLIBS of tests/objects.mk). */
bool __real_iommu_intr_is_present(void);
bool __wrap_iommu_intr_is_present(void);
int __real_iommu_intr_set(uint32_t sbdf, unsigned n,
			  const struct iommu_vector *to,
			  struct iommu_message *message);
int __wrap_iommu_intr_set(uint32_t sbdf, unsigned n,
			  const struct iommu_vector *to,
			  struct iommu_message *message);

bool __wrap_iommu_intr_is_present(void)
{
	return remapping == UNITS_OWN ? __real_iommu_intr_is_present()
				      : remapping == NOTED;
}

int __wrap_iommu_intr_set(uint32_t sbdf, unsigned n,
			  const struct iommu_vector *to,
			  struct iommu_message *message)
{
	int error = vpci_set_error;

	if (remapping == UNITS_OWN) {
		return __real_iommu_intr_set(sbdf, n, to, message);
	}
	EXPECT(sbdf == D1, "entry of %x", sbdf);
	EXPECT(n < IOMMU_INTR_ENTRIES, "entry %u", n);
	vpci_sets++;
	vpci_set_error = 0;
	vpci_entry[n] = (struct iommu_vector){0, 0};
	if (error == 0 && to != NULL) {
		vpci_entry[n] = *to;
		*message = (struct iommu_message){MESSAGE_ADDRESS,
						  MESSAGE_DATA(n)};
	}
	return error;
}

struct fake_guest *vpci_boot_with(bool remaps_interrupts,
				  const struct fake_register *registers,
				  unsigned count)
{
	struct machine_config c = machine_default();
	struct fake_guest *g;

	c.function[1].registers = registers;
	c.function[1].register_count = count;
	machine_boot(&c);
	fake_registers_place(BAR_MACHINE);
	memset(vpci_entry, 0, sizeof(vpci_entry));
	vpci_sets = 0;
	vpci_set_error = 0;
	remapping = remaps_interrupts ? NOTED : NONE;
	g = fake_guest_create(NULL);
	vpci_guest_create(g->guest);
	ck_assert_uint_eq(fake_guest_assign(g, D1), V1);
	dma_device_note_bar(g->guest, BAR_MACHINE, BAR_BYTES, to_gpa(BAR_AT),
			    true);
	fake_guest_run(g);
	return g;
}

struct fake_guest *vpci_boot(bool remaps_interrupts)
{
	struct fake_guest *g =
		vpci_boot_with(remaps_interrupts, every_capability,
			       ARRAY_COUNT(every_capability));

	/* It can reset itself; nobody has to wait for that before each test. */
	fake_function_poke32(D1, AT_EXPRESS + 4, 0x10008fc5);
	return g;
}

void vpci_boot_end(void)
{
	fake_registers_place(0);
	remapping = UNITS_OWN;
	machine_shutdown();
}

static uint32_t address_of(unsigned at)
{
	return 0x80000000u | V1 << 8 | (at & 0xfcu);
}

uint32_t port_get(struct fake_guest *g, uint32_t address, unsigned offset,
		  unsigned bytes)
{
	uint32_t value = 0x55aa55aa;

	ck_assert(vpci_port(g->guest, VPCI_PORT_ADDRESS, 4, true, &address));
	EXPECT(vpci_port(g->guest, (uint16_t)(VPCI_PORT_DATA + offset), bytes,
			 false, &value),
	       "no port");
	return value & (uint32_t)GENMASK(8 * bytes - 1, 0);
}

uint32_t config_get(struct fake_guest *g, unsigned at, unsigned bytes)
{
	return port_get(g, address_of(at), at & 3, bytes);
}

void config_put(struct fake_guest *g, unsigned at, unsigned bytes,
		uint32_t value)
{
	uint32_t address = address_of(at);

	ck_assert(vpci_port(g->guest, VPCI_PORT_ADDRESS, 4, true, &address));
	EXPECT(vpci_port(g->guest, (uint16_t)(VPCI_PORT_DATA + (at & 3)), bytes,
			 true, &value),
	       "no port");
}

uint64_t table_get(struct fake_guest *g, uint64_t at, unsigned bytes)
{
	uint64_t value = UINT64_C(0x5a5a5a5a5a5a5a5a);

	EXPECT(vpci_mmio(g->guest, to_gpa(BAR_AT + at), bytes, false, &value),
	       "no page at %lx", (unsigned long)at);
	return value & GENMASK(8 * bytes - 1, 0);
}

void table_put(struct fake_guest *g, uint64_t at, unsigned bytes,
	       uint64_t value)
{
	EXPECT(vpci_mmio(g->guest, to_gpa(BAR_AT + at), bytes, true, &value),
	       "no page at %lx", (unsigned long)at);
}
