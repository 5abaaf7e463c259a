/* Every role against what is done beside cases and with what is no case: people that a case names,
 * its dossier and its rating, orders, rounds and service entries, handing a desk over, tasks and
 * people; each in and out of a post's area, unit, class and period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/dossier.h"
#include "server/domain/order.h"
#include "server/domain/privacy.h"
#include "server/domain/rating.h"
#include "server/domain/rights.h"
#include "server/domain/shift.h"
#include "tests/unit/domain/rights_objects.h"

#define R(name) (1u << BH_ROLE_##name)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define DURING BH_OBJECT_MIDNIGHT(BH_OBJECT_FIRST_DAY + 1)
#define AFTER BH_OBJECT_MIDNIGHT(BH_OBJECT_LAST_DAY + 1)

#define DESK (R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER))
#define FIELD (R(GRID_WORKER) | R(GRID_LEADER))
#define OF_UNIT (R(UNIT_LEAD) | R(TIER_DESK) | R(HANDLER) | R(MEDIATOR))
#define KEEPS (DESK | R(TIER_DESK) | R(SUPERVISOR) | R(FOLLOWUP_AGENT) | R(ARCHIVIST))
#define ASKS_HOW (R(SUPERVISOR) | R(ASSESSOR) | R(FOLLOWUP_AGENT))
#define CHASES (R(DISPATCHER) | R(SHIFT_LEADER) | R(SUPERVISOR))
#define WATCHES (R(SUPERVISOR) | R(SPONSOR))
#define SEES                                                                                \
	(R(GRID_LEADER) | DESK | R(TIER_DESK) | WATCHES | R(ASSESSOR) | R(FOLLOWUP_AGENT) | \
		R(ARCHIVIST) | R(AUDITOR))

static struct bh_case case_of(const struct bh_object *object)
{
	return (struct bh_case){.number = 4711,
		.cycle = 1,
		.state = BH_STATE_HANDLING,
		.type = object->type,
		.area = object->area,
		.unit = object->unit,
		.reporter = object->reporter,
		.by_public = true};
}

/* ---- What is asked ---- */

typedef bool may_fn(const struct bh_rules *rules, uint32_t person, const struct bh_object *object,
	uint32_t code);

static bool may_privacy(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	return bh_privacy_post(rules, object->now_ms, person, 0, (enum bh_verb)code, &cased) != 0;
}

static bool may_read_openings(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	(void)code;
	return bh_privacy_reads(rules, object->now_ms, person, 0, &cased);
}

static bool may_dossier(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	return bh_dossier_post(rules, object->now_ms, person, 0, (enum bh_verb)code, &cased) != 0;
}

static bool may_invite(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	const struct bh_rating_ask ask = {
		.rules = rules, .now_ms = object->now_ms, .cased = &cased};
	const struct bh_command command = {.verb = (enum bh_verb)code, .person = person};
	struct bh_rating_answer answer;
	bh_rating_decide(&ask, &command, &answer);
	return answer.accepted;
}

static bool may_read_rating(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	(void)code;
	return bh_rating_may_read(rules, person, object->now_ms, &cased, cased.unit);
}

static bool order_decides(const struct bh_rules *rules, const struct bh_object *object,
	const struct bh_order *order, struct bh_command command)
{
	struct bh_case cased = case_of(object);
	struct bh_order_answer answer;
	if (cased.unit == 0)
		cased.unit = BH_DEMO_WORKS;
	const struct bh_order_ask ask = {.rules = rules,
		.now_ms = object->now_ms,
		.cased = &cased,
		.order = order,
		.ref = BH_ORDER_REF(BH_ORDER_CHASER, 2026, 1, 7)};
	command.source = BH_SOURCE_DESK;
	command.case_number = cased.number;
	command.text = bh_span("how is it?", 10);
	bh_order_decide(&ask, &command, &answer);
	return answer.accepted;
}

static bool may_order(const struct bh_rules *rules, uint32_t person, const struct bh_object *object,
	uint32_t code)
{
	return order_decides(rules, object, NULL,
		(struct bh_command){.verb = BH_VERB_ORDER, .person = person, .reason_code = code});
}

