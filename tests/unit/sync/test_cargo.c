/* A bundle that a handset brings for another: its parts are taken in order, by whoever brings it,
 * within bounds; what became of it is told, and nothing of what is in it. */
#include "tests/unit/proto/cmocka_all.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/bundle_frames.h"
#include "server/store/cargo_part.h"
#include "tests/unit/sync/photos.h"

#define SIZE 100000u
#define PART BH_BLOB_PART_BYTES_MAX
#define STEP_BYTES (1u << 20) /* all cargo is counted where a file passes one */

static struct bh_cargo_files *cargo;
static unsigned rings;
static uint8_t bytes[SIZE], name[BH_HASH_BYTES];

static void ring(void *context)
{
	(void)context;
	rings++;
}

static void piece_make(struct bh_uploads *f, uint8_t seed)
{
	memset(name, 0, sizeof(name));
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 31u + i / 251u + seed);
	for (uint32_t at = 0; at < SIZE; at += PART)
		bh_cargo_chain(f->world.hasher, name,
			bh_span(bytes + at, SIZE - at < PART ? SIZE - at : PART));
}

static int cargo_open(void **state)
{
	int err = bh_uploads_open(state);
	struct bh_uploads *f = *state;
	assert_int_equal(bh_cargo_open(&f->world.options, &cargo), 0);
	bh_cargo_tell_whole(cargo, ring, NULL);
	bh_blob_files_carry(f->world.files, cargo);
	rings = 0;
	piece_make(f, 1);
	return err;
}

static int cargo_close(void **state)
{
	bh_cargo_close(cargo);
	return bh_uploads_close(state);
}

static struct bh_msg_cargo_state say_frame(
	struct bh_phone *phone, const struct bh_client_frame *frame)
{
	bh_phone_send(phone, frame);
	struct bh_msg_cargo_state state = bh_phone_expect(phone, BH_SERVER_CARGO_STATE)
						  .u.cargo_state;
	assert_true(bh_span_equal(state.hash, bh_span(name, sizeof(name))));
	return state;
}

static struct bh_msg_cargo_state say(
	struct bh_phone *phone, uint32_t offset, uint32_t len, uint32_t answer_offset)
{
	const struct bh_client_frame frame = {.kind = BH_CLIENT_CARGO,
		.u.cargo = {.hash = bh_span(name, sizeof(name)),
			.size = SIZE,
			.offset = offset,
			.data = bh_span(bytes + offset, len),
			.answer_offset = answer_offset}};
	return say_frame(phone, &frame);
}

/* Of another size; what is in it is nobody's matter. */
static struct bh_msg_cargo_state say_of(
	struct bh_phone *phone, uint32_t size, uint32_t offset, uint32_t len)
{
	const struct bh_client_frame frame = {.kind = BH_CLIENT_CARGO,
		.u.cargo = {.hash = bh_span(name, sizeof(name)),
			.size = size,
			.offset = offset,
			.data = bh_span(bytes, len)}};
	return say_frame(phone, &frame);
}

static void wanted(struct bh_phone *phone, uint32_t offset, uint32_t len, uint32_t held)
{
	struct bh_msg_cargo_state state = say(phone, offset, len, 0);
	assert_int_equal(state.state, BH_CARGO_WANTED);
	assert_int_equal(state.offset, held);
}

static void bring(struct bh_phone *phone)
{
	for (uint32_t at = 0; at + PART < SIZE; at += PART)
		wanted(phone, at, PART, at + PART);
	uint32_t at = SIZE / PART * PART;
	assert_int_equal(say(phone, at, SIZE - at, 0).state, BH_CARGO_LATER);
}

static void test_cargo__parts_are_taken_in_order_and_resumed_where_they_ended(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_cargo_found found;
	wanted(&f->phone, 0, 0, 0);
	wanted(&f->phone, PART, PART, 0); /* a gap */
	wanted(&f->phone, 0, PART, PART);
	wanted(&f->phone, 0, PART, PART); /* a repeat */
	bh_uploads_reconnect(f);
	wanted(&f->phone, 0, 0, PART);
	wanted(&f->phone, PART, PART, 2 * PART);
	wanted(&f->phone, 2 * PART, PART, 3 * PART);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), BH_ERR_NOT_FOUND);
	assert_int_equal(rings, 0);
	assert_int_equal(say(&f->phone, 3 * PART, SIZE - 3 * PART, 0).state, BH_CARGO_LATER);
	assert_int_equal(rings, 1);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0);
	assert_int_equal(found.device, f->phone.device);
	assert_memory_equal(found.hash, name, sizeof(name));
	assert_int_equal(bh_cargo_verify(&found), 0);
	assert_int_equal(say(&f->phone, 0, PART, 0).state, BH_CARGO_LATER);
}

