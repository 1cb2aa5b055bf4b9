/* SPDX-License-Identifier: MIT */
/*
 * The tokens that `sluice attach` made, for `sluice detach`. A token is the
 * guest's and not the command's, so its handle is kept where a restart of the
 * guest, which ends all tokens, empties it: /run/sluice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where the files are; a test sets another place. */
extern const char *token_file_directory;

/* token_file_read() - The handle kept for a device. Return: false: none. */
bool token_file_read(uint32_t sbdf, uint64_t *handle);

/* token_file_write() - Keep one. Return: false, and nothing is kept. */
bool token_file_write(uint32_t sbdf, uint64_t handle);

/* token_file_remove() - Keep none. */
void token_file_remove(uint32_t sbdf);
