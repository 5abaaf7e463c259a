/* Photos on their way down: to whom they are told, one part at a time (faults.md F08, I11, I14). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/sync/photos.h"

#define WORKER BH_DEMO_WORKER(1111)
#define UNIT BH_DEMO_CLEAN_A
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define PART BH_BLOB_PART_BYTES_MAX
#define SIZE 80000u

struct fixture {
	struct bh_world world;
	struct bh_phone worker, lead, other;
	struct bh_photo photo, small;
	uint64_t number;
};

/* A report with a photo and its thumbnail, at its unit; the thumbnail has come. */
static int setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	bh_world_open(&f->world);
	bh_phone_enrolled(&f->world, WORKER, &f->worker);
	bh_phone_enrolled(&f->world, BH_DEMO_LEAD(UNIT), &f->lead);
	bh_phone_enrolled(&f->world, BH_DEMO_WORKER(1112), &f->other);
	bh_photo_make(&f->world, &f->photo, SIZE, 1);
	bh_photo_make(&f->world, &f->small, 900, 2);
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	(void)bh_phone_live(&f->other);
	const struct bh_msg_blob blobs[] = {bh_photo_blob(&f->photo, BH_BLOB_PHOTO),
		bh_photo_blob(&f->small, BH_BLOB_THUMBNAIL)};
	f->number = bh_photo_report(&f->worker, blobs, 2);
	bh_photo_upload(&f->worker, &f->small);
	bh_world_desk(&f->world, BH_VERB_DISPATCH, DISPATCHER, f->number, UNIT, "please");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->worker);
	bh_phone_free(&f->lead);
	bh_phone_free(&f->other);
	bh_world_close(&f->world);
	return 0;
}

