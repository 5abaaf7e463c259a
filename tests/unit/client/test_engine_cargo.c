/* What a handset carries for others: kept durably and within bounds, brought in parts behind its
 * own words, resumed where the server says, and its answer taken whole or not at all. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "client-lib/local_cargo.h"
#include "proto/bundle_frames.h"
#include "proto/seal.h"
#include "proto/err.h"

#define PART BH_BLOB_PART_BYTES_MAX
#define SIZE (10u * PART + 77u)
#define ANSWER (PART + 9u)

static struct scripted *s;
static uint8_t bytes[SIZE], name[BH_HASH_BYTES], answer[ANSWER], answer_name[BH_HASH_BYTES];

static void chain_of(const uint8_t *from, uint32_t size, uint8_t out[BH_HASH_BYTES])
{
	memset(out, 0, BH_HASH_BYTES);
	for (uint32_t at = 0; at < size; at += PART)
		bh_cargo_chain(
			s->hasher, out, bh_span(from + at, size - at < PART ? size - at : PART));
}

static int open(void **state)
{
	int rc = scripted_setup(state);

	s = *state;
	for (uint32_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7u + i / 255u);
	memset(answer, 0x3c, sizeof(answer));
	chain_of(bytes, SIZE, name);
	chain_of(answer, ANSWER, answer_name);
	return rc;
}

static int close(void **state)
{
	return scripted_teardown(state);
}

/* Gives the code of what ends it. */
static int keep(uint32_t size, int64_t since_ms, unsigned *place)
{
	struct bh_cargo cargo = {.since_ms = since_ms, .size = size, .phase = BH_CARGO_IS_WAITING};
	int rc = bh_local_cargo_place(s->local, since_ms, place);

	memcpy(cargo.reason, "another-key", sizeof("another-key")); /* until it is settled */
	for (uint32_t at = 0; rc == 0 && at < size; at += PART)
		rc = bh_local_cargo_write(s->local, *place, at,
			bh_span(bytes + at, size - at < PART ? size - at : PART));
	for (uint32_t at = 0; rc == 0 && at < size; at += PART)
		rc = bh_local_cargo_chain(s->local, *place, false, at, size, cargo.hash);
	return rc == 0 ? bh_local_cargo_keep(s->local, place, &cargo) : rc;
}

static void begin(unsigned *place)
{
	assert_int_equal(keep(SIZE, s->now.wall_ms, place), 0);
	scripted_engine(s);
	scripted_session(s);
}

static void told(struct bh_msg_cargo_state state)
{
	const struct bh_server_frame frame = {
		.kind = BH_SERVER_CARGO_STATE, .u.cargo_state = state};

	scripted_give(s, &frame);
}

static void told_state(enum bh_cargo_state state, uint32_t offset)
{
	told((struct bh_msg_cargo_state){
		.hash = bh_span(name, sizeof(name)), .state = state, .offset = offset});
}

static void told_answer(uint32_t offset, uint32_t len)
{
	told((struct bh_msg_cargo_state){.hash = bh_span(name, sizeof(name)),
		.state = BH_CARGO_TAKEN,
		.offset = offset,
		.answer_size = ANSWER,
		.answer_hash = bh_span(answer_name, sizeof(answer_name)),
		.data = bh_span(answer + offset, len)});
}

static struct bh_msg_cargo take(uint32_t offset, uint32_t len)
{
	struct bh_msg_cargo cargo = scripted_take(s, BH_CLIENT_CARGO).u.cargo;

	assert_true(bh_span_equal(cargo.hash, bh_span(name, sizeof(name))));
	assert_int_equal(cargo.size, SIZE);
	if (len > 0)
		assert_int_equal(cargo.offset, offset);
	assert_true(bh_span_equal(cargo.data, bh_span(bytes + offset, len)));
	bh_engine_drained(s->engine, s->now);
	return cargo;
}

/* All but the last of the parts from one on, each answered. */
static void send_from(uint32_t offset)
{
	for (; offset + PART < SIZE; offset += PART) {
		(void)take(offset, PART);
		told_state(BH_CARGO_WANTED, offset + PART);
	}
	(void)take(offset, SIZE - offset);
}

