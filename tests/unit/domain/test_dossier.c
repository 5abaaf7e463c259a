/* A dossier's papers from entries written by hand, what each kind of case needs, the seal's bytes,
 * and who may do what with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/dossier.h"
#include "tests/unit/domain/demo_rules.h"

#define P(name) (1u << BH_PAPER_##name)
#define R(name) (1u << BH_ROLE_##name)
#define ORDINARY (P(REPORT) | P(FILING) | P(DISPATCH) | P(SIGN) | P(RESULT) | P(CLOSING))
#define E(verb_, from, to, cycle_)                                                                 \
	{                                                                                          \
		.verb = BH_VERB_##verb_, .from_state = BH_STATE_##from, .to_state = BH_STATE_##to, \
		.cycle = (cycle_)                                                                  \
	}

static struct bh_dossier judged(struct bh_dossier_entry *entries, size_t count, uint32_t kinds)
{
	struct bh_dossier dossier;

	for (size_t i = 0; i < count; i++)
		entries[i].position = 10 * (i + 1);
	bh_dossier_judge(entries, count, kinds, &dossier);
	return dossier;
}

static void test_dossier__is_complete_with_the_papers_of_the_straight_way(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1),
		E(FILE, RECEIVED, FILED, 1),
		E(DISPATCH, FILED, DISPATCHED, 1),
		E(SIGN, DISPATCHED, HANDLING, 1),
		E(FINISH, HANDLING, DONE, 1),
		E(CLOSE, DONE, CLOSED, 1),
		E(DELIVERED, CLOSED, CLOSED, 1),
	};

	(void)state;
	for (size_t count = 1; count <= 6; count++) {
		struct bh_dossier dossier = judged(way, count, 0);
		assert_int_equal(dossier.required, ORDINARY);
		assert_int_equal(bh_dossier_lacks(&dossier), 6 - count);
		assert_int_equal(dossier.newest, 10 * count);
	}
	struct bh_dossier dossier = judged(way, 7, 0);
	assert_int_equal(dossier.missing, 0);
	assert_int_equal(dossier.newest, 60); /* a receipt is no paper */
	way[0].photos = 2;
	way[0].photos_here = 1;
	dossier = judged(way, 7, 0);
	assert_int_equal(bh_dossier_lacks(&dossier), 1);
}

static void test_dossier__dispatching_what_is_not_filed_files_it(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1),
		E(DISPATCH, RECEIVED, DISPATCHED, 1),
		E(RETURN, DISPATCHED, RETURNING, 1),
		E(REFUSE_RETURN, RETURNING, HANDLING, 1),
	};

	(void)state;
	struct bh_dossier dossier = judged(way, 4, 0);
	assert_int_equal(dossier.missing, P(RESULT) | P(CLOSING));
}

static void test_dossier__a_check_that_was_asked_for_is_needed(void **state)
{
	struct bh_dossier_entry way[] = {
		E(FINISH, HANDLING, DONE, 1),
		E(CHECK, DONE, CHECKING, 1),
		E(TASK_LAPSED, CHECKING, DONE, 1),
		E(PASS, CHECKING, DONE, 1),
	};

	(void)state;
	assert_int_equal(judged(way, 1, 0).required & P(CHECK), 0);
	assert_int_equal(judged(way, 3, 0).missing & P(CHECK), P(CHECK));
	assert_int_equal(judged(way, 4, 0).missing & P(CHECK), 0);
}

static void test_dossier__another_cycle_needs_its_papers_anew(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1), E(DISPATCH, RECEIVED, DISPATCHED, 1),
		E(SIGN, DISPATCHED, HANDLING, 1), E(FINISH, HANDLING, DONE, 1),
		E(CLOSE, DONE, CLOSED, 1), E(REOPEN, CLOSED, FILED, 2),
		E(DELIVERED, FILED, FILED, 1), /* of the first: a late receipt */
	};

	(void)state;
	assert_int_equal(judged(way, 5, 0).missing, 0);
	assert_int_equal(judged(way, 7, 0).missing, P(DISPATCH) | P(SIGN) | P(RESULT) | P(CLOSING));
}

static void test_dossier__what_was_put_right_on_the_spot_needs_no_unit(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1),
		E(SELF_DISPOSE, RECEIVED, DONE, 1),
		E(CLOSE, DONE, CLOSED, 1),
	};

	(void)state;
	assert_int_equal(judged(way, 3, 0).missing, 0);
}

static void test_dossier__disputes_and_major_cases_need_more(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1),
		E(PAPER, CLOSED, CLOSED, 0),
		E(PAPER, CLOSED, CLOSED, 0),
		E(PAPER, CLOSED, CLOSED, 0),
	};

	(void)state;
	way[1].kind = BH_PAPER_MEDIATION;
	way[2].kind = BH_PAPER_AGREEMENT;
	way[3].kind = BH_PAPER_PERFORMANCE;
	assert_int_equal(judged(way, 1, BH_DOSSIER_DISPUTE).missing & P(MEDIATION), P(MEDIATION));
	assert_int_equal(judged(way, 2, BH_DOSSIER_DISPUTE).missing & P(MEDIATION), 0);
	assert_int_equal(judged(way, 3, BH_DOSSIER_DISPUTE).missing & P(PERFORMANCE),
		P(PERFORMANCE)); /* of an agreement */
	assert_int_equal(judged(way, 4, BH_DOSSIER_DISPUTE).missing & P(PERFORMANCE), 0);
	assert_int_equal(judged(way, 4, BH_DOSSIER_DISPUTE).added, 3);
	assert_int_equal(judged(way, 4, BH_DOSSIER_MAJOR).missing & P(PLAN), P(PLAN));
}

