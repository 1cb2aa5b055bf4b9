/* SPDX-License-Identifier: MIT */
/*
 * One file a device, "token-SSSS:BB:DD.F", with the handle in hexadecimal.
 */
#include "token_file.h"

#include "parse.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *token_file_directory = "/run/sluice";

#define PATH_BYTES 256
#define TEXT_BYTES 24 /* "0x", 16 digits, a newline */

static bool path_make(uint32_t sbdf, char path[PATH_BYTES])
{
	char address[SLUICE_ADDRESS_TEXT];
	int length;

	sluice_address_print(sbdf, address);
	length = snprintf(path, PATH_BYTES, "%s/token-%s", token_file_directory,
			  address);
	return length > 0 && length < PATH_BYTES;
}

bool token_file_read(uint32_t sbdf, uint64_t *handle)
{
	char path[PATH_BYTES];
	char text[TEXT_BYTES];
	ssize_t length;
	int file;

	if (!path_make(sbdf, path)) {
		return false;
	}
	file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0) {
		return false;
	}
	length = read(file, text, sizeof(text));
	(void)close(file);
	if (length < 2 || length >= TEXT_BYTES || text[length - 1] != '\n') {
		return false;
	}
	text[length - 1] = '\0';
	return parse_number(text, handle) && *handle != 0;
}

bool token_file_write(uint32_t sbdf, uint64_t handle)
{
	char path[PATH_BYTES];
	char text[TEXT_BYTES];
	int length = snprintf(text, sizeof(text), "0x%" PRIx64 "\n", handle);
	bool ok;
	int file;

	(void)mkdir(token_file_directory, 0700);
	if (!path_make(sbdf, path)) {
		return false;
	}
	/* A file that is there names a token that is gone. */
	(void)unlink(path);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0) {
		return false;
	}
	ok = write(file, text, (size_t)length) == length;
	ok = close(file) == 0 && ok;
	if (!ok) {
		(void)unlink(path);
	}
	return ok;
}

void token_file_remove(uint32_t sbdf)
{
	char path[PATH_BYTES];

	if (path_make(sbdf, path)) {
		(void)unlink(path);
	}
}
