/* Photos on their way up: whole, verified and journalled before complete is said, and resumed where
 * a cut left them (faults.md F02, F03, I11). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>
#include <unistd.h>

#include "server/store/blob.h"
#include "tests/unit/sync/photos.h"

#define PART BH_BLOB_PART_BYTES_MAX
#define SIZE BH_UPLOADS_SIZE

static void test_up__parts_make_a_whole_that_is_journalled(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_hub_counts counts;
	uint64_t number = bh_uploads_report(&f->phone, &f->photo);
	assert_false(bh_uploads_is_stored(f, number, &f->photo));
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.uploads, 1);
	bh_photo_send(&f->phone, &f->photo, 0, PART);
	bh_phone_expect_nothing(&f->phone);
	assert_true(bh_uploads_is_stored(f, number, &f->photo));
	bh_uploads_file_check(f, &f->photo);
	bh_photo_offer(&f->phone, &f->photo); /* the answer was lost */
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_COMPLETE);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.uploads, 0);
	assert_int_equal(counts.blobs_complete, 2);
	assert_int_equal(counts.blob_parts, 5);
}

static void test_up__complete_waits_for_the_commit(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t number = bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	f->world.held = true;
	bh_photo_part(&f->phone, &f->second, 0, f->second.size);
	struct bh_blob_job *part = bh_hub_take_blob_job(f->world.hub);
	bh_blob_files_run(f->world.files, part);
	assert_int_equal(part->found, BH_BLOB_WHOLE);
	bh_hub_blob_done(f->world.hub, f->world.now, bh_world_ms(&f->world), part);
	bh_phone_expect_nothing(&f->phone);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	assert_non_null(job);
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &job, 1, &wakes), 0);
	bh_phone_expect_nothing(&f->phone);
	assert_true(bh_uploads_is_stored(f, number, &f->second));
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_COMPLETE);
}

static void test_up__goes_on_after_a_cut_where_it_was(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t number = bh_uploads_report(&f->phone, &f->photo);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	for (uint32_t sent = 0; sent + PART < SIZE; sent += PART) {
		bh_photo_part(&f->phone, &f->photo, sent, PART);
		bh_photo_expect_wanted(&f->phone, &f->photo, sent + PART);
		bh_phone_hang_up(&f->phone);
		if (sent % (2 * PART) == 0)
			bh_world_restart(&f->world);
		bh_uploads_reconnect(f);
		bh_photo_offer(&f->phone, &f->photo);
		bh_photo_expect_wanted(&f->phone, &f->photo, sent + PART);
	}
	bh_photo_send(&f->phone, &f->photo, SIZE / PART * PART, PART);
	assert_true(bh_uploads_is_stored(f, number, &f->photo));
}

static void test_up__a_whole_that_was_never_journalled_needs_no_part(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t number = bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	f->world.held = true;
	bh_photo_part(&f->phone, &f->second, 0, f->second.size);
	struct bh_blob_job *part = bh_hub_take_blob_job(f->world.hub);
	bh_blob_files_run(f->world.files, part);
	bh_phone_hang_up(&f->phone); /* nobody is told, and nothing goes to the writer */
	bh_hub_blob_done(f->world.hub, f->world.now, bh_world_ms(&f->world), part);
	assert_null(bh_hub_take_job(f->world.hub));
	f->world.held = false;
	bh_world_restart(&f->world);
	assert_false(bh_uploads_is_stored(f, number, &f->second));
	bh_uploads_reconnect(f);
	bh_photo_show(&f->phone, &f->second); /* it may be anybody's */
	(void)bh_photo_expect(&f->phone, &f->second, BH_BLOB_COMPLETE);
	assert_true(bh_uploads_is_stored(f, number, &f->second));
}

