/* SPDX-License-Identifier: MIT */
/*
 * A device's way from the control domain to nobody (blocked) and back.
 *
 * "Nobody" is Xen's DOMID_IO, as in xl's pci-assignable-add and -remove.
 */
#include "sysfs.h"
#include "xen_tools.h"

#include <errno.h>
#include <string.h>

/* No driver has this name, so while it stands none is bound. */
#define NO_DRIVER "sluice-none"

NTSTATUS sluice_device_find(uint32_t sbdf, struct sluice_device_info *out,
			    struct sluice_error *error)
{
	char address[SLUICE_ADDRESS_TEXT];
	NTSTATUS status;

	sluice_address_print(sbdf, address);
	for (uint32_t index = 0;; index++) {
		status = sluice_device_at(SLUICE_SCOPE_MACHINE, index, out);
		if (!NT_SUCCESS(status) || out->sbdf == sbdf) {
			break;
		}
	}
	if (status == STATUS_NOT_FOUND) {
		return error_set(error, status,
				 "device %s: there is no such device; see "
				 "`sluice device list`",
				 address);
	}
	if (!NT_SUCCESS(status)) {
		return error_set(error, status,
				 "device %s: the device list cannot be read: "
				 "%s; run in the control domain",
				 address, sluice_status_text(status));
	}
	return status;
}

static NTSTATUS device_check_assign(const struct sluice_device_info *device,
				    const char *address,
				    struct sluice_error *error)
{
	struct sluice_info info;
	NTSTATUS status = sluice_info(&info);

	if (!NT_SUCCESS(status)) {
		return error_set(error, status,
				 "device %s: %s; see `sluice info`", address,
				 sluice_status_text(status));
	}
	if (!device->is_assignable) {
		return error_set(error, STATUS_ACCESS_DENIED,
				 "device %s: the hypervisor does not let it go "
				 "to a guest: %s; choose another endpoint and "
				 "see `sluice log`",
				 address, sluice_unfit_text(device->unfit));
	}
	if (device->owner == SLUICE_GUEST_NONE) {
		return error_set(error, STATUS_RESOURCE_IN_USE,
				 "device %s: it is assignable already; name it "
				 "in a guest's file",
				 address);
	}
	if (device->owner != info.guest) {
		return error_set(error, STATUS_RESOURCE_IN_USE,
				 "device %s: guest %u has it; destroy that "
				 "guest first",
				 address, device->owner);
	}
	return STATUS_SUCCESS;
}

/* Back to the drivers of the control domain; best effort, it is an undo. */
static void device_restore_driver(uint32_t sbdf)
{
	(void)sysfs_pci_write(sbdf, "driver_override", "\n");
	(void)sysfs_pci_probe(sbdf);
}

NTSTATUS sluice_device_assign(uint32_t sbdf, struct sluice_error *error)
{
	struct sluice_device_info device;
	struct xen_tools tools;
	char address[SLUICE_ADDRESS_TEXT];
	NTSTATUS status = sluice_device_find(sbdf, &device, error);

	sluice_address_print(sbdf, address);
	if (NT_SUCCESS(status)) {
		status = device_check_assign(&device, address, error);
	}
	if (NT_SUCCESS(status)) {
		status = xen_tools_open(&tools, error);
	}
	if (!NT_SUCCESS(status)) {
		return status;
	}

	/* First the override: an unbound device could be bound again at once.
	 */
	int result = sysfs_pci_write(sbdf, "driver_override", NO_DRIVER);

	if (result == 0) {
		result = sysfs_pci_unbind(sbdf);
	}
	if (result != 0) {
		status = error_set(error, STATUS_UNSUCCESSFUL,
				   "device %s: its Linux driver cannot be "
				   "unbound: %s; run as root and see dmesg",
				   address, strerror(-result));
	} else if (xc_assign_device(tools.control, DOMID_IO, sbdf, 0) != 0) {
		status = error_set(error, STATUS_UNSUCCESSFUL,
				   "device %s: the hypervisor refused to take "
				   "it: %s; see `sluice log`",
				   address, strerror(errno));
	}
	if (!NT_SUCCESS(status)) {
		device_restore_driver(sbdf);
	}
	xen_tools_close(&tools);
	return status;
}

NTSTATUS sluice_device_release(uint32_t sbdf, struct sluice_error *error)
{
	struct sluice_device_info device;
	struct xen_tools tools;
	char address[SLUICE_ADDRESS_TEXT];
	NTSTATUS status = sluice_device_find(sbdf, &device, error);

	sluice_address_print(sbdf, address);
	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (device.owner != SLUICE_GUEST_NONE) {
		return error_set(error, STATUS_RESOURCE_IN_USE,
				 "device %s: guest %u has it; only a device "
				 "that no guest has can be released",
				 address, device.owner);
	}
	status = xen_tools_open(&tools, error);
	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (xc_deassign_device(tools.control, DOMID_IO, sbdf) != 0) {
		status = error_set(error, STATUS_UNSUCCESSFUL,
				   "device %s: the hypervisor refused to give "
				   "it back: %s; see `sluice log`",
				   address, strerror(errno));
	} else {
		device_restore_driver(sbdf);
	}
	xen_tools_close(&tools);
	return status;
}
