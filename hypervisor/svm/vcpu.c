// SPDX-License-Identifier: MIT
/*
 * The run loop and the handing out of CPUs. `run_wanted` and `is_active` form a
 * handshake: whoever stops a guest clears the first, sends a wake-up, and waits
 * for the second, the CPU's own word, to fall. CPU 0 is the control domain's
 * and is never handed out.
 */
#include "svm/vcpu.h"

#include "arch/apic.h"
#include "arch/barrier.h"
#include "arch/cpu.h"
#include "arch/cpu_id.h"
#include "arch/cpu_stack.h"
#include "arch/desc.h"
#include "arch/physmap.h"
#include "arch/time.h"
#include "base/log.h"
#include "guest/cpu_ops.h"
#include "iommu/unit.h"
#include "lib/check.h"
#include "lib/error.h"
#include "lib/string.h"
#include "mm/page.h"
#include "svm/context.h"
#include "svm/cpus.h"
#include "svm/interrupts.h"
#include "svm/vmcb_init.h"
#include "vpci/vpci.h"

#include <xen/sched.h>

#define STOP_DEADLINE_NS UINT64_C(2000000000)

static struct vcpu vcpus[GUESTS_MAX];

int vcpu_create(struct guest *guest)
{
	struct vcpu *vcpu = &vcpus[guest->slot];
	hpa_t page = page_alloc(PAGE_POOL_HYPERVISOR, guest->id);

	if (hpa_is_none(page)) {
		return -XEN_ENOMEM;
	}
	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->guest = guest;
	vcpu->vmcb_page = page;
	vcpu->vmcb = physmap_ptr(page);
	vmcb_init(vcpu->vmcb, guest);
	guest->vcpu = vcpu;
	vpci_guest_create(guest);
	return 0;
}

void vcpu_skip(struct vcpu *vcpu, unsigned bytes)
{
	vcpu->vmcb->rip += bytes;
	vcpu->vmcb->interrupt_shadow = 0;
}

void vcpu_inject(struct vcpu *vcpu, unsigned vector, bool has_error,
		 uint32_t error)
{
	vcpu->vmcb->event_injection = vector | EVENT_EXCEPTION | EVENT_VALID |
				      (has_error ? EVENT_HAS_ERROR : 0) |
				      (uint64_t)error << 32;
}

void vcpu_end(struct vcpu *vcpu, const char *why)
{
	struct vmcb *vmcb = vcpu->vmcb;

	log_guest(vcpu->guest->id,
		  "ended: %s; exit %lx info %lx %lx rip %lx cr0 %lx efer %lx",
		  why, vmcb->exit_code, vmcb->exit_info1, vmcb->exit_info2,
		  vmcb->rip, vmcb->cr0, vmcb->efer);
	if (vcpu->guest->is_control) {
		panic("the control domain ended: %s at %lx, rip %lx", why,
		      vmcb->exit_info2, vmcb->rip);
	}
	guest_end(vcpu->guest, SHUTDOWN_crash);
}

/* One entry and what came of it. */
static void run_once(struct vcpu *vcpu, bool take_interrupts)
{
	struct vmcb *vmcb = vcpu->vmcb;

	vmcb->tlb_control = TLB_CONTROL_NOTHING;
	if (__atomic_exchange_n(&vcpu->flush_wanted, 0, __ATOMIC_ACQ_REL)) {
		vmcb->tlb_control = TLB_CONTROL_FLUSH_ALL;
	}
	vmcb->clean = 0;
	if (take_interrupts) {
		interrupts_enter(vcpu);
	}
	vmrun(vcpu->vmcb_page, &vcpu->regs, take_interrupts);
	vmcb->event_injection = 0;
	if (take_interrupts) {
		interrupts_leave(vcpu);
	}
	cpu_stack_check();
	exit_handle(vcpu);
}

static void load_once(struct vcpu *vcpu)
{
	if (!vcpu->is_loaded) {
		cpu_reset_fpu();
		vmload(vcpu->vmcb_page);
		interrupts_forget();
		vcpu->flush_wanted = 1;
		vcpu->is_loaded = true;
	}
}

void vcpu_run_control(struct vcpu *vcpu)
{
	load_once(vcpu);
	for (;;) {
		run_once(vcpu, false);
	}
}

/*
 * True when this CPU is to run it: wanted, not ended, and still this CPU's. In
 * this order, so that a virtual CPU that was given up and made anew for another
 * CPU is not entered twice.
 */
