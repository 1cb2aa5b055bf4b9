# SPDX-License-Identifier: MIT
# Lists of the user-space build; read by the top Makefile.

# Shadowed seams stand first, so that they are found instead of the machine's.
HOST_SHADOW := -Itests/host/shadow -Ihypervisor -Iinclude -Itests/host

# The hypervisor's own files, untouched. arch/, svm/ and boot/ are the machine,
# but for the reader of what the loader left;
# the C library has the memory functions; panic() is in tests/host/fail.c.
HOST_HYPERVISOR_SRCS := $(filter-out hypervisor/lib/string.c \
	hypervisor/base/panic.c,$(sort $(foreach rank,lib base mm pt platform \
	guest iommu iommu/vtd iommu/amdvi dma hypercall vpci,$(wildcard hypervisor/$(rank)/*.c)))) \
	hypervisor/boot/bootinfo.c

TEST_HOST_SRCS := $(addprefix tests/host/,\
	clock.c fail.c fail_at.c fake_amdvi.c fake_amdvi_command.c \
	fake_amdvi_event.c fake_amdvi_intr.c fake_amdvi_walk.c fake_bus.c \
	fake_cache.c fake_cpu.c \
	fake_device.c fake_dma.c fake_firmware.c fake_function.c \
	fake_guest.c fake_guest_call.c \
	fake_intr.c fake_nest.c fake_nest_walk.c fake_registers.c fake_reset.c \
	fake_slot.c fake_tlb.c fake_unit.c \
	fake_vtd.c fake_vtd_control.c fake_vtd_fault.c \
	fake_vtd_first.c \
	fake_vtd_intr.c fake_vtd_queue.c fake_vtd_scalable.c \
	fake_vtd_walk.c guestmem.c machine.c ram.c)

# libsluice over the same gate, for tests that start at the library.
TEST_CARRIER_SRCS := tests/host/carrier_inproc.c

# One file a suite, named by tests/unit/suites.h.
TEST_UNIT_SRCS := tests/unit/main.c tests/unit/service_fixture.c \
	tests/unit/fake_answers.c tests/unit/vpci_fixture.c \
	tests/unit/fail_nth_object.c tests/unit/fail_nth_space.c \
	$(patsubst %,tests/unit/%_test.c,\
	$(shell sed -n 's/^\tSUITE(\([a-z_0-9]*\)).*/\1/p' tests/unit/suites.h))

# Xen's headers show the tools' half of an interface on request.
HOST_DEFINES := -D__XEN_TOOLS__ \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__

# tests/host/fail_at.c stands between the hypervisor and its page pool, and
# between it and its guests' memory.
HOST_LDFLAGS := -pthread -Wl,--wrap=page_alloc,--wrap=page_alloc_contiguous,--wrap=page_get,--wrap=page_put \
	-Wl,--wrap=copy_to_guest,--wrap=copy_from_guest
# Empty for the mutants, which have the fakes to notice them.
HOST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
HOST_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -D_GNU_SOURCE \
	$(HOST_SANITIZE) -fno-omit-frame-pointer $(HOST_DEFINES) $(HOST_SHADOW)
# tests/unit/vpci_fixture.c stands in front of interrupt remapping.
TEST_UNIT_LDLIBS := -lcheck -lsubunit -lm -lrt \
	-Wl,--wrap=iommu_intr_is_present,--wrap=iommu_intr_set

# The model, and the oracle that compares the gate with it.
ORACLE_SRCS := $(sort $(wildcard tests/model/*.c))
ORACLE_PART_SRCS := $(filter-out tests/model/main.c,$(ORACLE_SRCS))
# Sequences by the million: optimised, and sanitized all the same.
ORACLE_CFLAGS = $(filter-out -O1,$(HOST_CFLAGS)) -O2

FUZZ_TARGETS := gate dmar ivrs acpi madt pci bootinfo mov vpci
FUZZ_CFLAGS = $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(HOST_CFLAGS)) \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
HAMMER_SRCS := $(addprefix tests/fuzz/,hammer.c hammer_shared.c hammer_slice.c)
HAMMER_CFLAGS = $(filter-out -fsanitize=% -fno-sanitize-recover=%,\
	$(HOST_CFLAGS)) -fsanitize=thread -include tests/fuzz/tsan.h
