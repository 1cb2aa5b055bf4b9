# SPDX-License-Identifier: MIT
#
# What one boot with three CPUs, three edu devices and a disk can show beyond
# the story. Order: the control domain alone, two guests, single guests, and at
# the end that nothing is left.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

iommu_is_hidden() {
	[ -e /sys/firmware/acpi/tables/FACP ] &&
		[ ! -e /sys/firmware/acpi/tables/DMAR ] &&
		[ ! -e /sys/firmware/acpi/tables/IVRS ]
}

disk_is_read() {
	within 10 [ -b /dev/sda ] &&
		[ "$(md5sum < /dev/sda | cut -d ' ' -f 1)" = "$(cat /etc/sluice/disk.md5)" ]
}

# edu_run's exit codes: 0 bytes arrived, 3 nothing did.
own_device_works() {
	edu_run "$edu3"
}

# The hypervisor lies from 2 to 16 MiB, the guests' pool from control_mem= on.
foreign_memory_is_closed() {
	for closed in 0x200000 0xfff000 0x20000000 0x30000000; do
		edu_run "$edu3" $closed
		[ $? -eq 3 ] && fault_is_shown "$edu3" read $closed || return 1
	done
}

nmi_count() {
	sed -n 's/^ *NMI: *\([0-9]*\) .*/\1/p' /proc/interrupts
}

# Messages by DMA. VT-d: of the format that is remapped, to an entry that is not
# set; QEMU lets the other format pass, and takes DMA for 0000:ff:1f.7's. AMD: NMI, INIT, a page fault (vector 14), which
# QEMU looks up as the I/O APIC's; what came through would show here at once.
forged_interrupts_are_dropped() {
	nmis=$(nmi_count)
	if [ "$iommu" = amd ]; then
		for message in 0x400 0x500 0x00e; do
			edu_run "$edu3" 0xfee00000 $message || return 1
		done
	else
		edu_run "$edu3" 0xfee00018 0 &&
			within 3 row "sluice faults" '"access":"write"' \
				'"kind":"interrupt"' '"address":"0xfee00000"' ||
			return 1
	fi
	echo "    NMIs before: $nmis, after: $(nmi_count)"
	[ -n "$nmis" ] && [ "$(nmi_count)" = "$nmis" ]
}

# Seconds on the hypervisor's clock, by a line that it writes now.
clock_now() {
	sluice guest create --paused /tmp/first.cfg > /dev/null &&
		sluice guest destroy first &&
		sluice log | sed -n 's/^\[ *\([0-9]*\)\..* destroyed$/\1/p' |
		tail -n 1
}

# Nobody asks for 4 s; the record is as old as the fault all the same, so the
# unit's message was taken: by the first CPU for guests, idle or with a guest.
# usage: fault_is_announced ADDRESS
fault_is_announced() {
	edu_run "$edu3" "$1"
	[ $? -eq 3 ] || return 1
	sleep 4
	announced_now=$(clock_now) || return 1
	announced_at=$(sluice faults | awk -v at="$1" '$6 == at { print $2 }')
	echo "    recorded at ${announced_at:-no time}, now $announced_now s"
	[ "$iommu" = amd ] ||
		[ $((announced_now - ${announced_at:-0} / 1000000000)) -ge 3 ]
}

# Nobody's device: Linux cannot even reach its registers; given back, it works.
quarantine_takes_registers() {
	sluice device assign "$edu3" || return 1
	edu_run "$edu3" 2> /dev/null && return 1
	sluice device release "$edu3" && edu_run "$edu3"
}

# usage: exits CODE COMMAND ...: and it says one line that names the thing.
exits() {
	exits_code=$1
	shift
	"$@" > /tmp/out 2> /tmp/err
	exits_was=$?
	cat /tmp/err
	[ $exits_was -eq "$exits_code" ] && [ "$(wc -l < /tmp/err)" -eq 1 ]
}

bad_usage_is_told() {
	echo 'name = "x' > /tmp/broken.cfg
	guest_file lost no_such_guest
	guest_file wrong types_guest 'pci = ["nonsense"]'
	guest_file forbidden types_guest 'dma_types = ["all"]'
	exits 2 sluice && exits 2 sluice nonsense && exits 2 sluice guest &&
		exits 2 sluice guest create && exits 2 sluice info --nonsense &&
		exits 2 sluice device assign nonsense &&
		exits 1 sluice device assign 7f:1f.7 &&
		exits 1 sluice guest create /nowhere.cfg &&
		exits 2 sluice guest create /tmp/broken.cfg &&
		exits 2 sluice guest create /tmp/wrong.cfg &&
		exits 2 sluice guest create /tmp/forbidden.cfg &&
		exits 1 sluice guest create /tmp/lost.cfg &&
		exits 1 sluice guest destroy nobody && sluice --help > /dev/null
}

