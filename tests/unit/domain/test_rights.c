/* Who may do what, see what, follow what: deny by default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/decide.h"
#include "server/domain/rights.h"
#include "tests/unit/domain/demo_rules.h"

#define NOW_MS 1800000000000 /* 2027-01-15 16:00 in China */
#define FIRST_DAY 20834      /* 2027-01-16 */
#define FIRST_MS (FIRST_DAY * INT64_C(86400000) - 8 * 3600000)

static int rules_open(void **state)
{
	*state = bh_demo_rules();
	return 0;
}

static int rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

static uint32_t right(const struct bh_rules *rules, uint32_t person, uint32_t post,
	enum bh_verb verb, enum bh_state from, uint32_t area, uint32_t unit)
{
	const struct bh_move *move = NULL;
	struct bh_rights_ask ask = {
		.rules = rules,
		.now_ms = NOW_MS,
		.person = person,
		.post = post,
		.verb = verb,
		.state = from,
		.area = area,
		.unit = unit,
	};
	uint32_t found = bh_rights_ask(&ask, &move);
	assert_int_equal(found != 0, move != NULL);
	return found;
}

/* The row for this role, whichever of the rows for its state and verb. */
static const struct bh_move *row_for(const struct bh_move *like, uint32_t role)
{
	for (size_t i = 0; i < bh_moves_count; i++)
		if (bh_moves[i].from == like->from && bh_moves[i].verb == like->verb &&
			bh_moves[i].in_use && (bh_moves[i].roles >> role & 1) != 0)
			return &bh_moves[i];
	return NULL;
}

/* Every person of the district, every verb, every state: a post if and only if the table, the area
 * and the unit say so, looked for in the profile itself. */
static void test_rights__are_the_table_times_area_times_unit(void **state)
{
	const struct bh_msg_profile *profile = bh_rules_profile(*state);
	static const uint32_t areas[] = {1, 11, 111, 1111, 1222, 0};
	static const uint32_t units[] = {0, BH_DEMO_CLEAN_A, BH_DEMO_GAS};
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		for (unsigned k = 0; k < bh_moves_count * 18; k++) {
			const struct bh_move *move = &bh_moves[k / 18];
			uint32_t area = areas[k % 6], unit = units[k / 6 % 3];
			const struct bh_move *row = row_for(move, post->role);
			bool own = row != NULL && (row->guards & BH_GUARD_OWN_UNIT) != 0;
			bool reporter = row != NULL && (row->guards & BH_GUARD_REPORTER) != 0;
			bool task = row != NULL && (row->guards & BH_GUARD_OWN_TASK) != 0;
			bool reach = reporter || task ? false
				     : own            ? post->unit != 0 && post->unit == unit
					   : bh_rules_area_within(*state, area, post->area);
			uint32_t found = right(*state, post->person, post->id,
				(enum bh_verb)move->verb, (enum bh_state)move->from, area, unit);
			assert_int_equal(found, row != NULL && reach ? post->id : 0);
		}
	}
}

static void test_rights__a_named_post_must_be_the_persons_own(void **state)
{
	uint32_t two = BH_DEMO_TWO_POSTS;
	assert_int_equal(right(*state, two, 0, BH_VERB_VOID, BH_STATE_FILED, 1111, 0), 61);
	assert_int_equal(right(*state, two, 60, BH_VERB_VOID, BH_STATE_FILED, 1111, 0), 0);
	assert_int_equal(right(*state, two, 7, BH_VERB_VOID, BH_STATE_FILED, 1111, 0), 0);
	assert_int_equal(right(*state, 0, 61, BH_VERB_VOID, BH_STATE_FILED, 1111, 0), 0);
	assert_int_equal(right(*state, 4711, 0, BH_VERB_VOID, BH_STATE_FILED, 1111, 0), 0);
}

static void test_rights__nobody_is_the_clock(void **state)
{
	const struct bh_msg_profile *profile = bh_rules_profile(*state);
	for (size_t i = 0; i < profile->people_count; i++)
		assert_int_equal(right(*state, profile->people[i].id, 0, BH_VERB_DISPATCH,
					 BH_STATE_VERIFYING, 1111, 0),
			0);
}

