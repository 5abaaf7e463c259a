/* What is whole and who holds the same: names that only whole photos have, and proofs (faults.md
 * I11, F03, F08). */
#include "tests/unit/store/blob_kit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bh_blob_job stored_open(struct blob_kit *f)
{
	struct bh_blob_job job = {
		.work = BH_BLOB_OPEN, .size = BLOB_SIZE, .stored = true, .mono_ms = f->mono_ms};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	bh_blob_files_run(f->files, &job);
	return job;
}

/* The proof that these bytes behind "head" give. */
static struct bh_blob_job prove(struct blob_kit *f, const uint8_t *bytes, uint32_t len)
{
	const struct bh_span said[] = {bh_span("head", 4), bh_span(bytes, len)};
	struct bh_blob_job job = {.work = BH_BLOB_PROVE, .size = BLOB_SIZE, .data = BH_BUF(64)};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	bh_hash_parts(f->hasher, said, 2, job.proof);
	assert_int_equal(bh_buf_append(&job.data, "head", 4), 0);
	bh_blob_files_run(f->files, &job);
	bh_buf_free(&job.data);
	return job;
}

static void test_whole__only_what_was_synced_has_the_name(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job job = blob_offer(f);

	for (uint32_t at = 0; at + BLOB_PART < BLOB_SIZE; at += BLOB_PART) {
		job = blob_part(f, job.upload, at, BLOB_PART);
		assert_false(blob_is_named(f));
		assert_true(blob_exists(f));
	}
	assert_int_equal(blob_send_rest(f, job).found, BH_BLOB_WHOLE);
	assert_true(blob_is_whole(f));
}

/* A sync fails and forgets, what it leaves cannot be deleted, and the process ends: what lies there
 * in full is not believed to be on the platter. */
static void test_whole__a_failed_sync_and_a_failed_delete_are_made_good_after_a_restart(
	void **state)
{
	static const enum bh_simvfs_fault faults[] = {
		BH_SIMVFS_SYNC_GONE, BH_SIMVFS_SYNC_PART, BH_SIMVFS_EIO};
	struct blob_kit *f = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct bh_simvfs_plan sync = {
			.call = BH_SIMVFS_SYNC, .fault = faults[i], .nth = 1, .suffix = ".part"};
		const struct bh_simvfs_plan delete = {.call = BH_SIMVFS_DELETE,
			.fault = BH_SIMVFS_EIO,
			.nth = 1,
			.suffix = ".part"};
		assert_int_equal(bh_simvfs_plan_add(f->vfs, &sync), 0);
		assert_int_equal(bh_simvfs_plan_add(f->vfs, &delete), 0);
		assert_int_equal(blob_send_all(f).err, BH_ERR_IO);
		bh_simvfs_heal(f->vfs);
		assert_false(blob_is_named(f));
		assert_true(blob_exists(f));
		blob_restart(f, false);
		assert_int_equal(stored_open(f).found, BH_BLOB_GONE); /* nor is its length */
		struct bh_blob_job job = blob_offer(f);
		assert_int_equal(job.found, BH_BLOB_WHOLE); /* without a byte sent again */
		blob_restart(f, true);
		assert_true(blob_is_whole(f));
		assert_int_equal(blob_drop(f).err, 0);
	}
}

static void test_whole__a_name_that_is_not_durable_is_made_so_when_it_is_found(void **state)
{
	struct blob_kit *f = *state;

	for (uint32_t nth = 1; nth <= 2; nth++) {
		const struct bh_simvfs_plan sync = {
			.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_EIO, .nth = nth};
		assert_int_equal(bh_simvfs_plan_add(f->vfs, &sync), 0);
		assert_int_equal(blob_send_all(f).err, BH_ERR_IO);
		bh_simvfs_heal(f->vfs);
		assert_int_equal(blob_is_named(f), nth == 2);
		blob_restart(f, false);
		assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
		blob_restart(f, true);
		assert_true(blob_is_whole(f));
		assert_int_equal(blob_drop(f).err, 0);
	}
}

static void test_whole__a_stored_one_that_is_not_there_is_sent_again(void **state)
{
	struct blob_kit *f = *state;

	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	uint64_t reads = bh_simvfs_stats(f->vfs).calls[BH_SIMVFS_READ];
	assert_int_equal(stored_open(f).found, BH_BLOB_WHOLE);
	assert_int_equal(bh_simvfs_stats(f->vfs).calls[BH_SIMVFS_READ], reads);
	assert_int_equal(blob_drop(f).err, 0);
	blob_restart(f, false); /* as after a restore without the photos */
	assert_int_equal(stored_open(f).found, BH_BLOB_GONE);
	assert_int_equal(bh_blob_files_uploads(f->files), 0);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	assert_int_equal(stored_open(f).found, BH_BLOB_WHOLE);
}

