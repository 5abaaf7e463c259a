/* Memory that runs out at every point of a session's main scenario (faults.md E10): what it was
 * told stays true, nothing leaks, and the next session goes on. */
#include "tests/unit/proto/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/sync/photos.h"

#define WORKER BH_DEMO_WORKER(1111)
#define POINTS_MAX 2000u

/* Counts down while armed; at 0 that allocation fails, and none after it. */
static long allocations_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

static bool is_talking(struct bh_phone *phone)
{
	return phone->session != NULL && !bh_session_is_closing(phone->session);
}

static void hand_over(struct bh_phone *phone, struct bh_span bytes)
{
	struct bh_world *world = phone->world;
	if (is_talking(phone))
		bh_session_bytes(phone->session, world->now, bh_world_ms(world), bytes);
}

/* The writer has its own memory; only the session's is short. */
static void run_jobs(struct bh_world *world, struct bh_wakes *wakes)
{
	long left = allocations_left;
	struct bh_job *job;
	while ((job = bh_hub_take_job(world->hub)) != NULL) {
		allocations_left = -1;
		assert_int_equal(bh_writer_run(world->writer, world->now, &job, 1, wakes), 0);
		allocations_left = left;
		bh_hub_job_done(world->hub, world->now, bh_world_ms(world), job);
		left = allocations_left;
	}
}

/* One session with the k-th allocation failing; true when none was left to fail. */
static bool session_with(struct bh_phone *phone, long k)
{
	struct bh_world *world = phone->world;
	struct bh_wakes wakes = {.all = true};
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame hello = {.kind = BH_CLIENT_HELLO};
	struct bh_buf bytes = BH_BUF(BH_FRAME_BYTES_MAX);
	phone->binding.exporter[0]++;
	allocations_left = k;
	phone->session = bh_session_open(
		world->hub, world->now, bh_world_ms(world), &phone->binding, phone->source, phone);
	long left = allocations_left;
	allocations_left = -1;
	hello.u.hello = bh_phone_hello(phone);
	hello.u.hello.profile_version = 0;
	bh_phone_sign_hello(phone, &hello.u.hello, signature);
	bh_phone_frame(&hello, &bytes);
	allocations_left = left;
	hand_over(phone, bh_buf_span(&bytes));
	run_jobs(world, &wakes);
	left = allocations_left;
	allocations_left = -1;
	bytes.len = 0;
	bh_phone_push_frame(phone, phone->count, 1, true, &bytes);
	allocations_left = left;
	hand_over(phone, bh_buf_span(&bytes));
	run_jobs(world, &wakes);
	wakes.all = true;
	bh_hub_wake(world->hub, world->now, bh_world_ms(world), &wakes);
	bool spared = allocations_left > 0;
	allocations_left = -1;
	bh_buf_free(&bytes);
	return spared;
}

static bool acked(struct bh_phone *phone)
{
	struct bh_server_frame frame;
	while (bh_phone_next(phone, &frame)) {
		if (frame.kind == BH_SERVER_ACK)
			return frame.u.ack.seq == phone->count;
	}
	return false;
}

static void test_memory__running_out_at_any_point_harms_no_op_and_no_later_session(void **state)
{
	static struct bh_world world;
	struct bh_phone phone;
	bool spared = false;
	long k = 0;
	(void)state;
	bh_world_open(&world);
	bh_phone_enrolled(&world, WORKER, &phone);
	(void)bh_phone_report(&phone, "x");
	(void)bh_phone_live(&phone);
	bh_phone_push(&phone, 1, 1, true);
	bh_world_desk(&world, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER),
		(uint64_t)phone.log_short << 32 | 1, BH_DEMO_CLEAN_A, "y");
	for (; !spared && k < (long)POINTS_MAX; k++) {
		bh_phone_hang_up(&phone);
		bh_world_hub(&world, 0, 0); /* which has grown nothing yet */
		phone.acked_seq = 0;
		(void)bh_phone_report(&phone, "z");
		spared = session_with(&phone, k);
		bh_phone_hang_up(&phone);
		struct bh_msg_welcome welcome = bh_phone_live(&phone);
		if (welcome.acked_seq < phone.count) {
			bh_phone_push(&phone, welcome.acked_seq + 1,
				phone.count - welcome.acked_seq, true);
			assert_true(acked(&phone));
		}
		bh_arena_reset(&phone.arena);
	}
	print_message("# %ld points\n", k);
	assert_true(spared);
	assert_true(k > 15);
	bh_phone_free(&phone);
	bh_world_close(&world);
}

/* The files have their own memory, too. */
static void run_all(struct bh_world *world)
{
	struct bh_wakes wakes;
	struct bh_blob_job *job;
	bool any = true;
	while (any) {
		any = false;
		run_jobs(world, &wakes);
		while ((job = bh_hub_take_blob_job(world->hub)) != NULL) {
			long left = allocations_left;
			allocations_left = -1;
			bh_blob_files_run(world->files, job);
			allocations_left = left;
			bh_hub_blob_done(world->hub, world->now, bh_world_ms(world), job);
			any = true;
		}
	}
}

