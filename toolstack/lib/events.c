/* SPDX-License-Identifier: MIT */
/*
 * State-change callbacks (contract 3.2, Q34), and the poll that finds changes
 * and faults. Freestanding.
 *
 * The hypervisor counts the changes of each device; the library keeps the count
 * that it told its caller. Records are a fixed pool, guarded by events_enter(),
 * which is held while a callback runs: so callbacks are serialised, and
 * unregistering waits for a running one.
 */
#include "events.h"

#include "carrier.h"
#include "contract.h"

struct callback {
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK function; /* NULL: free record */
	PVOID context;
	uint64_t device;
	uint64_t sequence; /* last one told; 0: told that the token is gone */
};

static struct callback pool[SLUICE_CALLBACKS_MAX];

static const struct sluice_threads *threads;
static uintptr_t inside; /* thread that is inside, or 0 */

void sluice_set_threads(const struct sluice_threads *functions)
{
	threads = functions;
}

bool events_enter(void)
{
	const uintptr_t self = threads == NULL ? 1 : threads->self();
	uintptr_t nobody = 0;

	if (__atomic_load_n(&inside, __ATOMIC_RELAXED) == self) {
		return false;
	}
	while (!__atomic_compare_exchange_n(&inside, &nobody, self, false,
					    __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		nobody = 0;
		if (threads != NULL && threads->yield != NULL) {
			threads->yield();
		}
	}
	return true;
}

void events_leave(bool entered)
{
	if (entered) {
		__atomic_store_n(&inside, 0, __ATOMIC_RELEASE);
	}
}

static struct callback *callback_find(uint64_t device)
{
	for (size_t i = 0; i < SLUICE_CALLBACKS_MAX; i++) {
		if (pool[i].function != NULL && pool[i].device == device) {
			return &pool[i];
		}
	}
	return NULL;
}

static struct callback *callback_free_record(void)
{
	for (size_t i = 0; i < SLUICE_CALLBACKS_MAX; i++) {
		if (pool[i].function == NULL) {
			return &pool[i];
		}
	}
	return NULL;
}

static NTSTATUS state_get(uint64_t device, struct sluice_device_state *state)
{
	*state = (struct sluice_device_state){.device = device};
	return SLUICE_CALL(SLUICE_OP_device_state, state);
}

static void callback_run(struct callback *callback,
			 const struct sluice_device_state *state)
{
	IOMMU_INTERFACE_STATE_CHANGE change = {
		.PresentFields = {.AvailableDomainTypes = 1},
		.AvailableDomainTypes = state->types,
	};

	callback->sequence = state->sequence;
	callback->function(&change, callback->context);
}

/* Inside. Arguments first, by position, then what may change. */
static NTSTATUS
callback_register(const struct callback *wanted,
		  const IOMMU_INTERFACE_STATE_CHANGE_FIELDS *fields)
{
	struct sluice_device_state state;
	NTSTATUS status = state_get(wanted->device, &state);

	if (!NT_SUCCESS(status) && status != STATUS_INVALID_PARAMETER_1) {
		return status;
	}
	if (wanted->function == NULL) {
		return STATUS_INVALID_PARAMETER_1;
	}
	if (!NT_SUCCESS(status)) {
		return STATUS_INVALID_PARAMETER_3;
	}
	if (fields == NULL || !fields->AvailableDomainTypes ||
	    fields->Reserved != 0) {
		return STATUS_INVALID_PARAMETER_4;
	}
	if (callback_find(wanted->device) != NULL) {
		return STATUS_UNSUCCESSFUL;
	}

	struct callback *callback = callback_free_record();

	if (callback == NULL) {
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*callback = *wanted;
	callback_run(callback, &state);
	return STATUS_SUCCESS;
}

NTSTATUS contract_register_callback(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PVOID Context, PIOMMU_DMA_DEVICE DmaDevice,
	PIOMMU_INTERFACE_STATE_CHANGE_FIELDS StateFields)
{
	const struct callback wanted = {
		.function = StateChangeCallback,
		.context = Context,
		.device = handle_of_pointer(DmaDevice),
	};
	const bool entered = events_enter();
	NTSTATUS status = STATUS_UNSUCCESSFUL;

	if (entered) {
		status = callback_register(&wanted, StateFields);
	}
	events_leave(entered);
	return status;
}

NTSTATUS contract_unregister_callback(
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback,
	PIOMMU_DMA_DEVICE DmaDevice)
{
	struct sluice_device_state state;
	const bool entered = events_enter();
	struct callback *callback = callback_find(handle_of_pointer(DmaDevice));
	NTSTATUS status = STATUS_SUCCESS;

	if (!entered) {
		return STATUS_UNSUCCESSFUL;
	}
	if (callback == NULL || StateChangeCallback == NULL) {
		/* No interface, or no such token? That would come first. */
		status = state_get(handle_of_pointer(DmaDevice), &state);
		if (NT_SUCCESS(status) ||
		    status == STATUS_INVALID_PARAMETER_1) {
			status = STATUS_UNSUCCESSFUL;
		}
	} else if (callback->function != StateChangeCallback) {
		status = STATUS_UNSUCCESSFUL;
	} else {
		callback->function = NULL;
	}
	events_leave(entered);
	return status;
}

NTSTATUS contract_delete_device(PIOMMU_DMA_DEVICE DmaDevice)
{
	struct sluice_device_ref call = {
		.device = handle_of_pointer(DmaDevice),
	};
	const bool entered = events_enter();
	NTSTATUS status;

	if (callback_find(call.device) == NULL) {
		status = SLUICE_CALL(SLUICE_OP_delete_device, &call);
	} else {
		struct sluice_device_state state;

		status = state_get(call.device, &state);
		if (NT_SUCCESS(status)) {
			status = STATUS_RESOURCE_IN_USE;
		}
	}
	events_leave(entered);
	return status;
}

/* Tell each callback what changed. Return: the first failure to ask. */
static NTSTATUS states_deliver(uint32_t *delivered)
{
	NTSTATUS first = STATUS_SUCCESS;

	for (size_t i = 0; i < SLUICE_CALLBACKS_MAX; i++) {
		struct callback *callback = &pool[i];
		struct sluice_device_state state;

		if (callback->function == NULL) {
			continue;
		}

		NTSTATUS status = state_get(callback->device, &state);

		if (status == STATUS_INVALID_PARAMETER_1) {
			/* The device went to another guest: nothing is left. */
			state.sequence = 0;
			state.types = 0;
		} else if (!NT_SUCCESS(status)) {
			first = NT_SUCCESS(first) ? status : first;
			continue;
		}
		if (state.sequence != callback->sequence) {
			callback_run(callback, &state);
			(*delivered)++;
		}
	}
	return first;
}

NTSTATUS sluice_poll_events(uint32_t *delivered)
{
	const bool entered = events_enter();
	uint32_t count = 0;

	if (!entered) {
		return STATUS_UNSUCCESSFUL;
	}

	NTSTATUS status = states_deliver(&count);
	NTSTATUS faults = faults_deliver(&count);

	events_leave(entered);
	if (delivered != NULL) {
		*delivered = count;
	}
	return NT_SUCCESS(status) ? faults : status;
}
