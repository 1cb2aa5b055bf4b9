/* SPDX-License-Identifier: MIT */
/*
 * The devices of a new guest.
 *
 * A guest gets whole pages, so a register range smaller than a page is given
 * only if no other device has registers in the same page.
 */
#include "guest_device.h"

#include <errno.h>
#include <string.h>

/* True if another device has registers in [first, end), machine addresses. */
static bool page_is_shared(uint32_t sbdf, uint64_t first, uint64_t end)
{
	struct sluice_device_info other;

	for (uint32_t i = 0;
	     NT_SUCCESS(sluice_device_at(SLUICE_SCOPE_MACHINE, i, &other));
	     i++) {
		for (unsigned j = 0; j < SLUICE_BARS_MAX; j++) {
			const struct sluice_bar *bar = &other.bar[j];

			if (other.sbdf != sbdf && bar->bytes != 0 &&
			    bar->address < end && bar->address >= first) {
				return true;
			}
		}
	}
	return false;
}

/* Give one register range its place. Return: NULL, or why it has none. */
static const char *bar_place(uint32_t sbdf, const struct sluice_bar *bar,
			     uint64_t *window, struct guest_device *device)
{
	uint64_t bytes = bar->bytes;

	if (bytes < SLUICE_PAGE_BYTES) {
		bytes = SLUICE_PAGE_BYTES;
	}
	if ((bytes & (bytes - 1)) != 0 || bar->address % bytes != 0) {
		return "its registers are not aligned to their size; place "
		       "them on a page of their own (boot option "
		       "pci=resource_alignment=)";
	}
	if (bar->bytes < SLUICE_PAGE_BYTES &&
	    page_is_shared(sbdf, bar->address, bar->address + bytes)) {
		return "its registers share a page with another device's; "
		       "place them on a page of their own (boot option "
		       "pci=resource_alignment=)";
	}

	const uint64_t at = (*window + bytes - 1) & ~(bytes - 1);

	if (bytes > GUEST_BAR_WINDOW_END - GUEST_BAR_WINDOW ||
	    at > GUEST_BAR_WINDOW_END - bytes) {
		return "no room for its registers below 4 GiB; give the guest "
		       "fewer devices";
	}
	device->bar[device->bar_count++] = (struct guest_bar){
		.guest_page = at / SLUICE_PAGE_BYTES,
		.machine_page = bar->address / SLUICE_PAGE_BYTES,
		.pages = bytes / SLUICE_PAGE_BYTES,
	};
	*window = at + bytes;
	return NULL;
}

/* Whom it belongs to and whether it may go. */
static NTSTATUS owner_check(const struct sluice_device_info *info,
			    const char *address, struct sluice_error *error)
{
	struct sluice_info self;
	NTSTATUS status = sluice_info(&self);

	if (!NT_SUCCESS(status)) {
		return error_set(error, status,
				 "device %s: %s; see `sluice info`", address,
				 sluice_status_text(status));
	}
	if (!info->is_assignable) {
		return error_set(error, STATUS_ACCESS_DENIED,
				 "device %s: the hypervisor does not let it go "
				 "to a guest: %s; choose another endpoint and "
				 "see `sluice log`",
				 address, sluice_unfit_text(info->unfit));
	}
	if (info->owner == self.guest) {
		return error_set(error, STATUS_RESOURCE_IN_USE,
				 "device %s: the control domain has it; run "
				 "`sluice device assign %s` first",
				 address, address);
	}
	if (info->owner != SLUICE_GUEST_NONE) {
		return error_set(error, STATUS_RESOURCE_IN_USE,
				 "device %s: guest %u has it; destroy that "
				 "guest first",
				 address, info->owner);
	}
	return STATUS_SUCCESS;
}

NTSTATUS guest_device_check(const struct sluice_guest_device *wanted,
			    uint64_t *window, struct guest_device *device,
			    struct sluice_error *error)
{
	struct sluice_device_info info;
	char address[SLUICE_ADDRESS_TEXT];
	const char *wrong = NULL;
	NTSTATUS status = sluice_device_find(wanted->sbdf, &info, error);

	sluice_address_print(wanted->sbdf, address);
	*device = (struct guest_device){
		.sbdf = wanted->sbdf,
		.reset_waived = wanted->reset_waived,
		.interrupts_unsafe = wanted->interrupts_unsafe,
	};
	if (NT_SUCCESS(status)) {
		status = owner_check(&info, address, error);
	}
	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (!wanted->reset_waived && info.reset_way == SLUICE_RESET_NONE) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "device %s: it cannot be reset, so its former "
				 "owner's state would reach the guest; write "
				 "\"%s,reset=none\" to accept that",
				 address, address);
	}
	if (!wanted->interrupts_unsafe && !info.is_remapped) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "device %s: its IOMMU does not remap "
				 "interrupts, so the guest could raise any in "
				 "the machine; switch remapping on in the "
				 "firmware (QEMU: intremap=on), or write "
				 "\"%s,interrupts=unsafe\" to accept that",
				 address, address);
	}
	for (unsigned i = 0; i < SLUICE_BARS_MAX && wrong == NULL; i++) {
		if (info.bar[i].bytes != 0 && info.bar[i].address != 0) {
			wrong = bar_place(wanted->sbdf, &info.bar[i], window,
					  device);
		}
	}
	if (wrong != NULL) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "device %s: %s", address, wrong);
	}
	return STATUS_SUCCESS;
}

static int bars_map(struct xen_tools *tools, uint32_t guest,
		    struct guest_device *device)
{
	while (device->bars_mapped < device->bar_count) {
		const struct guest_bar *bar = &device->bar[device->bars_mapped];

		if (xc_domain_memory_mapping(tools->control, guest,
					     bar->guest_page, bar->machine_page,
					     bar->pages,
					     DPCI_ADD_MAPPING) != 0) {
			return -errno;
		}
		device->bars_mapped++;
	}
	return 0;
}

NTSTATUS guest_device_give(struct xen_tools *tools, uint32_t guest,
			   struct guest_device *device,
			   struct sluice_error *error)
{
	const uint32_t flags =
		(device->reset_waived ? SLUICE_ASSIGN_RESET_WAIVED : 0) |
		(device->interrupts_unsafe ? SLUICE_ASSIGN_INTERRUPTS_UNSAFE
					   : 0);
	const char *step = "reset and assignment";
	char address[SLUICE_ADDRESS_TEXT];
	int result = 0;

	sluice_address_print(device->sbdf, address);
	if (xc_assign_device(tools->control, guest, device->sbdf, flags) != 0) {
		result = -errno;
	} else {
		device->is_given = true;
		step = "mapping of its registers";
		result = bars_map(tools, guest, device);
	}
	if (result != 0) {
		return error_set(error, STATUS_UNSUCCESSFUL,
				 "device %s: %s failed: %s; see `sluice log` "
				 "and dmesg",
				 address, step, strerror(-result));
	}
	return STATUS_SUCCESS;
}

void guest_device_take(struct xen_tools *tools, uint32_t guest,
		       struct guest_device *device)
{
	while (device->bars_mapped != 0) {
		const struct guest_bar *bar =
			&device->bar[--device->bars_mapped];

		(void)xc_domain_memory_mapping(
			tools->control, guest, bar->guest_page,
			bar->machine_page, bar->pages, DPCI_REMOVE_MAPPING);
	}
	if (device->is_given) {
		(void)xc_deassign_device(tools->control, guest, device->sbdf);
		device->is_given = false;
	}
}
