/* Shifts in a district's file (S0-31): handed over once with a note and counts, taken over by
 * another; what nobody handed over is told to the level above, once, over restarts. */
#include "server/store/notice.h"
#include "server/store/shift.h"
#include "tests/unit/store/kit.h"

#define DESK BH_DEMO_DESK_COUNTY
#define LEADER BH_DEMO_PERSON(SHIFT_LEADER) /* from 8 to 10 */
#define OTHER BH_DEMO_TWO_POSTS             /* from 10 to 22 */
#define ROWS 16u
#define HOUR (60 * KIT_MINUTE)
#define END_MS (KIT_START_MS + HOUR) /* 10:00 */

static int open_kit(void **state)
{
	return kit_setup(state, 57);
}

static void roster_apply(struct kit *kit, bool there)
{
	static struct bh_demo_profile demo;
	static const struct bh_msg_shift shifts[] = {
		{.unit = DESK, .person = LEADER, .from_min = 8 * 60, .to_min = 10 * 60},
		{.unit = DESK, .person = OTHER, .from_min = 10 * 60, .to_min = 22 * 60}};

	bh_demo_profile(&demo);
	demo.profile.shifts = shifts;
	demo.profile.shifts_count = there ? 2 : 0;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	struct bh_outcome outcome = kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload));
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static struct bh_outcome act(struct kit *kit, enum bh_verb verb, uint32_t person, const char *note)
{
	struct bh_command command = kit_desk(verb, person, 0, note);

	command.unit = DESK;
	return kit_run(kit, &command);
}

static void refused(
	struct kit *kit, enum bh_verb verb, uint32_t person, const char *note, unsigned reason)
{
	uint64_t head = kit_head(kit);
	struct bh_outcome outcome = act(kit, verb, person, note);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(outcome.reason, reason);
	assert_int_equal(kit_head(kit), head);
}

static size_t rows_read(struct kit *kit, struct bh_shift_told rows[ROWS])
{
	size_t count = 0;

	assert_int_equal(
		bh_reader_shifts(kit->reader, DESK, INT64_MAX, &kit->arena, rows, ROWS, &count), 0);
	return count;
}

static size_t told_count(struct kit *kit, uint32_t *person)
{
	struct bh_notice_row rows[ROWS];
	size_t count = 0, found = 0;

	assert_int_equal(bh_reader_notices(kit->reader, 0, 0, rows, ROWS, &count), 0);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind != BH_NOTICE_HAND_OVER_MISSED)
			continue;
		*person = rows[i].person;
		found++;
	}
	return found;
}

static void test_shift__is_handed_over_once_and_taken_over_by_another(void **state)
{
	struct kit *kit = *state;
	struct bh_shift_told rows[ROWS];
	struct phone phone;

	roster_apply(kit, true);
	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(kit, &phone, "litter");
	kit_pass(kit, 10 * KIT_MINUTE);
	refused(kit, BH_VERB_TAKE_OVER, OTHER, "", BH_REASON_NOT_NOW);
	refused(kit, BH_VERB_HAND_OVER, BH_DEMO_PERSON(DISPATCHER), "x", BH_REASON_NO_RIGHT);
	refused(kit, BH_VERB_HAND_OVER, OTHER, "not mine yet", BH_REASON_NOT_NOW);
	refused(kit, BH_VERB_HAND_OVER, LEADER, "", BH_REASON_FIELD);
	refused(kit, BH_VERB_HAND_OVER, LEADER, " \n", BH_REASON_FIELD);
	struct bh_outcome outcome = act(kit, BH_VERB_HAND_OVER, LEADER, "call the gas works");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	refused(kit, BH_VERB_HAND_OVER, LEADER, "again", BH_REASON_NOT_NOW);
	refused(kit, BH_VERB_TAKE_OVER, LEADER, "", BH_REASON_GUARD);
	outcome = act(kit, BH_VERB_TAKE_OVER, OTHER, "");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	refused(kit, BH_VERB_TAKE_OVER, OTHER, "", BH_REASON_NOT_NOW);
	kit_restart(kit, true);
	assert_int_equal(rows_read(kit, rows), 1);
	assert_int_equal(rows[0].end.fact.end_ms, END_MS);
	assert_int_equal(rows[0].end.fact.green, 1);
	assert_int_equal(rows[0].end.person, LEADER);
	assert_int_equal(rows[0].end.taken_by, OTHER);
	assert_false(rows[0].end.missed);
	assert_memory_equal(rows[0].note.data, "call the gas works", rows[0].note.len);
	assert_int_equal(rows[0].note.len, 18);
	kit_pass(kit, 2 * HOUR);
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 1);
}

static void test_shift__what_nobody_hands_over_is_told_above_once(void **state)
{
	struct kit *kit = *state;
	struct bh_shift_told rows[ROWS];
	uint32_t person = 0;

	roster_apply(kit, true);
	kit_pass(kit, HOUR + 29 * KIT_MINUTE);
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 0);
	kit_pass(kit, KIT_MINUTE);
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 1);
	assert_true(rows[0].end.missed);
	assert_int_equal(rows[0].end.person, 0);
	/* The county is the last level: who watches over it. */
	assert_int_equal(told_count(kit, &person), 1);
	assert_int_equal(person, BH_DEMO_PERSON(SUPERVISOR));
	kit_restart(kit, false);
	(void)kit_tick(kit);
	assert_int_equal(told_count(kit, &person), 1);
	/* It is made good, and that it was missed stays. */
	struct bh_outcome outcome = act(kit, BH_VERB_HAND_OVER, LEADER, "late");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(rows_read(kit, rows), 1);
	assert_true(rows[0].end.missed);
	assert_int_equal(rows[0].end.person, LEADER);
}

static void test_shift__of_ends_before_the_roster_nobody_is_asked(void **state)
{
	struct kit *kit = *state;
	struct bh_shift_told rows[ROWS];

	kit_pass(kit, 2 * HOUR); /* 11:00: past the end at 10 */
	roster_apply(kit, true);
	kit_pass(kit, HOUR);
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 0);
	/* Without a roster nobody is asked; with it again, from then on. */
	roster_apply(kit, false);
	kit_pass(kit, 12 * HOUR); /* past 22:00 */
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 0);
	roster_apply(kit, true);
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 0);
	kit_pass(kit, 12 * HOUR); /* Tuesday noon */
	(void)kit_tick(kit);
	assert_int_equal(rows_read(kit, rows), 1);
	assert_int_equal(rows[0].end.fact.end_ms, END_MS + 24 * HOUR);
}

int main(void)
{
#define SHIFT_TEST(function) cmocka_unit_test_setup_teardown(function, open_kit, kit_teardown)
	const struct CMUnitTest tests[] = {
		SHIFT_TEST(test_shift__is_handed_over_once_and_taken_over_by_another),
		SHIFT_TEST(test_shift__what_nobody_hands_over_is_told_above_once),
		SHIFT_TEST(test_shift__of_ends_before_the_roster_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
