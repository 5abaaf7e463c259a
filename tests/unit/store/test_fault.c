/* The same short day, once for every place where the power can go, the disk can fill or a call can
 * fail: what was answered stays answered, what was not can be asked again, and the file verifies
 * (faults.md E03). */
#include "tests/unit/store/kit.h"

#define REPORTS 6u
#define PLACES_MAX 2000u

/* A day: reports in three pushes, a dispatch at the desk, reminders of the clock.  What was
 * answered is kept. */
struct day {
	struct kit kit;
	struct phone phone;
	struct push pushes[3];
	struct bh_command dispatch;
	struct bh_outcome told[3][REPORTS];
	bool answered[3];
	struct bh_outcome dispatched;
	bool dispatch_answered;
};

static void day_open(struct day *day, uint32_t number)
{
	memset(day, 0, sizeof(*day));
	kit_open(&day->kit, number);
	day->kit.options.wal_pages_max = 24; /* checkpoints are part of the day */
	kit_down(&day->kit);
	assert_int_equal(kit_up(&day->kit), 0);
	kit_enrol(&day->kit, &day->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 3; i++) {
		push_begin(&day->pushes[i]);
		for (size_t j = 0; j < REPORTS / 3 * (i + 1) && j < REPORTS; j++)
			push_report(&day->kit, &day->pushes[i], &day->phone, "a report");
	}
	day->dispatch = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER),
		bh_case_number(day->phone.log_short, 1), "go");
	day->dispatch.unit = BH_DEMO_CLEAN_A;
	memset(day->dispatch.key_hash, 7, BH_HASH_BYTES);
}

static void day_close(struct day *day)
{
	for (size_t i = 0; i < 3; i++)
		push_end(&day->pushes[i]);
	kit_close(&day->kit);
}

static void outcomes_equal(const struct bh_outcome *a, const struct bh_outcome *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->position, b->position);
	assert_int_equal(a->case_number, b->case_number);
	assert_int_equal(a->at_ms, b->at_ms);
}

/* Gives a push; what it is answered must be what it was answered before.  The code of the run or of
 * the job. */
static int day_push(struct day *day, size_t i)
{
	struct push *push = &day->pushes[i];
	struct bh_job *jobs[] = {&push->job};
	int err = bh_writer_run(day->kit.writer, day->kit.now, jobs, 1, &day->kit.wakes);

	if (!err)
		err = push->job.err;
	if (err)
		return err;
	for (size_t j = 0; j < push->job.count; j++) {
		assert_int_equal(push->outcomes[j].verdict, BH_VERDICT_ACCEPTED);
		if (day->answered[i])
			outcomes_equal(&push->outcomes[j], &day->told[i][j]);
	}
	memcpy(day->told[i], push->outcomes, push->job.count * sizeof(push->outcomes[0]));
	day->answered[i] = true;
	return 0;
}

static int day_dispatch(struct day *day)
{
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &day->dispatch, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	int err = bh_writer_run(day->kit.writer, day->kit.now, jobs, 1, &day->kit.wakes);

	if (!err)
		err = job.err;
	if (err)
		return err;
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	if (day->dispatch_answered)
		outcomes_equal(&outcome, &day->dispatched);
	day->dispatched = outcome;
	day->dispatch_answered = true;
	return 0;
}

static int day_tick(struct day *day)
{
	size_t fired;

	return bh_writer_tick(day->kit.writer, day->kit.now, 100, &fired, &day->kit.wakes);
}

/* From the beginning, all of it, up to the first call that fails. */
static int day_run(struct day *day)
{
	int err = day_push(day, 0);

	if (!err)
		err = day_tick(day);
	if (!err)
		err = day_push(day, 1);
	if (!err)
		err = day_dispatch(day);
	if (day->kit.now.wall_ms < KIT_START_MS + 16 * KIT_MINUTE)
		kit_pass(&day->kit, KIT_START_MS + 16 * KIT_MINUTE - day->kit.now.wall_ms);
	if (!err)
		err = day_tick(day); /* reminders */
	if (!err)
		err = day_push(day, 2);
	if (!err)
		err = bh_writer_idle(day->kit.writer);
	return err;
}

/* Whatever happened: in a process of its own, on a healthy disk, the day is whole, once. */
static void day_check(struct day *day)
{
	struct bh_verify_report report;
	struct bh_stats stats;

	assert_int_equal(day_run(day), 0);
	int err = kit_verify(&day->kit, &report);
	if (err)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	assert_int_equal(bh_reader_stats(day->kit.reader, &stats), 0);
	assert_int_equal(stats.cases, 2 + 4 + 6);
	assert_int_equal(stats.dispatched, 1);
}

