# SPDX-License-Identifier: MIT
#
# What `make bench` builds beside `make built`. Read after the top Makefile,
# whose lists and flags it uses; the guard lets that one include it as well.
ifndef BENCH_PROGRAMS

BENCH_PROGRAMS := $(addprefix $(B)/bench/,bench_kernel core_bench)
# The core as it stands in the image: the same objects, not another build.
BENCH_CORE_OBJS := $(addprefix $(B)/hypervisor/,base/spinlock.o dma/asid.o \
	dma/buddy.o dma/buddy_tree.o \
	mm/page.o $(HV_PT))

.PHONY: bench-built
bench-built: $(BENCH_PROGRAMS)

# A guest that boots in Linux's place: linked elsewhere, flat, with a header.
$(B)/bench/bench_kernel: tests/bench/bench_kernel.c tests/bench/bench_setup.S \
		$(QEMU_GUEST_LIB) $(QEMU_GUEST_CORE) tests/bench/bench_kernel.lds \
		$(wildcard tests/bench/*.h tests/qemu/lib/*.h \
		include/sluice/*.h toolstack/lib/*.h)
	@mkdir -p $(@D)
	@echo "  GUEST $@"
	@$(CC) $(QEMU_GUEST_CFLAGS_AMD64) $(filter %.c %.S,$^) \
	   $(subst tests/qemu/lib/guest.lds,tests/bench/bench_kernel.lds,\
	   $(QEMU_GUEST_LDFLAGS_AMD64)) -o $@.elf
	@objcopy -O binary $@.elf $@

$(B)/bench/core_bench: tests/bench/core_bench.c $(BENCH_CORE_OBJS) \
		$(wildcard hypervisor/*/*.h)
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 -O2 -g -no-pie $(WARN) -D__XEN_TOOLS__ -Ihypervisor \
	   -Iinclude $(filter %.c %.o,$^) -o $@

endif
