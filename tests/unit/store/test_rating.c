/* Ratings in the store: a token's hash and no more, one rating a cycle, what an erasure leaves, and
 * that a replay comes to the same. */
#include <string.h>

#include "server/store/rating.h"
#include "tests/unit/store/kit.h"

#define DAY (24 * 60 * KIT_MINUTE)
#define REPORTER BH_DEMO_PERSON(REPORTER)
#define AGENT BH_DEMO_PERSON(FOLLOWUP_AGENT)

struct world {
	struct kit kit;
	struct phone phone;
	uint8_t token[BH_RATING_TOKEN_BYTES];
};

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 31);
	kit_enrol(&w->kit, &w->phone, REPORTER, 1);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	kit_close(&w->kit);
	test_free(w);
	return 0;
}

static void must(
	struct world *w, enum bh_verb verb, uint32_t person, uint64_t number, const char *text)
{
	struct bh_command command = kit_desk(verb, person, number, text);
	struct bh_outcome outcome = kit_run(&w->kit, &command);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static void close_case(struct world *w, uint64_t number)
{
	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "");
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, number).unit);
	must(w, BH_VERB_SIGN, lead, number, "");
	must(w, BH_VERB_FINISH, lead, number, "swept");
	if (kit_case(&w->kit, number).cycle > 1)
		kit_check(&w->kit, number);
	must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, "it is swept");
}

static uint64_t closed(struct world *w)
{
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	close_case(w, number);
	return number;
}

static struct bh_outcome invite_by(struct world *w, uint32_t person, uint64_t number, uint8_t first)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_command command = kit_desk(BH_VERB_INVITE, person, number, "");

	memset(w->token, first, sizeof(w->token));
	bh_rating_token_hash(w->kit.hasher, number, w->token, hash);
	command.payload = bh_span(hash, sizeof(hash));
	return kit_run(&w->kit, &command);
}

static struct bh_outcome invite(struct world *w, uint64_t number, uint8_t first)
{
	return invite_by(w, REPORTER, number, first);
}

static struct bh_outcome rate(struct world *w, uint64_t number, uint32_t rating, const char *text)
{
	struct bh_command command = kit_desk(BH_VERB_RATE, 0, number, text);

	command.reason_code = rating;
	command.payload = bh_span(w->token, sizeof(w->token));
	return kit_run(&w->kit, &command);
}

static struct bh_rating_row row_of(struct world *w, uint64_t number, uint32_t cycle)
{
	struct bh_rating_row rows[BH_RECEIPT_CYCLES_MAX];
	size_t count;

	assert_int_equal(
		bh_reader_ratings(w->kit.reader, number, rows, BH_RECEIPT_CYCLES_MAX, &count), 0);
	assert_true(cycle <= count);
	return rows[cycle - 1];
}

static void test_rating__is_kept_beside_the_case_in_nobodys_name(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	struct bh_case before = kit_case(&w->kit, number);
	struct bh_entry entry;

	assert_int_equal(before.by_public, 1);
	assert_int_equal(row_of(w, number, 1).position, 0);
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "x").reason, BH_REASON_NO_RIGHT);
	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	w->token[0] ^= 1;
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "x").reason, BH_REASON_NO_RIGHT);
	w->token[0] ^= 1;
	struct bh_outcome outcome = rate(w, number, BH_RATING_FAIR, "slow");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").reason, BH_REASON_NOT_NOW);
	assert_int_equal(
		bh_reader_entry(w->kit.reader, outcome.position, &w->kit.arena, &entry), 0);
	assert_int_equal(entry.person, 0);
	assert_int_equal(entry.post, 0);
	assert_int_equal(entry.cycle, 0);
	struct bh_case after = kit_case(&w->kit, number);
	assert_int_equal(after.last, before.last); /* nobody sees by the case that it was rated */
	assert_true(bh_case_equal(&before, &after));
	struct bh_rating_row row = row_of(w, number, 1);
	assert_int_equal(row.rating, BH_RATING_FAIR);
	assert_int_equal(row.position, outcome.position);
	assert_int_equal(row.unit, before.unit);
}

/* He had no part in it yet when he handed it out. */
static void test_rating__a_token_of_who_closes_it_then_is_worth_nothing(void **state)
{
	struct world *w = *state;
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	assert_int_equal(
		invite_by(w, BH_DEMO_PERSON(ACCEPTOR), number, 1).verdict, BH_VERDICT_ACCEPTED);
	close_case(w, number);
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").reason, BH_REASON_GUARD);
	assert_int_equal(row_of(w, number, 1).position, 0);
	assert_int_equal(invite_by(w, AGENT, number, 2).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "").verdict, BH_VERDICT_ACCEPTED);
	number = kit_report(&w->kit, &w->phone, "litter"); /* his own is his, whoever closes it */
	assert_int_equal(
		invite_by(w, BH_DEMO_PERSON(ACCEPTOR), number, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, number, 3).verdict, BH_VERDICT_ACCEPTED);
	close_case(w, number);
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "").verdict, BH_VERDICT_ACCEPTED);
}

