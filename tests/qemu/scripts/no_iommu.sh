# SPDX-License-Identifier: MIT
#
# A machine without an IOMMU: the control domain boots, `sluice info` says why
# there is no domain interface, and CreateDomainEx is NOT_SUPPORTED for all.
. /etc/sluice/lib.sh
. /etc/sluice/check.sh

info_says_why() {
	sluice info > /tmp/info 2>&1
	info_code=$?
	cat /tmp/info
	[ $info_code -eq 3 ] && grep -qi 'no hypervisor domain interface' /tmp/info &&
		grep -qi 'iommu' /tmp/info
}

types_are_refused() {
	guest_file types types_guest
	sluice guest create /tmp/types.cfg && types_are 0000 &&
		holds_nothing types && sluice-probe go types 2 &&
		sluice-probe wait types end && sluice guest destroy types
}

device_is_refused() {
	! sluice device assign "$(edu_addresses | head -n 1)"
}

audit_is_refused() {
	sluice device audit 2> /tmp/err
	audit_code=$?
	cat /tmp/err
	[ $audit_code -eq 1 ] && [ "$(wc -l < /tmp/err)" -eq 1 ]
}

check info-says-why info_says_why
check create-is-not-supported types_are_refused
check device-stays device_is_refused
check audit-is-refused audit_is_refused
check_end
