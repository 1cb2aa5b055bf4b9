# SPDX-License-Identifier: MIT
#
# What `make bench` builds beside `make built`. Read after the top Makefile,
# whose lists and flags it uses; the guard lets that one include it as well.
ifndef BENCH_PROGRAMS

BENCH_PROGRAMS := $(addprefix $(B)/bench/,bench_guest bench_memory core_bench)
# The core as it stands in the image: the same objects, not another build.
BENCH_CORE_OBJS := $(addprefix $(B)/hypervisor/,base/spinlock.o dma/asid.o \
	mm/page.o $(HV_PT))

.PHONY: bench-built
bench-built: $(BENCH_PROGRAMS)

$(B)/bench/bench_guest: tests/bench/bench_guest.c $(QEMU_GUEST_LIB) \
		$(QEMU_GUEST_CORE) $(wildcard tests/bench/*.h \
		tests/qemu/lib/*.h include/sluice/*.h toolstack/lib/*.h)
	@mkdir -p $(@D)
	@echo "  GUEST $@"
	@$(CC) $(QEMU_GUEST_CFLAGS_AMD64) $(filter %.c %.S,$^) \
	   $(QEMU_GUEST_LDFLAGS_AMD64) -o $@

$(B)/bench/bench_memory: tests/bench/bench_memory.c $(QEMU_CONTROL_LIB) \
		$(wildcard tests/qemu/control/*.h include/sluice/*.h)
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(QEMU_CONTROL_CFLAGS) $(WARN) $(filter %.c,$^) \
	   -Wl,--as-needed $(QEMU_CONTROL_LIBS) -o $@

$(B)/bench/core_bench: tests/bench/core_bench.c $(BENCH_CORE_OBJS) \
		$(wildcard hypervisor/*/*.h)
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 -O2 -g -no-pie $(WARN) -D__XEN_TOOLS__ -Ihypervisor \
	   -Iinclude $(filter %.c %.o,$^) -o $@

endif
