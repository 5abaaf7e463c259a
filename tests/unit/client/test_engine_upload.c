/* Photos on their way up, against a scripted server: after the ops, thumbnails first, resumed where
 * the server says, and never in the way of a report. */
#include "tests/unit/client/scripted_upload.h"

#include <string.h>

#include "proto/sign.h"

static void test_upload__thumbnails_go_first_then_photos_smallest_first(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct scripted_photo small = scripted_photo_make(s, 9000, 5);
	struct scripted_photo tiny = scripted_photo_make(s, 500, 6);
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(s, &shots->photo, &shots->thumbnail, &ref), 0);
	assert_int_equal(scripted_photo_record(s, &small, &tiny, &ref), 0);
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_ack(s, 2);
	const struct scripted_photo *const order[] = {
		&tiny, &shots->thumbnail, &small, &shots->photo};

	for (size_t i = 0; i < 4; i++) {
		upload_take_offer(shots, order[i]);
		assert_true(scripted_silent(s));
		upload_state(shots, order[i]->hash,
			(struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	}
	assert_true(scripted_silent(s));
	struct bh_unsent unsent;

	assert_int_equal(bh_local_blobs_unsent(s->local, &unsent), 0);
	assert_int_equal(unsent.ops, 0);
	scripted_photo_free(&small);
	scripted_photo_free(&tiny);
}

static void test_upload__at_most_eight_parts_are_unanswered(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_wanted(shots, 0);
	for (unsigned i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++)
		upload_take_part(shots);
	assert_true(scripted_silent(shots->s));
	for (unsigned i = 1; i <= UPLOAD_PARTS - BH_BLOB_PARTS_OUT_MAX; i++) {
		uint32_t held = 0;

		upload_wanted(shots, i * UPLOAD_PART);
		assert_true(bh_engine_upload_at(shots->s->engine, shots->photo.hash, &held));
		assert_int_equal(held, i * UPLOAD_PART);
		upload_take_part(shots);
		assert_true(scripted_silent(shots->s));
	}
	assert_int_equal(shots->held_len, UPLOAD_BYTES);
	assert_memory_equal(shots->held, shots->photo.data, UPLOAD_BYTES);
	for (unsigned i = UPLOAD_PARTS - BH_BLOB_PARTS_OUT_MAX + 1; i < UPLOAD_PARTS; i++)
		upload_wanted(shots, i * UPLOAD_PART);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
	assert_true(scripted_silent(shots->s));
}

/* The server has it from another: what is hashed is ours alone, and only once. */
static void test_upload__shows_once_that_it_holds_what_others_sent(void **state)
{
	struct shots *shots = *state;
	struct bh_buf head = BH_BUF(BH_PROOF_HEAD_BYTES_MAX);
	uint8_t proof[BH_HASH_BYTES];

	assert_int_equal(bh_photo_proof_head(&head, &shots->s->binding), 0);
	const struct bh_span said[] = {
		bh_buf_span(&head), bh_span(shots->photo.data, UPLOAD_BYTES)};

	bh_hash_parts(shots->s->hasher, said, 2, proof);
	bh_buf_free(&head);
	upload_begin(shots);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_PROOF_WANTED});
	struct bh_client_frame frame = scripted_take(shots->s, BH_CLIENT_BLOB_OFFER);

	assert_memory_equal(frame.u.blob_offer.hash.data, shots->photo.hash, BH_HASH_BYTES);
	assert_int_equal(frame.u.blob_offer.size, UPLOAD_BYTES);
	assert_int_equal(frame.u.blob_offer.proof.len, BH_HASH_BYTES);
	assert_memory_equal(frame.u.blob_offer.proof.data, proof, BH_HASH_BYTES);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_PROOF_WANTED});
	assert_true(scripted_silent(shots->s)); /* it is left for later */
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
}

static void test_upload__waits_asleep_until_a_rolled_back_server_has_its_ops_again(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;

	upload_begin(shots);
	scripted_cut(s);
	s->held = 0;
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	assert_true(scripted_silent(s));
	assert_true(bh_engine_want(s->engine).wake_mono_ms > s->now.mono_ms + 1000);
	scripted_ack(s, 1);
	upload_take_offer(shots, &shots->photo);
}

static void test_upload__one_part_follows_each_answer_without_a_word_of_the_driver(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	upload_wanted(shots, 0);
	for (unsigned i = 1; i < UPLOAD_PARTS; i++) {
		(void)scripted_take(shots->s, BH_CLIENT_BLOB_PART);
		assert_true(scripted_silent(shots->s));
		upload_wanted(
			shots, i * UPLOAD_PART); /* no prefix is compared while all is in step */
	}
	(void)scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	assert_true(scripted_silent(shots->s));
}

