/* Recording with photos: durable together, or nothing of either is left. */
#include "tests/unit/client/scripted_photo.h"

#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/verdict.h"

#define PHOTO_BYTES 150000u /* three writes */
#define THUMBNAIL_BYTES 4000u
#define POINTS_MAX 200u

struct shots {
	struct scripted *s;
	struct scripted_photo photo, thumbnail;
};

static int setup(void **state)
{
	struct shots *shots = calloc(1, sizeof(*shots));

	assert_non_null(shots);
	shots->s = scripted_new();
	scripted_enrol(shots->s);
	shots->photo = scripted_photo_make(shots->s, PHOTO_BYTES, 1);
	shots->thumbnail = scripted_photo_make(shots->s, THUMBNAIL_BYTES, 2);
	*state = shots;
	return 0;
}

static int teardown(void **state)
{
	struct shots *shots = *state;

	scripted_photo_free(&shots->photo);
	scripted_photo_free(&shots->thumbnail);
	scripted_free(shots->s);
	free(shots);
	return 0;
}

static int shoot(struct shots *shots, struct bh_op_ref *ref)
{
	return scripted_photo_record(shots->s, &shots->photo, &shots->thumbnail, ref);
}

static bool none_is_left(struct shots *shots)
{
	struct bh_unsent unsent;

	assert_int_equal(bh_local_blobs_unsent(shots->s->local, &unsent), 0);
	return unsent.ops == 0 && !scripted_photo_has_file(shots->s, &shots->photo) &&
	       !scripted_photo_has_file(shots->s, &shots->thumbnail);
}

static bool both_are_whole(struct shots *shots)
{
	struct bh_unsent unsent;

	assert_int_equal(bh_local_blobs_unsent(shots->s->local, &unsent), 0);
	return unsent.ops == 2 && unsent.bytes == PHOTO_BYTES + THUMBNAIL_BYTES &&
	       scripted_photo_is_whole(shots->s, &shots->photo) &&
	       scripted_photo_is_whole(shots->s, &shots->thumbnail);
}

static void test_photo__the_op_names_it_and_its_file_lies_beside_the_store(void **state)
{
	struct shots *shots = *state;
	struct bh_arena arena = BH_ARENA(1u << 16);
	struct bh_msg_op_header header;
	struct bh_op_batch batch;
	struct bh_op_ref ref;
	int reason = 0;

	assert_int_equal(shoot(shots, &ref), 0);
	assert_int_equal(bh_local_batch(shots->s->local, ref.seq, 1, 10000, &arena, &batch), 0);
	assert_int_equal(bh_op_decode_header(batch.headers[0], &arena, &header, &reason), 0);
	assert_int_equal(header.blobs_count, 2);
	assert_memory_equal(header.blobs[0].hash.data, shots->photo.hash, BH_HASH_BYTES);
	assert_int_equal(header.blobs[0].kind, BH_BLOB_PHOTO);
	assert_int_equal(header.blobs[0].size, PHOTO_BYTES);
	assert_memory_equal(header.blobs[1].hash.data, shots->thumbnail.hash, BH_HASH_BYTES);
	assert_int_equal(header.blobs[1].kind, BH_BLOB_THUMBNAIL);
	assert_true(both_are_whole(shots));
	bh_arena_free(&arena);
}

static void test_photo__nothing_is_due_before_its_report_is_accepted(void **state)
{
	struct shots *shots = *state;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	struct bh_blob_due due;
	struct bh_op_ref ref;

	assert_int_equal(shoot(shots, &ref), 0);
	assert_int_equal(bh_local_blob_next(shots->s->local, &due), BH_ERR_NOT_FOUND);
	const struct bh_msg_ack ack = {.seq = 1};

	assert_int_equal(bh_local_ack(shots->s->local, &ack, changes), 0);
	assert_int_equal(bh_local_blob_next(shots->s->local, &due), 0);
	assert_memory_equal(due.hash, shots->thumbnail.hash, BH_HASH_BYTES);
	assert_int_equal(due.kind, BH_BLOB_THUMBNAIL);
	free(changes);
}