static void say(struct bh_phone *phone, const struct bh_client_frame *frame)
{
	struct bh_buf bytes = BH_BUF(BH_FRAME_BYTES_MAX);
	long left = allocations_left;
	allocations_left = -1;
	bh_phone_frame(frame, &bytes);
	allocations_left = left;
	hand_over(phone, bh_buf_span(&bytes));
	run_all(phone->world);
	left = allocations_left;
	allocations_left = -1;
	bh_buf_free(&bytes);
	allocations_left = left;
}

/* A photo up and another one down, with the k-th allocation failing; true when none was left to
 * fail.
 */
static bool photos_with(struct bh_phone *phone, const struct bh_photo *up, long k)
{
	struct bh_client_frame offer = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {bh_span(up->hash, BH_HASH_BYTES), up->size}};
	struct bh_client_frame part = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = bh_span(up->hash, BH_HASH_BYTES),
			.data = bh_span(up->bytes, up->size)}};
	struct bh_client_frame ask = {
		.kind = BH_CLIENT_BLOB_ASK, .u.blob_ask = {bh_span(up->hash, BH_HASH_BYTES), 0}};
	allocations_left = k;
	say(phone, &offer);
	say(phone, &part);
	say(phone, &ask);
	bool spared = allocations_left > 0;
	allocations_left = -1;
	return spared;
}

/* However far it came. */
static void photo_finish(struct bh_phone *phone, const struct bh_photo *photo)
{
	bh_photo_offer(phone, photo);
	struct bh_msg_blob_state told = bh_phone_expect(phone, BH_SERVER_BLOB_STATE).u.blob_state;
	if (told.state == BH_BLOB_PROOF_WANTED) {
		bh_photo_prove(phone, photo);
		told = bh_phone_expect(phone, BH_SERVER_BLOB_STATE).u.blob_state;
	}
	if (told.state == BH_BLOB_WANTED)
		bh_photo_send(phone, photo, told.offset, BH_BLOB_PART_BYTES_MAX);
	else
		assert_int_equal(told.state, BH_BLOB_COMPLETE);
}

static void test_memory__running_out_at_any_point_harms_no_photo(void **state)
{
	static struct bh_world world;
	static struct bh_photo photo;
	struct bh_phone phone;
	bool spared = false;
	long k = 0;
	(void)state;
	bh_world_open(&world);
	bh_phone_enrolled(&world, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), &phone);
	for (; !spared && k < (long)POINTS_MAX; k++) {
		(void)bh_phone_live(&phone);
		bh_photo_make(&world, &photo, 3000, (uint8_t)k);
		photo.bytes[2999] = (uint8_t)(k >> 8);
		bh_photo_hash(&world, &photo);
		const struct bh_msg_blob blob = bh_photo_blob(&photo, BH_BLOB_PHOTO);
		uint64_t seq = bh_phone_report_with(&phone, "x", &blob, 1);
		bh_phone_push(&phone, seq, 1, true);
		(void)bh_phone_drain(&phone);
		spared = photos_with(&phone, &photo, k);
		bh_phone_hang_up(&phone);
		phone.acked_seq = 0;
		bh_world_hub(&world, 0, 0); /* nothing is left of it: it would say so */
		(void)bh_phone_live(&phone);
		(void)bh_phone_drain(&phone);
		photo_finish(&phone, &photo);
		bh_phone_hang_up(&phone);
		bh_arena_reset(&phone.arena);
	}
	assert_true(spared);
	assert_true(k > 8);
	bh_phone_free(&phone);
	bh_world_close(&world);
}

static void test_memory__a_hub_that_cannot_be_opened_leaves_nothing(void **state)
{
	static struct bh_world world;
	int err = BH_ERR_NOMEM;
	long k = 0;
	(void)state;
	bh_world_open(&world);
	struct bh_hub_options options = {.reader = world.reader,
		.packer = world.packer,
		.hasher = world.hasher,
		.mac_key = bh_span(BH_WORLD_MAC, 32),
		.ca_key = world.ca};
	for (; err != 0; k++) {
		struct bh_hub *hub = NULL;
		allocations_left = k;
		err = bh_hub_open(&options, &hub);
		allocations_left = -1;
		assert_true(err == 0 || (err == BH_ERR_NOMEM && hub == NULL));
		bh_hub_close(hub);
	}
	assert_true(k > 4);
	bh_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory__a_hub_that_cannot_be_opened_leaves_nothing),
		cmocka_unit_test(
			test_memory__running_out_at_any_point_harms_no_op_and_no_later_session),
		cmocka_unit_test(test_memory__running_out_at_any_point_harms_no_photo),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
