/* Arbitrary bytes into a server's session, before and after it is proved, over a small district
 * with its real store.  An input is a list of steps:
 *
 *   u8 step | u16 length | that many bytes, fewer at the end
 *
 * A step of 0xc0 and above is one of photos, of which each input has some of its own.
 *
 * The keys are made anew in each process, so the target signs what must be signed to get behind the
 * proof. Whatever is said: the answers are whole frames that decode, nothing but refusals and an
 * enrolment comes before the proof, the output stays under its cap, and a session that closes says
 * why. */
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sync/photos.h"

#define INPUT_STEPS_MAX 64u
#define PHOTO_STEP 0xc0u
#define PHOTOS 3u

enum step {
	STEP_BYTES,  /* as they are */
	STEP_FRAME,  /* as the body of a frame */
	STEP_HELLO,  /* a signed Hello; the bytes say where it claims to stand */
	STEP_REPORT, /* records an op with the bytes as content and pushes it, linked and signed */
	STEP_BATCH,  /* pushes the bytes as a bare batch */
	STEP_TIME,   /* u16 hundredths of a second pass */
	STEP_JOBS,   /* what is queued is run and told */
	STEP_AGAIN,  /* a new connection */
	STEPS,
};

enum photo_step {
	PHOTO_REPORT, /* records an op that names them and pushes it; u8: how many */
	PHOTO_OFFER,  /* u8 which | u8 less in size */
	PHOTO_PART,   /* u8 which | u24 offset | u16 length */
	PHOTO_ASK,    /* u8 which | u24 offset */
	PHOTO_TAKEN,  /* the driver took the output */
	PHOTO_STEPS,
};

static struct bh_world *world;
static struct bh_phone *phone;
static bool proved;
static struct bh_photo *photos; /* PHOTOS of them */
static uint32_t photos_of;      /* which input they were made for */
static uint32_t inputs;

static void district_close(void)
{
	bh_phone_free(phone);
	bh_world_close(world);
	free(photos);
	free(phone);
	free(world);
}

static void district_open(void)
{
	world = malloc(sizeof(*world));
	phone = malloc(sizeof(*phone));
	photos = calloc(PHOTOS, sizeof(*photos));
	bh_assert(world != NULL && phone != NULL && photos != NULL);
	bh_world_open(world);
	bh_phone_enrolled(world, BH_DEMO_WORKER(1111), phone);
	bh_assert(atexit(district_close) == 0);
}

static uint64_t number_of(struct bh_span bytes, size_t at)
{
	return at < bytes.len ? bytes.data[at] : 0;
}

static void say(const struct bh_client_frame *frame)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	bh_phone_frame(frame, &out);
	bh_session_bytes(phone->session, world->now, bh_world_ms(world), bh_buf_span(&out));
	bh_buf_free(&out);
}

static void step_hello(struct bh_span bytes)
{
	uint8_t signature[BH_SIGNATURE_BYTES], link[BH_HASH_BYTES];
	struct bh_msg_cursor cursors[2] = {
		{BH_SCOPE_OWN(phone->person), number_of(bytes, 3)}, {number_of(bytes, 4), 1}};
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO, .u.hello = bh_phone_hello(phone)};
	struct bh_msg_hello *hello = &frame.u.hello;
	hello->acked_seq = number_of(bytes, 0);
	hello->last_seq = hello->acked_seq + number_of(bytes, 1);
	hello->epoch = number_of(bytes, 2);
	hello->cursors = cursors;
	hello->cursors_count = number_of(bytes, 5) % 3;
	hello->profile_version = (uint32_t)number_of(bytes, 6);
	memset(link, (int)number_of(bytes, 7), sizeof(link));
	if (hello->acked_seq > 0 && hello->acked_seq <= phone->count && link[0] == 0)
		memcpy(link, phone->ops[hello->acked_seq - 1].link, sizeof(link));
	hello->acked_link = bh_span(link, hello->acked_seq > 0 ? sizeof(link) : 0);
	bh_phone_sign_hello(phone, hello, signature);
	say(&frame);
}

