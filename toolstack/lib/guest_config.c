/* SPDX-License-Identifier: MIT */
/*
 * A guest's file: syntax by libxlutil (the one that xl uses), keys by
 * guest_keys.c, values checked here, each with its line in the message.
 */
#include "file.h"
#include "guest_keys.h"

#include <errno.h>
#include <libxlutil.h>
#include <stdlib.h>
#include <string.h>

/* A guest's file is text that people write. */
#define GUEST_FILE_BYTES_MAX (1u << 20)

/* What reading one file needs. */
struct reader {
	const char *label;
	XLU_Config *file;
	struct guest_key_lines lines;
	struct sluice_error *error;
	struct sluice_guest_config *config;
};

/* A word and its number in the ABI. */
struct word {
	const char *text;
	uint32_t number;
};

static const struct word machines[] = {
	{"amd64", SLUICE_MACHINE_AMD64},
	{"x86", SLUICE_MACHINE_I386},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct word *word_find(const struct word *words, size_t count,
				    const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i].text, text) == 0) {
			return &words[i];
		}
	}
	return NULL;
}

/* "FILE:LINE: KEY: WHY", INVALID_PARAMETER. */
#define REFUSE(reader, key, why, ...)                                          \
	error_set((reader)->error, STATUS_INVALID_PARAMETER,                   \
		  "%s:%u: " #key ": " why, (reader)->label,                    \
		  (reader)->lines.line[GUEST_KEY_##key], ##__VA_ARGS__)

/* A string. Return: 0; ESRCH it is not set; EINVAL it is a list, or empty. */
static int text_get(const struct reader *r, const char *key, const char **text)
{
	int result = xlu_cfg_get_string(r->file, key, text, 1);

	return result == 0 && **text == '\0' ? EINVAL : result;
}

/* As text_get(), duplicated; NULL stays where the key is not set. */
static int text_copy(const struct reader *r, const char *key, char **copy)
{
	const char *text;
	int result = text_get(r, key, &text);

	if (result == 0) {
		*copy = strdup(text);
		return *copy == NULL ? ENOMEM : 0;
	}
	return result == ESRCH ? 0 : result;
}

static NTSTATUS read_texts(struct reader *r)
{
	const char *text;
	bool is_set = text_get(r, "type", &text) == 0;

	if (r->lines.line[GUEST_KEY_type] != 0 &&
	    (!is_set || strcmp(text, "pvh") != 0)) {
		return REFUSE(r, type, "the only type is \"pvh\"");
	}
	if (text_get(r, "name", &text) != 0 || !sluice_name_is_valid(text)) {
		return REFUSE(r, name,
			      "must be 1 to 15 of A-Z a-z 0-9 _ . -, not only "
			      "digits, no - first");
	}
	strcpy(r->config->name, text);
	if (text_copy(r, "kernel", &r->config->kernel) != 0) {
		return REFUSE(r, kernel, "must be the path of an ELF image");
	}
	if (text_copy(r, "ramdisk", &r->config->ramdisk) != 0) {
		return REFUSE(r, ramdisk, "must be a path");
	}
	if (r->lines.line[GUEST_KEY_extra] != 0 &&
	    r->lines.line[GUEST_KEY_cmdline] != 0) {
		return REFUSE(r, cmdline,
			      "\"extra\" is set too, and means the same; keep "
			      "one of them");
	}
	if (text_copy(r, "extra", &r->config->cmdline) != 0) {
		return REFUSE(r, extra, "must be a string that is not empty");
	}
	if (r->config->cmdline == NULL &&
	    text_copy(r, "cmdline", &r->config->cmdline) != 0) {
		return REFUSE(r, cmdline, "must be a string that is not empty");
	}
	return STATUS_SUCCESS;
}

/* A number in [1, most], or @preset where it is not set. False: refuse it. */
static bool number_get(const struct reader *r, const char *key, long most,
		       uint32_t preset, uint32_t *number)
{
	long value;
	int result = xlu_cfg_get_bounded_long(r->file, key, 1, most, &value, 1);

	if (result != 0) {
		*number = preset;
		return result == ESRCH;
	}
	*number = (uint32_t)value;
	return true;
}

static NTSTATUS read_numbers(struct reader *r)
{
	struct sluice_guest_config *config = r->config;
	uint32_t memory_mib;

	if (!number_get(r, "memory", SLUICE_GUEST_MEMORY_MIB_MAX, 0,
			&memory_mib) ||
	    memory_mib < SLUICE_GUEST_MEMORY_MIB_MIN) {
		return REFUSE(r, memory, "must be %u to %u MiB",
			      SLUICE_GUEST_MEMORY_MIB_MIN,
			      SLUICE_GUEST_MEMORY_MIB_MAX);
	}
	config->memory_bytes = (uint64_t)memory_mib << 20;
	if (!number_get(r, "vcpus", 1, 1, &config->vcpu_count)) {
		return REFUSE(r, vcpus, "must be 1 in this release");
	}
	if (!number_get(r, "dma_domains", UINT16_MAX, 0,
			&config->domain_quota)) {
		return REFUSE(r, dma_domains, "must be 1 to %u", UINT16_MAX);
	}
	if (!number_get(r, "dma_table_pages", INT32_MAX, 0,
			&config->table_page_quota)) {
		return REFUSE(r, dma_table_pages, "must be 1 to %d", INT32_MAX);
	}
	return STATUS_SUCCESS;
}

static NTSTATUS read_policy(struct reader *r)
{
	const struct word *word;
	XLU_ConfigList *list;
	const char *text;
	int count;

	r->config->machine = SLUICE_MACHINE_AMD64;
	if (r->lines.line[GUEST_KEY_machine] != 0) {
		word = text_get(r, "machine", &text) != 0
			       ? NULL
			       : word_find(machines, COUNT_OF(machines), text);
		if (word == NULL) {
			return REFUSE(r, machine,
				      "must be \"amd64\" or \"x86\"");
		}
		r->config->machine = (uint16_t)word->number;
	}
	if (r->lines.line[GUEST_KEY_dma_types] == 0) {
		return STATUS_SUCCESS;
	}
	if (xlu_cfg_get_list(r->file, "dma_types", &list, &count, 1) != 0) {
		return REFUSE(r, dma_types,
			      "must be a list, like "
			      "[\"translate\"]");
	}
	r->config->has_types = true;
	for (int i = 0; i < count; i++) {
		uint32_t type;

		text = xlu_cfg_get_listitem(list, i);
		if (text == NULL || !sluice_type_parse(text, &type)) {
			return REFUSE(r, dma_types,
				      "\"%s\" is none of translate, "
				      "passthrough, unmanaged, translates1",
				      text == NULL ? "" : text);
		}
		r->config->allowed_types |= 1u << type;
	}
	return STATUS_SUCCESS;
}

/* What may stand behind an address, in any order, each once. */
static bool device_option(const char *text, size_t length,
			  struct sluice_guest_device *device)
{
	const struct {
		const char *text;
		bool *flag;
	} options[] = {
		{"reset=none", &device->reset_waived},
		{"interrupts=unsafe", &device->interrupts_unsafe},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (strlen(options[i].text) == length &&
		    memcmp(options[i].text, text, length) == 0 &&
		    !*options[i].flag) {
			*options[i].flag = true;
			return true;
		}
	}
	return false;
}

/* One entry of "pci": ADDRESS[,OPTION ...]. */
static bool device_parse(const char *text, struct sluice_guest_device *device)
{
	char address[SLUICE_ADDRESS_TEXT];
	size_t length = strcspn(text, ",");

	if (length >= sizeof(address)) {
		return false;
	}
	memcpy(address, text, length);
	address[length] = '\0';
	device->reset_waived = device->interrupts_unsafe = false;
	while (text[length] == ',') {
		text += length + 1;
		length = strcspn(text, ",");
		if (!device_option(text, length, device)) {
			return false;
		}
	}
	return sluice_address_parse(address, &device->sbdf);
}

static NTSTATUS read_devices(struct reader *r)
{
	struct sluice_guest_config *config = r->config;
	XLU_ConfigList *list;
	int count;

	if (r->lines.line[GUEST_KEY_pci] == 0) {
		return STATUS_SUCCESS;
	}
	if (xlu_cfg_get_list(r->file, "pci", &list, &count, 1) != 0) {
		return REFUSE(r, pci, "must be a list, like [\"00:04.0\"]");
	}
	if (count > (int)SLUICE_GUEST_DEVICES_MAX) {
		return REFUSE(r, pci, "at most %u devices",
			      SLUICE_GUEST_DEVICES_MAX);
	}
	for (int i = 0; i < count; i++) {
		struct sluice_guest_device *device = &config->device[i];
		const char *text = xlu_cfg_get_listitem(list, i);

		if (text == NULL || !device_parse(text, device)) {
			return REFUSE(r, pci,
				      "\"%s\" is not BB:DD.F, SSSS:BB:DD.F, "
				      "or one of them and \",reset=none\", "
				      "\",interrupts=unsafe\"",
				      text == NULL ? "" : text);
		}
		for (int j = 0; j < i; j++) {
			if (config->device[j].sbdf == device->sbdf) {
				return REFUSE(r, pci, "\"%s\" is named twice",
					      text);
			}
		}
		config->device_count++;
	}
	return STATUS_SUCCESS;
}

/* libxlutil's report may be many lines; its first says where and what. */
static NTSTATUS refuse_syntax(struct reader *r, char *report)
{
	report[strcspn(report, "\n")] = '\0';
	return error_set(r->error, STATUS_INVALID_PARAMETER,
			 "%s%s; sluice(1) shows the syntax",
			 *report == '\0' ? r->label : report,
			 *report == '\0' ? ": no valid syntax" : "");
}

static NTSTATUS reader_run(struct reader *r, const char *text, FILE *sink,
			   char **report)
{
	NTSTATUS(*const steps[])
	(struct reader *) = {read_texts, read_numbers, read_policy,
			     read_devices};
	NTSTATUS status;
	int result = xlu_cfg_readdata(r->file, text, (int)strlen(text));

	(void)fflush(sink);
	if (result != 0) {
		return refuse_syntax(r, *report);
	}
	status = guest_keys_scan(r->label, text, &r->lines, r->error);
	for (size_t i = 0; i < COUNT_OF(steps) && NT_SUCCESS(status); i++) {
		status = steps[i](r);
	}
	return status;
}

NTSTATUS sluice_guest_config_parse(const char *label, const char *text,
				   struct sluice_guest_config *config,
				   struct sluice_error *error)
{
	struct reader r = {.label = label, .error = error, .config = config};
	char *report = NULL;
	size_t report_bytes = 0;
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
	FILE *sink = open_memstream(&report, &report_bytes);

	*config = (struct sluice_guest_config){0};
	if (sink != NULL) {
		r.file = xlu_cfg_init(sink, label);
	}
	if (r.file != NULL) {
		status = reader_run(&r, text, sink, &report);
		xlu_cfg_destroy(r.file);
	} else {
		(void)error_set(error, status, "%s: out of memory", label);
	}
	if (sink != NULL) {
		(void)fclose(sink);
	}
	free(report);
	if (!NT_SUCCESS(status)) {
		sluice_guest_config_free(config);
	}
	return status;
}

NTSTATUS sluice_guest_config_read(const char *path,
				  struct sluice_guest_config *config,
				  struct sluice_error *error)
{
	struct file_bytes file;
	NTSTATUS status = file_read(path, GUEST_FILE_BYTES_MAX, &file, error);

	*config = (struct sluice_guest_config){0};
	if (!NT_SUCCESS(status)) {
		return status;
	}
	if (strlen(file.bytes) != file.length) {
		status =
			error_set(error, STATUS_INVALID_PARAMETER,
				  "%s: holds a 0 byte; name a text file", path);
	} else {
		status = sluice_guest_config_parse(path, file.bytes, config,
						   error);
	}
	file_free(&file);
	return status;
}

void sluice_guest_config_free(struct sluice_guest_config *config)
{
	free(config->kernel);
	free(config->ramdisk);
	free(config->cmdline);
	*config = (struct sluice_guest_config){0};
}
