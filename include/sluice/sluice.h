/* SPDX-License-Identifier: MIT */
/*
 * The rest of libsluice: carriers, lists, statuses, guests, devices.
 *
 * The upper half is freestanding C for any guest; what stands below "Control
 * domain" needs an operating system and libxenctrl.
 *
 * Threads: set the carrier and sluice_set_threads() (or call sluice_connect(),
 * which does both) once, before a second thread exists, and unset the carrier
 * after the others ended. Between the two any thread may call any function; the
 * two guest carriers keep no state. Without sluice_set_threads() one thread at
 * a time may register, unregister, poll, delete devices or set fault reporting.
 *
 * The library allocates nothing for the contract's functions: what it must
 * remember stands in fixed pools, whose sizes are below. An exhausted pool
 * answers INSUFFICIENT_RESOURCES, after every other check. Records are the
 * program's; tokens of devices and of reserved ranges are the guest's, and
 * outlive it in the hypervisor.
 */
#pragma once

#include <sluice/dma.h>
#include <sluice/dma_iommu.h>
#include <sluice/dma_ops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * sluice_carry_fn - Takes one hypercall to the hypervisor and back.
 * @op:       sub-op, SLUICE_OP_*
 * @argument: its structure, header filled; 8-byte aligned
 * @size:     bytes of it
 *
 * Return: 0, then argument holds the answer; or a negative Xen error number.
 */
typedef long sluice_carry_fn(uint32_t op, void *argument, size_t size);

/**
 * sluice_set_carrier() - Choose the carrier of the whole process.
 * @carry: the carrier; NULL: none, and every call answers NOT_SUPPORTED
 */
void sluice_set_carrier(sluice_carry_fn *carry);

/**
 * sluice_carry_vmmcall() - Carrier of a guest without an operating system.
 *
 * For ring 0. Looks for our CPUID leaves first, so that it is safe anywhere.
 * In 32-bit code it makes the call as well, and the hypervisor refuses it.
 * Return: as sluice_carry_fn; -XEN_ENOSYS no such hypervisor, or another ABI.
 * Source: sluice/abi.h.
 */
long sluice_carry_vmmcall(uint32_t op, void *argument, size_t size);

#define SLUICE_TOKENS_MAX	  256u /* reserved ranges that are not freed */
#define SLUICE_CALLBACKS_MAX	  64u  /* state-change callbacks             */
#define SLUICE_FAULT_HANDLERS_MAX 64u  /* devices with fault reporting       */
#define SLUICE_V1_DEVICES_MAX	  64u  /* devices attached by version 1      */

/**
 * struct sluice_threads - What the library needs to know of threads.
 * @self:  the calling thread: the same number each time, and never 0
 * @yield: let another thread run; NULL: the library spins
 */
struct sluice_threads {
	uintptr_t (*self)(void);
	void (*yield)(void);
};

/**
 * sluice_set_threads() - Choose them for the whole process.
 * @threads: kept by pointer; NULL: there is one thread
 */
void sluice_set_threads(const struct sluice_threads *threads);

/**
 * sluice_poll_events() - Deliver what happened since the last call.
 * @delivered: optional; callbacks and handlers that were called
 *
 * Calls state-change callbacks whose device's state has changed (also one whose
 * device went to another guest: no types are left), and fault handlers with the
 * faults of their device, oldest first. Nothing is delivered but here and
 * inside registration: call it from a loop or a timer. Thread context; a second
 * thread waits. A storm of faults does not hold it for ever: the rest comes
 * next time.
 * Return: UNSUCCESSFUL called from inside a callback; else what the first
 *         failing call answered, after the others were made.
 * Source: contract Q34; sluice/dma_device.h, device_state.
 */
NTSTATUS sluice_poll_events(uint32_t *delivered);

