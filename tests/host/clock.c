// SPDX-License-Identifier: MIT
/*
 * The fake clock, the lock over all hardware, the serial port. The clock moves
 * when it is read, and hardware works when the clock moves: so a wait with a
 * deadline ends, and a wait without one is caught (fake_vtd_read()).
 */
#include "clock.h"

#include "arch/cpu_id.h"
#include "arch/serial.h"
#include "arch/time.h"
#include "machine.h"

#include <pthread.h>
#include <string.h>

#define SERIAL_BYTES 65536u

static struct {
	uint64_t now_ns;
	uint64_t step_ns;
	uint64_t reads;
} fake_clock;

static char serial[SERIAL_BYTES];
static size_t serial_used;
static pthread_mutex_t hardware = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static _Thread_local unsigned cpu;

void machine_lock(void)
{
	pthread_mutex_lock(&hardware);
}

void machine_unlock(void)
{
	pthread_mutex_unlock(&hardware);
}

void clock_reset(uint64_t step_ns)
{
	fake_clock.now_ns = 0;
	fake_clock.reads = 0;
	fake_clock.step_ns = step_ns;
	serial_used = 0;
	serial[0] = '\0';
}

uint64_t time_now_ns(void)
{
	uint64_t now;

	machine_lock();
	fake_clock.now_ns += fake_clock.step_ns;
	fake_clock.reads++;
	for (unsigned i = 0; machine_unit(i) != NULL; i++) {
		fake_unit_clock_was_read(machine_unit(i));
	}
	now = fake_clock.now_ns;
	machine_unlock();
	return now;
}

void machine_clock_set_step(uint64_t ns)
{
	fake_clock.step_ns = ns;
}

void machine_clock_advance(uint64_t ns)
{
	machine_lock();
	fake_clock.now_ns += ns;
	machine_unlock();
}

uint64_t machine_clock_now(void)
{
	return fake_clock.now_ns;
}

uint64_t machine_clock_reads(void)
{
	return fake_clock.reads;
}

void serial_init(void)
{
}

/* The port drops what does not fit; the log calls with its lock held. */
void serial_put(char byte)
{
	if (serial_used + 1 < sizeof(serial)) {
		serial[serial_used++] = byte;
		serial[serial_used] = '\0';
	}
}

const char *machine_serial(void)
{
	return serial;
}

void machine_set_cpu(unsigned number)
{
	cpu = number;
}

unsigned cpu_index(void)
{
	return cpu;
}