static void step_report(struct bh_span bytes)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = BH_DEMO_LITTER};
	struct bh_msg_op_content content = {.text = bytes};
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	if (bytes.len > 0)
		header.verb = number_of(bytes, 0) & 0x3f;
	if (bytes.len > 2)
		header.case_number = (uint64_t)phone->log_short << 32 | number_of(bytes, 1);
	uint64_t seq = bh_phone_op(phone, &header, &content);
	bh_phone_push_frame(phone, seq, 1, true, &out);
	bh_session_bytes(phone->session, world->now, bh_world_ms(world), bh_buf_span(&out));
	bh_buf_free(&out);
}

static void step_batch(struct bh_span bytes)
{
	static const uint8_t salts[8 * BH_SALT_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH,
		.u.push = {.first_seq = number_of(bytes, 0),
			.salts = bh_span(salts, number_of(bytes, 1) % 9 * BH_SALT_BYTES),
			.batch = {.scheme = (uint32_t)number_of(bytes, 2)}}};
	if (bytes.len > 3)
		frame.u.push.batch.data = bh_span(bytes.data + 3, bytes.len - 3);
	frame.u.push.batch.raw_bytes = (uint32_t)frame.u.push.batch.data.len;
	say(&frame);
}

static void step_bytes(struct bh_span bytes)
{
	bh_session_bytes(phone->session, world->now, bh_world_ms(world), bytes);
}

static void step_frame(struct bh_span bytes)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	if (bh_frame_put(&out, bytes) == 0)
		step_bytes(bh_buf_span(&out));
	bh_buf_free(&out);
}

static void step_time(struct bh_span bytes)
{
	bh_world_pass(world, (int64_t)(number_of(bytes, 0) << 8 | number_of(bytes, 1)) * 10);
	bh_session_tick(phone->session, world->now, bh_world_ms(world));
}

static void step_jobs(struct bh_span bytes)
{
	(void)bytes;
	world->held = false;
	bh_world_pump(world);
	world->held = true;
}

static void step_again(struct bh_span bytes)
{
	(void)bytes;
	proved = false;
	bh_phone_connect(phone);
}

/* ---- Photos ---- */

/* New ones for each input: what an earlier one stored is no longer asked for. */
static const struct bh_photo *photo_of(struct bh_span bytes)
{
	static const uint32_t sizes[PHOTOS] = {400, 33000, 100000};
	for (size_t i = 0; photos_of != inputs && i < PHOTOS; i++) {
		bh_photo_make(world, &photos[i], sizes[i], (uint8_t)i);
		for (size_t k = 0; k < sizeof(inputs); k++)
			photos[i].bytes[sizes[i] - 1 - k] = (uint8_t)(inputs >> 8 * k);
		bh_photo_hash(world, &photos[i]);
	}
	photos_of = inputs;
	return &photos[number_of(bytes, 0) % PHOTOS];
}

static uint32_t offset_of(struct bh_span bytes)
{
	return (uint32_t)(number_of(bytes, 1) << 16 | number_of(bytes, 2) << 8 |
			  number_of(bytes, 3));
}

static void photo_report(struct bh_span bytes)
{
	struct bh_msg_blob blobs[PHOTOS];
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	(void)photo_of(bytes);
	for (size_t i = 0; i < PHOTOS; i++)
		blobs[i] = bh_photo_blob(&photos[i], i == 0 ? BH_BLOB_PHOTO : (uint32_t)i);
	uint64_t seq = bh_phone_report_with(phone, "x", blobs, 1 + number_of(bytes, 0) % PHOTOS);
	bh_phone_push_frame(phone, seq, 1, true, &out);
	bh_session_bytes(phone->session, world->now, bh_world_ms(world), bh_buf_span(&out));
	bh_buf_free(&out);
}

static void photo_offer(struct bh_span bytes)
{
	const struct bh_photo *photo = photo_of(bytes);
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {bh_span(photo->hash, BH_HASH_BYTES),
			photo->size - (uint32_t)number_of(bytes, 1)}};
	say(&frame);
}

