/* SPDX-License-Identifier: MIT */
/*
 * Argument structures for what a domain's address space holds: mappings, the
 * allocator's ranges, tokens. Rules and vocabulary: sluice/dma.h.
 *
 * One call touches at most SLUICE_MAP_MAX pages and is all or nothing. The
 * library cuts longer requests: in a domain without an allocator it checks
 * every part of an unmap first (SLUICE_UNMAP_CHECK), then takes them; in one
 * with an allocator it takes the whole logical range with allocate_range, fills
 * it part by part, empties it likewise, and returns it with free_range.
 */
#pragma once

#include <sluice/dma.h>

/* What sluice_map.frames means; MapPhysicalAddressTypeMdl is the library's. */
enum sluice_map_kind {
	SLUICE_MAP_CONTIGUOUS = 1, /* MapPhysicalAddressTypeContiguousRange  */
	SLUICE_MAP_FRAMES = 2,	   /* MapPhysicalAddressTypePfn              */
};

#define SLUICE_HAS_MIN 1u
#define SLUICE_HAS_MAX 2u

/* sluice_map.options: logical_address lies in a range from allocate_range. */
#define SLUICE_MAP_PART 1u

/*
 * MapLogicalRangeEx.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     not a domain of the caller, or not Translate(S1)
 *   INVALID_PARAMETER_2     permissions 0, unknown bits, or write-only where
 *                           the table format has none
 *   INVALID_PARAMETER_3     kind; pages 0 or over SLUICE_MAP_MAX; base
 *                           misaligned or wrapping; frame list unreadable; a
 *                           page that is no memory of the caller
 *   NOT_SUPPORTED           explicit address with an allocator (without PART),
 *                           or none without an allocator
 *   INVALID_PARAMETER_4     unknown options or bounds bits; logical_address
 *                           misaligned, wrapping, beyond the domain's width;
 *                           PART: not inside one allocated range
 *   INVALID_PARAMETER_MIX   no free range satisfies min and max, or min > max
 *   IN_USE                  part of the logical range is mapped or reserved,
 *                           belongs to a token, or lies in the interrupt window
 *                           [0xfee00000, 0xfeefffff]
 *   INSUFFICIENT_RESOURCES  quota of table pages, no memory, or (no bounds
 *                           given) no free range
 * min and max are ignored without an allocator. Contract 3.3, Q14-Q20.
 */
struct sluice_map {
	struct sluice_header header;
	uint64_t domain;      /* [in] handle                          */
	uint32_t permissions; /* [in] 1 read, 2 write                 */
	uint32_t kind;	      /* [in] enum sluice_map_kind            */
	uint64_t base;	      /* [in] contiguous: guest-physical address */
	uint64_t frames;      /* [in] frames: linear address of uint64_t[]
				 of guest-physical address >> 12      */
	uint64_t pages;	      /* [in] 4 KiB pages, 1..SLUICE_MAP_MAX  */
	uint64_t min;	      /* [in] lowest byte allowed, inclusive  */
	uint64_t max;	      /* [in] highest byte allowed, inclusive */
	uint32_t has_bounds;  /* [in] SLUICE_HAS_*                    */
	uint32_t has_logical_address; /* [in] 1, or 0 = the allocator chooses */
	uint32_t options;	      /* [in] SLUICE_MAP_PART                 */
	uint32_t reserved;
	uint64_t logical_address; /* [in,out] first one, multiple of 4096 */
};

/* sluice_unmap.options. */
#define SLUICE_UNMAP_PART  1u /* leave the rest of an allocated range alone  */
#define SLUICE_UNMAP_CHECK 2u /* answer only; nothing changes */

/*
 * UnmapLogicalRange. On return no unit holds a translation.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  as for map
 *   INVALID_PARAMETER_2  logical_address misaligned
 *   INVALID_PARAMETER_3  pages 0 or over SLUICE_MAP_MAX
 *   INVALID_PARAMETER    unknown options; the range wraps, is not wholly
 *                        mapped, touches a reserved region or a token; with an
 *                        allocator: it is not exactly one allocated range
 *                        (PART: not inside the one that range_base and
 *                        range_pages name exactly)
 * Without PART an allocated range is given back. Contract Q21, Q22.
 */
