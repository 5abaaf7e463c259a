/* What a case holds of people is destroyed by two: at every place where the power can go, and
 * whatever is put back afterwards. */
#include "server/store/writer.h"
#include "tests/unit/store/privacy_kit.h"

#define STEPS_MAX 600u

static void test_erase__two_people_erase_and_no_hold_stands_and_the_case_has_ended(void **state)
{
	struct kit *kit = *state;
	struct bh_buf out = BH_BUF(1000);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	assert_int_equal(privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number).reason,
		BH_REASON_NOT_NOW);
	number = privacy_ended_case(kit, &phone);
	assert_int_equal(privacy_act(kit, BH_VERB_ERASE, SECOND, number).reason, BH_REASON_GUARD);
	assert_int_equal(
		privacy_act(kit, BH_VERB_ASK_ERASE, ACCEPTOR, number).reason, BH_REASON_NO_RIGHT);
	assert_int_equal(privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(privacy_act(kit, BH_VERB_ERASE, PRIVACY_OFFICER_ONE, number).reason,
		BH_REASON_GUARD);
	assert_int_equal(
		privacy_act(kit, BH_VERB_HOLD, SECOND, number).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(privacy_act(kit, BH_VERB_ERASE, SECOND, number).reason, BH_REASON_GUARD);
	assert_int_equal(privacy_act(kit, BH_VERB_UNHOLD, PRIVACY_OFFICER_ONE, number).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(privacy_act(kit, BH_VERB_ERASE, SECOND, number).reason, BH_REASON_GUARD);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	assert_int_equal(
		privacy_act(kit, BH_VERB_ERASE, SECOND, number).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, number, 0, &out), BH_ERR_NOT_FOUND);
	privacy_verifies(kit, true);
	bh_buf_free(&out);
}

/* What the erased case privacy_told, and nothing of another, is gone from the disk. */
static void test_erase__what_was_erased_lies_nowhere_once_the_log_is_written_over(void **state)
{
	static const char only[] = "told by the erased case alone";
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (unsigned i = 0; i < 30; i++)
		kit_report(kit, &phone, privacy_told);
	uint64_t number = kit_report(kit, &phone, only);
	for (unsigned i = 0; i < 30; i++)
		kit_report(kit, &phone, privacy_told);
	privacy_act(kit, BH_VERB_REFUSE, ACCEPTOR, number);
	assert_true(privacy_anywhere(kit, only, sizeof(only) - 1));
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	privacy_act(kit, BH_VERB_ERASE, SECOND, number);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(privacy_anywhere(kit, only, sizeof(only) - 1));
	assert_true(privacy_anywhere(kit, privacy_told, sizeof(privacy_told) - 1));
	privacy_verifies(kit, true);
}

static void test_erase__a_backup_that_is_put_back_brings_nothing_back(void **state)
{
	struct kit *kit = *state;
	struct bh_buf out = BH_BUF(1000);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = privacy_ended_case(kit, &phone);
	privacy_back_up(kit);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	assert_int_equal(
		privacy_act(kit, BH_VERB_ERASE, SECOND, number).verdict, BH_VERDICT_ACCEPTED);
	kit_down(kit);
	kit->options.path = PRIVACY_OLD;
	assert_true(privacy_disk_holds(kit, PRIVACY_OLD, privacy_told, sizeof(privacy_told) - 1));
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(privacy_anywhere(kit, privacy_told, sizeof(privacy_told) - 1));
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, number, 0, &out), BH_ERR_NOT_FOUND);
	privacy_verifies(kit, true);
	uint64_t head = kit_head(kit);
	kit_restart(kit, false);
	assert_int_equal(kit_head(kit), head); /* once */
	bh_buf_free(&out);
}

