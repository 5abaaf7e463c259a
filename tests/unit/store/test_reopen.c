/* A commit whose sync failed and was forgotten by the kernel: it can be read in the next process,
 * and what that process tells of it must outlast the power, wherever that process was ended while
 * it opened. */
#include "tests/unit/store/kit.h"

#include <sqlite3.h>

#define SEEDS 24u
#define PLACES_MAX 80u
#define UNKNOWN 24u /* reports in the unknown commit */

struct unknown {
	struct kit kit;
	struct phone phone;
	struct push push;
	uint64_t safe, number; /* cases */
};

/* The WAL begins anew with a report that is safe.  The commit after it is unknown, and it touches
 * more pages than the first: a page or two of each must never be mixed.  Then the process is dead.
 */
static void unknown_begin_of(struct unknown *u, uint32_t seed, size_t reports)
{
	const struct bh_simvfs_plan gone = {
		BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, seed % 3 == 1 ? 2 : 1, false, "-wal"};
	struct bh_job *jobs[] = {&u->push.job};
	static char text[700];

	memset(u, 0, sizeof(*u));
	kit_open(&u->kit, seed);
	kit_enrol(&u->kit, &u->phone, BH_DEMO_WORKER(1111), 1);
	u->safe = kit_report(&u->kit, &u->phone, "before");
	kit_down(&u->kit);
	assert_int_equal(kit_up(&u->kit), 0);
	if (seed % 3 == 0) /* else the unknown commit begins the WAL itself: head, or frames */
		u->safe = kit_report(&u->kit, &u->phone, "safe");
	memset(text, 'x', sizeof(text) - 1);
	push_begin(&u->push);
	for (size_t i = 0; i < reports; i++)
		push_report(&u->kit, &u->push, &u->phone, text);
	u->number = bh_case_number(u->phone.log_short, (uint32_t)u->phone.seq);
	assert_int_equal(bh_simvfs_plan_add(u->kit.vfs, &gone), 0);
	assert_int_equal(
		bh_writer_run(u->kit.writer, u->kit.now, jobs, 1, &u->kit.wakes), BH_ERR_UNKNOWN);
	bh_simvfs_kill(u->kit.vfs);
	kit_down(&u->kit);
}

static void unknown_begin(struct unknown *u, uint32_t seed)
{
	unknown_begin_of(u, seed, UNKNOWN);
}

static void unknown_end(struct unknown *u)
{
	push_end(&u->push);
	kit_close(&u->kit);
}

static bool case_is_there(struct unknown *u)
{
	struct bh_case cased;
	int err = bh_reader_case(u->kit.reader, u->number, &cased);

	assert_true(err == 0 || err == BH_ERR_NOT_FOUND);
	return err == 0;
}

static void power_cut(struct unknown *u)
{
	bh_simvfs_crash(u->kit.vfs);
	kit_down(&u->kit);
	assert_int_equal(kit_up(&u->kit), 0);
}

static void test_reopen__what_was_read_after_an_unknown_commit_outlasts_the_power(void **state)
{
	(void)state;
	for (uint32_t seed = 100; seed < 100 + SEEDS; seed++) {
		struct unknown u;

		unknown_begin(&u, seed);
		assert_int_equal(kit_up(&u.kit), 0);
		bool seen = case_is_there(&u);
		assert_true(seen || seed % 3 == 2); /* of that one nothing was written but a head */
		power_cut(&u);
		assert_int_equal(case_is_there(&u), seen);
		unknown_end(&u);
	}
}

static void test_reopen__a_repeat_answered_after_an_unknown_commit_outlasts_the_power(void **state)
{
	(void)state;
	for (uint32_t seed = 200; seed < 200 + SEEDS; seed++) {
		struct unknown u;

		unknown_begin(&u, seed);
		assert_int_equal(kit_up(&u.kit), 0);
		assert_int_equal(push_run(&u.kit, &u.push), 0);
		assert_int_equal(u.push.outcomes[0].repeat, seed % 3 != 2);
		uint64_t position = u.push.outcomes[0].position;
		power_cut(&u);
		assert_int_equal(push_run(&u.kit, &u.push), 0);
		assert_true(u.push.outcomes[0].repeat);
		assert_int_equal(u.push.outcomes[0].position, position);
		unknown_end(&u);
	}
}

/* The second process dies at each change of the disk that its opening makes; the third one reads,
 * and the power goes. */
static void test_reopen__a_kill_at_every_change_of_the_disk_takes_nothing_read(void **state)
{
	uint64_t place = 1;
	bool struck = true;

	(void)state;
	for (; struck && place < PLACES_MAX; place++) {
		for (uint32_t seed = 300; seed < 304; seed++) {
			struct unknown u;

			unknown_begin(&u, seed);
			bh_simvfs_stop_at(u.kit.vfs, place);
			int err = kit_up(&u.kit);
			struck = bh_simvfs_is_stopped(u.kit.vfs);
			assert_true(struck || err == 0);
			bh_simvfs_kill(u.kit.vfs);
			kit_down(&u.kit);
			assert_int_equal(kit_up(&u.kit), 0);
			bool seen = case_is_there(&u);
			power_cut(&u);
			assert_int_equal(case_is_there(&u), seen);
			unknown_end(&u);
		}
	}
	assert_in_range(place, 4, PLACES_MAX - 1);
}

