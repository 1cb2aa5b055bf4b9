/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls, and replay.c in its stead. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
