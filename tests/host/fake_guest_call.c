// SPDX-License-Identifier: MIT
/* The gate from a fake guest's side: argument in, one call, argument out. */
#include "fake_guest.h"
#include "guestmem.h"
#include "hypercall/hypercall.h"
#include "machine.h"

#include <string.h>

#define LIST_BYTES (8 * PAGE_BYTES)

uint64_t fake_guest_list(struct fake_guest *guest, const void *list,
			 size_t bytes)
{
	if (bytes > LIST_BYTES) {
		machine_fail("list of %zu bytes", bytes);
	}
	fake_guest_write(guest, guest->ram.addr + FAKE_GUEST_LIST, list, bytes);
	return fake_guest_linear(guest, guest->ram.addr + FAKE_GUEST_LIST);
}

int64_t fake_guest_hypercall(struct fake_guest *guest, uint64_t number,
			     uint64_t a0, uint64_t a1, uint64_t a2)
{
	uint64_t args[HYPERCALL_ARGUMENTS] = {a0, a1, a2, 0, 0};
	int64_t result;

	if (!guest->guest->has_run) {
		fake_guest_run(guest);
	}
	/* A step each, as the machine makes the call again: each reads anew. */
	do {
		guestmem_begin();
		result = hypercall_dispatch(&guest->caller, number, args);
		guestmem_end();
	} while (result == HYPERCALL_AGAIN);
	return result;
}

int64_t fake_guest_call(struct fake_guest *guest, uint64_t op, void *argument,
			size_t bytes)
{
	uint64_t at = guest->ram.addr + FAKE_GUEST_ARGUMENT;
	struct sluice_header *header = argument;
	int64_t result;

	if (bytes > PAGE_BYTES || bytes < sizeof(*header)) {
		machine_fail("argument of %zu bytes", bytes);
	}
	if (header->size == 0) {
		header->size = (uint32_t)bytes;
	}
	fake_guest_write(guest, at, argument, bytes);
	result = fake_guest_hypercall(guest, SLUICE_HYPERCALL, op,
				      guest->argument_at, 0);
	fake_guest_read(guest, at, argument, bytes);
	return result;
}

int32_t fake_guest_status(struct fake_guest *guest, uint64_t op, void *argument,
			  size_t bytes)
{
	int64_t result = fake_guest_call(guest, op, argument, bytes);

	if (result != 0) {
		machine_fail("sub-op %lu: rax %ld", (unsigned long)op,
			     (long)result);
	}
	return ((struct sluice_header *)argument)->status;
}
