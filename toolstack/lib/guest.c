/* SPDX-License-Identifier: MIT */
/*
 * A guest's way into the world, by stock libxenctrl calls and one of ours.
 *
 * Everything that can be refused without a guest is checked before one is
 * made. What follows is a list of steps, each named for its message; when one
 * fails, the devices are taken back and the guest is destroyed.
 */
#include "file.h"
#include "guest_boot.h"
#include "guest_device.h"
#include "guest_group.h"
#include "guest_image.h"

#include <errno.h>
#include <string.h>

#define IMAGE_BYTES_MAX	 (1ull << 30)
#define POPULATE_BATCH	 1024u
#define EVENT_PORTS_MAX	 1023u
#define GRANT_FRAMES_MAX 64
#define MAPTRACK_FRAMES	 1024

/* A guest while it is made. */
struct building {
	const struct sluice_guest_config *config;
	struct sluice_error *error;
	struct xen_tools tools;
	uint32_t id;
	struct file_bytes kernel, ramdisk;
	struct guest_image image;
	struct guest_boot boot;
	struct guest_device device[SLUICE_GUEST_DEVICES_MAX];
};

static uint64_t page_up(uint64_t address)
{
	return (address + SLUICE_PAGE_BYTES - 1) &
	       ~(uint64_t)(SLUICE_PAGE_BYTES - 1);
}

static uint64_t low_ram(const struct sluice_guest_config *config)
{
	return config->memory_bytes < GUEST_RAM_LOW_MAX ? config->memory_bytes
							: GUEST_RAM_LOW_MAX;
}

/* Kernel, then the boot block, then the ramdisk, on pages of their own. */
static NTSTATUS layout(struct building *b)
{
	const struct sluice_guest_config *config = b->config;
	const uint64_t room = low_ram(config);

	if (config->cmdline != NULL &&
	    strlen(config->cmdline) > GUEST_CMDLINE_MAX) {
		return error_set(b->error, STATUS_INVALID_PARAMETER,
				 "guest %s: the command line is longer than "
				 "%u bytes; shorten it",
				 config->name, GUEST_CMDLINE_MAX);
	}
	b->boot.address = page_up(b->image.end);
	b->boot.module = b->boot.address + GUEST_BOOT_BYTES;
	b->boot.module_bytes = b->ramdisk.length;
	b->boot.memory_bytes = config->memory_bytes;
	b->boot.cmdline = config->cmdline;
	if (b->boot.module > room ||
	    b->boot.module_bytes > room - b->boot.module) {
		return error_set(b->error, STATUS_INVALID_PARAMETER,
				 "guest %s: kernel and ramdisk do not fit its "
				 "memory; raise \"memory\"",
				 config->name);
	}
	return STATUS_SUCCESS;
}

/* All that needs no guest. */
static NTSTATUS prepare(struct building *b)
{
	const struct sluice_guest_config *config = b->config;
	struct sluice_guest other;
	uint64_t window = GUEST_BAR_WINDOW;
	NTSTATUS status = sluice_guest_find(config->name, &other, b->error);

	if (NT_SUCCESS(status)) {
		return error_set(b->error, STATUS_RESOURCE_IN_USE,
				 "guest %s: a guest of that name exists (id "
				 "%u); choose another name",
				 config->name, other.id);
	}
	if (status != STATUS_NOT_FOUND) {
		return status;
	}
	status = file_read(config->kernel, IMAGE_BYTES_MAX, &b->kernel,
			   b->error);
	if (NT_SUCCESS(status)) {
		status =
			guest_image_parse(config->kernel, &b->kernel,
					  low_ram(config), &b->image, b->error);
	}
	if (NT_SUCCESS(status) && config->ramdisk != NULL) {
		status = file_read(config->ramdisk, IMAGE_BYTES_MAX,
				   &b->ramdisk, b->error);
	}
	if (NT_SUCCESS(status)) {
		status = layout(b);
	}
	for (uint32_t i = 0; NT_SUCCESS(status) && i < config->device_count;
	     i++) {
		status = guest_device_check(&config->device[i], &window,
					    &b->device[i], b->error);
	}
	if (NT_SUCCESS(status)) {
		status = guest_group_check(config, b->error);
	}
	return status;
}

static int step_create(struct building *b)
{
	struct xen_domctl_createdomain create = {
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap |
			 XEN_DOMCTL_CDF_iommu,
		.max_vcpus = b->config->vcpu_count,
		.max_evtchn_port = EVENT_PORTS_MAX,
		.max_grant_frames = GRANT_FRAMES_MAX,
		.max_maptrack_frames = MAPTRACK_FRAMES,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
		.arch = {.emulation_flags = XEN_X86_EMU_LAPIC},
	};
	uint32_t id = 0; /* the hypervisor chooses */

	memcpy(create.handle, b->config->name, sizeof(b->config->name));
	if (xc_domain_create(b->tools.control, &id, &create) != 0) {
		return -errno;
	}
	b->id = id;
	return 0;
}

static int step_limits(struct building *b)
{
	if (xc_domain_max_vcpus(b->tools.control, b->id,
				b->config->vcpu_count) != 0 ||
	    xc_domain_setmaxmem(b->tools.control, b->id,
				b->config->memory_bytes >> 10) != 0) {
		return -errno;
	}
	return 0;
}

