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

device_interrupts_come() {
	stage_is_right bus $STAGE_MSI
}

# A neighbour with a device and interrupts of its own takes none of them.
foreign_messages_are_dropped() {
	guest_file next pci_guest "pci = [\"$edu2,reset=none\"]"
	sluice guest create /tmp/next.cfg && sluice-probe wait next $STAGE_BUS &&
		stage_is_right next $STAGE_BUS && stage_is_right next $STAGE_OWN &&
		stage_is_right bus $STAGE_FOREIGN &&
		stage_is_right bus $STAGE_FORGED &&
		stage_is_right next $STAGE_MSI
}

# The device of a guest that is gone, given to another: it gets none of what
# the first had programmed, and programs its own.
next_owner_gets_its_own() {
	sluice-probe go bus $STAGE_PCI_END && sluice-probe wait bus end &&
		sluice guest destroy bus && sluice guest create /tmp/bus.cfg &&
		sluice-probe wait bus $STAGE_BUS && stage_is_right bus $STAGE_BUS &&
		stage_is_right bus $STAGE_OWN && stage_is_right bus $STAGE_MSI &&
		stage_is_right next $STAGE_FOREIGN && sluice guest destroy next
}

# The controller of the first NVMe, whose table of messages is MSI-X.
nvme_address() {
	for nvme_path in /sys/bus/pci/devices/*; do
		if [ "$(cat "$nvme_path/class")" = 0x010802 ]; then
			basename "$nvme_path"
		fi
	done | head -n 1
}

table_is_emulated() {
	guest_file nvme nvme_guest "pci = [\"$nvme\"]"
	sluice guest create /tmp/nvme.cfg && sluice-probe wait nvme 1 &&
		stage_is_right nvme 1
}

foreign_entries_are_dropped() {
	stage_is_right nvme 2
}

# An instruction on the table's page that is not understood.
other_instructions_end_it() {
	sluice-probe go nvme 3 && within 5 state_is nvme 'crashed(3)' &&
		sluice log | tail -n 1 && sluice guest destroy nvme &&
		sluice device release "$nvme"
}

nothing_is_left() {
	sluice device release "$edu2" && sluice guest destroy bus && sluice device release "$edu1" &&
		platform_is "$platform_before"
}

# One word an address.
# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1 edu2=$2
nvme=$(nvme_address)
platform_before=$(platform_baseline "$@" "$nvme")
sluice device assign "$edu1" && sluice device assign "$edu2" &&
	sluice device assign "$nvme"
check bus-shows-own-devices bus_shows_own_devices
check own-interrupts-come own_interrupts_come
check device-interrupts-come device_interrupts_come
check foreign-messages-are-dropped foreign_messages_are_dropped
check next-owner-gets-its-own next_owner_gets_its_own
check table-is-emulated table_is_emulated
check foreign-entries-are-dropped foreign_entries_are_dropped
check other-instructions-end-it other_instructions_end_it
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
