// SPDX-License-Identifier: MIT
/*
 * Reading back what passes of interrupts: the half of sub-op audit that is
 * about remapping tables. Entries are damaged in memory, as a bug would.
 */
#include "arch/physmap.h"
#include "iommu/amdvi/amdvi.h"
#include "iommu/intr.h"
#include "iommu/vtd/vtd.h"
#include "service_fixture.h"

#define IDS    0x10000u
#define NOBODY 0x1234u /* an id without a device */

/* Sums over the segment. */
struct sums {
	uint32_t heard, wrong;
	uint32_t last_wrong;
	bool last_is_open, last_is_interrupt;
};

static struct fake_guest *g;

static struct sums audit_all(void)
{
	struct sums s = {0};

	for (uint32_t id = 0; id < IDS;) {
		struct sluice_audit a = {.first = id};
		uint32_t last;

		ANSWERS(STATUS_SUCCESS, CALL(machine_control(), audit, a));
		EXPECT(a.checked != 0, "no id looked at from %x on", id);
		id += a.checked;
		s.heard += a.heard;
		s.wrong += a.wrong_count;
		if (a.wrong_count != 0) {
			last = a.wrong_count - 1;
			s.last_wrong = a.wrong[last];
			s.last_is_open = (a.wrong_open >> last & 1) != 0;
			s.last_is_interrupt =
				(a.wrong_interrupts >> last & 1) != 0;
		}
	}
	return s;
}

/* One id is wrong, its interrupts pass or do not. */
static void expect_wrong(uint32_t id, bool is_open, const char *what)
{
	struct sums s = audit_all();

	EXPECT(s.wrong == 1 && s.last_wrong == id && s.last_is_interrupt &&
		       s.last_is_open == is_open,
	       "%s: %u wrong, the last %x, %s, %s", what, s.wrong, s.last_wrong,
	       s.last_is_open ? "open" : "closed",
	       s.last_is_interrupt ? "interrupts" : "DMA");
}

static void expect_right(void)
{
	struct sums s = audit_all();

	EXPECT(s.wrong == 0, "%x is wrong", s.last_wrong);
}

static bool is_amd(void)
{
	return iommu_format() == &pt_format_amdv1;
}

static void set(uint32_t sbdf, unsigned n)
{
	struct iommu_vector to = {0x51, 2};

	ck_assert_int_eq(iommu_intr_set(sbdf, n, &to, NULL), 0);
}

START_TEST(those_of_owners_pass_alone)
{
	/* Home's on AMD alone; a guest's from its first vector to its end. */
	uint32_t home;

	boot_service(_i);
	home = audit_all().heard;
	/* AMD: four devices, a bridge or an interrupt controller. */
	ck_assert(is_amd() ? home > 4 : home == 0);
	g = guest_with(2, D1);
	home -= is_amd() ? 2 : 0;
	ck_assert_uint_eq(audit_all().heard, home);
	set(D1, 7);
	set(D1, 255);
	set(D2, 0);
	ck_assert_uint_eq(audit_all().heard, home + 2);
	ck_assert_int_eq(dma_device_deassign(g->guest, D1), 0);
	ck_assert_uint_eq(audit_all().heard, home + 1);
	expect_right();
	ck_assert_int_eq(fake_guest_destroy(g), 0);
	ck_assert_uint_eq(audit_all().heard, home);
	machine_shutdown();
}
END_TEST

START_TEST(entry_of_nobody_is_reported)
{
	/* No device, home's, in quarantine: entries of its own are a fault. */
	static const uint32_t ids[] = {NOBODY, 0xffff, D3, D4};

	boot_service(_i);
	ck_assert_int_eq(dma_device_quarantine(D3), 0);
	for (unsigned i = 0; i < ARRAY_COUNT(ids); i++) {
		ck_assert_int_eq(iommu_intr_open(ids[i], 16), 0);
		set(ids[i], 3);
		expect_wrong(ids[i], true, "entry of nobody");
		ck_assert_int_eq(ids[i] == D4 ? iommu_intr_close(ids[i])
					      : iommu_intr_drop(ids[i]),
				 0);
		expect_right();
	}
	machine_reset();
}
END_TEST

