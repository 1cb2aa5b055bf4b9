// SPDX-License-Identifier: MIT
/*
 * A guest that writes any bytes anywhere into its device's configuration space,
 * MSI-X table and local APIC, while the device sends what it was given and what
 * it likes. Whatever it does: what arrives is a vector that the guest has
 * programmed, at its own CPU; the device's own message is the one that the
 * guest reads back; BARs, commands and other devices stay as they were.
 *
 * Bytes: the vendor, then orders of eight.
 */
#include "dma/dma.h"
#include "fake_cpu.h"
#include "fake_guest.h"
#include "fake_intr.h"
#include "fake_registers.h"
#include "fuzz.h"
#include "machine.h"
#include "vpci/vpci.h"

#include <stdlib.h>
#include <string.h>

#define DEVICE	    SLUICE_SBDF(0, 0, 3, 0)
#define NEIGHBOUR   SLUICE_SBDF(0, 0, 4, 0)
#define SPACE_BYTES 256u

#define BAR_MACHINE (MACHINE_BAR_BASE + (UINT64_C(1) << 20))
#define BAR_AT	    UINT64_C(0xe0000000) /* in the guest's view */
#define BAR_BYTES   (UINT64_C(1) << 20)

#define AT_POWER    0x40u
#define AT_MSI	    0x50u
#define AT_EXPRESS  0x70u
#define AT_MSIX	    0xb0u
#define TABLE_PAGE  UINT64_C(0x2000)
#define TABLE	    (TABLE_PAGE + 0x800)
#define ENTRY_COUNT 5u
#define ENTRY(n)    (TABLE + 16 * (uint64_t)(n))

#define COMMAND_KEPT	 0x0403u /* I/O, memory, no INTx */
#define COMMAND_WANTED	 0x0402u
#define CONTROL_ON	 0x10000u
#define MSIX_IS_ON	 0x80000000u
#define MSIX_IS_MASKED	 0x40000000u
#define FIRST_VECTOR	 0x20u
#define LAST_VECTOR	 0xefu
#define ORDER_BYTES	 8u
#define INPUT_BYTES_MAX	 1024u
#define AMD_AT		 240u /* first bytes from here on */
#define INPUTS_A_MACHINE 2000u

static const struct fake_register registers[] = {
	{0x04, 0x00100000, 0x0407},
	{0x34, AT_POWER, 0},
	{AT_POWER, 0xfe035001, 0},
	{AT_POWER + 4, 0x00000008, 0x103},
	{AT_MSI, 0x01867005, 0x00710000},
	{AT_MSI + 4, 0, 0xfffffffc},
	{AT_MSI + 8, 0, 0xffffffff},
	{AT_MSI + 12, 0, 0xffff},
	{AT_MSI + 16, 0, 0xff},
	{AT_MSI + 20, 0x000000ff, 0},
	{AT_EXPRESS, 0x0002b010, 0},
	{AT_EXPRESS + 4, 0x00008fc5, 0},
	{AT_EXPRESS + 8, 0x00002810, 0xffff},
	{AT_MSIX, 0x00040011, 0xc0000000},
	{AT_MSIX + 4, (uint32_t)TABLE, 0},
	{AT_MSIX + 8, (uint32_t)TABLE_PAGE + 0xc00, 0},
};

/* One order, as it lies in the input. */
struct order {
	uint8_t kind;
	uint8_t at;
	uint16_t size; /* its two low bits, of an access */
	uint32_t value;
};
static_assert(sizeof(struct order) == ORDER_BYTES, "no padding");

static enum { NONE, INTEL, AMD } booted;

static struct {
	struct fake_guest *guest;
	unsigned arrivals;
	/* Whatever the guest wrote as a message's lowest byte. */
	bool has_programmed[256];
	uint8_t neighbour[SPACE_BYTES];
	uint32_t bars[6];
} world;

/* ---- what a guest does ---- */

static uint32_t port(uint16_t port, unsigned bytes, bool is_write,
		     uint32_t value)
{
	(void)vpci_port(world.guest->guest, port, bytes, is_write, &value);
	return value;
}

static uint32_t config(unsigned at, unsigned bytes, bool is_write,
		       uint32_t value)
{
	(void)port(VPCI_PORT_ADDRESS, 4, true,
		   0x80000000u | SLUICE_SBDF(0, 0, 1, 0) << 8 | (at & 0xfc));
	return port((uint16_t)(VPCI_PORT_DATA + (at & 3)), bytes, is_write,
		    value) &
	       UINT32_MAX >> (32 - 8 * bytes);
}