static void photo_part(struct bh_span bytes)
{
	const struct bh_photo *photo = photo_of(bytes);
	uint32_t offset = offset_of(bytes), from = offset < photo->size ? offset : 0;
	size_t len = number_of(bytes, 4) << 8 | number_of(bytes, 5);
	if (len > photo->size - from)
		len = photo->size - from;
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
			.offset = offset,
			.data = bh_span(photo->bytes + from, len)}};
	say(&frame);
}

static void photo_ask(struct bh_span bytes)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_ASK,
		.u.blob_ask = {bh_span(photo_of(bytes)->hash, BH_HASH_BYTES), offset_of(bytes)}};
	say(&frame);
}

static void photo_taken(struct bh_span bytes)
{
	(void)bytes;
	bh_session_output_taken(phone->session);
}

static void (*const photo_steps[PHOTO_STEPS])(struct bh_span bytes) = {
	[PHOTO_REPORT] = photo_report,
	[PHOTO_OFFER] = photo_offer,
	[PHOTO_PART] = photo_part,
	[PHOTO_ASK] = photo_ask,
	[PHOTO_TAKEN] = photo_taken,
};

static void (*const steps[STEPS])(struct bh_span bytes) = {
	[STEP_BYTES] = step_bytes,
	[STEP_FRAME] = step_frame,
	[STEP_HELLO] = step_hello,
	[STEP_REPORT] = step_report,
	[STEP_BATCH] = step_batch,
	[STEP_TIME] = step_time,
	[STEP_JOBS] = step_jobs,
	[STEP_AGAIN] = step_again,
};

/* A state is of a photo of ours; a part is of one that is whole, and holds its bytes. */
static void photo_check(const struct bh_server_frame *frame)
{
	const struct bh_msg_blob_part *part = &frame->u.blob_part;
	bool known = false;
	if (frame->kind != BH_SERVER_BLOB_PART)
		return;
	for (size_t i = 0; i < PHOTOS; i++) {
		if (memcmp(part->hash.data, photos[i].hash, BH_HASH_BYTES) != 0)
			continue;
		known = true;
		bh_assert(part->size == photos[i].size &&
			  part->offset + part->data.len <= part->size);
		bh_assert(memcmp(part->data.data, photos[i].bytes + part->offset, part->data.len) ==
			  0);
	}
	bh_assert(known);
}

/* Reads all answers. */
static void answers_check(void)
{
	struct bh_server_frame frame;
	bh_assert(bh_session_output(phone->session)->len <= BH_SESSION_OUTPUT_MAX);
	while (bh_phone_next(phone, &frame)) {
		bh_assert(frame.kind != BH_SERVER_UNKNOWN);
		proved = proved || frame.kind == BH_SERVER_WELCOME;
		bh_assert(proved || frame.kind == BH_SERVER_REFUSAL ||
			  frame.kind == BH_SERVER_ENROLLED || frame.kind == BH_SERVER_PONG);
		photo_check(&frame);
	}
	if (bh_session_is_closing(phone->session))
		bh_assert(bh_session_reason(phone->session)[0] != '\0');
	else
		bh_assert(bh_session_wake_mono_ms(phone->session) != INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_reader input = bh_reader(bh_span(data, len));
	if (world == NULL)
		district_open();
	inputs++;
	bh_phone_new_log(phone); /* so that an input begins where the one before it did */
	step_again(bh_span(NULL, 0));
	world->held = true;
	for (size_t i = 0; i < INPUT_STEPS_MAX && input.len - input.at >= 3; i++) {
		unsigned step = bh_get_u8(&input);
		size_t part = bh_get_u16(&input);
		if (part > input.len - input.at)
			part = input.len - input.at;
		struct bh_span bytes = bh_get_bytes(&input, part);
		if (step < PHOTO_STEP)
			steps[step % STEPS](bytes);
		else
			photo_steps[(step - PHOTO_STEP) % PHOTO_STEPS](bytes);
		answers_check();
	}
	step_jobs(bh_span(NULL, 0));
	bh_phone_hang_up(phone);
	bh_arena_reset(&phone->arena);
	return 0;
}
