/* SPDX-License-Identifier: MIT */
/*
 * A whole file in memory: guests' files, kernels, ramdisks.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read exactly @length bytes. Return: 0 or an errno. */
static int read_all(int fd, char *to, size_t length)
{
	while (length != 0) {
		ssize_t part = read(fd, to, length);

		if (part < 0 && errno == EINTR) {
			continue;
		}
		if (part <= 0) {
			return part < 0 ? errno : EIO;
		}
		to += part;
		length -= (size_t)part;
	}
	return 0;
}

static NTSTATUS read_open(int fd, const char *path, uint64_t most,
			  struct file_bytes *file, struct sluice_error *error)
{
	struct stat about;

	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "%s: no regular file; name one", path);
	}
	file->length = (uint64_t)about.st_size;
	if (file->length > most) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "%s: longer than %llu bytes; name another "
				 "file",
				 path, (unsigned long long)most);
	}
	file->bytes = malloc(file->length + 1);
	if (file->bytes == NULL) {
		return error_set(error, STATUS_INSUFFICIENT_RESOURCES,
				 "%s: no memory to read it; free some", path);
	}
	file->bytes[file->length] = '\0';

	int result = read_all(fd, file->bytes, file->length);

	if (result != 0) {
		file_free(file);
		return error_set(error, STATUS_NOT_FOUND,
				 "%s: cannot be read: %s; check the file", path,
				 strerror(result));
	}
	return STATUS_SUCCESS;
}

NTSTATUS file_read(const char *path, uint64_t most, struct file_bytes *file,
		   struct sluice_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*file = (struct file_bytes){0};
	if (fd < 0) {
		return error_set(error, STATUS_NOT_FOUND,
				 "%s: cannot be opened: %s; check the path",
				 path, strerror(errno));
	}

	NTSTATUS status = read_open(fd, path, most, file, error);

	(void)close(fd);
	return status;
}

void file_free(struct file_bytes *file)
{
	free(file->bytes);
	*file = (struct file_bytes){0};
}
