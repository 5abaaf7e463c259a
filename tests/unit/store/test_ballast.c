/* A disk that fills under a district: its ballast is there, is taken once, keeps the district
 * going, and is there again when there is room; whatever fails in that harms nothing. */
#include <sqlite3.h>

#include "server/store/contact.h"
#include "tests/unit/store/kit.h"

#define BALLAST_PATH KIT_PATH "-ballast"
#define REPORTS_MAX 400u
#define PLACES_MAX 200u
#define AGAIN_MS 15000

static struct bh_writer_counts counts_now(struct kit *kit)
{
	struct bh_writer_counts counts;

	bh_writer_counts(kit->writer, &counts);
	return counts;
}

static size_t ballast_len(struct kit *kit)
{
	const uint8_t *data;
	size_t len = 0;

	return bh_simvfs_file_image(kit->vfs, BALLAST_PATH, &data, &len) == 0 ? len : 0;
}

static void is(struct kit *kit, enum bh_ballast_state state)
{
	bool laid = state == BH_BALLAST_LAID;

	assert_int_equal(counts_now(kit).ballast, state);
	assert_int_equal(counts_now(kit).ballast_bytes, laid ? KIT_BALLAST_BYTES : 0);
	assert_int_equal(ballast_len(kit), laid ? KIT_BALLAST_BYTES : 0);
}

/* The disk has so many bytes left. */
static void leave(struct kit *kit, uint64_t bytes)
{
	bh_simvfs_budget_set(kit->vfs, bh_simvfs_bytes_used(kit->vfs) + bytes);
}

/* A report; the code of the job. */
static int report(struct kit *kit, struct phone *phone)
{
	char text[400];
	struct phone before = *phone;
	struct push push;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	push_begin(&push);
	push_report(kit, &push, phone, text);
	int err = push_run(kit, &push);
	if (err)
		*phone = before;
	push_end(&push);
	return err;
}

/* Until one is refused: how many were taken. */
static unsigned reports_until_full(struct kit *kit, struct phone *phone)
{
	for (unsigned taken = 0; taken < REPORTS_MAX; taken++) {
		int err = report(kit, phone);
		if (!err)
			continue;
		assert_int_equal(err, BH_ERR_FULL);
		return taken;
	}
	fail_msg("not full after %u reports", REPORTS_MAX);
	return 0;
}

/* Idle as the writer's thread is: after a turn of the clock. */
static void idle_after(struct kit *kit, int64_t ms)
{
	size_t fired;

	kit_pass(kit, ms);
	(void)bh_writer_tick(kit->writer, kit->now, 100, &fired, &kit->wakes);
	(void)bh_writer_idle(kit->writer);
}

static void holds(struct kit *kit, uint64_t cases)
{
	struct bh_verify_report verified;
	struct bh_stats stats;

	if (kit_verify(kit, &verified) != 0)
		fail_msg("%s", verified.what);
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.cases, cases);
}

static void test_ballast__is_laid_whole_and_outlasts_a_power_cut(void **state)
{
	const struct bh_simvfs_plan unwritable = {
		BH_SIMVFS_WRITE, BH_SIMVFS_EIO, 1, true, "-ballast"};
	struct kit kit;

	(void)state;
	kit_open(&kit, 60);
	is(&kit, BH_BALLAST_LAID);
	kit_restart(&kit, true);
	is(&kit, BH_BALLAST_LAID);
	/* one that lies there is not written again */
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &unwritable), 0);
	kit_restart(&kit, false);
	is(&kit, BH_BALLAST_LAID);
	kit_close(&kit);
}

static void test_ballast__is_not_laid_where_none_is_wanted(void **state)
{
	struct kit kit;

	(void)state;
	kit_open_bare(&kit, 61);
	kit.options.ballast_bytes = 0;
	assert_int_equal(bh_store_create(&kit.options, KIT_CODE, kit.now), 0);
	assert_int_equal(kit_up(&kit), 0);
	idle_after(&kit, 10 * AGAIN_MS);
	is(&kit, BH_BALLAST_UNWANTED);
	assert_false(bh_simvfs_file_exists(kit.vfs, BALLAST_PATH));
	kit_close(&kit);
}

/* The first that finds no room is taken all the same; what the WAL holds moves into the file; and
 * it goes on for as long as that much room lasts. */