/**
 * sluice_call() - Make one sub-op call through the carrier.
 * @op:       sub-op, SLUICE_OP_*
 * @argument: its structure; the header is filled here
 * @size:     bytes of it
 *
 * Return: header.status; or for a transport that failed
 *   NOT_SUPPORTED           no carrier; no hypervisor; not in 64-bit mode
 *   ACCESS_DENIED           not in ring 0; a call of the control domain's
 *   INVALID_PARAMETER       the hypervisor could not read the structure
 *   INSUFFICIENT_RESOURCES  no memory for the carrier's buffers
 *   UNSUCCESSFUL            anything else
 */
NTSTATUS sluice_call(uint32_t op, void *argument, size_t size);

/* sluice_status_name() - "STATUS_..." of a status; "STATUS_?" if unknown. */
const char *sluice_status_name(NTSTATUS status);

/* sluice_status_text() - A status in words; "unknown status" if it is one. */
const char *sluice_status_text(NTSTATUS status);

/* sluice_no_interface_text() - enum sluice_no_interface in words. */
const char *sluice_no_interface_text(uint32_t reason);

/* sluice_unfit_text() - enum sluice_unfit in words. */
const char *sluice_unfit_text(uint32_t reason);

/*
 * Thin wrappers: each fills *out from one sub-op and answers its statuses, as
 * sluice/dma.h lists them, or sluice_call()'s. *out is undefined on failure.
 */

/* sluice_info() - What the service offers the caller. */
NTSTATUS sluice_info(struct sluice_info *out);

/* sluice_platform() - The machine; control domain only. */
NTSTATUS sluice_platform(struct sluice_platform *out);

/**
 * sluice_audit() - Compare the IOMMUs' tables with the records; control domain
 * only.
 * @first: PCI address to begin at; go on at @first + out->checked
 */
NTSTATUS sluice_audit(uint32_t first, struct sluice_audit *out);

/**
 * sluice_device_at() - One device of a list.
 * @scope: SLUICE_SCOPE_OWN or SLUICE_SCOPE_MACHINE
 * @index: 0, 1, ... until NOT_FOUND
 * @out:   the device
 */
NTSTATUS sluice_device_at(uint32_t scope, uint32_t index,
			  struct sluice_device_info *out);

/**
 * sluice_domain_at() - One live DMA domain of a guest.
 * @guest: id, or SLUICE_GUEST_SELF
 * @index: 0, 1, ... until NOT_FOUND
 * @out:   the domain
 */
NTSTATUS sluice_domain_at(uint32_t guest, uint32_t index,
			  struct sluice_domain_info *out);

/* sluice_inventory() - Live counts of a guest (id, or SLUICE_GUEST_SELF). */
NTSTATUS sluice_inventory(uint32_t guest, struct sluice_inventory *out);

/* sluice_policy_get() - What a guest may do; control domain only. */
NTSTATUS sluice_policy_get(uint16_t guest, struct sluice_guest_policy *out);

/**
 * sluice_policy_set() - Set what policy->guest may do; control domain only.
 * @policy: .guest, .machine, .allowed_types and both quotas; the rest is filled
 */
NTSTATUS sluice_policy_set(struct sluice_guest_policy *policy);

/* sluice_faults() - Up to SLUICE_FAULTS_MAX faults from a sequence number on.
 */
NTSTATUS sluice_faults(uint64_t sequence, struct sluice_read_faults *out);

/* sluice_own_faults() - Likewise, those of the caller's own devices. */
NTSTATUS sluice_own_faults(uint64_t sequence, struct sluice_read_faults *out);

/* sluice_log() - Up to SLUICE_LOG_BYTES of the log from a byte offset on. */
NTSTATUS sluice_log(uint64_t offset, struct sluice_read_log *out);

/* Control domain. */

/* One line that names the thing, the reason and what to do; no newline. */
struct sluice_error {
	char text[320];
};

/**
 * sluice_connect() - Choose the carrier of a Linux program and try it.
 * @error: filled on failure
 *
 * Return: SUCCESS, with a hypervisor of ours at the other end; NOT_SUPPORTED,
 *         there is none.
 */
