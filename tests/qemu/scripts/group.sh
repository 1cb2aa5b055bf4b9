# SPDX-License-Identifier: MIT
#
# Devices behind bridges: those whose requests carry a bridge's id go to a guest
# together, one behind a port of its own alone, and that is reset by its bus.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# Groups of the list, by number.
groups() {
	sluice device list --json | tr -d ' \t\n' | tr '}' '\n' |
		sed -n 's/.*"group":"\([0-9]*\)".*/\1/p' | sort -nu
}

# Addresses of a group's members, in order.
members() {
	sluice device list --json | tr -d ' \t\n' | tr '}' '\n' |
		grep -F "\"group\":\"$1\"" |
		sed 's/.*"address":"\([^"]*\)".*/\1/'
}

# The bridge or port above a device.
above() {
	basename "$(dirname "$(readlink -f "/sys/bus/pci/devices/$1")")"
}

# The id that requests carry behind the bridge above: of one with a PCI Express
# capability the first of its secondary bus, else its own.
id_behind() {
	id_bridge=$(above "$1")
	if [ "$(cat "/sys/bus/pci/devices/$id_bridge/device")" = 0x000e ]; then
		echo "${1%:*}:00.0"
	else
		echo "$id_bridge"
	fi
}

# Calls with a group's two members. usage: each_group FUNCTION
each_group() {
	[ -n "$(groups)" ] || return 1
	for each_number in $(groups); do
		# One word a member.
		# shellcheck disable=SC2046
		set -- "$1" $(members "$each_number")
		[ $# -eq 3 ] && "$1" "$2" "$3" || return 1
	done
}

share_a_bridge() {
	echo "    $1 and $2 behind $(above "$1"): requests of $(id_behind "$1")"
	[ "$(above "$1")" = "$(above "$2")" ] &&
		row "sluice device list" "\"address\":\"$1\"" '"reset":"none"'
}

# As many groups as bridges to conventional PCI.
groups_are_listed() {
	sluice device list
	bridges=$(cat /sys/bus/pci/devices/*/device | grep -c -e 0x000e -e 0x0001)
	[ "$(groups | wc -l)" -eq "$bridges" ] && [ "$bridges" -ge 1 ] &&
		each_group share_a_bridge
}

alone_is_a_group_by_itself() {
	row "sluice device list" "\"address\":\"$card\"" '"group":null' \
		'"assignable":"yes"' '"reset":"bus"'
}

# usage: refused_with PATTERN FILE: exit code 1 and one line.
refused_with() {
	sluice guest create --paused "$2" 2> /tmp/err
	refused_code=$?
	cat /tmp/err
	[ $refused_code -eq 1 ] && grep -q "$1" /tmp/err &&
		[ "$(wc -l < /tmp/err)" -eq 1 ]
}

# The other member stays where it is, and works; so does the first, given back.
part_is_refused() {
	guest_file part types_guest "pci = [\"$1,reset=none\"]"
	sluice device assign "$1" && refused_with "$1.*$2" /tmp/part.cfg &&
		edu_run "$2" && sluice device release "$1" && edu_run "$1"
}

unreset_is_refused() {
	guest_file dirty types_guest "pci = [\"$1\", \"$2,reset=none\"]"
	sluice device assign "$1" && sluice device assign "$2" &&
		refused_with "$1.*$1,reset=none" /tmp/dirty.cfg &&
		sluice device release "$1" && sluice device release "$2"
}

# usage: strays STAGE DEVICE: its write to an unmapped page is its bridge's.
strays() {
	sluice faults > /dev/null 2>&1
	stage group "$1" && sluice-probe steps group &&
		sluice-probe holds group $PAGE_CANARY $PATTERN_BYTES \
			"$canary_seed" || return 1
	stray_id=$(id_behind "$2")
	stray_guest=$(sluice guest list | awk '$2 == "group" { print $1 }')
	[ "$iommu" = amd ] || within 3 row "sluice faults" \
		"\"device\":\"$stray_id\"" "\"guest\":$stray_guest" \
		'"access":"write"' "\"address\":\"$PAGE_CANARY\""
}

# usage: carried SEED PAGE ...: its pattern is there.
carried() {
	carried_seed=$1
	shift
	for carried_page in "$@"; do
		sluice-probe holds group "$carried_page" $PATTERN_BYTES \
			"$carried_seed" || return 1
	done
}

# Fresh patterns for a round.
fill() {
	source_seed=$(fresh_seed) canary_seed=$(fresh_seed)
	sluice-probe fill group $PAGE_SOURCE $PATTERN_BYTES "$source_seed" &&
		sluice-probe fill group $PAGE_TARGET $PATTERN_BYTES 1 &&
		sluice-probe fill group $PAGE_EARLY $PATTERN_BYTES 1 &&
		sluice-probe fill group $PAGE_CANARY $PATTERN_BYTES "$canary_seed"
}

group_lands() {
	sluice device assign "$1" && sluice device assign "$2" || return 1
	guest_file group group_guest "pci = [\"$1,reset=none\", \"$2,reset=none\"]"
	sluice guest create /tmp/group.cfg && sluice-probe wait group $STAGE_BOTH &&
		fill && stage group $STAGE_BOTH && sluice-probe steps group &&
		carried "$source_seed" $PAGE_TARGET $PAGE_EARLY &&
		strays $STAGE_STRAY_FIRST "$1" && strays $STAGE_STRAY_SECOND "$2" &&
		fill && stage group $STAGE_ONE_LEFT && sluice-probe steps group &&
		carried "$source_seed" $PAGE_EARLY &&
		carried 1 $PAGE_TARGET && group_dies "$1" "$2"
}

# In the middle of transfers of both; all their ids are blocked then.
group_dies() {
	sluice-probe go group $STAGE_HAMMER &&
		sluice-probe wait group $((STAGE_HAMMER + 1)) &&
		tables_are_right && sluice guest destroy group &&
		row "sluice device list" "\"address\":\"$1\"" '"owner":"nobody"' &&
		row "sluice device list" "\"address\":\"$2\"" '"owner":"nobody"' &&
		tables_are_right && died=$((died + 1))
}

destroyed_group_is_blocked() {
	[ "$died" -eq "$bridges" ] && each_group go_home
}

go_home() {
	sluice device release "$1" && sluice device release "$2" &&
		edu_run "$1" && edu_run "$2"
}

# A guest finds the card's register as a reset leaves it, and sets it.
register_is_reset() {
	sluice guest create /tmp/reset.cfg && sluice-probe wait reset 1 &&
		sluice-probe steps reset &&
		echo "    found $(sluice-probe step reset $STEP_AS_FOUND)," \
			"left $(sluice-probe step reset $STEP_AS_SET)" &&
		sluice guest destroy reset
}

bus_reset_clears() {
	guest_file reset reset_guest "pci = [\"$card\"]"
	sluice device assign "$card" && register_is_reset &&
		row "sluice device list" "\"address\":\"$card\"" \
			'"state":"resetting"' && register_is_reset &&
		sluice device release "$card"
}

# Its requests are its own, and nothing else's.
alone_lands() {
	guest_file alone dma_guest "pci = [\"$own\"]"
	sluice device assign "$own" && sluice guest create /tmp/alone.cfg &&
		sluice-probe wait alone $STAGE_CREATE &&
		sluice-probe fill alone $PAGE_SOURCE $PATTERN_BYTES 7 &&
		stage alone $STAGE_CREATE && stage alone $STAGE_COPY &&
		sluice-probe holds alone $PAGE_TARGET $PATTERN_BYTES 7 &&
		sluice faults > /dev/null && stage alone $STAGE_WRITE &&
		fault_is_shown "$own" write $PAGE_CANARY &&
		sluice-probe steps alone && sluice guest destroy alone &&
		sluice device release "$own"
}

nothing_is_left() {
	platform_is "$platform_before"
}

card=$(of_ids 0x80860x100e)
# An edu behind a port of its own, where the machine has one.
own=$(edu_addresses | grep ':00\.0$')
died=0
# shellcheck disable=SC2046
platform_before=$(platform_baseline $(edu_addresses) "$card")
check groups-are-listed groups_are_listed
check alone-is-a-group-by-itself alone_is_a_group_by_itself
check part-of-a-group-is-refused each_group part_is_refused
check group-without-reset-is-refused each_group unreset_is_refused
check group-lands-through-its-bridge each_group group_lands
check destroyed-group-is-blocked destroyed_group_is_blocked
check bus-reset-clears-the-device bus_reset_clears
[ -z "$own" ] || check alone-lands alone_lands
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