static void test_up__eight_parts_may_be_out_and_are_answered_in_order(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->photo);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	f->world.held = true;
	for (uint32_t i = 0; i < 8; i++)
		bh_photo_part(&f->phone, &f->photo, i * 1000, 1000);
	f->world.held = false;
	bh_world_pump(&f->world);
	for (uint32_t i = 1; i <= 8; i++)
		bh_photo_expect_wanted(&f->phone, &f->photo, i * 1000);
	f->world.held = true;
	for (uint32_t i = 8; i < 17; i++)
		bh_photo_part(&f->phone, &f->photo, i * 1000, 1000);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	assert_true(bh_session_is_closing(f->phone.session));
	f->world.held = false;
	bh_world_pump(&f->world);
}

static void test_up__what_does_not_follow_is_told_where_to_go_on(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_photo *photo = &f->photo;
	(void)bh_uploads_report(&f->phone, photo);
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, photo);
	bh_photo_expect_wanted(&f->phone, photo, 0);
	bh_photo_part(&f->phone, photo, PART, PART); /* a gap */
	bh_photo_expect_wanted(&f->phone, photo, 0);
	bh_photo_part(&f->phone, photo, 0, PART);
	bh_photo_expect_wanted(&f->phone, photo, PART);
	bh_photo_part(&f->phone, photo, 5, PART - 5); /* a repeat */
	bh_photo_expect_wanted(&f->phone, photo, PART);
	bh_photo_part(&f->phone, photo, 100, PART); /* across what is held */
	bh_photo_expect_wanted(&f->phone, photo, PART + 100);
	photo->size++;
	bh_photo_part(&f->phone, photo, SIZE, 1); /* beyond the size */
	photo->size--;
	bh_photo_expect_wanted(&f->phone, photo, PART + 100);
	bh_photo_part(&f->phone, &f->second, 0, 100); /* of one that is not open */
	bh_photo_expect_wanted(&f->phone, photo, PART + 100);
	bh_photo_part(&f->phone, photo, 0, 10); /* anew */
	bh_photo_expect_wanted(&f->phone, photo, 10);
	bh_photo_send(&f->phone, photo, 10, PART);
}

static void test_up__one_that_its_person_brought_is_another_cases_at_once(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->photo);
	bh_photo_upload(&f->phone, &f->photo);
	uint64_t again = bh_uploads_report(&f->phone, &f->photo);
	assert_true(bh_uploads_is_stored(f, again, &f->photo)); /* its file may be gone */
	bh_photo_offer(&f->phone, &f->photo);
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_COMPLETE);
	assert_true(bh_uploads_is_stored(f, again, &f->photo));
}

static void test_up__one_upload_stores_it_for_every_case_that_awaits_it(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t numbers[70];
	for (size_t i = 0; i < 70; i++) /* more than are told to the journal at once */
		numbers[i] = bh_uploads_report(&f->phone, &f->second);
	bh_photo_upload(&f->phone, &f->second);
	for (size_t i = 0; i < 70; i++)
		assert_true(bh_uploads_is_stored(f, numbers[i], &f->second));
}

static void test_up__an_offer_behind_the_last_part_lets_that_one_become_whole(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t first = bh_uploads_report(&f->phone, &f->photo);
	uint64_t next = bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	f->world.held = true;
	for (uint32_t at = 0; at < SIZE; at += PART)
		bh_photo_part(&f->phone, &f->photo, at, SIZE - at < PART ? SIZE - at : PART);
	bh_photo_offer(&f->phone, &f->second);
	f->world.held = false;
	bh_world_pump(&f->world);
	for (uint32_t at = PART; at < SIZE; at += PART)
		bh_photo_expect_wanted(&f->phone, &f->photo, at);
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_COMPLETE);
	bh_photo_send(&f->phone, &f->second, 0, PART);
	assert_true(bh_uploads_is_stored(f, first, &f->photo));
	assert_true(bh_uploads_is_stored(f, next, &f->second));
}

