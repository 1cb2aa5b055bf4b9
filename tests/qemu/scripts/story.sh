# SPDX-License-Identifier: MIT
#
# The story of `make run`: a guest's device writes where its DMA domain says,
# faults where it does not, and nothing is left at the end. With QEMU's AMD IOMMU
# a fault leaves no record: there the steps show the bytes, which do not change.
#
# Each step is read off the device, the IOMMU's fault record, a status or
# memory, and marked; the exit code is 0 only if every step was observed.
. /etc/sluice/lib.sh

total=11
number=0
observed=0

# usage: step TEXT FUNCTION [WORD ...]: prints the mark after what FUNCTION saw.
step() {
	step_text=$1
	shift
	number=$((number + 1))
	echo
	if "$@"; then
		observed=$((observed + 1))
		echo "[ok]     $number. $step_text"
	else
		echo "[FAILED] $number. $step_text"
	fi
}

info_is_given() {
	shown sluice info
}

device_is_nobodys() {
	shown sluice device assign "$edu" &&
		row "sluice device list" "\"address\":\"$edu\"" \
			'"owner":"nobody"' '"attached":"no"'
}

guest_runs() {
	guest_file amd64 dma_guest "pci = [\"$edu,reset=none\"]" \
		'dma_types = ["translate"]'
	echo "    # cat /tmp/amd64.cfg"
	sed 's/^/    /' /tmp/amd64.cfg
	shown sluice guest create /tmp/amd64.cfg &&
		sluice-probe wait amd64 $STAGE_CREATE &&
		step_is amd64 $STEP_EDU_ID 0x010000ed &&
		step_is amd64 $STEP_EDU_ALIVE 0x00000001 &&
		shown sluice guest list
}

domain_is_made() {
	stage amd64 $STAGE_CREATE && step_is amd64 $STEP_CREATE $SUCCESS &&
		step_is amd64 $STEP_ATTACH $SUCCESS &&
		shown sluice domain list --guest amd64 &&
		row "sluice domain list --guest amd64" '"type":"translate"' \
			"\"domain\":\"$(step_aux amd64 $STEP_CREATE)\"" \
			'"devices":1' '"mapped_pages":2'
}

dma_lands() {
	seed=$(fresh_seed)
	echo "    pattern $seed into guest page $PAGE_SOURCE; the device carries it"
	echo "    from logical $LOGICAL_SOURCE to $LOGICAL_TARGET, guest page $PAGE_TARGET"
	sluice-probe fill amd64 $PAGE_SOURCE $PATTERN_BYTES "$seed" &&
		sluice-probe fill amd64 $PAGE_TARGET $PATTERN_BYTES 1 &&
		stage amd64 $STAGE_COPY &&
		sluice-probe holds amd64 $PAGE_TARGET $PATTERN_BYTES "$seed"
}

write_faults() {
	canary=$(fresh_seed)
	echo "    the device writes to $PAGE_CANARY, which is not mapped"
	sluice-probe fill amd64 $PAGE_CANARY $PATTERN_BYTES "$canary" &&
		stage amd64 $STAGE_WRITE &&
		fault_is_shown "$edu" write $PAGE_CANARY &&
		sluice-probe holds amd64 $PAGE_CANARY $PATTERN_BYTES "$canary" &&
		shown sluice faults
}

read_faults() {
	echo "    the device reads $PAGE_CANARY and writes what it got to $LOGICAL_TARGET"
	stage amd64 $STAGE_READ &&
		fault_is_shown "$edu" read $PAGE_CANARY &&
		! sluice-probe holds amd64 $PAGE_TARGET $PATTERN_BYTES "$canary"
}

unmapped_is_closed() {
	canary=$(fresh_seed)
	echo "    the guest unmaps $LOGICAL_TARGET, then the device writes to it"
	sluice-probe fill amd64 $PAGE_TARGET $PATTERN_BYTES "$canary" &&
		stage amd64 $STAGE_UNMAP && step_is amd64 $STEP_UNMAP $SUCCESS &&
		fault_is_shown "$edu" write $LOGICAL_TARGET &&
		sluice-probe holds amd64 $PAGE_TARGET $PATTERN_BYTES "$canary"
}

disallowed_is_refused() {
	guest_file types types_guest 'dma_types = ["translate"]'
	shown sluice guest create /tmp/types.cfg && types_are 1000 &&
		sluice-probe inventory types | grep -q '^domains=1 ' &&
		stage types 1 && holds_nothing types &&
		sluice-probe go types 2 && sluice-probe wait types end &&
		shown sluice guest destroy types
}

x86_is_refused() {
	guest_file x86 x86_guest 'machine = "x86"'
	shown sluice guest create /tmp/x86.cfg && sluice-probe wait x86 1 &&
		x86_before=$(sluice-probe inventory x86) &&
		stage x86 1 && sluice-probe steps x86 &&
		step_is x86 $STEP_CREATE $NOT_SUPPORTED &&
		[ "$(sluice-probe inventory x86)" = "$x86_before" ] &&
		holds_nothing x86 && shown sluice guest destroy x86
}

nothing_is_left() {
	stage amd64 $STAGE_DELETE && holds_nothing amd64 &&
		sluice-probe steps amd64 && sluice-probe go amd64 $STAGE_LEAVE &&
		sluice-probe wait amd64 end && within 3 state_is amd64 'shutdown(0)' &&
		shown sluice guest destroy amd64 &&
		shown sluice device release "$edu" &&
		tables_are_right || return 1
	platform_is "$platform_before"
}

case $iommu in
amd) blocked="is blocked" ;;
*) blocked="faults" ;;
esac
edu=$(edu_addresses | head -n 1)
platform_before=$(platform_baseline "$edu")
step "the hypervisor and its domain interface answer" info_is_given
step "edu $edu is taken from the control domain, and nobody's" device_is_nobodys
step "an amd64 guest runs and sees its device" guest_runs
step "CreateDomainEx gave the guest a handle, and the device is attached" domain_is_made
step "DMA inside the domain lands, byte for byte" dma_lands
step "a DMA write outside $blocked, and no byte has changed" write_faults
step "a DMA read outside $blocked, and no byte got out" read_faults
step "an unmapped page is closed at once" unmapped_is_closed
step "domain types that the policy forbids are refused" disallowed_is_refused
step "a 32-bit guest is refused, and nothing has changed" x86_is_refused
step "everything is deleted, and the counts are as at the start" nothing_is_left

echo
echo "story: $observed of $total steps observed"
[ $observed -eq $total ]
