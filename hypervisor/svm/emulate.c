// SPDX-License-Identifier: MIT
/*
 * Fetch, decode (vpci/mov.h), access, retire. The CPU tells the address; the
 * instruction tells direction, width and register. A guest that changes it
 * under our feet, by a device's DMA, is held to what was fetched: each byte is
 * read once. APM vol. 2, 15.25.6 (nested page faults).
 */
#include "svm/emulate.h"

#include "guest/copy.h"
#include "vpci/mov.h"
#include "vpci/vpci.h"

#define CR8_MAX 15u

/* Registers by their number in an instruction. */
static uint64_t *register_of(struct vcpu *vcpu, unsigned number)
{
	struct vcpu_registers *r = &vcpu->regs;
	uint64_t *const by_number[] = {
		&vcpu->vmcb->rax, &r->rcx, &r->rdx, &r->rbx,
		&vcpu->vmcb->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8,		  &r->r9,  &r->r10, &r->r11,
		&r->r12,	  &r->r13, &r->r14, &r->r15,
	};

	return by_number[number];
}

/* Bytes at rip, each read once. */
struct fetched {
	uint8_t code[MOV_BYTES_MAX];
	unsigned count;
};

/*
 * The page of rip first; the next one only if the instruction goes on there.
 * Return: false: there are no bytes, or no more.
 */
static bool fetch(struct vcpu *vcpu, struct fetched *f)
{
	struct guest_caller caller = vcpu_caller(vcpu);
	uint64_t at = vcpu->vmcb->rip + f->count;
	unsigned bytes = (unsigned)(PAGE_BYTES - (at & PAGE_MASK));
	unsigned left = (unsigned)sizeof(f->code) - f->count;

	bytes = bytes < left ? bytes : left;
	if (!caller.is_64bit || bytes == 0 ||
	    copy_from_guest(&caller, f->code + f->count, at, bytes) != 0) {
		return false;
	}
	f->count += bytes;
	return true;
}

static bool fetch_mov(struct vcpu *vcpu, struct mov *mov)
{
	struct fetched f = {.count = 0};
	enum mov_result result = MOV_SHORT;

	while (result == MOV_SHORT && fetch(vcpu, &f)) {
		result = mov_decode(f.code, f.count, mov);
	}
	return result == MOV_OK;
}

static bool fetch_mov_cr8(struct vcpu *vcpu, struct mov_cr8 *mov)
{
	struct fetched f = {.count = 0};
	enum mov_result result = MOV_SHORT;

	while (result == MOV_SHORT && fetch(vcpu, &f)) {
		result = mov_decode_cr8(f.code, f.count, mov);
	}
	return result == MOV_OK;
}

static uint64_t mask_of(unsigned bytes)
{
	return GENMASK(8 * bytes - 1, 0);
}

/* 32 bits clear the upper half, fewer leave the rest as it was. */
static void set_register(uint64_t *reg, const struct mov *mov, uint64_t value)
{
	value &= mask_of(mov->bytes);
	if (mov->register_bytes < 4) {
		uint64_t changed = mask_of(mov->register_bytes);

		value = (*reg & ~changed) | (value & changed);
	}
	*reg = value;
}

const char *emulate_access(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	bool is_write = (vmcb->exit_info1 & NPF_IS_WRITE) != 0;
	struct mov mov;
	uint64_t value = 0;
	uint64_t *reg;

	if (!(vmcb->exit_info1 & NPF_IS_FINAL) ||
	    (vmcb->exit_info1 & NPF_IS_FETCH) ||
	    (vmcb->exit_int_info & EVENT_VALID)) {
		return "it used an emulated page for more than data";
	}
	if (!fetch_mov(vcpu, &mov) || mov.is_write != is_write) {
		return "it accessed an emulated page by no plain move";
	}
	reg = register_of(vcpu, mov.reg);
	if (is_write) {
		value = mov.is_constant ? mov.constant : *reg;
	}
	if (!vpci_mmio(vcpu->guest, to_gpa(vmcb->exit_info2), mov.bytes,
		       is_write, &value)) {
		return "it accessed an emulated page across an edge";
	}
	if (!is_write) {
		set_register(reg, &mov, value);
	}
	vcpu_skip(vcpu, mov.length);
	return NULL;
}

const char *emulate_cr8_write(struct vcpu *vcpu)
{
	struct mov_cr8 mov;
	uint64_t value;

	if (!fetch_mov_cr8(vcpu, &mov)) {
		return "it wrote CR8 by no plain move";
	}
	value = *register_of(vcpu, mov.reg);
	if (value > CR8_MAX) {
		vcpu_inject(vcpu, VECTOR_GP, true, 0);
		return NULL;
	}
	vpci_lapic(vcpu->guest)->task_priority = (uint8_t)(value << 4);
	vcpu_skip(vcpu, mov.length);
	return NULL;
}
