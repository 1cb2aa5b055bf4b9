/* SPDX-License-Identifier: MIT */
/* The mem* and str* that the compiler and the hypervisor call. */
#pragma once

#include "lib/compiler.h"

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t bytes);