static void test_rating__another_token_ends_the_one_before(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), other = closed(w);

	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, number, 2).verdict, BH_VERDICT_ACCEPTED);
	memset(w->token, 1, sizeof(w->token));
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").reason, BH_REASON_NO_RIGHT);
	memset(w->token, 2, sizeof(w->token));
	assert_int_equal(rate(w, other, BH_RATING_SATISFIED, "").reason, BH_REASON_NO_RIGHT);
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").verdict, BH_VERDICT_ACCEPTED);
	for (uint8_t i = 3; i <= BH_RATING_INVITES_MAX; i++)
		assert_int_equal(invite(w, number, i).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, number, 99).reason, BH_REASON_GUARD);
}

static void test_rating__a_desks_token_neither_ends_the_reporters_nor_comes_after_it(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), other = closed(w);

	assert_int_equal(invite_by(w, BH_DEMO_PERSON(ACCEPTOR), number, 1).reason, BH_REASON_GUARD);
	for (uint8_t i = 0; i < BH_RATING_INVITES_MAX; i++)
		assert_int_equal(
			invite_by(w, AGENT, number, (uint8_t)(i + 1)).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite_by(w, AGENT, number, 90).reason, BH_REASON_GUARD);
	assert_int_equal(invite(w, number, 77).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite_by(w, AGENT, number, 91).reason, BH_REASON_GUARD);
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "").reason, BH_REASON_NO_RIGHT);
	memset(w->token, BH_RATING_INVITES_MAX, sizeof(w->token)); /* the slip is good still */
	assert_int_equal(rate(w, number, BH_RATING_FAIR, "").verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite_by(w, AGENT, other, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, other, 2).verdict, BH_VERDICT_ACCEPTED);
	kit_restart(&w->kit, true);
	assert_int_equal(rate(w, other, BH_RATING_DISSATISFIED, "").verdict, BH_VERDICT_ACCEPTED);
	memset(w->token, 1, sizeof(w->token)); /* the first that was used counts */
	assert_int_equal(rate(w, other, BH_RATING_SATISFIED, "").reason, BH_REASON_NOT_NOW);
	assert_int_equal(row_of(w, other, 1).rating, BH_RATING_DISSATISFIED);
}

static void test_rating__each_cycle_has_its_own(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);

	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(
		rate(w, number, BH_RATING_DISSATISFIED, "no").verdict, BH_VERDICT_ACCEPTED);
	must(w, BH_VERB_REOPEN, REPORTER, number, "it is dirty again");
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").reason, BH_REASON_WINDOW);
	kit_pass(&w->kit, DAY);
	close_case(w, number);
	kit_restart(&w->kit, true);
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(row_of(w, number, 1).rating, BH_RATING_DISSATISFIED);
	assert_int_equal(row_of(w, number, 2).rating, BH_RATING_SATISFIED);
}

static void test_rating__ends_with_its_window_wherever_the_paper_is(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), late = closed(w);

	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, late, 1).verdict, BH_VERDICT_ACCEPTED);
	kit_pass(&w->kit, 4 * DAY);
	must(w, BH_VERB_ARCHIVE, BH_DEMO_PERSON(ARCHIVIST), number, "as it is");
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_ARCHIVED);
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").verdict, BH_VERDICT_ACCEPTED);
	kit_pass(&w->kit, 3 * DAY + KIT_MINUTE);
	(void)kit_tick(&w->kit);
	assert_int_equal(rate(w, late, BH_RATING_SATISFIED, "").reason, BH_REASON_WINDOW);
	assert_int_equal(row_of(w, late, 1).position, 0);
}