static void test_photo__of_a_report_that_is_not_accepted_it_is_kept_unsent(void **state)
{
	struct shots *shots = *state;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_verdict verdict = {.seq = 1, .verdict = BH_VERDICT_REJECTED};
	const struct bh_msg_ack ack = {.seq = 1, .verdicts = &verdict, .verdicts_count = 1};
	struct bh_blob_due due;
	struct bh_unsent unsent;
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(shots->s, &shots->photo, NULL, &ref), 0);
	assert_int_equal(bh_local_ack(shots->s->local, &ack, changes), 0);
	assert_int_equal(bh_local_blob_next(shots->s->local, &due), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_blobs_unsent(shots->s->local, &unsent), 0);
	assert_int_equal(unsent.ops, 0);
	assert_int_equal(scripted_photo_row(shots->s, &ref).fate, BH_FATE_KEPT);
	assert_true(scripted_photo_is_whole(shots->s, &shots->photo));
	/* Corrected and recorded anew, with the same photo, which then goes. */
	assert_int_equal(scripted_photo_record(shots->s, &shots->photo, NULL, &ref), 0);
	const struct bh_msg_ack second = {.seq = 2};

	assert_int_equal(bh_local_ack(shots->s->local, &second, changes), 0);
	assert_int_equal(bh_local_blob_next(shots->s->local, &due), 0);
	free(changes);
}

static void test_photo__given_twice_it_is_named_once(void **state)
{
	struct shots *shots = *state;
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT};
	const struct bh_photo_bytes twice[] = {
		{scripted_photo_span(&shots->photo), scripted_photo_span(&shots->thumbnail)},
		{scripted_photo_span(&shots->photo), scripted_photo_span(&shots->thumbnail)}};
	struct bh_op_ref ref;

	assert_int_equal(bh_local_record_photos(
				 shots->s->local, &header, NULL, twice, 2, shots->s->now, &ref),
		0);
	assert_true(both_are_whole(shots));
}

static void test_photo__before_enrolment_nothing_is_written(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_op_ref ref;

	scripted_free(s);
	shots->s = scripted_new();
	assert_int_equal(shoot(shots, &ref), BH_ERR_AUTH);
	assert_true(none_is_left(shots));
}

static void test_photo__what_is_too_large_is_not_written(void **state)
{
	struct shots *shots = *state;
	struct scripted_photo large = scripted_photo_make(shots->s, BH_BLOB_BYTES_MAX + 1, 3);
	struct scripted_photo wide = scripted_photo_make(shots->s, BH_THUMBNAIL_BYTES_MAX + 1, 3);
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(shots->s, &large, NULL, &ref), BH_ERR_LIMIT);
	assert_int_equal(scripted_photo_record(shots->s, &shots->photo, &wide, &ref), BH_ERR_LIMIT);
	assert_true(none_is_left(shots));
	assert_int_equal(scripted_head(shots->s), 0);
	scripted_photo_free(&large);
	scripted_photo_free(&wide);
}

/* C09, with photos: the power goes at the k-th change of the disk. */
static void test_photo__a_power_cut_leaves_all_of_it_or_nothing(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	unsigned k = 0, recorded = 0, said = 0;
	bool struck = true;

	while (struck && ++k < POINTS_MAX) {
		struct bh_op_ref ref;

		scripted_free(s);
		shots->s = s = scripted_new();
		scripted_enrol(s);
		bh_simvfs_stop_at(s->disk, k);
		int rc = shoot(shots, &ref);

		struck = bh_simvfs_is_stopped(s->disk);
		scripted_crash(s);
		said += rc == 0;
		recorded += scripted_head(s) == 1;
		assert_true(rc != 0 || scripted_head(s) == 1);
		assert_true(scripted_head(s) == 1 ? both_are_whole(shots) : none_is_left(shots));
		/* And the handset goes on. */
		assert_int_equal(shoot(shots, &ref), 0);
		assert_true(both_are_whole(shots));
	}
	assert_false(struck);
	assert_true(k > 10);
	assert_true(recorded >= said && said >= 1);
}

