/* Ratings, by hand: who is of the public, what a token's bytes are, when an answer may be rated,
 * who may hand a token out, who may read, and how the bucket of wrong tokens empties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/intake.h"
#include "server/domain/rating.h"
#include "server/domain/small_count.h"
#include "tests/unit/domain/demo_rules.h"

#define R(name) (1u << BH_ROLE_##name)
#define DAY INT64_C(86400000)
#define CLOSED_MS INT64_C(1772413200000)

static void test_rating__is_of_who_holds_a_reporters_post_alone(void **state)
{
	struct bh_demo_profile demo;
	struct bh_rules *rules = bh_demo_rules();
	(void)state;
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		assert_int_equal(bh_rating_is_public(rules, role), role == BH_ROLE_REPORTER);
	assert_false(bh_rating_is_public(rules, 0));
	assert_false(bh_rating_is_public(rules, 999999)); /* without a post */
	bh_rules_unref(rules);
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) /* who works for it, too */
		if (demo.posts[i].person == BH_DEMO_TWO_POSTS && demo.posts[i].id == 60)
			demo.posts[i].role = BH_ROLE_REPORTER;
	rules = bh_demo_build(&demo);
	assert_false(bh_rating_is_public(rules, BH_DEMO_TWO_POSTS));
	bh_rules_unref(rules);
}

static void test_rating__bytes_are_read_whole_or_not_at_all(void **state)
{
	struct bh_buf bytes = BH_BUF(64);
	struct bh_rating_said said = {BH_RATING_FAIR, 3}, again;
	uint8_t token[BH_RATING_TOKEN_BYTES] = {7}, hash[BH_HASH_BYTES], other[BH_HASH_BYTES];
	struct bh_hasher *hasher;
	(void)state;
	assert_int_equal(bh_rating_encode(&said, &bytes), 0);
	assert_int_equal(bh_rating_decode(bh_buf_span(&bytes), &again), 0);
	assert_int_equal(again.rating, BH_RATING_FAIR);
	assert_int_equal(again.cycle, 3);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(
			bh_rating_decode(bh_span(bytes.data, len), &again), BH_ERR_MALFORMED);
	bytes.data[0] = BH_RATING_COUNT;
	assert_int_equal(bh_rating_decode(bh_buf_span(&bytes), &again), BH_ERR_MALFORMED);
	assert_int_equal(bh_hasher_open(&hasher), 0);
	bh_rating_token_hash(hasher, 42, token, hash);
	bh_rating_token_hash(hasher, 43, token, other);
	assert_memory_not_equal(hash, other, sizeof(hash)); /* a token is of one case */
	bytes.len = 0;
	assert_int_equal(bh_invite_encode(hash, &bytes), 0);
	assert_int_equal(bh_invite_decode(bh_buf_span(&bytes), other), 0);
	assert_memory_equal(hash, other, sizeof(hash));
	assert_int_equal(bh_invite_decode(bh_span(bytes.data, 31), other), BH_ERR_MALFORMED);
	bh_hasher_close(hasher);
	bh_buf_free(&bytes);
}

static void test_rating__names_go_both_ways(void **state)
{
	uint32_t rating;
	(void)state;
	for (uint32_t i = BH_RATING_SATISFIED; i < BH_RATING_COUNT; i++) {
		assert_int_equal(bh_rating_parse(bh_rating_name(i), &rating), 0);
		assert_int_equal(rating, i);
	}
	assert_null(bh_rating_name(BH_RATING_NONE));
	assert_null(bh_rating_name(BH_RATING_COUNT));
	assert_int_equal(bh_rating_parse("recurred", &rating), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_rating_permille(2, 3), 667);
	assert_int_equal(bh_rating_permille(1, 16), 63); /* 62.5: half up */
	assert_int_equal(bh_rating_permille(7, 7), 1000);
	assert_int_equal(bh_rating_permille(0, 0), 0);
}

static void test_rating__small_cells_and_unfinished_months_are_hidden(void **state)
{
	struct bh_rating_count row = {.closed = 9, .rated = BH_CELL_MIN};
	(void)state;
	assert_true(bh_rating_is_shown(&row, false, true));
	assert_false(bh_rating_is_shown(&row, false, false));
	row.rated--;
	assert_false(bh_rating_is_shown(&row, false, true));
	assert_true(bh_rating_is_shown(&row, true, false));
}

