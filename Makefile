# SPDX-License-Identifier: MIT
# Not recursive: reads the objects.mk of each part. `make help` lists targets.
# `run`, `shell`, `check` and `bench` set the machine up first (`deps`).
B := build

include hypervisor/objects.mk
include toolstack/objects.mk
include tests/objects.mk
include tests/qemu/objects.mk

.DELETE_ON_ERROR:
.PHONY: all help deps run shell check check-unit check-qemu lint format bench \
	clean built kernel
.DEFAULT_GOAL := all

# IOMMU of the machine that `run` and `shell` boot: intel or amd.
IOMMU := intel
CC := gcc
WARN := -Wall -Wextra -Wshadow -Werror

# --- The hypervisor: one image, no library --------------------------------
HV_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-fcf-protection=none $(WARN) -Wconversion -D__XEN_TOOLS__ \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ \
	-Ihypervisor -Iinclude
HV_OBJS := $(addprefix $(B)/hypervisor/,$(HV_PORTABLE) $(HV_MACHINE))

# --- Toolstack ------------------------------------------------------------
TOOL_CFLAGS := -std=gnu11 -O2 -g $(WARN) -Wconversion -Iinclude -Itoolstack/lib
LIB_CORE_OBJS := $(LIBSLUICE_CORE_SRCS:%.c=$(B)/%.o)
LIB_HOST_OBJS := $(LIBSLUICE_HOST_SRCS:%.c=$(B)/%.o)
CLI_OBJS := $(SLUICE_CLI_SRCS:%.c=$(B)/%.o)

# --- User-space build -----------------------------------------------------
HOST_SRCS := $(HOST_HYPERVISOR_SRCS) $(TEST_HOST_SRCS) $(TEST_CARRIER_SRCS) \
	$(TEST_UNIT_SRCS)
HOST_OBJS := $(HOST_SRCS:%.c=$(B)/host/%.o)
HOST_TOOL_OBJS := $(patsubst %.c,$(B)/host/%.o,$(LIBSLUICE_CORE_SRCS) \
	$(LIBSLUICE_HOST_SRCS) $(filter %/parse.c %/parse_value.c,$(SLUICE_CLI_SRCS)))

QEMU_GUESTS := $(addprefix $(B)/qemu/,$(QEMU_GUESTS_AMD64) $(QEMU_GUESTS_X86))
QEMU_CONTROL := $(addprefix $(B)/qemu/,$(QEMU_CONTROL_PROGRAMS))

all: $(B)/sluice.elf32 $(B)/libsluice.so $(B)/sluice ## hypervisor, library, command

built: all $(QEMU_GUESTS) $(QEMU_CONTROL) $(B)/host/unit

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile tests/rules.mk tests/contract/rules.mk | expand -t 22

$(B)/hypervisor/%.o: hypervisor/%.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(HV_CFLAGS) -MMD -MP -c $< -o $@

$(B)/hypervisor/%.o: hypervisor/%.S
	@mkdir -p $(@D)
	@echo "  AS    $<"
	@$(CC) -g -MMD -MP -c $< -o $@

$(B)/hypervisor.lds: hypervisor/hypervisor.lds.S
	@mkdir -p $(@D)
	@$(CC) -E -P -x assembler-with-cpp $< -o $@

$(B)/sluice.elf: $(HV_OBJS) $(B)/hypervisor.lds
	@echo "  LD    $@"
	@ld -nostdlib -static -z noexecstack -z max-page-size=4096 \
	   -T $(B)/hypervisor.lds $(HV_OBJS) -o $@

# The loader wants a 32-bit ELF around the same 64-bit code.
$(B)/sluice.elf32: $(B)/sluice.elf
	@objcopy -O elf32-i386 --strip-all $< $@

$(LIB_CORE_OBJS): EXTRA := $(LIBSLUICE_CORE_CFLAGS) -fPIC
$(LIB_HOST_OBJS): EXTRA := $(LIBSLUICE_HOST_CFLAGS)
$(CLI_OBJS): EXTRA = $(SLUICE_CLI_CFLAGS) $(SLUICE_CLI_EXTRA_CFLAGS)
$(B)/toolstack/%.o: toolstack/%.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(TOOL_CFLAGS) $(EXTRA) -MMD -MP -c $< -o $@

$(B)/libsluice.so: $(LIB_CORE_OBJS) $(LIB_HOST_OBJS) $(LIBSLUICE_MAP)
	@echo "  LD    $@"
	@$(CC) -shared -Wl,-soname,libsluice.so -Wl,-z,defs \
	   -Wl,--version-script=$(LIBSLUICE_MAP) \
	   $(LIB_CORE_OBJS) $(LIB_HOST_OBJS) $(LIBSLUICE_LIBS) -o $@