static void test_photo__no_failing_call_of_the_disk_leaves_a_half(void **state)
{
	static const enum bh_simvfs_call calls[] = {
		BH_SIMVFS_WRITE, BH_SIMVFS_WRITE, BH_SIMVFS_SYNC, BH_SIMVFS_SYNC, BH_SIMVFS_OPEN};
	static const enum bh_simvfs_fault faults[] = {BH_SIMVFS_FULL, BH_SIMVFS_SHORT,
		BH_SIMVFS_SYNC_GONE, BH_SIMVFS_SYNC_PART, BH_SIMVFS_EIO};
	struct shots *shots = *state;

	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
		unsigned nth = 0;
		int rc = BH_ERR_IO;

		while (rc != 0 && ++nth < POINTS_MAX) {
			const struct bh_simvfs_plan plan = {
				calls[f], faults[f], nth, false, ".jpg"};
			struct bh_op_ref ref;

			assert_int_equal(bh_simvfs_plan_add(shots->s->disk, &plan), 0);
			rc = shoot(shots, &ref);
			bh_simvfs_heal(shots->s->disk);
			if (rc == 0)
				break;
			assert_int_equal(rc, faults[f] == BH_SIMVFS_FULL ? BH_ERR_FULL : BH_ERR_IO);
			assert_true(none_is_left(shots));
			assert_int_equal(scripted_head(shots->s), 0);
			scripted_crash(shots->s);
			assert_true(none_is_left(shots));
		}
		/* A photo of three writes and a thumbnail of one, each opened and synced. */
		assert_true(nth > (calls[f] == BH_SIMVFS_WRITE ? 4u : 2u));
		assert_true(both_are_whole(shots));
		scripted_free(shots->s);
		shots->s = scripted_new();
		scripted_enrol(shots->s);
	}
}

static void test_photo__a_full_disk_records_nothing_and_takes_nothing(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_op_ref ref;
	int rc = BH_ERR_FULL;
	unsigned refused = 0;

	/* Room grows a little each time, so that it ends at every write once. */
	for (uint64_t room = 0; rc != 0 && room < 400000; room += 5000) {
		uint64_t used = bh_simvfs_bytes_used(s->disk);

		bh_simvfs_budget_set(s->disk, used + room);
		rc = shoot(shots, &ref);
		bh_simvfs_heal(s->disk);
		if (rc == 0)
			break;
		refused++;
		assert_int_equal(rc, BH_ERR_FULL);
		assert_int_equal(scripted_head(s), 0);
		assert_true(none_is_left(shots));
		scripted_crash(s);
		assert_int_equal(scripted_head(s), 0);
		assert_true(none_is_left(shots));
	}
	assert_int_equal(rc, 0);
	assert_true(refused > 10);
	assert_true(both_are_whole(shots));
}

