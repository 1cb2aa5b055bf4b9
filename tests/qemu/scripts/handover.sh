# SPDX-License-Identifier: MIT
#
# What the hypervisor does to a device between two owners: an nvme has a
# function-level reset, an edu has none.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# The address of the first function of a class.
of_class() {
	for class_path in /sys/bus/pci/devices/*; do
		if [ "$(cat "$class_path/class")" = "$1" ]; then
			basename "$class_path"
			return 0
		fi
	done
	return 1
}

# Bytes of configuration space, in hexadecimal. usage: config DEVICE AT COUNT
config() {
	od -An -v -tx1 -j "$2" -N "$3" "/sys/bus/pci/devices/$1/config" |
		tr -d ' \n'
}

# Machine address of the first register range.
registers() {
	head -n 1 "/sys/bus/pci/devices/$1/resource" | cut -d ' ' -f 1
}

# usage: listed DEVICE WAY STATE
listed() {
	row "sluice device list" "\"address\":\"$1\"" "\"reset\":\"$2\"" \
		"\"state\":\"$3\""
}

ways_are_listed() {
	sluice device list
	listed "$nvme" flr in-use && listed "$edu1" none in-use
}

# Out and, after its reset has begun, home again: what a driver had set inside
# is gone, and the configuration that a reset takes away is back.
# usage: resets DEVICE REGISTER VALUE
resets() {
	reset_at=$(($(registers "$1") + $2))
	printf '\007' | dd of="/sys/bus/pci/devices/$1/config" bs=1 seek=4 \
		count=1 conv=notrunc 2> /dev/null
	reset_clean=$(devmem $reset_at 32)
	devmem $reset_at 32 "$3"
	reset_was=$(config "$1" 16 36)
	echo "    inside: $reset_clean, set to $(devmem $reset_at 32);" \
		"BARs: $reset_was"
	[ "$(devmem $reset_at 32)" = "$3" ] && sluice device assign "$1" &&
		sluice device release "$1" || return 1
	echo "    inside: $(devmem $reset_at 32); BARs: $(config "$1" 16 36);" \
		"command: $(config "$1" 4 1)"
	[ "$(devmem $reset_at 32)" = 0x00000000 ] &&
		[ "$(config "$1" 16 36)" = "$reset_was" ] &&
		[ "$(config "$1" 4 1)" = 03 ]
}

# Controller configuration: not enabled, but with entry sizes.
flr_resets_and_restores() {
	resets "$nvme" 0x14 0x00460000
}

# A guest's file need not waive anything; the guest goes, the reset comes.
guest_gets_it_reset() {
	guest_file reset types_guest "pci = [\"$nvme\"]"
	sluice device assign "$nvme" &&
		sluice guest create --paused /tmp/reset.cfg &&
		listed "$nvme" flr in-use && sluice guest destroy reset &&
		listed "$nvme" flr resetting || return 1
	sluice guest create --paused /tmp/reset.cfg &&
		sluice guest destroy reset && sluice device release "$nvme" &&
		listed "$nvme" flr in-use
}

# One line that names the device and what to write.
without_reset_is_refused() {
	guest_file dirty types_guest "pci = [\"$edu1\"]"
	sluice device assign "$edu1" && listed "$edu1" none as-left || return 1
	sluice guest create --paused /tmp/dirty.cfg 2> /tmp/err && return 1
	cat /tmp/err
	grep -q "$edu1.*$edu1,reset=none" /tmp/err &&
		[ "$(wc -l < /tmp/err)" -eq 1 ] || return 1
	guest_file dirty types_guest "pci = [\"$edu1,reset=none\"]"
	sluice guest create --paused /tmp/dirty.cfg &&
		sluice guest destroy dirty && sluice device release "$edu1"
}

nothing_is_left() {
	platform_is "$platform_before"
}

nvme=$(of_class 0x010802)
edu1=$(edu_addresses)
platform_before=$(platform_baseline "$nvme" "$edu1")
check ways-are-listed ways_are_listed
check flr-resets-and-restores flr_resets_and_restores
check guest-gets-it-reset guest_gets_it_reset
check without-reset-is-refused without_reset_is_refused
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