static void cut_everywhere(bool power)
{
	uint64_t place = 1;
	bool struck = true;

	for (; struck && place < PLACES_MAX; place++) {
		struct day day;
		day_open(&day, 10);
		bh_simvfs_stop_at(day.kit.vfs, place);
		int err = day_run(&day);
		struck = bh_simvfs_is_stopped(day.kit.vfs);
		if (!struck)
			assert_int_equal(err, 0);
		kit_restart(&day.kit, power);
		day_check(&day);
		day_close(&day);
	}
	print_message("# %llu places\n", (unsigned long long)place - 2);
	assert_true(place > 40 && place < PLACES_MAX);
}

static void test_power_cut__at_every_change_of_the_disk_loses_nothing_answered(void **state)
{
	(void)state;
	cut_everywhere(true);
}

static void test_kill__at_every_change_of_the_disk_loses_nothing_answered(void **state)
{
	(void)state;
	cut_everywhere(false);
}

/* Opens until it works: a fault of one call may have struck the opening itself. */
static void day_reopen(struct day *day)
{
	int err = BH_ERR_IO;

	bh_simvfs_kill(day->kit.vfs);
	for (int tries = 0; err && tries < 3; tries++) {
		kit_down(&day->kit);
		err = kit_up(&day->kit);
	}
	assert_int_equal(err, 0);
}

/* One call of a kind fails once, each in its turn.  Gives how often the outcome of a commit was
 * unknown. */
static size_t fail_everywhere(
	enum bh_simvfs_call call, enum bh_simvfs_fault fault, const char *suffix)
{
	size_t unknown = 0, places = 0;
	bool struck = true;

	for (uint32_t nth = 1; struck && nth < PLACES_MAX; nth++) {
		struct day day;
		day_open(&day, 11);
		struct bh_simvfs_plan plan = {call, fault, nth, false, suffix};
		struct bh_simvfs_stats before = bh_simvfs_stats(day.kit.vfs);
		assert_int_equal(bh_simvfs_plan_add(day.kit.vfs, &plan), 0);
		int err = BH_ERR_IO;
		for (int tries = 0; err && tries < 3; tries++) {
			err = day_run(&day);
			assert_true(err == 0 || err == BH_ERR_UNKNOWN || err == BH_ERR_FULL ||
				    err == BH_ERR_IO);
			if (fault == BH_SIMVFS_FULL)
				assert_int_not_equal(err, BH_ERR_UNKNOWN);
			if (err == BH_ERR_UNKNOWN) {
				unknown++;
				day_reopen(&day);
			}
		}
		assert_int_equal(err, 0);
		struct bh_simvfs_stats after = bh_simvfs_stats(day.kit.vfs);
		struck = after.eio[call] + after.full + after.syncs_unknown_done +
				 after.syncs_unknown_part + after.syncs_unknown_gone +
				 after.short_writes >
			 before.eio[call] + before.full + before.syncs_unknown_done +
				 before.syncs_unknown_part + before.syncs_unknown_gone +
				 before.short_writes;
		places += struck;
		bh_simvfs_heal(day.kit.vfs);
		kit_restart(&day.kit, true);
		day_check(&day);
		day_close(&day);
	}
	print_message("# %zu places, %zu unknown\n", places, unknown);
	assert_true(places > 0);
	return unknown;
}

static void test_full__at_every_write_changes_nothing_and_heals(void **state)
{
	(void)state;
	assert_int_equal(fail_everywhere(BH_SIMVFS_WRITE, BH_SIMVFS_FULL, NULL), 0);
}

static void test_write_error__at_every_write_is_never_taken_for_success(void **state)
{
	(void)state;
	assert_true(fail_everywhere(BH_SIMVFS_WRITE, BH_SIMVFS_EIO, NULL) > 0);
	assert_true(fail_everywhere(BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, NULL) > 0);
}

static void test_sync_error__at_every_sync_is_an_unknown_outcome_resolved_at_restart(void **state)
{
	(void)state;
	assert_true(fail_everywhere(BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_DONE, "-wal") > 0);
	assert_true(fail_everywhere(BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_PART, "-wal") > 0);
	assert_true(fail_everywhere(BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, "-wal") > 0);
}

/* What a forgotten sync left in the WAL, and a cut while that is put right, take nothing away. */
/* A commit whose sync the kernel forgot; the next process opens the file, is killed at its
 * stop_at-th call (0: lives) and may report; then the power goes. */
