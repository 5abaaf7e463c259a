/* What is carried by hand goes the way of a session: once, whole or not at all, and whatever it
 * says in anybody's name is proved first (faults.md A, B, I2, I15). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "proto/caseflow.h"
#include "server/store/blob.h"
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

/* ---- Once ---- */

static void test_bundle__its_ops_are_taken_once_in_pieces_that_overlap(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 0, 4);
	bh_bundled_takes(&bundled, 4, 4);
	bh_bundled_head_is(f, &f->phone, 4);
	uint64_t journal = bh_bundled_journal(&f->world);
	bh_bundled_takes(&bundled, 4, 0);
	assert_int_equal(bh_bundled_journal(&f->world), journal);
	bh_bundled_ops(
		&bundled, &f->phone, 2, 6); /* what was acknowledged in between is behind it */
	bh_bundled_takes(&bundled, 4, 2);
	bh_bundled_head_is(f, &f->phone, 6);
	journal = bh_bundled_journal(&f->world);
	bh_bundled_ops(&bundled, &f->phone, 0, 3); /* an old one */
	bh_bundled_takes(&bundled, 3, 0);
	assert_int_equal(bh_bundled_journal(&f->world), journal);
}

/* The session that is open finds its ops there, and goes on. */
static void test_bundle__a_session_of_the_same_handset_goes_on_beside_it(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 0, 5);
	bh_bundled_takes(&bundled, 5, 5);
	bh_phone_push(&f->phone, 1, 6, false);
	struct bh_server_frame frame = bh_phone_expect(&f->phone, BH_SERVER_ACK);
	assert_int_equal(frame.u.ack.seq, 6);
	bh_bundled_head_is(f, &f->phone, 6);
	assert_false(bh_session_is_closing(f->phone.session));
}

static void test_bundle__who_takes_it_in_is_journalled_once_and_only_for_what_is_new(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t before = bh_bundled_journal(&f->world);
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	bh_bundled_takes(&bundled, 6, 6);
	assert_int_equal(bh_bundled_journal(&f->world), before + 7);
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_entry entry;
	struct bh_msg_entry_bundle taken;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head = 0;
	assert_int_equal(bh_reader_head(f->world.reader, &head, hash), 0);
	assert_int_equal(bh_reader_entry(f->world.reader, head - 6, &arena, &entry), 0);
	assert_int_equal(entry.verb, BH_VERB_BUNDLE);
	assert_int_equal(bh_decode_entry_bundle(entry.content, &arena, &taken), 0);
	assert_int_equal(taken.device, f->phone.device);
	assert_int_equal(taken.last_seq, 6);
	bh_arena_free(&arena);
}

/* ---- Whole, and in whose name ---- */

static void test_bundle__what_it_says_is_proved_before_anything_is_taken(void **state)
{
	struct bh_uploads *f = *state;
	static const uint8_t strange[BH_HASH_BYTES] = {1};
	const struct {
		enum bh_bundle_fault fault;
		int change;
	} cases[] = {{BH_BUNDLE_DISTRICT, 1}, {BH_BUNDLE_DEVICE, 2}, {BH_BUNDLE_SIGNATURE, 3},
		{BH_BUNDLE_CONTENT, 4}, {BH_BUNDLE_CONTENT, 5}, {BH_BUNDLE_CONTENT, 6},
		{BH_BUNDLE_CONTENT, 7}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bh_msg_bundle_statement statement = bh_bundled_statement(
			&bundled, &f->phone, 0, 6);
		struct bh_phone *signer = &f->phone;
		int change = cases[i].change;
		statement.district = change == 1 ? bh_span("990102", 6) : statement.district;
		statement.device = change == 2 ? 4711 : statement.device;
		signer = change == 3 ? &f->other : signer;
		statement.last_link = change == 4 ? bh_span(strange, BH_HASH_BYTES)
						  : statement.last_link;
		statement.after_link = change == 5 ? bh_span(strange, BH_HASH_BYTES)
						   : statement.after_link;
		statement.last_seq += change == 6 ? 1 : 0;
		bh_bundled_begin(&bundled, signer, &statement);
		bh_bundled_push(&bundled, &f->phone, change == 7 ? 2 : 1, 6);
		bh_bundled_end(&bundled);
		bh_bundled_refused(&bundled, cases[i].fault);
	}
	bh_bundled_head_is(f, &f->phone, 0);
}

