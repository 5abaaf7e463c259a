/* A dossier's papers from entries written by hand, what each kind of case needs, and the seal's
 * bytes. */
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

/* What was decided lies beside what was asked for. */
static void test_dossier__has_every_decision(void **state)
{
	static const struct {
		enum bh_verb verb;
		enum bh_paper paper;
	} decided[] = {
		{BH_VERB_VISIT_DONE, BH_PAPER_VISIT},
		{BH_VERB_AMEND, BH_PAPER_AMENDMENT},
		{BH_VERB_GRADE, BH_PAPER_AMENDMENT},
		{BH_VERB_FAIL, BH_PAPER_REWORK},
		{BH_VERB_REFUSE_ASK, BH_PAPER_REFUSAL},
		{BH_VERB_RESUME, BH_PAPER_SUSPENSION},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(decided) / sizeof(decided[0]); i++) {
		struct bh_dossier_entry entry = {.verb = decided[i].verb, .cycle = 1};
		uint32_t paper = 0;
		assert_int_equal(bh_paper_of(&entry), decided[i].paper);
		assert_int_equal(judged(&entry, 1, 0).present, 1u << decided[i].paper);
		assert_int_equal(bh_paper_parse(bh_paper_name(decided[i].paper), &paper), 0);
		assert_int_equal(paper, decided[i].paper);
	}
	assert_true(BH_PAPER_COUNT <= 32); /* sets are 32 bits */
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
	way[2].kind = BH_PAPER_NONE; /* withdrawn: it leaves its place to another */
	assert_int_equal(judged(way, 4, BH_DOSSIER_DISPUTE).added, 2);
	assert_int_equal(judged(way, 4, BH_DOSSIER_DISPUTE).brought, 3);
	way[2].kind = BH_PAPER_AGREEMENT;
	assert_int_equal(judged(way, 4, BH_DOSSIER_MAJOR).missing & P(PLAN), P(PLAN));
}

/* S1-25, S2-24, S2-29: what a dispute's entries are by themselves. */
static void test_dossier__has_the_papers_of_a_mediation(void **state)
{
	struct bh_dossier_entry way[] = {
		E(PLAN, HANDLING, HANDLING, 1),
		E(CONSULT, HANDLING, HANDLING, 1),
		E(CONSULT, HANDLING, HANDLING, 1),
		E(MEDIATE, HANDLING, HANDLING, 1),
		E(SESSION, HANDLING, HANDLING, 1),
		E(CONCLUDE, HANDLING, HANDLING, 1),
		E(CLOSE, DONE, CLOSED, 1),
		E(PERFORM_DUE, CLOSED, CLOSED, 1),
		E(PERFORM, CLOSED, CLOSED, 1),
		E(PERFORM_DUE, CLOSED, CLOSED, 1),
	};
	static const uint32_t papers[] = {P(PLAN), 0, P(CONSULTATION), P(MEDIATION), P(MEDIATION),
		P(AGREEMENT), P(CLOSING) | P(COPY), 0, P(PERFORMANCE), 0};

	(void)state;
	way[1].outcome = BH_CONSULTATION_ASKED;
	way[2].outcome = BH_CONSULTATION_HELD;
	way[5].outcome = BH_MEDIATION_END_AGREED;
	way[6].copied = BH_DEMO_DESK_A;
	for (size_t i = 0; i < sizeof(papers) / sizeof(papers[0]); i++)
		assert_int_equal(bh_papers_of(&way[i]), papers[i]);
	assert_int_equal(judged(way, 7, BH_DOSSIER_DISPUTE).required & P(PERFORMANCE), 0);
	assert_int_equal(
		judged(way, 8, BH_DOSSIER_DISPUTE).missing & P(PERFORMANCE), P(PERFORMANCE));
	assert_int_equal(judged(way, 9, BH_DOSSIER_DISPUTE).missing & P(PERFORMANCE), 0);
	assert_int_equal(judged(way, 10, BH_DOSSIER_DISPUTE).missing & P(PERFORMANCE),
		P(PERFORMANCE)); /* of the second date */
	way[5].outcome = BH_MEDIATION_END_FAILED;
	assert_int_equal(bh_papers_of(&way[5]), P(MEDIATION)); /* the failure note */
	assert_int_equal(judged(way, 1, BH_DOSSIER_MAJOR).missing & P(PLAN), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dossier__is_complete_with_the_papers_of_the_straight_way),
		cmocka_unit_test(test_dossier__dispatching_what_is_not_filed_files_it),
		cmocka_unit_test(test_dossier__a_check_that_was_asked_for_is_needed),
		cmocka_unit_test(test_dossier__has_every_decision),
		cmocka_unit_test(test_dossier__another_cycle_needs_its_papers_anew),
		cmocka_unit_test(test_dossier__what_was_put_right_on_the_spot_needs_no_unit),
		cmocka_unit_test(test_dossier__disputes_and_major_cases_need_more),
		cmocka_unit_test(test_dossier__has_the_papers_of_a_mediation),
		cmocka_unit_test(test_dossier__an_order_that_waits_needs_its_reply),
		cmocka_unit_test(test_dossier__an_appeal_needs_its_review),
		cmocka_unit_test(test_seal__says_what_its_bytes_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
