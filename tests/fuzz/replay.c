/* Runs a fuzz target without libFuzzer: replay FOLDER COUNT feeds it every file of the folder, and
 * at COUNT places spread over the file, or at every byte of a shorter one, its beginning up to
 * there and the file with that byte changed.  An empty folder is a failure: a corpus that is not
 * found tests nothing. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_BYTES_MAX (1u << 20)
#define PATH_BYTES_MAX 4096

/* A copy of exactly len bytes, so that a sanitizer sees the first one read past it. */
static void run(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void run_variants(uint8_t *data, size_t len, size_t places)
{
	size_t step = (len + places - 1) / places;
	run(data, len);
	for (size_t at = 0; at < len; at += step) {
		run(data, at);
		for (unsigned bit = 0; bit < 8; bit += 7) {
			data[at] ^= (uint8_t)(1u << bit);
			run(data, len);
			data[at] ^= (uint8_t)(1u << bit);
		}
	}
}

static int run_file(const char *path, uint8_t *data, size_t places)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	size_t len = fread(data, 1, INPUT_BYTES_MAX, file);
	fclose(file);
	run_variants(data, len, places);
	return 0;
}

static int run_folder(const char *folder, uint8_t *data, size_t places)
{
	struct dirent **entries;
	unsigned files = 0, failed = 0;
	int count = scandir(folder, &entries, NULL, alphasort);
	if (count < 0) {
		perror(folder);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		char path[PATH_BYTES_MAX];
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.') {
			failed += (unsigned)run_file(path, data, places);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	printf("%u inputs replayed from %s\n", files, folder);
	return failed > 0 || files == 0;
}

int main(int argc, char **argv)
{
	uint8_t *data = malloc(INPUT_BYTES_MAX);
	unsigned long places = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	int failed = 1;
	if (places > 0 && data != NULL)
		failed = run_folder(argv[1], data, places);
	free(data);
	return failed;
}
