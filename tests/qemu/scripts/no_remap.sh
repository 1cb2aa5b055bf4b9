# SPDX-License-Identifier: MIT
#
# An IOMMU that does not remap interrupts: a guest gets a device behind it only
# if its file accepts that, and then all goes as usual.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

list_says_unsafe() {
	sluice device list
	row "sluice device list" "\"address\":\"$edu\"" '"interrupts":"unsafe"'
}

# One line that names the device, the reason, and what to write.
guest_is_refused() {
	guest_file plain types_guest "pci = [\"$edu,reset=none\"]"
	sluice device assign "$edu" || return 1
	sluice guest create --paused /tmp/plain.cfg 2> /tmp/err && return 1
	cat /tmp/err
	grep -q "$edu.*interrupts.*$edu,interrupts=unsafe" /tmp/err &&
		[ "$(wc -l < /tmp/err)" -eq 1 ]
}

guest_that_accepts_it_runs() {
	guest_file open types_guest \
		"pci = [\"$edu,reset=none,interrupts=unsafe\"]"
	sluice guest create --paused /tmp/open.cfg && sluice guest destroy open &&
		sluice device release "$edu" && edu_run "$edu"
}

edu=$(edu_addresses)
check list-says-unsafe list_says_unsafe
check guest-is-refused guest_is_refused
check guest-that-accepts-it-runs guest_that_accepts_it_runs
check_end
