/* How a photo's way up ends: complete, refused, lost, or later; and what the session makes of it.
 */
#include "tests/unit/client/scripted_upload.h"

#include <string.h>

static void test_upload__refused_and_unknown_are_for_ever(void **state)
{
	static const struct {
		enum bh_blob_state said;
		enum bh_blob_fate fate;
	} rows[] = {{BH_BLOB_REFUSED, BH_FATE_REFUSED}, {BH_BLOB_UNKNOWN, BH_FATE_UNKNOWN}};

	for (size_t i = 0; i < 2; i++) {
		struct shots *shots;
		bool told = false;
		struct bh_change change;

		upload_setup((void **)&shots);
		upload_begin(shots);
		upload_state(shots, shots->photo.hash,
			(struct bh_msg_blob_state){.state = rows[i].said});
		assert_int_equal(upload_fate(shots), rows[i].fate);
		assert_true(scripted_silent(shots->s));
		while (bh_engine_take_change(shots->s->engine, &change))
			told |= change.kind == BH_CHANGE_PHOTO &&
				change.number == shots->ref.number &&
				change.verdict == (uint32_t)rows[i].fate;
		assert_true(told);
		scripted_crash(shots->s);
		scripted_session(shots->s);
		assert_true(scripted_silent(shots->s));
		assert_true(scripted_photo_is_whole(shots->s, &shots->photo));
		upload_teardown((void **)&shots);
	}
	(void)state;
}

static void test_upload__later_waits_as_long_as_it_says_also_over_a_cut(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_LATER, .retry_after_ms = 40000});
	assert_true(scripted_silent(shots->s));
	assert_int_equal(
		bh_engine_want(shots->s->engine).wake_mono_ms, shots->s->now.mono_ms + 40000);
	scripted_later(shots->s, 20000);
	scripted_cut(shots->s);
	scripted_back_off(shots->s);
	scripted_session(shots->s);
	assert_true(scripted_silent(shots->s));
	scripted_later(shots->s, 40000);
	upload_take_offer(shots, &shots->photo);
}

static void test_upload__later_lets_a_handset_that_does_not_stay_hang_up_and_come_back(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	s->once = true;
	upload_begin(shots);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_LATER, .retry_after_ms = 600000});
	(void)scripted_take(s, BH_CLIENT_PING);
	scripted_give(s, &pong);
	(void)scripted_take(s, BH_CLIENT_BYE);
	scripted_hang_up(s);
	assert_false(bh_engine_want(s->engine).connect);
	scripted_later(s, 60000);
	assert_false(bh_engine_want(s->engine).connect);
	int64_t wake = bh_engine_want(s->engine).wake_mono_ms;

	assert_true(wake > s->now.mono_ms && wake <= s->now.mono_ms + 540000);
	scripted_later(s, wake - s->now.mono_ms);
	assert_true(bh_engine_want(s->engine).connect);
}

static void test_upload__a_session_is_not_settled_before_the_photo_is(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	s->once = true;
	upload_begin(shots);
	assert_false(bh_engine_status(s->engine).settled);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	(void)scripted_take(s, BH_CLIENT_PING);
	scripted_give(s, &pong);
	assert_true(bh_engine_status(s->engine).settled);
	(void)scripted_take(s, BH_CLIENT_BYE);
	scripted_hang_up(s);
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
}

static void test_upload__a_photo_is_a_reason_to_connect_by_itself(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;

	s->once = true;
	upload_begin(shots);
	scripted_cut(s);
	scripted_crash(s);
	assert_int_equal(scripted_acked(s), 1);
	assert_true(bh_engine_want(s->engine).connect);
}

static void test_upload__a_lost_file_is_said_and_stops_nothing_else(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct scripted_photo other = scripted_photo_make(s, UPLOAD_BYTES + 1, 9);
	const struct bh_simvfs_plan plan = {BH_SIMVFS_READ, BH_SIMVFS_EIO, 1, false, ".jpg"};
	struct bh_op_ref ref;
	uint8_t hash[BH_HASH_BYTES];

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &shots->ref), 0);
	assert_int_equal(scripted_photo_record(s, &other, NULL, &ref), 0);
	/* Damaged behind the library's back. */
	memcpy(hash, shots->photo.hash, sizeof(hash));
	assert_int_equal(bh_local_blob_hash(s->local, hash, UPLOAD_BYTES, hash), 0);
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_photo_spoil(s, &shots->photo);
	scripted_ack(s, 2);
	upload_take_offer(shots, &shots->photo);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_REFUSED});
	upload_take_offer(shots, &other);
	assert_int_equal(upload_fate(shots), BH_FATE_LOST);
	assert_false(scripted_photo_row(s, &shots->ref).here);
	/* A disk that does not read is another thing: the photo waits. */
	upload_state(shots, other.hash, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	(void)scripted_take(s, BH_CLIENT_BLOB_PART);
	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	upload_drained(shots);
	assert_true(bh_engine_want(s->engine).disconnect);
	assert_int_equal(scripted_photo_row(s, &ref).fate, BH_FATE_DUE);
	scripted_photo_free(&other);
}