/* What the clock raised, and ended with the unit's work, is owed no answer. */
static void test_dossier__an_order_that_waits_needs_its_reply(void **state)
{
	struct bh_dossier_entry way[] = {
		E(SUBMIT, OUTBOX, RECEIVED, 1),
		E(ORDER, HANDLING, HANDLING, 0),
		E(ORDER, HANDLING, HANDLING, 0),
		E(ORDER_ANSWER, HANDLING, HANDLING, 0),
		E(ORDER_REVIEW, HANDLING, HANDLING, 0),
		E(REOPEN, CLOSED, FILED, 2),
		E(PAPER, FILED, FILED, 0),
	};
	const uint32_t all = P(ORDER) | P(ORDER_REPLY) | P(ORDER_REVIEW);

	(void)state;
	struct bh_dossier dossier = judged(way, 6, 0);
	assert_int_equal(dossier.required & P(ORDER_REPLY), 0);
	assert_int_equal(dossier.present & all, all);
	way[2].kind = 1; /* the second one has none yet */
	dossier = judged(way, 6, 0);
	assert_int_equal(dossier.required & P(ORDER_REPLY), P(ORDER_REPLY));
	assert_int_equal(dossier.missing & P(ORDER_REPLY), P(ORDER_REPLY));
	way[6].kind = BH_PAPER_ORDER_REPLY; /* somebody adds it on paper */
	assert_int_equal(judged(way, 7, 0).missing & P(ORDER_REPLY), 0);
	way[2].kind = 0;
	way[6].kind = BH_PAPER_ORDER; /* an order on paper needs its reply there, too */
	assert_int_equal(judged(way, 7, 0).required & P(ORDER_REPLY), P(ORDER_REPLY));
	way[4].log_short = BH_LOG_CLOCK;
	assert_int_equal(judged(way, 5, 0).present & P(ORDER_REVIEW), 0);
}

static void test_dossier__an_appeal_needs_its_review(void **state)
{
	struct bh_dossier_entry way[] = {
		E(CLOSE, DONE, CLOSED, 1),
		E(APPEAL, CLOSED, CLOSED, 1),
		E(REVIEW_APPEAL, CLOSED, CLOSED, 1),
		E(REOPEN, CLOSED, FILED, 2),
	};

	(void)state;
	assert_int_equal(judged(way, 1, 0).required & P(APPEAL_REVIEW), 0);
	assert_int_equal(judged(way, 2, 0).missing & P(APPEAL_REVIEW), P(APPEAL_REVIEW));
	assert_int_equal(judged(way, 3, 0).missing & P(APPEAL_REVIEW), 0);
	assert_int_equal(judged(way, 4, 0).required & P(APPEAL_REVIEW), 0);
}

static void test_seal__says_what_its_bytes_say(void **state)
{
	struct bh_dossier_entry entries[3] = {{.position = 4}, {.position = 9}, {.position = 12}};
	struct bh_seal_said said, again, part;
	struct bh_buf header = BH_BUF(100);
	struct bh_hasher *hasher;

	(void)state;
	assert_int_equal(bh_hasher_open(&hasher), 0);
	assert_int_equal(bh_dossier_seal(hasher, "990101", 7, entries, 3, UINT64_MAX, &said), 0);
	assert_int_equal(said.upto, 12);
	assert_int_equal(said.count, 3);
	assert_int_equal(bh_dossier_seal(hasher, "990101", 7, entries, 3, 11, &part), 0);
	assert_int_equal(part.upto, 9);
	assert_memory_not_equal(part.hash, said.hash, BH_HASH_BYTES);
	entries[1].hash[31] ^= 1;
	assert_int_equal(bh_dossier_seal(hasher, "990101", 7, entries, 3, UINT64_MAX, &again), 0);
	assert_memory_not_equal(again.hash, said.hash, BH_HASH_BYTES);
	assert_int_equal(bh_seal_encode(&said, &header), 0);
	assert_int_equal(bh_seal_decode(bh_buf_span(&header), &again), 0);
	assert_memory_equal(&again.hash, &said.hash, BH_HASH_BYTES);
	assert_int_equal(again.count, 3);
	for (size_t len = 0; len < header.len; len++)
		assert_int_equal(
			bh_seal_decode(bh_span(header.data, len), &again), BH_ERR_MALFORMED);
	bh_buf_free(&header);
	bh_hasher_close(hasher);
}

/* ---- Who may ---- */

static const struct {
	enum bh_verb verb;
	uint32_t area;
	uint32_t unit;
} expected[] = {
	{BH_VERB_PAPER,
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
	ask.cased = NULL;
	assert_int_equal(answered(&ask, &paper), BH_REASON_NO_CASE);
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
		cmocka_unit_test(test_dossier__is_complete_with_the_papers_of_the_straight_way),
		cmocka_unit_test(test_dossier__dispatching_what_is_not_filed_files_it),
		cmocka_unit_test(test_dossier__a_check_that_was_asked_for_is_needed),
		cmocka_unit_test(test_dossier__another_cycle_needs_its_papers_anew),
		cmocka_unit_test(test_dossier__what_was_put_right_on_the_spot_needs_no_unit),
		cmocka_unit_test(test_dossier__disputes_and_major_cases_need_more),
		cmocka_unit_test(test_dossier__an_order_that_waits_needs_its_reply),
		cmocka_unit_test(test_dossier__an_appeal_needs_its_review),
		cmocka_unit_test(test_seal__says_what_its_bytes_say),
		cmocka_unit_test(test_dossier__every_role_may_what_the_table_gives_it),
		cmocka_unit_test(test_paper__has_a_kind_and_a_title),
		cmocka_unit_test(test_seal__is_of_an_end_and_says_why_papers_are_missing),
		cmocka_unit_test(test_loan__is_of_the_archive_and_of_one_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
