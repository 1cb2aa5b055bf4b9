/* SPDX-License-Identifier: MIT */
/*
 * Whatever a guest executes, it can end itself and not the machine.
 *
 * The control domain starts this guest once for each kind of misdeed and names
 * the kind in argument 0 (guests/crash.h, which also says how it may end). Most
 * must never come back: the guest is found shut down with reason "crash". An
 * instruction of the hypervisor's own set may raise #UD instead; the guest then
 * reports the vector + 1, or 0 if the instruction was simply executed, and that
 * is the failure looked for. A neighbour's heartbeat and the control domain
 * show that the machine lives.
 */
#include "guests/crash.h"
#include "lib/report.h"
#include "lib/trap.h"

/* Between RAM and device windows of any guest: nothing is there. */
#define HOLE 0xd0000000u

static void hole_read(void)
{
	(void)*(volatile uint32_t *)(uintptr_t)HOLE;
}

static void hole_write(void)
{
	*(volatile uint32_t *)(uintptr_t)HOLE = 1;
}

/* A write to the reset register of the machine's chip set. */
static void port_write(void)
{
	__asm__ volatile("outb %%al, %%dx" : : "a"(0x06), "d"(0xcf9));
}

static void port_read(void)
{
	uint8_t value;

	__asm__ volatile("inb %%dx, %%al" : "=a"(value) : "d"(0x64));
}

/* Its own PCI window, by an instruction that reads memory as well. */
static void port_string(void)
{
	static uint32_t word;
	void *to = &word;

	__asm__ volatile("insl" : "+D"(to) : "d"(0xcfc) : "memory");
}

static void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_gates = {0, 0};

	__asm__ volatile("lidt %0; ud2" : : "m"(no_gates));
}

/* Machine state that is not the guest's: turn off the local APIC. */
static void apic_off(void)
{
	__asm__ volatile("wrmsr" : : "a"(0), "d"(0), "c"(0x1b));
}

/* INIT to all CPUs but this one, by x2APIC. */
static void init_others(void)
{
	__asm__ volatile("wrmsr" : : "a"(0xc4500), "d"(0), "c"(0x830));
}

#define INSTRUCTION(name, text)                                                \
	static void name(void)                                                 \
	{                                                                      \
		__asm__ volatile(text : : "a"(0), "c"(0) : "memory");          \
	}
INSTRUCTION(svm_vmrun, "vmrun %%rax")
INSTRUCTION(svm_vmload, "vmload %%rax")
INSTRUCTION(svm_vmsave, "vmsave %%rax")
INSTRUCTION(svm_stgi, "stgi")
INSTRUCTION(svm_clgi, "clgi")
INSTRUCTION(svm_skinit, "skinit %%eax")
INSTRUCTION(svm_invlpga, "invlpga %%rax, %%ecx")

static void (*const misdeeds[])(void) = {
#define CRASH_ROW(number, name, ending) [number] = name,
	CRASH_LIST(CRASH_ROW)
#undef CRASH_ROW
};

void guest_main(void)
{
	uint64_t kind;

	report_wait(1);
	kind = report.argument[0];
	if (kind >= sizeof(misdeeds) / sizeof(misdeeds[0])) {
		report_end(REPORT_LATE);
	}
	if (misdeeds[kind] == triple_fault) {
		triple_fault();
	}
	REPORT(CRASH_STEP + kind, trap_probe(misdeeds[kind]), REPORT_ANY, 0);
}
