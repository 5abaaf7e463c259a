/* One photo in two reports: the second case gets it, too, and until then it stays. */
#include "tests/unit/client/scripted_photo.h"

#include <stdlib.h>
#include <string.h>

#include "proto/verdict.h"

#define PHOTO_BYTES 50000u

struct shots {
	struct scripted *s;
	struct scripted_photo photo;
	struct bh_changes *changes;
};

static int setup(void **state)
{
	struct shots *shots = calloc(1, sizeof(*shots));

	assert_non_null(shots);
	shots->s = scripted_new();
	scripted_enrol(shots->s);
	shots->photo = scripted_photo_make(shots->s, PHOTO_BYTES, 1);
	shots->changes = calloc(1, sizeof(*shots->changes));
	*state = shots;
	return 0;
}

static int teardown(void **state)
{
	struct shots *shots = *state;

	scripted_photo_free(&shots->photo);
	scripted_free(shots->s);
	free(shots->changes);
	free(shots);
	return 0;
}

static void record(struct shots *shots)
{
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(shots->s, &shots->photo, NULL, &ref), 0);
}

static void accept_to(struct shots *shots, uint64_t seq)
{
	const struct bh_msg_ack ack = {.seq = seq};

	assert_int_equal(bh_local_ack(shots->s->local, &ack, shots->changes), 0);
}

static void complete(struct shots *shots)
{
	assert_int_equal(bh_local_blob_fate(shots->s->local, shots->photo.hash, BH_FATE_COMPLETE,
				 shots->changes),
		0);
}

static bool is_due(struct shots *shots)
{
	struct bh_blob_due due;

	return bh_local_blob_next(shots->s->local, &due) == 0;
}

static uint64_t bytes_freed(struct shots *shots)
{
	uint64_t bytes = 0;

	assert_int_equal(bh_local_photos_free(shots->s->local, INT64_MAX, &bytes), 0);
	return bytes;
}

static void test_again__one_that_is_complete_is_offered_for_the_next_report(void **state)
{
	struct shots *shots = *state;

	record(shots);
	accept_to(shots, 1);
	complete(shots);
	record(shots);
	assert_false(is_due(shots));
	accept_to(shots, 2);
	assert_true(is_due(shots));
	complete(shots);
	assert_false(is_due(shots));
}

static void test_again__one_that_became_complete_meanwhile_is_offered_once_more(void **state)
{
	struct shots *shots = *state;

	record(shots);
	accept_to(shots, 1);
	record(shots);
	complete(shots); /* for the first report: the server knows no other yet */
	accept_to(shots, 2);
	assert_true(is_due(shots));
}

static void test_again__what_a_report_without_an_answer_names_is_not_freed(void **state)
{
	struct shots *shots = *state;

	record(shots);
	accept_to(shots, 1);
	record(shots);
	complete(shots);
	assert_int_equal(bytes_freed(shots), 0);
	accept_to(shots, 2);
	assert_int_equal(bytes_freed(shots), 0);
	complete(shots);
	assert_int_equal(bytes_freed(shots), PHOTO_BYTES);
}

static void test_again__one_that_was_freed_comes_back_with_the_next_report(void **state)
{
	struct shots *shots = *state;

	record(shots);
	accept_to(shots, 1);
	complete(shots);
	assert_int_equal(bytes_freed(shots), PHOTO_BYTES);
	record(shots);
	assert_true(scripted_photo_is_whole(shots->s, &shots->photo));
	accept_to(shots, 2);
	assert_true(is_due(shots));
}

static void test_again__a_refused_second_report_changes_nothing(void **state)
{
	struct shots *shots = *state;
	const struct bh_msg_verdict verdict = {.seq = 2, .verdict = BH_VERDICT_REJECTED};
	const struct bh_msg_ack ack = {.seq = 2, .verdicts = &verdict, .verdicts_count = 1};

	record(shots);
	accept_to(shots, 1);
	complete(shots);
	record(shots);
	assert_int_equal(bh_local_ack(shots->s->local, &ack, shots->changes), 0);
	assert_false(is_due(shots));
	assert_int_equal(bytes_freed(shots), PHOTO_BYTES);
}

/* The old log's row of it has no answer, and never will. */
static void test_again__what_a_carried_report_names_is_freed_when_that_has_its_answer(void **state)
{
	struct shots *shots = *state;

	record(shots);
	assert_int_equal(bh_local_fork(shots->s->local, shots->changes), 0);
	accept_to(shots, 1);
	complete(shots);
	assert_int_equal(bytes_freed(shots), PHOTO_BYTES);
}

/* In the next history its op may be accepted: one that was not known then is offered again. */
static void test_again__one_that_a_restored_server_did_not_know_is_offered_to_the_next(void **state)
{
	struct shots *shots = *state;
	struct bh_msg_welcome welcome = {.epoch = SCRIPTED_EPOCH + 1, .from_start = true};
	struct bh_local *local = shots->s->local;

	record(shots);
	accept_to(shots, 1);
	complete(shots);
	assert_int_equal(bh_local_welcome(local, &welcome, shots->s->now, shots->changes), 0);
	assert_true(is_due(shots));
	assert_int_equal(
		bh_local_blob_fate(local, shots->photo.hash, BH_FATE_UNKNOWN, shots->changes), 0);
	assert_false(is_due(shots));
	welcome.epoch++;
	assert_int_equal(bh_local_welcome(local, &welcome, shots->s->now, shots->changes), 0);
	assert_true(is_due(shots));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_again__one_that_is_complete_is_offered_for_the_next_report),
		CASE(test_again__one_that_became_complete_meanwhile_is_offered_once_more),
		CASE(test_again__what_a_report_without_an_answer_names_is_not_freed),
		CASE(test_again__one_that_was_freed_comes_back_with_the_next_report),
		CASE(test_again__a_refused_second_report_changes_nothing),
		CASE(test_again__what_a_carried_report_names_is_freed_when_that_has_its_answer),
		CASE(test_again__one_that_a_restored_server_did_not_know_is_offered_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
