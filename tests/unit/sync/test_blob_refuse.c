/* Photos that are not taken, or not now: what is not what it says, is nobody's business, or finds
 * no room (faults.md F01, F08, I14, G05, E03). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/sync/photos.h"

#define PART BH_BLOB_PART_BYTES_MAX
#define SIZE BH_UPLOADS_SIZE

static void test_refuse__another_hash_is_refused_and_leaves_nothing(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_hub_counts counts;
	char path[256];
	uint64_t number = bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	f->second.bytes[4000] ^= 1;
	bh_photo_part(&f->phone, &f->second, 0, f->second.size);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_REFUSED);
	assert_false(bh_uploads_is_stored(f, number, &f->second));
	assert_int_equal(bh_blob_path(f->world.path, f->second.hash, path, sizeof(path)), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.blobs_refused, 1);
	assert_int_equal(counts.uploads, 0);
	bh_photo_part(&f->phone, &f->second, 0, 10); /* of an upload that ended */
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_LATER);
}

static void test_refuse__what_is_no_photo_is_refused(void **state)
{
	struct bh_uploads *f = *state;
	f->second.bytes[0] = 'P';
	bh_photo_hash(&f->world, &f->second);
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	bh_photo_part(&f->phone, &f->second, 0, f->second.size);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_REFUSED);
}

static void test_refuse__only_what_an_accepted_op_of_its_person_names_is_known(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_hub_counts counts;
	bh_photo_offer(&f->phone, &f->photo); /* nobody named it */
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_UNKNOWN);
	(void)bh_phone_live(&f->other);
	(void)bh_uploads_report(&f->other, &f->photo);
	bh_photo_offer(&f->phone, &f->photo); /* another worker did */
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_UNKNOWN);
	f->photo.size--;
	bh_photo_offer(&f->other, &f->photo);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_UNKNOWN);
	f->photo.size = 0;
	bh_photo_offer(&f->other, &f->photo);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_UNKNOWN);
	f->photo.size = SIZE;
	bh_photo_upload(&f->other, &f->photo);
	bh_photo_offer(&f->phone, &f->photo); /* that it is here is not told either */
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_UNKNOWN);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.blobs_foreign, 5);
}

static void test_refuse__a_lie_about_the_size_of_one_that_is_here_harms_nobody(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_blob lie = bh_photo_blob(&f->photo, BH_BLOB_PHOTO);
	(void)bh_uploads_report(&f->phone, &f->photo);
	bh_photo_upload(&f->phone, &f->photo);
	(void)bh_phone_live(&f->other);
	lie.size = 100;
	(void)bh_photo_report(&f->other, &lie, 1);
	f->photo.size = 100;
	bh_photo_offer(&f->other, &f->photo);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_REFUSED);
	f->photo.size = SIZE;
	bh_uploads_file_check(f, &f->photo);
}

static void test_refuse__who_has_no_room_comes_later(void **state)
{
	struct bh_uploads *f = *state;
	bh_phone_hang_up(&f->phone);
	f->world.options.upload_bytes_max = SIZE;
	bh_world_restart(&f->world);
	(void)bh_phone_live(&f->phone);
	(void)bh_uploads_report(&f->phone, &f->photo);
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	bh_photo_offer(&f->phone, &f->second);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_LATER);
	bh_photo_part(&f->phone, &f->photo, 0, 10);
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_LATER); /* the offer ended it */
	bh_photo_upload(&f->phone, &f->photo);
	bh_photo_upload(&f->phone, &f->second);
}

static void test_refuse__a_disk_that_refuses_is_later(void **state)
{
	static const int errs[] = {BH_ERR_FULL, BH_ERR_IO, BH_ERR_NOMEM, BH_ERR_CLOSED};
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->photo);
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		bh_photo_offer(&f->phone, &f->photo);
		bh_photo_expect_wanted(&f->phone, &f->photo, 0);
		f->world.held = true;
		bh_photo_part(&f->phone, &f->photo, 0, 10);
		struct bh_blob_job *job = bh_hub_take_blob_job(f->world.hub);
		job->err = errs[i];
		bh_hub_blob_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
		f->world.held = false;
		(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_LATER);
	}
	bh_photo_upload(&f->phone, &f->photo);
}

