# SPDX-License-Identifier: MIT
#
# What the toolstack is built from; the top Makefile reads this. Paths are from
# the repository's root; every file is compiled with -Iinclude -Itoolstack/lib.

# Freestanding: for guests without an operating system as well, 64 and 32 bit.
LIBSLUICE_CORE_SRCS := \
	toolstack/lib/carrier.c \
	toolstack/lib/carrier_list.c \
	toolstack/lib/carrier_vmmcall.c \
	toolstack/lib/device.c \
	toolstack/lib/domain.c \
	toolstack/lib/events.c \
	toolstack/lib/fault.c \
	toolstack/lib/identity.c \
	toolstack/lib/interface.c \
	toolstack/lib/legacy.c \
	toolstack/lib/lists.c \
	toolstack/lib/mapping.c \
	toolstack/lib/memory.c \
	toolstack/lib/pasid.c \
	toolstack/lib/status.c \
	toolstack/lib/token.c

# For Linux, with libxen-dev.
LIBSLUICE_HOST_SRCS := \
	toolstack/lib/address.c \
	toolstack/lib/carrier_trace.c \
	toolstack/lib/carrier_xencall.c \
	toolstack/lib/device_assign.c \
	toolstack/lib/error.c \
	toolstack/lib/file.c \
	toolstack/lib/guest.c \
	toolstack/lib/guest_boot.c \
	toolstack/lib/guest_config.c \
	toolstack/lib/guest_device.c \
	toolstack/lib/guest_group.c \
	toolstack/lib/guest_image.c \
	toolstack/lib/guest_keys.c \
	toolstack/lib/guest_list.c \
	toolstack/lib/sysfs.c \
	toolstack/lib/xen_tools.c

SLUICE_CLI_SRCS := \
	toolstack/cli/cmd_attach.c \
	toolstack/cli/cmd_audit.c \
	toolstack/cli/cmd_device.c \
	toolstack/cli/cmd_domain.c \
	toolstack/cli/cmd_domain_edit.c \
	toolstack/cli/cmd_fault.c \
	toolstack/cli/cmd_guest.c \
	toolstack/cli/cmd_info.c \
	toolstack/cli/cmd_map.c \
	toolstack/cli/cmd_policy.c \
	toolstack/cli/main.c \
	toolstack/cli/output.c \
	toolstack/cli/parse.c \
	toolstack/cli/parse_value.c

LIBSLUICE_CORE_CFLAGS := -ffreestanding
LIBSLUICE_HOST_CFLAGS := -D_GNU_SOURCE -fPIC
SLUICE_CLI_CFLAGS := -D_GNU_SOURCE -Itoolstack/cli

# Recursive, so that pkg-config runs where it is needed and nowhere else.
LIBSLUICE_PKGS := xencontrol xencall xenforeignmemory xentoollog
# libxlutil has no pkg-config file; its cfg half needs libxenlight to resolve.
LIBSLUICE_LIBS = $(shell pkg-config --libs $(LIBSLUICE_PKGS)) -lxlutil -lxenlight
LIBSLUICE_MAP := toolstack/lib/libsluice.map
SLUICE_CLI_PKGS := smartcols
SLUICE_CLI_EXTRA_CFLAGS = $(shell pkg-config --cflags $(SLUICE_CLI_PKGS))
SLUICE_CLI_LIBS = $(shell pkg-config --libs $(SLUICE_CLI_PKGS))
