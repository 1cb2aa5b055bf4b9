/* SPDX-License-Identifier: MIT */
/* What the model remembers: see dma_model.h. */
#pragma once

#include <sluice/dma_ops.h>
#include <stdbool.h>

#define MODEL_GUESTS  4u
#define MODEL_DEVICES 8u
#ifndef MODEL_DOMAINS /* of all guests: each has a quota of its own */
#define MODEL_DOMAINS 80u
#endif
#define MODEL_RANGES	  160u
#define MODEL_SEGMENTS	  64u
#define MODEL_CHUNKS	  128u
#define MODEL_CHUNK_PAGES 512u
#define MODEL_FRAMES	  8192u
#define MODEL_GONE	  256u
#define MODEL_NO_FRAME	  UINT64_MAX
#define MODEL_PASIDS	  32u /* of one guest */
#define MODEL_ARM_TABLES  2u
#define MODEL_ARM_PAGES	  64u

/* Types of a domain, contract 2.3. */
enum {
	MODEL_TRANSLATE,
	MODEL_PASSTHROUGH,
	MODEL_UNMANAGED,
	MODEL_TRANSLATE_S1
};

enum model_owner {
	MODEL_FREE,
	MODEL_PLAIN,  /* map or map_identity                                 */
	MODEL_REGION, /* a reserved region with should_map                   */
	MODEL_TOKEN,  /* map_token                                           */
};

/* One logical page. */
struct model_page {
	uint32_t frame; /* guest-physical >> 12 */
	uint8_t permissions;
	uint8_t owner; /* enum model_owner */
	uint16_t segment;
};

struct model_chunk {
	uint64_t number; /* logical page / MODEL_CHUNK_PAGES */
	struct model_page page[MODEL_CHUNK_PAGES];
};

enum model_range_kind {
	MODEL_RANGE_HOLE,   /* reserved region, not mapped                   */
	MODEL_RANGE_WINDOW, /* reserved region, identity-mapped              */
	MODEL_RANGE_TAKEN,  /* by allocate_range                             */
	MODEL_RANGE_MAPPED, /* by map, with an allocator                     */
	MODEL_RANGE_TOKEN,
};

/* What is withheld from the allocator and, but for the middle two, from map. */
struct model_range {
	uint64_t first; /* logical page */
	uint64_t pages;
	uint64_t block; /* pages withheld: a power of two with an allocator  */
	uint64_t token; /* handle */
	enum model_range_kind kind;
	/* A token's segment that is being mapped in parts. */
	uint64_t open_end; /* 0 = none, else page of the token + 1 */
	uint16_t open_segment;
};

/* A mapped part of a token. */
struct model_segment {
	uint16_t id; /* 0 = unused */
	uint64_t token;
	uint64_t offset; /* pages into the token */
	uint64_t pages;
	bool is_open; /* its last part has not come */
};

struct model_domain {
	bool is_live;
	uint8_t guest;
	uint64_t handle;
	uint32_t type;
	bool has_allocator;
	unsigned width; /* bits of its logical addresses */
	uint32_t region_count;
	struct model_range range[MODEL_RANGES];
	unsigned range_count;
	struct model_segment segment[MODEL_SEGMENTS];
	uint16_t next_segment;
	struct model_chunk *chunk[MODEL_CHUNKS];
	unsigned chunk_count;
	uint64_t mapped_pages; /* plain and tokens' */
	/* Unmanaged: the caller's table, once it is configured. */
	bool is_configured;
	bool is_bypassed;
	unsigned arm; /* which of the guest's tables */
};

/* A sub-device: one device under one PASID. */
struct model_pasid {
	uint64_t handle; /* 0 = unused */
	uint64_t device; /* token */
	uint32_t sbdf;	 /* the machine's */
	uint32_t number;
	uint64_t domain; /* handle of the attached one, 0 = none */
};

/* An Arm64 table that stands in a guest's memory: its first pages. */
struct model_arm {
	uint64_t root; /* frame, 0 = none */
	struct {
		uint32_t frame;
		uint8_t permissions; /* 0 = absent */
	} page[MODEL_ARM_PAGES];
};

struct model_device {
	uint32_t sbdf;	     /* the machine's                                */
	uint32_t guest_sbdf; /* its owner's                                  */
	uint8_t guest;
	uint64_t token;	   /* handle, 0 = none */
	uint64_t domain;   /* handle of the attached one, 0 = none */
	uint64_t sequence; /* last device_state, 0 = not asked since creation */
	uint32_t types;	   /* said with it */
	bool has_pasids;   /* as it was created */
	bool is_tagged;
	bool is_quiet;
};

struct model_guest {
	uint16_t id;
	bool is_control;
	bool is_x86;
	uint32_t allowed_types;
	uint32_t domain_quota;
	uint32_t table_page_quota;
	uint64_t ram_first; /* frames [first, first + count) but the holes */
	uint64_t ram_count;
	uint64_t frame[MODEL_FRAMES]; /* machine address, or MODEL_NO_FRAME */
	uint64_t table_pages;	      /* as inventory said last */
	struct model_pasid pasid[MODEL_PASIDS];
	struct model_arm arm[MODEL_ARM_TABLES];
	bool has_home; /* its own devices hold a PassThrough id already */
};

struct model {
	/* Of the machine, fixed. */
	bool has_interface;
	unsigned address_bits;
	uint32_t offered_types; /* what hardware and build can do */
	bool lacks_write_only;	/* its tables cannot say it, Q16 */
	bool can_nest;		/* a caller's Arm64 table */
	uint32_t pasid_count;	/* 0 = no unit tells them apart */
	uint32_t asid_capacity;
	unsigned guest_count;
	struct model_guest guest[MODEL_GUESTS];
	unsigned device_count;
	struct model_device device[MODEL_DEVICES];
	/* What was made. */
	struct model_domain domain[MODEL_DOMAINS];
	uint64_t gone[MODEL_GUESTS][MODEL_GONE]; /* handles of the dead */
	unsigned gone_next[MODEL_GUESTS];
	uint32_t asid_foreign; /* ids held by what the model does not know */
};