static void test_rating__an_erasure_ends_the_token_and_what_was_written(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), unrated = closed(w);
	struct bh_rating_tokens tokens;
	struct bh_entry entry;

	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	struct bh_outcome outcome = rate(w, number, BH_RATING_SATISFIED, "Mr Li was kind");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(invite(w, unrated, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_tokens(w->kit.reader, number, &tokens), 0);
	assert_int_not_equal(tokens.own.position, 0);
	uint64_t both[] = {number, unrated};
	for (size_t i = 0; i < 2; i++) {
		must(w, BH_VERB_ASK_ERASE, BH_DEMO_PERSON(PRIVACY_OFFICER), both[i], "asked");
		must(w, BH_VERB_ERASE, BH_DEMO_PERSON(ARCHIVIST), both[i], "asked");
		assert_int_equal(bh_reader_tokens(w->kit.reader, both[i], &tokens), 0);
		assert_int_equal(tokens.own.position + tokens.desk.position, 0);
	}
	assert_int_equal(
		bh_reader_entry(w->kit.reader, outcome.position, &w->kit.arena, &entry), 0);
	assert_int_equal(entry.content.len, 0);
	assert_int_equal(row_of(w, number, 1).rating, BH_RATING_SATISFIED); /* it counts on */
	assert_int_equal(rate(w, unrated, BH_RATING_SATISFIED, "").reason, BH_REASON_NO_RIGHT);
	assert_int_equal(invite(w, unrated, 2).reason, BH_REASON_GUARD);
	kit_restart(&w->kit, false);
	assert_int_equal(rate(w, unrated, BH_RATING_SATISFIED, "").reason, BH_REASON_NO_RIGHT);
}

static void test_rating__of_no_report_of_the_public_there_is_none(void **state)
{
	struct world *w = *state;
	struct phone worker;
	uint64_t unknown = bh_case_number(9, 9);

	kit_enrol(&w->kit, &worker, BH_DEMO_WORKER(1111), 2);
	uint64_t number = kit_report(&w->kit, &worker, "litter");
	close_case(w, number);
	assert_int_equal(kit_case(&w->kit, number).by_public, 0);
	assert_int_equal(invite(w, unknown, 1).reason, BH_REASON_NO_CASE);
	assert_int_equal(rate(w, unknown, BH_RATING_SATISFIED, "").reason, BH_REASON_NO_RIGHT);
	struct bh_command command = kit_desk(BH_VERB_INVITE, AGENT, number, "");
	assert_int_equal(kit_run(&w->kit, &command).reason, BH_REASON_GUARD);
	number = kit_report(&w->kit, &w->phone, "twice");
	must(w, BH_VERB_ASK_VOID, BH_DEMO_PERSON(ACCEPTOR), number, "twice");
	assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
	must(w, BH_VERB_VOID, BH_DEMO_PERSON(SHIFT_LEADER), number, "twice");
	assert_int_equal(rate(w, number, BH_RATING_SATISFIED, "").reason, BH_REASON_WINDOW);
	assert_int_equal(invite(w, number, 2).reason, BH_REASON_NOT_NOW);
}

static void test_rating__is_counted_by_unit_and_instant_of_the_answer(void **state)
{
	static const uint32_t ratings[] = {BH_RATING_SATISFIED, BH_RATING_SATISFIED, BH_RATING_FAIR,
		BH_RATING_DISSATISFIED, BH_RATING_NONE};
	struct world *w = *state;
	struct bh_rating_count counts[4];
	int64_t from_ms = w->kit.now.wall_ms;
	uint32_t unit = 0;
	size_t count;

	for (size_t i = 0; i < 5; i++) {
		uint64_t number = closed(w);
		unit = kit_case(&w->kit, number).unit;
		if (ratings[i] == BH_RATING_NONE)
			continue;
		assert_int_equal(invite(w, number, 1).verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(rate(w, number, ratings[i], "").verdict, BH_VERDICT_ACCEPTED);
	}
	assert_int_equal(
		bh_reader_rating_counts(w->kit.reader, from_ms, from_ms + DAY, counts, 4, &count),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(counts[0].unit, unit);
	assert_int_equal(counts[0].closed, 5);
	assert_int_equal(counts[0].rated, 4);
	assert_int_equal(counts[0].satisfied, 2);
	assert_int_equal(counts[0].fair, 1);
	assert_int_equal(counts[0].dissatisfied, 1);
	assert_int_equal(
		bh_reader_rating_counts(w->kit.reader, from_ms - DAY, from_ms, counts, 4, &count),
		0);
	assert_int_equal(count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rating__is_kept_beside_the_case_in_nobodys_name),
		TEST(test_rating__a_token_of_who_closes_it_then_is_worth_nothing),
		TEST(test_rating__another_token_ends_the_one_before),
		TEST(test_rating__a_desks_token_neither_ends_the_reporters_nor_comes_after_it),
		TEST(test_rating__each_cycle_has_its_own),
		TEST(test_rating__ends_with_its_window_wherever_the_paper_is),
		TEST(test_rating__an_erasure_ends_the_token_and_what_was_written),
		TEST(test_rating__of_no_report_of_the_public_there_is_none),
		TEST(test_rating__is_counted_by_unit_and_instant_of_the_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