static bool counted(uint32_t closed, uint32_t rated, uint32_t satisfied)
{
	const struct bh_rating_count row = {
		.closed = closed, .rated = rated, .satisfied = satisfied};
	return bh_rating_is_counted(&row, false);
}

/* One of five known citizens was not satisfied: who of them it was is soon found. */
static void test_rating__few_of_either_kind_are_not_counted(void **state)
{
	const struct bh_rating_count row = {.closed = 5, .rated = 5, .satisfied = 4};
	(void)state;
	assert_true(bh_rating_is_counted(&row, true));
	for (uint32_t satisfied = 1; satisfied < 20; satisfied++)
		assert_int_equal(counted(40, 20, satisfied),
			satisfied >= BH_CELL_MIN && 20 - satisfied >= BH_CELL_MIN);
	assert_true(counted(40, 20, 0));
	assert_true(counted(40, 20, 20));
	assert_true(counted(25, 20, 20)); /* five might have said otherwise */
	assert_false(counted(24, 20, 20));
	assert_false(counted(5, 5, 0));
}

/* ---- Decisions ---- */

struct world {
	struct bh_rules *rules;
	struct bh_case cased;
	struct bh_rating_ask ask;
	struct bh_command command;
};

static void begin(struct world *w, enum bh_verb verb)
{
	*w = (struct world){
		.rules = bh_demo_rules(),
		.cased = {.number = 42,
			.cycle = 1,
			.state = BH_STATE_CLOSED,
			.reporter = BH_DEMO_PERSON(REPORTER),
			.by_public = 1,
			.type = BH_DEMO_LITTER,
			.area = 1111,
			.unit = BH_DEMO_CLEAN_A,
			.closed_ms = CLOSED_MS},
		.command = {.source = BH_SOURCE_DESK,
			.verb = verb,
			.reason_code = BH_RATING_SATISFIED},
	};
	w->ask = (struct bh_rating_ask){.rules = w->rules,
		.now_ms = CLOSED_MS + DAY,
		.cased = &w->cased,
		.token_fits = true};
}

static enum bh_reason answered(const struct world *w)
{
	struct bh_rating_answer answer;
	bh_rating_decide(&w->ask, &w->command, &answer);
	assert_int_equal(answer.accepted, answer.reason == BH_REASON_NONE);
	return answer.reason;
}

static void test_rating__is_for_seven_days_after_the_answer(void **state)
{
	struct world w;
	(void)state;
	begin(&w, BH_VERB_RATE);
	assert_int_equal(answered(&w), BH_REASON_NONE);
	w.ask.now_ms = CLOSED_MS + 7 * DAY;
	assert_int_equal(answered(&w), BH_REASON_NONE);
	w.ask.now_ms++;
	assert_int_equal(answered(&w), BH_REASON_WINDOW);
	w.ask.now_ms = CLOSED_MS + 4 * DAY;
	for (uint32_t s = BH_STATE_RECEIVED; s < BH_STATE_COUNT; s++) {
		w.cased.state = s;
		bool stands = s == BH_STATE_CLOSED || s == BH_STATE_ARCHIVED ||
			      s == BH_STATE_FOLLOWED;
		assert_int_equal(answered(&w), stands ? BH_REASON_NONE : BH_REASON_WINDOW);
	}
	bh_rules_unref(w.rules);
}

static void test_rating__is_given_once_and_says_nothing_to_who_has_no_token(void **state)
{
	struct world w;
	char text[BH_RATING_TEXT_MAX + 1];
	(void)state;
	memset(text, 'a', sizeof(text));
	begin(&w, BH_VERB_RATE);
	w.ask.rated = true;
	assert_int_equal(answered(&w), BH_REASON_NOT_NOW);
	w.ask.token_fits = false; /* ... nor that it was rated, is late, or is there */
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.ask.now_ms = CLOSED_MS + 30 * DAY;
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.ask.cased = NULL;
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	bh_rules_unref(w.rules);
	begin(&w, BH_VERB_RATE);
	w.ask.erased = true;
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.ask.erased = false;
	w.command.reason_code = BH_RATING_COUNT;
	assert_int_equal(answered(&w), BH_REASON_FIELD);
	w.command.reason_code = BH_RATING_DISSATISFIED;
	w.command.text = bh_span(text, BH_RATING_TEXT_MAX);
	assert_int_equal(answered(&w), BH_REASON_NONE);
	w.command.text = bh_span(text, BH_RATING_TEXT_MAX + 1);
	assert_int_equal(answered(&w), BH_REASON_TEXT);
	w.command.text = bh_span("\xff", 1);
	assert_int_equal(answered(&w), BH_REASON_TEXT);
	bh_rules_unref(w.rules);
}