static void test_up__an_offer_ends_the_upload_before_it(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_uploads_report(&f->phone, &f->photo);
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, 0);
	bh_photo_part(&f->phone, &f->photo, 0, PART);
	bh_photo_expect_wanted(&f->phone, &f->photo, PART);
	bh_photo_upload(&f->phone, &f->second);
	bh_photo_offer(&f->phone, &f->photo);
	bh_photo_expect_wanted(&f->phone, &f->photo, PART);
	bh_photo_send(&f->phone, &f->photo, PART, PART);
}

/* Its file is gone, or is what it never was. */
static void lose(struct bh_uploads *f, const struct bh_photo *photo)
{
	char path[256];
	struct bh_now now = f->world.now;
	assert_int_equal(bh_blob_path(f->world.path, photo->hash, path, sizeof(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(bh_writer_photos_lost(f->world.writer, now,
				 (const uint8_t(*)[BH_HASH_BYTES])photo->hash, 1),
		0);
}

static size_t asked(struct bh_phone *phone, const struct bh_photo *photo)
{
	struct bh_server_frame frame;
	size_t count = 0;
	bh_phone_hang_up(phone);
	(void)bh_phone_live(phone);
	while (bh_phone_next(phone, &frame))
		count += frame.kind == BH_SERVER_BLOB_STATE &&
			 frame.u.blob_state.state == BH_BLOB_WANTED &&
			 bh_span_equal(
				 frame.u.blob_state.hash, bh_span(photo->hash, BH_HASH_BYTES));
	return count;
}

static void test_up__one_that_was_lost_is_asked_for_until_it_comes(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_writer_counts counts;
	uint64_t number = bh_uploads_report(&f->phone, &f->second);
	bh_photo_upload(&f->phone, &f->second);
	assert_int_equal(asked(&f->phone, &f->second), 0);
	lose(f, &f->second);
	bh_writer_counts(f->world.writer, &counts);
	assert_int_equal(counts.photos_lost, 1);
	assert_int_equal(asked(&f->other, &f->second), 0); /* it is none of theirs */
	bh_phone_hang_up(&f->other);
	assert_int_equal(asked(&f->phone, &f->second), 1);
	bh_phone_hang_up(&f->phone);
	bh_world_restart(&f->world);
	assert_int_equal(asked(&f->phone, &f->second), 1);
	bh_photo_upload(&f->phone, &f->second);
	bh_uploads_file_check(f, &f->second);
	assert_true(bh_uploads_is_stored(f, number, &f->second));
	bh_writer_counts(f->world.writer, &counts);
	assert_int_equal(counts.photos_lost, 0);
	assert_int_equal(asked(&f->phone, &f->second), 0);
}

/* The handset's first report that stands in quarantine, by which that is its case from now on. */
static uint64_t release_first_of(struct bh_uploads *f, uint32_t device)
{
	struct bh_quarantine_row rows[3];
	size_t count = 0, at = 0;
	assert_int_equal(bh_reader_quarantine(f->world.reader, device, 0, rows, 3, &count), 0);
	while (at < count && rows[at].released)
		at++;
	assert_true(at < count);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.device = device,
		.person = BH_DEMO_PERSON(ADMIN),
		.base_position = rows[at].position,
		.text = bh_span("found", 5)};
	struct bh_outcome outcome = bh_world_run(&f->world, &command);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	return outcome.case_number;
}

/* B12: two reports with one photo, drained by a handset that was revoked. */
static uint64_t release_first(struct bh_uploads *f)
{
	return release_first_of(f, f->phone.device);
}

/* Who delivered it has nothing more to bring for another's report that names the same. */
static void test_up__what_was_let_in_is_asked_of_whose_it_is(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_blob blob = bh_photo_blob(&f->second, BH_BLOB_PHOTO);
	(void)bh_uploads_report(&f->phone, &f->second);
	bh_photo_upload(&f->phone, &f->second);
	uint64_t first = bh_phone_report_with(&f->other, "held", &blob, 1);
	bh_world_revoke(&f->world, f->other.device);
	bh_phone_hang_up(&f->other);
	assert_true(bh_phone_live(&f->other).draining);
	assert_int_equal(bh_phone_pushed(&f->other, first, 1).verdicts_count, 1);
	uint64_t number = release_first_of(f, f->other.device);
	assert_false(bh_uploads_is_stored(f, number, &f->second));
	assert_int_equal(asked(&f->phone, &f->second), 0);
	assert_int_equal(asked(&f->other, &f->second), 1);
}

static void test_up__one_of_a_report_in_quarantine_is_asked_for_once_that_is_released(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_blob blob = bh_photo_blob(&f->second, BH_BLOB_PHOTO);
	uint64_t first = bh_phone_report_with(&f->phone, "held", &blob, 1);
	(void)bh_phone_report_with(&f->phone, "held", &blob, 1);
	(void)bh_phone_report_with(&f->phone, "held", &blob, 1);
	bh_world_revoke(&f->world, f->phone.device);
	bh_phone_hang_up(&f->phone);
	assert_true(bh_phone_live(&f->phone).draining);
	assert_int_equal(bh_phone_pushed(&f->phone, first, 3).verdicts_count, 3);
	bh_photo_offer(&f->phone, &f->second);
	bh_photo_expect(&f->phone, &f->second, BH_BLOB_UNKNOWN);
	assert_int_equal(asked(&f->phone, &f->second), 0);
	uint64_t number = release_first(f);
	assert_int_equal(asked(&f->other, &f->second), 0); /* it is none of theirs */
	bh_phone_hang_up(&f->other);
	bh_phone_hang_up(&f->phone);
	bh_world_restart(&f->world);
	assert_int_equal(asked(&f->phone, &f->second), 1);
	bh_photo_offer(&f->phone, &f->second); /* and a cut before anything of it came */
	bh_photo_expect_wanted(&f->phone, &f->second, 0);
	assert_int_equal(asked(&f->phone, &f->second), 1);
	assert_false(bh_uploads_is_stored(f, number, &f->second));
	bh_photo_upload(&f->phone, &f->second);
	bh_uploads_file_check(f, &f->second);
	assert_true(bh_uploads_is_stored(f, number, &f->second));
	assert_int_equal(asked(&f->phone, &f->second), 0);
	/* Who brought it may have let go of it: the other report has it at once. */
	assert_true(bh_uploads_is_stored(f, release_first(f), &f->second));
	assert_int_equal(asked(&f->phone, &f->second), 0);
	/* What is lost is asked for still when another report that names it is let in. */
	lose(f, &f->second);
	assert_int_equal(asked(&f->phone, &f->second), 1);
	assert_true(bh_uploads_is_stored(f, release_first(f), &f->second));
	assert_int_equal(asked(&f->phone, &f->second), 1);
}

int main(void)
{
#define UP_TEST(name) \
	cmocka_unit_test_setup_teardown(test_up__##name, bh_uploads_open, bh_uploads_close)
	const struct CMUnitTest tests[] = {
		UP_TEST(parts_make_a_whole_that_is_journalled),
		UP_TEST(complete_waits_for_the_commit),
		UP_TEST(goes_on_after_a_cut_where_it_was),
		UP_TEST(a_whole_that_was_never_journalled_needs_no_part),
		UP_TEST(eight_parts_may_be_out_and_are_answered_in_order),
		UP_TEST(what_does_not_follow_is_told_where_to_go_on),
		UP_TEST(one_that_its_person_brought_is_another_cases_at_once),
		UP_TEST(one_upload_stores_it_for_every_case_that_awaits_it),
		UP_TEST(an_offer_behind_the_last_part_lets_that_one_become_whole),
		UP_TEST(an_offer_ends_the_upload_before_it),
		UP_TEST(one_that_was_lost_is_asked_for_until_it_comes),
		UP_TEST(what_was_let_in_is_asked_of_whose_it_is),
		UP_TEST(one_of_a_report_in_quarantine_is_asked_for_once_that_is_released),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