/* Wherever the report lies: who reported may ask again, with a post that may, and nobody else. */
static void test_rights__what_is_the_reporters_is_his_alone(void **state)
{
	const struct bh_move *move;
	struct bh_rights_ask ask = {
		.rules = *state,
		.person = BH_DEMO_WORKER(1111),
		.verb = BH_VERB_REOPEN,
		.state = BH_STATE_CLOSED,
		.area = 1222,
		.reporter = BH_DEMO_WORKER(1111),
	};
	assert_int_not_equal(bh_rights_ask(&ask, &move), 0);
	assert_int_equal(move->row, 24);
	ask.reporter = BH_DEMO_WORKER(1112);
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.person = ask.reporter = 0;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
}

/* Row 1 is any device's, so is what its reporter may ask for; also of a case that is one with
 * another, which he was answered with. */
static void test_rights__who_reported_asks_again_under_any_post(void **state)
{
	static const struct {
		enum bh_state state;
		enum bh_verb verb;
	} rows[] = {{BH_STATE_CLOSED, BH_VERB_REOPEN}, {BH_STATE_REJECTED, BH_VERB_RECONSIDER},
		{BH_STATE_MERGED, BH_VERB_UNMERGE}};
	const struct bh_move *move;
	for (size_t i = 0; i < 3; i++) {
		struct bh_rights_ask ask = {
			.rules = *state,
			.person = BH_DEMO_HANDLER(BH_DEMO_GAS),
			.verb = rows[i].verb,
			.state = rows[i].state,
			.area = 1222,
			.reporter = BH_DEMO_HANDLER(BH_DEMO_GAS),
		};
		assert_int_not_equal(bh_rights_ask(&ask, &move), 0);
		assert_true((move->guards & BH_GUARD_WINDOW) != 0);
		ask.reporter = BH_DEMO_HANDLER(BH_DEMO_WORKS);
		assert_int_equal(bh_rights_ask(&ask, &move), 0);
	}
}

/* A desk's notes are its own, its leaders' and those above; people are known within one's area or
 * unit. */
static void test_rights__desks_and_people_are_known_to_whom_they_concern(void **state)
{
	static const struct {
		uint32_t person;
		bool desk_a, desk_b;
	} desks[] = {{BH_DEMO_PERSON(SHIFT_LEADER), true, true},
		{BH_DEMO_TOWNSHIP_DESK, false, true}, {BH_DEMO_LEAD(BH_DEMO_DESK_A), true, false},
		{BH_DEMO_PERSON(REPORTER), false, false}, {BH_DEMO_PERSON(HELPER), false, false},
		{BH_DEMO_WORKER(1111), false, false}, {BH_DEMO_LEAD(BH_DEMO_GAS), false, false}};
	static const struct {
		uint32_t person, other;
		bool sees;
	} people[] = {{BH_DEMO_PERSON(REPORTER), BH_DEMO_PERSON(REPORTER), true},
		{BH_DEMO_PERSON(REPORTER), BH_DEMO_WORKER(1111), false},
		{BH_DEMO_PERSON(HELPER), BH_DEMO_PERSON(DISPATCHER), false},
		{BH_DEMO_PERSON(DISPATCHER), BH_DEMO_WORKER(1111), true},
		{BH_DEMO_PERSON(ADMIN), BH_DEMO_WORKER(1111), true},
		{BH_DEMO_TOWNSHIP_DESK, BH_DEMO_WORKER(1211), true},
		{BH_DEMO_TOWNSHIP_DESK, BH_DEMO_WORKER(1111), false},
		{BH_DEMO_HANDLER(BH_DEMO_GAS), BH_DEMO_LEAD(BH_DEMO_GAS), true},
		{BH_DEMO_HANDLER(BH_DEMO_GAS), BH_DEMO_LEAD(BH_DEMO_WORKS), false},
		{0, BH_DEMO_WORKER(1111), false}};
	for (size_t i = 0; i < sizeof(desks) / sizeof(desks[0]); i++) {
		uint32_t person = desks[i].person;
		assert_int_equal(bh_rights_see_desk(*state, person, NOW_MS, BH_DEMO_DESK_A),
			desks[i].desk_a);
		assert_int_equal(bh_rights_see_desk(*state, person, NOW_MS, BH_DEMO_DESK_B),
			desks[i].desk_b);
	}
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		assert_int_equal(
			bh_rights_see_person(*state, people[i].person, NOW_MS, people[i].other),
			people[i].sees);
}

static void test_rights__a_failing_guard_passes_its_row_over(void **state)
{
	const struct bh_move *move;
	struct bh_rights_ask ask = {
		.rules = *state,
		.person = BH_DEMO_TWO_POSTS,
		.verb = BH_VERB_REFUSE_RETURN,
		.state = BH_STATE_RETURNING,
		.area = 1111,
	};
	assert_int_equal(bh_rights_ask(&ask, &move), 60);
	ask.guards_failed = BH_GUARD_FIRST_REFUSAL;
	assert_int_equal(bh_rights_ask(&ask, &move), 61);
}

