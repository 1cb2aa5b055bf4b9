# SPDX-License-Identifier: MIT
#
# Guests and toolstack killed at any moment. A guest that makes random calls and
# DMA is destroyed after a random time, again and again, while another one goes
# on. Each command of the toolstack is killed before each of its system calls
# that change something (control/kill_at.c): the next command lists the truth and
# cleans up.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# usage: replay_runs NAME SEED CALLS DEVICE: from guests/replay_guest.c
replay_runs() {
	guest_file "$1" replay_guest "pci = [ \"$4,reset=none\" ]"
	sed -i 's/^memory = .*/memory = 16/' "/tmp/$1.cfg"
	sluice guest create "/tmp/$1.cfg" > /dev/null &&
		sluice-probe wait "$1" 1 && sluice-probe argument "$1" 0 "$2" &&
		sluice-probe argument "$1" 1 "$3" &&
		sluice-probe argument "$1" 2 3 &&
		sluice-probe argument "$1" 3 600000 && sluice-probe go "$1" 1
}

# usage: owner_is ADDRESS OWNER
owner_is() {
	row "sluice device list" "\"address\":\"$1\"" "\"owner\":\"$2\""
}

# Of the platform's counts those that a guest which goes on does not change.
steady_counts() {
	sluice-probe platform | sed 's/asids=[0-9]* //; s/ hypervisor=.*//'
}

guests_start() {
	sluice device assign "$edu1" && sluice device assign "$edu2" &&
		replay_runs neighbour 7 100000000 "$edu1" || return 1
	with_neighbour=$(steady_counts)
}

guests_die() {
	kill_round=0
	while [ $kill_round -lt "$KILL_ROUNDS" ]; do
		kill_round=$((kill_round + 1))
		replay_runs mortal $kill_round 100000000 "$edu2" || return 1
		usleep $(($(fresh_seed) % 400000))
		kill_calls=$(sluice-probe inventory mortal)
		sluice guest destroy mortal || return 1
		owner_is "$edu2" nobody && sluice-probe beat neighbour || return 1
		if [ "$(steady_counts)" != "$with_neighbour" ]; then
			echo "    round $kill_round, killed with $kill_calls:"
			echo "    $with_neighbour before, $(steady_counts) after"
			return 1
		fi
	done
	echo "    $kill_round guests destroyed, the last with $kill_calls"
	tables_are_right
}

neighbour_agrees() {
	[ "$(sluice-probe state neighbour)" = running ] &&
		sluice-probe text neighbour && sluice guest destroy neighbour &&
		sluice device release "$edu1" && sluice device release "$edu2"
}

# Calls FUNCTION after a kill at each point, until the command is done.
# usage: kill_everywhere PREPARE FUNCTION COMMAND [WORD ...]
kill_everywhere() {
	kill_prepare=$1 kill_after=$2 kill_at=0
	shift 2
	while :; do
		kill_at=$((kill_at + KILL_STEP))
		$kill_prepare || { echo "    cannot prepare for $kill_at"; return 1; }
		kill_at $kill_at "$@" > /tmp/killed 2>&1
		kill_code=$?
		if ! $kill_after; then
			echo "    after a kill before call $kill_at of: $*"
			sluice guest list
			sluice device list
			return 1
		fi
		[ $kill_code -eq 0 ] || break
	done
	tail -n 1 /tmp/killed
	echo "    $((kill_at / KILL_STEP - 1)) kills of: $*"
	[ $kill_code -eq 3 ] && grep -q 'exit code 0$' /tmp/killed
}

# After a kill the device is the control domain's or nobody's, and the list says
# which; both lead on.
device_comes_back() {
	if owner_is "$edu3" nobody; then
		sluice device release "$edu3" || return 1
	else
		owner_is "$edu3" 0 && sluice device assign "$edu3" &&
			owner_is "$edu3" nobody && sluice device release "$edu3" ||
			return 1
	fi
	owner_is "$edu3" 0
}

device_is_given() {
	owner_is "$edu3" nobody || sluice device assign "$edu3"
}

nothing_to_do() {
	:
}

assign_is_killed() {
	kill_everywhere nothing_to_do device_comes_back \
		sluice device assign "$edu3"
}

release_is_killed() {
	kill_everywhere device_is_given device_comes_back \
		sluice device release "$edu3"
}

# A guest that is there can be destroyed; one that is not is said to be absent.
guest_goes() {
	if sluice guest list | grep -q ' victim '; then
		sluice guest destroy victim || return 1
	else
		sluice guest destroy victim 2> /tmp/err
		[ $? -eq 1 ] && grep -q victim /tmp/err || return 1
	fi
	! sluice guest list | grep -q ' victim ' && owner_is "$edu3" nobody &&
		[ "$(sluice-probe platform)" = "$with_device" ] && return
	platform_is "$with_device"
	return 1
}

victim_runs() {
	sluice guest create /tmp/victim.cfg > /dev/null &&
		sluice-probe wait victim $STAGE_CREATE &&
		stage victim $STAGE_CREATE
}

create_is_killed() {
	device_is_given || return 1
	guest_file victim dma_guest "pci = [ \"$edu3,reset=none\" ]"
	sed -i 's/^memory = .*/memory = 4/' /tmp/victim.cfg
	with_device=$(sluice-probe platform)
	kill_everywhere nothing_to_do guest_goes \
		sluice guest create /tmp/victim.cfg
}

destroy_is_killed() {
	kill_everywhere victim_runs guest_goes sluice guest destroy victim
}

log_is_clean() {
	! sluice log | grep -iE 'panic|check failed|no unit confirms|error'
}

nothing_is_left() {
	sluice device release "$edu3" && edu_run "$edu3" && log_is_clean &&
		platform_is "$platform_before"
}

# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1 edu2=$2 edu3=$3
platform_before=$(platform_baseline "$@")
check guests-start guests_start
check guests-die-at-any-moment guests_die
check neighbour-agrees-with-the-model neighbour_agrees
check assign-is-killed assign_is_killed
check release-is-killed release_is_killed
check create-is-killed create_is_killed
check destroy-is-killed destroy_is_killed
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