static void test_ballast__is_taken_by_a_full_disk_and_nobody_is_refused(void **state)
{
	struct kit kit;
	struct phone phone;

	(void)state;
	kit_open(&kit, 62);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	leave(&kit, 0);
	uint64_t checkpoints = counts_now(&kit).checkpoints;
	unsigned taken = 0;
	while (counts_now(&kit).ballast == BH_BALLAST_LAID && taken < REPORTS_MAX) {
		assert_int_equal(report(&kit, &phone), 0);
		taken++;
	}
	is(&kit, BH_BALLAST_RELEASED);
	assert_int_equal(counts_now(&kit).checkpoints, checkpoints + 1);
	assert_int_equal(counts_now(&kit).rollbacks, 1);
	unsigned more = reports_until_full(&kit, &phone);
	print_message("# %u taken, %u of them by the ballast's room\n", taken + more, more + 1);
	assert_true(more > 2);
	bh_simvfs_heal(kit.vfs);
	kit_restart(&kit, true);
	holds(&kit, taken + more);
	assert_int_equal(report(&kit, &phone), 0);
	holds(&kit, taken + more + 1);
	kit_close(&kit);
}

static void test_ballast__is_taken_by_the_clock_and_by_contacts_too(void **state)
{
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, "-wal"};
	const struct bh_contact contact = {.device = 1, .at_ms = 5, .unsent_ops = 3};
	struct bh_contact kept;
	struct kit kit;
	struct phone phone;
	size_t count = 0;

	(void)state;
	kit_open(&kit, 63);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_report(&kit, &phone, "a report");
	kit_pass(&kit, 16 * KIT_MINUTE);
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &full), 0);
	assert_int_equal(kit_tick(&kit), 1);
	is(&kit, BH_BALLAST_RELEASED);
	idle_after(&kit, AGAIN_MS);
	is(&kit, BH_BALLAST_LAID);
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &full), 0);
	assert_int_equal(bh_writer_contacts(kit.writer, kit.now, &contact, 1), 0);
	is(&kit, BH_BALLAST_RELEASED);
	assert_int_equal(bh_reader_contacts(kit.reader, 0, &kept, 1, &count), 0);
	assert_int_equal(count, 1);
	holds(&kit, 1);
	kit_close(&kit);
}

/* A checkpoint whose pages find no room in the file. */
static void test_ballast__is_taken_by_a_checkpoint(void **state)
{
	struct kit kit;
	struct phone phone;
	unsigned reports = 0;

	(void)state;
	kit_open(&kit, 64);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	while (counts_now(&kit).wal_pages < 1000) {
		assert_int_equal(report(&kit, &phone), 0);
		reports++;
	}
	leave(&kit, 0);
	assert_int_equal(bh_writer_idle(kit.writer), 0);
	is(&kit, BH_BALLAST_RELEASED);
	assert_int_equal(counts_now(&kit).wal_pages, 0);
	bh_simvfs_heal(kit.vfs);
	holds(&kit, reports);
	kit_close(&kit);
}

static void test_ballast__is_laid_again_when_there_is_room_for_as_much_more(void **state)
{
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, "-wal"};
	struct kit kit;
	struct phone phone;

	(void)state;
	kit_open(&kit, 65);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &full), 0);
	assert_int_equal(report(&kit, &phone), 0);
	is(&kit, BH_BALLAST_RELEASED);
	idle_after(&kit, AGAIN_MS - 1);
	is(&kit, BH_BALLAST_RELEASED);
	leave(&kit, 2 * KIT_BALLAST_BYTES - 1);
	idle_after(&kit, 1);
	is(&kit, BH_BALLAST_RELEASED);
	struct bh_simvfs_stats before = bh_simvfs_stats(kit.vfs);
	bh_simvfs_heal(kit.vfs);
	for (int i = 0; i < 10; i++) /* not at every idle moment */
		idle_after(&kit, 1);
	is(&kit, BH_BALLAST_RELEASED);
	struct bh_simvfs_stats after = bh_simvfs_stats(kit.vfs);
	assert_int_equal(after.calls[BH_SIMVFS_OPEN], before.calls[BH_SIMVFS_OPEN]);
	leave(&kit, 2 * KIT_BALLAST_BYTES);
	idle_after(&kit, AGAIN_MS - 10);
	is(&kit, BH_BALLAST_LAID);
	kit_restart(&kit, true);
	is(&kit, BH_BALLAST_LAID);
	kit_close(&kit);
}

/* What a kill left in the WAL does not fit into the file. */
static int full_start(uint32_t number, bool ballast)
{
	struct kit kit;
	struct phone phone;
	const unsigned reports = 60;

	kit_open(&kit, number);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (unsigned i = 0; i < reports; i++)
		assert_int_equal(report(&kit, &phone), 0);
	bh_simvfs_kill(kit.vfs);
	kit_down(&kit);
	leave(&kit, 0);
	if (!ballast)
		kit.options.ballast_bytes = 0;
	int err = kit_up(&kit);
	if (!err) {
		is(&kit, BH_BALLAST_RELEASED);
		assert_int_equal(report(&kit, &phone), 0);
	}
	kit_down(&kit);
	bh_simvfs_heal(kit.vfs);
	kit.options.ballast_bytes = KIT_BALLAST_BYTES;
	assert_int_equal(kit_up(&kit), 0);
	is(&kit, BH_BALLAST_LAID);
	holds(&kit, reports + (err ? 0 : 1));
	kit_close(&kit);
	return err;
}

