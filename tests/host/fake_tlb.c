// SPDX-License-Identifier: MIT
/* A list of nested translations, kept until p2m_flush() names their map. */
#include "fake_tlb.h"

#include "machine.h"

#define ENTRIES_MAX 1024u

static struct {
	struct entry {
		const struct p2m *p2m;
		uint64_t at;
		hpa_t page;
		enum p2m_type type;
	} entry[ENTRIES_MAX];
	unsigned count;
	unsigned flushes;
} tlb;

static void flush(struct p2m *p2m)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < tlb.count; i++) {
		if (tlb.entry[i].p2m != p2m) {
			tlb.entry[kept++] = tlb.entry[i];
		}
	}
	tlb.count = kept;
	tlb.flushes++;
}

enum p2m_type fake_tlb_access(struct p2m *p2m, gpa_t at, hpa_t *page)
{
	uint64_t base = at.addr & ~PAGE_MASK;
	enum p2m_type type;

	for (unsigned i = 0; i < tlb.count; i++) {
		if (tlb.entry[i].p2m == p2m && tlb.entry[i].at == base) {
			*page = tlb.entry[i].page;
			return tlb.entry[i].type;
		}
	}
	type = p2m_lookup(p2m, to_gpa(base), page);
	/* Absence is not cached (AMD APM vol. 2, 15.25.7). */
	if (type != P2M_HOLE && tlb.count < ENTRIES_MAX) {
		tlb.entry[tlb.count++] = (struct entry){p2m, base, *page, type};
	}
	return type;
}

unsigned fake_tlb_flushes(void)
{
	return tlb.flushes;
}

void fake_tlb_start(void)
{
	tlb.count = 0;
	tlb.flushes = 0;
	p2m_flush = flush;
}