static int populate(struct building *b, uint64_t address, uint64_t bytes)
{
	xen_pfn_t frames[POPULATE_BATCH];
	uint64_t frame = address / SLUICE_PAGE_BYTES;
	uint64_t pages = bytes / SLUICE_PAGE_BYTES;

	while (pages != 0) {
		unsigned count = pages < POPULATE_BATCH ? (unsigned)pages
							: POPULATE_BATCH;

		for (unsigned i = 0; i < count; i++) {
			frames[i] = frame + i;
		}
		if (xc_domain_populate_physmap_exact(b->tools.control, b->id,
						     count, 0, 0,
						     frames) != 0) {
			return errno != 0 ? -errno : -ENOMEM;
		}
		frame += count;
		pages -= count;
	}
	return 0;
}

static int step_memory(struct building *b)
{
	const uint64_t low = low_ram(b->config);
	int result = populate(b, 0, low);

	if (result == 0) {
		result = populate(b, GUEST_RAM_HIGH,
				  b->config->memory_bytes - low);
	}
	return result;
}

static int step_policy(struct building *b)
{
	const struct sluice_guest_config *config = b->config;
	struct sluice_guest_policy policy;
	NTSTATUS status = sluice_policy_get((uint16_t)b->id, &policy);

	if (NT_SUCCESS(status)) {
		policy.machine = config->machine;
		if (config->has_types) {
			policy.allowed_types = config->allowed_types;
		}
		if (config->domain_quota != 0) {
			policy.domain_quota = config->domain_quota;
		}
		if (config->table_page_quota != 0) {
			policy.table_page_quota = config->table_page_quota;
		}
		status = sluice_policy_set(&policy);
	}
	return NT_SUCCESS(status) ? 0 : -EINVAL;
}

static int step_image(struct building *b)
{
	unsigned char block[GUEST_BOOT_BYTES];
	int result = guest_image_load(&b->tools, b->id, &b->kernel, &b->image);

	guest_boot_build(&b->boot, block);
	if (result == 0) {
		result = xen_tools_write(&b->tools, b->id, b->boot.address,
					 block, sizeof(block));
	}
	if (result == 0) {
		result = xen_tools_write(&b->tools, b->id, b->boot.module,
					 b->ramdisk.bytes, b->ramdisk.length);
	}
	return result;
}

static int step_cpu(struct building *b)
{
	return guest_boot_set_cpu(&b->tools, b->id, b->image.entry,
				  (uint32_t)b->boot.address);
}

/* The steps between an empty guest and its devices, in order. */
static const struct {
	int (*run)(struct building *b);
	const char *what;
	const char *what_to_do;
} steps[] = {
	{step_create, "creating it", "see `sluice log` and `sluice info`"},
	{step_limits, "setting its limits", "see `sluice log`"},
	{step_memory, "giving it memory",
	 "compare \"memory\" with the pool in `sluice info`"},
	{step_policy, "setting its DMA policy",
	 "check machine, dma_types, dma_domains and dma_table_pages"},
	{step_image, "loading its image", "see `sluice log`"},
	{step_cpu, "setting its CPU", "see `sluice log`"},
};

static NTSTATUS build(struct building *b, bool paused)
{
	const struct sluice_guest_config *config = b->config;
	NTSTATUS status = STATUS_SUCCESS;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int result = steps[i].run(b);

		if (result != 0) {
			return error_set(b->error,
					 result == -ENOMEM
						 ? STATUS_INSUFFICIENT_RESOURCES
						 : STATUS_UNSUCCESSFUL,
					 "guest %s: %s failed: %s; %s",
					 config->name, steps[i].what,
					 strerror(-result),
					 steps[i].what_to_do);
		}
	}
	for (uint32_t i = 0; NT_SUCCESS(status) && i < config->device_count;
	     i++) {
		status = guest_device_give(&b->tools, b->id, &b->device[i],
					   b->error);
	}
	if (NT_SUCCESS(status) && !paused &&
	    xc_domain_unpause(b->tools.control, b->id) != 0) {
		status = error_set(b->error, STATUS_UNSUCCESSFUL,
				   "guest %s: it cannot be started: %s; see "
				   "`sluice log`",
				   config->name, strerror(errno));
	}
	return status;
}

/* Id 0 is the control domain's: no guest was made yet. */
static void unbuild(struct building *b)
{
	for (uint32_t i = b->config->device_count; i != 0; i--) {
		guest_device_take(&b->tools, b->id, &b->device[i - 1]);
	}
	if (b->id != 0) {
		(void)xc_domain_destroy(b->tools.control, b->id);
	}
}

NTSTATUS sluice_guest_create(const struct sluice_guest_config *config,
			     bool paused, uint16_t *id,
			     struct sluice_error *error)
{
	struct building b = {.config = config, .error = error};
	NTSTATUS status = prepare(&b);

	if (NT_SUCCESS(status)) {
		status = xen_tools_open(&b.tools, error);
	}
	if (NT_SUCCESS(status)) {
		status = build(&b, paused);
		if (NT_SUCCESS(status)) {
			*id = (uint16_t)b.id;
		} else {
			unbuild(&b);
		}
		xen_tools_close(&b.tools);
	}
	file_free(&b.kernel);
	file_free(&b.ramdisk);
	return status;
}
