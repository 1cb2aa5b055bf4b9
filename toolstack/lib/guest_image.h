/* SPDX-License-Identifier: MIT */
/*
 * A guest's kernel: an ELF image with a PVH entry.
 */
#pragma once

#include "file.h"
#include "xen_tools.h"

#define GUEST_IMAGE_SEGMENTS_MAX 32u

/* One loadable segment; every range was checked. */
struct guest_segment {
	uint64_t offset;       /* in the file, bytes             */
	uint64_t file_bytes;   /* bytes that the file has of it  */
	uint64_t address;      /* guest-physical                 */
	uint64_t memory_bytes; /* bytes in memory; rest is zeros */
};

struct guest_image {
	uint32_t entry; /* guest-physical address of the 32-bit PVH entry */
	uint64_t end;	/* end of the highest segment                     */
	unsigned segment_count;
	struct guest_segment segment[GUEST_IMAGE_SEGMENTS_MAX];
};

/**
 * guest_image_parse() - Read an ELF image's program headers and PVH note.
 * @path:  name of the file for messages
 * @file:  its bytes; any bytes are safe
 * @room:  bytes of RAM from address 0 on that it may use
 * @image: filled on success
 * @error: filled on failure
 *
 * Return: INVALID_PARAMETER it is no such image, or does not fit.
 * Source: ELF-64 Object File Format 1.5; Xen, public/elfnote.h.
 */
NTSTATUS guest_image_parse(const char *path, const struct file_bytes *file,
			   uint64_t room, struct guest_image *image,
			   struct sluice_error *error);

/* guest_image_load() - Write the segments; 0 or a negative errno. */
int guest_image_load(struct xen_tools *tools, uint32_t guest,
		     const struct file_bytes *file,
		     const struct guest_image *image);
