/* SPDX-License-Identifier: MIT */
/*
 * PCI devices in sysfs. Source: Linux, Documentation/ABI/testing/sysfs-bus-pci.
 */
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sluice/sluice.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define SYSFS_PCI "/sys/bus/pci"

#define PATH_BYTES 128

static void device_path(uint32_t sbdf, const char *file, char path[PATH_BYTES])
{
	char address[SLUICE_ADDRESS_TEXT];

	sluice_address_print(sbdf, address);
	(void)snprintf(path, PATH_BYTES, SYSFS_PCI "/devices/%s/%s", address,
		       file);
}

static int file_write(const char *path, const char *text)
{
	const size_t length = strlen(text);
	int result = 0;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0) {
		return -errno;
	}
	errno = 0;
	if (write(fd, text, length) != (ssize_t)length) {
		result = errno != 0 ? -errno : -EIO;
	}
	(void)close(fd);
	return result;
}

static bool has_file(uint32_t sbdf, const char *file)
{
	char path[PATH_BYTES];

	device_path(sbdf, file, path);
	return access(path, F_OK) == 0;
}

int sysfs_pci_write(uint32_t sbdf, const char *file, const char *text)
{
	char path[PATH_BYTES];

	device_path(sbdf, file, path);
	return file_write(path, text);
}

int sysfs_pci_unbind(uint32_t sbdf)
{
	char address[SLUICE_ADDRESS_TEXT];

	if (!has_file(sbdf, "driver")) {
		return 0;
	}
	sluice_address_print(sbdf, address);
	return sysfs_pci_write(sbdf, "driver/unbind", address);
}

int sysfs_pci_probe(uint32_t sbdf)
{
	char address[SLUICE_ADDRESS_TEXT];

	sluice_address_print(sbdf, address);
	return file_write(SYSFS_PCI "/drivers_probe", address);
}