/* In the name of another handset, whose key it does not have, with its own ops. */
static void test_bundle__a_handset_cannot_speak_for_another(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_bundle_statement statement = bh_bundled_statement(&bundled, &f->phone, 0, 6);
	statement.device = f->other.device; /* its own key, the other's log */
	bh_bundled_begin(&bundled, &f->other, &statement);
	bh_bundled_push(&bundled, &f->phone, 1, 6);
	bh_bundled_end(&bundled);
	bh_bundled_refused(&bundled, BH_BUNDLE_SIGNATURE);
	bh_bundled_head_is(f, &f->phone, 0);
}

static void test_bundle__an_op_that_is_not_the_signed_one_is_noticed(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_msg_bundle_statement statement = bh_bundled_statement(&bundled, &f->phone, 0, 6);
	bh_bundled_begin(&bundled, &f->phone, &statement);
	f->phone.ops[2].salt[0] ^= 1;
	bh_bundled_push(&bundled, &f->phone, 1, 6);
	f->phone.ops[2].salt[0] ^= 1;
	bh_bundled_end(&bundled);
	bh_bundled_refused(&bundled, BH_BUNDLE_CONTENT);
	bh_bundled_begin(&bundled, &f->phone, &statement); /* one left out */
	bh_bundled_push(&bundled, &f->phone, 1, 2);
	bh_bundled_push(&bundled, &f->phone, 4, 6);
	bh_bundled_end(&bundled);
	bh_bundled_refused(&bundled, BH_BUNDLE_CONTENT);
	bh_bundled_begin(&bundled, &f->phone, &statement); /* one too often */
	bh_bundled_push(&bundled, &f->phone, 1, 6);
	bh_bundled_push(&bundled, &f->phone, 6, 6);
	bh_bundled_end(&bundled);
	bh_bundled_refused(&bundled, BH_BUNDLE_CONTENT);
}

static void test_bundle__it_is_refused_cut_at_any_step_and_with_any_bit_turned(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	size_t len = bundled.file.len;
	for (size_t at = 0; at < len; at += 97) {
		bundled.file.len = at;
		bh_bundled_refused(&bundled,
			at < BH_BUNDLE_HEAD_BYTES ? BH_BUNDLE_NOT_ONE : BH_BUNDLE_DAMAGED);
		bundled.file.len = len;
		bundled.file.data[at] ^= 0x10;
		assert_int_equal(bh_bundled_take(&bundled), BH_ERR_INVALID);
		bundled.file.data[at] ^= 0x10;
	}
	bh_bundled_head_is(f, &f->phone, 0);
	bh_bundled_takes(&bundled, 6, 6);
}

static void test_bundle__one_sealed_for_another_key_is_not_read(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	bh_key_free(bundled.key);
	assert_int_equal(bh_key_generate(&bundled.key), 0);
	bh_bundled_refused(&bundled, BH_BUNDLE_SEALED);
}

static void test_bundle__a_gap_and_another_way_are_named(void **state)
{
	struct bh_uploads *f = *state;
	bh_bundled_ops(&bundled, &f->phone, 3, 6);
	bh_bundled_refused(&bundled, BH_BUNDLE_GAP);
	bh_bundled_ops(&bundled, &f->phone, 0, 4);
	bh_bundled_takes(&bundled, 4, 4);
	f->phone.ops[1].salt[0] ^= 1; /* as a copied phone went on */
	bh_phone_relink(&f->phone, 2);
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	bh_bundled_refused(&bundled, BH_BUNDLE_FORK);
	bh_bundled_ops(&bundled, &f->phone, 2, 6);
	bh_bundled_refused(&bundled, BH_BUNDLE_FORK);
}

static void test_bundle__of_a_handset_that_was_cut_off_it_goes_into_quarantine(void **state)
{
	struct bh_uploads *f = *state;
	bh_world_revoke(&f->world, f->phone.device);
	bh_bundled_ops(&bundled, &f->phone, 0, 6);
	bh_bundled_takes(&bundled, 6, 6);
	assert_int_equal(bundled.report.ops_refused, 6);
}