static struct bh_msg_record expect_record(struct bh_phone *phone)
{
	struct bh_msg_delta delta = bh_phone_expect(phone, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(phone, &delta);
	assert_int_equal(records.records_count, 1);
	bh_phone_applied(phone, &delta);
	return records.records[0];
}

static uint32_t expect_part(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset)
{
	struct bh_msg_blob_part part = bh_phone_expect(phone, BH_SERVER_BLOB_PART).u.blob_part;
	assert_memory_equal(part.hash.data, photo->hash, BH_HASH_BYTES);
	assert_int_equal(part.offset, offset);
	assert_int_equal(part.size, photo->size);
	assert_true(part.data.len > 0 && part.data.len <= PART);
	assert_memory_equal(part.data.data, photo->bytes + offset, part.data.len);
	return (uint32_t)part.data.len;
}

static void expect_rest(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset)
{
	while (offset < photo->size) {
		offset += expect_part(phone, photo, offset);
		bh_phone_expect_nothing(phone); /* one at a time */
		bh_phone_taken(phone);
	}
	bh_phone_expect_nothing(phone);
}

static void test_down__a_record_lists_what_the_ops_brought(void **state)
{
	struct fixture *f = *state;
	struct bh_msg_record record = expect_record(&f->lead);
	assert_int_equal(record.blobs_count, 2);
	assert_memory_equal(record.blobs[0].hash.data, f->photo.hash, BH_HASH_BYTES);
	assert_int_equal(record.blobs[0].size, SIZE);
	assert_int_equal(record.blobs[0].kind, BH_BLOB_PHOTO);
	assert_int_equal(record.blobs[0].verb, BH_VERB_SUBMIT);
	assert_int_equal(record.blobs[0].cycle, 1);
	assert_false(record.blobs[0].stored);
	assert_int_equal(record.blobs[1].kind, BH_BLOB_THUMBNAIL);
	assert_true(record.blobs[1].stored);
	(void)expect_record(&f->worker); /* its dispatch: the reporter has his own photos */
	bh_photo_upload(&f->worker, &f->photo);
	bh_phone_expect_nothing(&f->worker); /* and is not told that they came */
	struct bh_msg_record again = expect_record(&f->lead);
	assert_true(again.position > record.position);
	assert_true(again.blobs[0].stored);
}

static void test_down__the_reporter_is_told_what_others_brought(void **state)
{
	struct fixture *f = *state;
	struct bh_photo done;
	assert_int_equal(expect_record(&f->worker).blobs_count, 0);
	(void)expect_record(&f->lead);
	bh_photo_make(&f->world, &done, 700, 3);
	const struct bh_msg_blob blob = bh_photo_blob(&done, BH_BLOB_PHOTO);
	const struct bh_msg_op_header sign = {.verb = BH_VERB_SIGN, .case_number = f->number};
	const struct bh_msg_op_header finish = {
		.verb = BH_VERB_FINISH, .case_number = f->number, .blobs = &blob, .blobs_count = 1};
	const struct bh_msg_op_content content = {.text = bh_span("done", 4)};
	(void)bh_phone_op(&f->lead, &sign, &content);
	(void)bh_phone_op(&f->lead, &finish, &content);
	bh_phone_push(&f->lead, 1, 2, true);
	assert_int_equal(bh_phone_expect(&f->lead, BH_SERVER_ACK).u.ack.verdicts_count, 0);
	struct bh_msg_record record = expect_record(&f->worker);
	assert_int_equal(record.blobs_count, 1);
	assert_int_equal(record.blobs[0].verb, BH_VERB_FINISH);
	assert_false(record.blobs[0].stored);
	(void)bh_phone_drain(&f->lead);
	bh_photo_ask(&f->worker, &done, 0); /* not here yet */
	(void)bh_photo_expect(&f->worker, &done, BH_BLOB_UNKNOWN);
	bh_photo_upload(&f->lead, &done);
	bh_photo_ask(&f->worker, &done, 0);
	expect_rest(&f->worker, &done, 0);
	bh_photo_ask(&f->worker, &f->small, 0); /* his own is not told to him */
	(void)bh_photo_expect(&f->worker, &f->small, BH_BLOB_UNKNOWN);
}

static void test_down__parts_come_one_by_one_from_any_offset(void **state)
{
	struct fixture *f = *state;
	static const uint32_t offsets[] = {0, 1, PART, SIZE - 1};
	(void)bh_phone_drain(&f->worker);
	bh_photo_upload(&f->worker, &f->photo);
	(void)bh_phone_drain(&f->lead);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		bh_photo_ask(&f->lead, &f->photo, offsets[i]);
		expect_rest(&f->lead, &f->photo, offsets[i]);
	}
	bh_photo_ask(&f->lead, &f->photo, SIZE);
	(void)bh_photo_expect(&f->lead, &f->photo, BH_BLOB_UNKNOWN);
	bh_phone_taken(&f->lead);
	bh_phone_expect_nothing(&f->lead);
}

static void test_down__records_go_before_the_next_part(void **state)
{
	struct fixture *f = *state;
	(void)bh_phone_drain(&f->worker);
	bh_photo_upload(&f->worker, &f->photo);
	struct bh_msg_delta delta = bh_phone_expect(&f->lead, BH_SERVER_DELTA).u.delta;
	(void)bh_phone_drain(&f->lead);
	bh_phone_applied(&f->lead, &delta);
	(void)bh_phone_drain(&f->lead);
	bh_photo_ask(&f->lead, &f->photo, 0);
	uint32_t held = expect_part(&f->lead, &f->photo, 0);
	struct bh_client_frame ping = {.kind = BH_CLIENT_PING};
	bh_phone_send(&f->lead, &ping);
	bh_session_output_taken(f->lead.session); /* not while something waits */
	assert_null(bh_hub_take_blob_job(f->world.hub));
	(void)bh_phone_expect(&f->lead, BH_SERVER_PONG);
	bh_phone_taken(&f->lead);
	expect_rest(&f->lead, &f->photo, held);
}

static void test_down__another_ask_ends_the_one_before(void **state)
{
	struct fixture *f = *state;
	(void)bh_phone_drain(&f->worker);
	bh_photo_upload(&f->worker, &f->photo);
	(void)bh_phone_drain(&f->lead);
	f->world.held = true;
	bh_photo_ask(&f->lead, &f->photo, 0);
	bh_photo_ask(&f->lead, &f->small, 0);
	f->world.held = false;
	bh_world_pump(&f->world);
	expect_rest(&f->lead, &f->small, 0);
}

