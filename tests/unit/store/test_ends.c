/* What comes after a case's answer, in the store: the clock finds what is closed, also what an
 * older program closed, whatever the rules of the day are, and a replay comes to the same. */
#include <string.h>

#include "proto/codec.h"
#include "tests/unit/store/kit.h"

#define DAY (24 * 60 * KIT_MINUTE)

struct world {
	struct kit kit;
	struct phone phone;
};

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 7);
	w->kit.nowhere = true;
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	kit_close(&w->kit);
	test_free(w);
	return 0;
}

static void holds(struct world *w)
{
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
}

static void must(struct world *w, enum bh_verb verb, uint32_t person, uint64_t number)
{
	struct bh_command command = kit_desk(verb, person, number, "as agreed");
	struct bh_outcome outcome = kit_run(&w->kit, &command);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static uint64_t closed(struct world *w)
{
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number);
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, number).unit);
	must(w, BH_VERB_SIGN, lead, number);
	must(w, BH_VERB_FINISH, lead, number);
	must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number);
	return number;
}

/* Archived, tried three times, and at rest. */
static void left_to_the_clock(struct world *w, uint64_t number)
{
	kit_pass(&w->kit, 7 * DAY - KIT_MINUTE);
	assert_int_equal(kit_tick(&w->kit), 0);
	kit_pass(&w->kit, KIT_MINUTE);
	assert_int_equal(kit_tick(&w->kit), 1);
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_ARCHIVED);
	for (unsigned tries = 1; tries <= 3; tries++) {
		holds(w);
		kit_pass(&w->kit, 10 * DAY);
		assert_int_equal(kit_tick(&w->kit), 1);
		assert_int_equal(kit_case(&w->kit, number).follow_tries, tries);
	}
	struct bh_case cased = kit_case(&w->kit, number);
	assert_int_equal(cased.state, BH_STATE_FOLLOWED);
	assert_int_equal(cased.follow_answer, BH_FOLLOW_UNREACHED);
	assert_int_equal(cased.next_ms, 0);
	holds(w);
}

static void test_ends__what_an_older_program_closed_is_archived(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	int64_t due_ms = kit_case(&w->kit, number).next_ms;

	assert_int_equal(due_ms, kit_case(&w->kit, number).closed_ms + 7 * DAY);
	kit_down(&w->kit);
	kit_sql(&w->kit, KIT_PATH, KIT_SCHEMA_2 "UPDATE cases SET next_ms = 0 WHERE open = 0");
	assert_int_equal(kit_up(&w->kit), 0);
	assert_int_equal(kit_tick(&w->kit), 0);
	assert_int_equal(kit_case(&w->kit, number).next_ms, due_ms);
	holds(w);
	left_to_the_clock(w, number);
}