/* Who handed it out may have closed the case since, and would rate himself. */
static void test_rating__is_not_by_a_token_of_who_took_part_since(void **state)
{
	struct world w;
	(void)state;
	begin(&w, BH_VERB_RATE);
	w.ask.given_by = BH_DEMO_PERSON(ACCEPTOR);
	assert_int_equal(answered(&w), BH_REASON_NONE);
	uint32_t *const parts[] = {&w.cased.filed_by, &w.cased.dispatched_by, &w.cased.finished_by,
		&w.cased.closed_by, &w.cased.acceptor};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] = w.ask.given_by;
		assert_int_equal(answered(&w), BH_REASON_GUARD);
		w.ask.token_fits = false; /* nobody else learns that */
		assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
		w.ask.token_fits = true;
		*parts[i] = 0;
	}
	w.ask.given_by = BH_DEMO_LEAD(BH_DEMO_CLEAN_A); /* whose unit it came to */
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.ask.given_by = 0; /* the reporter's own */
	assert_int_equal(answered(&w), BH_REASON_NONE);
	bh_rules_unref(w.rules);
}

static void test_invite__is_the_reporters_or_the_desks_that_had_no_part(void **state)
{
	const uint32_t may = R(REPORTER) | R(ACCEPTOR) | R(SHIFT_LEADER) | R(FOLLOWUP_AGENT);
	struct world w;
	(void)state;
	begin(&w, BH_VERB_INVITE);
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		w.command.person = role;
		assert_int_equal(
			answered(&w), (may >> role & 1) != 0 ? BH_REASON_NONE : BH_REASON_NO_RIGHT);
	}
	w.command.person = BH_DEMO_TOWNSHIP_DESK; /* of the other township */
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.command.person = BH_DEMO_LEAD(BH_DEMO_CLEAN_A);
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.command.person = BH_DEMO_PERSON(FOLLOWUP_AGENT);
	w.cased.finished_by = w.command.person;
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.cased.finished_by = 0;
	uint32_t *const parts[] = {
		&w.cased.filed_by, &w.cased.dispatched_by, &w.cased.closed_by, &w.cased.acceptor};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] = w.command.person;
		assert_int_equal(answered(&w), BH_REASON_GUARD);
		*parts[i] = 0;
	}
	assert_int_equal(answered(&w), BH_REASON_NONE);
	w.ask.own_invites = 1; /* who reported it has one of his own */
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.ask.own_invites = 0;
	w.ask.invites = BH_RATING_INVITES_MAX;
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.ask.invites = 0;
	w.ask.erased = true;
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.ask.erased = false;
	w.cased.by_public = 0;
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	w.ask.cased = NULL;
	assert_int_equal(answered(&w), BH_REASON_NO_CASE);
	bh_rules_unref(w.rules);
}

static void test_invite__of_who_reported_is_not_counted_with_the_desks(void **state)
{
	struct bh_rating_answer answer;
	struct world w;
	(void)state;
	begin(&w, BH_VERB_INVITE);
	w.command.person = BH_DEMO_PERSON(REPORTER);
	w.ask.invites = BH_RATING_INVITES_MAX;
	w.ask.own_invites = BH_RATING_INVITES_MAX - 1;
	w.cased.closed_by = w.command.person;
	w.cased.intake = BH_INTAKE_HALL; /* he registered it, and it is another's matter */
	assert_int_equal(answered(&w), BH_REASON_NO_RIGHT);
	w.cased.intake = BH_INTAKE_HANDSET;
	bh_rating_decide(&w.ask, &w.command, &answer);
	assert_true(answer.accepted);
	assert_int_equal(answer.post, 0); /* by it his own is told from the desk's */
	w.ask.own_invites++;
	assert_int_equal(answered(&w), BH_REASON_GUARD);
	bh_rules_unref(w.rules);
}

