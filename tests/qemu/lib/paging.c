/* SPDX-License-Identifier: MIT */
/* One 2 MiB page of the guest's tables, split into 4 KiB pages. */
#include "lib/paging.h"

#define PAGING_USER  0x4u
#define PAGE_BYTES   4096u
#define LARGE_BYTES  0x200000u
#define LARGE_MASK   (~(uint64_t)(LARGE_BYTES - 1))
#define TABLE_RIGHTS (PAGING_PRESENT | PAGING_WRITE | PAGING_USER)

extern uint64_t guest_pml4[], guest_pd[];

static uint64_t table[512] __attribute__((aligned(PAGE_BYTES)));

void paging_set(uint32_t linear, uint64_t target, uint32_t rights)
{
	uint64_t *large = &guest_pd[linear / LARGE_BYTES];

	if ((*large & ~(uint64_t)(PAGE_BYTES - 1)) != (uintptr_t)table) {
		for (uint32_t i = 0; i < 512; i++) {
			table[i] = ((linear & LARGE_MASK) + i * PAGE_BYTES) |
				   TABLE_RIGHTS;
		}
		*large = (uintptr_t)table | TABLE_RIGHTS;
	}
	table[linear / PAGE_BYTES % 512] =
		rights ? target | rights | PAGING_USER : 0;
	/* Everything may have been cached as a large page. */
	__asm__ volatile("mov %0, %%cr3"
			 :
			 : "r"((uint64_t)(uintptr_t)guest_pml4)
			 : "memory");
}
