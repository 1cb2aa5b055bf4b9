# SPDX-License-Identifier: MIT
#
# A guest drives its device as on a bare machine: it finds it on its own PCI
# bus, and takes interrupts at its own local APIC.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# usage: stage_is_right GUEST STAGE: and no step had another value than wanted.
stage_is_right() {
	stage "$1" "$2"
	stage_result=$?
	sluice-probe steps "$1" && return $stage_result
}

bus_shows_own_devices() {
	guest_file bus pci_guest "pci = [\"$edu1,reset=none\"]"
	sluice guest create /tmp/bus.cfg && sluice-probe wait bus $STAGE_BUS &&
		stage_is_right bus $STAGE_BUS
}

own_interrupts_come() {
	stage_is_right bus $STAGE_OWN
}

nothing_is_left() {
	sluice-probe go bus $STAGE_PCI_END && sluice-probe wait bus end &&
		sluice guest destroy bus && sluice device release "$edu1" &&
		platform_is "$platform_before"
}

# One word an address.
# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1
platform_before=$(platform_baseline "$@")
sluice device assign "$edu1"
check bus-shows-own-devices bus_shows_own_devices
check own-interrupts-come own_interrupts_come
check nothing-is-left nothing_is_left
check_end
