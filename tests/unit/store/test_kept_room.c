/* The kept file's room: its reserve is laid before a commit, and no handset may fill it. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/store/kit.h"

#define KEPT "/330106.kept"

static void kept_open(struct kit *kit, uint32_t number, uint32_t logs_max)
{
	kit_open(kit, number);
	kit_down(kit);
	kit->options.kept_path = KEPT;
	kit->options.device_logs_max = logs_max;
	assert_int_equal(kit_up(kit), 0);
}

static int setup(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kept_open(kit, 48, 0);
	*state = kit;
	return 0;
}

static enum bh_device_state state_of(struct kit *kit, uint32_t id)
{
	struct bh_device device;
	int err = bh_reader_device(kit->reader, id, &device);

	return err ? 0 : device.state;
}

static void reserve_cut(struct kit *kit)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(kit->options.vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	uint8_t bytes[16384] = {0};
	sqlite3_int64 size = 0, whole;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL;

	assert_non_null(file);
	assert_int_equal(vfs->xOpen(vfs, KEPT, file, flags, &flags), SQLITE_OK);
	assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	assert_true(size > 0 && (size_t)size < sizeof(bytes));
	assert_int_equal(file->pMethods->xRead(file, bytes, (int)size, 0), SQLITE_OK);
	whole = size;
	while (size > 0 && bytes[size - 1] == 0)
		size--;
	assert_true(size < whole);
	assert_int_equal(file->pMethods->xTruncate(file, size), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

/* Each log is a line that stays: no handset may fill the file. */
static void test_kept__a_device_begins_only_so_many_logs(void **state)
{
	struct kit kit;
	struct phone phone;

	(void)state;
	kit_open(&kit, 50);
	kit_down(&kit);
	kit.options.kept_path = KEPT;
	kit.options.device_logs_max = 3;
	assert_int_equal(kit_up(&kit), 0);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(kit_log_begin(&kit, &phone, 71, NULL).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_log_begin(&kit, &phone, 72, NULL).verdict, BH_VERDICT_ACCEPTED);
	struct bh_outcome refused = kit_log_begin(&kit, &phone, 73, NULL);
	assert_int_equal(refused.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(refused.reason, BH_REASON_GUARD);
	assert_true(kit_log_begin(&kit, &phone, 72, NULL).repeat);
	kit_close(&kit);
}

/* A day's share comes back one by one, over a restart, and with a clock that was put back. */
static void test_kept__a_device_begins_only_so_many_logs_a_day(void **state)
{
	const int64_t day = 24 * 60 * KIT_MINUTE, share = day / 4;
	struct kit *kit = *state;
	struct phone phone, other;
	uint8_t id = 80;

	kit_down(kit);
	kit->options.device_logs_a_day = 4;
	assert_int_equal(kit_up(kit), 0);
	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			kit_log_begin(kit, &phone, id++, NULL).verdict, BH_VERDICT_ACCEPTED);
	struct bh_outcome refused = kit_log_begin(kit, &phone, id, NULL);
	assert_int_equal(refused.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(refused.reason, BH_REASON_NOT_NOW);
	int64_t left = refused.at_ms - kit->now.mono_ms;
	kit_pass(kit, KIT_MINUTE);
	kit_restart(kit, false);
	refused = kit_log_begin(kit, &phone, id, NULL);
	assert_int_equal(refused.reason, BH_REASON_NOT_NOW);
	assert_true(refused.at_ms - kit->now.mono_ms < left);
	assert_true(kit_log_begin(kit, &phone, 81, NULL).repeat); /* what was begun is no new one */
	assert_int_equal(kit_log_begin(kit, &other, 90, NULL).verdict, BH_VERDICT_ACCEPTED);
	kit_pass(kit, share);
	assert_int_equal(kit_log_begin(kit, &phone, id++, NULL).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_log_begin(kit, &phone, id, NULL).reason, BH_REASON_NOT_NOW);
	kit_pass(kit, 2 * day);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			kit_log_begin(kit, &phone, id++, NULL).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_log_begin(kit, &phone, id, NULL).reason, BH_REASON_NOT_NOW);
}

/* Logs and enrolments leave room for who is shut out, and the district opens whatever there is. */
static void test_kept__a_full_file_still_takes_revocations_and_the_district_opens(void **state)
{
	struct kit *kit = *state;
	struct phone phone, other, late;
	struct bh_writer_counts counts;
	struct bh_outcome refused = {0};
	unsigned begun = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	kit_down(kit);
	kit->options.kept_bytes_max = 4096;
	assert_int_equal(kit_up(kit), 0);
	while (refused.verdict != BH_VERDICT_REJECTED && begun < 90) {
		refused = kit_log_begin(kit, &phone, (uint8_t)(100 + begun), NULL);
		begun += refused.verdict == BH_VERDICT_ACCEPTED;
	}
	assert_int_equal(refused.reason, BH_REASON_GUARD);
	assert_true(begun > 10);
	bh_writer_counts(kit->writer, &counts);
	assert_int_equal(counts.kept_bytes_max, 4096);
	assert_true(counts.kept_bytes > 4096 / 100 * BH_KEPT_ALARM_PERCENT);
	assert_true(counts.kept_bytes < 4096);
	memset(&late, 7, sizeof(late));
	(void)kit_enrol_code(kit, 9, BH_DEMO_WORKER(1111), 2 * KIT_START_MS);
	assert_int_equal(kit_enrolled(kit, &late, 9).reason, BH_REASON_NOT_NOW);
	assert_int_equal(kit_revoke(kit, phone.device).verdict, BH_VERDICT_ACCEPTED);
	kit_restart(kit, true);
	assert_int_equal(state_of(kit, phone.device), BH_DEVICE_REVOKED);
	kit_down(kit); /* a smaller limit than what is there, and no file at all */
	kit->options.kept_bytes_max = 1000;
	assert_int_equal(kit_up(kit), 0);
	kit_down(kit);
	sqlite3_vfs *vfs = sqlite3_vfs_find(kit->options.vfs);
	assert_int_equal(vfs->xDelete(vfs, KEPT, 1), SQLITE_OK);
	assert_int_equal(kit_up(kit), 0);
	bh_writer_counts(kit->writer, &counts);
	assert_true(counts.kept_bytes > 1000);
	kit_restart(kit, true);
	assert_int_equal(state_of(kit, phone.device), BH_DEVICE_REVOKED);
	assert_int_equal(state_of(kit, other.device), BH_DEVICE_LIVE);
}