/* Made before the handset's store was damaged, and brought after it began a new log. */
static void test_bundle__of_a_log_that_was_continued_it_is_set_aside_and_nobody_suspended(
	void **state)
{
	struct bh_uploads *f = *state;
	struct bh_device device;
	bh_bundled_ops(&bundled, &f->phone, 0, 2);
	bh_bundled_takes(&bundled, 2, 2);
	struct bh_command begin = {
		.source = BH_SOURCE_OPERATOR, .verb = BH_VERB_LOG_BEGIN, .device = f->phone.device};
	static const uint8_t log_id[BH_LOG_ID_BYTES] = {7};
	const struct bh_msg_entry_log entry = {.device = f->phone.device,
		.log_id = bh_span(log_id, sizeof(log_id)),
		.forked_from = bh_span(f->phone.log_id, sizeof(f->phone.log_id))};
	struct bh_buf payload = BH_BUF(200);
	assert_int_equal(bh_encode_entry_log(&entry, &payload), 0);
	begin.payload = bh_buf_span(&payload);
	assert_int_equal(bh_world_run(&f->world, &begin).verdict, BH_VERDICT_ACCEPTED);
	bh_buf_free(&payload);
	bh_bundled_ops(&bundled, &f->phone, 2, 6);
	bh_bundled_takes(&bundled, 4, 4);
	assert_int_equal(bundled.report.ops_refused, 4);
	assert_int_equal(bh_reader_device(f->world.reader, f->phone.device, &device), 0);
	assert_int_equal(device.state, BH_DEVICE_LIVE);
	struct bh_quarantine_sum sum;
	size_t count = 0;
	assert_int_equal(bh_reader_quarantines(f->world.reader, 0, &sum, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(sum.device, f->phone.device);
	assert_int_equal(sum.state, BH_DEVICE_LIVE);
	assert_int_equal(sum.held, 4);
}

/* ---- Photos ---- */

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

static void photos_are(uint64_t all, uint64_t fresh, uint64_t left)
{
	assert_int_equal(bundled.report.photos, all);
	assert_int_equal(bundled.report.photos_new, fresh);
	assert_int_equal(bundled.report.photos_left, left);
}

static void test_bundle__a_photo_comes_with_it_once(void **state)
{
	struct bh_uploads *f = *state;
	with_photo(f, &f->photo, f->photo.size);
	bh_bundled_takes(&bundled, 7, 7);
	photos_are(1, 1, 0);
	bh_uploads_file_check(f, &f->photo);
	bh_bundled_takes(&bundled, 7, 0);
	photos_are(1, 0, 0);
}

static void test_bundle__a_photo_that_is_not_whole_or_not_named_is_left(void **state)
{
	struct bh_uploads *f = *state;
	with_photo(f, &f->photo, f->photo.size - 40000);
	bh_bundled_takes(&bundled, 7, 7);
	photos_are(0, 0, 1);
	struct bh_msg_bundle_statement statement = bh_bundled_statement(&bundled, &f->phone, 7, 7);
	bh_bundled_begin(&bundled, &f->phone, &statement);
	bh_bundled_photo(&bundled, &f->second, f->second.size); /* nobody named it */
	bh_bundled_photo(&bundled, &f->photo, f->photo.size);
	bh_bundled_end(&bundled);
	bh_bundled_takes(&bundled, 0, 0);
	photos_are(2, 1, 1);
	bh_uploads_file_check(f, &f->photo);
}

/* Bytes that are not what the hash says. */
static void test_bundle__a_photo_with_other_bytes_is_not_stored(void **state)
{
	struct bh_uploads *f = *state;
	f->photo.bytes[90000] ^= 1;
	with_photo(f, &f->photo, f->photo.size);
	f->photo.bytes[90000] ^= 1;
	bh_bundled_takes(&bundled, 7, 7);
	photos_are(1, 0, 1);
}

/* Half of it came by the network. */
static void test_bundle__a_photo_goes_on_where_a_session_left_it(void **state)
{
	struct bh_uploads *f = *state;
	with_photo(f, &f->photo, f->photo.size);
	bh_phone_push(&f->phone, 1, 7, false);
	(void)bh_phone_drain(&f->phone);
	bh_photo_offer(&f->phone, &f->photo);
	(void)bh_photo_expect(&f->phone, &f->photo, BH_BLOB_WANTED);
	bh_photo_part(&f->phone, &f->photo, 0, BH_BLOB_PART_BYTES_MAX);
	(void)bh_phone_drain(&f->phone);
	bh_bundled_takes(&bundled, 7, 0);
	photos_are(1, 1, 0);
	bh_uploads_file_check(f, &f->photo);
}

/* ---- The answer ---- */

struct heard {
	struct bh_world *world;
	uint64_t acked, complete, words;
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
	assert_true(bh_span_equal(told.key, bh_span(ca, sizeof(ca))));
	assert_int_equal(bh_bundle_answer_message(&message, told.statement), 0);
	assert_int_equal(bh_key_verify(ca, bh_buf_span(&message), told.signature.data), 0);
	assert_int_equal(bh_decode_bundle_answer(told.statement, &arena, &answer), 0);
	if (answer.has_ack)
		heard->acked = answer.ack.seq;
	heard->complete += answer.complete_count;
	heard->words++;
	bh_buf_free(&message);
	bh_arena_free(&arena);
	return 0;
}

static void test_bundle__one_whose_photo_was_lost_here_is_taken_all_the_same(void **state)
{
	struct bh_uploads *f = *state;

	with_photo(f, &f->photo, f->photo.size);
	bh_bundled_takes(&bundled, 7, 7);
	assert_int_equal(bh_writer_photos_lost(f->world.writer, f->world.now,
				 (const uint8_t(*)[BH_HASH_BYTES]) & f->photo.hash, 1),
		0);
	(void)bh_phone_report(&f->phone, "nobody asks a file");
	bh_bundled_ops(&bundled, &f->phone, 7, 8);
	assert_int_equal(bh_bundled_take(&bundled), 0);
}

static void test_bundle__the_answer_is_for_the_handset_and_says_what_became_of_it(void **state)
{
	struct bh_uploads *f = *state;
	const struct bh_key *keys[] = {bundled.reply};
	struct bh_bundle_frames *frames = NULL;
	struct heard heard = {.world = &f->world};
	with_photo(f, &f->photo, f->photo.size);
	bh_bundled_takes(&bundled, 7, 7);
	assert_int_equal(bh_bundle_frames_open(keys, 1, word_take, &heard, &frames), 0);
	assert_int_equal(bh_bundle_frames_put(frames, bh_buf_span(&bundled.report.answer)), 0);
	assert_int_equal(bh_bundle_frames_end(frames), 0);
	bh_bundle_frames_close(frames);
	assert_int_equal(heard.acked, 7);
	assert_int_equal(heard.complete, 1);
	assert_true(heard.words >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_bundle__##name, open, close)
		CASE(its_ops_are_taken_once_in_pieces_that_overlap),
		CASE(a_session_of_the_same_handset_goes_on_beside_it),
		CASE(who_takes_it_in_is_journalled_once_and_only_for_what_is_new),
		CASE(what_it_says_is_proved_before_anything_is_taken),
		CASE(a_handset_cannot_speak_for_another),
		CASE(an_op_that_is_not_the_signed_one_is_noticed),
		CASE(it_is_refused_cut_at_any_step_and_with_any_bit_turned),
		CASE(one_sealed_for_another_key_is_not_read),
		CASE(a_gap_and_another_way_are_named),
		CASE(of_a_handset_that_was_cut_off_it_goes_into_quarantine),
		CASE(of_a_log_that_was_continued_it_is_set_aside_and_nobody_suspended),
		CASE(a_photo_comes_with_it_once),
		CASE(a_photo_that_is_not_whole_or_not_named_is_left),
		CASE(a_photo_with_other_bytes_is_not_stored),
		CASE(a_photo_goes_on_where_a_session_left_it),
		CASE(one_whose_photo_was_lost_here_is_taken_all_the_same),
		CASE(the_answer_is_for_the_handset_and_says_what_became_of_it),
	};
	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
