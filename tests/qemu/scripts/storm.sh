# SPDX-License-Identifier: MIT
#
# A device faults as fast as its guest can make it, and what that costs a guest
# beside it. The machine's time is that of its instructions, so operations in
# equal times of it compare, however busy the host is: with a storm, and with
# the same work of the same guest when nothing is blocked.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# Per cent of its operations that another guest keeps at least.
KEPT=80

# Lines that one guest may cause in a second (hypervisor/base/log.h).
LINES_A_SECOND=16

# The worker comes first: its CPU is the one that faults are announced to.
guests_start() {
	sluice device assign "$edu" && sluice device assign "$card" || return 1
	guest_file worker worker_guest "pci = [\"$edu,reset=none\"]"
	guest_file storm storm_guest "pci = [\"$card,reset=none\"]"
	sluice guest create /tmp/worker.cfg &&
		sluice guest create /tmp/storm.cfg &&
		sluice-probe wait worker $STAGE_QUIET &&
		sluice-probe wait storm $STAGE_QUIET
}

# The second word of a step, as a number. usage: count GUEST STEP NTH
count() {
	count_words=$(sluice-probe step "$1" "$2" "$3") && echo $((${count_words#* }))
}

# Operations of the worker in its time, while the card's guest is in a stage.
# usage: measure STAGE
measure() {
	sluice-probe go storm "$1" && sluice-probe wait storm $(($1 + 1)) &&
		sluice-probe go worker "$1" &&
		sluice-probe wait worker $(($1 + 1)) 90 &&
		step_is worker $STEP_WORK 0x00000001 $(($1 - 1)) &&
		operations=$(count worker $STEP_WORK $(($1 - 1)))
}

# usage: keeps_rate QUIET STORM
keeps_rate() {
	echo "    operations: $1 without faults, $2 with them"
	[ "$1" -ge 100 ] && [ $(($2 * 100)) -ge $(($1 * KEPT)) ]
}

# How often was a device silenced? It is told beside the table.
storms() {
	storms_told=$(sluice faults 2>&1 > /dev/null |
		sed -n 's/.* faults: \([0-9]*\) times a device .*/\1/p')
	echo "${storms_told:-0}"
}

# Records so far, lost ones included.
records() {
	records_last=$(sluice faults 2> /dev/null | tail -n 1 | cut -c 1-9 | tr -d ' ')
	case $records_last in
	SEQUENCE | '') echo 0 ;;
	*) echo $((records_last + 1)) ;;
	esac
}

lines() {
	sluice log | grep -c "DMA faults within 100 ms"
}

others_keep_their_rate() {
	measure $STAGE_QUIET && quiet=$operations &&
		measure $STAGE_QUIET_ANEW && quiet_anew=$operations &&
		[ "$(records)" -eq 0 ] && measure $STAGE_STORM &&
		keeps_rate "$quiet" "$operations"
}

# Of some ten thousand blocked accesses: one burst of records, one line.
storm_is_silenced() {
	echo "    $(records) records, silenced $(storms) times, $(lines) lines"
	[ "$(records)" -eq 64 ] && [ "$(storms)" -eq 1 ] &&
		[ "$(lines)" -eq 1 ] &&
		fault_seen "$card" read "$(printf 0x%x $((LOGICAL_SOURCE)))"
}

# A guest may detach and attach as it likes: that is no way out.
attaching_anew_does_not_help() {
	anew_records=$(records) anew_began=$(cut -d . -f 1 /proc/uptime)
	measure $STAGE_STORM_ANEW && keeps_rate "$quiet_anew" "$operations" &&
		sluice-probe go storm $STAGE_STORM_END &&
		sluice-probe wait storm end && sluice-probe steps storm || return 1
	anew_records=$(($(records) - anew_records))
	anew_seconds=$(($(cut -d . -f 1 /proc/uptime) - anew_began + 1))
	rings=$(count storm $STEP_RINGS 2) anew_rings=$(count storm $STEP_RINGS 3)
	echo "    $rings rings, then $anew_rings, attached anew" \
		"$(count storm $STEP_ATTACHMENTS 3) times"
	[ "$rings" -ge 1000 ] && [ "$anew_rings" -ge 1000 ]
}

# Each time it is one record, and no more lines than a guest may cause.
each_time_is_silenced() {
	echo "    $anew_records records, silenced $(storms) times," \
		"$(lines) lines in $anew_seconds s"
	[ $((anew_records * 4)) -le "$anew_rings" ] && [ "$(storms)" -ge 2 ] &&
		[ "$(lines)" -le $(((anew_seconds + 1) * LINES_A_SECOND)) ]
}

nothing_is_left() {
	sluice-probe go worker $STAGE_STORM_END &&
		sluice-probe wait worker end && sluice-probe steps worker &&
		sluice guest destroy worker && sluice guest destroy storm &&
		sluice device release "$edu" && sluice device release "$card" &&
		platform_is "$platform_before"
}

edu=$(of_ids 0x12340x11e8)
card=$(of_ids 0x80860x100e)
platform_before=$(platform_baseline "$edu" "$card")
check guests-start guests_start
check others-keep-their-rate others_keep_their_rate
# QEMU's AMD IOMMU records nothing that could be silenced.
[ "$iommu" = amd ] || check storm-is-silenced storm_is_silenced
check attaching-anew-does-not-help attaching_anew_does_not_help
[ "$iommu" = amd ] || check each-time-is-silenced each_time_is_silenced
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