static struct bh_order order_of(
	const struct bh_object *object, uint32_t kind, enum bh_order_state state)
{
	return (struct bh_order){.ref = BH_ORDER_REF(kind, 2026, 1, 7),
		.state = state,
		.area = object->area,
		.unit = object->unit};
}

static bool may_judge_order(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_order order = order_of(object, code, BH_ORDER_ANSWERED);
	return order_decides(rules, object, &order,
		(struct bh_command){.verb = BH_VERB_ORDER_REVIEW,
			.person = person,
			.reason_code = BH_ORDER_CLOSE});
}

static bool may_answer_order(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_order order = order_of(object, code, BH_ORDER_ISSUED);
	return order_decides(rules, object, &order,
		(struct bh_command){.verb = BH_VERB_ORDER_ANSWER, .person = person});
}

static bool may_read_order(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	const struct bh_order order = order_of(object, code, BH_ORDER_ISSUED);
	return bh_order_reads(rules, object->now_ms, person, 0, &order, &cased);
}

static bool may_see_order(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	const struct bh_case cased = case_of(object);
	const struct bh_order order = order_of(object, code, BH_ORDER_ISSUED);
	return bh_order_sees(rules, object->now_ms, person, 0, &order, &cased);
}

static bool may_field(const struct bh_rules *rules, uint32_t person, const struct bh_object *object,
	uint32_t code)
{
	(void)code;
	return bh_rights_field_post(rules, person, object->now_ms, 0, object->area) != NULL;
}

static bool may_see_field(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	(void)code;
	return bh_rights_see_field(rules, person, object->now_ms, object->area);
}

static bool may_count_field(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	(void)code;
	return bh_rights_count_field(rules, person, object->now_ms, object->area);
}

static bool may_do_task(const struct bh_rules *rules, uint32_t person,
	const struct bh_object *object, uint32_t code)
{
	(void)code;
	return bh_rights_own_task(rules, object->now_ms, person, 0, object->unit);
}

/* ---- What is expected, by domain.md's roles ---- */

enum bound {
	CLASS = 1u << 0,    /* a post's classes bound it */
	REPORTER = 1u << 1, /* who reported may, whatever his post */
	APART = 1u << 2,    /* nobody of the unit may */
};