static void test_refuse__a_writer_that_refuses_is_later(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->second);
	f->world.held = true;
	bh_photo_offer(&f->phone, &f->second);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	job->err = BH_ERR_FULL;
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_LATER);
	f->world.held = false;
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	f->world.held = true;
	bh_photo_part(&f->phone, &f->second, 0, f->second.size);
	struct bh_blob_job *part = bh_hub_take_blob_job(f->world.hub);
	bh_blob_files_run(f->world.files, part);
	bh_hub_blob_done(f->world.hub, f->world.now, bh_world_ms(&f->world), part);
	job = bh_hub_take_job(f->world.hub);
	job->err = BH_ERR_FULL;
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_LATER);
	f->world.held = false;
	bh_photo_show(&f->phone, &f->second);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_COMPLETE);
}

/* A hash is no photo: whoever names one that others sent shows that it holds the same bytes, on
 * this very link, and what lies here is not touched by who does not (F08). */
static void test_refuse__who_knows_a_hash_alone_does_not_get_the_photo(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_photo liar = f->photo;
	(void)bh_uploads_report(&f->phone, &f->photo);
	bh_photo_upload(&f->phone, &f->photo);
	(void)bh_phone_live(&f->other);
	uint64_t stolen = bh_uploads_report(&f->other, &f->photo);
	liar.bytes[77] ^= 1;
	bh_photo_show(&f->other, &liar);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_UNKNOWN);
	bh_photo_part(&f->other, &liar, 0, PART);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_LATER);
	f->other.binding.exporter[5] ^= 1; /* a right one, of another link */
	bh_photo_show(&f->other, &f->photo);
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_UNKNOWN);
	f->other.binding.exporter[5] ^= 1;
	assert_false(bh_uploads_is_stored(f, stolen, &f->photo));
	bh_uploads_file_check(f, &f->photo);
	bh_photo_show(&f->other, &f->photo); /* who has it really */
	(void)bh_photo_expect(&f->other, &f->photo, BH_BLOB_COMPLETE);
	assert_true(bh_uploads_is_stored(f, stolen, &f->photo));
}

/* Nor does another's upload bring it into the cases of who only names it. */
static void test_refuse__an_upload_stores_it_for_the_cases_of_its_person_alone(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_phone_live(&f->other);
	uint64_t stolen = bh_uploads_report(&f->other, &f->second);
	uint64_t own = bh_uploads_report(&f->phone, &f->second);
	bh_photo_upload(&f->phone, &f->second);
	assert_true(bh_uploads_is_stored(f, own, &f->second));
	assert_false(bh_uploads_is_stored(f, stolen, &f->second));
}

static void test_refuse__a_revoked_handset_is_cut_in_the_middle(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t number = bh_uploads_report(&f->phone, &f->photo);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	f->world.held = true;
	bh_photo_part(&f->phone, &f->photo, 0, PART);
	bh_world_revoke(&f->world, f->phone.device);
	assert_true(bh_session_is_closing(f->phone.session));
	f->world.held = false;
	bh_world_pump(&f->world);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_REVOKED);
	bh_phone_expect_nothing(&f->phone);
	assert_false(bh_uploads_is_stored(f, number, &f->photo));
}

static void test_refuse__sizes_and_numbers_that_nobody_needs_are_refused(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->photo);
	f->world.held = true;
	for (int i = 0; i < 30 && !bh_session_is_closing(f->phone.session); i++)
		bh_photo_offer(&f->phone, &f->photo);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	f->world.held = false;
	bh_world_pump(&f->world);
	bh_uploads_reconnect(f);
	bh_photo_part(&f->phone, &f->photo, 0, PART + 1);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BAD_FRAME);
	bh_uploads_reconnect(f);
	bh_photo_part(&f->phone, &f->photo, 0, 0);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BAD_FRAME);
}

