/* Mending a store takes the memory of a store that is well, however large it is: bytes that SQLite
 * has allocated at most, over a store four times as large as another.  (500 MB in the field; the
 * simulated disk's own memory is not SQLite's.) */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/unit/client/scripted.h"

#define PAGE_BYTES 4096u
#define TEXT_BYTES 1500u /* two ops a page, and no page that only hangs on another */
#define OPS_SMALL 1000u
#define OPS_LARGE 4000u
#define PEAK_BYTES_MAX (5 << 20)     /* the large store has 8 MB */
#define GROWTH_BYTES_MAX (512 << 10) /* from the small one to the large one */

static void damage(struct scripted *s)
{
	static const uint8_t noise[PAGE_BYTES] = {0x5a, 0xa5, 0x33};
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(s->disk));
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_DB;
	sqlite3_int64 bytes = 0;

	assert_non_null(file);
	assert_int_equal(vfs->xOpen(vfs, SCRIPTED_PATH, file, flags, &flags), SQLITE_OK);
	assert_int_equal(file->pMethods->xFileSize(file, &bytes), SQLITE_OK);
	sqlite3_int64 middle = bytes / 2 / PAGE_BYTES * PAGE_BYTES;
	assert_int_equal(file->pMethods->xWrite(file, noise, PAGE_BYTES, middle), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
	file->pMethods->xClose(file);
	free(file);
}

/* Whichever call meets the damage fails; the one after it finds a store. */
static uint64_t ops_left(struct scripted *s)
{
	struct bh_device device;
	struct bh_log log;
	struct bh_unsent unsent = {0};

	for (int i = 0; i < 3; i++) {
		int rc = bh_local_device(s->local, &device);
		if (rc == 0)
			rc = bh_local_log(s->local, &log);
		if (rc == 0)
			rc = bh_local_unsent(s->local, &unsent);
		if (rc == 0)
			return unsent.ops;
		assert_int_equal(rc, BH_ERR_CORRUPT);
	}
	fail_msg("it is not mended");
	return 0;
}

/* The most that SQLite had while a damaged store of so many ops was opened and mended. */
static sqlite3_int64 peak_of(uint32_t ops)
{
	static char text[TEXT_BYTES + 1];
	struct scripted *s = scripted_new();

	memset(text, 'x', TEXT_BYTES);
	scripted_enrol(s);
	for (uint32_t i = 0; i < ops; i++)
		scripted_report(s, text);
	bh_local_close(s->local);
	s->local = NULL;
	damage(s);
	(void)sqlite3_memory_highwater(1);
	sqlite3_int64 before = sqlite3_memory_used();
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(s->disk),
		.rng = bh_simrng_source(&s->rng)};
	int rc = bh_local_open(&options, &s->local);
	if (rc == BH_ERR_CORRUPT)
		rc = bh_local_open(&options, &s->local);
	assert_int_equal(rc, 0);
	uint64_t left = ops_left(s);
	sqlite3_int64 peak = sqlite3_memory_highwater(0) - before;
	/* it was put aside, and most of it was read all the same */
	assert_int_equal(bh_local_aside(s->local), 1);
	assert_true(left < ops && left > ops * 9 / 10);
	scripted_free(s);
	return peak;
}

static void test_salvage__takes_no_more_memory_for_a_larger_store(void **state)
{
	(void)state;
	sqlite3_int64 small = peak_of(OPS_SMALL), large = peak_of(OPS_LARGE);

	print_message("# %lld bytes for %u ops, %lld for %u\n", (long long)small, OPS_SMALL,
		(long long)large, OPS_LARGE);
	assert_true(small > 0 && large < PEAK_BYTES_MAX);
	assert_true(large < small + GROWTH_BYTES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_salvage__takes_no_more_memory_for_a_larger_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