static const struct question {
	const char *name;
	may_fn *may;
	uint32_t code;
	uint32_t by_area, by_unit; /* roles */
	unsigned bounds;
} questions[] = {
	{"party", may_privacy, BH_VERB_PARTY, R(ACCEPTOR) | R(DISPATCHER) | R(PRIVACY_OFFICER),
		R(MEDIATOR) | R(UNIT_LEAD), CLASS},
	{"open", may_privacy, BH_VERB_OPEN,
		R(ACCEPTOR) | R(DISPATCHER) | R(TIER_DESK) | R(FOLLOWUP_AGENT) | R(PRIVACY_OFFICER),
		R(MEDIATOR) | R(UNIT_LEAD), CLASS},
	{"ask_erase", may_privacy, BH_VERB_ASK_ERASE, R(PRIVACY_OFFICER), 0, CLASS},
	{"erase", may_privacy, BH_VERB_ERASE, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SHIFT_LEADER),
		0, CLASS},
	{"hold", may_privacy, BH_VERB_HOLD, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SUPERVISOR), 0,
		CLASS},
	{"unhold", may_privacy, BH_VERB_UNHOLD, R(PRIVACY_OFFICER) | R(SUPERVISOR), 0, CLASS},
	{"openings", may_read_openings, 0, R(PRIVACY_OFFICER) | R(AUDITOR), 0, CLASS},
	{"paper", may_dossier, BH_VERB_PAPER, KEEPS, OF_UNIT & ~R(TIER_DESK), CLASS},
	{"withdraw_paper", may_dossier, BH_VERB_WITHDRAW_PAPER, KEEPS, OF_UNIT & ~R(TIER_DESK),
		CLASS},
	{"seal", may_dossier, BH_VERB_SEAL, R(ARCHIVIST), 0, CLASS},
	{"lend", may_dossier, BH_VERB_LEND, R(ARCHIVIST), 0, CLASS},
	{"give_back", may_dossier, BH_VERB_GIVE_BACK, R(ARCHIVIST), 0, CLASS},
	{"invite", may_invite, BH_VERB_INVITE, R(ACCEPTOR) | R(SHIFT_LEADER) | R(FOLLOWUP_AGENT), 0,
		CLASS | REPORTER | APART},
	{"rating", may_read_rating, 0, ASKS_HOW, 0, CLASS | APART},
	{"chaser", may_order, BH_ORDER_CHASER, CHASES, 0, CLASS},
	{"supervision", may_order, BH_ORDER_SUPERVISION, R(SUPERVISOR), 0, CLASS},
	{"handover", may_order, BH_ORDER_HAND_OVER, R(SUPERVISOR) | R(SHIFT_LEADER), 0, CLASS},
	{"judge a chaser", may_judge_order, BH_ORDER_CHASER, CHASES, 0, CLASS},
	{"judge a supervision", may_judge_order, BH_ORDER_SUPERVISION, R(SUPERVISOR), 0, CLASS},
	{"judge a handover", may_judge_order, BH_ORDER_HAND_OVER, R(SUPERVISOR) | R(SHIFT_LEADER),
		0, CLASS},
	/* An order is to the unit, whatever class of its work it is about. */
	{"answer", may_answer_order, BH_ORDER_CHASER, 0, R(UNIT_LEAD) | R(TIER_DESK), 0},
	{"read by its area", may_read_order, BH_ORDER_CHASER, CHASES | R(SPONSOR), 0, CLASS},
	{"read by its unit", may_read_order, BH_ORDER_CHASER, 0, OF_UNIT, 0},
	{"see by its area", may_see_order, BH_ORDER_CHASER,
		CHASES | R(SPONSOR) | R(ASSESSOR) | R(AUDITOR), 0, CLASS},
	{"see by its unit", may_see_order, BH_ORDER_CHASER, 0, OF_UNIT, 0},
	/* Rounds and service entries are of a place, not of a class. */
	{"round, service", may_field, 0, FIELD, 0, 0},
	{"see field work", may_see_field, 0, SEES | FIELD, 0, 0},
	{"count field work", may_count_field, 0, DESK | R(TIER_DESK) | R(SUPERVISOR) | FIELD, 0, 0},
	{"a unit's task", may_do_task, 0, 0, OF_UNIT, 0},
};

static bool expected(const struct question *q, unsigned role, const struct bh_object *object)
{
	bool fits = object->in_period && ((q->bounds & CLASS) == 0 || object->in_class);
	bool area = fits && object->in_area && (q->by_area >> role & 1) != 0 &&
		    ((q->bounds & APART) == 0 || !object->in_unit);
	bool unit = fits && object->in_unit && (q->by_unit >> role & 1) != 0;
	return area || unit || ((q->bounds & REPORTER) != 0 && object->own);
}

/* The same right by two roads is two rows: what one of them gives, the other may not take. */
static bool expected_of_all(const struct question *q, unsigned role, const struct bh_object *object)
{
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		if (questions[i].may == q->may && questions[i].code == q->code &&
			expected(&questions[i], role, object))
			return true;
	return false;
}

static void test_rights_beside__every_role_question_and_object(void **state)
{
	size_t asked = 0;
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
			for (unsigned k = 0; k < BH_OBJECTS; k++, asked++) {
				const struct bh_object object = bh_object_of(k, role);
				bool may = questions[i].may(
					*state, role, &object, questions[i].code);
				if (may != expected_of_all(&questions[i], role, &object))
					fail_msg("%s, %s, case %u: %d", questions[i].name,
						bh_role_name((enum bh_role)role), k, may);
			}
	print_message("# %zu questions\n", asked);
}

/* ---- Every verb beside a case ---- */