/* The reserve is laid before the commit: no room for it is a refusal, and nothing is broken. */
static void test_kept__a_full_disk_refuses_before_the_commit_and_later_takes_it(void **state)
{
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, true, ".kept"};
	struct bh_msg_entry_revoked message = {.reason = bh_span("lost", 4)};
	struct bh_outcome outcome = {0};
	struct phone phone;
	struct kit *kit = *state;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_down(kit);
	reserve_cut(kit); /* as it was before there were reserves */
	assert_int_equal(kit_up(kit), 0);
	message.device = phone.device;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_revoked(&message, &kit->payload), 0);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_REVOKE,
		.payload = bh_buf_span(&kit->payload)};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &full), 0);
	uint64_t head = kit_head(kit);
	assert_int_equal(bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes), 0);
	assert_int_equal(job.err, BH_ERR_FULL);
	assert_int_equal(kit_head(kit), head);
	assert_int_equal(state_of(kit, phone.device), BH_DEVICE_LIVE);
	bh_simvfs_heal(kit->vfs);
	assert_int_equal(kit_revoke(kit, phone.device).verdict, BH_VERDICT_ACCEPTED);
	kit_restart(kit, true);
	assert_int_equal(state_of(kit, phone.device), BH_DEVICE_REVOKED);
}

static void test_kept__finds_the_ballasts_room_at_opening(void **state)
{
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, ".kept"};
	const struct bh_simvfs_plan less = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 2, false, ".kept"};
	struct bh_writer_counts counts;
	struct kit kit;

	(void)state;
	kit_open(&kit, 49);
	kit_down(&kit);
	kit.options.kept_path = KEPT;
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &full), 0); /* for a whole reserve */
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &less), 0); /* nor for what is needed */
	assert_int_equal(kit_up(&kit), 0);
	bh_writer_counts(kit.writer, &counts);
	assert_int_equal(counts.ballast, BH_BALLAST_RELEASED);
	kit_close(&kit);
}

/* A sync that fails may leave what it did not write where the next process reads it; full: no room
 * for another file beside it. */
static void failed_sync_survive(struct kit *kit, bool full)
{
	const struct bh_simvfs_plan gone = {BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, true, ".kept"};
	const struct bh_simvfs_plan none = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, true, "-new"};
	struct phone first, second, third;
	const uint8_t *bytes = NULL;
	size_t len = 0;

	kit_enrol(kit, &first, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &second, BH_DEMO_WORKER(1112), 2);
	kit_enrol(kit, &third, BH_DEMO_WORKER(1112), 3);
	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &gone), 0);
	assert_false(kit_revoke_answered(kit, first.device));
	bh_simvfs_heal(kit->vfs);
	if (full)
		assert_int_equal(bh_simvfs_plan_add(kit->vfs, &none), 0);
	kit_restart(kit, false);
	assert_true(bh_simvfs_file_image(kit->vfs, KEPT "-new", &bytes, &len) != 0);
	assert_true(kit_revoke_answered(kit, second.device));
	assert_true(kit_revoke_answered(kit, third.device));
	kit_restart(kit, true);
	assert_int_equal(state_of(kit, first.device), BH_DEVICE_REVOKED);
	assert_int_equal(state_of(kit, second.device), BH_DEVICE_REVOKED);
}

static void test_kept__what_a_failed_sync_left_is_written_again_before_anything_follows(
	void **state)
{
	failed_sync_survive(*state, false);
}

static void test_kept__on_a_full_disk_it_is_written_again_where_it_lies(void **state)
{
	failed_sync_survive(*state, true);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_kept__a_full_disk_refuses_before_the_commit_and_later_takes_it),
		cmocka_unit_test(test_kept__finds_the_ballasts_room_at_opening),
		cmocka_unit_test(test_kept__a_device_begins_only_so_many_logs),
		CASE(test_kept__a_device_begins_only_so_many_logs_a_day),
		CASE(test_kept__what_a_failed_sync_left_is_written_again_before_anything_follows),
		CASE(test_kept__on_a_full_disk_it_is_written_again_where_it_lies),
		CASE(test_kept__a_full_file_still_takes_revocations_and_the_district_opens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
