// SPDX-License-Identifier: MIT
/*
 * Start of the service: one timeline from "the units block everything" to "the
 * control domain's devices reach the control domain's memory and nothing else".
 */
#include "dma/service.h"

#include "base/log.h"
#include "dma/asid.h"
#include "dma/device.h"
#include "dma/dma.h"
#include "dma/dma_guest.h"
#include "dma/passthrough.h"
#include "lib/check.h"

/* 1 GiB leaves are the largest that both vendors' tables and units know. */
#define LEAF_LEVEL_MAX 2u

/* Until dma_start() there is no interface: whoever comes early is refused. */
static uint32_t no_interface = SLUICE_INTERFACE_NO_IOMMU;
static struct iommu_limits limits;
static unsigned leaf_level;

uint32_t dma_no_interface(void)
{
	return no_interface;
}

bool dma_service_is_present(void)
{
	return no_interface == SLUICE_INTERFACE_PRESENT;
}

const struct iommu_limits *dma_service_limits(void)
{
	return &limits;
}

unsigned dma_service_leaf_level(void)
{
	return leaf_level;
}

uint64_t dma_service_last_address(void)
{
	return BIT(limits.address_bits) - 1;
}

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void read_limits(void)
{
	unsigned levels;

	limits = iommu_limits();
	CHECK(limits.address_bits > PAGE_SHIFT && limits.address_bits < 64);
	/* A unit that names no large leaf gets none. */
	levels = lesser(limits.leaf_levels, iommu_format()->leaf_levels);
	leaf_level = levels == 0 ? 0 : lesser(levels - 1, LEAF_LEVEL_MAX);
}

/*
 * Without an interface the registry is filled all the same, so that the lists
 * tell the truth; nothing can be attached, assigned or created.
 */
int dma_start(uint32_t answer)
{
	int err;

	dma_guest_start();
	no_interface = answer;
	limits = (struct iommu_limits){.levels = 0};
	if (dma_service_is_present()) {
		read_limits();
	}
	dma_asid_start(limits.asid_count);
	dma_devices_fill();
	dma_guest_create(guest_control());
	iommu_fault_owner = dma_device_owner_id;
	err = dma_devices_send_home();
	if (err) {
		no_interface = SLUICE_INTERFACE_UNIT_FAILED;
		log_error("dma: the control domain's devices stay blocked (%d)",
			  err);
	}
	return err;
}

void dma_reset(void)
{
	no_interface = SLUICE_INTERFACE_NO_IOMMU;
	limits = (struct iommu_limits){.levels = 0};
	dma_asid_start(0);
	dma_devices_forget();
	dma_guest_reset();
}