static void forgotten_run(uint32_t number, uint64_t stop_at, bool reports)
{
	const struct bh_simvfs_plan forgotten = {
		.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_SYNC_GONE, .nth = 1, .suffix = "-wal"};
	struct kit kit;
	struct phone phone;
	struct push push;
	struct bh_verify_report report;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t seen = 0, head = 0, later = 0;

	kit_open(&kit, number);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_report(&kit, &phone, "before");
	push_begin(&push);
	push_report(&kit, &push, &phone, "forgotten");
	assert_int_equal(bh_simvfs_plan_add(kit.vfs, &forgotten), 0);
	struct bh_job *jobs[] = {&push.job};
	assert_int_equal(bh_writer_run(kit.writer, kit.now, jobs, 1, &kit.wakes), BH_ERR_UNKNOWN);
	bh_simvfs_kill(kit.vfs);
	kit_down(&kit);
	bh_simvfs_stop_at(kit.vfs, stop_at);
	int err = kit_up(&kit);
	bh_simvfs_stop_at(kit.vfs, 0);
	if (err == 0)
		assert_int_equal(bh_reader_head(kit.reader, &seen, hash), 0);
	if (err == 0 && reports)
		later = kit_report(&kit, &phone, "later");
	bh_simvfs_crash(kit.vfs);
	kit_down(&kit);
	assert_int_equal(kit_up(&kit), 0);
	assert_int_equal(bh_reader_head(kit.reader, &head, hash), 0);
	assert_true(head >= seen);
	kit_case(&kit, bh_case_number(phone.log_short, 1));
	if (later)
		kit_case(&kit, later);
	kit_down(&kit);
	assert_int_equal(bh_store_verify(&kit.options, &report), 0);
	assert_int_equal(kit_up(&kit), 0);
	push_end(&push);
	kit_close(&kit);
}

static void test_sync_error__that_the_kernel_forgot_takes_nothing_later_with_it(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 60; n++)
		forgotten_run(900 + n, n % 2 ? 0 : 1 + n / 2, n % 3 != 0);
}

static void test_read_error__at_every_read_is_told_and_harms_nothing(void **state)
{
	(void)state;
	fail_everywhere(BH_SIMVFS_READ, BH_SIMVFS_EIO, NULL);
}

static void test_unknown__nothing_is_done_after_it_until_the_file_is_opened_anew(void **state)
{
	struct day day;
	struct bh_simvfs_plan plan = {BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_DONE, 1, false, "-wal"};

	(void)state;
	day_open(&day, 12);
	assert_int_equal(bh_simvfs_plan_add(day.kit.vfs, &plan), 0);
	assert_int_equal(day_push(&day, 0), BH_ERR_UNKNOWN);
	assert_int_equal(day_push(&day, 0), BH_ERR_UNKNOWN);
	assert_int_equal(day_tick(&day), BH_ERR_UNKNOWN);
	assert_int_equal(bh_writer_idle(day.kit.writer), BH_ERR_UNKNOWN);
	kit_restart(&day.kit, false);
	assert_int_equal(day_push(&day, 0), 0);
	assert_true(day.pushes[0].outcomes[0].repeat); /* it was there all the time */
	day_check(&day);
	day_close(&day);
}

static void test_full__while_it_lasts_reads_go_on(void **state)
{
	struct day day;
	struct bh_case cased;

	(void)state;
	day_open(&day, 13);
	assert_int_equal(day_push(&day, 0), 0);
	kit_fill(&day.kit);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(day_push(&day, 1), BH_ERR_FULL);
		assert_int_equal(day_dispatch(&day), BH_ERR_FULL);
		assert_int_equal(day.kit.wakes.scopes_count, 0); /* nobody is told of it */
		assert_int_equal(day_push(&day, 0), 0);          /* a repeat needs no room */
		assert_int_equal(bh_reader_case(day.kit.reader,
					 bh_case_number(day.phone.log_short, 1), &cased),
			0);
	}
	bh_simvfs_heal(day.kit.vfs);
	assert_int_equal(day_push(&day, 1), 0);
	day_check(&day);
	day_close(&day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_power_cut__at_every_change_of_the_disk_loses_nothing_answered),
		cmocka_unit_test(test_kill__at_every_change_of_the_disk_loses_nothing_answered),
		cmocka_unit_test(test_full__at_every_write_changes_nothing_and_heals),
		cmocka_unit_test(test_write_error__at_every_write_is_never_taken_for_success),
		cmocka_unit_test(
			test_sync_error__at_every_sync_is_an_unknown_outcome_resolved_at_restart),
		cmocka_unit_test(
			test_sync_error__that_the_kernel_forgot_takes_nothing_later_with_it),
		cmocka_unit_test(test_read_error__at_every_read_is_told_and_harms_nothing),
		cmocka_unit_test(
			test_unknown__nothing_is_done_after_it_until_the_file_is_opened_anew),
		cmocka_unit_test(test_full__while_it_lasts_reads_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
