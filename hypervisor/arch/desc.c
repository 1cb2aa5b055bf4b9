// SPDX-License-Identifier: MIT
/*
 * One flat code and data segment, 256 gates. No TSS: the hypervisor never
 * leaves ring 0 and its exceptions run on the stack they interrupt, so the task
 * register, which a guest's run replaces, is not needed.
 */
#include "arch/desc.h"

#include "arch/apic.h"
#include "arch/cpu.h"
#include "lib/check.h"

#define GATES	   256u
#define STUB_BYTES 16u
#define GATE_TYPE  0x8e00u /* present, interrupt gate, ring 0 */
#define VECTOR_NMI 2u
#define RFLAGS_IF  BIT(9)

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static const uint64_t gdt[] = {
	0, 0x00af9b000000ffff, /* code: long mode, ring 0 */
	0x00cf93000000ffff,    /* data                    */
};

static struct gate idt[GATES];

extern const char exception_stubs[]; /* GATES stubs of STUB_BYTES each */

static void fill_idt(void)
{
	for (unsigned i = 0; i < GATES; i++) {
		uint64_t at = (uintptr_t)exception_stubs + i * STUB_BYTES;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)at,
			.selector = SELECTOR_CODE,
			.type = GATE_TYPE,
			.offset_middle = (uint16_t)(at >> 16),
			.offset_high = (uint32_t)(at >> 32),
		};
	}
}

/* A message from a unit came in, and nobody has looked at it yet. */
static bool fault_event;

bool desc_take_fault_event(void)
{
	return __atomic_exchange_n(&fault_event, false, __ATOMIC_ACQ_REL);
}

void desc_load(void)
{
	const struct pointer gdtr = {sizeof(gdt) - 1, (uintptr_t)gdt};
	const struct pointer idtr = {sizeof(idt) - 1, (uintptr_t)idt};

	if (idt[0].type == 0) {
		fill_idt();
	}
	__asm__ volatile("lgdt %0; lidt %1" ::"m"(gdtr), "m"(idtr));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq;"
			 "1: movl %1, %%eax; movl %%eax, %%ds;"
			 "movl %%eax, %%es; movl %%eax, %%ss;"
			 "xorl %%eax, %%eax; movl %%eax, %%fs;"
			 "movl %%eax, %%gs" ::"i"(SELECTOR_CODE),
			 "i"(SELECTOR_DATA)
			 : "rax", "memory");
}

/*
 * A wake-up, a guest's own device, or what a device or the control domain sent
 * to a CPU that is not its own: acknowledged, and told to whom it may concern.
 * Also the spurious vector: a forged one is in service and would block the
 * wake-up's class for ever, and with nothing in service the write does nothing.
 * One at a time: interrupts stay off behind it, so that a storm of them cannot
 * hold the CPU here.
 */
static void take_interrupt(struct exception_frame *frame)
{
	apic_eoi();
	frame->rflags &= ~RFLAGS_IF;
	if (frame->vector == VECTOR_FAULT) {
		__atomic_store_n(&fault_event, true, __ATOMIC_RELEASE);
	} else if (apic_on_interrupt != NULL && frame->vector != VECTOR_WAKE) {
		apic_on_interrupt((uint8_t)frame->vector);
	}
}

void exception_handle(struct exception_frame *frame)
{
	if (frame->vector == VECTOR_NMI) {
		/* Nobody sends us one on purpose; it carries no state. */
		return;
	}
	if (frame->vector >= 32) {
		take_interrupt(frame);
		return;
	}
	panic("exception %lu error %lx at %lx rsp %lx cr2 %lx", frame->vector,
	      frame->error, frame->rip, frame->rsp, read_cr2());
}