static void test_down__what_may_not_be_seen_is_unknown(void **state)
{
	struct fixture *f = *state;
	struct bh_hub_counts counts;
	bh_photo_ask(&f->other, &f->small, 0); /* of no case of hers */
	(void)bh_photo_expect(&f->other, &f->small, BH_BLOB_UNKNOWN);
	(void)bh_phone_drain(&f->lead);
	bh_photo_ask(&f->lead, &f->photo, 0); /* not here yet */
	(void)bh_photo_expect(&f->lead, &f->photo, BH_BLOB_UNKNOWN);
	f->photo.hash[0] ^= 1;
	bh_photo_ask(&f->lead, &f->photo, 0); /* nowhere */
	(void)bh_photo_expect(&f->lead, &f->photo, BH_BLOB_UNKNOWN);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.blobs_foreign, 3);
	bh_photo_ask(&f->lead, &f->small, 0);
	expect_rest(&f->lead, &f->small, 0);
	bh_world_desk(&f->world, BH_VERB_REDIRECT, DISPATCHER, f->number, BH_DEMO_CLEAN_COUNTY,
		"not theirs");
	(void)bh_phone_drain(&f->lead);
	bh_photo_ask(&f->lead, &f->small, 0); /* the case has left her unit */
	(void)bh_photo_expect(&f->lead, &f->small, BH_BLOB_UNKNOWN);
}

static void test_down__a_file_that_is_not_there_is_unknown_and_a_disk_that_fails_later(void **state)
{
	struct fixture *f = *state;
	char path[256];
	(void)bh_phone_drain(&f->lead);
	f->world.held = true;
	bh_photo_ask(&f->lead, &f->small, 0);
	struct bh_blob_job *job = bh_hub_take_blob_job(f->world.hub);
	job->err = BH_ERR_IO;
	bh_hub_blob_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	(void)bh_photo_expect(&f->lead, &f->small, BH_BLOB_LATER);
	f->world.held = false;
	assert_int_equal(bh_blob_path(f->world.path, f->small.hash, path, sizeof(path)), 0);
	assert_int_equal(unlink(path), 0);
	bh_photo_ask(&f->lead, &f->small, 0);
	(void)bh_photo_expect(&f->lead, &f->small, BH_BLOB_UNKNOWN);
	bh_phone_hang_up(&f->worker); /* who has it still is asked for it again */
	bh_phone_hang_up(&f->lead);
	bh_phone_hang_up(&f->other);
	bh_world_restart(&f->world);
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_drain(&f->worker);
	bh_photo_upload(&f->worker, &f->small);
}

static void test_down__a_revoked_handset_gets_no_part_more(void **state)
{
	struct fixture *f = *state;
	(void)bh_phone_drain(&f->worker);
	bh_photo_upload(&f->worker, &f->photo);
	(void)bh_phone_drain(&f->lead);
	bh_photo_ask(&f->lead, &f->photo, 0);
	(void)expect_part(&f->lead, &f->photo, 0);
	f->world.held = true;
	bh_session_output_taken(f->lead.session);
	bh_world_revoke(&f->world, f->lead.device);
	f->world.held = false;
	bh_world_pump(&f->world);
	(void)bh_phone_expect_refusal(&f->lead, BH_REFUSAL_REVOKED);
	bh_phone_expect_nothing(&f->lead);
}

int main(void)
{
#define DOWN_TEST(name) cmocka_unit_test_setup_teardown(test_down__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		DOWN_TEST(a_record_lists_what_the_ops_brought),
		DOWN_TEST(the_reporter_is_told_what_others_brought),
		DOWN_TEST(parts_come_one_by_one_from_any_offset),
		DOWN_TEST(records_go_before_the_next_part),
		DOWN_TEST(another_ask_ends_the_one_before),
		DOWN_TEST(what_may_not_be_seen_is_unknown),
		DOWN_TEST(a_file_that_is_not_there_is_unknown_and_a_disk_that_fails_later),
		DOWN_TEST(a_revoked_handset_gets_no_part_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
