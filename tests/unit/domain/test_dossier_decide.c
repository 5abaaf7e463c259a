/* Who may do what with a dossier, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "server/domain/dossier.h"
#include "tests/unit/domain/demo_rules.h"

#define P(name) (1u << BH_PAPER_##name)
#define R(name) (1u << BH_ROLE_##name)

static const struct {
	enum bh_verb verb;
	uint32_t area;
	uint32_t unit;
} expected[] = {
	{BH_VERB_PAPER,
		R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(SUPERVISOR) |
			R(FOLLOWUP_AGENT) | R(ARCHIVIST),
		R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR)},
	{BH_VERB_WITHDRAW_PAPER,
		R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(SUPERVISOR) |
			R(FOLLOWUP_AGENT) | R(ARCHIVIST),
		R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR)},
	{BH_VERB_SEAL, R(ARCHIVIST), 0},
	{BH_VERB_LEND, R(ARCHIVIST), 0},
	{BH_VERB_GIVE_BACK, R(ARCHIVIST), 0},
};

static uint32_t unit_of(uint32_t role)
{
	return role == BH_ROLE_MEDIATOR    ? BH_DEMO_MEDIATION_A
	       : role == BH_ROLE_TIER_DESK ? BH_DEMO_DESK_COUNTY
	       : role == BH_ROLE_UNIT_LEAD ? BH_DEMO_CLEAN_A
	       : role == BH_ROLE_HANDLER   ? BH_DEMO_CLEAN_A
					   : BH_DEMO_GAS;
}

static bool may(const struct bh_rules *rules, uint32_t role, enum bh_verb verb, uint32_t area,
	uint32_t unit)
{
	const struct bh_case cased = {.area = area, .unit = unit, .type = BH_DEMO_LITTER};

	return bh_dossier_post(rules, 0, role, 0, verb, &cased) != 0;
}

static void test_dossier__every_role_may_what_the_table_gives_it(void **state)
{
	struct bh_rules *rules = bh_demo_rules();

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
			bool area = (expected[i].area >> role & 1) != 0;
			bool unit = (expected[i].unit >> role & 1) != 0;
			enum bh_verb verb = expected[i].verb;
			assert_int_equal(may(rules, role, verb, 1111, BH_DEMO_WORKS), area);
			assert_int_equal(may(rules, role, verb, 1111, unit_of(role)), area || unit);
			assert_int_equal(may(rules, role, verb, 0, 0), 0);
		}
	}
	bh_rules_unref(rules);
}

static struct bh_command command_of(enum bh_verb verb, const char *text)
{
	return (struct bh_command){.source = BH_SOURCE_DESK,
		.verb = verb,
		.person = BH_ROLE_ARCHIVIST,
		.reason_code = BH_PAPER_OTHER,
		.until_ms = 86400000,
		.text = bh_span(text, strlen(text))};
}

static enum bh_reason answered(const struct bh_dossier_ask *ask, const struct bh_command *command)
{
	struct bh_dossier_answer answer;

	bh_dossier_decide(ask, command, &answer);
	assert_int_equal(answer.accepted, answer.reason == BH_REASON_NONE);
	return answer.reason;
}

static void test_paper__has_a_kind_and_a_title(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	struct bh_case cased = {.area = 1111, .type = BH_DEMO_LITTER, .state = BH_STATE_HANDLING};
	struct bh_dossier_ask ask = {.rules = rules, .cased = &cased};
	struct bh_command paper = command_of(BH_VERB_PAPER, "a letter\nand what it says");

	(void)state;
	assert_int_equal(answered(&ask, &paper), BH_REASON_NONE);
	paper.reason_code = BH_PAPER_COUNT;
	assert_int_equal(answered(&ask, &paper), BH_REASON_FIELD);
	paper = command_of(BH_VERB_PAPER, " \nwithout a title");
	assert_int_equal(answered(&ask, &paper), BH_REASON_TEXT);
	paper = command_of(BH_VERB_PAPER, "\xff\xfe");
	assert_int_equal(answered(&ask, &paper), BH_REASON_TEXT);
	paper = command_of(BH_VERB_PAPER, "one more");
	ask.dossier.added = BH_PAPERS_MAX;
	assert_int_equal(answered(&ask, &paper), BH_REASON_GUARD);
	ask.dossier.added = BH_PAPERS_MAX - 1;
	ask.dossier.brought = BH_PAPERS_EVER_MAX - 1;
	assert_int_equal(answered(&ask, &paper), BH_REASON_NONE);
	ask.dossier.brought++;
	assert_int_equal(answered(&ask, &paper), BH_REASON_GUARD);
	ask.cased = NULL;
	assert_int_equal(answered(&ask, &paper), BH_REASON_NO_CASE);
	bh_rules_unref(rules);
}

static void test_paper__leaves_room_for_others(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	struct bh_case cased = {.area = 1111,
		.type = BH_DEMO_LITTER,
		.state = BH_STATE_HANDLING,
		.unit = BH_DEMO_CLEAN_A};
	struct bh_dossier_ask ask = {.rules = rules, .cased = &cased};
	struct bh_command paper = command_of(BH_VERB_PAPER, "one more");

	(void)state;
	paper.person = BH_ROLE_HANDLER;
	ask.own_added = BH_PAPERS_PERSON_MAX - 1;
	ask.own_brought = BH_PAPERS_PERSON_EVER_MAX - 1;
	ask.dossier.added = BH_PAPERS_MAX - BH_PAPERS_DESK_ROOM - 1;
	ask.dossier.brought = BH_PAPERS_EVER_MAX - BH_PAPERS_DESK_EVER_ROOM - 1;
	assert_int_equal(answered(&ask, &paper), BH_REASON_NONE);
	uint32_t *const counts[] = {
		&ask.own_added, &ask.own_brought, &ask.dossier.added, &ask.dossier.brought};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		++*counts[i];
		assert_int_equal(answered(&ask, &paper), BH_REASON_GUARD);
		paper.person = BH_ROLE_ARCHIVIST; /* who keeps it has all the room there is */
		assert_int_equal(answered(&ask, &paper), BH_REASON_NONE);
		paper.person = BH_ROLE_SUPERVISOR; /* ... a desk what units cannot take */
		assert_int_equal(answered(&ask, &paper), i < 2 ? BH_REASON_GUARD : BH_REASON_NONE);
		paper.person = BH_ROLE_HANDLER;
		--*counts[i];
	}
	bh_rules_unref(rules);
}

