// SPDX-License-Identifier: MIT
/*
 * A ring of bytes addressed by a running offset, so that a reader can tell what
 * it missed. Lines go out on the serial port under the same lock, in order.
 */
#include "base/log.h"

#include "arch/serial.h"
#include "arch/time.h"
#include "base/spinlock.h"
#include "lib/format.h"

#define LINE_BYTES  200u
#define GUEST_SLOTS 16u
#define SECOND_NS   UINT64_C(1000000000)

/* Apart from what it guards, so that the ring needs no room in the image. */
static struct spinlock lock = SPINLOCK_INIT(LOCK_LOG);

/* Protected by lock. */
static struct {
	char text[LOG_BYTES];
	uint64_t end; /* offset one past the newest byte */
	struct {
		uint16_t lines;
		uint32_t dropped;
		uint64_t second_start_ns;
	} rate[GUEST_SLOTS];
} state;

static void append(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		state.text[state.end % LOG_BYTES] = text[i];
		state.end++;
		serial_put(text[i]);
	}
}

static void append_line(const char *level, const char *fmt, va_list args)
{
	char line[LINE_BYTES];
	uint64_t us = time_now_ns() / 1000;
	size_t n;

	n = format_text(line, sizeof(line), "[%5lu.%06lu] %s", us / 1000000,
			us % 1000000, level);
	n += format_args(line + n, sizeof(line) - n - 1, fmt, args);
	line[n++] = '\n';
	append(line, n);
}

#define DEFINE_LEVEL(function, text)                                           \
	void function(const char *fmt, ...)                                    \
	{                                                                      \
		va_list args;                                                  \
		va_start(args, fmt);                                           \
		spin_lock(&lock);                                              \
		append_line(text, fmt, args);                                  \
		spin_unlock(&lock);                                            \
		va_end(args);                                                  \
	}
DEFINE_LEVEL(log_error, "error: ")
DEFINE_LEVEL(log_warn, "warning: ")
DEFINE_LEVEL(log_info, "")

/* True when @guest may still log in this second. */
static bool rate_allows(uint16_t guest)
{
	uint64_t now = time_now_ns();
	size_t i = guest % GUEST_SLOTS;

	/* Guests that share a slot share its budget. */
	if (now - state.rate[i].second_start_ns >= SECOND_NS) {
		state.rate[i].lines = 0;
		state.rate[i].second_start_ns = now;
	}
	if (state.rate[i].lines >= LOG_GUEST_BURST) {
		state.rate[i].dropped++;
		return false;
	}
	state.rate[i].lines++;
	return true;
}

void log_guest(uint16_t guest, const char *fmt, ...)
{
	char level[48];
	va_list args;

	va_start(args, fmt);
	spin_lock(&lock);
	if (rate_allows(guest)) {
		uint32_t *dropped = &state.rate[guest % GUEST_SLOTS].dropped;

		if (*dropped != 0) {
			format_text(level, sizeof(level),
				    "guest %u (%u lines dropped): ",
				    (unsigned)guest, *dropped);
			*dropped = 0;
		} else {
			format_text(level, sizeof(level),
				    "guest %u: ", (unsigned)guest);
		}
		append_line(level, fmt, args);
	}
	spin_unlock(&lock);
	va_end(args);
}

size_t log_read(uint64_t *offset, uint64_t *lost, char *to, size_t bytes)
{
	uint64_t oldest;
	size_t n = 0;

	spin_lock(&lock);
	oldest = state.end > LOG_BYTES ? state.end - LOG_BYTES : 0;
	*lost = *offset < oldest ? oldest - *offset : 0;
	if (*offset < oldest) {
		*offset = oldest;
	}
	while (n < bytes && *offset < state.end) {
		to[n++] = state.text[*offset % LOG_BYTES];
		(*offset)++;
	}
	spin_unlock(&lock);
	return n;
}

void log_panic_text(const char *text)
{
	for (; *text != '\0'; text++) {
		serial_put(*text);
	}
}
