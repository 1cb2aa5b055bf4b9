/* SPDX-License-Identifier: MIT */
/*
 * Carrier of a guest without an operating system: the bare instruction.
 *
 * Freestanding; ring 0. Source: sluice/abi.h; for 32-bit code the register
 * convention of Xen's 32-bit callers (ebx, ecx), although the hypervisor
 * answers such a caller -XEN_EOPNOTSUPP without reading any of it.
 */
#include <sluice/sluice.h>
#include <xen/errno.h>

struct cpuid_leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid_leaf cpuid(uint32_t number)
{
	struct cpuid_leaf leaf;

	__asm__ volatile("cpuid"
			 : "=a"(leaf.eax), "=b"(leaf.ebx), "=c"(leaf.ecx),
			   "=d"(leaf.edx)
			 : "a"(number), "c"(0));
	return leaf;
}

/* VMMCALL under no hypervisor is an invalid opcode, so look before. */
static bool hypervisor_is_ours(void)
{
	const struct cpuid_leaf base = cpuid(SLUICE_CPUID_BASE);

	if (base.ebx != SLUICE_CPUID_EBX || base.ecx != SLUICE_CPUID_ECX ||
	    base.edx != SLUICE_CPUID_EDX || base.eax <= SLUICE_CPUID_BASE) {
		return false;
	}

	const struct cpuid_leaf abi = cpuid(SLUICE_CPUID_BASE + 1);

	return abi.eax == SLUICE_ABI_VERSION && abi.ebx == SLUICE_HYPERCALL;
}

long sluice_carry_vmmcall(uint32_t op, void *argument, size_t size)
{
	long result = SLUICE_HYPERCALL;

	(void)size;
	if (!hypervisor_is_ours()) {
		return -XEN_ENOSYS;
	}
#if defined(__x86_64__)
	__asm__ volatile("vmmcall"
			 : "+a"(result)
			 : "D"((uint64_t)op), "S"(argument)
			 : "memory");
#else
	__asm__ volatile("vmmcall"
			 : "+a"(result)
			 : "b"(op), "c"(argument)
			 : "memory");
#endif
	return result;
}
