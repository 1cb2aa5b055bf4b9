// SPDX-License-Identifier: MIT
/*
 * replay DIRECTORY...: every file of a corpus through the fuzz target that it
 * is linked with. What libFuzzer does with a corpus, without libFuzzer.
 * REPLAY_NAMES=1 names each file before it runs.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX 65536u

static int replay_file(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	/* A crash says nothing of its input. */
	if (getenv("REPLAY_NAMES") != NULL) {
		fprintf(stderr, "%s\n", path);
	}
	LLVMFuzzerTestOneInput(bytes, size);
	return 0;
}

static int replay_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char name[4096];
	int count = 0;

	if (d == NULL) {
		perror(path);
		return -1;
	}
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (replay_file(name) != 0) {
			closedir(d);
			return -1;
		}
		count++;
	}
	closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = replay_directory(argv[i]);

		if (count < 0) {
			return EXIT_FAILURE;
		}
		total += count;
	}
	printf("%d inputs replayed\n", total);
	/* An empty corpus shows nothing. */
	return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
