// SPDX-License-Identifier: MIT
/*
 * What the gate reads of a caller's structure and what it writes into it, over
 * all sub-ops: each [in] byte once, each [out] byte on success, nothing else.
 */
#include "service_fixture.h"

#include <string.h>

#define CANARY 0xa5
#define FIELDS 18u

/* Bytes of a field; 0 bytes = none. */
struct field {
	size_t at, bytes;
};

#define F(type, field)                                                         \
	{                                                                      \
		offsetof(struct type, field),                                  \
			sizeof(((struct type *)0)->field)                      \
	}

static uint64_t domain, device; /* what the earlier rows made */
static struct fake_guest *g;	/* caller: the control domain  */

/* Fill [in] fields: so that it succeeds, or so that it fails. */
#define FILL(name, type, ...)                                                  \
	static void name(void *argument)                                       \
	{                                                                      \
		struct type *a = argument;                                     \
                                                                               \
		__VA_ARGS__;                                                   \
	}

/* clang-format off */
FILL(good_info, sluice_info, (void)a)
FILL(good_create, sluice_create_domain,
     a->type = 0; a->creation_flags = 0; a->allocator_type = 0;
     a->region_count = 0)
FILL(bad_create, sluice_create_domain, a->type = DomainTypeMax)
FILL(good_domain, sluice_domain_ref, a->domain = domain)
FILL(bad_domain, sluice_domain_ref, a->domain = 1)
FILL(good_token, sluice_create_device, memset(&a->sbdf, 0, sizeof(*a) - 16);
     a->sbdf = D1; a->device = UINT64_C(0xa5a5a5a5a5a5a5a5))
FILL(bad_token, sluice_create_device, good_token(a); a->sbdf = 1)
FILL(good_device, sluice_device_ref, a->device = device)
FILL(bad_device, sluice_device_ref, a->device = 1)
FILL(good_attach, sluice_attach_device, a->domain = domain; a->device = device)
FILL(bad_attach, sluice_attach_device, a->domain = domain; a->device = 1)
FILL(good_map, sluice_map, a->domain = domain; a->permissions = RW;
     a->kind = SLUICE_MAP_CONTIGUOUS; a->base = g->ram.addr; a->pages = 1;
     a->logical_address = 0x1000; a->has_logical_address = 1;
     a->has_bounds = 0; a->options = 0)
FILL(bad_map, sluice_map, good_map(a); a->logical_address = 1)
FILL(good_unmap, sluice_unmap, a->domain = domain; a->pages = 1;
     a->logical_address = 0x1000; a->range_base = 0; a->range_pages = 0;
     a->options = 0)
FILL(bad_unmap, sluice_unmap, good_unmap(a); a->pages = 2)
FILL(good_types, sluice_domain_types, a->device = device)
FILL(bad_types, sluice_domain_types, a->device = 1)
FILL(good_devices, sluice_device_info, a->scope = 1; a->index = 0)
FILL(bad_devices, sluice_device_info, a->scope = 1; a->index = 99)
FILL(good_domains, sluice_domain_info, a->guest = 0; a->index = 0)
FILL(bad_domains, sluice_domain_info, a->guest = 99; a->index = 0)
FILL(good_counts, sluice_inventory, a->guest = SLUICE_GUEST_SELF)
FILL(bad_counts, sluice_inventory, a->guest = 99)
FILL(good_policy, sluice_guest_policy, a->operation = 0; a->guest = 0)
FILL(bad_policy, sluice_guest_policy, a->operation = 2; a->guest = 0)
FILL(good_faults, sluice_read_faults, a->sequence = 0)
FILL(good_log, sluice_read_log, a->offset = 0)
FILL(good_platform, sluice_platform, (void)a)
FILL(good_audit, sluice_audit, a->first = 0)