static enum bh_cargo_phase phase_of(unsigned place)
{
	return (enum bh_cargo_phase)bh_local_cargo(s->local, place)->phase;
}

/* held: all of it, where it is whole there. */
static void later(uint32_t held)
{
	told((struct bh_msg_cargo_state){.hash = bh_span(name, sizeof(name)),
		.state = BH_CARGO_LATER,
		.offset = held,
		.retry_after_ms = 2000});
	scripted_later(s, 2000);
}

/* ---- Up, and the answer down ---- */

static void test_cargo__it_goes_in_parts_and_its_answer_is_here_when_all_of_it_is(void **state)
{
	uint8_t here[ANSWER];
	unsigned place = 0;

	(void)state;
	begin(&place);
	(void)take(0, 0);
	told_state(BH_CARGO_WANTED, 0);
	for (uint32_t i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++)
		(void)take(i * PART, PART);
	assert_true(scripted_silent(s)); /* eight are unanswered */
	for (uint32_t i = 1; i <= 10; i++) {
		told_state(BH_CARGO_WANTED, i * PART);
		if (i + 7 <= 9)
			(void)take((i + 7) * PART, PART);
		else if (i + 7 == 10)
			(void)take(10 * PART, SIZE - 10 * PART);
	}
	later(0);
	assert_int_equal(take(0, 0).answer_offset, 0);
	told_answer(0, PART);
	assert_int_equal(phase_of(place), BH_CARGO_IS_WAITING);
	assert_int_equal(take(0, 0).answer_offset, PART);
	told_answer(PART, 9);
	assert_int_equal(phase_of(place), BH_CARGO_IS_ANSWERED);
	assert_true(scripted_silent(s));
	scripted_crash(s);
	assert_int_equal(phase_of(place), BH_CARGO_IS_ANSWERED);
	assert_int_equal(bh_local_cargo(s->local, place)->answer_size, ANSWER);
	assert_int_equal(bh_local_cargo_read(s->local, place, true, 0, here, ANSWER), 0);
	assert_memory_equal(here, answer, ANSWER);
	assert_int_equal(bh_local_cargo_read(s->local, place, false, 0, here, 1), BH_ERR_NOT_FOUND);
}

/* C11: a server that is slow to take it in is asked less and less, and at its word once it says
 * something else. */
static void test_cargo__a_server_that_says_later_again_is_asked_half_as_often(void **state)
{
	unsigned place = 0;

	(void)state;
	begin(&place);
	for (int64_t wait_ms = 2000; wait_ms < 60000; wait_ms *= 2) {
		(void)take(0, 0);
		told((struct bh_msg_cargo_state){.hash = bh_span(name, sizeof(name)),
			.state = BH_CARGO_LATER,
			.retry_after_ms = 2000});
		scripted_later(s, wait_ms - 1);
		assert_true(scripted_silent(s));
		scripted_later(s, 1);
	}
	(void)take(0, 0);
	told_state(BH_CARGO_WANTED, 0);
	send_from(0);
	later(SIZE);
	(void)take(0, 0); /* at once */
}

static void test_cargo__it_goes_on_where_the_server_says_behind_a_report(void **state)
{
	unsigned place = 0;

	(void)state;
	begin(&place);
	(void)take(0, 0);
	told_state(BH_CARGO_WANTED, 0);
	(void)take(0, PART);
	scripted_cut(s);
	(void)scripted_back_off(s);
	(void)scripted_report(s, "first");
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	bh_engine_drained(s->engine, s->now);
	(void)take(0, 0);
	told_state(BH_CARGO_WANTED, PART);
	scripted_ack(s, 1);
	send_from(PART);
	told_state(BH_CARGO_DENIED, 0);
	assert_int_equal(phase_of(place), BH_CARGO_IS_REFUSED);
}

