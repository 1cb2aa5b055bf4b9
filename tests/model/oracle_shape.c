// SPDX-License-Identifier: MIT
/* The argument of each sub-op, as include/sluice/dma*.h lay it out. */
#include "oracle_shape.h"

#include "oracle_state.h"

#define AT(type, field) offsetof(struct type, field)
#define END(type, field)                                                       \
	(offsetof(struct type, field) + sizeof(((struct type *)0)->field))

static const uint16_t sizes[] = {
#define SIZE(nr, name, arg, who) [nr] = sizeof(arg),
	SLUICE_DMA_OPS(SIZE)
#undef SIZE
};

/* clang-format off */
static const struct oracle_shape shapes[sizeof(sizes) / sizeof(sizes[0])] = {
	[SLUICE_OP_info] = {.out = AT(sluice_info, abi_version),
		.out_end = END(sluice_info, table_page_quota)},
	[SLUICE_OP_create_domain] = {.list = AT(sluice_create_domain, regions),
		.out = AT(sluice_create_domain, domain),
		.out_end = END(sluice_create_domain, domain)},
	[SLUICE_OP_delete_domain] = {.first = AT(sluice_domain_ref, domain)},
	[SLUICE_OP_create_device] = {.out = AT(sluice_create_device, device),
		.out_end = END(sluice_create_device, device)},
	[SLUICE_OP_delete_device] = {.first = AT(sluice_device_ref, device)},
	[SLUICE_OP_attach_device] = {.first = AT(sluice_attach_device, domain),
		.second = AT(sluice_attach_device, device)},
	[SLUICE_OP_detach_device] = {.first = AT(sluice_device_ref, device)},
	[SLUICE_OP_map] = {.first = AT(sluice_map, domain),
		.list = AT(sluice_map, frames),
		.out = AT(sluice_map, logical_address),
		.out_end = END(sluice_map, logical_address)},
	[SLUICE_OP_unmap] = {.first = AT(sluice_unmap, domain)},
	[SLUICE_OP_query_domain_types] = {.first = AT(sluice_domain_types, device),
		.out = AT(sluice_domain_types, types),
		.out_end = END(sluice_domain_types, types)},
	[SLUICE_OP_list_devices] = {.out = AT(sluice_device_info, sbdf),
		.out_end = END(sluice_device_info, unfit)},
	[SLUICE_OP_list_domains] = {.out = AT(sluice_domain_info, domain),
		.out_end = END(sluice_domain_info, address_bits)},
	[SLUICE_OP_inventory] = {.out = AT(sluice_inventory, domain_count),
		.out_end = END(sluice_inventory, hypervisor_pages)},
	[SLUICE_OP_guest_policy] = {.out = AT(sluice_guest_policy, machine),
		.out_end = END(sluice_guest_policy, table_page_quota)},
	[SLUICE_OP_allocate_range] = {.first = AT(sluice_allocate_range, domain),
		.out = AT(sluice_allocate_range, logical_address),
		.out_end = END(sluice_allocate_range, logical_address)},
	[SLUICE_OP_free_range] = {.first = AT(sluice_range_ref, domain)},
	[SLUICE_OP_map_identity] = {.first = AT(sluice_identity, domain),
		.list = AT(sluice_identity, frames)},
	[SLUICE_OP_unmap_identity] = {.first = AT(sluice_identity, domain),
		.list = AT(sluice_identity, frames)},
	[SLUICE_OP_reserve_token] = {.first = AT(sluice_reserve_token, domain),
		.out = AT(sluice_reserve_token, logical_address),
		.out_end = END(sluice_reserve_token, token)},
	[SLUICE_OP_free_token] = {.first = AT(sluice_token_ref, token)},
	[SLUICE_OP_map_token] = {.first = AT(sluice_map_token, token),
		.list = AT(sluice_map_token, frames)},
	[SLUICE_OP_unmap_token] = {.first = AT(sluice_unmap_token, token)},
	[SLUICE_OP_configure_domain] = {.first = AT(sluice_configure, domain)},
	[SLUICE_OP_flush_domain] = {.first = AT(sluice_domain_ref, domain)},
	[SLUICE_OP_flush_list] = {.first = AT(sluice_flush_list, domain),
		.list = AT(sluice_flush_list, addresses)},
	[SLUICE_OP_device_state] = {.first = AT(sluice_device_state, device),
		.out = AT(sluice_device_state, sequence),
		.out_end = END(sluice_device_state, types)},
	[SLUICE_OP_create_pasid] = {.first = AT(sluice_create_pasid, device),
		.out = AT(sluice_create_pasid, pasid),
		.out_end = END(sluice_create_pasid, asid)},
	[SLUICE_OP_delete_pasid] = {.first = AT(sluice_pasid_ref, pasid)},
	[SLUICE_OP_attach_pasid] = {.first = AT(sluice_attach_pasid, domain),
		.second = AT(sluice_attach_pasid, pasid)},
	[SLUICE_OP_detach_pasid] = {.first = AT(sluice_pasid_ref, pasid)},
	[SLUICE_OP_audit] = {.out = AT(sluice_audit, heard),
		.out_end = END(sluice_audit, wrong_interrupts)},
	[SLUICE_OP_query_device] = {.first = AT(sluice_query_device, device),
		.out = AT(sluice_query_device, default_pasid),
		.out_end = END(sluice_query_device, faults_suppressed)},
};
/* clang-format on */

struct oracle_shape oracle_shape(unsigned op)
{
	struct oracle_shape s = shapes[op];

	s.bytes = sizes[op];
	return s;
}

unsigned oracle_status_index(NTSTATUS status)
{
	static const NTSTATUS all[] = {
#define VALUE(number, name, text) name,
		SLUICE_STATUS_LIST(VALUE)
#undef VALUE
	};
	unsigned i = 0;

	while (i + 1 < sizeof(all) / sizeof(all[0]) && all[i] != status) {
		i++;
	}
	return i;
}