/* The same, but the power goes while the second process opens: what the first one was told is
 * there, and the file is sound whatever of the unknown commit it holds. */
/* C09, the server's half. */
static void test_reopen__a_power_cut_at_every_change_of_the_disk_leaves_it_sound(void **state)
{
	uint64_t place = 1;
	bool struck = true;

	(void)state;
	for (; struck && place < PLACES_MAX; place++) {
		for (uint32_t seed = 512; seed < 520; seed++) {
			struct bh_verify_report report;
			struct bh_case cased;
			struct unknown u;

			unknown_begin(&u, seed);
			bh_simvfs_stop_at(u.kit.vfs, place);
			(void)kit_up(&u.kit);
			struck = bh_simvfs_is_stopped(u.kit.vfs);
			power_cut(&u);
			assert_int_equal(bh_reader_case(u.kit.reader, u.safe, &cased), 0);
			bool there = case_is_there(&u);
			if (kit_verify(&u.kit, &report) != 0)
				fail_msg("place %u, seed %u: %s", (unsigned)place, seed,
					report.what);
			power_cut(&u);
			assert_int_equal(case_is_there(&u), there);
			unknown_end(&u);
		}
	}
	assert_in_range(place, 3, PLACES_MAX - 1);
}

static void file_delete(struct unknown *u, const char *path)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(u->kit.vfs));

	assert_int_equal(vfs->xDelete(vfs, path, 1), SQLITE_OK);
}

/* The ballast is spent, and spare_bytes are left. */
static void disk_fill(struct unknown *u, uint64_t spare_bytes)
{
	u->kit.options.ballast_bytes = 0;
	file_delete(u, KIT_PATH "-ballast");
	bh_simvfs_budget_set(u->kit.vfs, bh_simvfs_bytes_used(u->kit.vfs) + spare_bytes);
}

/* Full to the last byte: room for the copy was laid when there was some.  A small commit fits into
 * the pages that are there, so that the opening succeeds and is believed. */
static void test_reopen__a_full_disk_takes_nothing_read(void **state)
{
	unsigned opened = 0;

	(void)state;
	for (uint32_t seed = 600; seed < 600 + 3 * SEEDS; seed++) {
		struct unknown u;

		unknown_begin_of(&u, seed, seed % 2 ? 1 : UNKNOWN);
		disk_fill(&u, 0);
		int err = kit_up(&u.kit);
		assert_true(err == 0 || err == BH_ERR_FULL);
		opened += err == 0;
		bh_simvfs_heal(u.kit.vfs);
		if (err != 0)
			assert_int_equal(kit_up(&u.kit), 0);
		bool seen = case_is_there(&u);
		power_cut(&u);
		assert_int_equal(case_is_there(&u), seen);
		unknown_end(&u);
	}
	assert_true(opened > 0);
}

/* The file of the copy was deleted by a stranger, and the disk is full: better none than one that a
 * power cut takes back. */
static void test_reopen__without_room_for_a_copy_there_is_no_opening(void **state)
{
	struct unknown u;

	(void)state;
	unknown_begin_of(&u, 0, 1);
	file_delete(&u, KIT_PATH "-renew");
	disk_fill(&u, 1000);
	assert_int_equal(kit_up(&u.kit), BH_ERR_FULL);
	bh_simvfs_heal(u.kit.vfs);
	assert_int_equal(kit_up(&u.kit), 0);
	assert_true(case_is_there(&u));
	power_cut(&u);
	assert_true(case_is_there(&u));
	unknown_end(&u);
}

/* An opening that cannot make itself safe is none. */
static void test_reopen__fails_where_its_own_commit_fails(void **state)
{
	static const enum bh_simvfs_fault faults[] = {
		BH_SIMVFS_EIO, BH_SIMVFS_SYNC_DONE, BH_SIMVFS_SYNC_PART, BH_SIMVFS_SYNC_GONE};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint32_t which = 0; which < 2; which++) {
			static const char *const files[] = {"-renew", "-wal"};
			const struct bh_simvfs_plan plan = {
				BH_SIMVFS_SYNC, faults[i], 1, false, files[which]};
			struct unknown u;

			unknown_begin(&u, 402);
			assert_int_equal(bh_simvfs_plan_add(u.kit.vfs, &plan), 0);
			assert_int_equal(kit_up(&u.kit), BH_ERR_IO);
			assert_null(u.kit.writer);
			assert_int_equal(kit_up(&u.kit), 0);
			bool seen = case_is_there(&u);
			power_cut(&u);
			assert_int_equal(case_is_there(&u), seen);
			unknown_end(&u);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_reopen__what_was_read_after_an_unknown_commit_outlasts_the_power),
		cmocka_unit_test(
			test_reopen__a_repeat_answered_after_an_unknown_commit_outlasts_the_power),
		cmocka_unit_test(
			test_reopen__a_kill_at_every_change_of_the_disk_takes_nothing_read),
		cmocka_unit_test(
			test_reopen__a_power_cut_at_every_change_of_the_disk_leaves_it_sound),
		cmocka_unit_test(test_reopen__a_full_disk_takes_nothing_read),
		cmocka_unit_test(test_reopen__without_room_for_a_copy_there_is_no_opening),
		cmocka_unit_test(test_reopen__fails_where_its_own_commit_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
