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

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_kept__a_full_disk_refuses_before_the_commit_and_later_takes_it),
		cmocka_unit_test(test_kept__finds_the_ballasts_room_at_opening),
		cmocka_unit_test(test_kept__a_device_begins_only_so_many_logs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
