/* Arbitrary bytes as a dossier's file: an archive where they begin as one, else its two lists with
 * an empty line between.  What holds has every entry in order and of one case. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/dossier/archive.h"
#include "tests/fuzz/fuzz.h"

#define ARENA_BYTES (64u << 20)

static void archive_try(const uint8_t *data, size_t len)
{
	struct bh_archive_report report;
	char path[64];
	int fd = memfd_create("dossier", MFD_CLOEXEC);
	bh_assert(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = bh_archive_check(path, &report);
	bh_assert(err == BH_NOERR || err == BH_ERR_CORRUPT || err == BH_ERR_IO ||
		  err == BH_ERR_NOMEM);
	bh_assert((err == BH_ERR_CORRUPT) == (report.what[0] != '\0'));
	bh_assert(err != BH_NOERR || report.entries > 0);
	(void)close(fd);
}

static void entries_hold(const struct bh_entries_check *check)
{
	for (size_t i = 1; i < check->count; i++)
		bh_assert(check->items[i].position > check->items[i - 1].position &&
			  check->items[i].case_number == check->items[0].case_number);
}

static void lists_try(struct bh_span entries, struct bh_span seal)
{
	struct bh_entries_check check = {.arena = BH_ARENA(ARENA_BYTES)};
	struct bh_archive_report report = {.files = 0};
	bh_assert(bh_hasher_open(&check.hasher) == BH_NOERR);
	int err = bh_entries_check(&check, entries);
	if (err == BH_NOERR) {
		entries_hold(&check);
		err = bh_seal_check(&check, seal, &report);
		bh_assert(err != BH_NOERR || report.number[0] != '\0');
	}
	bh_assert(err == BH_NOERR || err == BH_ERR_NOMEM ||
		  (err == BH_ERR_CORRUPT && check.what != NULL));
	bh_hasher_close(check.hasher);
	bh_arena_free(&check.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *gap = len > 0 ? memmem(data, len, "\n\n", 2) : NULL;
	if (len >= 2 && data[0] == 'P' && data[1] == 'K')
		archive_try(data, len);
	else if (gap != NULL)
		lists_try(bh_span(data, (size_t)(gap - data) + 1),
			bh_span(gap + 2, len - (size_t)(gap - data) - 2));
	else
		lists_try(bh_span(data, len), bh_span(NULL, 0));
	return 0;
}