/* The rows run in this order, each on what those before it left. */
#define ROW(op, type, good, bad, ...)                                          \
	{#op, SLUICE_OP_##op, sizeof(struct type), good, bad, __VA_ARGS__}
static const struct row {
	const char *name;
	uint64_t op;
	size_t bytes;
	void (*good)(void *argument);
	void (*bad)(void *argument); /* NULL: it cannot fail */
	struct field out[FIELDS];
	struct field reserved[2];
} rows[] = {
	ROW(info, sluice_info, good_info, NULL,
	    {F(sluice_info, abi_version), F(sluice_info, no_interface),
	     F(sluice_info, available_types), F(sluice_info, address_bits),
	     F(sluice_info, guest), F(sluice_info, machine),
	     F(sluice_info, is_control), F(sluice_info, domain_quota),
	     F(sluice_info, table_page_quota)},
	    {F(sluice_info, reserved)}),
	ROW(create_domain, sluice_create_domain, good_create, bad_create,
	    {F(sluice_create_domain, domain)},
	    {F(sluice_create_domain, reserved),
	     F(sluice_create_domain, reserved2)}),
	ROW(create_device, sluice_create_device, good_token, bad_token,
	    {F(sluice_create_device, device)},
	    {F(sluice_create_device, reserved)}),
	ROW(attach_device, sluice_attach_device, good_attach, bad_attach,
	    {{0, 0}}, {{0, 0}}),
	ROW(map, sluice_map, good_map, bad_map, {{0, 0}},
	    {F(sluice_map, reserved)}),
	ROW(query_domain_types, sluice_domain_types, good_types, bad_types,
	    {F(sluice_domain_types, types)}, {F(sluice_domain_types, reserved)}),
	ROW(list_devices, sluice_device_info, good_devices, bad_devices,
	    {F(sluice_device_info, sbdf), F(sluice_device_info, guest_sbdf),
	     F(sluice_device_info, vendor), F(sluice_device_info, device),
	     F(sluice_device_info, class_code), F(sluice_device_info, owner),
	     F(sluice_device_info, has_unit), F(sluice_device_info, is_attached),
	     F(sluice_device_info, is_assignable), F(sluice_device_info, unfit),
	     F(sluice_device_info, reset_way),
	     F(sluice_device_info, reset_state),
	     F(sluice_device_info, is_remapped), F(sluice_device_info, domain),
	     F(sluice_device_info, bar), F(sluice_device_info, token),
	     F(sluice_device_info, group),
	     F(sluice_device_info, region_count)},
	    {{0, 0}}),
	ROW(list_domains, sluice_domain_info, good_domains, bad_domains,
	    {F(sluice_domain_info, domain), F(sluice_domain_info, type),
	     F(sluice_domain_info, asid), F(sluice_domain_info, device_count),
	     F(sluice_domain_info, region_count),
	     F(sluice_domain_info, mapped_pages),
	     F(sluice_domain_info, table_pages),
	     F(sluice_domain_info, address_bits)},
	    {F(sluice_domain_info, reserved)}),
	ROW(inventory, sluice_inventory, good_counts, bad_counts,
	    {F(sluice_inventory, domain_count), F(sluice_inventory, device_count),
	     F(sluice_inventory, attached_count),
	     F(sluice_inventory, assigned_count),
	     F(sluice_inventory, asid_count), F(sluice_inventory, mapped_pages),
	     F(sluice_inventory, table_pages), F(sluice_inventory, memory_pages),
	     F(sluice_inventory, hypervisor_pages)},
	    {F(sluice_inventory, reserved), F(sluice_inventory, reserved2)}),
	ROW(guest_policy, sluice_guest_policy, good_policy, bad_policy,
	    {F(sluice_guest_policy, machine),
	     F(sluice_guest_policy, allowed_types),
	     F(sluice_guest_policy, domain_quota),
	     F(sluice_guest_policy, table_page_quota)},
	    {F(sluice_guest_policy, reserved)}),
	ROW(read_faults, sluice_read_faults, good_faults, NULL,
	    {F(sluice_read_faults, sequence), F(sluice_read_faults, dropped),
	     F(sluice_read_faults, total), F(sluice_read_faults, count),
	     F(sluice_read_faults, storms), F(sluice_read_faults, fault)},
	    {{0, 0}}),
	ROW(read_log, sluice_read_log, good_log, NULL,
	    {F(sluice_read_log, offset), F(sluice_read_log, lost),
	     F(sluice_read_log, length), F(sluice_read_log, text)},
	    {F(sluice_read_log, reserved)}),
	ROW(platform, sluice_platform, good_platform, NULL,
	    {F(sluice_platform, cpu_count), F(sluice_platform, free_cpu_count),
	     F(sluice_platform, unit_count), F(sluice_platform, asid_capacity),
	     F(sluice_platform, asid_in_use), F(sluice_platform, guest_count),
	     F(sluice_platform, memory_pages), F(sluice_platform, control_pages),
	     F(sluice_platform, pool_pages), F(sluice_platform, pool_free_pages),
	     F(sluice_platform, hypervisor_pages),
	     F(sluice_platform, hypervisor_free_pages),
	     F(sluice_platform, iommu_name), F(sluice_platform, version)},
	    {{0, 0}}),
	ROW(audit, sluice_audit, good_audit, NULL,
	    {F(sluice_audit, heard), F(sluice_audit, checked),
	     F(sluice_audit, open), F(sluice_audit, uncovered),
	     F(sluice_audit, wrong_count), F(sluice_audit, wrong),
	     F(sluice_audit, wrong_open), F(sluice_audit, wrong_interrupts)},
	    {{0, 0}}),
	ROW(unmap, sluice_unmap, good_unmap, bad_unmap, {{0, 0}},
	    {F(sluice_unmap, reserved)}),
	ROW(detach_device, sluice_device_ref, good_device, bad_device,
	    {{0, 0}}, {{0, 0}}),
	ROW(delete_device, sluice_device_ref, good_device, bad_device,
	    {{0, 0}}, {{0, 0}}),
	ROW(delete_domain, sluice_domain_ref, good_domain, bad_domain,
	    {{0, 0}}, {{0, 0}}),
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A page of canaries with a structure at its start, as its caller fills it. */
static void prepare(const struct row *row, void (*fill)(void *), uint8_t *page)
{
	struct sluice_header *header = (void *)page;

	memset(page, CANARY, PAGE_BYTES);
	header->size = (uint32_t)row->bytes;
	header->flags = 0;
	header->reserved = 0;
	for (unsigned i = 0; i < 2; i++) {
		memset(page + row->reserved[i].at, 0, row->reserved[i].bytes);
	}
	fill(page);
}

static int64_t call(const struct row *row, uint8_t *page)
{
	uint64_t at = g->ram.addr + FAKE_GUEST_ARGUMENT;
	int64_t result;

	fake_guest_write(g, at, page, PAGE_BYTES);
	result = fake_guest_hypercall(g, SLUICE_HYPERCALL, row->op,
				      g->argument_at, 0);
	fake_guest_read(g, at, page, PAGE_BYTES);
	return result;
}

static bool may_change(const struct row *row, size_t byte, bool is_success)
{
	const struct field status = F(sluice_header, status);

	if (byte - status.at < status.bytes) {
		return true;
	}
	for (unsigned i = 0; is_success && i < FIELDS; i++) {
		if (byte - row->out[i].at < row->out[i].bytes) {
			return true;
		}
	}
	return false;
}

static void expect_only_outputs(const struct row *row, const uint8_t *before,
				const uint8_t *after, bool is_success)
{
	for (size_t i = 0; i < PAGE_BYTES; i++) {
		EXPECT(before[i] == after[i] || may_change(row, i, is_success),
		       "%s: byte %zu", row->name, i);
	}
	for (unsigned i = 0; is_success && i < FIELDS; i++) {
		struct field f = row->out[i];

		EXPECT(f.bytes == 0 || f.bytes > 8 ||
			       memcmp(before + f.at, after + f.at, f.bytes),
		       "%s: no answer at %zu", row->name, f.at);
	}
}

/* No output names memory of the hypervisor. */
static void expect_no_leak(const struct row *row, const uint8_t *page)
{
	uint64_t end =
		MACHINE_RAM_BASE + machine_counts().pool[0].total * PAGE_BYTES;

	for (size_t i = 16; i + 8 <= row->bytes; i += 8) {
		uint64_t word;

		memcpy(&word, page + i, sizeof(word));
		EXPECT(word < MACHINE_RAM_BASE || word >= end, "%s: %lx at %zu",
		       row->name, word, i);
	}
}

static NTSTATUS status_of(const uint8_t *page)
{
	return ((const struct sluice_header *)(const void *)page)->status;
}

/* Run a row so that it succeeds; later rows use what it made. */
static void succeed(const struct row *row, uint8_t *page)
{
	ck_assert_int_eq(call(row, page), 0);
	EXPECT(status_of(page) == STATUS_SUCCESS, "%s: %x", row->name,
	       status_of(page));
	if (row->op == SLUICE_OP_create_domain) {
		domain = ((struct sluice_create_domain *)(void *)page)->domain;
	} else if (row->op == SLUICE_OP_create_device) {
		device = ((struct sluice_create_device *)(void *)page)->device;
	}
}

START_TEST(only_documented_bytes_change)
{
	/* Success writes the outputs and status, failure the status alone. */
	uint8_t before[PAGE_BYTES], page[PAGE_BYTES];

	boot_service(_i);
	g = machine_control();
	ck_assert(is_blocked(D1, 0x1000)); /* a fault to tell of */
	for (unsigned r = 0; r < ROWS; r++) {
		if (rows[r].bad != NULL) {
			prepare(&rows[r], rows[r].bad, before);
			memcpy(page, before, sizeof(page));
			ck_assert_int_eq(call(&rows[r], page), 0);
			EXPECT(status_of(page) < 0, "%s", rows[r].name);
			expect_only_outputs(&rows[r], before, page, false);
		}
		prepare(&rows[r], rows[r].good, before);
		memcpy(page, before, sizeof(page));
		succeed(&rows[r], page);
		expect_only_outputs(&rows[r], before, page, true);
		expect_no_leak(&rows[r], page);
		EXPECT(guestmem_double_reads() == 0, "%s: read twice",
		       rows[r].name);
	}
	machine_shutdown();
}
END_TEST

/* Set one byte of a good request; nothing may come of it. */
static void expect_reserved(const struct row *row, size_t byte)
{
	uint8_t before[PAGE_BYTES], page[PAGE_BYTES];
	struct snapshot was = snap(g);

	prepare(row, row->good, before);
	before[byte] = 1;
	memcpy(page, before, sizeof(page));
	ck_assert_int_eq(call(row, page), 0);
	EXPECT(status_of(page) == STATUS_INVALID_PARAMETER, "%s: byte %zu: %x",
	       row->name, byte, status_of(page));
	expect_only_outputs(row, before, page, false);
	expect_same(g, was, row->name);
}

START_TEST(reserved_bytes_must_be_zero)
{
	/* Each byte of flags and of each reserved field, for each sub-op. */
	const struct field flags = F(sluice_header, flags);
	const struct field reserved = F(sluice_header, reserved);
	uint8_t page[PAGE_BYTES];

	boot_service(_i);
	g = machine_control();
	for (unsigned r = 0; r < ROWS; r++) {
		struct field f[] = {flags, reserved, rows[r].reserved[0],
				    rows[r].reserved[1]};

		for (unsigned i = 0; i < 4; i++) {
			for (size_t b = 0; b < f[i].bytes; b++) {
				expect_reserved(&rows[r], f[i].at + b);
			}
		}
		prepare(&rows[r], rows[r].good, page);
		succeed(&rows[r], page);
	}
	machine_shutdown();
}
END_TEST

START_TEST(object_without_a_reply_is_undone)
{
	/* When the n-th write of a reply fails, no created object is left. */
	uint8_t page[PAGE_BYTES];

	boot_service(_i);
	g = machine_control();
	for (unsigned r = 0; r < ROWS; r++) {
		bool creates = rows[r].op == SLUICE_OP_create_domain ||
			       rows[r].op == SLUICE_OP_create_device;

		for (unsigned n = 1; creates && n <= 2; n++) {
			struct snapshot was = snap(g);

			prepare(&rows[r], rows[r].good, page);
			fail_reply_at(n);
			ck_assert_int_eq(call(&rows[r], page), -XEN_EFAULT);
			fail_reply_at(0);
			expect_same(g, was, rows[r].name);
		}
		prepare(&rows[r], rows[r].good, page);
		succeed(&rows[r], page);
	}
	machine_shutdown();
}
END_TEST

SERVICE_SUITE(reply, only_documented_bytes_change, reserved_bytes_must_be_zero,
	      object_without_a_reply_is_undone)