/* Photos take what a device has above half of its minute alone: a report finds the other half. */
static void test_refuse__photos_leave_half_of_the_budget_to_reports(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_blob_state said = {0};
	unsigned offers = 0;
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 0, 400);
	f->phone.acked_seq = 0;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	while (said.state != BH_BLOB_LATER && offers < 200) {
		struct bh_server_frame frame;
		bh_photo_offer(&f->phone, &f->second);
		while (bh_phone_next(&f->phone, &frame))
			said = frame.u.blob_state;
		offers++;
	}
	assert_int_equal(offers, 400 / 2 / 4 + 1); /* an offer counts as four ops */
	assert_true(said.retry_after_ms > 0 && said.retry_after_ms < 60000);
	for (unsigned i = 0; i < 190; i++) /* and no report waits */
		(void)bh_phone_report(&f->phone, "with half a budget");
	bh_phone_push(&f->phone, f->phone.acked_seq + 1, 190, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	bh_world_pass(&f->world, 61000);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
}

/* What it took to look is known afterwards, and more of them may be out then than is there. */
static void test_refuse__wrong_proofs_are_paid_for_also_where_too_many_were_out(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_photo liar = f->photo;
	struct bh_server_frame frame;
	(void)bh_uploads_report(&f->phone, &f->photo);
	bh_photo_upload(&f->phone, &f->photo);
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 0, 400);
	f->phone.acked_seq = 0;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	liar.bytes[77] ^= 1;
	f->world.held = true;
	for (unsigned i = 0; i < 20; i++) /* 22 ops each: twice 150,000 bytes, and the offer */
		bh_photo_prove(&f->phone, &liar);
	f->world.held = false;
	bh_world_pump(&f->world);
	while (bh_phone_next(&f->phone, &frame))
		assert_int_equal(frame.u.blob_state.state, BH_BLOB_UNKNOWN);
	bh_world_pass(&f->world, 30000); /* 200 of the 240 that were not there */
	bh_photo_prove(&f->phone, &liar);
	uint32_t wait_ms = bh_photo_expect(&f->phone, &f->photo, BH_BLOB_LATER).retry_after_ms;
	assert_in_range(wait_ms, 1000, 30000);
	(void)bh_phone_report(&f->phone, "and no report waits");
	bh_phone_push(&f->phone, f->phone.acked_seq + 1, 1, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	bh_world_pass(&f->world, wait_ms + 1000);
	bh_photo_prove(&f->phone, &f->photo);
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_COMPLETE);
}

/* ... and so is what it takes to look through very many reports that name it. */
static void test_refuse__an_offer_of_what_very_many_reports_name_costs_more(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_server_frame frame;
	struct bh_msg_blob_state said = {0};
	unsigned offers = 0;
	for (unsigned i = 0; i < 1000; i++)
		(void)bh_uploads_report(&f->phone, &f->second);
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 0, 400);
	f->phone.acked_seq = 0;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	while (said.state != BH_BLOB_LATER && offers < 200) {
		bh_photo_offer(&f->phone, &f->second);
		while (bh_phone_next(&f->phone, &frame))
			said = frame.u.blob_state;
		offers++;
	}
	assert_in_range(offers, 2, 400 / 2 / 4 / 2); /* half as many as of another, or less */
}

int main(void)
{
#define REFUSE_TEST(name) \
	cmocka_unit_test_setup_teardown(test_refuse__##name, bh_uploads_open, bh_uploads_close)
	const struct CMUnitTest tests[] = {
		REFUSE_TEST(another_hash_is_refused_and_leaves_nothing),
		REFUSE_TEST(what_is_no_photo_is_refused),
		REFUSE_TEST(only_what_an_accepted_op_of_its_person_names_is_known),
		REFUSE_TEST(a_lie_about_the_size_of_one_that_is_here_harms_nobody),
		REFUSE_TEST(who_has_no_room_comes_later),
		REFUSE_TEST(a_disk_that_refuses_is_later),
		REFUSE_TEST(a_writer_that_refuses_is_later),
		REFUSE_TEST(who_knows_a_hash_alone_does_not_get_the_photo),
		REFUSE_TEST(an_upload_stores_it_for_the_cases_of_its_person_alone),
		REFUSE_TEST(a_revoked_handset_is_cut_in_the_middle),
		REFUSE_TEST(sizes_and_numbers_that_nobody_needs_are_refused),
		REFUSE_TEST(photos_leave_half_of_the_budget_to_reports),
		REFUSE_TEST(an_offer_of_what_very_many_reports_name_costs_more),
		REFUSE_TEST(wrong_proofs_are_paid_for_also_where_too_many_were_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
