# SPDX-License-Identifier: MIT
#
# Typed random calls over the real gate, each compared with the model of the
# contract by the guest that makes them, with DMA of two devices in between. Two
# guests run at once, each from a seed of its own; the seeds are fixed, so that a
# failure comes again.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# usage: replay_start NAME SEED CALLS DEVICE ...
replay_start() {
	replay_name=$1 replay_seed=$2 replay_calls=$3
	shift 3
	replay_pci=
	for replay_device in "$@"; do
		sluice device assign "$replay_device" || return 1
		replay_pci="$replay_pci\"$replay_device,reset=none\","
	done
	guest_file "$replay_name" replay_guest "pci = [ $replay_pci ]"
	sed -i 's/^memory = .*/memory = 16/' "/tmp/$replay_name.cfg"
	sluice guest create "/tmp/$replay_name.cfg" &&
		sluice-probe wait "$replay_name" 1 &&
		sluice-probe argument "$replay_name" 0 "$replay_seed" &&
		sluice-probe argument "$replay_name" 1 "$replay_calls" &&
		sluice-probe argument "$replay_name" 2 "$REPLAY_DMA_EACH" &&
		sluice-probe argument "$replay_name" 3 "$REPLAY_MS" &&
		sluice-probe go "$replay_name" 1
}

# What it says of itself: the numbers, and what went wrong.
replay_tell() {
	tell_calls=$(($(step_aux "$1" $STEP_REPLAY_CALLS)))
	tell_ms=$(($(step_aux "$1" $STEP_REPLAY_TIME)))
	echo "replay: $1: seed $2, $tell_calls calls," \
		"$(($(step_aux "$1" $STEP_REPLAY_SUCCESSES))) succeeded," \
		"$(($(step_aux "$1" $STEP_REPLAY_PROBES))) transfers of devices," \
		"$tell_ms ms, $((tell_calls * 1000 / (tell_ms + 1))) calls/s," \
		"digest $(step_aux "$1" $STEP_REPLAY_DIGEST) of" \
		"$(($(step_aux "$1" $STEP_REPLAY_CHECKED))) sequences"
	sluice-probe text "$1" && return
	echo "    sequence $(step_aux "$1" $STEP_REPLAY_SEQUENCE)," \
		"call $(sluice-probe step "$1" $STEP_REPLAY_SEQUENCE)"
	return 1
}

# usage: replay_ends NAME SEED
replay_ends() {
	sluice-probe wait "$1" 2 $((REPLAY_MS / 1000 + 120))
	replay_tell "$1" "$2" && sluice-probe steps "$1" && holds_nothing "$1"
}

both_start() {
	replay_start one "$REPLAY_SEED" "$REPLAY_CALLS" "$edu1" "$edu2" &&
		replay_start two $((REPLAY_SEED + 1)) "$REPLAY_CALLS" "$edu3" "$edu4"
}

one_agrees() {
	replay_ends one "$REPLAY_SEED"
}

two_agrees() {
	replay_ends two $((REPLAY_SEED + 1))
}

log_is_clean() {
	! sluice log | grep -iE 'panic|assert|check failed|confirm|error'
}

nothing_is_left() {
	sluice guest destroy one && sluice guest destroy two || return 1
	for left in "$edu1" "$edu2" "$edu3" "$edu4"; do
		sluice device release "$left" || return 1
	done
	platform_is "$platform_before"
}

# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1 edu2=$2 edu3=$3 edu4=$4
platform_before=$(platform_baseline "$@")
check guests-start both_start
check first-agrees-with-the-model one_agrees
check second-agrees-with-the-model two_agrees
check log-is-clean log_is_clean
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
