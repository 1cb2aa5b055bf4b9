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

/* PCI Local Bus Specification 3.0, 6.2.2: the command register. */
#define PCI_COMMAND	   4
#define PCI_COMMAND_MEMORY 0x0002u

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

bool sysfs_pci_has(uint32_t sbdf, const char *file)
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

	if (!sysfs_pci_has(sbdf, "driver")) {
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

int sysfs_pci_decode_memory(uint32_t sbdf, bool on)
{
	char path[PATH_BYTES];
	uint16_t command;
	int result = 0;

	device_path(sbdf, "config", path);

	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		return -errno;
	}
	errno = 0;
	if (pread(fd, &command, sizeof(command), PCI_COMMAND) !=
	    (ssize_t)sizeof(command)) {
		result = errno != 0 ? -errno : -EIO;
		goto close;
	}
	command = (uint16_t)(on ? command | PCI_COMMAND_MEMORY
				: command & ~PCI_COMMAND_MEMORY);
	if (pwrite(fd, &command, sizeof(command), PCI_COMMAND) !=
	    (ssize_t)sizeof(command)) {
		result = errno != 0 ? -errno : -EIO;
	}
close:
	(void)close(fd);
	return result;
}