static void test_cargo__the_answer_comes_in_parts_from_where_it_is_wanted(void **state)
{
	static uint8_t answer[PART + 100], chain[BH_HASH_BYTES];
	struct bh_uploads *f = *state;
	struct bh_cargo_found found;
	bring(&f->phone);
	memset(answer, 0x5a, sizeof(answer));
	memset(chain, 0, sizeof(chain));
	bh_cargo_chain(f->world.hasher, chain, bh_span(answer, PART));
	bh_cargo_chain(f->world.hasher, chain, bh_span(answer + PART, 100));
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0);
	assert_int_equal(bh_cargo_done(cargo, &found, bh_span(answer, sizeof(answer)), NULL), 0);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), BH_ERR_NOT_FOUND);
	const uint32_t asked[] = {0, PART, sizeof(answer)}; /* beyond it: from its beginning */
	for (size_t i = 0; i < 3; i++) {
		struct bh_msg_cargo_state told = say(&f->phone, 0, 0, asked[i]);
		uint32_t at = i == 2 ? 0 : asked[i];
		assert_int_equal(told.state, BH_CARGO_TAKEN);
		assert_int_equal(told.answer_size, sizeof(answer));
		assert_int_equal(told.offset, at);
		assert_true(bh_span_equal(told.answer_hash, bh_span(chain, sizeof(chain))));
		assert_true(bh_span_equal(told.data, bh_span(answer + at, at ? 100 : PART)));
	}
}

static void test_cargo__a_refusal_is_told_by_name_and_a_damaged_one_is_wanted_again(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_cargo_found found;
	bytes[70000] ^= 1;
	bring(&f->phone);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0);
	assert_int_equal(bh_cargo_verify(&found), BH_ERR_AUTH);
	assert_int_equal(bh_cargo_done(cargo, &found, bh_span(NULL, 0), NULL), 0);
	bytes[70000] ^= 1;
	bring(&f->phone);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0);
	assert_int_equal(bh_cargo_verify(&found), 0);
	assert_int_equal(bh_cargo_done(cargo, &found, bh_span(NULL, 0), "sealed"), 0);
	struct bh_msg_cargo_state told = say(&f->phone, 0, PART, 0);
	assert_int_equal(told.state, BH_CARGO_DENIED);
	assert_true(bh_span_equal(told.reason, bh_span("sealed", 6)));
}

/* Nobody takes another's place, and a device has one on its way. */
static void test_cargo__each_carrier_has_its_own_and_one_at_a_time(void **state)
{
	struct bh_uploads *f = *state;
	(void)bh_phone_live(&f->other);
	wanted(&f->phone, 0, PART, PART);
	wanted(&f->other, 0, 0, 0);
	piece_make(f, 2);
	wanted(&f->phone, 0, PART, PART);
	piece_make(f, 1);
	wanted(&f->phone, 0, 0, 0);
}

/* One that cannot be taken in now lets those behind it go first. */
static void test_cargo__all_that_are_whole_are_found_one_behind_another(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_cargo_found first, found;
	(void)bh_phone_live(&f->other);
	bring(&f->phone);
	bring(&f->other);
	assert_int_equal(bh_cargo_next(cargo, NULL, &first), 0);
	assert_int_equal(bh_cargo_next(cargo, &first, &found), 0);
	assert_int_not_equal(found.device, first.device);
	assert_int_equal(bh_cargo_next(cargo, &found, &found), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0);
	assert_int_equal(found.device, first.device);
}

static void test_cargo__of_no_size_that_one_has_ends_the_session(void **state)
{
	struct bh_uploads *f = *state;
	const struct {
		uint32_t size, offset, len;
	} cases[] = {{0, 0, 0}, {BH_CARGO_BYTES_MAX + 1, 0, 0}, {10, 11, 0}, {10, 5, 6},
		{SIZE, 0, PART + 1}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bh_client_frame frame = {.kind = BH_CLIENT_CARGO,
			.u.cargo = {.hash = bh_span(name, sizeof(name)),
				.size = cases[i].size,
				.offset = cases[i].offset,
				.data = bh_span(bytes, cases[i].len)}};
		bh_phone_send(&f->phone, &frame);
		struct bh_server_frame told = bh_phone_expect(&f->phone, BH_SERVER_REFUSAL);
		assert_int_equal(told.u.refusal.code, BH_REFUSAL_BAD_FRAME);
		bh_uploads_reconnect(f);
	}
}

