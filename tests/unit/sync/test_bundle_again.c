/* A bundle is read twice and taken once: what the second reading finds is what was proved, or
 * nothing (I2); and one with a gap before it tells its handset where to begin (C04, I15). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/bundles.h"

static struct bh_bundled bundled;

static int open(void **state)
{
	return bh_bundled_setup(state, &bundled);
}

static int close(void **state)
{
	return bh_bundled_teardown(state, &bundled);
}

/* ---- The second reading ---- */

static void keep_as_second(void)
{
	bundled.second.len = 0;
	assert_int_equal(bh_buf_append(&bundled.second, bundled.file.data, bundled.file.len), 0);
}

/* A stick that gives a signed file, and then one that anybody could have sealed: a frame where the
 * statement stood, and ops that the handset never wrote. */
static void test_bundle__what_the_second_reading_finds_is_what_was_signed_or_nothing(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_bundle_statement statement = bh_bundled_statement(&bundled, &f->phone, 0, 6);
	bh_bundled_begin(&bundled, &f->other, &statement); /* by a key that is not the handset's */
	f->phone.ops[2].salt[0] ^= 1;
	bh_bundled_push(&bundled, &f->phone, 1, 6);
	f->phone.ops[2].salt[0] ^= 1;
	bh_bundled_end(&bundled);
	keep_as_second();
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	assert_int_equal(bundled.second.len, bundled.file.len);
	bh_bundled_refused(&bundled, BH_BUNDLE_DAMAGED);
	assert_int_equal(bundled.readings, 2);
	bh_bundled_head_is(f, &f->phone, 0);
	keep_as_second(); /* one that has grown since */
	assert_int_equal(bh_buf_append(&bundled.second, "", 1), 0);
	bh_bundled_refused(&bundled, BH_BUNDLE_DAMAGED);
	keep_as_second();
	bh_bundled_takes(&bundled, 6, 6);
}

static void with_photo(struct bh_uploads *f, const struct bh_photo *photo, uint32_t len)
{
	const struct bh_msg_blob blob = bh_photo_blob(photo, BH_BLOB_PHOTO);
	uint64_t seq = bh_phone_report_with(&f->phone, "井盖破损", &blob, 1);
	struct bh_msg_bundle_statement statement = bh_bundled_statement(
		&bundled, &f->phone, 0, seq);
	bh_bundled_begin(&bundled, &f->phone, &statement);
	bh_bundled_push(&bundled, &f->phone, 1, seq);
	bh_bundled_photo(&bundled, photo, len);
	bh_bundled_end(&bundled);
}

/* Past its first piece, which was taken by then: the rest is not. */
static void test_bundle__a_piece_that_changes_stops_it_where_it_changed(void **state)
{
	struct bh_uploads *f = *state;
	with_photo(f, &f->photo, f->photo.size);
	keep_as_second();
	bundled.second.data[bundled.second.len - 1] ^= 1;
	assert_int_equal(bh_bundled_take(&bundled), BH_ERR_INVALID);
	assert_int_equal(bundled.fault, BH_BUNDLE_DAMAGED);
	assert_int_equal(bundled.report.ops_new, 7);
	bh_bundled_head_is(f, &f->phone, 7);
	bundled.second.len = 0;
	bh_bundled_takes(&bundled, 7, 0);
	assert_int_equal(bundled.report.photos_new, 1);
}

/* ---- A gap ---- */

struct heard {
	struct bh_world *world;
	uint64_t told, words, held_seq; /* told: anything else */
	uint8_t held_link[BH_HASH_BYTES];
};

