/* SPDX-License-Identifier: MIT */
/* The lock order. Take from top to bottom; twins of one rank by address. */
#pragma once

enum lock_rank {
	LOCK_NONE = 0,
	LOCK_GUEST_LIST,  /* the table of guests, creation and destruction   */
	LOCK_DMA_DEVICES, /* device registry: owner, token, attachment       */
	LOCK_DMA_GUEST,	  /* one guest's domains, tokens and their tables    */
	LOCK_P2M,	  /* one guest's nested table and page types         */
	LOCK_ASID,	  /* the pool of domain ids                          */
	LOCK_IOMMU_UNIT,  /* queue indices, root and context tables          */
	LOCK_FAULT_LOG,	  /* recorded DMA faults                             */
	LOCK_PCI,	  /* read-modify-write of configuration registers    */
	LOCK_PAGE_POOL,	  /* free lists and page descriptors                 */
	LOCK_LOG,	  /* the text log; takes nothing below it            */
	LOCK_RANK_COUNT,
};
