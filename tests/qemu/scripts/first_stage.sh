# SPDX-License-Identifier: MIT
#
# A VT-d unit in scalable mode that walks first-stage tables alone: TranslateS1
# works and Translate is NOT_SUPPORTED. PassThrough is a first-stage table too:
# the control domain's own devices reach its memory and nothing else.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

TYPE_S1=3

unit_is_found() {
	sluice log | grep 'iommu: .*47-bit addresses in 4 levels'
}

disk_is_read() {
	within 10 [ -b /dev/sda ] &&
		[ "$(md5sum < /dev/sda | cut -d ' ' -f 1)" = "$(cat /etc/sluice/disk.md5)" ]
}

# edu_run's exit codes: 0 bytes arrived, 3 nothing did.
own_device_works() {
	edu_run "$edu2"
}

foreign_memory_is_closed() {
	for closed in 0x200000 0xfff000 0x20000000 0x30000000; do
		edu_run "$edu2" $closed
		[ $? -eq 3 ] && within 3 fault_seen "$edu2" read $closed || return 1
	done
}

all_types() {
	guest_file types types_guest
	sluice guest create /tmp/types.cfg && types_are 0111 &&
		sluice-probe go types 1 && sluice-probe wait types 2 &&
		holds_nothing types && sluice guest destroy types
}

dma_lands() {
	guest_file s1 dma_guest "pci = [\"$edu1,reset=none\"]" \
		'dma_types = ["translates1"]'
	seed=$(fresh_seed)
	sluice guest create /tmp/s1.cfg && sluice-probe wait s1 $STAGE_CREATE &&
		sluice-probe argument s1 $ARGUMENT_TYPE $TYPE_S1 &&
		stage s1 $STAGE_CREATE && step_is s1 $STEP_CREATE $SUCCESS &&
		step_is s1 $STEP_ATTACH $SUCCESS &&
		sluice domain list --guest s1 &&
		sluice-probe fill s1 $PAGE_SOURCE $PATTERN_BYTES "$seed" &&
		sluice-probe fill s1 $PAGE_TARGET $PATTERN_BYTES 1 &&
		stage s1 $STAGE_COPY &&
		sluice-probe holds s1 $PAGE_TARGET $PATTERN_BYTES "$seed"
}

write_faults() {
	canary=$(fresh_seed)
	sluice-probe fill s1 $PAGE_CANARY $PATTERN_BYTES "$canary" &&
		stage s1 $STAGE_WRITE &&
		within 3 fault_seen "$edu1" write $PAGE_CANARY &&
		sluice-probe holds s1 $PAGE_CANARY $PATTERN_BYTES "$canary" &&
		sluice faults
}

read_faults() {
	stage s1 $STAGE_READ && within 3 fault_seen "$edu1" read $PAGE_CANARY &&
		! sluice-probe holds s1 $PAGE_TARGET $PATTERN_BYTES "$canary"
}

unmapped_is_closed() {
	canary=$(fresh_seed)
	sluice-probe fill s1 $PAGE_TARGET $PATTERN_BYTES "$canary" &&
		stage s1 $STAGE_UNMAP && step_is s1 $STEP_UNMAP $SUCCESS &&
		within 3 fault_seen "$edu1" write $LOGICAL_TARGET &&
		sluice-probe holds s1 $PAGE_TARGET $PATTERN_BYTES "$canary"
}

# The same guest asks for Translate while the other one has its domain.
translate_is_refused() {
	guest_file types types_guest 'dma_types = ["translate"]'
	sluice guest create /tmp/types.cfg && types_are 0000 &&
		holds_nothing types && sluice guest destroy types
}

deleted_leaves_nothing() {
	stage s1 $STAGE_DELETE && holds_nothing s1 && sluice-probe steps s1 &&
		sluice-probe go s1 $STAGE_LEAVE && sluice-probe wait s1 end &&
		sluice guest destroy s1
}

nothing_is_left() {
	sluice device release "$edu1" && platform_is "$platform_before"
}

set -- $(edu_addresses)
edu1=$1 edu2=$2
check unit-has-the-first-stage unit_is_found
check disk-is-read disk_is_read
check own-device-works own_device_works
check foreign-memory-is-closed foreign_memory_is_closed
platform_before=$(platform_baseline "$edu1")
sluice device assign "$edu1"
check types-are-those-of-the-stage all_types
check dma-lands dma_lands
check write-outside-faults write_faults
check read-outside-faults read_faults
check unmapped-is-closed unmapped_is_closed
check translate-is-refused translate_is_refused
check deleted-leaves-nothing deleted_leaves_nothing
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
