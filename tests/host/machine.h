/* SPDX-License-Identifier: MIT */
/*
 * A whole machine in one process: RAM, clock, firmware tables, PCI functions,
 * IOMMU units, and the hypervisor's own C files running on it.
 *
 *   machine_boot(NULL);                          everything, one VT-d unit
 *   ... create guests (fake_guest.h), probe DMA (fake_device.h) ...
 *   machine_shutdown();                          checks that nothing leaked
 *
 * One machine at a time, as in life. Free of any test framework, so that
 * fuzzers link it too: a failure goes to machine_on_failure.
 */
#pragma once

#include "fake_amdvi.h"
#include "fake_device.h"
#include "fake_vtd.h"
#include "lib/addr.h"
#include "lib/range.h"
#include "mm/page.h"

#include <sluice/dma.h>

/* Machine addresses. */
#define MACHINE_RAM_BASE   UINT64_C(0x40000000)
#define MACHINE_ECAM_BASE  UINT64_C(0xb0000000) /* one bus is 1 MiB */
#define MACHINE_ECAM_BUSES 4u
#define MACHINE_BAR_BASE   UINT64_C(0xe0000000)
#define MACHINE_AMDVI_BASE UINT64_C(0xfed80000) /* 16 KiB a unit */
#define MACHINE_VTD_BASE   UINT64_C(0xfed90000) /* 4 KiB a unit               */

/* Function of the n-th AMD IOMMU. */
#define MACHINE_AMDVI_SBDF(n) SLUICE_SBDF(0, 0, 2, n)

/* Id of AMD's I/O APIC, which is no function. */
#define MACHINE_IOAPIC 0xa0u

#define MACHINE_UNITS_MAX     4u
#define MACHINE_FUNCTIONS_MAX 40u
#define MACHINE_RESERVED_MAX  4u

/* How far machine_boot() goes; each stage includes those before it. */
enum machine_stage {
	MACHINE_RAM,	  /* arena, clock, page pools                        */
	MACHINE_FIRMWARE, /* firmware tables found, PCI functions enumerated */
	MACHINE_IOMMU,	  /* iommu_start() called; its answer is kept        */
	MACHINE_SERVICE,  /* control guest, dma_start()                      */
};

/* Whose units: .unit or .amdvi of the configuration. */
enum machine_vendor {
	MACHINE_INTEL,
	MACHINE_AMD,
};

struct machine_config {
	enum machine_stage stage;
	uint64_t hypervisor_pages; /* pool                                   */
	uint64_t guest_pages;	   /* pool                                   */
	uint64_t control_pages;	   /* the control domain's RAM, gpa = hpa    */
	uint64_t clock_step_ns;	   /* the clock moves by this at each read   */
	unsigned unit_count;	   /* 0 = no DMAR, no IVRS                   */
	enum machine_vendor vendor;
	struct fake_vtd_config unit[MACHINE_UNITS_MAX];
	struct fake_amdvi_config amdvi[MACHINE_UNITS_MAX];
	unsigned function_count;
	struct fake_function_config function[MACHINE_FUNCTIONS_MAX];
	/* What the firmware's memory map reserves. */
	struct range reserved[MACHINE_RESERVED_MAX];
	/* Registers other units; NULL = iommu_start(). Answers as that does. */
	uint32_t (*start_units)(void);
	/* Bytes instead of the table that describes the above; NULL = none. */
	const uint8_t *dmar;
	uint32_t dmar_bytes;
	const uint8_t *ivrs;
	uint32_t ivrs_bytes;
};

/*
 * machine_default() - One VT-d unit (48 bits, 16-bit ids, not coherent, as
 * QEMU's), four edu-like functions 00:03.0 to 00:06.0 with one 1 MiB BAR each
 * behind it, a host bridge 00:00.0.
 */
struct machine_config machine_default(void);

/* machine_amd() - The same with one AMD IOMMU, its function at 00:02.0. */
struct machine_config machine_amd(void);

/* machine_boot() - @config: NULL = machine_default(). Fails the test on error.
 */
void machine_boot(const struct machine_config *config);

/**
 * machine_shutdown() - Destroy the guests left, then check: pool counts as
 * after boot, no violation seen by a unit, no second read of guest memory.
 */
void machine_shutdown(void);

/* machine_reset() - Tear down without checking anything. */
void machine_reset(void);

/* machine_no_interface() - What iommu_start() answered. */
uint32_t machine_no_interface(void);

/* machine_unit() - The n-th fake IOMMU unit, NULL past the last. */
struct fake_unit *machine_unit(unsigned n);

/* machine_control() - The control domain (stage MACHINE_SERVICE). */
struct fake_guest *machine_control(void);

/* machine_rsdp() - Where the fake firmware's root pointer lies. */
hpa_t machine_rsdp(void);

/* machine_catch_all_unit() - The unit with INCLUDE_ALL, or NULL. */
struct fake_unit *machine_catch_all_unit(void);

/* machine_lock() - One lock over all hardware; may be taken again. */
void machine_lock(void);
void machine_unlock(void);

/* ---- RAM ---- */

/* machine_ram() - Pointer to RAM, NULL where there is none. Never fails. */
void *machine_ram(uint64_t hpa, size_t bytes);

/* machine_uncached() - What a walker that does not snoop sees at @hpa. */
const void *machine_uncached(uint64_t hpa, size_t bytes);

/*
 * machine_fetch() - Read as a walker does: whole words of 8 bytes, so that none
 * is seen torn, each before what it leads to. @from: in either arena.
 */
void machine_fetch(void *to, const void *from, size_t bytes);

/* machine_page_is_freed() - True for a page given back and not taken again. */
bool machine_page_is_freed(uint64_t hpa);

struct machine_counts {
	struct page_pool_counts pool[PAGE_POOL_COUNT];
};

struct machine_counts machine_counts(void);

/* ---- clock ---- */

/* machine_clock_set_step() - Nanoseconds that each read of the clock takes. */
void machine_clock_set_step(uint64_t ns);
void machine_clock_advance(uint64_t ns);
uint64_t machine_clock_now(void); /* does not advance */
uint64_t machine_clock_reads(void);

/* ---- interrupts ---- */

/* A unit or a function sends one; kept, and given to the hook if there is one.
 */
void machine_message(uint64_t address, uint32_t data);
extern void (*machine_on_message)(uint64_t address, uint32_t data);

struct machine_messages {
	uint64_t count;
	uint64_t address; /* of the last one */
	uint32_t data;
};

struct machine_messages machine_messages(void);

/* ---- failure ---- */

/*
 * machine_on_failure - Receives the text of a failed CHECK or of a misuse of
 * the machine; must not return. Default: print and abort().
 */
extern void (*machine_on_failure)(const char *text);

/* machine_fail() - Fail the test. */
void machine_fail(const char *fmt, ...) __noreturn __printf_like(1, 2);

/**
 * machine_panics() - True when @act panics, or misuses the machine.
 *
 * Text in machine_panic_text(). Locks held at the panic stay held, so end the
 * test soon after it.
 */
bool machine_panics(void (*act)(void *arg), void *arg);
const char *machine_panic_text(void);

/* machine_set_cpu() - Which CPU this thread is, 0 at first. */
void machine_set_cpu(unsigned cpu);

/* machine_serial() - What was printed on the serial port since boot. */
const char *machine_serial(void);