static uint64_t table(uint64_t at, unsigned bytes, bool is_write,
		      uint64_t value)
{
	(void)vpci_mmio(world.guest->guest, to_gpa(BAR_AT + at), bytes,
			is_write, &value);
	return value;
}

/* ---- what the device does ---- */

static bool sends_msi(void)
{
	uint64_t address = fake_function_config32(DEVICE, AT_MSI + 4) |
			   (uint64_t)fake_function_config32(DEVICE, AT_MSI + 8)
				   << 32;

	return (fake_function_config32(DEVICE, AT_MSI) & CONTROL_ON) != 0 &&
	       fake_msi(DEVICE, address,
			fake_function_config32(DEVICE, AT_MSI + 12));
}

static bool sends_entry(unsigned n)
{
	uint64_t at = BAR_MACHINE + ENTRY(n);
	uint32_t control = fake_function_config32(DEVICE, AT_MSIX);

	return (control & MSIX_IS_ON) && !(control & MSIX_IS_MASKED) &&
	       (fake_registers_read(at + 12, 4) & 1) == 0 &&
	       fake_msi(DEVICE, fake_registers_read(at, 8),
			(uint32_t)fake_registers_read(at + 8, 4));
}

/* ---- what must hold ---- */

static void judge_arrivals(void)
{
	for (; world.arrivals < fake_arrivals(); world.arrivals++) {
		struct fake_arrival a = fake_arrival(world.arrivals);

		if (a.mode == FAKE_INTR_SMI && booted == AMD) {
			/* No table's matter: hypervisor/iommu/README.md. */
			continue;
		}
		must(a.apic_id == FAKE_APIC_ID(world.guest->guest));
		must(a.mode == FAKE_INTR_FIXED);
		must(a.vector >= FIRST_VECTOR && a.vector <= LAST_VECTOR);
		must(world.has_programmed[a.vector]);
		vpci_arrived(world.guest->guest, a.vector);
	}
}

static void judge_device(void)
{
	must((fake_function_config32(DEVICE, 4) & COMMAND_KEPT) ==
	     COMMAND_WANTED);
	for (unsigned i = 0; i < 6; i++) {
		must(fake_function_config32(DEVICE, 0x10 + 4 * i) ==
		     world.bars[i]);
	}
	must(memcmp(fake_function_space(NEIGHBOUR), world.neighbour,
		    SPACE_BYTES) == 0);
}

/* A message of the guest's CPU: to APIC id 0, to logical 1, or to all. */
static bool names_own_cpu(uint64_t address)
{
	uint64_t to = address >> 12 & 0xff;
	bool is_logical = (address & 4) != 0;

	return address >> 20 == 0xfee &&
	       (to == 0xff || (is_logical ? (to & 1) != 0 : to == 0));
}

/* What the device sends of its own is what the guest reads back, or nothing. */
static void judge_message(bool came, uint64_t address, uint32_t data)
{
	if (came) {
		must(names_own_cpu(address));
		must(fake_arrival(fake_arrivals() - 1).vector == (uint8_t)data);
	}
}

static void judge_msi(void)
{
	uint64_t address = config(AT_MSI + 4, 4, false, 0) |
			   (uint64_t)config(AT_MSI + 8, 4, false, 0) << 32;

	judge_message(sends_msi(), address, config(AT_MSI + 12, 2, false, 0));
}

static void judge_entry(unsigned n)
{
	bool came = sends_entry(n);

	judge_message(came, table(ENTRY(n), 8, false, 0),
		      (uint32_t)table(ENTRY(n) + 8, 4, false, 0));
	must(!came || !(table(ENTRY(n) + 12, 4, false, 0) & 1));
}

/* ---- orders ---- */

static void read_or_write_apic(const struct order *o)
{
	struct lapic *lapic = vpci_lapic(world.guest->guest);
	uint32_t msr = 0x800u + o->at;
	uint64_t value = o->value;

	if (!(o->size & 1)) {
		(void)lapic_read(lapic, msr, &value);
	} else if (lapic_write(lapic, msr, value) && msr == 0x83f) {
		/* An interrupt to itself needs no device. */
		world.has_programmed[(uint8_t)value] = true;
	}
}

static void take_interrupt(void)
{
	struct lapic *lapic = vpci_lapic(world.guest->guest);
	uint8_t vector = lapic_next(lapic);

	if (vector != 0) {
		must(vector >= LAPIC_FIRST_VECTOR);
		must(world.has_programmed[vector]);
		lapic_deliver(lapic, vector);
		must(lapic_next(lapic) == 0 ||
		     lapic_next(lapic) >> 4 > vector >> 4);
	}
}

