/* SPDX-License-Identifier: MIT */
/*
 * The list of unit-test suites: one row a file `tests/unit/NAME_test.c`, which
 * defines `Suite *NAME_suite(void)`. The runner and the build read this list.
 */
#pragma once

#include <check.h>

/* clang-format off */
#define UNIT_SUITES(SUITE)                                                     \
	SUITE(abi)                                                             \
	SUITE(lib)                                                             \
	SUITE(string)                                                          \
	SUITE(base)                                                            \
	SUITE(page)                                                            \
	SUITE(linear)                                                          \
	SUITE(harness)                                                         \
	SUITE(pt)                                                              \
	SUITE(pt_random)                                                       \
	SUITE(pt_pin)                                                          \
	SUITE(pt_spare)                                                        \
	SUITE(acpi)                                                            \
	SUITE(bootinfo)                                                        \
	SUITE(dmar)                                                            \
	SUITE(ivrs)                                                            \
	SUITE(iommu)                                                           \
	SUITE(iommu_failure)                                                   \
	SUITE(iommu_move)                                                      \
	SUITE(iommu_intr)                                                      \
	SUITE(iommu_intr_failure)                                              \
	SUITE(storm)                                                           \
	SUITE(amdvi)                                                           \
	SUITE(iommu_start)                                                     \
	SUITE(scope)                                                           \
	SUITE(damage)                                                          \
	SUITE(first_stage)                                                     \
	SUITE(create)                                                          \
	SUITE(region)                                                          \
	SUITE(firmware)                                                        \
	SUITE(firmware_failure)                                                \
	SUITE(firmware_start)                                                  \
	SUITE(group)                                                           \
	SUITE(guest_group)                                                     \
	SUITE(pci_group)                                                       \
	SUITE(map)                                                             \
	SUITE(identity)                                                        \
	SUITE(identity_failure)                                                \
	SUITE(range)                                                           \
	SUITE(range_map)                                                       \
	SUITE(space_failure)                                                   \
	SUITE(large)                                                           \
	SUITE(unmap)                                                           \
	SUITE(token)                                                           \
	SUITE(token_segment)                                                   \
	SUITE(device)                                                          \
	SUITE(assign_intr)                                                     \
	SUITE(assign)                                                          \
	SUITE(handover)                                                        \
	SUITE(handover_failure)                                                \
	SUITE(slot)                                                            \
	SUITE(policy)                                                          \
	SUITE(audit)                                                           \
	SUITE(audit_intr)                                                      \
	SUITE(configure)                                                       \
	SUITE(nest)                                                            \
	SUITE(event)                                                           \
	SUITE(pasid)                                                           \
	SUITE(asid)                                                            \
	SUITE(buddy)                                                           \
	SUITE(buddy_cost)                                                      \
	SUITE(assign_edge)                                                     \
	SUITE(passthrough)                                                     \
	SUITE(service_start)                                                 \
	SUITE(vpci)                                                            \
	SUITE(vpci_msi)                                                        \
	SUITE(vpci_msix)                                                       \
	SUITE(vpci_units)                                                      \
	SUITE(vpci_map)                                                        \
	SUITE(lapic)                                                           \
	SUITE(mov)                                                             \
	SUITE(gate)                                                            \
	SUITE(reply)                                                           \
	SUITE(refetch)                                                         \
	SUITE(fail_nth)                                                        \
	SUITE(xen)                                                             \
	SUITE(xen_guest)                                                       \
	SUITE(xen_device)                                                      \
	SUITE(condition)                                                       \
	SUITE(random)                                                          \
	SUITE(stress)                                                          \
	SUITE(interface)                                                       \
	SUITE(library)                                                         \
	SUITE(library_map)                                                     \
	SUITE(library_identity)                                                \
	SUITE(library_token)                                                   \
	SUITE(library_event)                                                   \
	SUITE(library_legacy)                                                  \
	SUITE(library_domain)                                                  \
	SUITE(inproc_domain)                                            \
	SUITE(inproc_device)                                            \
	SUITE(inproc_pasid)                                             \
	SUITE(inproc_map)                                               \
	SUITE(inproc_identity)                                          \
	SUITE(inproc_token)                                             \
	SUITE(cli_parse)                                                       \
	SUITE(cli_value)                                                       \
	SUITE(guest_config)                                                    \
	SUITE(guest_image)
/* clang-format on */

#define UNIT_DECLARE(name) Suite *name##_suite(void);
UNIT_SUITES(UNIT_DECLARE)
#undef UNIT_DECLARE