static int word_take(void *context, struct bh_span body)
{
	struct heard *heard = context;
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_buf message = BH_BUF(BH_FRAME_BYTES_MAX);
	struct bh_msg_signed told;
	struct bh_msg_bundle_answer answer;
	uint8_t ca[BH_PUBLIC_KEY_BYTES];
	bh_key_public(heard->world->ca, ca);
	assert_int_equal(bh_decode_signed(body, &arena, &told), 0);
	assert_int_equal(bh_bundle_answer_message(&message, told.statement), 0);
	assert_int_equal(bh_key_verify(ca, bh_buf_span(&message), told.signature.data), 0);
	assert_int_equal(bh_decode_bundle_answer(told.statement, &arena, &answer), 0);
	assert_int_equal(answer.last_seq, 6);
	heard->told += answer.has_ack + answer.complete_count;
	heard->held_seq = answer.held_seq;
	assert_int_equal(answer.held_link.len, BH_HASH_BYTES);
	memcpy(heard->held_link, answer.held_link.data, BH_HASH_BYTES);
	heard->words++;
	bh_buf_free(&message);
	bh_arena_free(&arena);
	return 0;
}

static struct heard answer_hear(struct bh_world *world)
{
	const struct bh_key *keys[] = {bundled.reply};
	struct bh_bundle_frames *frames = NULL;
	struct heard heard = {.world = world};
	assert_int_equal(bh_bundle_frames_open(keys, 1, word_take, &heard, &frames), 0);
	assert_int_equal(bh_bundle_frames_put(frames, bh_buf_span(&bundled.report.answer)), 0);
	assert_int_equal(bh_bundle_frames_end(frames), 0);
	bh_bundle_frames_close(frames);
	return heard;
}

/* A server that was put back: the handset is told from where on to carry, and its next bundle holds
 * what is missing. */
static void test_bundle__a_gap_is_answered_by_where_the_log_ends(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 3, 6);
	bh_bundled_refused(&bundled, BH_BUNDLE_GAP);
	struct heard heard = answer_hear(&f->world);
	assert_int_equal(heard.held_seq, 0);
	assert_memory_equal(heard.held_link, f->phone.start, BH_HASH_BYTES);
	assert_int_equal(heard.words, 1);
	assert_int_equal(heard.told, 0);
	bh_bundled_ops(&bundled, &f->phone, 0, 2);
	bh_bundled_takes(&bundled, 2, 2);
	bh_bundled_ops(&bundled, &f->phone, 3, 6);
	bh_bundled_refused(&bundled, BH_BUNDLE_GAP);
	heard = answer_hear(&f->world);
	assert_int_equal(heard.held_seq, 2);
	assert_memory_equal(heard.held_link, f->phone.ops[1].link, BH_HASH_BYTES);
	bh_bundled_ops(&bundled, &f->phone, heard.held_seq, 6);
	bh_bundled_takes(&bundled, 4, 4);
}

/* ---- A log that nobody has heard of ---- */

static uint32_t verb_at(struct bh_world *world, uint64_t position)
{
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_entry entry;
	assert_int_equal(bh_reader_entry(world->reader, position, &arena, &entry), 0);
	bh_arena_free(&arena);
	return entry.verb;
}

static void test_bundle__who_takes_it_in_is_journalled_before_its_log_begins(void **state)
{
	struct bh_uploads *f = *state;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head = 0;
	bh_phone_new_log(&f->phone);
	(void)bh_phone_report(&f->phone, "in another log");
	bh_bundled_ops(&bundled, &f->phone, 0, 1);
	bh_bundled_takes(&bundled, 1, 1);
	assert_int_equal(bh_reader_head(f->world.reader, &head, hash), 0);
	assert_int_equal(verb_at(&f->world, head - 2), BH_VERB_BUNDLE);
	assert_int_equal(verb_at(&f->world, head - 1), BH_VERB_LOG_BEGIN);
	assert_int_equal(verb_at(&f->world, head), BH_VERB_SUBMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_bundle__##name, open, close)
		CASE(what_the_second_reading_finds_is_what_was_signed_or_nothing),
		CASE(a_piece_that_changes_stops_it_where_it_changed),
		CASE(a_gap_is_answered_by_where_the_log_ends),
		CASE(who_takes_it_in_is_journalled_before_its_log_begins),
	};
	return cmocka_run_group_tests_name("bundle_again", tests, NULL, NULL);
}