static void test_whole__what_has_the_name_and_not_the_hash_is_replaced(void **state)
{
	struct blob_kit *f = *state;

	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	blob_put(f->vfs, f->hash, "", (const uint8_t *)"rotten", 6);
	blob_restart(f, true);
	blob_assert_held(f, blob_offer(f), 0);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	blob_restart(f, true);
	assert_true(blob_is_whole(f));
}

static void test_whole__a_proof_is_of_the_same_bytes_and_touches_nothing(void **state)
{
	struct blob_kit *f = *state;
	uint8_t other[BLOB_SIZE];

	assert_int_equal(prove(f, f->photo, BLOB_SIZE).found, BH_BLOB_GONE);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	struct bh_blob_job job = prove(f, f->photo, BLOB_SIZE);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_int_equal(job.hashed, BLOB_SIZE);
	memcpy(other, f->photo, BLOB_SIZE);
	other[BLOB_SIZE - 1] ^= 1;
	assert_int_equal(prove(f, other, BLOB_SIZE).found, BH_BLOB_WRONG);
	assert_int_equal(prove(f, f->photo, BLOB_SIZE - 1).found, BH_BLOB_WRONG);
	assert_int_equal(prove(f, f->hash, BH_HASH_BYTES).found, BH_BLOB_WRONG);
	assert_true(blob_is_whole(f));
	assert_int_equal(bh_blob_files_uploads(f->files), 0);
	blob_put(f->vfs, f->hash, "", (const uint8_t *)"rotten",
		6); /* it shows nobody to be a liar */
	assert_int_equal(prove(f, f->photo, BLOB_SIZE).found, BH_BLOB_GONE);
}

static void test_whole__of_a_stored_one_only_what_was_on_its_way_again_is_dropped(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job drop = {.work = BH_BLOB_DROP, .stored = true};

	memcpy(drop.hash, f->hash, BH_HASH_BYTES);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	blob_put(f->vfs, f->hash, ".part", f->photo, 100);
	bh_blob_files_run(f->files, &drop);
	assert_int_equal(drop.err, 0);
	assert_true(blob_is_whole(f));
	blob_restart(f, true);
	assert_int_equal(blob_drop(f).err, 0);
	assert_false(blob_exists(f));
}

/* ---- On the system's disk ---- */

static int entry_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void test_whole__folders_that_go_behind_our_back_are_made_again(void **state)
{
	struct blob_kit *f = *state;
	const char *tmp = getenv("TMPDIR");
	char folder[64], path[96], whole[256], blobs[128];
	struct stat st;

	snprintf(folder, sizeof(folder), "%s/bh-whole-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/district.db", folder);
	snprintf(blobs, sizeof(blobs), "%s/blobs", folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	bh_blob_files_close(f->files);
	f->options = (struct bh_store_options){.path = path, .blob_reserve_bytes = 1};
	assert_int_equal(bh_blob_files_open(&f->options, &f->files), 0);
	assert_int_equal(bh_blob_path(path, f->hash, whole, sizeof(whole)), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
		assert_int_equal(stat(whole, &st), 0);
		assert_int_equal(st.st_size, BLOB_SIZE);
		assert_int_equal(stored_open(f).found, BH_BLOB_WHOLE);
		assert_int_equal(nftw(blobs, entry_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
		assert_int_equal(stored_open(f).found, BH_BLOB_GONE);
		struct bh_blob_job job = blob_offer(f);
		if (blob_part(f, job.upload, 0, BLOB_PART).err != 0) /* it was believed there */
			job = blob_offer(f);
		blob_assert_held(f, blob_part(f, job.upload, 0, BLOB_PART), BLOB_PART);
	}
	(void)nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
#define WHOLE_TEST(name) cmocka_unit_test_setup_teardown(test_whole__##name, blob_open, blob_close)
	const struct CMUnitTest tests[] = {
		WHOLE_TEST(only_what_was_synced_has_the_name),
		WHOLE_TEST(a_failed_sync_and_a_failed_delete_are_made_good_after_a_restart),
		WHOLE_TEST(a_name_that_is_not_durable_is_made_so_when_it_is_found),
		WHOLE_TEST(a_stored_one_that_is_not_there_is_sent_again),
		WHOLE_TEST(what_has_the_name_and_not_the_hash_is_replaced),
		WHOLE_TEST(a_proof_is_of_the_same_bytes_and_touches_nothing),
		WHOLE_TEST(of_a_stored_one_only_what_was_on_its_way_again_is_dropped),
		WHOLE_TEST(folders_that_go_behind_our_back_are_made_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
