// SPDX-License-Identifier: MIT
/*
 * From the guest's message to the hypervisor's: what the guest programs names a
 * vector of its own CPU; what the device is given to send names an entry of the
 * interrupt remapping tables, and only that entry says vector and CPU. The
 * registry's lock is held. APM vol. 2, 16.5 (message formats); PCI 3.0, 6.8.1.
 */
#include "arch/apic.h"
#include "base/log.h"
#include "guest/cpu_ops.h"
#include "vpci/function.h"

#define ADDRESS_WINDOW	    UINT64_C(0xfee00000)
#define ADDRESS_KNOWN	    (GENMASK(19, 12) | GENMASK(3, 2))
#define ADDRESS_DESTINATION GENMASK(19, 12)
#define ADDRESS_LOGICAL	    BIT(2)
#define BROADCAST	    0xffu

#define DATA_VECTOR GENMASK(7, 0)
#define DATA_MODE   GENMASK(10, 8)
#define DATA_KNOWN  (DATA_VECTOR | DATA_MODE | BIT(14)) /* no level trigger */

/*
 * A vector comes to the guest's CPU as itself. Exceptions have no place there,
 * and the last class of priorities is the hypervisor's.
 */
#define VECTOR_FIRST 0x20u
#define VECTOR_LAST  0xefu
static_assert(VECTOR_LAST < VECTOR_WAKE && VECTOR_LAST < VECTOR_SPURIOUS,
	      "the hypervisor's own are never a guest's");

static bool reaches_guest(uint64_t address)
{
	uint64_t destination = field_get(ADDRESS_DESTINATION, address);

	if (destination == BROADCAST) {
		return true;
	}
	return address & ADDRESS_LOGICAL ? (destination & LAPIC_LOGICAL) != 0
					 : destination == LAPIC_ID;
}

uint8_t vpci_message_vector(uint64_t address, uint32_t data)
{
	uint64_t mode = field_get(DATA_MODE, data);
	uint8_t vector = (uint8_t)field_get(DATA_VECTOR, data);

	if ((address & ~ADDRESS_KNOWN) != ADDRESS_WINDOW ||
	    (data & ~DATA_KNOWN) != 0 ||
	    (mode != ICR_MODE_FIXED && mode != ICR_MODE_LOWEST) ||
	    vector < VECTOR_FIRST || vector > VECTOR_LAST ||
	    !reaches_guest(address)) {
		return 0;
	}
	return vector;
}

void vpci_message_route(struct vpci_function *f, unsigned n, uint8_t wanted,
			uint8_t *now, struct iommu_message *message)
{
	const struct iommu_vector to = {
		.vector = wanted,
		.apic_id = guest_cpu_ops->apic_id(f->guest),
	};
	struct iommu_message sent;
	int error = 0;

	if (wanted != *now) {
		error = iommu_intr_set(f->dev->pci->sbdf, n,
				       wanted != 0 ? &to : NULL, &sent);
		if (error != 0) {
			log_guest(f->guest->id,
				  "device %x: its interrupt %u is dropped, "
				  "error %d",
				  f->dev->pci->sbdf, n, error);
			wanted = 0;
		} else if (wanted != 0) {
			/* They differ by their number in the data alone. */
			f->message = sent;
			f->message.data -= n;
		}
		if (*now != 0) {
			vpci_guest_program(f->guest, *now, false);
		}
		if (wanted != 0) {
			vpci_guest_program(f->guest, wanted, true);
		}
		*now = wanted;
	}
	*message = f->message;
	message->data += n;
}
