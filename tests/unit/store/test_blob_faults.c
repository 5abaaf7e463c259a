/* Photos' files on a disk that fails: what was told to be whole is whole and stays (faults.md I11,
 * F03, E03). */
#include "tests/unit/store/blob_kit.h"

/* At every change of the disk the power goes, or the process; then it is offered again, as often as
 * it takes.  Whatever was told to be whole is so after any cut. */
static void cut_everywhere(struct blob_kit *f, bool power)
{
	for (uint64_t k = 1; k < 40; k++) {
		bool told = false, stopped = false;
		bh_simvfs_stop_at(f->vfs, k);
		told = blob_send_all(f).found == BH_BLOB_WHOLE;
		stopped = bh_simvfs_is_stopped(f->vfs);
		bh_simvfs_stop_at(f->vfs, 0);
		blob_restart(f, power);
		if (told && !stopped)
			assert_true(blob_is_whole(f));
		struct bh_blob_job job = blob_send_all(f);
		assert_int_equal(job.err, 0);
		assert_int_equal(job.found, BH_BLOB_WHOLE);
		assert_true(blob_is_whole(f));
		blob_restart(f, true);
		assert_true(blob_is_whole(f));
		assert_int_equal(blob_drop(f).err, 0);
		blob_restart(f, true);
		assert_false(blob_exists(f));
		if (!stopped) {
			assert_true(
				k > BLOB_SIZE / BLOB_PART); /* each part was a change at least */
			return;
		}
	}
	fail_msg("it never came through");
}

static void test_files__a_power_cut_at_every_write_loses_nothing_told(void **state)
{
	cut_everywhere(*state, true);
}

static void test_files__a_kill_at_every_write_loses_nothing_told(void **state)
{
	cut_everywhere(*state, false);
}

static void test_files__every_error_ends_one_upload_and_the_next_goes_through(void **state)
{
	static const struct {
		enum bh_simvfs_call call;
		enum bh_simvfs_fault fault;
		int err;
	} faults[] = {{BH_SIMVFS_WRITE, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_WRITE, BH_SIMVFS_FULL, BH_ERR_FULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, BH_ERR_IO},
		{BH_SIMVFS_READ, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_READ, BH_SIMVFS_SHORT, BH_ERR_IO},
		{BH_SIMVFS_OPEN, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_TRUNCATE, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_PART, BH_ERR_IO}};
	struct blob_kit *f = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint32_t nth = 1;; nth++) {
			struct bh_simvfs_plan plan = {
				.call = faults[i].call, .fault = faults[i].fault, .nth = nth};
			assert_int_equal(bh_simvfs_plan_add(f->vfs, &plan), 0);
			struct bh_blob_job job = blob_send_all(f);
			bh_simvfs_heal(f->vfs);
			bool struck = job.err != 0;
			if (struck)
				assert_int_equal(job.err, faults[i].err);
			job = blob_send_all(f);
			assert_int_equal(job.err, 0);
			assert_int_equal(job.found, BH_BLOB_WHOLE);
			blob_restart(f, true);
			assert_true(blob_is_whole(f));
			(void)blob_drop(f);
			blob_restart(f, true);
			if (!struck) {
				assert_true(nth > 1);
				break;
			}
		}
	}
}

static void test_files__a_full_disk_says_so_until_there_is_room(void **state)
{
	struct blob_kit *f = *state;

	bh_simvfs_budget_set(f->vfs, bh_simvfs_bytes_used(f->vfs) + 2 * BLOB_PART + 100);
	assert_int_equal(blob_send_all(f).err, BH_ERR_FULL);
	assert_int_equal(blob_send_all(f).err, BH_ERR_FULL);
	bh_simvfs_heal(f->vfs);
	blob_assert_held(f, blob_offer(f), 2 * BLOB_PART);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
}

static void test_files__the_disks_last_bytes_are_left_to_the_districts_text(void **state)
{
	struct blob_kit *f = *state;
	uint64_t used = bh_simvfs_bytes_used(f->vfs);

	f->options.blob_reserve_bytes = 5000;
	blob_restart(f, false);
	bh_simvfs_budget_set(f->vfs, used + 2 * BLOB_PART + 4999);
	struct bh_blob_job job = blob_offer(f);
	job = blob_part(f, job.upload, 0, BLOB_PART);
	assert_int_equal(job.err, 0);
	assert_int_equal(blob_part(f, job.upload, BLOB_PART, BLOB_PART).err, BH_ERR_FULL);
	assert_int_equal(bh_simvfs_bytes_used(f->vfs), used + BLOB_PART);
	bh_simvfs_budget_set(f->vfs, used + BLOB_SIZE + 5000);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	bh_simvfs_budget_set(f->vfs, 0); /* reading and deleting go on below it */
	assert_int_equal(blob_offer(f).found, BH_BLOB_WHOLE);
	assert_int_equal(blob_drop(f).err, 0);
}

int main(void)
{
#define FILES_TEST(name) cmocka_unit_test_setup_teardown(test_files__##name, blob_open, blob_close)
	const struct CMUnitTest tests[] = {
		FILES_TEST(a_power_cut_at_every_write_loses_nothing_told),
		FILES_TEST(a_kill_at_every_write_loses_nothing_told),
		FILES_TEST(every_error_ends_one_upload_and_the_next_goes_through),
		FILES_TEST(a_full_disk_says_so_until_there_is_room),
		FILES_TEST(the_disks_last_bytes_are_left_to_the_districts_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
