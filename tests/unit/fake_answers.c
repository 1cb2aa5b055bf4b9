// SPDX-License-Identifier: MIT
/* The one record of calls; setup() of fake_carrier.h empties it. */
#include "fake_answers.h"

#include <check.h>
#include <string.h>

struct fake_answers fake;

void record(struct call *call, uint32_t op, void *argument, size_t size)
{
	const uint64_t *list = NULL;

	call->op = op;
	call->size = size;
	memcpy(&call->header, argument, sizeof(call->header));
	memcpy(call->bytes, argument,
	       size < sizeof(call->bytes) ? size : sizeof(call->bytes));
	if (op == SLUICE_OP_create_domain && call->create.region_count != 0 &&
	    call->create.region_count <= SLUICE_REGIONS_MAX) {
		memcpy(call->region, (void *)(uintptr_t)call->create.regions,
		       call->create.region_count * sizeof(call->region[0]));
	}
	if (op == SLUICE_OP_map && call->map.kind == SLUICE_MAP_FRAMES) {
		list = (void *)(uintptr_t)call->map.frames;
	}
	if (op == SLUICE_OP_map_token &&
	    call->map_token.kind == SLUICE_MAP_FRAMES) {
		list = (void *)(uintptr_t)call->map_token.frames;
	}
	if ((op == SLUICE_OP_map_identity || op == SLUICE_OP_unmap_identity) &&
	    call->identity.kind == SLUICE_MAP_FRAMES) {
		list = (void *)(uintptr_t)call->identity.frames;
	}
	if (op == SLUICE_OP_flush_list && call->flush.count != 0) {
		list = (void *)(uintptr_t)call->flush.addresses;
	}
	if (list != NULL) {
		memcpy(&call->first, list, sizeof(call->first));
	}
}

static NTSTATUS fill_faults(struct sluice_read_faults *page)
{
	page->count = 0;
	page->total = fake.fault_count;
	while (page->count < SLUICE_FAULTS_MAX &&
	       page->sequence < fake.fault_count) {
		page->fault[page->count++] = fake.fault[page->sequence++];
	}
	return STATUS_SUCCESS;
}

/* The [out] fields of a call that succeeds; or that a list has ended. */
static NTSTATUS fill_lists(uint32_t op, void *argument)
{
	struct sluice_device_info *device = argument;
	struct sluice_domain_info *domain = argument;
	uint32_t index;

	switch (op) {
	case SLUICE_OP_info:
		((struct sluice_info *)argument)->machine =
			SLUICE_MACHINE_AMD64;
		return STATUS_SUCCESS;
	case SLUICE_OP_list_devices:
		index = device->index;
		*device = fake.owned;
		return index == 0 ? STATUS_SUCCESS : STATUS_NOT_FOUND;
	case SLUICE_OP_list_domains:
		domain->domain = fake.owned.domain;
		domain->type = DomainTypeTranslateS1;
		return domain->index == 0 ? STATUS_SUCCESS : STATUS_NOT_FOUND;
	case SLUICE_OP_read_own_faults:
		return fill_faults(argument);
	default:
		return STATUS_SUCCESS;
	}
}

NTSTATUS fill(uint32_t op, void *argument)
{
	struct sluice_device_state *state = argument;
	struct sluice_reserve_token *token = argument;
	struct sluice_query_device *query = argument;

	switch (op) {
	case SLUICE_OP_create_domain:
		((struct sluice_create_domain *)argument)->domain = 0xd0d0;
		break;
	case SLUICE_OP_create_device:
		((struct sluice_create_device *)argument)->device = 0xdede;
		break;
	case SLUICE_OP_query_domain_types:
		((struct sluice_domain_types *)argument)->types = 0x5;
		break;
	case SLUICE_OP_device_state:
		state->sequence = fake.sequence;
		state->types = fake.types;
		break;
	case SLUICE_OP_allocate_range:
		((struct sluice_allocate_range *)argument)->logical_address =
			0x100000;
		break;
	case SLUICE_OP_reserve_token:
		token->token = 0x7000 + ++fake.tokens;
		token->logical_address = token->has_logical_address
						 ? token->logical_address
						 : 0x200000;
		break;
	case SLUICE_OP_create_pasid:
		((struct sluice_create_pasid *)argument)->pasid = 0xaa;
		((struct sluice_create_pasid *)argument)->asid = 7;
		break;
	case SLUICE_OP_query_device:
		query->default_pasid = 1;
		query->faults_suppressed = 1;
		break;
	default:
		return fill_lists(op, argument);
	}
	return STATUS_SUCCESS;
}
