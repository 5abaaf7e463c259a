/* A shared handset: who recorded what, whether that was proved, and nobody reads another's drafts.
 */
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_author.h"
#include "proto/caseflow.h"
#include "proto/err.h"
#include "tests/unit/client/scripted.h"

#define LI 18u
#define ZHAO 19u

static struct bh_span pin(const char *text)
{
	return scripted_text(text);
}

static int author_set(struct scripted *s, uint32_t person, const char *name, const char *pin_text)
{
	return bh_local_author_set(
		s->local, person, scripted_text(name), pin(pin_text), bh_span(NULL, 0), s->now);
}

static int choose(struct scripted *s, uint32_t person, const char *pin_text)
{
	return bh_local_author_choose(s->local, person, pin(pin_text), s->now);
}

#define OWNER_PIN "1357"

/* Shared from now on: whose handset it is has a PIN, and vouches for Li. */
static void share(struct scripted *s)
{
	assert_int_equal(author_set(s, SCRIPTED_PERSON, "three", OWNER_PIN), 0);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	assert_int_equal(author_set(s, LI, "Li", "2468"), 0);
	assert_int_equal(choose(s, 0, ""), 0);
}

/* The header of what is recorded now. */
static struct bh_msg_op_header recorded(struct scripted *s)
{
	struct bh_op_batch batch;
	struct bh_msg_op_header header;
	int reason = 0;
	uint64_t seq = scripted_report(s, "seen");

	bh_arena_reset(&s->arena);
	assert_int_equal(bh_local_batch(s->local, seq, 1, 10000, &s->arena, &batch), 0);
	assert_int_equal(bh_op_decode_header(batch.headers[0], &s->arena, &header, &reason), 0);
	return header;
}

static void recorded_is(struct scripted *s, uint32_t author, bool claimed)
{
	const struct bh_msg_op_header header = recorded(s);

	assert_int_equal(header.author, author);
	assert_int_equal(header.claimed, claimed);
}

static void test_author__a_handset_of_one_is_as_ever(void **state)
{
	struct scripted *s = *state;
	struct bh_author author;

	recorded_is(s, SCRIPTED_PERSON, false);
	assert_int_equal(bh_local_author(s->local, &author), 0);
	assert_int_equal(author.person, SCRIPTED_PERSON);
	assert_true(author.is_unlocked);
}

static void test_author__an_op_says_who_and_whether_it_was_proved(void **state)
{
	struct scripted *s = *state;
	struct bh_author author;

	share(s);
	recorded_is(s, SCRIPTED_PERSON, true); /* shared now, and nobody proved it */
	assert_int_equal(bh_local_author(s->local, &author), 0);
	assert_string_equal(author.name, "three");
	assert_true(author.is_chosen && !author.is_unlocked);
	assert_int_equal(choose(s, LI, "2468"), 0);
	recorded_is(s, LI, false);
	assert_int_equal(choose(s, LI, ""), 0);
	recorded_is(s, LI, true);
	assert_int_equal(choose(s, 0, ""), 0);
	recorded_is(s, SCRIPTED_PERSON, true);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	recorded_is(s, SCRIPTED_PERSON, false);
	assert_int_equal(choose(s, ZHAO, ""), BH_ERR_NOT_FOUND);
	recorded_is(s, SCRIPTED_PERSON, false); /* as it was before */
}