/* The backup is older than the case: its handset gives the report once more. */
static void test_erase__a_report_that_comes_again_is_kept_without_content(void **state)
{
	struct kit *kit = *state;
	struct phone phone, again;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	privacy_back_up(kit);
	again = phone;
	uint64_t number = privacy_ended_case(kit, &phone);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	privacy_act(kit, BH_VERB_ERASE, SECOND, number);
	kit_down(kit);
	kit->options.path = PRIVACY_OLD;
	assert_int_equal(kit_up(kit), 0);
	push_begin(&push);
	push_report(kit, &push, &again, privacy_told);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(push.outcomes[0].case_number, number);
	push_end(&push);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(privacy_anywhere(kit, privacy_told, sizeof(privacy_told) - 1));
	uint64_t other_number = kit_report(kit, &again, "another one is as ever");
	assert_true(other_number != number);
	privacy_verifies(kit, true);
}

static void test_erase__what_was_asked_lapses_when_the_case_goes_on(void **state)
{
	static const struct {
		enum bh_verb verb;
		uint32_t person;
	} again[] = {{BH_VERB_RECONSIDER, BH_DEMO_PERSON(SUPERVISOR)},
		{BH_VERB_ASK_VOID, BH_DEMO_PERSON(DISPATCHER)},
		{BH_VERB_VOID, BH_DEMO_PERSON(SHIFT_LEADER)}};
	struct kit *kit = *state;
	struct bh_guarded guarded;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = privacy_ended_case(kit, &phone);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	assert_int_not_equal(guarded.asked, 0);
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
		assert_int_equal(privacy_act(kit, again[i].verb, again[i].person, number).verdict,
			BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	assert_int_equal(guarded.asked, 0);
	assert_int_equal(privacy_act(kit, BH_VERB_ERASE, SECOND, number).reason, BH_REASON_GUARD);
	assert_int_equal(privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(
		privacy_act(kit, BH_VERB_ERASE, SECOND, number).verdict, BH_VERDICT_ACCEPTED);
	privacy_verifies(kit, true);
}

static bool is_held(struct kit *kit, uint64_t number)
{
	struct bh_guarded guarded;

	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	return guarded.held != 0;
}

static void test_erase__a_hold_outlasts_a_backup_that_is_put_back(void **state)
{
	struct kit *kit = *state;
	struct phone phone, again;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t held = privacy_ended_case(kit, &phone), let_go = privacy_ended_case(kit, &phone);
	privacy_act(kit, BH_VERB_HOLD, SECOND, let_go);
	privacy_back_up(kit);
	again = phone;
	uint64_t later = privacy_ended_case(kit, &phone);
	privacy_act(kit, BH_VERB_HOLD, SECOND, held);
	privacy_act(kit, BH_VERB_HOLD, SECOND, later);
	privacy_act(kit, BH_VERB_UNHOLD, PRIVACY_OFFICER_ONE, let_go);
	kit_down(kit);
	kit->options.path = PRIVACY_OLD;
	assert_int_equal(kit_up(kit), 0);
	assert_true(is_held(kit, held));
	assert_false(is_held(kit, let_go));
	assert_int_equal(privacy_ended_case(kit, &again), later);
	assert_true(is_held(kit, later));
	assert_int_equal(privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, later).reason,
		BH_REASON_GUARD);
	uint64_t head = kit_head(kit);
	kit_restart(kit, false);
	assert_int_equal(kit_head(kit), head); /* once */
	privacy_verifies(kit, false);
}

/* ---- Whom it is told ---- */

static uint64_t closed_case(struct kit *kit, struct phone *phone)
{
	uint64_t number = kit_report(kit, phone, privacy_told);

	privacy_act(kit, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number);
	uint32_t lead = BH_DEMO_LEAD(kit_case(kit, number).unit);
	privacy_act(kit, BH_VERB_SIGN, lead, number);
	privacy_act(kit, BH_VERB_FINISH, lead, number);
	privacy_act(kit, BH_VERB_CLOSE, ACCEPTOR, number);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_CLOSED);
	return number;
}