two_guests_start() {
	sluice device assign "$edu1" && sluice device assign "$edu2" || return 1
	guest_file one dma_guest "pci = [\"$edu1,reset=none\"]"
	guest_file two hostile_guest "pci = [\"$edu2,reset=none\"]"
	sluice guest create /tmp/one.cfg && sluice guest create /tmp/two.cfg &&
		sluice-probe wait one $STAGE_CREATE && sluice-probe wait two 1 &&
		both_beat
}

both_beat() {
	sluice-probe beat one && sluice-probe beat two
}

# The guests' CPUs: no interrupt, INIT or SIPI of the control domain reaches
# them, and Linux cannot bring them up as its own.
icr_is_filtered() {
	icr_writes && both_beat
}

hotplug_is_refused() {
	# Linux gives up on a CPU that does not come after 10 s.
	online=/sys/devices/system/cpu/cpu1/online
	[ ! -e $online ] || echo 1 > $online 2> /dev/null
	grep -c ^processor /proc/cpuinfo | grep -qx 1 && both_beat
}

machine_address_word() {
	# 0000:BB:DD.F as SLUICE_SBDF() builds it.
	echo "$1" | { IFS=:. read -r _ bus device function
		echo $((0x$bus << 8 | 0x$device << 3 | 0x$function)); }
}

# Assigned, attached to nothing, and bus-master on: what stops it is the IOMMU.
unattached_is_blocked() {
	seed=$(fresh_seed)
	sluice-probe fill one $PAGE_EARLY 4096 "$seed" &&
		printf '\006' | dd of="/sys/bus/pci/devices/$edu1/config" bs=1 \
			seek=4 count=1 conv=notrunc 2> /dev/null &&
		stage one $STAGE_CREATE &&
		fault_is_shown "$edu1" write $PAGE_EARLY &&
		sluice-probe holds one $PAGE_EARLY 4096 "$seed"
}

# Of its transfers only the first is asked for: a unit has one fault record, and
# the hypervisor empties it when it is read.
hostile_gets_nothing() {
	seed=$(fresh_seed)
	sluice-probe fill one $PAGE_CANARY 4096 "$seed" &&
		sluice-probe fill one $PAGE_SOURCE 4096 "$seed" &&
		sluice-probe fill one $PAGE_TARGET 4096 "$seed" || return 1
	one_id=$(sluice guest list | awk '$2 == "one" { print $1 }')
	before=$(sluice-probe inventory one)
	sluice-probe argument two 0 "$(step_aux one $STEP_CREATE)" &&
		sluice-probe argument two 1 "$(step_aux one $STEP_TOKEN)" &&
		sluice-probe argument two 2 "$(machine_address_word "$edu1")" &&
		sluice-probe argument two 3 "$one_id" &&
		stage two 1 && sluice-probe steps two &&
		[ "$(sluice-probe inventory one)" = "$before" ] &&
		sluice-probe holds one $PAGE_SOURCE 4096 "$seed" &&
		sluice-probe holds one $PAGE_TARGET 4096 "$seed" &&
		fault_is_shown "$edu2" write $LOGICAL_TARGET && both_beat
}

victim_goes_on() {
	for next in $STAGE_COPY $STAGE_WRITE $STAGE_READ $STAGE_UNMAP \
		$STAGE_DELETE; do
		stage one "$next" || return 1
	done
	sluice-probe steps one && holds_nothing one
}

two_guests_end() {
	sluice-probe go one $STAGE_LEAVE && sluice-probe go two 2 &&
		sluice-probe wait one end && sluice-probe wait two end &&
		within 3 state_is one 'shutdown(0)' &&
		within 3 state_is two 'shutdown(0)' &&
		sluice guest destroy one && sluice guest destroy two
}

