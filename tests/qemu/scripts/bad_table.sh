# SPDX-License-Identifier: MIT
#
# A machine whose firmware describes an IOMMU by a malformed table: the control
# domain boots, a line names the byte, nothing can be assigned, and `sluice`
# says why wherever one asks.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

info_says_why() {
	sluice info > /tmp/info 2>&1
	info_code=$?
	cat /tmp/info
	[ $info_code -eq 3 ] &&
		grep -q "the firmware's IOMMU table is malformed" /tmp/info
}

log_names_the_byte() {
	sluice log | grep -E '(dmar|ivrs): table at [0-9a-f]+, byte 48: .* of a bad length'
}

list_says_why() {
	sluice device list --json > /tmp/list &&
		grep -q "the firmware's IOMMU table is malformed" /tmp/list &&
		! grep -q '"assignable": *"yes"' /tmp/list
}

types_are_refused() {
	guest_file types types_guest
	sluice guest create /tmp/types.cfg && types_are 0000 &&
		holds_nothing types && sluice-probe go types 2 &&
		sluice-probe wait types end && sluice guest destroy types
}

device_is_refused() {
	! sluice device assign "$(edu_addresses | head -n 1)"
}

check info-says-why info_says_why
check log-names-the-byte log_names_the_byte
check list-says-why list_says_why
check create-is-not-supported types_are_refused
check device-stays device_is_refused
check_end