/* Nobody inherits who was unlocked; who is here is kept. */
static void test_author__a_new_process_has_nobody_unlocked(void **state)
{
	struct scripted *s = *state;
	struct bh_author rows[BH_AUTHORS_MAX];
	size_t count = 0;

	share(s);
	assert_int_equal(choose(s, LI, "2468"), 0);
	scripted_crash(s);
	recorded_is(s, SCRIPTED_PERSON, true);
	assert_int_equal(bh_local_authors(s->local, rows, BH_AUTHORS_MAX, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(rows[1].name, "Li");
	assert_int_equal(choose(s, LI, "2468"), 0);
	recorded_is(s, LI, false);
}

/* A closure's receipt is nobody's act, and what is carried to another log keeps its author. */
static void test_author__what_the_handset_does_by_itself_is_its_own(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_closure closure = {
		.cycle = 1, .closed_ms = 9, .result = scripted_text("done")};
	const struct bh_msg_record record = {.case_number = ((uint64_t)SCRIPTED_SHORT << 32) + 1,
		.state = 12,
		.cycle = 1,
		.position = 3,
		.closures = &closure,
		.closures_count = 1,
		.scopes = (uint64_t[]){SCRIPTED_OWN},
		.scopes_count = 1};

	share(s);
	assert_int_equal(choose(s, LI, "2468"), 0);
	recorded_is(s, LI, false);
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	scripted_engine(s);
	memcpy(s->log_id, scripted_log(s).log_id, BH_LOG_ID_BYTES);
	memcpy(s->links[0], scripted_log(s).acked_link, BH_HASH_BYTES);
	s->held = 0;
	scripted_session(s);
	scripted_take_push(s);
	assert_true(s->last_header.author == LI && !s->last_header.claimed);
	scripted_ack(s, 1);
	scripted_delta(s, &record, 1, 3);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_take_push(s);
	assert_int_equal(s->last_header.verb, BH_VERB_DELIVERED);
	assert_true(s->last_header.author == SCRIPTED_PERSON && !s->last_header.claimed);
	free(changes);
}

/* ---- PINs ---- */

static void test_pin__wrong_ones_wait_longer_and_longer_and_then_for_good(void **state)
{
	struct scripted *s = *state;
	unsigned wrong = 0, waited = 0;
	int64_t begun_ms = s->now.wall_ms;

	share(s);
	for (;;) {
		int rc = choose(s, LI, "0000");

		if (rc == BH_ERR_CLOSED)
			break;
		wrong += rc == BH_ERR_AUTH;
		waited += rc == BH_ERR_BUSY;
		assert_true(rc == BH_ERR_AUTH || rc == BH_ERR_BUSY);
		assert_true(wrong <= BH_PIN_TRIES_MAX);
		if (rc == BH_ERR_BUSY) {
			/* the right one waits as well, and a restart changes nothing */
			assert_int_equal(choose(s, LI, "2468"), BH_ERR_BUSY);
			if (waited % 40 == 1)
				scripted_crash(s);
			s->now.wall_ms += BH_PIN_WAIT_MS;
		}
	}
	assert_int_equal(wrong, BH_PIN_TRIES_MAX);
	assert_true(s->now.wall_ms - begun_ms > 8 * BH_PIN_WAIT_MS_MAX);
	assert_int_equal(choose(s, LI, "2468"), BH_ERR_CLOSED);
	assert_int_equal(choose(s, LI, ""), 0); /* claimed, as ever */
	recorded_is(s, LI, true);
}

static void test_pin__a_right_one_forgives_and_a_clock_set_back_does_not(void **state)
{
	struct scripted *s = *state;

	share(s);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < BH_PIN_TRIES_FREE - 1; i++)
			assert_int_equal(choose(s, LI, "9999"), BH_ERR_AUTH);
		assert_int_equal(choose(s, LI, "2468"), 0);
	}
	for (unsigned i = 0; i < BH_PIN_TRIES_FREE; i++)
		assert_int_equal(choose(s, LI, "9999"), BH_ERR_AUTH);
	s->now.wall_ms -= 10 * 365 * (int64_t)86400000;
	assert_int_equal(choose(s, LI, "2468"), BH_ERR_BUSY);
	s->now.wall_ms += BH_PIN_WAIT_MS - 1;
	assert_int_equal(choose(s, LI, "2468"), BH_ERR_BUSY);
	s->now.wall_ms += 1;
	assert_int_equal(choose(s, LI, "2468"), 0);
}

/* The power goes at any change of the disk: a wrong try was counted before it was tried. */
static void test_pin__a_power_cut_gives_no_try_back(void **state)
{
	struct scripted *s = *state;
	unsigned cuts = 0;

	share(s);
	for (uint64_t cut = 1; cut <= 3; cut++) {
		struct bh_author rows[BH_AUTHORS_MAX];
		size_t count = 0;

		bh_simvfs_stop_at(s->disk, cut);
		int rc = choose(s, LI, "0000");

		cuts += bh_simvfs_is_stopped(s->disk);
		scripted_crash(s);
		assert_int_equal(bh_local_authors(s->local, rows, BH_AUTHORS_MAX, &count), 0);
		/* who was told that it is wrong has lost a try */
		assert_true(rc != BH_ERR_AUTH || rows[1].tries > 0);
		assert_int_equal(choose(s, LI, "2468"), 0);
	}
	assert_true(cuts > 0);
}

