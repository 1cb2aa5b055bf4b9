// SPDX-License-Identifier: MIT
/*
 * A virtual CPU's state as Xen's stream of records: HEADER, CPU, END. A load
 * reads the whole buffer once, then parses the copy.
 * Xen public headers: hvm/save.h, arch-x86/hvm/save.h.
 */
#include "guest/copy.h"
#include "guest/cpu_ops.h"
#include "hypercall/domctl.h"
#include "lib/error.h"
#include "lib/string.h"

#include <xen/hvm/save.h>

#define STREAM_MAX 2048u

struct record_header {
	struct hvm_save_descriptor descriptor;
	struct hvm_save_header header;
} __attribute__((packed));

struct record_cpu {
	struct hvm_save_descriptor descriptor;
	struct hvm_hw_cpu cpu;
} __attribute__((packed));

struct stream {
	struct record_header header;
	struct record_cpu cpu;
	struct hvm_save_descriptor end;
} __attribute__((packed));

/* Protected by the guest-list lock; too large for a stack. */
static union {
	struct stream stream;
	uint8_t bytes[STREAM_MAX];
} buffer;
static struct hvm_hw_cpu cpu; /* aligned, unlike the one in the stream */

static void fill(struct stream *s, struct guest *guest)
{
	memset(s, 0, sizeof(*s));
	s->header.descriptor = (struct hvm_save_descriptor){
		HVM_SAVE_CODE(HEADER), 0, HVM_SAVE_LENGTH(HEADER)};
	s->header.header.magic = HVM_FILE_MAGIC;
	s->header.header.version = HVM_FILE_VERSION;
	s->cpu.descriptor = (struct hvm_save_descriptor){HVM_SAVE_CODE(CPU), 0,
							 HVM_SAVE_LENGTH(CPU)};
	guest_cpu_ops->get_context(guest, &cpu);
	memcpy(&s->cpu.cpu, &cpu, sizeof(cpu));
	s->end = (struct hvm_save_descriptor){HVM_SAVE_CODE(END), 0,
					      HVM_SAVE_LENGTH(END)};
}

int domctl_get_context(struct domctl_call *call)
{
	struct xen_domctl_hvmcontext *c = &call->op->u.hvmcontext;
	uint64_t to = (uintptr_t)c->buffer.p;
	uint32_t room = c->size;

	c->size = sizeof(struct stream);
	if (to == 0) {
		return 0;
	}
	if (room < sizeof(struct stream)) {
		return -XEN_ENOSPC;
	}
	if (call->guest->state == GUEST_RUNNING) {
		return -XEN_EBUSY;
	}
	fill(&buffer.stream, call->guest);
	return copy_to_guest(call->caller, to, &buffer, sizeof(struct stream));
}

/* The CPU record of a stream of @size bytes, or NULL when it is malformed. */
static const uint8_t *find_cpu(uint32_t size)
{
	const uint8_t *found = NULL;
	uint32_t at = 0;

	while (size - at >= sizeof(struct hvm_save_descriptor)) {
		struct hvm_save_descriptor d;

		memcpy(&d, buffer.bytes + at, sizeof(d));
		at += (uint32_t)sizeof(d);
		if (d.length > size - at) {
			return NULL;
		}
		if (d.typecode == HVM_SAVE_CODE(END)) {
			return found;
		}
		if (d.typecode == HVM_SAVE_CODE(CPU)) {
			if (d.instance != 0 ||
			    d.length != HVM_SAVE_LENGTH(CPU)) {
				return NULL;
			}
			found = buffer.bytes + at;
		}
		at += d.length;
	}
	return NULL;
}

int domctl_set_context(struct domctl_call *call)
{
	const struct xen_domctl_hvmcontext *c = &call->op->u.hvmcontext;
	const uint8_t *record;
	int error;

	if (c->size > STREAM_MAX) {
		return -XEN_EINVAL;
	}
	if (call->guest->state == GUEST_RUNNING) {
		return -XEN_EBUSY;
	}
	error = copy_from_guest(call->caller, &buffer, (uintptr_t)c->buffer.p,
				c->size);
	if (error != 0) {
		return error;
	}
	record = find_cpu(c->size);
	if (record == NULL) {
		return -XEN_EINVAL;
	}
	memcpy(&cpu, record, sizeof(cpu));
	return guest_cpu_ops->set_context(call->guest, &cpu);
}