static void test_cargo__a_refusal_s_name_is_kept_and_its_bytes_go(void **state)
{
	unsigned place = 0;
	uint8_t byte;

	(void)state;
	begin(&place);
	(void)take(0, 0);
	told((struct bh_msg_cargo_state){.hash = bh_span(name, sizeof(name)),
		.state = BH_CARGO_DENIED,
		.reason = scripted_text("a-name-that-is-longer-than-any")});
	assert_int_equal(phase_of(place), BH_CARGO_IS_REFUSED);
	scripted_crash(s);
	assert_string_equal(bh_local_cargo(s->local, place)->reason, "a-name-that-is-longer-t");
	assert_int_equal(
		bh_local_cargo_read(s->local, place, false, 0, &byte, 1), BH_ERR_NOT_FOUND);
}

/* Sent whole as often as is sensible, and still wanted from its beginning. */
static void test_cargo__what_never_comes_out_as_it_is_called_is_given_up(void **state)
{
	unsigned place = 0;
	(void)state;
	begin(&place);
	for (unsigned i = 0; i < BH_CARGO_TRIES_MAX; i++) {
		(void)take(0, 0);
		told_state(BH_CARGO_WANTED, 0);
		send_from(0);
		later(SIZE);
		assert_int_equal(bh_local_cargo(s->local, place)->tries, i + 1);
	}
	(void)take(0, 0);
	told_state(BH_CARGO_WANTED, 0);
	assert_int_equal(phase_of(place), BH_CARGO_IS_REFUSED);
	assert_string_equal(bh_local_cargo(s->local, place)->reason, "damaged");
}

/* A server that is full, or a link that is cut, says nothing of the file. */
static void test_cargo__what_was_never_whole_there_is_sent_as_often_as_it_takes(void **state)
{
	unsigned place = 0;
	(void)state;
	begin(&place);
	for (unsigned i = 0; i < 3 * BH_CARGO_TRIES_MAX; i++) {
		(void)take(0, 0);
		told_state(BH_CARGO_WANTED, 0);
		send_from(0);
		later(0);
		assert_int_equal(bh_local_cargo(s->local, place)->tries, 0);
	}
}

static void test_cargo__an_answer_that_is_not_what_it_is_called_comes_anew(void **state)
{
	unsigned place = 0;

	(void)state;
	begin(&place);
	(void)take(0, 0);
	answer[5] ^= 1;
	told_answer(0, PART);
	answer[5] ^= 1;
	assert_int_equal(take(0, 0).answer_offset, PART);
	told_answer(PART, 9);
	assert_int_equal(phase_of(place), BH_CARGO_IS_WAITING);
	scripted_later(s, 5000);
	assert_int_equal(take(0, 0).answer_offset, 0);
	told_answer(0, PART);
	(void)take(0, 0);
	told_answer(PART, 9);
	assert_int_equal(phase_of(place), BH_CARGO_IS_ANSWERED);
}

/* One from before cargo skips the frame: the session is not given up for it. */
static void test_cargo__a_server_that_says_nothing_of_it_is_asked_rarely(void **state)
{
	unsigned place = 0;

	(void)state;
	begin(&place);
	(void)take(0, 0);
	for (unsigned i = 0; i < 4; i++) {
		const struct bh_server_frame ping = {.kind = BH_SERVER_PING};

		scripted_later(s, 30000);
		scripted_give(s, &ping);
		(void)scripted_take(s, BH_CLIENT_PONG);
	}
	scripted_later(s, 1000);
	assert_true(bh_engine_status(s->engine).live);
	assert_true(scripted_silent(s));
	assert_int_equal(phase_of(place), BH_CARGO_IS_WAITING);
}

/* ---- What is kept ---- */

static void test_cargo__a_crash_leaves_all_of_a_piece_or_none(void **state)
{
	unsigned place = 0;
	uint8_t here[PART];

	(void)state;
	assert_int_equal(bh_local_cargo_place(s->local, s->now.wall_ms, &place), 0);
	assert_int_equal(bh_local_cargo_write(s->local, place, 0, bh_span(bytes, PART)), 0);
	scripted_crash(s);
	assert_int_equal(phase_of(place), BH_CARGO_NONE);
	assert_int_equal(bh_local_cargo_read(s->local, place, false, 0, here, 1), BH_ERR_NOT_FOUND);
	assert_int_equal(keep(SIZE, 1, &place), 0);
	scripted_crash(s);
	assert_int_equal(phase_of(place), BH_CARGO_IS_WAITING);
	assert_memory_equal(bh_local_cargo(s->local, place)->hash, name, BH_HASH_BYTES);
	for (uint32_t at = 0; at + PART < SIZE; at += PART) {
		assert_int_equal(bh_local_cargo_read(s->local, place, false, at, here, PART), 0);
		assert_memory_equal(here, bytes + at, PART);
	}
}