# A guest that tries a table of wrong calls; its steps must all be as wanted.
# usage: table_guest PROGRAM [LINE ...]
table_guest() {
	guest_file table "$@"
	sluice guest create /tmp/table.cfg || return 1
	sluice-probe wait table 1 && stage table 1 &&
		sluice-probe steps table && holds_nothing table &&
		sluice-probe go table 2 && sluice-probe wait table end
	table_result=$?
	sluice guest destroy table && return $table_result
}

arguments_are_checked() {
	table_guest argument_guest "pci = [\"$edu1,reset=none\"]"
}

gate_is_kept() {
	table_guest gate_guest
}

# The same 64-bit guest, in a machine of either type.
# usage: types_guest MASK [LINE ...]
types_guest() {
	types_mask=$1
	shift
	guest_file types types_guest "$@"
	sluice guest create /tmp/types.cfg || return 1
	types_are "$types_mask" && stage types 1 && holds_nothing types
	types_result=$?
	sluice guest destroy types && return $types_result
}

types_follow_policy() {
	types_guest 1110 && types_guest 0100 'dma_types = ["passthrough"]' &&
		types_guest 0000 'dma_types = []' && types_guest 0000 'machine = "x86"'
}

# usage: crash NUMBER NAME ENDING, from guests/crash.h
crash() {
	sluice guest create /tmp/crash.cfg > /dev/null &&
		sluice-probe wait crash 1 && sluice-probe argument crash 0 "$1" &&
		sluice-probe go crash 1 && sluice-probe wait crash end || return 1
	crash_state=$(sluice-probe state crash)
	crash_value=$(sluice-probe step crash $((CRASH_STEP + $1)) | cut -d ' ' -f 1)
	echo "    $2: $crash_state ${crash_value:-no step}"
	case $3:$crash_state:$crash_value in
	*:crashed\(3\):) ;;
	ud:*:0x00000007) ;;
	any:*) ;;
	*) return 1 ;;
	esac
	sluice guest destroy crash && sluice-probe beat neighbour
}

crashes_stay_inside() {
	guest_file neighbour dma_guest "pci = [\"$edu1,reset=none\"]"
	guest_file crash crash_guest
	sluice guest create /tmp/neighbour.cfg &&
		sluice-probe wait neighbour $STAGE_CREATE || return 1
	while read -r crash_number crash_name crash_ending; do
		crash "$crash_number" "$crash_name" "$crash_ending" < /dev/null ||
			return 1
	done < /etc/sluice/crashes
	sluice guest destroy neighbour
}

# The device's last transfer, of 100 ms, is still under way when its guest is
# gone; what its pages hold next does not change for 5 s.
destroy_stops_dma() {
	guest_file busy busy_guest "pci = [\"$edu1,reset=none\"]"
	guest_file heir types_guest
	sluice guest create /tmp/busy.cfg && sluice-probe wait busy 1 &&
		sluice-probe steps busy && sluice-probe go busy 1 || return 1
	usleep 250000
	seed=$(fresh_seed)
	sluice guest destroy busy && sluice guest create --paused /tmp/heir.cfg &&
		sluice-probe fill heir 0x200000 0x580000 "$seed" || return 1
	sleep 5
	sluice-probe holds heir 0x200000 0x580000 "$seed" &&
		sluice guest destroy heir
}

nothing_is_left() {
	sluice device release "$edu1" && sluice device release "$edu2" || return 1
	platform_is "$platform_before"
}

# One word an address.
# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1 edu2=$2 edu3=$3
platform_before=$(platform_baseline "$@")
check iommu-is-hidden iommu_is_hidden
check disk-is-read disk_is_read
check own-device-works own_device_works
check forged-interrupts-are-dropped forged_interrupts_are_dropped
check foreign-memory-is-closed foreign_memory_is_closed
check fault-is-announced fault_is_announced 0x201000
check quarantine-takes-registers quarantine_takes_registers
check xen-calls xen_calls
check bad-usage-is-told bad_usage_is_told
check two-guests-start two_guests_start
check fault-beside-guests fault_is_announced 0x202000
check icr-is-filtered icr_is_filtered
check hotplug-is-refused hotplug_is_refused
check unattached-is-blocked unattached_is_blocked
check hostile-gets-nothing hostile_gets_nothing
check victim-goes-on victim_goes_on
check two-guests-end two_guests_end
check arguments-are-checked arguments_are_checked
check gate-is-kept gate_is_kept
check types-follow-policy types_follow_policy
check crashes-stay-inside crashes_stay_inside
check destroy-stops-dma destroy_stops_dma
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