/* Person 0 is whose handset it is, also with a PIN. */
static void test_pin__the_owners_is_asked_under_either_number(void **state)
{
	struct scripted *s = *state;

	share(s);
	assert_int_equal(choose(s, 0, "8642"), BH_ERR_AUTH);
	assert_int_equal(choose(s, 0, OWNER_PIN), 0);
	recorded_is(s, SCRIPTED_PERSON, false);
	assert_int_equal(choose(s, 0, ""), 0);
	recorded_is(s, SCRIPTED_PERSON, true);
}

static void test_pin__changing_it_takes_the_old_one(void **state)
{
	struct scripted *s = *state;

	share(s);
	for (unsigned i = 0; i < 30; i++) /* nothing was guessed: no try is counted */
		assert_int_equal(author_set(s, LI, "Li", "1111"), BH_ERR_AUTH);
	assert_int_equal(bh_local_author_set(s->local, LI, scripted_text("Li Si"), pin("1111"),
				 pin("2468"), s->now),
		0);
	assert_int_equal(choose(s, LI, "2468"), BH_ERR_AUTH);
	assert_int_equal(choose(s, LI, "1111"), 0);
	assert_int_equal(author_set(s, ZHAO, "Zhao", "123"), BH_ERR_INVALID);
	assert_int_equal(author_set(s, ZHAO, "", "1234"), BH_ERR_INVALID);
	assert_int_equal(author_set(s, 0, "Zhao", "1234"), BH_ERR_INVALID);
}

static void test_author__there_is_room_for_so_many(void **state)
{
	struct scripted *s = *state;

	share(s);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	for (uint32_t i = 2; i < BH_AUTHORS_MAX; i++)
		assert_int_equal(author_set(s, 100 + i, "one", "2468"), 0);
	assert_int_equal(author_set(s, 99, "more", "2468"), BH_ERR_LIMIT);
	assert_int_equal(choose(s, 100 + BH_AUTHORS_MAX - 1, "2468"), 0);
}

/* ---- Drafts ---- */

static bool draft_is(struct scripted *s, uint32_t slot, const char *text)
{
	struct bh_span body;

	bh_arena_reset(&s->arena);
	return bh_local_draft_get(s->local, slot, &s->arena, &body) == 0 &&
	       bh_span_equal(body, scripted_text(text));
}

static void test_draft__is_its_authors_alone(void **state)
{
	struct scripted *s = *state;
	struct bh_span body;

	assert_int_equal(bh_local_draft_put(s->local, 1, scripted_text("half a report")), 0);
	scripted_crash(s);
	assert_true(draft_is(s, 1, "half a report"));
	share(s);
	/* now that others use it, who is not unlocked reads nothing */
	assert_int_equal(bh_local_draft_get(s->local, 1, &s->arena, &body), BH_ERR_AUTH);
	assert_int_equal(choose(s, LI, "2468"), 0);
	assert_int_equal(bh_local_draft_get(s->local, 1, &s->arena, &body), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_draft_put(s->local, 1, scripted_text("what Li saw")), 0);
	assert_true(draft_is(s, 1, "what Li saw"));
	assert_int_equal(choose(s, LI, ""), 0);
	assert_int_equal(bh_local_draft_get(s->local, 1, &s->arena, &body), BH_ERR_AUTH);
	assert_int_equal(bh_local_draft_put(s->local, 1, scripted_text("mine!")), BH_ERR_AUTH);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	assert_true(draft_is(s, 1, "half a report"));
	assert_int_equal(bh_local_draft_put(s->local, 1, bh_span(NULL, 0)), 0);
	assert_int_equal(bh_local_draft_get(s->local, 1, &s->arena, &body), BH_ERR_NOT_FOUND);
	assert_int_equal(
		bh_local_draft_put(s->local, BH_DRAFTS_MAX, scripted_text("x")), BH_ERR_LIMIT);
}

/* ---- Whose word it is ---- */

