/* Several reports of one thing: merged into a main case, told its answer, and unmerged. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define MAIN_NUMBER ((uint64_t)BH_DOCKET_LOG << 32 | 77)

/* A report that waits, and a main case of the same grid in a unit's hands. */
static void begin(struct bh_docket *docket, const struct bh_rules *rules, struct bh_case *main)
{
	bh_docket_open(docket, rules);
	bh_docket_to_received(docket, BH_DEMO_LITTER, 1111);
	*main = docket->cased;
	main->number = MAIN_NUMBER;
	main->state = BH_STATE_HANDLING;
	docket->main = main;
}

static void refused(
	struct bh_docket *docket, enum bh_verb verb, uint32_t person, enum bh_reason reason)
{
	struct bh_command command = bh_docket_desk(docket, verb, person, NULL);
	bh_docket_refused(docket, &command, reason);
}

static struct bh_command of_store(
	const struct bh_docket *docket, enum bh_verb verb, uint64_t main, const char *text)
{
	struct bh_command command = bh_docket_desk(docket, verb, 0, text);
	command.source = BH_SOURCE_STORE;
	command.log_short = BH_LOG_STORE;
	command.base_position = 0;
	command.main_number = main;
	return command;
}

static void test_merge__ends_the_clocks_and_the_cycle(void **state)
{
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, "one with what is handled already");
	assert_int_equal(docket.cased.state, BH_STATE_MERGED);
	assert_int_equal(docket.cased.main, MAIN_NUMBER);
	assert_int_equal(docket.cased.closed_ms, START);
	assert_int_equal(docket.cased.next_ms, 0);
	assert_int_equal(docket.cased.cycle, 1);
	struct bh_command receipt = bh_docket_op(
		&docket, BH_VERB_DELIVERED, BH_DEMO_WORKER(1111), NULL);
	bh_docket_must(&docket, &receipt);
}

static void test_merge__needs_a_main_case_that_is_current(void **state)
{
	static const enum bh_state ended[] = {BH_STATE_ARCHIVED, BH_STATE_FOLLOWED,
		BH_STATE_REJECTED, BH_STATE_VOID, BH_STATE_REFERRED};
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	main.closed_ms = START;
	for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]); i++) {
		main.state = ended[i];
		refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_WINDOW);
	}
	main.state = BH_STATE_MERGED;
	refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_GUARD);
	main.state = BH_STATE_CLOSED;
	main.closed_ms = START - 3 * DAY - 1;
	refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_WINDOW);
	main.closed_ms++;
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, NULL);
}

static void test_merge__is_for_who_may_there_and_here(void **state)
{
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	refused(&docket, BH_VERB_MERGE, BH_DEMO_PERSON(DISPATCHER), BH_REASON_NO_RIGHT);
	refused(&docket, BH_VERB_MERGE, BH_DEMO_TOWNSHIP_DESK, BH_REASON_NO_RIGHT);
	docket.main = NULL;
	refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_FIELD);
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1211); /* the other township's */
	docket.main = &main;
	refused(&docket, BH_VERB_MERGE, BH_DEMO_TOWNSHIP_DESK, BH_REASON_FIELD);
	main.area = 1222;
	bh_docket_act(&docket, BH_VERB_MERGE, BH_DEMO_TOWNSHIP_DESK, NULL);
}

static void test_merge__never_into_itself_nor_beyond_so_many(void **state)
{
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	main.number = docket.cased.number;
	refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_GUARD);
	main.number = MAIN_NUMBER;
	docket.merged = BH_MERGED_MAX;
	refused(&docket, BH_VERB_MERGE, ACCEPTOR, BH_REASON_GUARD);
	docket.merged--;
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, NULL);
}

static void test_main__an_answer_is_a_cycle_of_its_own(void **state)
{
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	struct bh_command ended = of_store(&docket, BH_VERB_MAIN_ENDED, MAIN_NUMBER, "swept");
	bh_docket_refused(&docket, &ended, BH_REASON_NOT_NOW);
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, NULL);
	for (uint32_t cycle = 2; cycle <= 3; cycle++) {
		docket.now_ms += DAY;
		ended = of_store(&docket, BH_VERB_MAIN_ENDED, MAIN_NUMBER, "swept");
		bh_docket_must(&docket, &ended);
		assert_int_equal(docket.cased.state, BH_STATE_MERGED);
		assert_int_equal(docket.cased.cycle, cycle);
		assert_int_equal(docket.cased.closed_ms, docket.now_ms);
		assert_int_equal(docket.changes_count, 1); /* who reported it is told */
		struct bh_command receipt = bh_docket_op(
			&docket, BH_VERB_DELIVERED, BH_DEMO_WORKER(1111), NULL);
		bh_docket_must(&docket, &receipt);
		assert_int_equal(docket.cased.delivered >> (cycle - 1), 1);
	}
	struct bh_command moved = of_store(&docket, BH_VERB_MAIN_MOVED, MAIN_NUMBER + 1, NULL);
	bh_docket_must(&docket, &moved);
	assert_int_equal(docket.cased.main, MAIN_NUMBER + 1);
	assert_int_equal(docket.cased.cycle, 3);
	assert_int_equal(docket.changes_count, 0);
	moved.source = BH_SOURCE_DESK;
	bh_docket_refused(&docket, &moved, BH_REASON_UNSUPPORTED);
}

static void test_unmerge__begins_the_dispatch_clock_again(void **state)
{
	struct bh_docket docket;
	struct bh_case main;
	begin(&docket, *state, &main);
	refused(&docket, BH_VERB_UNMERGE, ACCEPTOR, BH_REASON_NOT_NOW);
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, NULL);
	docket.now_ms += BH_HOURS(5);
	refused(&docket, BH_VERB_UNMERGE, BH_DEMO_PERSON(DISPATCHER), BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_UNMERGE, ACCEPTOR, NULL);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	assert_int_equal(docket.cased.main, 0);
	assert_int_equal(docket.cased.cycle, 2);
	assert_int_equal(docket.cased.closed_ms, 0);
	assert_int_equal(docket.cased.dispatch_due_ms, docket.now_ms + BH_MINUTES(30));
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_CLEAN_A);
	bh_docket_act(&docket, BH_VERB_MERGE, ACCEPTOR, NULL);
	assert_int_equal(docket.cased.cycle, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge__ends_the_clocks_and_the_cycle),
		cmocka_unit_test(test_merge__needs_a_main_case_that_is_current),
		cmocka_unit_test(test_merge__is_for_who_may_there_and_here),
		cmocka_unit_test(test_merge__never_into_itself_nor_beyond_so_many),
		cmocka_unit_test(test_main__an_answer_is_a_cycle_of_its_own),
		cmocka_unit_test(test_unmerge__begins_the_dispatch_clock_again),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
