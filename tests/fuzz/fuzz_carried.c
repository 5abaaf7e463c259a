/* Arbitrary content of a bundle into a server that reads it: sealed for the district, so that it is
 * past the seal, over a small district with its real store.  An input is a list of steps:
 *
 *   u8 step | u16 length | that many bytes, fewer at the end
 *
 * The keys are made anew in each process, so the target signs what must be signed to get behind the
 * proof.  Whatever is said: it is taken or refused by name; what is refused at the first reading
 * leaves the journal as it was; an answer opens for whoever wrote the bundle; and the same file
 * once more brings nothing new. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/sync/bundles.h"

#define INPUT_STEPS_MAX 32u
#define OPS 4u
#define PHOTOS 2u
#define INPUTS_PER_DISTRICT 200u

enum step {
	STEP_STATEMENT, /* signed; the bytes change it */
	STEP_STRANGE,   /* the bytes as a statement, signed */
	STEP_FRAME,     /* the bytes as a frame's body */
	STEP_PUSH,      /* u8 first | u8 how many of the phone's ops */
	STEP_BATCH,     /* u8 first | the bytes as a bare batch, salts of one op */
	STEP_PHOTO,     /* u8 which | u24 how much of it */
	STEP_PART,      /* u8 which | u24 offset | u24 size | the rest as its bytes */
	STEP_BARE,      /* the bytes as content that is no frame */
	STEPS,
};

static struct bh_uploads *uploads;
static struct bh_bundled bundled;
static struct bh_photo photos[PHOTOS];
static uint32_t inputs;

static void district_close(void)
{
	void *state = uploads;

	bh_bundled_close(&bundled);
	(void)bh_uploads_close(&state);
	uploads = NULL;
}

static void district_open(void)
{
	void *state = NULL;
	struct bh_msg_blob blobs[PHOTOS];

	bh_assert(bh_uploads_open(&state) == 0);
	uploads = state;
	bh_bundled_open(&uploads->world, &bundled);
	for (uint8_t i = 0; i < PHOTOS; i++) {
		bh_photo_make(&uploads->world, &photos[i], 3000u + 40000u * i, i);
		blobs[i] = bh_photo_blob(&photos[i], BH_BLOB_PHOTO);
	}
	(void)bh_phone_report_with(&uploads->phone, "无网上报", blobs, PHOTOS);
	for (unsigned i = 1; i < OPS; i++)
		(void)bh_phone_report(&uploads->phone, "无网上报");
}

/* ---- Steps ---- */

static uint32_t number(struct bh_span *bytes, size_t len)
{
	uint32_t value = 0;

	for (; len > 0 && bytes->len > 0; len--) {
		value = value << 8 | bytes->data[0];
		*bytes = bh_span(bytes->data + 1, bytes->len - 1);
	}
	return value;
}

static void statement_sign(struct bh_span statement, struct bh_span change)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_buf message = BH_BUF(1u << 17), body = BH_BUF(1u << 17);

	bh_assert(bh_bundle_message(&message, statement) == 0);
	bh_assert(bh_key_sign(uploads->phone.key, bh_buf_span(&message), signature) == 0);
	if (change.len > 0)
		signature[change.data[0] % BH_SIGNATURE_BYTES] ^= 1;
	const struct bh_msg_signed told = {
		.statement = statement, .signature = bh_span(signature, sizeof(signature))};
	if (bh_encode_signed(&told, &body) == 0)
		(void)bh_bundle_put_frame(bundled.writer, bh_buf_span(&body));
	bh_buf_free(&message);
	bh_buf_free(&body);
}

/* u8 after | u8 last | u8 device more | then a byte that is wrong in its signature. */
static void step_statement(struct bh_span bytes)
{
	struct bh_buf encoded = BH_BUF(8192);
	uint64_t after = number(&bytes, 1) % (OPS + 1), last = number(&bytes, 1);
	struct bh_msg_bundle_statement statement = bh_bundled_statement(
		&bundled, &uploads->phone, after, last % (OPS + 1));

	if (last > OPS)
		statement.last_seq = last;
	statement.device += number(&bytes, 1);
	bh_assert(bh_encode_bundle_statement(&statement, &encoded) == 0);
	statement_sign(bh_buf_span(&encoded), bytes);
	bh_buf_free(&encoded);
}

static void step_push(struct bh_span bytes)
{
	uint64_t first = number(&bytes, 1) % OPS + 1, count = number(&bytes, 1) % OPS;
	uint64_t last = first + count <= OPS ? first + count : OPS;

	bh_bundled_push(&bundled, &uploads->phone, first, last);
}

static void frame_put(const struct bh_client_frame *frame)
{
	struct bh_buf body = BH_BUF(BH_FRAME_BYTES_MAX);

	if (bh_encode_client_frame(frame, &body) == 0)
		(void)bh_bundle_put_frame(bundled.writer, bh_buf_span(&body));
	bh_buf_free(&body);
}