NTSTATUS sluice_connect(struct sluice_error *error);

/* sluice_disconnect() - Undo sluice_connect(). */
void sluice_disconnect(void);

/**
 * sluice_carry_xencall() - Carrier over libxencall; sluice_connect() sets it.
 *
 * Copies the argument and what it points at to buffers that never fault.
 * Return: as sluice_carry_fn; -XEN_ENOSYS not connected.
 */
long sluice_carry_xencall(uint32_t op, void *argument, size_t size);

/**
 * sluice_trace() - Print each call to stderr from now on.
 *
 * Wraps the carrier that is set, so call it after that one is.
 */
void sluice_trace(void);

#define SLUICE_ADDRESS_TEXT 16u /* "ssss:bb:dd.f" and more */

/**
 * sluice_address_parse() - Read a PCI address, strictly.
 * @text: "ssss:bb:dd.f" or "bb:dd.f", exactly so many hexadecimal digits
 * @sbdf: the address as SLUICE_SBDF() builds it; written on success alone
 *
 * Return: true if the whole text is an address.
 */
bool sluice_address_parse(const char *text, uint32_t *sbdf);

/* sluice_address_print() - Write an address as "ssss:bb:dd.f". */
void sluice_address_print(uint32_t sbdf, char text[SLUICE_ADDRESS_TEXT]);

/* sluice_type_name() - "translate" and the like; "unknown" if it is none. */
const char *sluice_type_name(uint32_t type);

/* sluice_type_parse() - Read such a name; *type is written on success alone. */
bool sluice_type_parse(const char *text, uint32_t *type);

#define SLUICE_NAME_BYTES	    16u /* a guest's name with its final 0 */
#define SLUICE_GUEST_DEVICES_MAX    16u
#define SLUICE_GUEST_MEMORY_MIB_MIN 4u
#define SLUICE_GUEST_MEMORY_MIB_MAX (1u << 24)

/* sluice_name_is_valid() - 1..15 of [A-Za-z0-9_.-], not digits only, no '-'
 * first. */
bool sluice_name_is_valid(const char *name);

/* A device of a guest's file. */
struct sluice_guest_device {
	uint32_t sbdf;	   /* PCI address in the control domain's view     */
	bool reset_waived; /* "reset=none": it may be one without a reset  */
	bool interrupts_unsafe; /* "interrupts=unsafe": not remapped is fine */
};

/* A guest's file, read. */
struct sluice_guest_config {
	char name[SLUICE_NAME_BYTES];
	char *kernel;		   /* path of an ELF image with a PVH entry   */
	char *ramdisk;		   /* path, or NULL                           */
	char *cmdline;		   /* or NULL                                 */
	uint64_t memory_bytes;	   /* multiple of 1 MiB                       */
	uint32_t vcpu_count;	   /* 1                                       */
	uint16_t machine;	   /* SLUICE_MACHINE_*                        */
	bool has_types;		   /* allowed_types was given                 */
	uint32_t allowed_types;	   /* mask of 1 << type                       */
	uint32_t domain_quota;	   /* 0: the hypervisor's default             */
	uint32_t table_page_quota; /* 0: the hypervisor's default             */
	uint32_t device_count;
	struct sluice_guest_device device[SLUICE_GUEST_DEVICES_MAX];
};

/**
 * sluice_guest_config_read() - Read a guest's file (xl.cfg syntax, sluice(1)).
 * @path:   the file
 * @config: filled on success; end it with sluice_guest_config_free()
 * @error:  filled on failure; names the line where there is one
 *
 * Return: SUCCESS; NOT_FOUND cannot be read; INVALID_PARAMETER its content;
 *         INSUFFICIENT_RESOURCES no memory.
 */
NTSTATUS sluice_guest_config_read(const char *path,
				  struct sluice_guest_config *config,
				  struct sluice_error *error);