struct sluice_unmap {
	struct sluice_header header;
	uint64_t domain;	  /* [in] handle                              */
	uint64_t logical_address; /* [in] multiple of 4096                    */
	uint64_t pages;		  /* [in] 4 KiB pages, 1..SLUICE_MAP_MAX      */
	uint64_t range_base;	  /* [in] PART with an allocator, else 0      */
	uint64_t range_pages;	  /* [in] likewise                            */
	uint32_t options;	  /* [in] SLUICE_UNMAP_*                      */
	uint32_t reserved;
};

/*
 * Take a logical range from a domain's allocator without mapping it.
 *   NOT_SUPPORTED           no domain interface; the domain has no allocator
 *   INVALID_PARAMETER_1     as for map
 *   INVALID_PARAMETER_3     pages 0 or over 1 << 51
 *   INVALID_PARAMETER_4     unknown bounds bits
 *   INVALID_PARAMETER_MIX   no free range satisfies min and max, or min > max
 *   INSUFFICIENT_RESOURCES  no free range at all; no memory
 */
struct sluice_allocate_range {
	struct sluice_header header;
	uint64_t domain;     /* [in] handle                              */
	uint64_t pages;	     /* [in] 4 KiB pages                         */
	uint64_t min;	     /* [in] lowest byte allowed, inclusive      */
	uint64_t max;	     /* [in] highest byte allowed, inclusive     */
	uint32_t has_bounds; /* [in] SLUICE_HAS_*                        */
	uint32_t reserved;
	uint64_t logical_address; /* [out] first one                          */
};

/*
 * Give a range back to the allocator.
 *   NOT_SUPPORTED        no domain interface; the domain has no allocator
 *   INVALID_PARAMETER_1  as for map
 *   INVALID_PARAMETER    not exactly a live range of the allocator
 *   RESOURCE_IN_USE      part of it is mapped
 */
struct sluice_range_ref {
	struct sluice_header header;
	uint64_t domain;	  /* [in] handle                              */
	uint64_t logical_address; /* [in] as allocate_range gave it           */
	uint64_t pages;		  /* [in] likewise                            */
};

/*
 * MapIdentityRangeEx and UnmapIdentityRangeEx: logical = guest-physical, each
 * frame of a list at its own address. On PassThrough both succeed and do
 * nothing, whatever is described well-formedly.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     not a domain of the caller; Unmanaged
 *   INVALID_PARAMETER_2     map: permissions as for map. unmap: permissions not
 *                           0; unknown options; the description, as
 *                           INVALID_PARAMETER_3 of map
 *   INVALID_PARAMETER_3     map: options not 0; the description; an address
 *                           beyond the width
 *   NOT_SUPPORTED           the domain has an allocator
 *   IN_USE                  map: part is mapped, reserved, a token's, in the
 *                           interrupt window, or named twice
 *   INVALID_PARAMETER       unmap: part is not mapped, not to its own address,
 *                           reserved, a token's, or named twice
 *   INSUFFICIENT_RESOURCES  map: quota or memory
 * Contract 3.4.
 */
struct sluice_identity {
	struct sluice_header header;
	uint64_t domain;      /* [in] handle                                  */
	uint32_t permissions; /* [in] map: 1 read, 2 write; unmap: 0          */
	uint32_t kind;	      /* [in] enum sluice_map_kind                    */
	uint64_t base;	      /* [in] contiguous: guest-physical address      */
	uint64_t frames;      /* [in] frames: as for map                      */
	uint64_t pages;	      /* [in] 4 KiB pages, 1..SLUICE_MAP_MAX          */
	uint32_t options;     /* [in] unmap: 0 or SLUICE_UNMAP_CHECK          */
	uint32_t reserved;
};

/*
 * ReserveLogicalAddressRange: every table that the range will ever need is
 * made now, so that mapping in it allocates nothing.
 *   NOT_SUPPORTED           no domain interface
 *   INVALID_PARAMETER_1     as for map
 *   INVALID_PARAMETER_2     bytes 0 or no multiple of 4096
 *   NOT_SUPPORTED           explicit address with an allocator, none without
 *   INVALID_PARAMETER_3     address misaligned, wrapping, beyond the width;
 *                           unknown bounds bits
 *   INVALID_PARAMETER_MIX   no free range satisfies min and max, or min > max
 *   IN_USE                  explicit: part is mapped, reserved, of another
 *                           token, or in the interrupt window
 *   INSUFFICIENT_RESOURCES  tables beyond the quota (which bounds a token's
 *                           size), token quota, no memory
 * Contract 3.5.
 */