static void test_rights__colleagues_hold_a_post_of_one_kind(void **state)
{
	const uint32_t dispatcher = BH_DEMO_PERSON(DISPATCHER), worker = BH_DEMO_WORKER(1111);

	assert_true(bh_rights_are_colleagues(*state, NOW_MS, worker, worker));
	assert_true(bh_rights_are_colleagues(*state, NOW_MS, dispatcher, BH_DEMO_TWO_POSTS));
	assert_true(bh_rights_are_colleagues(*state, NOW_MS, BH_DEMO_TWO_POSTS, dispatcher));
	/* another area, another role, another unit, nobody */
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, worker, BH_DEMO_WORKER(1112)));
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, dispatcher, BH_DEMO_TOWNSHIP_DESK));
	assert_false(bh_rights_are_colleagues(
		*state, NOW_MS, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)));
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A),
		BH_DEMO_HANDLER(BH_DEMO_CLEAN_COUNTY)));
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, worker, 0));
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, 0, 0));
	assert_false(bh_rights_are_colleagues(*state, NOW_MS, 0, worker));
	assert_true(bh_rights_are_colleagues(
		*state, NOW_MS, 888888, 888888)); /* as ever: no rights, either */
}

static bool sees(const struct bh_rules *rules, uint32_t person, uint32_t area, uint32_t unit,
	uint32_t reporter)
{
	struct bh_case cased = {.area = area, .unit = unit, .reporter = reporter};
	return bh_rights_views(rules, person, NOW_MS, &cased) != 0;
}

static void test_rights__to_see_a_case(void **state)
{
	const uint32_t unit = BH_DEMO_GAS, reporter = BH_DEMO_WORKER(1111);
	assert_true(sees(*state, BH_DEMO_PERSON(DISPATCHER), 1111, unit, reporter));
	assert_true(sees(*state, BH_DEMO_PERSON(AUDITOR), 1111, unit, reporter));
	assert_false(sees(*state, BH_DEMO_PERSON(ADMIN), 1111, unit, reporter));
	assert_false(sees(*state, BH_DEMO_PERSON(PRIVACY_OFFICER), 1111, unit, reporter));
	assert_false(sees(*state, BH_DEMO_PERSON(HELPER), 1111, unit, reporter));
	assert_true(sees(*state, reporter, 1222, unit, reporter));
	assert_false(sees(*state, BH_DEMO_WORKER(1112), 1112, unit, reporter));
	assert_true(sees(*state, BH_DEMO_HANDLER(unit), 1111, unit, reporter));
	assert_false(sees(*state, BH_DEMO_HANDLER(unit), 1111, 0, reporter));
	assert_false(sees(*state, BH_DEMO_HANDLER(BH_DEMO_WORKS), 1111, unit, reporter));
	assert_true(sees(*state, BH_DEMO_TOWNSHIP_DESK, 1211, unit, reporter));
	assert_false(sees(*state, BH_DEMO_TOWNSHIP_DESK, 1111, unit, reporter));
	assert_false(sees(*state, 0, 1111, 0, 0));
	assert_false(sees(*state, 4711, 1111, 0, 0));
}

static void test_rights__scopes_are_ones_own_and_ones_units(void **state)
{
	uint64_t scopes[BH_SCOPES_MAX];
	assert_int_equal(
		bh_rights_scopes(*state, BH_DEMO_WORKER(1111), NOW_MS, scopes, BH_SCOPES_MAX), 1);
	assert_int_equal(scopes[0], BH_SCOPE_OWN(BH_DEMO_WORKER(1111)));
	uint32_t handler = BH_DEMO_HANDLER(BH_DEMO_GAS);
	assert_int_equal(bh_rights_scopes(*state, handler, NOW_MS, scopes, BH_SCOPES_MAX), 2);
	assert_int_equal(scopes[1], BH_SCOPE_UNIT(BH_DEMO_GAS));
	assert_int_equal(bh_rights_scopes(*state, handler, NOW_MS, scopes, 1), 1);
	assert_int_equal(bh_rights_scopes(*state, handler, NOW_MS, scopes, 0), 0);
	assert_int_equal(bh_rights_scopes(*state, 0, NOW_MS, scopes, BH_SCOPES_MAX), 0);
	/* Whose posts have ended still follows what they reported. */
	assert_int_equal(bh_rights_scopes(*state, 4711, NOW_MS, scopes, BH_SCOPES_MAX), 1);
	assert_int_equal(
		bh_rights_scopes(*state, BH_DEMO_PERSON(DISPATCHER), NOW_MS, scopes, BH_SCOPES_MAX),
		1);
}

