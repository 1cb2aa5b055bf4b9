/* SPDX-License-Identifier: MIT */
/*
 * The bounded text log: what happened, to whom, why. Old text makes room for
 * new. The control domain reads it by sub-op read_log; COM2 shows it as well.
 */
#pragma once

#include "lib/compiler.h"

#define LOG_BYTES 32768u

void log_error(const char *fmt, ...) __printf_like(1, 2);
void log_warn(const char *fmt, ...) __printf_like(1, 2);
void log_info(const char *fmt, ...) __printf_like(1, 2);

/**
 * log_guest() - A line that a guest caused; rate-limited per guest.
 * @guest: guest's id, printed in front
 *
 * At most LOG_GUEST_BURST lines a second and guest are kept, the rest counted.
 */
void log_guest(uint16_t guest, const char *fmt, ...) __printf_like(2, 3);
#define LOG_GUEST_BURST 16u

/**
 * log_read() - Copy text from a running offset on.
 * @offset: in: first byte wanted, counted from the start of time; out: next
 * @lost:   out: bytes between the wanted and the oldest kept one
 *
 * Return: bytes copied, 0 when there is nothing newer.
 */
size_t log_read(uint64_t *offset, uint64_t *lost, char *to, size_t bytes);

/* log_panic_text() - Write without locks; only the panic path may. */
void log_panic_text(const char *text);