/* A write may say a vector with any of its bytes. */
static void note_vectors(uint64_t value)
{
	for (; value != 0; value >>= 8) {
		world.has_programmed[(uint8_t)value] = true;
	}
}

static void access_table(const struct order *o, bool is_write)
{
	uint64_t value = o->value | (uint64_t)o->size << 48;
	uint64_t at = o->kind & 0x80 ? TABLE_PAGE + 16 * (uint64_t)o->at
				     : ENTRY(0) + o->at % 80u;

	note_vectors(is_write ? value : 0);
	(void)table(at, 1u << (o->size & 3), is_write, value);
}

static void obey(const struct order *o)
{
	unsigned bytes = 1u << (o->size & 3) % 3;

	switch (o->kind % 9) {
	case 0:
		(void)config(o->at, bytes, false, 0);
		break;
	case 1:
		note_vectors(o->value);
		(void)config(o->at, bytes, true, o->value);
		break;
	case 2:
		access_table(o, false);
		break;
	case 3:
		access_table(o, true);
		break;
	case 4:
		(void)fake_msi(DEVICE, 0xfee00000u | (o->value & 0xffffc),
			       o->value >> 20 | (uint32_t)o->at << 12);
		break;
	case 5:
		judge_msi();
		break;
	case 6:
		judge_entry(o->at % ENTRY_COUNT);
		break;
	case 7:
		read_or_write_apic(o);
		break;
	default:
		/* Any port near the window, any address word before it. */
		note_vectors(o->value);
		(void)port(0xcf8 + o->at % 9, bytes, (o->size & 4) != 0,
			   o->value);
		break;
	}
	judge_arrivals();
	take_interrupt();
	judge_device();
}

/* ---- the machine ---- */

static void boot(bool amd)
{
	struct machine_config c = amd ? machine_amd() : machine_default();

	c.function[1].registers = registers;
	c.function[1].register_count = ARRAY_COUNT(registers);
	machine_boot(&c);
	fake_registers_place(BAR_MACHINE);
	must(dma_device_quarantine(DEVICE) == 0);
}

/* A guest gets the device, and touches it: that adopts it. */
static void begin(void)
{
	static const struct fake_guest_config small = {.ram_pages = 64};

	memset(&world, 0, sizeof(world));
	world.guest = fake_guest_create(&small);
	world.arrivals = fake_arrivals();
	vpci_guest_create(world.guest->guest);
	must(dma_device_assign(world.guest->guest, DEVICE,
			       SLUICE_ASSIGN_RESET_WAIVED) == 0);
	dma_device_note_bar(world.guest->guest, BAR_MACHINE, BAR_BYTES,
			    to_gpa(BAR_AT), true);
	fake_guest_run(world.guest);
	for (unsigned i = 0; i < 6; i++) {
		world.bars[i] = fake_function_config32(DEVICE, 0x10 + 4 * i);
	}
	memcpy(world.neighbour, fake_function_space(NEIGHBOUR), SPACE_BYTES);
	(void)config(4, 2, true, 2);
}

/*
 * Taken away, it reaches nobody, whatever stands in it and whatever it says.
 * Blocked messages are what was wanted.
 */
static void end(void)
{
	must(dma_device_deassign(world.guest->guest, DEVICE) == 0);
	must(!sends_msi());
	for (unsigned n = 0; n < ENTRY_COUNT; n++) {
		must(!sends_entry(n));
	}
	for (uint32_t data = 0; data < 32; data++) {
		must(!fake_msi(DEVICE, 0xfee00000, data << 3));
		must(!fake_msi(DEVICE, 0xfee00010 | data << 5, 0));
	}
	must(fake_guest_destroy(world.guest) == 0);
	fake_unit_forgive(machine_unit(0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned inputs;
	struct order order;

	if (size == 0 || size > INPUT_BYTES_MAX) {
		return 0;
	}
	/* A new machine costs as much as hundreds of inputs. */
	if (booted != (data[0] < AMD_AT ? INTEL : AMD) ||
	    ++inputs == INPUTS_A_MACHINE) {
		if (booted != NONE) {
			machine_shutdown();
		}
		booted = data[0] < AMD_AT ? INTEL : AMD;
		boot(booted == AMD);
		inputs = 0;
	}
	begin();
	for (size_t at = 1; at + sizeof(order) <= size; at += sizeof(order)) {
		memcpy(&order, data + at, sizeof(order));
		obey(&order);
	}
	end();
	return 0;
}
