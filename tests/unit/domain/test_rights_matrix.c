/* Every role against every verb and every kind of case: in and out of the post's area, unit, class
 * and period, reported by the one who asks or by somebody else.  What is expected: see
 * rights_expected.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/decide.h"
#include "server/domain/rights.h"
#include "tests/unit/domain/rights_expected.h"
#include "tests/unit/domain/rights_objects.h"

#define FIRST_DAY BH_OBJECT_FIRST_DAY
#define LAST_DAY BH_OBJECT_LAST_DAY
#define MIDNIGHT(day) BH_OBJECT_MIDNIGHT(day)
#define OTHER_PERSON 9999u
#define ROLE(name) (1u << BH_ROLE_##name)

/* Whose a task is: nobody's in particular, the one's who asks, his unit's or another's. */
static const struct task {
	bool own; /* the person's who asks */
	uint32_t person, unit;
} tasks[] = {{false, 0, 0}, {true, 0, 0}, {false, OTHER_PERSON, 0},
	{false, OTHER_PERSON, BH_DEMO_CLEAN_A}, {false, 0, BH_DEMO_CLEAN_A},
	{false, 0, BH_DEMO_GAS}};

#define TASKS (sizeof(tasks) / sizeof(tasks[0]))

/* A task is one person's, wherever it is and of whatever class, or any of its unit's for the class.
 */
static bool task_reaches(const struct task *task, const struct bh_object *object)
{
	return task->own ||
	       (task->person == 0 && task->unit == BH_DEMO_CLEAN_A && object->in_class);
}

static bool reaches(enum bh_reach reach, const struct bh_object *object, const struct task *task)
{
	switch (reach) {
	case TASK:
		return task_reaches(task, object);
	case PLACE:
		return object->in_area;
	case AREA:
		return object->in_area && object->in_class;
	case UNIT:
		return object->in_unit && object->in_class;
	case REPORTER:
		return object->own;
	default:
		return true;
	}
}

/* Is it decided by this version at all? */
static bool is_in_use(enum bh_state from, enum bh_verb verb)
{
	for (size_t i = 0; i < bh_moves_count; i++)
		if (bh_moves[i].from == from && bh_moves[i].verb == verb && bh_moves[i].in_use &&
			(bh_moves[i].roles & ~ROLE(CLOCK)) != 0)
			return true;
	return false;
}

static bool may(unsigned role, enum bh_verb verb, enum bh_state from,
	const struct bh_object *object, const struct task *task)
{
	if (!object->in_period || !is_in_use(from, verb))
		return false;
	for (size_t i = 0; i < bh_rights_expected_count; i++) {
		const struct bh_right_expected *row = &bh_rights_expected[i];
		if (row->from == from && row->verb == verb &&
			((row->who | row->wider) & 1u << role) != 0 &&
			reaches(row->reach, object, task))
			return true;
	}
	return false;
}

static void assert_right(const struct bh_rules *rules, unsigned role, enum bh_verb verb,
	enum bh_state from, unsigned number)
{
	const struct bh_move *move = NULL;
	struct bh_object object = bh_object_of(number / TASKS, role);
	const struct task *task = &tasks[number % TASKS];
	struct bh_rights_ask ask = {.rules = rules,
		.now_ms = object.now_ms,
		.person = role,
		.verb = verb,
		.state = from,
		.type = object.type,
		.area = object.area,
		.unit = object.unit,
		.reporter = object.reporter,
		.task_person = task->own ? role : task->person,
		.task_unit = task->unit};
	bool wanted = may(role, verb, from, &object, task);
	bool found = bh_rights_ask(&ask, &move) != 0;
	if (found != wanted)
		fail_msg("%s, %s from %s, case %u (area %u, unit %u, type %u, own %d; task of "
			 "person %u, unit %u) at %lld: %d",
			bh_role_name((enum bh_role)role), bh_verb_name(verb), bh_state_name(from),
			number, object.area, object.unit, object.type, object.own, ask.task_person,
			ask.task_unit, (long long)object.now_ms, found);
}

/* Whose a task is, is asked of what answers one. */
static void test_rights_matrix__every_role_verb_state_and_case(void **state)
{
	struct bh_rules *rules = bh_object_rules();
	size_t asked = 0;
	(void)state;
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		for (unsigned verb = BH_VERB_VERIFY; verb < BH_VERB_MAX; verb++) {
			unsigned step = bh_verb_answers((enum bh_verb)verb) != 0 ? 1 : TASKS;
			for (unsigned from = BH_STATE_OUTBOX; from < BH_STATE_COUNT; from++)
				for (unsigned k = 0; k < BH_OBJECTS * TASKS; k += step, asked++)
					assert_right(rules, role, (enum bh_verb)verb,
						(enum bh_state)from, k);
		}
	print_message("# %zu questions\n", asked);
	bh_rules_unref(rules);
}

/* No move for people without a row here: who adds one says who may. */
static void test_rights_matrix__has_a_row_for_every_move_of_people(void **state)
{
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		uint32_t people = move->roles & ~ROLE(CLOCK);
		uint32_t who = 0;
		for (size_t k = 0; k < bh_rights_expected_count; k++)
			if (bh_rights_expected[k].from == move->from &&
				bh_rights_expected[k].verb == move->verb)
				who |= bh_rights_expected[k].who | bh_rights_expected[k].wider;
		if (move->verb == BH_VERB_SUBMIT) /* row 1 is any device's */
			continue;
		if ((people & ~who) != 0)
			fail_msg("row %u, %s from %s: its people are not all expected here",
				move->row, bh_verb_name((enum bh_verb)move->verb),
				bh_state_name((enum bh_state)move->from));
	}
}

