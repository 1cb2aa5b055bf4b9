/* SPDX-License-Identifier: MIT */
/*
 * `sluice info`: hypervisor, machine, domain interface.
 */
#include "command.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>

static const struct output_column columns[] = {
	{"PROPERTY", false},
	{"VALUE", false},
};

#define MIB(pages) ((pages) / (UINT64_C(1024) * 1024 / SLUICE_PAGE_BYTES))

/* Types as the guest's file names them; "none" if the mask is empty. */
static void put_types(struct output *out, uint32_t mask)
{
	static const char *const names[] = {"translate", "passthrough",
					    "unmanaged", "translates1"};
	char text[64] = "";
	size_t used = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((mask & 1u << i) != 0) {
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%s%s",
				used == 0 ? "" : " ", names[i]);
		}
	}
	output_text(out, used == 0 ? "none" : text);
}

#define ROW(out, name, ...)                                                    \
	do {                                                                   \
		output_row(out);                                               \
		output_text(out, name);                                        \
		output_format(out, __VA_ARGS__);                               \
	} while (0)

static void put_info(struct output *out, const struct sluice_info *info)
{
	ROW(out, "ABI version", "%u", info->abi_version);
	ROW(out, "this guest", "%u%s", info->guest,
	    info->is_control ? " (control domain)" : "");
	ROW(out, "domain interface", "%s%s",
	    info->no_interface == 0 ? "" : "none: ",
	    sluice_no_interface_text(info->no_interface));
	output_row(out);
	output_text(out, "domain types");
	put_types(out, info->available_types);
	ROW(out, "logical address width", "%u bits", info->address_bits);
	ROW(out, "domain quota", "%u", info->domain_quota);
	ROW(out, "table page quota", "%u", info->table_page_quota);
}

static void put_platform(struct output *out, const struct sluice_platform *p)
{
	ROW(out, "hypervisor", "Sluice %.*s", (int)sizeof(p->version),
	    p->version);
	ROW(out, "IOMMU", "%.*s, %u driven", (int)sizeof(p->iommu_name),
	    p->iommu_name, p->unit_count);
	ROW(out, "ids", "%u of %u in use", p->asid_in_use, p->asid_capacity);
	ROW(out, "CPUs", "%u, %u without a guest", p->cpu_count,
	    p->free_cpu_count);
	ROW(out, "guests", "%u", p->guest_count);
	ROW(out, "memory", "%" PRIu64 " MiB", MIB(p->memory_pages));
	ROW(out, "memory of the control domain", "%" PRIu64 " MiB",
	    MIB(p->control_pages));
	ROW(out, "guests' pool", "%" PRIu64 " MiB, %" PRIu64 " MiB free",
	    MIB(p->pool_pages), MIB(p->pool_free_pages));
	ROW(out, "hypervisor's memory", "%" PRIu64 " KiB, %" PRIu64 " KiB free",
	    p->hypervisor_pages * 4, p->hypervisor_free_pages * 4);
}

int cmd_info(const struct cli_arguments *arguments)
{
	struct sluice_info info;
	struct sluice_platform platform;
	int code = cli_connect(arguments);

	if (code != CLI_OK) {
		return code;
	}

	NTSTATUS status = sluice_info(&info);

	if (!NT_SUCCESS(status)) {
		return cli_fail_status(status, "info", "see `sluice log`");
	}

	struct output *out = output_new("info", columns, 2,
					(arguments->options & CLI_JSON) != 0);

	if (out == NULL) {
		return cli_fail_status(STATUS_INSUFFICIENT_RESOURCES, "info",
				       "free some memory");
	}
	/* Of the machine only the control domain is told. */
	if (info.is_control && NT_SUCCESS(sluice_platform(&platform))) {
		put_platform(out, &platform);
	}
	put_info(out, &info);
	if (!output_end(out)) {
		return cli_fail_status(STATUS_UNSUCCESSFUL, "info",
				       "check where stdout goes");
	}
	if (info.no_interface != SLUICE_INTERFACE_PRESENT) {
		(void)fprintf(stderr,
			      "sluice: no hypervisor domain interface: %s; "
			      "see `sluice log` and the firmware's settings\n",
			      sluice_no_interface_text(info.no_interface));
		return CLI_NO_INTERFACE;
	}
	return CLI_OK;
}