static void test_ballast__opens_a_district_on_a_full_disk(void **state)
{
	(void)state;
	assert_int_equal(full_start(66, true), 0);
	assert_int_equal(full_start(67, false), BH_ERR_FULL); /* what it is for */
}

/* A district that has none serves, and gets one later. */
static void test_ballast__that_cannot_be_laid_harms_nobody(void **state)
{
	static const struct bh_simvfs_plan plans[] = {
		{BH_SIMVFS_OPEN, BH_SIMVFS_EIO, 1, true, "-ballast"},
		{BH_SIMVFS_WRITE, BH_SIMVFS_EIO, 1, false, "-ballast"},
		{BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 2, false, "-ballast"},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, 3, false, "-ballast"},
		{BH_SIMVFS_TRUNCATE, BH_SIMVFS_EIO, 1, false, "-ballast"},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 1, false, "-ballast"},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, "-ballast"},
	};
	struct phone phone;

	(void)state;
	for (uint32_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		struct kit kit;
		kit_open_bare(&kit, 70 + i);
		assert_int_equal(bh_store_create(&kit.options, KIT_CODE, kit.now), 0);
		assert_int_equal(bh_simvfs_plan_add(kit.vfs, &plans[i]), 0);
		assert_int_equal(kit_up(&kit), 0);
		is(&kit, BH_BALLAST_MISSING);
		kit_profile(&kit);
		kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
		assert_int_equal(report(&kit, &phone), 0);
		bh_simvfs_heal(kit.vfs);
		idle_after(&kit, AGAIN_MS);
		is(&kit, BH_BALLAST_LAID);
		holds(&kit, 1);
		kit_close(&kit);
	}
}

/* Nor one that cannot be given up, or that somebody took away. */
static void test_ballast__that_cannot_be_taken_leaves_the_disk_full(void **state)
{
	const struct bh_simvfs_plan kept = {BH_SIMVFS_DELETE, BH_SIMVFS_EIO, 1, true, "-ballast"};
	struct kit kit;
	struct phone phone;

	(void)state;
	kit_open(&kit, 80);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &kept), 0);
	leave(&kit, 0);
	unsigned taken = reports_until_full(&kit, &phone);
	is(&kit, BH_BALLAST_LAID);
	bh_simvfs_heal(kit.vfs);
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(kit.vfs));
	assert_int_equal(vfs->xDelete(vfs, BALLAST_PATH, 1), SQLITE_OK);
	leave(&kit, 0);
	taken += reports_until_full(&kit, &phone);
	is(&kit, BH_BALLAST_MISSING);
	bh_simvfs_heal(kit.vfs);
	assert_int_equal(report(&kit, &phone), 0);
	holds(&kit, taken + 1);
	kit_close(&kit);
}

/* The process or the power ends at each change of the disk while it is laid: the next one lays it,
 * and what was half laid takes no room. */
static void test_ballast__an_end_at_every_change_of_the_disk_leaves_one_whole(void **state)
{
	bool struck = true;
	uint64_t place = 1;

	(void)state;
	for (; struck && place < PLACES_MAX; place++) {
		struct kit kit;
		kit_open_bare(&kit, 81);
		assert_int_equal(bh_store_create(&kit.options, KIT_CODE, kit.now), 0);
		bh_simvfs_stop_at(kit.vfs, place);
		(void)kit_up(&kit);
		struck = bh_simvfs_is_stopped(kit.vfs);
		kit_restart(&kit, place % 2 == 0);
		is(&kit, BH_BALLAST_LAID);
		kit_profile(&kit);
		holds(&kit, 0);
		kit_close(&kit);
	}
	print_message("# %llu places\n", (unsigned long long)place - 2);
	assert_in_range(place, 6, PLACES_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ballast__is_laid_whole_and_outlasts_a_power_cut),
		cmocka_unit_test(test_ballast__is_not_laid_where_none_is_wanted),
		cmocka_unit_test(test_ballast__is_taken_by_a_full_disk_and_nobody_is_refused),
		cmocka_unit_test(test_ballast__is_taken_by_the_clock_and_by_contacts_too),
		cmocka_unit_test(test_ballast__is_taken_by_a_checkpoint),
		cmocka_unit_test(test_ballast__is_laid_again_when_there_is_room_for_as_much_more),
		cmocka_unit_test(test_ballast__opens_a_district_on_a_full_disk),
		cmocka_unit_test(test_ballast__that_cannot_be_laid_harms_nobody),
		cmocka_unit_test(test_ballast__that_cannot_be_taken_leaves_the_disk_full),
		cmocka_unit_test(test_ballast__an_end_at_every_change_of_the_disk_leaves_one_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
