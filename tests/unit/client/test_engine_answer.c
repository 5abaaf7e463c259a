/* What an answer says of a photo counts for the history of the server's that it comes from: not by
 * another session, nor by hand after the server was put back or has lost it. */
#include "tests/unit/client/scripted_upload.h"

#include <string.h>

#include "client-lib/local_bundle.h"
#include "proto/err.h"

static uint8_t reply_key[BH_PUBLIC_KEY_BYTES];

/* What answers are sealed for from now on, as a bundle that is written makes it. */
static void key_make(struct shots *shots)
{
	const struct bh_bundle_plan plan = {.blobs = NULL};
	struct bh_buf statement = BH_BUF(8192);
	struct bh_key *key = NULL;

	(void)bh_local_bundle_statement(shots->s->local, &plan, &statement);
	bh_buf_free(&statement);
	assert_int_equal(bh_local_reply_key(shots->s->local, &key), 0);
	bh_key_public(key, reply_key);
	bh_key_free(key);
}

/* By hand: the photo is whole, as a server of that epoch says; or a word about nothing. */
static void answer(struct shots *shots, uint64_t epoch, bool complete)
{
	const struct bh_log log = scripted_log(shots->s);
	const struct bh_span hash = bh_span(shots->photo.hash, BH_HASH_BYTES);
	const struct bh_msg_bundle_answer told = {.log_id = bh_span(log.log_id, BH_LOG_ID_BYTES),
		.last_seq = log.head_seq,
		.epoch = epoch,
		.complete = &hash,
		.complete_count = complete};

	assert_int_equal(bh_engine_answered(shots->s->engine, shots->s->now, &told, reply_key), 0);
}

/* Another session, of a server in that epoch; who is cut off is told of no scope. */
static void session(struct shots *shots, uint64_t epoch, bool draining)
{
	struct scripted *s = shots->s;

	scripted_cut(s);
	scripted_back_off(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.epoch = epoch;
	welcome.u.welcome.draining = draining;
	welcome.u.welcome.scopes_count = draining ? 0 : 2;
	scripted_give(s, &welcome);
	assert_true(bh_engine_status(s->engine).live);
}

static void test_answer__one_from_before_a_restore_says_nothing_of_photos(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	key_make(shots);
	session(shots, SCRIPTED_EPOCH + 1, false);
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	answer(shots, SCRIPTED_EPOCH + 1, true);
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
}

static void test_answer__complete_before_a_restore_is_offered_after_it(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	key_make(shots);
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
	session(shots, SCRIPTED_EPOCH + 1, false);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_take_offer(shots, &shots->photo);
}

static void test_answer__that_a_server_was_put_back_is_heard_by_hand_too(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	key_make(shots);
	answer(shots, SCRIPTED_EPOCH, true);
	answer(shots, SCRIPTED_EPOCH + 1, false);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE); /* it may be gone */
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	scripted_crash(shots->s);
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	answer(shots, SCRIPTED_EPOCH + 1, true);
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
	answer(shots, SCRIPTED_EPOCH + 1, false); /* which was heard */
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
}

static void test_answer__who_is_cut_off_hears_it_and_keeps_its_cursors(void **state)
{
	struct shots *shots = *state;
	struct bh_device device;

	upload_begin(shots);
	key_make(shots);
	session(shots, SCRIPTED_EPOCH + 1, true);
	scripted_crash(shots->s);
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	assert_int_equal(bh_local_device(shots->s->local, &device), 0);
	assert_int_equal(device.epoch, SCRIPTED_EPOCH);
}

/* It lost what it had written beside its backups, and counts from an older one. */
static void test_answer__a_session_is_the_last_word_also_in_a_smaller_epoch(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	key_make(shots);
	answer(shots, SCRIPTED_EPOCH + 2, false);
	answer(shots, SCRIPTED_EPOCH + 1, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	session(shots, SCRIPTED_EPOCH + 1, false);
	answer(shots, SCRIPTED_EPOCH + 1, true);
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
}

/* The file was opened already when a session was asked for a photo. */
static void test_answer__one_that_is_being_read_says_nothing_once_a_photo_is_asked_for(void **state)
{
	struct shots *shots = *state;
	const uint8_t other[BH_HASH_BYTES] = {7};

	upload_begin(shots);
	key_make(shots);
	upload_state(shots, other, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	uint8_t before[BH_PUBLIC_KEY_BYTES];

	memcpy(before, reply_key, sizeof(before));
	key_make(shots); /* another bundle is written meanwhile */
	memcpy(reply_key, before, sizeof(before));
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	key_make(shots);
	answer(shots, SCRIPTED_EPOCH, true);
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
}

/* Its Offer was under way when the link was cut; the answer to it is nobody's. */
static void test_answer__what_a_session_asked_is_not_answered_in_the_next(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	const struct bh_server_frame complete = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = bh_span(shots->photo.hash, BH_HASH_BYTES),
			.state = BH_BLOB_COMPLETE}};

	upload_begin(shots);
	scripted_cut(s);
	scripted_back_off(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	scripted_give(s, &complete);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	scripted_cut(s);
	scripted_back_off(s);
	s->held = 0; /* no Offer goes out before its ops are there again */
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.epoch++;
	scripted_give(s, &welcome);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_give(s, &complete);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	scripted_ack(s, 1);
	upload_take_offer(shots, &shots->photo);
}

/* A session in which the server wants a photo that it had: what an answer from before says of it is
 * not so any more, and none opens. */
static void test_answer__none_from_before_a_photo_was_lost_opens(void **state)
{
	static const uint8_t lost[BH_HASH_BYTES] = {1};
	const struct bh_server_frame wanted = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = bh_span(lost, sizeof(lost)), .state = BH_BLOB_WANTED}};
	struct shots *shots = *state;
	struct bh_key *key = NULL;

	key_make(shots);
	scripted_engine(shots->s);
	scripted_session(shots->s);
	scripted_give(shots->s, &wanted);
	assert_int_equal(bh_local_reply_key(shots->s->local, &key), BH_ERR_NOT_FOUND);
}

#define CASE(name) \
	cmocka_unit_test_setup_teardown(test_answer__##name, upload_setup, upload_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_from_before_a_restore_says_nothing_of_photos),
		CASE(complete_before_a_restore_is_offered_after_it),
		CASE(that_a_server_was_put_back_is_heard_by_hand_too),
		CASE(who_is_cut_off_hears_it_and_keeps_its_cursors),
		CASE(a_session_is_the_last_word_also_in_a_smaller_epoch),
		CASE(one_that_is_being_read_says_nothing_once_a_photo_is_asked_for),
		CASE(what_a_session_asked_is_not_answered_in_the_next),
		CASE(none_from_before_a_photo_was_lost_opens),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