static bool should_run(struct vcpu *vcpu, unsigned cpu)
{
	return __atomic_load_n(&vcpu->run_wanted, __ATOMIC_SEQ_CST) != 0 &&
	       __atomic_load_n(&vcpu->guest->ended, __ATOMIC_RELAXED) == 0 &&
	       cpus_guest(cpu) == vcpu;
}

/*
 * Outside of the interrupt, where no lock is held. What a call leaves behind is
 * announced by nobody, so this CPU tells itself, and the guest runs in between.
 */
static void serve_faults(void)
{
	if (desc_take_fault_event() && iommu_poll_faults()) {
		apic_send(apic_id(), ICR_ASSERT | VECTOR_FAULT);
	}
}

static void run_guest(struct vcpu *vcpu, unsigned cpu)
{
	/* Active first, wanted second: the stopper does it the other way. */
	cpus_set_active(cpu, true);
	if (should_run(vcpu, cpu)) {
		load_once(vcpu);
	}
	while (should_run(vcpu, cpu)) {
		run_once(vcpu, true);
		serve_faults();
	}
	cpus_set_active(cpu, false);
}

void vcpu_cpu_main(void)
{
	unsigned cpu = cpu_index();

	cpus_enter();
	for (;;) {
		struct vcpu *vcpu = cpus_guest(cpu);

		if (vcpu != NULL && should_run(vcpu, cpu)) {
			run_guest(vcpu, cpu);
		} else {
			cpu_wait();
			serve_faults();
		}
	}
}

static int op_run(struct guest *guest)
{
	struct vcpu *vcpu = guest->vcpu;

	if (!guest->has_cpu && !cpus_take(vcpu, &guest->cpu)) {
		return -XEN_EBUSY;
	}
	guest->has_cpu = true;
	__atomic_store_n(&vcpu->run_wanted, 1, __ATOMIC_SEQ_CST);
	cpus_wake(guest->cpu);
	return 0;
}

/* Wait until the guest's CPU is out of it. False: the deadline passed. */
static bool wait_inactive(unsigned cpu, uint64_t ns)
{
	struct deadline d = deadline_in_ns(ns);

	while (cpus_is_active(cpu)) {
		if (deadline_passed(d)) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

static int op_stop(struct guest *guest)
{
	struct vcpu *vcpu = guest->vcpu;

	__atomic_store_n(&vcpu->run_wanted, 0, __ATOMIC_SEQ_CST);
	if (!guest->has_cpu) {
		return 0;
	}
	cpus_wake(guest->cpu);
	if (wait_inactive(guest->cpu, STOP_DEADLINE_NS / 2)) {
		return 0;
	}
	/* No interrupt in service can hold this one back. */
	cpus_wake_hard(guest->cpu);
	if (wait_inactive(guest->cpu, STOP_DEADLINE_NS / 2)) {
		return 0;
	}
	log_error("guest %u: CPU %u did not leave it in time",
		  (unsigned)guest->id, guest->cpu);
	if (guest->state != GUEST_DYING) {
		__atomic_store_n(&vcpu->run_wanted, 1, __ATOMIC_SEQ_CST);
	}
	return -XEN_EBUSY;
}

static void op_destroy(struct guest *guest)
{
	if (guest->has_cpu) {
		cpus_release(guest->cpu);
		guest->has_cpu = false;
	}
	page_put(guest->vcpu->vmcb_page);
	guest->vcpu = NULL;
}

/* Every CPU that may cache this map drops it before the next entry. */
static void flush_map(struct p2m *p2m)
{
	struct guest *guest = guest_by_id(p2m->owner);
	struct vcpu *vcpu = guest != NULL ? guest->vcpu : NULL;

	if (vcpu == NULL) {
		return;
	}
	__atomic_store_n(&vcpu->flush_wanted, 1, __ATOMIC_SEQ_CST);
	/*
	 * The control domain's map changes by its own calls alone, on its own
	 * CPU: its next entry flushes. Another guest's map changes only while
	 * it is stopped.
	 */
	CHECK(guest->is_control ||
	      __atomic_load_n(&vcpu->run_wanted, __ATOMIC_SEQ_CST) == 0);
}

static uint32_t op_apic_id(const struct guest *guest)
{
	return cpu_stacks[guest->cpu].apic_id;
}

void vcpu_start(void)
{
	static const struct guest_cpu_ops ops = {
		.create = vcpu_create,
		.destroy = op_destroy,
		.run = op_run,
		.stop = op_stop,
		.get_context = context_get,
		.set_context = context_set,
		.apic_id = op_apic_id,
		.cpu_count = cpus_count,
		.free_cpu_count = cpus_free_count,
	};

	guest_cpu_ops = &ops;
	interrupts_start();
	p2m_flush = flush_map;
}