$(B)/sluice: $(CLI_OBJS) $(B)/libsluice.so
	@echo "  LD    $@"
	@$(CC) $(CLI_OBJS) -L$(B) -lsluice '-Wl,-rpath,$$ORIGIN' \
	   $(SLUICE_CLI_LIBS) $(LIBSLUICE_LIBS) -o $@

# --- Bare guests and programs of the control domain -----------------------
$(addprefix $(B)/qemu/,$(QEMU_GUESTS_AMD64)): $(B)/qemu/%: \
		tests/qemu/guests/%.c $(QEMU_GUEST_LIB) $(QEMU_GUEST_CORE) \
		$(wildcard tests/qemu/lib/*.h tests/qemu/guests/*.h include/sluice/*.h)
	@mkdir -p $(@D)
	@echo "  GUEST $@"
	@$(CC) $(QEMU_GUEST_CFLAGS_AMD64) $(filter %.c %.S,$^) \
	   $(QEMU_GUEST_LDFLAGS_AMD64) -o $@

$(B)/qemu/replay_guest: QEMU_GUEST_CFLAGS += $(QEMU_REPLAY_CFLAGS)
$(B)/qemu/replay_guest: $(QEMU_REPLAY_SRCS) $(wildcard tests/model/*.h tests/qemu/replay/*.h)

$(addprefix $(B)/qemu/,$(QEMU_GUESTS_X86)): $(B)/qemu/%: \
		tests/qemu/guests/%.c $(QEMU_GUEST_LIB_X86) $(QEMU_GUEST_CORE) \
		$(wildcard tests/qemu/lib/*.h tests/qemu/guests/*.h include/sluice/*.h)
	@mkdir -p $(@D)
	@echo "  GUEST $@"
	@$(CC) $(QEMU_GUEST_CFLAGS_X86) $(filter %.c %.S,$^) \
	   $(QEMU_GUEST_LDFLAGS_X86) -o $@

$(QEMU_CONTROL): $(B)/qemu/%: tests/qemu/control/%.c $(QEMU_CONTROL_LIB) \
		$(wildcard tests/qemu/control/*.h tests/qemu/lib/*.h include/sluice/*.h) \
		| $(B)/libsluice.so
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(QEMU_CONTROL_CFLAGS) $(WARN) $< $(QEMU_CONTROL_LIB) \
	   -L$(B) -lsluice $(QEMU_CONTROL_LIBS) -o $@

# --- User-space build: the same C files against the fakes -----------------
$(B)/host/%.o: %.c
	@mkdir -p $(@D)
	@echo "  HOST  $<"
	@$(CC) $(HOST_CFLAGS) $(INSTRUMENT) -Itoolstack/lib -Itoolstack/cli \
	   $(shell pkg-config --cflags smartcols check) -MMD -MP -c $< -o $@

$(B)/host/unit: $(HOST_OBJS) $(HOST_TOOL_OBJS)
	@echo "  LD    $@"
	@$(CC) $(HOST_CFLAGS) $^ $(HOST_LDFLAGS) $(TEST_UNIT_LDLIBS) \
	   $(LIBSLUICE_LIBS) $(SLUICE_CLI_LIBS) -o $@

include tests/rules.mk
include tests/contract/rules.mk
include tests/bench/rules.mk

# --- What people type -----------------------------------------------------
deps: ## install what building and testing need (Debian packages)
	@tests/qemu/deps

kernel:
	@tests/qemu/kernel

run: deps ## boot it and watch the story: a device's DMA lands, then faults (IOMMU=amd)
	@$(MAKE) --no-print-directory -j2 kernel built
	@tests/qemu/run --live --iommu $(IOMMU) story

shell: deps ## a prompt in the control domain, where `sluice` works
	@$(MAKE) --no-print-directory -j2 kernel built
	@tests/qemu/run --shell --iommu $(IOMMU) story

check: deps ## every test: lint, unit, oracle, corpus, hammer, QEMU cases
	@$(MAKE) --no-print-directory -j2 kernel built
	@$(MAKE) --no-print-directory lint check-unit check-coverage check-oracle \
		check-contract check-corpus check-hammer check-qemu

check-unit: $(B)/host/unit ## unit tests alone
	@$(B)/host/unit

check-qemu: built $(B)/host/oracle ## QEMU cases alone
	@tests/qemu/run

lint: ## format, warnings of two compilers, include direction, headers
	@tests/lint/all

format: ## rewrite sources by .clang-format
	@git ls-files '*.c' '*.h' | xargs clang-format -i

bench: deps ## figures: boot ratio, sizes, instructions a call
	@$(MAKE) --no-print-directory -j2 kernel built
	@tests/bench/all

clean: ## remove everything that was built or downloaded
	rm -rf $(B)

-include $(HV_OBJS:.o=.d) $(LIB_CORE_OBJS:.o=.d) $(LIB_HOST_OBJS:.o=.d) \
	$(CLI_OBJS:.o=.d) $(HOST_OBJS:.o=.d) $(HOST_TOOL_OBJS:.o=.d)