static void paper_of(struct bh_dossier_ask *ask, uint32_t person)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];

	assert_int_not_equal(bh_rules_posts(ask->rules, person, posts), 0);
	ask->paper.person = person;
	ask->paper.post = posts[0]->id;
}

static void test_withdrawal__is_not_of_whom_the_paper_is_about(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	struct bh_case cased = {.area = 1111,
		.type = BH_DEMO_LITTER,
		.state = BH_STATE_HANDLING,
		.unit = BH_DEMO_CLEAN_A};
	struct bh_dossier_ask ask = {.rules = rules, .cased = &cased, .paper = {.stands = true}};
	struct bh_command command = command_of(BH_VERB_WITHDRAW_PAPER, "a copy");
	const uint32_t judges = R(ARCHIVIST) | R(SUPERVISOR),
		       all = judges | R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) |
			     R(FOLLOWUP_AGENT);

	(void)state;
	command.main_number = 40;
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		bool of_unit = role == BH_ROLE_UNIT_LEAD || role == BH_ROLE_HANDLER;
		command.person = role;
		cased.state = BH_STATE_HANDLING;
		if (!of_unit && (all >> role & 1) == 0) {
			assert_int_equal(answered(&ask, &command), BH_REASON_NO_RIGHT);
			continue;
		}
		paper_of(&ask, BH_DEMO_LEAD(BH_DEMO_GAS)); /* somebody else's */
		bool judge = (judges >> role & 1) != 0;
		assert_int_equal(
			answered(&ask, &command), judge ? BH_REASON_NONE : BH_REASON_GUARD);
		paper_of(&ask, BH_DEMO_LEAD(BH_DEMO_CLEAN_A)); /* a colleague's */
		assert_int_equal(answered(&ask, &command),
			judge || of_unit ? BH_REASON_NONE : BH_REASON_GUARD);
		paper_of(&ask, role); /* his own */
		assert_int_equal(answered(&ask, &command), BH_REASON_NONE);
		cased.state = BH_STATE_CLOSED;
		assert_int_equal(
			answered(&ask, &command), of_unit ? BH_REASON_GUARD : BH_REASON_NONE);
		ask.sealed_upto = 40;
		assert_int_equal(answered(&ask, &command),
			role == BH_ROLE_ARCHIVIST ? BH_REASON_NONE : BH_REASON_GUARD);
		ask.sealed_upto = 39;
	}
	bh_rules_unref(rules);
}