struct sluice_reserve_token {
	struct sluice_header header;
	uint64_t domain;	      /* [in] handle                          */
	uint64_t bytes;		      /* [in] multiple of 4096                */
	uint64_t min;		      /* [in] as for map                      */
	uint64_t max;		      /* [in] as for map                      */
	uint32_t has_bounds;	      /* [in] SLUICE_HAS_*                    */
	uint32_t has_logical_address; /* [in] as for map                      */
	uint64_t logical_address;     /* [in,out] first one                   */
	uint64_t token;		      /* [out] handle                         */
};

/*
 * FreeReservedLogicalAddressRange.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a token of the caller
 *   RESOURCE_IN_USE      part of it is mapped
 */
struct sluice_token_ref {
	struct sluice_header header;
	uint64_t token; /* [in] handle */
};

#define SLUICE_TOKEN_FIRST 1u /* the part begins a segment */
#define SLUICE_TOKEN_LAST  2u /* the part ends a segment                     */

/*
 * MapReservedLogicalRange; allocates nothing. A segment longer than
 * SLUICE_MAP_MAX pages is mapped in parts, the first and last marked.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a token of the caller
 *   INVALID_PARAMETER_2  offset misaligned or beyond the token
 *   INVALID_PARAMETER_3  permissions as for map
 *   INVALID_PARAMETER_4  the description as for map; its end beyond the token;
 *                        unknown marks
 *   RESOURCE_IN_USE      part is mapped, or a segment's that is not wholly
 *                        unmapped yet
 */
struct sluice_map_token {
	struct sluice_header header;
	uint64_t token;	      /* [in] handle                                  */
	uint64_t offset;      /* [in] bytes into the token, multiple of 4096  */
	uint32_t permissions; /* [in] as for map                              */
	uint32_t kind;	      /* [in] as for map                              */
	uint64_t base;	      /* [in] as for map                              */
	uint64_t frames;      /* [in] as for map                              */
	uint64_t pages;	      /* [in] as for map                              */
	uint32_t marks;	      /* [in] SLUICE_TOKEN_*; both = a whole segment  */
	uint32_t reserved;
};

/*
 * UnmapReservedLogicalRange; keeps every table. A segment is named by where it
 * was mapped and how long it was; a long one goes in parts, in any order, each
 * naming the whole segment.
 *   NOT_SUPPORTED        no domain interface
 *   INVALID_PARAMETER_1  not a token of the caller
 *   INVALID_PARAMETER    segment_offset and segment_bytes are not exactly a
 *                        segment of which something is mapped; offset and
 *                        pages do not lie inside; pages 0 or over
 *                        SLUICE_MAP_MAX; part is not mapped
 * A segment whose last part has not come is as long as the parts that have, so
 * that what was begun can be undone (contract Q20, Q38).
 */
struct sluice_unmap_token {
	struct sluice_header header;
	uint64_t token;		 /* [in] handle                               */
	uint64_t segment_offset; /* [in] bytes                                */
	uint64_t segment_bytes;	 /* [in] bytes                                */
	uint64_t offset;	 /* [in] bytes into the token                 */
	uint64_t pages;		 /* [in] 1..SLUICE_MAP_MAX                    */
};

/* clang-format off */
#define SLUICE_ASSERT_SIZE(type, bytes)                                        \
	_Static_assert(sizeof(struct type) == (bytes), #type " is frozen")
SLUICE_ASSERT_SIZE(sluice_map, 96);
SLUICE_ASSERT_SIZE(sluice_unmap, 64);
SLUICE_ASSERT_SIZE(sluice_allocate_range, 64);
SLUICE_ASSERT_SIZE(sluice_range_ref, 40);
SLUICE_ASSERT_SIZE(sluice_identity, 64);
SLUICE_ASSERT_SIZE(sluice_reserve_token, 72);
SLUICE_ASSERT_SIZE(sluice_token_ref, 24);
SLUICE_ASSERT_SIZE(sluice_map_token, 72);
SLUICE_ASSERT_SIZE(sluice_unmap_token, 56);
/* clang-format on */
#undef SLUICE_ASSERT_SIZE