/* ... has a row above: who adds one says who may. */
static void test_rights_beside__has_a_row_for_every_verb_of_people(void **state)
{
	(void)state;
	for (unsigned verb = 1; verb < BH_VERB_MAX; verb++) {
		bool asked = verb == BH_VERB_RATE || verb == BH_VERB_LOAN_OVERDUE;
		for (size_t i = 0; i < COUNT_OF(questions); i++)
			asked = asked || (questions[i].code == verb &&
						 (questions[i].may == may_privacy ||
							 questions[i].may == may_dossier ||
							 questions[i].may == may_invite));
		if ((bh_verb_is_privacy(verb) || bh_verb_is_dossier(verb) ||
			    bh_verb_is_rating(verb)) &&
			!asked)
			fail_msg("%s", bh_verb_name((enum bh_verb)verb));
	}
}

/* ---- Desks ---- */

static void test_rights_beside__every_role_and_desk(void **state)
{
	const uint32_t at_desk = DESK | R(TIER_DESK) | R(SUPERVISOR) | R(AUDITOR);
	static const struct {
		uint32_t unit;
		bool in_area, own;
	} desks[] = {
		{BH_DEMO_DESK_A, true, false},
		{BH_DEMO_CLEAN_A, true, true},
		{BH_DEMO_DESK_VILLAGE, true, false},
		{BH_DEMO_DESK_B, false, false},
		{BH_DEMO_DESK_COUNTY, false, false},
		{0, false, false},
	};
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		for (size_t i = 0; i < COUNT_OF(desks); i++) {
			uint32_t unit = desks[i].unit;
			bool in_area = desks[i].in_area;
			assert_int_equal(bh_rights_see_desk(*state, role, DURING, unit),
				desks[i].own || (in_area && (at_desk >> role & 1) != 0));
			assert_int_equal(bh_shift_post(*state, unit, role, 0, DURING) != 0,
				in_area && role == BH_ROLE_SHIFT_LEADER);
			assert_int_equal(bh_rating_may_count(*state, role, DURING, unit),
				in_area && !desks[i].own && (ASKS_HOW >> role & 1) != 0);
			assert_false(bh_rights_see_desk(*state, role, AFTER, unit));
			assert_int_equal(bh_shift_post(*state, unit, role, 0, AFTER), 0);
			assert_false(bh_rating_may_count(*state, role, AFTER, unit));
		}
}

/* ---- People, and a person's own tasks ---- */

static void test_rights_beside__every_role_and_person(void **state)
{
	const uint32_t by_area = SEES | FIELD | R(ADMIN) | R(PRIVACY_OFFICER);
	static const struct {
		uint32_t person;
		bool in_area, of_unit;
	} people[] = {
		{BH_DEMO_WORKER(1111), true, false},
		{BH_DEMO_LEAD(BH_DEMO_DESK_A), true, false},
		{BH_DEMO_LEAD(BH_DEMO_CLEAN_A), true, true},
		{BH_DEMO_WORKER(1211), false, false},
		{BH_DEMO_LEAD(BH_DEMO_GAS), false, false},
		{BH_DEMO_TOWNSHIP_DESK, false, false},
		{4711, false, false},
	};
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		for (size_t i = 0; i < COUNT_OF(people); i++) {
			uint32_t person = people[i].person;
			assert_int_equal(bh_rights_see_person(*state, role, DURING, person),
				people[i].of_unit ||
					(people[i].in_area && (by_area >> role & 1) != 0));
			assert_false(bh_rights_see_person(*state, role, AFTER, person));
			assert_false(
				bh_rights_own_task(*state, DURING, role, person, BH_DEMO_CLEAN_A));
		}
		assert_true(bh_rights_see_person(*state, role, AFTER, role));
		assert_true(bh_rights_own_task(*state, AFTER, role, role, 0));
	}
}

static int rules_open(void **state)
{
	*state = bh_object_rules();
	return 0;
}

static int rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights_beside__every_role_question_and_object),
		cmocka_unit_test(test_rights_beside__has_a_row_for_every_verb_of_people),
		cmocka_unit_test(test_rights_beside__every_role_and_desk),
		cmocka_unit_test(test_rights_beside__every_role_and_person),
	};
	return cmocka_run_group_tests(tests, rules_open, rules_close);
}
