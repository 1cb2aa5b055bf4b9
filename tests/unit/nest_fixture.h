/* SPDX-License-Identifier: MIT */
/* A guest, its own tables, and a unit that nests them. */
#pragma once

#include "fake_nest.h"
#include "lib/bits.h"
#include "service_fixture.h"

/* Tables of the caller, from the n-th of its pages on; pages to point at. */
#define ROOT	 P(20)
#define ROOT2	 P(30)
#define ALL	 15u
#define NO_PASS	 (ALL & ~(1u << DomainTypePassThrough))
#define LA	 UINT64_C(0x7000)
#define LEAF	 (ARM64_PAGE | ARM64_ACCESSED)
#define UNTAGGED FAKE_NEST_UNTAGGED

static struct fake_guest *g;
static uint64_t domain, device;

static inline void put(uint64_t table, uint64_t index, uint64_t entry)
{
	fake_guest_write(g, table + index * 8, &entry, sizeof(entry));
}

/* Four levels at @root and the three pages behind it; LA leads to @gpa. */
static inline void write_table(uint64_t root, uint64_t gpa)
{
	fake_guest_fill(g, root, 0, 4 * PAGE_BYTES);
	for (unsigned i = 0; i < 3; i++) {
		put(root + i * PAGE_BYTES, 0,
		    (root + (i + 1) * PAGE_BYTES) | ARM64_TABLE);
	}
	put(root + 3 * PAGE_BYTES, LA / PAGE_BYTES, gpa | LEAF);
}

static inline void point(uint64_t root, uint64_t la, uint64_t entry)
{
	put(root + 3 * PAGE_BYTES, la / PAGE_BYTES, entry);
}

static inline struct sluice_configure good(uint64_t root)
{
	return (struct sluice_configure){
		.domain = domain,
		.ttbr0 = root,
		.input_size0 = 48,
		.coherent_walks = 1,
		.translation_enabled = 1,
	};
}

static inline NTSTATUS configure(uint64_t root)
{
	struct sluice_configure a = good(root);

	return CALL(g, configure_domain, a);
}

static inline NTSTATUS bypass(void)
{
	struct sluice_configure a = {.domain = domain};

	return CALL(g, configure_domain, a);
}

static inline NTSTATUS flush(uint64_t of)
{
	struct sluice_domain_ref a = {.domain = of};

	return CALL(g, flush_domain, a);
}

static inline NTSTATUS flush_list(const uint64_t *list, uint32_t count)
{
	struct sluice_flush_list a = {
		.domain = domain,
		.addresses = fake_guest_list(g, list, count * sizeof(list[0])),
		.count = count,
	};

	return CALL(g, flush_list, a);
}

static inline bool writes(uint32_t sbdf, uint64_t la, uint64_t gpa)
{
	static uint64_t mark = UINT64_C(0xc0ffee000000);
	uint64_t found;

	mark++;
	if (fake_nest_dma(sbdf, UNTAGGED, la, &mark, true) != FAKE_DMA_OK) {
		return false;
	}
	fake_guest_read(g, gpa, &found, sizeof(found));
	return found == mark;
}

static inline bool is_shut(uint32_t sbdf, uint64_t la)
{
	uint64_t word = 0;

	return fake_nest_dma(sbdf, UNTAGGED, la, &word, false) ==
		       FAKE_DMA_FAULT &&
	       fake_nest_dma(sbdf, UNTAGGED, la, &word, true) == FAKE_DMA_FAULT;
}

/* A guest with two devices, the first attached to an Unmanaged domain. */
static inline void boot_nest(void)
{
	fake_nest_boot(&(struct fake_nest_config){.can_nest = true,
						  .pasid_count = 64});
	g = guest_with(2, D1);
	domain = new_domain(g, DomainTypeUnmanaged);
	device = new_device(g, V1);
	ANSWERS(STATUS_SUCCESS, attach(g, domain, device));
	write_table(ROOT, P(1));
	write_table(ROOT2, P(2));
}