START_TEST(way_home_is_asked_for_both_ways)
{
	/* AMD: a device at home must be heard; one that is not must not be. */
	boot_service(_i);
	if (is_amd()) {
		ck_assert_int_eq(iommu_intr_drop(D4), 0);
		expect_wrong(D4, false, "home's is dropped");
		iommu_unit_at(0)->has_failed = true;
		expect_right(); /* A failed unit's drop is in order. */
		iommu_unit_at(0)->has_failed = false;
		ck_assert_int_eq(iommu_intr_close(D4), 0);
		expect_right();
		ck_assert_int_eq(iommu_intr_close(NOBODY), 0);
		expect_wrong(NOBODY, true, "nobody's reaches home");
		ck_assert_int_eq(iommu_intr_drop(NOBODY), 0);
		ck_assert_int_eq(dma_device_quarantine(D3), 0);
		ck_assert_int_eq(iommu_intr_close(D3), 0);
		expect_wrong(D3, true, "quarantine's reaches home");
	}
	machine_reset();
}
END_TEST

/* ---- damage in memory ---- */

static uint64_t *word_of(uint32_t id)
{
	return &amdvi_dte(iommu_unit_at(0), (uint16_t)id)->interrupts.low;
}

static uint64_t table_word(uint64_t at)
{
	return AMDVI_DTE2_IV | field_prep(AMDVI_DTE2_LEN, 9) | at |
	       field_prep(AMDVI_DTE2_CTL, AMDVI_INTCTL_REMAP);
}

static void damage_amd(void)
{
	const uint64_t own = *word_of(D1);
	const struct {
		uint64_t word;
		const char *what;
	} rows[] = {
		{0, "not remapped"},
		{own & ~AMDVI_DTE2_IV, "without IV"},
		{AMDVI_DTE2_IV | field_prep(AMDVI_DTE2_CTL, 1), "forwarded"},
		{AMDVI_DTE2_IV | field_prep(AMDVI_DTE2_CTL, 3), "reserved"},
		{own | AMDVI_DTE2_NMI, "NMI passes"},
		{own | AMDVI_DTE2_INIT, "INIT passes"},
		{AMDVI_DTE2_IV | AMDVI_DTE2_LINT, "LINT passes"},
		{own + 0x40, "not at its table's start"},
		{(own & ~AMDVI_DTE2_LEN) | field_prep(AMDVI_DTE2_LEN, 11),
		 "longer than its table"},
		{table_word(fake_guest_hpa(g, P(1))), "a guest's page"},
		{table_word(UINT64_C(0xfee00000)), "no memory"},
		{*word_of(D2), "another's table"},
		{table_word(amdvi_of(iommu_unit_at(0))->home.addr), "home's"},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		*word_of(D1) = rows[i].word;
		expect_wrong(D1, true, rows[i].what);
	}
	*word_of(D1) = own;
}

static struct vtd_irte *present_entry(void)
{
	struct vtd_irte *table =
		physmap_ptr(vtd_of(iommu_unit_at(0))->intr_table);

	while ((table->low & VTD_IRTE_P) == 0) {
		table++;
	}
	return table;
}

static void damage_vtd(void)
{
	struct vtd_irte *entry = present_entry();
	const struct vtd_irte own = *entry;
	const struct vtd_irte rows[] = {
		{own.low, own.high & ~VTD_IRTE_SVT},
		{own.low, own.high | field_prep(VTD_IRTE_SQ, 3)},
		{own.low | BIT(5) /* delivery mode */, own.high},
		{own.low | BIT(2) /* logical */, own.high},
	};

	entry->high = (own.high & ~VTD_IRTE_SID) | NOBODY;
	expect_wrong(NOBODY, true, "given to nobody");
	for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
		*entry = rows[i];
		EXPECT(audit_all().wrong == IDS, "row %u: not everybody's", i);
	}
	*entry = own;
}

