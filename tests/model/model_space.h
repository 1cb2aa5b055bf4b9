/* SPDX-License-Identifier: MIT */
/* The logical address space of one domain: pages, ranges, the allocator. */
#pragma once

#include "dma_model.h"

#define MODEL_PAGE_SHIFT 12u
#define MODEL_PAGE_MASK	 UINT64_C(0xfff)

/* The interrupt window [0xfee00000, 0xfeefffff] in pages. */
#define MODEL_WINDOW_FIRST UINT64_C(0xfee00)
#define MODEL_WINDOW_PAGES UINT64_C(0x100)

/* model_page_get() - A page's state; MODEL_FREE where nothing ever was. */
struct model_page model_page_get(const struct model_domain *d, uint64_t page);
void model_page_set(struct model_domain *d, uint64_t page,
		    struct model_page to);

bool model_pages_overlap(uint64_t a, uint64_t a_pages, uint64_t b,
			 uint64_t b_pages);

/* model_range_at() - First range of a kind in @kinds that overlaps, or NULL. */
struct model_range *model_range_at(const struct model_domain *d, uint64_t first,
				   uint64_t pages, unsigned kinds);
#define MODEL_KIND(kind) (1u << (kind))
#define MODEL_KINDS_REGION                                                     \
	(MODEL_KIND(MODEL_RANGE_HOLE) | MODEL_KIND(MODEL_RANGE_WINDOW))
#define MODEL_KINDS_TAKEN                                                      \
	(MODEL_KIND(MODEL_RANGE_TAKEN) | MODEL_KIND(MODEL_RANGE_MAPPED))

void model_range_add(struct model_domain *d, struct model_range range);
void model_range_remove(struct model_domain *d, struct model_range *range);

/* model_is_closed() - May map not touch it: mapped, reserved, token, window. */
bool model_is_closed(const struct model_domain *d, uint64_t first,
		     uint64_t pages);

/* model_fits_width() - [address, + pages) below 1 << width, not wrapping. */
bool model_fits_width(unsigned width, uint64_t address, uint64_t pages);

/**
 * model_choose() - The lowest power-of-two block for @pages pages.
 * Return: false when none satisfies the bounds.
 */
bool model_choose(const struct model_domain *d, uint64_t pages, uint64_t min,
		  uint64_t max, uint64_t *address);

uint64_t model_block(uint64_t pages);

void model_space_clear(struct model_domain *d);

/* ---- the parts of model_expect() and model_settle() ---- */

struct model_call {
	const struct model *m;
	unsigned guest;
	const union model_argument *a;
	const struct model_list *list;
};

struct model_done {
	struct model *m;
	unsigned guest;
	const struct model_says *says;
	const union model_argument *in;
	const union model_argument *out;
	const struct model_list *list;
};

#define MODEL_EXPECTS(EXPECT)                                                  \
	EXPECT(create_domain)                                                  \
	EXPECT(delete_domain)                                                  \
	EXPECT(create_device)                                                  \
	EXPECT(delete_device)                                                  \
	EXPECT(attach_device)                                                  \
	EXPECT(detach_device)                                                  \
	EXPECT(map)                                                            \
	EXPECT(unmap)                                                          \
	EXPECT(query_domain_types)                                             \
	EXPECT(list_devices)                                                   \
	EXPECT(list_domains)                                                   \
	EXPECT(inventory)                                                      \
	EXPECT(guest_policy)                                                   \
	EXPECT(allocate_range)                                                 \
	EXPECT(free_range)                                                     \
	EXPECT(map_identity)                                                   \
	EXPECT(unmap_identity)                                                 \
	EXPECT(reserve_token)                                                  \
	EXPECT(free_token)                                                     \
	EXPECT(map_token)                                                      \
	EXPECT(unmap_token)                                                    \
	EXPECT(configure_domain)                                               \
	EXPECT(flush_domain)                                                   \
	EXPECT(flush_list)                                                     \
	EXPECT(device_state)                                                   \
	EXPECT(create_pasid)                                                   \
	EXPECT(delete_pasid)                                                   \
	EXPECT(attach_pasid)                                                   \
	EXPECT(detach_pasid)                                                   \
	EXPECT(query_device)                                                   \
	EXPECT(audit)

#define MODEL_DECLARE(name)                                                    \
	struct model_says model_expect_##name(const struct model_call *c);     \
	const char *model_settle_##name(const struct model_done *d);
MODEL_EXPECTS(MODEL_DECLARE)
#undef MODEL_DECLARE

struct model_says model_say(NTSTATUS status);
struct model_says model_say_either(NTSTATUS status, NTSTATUS other);

/* model_short() - @says, but a shortage of tables would be no surprise. */
struct model_says model_short(const struct model_call *c,
			      struct model_says says, uint64_t table_pages);

/* model_frame() - The @n-th frame that an argument describes. */
uint64_t model_frame(uint32_t kind, uint64_t base, const struct model_list *l,
		     uint64_t n);

/* model_permits() - Permissions that a table can say exactly, Q16. */
bool model_permits(const struct model_call *c, uint32_t permissions);

/* model_is_remapping() - A live domain whose table is the service's. */
bool model_is_remapping(const struct model_domain *d);

/* model_may_attach() - Does the policy allow it now? Q27: a bypass passes. */
bool model_may_attach(const struct model *m, unsigned guest,
		      const struct model_domain *d);

/* Counts of one guest. A domain may need the guest's own table as well. */
unsigned model_domains_of(const struct model *m, unsigned guest);
uint32_t model_asids_of(const struct model *m, unsigned guest);
bool model_needs_home(const struct model *m, const struct model_domain *d);
/* model_devices_in() - Devices and sub-devices attached to @d. */
unsigned model_devices_in(const struct model *m, const struct model_domain *d);

/* model_ids_in_use() - Of the pool that domains and sub-devices share. */
uint32_t model_ids_in_use(const struct model *m);

/* model_describes_memory() - Are kind, base, pages and frames well-formed? */
bool model_describes_memory(const struct model_call *c, uint32_t kind,
			    uint64_t base, uint64_t pages);
