/* SPDX-License-Identifier: MIT */
/*
 * Statuses and reasons in words, from the ABI's own lists. Freestanding.
 */
#include <sluice/sluice.h>

struct status_row {
	NTSTATUS number;
	const char *name;
	const char *text;
};

static const struct status_row status_rows[] = {
#define ROW(number, name, text) {(NTSTATUS)(number##u), #name, text},
	SLUICE_STATUS_LIST(ROW)
#undef ROW
};

static const struct status_row *status_find(NTSTATUS status)
{
	static const struct status_row unknown = {0, "STATUS_?",
						  "unknown status"};
	const size_t count = sizeof(status_rows) / sizeof(status_rows[0]);

	for (size_t i = 0; i < count; i++) {
		if (status_rows[i].number == status) {
			return &status_rows[i];
		}
	}
	return &unknown;
}

const char *sluice_status_name(NTSTATUS status)
{
	return status_find(status)->name;
}

const char *sluice_status_text(NTSTATUS status)
{
	return status_find(status)->text;
}

const char *sluice_no_interface_text(uint32_t reason)
{
	switch (reason) {
	case SLUICE_INTERFACE_PRESENT:
		return "present";
	case SLUICE_INTERFACE_NO_IOMMU:
		return "the firmware describes no IOMMU";
	case SLUICE_INTERFACE_BAD_TABLE:
		return "the firmware's IOMMU table is malformed";
	case SLUICE_INTERFACE_UNFIT_UNIT:
		return "an IOMMU lacks what the service needs";
	case SLUICE_INTERFACE_UNIT_FAILED:
		return "an IOMMU did not obey at start";
	case SLUICE_INTERFACE_SWITCHED_OFF:
		return "it is switched off by the boot option iommu=off";
	default:
		return "for a reason that this version does not know";
	}
}

const char *sluice_unfit_text(uint32_t reason)
{
	switch (reason) {
	case SLUICE_FIT:
		return "assignable";
	case SLUICE_UNFIT_BRIDGE:
		return "it is a bridge";
	case SLUICE_UNFIT_IOMMU:
		return "it is an IOMMU";
	case SLUICE_UNFIT_NO_UNIT:
		return "no driven IOMMU is in front of it";
	case SLUICE_UNFIT_IDS:
		return "its requests may carry an id that no IOMMU translates";
	case SLUICE_UNFIT_REGION:
		return "the firmware keeps memory for it that cannot be "
		       "granted";
	default:
		return "for a reason that this version does not know";
	}
}