/**
 * sluice_guest_config_parse() - As above, from memory.
 * @label: name of the text for messages
 * @text:  the text, terminated
 */
NTSTATUS sluice_guest_config_parse(const char *label, const char *text,
				   struct sluice_guest_config *config,
				   struct sluice_error *error);

/* sluice_guest_config_free() - Release what config points at; zero it. */
void sluice_guest_config_free(struct sluice_guest_config *config);

/* What a guest does. */
enum sluice_guest_state {
	SLUICE_GUEST_RUNNING,
	SLUICE_GUEST_PAUSED,
	SLUICE_GUEST_SHUTDOWN, /* it stopped itself; see reason   */
	SLUICE_GUEST_CRASHED,  /* it was stopped; see reason      */
	SLUICE_GUEST_DYING,    /* destroyed, pages still borrowed */
};

/* One guest of the list. */
struct sluice_guest {
	uint16_t id;
	char name[SLUICE_NAME_BYTES]; /* "" if it has none                  */
	enum sluice_guest_state state;
	uint32_t reason; /* Xen's SHUTDOWN_* if shut down or crashed        */
	uint32_t vcpu_count;
	uint64_t memory_bytes;
};

/*
 * The functions below act through stock libxenctrl. They return SUCCESS or a
 * status with *error filled:
 *   NOT_SUPPORTED  libxenctrl finds no hypervisor
 *   NOT_FOUND      no such guest or device
 *   and what each names.
 */

/**
 * sluice_guest_create() - Create a guest and start it.
 * @config: what it is
 * @paused: leave it paused
 * @id:     its id; written on success alone
 * @error:  filled on failure
 *
 * On failure nothing of it is left and its devices are blocked.
 * Return: RESOURCE_IN_USE the name is taken; INVALID_PARAMETER the image, the
 *         ramdisk or the device is unfit; ACCESS_DENIED a device that may not
 *         be given; INSUFFICIENT_RESOURCES memory; UNSUCCESSFUL another
 *         refusal by the hypervisor.
 */
NTSTATUS sluice_guest_create(const struct sluice_guest_config *config,
			     bool paused, uint16_t *id,
			     struct sluice_error *error);

/**
 * sluice_guest_next() - The first guest whose id is @first or higher.
 * @first: least id
 * @out:   the guest
 * @error: filled on failure
 *
 * Return: NOT_FOUND past the last guest.
 */
NTSTATUS sluice_guest_next(uint32_t first, struct sluice_guest *out,
			   struct sluice_error *error);

/* sluice_guest_find() - The guest that a name, or a decimal id, names. */
NTSTATUS sluice_guest_find(const char *name_or_id, struct sluice_guest *out,
			   struct sluice_error *error);

/* sluice_guest_unpause() - Let a paused guest run. */
NTSTATUS sluice_guest_unpause(uint16_t id, struct sluice_error *error);

/* sluice_guest_destroy() - End a guest; its devices are blocked after it. */
NTSTATUS sluice_guest_destroy(uint16_t id, struct sluice_error *error);

/**
 * sluice_device_assign() - Take a device from the control domain; block it.
 * @sbdf:  its PCI address
 * @error: filled on failure
 *
 * Unbinds its Linux driver and keeps others from binding. A guest's file may
 * name it then. Undone on failure.
 * Return: RESOURCE_IN_USE it is a guest's; ACCESS_DENIED it may not be given;
 *         UNSUCCESSFUL sysfs or the hypervisor refused.
 */
NTSTATUS sluice_device_assign(uint32_t sbdf, struct sluice_error *error);

/* sluice_device_release() - Give such a device back to the control domain. */
NTSTATUS sluice_device_release(uint32_t sbdf, struct sluice_error *error);

/* sluice_device_find() - The machine's device at a PCI address. */
NTSTATUS sluice_device_find(uint32_t sbdf, struct sluice_device_info *out,
			    struct sluice_error *error);
