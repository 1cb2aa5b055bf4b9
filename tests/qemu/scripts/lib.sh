# SPDX-License-Identifier: MIT
#
# Shared by the scripts that run in the control domain (busybox sh).
#
# A script says what it will observe, and observes it by `sluice` and by
# sluice-probe, which reads guest memory and the hypervisor's counts itself.
# Results go to the console, one line each; tests/qemu/run reads them there.

# Step numbers, stages and pages, from guests/steps.h; see tests/qemu/run.
. /etc/sluice/steps.sh
# What the machine is: iommu=intel, amd or none; see tests/qemu/run.
. /etc/sluice/machine.sh

# Bytes of a pattern: what one transfer carries (guests/steps.h).
PATTERN_BYTES=$COPY_BYTES

# Prints a command as the user would type it, and runs it.
shown() {
	echo "    # $*"
	"$@"
}

# Retries a command for some seconds until it succeeds.
within() {
	within_left=$(($1 * 10))
	shift
	until "$@"; do
		within_left=$((within_left - 1))
		[ $within_left -gt 0 ] || return 1
		usleep 100000
	done
}

# A number that no earlier run can have left in memory.
fresh_seed() {
	od -An -N4 -tu4 /dev/urandom | tr -d ' '
}

# The first device with these ids.
of_ids() {
	for ids_path in /sys/bus/pci/devices/*; do
		if [ "$(cat "$ids_path/vendor" "$ids_path/device" |
			tr -d '\n')" = "$1" ]; then
			basename "$ids_path"
			return 0
		fi
	done
	return 1
}

# PCI addresses of the machine's edu devices, in order.
edu_addresses() {
	for edu_path in /sys/bus/pci/devices/*; do
		if [ "$(cat "$edu_path/vendor" "$edu_path/device" |
			tr -d '\n')" = 0x12340x11e8 ]; then
			basename "$edu_path"
		fi
	done
}

# Does one row of a `sluice ... --json` table hold all these texts?
# usage: row "sluice faults" '"device":"..."' ...
row() {
	row_found=$($1 --json | tr -d ' \t\n' | tr '}' '\n')
	shift
	for row_text in "$@"; do
		row_found=$(echo "$row_found" | grep -F -- "$row_text") || return 1
	done
}

# Has the IOMMU recorded this blocked access? DEVICE read|write ADDRESS
fault_seen() {
	row "sluice faults" "\"device\":\"$1\"" "\"access\":\"$2\"" \
		"\"address\":\"$3\""
}

# The same within 3 seconds, of an IOMMU that records what it blocks: QEMU's
# AMD IOMMU logs nothing, there the bytes alone tell.
fault_is_shown() {
	[ "$iommu" = amd ] || within 3 fault_seen "$@"
}

# Is the first word of a reported step this status or value?
# usage: step_is GUEST STEP VALUE [NTH]
step_is() {
	step_words=$(sluice-probe step "$1" "$2" ${4:+"$4"}) || return 1
	[ "${step_words%% *}" = "$3" ]
}

# The second word of a reported step: a handle, an address.
step_aux() {
	sluice-probe step "$1" "$2" | cut -d ' ' -f 2
}

# Lets a guest enter a stage and waits until it stands before the next.
stage() {
	sluice-probe go "$1" "$2" && sluice-probe wait "$1" $(($2 + 1))
}

state_is() {
	[ "$(sluice-probe state "$1" 2> /dev/null || echo gone)" = "$2" ]
}

# Do the IOMMUs' tables in memory say of each of the 65,536 requester ids what
# the hypervisor's records say, of DMA and of interrupts? An AMD unit lets those
# of the control domain's devices pass, so there are some. usage: tables_are_right
tables_are_right() {
	sluice device audit &&
		row "sluice device audit" '"ids":65536' '"uncovered":0' '"wrong":0' &&
		{ [ "$iommu" != amd ] ||
			! row "sluice device audit" '"interrupts":0,'; }
}

holds_nothing() {
	sluice-probe inventory "$1" |
		grep -q 'domains=0 tokens=0 attached=0 .* mapped=0 tables=0'
}

# Writes a guest's file. usage: guest_file NAME PROGRAM [LINE ...]
guest_file() {
	guest_path=/tmp/$1.cfg
	printf 'name = "%s"\nkernel = "/guests/%s"\nmemory = 8\n' \
		"$1" "$2" > "$guest_path"
	shift 2
	for guest_line in "$@"; do
		echo "$guest_line" >> "$guest_path"
	done
}

# Free memory, CPUs and ids, to compare later. What happens for the first time
# makes tables for the control domain itself, which stay: a hole for foreign
# mappings, smaller pages where a device's registers are taken out. So each is
# done once before. usage: platform_baseline [DEVICE ...]
platform_baseline() {
	guest_file first types_guest
	sluice guest create --paused /tmp/first.cfg > /dev/null &&
		sluice guest destroy first || return 1
	for baseline_device in "$@"; do
		sluice device assign "$baseline_device" &&
			sluice device release "$baseline_device" || return 1
	done
	sluice-probe platform
}

platform_is() {
	echo "    before: $1"
	echo "    after:  $(sluice-probe platform)"
	[ "$(sluice-probe platform)" = "$1" ]
}

# Of the guest `types`, which asks for every type: 1 for each that it got, 0
# for each refused as NOT_SUPPORTED, in the order of their numbers.
types_are() {
	sluice-probe wait types 1 || return 1
	types_got=
	for types_number in 0 1 2 3; do
		types_step=$((STEP_TYPE_FIRST + types_number))
		if step_is types $types_step $SUCCESS; then
			types_got=${types_got}1
		elif step_is types $types_step $NOT_SUPPORTED; then
			types_got=${types_got}0
		fi
	done
	echo "    Translate, PassThrough, Unmanaged, TranslateS1: $types_got" \
		"(0: STATUS_NOT_SUPPORTED)"
	[ "$types_got" = "$1" ]
}

SUCCESS=0x00000000
NOT_SUPPORTED=0xc00000bb