static void test_photo__only_what_is_complete_is_freed_and_only_when_asked(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_ack ack = {.seq = 1};
	struct bh_op_ref ref;
	uint64_t bytes = 1;

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &ref), 0);
	assert_int_equal(bh_local_photos_free(s->local, INT64_MAX, &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(bh_local_photos_free(s->local, INT64_MAX, &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(
		bh_local_blob_fate(s->local, shots->photo.hash, BH_FATE_COMPLETE, changes), 0);
	scripted_crash(s);
	assert_true(scripted_photo_is_whole(s, &shots->photo));
	assert_int_equal(bh_local_photos_free(s->local, s->now.wall_ms, &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(bh_local_photos_free(s->local, s->now.wall_ms + 1, &bytes), 0);
	assert_int_equal(bytes, PHOTO_BYTES);
	assert_false(scripted_photo_has_file(s, &shots->photo));
	struct bh_photo_row row = scripted_photo_row(s, &ref);

	assert_true(row.fate == BH_FATE_COMPLETE && !row.here);
	free(changes);
}

static void test_photo__freed_halfway_it_is_gone_after_the_power_cut(void **state)
{
	struct shots *shots = *state;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	bool struck = true;

	for (unsigned k = 1; struck && k < POINTS_MAX; k++) {
		const struct bh_msg_ack ack = {.seq = 1};
		struct bh_op_ref ref;
		uint64_t bytes = 0;

		scripted_free(shots->s);
		shots->s = scripted_new();
		scripted_enrol(shots->s);
		assert_int_equal(scripted_photo_record(shots->s, &shots->photo, NULL, &ref), 0);
		assert_int_equal(bh_local_ack(shots->s->local, &ack, changes), 0);
		assert_int_equal(bh_local_blob_fate(shots->s->local, shots->photo.hash,
					 BH_FATE_COMPLETE, changes),
			0);
		bh_simvfs_stop_at(shots->s->disk, k);
		(void)bh_local_photos_free(shots->s->local, INT64_MAX, &bytes);
		struck = bh_simvfs_is_stopped(shots->s->disk);
		scripted_crash(shots->s);
		/* Said to be here, it is whole; else nothing of it is left. */
		bool here = scripted_photo_row(shots->s, &ref).here;

		assert_true(here ? scripted_photo_is_whole(shots->s, &shots->photo)
				 : !scripted_photo_has_file(shots->s, &shots->photo));
	}
	assert_false(struck);
	free(changes);
}

static void test_photo__of_another_history_it_is_offered_again(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_ack ack = {.seq = 1};
	const struct bh_msg_welcome welcome = {.epoch = SCRIPTED_EPOCH + 1, .from_start = true};
	struct bh_blob_due due;
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &ref), 0);
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(
		bh_local_blob_fate(s->local, shots->photo.hash, BH_FATE_COMPLETE, changes), 0);
	assert_int_equal(bh_local_blob_next(s->local, &due), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_welcome(s->local, &welcome, s->now, changes), 0);
	assert_int_equal(bh_local_blob_next(s->local, &due), 0);
	free(changes);
}

static void test_photo__a_carried_report_takes_its_photos_along(void **state)
{
	struct shots *shots = *state;
	struct scripted *s = shots->s;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_verdict verdict = {.seq = 1, .verdict = BH_VERDICT_CARRIED};
	const struct bh_msg_ack ack = {.seq = 1, .verdicts = &verdict, .verdicts_count = 1};
	struct bh_blob_due due;
	struct bh_op_ref ref;

	assert_int_equal(scripted_photo_record(s, &shots->photo, NULL, &ref), 0);
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	assert_int_equal(bh_local_blob_next(s->local, &due), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(bh_local_blob_next(s->local, &due), 0);
	assert_memory_equal(due.hash, shots->photo.hash, BH_HASH_BYTES);
	free(changes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_photo__the_op_names_it_and_its_file_lies_beside_the_store),
		CASE(test_photo__nothing_is_due_before_its_report_is_accepted),
		CASE(test_photo__of_a_report_that_is_not_accepted_it_is_kept_unsent),
		CASE(test_photo__given_twice_it_is_named_once),
		CASE(test_photo__before_enrolment_nothing_is_written),
		CASE(test_photo__what_is_too_large_is_not_written),
		CASE(test_photo__a_power_cut_leaves_all_of_it_or_nothing),
		CASE(test_photo__no_failing_call_of_the_disk_leaves_a_half),
		CASE(test_photo__a_full_disk_records_nothing_and_takes_nothing),
		CASE(test_photo__only_what_is_complete_is_freed_and_only_when_asked),
		CASE(test_photo__freed_halfway_it_is_gone_after_the_power_cut),
		CASE(test_photo__of_another_history_it_is_offered_again),
		CASE(test_photo__a_carried_report_takes_its_photos_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