/* A year later nothing of it lies there. */
static void test_cargo__what_nobody_goes_on_with_goes(void **state)
{
	struct bh_uploads *f = *state;
	struct bh_cargo_found found;
	wanted(&f->phone, 0, PART, PART);
	bh_cargo_collect(cargo, 0);
	wanted(&f->phone, 0, 0, PART);
	bh_cargo_collect(cargo, 4102444800); /* 2100 */
	wanted(&f->phone, 0, 0, 0);
	bring(&f->phone);
	bh_cargo_collect(cargo, 4102444800);
	assert_int_equal(bh_cargo_next(cargo, NULL, &found), 0); /* whole: it is taken in first */
	assert_int_equal(bh_cargo_done(cargo, &found, bh_span(NULL, 0), "gap"), 0);
	assert_int_equal(say(&f->phone, 0, 0, 0).state, BH_CARGO_DENIED);
	bh_cargo_collect(cargo, 4102444800);
	wanted(&f->phone, 0, 0, 0);
}

static void reserve(struct bh_uploads *f, uint64_t reserve_bytes)
{
	bh_cargo_close(cargo);
	f->world.options.blob_reserve_bytes = reserve_bytes;
	assert_int_equal(bh_cargo_open(&f->world.options, &cargo), 0);
	bh_blob_files_carry(f->world.files, cargo);
}

/* What would fill the disk is put off, and nothing of it is kept. */
static void test_cargo__without_room_it_comes_later(void **state)
{
	struct bh_uploads *f = *state;
	reserve(f, UINT64_MAX - BH_CARGO_BYTES_MAX);
	assert_int_equal(say(&f->phone, 0, PART, 0).state, BH_CARGO_LATER);
	wanted(&f->phone, 0, 0, 0);
}

static void test_cargo__where_the_disk_has_filled_meanwhile_it_goes_on_later(void **state)
{
	struct bh_uploads *f = *state;
	uint64_t before = f->world.options.blob_reserve_bytes;
	wanted(&f->phone, 0, PART, PART);
	reserve(f, UINT64_MAX - BH_CARGO_BYTES_MAX);
	assert_int_equal(say(&f->phone, PART, PART, 0).state, BH_CARGO_LATER);
	wanted(&f->phone, 0, 0, PART);
	reserve(f, before);
	wanted(&f->phone, PART, PART, 2 * PART);
}

/* One of some length, all of it a hole. */
static void part_lies(uint32_t device, off_t length)
{
	char named[BH_CARGO_NAME_BYTES], path[BH_BLOB_JOB_PATH_MAX];
	bh_cargo_name(device, name, named);
	bh_cargo_path(cargo, named, ".part", path);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, length), 0);
	assert_int_equal(close(fd), 0);
}

/* Who began with a small one, or when there was room for all, finds the district's bound. */
static void test_cargo__what_goes_on_keeps_within_what_a_district_has(void **state)
{
	struct bh_uploads *f = *state;
	const uint32_t other = UINT32_MAX, at = STEP_BYTES - PART;
	wanted(&f->phone, 0, PART, PART);
	part_lies(f->phone.device, at);
	part_lies(other, (off_t)(BH_CARGO_ALL_BYTES_MAX - STEP_BYTES));
	assert_int_equal(say_of(&f->phone, BH_CARGO_BYTES_MAX, at, PART).state, BH_CARGO_LATER);
	part_lies(other, 0);
	assert_int_equal(say_of(&f->phone, BH_CARGO_BYTES_MAX, at, PART).offset, STEP_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_cargo__parts_are_taken_in_order_and_resumed_where_they_ended,
			cargo_open, cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__the_answer_comes_in_parts_from_where_it_is_wanted, cargo_open,
			cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__a_refusal_is_told_by_name_and_a_damaged_one_is_wanted_again,
			cargo_open, cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__each_carrier_has_its_own_and_one_at_a_time, cargo_open,
			cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__all_that_are_whole_are_found_one_behind_another, cargo_open,
			cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__of_no_size_that_one_has_ends_the_session, cargo_open,
			cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__what_nobody_goes_on_with_goes, cargo_open, cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__without_room_it_comes_later, cargo_open, cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__where_the_disk_has_filled_meanwhile_it_goes_on_later,
			cargo_open, cargo_close),
		cmocka_unit_test_setup_teardown(
			test_cargo__what_goes_on_keeps_within_what_a_district_has, cargo_open,
			cargo_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
