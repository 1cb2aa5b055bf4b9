// SPDX-License-Identifier: MIT
/* The table of CPUs. */
#include "svm/cpus.h"

#include "arch/apic.h"
#include "arch/cpu.h"
#include "arch/cpu_stack.h"
#include "arch/desc.h"
#include "arch/smp.h"
#include "base/log.h"
#include "platform/madt.h"
#include "svm/svm.h"

static struct vcpu *running[CPU_MAX]; /* atomic pointers */
static uint32_t active[CPU_MAX];      /* atomic */
static unsigned count = 1;

uint32_t cpus_count(void)
{
	return count;
}

uint32_t cpus_free_count(void)
{
	uint32_t free_cpus = 0;

	for (unsigned i = 1; i < count; i++) {
		free_cpus += cpus_guest(i) == NULL;
	}
	return free_cpus;
}

struct vcpu *cpus_guest(unsigned cpu)
{
	return __atomic_load_n(&running[cpu], __ATOMIC_ACQUIRE);
}

bool cpus_take(struct vcpu *vcpu, unsigned *cpu)
{
	for (unsigned i = 1; i < count; i++) {
		if (cpus_guest(i) == NULL) {
			__atomic_store_n(&running[i], vcpu, __ATOMIC_RELEASE);
			*cpu = i;
			return true;
		}
	}
	return false;
}

void cpus_release(unsigned cpu)
{
	__atomic_store_n(&running[cpu], NULL, __ATOMIC_RELEASE);
}

void cpus_set_active(unsigned cpu, bool is_active)
{
	__atomic_store_n(&active[cpu], is_active, __ATOMIC_SEQ_CST);
}

bool cpus_is_active(unsigned cpu)
{
	return __atomic_load_n(&active[cpu], __ATOMIC_SEQ_CST) != 0;
}

void cpus_wake_hard(unsigned cpu)
{
	apic_send(cpu_stacks[cpu].apic_id,
		  field_prep(ICR_MODE, ICR_MODE_NMI) | ICR_ASSERT);
}

void cpus_wake(unsigned cpu)
{
	apic_send(cpu_stacks[cpu].apic_id, ICR_ASSERT | VECTOR_WAKE);
}

void cpus_enter(void)
{
	desc_load();
	cpu_protect();
	apic_start();
	svm_enable();
}

void cpus_start(void)
{
	uint32_t own = apic_id();
	uint32_t ids[CPU_MAX];
	unsigned found = madt_cpus(ids, CPU_MAX);

	cpu_stacks[0].apic_id = own;
	for (unsigned i = 0; i < found && count < CPU_MAX; i++) {
		if (ids[i] == own) {
			continue;
		}
		if (smp_start(count, ids[i], vcpu_cpu_main)) {
			count++;
		} else {
			log_warn("CPU with APIC id %u did not start; it stays "
				 "unused",
				 ids[i]);
		}
	}
	madt_hide_others(own);
	log_info("CPUs: %u, of which %u for guests", count, count - 1);
}
