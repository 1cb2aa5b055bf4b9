# SPDX-License-Identifier: MIT
#
# The same kernel and programs with no hypervisor underneath: each command says
# so in one line and exits 3; bad usage is still bad usage.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

says_none() {
	"$@" > /tmp/out 2> /tmp/err
	none_code=$?
	cat /tmp/err
	[ $none_code -eq 3 ] && [ "$(wc -l < /tmp/err)" -eq 1 ] &&
		grep -q 'no hypervisor domain interface' /tmp/err &&
		[ ! -s /tmp/out ]
}

info_says_none() {
	says_none sluice info
}

others_say_none() {
	guest_file types types_guest
	says_none sluice guest list && says_none sluice device list &&
		says_none sluice device audit && says_none sluice faults && says_none sluice log &&
		says_none sluice device assign 00:02.0 &&
		says_none sluice guest create /tmp/types.cfg
}

usage_is_told_first() {
	sluice guest destroy 2> /dev/null
	[ $? -eq 2 ]
}

check info-says-none info_says_none
check others-say-none others_say_none
check usage-is-told-first usage_is_told_first
check_end
