# SPDX-License-Identifier: MIT
#
# The lines that tests/qemu/run counts: "check: NAME: ok" or "... FAILED".

check_names=0
check_failures=0

# usage: check NAME FUNCTION [WORD ...]
check() {
	check_name=$1
	shift
	check_names=$((check_names + 1))
	if "$@"; then
		echo "check: $check_name: ok"
	else
		check_failures=$((check_failures + 1))
		echo "check: $check_name: FAILED"
		echo "    the kernel's last words, then the hypervisor's:"
		dmesg | tail -n 5
		sluice log 2>&1 | tail -n 10
	fi
}

check_end() {
	echo "check: end: $check_names done, $check_failures failed"
	[ $check_failures -eq 0 ]
}
