// SPDX-License-Identifier: MIT
/* Decode, decide, send to ourselves. APM vol. 2, 16.5 and 16.13 (x2APIC). */
#include "svm/icr.h"

#include "arch/apic.h"
#include "arch/cpu.h"
#include "arch/msr.h"
#include "base/log.h"

#define ICR_KNOWN                                                              \
	(ICR_VECTOR | ICR_MODE | ICR_LOGICAL | ICR_ASSERT | BIT(15) |          \
	 ICR_SHORTHAND | ICR_DESTINATION)
#define BROADCAST 0xffffffffu

/* Logical x2APIC id: cluster in the high half, one bit of sixteen in the low.
 */
static bool logical_includes(uint32_t destination, uint32_t id)
{
	return destination == BROADCAST ||
	       (destination >> 16 == id >> 4 &&
		(destination & (1u << (id & 0xf))) != 0);
}

static bool reaches_self(uint64_t value, uint32_t id)
{
	uint32_t destination = (uint32_t)field_get(ICR_DESTINATION, value);

	switch (field_get(ICR_SHORTHAND, value)) {
	case ICR_TO_SELF:
	case ICR_TO_ALL:
		return true;
	case ICR_TO_OTHERS:
		return false;
	default:
		break;
	}
	if (value & ICR_LOGICAL) {
		return logical_includes(destination, id);
	}
	return destination == id || destination == BROADCAST;
}

bool icr_filter(struct vcpu *vcpu, uint64_t value)
{
	uint64_t mode = field_get(ICR_MODE, value);
	uint32_t id = apic_id();

	if (value & ~ICR_KNOWN) {
		return false;
	}
	if (mode == ICR_MODE_INIT || mode == ICR_MODE_SIPI ||
	    !reaches_self(value, id)) {
		log_guest(vcpu->guest->id,
			  "interrupt command %lx dropped: not for its own CPU",
			  value);
		return true;
	}
	apic_send(id, value & (ICR_VECTOR | ICR_MODE | ICR_ASSERT));
	return true;
}
