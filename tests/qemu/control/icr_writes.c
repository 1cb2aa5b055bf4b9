/* SPDX-License-Identifier: MIT */
/*
 * The control domain cannot reset or interrupt a CPU that is not its own.
 *
 * Writes the x2APIC interrupt command register by /dev/cpu/0/msr: INIT, SIPI,
 * NMI, SMI and fixed interrupts, to the APIC ids 1 and 2 (the guests' CPUs),
 * by physical and logical address and by the shorthand "all but self".
 * Then tries to leave x2APIC mode, on which the filter rests. A write may be
 * dropped or refused; the caller looks at the guests' heartbeats afterwards.
 * Exit 0: all was tried; 1: it could not be.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MSR_APIC_BASE	 0x1b
#define MSR_X2APIC_ICR	 0x830
#define APIC_BASE_X2APIC UINT64_C(0x400)

#define ASSERT	 (UINT64_C(1) << 14)
#define LOGICAL	 (UINT64_C(1) << 11)
#define NOT_SELF (UINT64_C(3) << 18)
#define TO(id)	 ((uint64_t)(id) << 32)

static const struct {
	const char *name;
	uint64_t bits;
} kinds[] = {
	{"INIT", 0x500 | ASSERT},
	{"SIPI", 0x600 | ASSERT | 0x9f},
	{"SIPI again", 0x600 | ASSERT | 0x9f},
	{"NMI", 0x400 | ASSERT},
	{"SMI", 0x200 | ASSERT},
	{"fixed 0xf1", ASSERT | 0xf1},
	{"fixed 0x20", ASSERT | 0x20},
	{"lowest priority", 0x100 | 0xf1},
	{"fixed 2", ASSERT | 2},
};

static const struct {
	const char *name;
	uint64_t bits;
} targets[] = {
	{"id 1", TO(1)},
	{"id 2", TO(2)},
	{"logical 1 and 2", TO(0x6) | LOGICAL},
	{"all but self", NOT_SELF},
};

static int refused;

static void try_write(int msr, const char *kind, const char *target,
		      uint64_t value)
{
	if (pwrite(msr, &value, sizeof(value), MSR_X2APIC_ICR) < 0) {
		refused++;
		if (errno != EIO) {
			fprintf(stderr, "icr_writes: %s to %s: %s\n", kind,
				target, strerror(errno));
		}
	}
}

/* True: the mode is as it was. */
static int leave_x2apic(int msr)
{
	uint64_t before = 0, after = 0, off = 0xfee00900;

	if (pread(msr, &before, sizeof(before), MSR_APIC_BASE) < 0) {
		perror("icr_writes: reading MSR 0x1b");
		return 0;
	}
	if (pwrite(msr, &off, sizeof(off), MSR_APIC_BASE) < 0) {
		refused++;
	}
	if (pread(msr, &after, sizeof(after), MSR_APIC_BASE) < 0) {
		return 0;
	}
	printf("icr_writes: MSR 0x1b was 0x%" PRIx64 ", is 0x%" PRIx64 "\n",
	       before, after);
	return before == after && (after & APIC_BASE_X2APIC) != 0;
}

int main(void)
{
	int msr = open("/dev/cpu/0/msr", O_RDWR);
	int count = 0;

	if (msr < 0) {
		perror("icr_writes: /dev/cpu/0/msr");
		return 1;
	}
	for (size_t t = 0; t < sizeof(targets) / sizeof(*targets); t++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			try_write(msr, kinds[k].name, targets[t].name,
				  kinds[k].bits | targets[t].bits);
			count++;
		}
	}
	printf("icr_writes: %d writes, %d refused\n", count, refused);
	return leave_x2apic(msr) ? 0 : 1;
}
