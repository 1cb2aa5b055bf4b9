# SPDX-License-Identifier: MIT
# Not recursive: reads the objects.mk of each part. `make help` lists targets.
include hypervisor/objects.mk

B := build
CC_HV ?= gcc
HV_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie \
             -mno-red-zone -mgeneral-regs-only \
             -fno-stack-protector -fno-asynchronous-unwind-tables \
             -fno-strict-aliasing -Wall -Wextra -Wconversion -Wshadow -Werror \
             -D__XEN_TOOLS__ -Ihypervisor -Iinclude -MMD -MP
HV_OBJS := $(addprefix $(B)/hypervisor/,$(HV_PORTABLE) $(HV_MACHINE))

all: $(B)/sluice.elf32

$(B)/hypervisor/%.o: hypervisor/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC_HV) $(HV_CFLAGS) -c $< -o $@

$(B)/hypervisor/%.o: hypervisor/%.S
	@mkdir -p $(@D)
	@$(CC_HV) -g -c -MMD -MP $< -o $@

$(B)/hypervisor.lds: hypervisor/hypervisor.lds.S
	@mkdir -p $(@D)
	@$(CC_HV) -E -P -x assembler-with-cpp $< -o $@

$(B)/sluice.elf: $(HV_OBJS) $(B)/hypervisor.lds
	@ld -nostdlib -static -z noexecstack -z max-page-size=4096 \
	   --no-warn-rwx-segments -T $(B)/hypervisor.lds $(HV_OBJS) -o $@

$(B)/sluice.elf32: $(B)/sluice.elf
	@objcopy -O elf32-i386 --strip-debug $< $@

clean:
	rm -rf $(B)

-include $(HV_OBJS:.o=.d)