static void test_upload__a_report_waits_for_one_part_at_most(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_client_frame frame;

	upload_begin(shots);
	upload_wanted(shots, 0);
	/* A part is in the output, and not yet taken by the network. */
	assert_true(bh_engine_output(s->engine)->len > UPLOAD_PART);
	assert_true(bh_engine_output(s->engine)->len < UPLOAD_PART + 200);
	scripted_report(s, "urgent");
	upload_drained(shots);
	frame = scripted_take(s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, 0);
	assert_int_equal(scripted_take_push(s), 1);
	assert_true(scripted_silent(s));
	upload_drained(shots);
	frame = scripted_take(s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, UPLOAD_PART);
}

/* A cut behind each part, and then the power too (F03). */
static void test_upload__goes_on_where_the_server_is_after_each_cut(void **state)
{
	struct shots *shots = *state;
	unsigned sent = 0;

	upload_begin(shots);
	while (shots->held_len < UPLOAD_BYTES) {
		upload_wanted(shots, shots->held_len);
		upload_take_part(shots);
		sent++;
		if (sent % 2 == 0) {
			scripted_cut(shots->s);
			scripted_back_off(shots->s);
		} else {
			scripted_crash(shots->s);
		}
		assert_int_equal(upload_fate(shots), BH_FATE_DUE);
		scripted_session(shots->s);
		upload_take_offer(shots, &shots->photo);
	}
	assert_int_equal(sent, UPLOAD_PARTS);
	assert_memory_equal(shots->held, shots->photo.data, UPLOAD_BYTES);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
}

static void test_upload__begins_anew_where_the_server_holds_something_else(void **state)
{
	struct shots *shots = *state;
	struct bh_client_frame frame;

	upload_begin(shots);
	memset(shots->held, 0x55, UPLOAD_BYTES);
	upload_wanted(shots, 3 * UPLOAD_PART);
	frame = scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, 0);
	/* And where it does not say what it holds. */
	scripted_cut(shots->s);
	scripted_back_off(shots->s);
	scripted_session(shots->s);
	upload_take_offer(shots, &shots->photo);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_WANTED, .offset = UPLOAD_PART});
	frame = scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, 0);
}

static void test_upload__an_answer_out_of_step_is_followed_once_all_are_in(void **state)
{
	struct shots *shots = *state;
	struct bh_client_frame frame;

	upload_begin(shots);
	upload_wanted(shots, 0);
	for (unsigned i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++)
		upload_take_part(shots);
	upload_wanted(shots, UPLOAD_PART);
	upload_take_part(shots);
	/* The server lost what came after the second part. */
	for (unsigned i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++) {
		assert_true(scripted_silent(shots->s));
		upload_wanted(shots, 2 * UPLOAD_PART);
		upload_drained(shots);
		if (i == 0)
			upload_take_part(
				shots); /* the first of them was the second part's answer */
	}
	assert_true(scripted_silent(shots->s));
	upload_wanted(shots, 2 * UPLOAD_PART);
	frame = scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, 2 * UPLOAD_PART);
}

static void test_upload__a_server_that_never_moves_is_left_alone_for_a_while(void **state)
{
	struct shots *shots = *state;
	unsigned parts = 0;

	upload_begin(shots);
	upload_wanted(shots, 0);
	while (!scripted_silent(shots->s) && parts < 100) {
		(void)scripted_take(shots->s, BH_CLIENT_BLOB_PART);
		parts++;
		upload_wanted(shots, 0);
	}
	/* Four times, with the part that each half of an answer lets go. */
	assert_true(parts >= 4 && parts <= 8);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	assert_true(
		bh_engine_want(shots->s->engine).wake_mono_ms <= shots->s->now.mono_ms + 600000);
}

/* It knows photos by ops that name them, and has none of those any more. */
static void test_upload__a_server_that_was_put_back_gets_the_ops_first(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;

	upload_begin(shots);
	assert_int_equal(scripted_acked(s), 1);
	scripted_cut(s);
	scripted_back_off(s);
	s->held = 0;
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	assert_true(scripted_silent(s));
	scripted_ack(s, 1);
	upload_take_offer(shots, &shots->photo);
	assert_int_equal(scripted_acked(s), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, upload_setup, upload_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_upload__thumbnails_go_first_then_photos_smallest_first),
		CASE(test_upload__at_most_eight_parts_are_unanswered),
		CASE(test_upload__shows_once_that_it_holds_what_others_sent),
		CASE(test_upload__waits_asleep_until_a_rolled_back_server_has_its_ops_again),
		CASE(test_upload__one_part_follows_each_answer_without_a_word_of_the_driver),
		CASE(test_upload__a_report_waits_for_one_part_at_most),
		CASE(test_upload__goes_on_where_the_server_is_after_each_cut),
		CASE(test_upload__a_server_that_was_put_back_gets_the_ops_first),
		CASE(test_upload__begins_anew_where_the_server_holds_something_else),
		CASE(test_upload__an_answer_out_of_step_is_followed_once_all_are_in),
		CASE(test_upload__a_server_that_never_moves_is_left_alone_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
