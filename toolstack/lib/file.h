/* SPDX-License-Identifier: MIT */
/*
 * A whole file in memory.
 */
#pragma once

#include "error.h"

struct file_bytes {
	char *bytes; /* one 0 byte follows the last */
	uint64_t length;
};

/**
 * file_read() - Read a whole regular file.
 * @path:  the file
 * @most:  longest length accepted, bytes
 * @file:  filled on success; end it with file_free()
 * @error: filled on failure
 *
 * Return: NOT_FOUND cannot be read; INVALID_PARAMETER no regular file, or too
 *         long; INSUFFICIENT_RESOURCES no memory.
 */
NTSTATUS file_read(const char *path, uint64_t most, struct file_bytes *file,
		   struct sluice_error *error);

/* file_free() - Release it. */
void file_free(struct file_bytes *file);