static void test_invite__is_for_what_may_be_answered_here(void **state)
{
	struct world w;
	(void)state;
	begin(&w, BH_VERB_INVITE);
	w.command.person = BH_DEMO_PERSON(REPORTER);
	for (uint32_t s = BH_STATE_RECEIVED; s < BH_STATE_COUNT; s++) {
		bool elsewhere = s == BH_STATE_REJECTED || s == BH_STATE_VOID ||
				 s == BH_STATE_MERGED || s == BH_STATE_REFERRED;
		w.cased.state = s;
		assert_int_equal(answered(&w), elsewhere ? BH_REASON_NOT_NOW : BH_REASON_NONE);
	}
	bh_rules_unref(w.rules);
}

/* ---- Who sees ---- */

static void test_rating__is_read_by_who_watches_and_never_by_the_assessed_unit(void **state)
{
	const uint32_t readers = R(SUPERVISOR) | R(ASSESSOR) | R(FOLLOWUP_AGENT);
	struct bh_demo_profile demo;
	struct world w;
	(void)state;
	begin(&w, BH_VERB_RATE);
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		bool may = (readers >> role & 1) != 0;
		assert_int_equal(bh_rating_may_read(w.rules, role, 0, &w.cased, w.cased.unit), may);
		assert_int_equal(bh_rating_may_count(w.rules, role, 0, w.cased.unit), may);
	}
	assert_false(bh_rating_may_read(w.rules, 0, 0, &w.cased, w.cased.unit)); /* the operator */
	assert_false(bh_rating_may_count(w.rules, BH_DEMO_PERSON(SUPERVISOR), 0, 0));
	bh_rules_unref(w.rules);
	/* a supervisor who is of the unit, too */
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == BH_DEMO_PERSON(SUPERVISOR))
			demo.posts[i].unit = BH_DEMO_CLEAN_A;
	struct bh_rules *rules = bh_demo_build(&demo);
	uint32_t person = BH_DEMO_PERSON(SUPERVISOR);
	assert_false(bh_rating_may_read(rules, person, 0, &w.cased, BH_DEMO_CLEAN_A));
	assert_true(bh_rating_may_read(rules, person, 0, &w.cased, BH_DEMO_GAS));
	assert_false(bh_rating_may_count(rules, person, 0, BH_DEMO_CLEAN_A));
	assert_true(bh_rating_may_count(rules, person, 0, BH_DEMO_GAS));
	bh_rules_unref(rules);
}

static void test_rating__wrong_tokens_fill_a_bucket_that_empties(void **state)
{
	struct bh_rating_pace pace = {0};
	int64_t now_ms = 5000;
	(void)state;
	for (unsigned i = 0; i < BH_RATING_WRONG_BURST; i++)
		assert_true(bh_rating_pace_take(&pace, now_ms));
	for (unsigned i = 0; i < 1000; i++)
		assert_false(bh_rating_pace_take(&pace, now_ms));
	now_ms += BH_RATING_WRONG_PAUSE_MS;
	assert_true(bh_rating_pace_take(&pace, now_ms));
	assert_false(bh_rating_pace_take(&pace, now_ms));
	now_ms += BH_RATING_WRONG_BURST * BH_RATING_WRONG_PAUSE_MS;
	for (unsigned i = 0; i < BH_RATING_WRONG_BURST; i++)
		assert_true(bh_rating_pace_take(&pace, now_ms));
	assert_false(bh_rating_pace_take(&pace, now_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rating__is_of_who_holds_a_reporters_post_alone),
		cmocka_unit_test(test_rating__bytes_are_read_whole_or_not_at_all),
		cmocka_unit_test(test_rating__names_go_both_ways),
		cmocka_unit_test(test_rating__small_cells_and_unfinished_months_are_hidden),
		cmocka_unit_test(test_rating__few_of_either_kind_are_not_counted),
		cmocka_unit_test(test_rating__is_for_seven_days_after_the_answer),
		cmocka_unit_test(test_rating__is_given_once_and_says_nothing_to_who_has_no_token),
		cmocka_unit_test(test_rating__is_not_by_a_token_of_who_took_part_since),
		cmocka_unit_test(test_invite__is_the_reporters_or_the_desks_that_had_no_part),
		cmocka_unit_test(test_invite__of_who_reported_is_not_counted_with_the_desks),
		cmocka_unit_test(test_invite__is_for_what_may_be_answered_here),
		cmocka_unit_test(
			test_rating__is_read_by_who_watches_and_never_by_the_assessed_unit),
		cmocka_unit_test(test_rating__wrong_tokens_fill_a_bucket_that_empties),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