/* First come is not whose it is: whose handset it is comes first, and then it is their word. */
static void test_author__nobody_registers_a_number_but_by_the_owners_word(void **state)
{
	struct scripted *s = *state;

	assert_int_equal(author_set(s, LI, "Li", "2468"), BH_ERR_AUTH);
	recorded_is(s, SCRIPTED_PERSON, false); /* not shared by it */
	share(s);
	assert_int_equal(author_set(s, SCRIPTED_PERSON, "three", "9999"), BH_ERR_AUTH);
	assert_int_equal(author_set(s, ZHAO, "Zhao", "9999"), BH_ERR_AUTH);
	assert_int_equal(choose(s, LI, "2468"), 0);
	assert_int_equal(author_set(s, ZHAO, "Zhao", "9999"), BH_ERR_AUTH);
	assert_int_equal(choose(s, SCRIPTED_PERSON, ""), 0);
	assert_int_equal(author_set(s, ZHAO, "Zhao", "9999"), BH_ERR_AUTH);
	assert_int_equal(choose(s, ZHAO, ""), BH_ERR_NOT_FOUND);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	assert_int_equal(author_set(s, ZHAO, "Zhao", "8642"), 0);
	/* their own PIN takes the old one, however unlocked they are */
	assert_int_equal(author_set(s, SCRIPTED_PERSON, "three", "9999"), BH_ERR_AUTH);
	scripted_crash(s);
	assert_int_equal(author_set(s, ZHAO + 1, "another", "9999"), BH_ERR_AUTH);
	assert_int_equal(choose(s, ZHAO, "8642"), 0);
	recorded_is(s, ZHAO, false);
}

static void drafts_put(struct scripted *s)
{
	assert_int_equal(choose(s, LI, "2468"), 0);
	assert_int_equal(bh_local_draft_put(s->local, 0, scripted_text("Li's first")), 0);
	assert_int_equal(bh_local_draft_put(s->local, 255, scripted_text("Li's last")), 0);
	assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
	assert_int_equal(bh_local_draft_put(s->local, 0, scripted_text("three's")), 0);
}

static bool draft_is_none(struct scripted *s, uint32_t slot)
{
	struct bh_span body;

	return bh_local_draft_get(s->local, slot, &s->arena, &body) == BH_ERR_NOT_FOUND;
}

/* Vouched for anew, a colleague loses what was theirs alone; cut anywhere, both or neither. */
static void test_pin__a_forgotten_one_is_replaced_by_the_owners_word_without_drafts(void **state)
{
	struct scripted *s = *state;
	unsigned before = 0, after = 0;

	share(s);
	for (unsigned i = 0; i < BH_PIN_TRIES_FREE; i++)
		assert_int_equal(choose(s, LI, "0000"), BH_ERR_AUTH);
	assert_int_equal(choose(s, LI, "2468"), BH_ERR_BUSY);
	s->now.wall_ms += BH_PIN_WAIT_MS;
	for (uint64_t cut = 1; after < 3 && cut < 40; cut++) {
		drafts_put(s);
		bh_simvfs_stop_at(s->disk, cut);
		(void)author_set(s, LI, "Li", "1111");
		scripted_crash(s);
		if (choose(s, LI, "2468") == 0) {
			assert_true(draft_is(s, 0, "Li's first") && draft_is(s, 255, "Li's last"));
			before++;
			continue;
		}
		assert_int_equal(choose(s, LI, "1111"), 0);
		assert_true(draft_is_none(s, 0) && draft_is_none(s, 255));
		after++;
		assert_int_equal(choose(s, SCRIPTED_PERSON, OWNER_PIN), 0);
		assert_true(draft_is(s, 0, "three's"));
		assert_int_equal(author_set(s, LI, "Li", "2468"), 0);
	}
	assert_true(before > 0 && after == 3);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_author__a_handset_of_one_is_as_ever),
		CASE(test_author__an_op_says_who_and_whether_it_was_proved),
		CASE(test_author__a_new_process_has_nobody_unlocked),
		CASE(test_author__what_the_handset_does_by_itself_is_its_own),
		CASE(test_pin__wrong_ones_wait_longer_and_longer_and_then_for_good),
		CASE(test_pin__a_right_one_forgives_and_a_clock_set_back_does_not),
		CASE(test_pin__a_power_cut_gives_no_try_back),
		CASE(test_pin__the_owners_is_asked_under_either_number),
		CASE(test_pin__changing_it_takes_the_old_one),
		CASE(test_author__there_is_room_for_so_many),
		CASE(test_draft__is_its_authors_alone),
		CASE(test_author__nobody_registers_a_number_but_by_the_owners_word),
		CASE(test_pin__a_forgotten_one_is_replaced_by_the_owners_word_without_drafts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