/* Behind the next one on its way, and to a server that does not know what it was shown. */
static void test_upload__what_is_not_what_it_was_is_lost_once_the_server_does_not_take_it(
	void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct scripted_photo other = scripted_photo_make(s, UPLOAD_BYTES + 1, 9);
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &shots->ref), 0);
	assert_int_equal(scripted_photo_record(s, &other, NULL, &ref), 0);
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_photo_spoil(s, &shots->photo);
	scripted_photo_spoil(s, &other);
	scripted_ack(s, 2);
	upload_take_offer(shots, &shots->photo);
	upload_state(shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	while (shots->held_len < UPLOAD_BYTES) {
		upload_take_part(shots);
		if (shots->held_len < UPLOAD_BYTES)
			upload_wanted(shots, shots->held_len);
	}
	upload_take_offer(shots, &other);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_REFUSED});
	assert_int_equal(upload_fate(shots), BH_FATE_LOST);
	upload_state(shots, other.hash, (struct bh_msg_blob_state){.state = BH_BLOB_UNKNOWN});
	assert_int_equal(scripted_photo_row(s, &ref).fate, BH_FATE_LOST);
	scripted_photo_free(&other);
}

static void test_upload__answers_to_nothing_say_nothing(void **state)
{
	struct shots *shots = *state;
	uint8_t other[BH_HASH_BYTES] = {7};

	upload_begin(shots);
	upload_state(shots, other, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_LATER, .retry_after_ms = 30000});
	/* Said by nobody's asking: nothing may be freed by it. */
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
}

static void test_upload__no_answer_cuts_the_session(void **state)
{
	struct shots *shots = *state;
	const struct bh_server_frame ping = {.kind = BH_SERVER_PING};

	upload_begin(shots);
	for (int i = 0; i < 3; i++) {
		scripted_later(shots->s, 39000);
		scripted_give(shots->s, &ping);
		assert_false(bh_engine_want(shots->s->engine).disconnect);
	}
	assert_true(bh_engine_want(shots->s->engine).wake_mono_ms <= shots->s->now.mono_ms + 3000);
	scripted_later(shots->s, 3000);
	assert_true(bh_engine_want(shots->s->engine).disconnect);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, upload_setup, upload_teardown)

static bool upload_to_the_end(struct shots *shots)
{
	for (uint32_t at = 0; at < UPLOAD_PARTS; at++) {
		upload_take_part(shots);
		if (at + 1 < UPLOAD_PARTS)
			upload_wanted(shots, shots->held_len);
	}
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	return upload_fate(shots) == BH_FATE_COMPLETE;
}

static void test_upload__complete_and_lost_by_the_server_is_offered_again(void **state)
{
	struct shots *shots = *state;
	const struct bh_msg_blob_state wanted = {.state = BH_BLOB_WANTED};
	uint8_t strange[BH_HASH_BYTES] = {7};

	upload_begin(shots);
	upload_wanted(shots, 0);
	assert_true(upload_to_the_end(shots));
	/* Of one that is not ours, and any other word about ours, nothing comes. */
	upload_state(shots, strange, wanted);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_UNKNOWN});
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_REFUSED});
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
	assert_true(scripted_silent(shots->s));
	upload_state(shots, shots->photo.hash, wanted);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_take_offer(shots, &shots->photo);
	shots->held_len = 0;
	upload_wanted(shots, 0);
	assert_true(upload_to_the_end(shots));
}

/* B12: kept, since its report was put into quarantine, from which it was let in since. */
static void test_upload__kept_and_asked_for_it_is_offered(void **state)
{
	struct shots *shots = *state;
	struct bh_changes changes = {0};

	upload_begin(shots);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_UNKNOWN});
	/* The server was put back, and its report came into quarantine at the second time only. */
	assert_int_equal(upload_fate(shots), BH_FATE_UNKNOWN);
	upload_state(shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_take_offer(shots, &shots->photo);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_UNKNOWN});
	assert_int_equal(
		bh_local_blob_fate(shots->s->local, shots->photo.hash, BH_FATE_KEPT, &changes), 0);
	upload_state(shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_take_offer(shots, &shots->photo);
	upload_wanted(shots, 0);
	assert_true(upload_to_the_end(shots));
}

/* Its report was in quarantine when it was offered, and no op of the journal's named it. */
static void test_upload__unknown_and_asked_for_it_is_offered(void **state)
{
	struct shots *shots = *state;

	upload_begin(shots);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_UNKNOWN});
	assert_int_equal(upload_fate(shots), BH_FATE_UNKNOWN);
	upload_state(shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_WANTED});
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_take_offer(shots, &shots->photo);
	upload_wanted(shots, 0);
	assert_true(upload_to_the_end(shots));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upload__refused_and_unknown_are_for_ever),
		CASE(test_upload__later_waits_as_long_as_it_says_also_over_a_cut),
		CASE(test_upload__later_lets_a_handset_that_does_not_stay_hang_up_and_come_back),
		CASE(test_upload__a_session_is_not_settled_before_the_photo_is),
		CASE(test_upload__a_photo_is_a_reason_to_connect_by_itself),
		CASE(test_upload__a_lost_file_is_said_and_stops_nothing_else),
		CASE(test_upload__what_is_not_what_it_was_is_lost_once_the_server_does_not_take_it),
		CASE(test_upload__answers_to_nothing_say_nothing),
		CASE(test_upload__no_answer_cuts_the_session),
		CASE(test_upload__complete_and_lost_by_the_server_is_offered_again),
		CASE(test_upload__kept_and_asked_for_it_is_offered),
		CASE(test_upload__unknown_and_asked_for_it_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
