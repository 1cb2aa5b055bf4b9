# SPDX-License-Identifier: MIT
#
# Each way of mapping memory, tried with a device: by a guest through libsluice
# (guests/mapping_guest.c), and 2 MiB pages by the control domain, whose memory
# lies in the machine as it sees it.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

# A page of the kernel's code, which is not all zeros, and those about it.
kernel_page() {
	kernel_code=$(sed -n 's/^ *\([0-9a-f]*\)-.*Kernel code$/\1/p' /proc/iomem)
	printf '0x%x\n' $((0x$kernel_code + 0x100000 + $1 * 4096))
}

guest_starts() {
	sluice device assign "$edu1" || return 1
	guest_file maps mapping_guest "pci = [\"$edu1,reset=none\"]"
	sed -i 's/^memory = .*/memory = 16/' /tmp/maps.cfg
	sluice guest create /tmp/maps.cfg && sluice-probe wait maps 1
}

# A unit has one fault record, which is emptied when it is read.
# usage: stage_carries STAGE yes|no [fault's ADDRESS]
stage_carries() {
	sluice faults > /dev/null 2>&1
	source_seed=$(fresh_seed) canary_seed=$(fresh_seed)
	sluice-probe fill maps $PAGE_SOURCE $PATTERN_BYTES "$source_seed" &&
		sluice-probe fill maps $PAGE_TARGET $PATTERN_BYTES 1 &&
		sluice-probe fill maps $PAGE_CANARY $PATTERN_BYTES "$canary_seed" &&
		stage maps "$1" && sluice-probe steps maps || return 1
	if [ "$2" = yes ]; then
		sluice-probe holds maps $PAGE_TARGET $PATTERN_BYTES "$source_seed"
	else
		sluice-probe holds maps $PAGE_TARGET $PATTERN_BYTES 1
	fi || return 1
	sluice-probe holds maps $PAGE_CANARY $PATTERN_BYTES "$canary_seed" ||
		return 1
	[ -z "$3" ] || fault_is_shown "$edu1" write "$3"
}

policy_blocks() {
	sluice policy maps --types translate && sluice policy maps &&
		stage_carries 8 no
}

policy_returns() {
	sluice policy maps --types translate,passthrough && stage_carries 9 yes
}

guest_ends() {
	holds_nothing maps && sluice guest destroy maps &&
		sluice device release "$edu1"
}

# All of its memory above the hypervisor, 2 MiB aligned in both address spaces.
superpage_lands() {
	control_domain=$(sluice domain create) &&
		sluice map "$control_domain" --to 0x1000000 --from 0x1000000 \
			--pages $(((512 - 16) * 256)) --perm rw &&
		sluice domain show "$control_domain" &&
		sluice attach "$control_domain" "$edu2" && edu_run "$edu2" &&
		edu_run "$edu2" "$(kernel_page 0)"
}

# edu_run's exit codes: 0 bytes arrived, 3 nothing did.
superpage_splits() {
	split_at=$(kernel_page 0)
	sluice unmap "$control_domain" "$split_at" 1 || return 1
	edu_run "$edu2" "$split_at"
	[ $? -eq 3 ] && fault_is_shown "$edu2" read "$split_at" &&
		edu_run "$edu2" "$(kernel_page 1)" &&
		edu_run "$edu2" "$(kernel_page -1)" &&
		edu_run "$edu2"
}

nothing_is_left() {
	sluice detach "$edu2" && sluice domain delete "$control_domain" &&
		edu_run "$edu2" && platform_is "$platform_before"
}

# shellcheck disable=SC2046
set -- $(edu_addresses)
edu1=$1 edu2=$2
platform_before=$(platform_baseline "$@")
check guest-starts guest_starts
check identity-lands stage_carries 1 yes $PAGE_CANARY
check allocator-lands stage_carries 2 yes
check token-map-needs-no-page stage_carries 3 yes 0x40005000
check split-of-2M-faults-only-there stage_carries 4 yes 0x40102000
check long-list-lands stage_carries 5 yes 0x50000000
check region-lands stage_carries 6 yes 0x50000000
check passthrough-lands stage_carries 7 yes
check policy-blocks-at-once policy_blocks
check policy-returns policy_returns
check guest-ends guest_ends
check superpage-lands superpage_lands
check superpage-split-faults-only-there superpage_splits
check nothing-is-left nothing_is_left
check tables-read-back tables_are_right
check_end
