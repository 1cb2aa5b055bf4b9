# SPDX-License-Identifier: MIT
#
# What the QEMU tests build: bare guests, and programs of the control domain.
# Lists and flags only; the rules are the Makefile's:
#   guest NAME:   tests/qemu/guests/NAME.c + QEMU_GUEST_LIB + QEMU_GUEST_CORE
#                 -> build/qemu/NAME (ELF64, or ELF32 for QEMU_GUESTS_X86,
#                 from QEMU_GUEST_LIB_X86)
#   program NAME: tests/qemu/control/NAME.c + QEMU_CONTROL_LIB
#                 -> build/qemu/NAME

QEMU_GUESTS_AMD64 := dma_guest types_guest hostile_guest argument_guest \
	gate_guest crash_guest busy_guest pci_guest nvme_guest \
	replay_guest mapping_guest group_guest reset_guest storm_guest \
	worker_guest
QEMU_GUESTS_X86 := x86_guest

QEMU_GUEST_LIB := $(addprefix tests/qemu/lib/,entry.S trap.S trap.c report.c \
	cpuid.c dma.c e1000.c edu.c interrupt.c paging.c pci.c bytes.c)
QEMU_GUEST_LIB_X86 := $(addprefix tests/qemu/lib/,entry.S report.c cpuid.c \
	bytes.c)
# libsluice's freestanding part, named in toolstack/objects.mk.
QEMU_GUEST_CORE = $(LIBSLUICE_CORE_SRCS)

# The contract's model and the makers of calls, for replay_guest.
QEMU_REPLAY_SRCS := $(wildcard tests/qemu/replay/*.c) \
	$(wildcard tests/model/model_*.c tests/model/oracle_make*.c) \
	$(addprefix tests/model/,dma_model.c oracle_clean.c oracle_run.c \
	oracle_series.c oracle_shape.c oracle_transport.c oracle_values.c) \
	$(wildcard tests/model/oracle_aim.c)

# One guest has the default quota of domains, and few pages are touched then: an
# emulator forgets its translations at each exit.
QEMU_REPLAY_CFLAGS := -DMODEL_DOMAINS=17u

# Xen's headers mean their oldest interface unless told.
QEMU_GUEST_INCLUDE := -Iinclude -Itests/qemu -Itests/model -Itoolstack/lib \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
QEMU_GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -ffreestanding \
	-fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mgeneral-regs-only $(QEMU_GUEST_INCLUDE)
QEMU_GUEST_CFLAGS_AMD64 = $(QEMU_GUEST_CFLAGS) -m64 -mno-red-zone
QEMU_GUEST_CFLAGS_X86 := $(QEMU_GUEST_CFLAGS) -m32
QEMU_GUEST_LDFLAGS := -static -nostdlib -no-pie \
	-Wl,-T,tests/qemu/lib/guest.lds -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments
QEMU_GUEST_LDFLAGS_AMD64 := $(QEMU_GUEST_LDFLAGS) -m64 \
	-Wl,-z,max-page-size=4096
QEMU_GUEST_LDFLAGS_X86 := $(QEMU_GUEST_LDFLAGS) -m32

QEMU_CONTROL_PROGRAMS := sluice-probe xen_calls icr_writes edu_run kill_at
QEMU_CONTROL_LIB := $(addprefix tests/qemu/control/,guest_view.c)
QEMU_CONTROL_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -D_GNU_SOURCE \
	-Iinclude -Itests/qemu
QEMU_CONTROL_LIBS := -lxenctrl -lxenforeignmemory -lxencall -lxentoolcore
