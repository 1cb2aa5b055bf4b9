/* SPDX-License-Identifier: MIT */
/*
 * PVH start: a block of start info in guest memory and one CPU record.
 */
#include "guest_boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/save.h>

/* The block; the ABI of each part is Xen's, the order of parts is ours. */
struct boot_block {
	struct hvm_start_info info;
	struct hvm_memmap_table_entry memmap[2];
	struct hvm_modlist_entry module;
	char cmdline[GUEST_CMDLINE_MAX + 1];
};

_Static_assert(sizeof(struct boot_block) <= GUEST_BOOT_BYTES, "one page");
_Static_assert(sizeof(struct hvm_start_info) == 56, "version 1");

void guest_boot_build(const struct guest_boot *boot,
		      unsigned char block[GUEST_BOOT_BYTES])
{
	const uint64_t low = boot->memory_bytes < GUEST_RAM_LOW_MAX
				     ? boot->memory_bytes
				     : GUEST_RAM_LOW_MAX;
	struct boot_block b;

	memset(&b, 0, sizeof(b));
	b.info.magic = XEN_HVM_START_MAGIC_VALUE;
	b.info.version = 1;
	b.info.memmap_paddr =
		boot->address + offsetof(struct boot_block, memmap);
	b.info.memmap_entries = 1;
	b.memmap[0].size = low;
	b.memmap[0].type = XEN_HVM_MEMMAP_TYPE_RAM;
	if (boot->memory_bytes > low) {
		b.info.memmap_entries = 2;
		b.memmap[1].addr = GUEST_RAM_HIGH;
		b.memmap[1].size = boot->memory_bytes - low;
		b.memmap[1].type = XEN_HVM_MEMMAP_TYPE_RAM;
	}
	if (boot->module_bytes != 0) {
		b.info.nr_modules = 1;
		b.info.modlist_paddr =
			boot->address + offsetof(struct boot_block, module);
		b.module.paddr = boot->module;
		b.module.size = boot->module_bytes;
	}
	if (boot->cmdline != NULL) {
		b.info.cmdline_paddr =
			boot->address + offsetof(struct boot_block, cmdline);
		strncpy(b.cmdline, boot->cmdline, GUEST_CMDLINE_MAX);
	}
	memset(block, 0, GUEST_BOOT_BYTES);
	memcpy(block, &b, sizeof(b));
}

/* The records that set a guest's state, as Xen streams them. */
struct context_stream {
	struct hvm_save_descriptor header_descriptor;
	HVM_SAVE_TYPE(HEADER) header;
	struct hvm_save_descriptor cpu_descriptor;
	HVM_SAVE_TYPE(CPU) cpu;
	struct hvm_save_descriptor end_descriptor;
};

_Static_assert(sizeof(struct context_stream) == 8 + 24 + 8 + 1032 + 8,
	       "records follow each other without a gap");

/* AMD APM volume 2, 4.7: present, code or data, 32-bit, 4 KiB granular. */
#define FLAT_CODE 0xc9bu
#define FLAT_DATA 0xc93u
#define BUSY_TSS  0x8bu

#define CR0_PE_ET 0x11u

static void cpu_set_flat(HVM_SAVE_TYPE(CPU) * cpu, uint32_t entry,
			 uint32_t start)
{
	cpu->rip = entry;
	cpu->rbx = start;
	cpu->rflags = 2; /* the bit that always reads as 1 */
	cpu->cr0 = CR0_PE_ET;
	cpu->dr6 = 0xffff0ff0u;
	cpu->dr7 = 0x400u;
	cpu->cs_limit = UINT32_MAX;
	cpu->ds_limit = UINT32_MAX;
	cpu->es_limit = UINT32_MAX;
	cpu->ss_limit = UINT32_MAX;
	cpu->tr_limit = 0x67;
	cpu->cs_arbytes = FLAT_CODE;
	cpu->ds_arbytes = FLAT_DATA;
	cpu->es_arbytes = FLAT_DATA;
	cpu->ss_arbytes = FLAT_DATA;
	cpu->tr_arbytes = BUSY_TSS;
}

/* The hypervisor's own HEADER record, the first of its stream. */
static int header_get(struct xen_tools *tools, uint32_t guest,
		      struct context_stream *stream)
{
	const size_t wanted = offsetof(struct context_stream, cpu_descriptor);
	int bytes = xc_domain_hvm_getcontext(tools->control, guest, NULL, 0);
	int result = 0;

	if (bytes < 0) {
		return -errno;
	}
	if ((size_t)bytes < wanted) {
		return -EPROTO;
	}

	uint8_t *context = calloc(1, (size_t)bytes);

	if (context == NULL) {
		return -ENOMEM;
	}
	if (xc_domain_hvm_getcontext(tools->control, guest, context,
				     (uint32_t)bytes) < 0) {
		result = -errno;
	} else {
		memcpy(stream, context, wanted);
		if (stream->header_descriptor.typecode !=
			    HVM_SAVE_CODE(HEADER) ||
		    stream->header_descriptor.length !=
			    HVM_SAVE_LENGTH(HEADER)) {
			result = -EPROTO;
		}
	}
	free(context);
	return result;
}

int guest_boot_set_cpu(struct xen_tools *tools, uint32_t guest, uint32_t entry,
		       uint32_t start)
{
	struct context_stream stream;

	memset(&stream, 0, sizeof(stream));

	int result = header_get(tools, guest, &stream);

	if (result != 0) {
		return result;
	}
	stream.cpu_descriptor.typecode = HVM_SAVE_CODE(CPU);
	stream.cpu_descriptor.length = HVM_SAVE_LENGTH(CPU);
	stream.end_descriptor.typecode = HVM_SAVE_CODE(END);
	cpu_set_flat(&stream.cpu, entry, start);
	if (xc_domain_hvm_setcontext(tools->control, guest, (uint8_t *)&stream,
				     sizeof(stream)) != 0) {
		return -errno;
	}
	return 0;
}
