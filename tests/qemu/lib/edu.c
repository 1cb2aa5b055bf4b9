/* SPDX-License-Identifier: MIT */
/*
 * Driver of QEMU's edu for bare guests. Polls; leans on the hypervisor for the
 * BAR's place (list_devices) and for bus-master (attach).
 */
#include "lib/edu.h"

#include "lib/hypercall.h"
#include "lib/report.h"

/* Registers, byte offsets; those from 0x80 on are 64 bits wide. */
#define EDU_REG_IDENTIFICATION 0x00
#define EDU_REG_LIVENESS       0x04
#define EDU_REG_FACTORIAL      0x08
#define EDU_REG_STATUS	       0x20
#define EDU_REG_ASKED	       0x24
#define EDU_REG_RAISE	       0x60
#define EDU_REG_ACKNOWLEDGE    0x64
#define EDU_REG_DMA_SOURCE     0x80
#define EDU_REG_DMA_TARGET     0x88
#define EDU_REG_DMA_COUNT      0x90
#define EDU_REG_DMA_COMMAND    0x98

#define EDU_COMMAND_RUN 1u
#define EDU_COMMAND_ASK 4u
#define EDU_STATUS_ASK	0x80u
#define EDU_BUFFER	0x40000u /* in the device's own address space */

/* A transfer takes 0.1 s; an emulator on a busy machine longer. */
#define EDU_DEADLINE (10 * CLOCK_SECOND)

static void edu_write64(const struct edu *edu, uint32_t offset, uint64_t value)
{
	volatile uint64_t *reg = (volatile uint64_t *)(edu->bar + offset / 4);

	*reg = value;
}

int32_t edu_find(struct edu *edu)
{
	return edu_find_next(edu, 0);
}

int32_t edu_find_next(struct edu *edu, uint32_t skip)
{
	for (uint32_t index = 0;; index++) {
		struct sluice_device_info info = {
			.scope = SLUICE_SCOPE_OWN,
			.index = index,
		};
		NTSTATUS status = SLUICE_CALL(list_devices, &info);

		if (status != STATUS_SUCCESS) {
			return status;
		}
		if (info.vendor == EDU_VENDOR && info.device == EDU_DEVICE &&
		    info.bar[0].address != 0 && skip-- == 0) {
			edu->sbdf = info.sbdf;
			edu->bar = (void *)(uintptr_t)info.bar[0].address;
			return STATUS_SUCCESS;
		}
	}
}

uint32_t edu_identification(const struct edu *edu)
{
	return edu->bar[EDU_REG_IDENTIFICATION / 4];
}

bool edu_is_alive(const struct edu *edu)
{
	const uint32_t word = 0x5a17c0de;

	edu->bar[EDU_REG_LIVENESS / 4] = word;
	return edu->bar[EDU_REG_LIVENESS / 4] == ~word;
}

static bool start(const struct edu *edu, uint32_t command, uint64_t logical,
		  uint32_t offset, uint32_t bytes)
{
	bool writes = command & EDU_WRITES_MEMORY;

	if (bytes > EDU_BUFFER_BYTES || offset > EDU_BUFFER_BYTES - bytes) {
		return false;
	}
	edu_write64(edu, EDU_REG_DMA_SOURCE,
		    writes ? EDU_BUFFER + offset : logical);
	edu_write64(edu, EDU_REG_DMA_TARGET,
		    writes ? logical : EDU_BUFFER + offset);
	edu_write64(edu, EDU_REG_DMA_COUNT, bytes);
	edu->bar[EDU_REG_DMA_COMMAND / 4] = EDU_COMMAND_RUN | command;
	return true;
}

bool edu_start(const struct edu *edu, enum edu_direction direction,
	       uint64_t logical, uint32_t offset, uint32_t bytes)
{
	return start(edu, direction, logical, offset, bytes);
}

bool edu_start_told(const struct edu *edu, enum edu_direction direction,
		    uint64_t logical, uint32_t offset, uint32_t bytes)
{
	return start(edu, direction | EDU_COMMAND_ASK, logical, offset, bytes);
}

void edu_compute_told(const struct edu *edu, uint32_t number)
{
	edu->bar[EDU_REG_STATUS / 4] = EDU_STATUS_ASK;
	edu->bar[EDU_REG_FACTORIAL / 4] = number;
}

uint32_t edu_computed(const struct edu *edu)
{
	return edu->bar[EDU_REG_FACTORIAL / 4];
}

void edu_raise(const struct edu *edu, uint32_t asked)
{
	edu->bar[EDU_REG_RAISE / 4] = asked;
}

uint32_t edu_asked(const struct edu *edu)
{
	return edu->bar[EDU_REG_ASKED / 4];
}

void edu_acknowledge(const struct edu *edu, uint32_t asked)
{
	edu->bar[EDU_REG_ACKNOWLEDGE / 4] = asked;
}

bool edu_is_busy(const struct edu *edu)
{
	return edu->bar[EDU_REG_DMA_COMMAND / 4] & EDU_COMMAND_RUN;
}

bool edu_copy(const struct edu *edu, enum edu_direction direction,
	      uint64_t logical, uint32_t offset, uint32_t bytes)
{
	uint64_t begin = clock_ticks();

	if (!edu_start(edu, direction, logical, offset, bytes)) {
		return false;
	}
	while (edu_is_busy(edu)) {
		if (clock_ticks() - begin > EDU_DEADLINE) {
			return false;
		}
		report_beat();
		__asm__ volatile("pause");
	}
	return true;
}
