// SPDX-License-Identifier: MIT
/*
 * The virtual CPUs' seam (guest/cpu_ops.h) without CPUs: a guest "runs" by its
 * state alone, and its register context is kept as bytes.
 */
#include "fake_cpu.h"

#include "lib/error.h"
#include "vpci/vpci.h"

#include <string.h>
#include <xen/hvm/save.h>
#include <xen/xen.h>

#define CPUS 4u

static struct {
	bool exists;
	bool runs;
	struct hvm_hw_cpu context;
} cpus[GUESTS_MAX];

static int create(struct guest *guest)
{
	memset(&cpus[guest->slot], 0, sizeof(cpus[0]));
	cpus[guest->slot].exists = true;
	vpci_guest_create(guest);
	return 0;
}

static void destroy(struct guest *guest)
{
	cpus[guest->slot].exists = false;
}

static uint32_t free_cpus(void)
{
	uint32_t count = CPUS - 1; /* the control domain has one */

	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		count -= cpus[i].runs;
	}
	return count;
}

static int run(struct guest *guest)
{
	if (!cpus[guest->slot].runs && free_cpus() == 0) {
		return -XEN_EBUSY;
	}
	cpus[guest->slot].runs = true;
	return 0;
}

static int stop(struct guest *guest)
{
	cpus[guest->slot].runs = false;
	return 0;
}

static void get_context(struct guest *guest, struct hvm_hw_cpu *context)
{
	*context = cpus[guest->slot].context;
}

static int set_context(struct guest *guest, const struct hvm_hw_cpu *context)
{
	cpus[guest->slot].context = *context;
	return 0;
}

static uint32_t apic_id(const struct guest *guest)
{
	return FAKE_APIC_ID(guest);
}

static uint32_t cpu_count(void)
{
	return CPUS;
}

static const struct guest_cpu_ops ops = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.stop = stop,
	.get_context = get_context,
	.set_context = set_context,
	.apic_id = apic_id,
	.cpu_count = cpu_count,
	.free_cpu_count = free_cpus,
};

void fake_cpu_start(void)
{
	memset(cpus, 0, sizeof(cpus));
	guest_cpu_ops = &ops;
}

bool fake_cpu_runs(const struct guest *guest)
{
	return cpus[guest->slot].runs;
}