/* After years: no alarm of today waits for them, and nobody hears of their rest. */
static void test_ends__what_was_closed_long_ago_waits_for_todays_alarms(void **state)
{
	struct world *w = *state;
	struct bh_feed_row items[300];
	uint64_t numbers[120], through = 0, rested = 0;
	size_t count = 0, told = 0;

	for (size_t i = 0; i < 120; i++)
		numbers[i] = closed(w);
	kit_pass(&w->kit, 400 * DAY);
	uint64_t today = kit_report(&w->kit, &w->phone, "of today");
	kit_pass(&w->kit, 31 * KIT_MINUTE);
	assert_int_equal(
		bh_reader_feed(w->kit.reader, BH_SCOPE_OWN(w->phone.person), 0, items, 300, &told),
		0);
	for (size_t i = 0; i < told; i++)
		through = items[i].position > through ? items[i].position : through;
	assert_true(kit_tick(&w->kit) <= 101 + 3);
	assert_int_equal(kit_case(&w->kit, today).state, BH_STATE_DISPATCHED);
	for (size_t i = 0; i < 120; i++)
		rested += kit_case(&w->kit, numbers[i]).state == BH_STATE_ARCHIVED;
	assert_int_equal(rested, 100);
	while (kit_tick(&w->kit) > 0)
		;
	assert_int_equal(kit_case(&w->kit, numbers[119]).state, BH_STATE_ARCHIVED);
	assert_int_equal(bh_reader_feed(w->kit.reader, BH_SCOPE_OWN(w->phone.person), through,
				 items, 300, &count),
		0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(items[i].case_number, today);
	holds(w);
}

static void test_ends__no_profile_moves_what_waits_for_its_archive(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	int64_t due_ms = kit_case(&w->kit, number).next_ms;

	kit_profile(&w->kit);
	assert_int_equal(kit_case(&w->kit, number).next_ms, due_ms);
	holds(w);
	kit_restart(&w->kit, true);
	left_to_the_clock(w, number);
	kit_profile(&w->kit);
	holds(w);
}

static void merge(struct world *w, uint64_t number, uint64_t main)
{
	struct bh_command command = kit_desk(
		BH_VERB_MERGE, BH_DEMO_PERSON(ACCEPTOR), number, "one with another");
	command.main_number = main;
	struct bh_outcome outcome = kit_run(&w->kit, &command);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(outcome.state, BH_STATE_MERGED);
	assert_int_equal(outcome.case_number, number);
}

/* Its closures, the last of which says this in that cycle. */
static void answered(struct world *w, uint64_t number, size_t closures, const char *text)
{
	struct bh_entry entries[8];
	struct bh_msg_op_content content;
	size_t count = 0;
	int reason = 0;

	bh_arena_reset(&w->kit.arena);
	assert_int_equal(
		bh_reader_closures(w->kit.reader, number, &w->kit.arena, entries, 8, &count), 0);
	assert_int_equal(count, closures);
	const struct bh_entry *last = &entries[count - 1];
	assert_int_equal(last->verb, BH_VERB_MAIN_ENDED);
	assert_int_equal(last->cycle, closures);
	assert_int_equal(last->log_short, BH_LOG_STORE);
	assert_int_equal(bh_op_decode_content(last->content, &w->kit.arena, &content, &reason), 0);
	assert_int_equal(content.text.len, strlen(text));
	assert_memory_equal(content.text.data, text, content.text.len);
}

static void test_ends__what_is_merged_gets_the_main_cases_answer_each_time(void **state)
{
	struct world *w = *state;
	uint64_t main = kit_report(&w->kit, &w->phone, "litter");
	uint64_t number = kit_report(&w->kit, &w->phone, "more litter");
	struct bh_stats stats;

	merge(w, number, main);
	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), main);
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, main).unit);
	for (size_t cycle = 1; cycle <= 2; cycle++) {
		must(w, BH_VERB_SIGN, lead, main);
		must(w, BH_VERB_FINISH, lead, main);
		if (cycle > 1)
			kit_check(&w->kit, main);
		must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), main);
		answered(w, number, cycle + 1, "as agreed");
		holds(w);
		kit_restart(&w->kit, true);
		must(w, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), main);
		must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), main);
	}
	assert_int_equal(bh_reader_stats(w->kit.reader, &stats), 0);
	assert_int_equal(stats.closures_owed, 2 + 1 + 2);
	must(w, BH_VERB_UNMERGE, BH_DEMO_PERSON(ACCEPTOR), number);
	must(w, BH_VERB_SIGN, lead, main);
	must(w, BH_VERB_FINISH, lead, main);
	kit_check(&w->kit, main);
	must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), main);
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_RECEIVED);
	assert_int_equal(kit_case(&w->kit, number).cycle, 4);
	holds(w);
}

/* What is merged into a case that is merged follows it; into one that is closed: its answer. */
static void test_ends__merged_cases_follow_to_a_main_case_that_is_closed(void **state)
{
	struct world *w = *state;
	uint64_t main = closed(w);
	uint64_t middle = kit_report(&w->kit, &w->phone, "litter");
	uint64_t number = kit_report(&w->kit, &w->phone, "more litter");

	merge(w, number, middle);
	assert_int_equal(kit_case(&w->kit, number).main, middle);
	merge(w, middle, main);
	assert_int_equal(kit_case(&w->kit, number).main, main);
	answered(w, number, 2, "as agreed");
	answered(w, middle, 2, "as agreed");
	holds(w);
}

/* Closed by the clock, and no room for one more. */
static void test_ends__two_hundred_go_into_one(void **state)
{
	struct world *w = *state;
	uint64_t main = kit_report(&w->kit, &w->phone, "litter"), number = 0, last;

	for (size_t i = 0; i < BH_MERGED_MAX; i++) {
		number = kit_report(&w->kit, &w->phone, "the same");
		merge(w, number, main);
	}
	last = kit_report(&w->kit, &w->phone, "the same");
	struct bh_command command = kit_desk(
		BH_VERB_MERGE, BH_DEMO_PERSON(ACCEPTOR), last, "once more");
	command.main_number = main;
	assert_int_equal(kit_run(&w->kit, &command).reason, BH_REASON_GUARD);
	must(w, BH_VERB_REFER, BH_DEMO_PERSON(ACCEPTOR), last);
	must(w, BH_VERB_REFER, BH_DEMO_PERSON(ACCEPTOR), main);
	answered(w, number, 2, "as agreed");
	assert_int_equal(kit_case(&w->kit, number - BH_MERGED_MAX + 1).cycle, 2);
	holds(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ends__what_an_older_program_closed_is_archived,
			open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_ends__what_was_closed_long_ago_waits_for_todays_alarms, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(
			test_ends__no_profile_moves_what_waits_for_its_archive, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(
			test_ends__what_is_merged_gets_the_main_cases_answer_each_time, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(
			test_ends__merged_cases_follow_to_a_main_case_that_is_closed, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(
			test_ends__two_hundred_go_into_one, open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