/* A visit outlasts the case's end; the text lies on its worker's handset. */
static void test_erase__reaches_who_has_an_open_task_of_it(void **state)
{
	const uint32_t worker = BH_DEMO_WORKER(1121);
	struct kit *kit = *state;
	struct bh_feed_row row;
	struct phone phone;
	size_t count = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = closed_case(kit, &phone);
	struct bh_command visit = kit_desk(BH_VERB_ASK_VISIT, ACCEPTOR, number, "look again");
	visit.assignee = worker;
	visit.until_ms = kit->now.wall_ms + 2 * 24 * 60 * KIT_MINUTE;
	assert_int_equal(kit_run(kit, &visit).verdict, BH_VERDICT_ACCEPTED);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	struct bh_outcome erased = privacy_act(kit, BH_VERB_ERASE, SECOND, number);
	assert_int_equal(erased.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_feed(kit->reader, BH_SCOPE_OWN(worker), 0, &row, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(row.case_number, number);
	assert_int_equal(row.position, erased.position);
	assert_false(row.left);
	privacy_verifies(kit, true);
}

/* ---- At every cut ---- */

/* False: nobody was answered. */
static bool erase_answered(struct kit *kit, uint64_t number)
{
	struct bh_command command = kit_desk(BH_VERB_ERASE, SECOND, number, "why it is done");
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs = &job;
	int err = bh_writer_run(kit->writer, kit->now, &jobs, 1, &kit->wakes);

	return !err && !job.err && outcome.verdict == BH_VERDICT_ACCEPTED;
}

static void cut_at(uint64_t step, bool *struck)
{
	void *state = NULL;
	struct bh_guarded guarded;
	struct phone phone;

	assert_int_equal(privacy_setup(&state), 0);
	struct kit *kit = state;
	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = privacy_ended_case(kit, &phone);
	privacy_act(kit, BH_VERB_ASK_ERASE, PRIVACY_OFFICER_ONE, number);
	privacy_back_up(kit);
	bh_simvfs_stop_at(kit->vfs, step);
	bool answered = erase_answered(kit, number);
	*struck = bh_simvfs_is_stopped(kit->vfs);
	bh_simvfs_crash(kit->vfs);
	kit_down(kit);
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	assert_true(!answered || guarded.erasures == 1);
	bool erased = guarded.erasures == 1;
	if (erased) {
		assert_int_equal(bh_writer_idle(kit->writer), 0);
		assert_false(
			privacy_disk_holds(kit, KIT_PATH, privacy_told, sizeof(privacy_told) - 1));
		assert_false(privacy_disk_holds(
			kit, KIT_PATH "-wal", privacy_told, sizeof(privacy_told) - 1));
	}
	privacy_verifies(kit, erased);
	kit_down(kit);
	kit->options.path = PRIVACY_OLD; /* what one has erased the older one has, too */
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	assert_int_equal(guarded.erasures, erased);
	assert_int_equal(kit_teardown(&state), 0);
}

static void test_erase__an_erasure_is_whole_or_not_wherever_the_power_goes(void **state)
{
	bool struck = true;
	uint64_t step = 0;

	(void)state;
	while (struck && step < STEPS_MAX)
		cut_at(++step, &struck);
	assert_false(struck);
	assert_true(step > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_erase__two_people_erase_and_no_hold_stands_and_the_case_has_ended,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_erase__what_was_erased_lies_nowhere_once_the_log_is_written_over,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_erase__a_backup_that_is_put_back_brings_nothing_back, privacy_setup,
			privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_erase__a_report_that_comes_again_is_kept_without_content,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_erase__what_was_asked_lapses_when_the_case_goes_on, privacy_setup,
			privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_erase__a_hold_outlasts_a_backup_that_is_put_back, privacy_setup,
			privacy_teardown),
		cmocka_unit_test_setup_teardown(test_erase__reaches_who_has_an_open_task_of_it,
			privacy_setup, privacy_teardown),
		cmocka_unit_test(test_erase__an_erasure_is_whole_or_not_wherever_the_power_goes),
	};

	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