static void step_batch(struct bh_span bytes)
{
	static const uint8_t salts[BH_SALT_BYTES];
	uint64_t first = number(&bytes, 1);
	const struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH,
		.u.push = {.first_seq = first,
			.salts = bh_span(salts, sizeof(salts)),
			.batch = {BH_PACK_BARE, (uint32_t)bytes.len, bytes}}};

	frame_put(&frame);
}

static void step_photo(struct bh_span bytes)
{
	const struct bh_photo *photo = &photos[number(&bytes, 1) % PHOTOS];
	uint32_t len = number(&bytes, 3);

	bh_bundled_photo(&bundled, photo, len < photo->size ? len : photo->size);
}

static void step_part(struct bh_span bytes)
{
	const struct bh_photo *photo = &photos[number(&bytes, 1) % PHOTOS];
	uint32_t offset = number(&bytes, 3), size = number(&bytes, 3);
	const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
			.offset = offset,
			.data = bytes,
			.size = size}};

	frame_put(&frame);
}

static void step_strange(struct bh_span bytes)
{
	statement_sign(bytes, bh_span(NULL, 0));
}

static void step_frame(struct bh_span bytes)
{
	(void)bh_bundle_put_frame(bundled.writer, bytes);
}

static void step_bare(struct bh_span bytes)
{
	(void)bh_bundle_writer_put(bundled.writer, bytes);
}

/* ---- The whole ---- */

static int file_grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

static void bundle_write(struct bh_span input)
{
	static void (*const steps[STEPS])(struct bh_span bytes) = {step_statement, step_strange,
		step_frame, step_push, step_batch, step_photo, step_part, step_bare};
	const struct bh_bundle_sink sink = {file_grow, &bundled.file};
	uint8_t to[BH_PUBLIC_KEY_BYTES];

	bundled.file.len = 0;
	bh_bundle_writer_close(bundled.writer);
	bh_key_public(bundled.key, to);
	bh_assert(bh_bundle_writer_open(to, sink, &bundled.writer) == 0);
	for (unsigned i = 0; i < INPUT_STEPS_MAX && input.len > 0; i++) {
		uint32_t step = number(&input, 1) % STEPS, len = number(&input, 2);
		struct bh_span bytes = bh_span(input.data, len < input.len ? len : input.len);

		input = bh_span(input.data + bytes.len, input.len - bytes.len);
		if (bundled.file.len < BH_BUNDLE_FILE_MAX / 4)
			steps[step](bytes);
	}
	bh_assert(bh_bundle_writer_end(bundled.writer) == 0);
}

static int word_read(void *context, struct bh_span body)
{
	struct bh_arena arena = BH_ARENA(16u * BH_FRAME_BYTES_MAX);
	struct bh_msg_bundle_answer answer;
	struct bh_msg_signed message;

	bh_assert(bh_decode_signed(body, &arena, &message) == 0);
	bh_assert(bh_decode_bundle_answer(message.statement, &arena, &answer) == 0);
	bh_assert(answer.device == uploads->phone.device);
	++*(unsigned *)context;
	bh_arena_free(&arena);
	return 0;
}

static void answer_check(const struct bh_key *reply)
{
	struct bh_bundle_frames *frames = NULL;
	unsigned words = 0;

	bh_assert(bh_bundle_frames_open(&reply, 1, word_read, &words, &frames) == 0);
	int err = bh_bundle_frames_put(frames, bh_buf_span(&bundled.report.answer));
	if (err == 0)
		err = bh_bundle_frames_end(frames);
	/* A statement of the input's own may name another key. */
	bh_assert(err == BH_ERR_NOT_FOUND || (err == 0 && words > 0));
	bh_bundle_frames_close(frames);
}

static bool is_of_first_reading(enum bh_bundle_fault fault)
{
	return fault >= BH_BUNDLE_NOT_ONE && fault <= BH_BUNDLE_CONTENT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (uploads == NULL || inputs % INPUTS_PER_DISTRICT == 0) {
		if (uploads != NULL)
			district_close();
		else
			atexit(district_close);
		district_open();
	}
	inputs++;
	bundle_write(bh_span(data, len));
	uint64_t before = bh_bundled_journal(&uploads->world);
	int err = bh_bundled_take(&bundled);
	bh_assert(err == 0 || err == BH_ERR_INVALID);
	bh_assert((err == 0) == (bundled.fault == BH_BUNDLE_HOLDS));
	bh_assert(bundled.fault != BH_BUNDLE_SEALED);
	if (err == 0)
		answer_check(bundled.reply);
	else if (is_of_first_reading(bundled.fault) && bundled.report.ops == 0)
		bh_assert(bh_bundled_journal(&uploads->world) == before);
	before = bh_bundled_journal(&uploads->world);
	bh_assert(bh_bundled_take(&bundled) == err);
	bh_assert(bundled.report.ops_new == 0 && bundled.report.photos_new == 0);
	bh_assert(bh_bundled_journal(&uploads->world) == before);
	return 0;
}