START_TEST(damaged_entry_is_reported)
{
	/* Whatever would let more through than was set, in each field. */
	boot_service(_i);
	g = guest_with(2, D1);
	set(D1, 0);
	expect_right();
	if (is_amd()) {
		damage_amd();
	} else {
		damage_vtd();
	}
	expect_right();
	machine_shutdown();
}
END_TEST

START_TEST(controllers_are_as_firmware_says)
{
	/* AMD: an I/O APIC's entry that grants more, or less, is reported. */
	uint32_t id = 0;

	boot_service(_i);
	if (is_amd()) {
		const struct ivrs *ivrs = amdvi_of(iommu_unit_at(0))->ivrs;
		uint64_t own;

		for (unsigned i = 0; i < ivrs->device_count; i++) {
			if (ivrs->device[i].kind == IVRS_IOAPIC) {
				id = ivrs->device[i].first;
			}
		}
		own = *word_of(id);
		*word_of(id) = own | AMDVI_DTE2_INIT;
		expect_wrong(id, true, "INIT of an I/O APIC");
		*word_of(id) = AMDVI_DTE2_IV;
		expect_wrong(id, true, "I/O APIC cut off");
		*word_of(id) = own;
		expect_right();
	}
	machine_shutdown();
}
END_TEST

START_TEST(every_unit_is_asked)
{
	/* An entry in a unit that is not in front of its requester is a fault,
	 * and stays one. */
	struct iommu_vector to = {0x51, 2};
	struct iommu_message unused;
	struct iommu_unit *unit;

	for (unsigned i = 0; i < 2; i++) {
		struct machine_config c = machine_default();

		c.unit_count = 2;
		c.unit[1] = c.unit[0];
		c.unit[1].explicit_scope = true;
		c.function[2].unit = 1;
		machine_boot(&c);
		expect_right();
		guest_with(1, c.function[1].sbdf);
		guest_with(1, c.function[2].sbdf);
		set(c.function[1].sbdf, 0);
		set(c.function[2].sbdf, 0);
		expect_right();
		ck_assert_uint_eq(audit_all().heard, 2);
		/* Each one's unit is the other's stray one. */
		unit = iommu_unit_at(i);
		for (unsigned f = 1; f <= 2; f++) {
			uint16_t id = (uint16_t)c.function[f].sbdf;

			if (iommu_unit_of(id) == unit) {
				continue;
			}
			ck_assert_int_eq(unit->ops->intr->open(unit, id, 1), 0);
			ck_assert_int_eq(
				unit->ops->intr->set(unit, id, 0, &to, &unused),
				0);
			expect_wrong(id, true, "by another unit");
		}
		machine_reset();
	}
}
END_TEST

START_TEST(refused_release_lets_none_pass)
{
	/* Of a device with eight ids, whichever request is refused: what stays
	 * in quarantine is heard under none. */
	struct machine_config c = service_machine(_i);
	unsigned n = 0;
	int err;

	c.function[1].express = 0x0002;	       /* an endpoint */
	c.function[1].express_device = 3 << 3; /* all its phantoms */
	machine_boot(&c);
	ck_assert_int_eq(dma_device_quarantine(D1), 0);
	do {
		fake_unit_queue_error(machine_unit(0), ++n);
		err = dma_device_release(D1);
		fake_unit_queue_error(machine_unit(0), 0);
		ck_assert(err == 0 || err == -XEN_EIO);
		expect_right();
	} while (err);
	machine_shutdown();
}
END_TEST

START_TEST(unit_without_remapping_is_not_asked)
{
	/* There nothing is decided, so nothing is wrong. */
	struct machine_config c = service_machine(_i);

	c.unit[0].no_ir = c.amdvi[0].no_ir = true;
	machine_boot(&c);
	ck_assert_uint_eq(audit_all().heard, 0);
	expect_right();
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(audit_intr, those_of_owners_pass_alone,
	      entry_of_nobody_is_reported, way_home_is_asked_for_both_ways,
	      damaged_entry_is_reported, controllers_are_as_firmware_says,
	      every_unit_is_asked, refused_release_lets_none_pass,
	      unit_without_remapping_is_not_asked)
