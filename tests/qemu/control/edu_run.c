/* SPDX-License-Identifier: MIT */
/*
 * A device of the control domain reaches the control domain's memory; one that
 * it gave away, and one that aims at what is not its, reaches nothing.
 *
 *   edu_run ADDRESS                  edu carries bytes between two pages of
 *                                    this program
 *   edu_run ADDRESS PHYSICAL         edu reads there, and into a page of this
 *                                    program
 *   edu_run ADDRESS PHYSICAL VALUE   edu writes four bytes there: 0 it has
 *
 * Drives QEMU's edu through sysfs, with memory decode and bus-master switched
 * on here: PCI configuration is the control domain's, so what stops the
 * device must be its IOMMU. Exit codes: 0 bytes arrived, 3 none arrived (the
 * target is unchanged, or got the zeros of a blocked read), 4 something else
 * arrived, 1 could not be tried.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES   4096u
#define COPY_BYTES   256u
#define BAR_BYTES    0x100000u
#define EDU_BUFFER   0x40000u
#define EDU_ID	     0x010000edu
#define EDU_RUN	     1u
#define EDU_WRITES   2u
#define PCI_COMMAND  4
#define PCI_DECODE   2u
#define PCI_MASTER   4u
#define CANARY	     0xa5
#define EXIT_ARRIVED 0
#define EXIT_NOTHING 3
#define EXIT_OTHER   4
#define DMA_SECONDS  5.0

static volatile uint32_t *bar;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "edu_run: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int sysfs_open(const char *address, const char *file)
{
	char path[128];
	int result;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address,
		 file);
	result = open(path, O_RDWR | O_SYNC);
	if (result < 0) {
		fail(path);
	}
	return result;
}

static void device_open(const char *address)
{
	int config = sysfs_open(address, "config");
	int resource = sysfs_open(address, "resource0");
	uint16_t command;

	if (pread(config, &command, 2, PCI_COMMAND) != 2) {
		fail("reading the command register");
	}
	command |= PCI_DECODE | PCI_MASTER;
	if (pwrite(config, &command, 2, PCI_COMMAND) != 2) {
		fail("writing the command register");
	}
	bar = mmap(NULL, BAR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		   resource, 0);
	if (bar == MAP_FAILED) {
		fail("mapping resource0");
	}
	if (bar[0] != EDU_ID) {
		errno = ENXIO;
		fail("identification register");
	}
	close(config);
	close(resource);
}

/* Physical address of a page that stays where it is. */
static uint64_t physical(const void *page)
{
	int map = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;
	off_t at = (off_t)((uintptr_t)page / PAGE_BYTES * sizeof(entry));

	if (map < 0 || pread(map, &entry, sizeof(entry), at) != sizeof(entry)) {
		fail("/proc/self/pagemap");
	}
	close(map);
	entry &= (UINT64_C(1) << 55) - 1;
	if (entry == 0) {
		errno = EPERM;
		fail("/proc/self/pagemap");
	}
	return entry * PAGE_BYTES;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void transfer(uint64_t source, uint64_t target, uint64_t bytes,
		     uint32_t direction)
{
	double end = now() + DMA_SECONDS;

	*(volatile uint64_t *)(bar + 0x80 / 4) = source;
	*(volatile uint64_t *)(bar + 0x88 / 4) = target;
	*(volatile uint64_t *)(bar + 0x90 / 4) = bytes;
	bar[0x98 / 4] = EDU_RUN | direction;
	while (bar[0x98 / 4] & EDU_RUN) {
		if (now() > end) {
			errno = ETIMEDOUT;
			fail("transfer");
		}
		usleep(10000);
	}
}

static uint8_t *page_new(uint8_t first)
{
	uint8_t *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED || mlock(page, PAGE_BYTES) != 0) {
		fail("memory");
	}
	for (uint32_t i = 0; i < PAGE_BYTES; i++) {
		page[i] = first == CANARY ? CANARY : (uint8_t)(first + i * 7);
	}
	return page;
}

static int holds_only(const uint8_t *page, uint8_t byte)
{
	for (uint32_t i = 0; i < COPY_BYTES; i++) {
		if (page[i] != byte) {
			return 0;
		}
	}
	return 1;
}

static void write_word(uint8_t *page, uint64_t target, uint32_t value)
{
	memcpy(page, &value, sizeof(value));
	transfer(physical(page), EDU_BUFFER, sizeof(value), 0);
	transfer(EDU_BUFFER, target, sizeof(value), EDU_WRITES);
}

int main(int argc, char **argv)
{
	uint8_t *source = page_new(1), *target = page_new(CANARY);
	int own = argc == 2;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: edu_run ADDRESS [PHYSICAL [VALUE]]\n");
		return 1;
	}
	device_open(argv[1]);
	if (argc == 4) {
		write_word(source, strtoull(argv[2], NULL, 0),
			   (uint32_t)strtoul(argv[3], NULL, 0));
		return 0;
	}
	transfer(own ? physical(source) : strtoull(argv[2], NULL, 0),
		 EDU_BUFFER, COPY_BYTES, 0);
	transfer(EDU_BUFFER, physical(target), COPY_BYTES, EDU_WRITES);
	if (own && memcmp(source, target, COPY_BYTES) == 0) {
		return EXIT_ARRIVED;
	}
	if (holds_only(target, CANARY) || (!own && holds_only(target, 0))) {
		return EXIT_NOTHING;
	}
	return own ? EXIT_OTHER : EXIT_ARRIVED;
}
