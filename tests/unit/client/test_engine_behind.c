/* Two photos on their way up at once: the one whose parts are all out, and the next. */
#include "tests/unit/client/scripted_upload.h"

#include <string.h>

#define LARGE_BYTES (UPLOAD_BYTES + 20u * UPLOAD_PART)

struct two {
	struct shots *shots;
	struct scripted_photo large;
	struct bh_op_ref large_ref;
};

/* The first photo's parts are all out, eight of them unanswered, and the large one is offered. */
static struct two two_begin(struct shots *shots)
{
	struct scripted *s = shots->s;
	struct two two = {.shots = shots, .large = scripted_photo_make(s, LARGE_BYTES, 7)};

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &shots->ref), 0);
	assert_int_equal(scripted_photo_record(s, &two.large, NULL, &two.large_ref), 0);
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_ack(s, 2);
	upload_take_offer(shots, &shots->photo);
	assert_true(scripted_silent(s));
	upload_wanted(shots, 0);
	for (unsigned i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++)
		upload_take_part(shots);
	for (unsigned i = 1; i <= UPLOAD_PARTS - BH_BLOB_PARTS_OUT_MAX; i++) {
		assert_true(scripted_silent(s)); /* no Offer before the last part */
		upload_wanted(shots, i * UPLOAD_PART);
		upload_take_part(shots);
	}
	assert_int_equal(shots->held_len, UPLOAD_BYTES);
	upload_take_offer(shots, &two.large);
	upload_drained(shots);
	assert_true(scripted_silent(s));
	return two;
}

static void large_wanted(struct two *two, uint32_t offset)
{
	upload_state(two->shots, two->large.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_WANTED, .offset = offset});
}

static void take_large_part(struct two *two, uint32_t offset)
{
	struct bh_client_frame frame = scripted_take(two->shots->s, BH_CLIENT_BLOB_PART);

	assert_memory_equal(frame.u.blob_part.hash.data, two->large.hash, BH_HASH_BYTES);
	assert_int_equal(frame.u.blob_part.offset, offset);
	upload_drained(two->shots);
}

static enum bh_blob_fate large_fate(struct two *two)
{
	return scripted_photo_row(two->shots->s, &two->large_ref).fate;
}

static void test_behind__the_next_goes_while_eight_in_all_are_unanswered(void **state)
{
	struct shots *shots = *state;
	struct two two = two_begin(shots);
	uint32_t held = 0;

	large_wanted(&two, 0);
	assert_true(scripted_silent(shots->s));
	/* nothing may go: so nobody is woken for it */
	assert_true(bh_engine_want(shots->s->engine).wake_mono_ms > shots->s->now.mono_ms);
	for (unsigned i = UPLOAD_PARTS - BH_BLOB_PARTS_OUT_MAX + 1; i < UPLOAD_PARTS; i++) {
		upload_wanted(shots, i * UPLOAD_PART);
		take_large_part(&two, (i - 4) * UPLOAD_PART);
		assert_true(scripted_silent(shots->s));
		assert_true(bh_engine_upload_at(shots->s->engine, shots->photo.hash, &held));
		assert_int_equal(held, i * UPLOAD_PART);
		assert_true(bh_engine_upload_at(shots->s->engine, two.large.hash, &held));
		assert_int_equal(held, 0);
	}
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(upload_fate(shots), BH_FATE_COMPLETE);
	take_large_part(&two, 7 * UPLOAD_PART);
	assert_true(scripted_silent(shots->s));
	large_wanted(&two, UPLOAD_PART);
	take_large_part(&two, 8 * UPLOAD_PART);
	upload_state(shots, two.large.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_int_equal(large_fate(&two), BH_FATE_COMPLETE);
	scripted_photo_free(&two.large);
}

static void test_behind__what_is_said_of_it_for_ever_stops_nothing_else(void **state)
{
	static const struct {
		enum bh_blob_state said;
		enum bh_blob_fate fate;
	} rows[] = {{BH_BLOB_REFUSED, BH_FATE_REFUSED}, {BH_BLOB_UNKNOWN, BH_FATE_UNKNOWN},
		{BH_BLOB_LATER, BH_FATE_DUE}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shots *shots;

		upload_setup((void **)&shots);
		struct two two = two_begin(shots);
		large_wanted(&two, 0);
		for (unsigned k = 0; k < BH_BLOB_PARTS_OUT_MAX; k++) {
			upload_state(shots, shots->photo.hash,
				(struct bh_msg_blob_state){
					.state = rows[i].said, .retry_after_ms = 40000});
			take_large_part(&two, k * UPLOAD_PART);
		}
		assert_true(scripted_silent(shots->s));
		assert_int_equal(upload_fate(shots), rows[i].fate);
		upload_state(shots, two.large.hash,
			(struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
		assert_int_equal(large_fate(&two), BH_FATE_COMPLETE);
		scripted_photo_free(&two.large);
		upload_teardown((void **)&shots);
	}
	(void)state;
}

/* The server lost a part of it: it is offered again behind the other, and goes on where it is. */
static void test_behind__one_that_did_not_come_whole_is_offered_again(void **state)
{
	struct shots *shots = *state;
	struct two two = two_begin(shots);
	struct bh_client_frame frame;

	for (unsigned i = 0; i < BH_BLOB_PARTS_OUT_MAX; i++) {
		assert_int_equal(upload_fate(shots), BH_FATE_DUE);
		upload_wanted(shots, 6 * UPLOAD_PART);
		assert_true(scripted_silent(shots->s));
	}
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	upload_state(shots, two.large.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	assert_true(scripted_silent(shots->s));
	scripted_later(shots->s, 5000);
	upload_take_offer(shots, &shots->photo);
	shots->held_len = 6 * UPLOAD_PART;
	upload_wanted(shots, 6 * UPLOAD_PART);
	frame = scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	assert_int_equal(frame.u.blob_part.offset, 6 * UPLOAD_PART);
	scripted_photo_free(&two.large);
}

static void test_behind__a_cut_leaves_both_due(void **state)
{
	struct shots *shots = *state;
	struct two two = two_begin(shots);

	large_wanted(&two, 0);
	scripted_cut(shots->s);
	assert_int_equal(upload_fate(shots), BH_FATE_DUE);
	assert_int_equal(large_fate(&two), BH_FATE_DUE);
	scripted_back_off(shots->s);
	scripted_session(shots->s);
	upload_take_offer(shots, &shots->photo);
	upload_state(
		shots, shots->photo.hash, (struct bh_msg_blob_state){.state = BH_BLOB_COMPLETE});
	upload_take_offer(shots, &two.large);
	scripted_photo_free(&two.large);
}

static void test_behind__an_answer_that_does_not_come_ends_the_link(void **state)
{
	struct shots *shots = *state;
	struct two two = two_begin(shots);

	for (int i = 0; i < 200 && !bh_engine_want(shots->s->engine).disconnect; i++) {
		scripted_later(shots->s, 1000);
		large_wanted(&two, 0); /* the other's answers come */
	}
	assert_true(bh_engine_want(shots->s->engine).disconnect);
	scripted_photo_free(&two.large);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, upload_setup, upload_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_behind__the_next_goes_while_eight_in_all_are_unanswered),
		cmocka_unit_test(test_behind__what_is_said_of_it_for_ever_stops_nothing_else),
		CASE(test_behind__one_that_did_not_come_whole_is_offered_again),
		CASE(test_behind__a_cut_leaves_both_due),
		CASE(test_behind__an_answer_that_does_not_come_ends_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