static void test_rights__two_posts_in_one_unit_are_one_scope(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < BH_DEMO_POSTS; i++)
		if (demo.posts[i].person == BH_DEMO_TWO_POSTS)
			demo.posts[i].role = BH_ROLE_HANDLER, demo.posts[i].unit = BH_DEMO_GAS;
	struct bh_rules *rules = bh_demo_build(&demo);
	uint64_t scopes[BH_SCOPES_MAX];
	assert_int_equal(
		bh_rights_scopes(rules, BH_DEMO_TWO_POSTS, NOW_MS, scopes, BH_SCOPES_MAX), 2);
	bh_rules_unref(rules);
}

/* Whoever holds a post holds it for class 10, from now on. */
static struct bh_rules *rules_from_now(void)
{
	static const uint32_t classes[] = {10};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		demo.posts[i].classes = classes;
		demo.posts[i].classes_count = 1;
		demo.posts[i].from_day = FIRST_DAY;
	}
	return bh_demo_build(&demo);
}

/* A task of a person is that person's, wherever and whatever class the case is; one of a unit is
 * that of who acts in it for the class; and both in the period of a post. */
static void test_rights__a_task_is_whose_it_is(void **state)
{
	(void)state;
	struct bh_rules *rules = rules_from_now();
	const struct bh_move *move;
	const uint32_t worker = BH_DEMO_WORKER(1111), handler = BH_DEMO_HANDLER(BH_DEMO_CLEAN_A);
	struct bh_rights_ask ask = {.rules = rules,
		.now_ms = FIRST_MS,
		.person = worker,
		.verb = BH_VERB_HELP_DONE,
		.state = BH_STATE_HANDLING,
		.type = BH_DEMO_STALL,
		.area = 1211,
		.unit = BH_DEMO_GAS,
		.task_person = worker};
	assert_int_not_equal(bh_rights_ask(&ask, &move), 0);
	ask.now_ms--;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.now_ms++;
	ask.task_person = 4711;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.task_person = 0;
	ask.task_unit = BH_DEMO_CLEAN_A;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.person = handler;
	assert_int_equal(bh_rights_ask(&ask, &move), 0); /* another class */
	ask.type = BH_DEMO_LITTER;
	assert_int_not_equal(bh_rights_ask(&ask, &move), 0);
	ask.task_unit = BH_DEMO_GAS;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.task_unit = 0;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	assert_true(bh_rights_own_task(rules, FIRST_MS, handler, 0, BH_DEMO_CLEAN_A));
	assert_false(bh_rights_own_task(rules, FIRST_MS - 1, handler, 0, BH_DEMO_CLEAN_A));
	assert_false(bh_rights_own_task(rules, FIRST_MS, handler, worker, BH_DEMO_CLEAN_A));
	assert_true(bh_rights_own_task(rules, FIRST_MS, worker, worker, 0));
	assert_false(bh_rights_own_task(rules, FIRST_MS, handler, 0, 0));
	assert_false(bh_rights_own_task(rules, FIRST_MS, 0, 0, BH_DEMO_CLEAN_A));
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights__are_the_table_times_area_times_unit),
		cmocka_unit_test(test_rights__a_named_post_must_be_the_persons_own),
		cmocka_unit_test(test_rights__nobody_is_the_clock),
		cmocka_unit_test(test_rights__what_is_the_reporters_is_his_alone),
		cmocka_unit_test(test_rights__who_reported_asks_again_under_any_post),
		cmocka_unit_test(test_rights__desks_and_people_are_known_to_whom_they_concern),
		cmocka_unit_test(test_rights__a_failing_guard_passes_its_row_over),
		cmocka_unit_test(test_rights__colleagues_hold_a_post_of_one_kind),
		cmocka_unit_test(test_rights__to_see_a_case),
		cmocka_unit_test(test_rights__scopes_are_ones_own_and_ones_units),
		cmocka_unit_test(test_rights__two_posts_in_one_unit_are_one_scope),
		cmocka_unit_test(test_rights__a_task_is_whose_it_is),
	};
	return cmocka_run_group_tests(tests, rules_open, rules_close);
}
