// SPDX-License-Identifier: MIT
/*
 * The transport of SLUICE_HYPERCALL: which sub-op, may this caller, copy the
 * argument in once, answer, copy the reply out once. Transport faults go to rax
 * in the order that sluice/abi.h lists; everything after the header is an
 * NTSTATUS. No lock; the caller's structure is its own to lose.
 */
#include "guest/copy.h"
#include "hypercall/dma_calls.h"
#include "hypercall/hypercall.h"
#include "lib/error.h"
#include "lib/string.h"

enum dma_op_who {
	ANY_GUEST,
	CONTROL,
};

struct dma_op {
	dma_call *call; /* NULL = a gap in the numbers */
	size_t bytes;
	enum dma_op_who who;
};

/* Bytes [start, end) of an argument structure. */
struct dma_op_span {
	size_t start;
	size_t end;
};

/* What the gate must know of a structure beside its size. */
struct dma_op_layout {
	struct dma_op_span reserved[2]; /* in: must be 0; empty = none       */
	struct dma_op_span out; /* from the first [out] field to the last    */
	dma_undo *undo;
};

static const struct dma_op ops[] = {
#define ROW(nr, name, arg, who) [nr] = {dma_call_##name, sizeof(arg), who},
	SLUICE_DMA_OPS(ROW)
#undef ROW
};

#define FIELD_END(type, field)                                                 \
	(offsetof(struct type, field) + sizeof(((struct type *)0)->field))
#define SPAN(type, first, last)                                                \
	{                                                                      \
		offsetof(struct type, first), FIELD_END(type, last)            \
	}
#define FIELD(type, field) SPAN(type, field, field)

/* clang-format off */
static const struct dma_op_layout layouts[ARRAY_COUNT(ops)] = {
	[SLUICE_OP_info] = {
		.reserved = {FIELD(sluice_info, reserved)},
		.out = SPAN(sluice_info, abi_version, table_page_quota),
	},
	[SLUICE_OP_create_domain] = {
		.reserved = {FIELD(sluice_create_domain, reserved),
			     FIELD(sluice_create_domain, reserved2)},
		.out = FIELD(sluice_create_domain, domain),
		.undo = dma_undo_create_domain,
	},
	[SLUICE_OP_create_device] = {
		.reserved = {FIELD(sluice_create_device, reserved)},
		.out = FIELD(sluice_create_device, device),
		.undo = dma_undo_create_device,
	},
	[SLUICE_OP_map] = {
		.reserved = {FIELD(sluice_map, reserved)},
		.out = FIELD(sluice_map, logical_address),
		.undo = dma_undo_map,
	},
	[SLUICE_OP_unmap] = {
		.reserved = {FIELD(sluice_unmap, reserved)},
	},
	[SLUICE_OP_query_domain_types] = {
		.reserved = {FIELD(sluice_domain_types, reserved)},
		.out = FIELD(sluice_domain_types, types),
	},
	[SLUICE_OP_list_devices] = {
		.out = SPAN(sluice_device_info, sbdf, unfit),
	},
	[SLUICE_OP_list_domains] = {
		.reserved = {FIELD(sluice_domain_info, reserved)},
		.out = SPAN(sluice_domain_info, domain, address_bits),
	},
	[SLUICE_OP_inventory] = {
		.reserved = {FIELD(sluice_inventory, reserved),
			     FIELD(sluice_inventory, reserved2)},
		.out = SPAN(sluice_inventory, domain_count, hypervisor_pages),
	},
	[SLUICE_OP_guest_policy] = {
		.reserved = {FIELD(sluice_guest_policy, reserved)},
		.out = SPAN(sluice_guest_policy, machine, table_page_quota),
	},
	[SLUICE_OP_read_faults] = {
		.out = SPAN(sluice_read_faults, sequence, fault),
	},
	[SLUICE_OP_read_log] = {
		.reserved = {FIELD(sluice_read_log, reserved)},
		.out = SPAN(sluice_read_log, offset, text),
	},
	[SLUICE_OP_platform] = {
		.out = SPAN(sluice_platform, cpu_count, version),
	},
	[SLUICE_OP_allocate_range] = {
		.reserved = {FIELD(sluice_allocate_range, reserved)},
		.out = FIELD(sluice_allocate_range, logical_address),
		.undo = dma_undo_allocate_range,
	},
	[SLUICE_OP_map_identity] = {
		.reserved = {FIELD(sluice_identity, reserved)},
	},
	[SLUICE_OP_unmap_identity] = {
		.reserved = {FIELD(sluice_identity, reserved)},
	},
	[SLUICE_OP_reserve_token] = {
		.out = SPAN(sluice_reserve_token, logical_address, token),
		.undo = dma_undo_reserve_token,
	},
	[SLUICE_OP_map_token] = {
		.reserved = {FIELD(sluice_map_token, reserved)},
	},
	[SLUICE_OP_configure_domain] = {
		.reserved = {FIELD(sluice_configure, reserved),
			     FIELD(sluice_configure, reserved2)},
	},
	[SLUICE_OP_device_state] = {
		.reserved = {FIELD(sluice_device_state, reserved)},
		.out = SPAN(sluice_device_state, sequence, types),
	},
	[SLUICE_OP_read_own_faults] = {
		.out = SPAN(sluice_read_faults, sequence, fault),
	},
	[SLUICE_OP_create_pasid] = {
		.reserved = {FIELD(sluice_create_pasid, reserved)},
		.out = SPAN(sluice_create_pasid, pasid, asid),
		.undo = dma_undo_create_pasid,
	},
	[SLUICE_OP_query_device] = {
		.reserved = {FIELD(sluice_query_device, reserved)},
		.out = SPAN(sluice_query_device, default_pasid,
			    faults_suppressed),
	},
	[SLUICE_OP_audit] = {
		.out = SPAN(sluice_audit, heard, wrong_interrupts),
	},
};
/* clang-format on */