static void test_cargo__the_same_file_is_one_piece_and_there_are_eight_at_most(void **state)
{
	unsigned place = 0, again = 0;

	(void)state;
	assert_int_equal(keep(SIZE, 1, &place), 0);
	assert_int_equal(keep(SIZE, 2, &again), BH_ERR_EXISTS);
	assert_int_equal(again, place);
	for (uint32_t i = 1; i < BH_CARGO_MAX; i++)
		assert_int_equal(keep(SIZE - i, 2, &again), 0);
	assert_int_equal(keep(100, 2, &again), BH_ERR_LIMIT);
	assert_true(bh_local_cargo_due(s->local, &again));
	assert_int_equal(again, place); /* which has waited longest */
	assert_int_equal(bh_local_cargo_drop(s->local, place), 0);
	assert_int_equal(keep(100, 2, &again), 0);
	assert_int_equal(again, place);
}

static void test_cargo__what_is_too_large_or_too_old_is_not_carried(void **state)
{
	unsigned place = 0;

	(void)state;
	assert_int_equal(bh_local_cargo_write(s->local, 0, BH_CARGO_BYTES_MAX, bh_span(bytes, 1)),
		BH_ERR_LIMIT);
	assert_int_equal(keep(SIZE, s->now.wall_ms, &place), 0);
	assert_int_equal(bh_local_cargo_expire(s->local, s->now.wall_ms + BH_CARGO_AGE_MS_MAX), 0);
	assert_int_equal(phase_of(place), BH_CARGO_IS_WAITING);
	assert_int_equal(
		bh_local_cargo_expire(s->local, s->now.wall_ms + BH_CARGO_AGE_MS_MAX + 1), 0);
	assert_int_equal(phase_of(place), BH_CARGO_NONE);
}

/* Eight of them would leave no place to any other, for ever. */
static void test_cargo__what_was_refused_long_ago_makes_place(void **state)
{
	unsigned place = 0;

	(void)state;
	for (uint32_t i = 0; i < BH_CARGO_MAX; i++) {
		assert_int_equal(keep(SIZE - i, s->now.wall_ms, &place), 0);
		struct bh_cargo cargo = *bh_local_cargo(s->local, place);
		cargo.phase = BH_CARGO_IS_REFUSED;
		assert_int_equal(bh_local_cargo_set(s->local, place, &cargo), 0);
		/* No row may look sealed, whatever the piece is called. */
		memset(cargo.hash, 0xb1, sizeof(cargo.hash));
		assert_false(bh_seal_is(bh_span(&cargo, sizeof(cargo))));
	}
	assert_int_equal(keep(100, s->now.wall_ms, &place), BH_ERR_LIMIT);
	assert_int_equal(keep(100, s->now.wall_ms + BH_CARGO_AGE_MS_MAX + 1, &place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_cargo__##name, open, close)
		CASE(it_goes_in_parts_and_its_answer_is_here_when_all_of_it_is),
		CASE(a_server_that_says_later_again_is_asked_half_as_often),
		CASE(it_goes_on_where_the_server_says_behind_a_report),
		CASE(a_refusal_s_name_is_kept_and_its_bytes_go),
		CASE(what_never_comes_out_as_it_is_called_is_given_up),
		CASE(what_was_never_whole_there_is_sent_as_often_as_it_takes),
		CASE(an_answer_that_is_not_what_it_is_called_comes_anew),
		CASE(a_server_that_says_nothing_of_it_is_asked_rarely),
		CASE(a_crash_leaves_all_of_a_piece_or_none),
		CASE(the_same_file_is_one_piece_and_there_are_eight_at_most),
		CASE(what_is_too_large_or_too_old_is_not_carried),
		CASE(what_was_refused_long_ago_makes_place),
	};
	return cmocka_run_group_tests_name("cargo", tests, NULL, NULL);
}
