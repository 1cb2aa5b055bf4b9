/* SPDX-License-Identifier: MIT */
/*
 * The keys of a guest's file: which exist, and which a text sets.
 */
#pragma once

#include "error.h"

/* clang-format off */
/* Key; 1 if it must be set. sluice(1) describes each. */
#define GUEST_KEYS(KEY)                                                        \
	KEY(name, 1)                                                           \
	KEY(type, 0)                                                           \
	KEY(kernel, 1)                                                         \
	KEY(ramdisk, 0)                                                        \
	KEY(extra, 0)                                                          \
	KEY(cmdline, 0)                                                        \
	KEY(memory, 1)                                                         \
	KEY(vcpus, 0)                                                          \
	KEY(pci, 0)                                                            \
	KEY(machine, 0)                                                        \
	KEY(dma_types, 0)                                                      \
	KEY(dma_domains, 0)                                                    \
	KEY(dma_table_pages, 0)
/* clang-format on */

enum guest_key {
#define GUEST_KEY_NUMBER(key, must) GUEST_KEY_##key,
	GUEST_KEYS(GUEST_KEY_NUMBER)
#undef GUEST_KEY_NUMBER
		GUEST_KEY_COUNT
};

/* Line on which each key is set, from 1; 0: it is not. */
struct guest_key_lines {
	unsigned line[GUEST_KEY_COUNT];
};

/**
 * guest_keys_scan() - Find the keys that a text in xl.cfg syntax sets.
 * @label: name of the text for messages
 * @text:  the text, terminated
 * @lines: filled on success
 * @error: filled on failure
 *
 * libxlutil lists no keys, so a misspelt one would be ignored in silence.
 * Return: SUCCESS; INVALID_PARAMETER an unknown key, one set twice, added to
 *         (+=), or missing.
 */
NTSTATUS guest_keys_scan(const char *label, const char *text,
			 struct guest_key_lines *lines,
			 struct sluice_error *error);