static void test_seal__is_of_an_end_and_says_why_papers_are_missing(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	struct bh_case cased = {.area = 1111, .type = BH_DEMO_LITTER, .state = BH_STATE_HANDLING};
	struct bh_dossier_ask ask = {.rules = rules, .cased = &cased, .dossier.newest = 40};
	struct bh_command seal = command_of(BH_VERB_SEAL, "");

	(void)state;
	ask.dossier.missing = P(SIGN);
	assert_int_equal(answered(&ask, &seal), BH_REASON_NOT_NOW);
	cased.state = BH_STATE_CLOSED;
	assert_int_equal(answered(&ask, &seal), BH_REASON_NO_REASON);
	seal = command_of(BH_VERB_SEAL, "it was signed for on paper");
	assert_int_equal(answered(&ask, &seal), BH_REASON_NONE);
	ask.sealed_upto = 39;
	assert_int_equal(answered(&ask, &seal), BH_REASON_NONE);
	ask.sealed_upto = 40;
	assert_int_equal(answered(&ask, &seal), BH_REASON_NOT_NOW);
	bh_rules_unref(rules);
}

static void test_loan__is_of_the_archive_and_of_one_at_a_time(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	struct bh_case cased = {.area = 1111, .type = BH_DEMO_LITTER, .state = BH_STATE_CLOSED};
	struct bh_dossier_ask ask = {.rules = rules, .cased = &cased};
	struct bh_command lend = command_of(BH_VERB_LEND, "to the court");
	struct bh_command back = command_of(BH_VERB_GIVE_BACK, "");

	(void)state;
	assert_int_equal(answered(&ask, &lend), BH_REASON_NOT_NOW);
	cased.state = BH_STATE_FOLLOWED;
	assert_int_equal(answered(&ask, &lend), BH_REASON_NONE);
	lend.until_ms = 0;
	assert_int_equal(answered(&ask, &lend), BH_REASON_FIELD);
	lend.until_ms = BH_LOAN_MS_MAX + 1;
	assert_int_equal(answered(&ask, &lend), BH_REASON_FIELD);
	assert_int_equal(answered(&ask, &back), BH_REASON_NOT_NOW);
	ask.lent = true;
	assert_int_equal(answered(&ask, &back), BH_REASON_NONE);
	lend.until_ms = 1000;
	assert_int_equal(answered(&ask, &lend), BH_REASON_NOT_NOW);
	lend.person = BH_ROLE_ACCEPTOR;
	assert_int_equal(answered(&ask, &lend), BH_REASON_NO_RIGHT);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dossier__every_role_may_what_the_table_gives_it),
		cmocka_unit_test(test_paper__has_a_kind_and_a_title),
		cmocka_unit_test(test_paper__leaves_room_for_others),
		cmocka_unit_test(test_withdrawal__is_not_of_whom_the_paper_is_about),
		cmocka_unit_test(test_seal__is_of_an_end_and_says_why_papers_are_missing),
		cmocka_unit_test(test_loan__is_of_the_archive_and_of_one_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