/* ---- To see a case ---- */

/* "Deny by default": an administrator has no cases, a privacy officer reads audits, reporters and
 * field workers and helpers their own. */
static const uint32_t see_area = ROLE(GRID_LEADER) | ROLE(ACCEPTOR) | ROLE(DISPATCHER) |
				 ROLE(SHIFT_LEADER) | ROLE(TIER_DESK) | ROLE(SUPERVISOR) |
				 ROLE(SPONSOR) | ROLE(ASSESSOR) | ROLE(FOLLOWUP_AGENT) |
				 ROLE(ARCHIVIST) | ROLE(AUDITOR);
static const uint32_t see_unit = ROLE(UNIT_LEAD) | ROLE(HANDLER) | ROLE(MEDIATOR) | ROLE(TIER_DESK);

static void assert_sight(const struct bh_rules *rules, unsigned role, unsigned number)
{
	struct bh_object object = bh_object_of(number, role);
	struct bh_case cased = {.type = object.type,
		.area = object.area,
		.unit = object.unit,
		.reporter = object.reporter};
	/* What a unit has in hand is seen by its own, whatever class their posts are for. */
	bool by_unit = object.in_period && object.in_unit && (see_unit >> role & 1) != 0;
	bool by_area = object.in_period && object.in_class && object.in_area &&
		       (see_area >> role & 1) != 0;
	bool sees = object.own || by_unit || by_area;
	if ((bh_rights_views(rules, role, object.now_ms, &cased) != 0) != sees)
		fail_msg("%s sees case %u: %d", bh_role_name((enum bh_role)role), number, !sees);
}

static void test_rights_matrix__every_role_and_case_to_see(void **state)
{
	struct bh_rules *rules = bh_object_rules();
	(void)state;
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		for (unsigned k = 0; k < BH_OBJECTS; k++)
			assert_sight(rules, role, k);
	bh_rules_unref(rules);
}

static void test_rights_matrix__scopes_and_colleagues_are_of_the_period(void **state)
{
	struct bh_rules *rules = bh_object_rules();
	uint64_t scopes[BH_SCOPES_MAX];
	const uint32_t handler = BH_DEMO_PERSON(HANDLER), lead = BH_DEMO_PERSON(UNIT_LEAD);
	const int64_t during = MIDNIGHT(FIRST_DAY), after = MIDNIGHT(LAST_DAY + 1);
	(void)state;
	assert_int_equal(bh_rights_scopes(rules, handler, during, scopes, BH_SCOPES_MAX), 2);
	assert_int_equal(bh_rights_scopes(rules, handler, during - 1, scopes, BH_SCOPES_MAX), 1);
	assert_int_equal(bh_rights_scopes(rules, handler, after - 1, scopes, BH_SCOPES_MAX), 2);
	assert_int_equal(bh_rights_scopes(rules, handler, after, scopes, BH_SCOPES_MAX), 1);
	assert_false(bh_rights_are_colleagues(rules, during, handler, lead));
	bh_rules_unref(rules);
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.posts[BH_ROLE_DISPATCHER - 1].to_day = LAST_DAY;
	rules = bh_demo_build(&demo);
	const uint32_t dispatcher = BH_DEMO_PERSON(DISPATCHER);
	assert_true(bh_rights_are_colleagues(rules, after - 1, dispatcher, BH_DEMO_TWO_POSTS));
	assert_false(bh_rights_are_colleagues(rules, after, dispatcher, BH_DEMO_TWO_POSTS));
	assert_false(bh_rights_are_colleagues(rules, after, BH_DEMO_TWO_POSTS, dispatcher));
	bh_rules_unref(rules);
}

/* Of two posts the one that is in force and for the class acts, whichever stands first. */
static void test_rights_matrix__another_post_may_do_what_one_may_not(void **state)
{
	static const uint32_t gas[] = {50};
	const struct bh_move *move;
	struct bh_demo_profile demo;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		if (demo.posts[i].id == 60) {
			demo.posts[i].classes = gas;
			demo.posts[i].classes_count = 1;
		} else if (demo.posts[i].id == 61) {
			demo.posts[i].from_day = FIRST_DAY;
		}
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_rights_ask ask = {.rules = rules,
		.person = BH_DEMO_TWO_POSTS,
		.now_ms = MIDNIGHT(FIRST_DAY),
		.verb = BH_VERB_REDIRECT,
		.state = BH_STATE_HANDLING,
		.type = BH_DEMO_GAS_LEAK,
		.area = 1111};
	assert_int_equal(bh_rights_ask(&ask, &move), 60);
	ask.type = BH_DEMO_LITTER;
	assert_int_equal(bh_rights_ask(&ask, &move), 61);
	ask.post = 60; /* chosen to act: no other stands in */
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	ask.post = 0;
	ask.now_ms--;
	assert_int_equal(bh_rights_ask(&ask, &move), 0);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights_matrix__every_role_verb_state_and_case),
		cmocka_unit_test(test_rights_matrix__has_a_row_for_every_move_of_people),
		cmocka_unit_test(test_rights_matrix__every_role_and_case_to_see),
		cmocka_unit_test(test_rights_matrix__scopes_and_colleagues_are_of_the_period),
		cmocka_unit_test(test_rights_matrix__another_post_may_do_what_one_may_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