/* The sub-op, or NULL for a gap or beyond. */
static const struct dma_op *find_op(uint64_t number)
{
	if (number >= ARRAY_COUNT(ops) || ops[number].call == NULL) {
		return NULL;
	}
	return &ops[number];
}

static bool is_zero(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

/*
 * What a newer caller adds beyond our structure must be 0, or we would ignore
 * what it asks for.
 */
static int check_tail(const struct guest_caller *caller, uint64_t linear,
		      size_t known, size_t size)
{
	uint8_t piece[64];

	if (size > SLUICE_ARGUMENT_MAX) {
		return -XEN_E2BIG;
	}
	while (known < size) {
		size_t n = size - known;

		if (n > sizeof(piece)) {
			n = sizeof(piece);
		}
		if (copy_from_guest(caller, piece, linear + known, n)) {
			return -XEN_EFAULT;
		}
		if (!is_zero(piece, n)) {
			return -XEN_E2BIG;
		}
		known += n;
	}
	return 0;
}

/*
 * Bring the argument in, no byte twice: header, then the rest. Writable is
 * asked for before anything happens, so that most replies cannot fail.
 */
static int copy_in(const struct guest_caller *caller, uint64_t linear,
		   size_t bytes, union sluice_argument *a)
{
	const size_t head = sizeof(a->header);

	if (!is_aligned(linear, sizeof(uint64_t))) {
		return -XEN_EINVAL;
	}
	if (copy_from_guest(caller, a, linear, head)) {
		return -XEN_EFAULT;
	}
	if (a->header.size < bytes) {
		return -XEN_EINVAL;
	}
	if (!copy_check(caller, linear, bytes) ||
	    copy_from_guest(caller, (uint8_t *)a + head, linear + head,
			    bytes - head)) {
		return -XEN_EFAULT;
	}
	return check_tail(caller, linear, bytes, a->header.size);
}

/* "reserved" must be 0, or it could never be given a meaning. */
static bool are_reserved_zero(const struct dma_op_layout *layout,
			      const union sluice_argument *a)
{
	if (a->header.flags != 0 || a->header.reserved != 0) {
		return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(layout->reserved); i++) {
		struct dma_op_span span = layout->reserved[i];

		if (!is_zero((const uint8_t *)a + span.start,
			     span.end - span.start)) {
			return false;
		}
	}
	return true;
}

/*
 * [out] fields first, the status that vouches for them last. Nothing else of
 * the caller's structure is touched.
 */
static int copy_out(const struct guest_caller *caller, uint64_t linear,
		    const struct dma_op_layout *layout,
		    const union sluice_argument *a, NTSTATUS status)
{
	struct dma_op_span out = layout->out;
	int err = 0;

	if (status == STATUS_SUCCESS) {
		err = copy_to_guest(caller, linear + out.start,
				    (const uint8_t *)a + out.start,
				    out.end - out.start);
	}
	if (err) {
		return err;
	}
	return copy_to_guest(caller,
			     linear + offsetof(struct sluice_header, status),
			     &status, sizeof(status));
}

static int64_t answer(const struct guest_caller *caller, uint64_t linear,
		      const struct dma_op *op)
{
	const struct dma_op_layout *layout = &layouts[op - ops];
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	union sluice_argument a;
	int err = copy_in(caller, linear, op->bytes, &a);

	if (err) {
		return err;
	}
	if (are_reserved_zero(layout, &a)) {
		status = op->call(caller, &a);
	}
	err = copy_out(caller, linear, layout, &a, status);
	if (err && status == STATUS_SUCCESS && layout->undo != NULL) {
		/* Its tables changed since the probe: no handle, no object. */
		layout->undo(caller, &a);
	}
	return err;
}

/**
 * sluice_op() - The family of SLUICE_HYPERCALL.
 * @caller: in 64-bit mode and ring 0, checked by hypercall_dispatch()
 * @args:   sub-op, linear address of its argument
 *
 * Return: 0 and the outcome in header.status; or the transport's errors, in the
 * order that sluice/abi.h lists, from -XEN_ENOSYS on.
 */
int64_t sluice_op(struct guest_caller *caller,
		  const uint64_t args[HYPERCALL_ARGUMENTS])
{
	const struct dma_op *op = find_op(args[0]);

	if (op == NULL) {
		return -XEN_ENOSYS;
	}
	if (op->who == CONTROL && !caller->guest->is_control) {
		return -XEN_EPERM;
	}
	return answer(caller, args[1], op);
}
