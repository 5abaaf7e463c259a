/* A handset played by hand: it has a key and a log, and says exactly what a test wants it to say.
 */
#include "tests/unit/proto/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "tests/unit/sync/world.h"

#define ARENA_BYTES_MAX (64u * 1024u * 1024u)

void bh_phone_new_log(struct bh_phone *phone)
{
	struct bh_rng rng = bh_world_rng(phone->world);
	assert_int_equal(rng.fill(rng.context, phone->log_id, BH_LOG_ID_BYTES), 0);
	bh_log_start(phone->world->hasher, BH_WORLD_CODE, phone->log_id, phone->start);
	for (size_t i = 0; i < phone->count; i++) {
		bh_buf_free(&phone->ops[i].header);
		bh_buf_free(&phone->ops[i].content);
	}
	phone->count = 0;
	phone->acked_seq = 0;
}

void bh_phone_make(struct bh_world *world, uint32_t person, struct bh_phone *phone)
{
	struct bh_rng rng = bh_world_rng(world);
	memset(phone, 0, sizeof(*phone));
	phone->world = world;
	phone->person = person;
	phone->arena = BH_ARENA(ARENA_BYTES_MAX);
	phone->ops = calloc(BH_PHONE_OPS_MAX, sizeof(*phone->ops));
	assert_non_null(phone->ops);
	assert_int_equal(bh_key_generate(&phone->key), 0);
	assert_int_equal(rng.fill(rng.context, phone->binding.exporter, BH_EXPORTER_BYTES), 0);
	memset(phone->binding.server_key_hash, 9, BH_HASH_BYTES);
	bh_phone_new_log(phone);
}

void bh_phone_free(struct bh_phone *phone)
{
	bh_phone_hang_up(phone);
	bh_phone_new_log(phone);
	free(phone->ops);
	bh_key_free(phone->key);
	bh_arena_free(&phone->arena);
}

void bh_phone_connect(struct bh_phone *phone)
{
	struct bh_world *world = phone->world;
	bh_phone_hang_up(phone);
	phone->binding.exporter[0]++; /* another connection */
	phone->session = bh_session_open(
		world->hub, world->now, bh_world_ms(world), &phone->binding, phone->source, phone);
	assert_non_null(phone->session);
	assert_ptr_equal(bh_session_owner(phone->session), phone);
}

void bh_phone_hang_up(struct bh_phone *phone)
{
	if (phone->session != NULL)
		bh_session_close(phone->session);
	phone->session = NULL;
}

void bh_phone_frame(const struct bh_client_frame *frame, struct bh_buf *out)
{
	size_t mark;
	assert_int_equal(bh_frame_begin(out, &mark), 0);
	assert_int_equal(bh_encode_client_frame(frame, out), 0);
	assert_int_equal(bh_frame_end(out, mark), 0);
}

static void bytes_send(struct bh_phone *phone, const struct bh_buf *bytes)
{
	struct bh_world *world = phone->world;
	bh_session_bytes(phone->session, world->now, bh_world_ms(world), bh_buf_span(bytes));
	bh_world_pump(world);
}

void bh_phone_send(struct bh_phone *phone, const struct bh_client_frame *frame)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	bh_phone_frame(frame, &out);
	bytes_send(phone, &out);
	bh_buf_free(&out);
}

bool bh_phone_next(struct bh_phone *phone, struct bh_server_frame *frame)
{
	struct bh_buf *out = bh_session_output(phone->session);
	struct bh_span body, kept;
	size_t used;
	int err = bh_frame_take(bh_buf_span(out), BH_FRAME_BYTES_MAX - 1, &body, &used);
	if (err == BH_ERR_BUSY) {
		assert_int_equal(out->len, 0); /* whole frames only */
		return false;
	}
	assert_int_equal(err, 0);
	assert_int_equal(bh_arena_copy(&phone->arena, body, &kept), 0);
	bh_buf_consume(out, used);
	assert_int_equal(bh_decode_server_frame(kept, &phone->arena, frame), 0);
	return true;
}

struct bh_server_frame bh_phone_expect(struct bh_phone *phone, enum bh_server_kind kind)
{
	struct bh_server_frame frame;
	assert_true(bh_phone_next(phone, &frame));
	if (frame.kind == BH_SERVER_REFUSAL && kind != BH_SERVER_REFUSAL)
		print_message("# refused: %s, %s\n",
			bh_refusal_name((enum bh_refusal)frame.u.refusal.code),
			bh_session_reason(phone->session));
	assert_int_equal(frame.kind, kind);
	return frame;
}

void bh_phone_expect_nothing(struct bh_phone *phone)
{
	struct bh_server_frame frame;
	assert_false(bh_phone_next(phone, &frame));
}

struct bh_msg_refusal bh_phone_expect_refusal(struct bh_phone *phone, enum bh_refusal code)
{
	struct bh_server_frame frame = bh_phone_expect(phone, BH_SERVER_REFUSAL);
	assert_string_equal(
		bh_refusal_name((enum bh_refusal)frame.u.refusal.code), bh_refusal_name(code));
	assert_true(frame.u.refusal.sentence.len > 0);
	return frame.u.refusal;
}

void bh_phone_taken(struct bh_phone *phone)
{
	assert_int_equal(bh_session_output(phone->session)->len, 0);
	bh_session_output_taken(phone->session);
	bh_world_pump(phone->world);
}

size_t bh_phone_drain(struct bh_phone *phone)
{
	struct bh_server_frame frame;
	size_t count = 0;
	while (bh_phone_next(phone, &frame))
		count++;
	return count;
}

/* ---- Enrolment and greeting ---- */

void bh_phone_enrolled(struct bh_world *world, uint32_t person, struct bh_phone *phone)
{
	uint8_t code[BH_CODE_BYTES], public_key[BH_PUBLIC_KEY_BYTES];
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_rng rng = bh_world_rng(world);
	struct bh_buf message = BH_BUF(512);
	struct bh_msg_enrolment_receipt receipt;
	bh_phone_make(world, person, phone);
	assert_int_equal(rng.fill(rng.context, code, sizeof(code)), 0);
	bh_world_code(world, person, 3600000, code);
	bh_phone_connect(phone);
	bh_key_public(phone->key, public_key);
	assert_int_equal(bh_enrol_message(&message, &phone->binding, BH_WORLD_CODE, code,
				 public_key, phone->log_id),
		0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
	struct bh_client_frame frame = {.kind = BH_CLIENT_ENROL,
		.u.enrol = {.version_min = 1,
			.version_max = 1,
			.code = bh_span(code, sizeof(code)),
			.public_key = bh_span(public_key, sizeof(public_key)),
			.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES),
			.signature = bh_span(signature, sizeof(signature))}};
	bh_phone_send(phone, &frame);
	struct bh_server_frame answer = bh_phone_expect(phone, BH_SERVER_ENROLLED);
	assert_int_equal(bh_decode_receipt(answer.u.enrolled.receipt, &phone->arena, &receipt), 0);
	assert_int_equal(receipt.person, person);
	phone->device = receipt.device;
	phone->log_short = receipt.log_short;
	bh_phone_hang_up(phone);
}

struct bh_msg_hello bh_phone_hello(struct bh_phone *phone)
{
	return (struct bh_msg_hello){.version_min = 1,
		.version_max = 1,
		.device = phone->device,
		.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES),
		.acked_seq = phone->acked_seq,
		.acked_link = bh_span(phone->acked_link, phone->acked_seq > 0 ? BH_HASH_BYTES : 0),
		.last_seq = phone->count,
		.wall_ms = phone->world->now.wall_ms + phone->skew_ms,
		.mono_ms = phone->world->now.mono_ms - phone->boot_mono_ms,
		.profile_version = phone->profile_version != 0 ? phone->profile_version : 1};
}

void bh_phone_sign_hello(
	struct bh_phone *phone, struct bh_msg_hello *hello, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(512);
	assert_int_equal(bh_session_message(&message, &phone->binding, BH_WORLD_CODE, hello->device,
				 hello->log_id.data),
		0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
	hello->signature = bh_span(signature, BH_SIGNATURE_BYTES);
}

struct bh_msg_welcome bh_phone_live(struct bh_phone *phone)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	bh_phone_connect(phone);
	frame.u.hello = bh_phone_hello(phone);
	bh_phone_sign_hello(phone, &frame.u.hello, signature);
	bh_phone_send(phone, &frame);
	struct bh_msg_welcome welcome = bh_phone_expect(phone, BH_SERVER_WELCOME).u.welcome;
	assert_false(welcome.fork);
	phone->log_short = welcome.log_short;
	phone->acked_seq = welcome.acked_seq;
	memcpy(phone->acked_link, welcome.acked_link.data, BH_HASH_BYTES);
	return welcome;
}

/* ---- The log ---- */

void bh_phone_relink(struct bh_phone *phone, uint64_t from_seq)
{
	struct bh_hasher *hasher = phone->world->hasher;
	for (uint64_t seq = from_seq; seq <= phone->count; seq++) {
		struct bh_phone_op *op = &phone->ops[seq - 1];
		uint8_t commitment[BH_HASH_BYTES];
		bh_op_commitment(hasher, op->salt, bh_buf_span(&op->content), commitment);
		bh_log_link(hasher, seq == 1 ? phone->start : phone->ops[seq - 2].link, seq,
			bh_buf_span(&op->header), commitment, op->link);
	}
}

uint64_t bh_phone_op(struct bh_phone *phone, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content)
{
	struct bh_rng rng = bh_world_rng(phone->world);
	struct bh_msg_op_header whole = *header;
	assert_true(phone->count < BH_PHONE_OPS_MAX);
	struct bh_phone_op *op = &phone->ops[phone->count++];
	op->header = BH_BUF(BH_BATCH_BYTES_MAX);
	op->content = BH_BUF(BH_BATCH_BYTES_MAX);
	if (whole.author == 0)
		whole.author = phone->person;
	if (whole.captured_ms == 0)
		whole.captured_ms = phone->world->now.wall_ms + phone->skew_ms;
	if (whole.boot_ms == 0)
		whole.boot_ms = phone->world->now.wall_ms + phone->skew_ms -
				(phone->world->now.mono_ms - phone->boot_mono_ms);
	assert_int_equal(bh_op_encode_header(&whole, &op->header), 0);
	assert_int_equal(bh_op_encode_content(content, &op->content), 0);
	assert_int_equal(rng.fill(rng.context, op->salt, BH_SALT_BYTES), 0);
	bh_phone_relink(phone, phone->count);
	return phone->count;
}

uint64_t bh_phone_report(struct bh_phone *phone, const char *text)
{
	return bh_phone_report_with(phone, text, NULL, 0);
}

uint64_t bh_phone_report_with(
	struct bh_phone *phone, const char *text, const struct bh_msg_blob *blobs, size_t count)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.type = BH_DEMO_LITTER,
		.blobs = blobs,
		.blobs_count = count};
	struct bh_msg_op_content content = {.text = bh_span(text, strlen(text)),
		.has_place = true,
		.datum = 1,
		.accuracy_dm = 50};
	bh_demo_place(1111, &content.latitude_e7, &content.longitude_e7);
	return bh_phone_op(phone, &header, &content);
}

static void head_sign(struct bh_phone *phone, uint64_t last, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(512);
	assert_int_equal(bh_head_message(&message, BH_WORLD_CODE, phone->device, phone->log_id,
				 last, phone->ops[last - 1].link),
		0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
}

void bh_phone_push_frame(
	struct bh_phone *phone, uint64_t first, size_t count, bool sign, struct bh_buf *out)
{
	struct bh_span *headers = calloc(count, sizeof(*headers));
	struct bh_span *contents = calloc(count, sizeof(*contents));
	uint8_t *salts = malloc(count * BH_SALT_BYTES);
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX), packed = BH_BUF(BH_FRAME_BYTES_MAX);
	enum bh_pack_scheme scheme;
	assert_true(headers != NULL && contents != NULL && salts != NULL);
	for (size_t i = 0; i < count; i++) {
		struct bh_phone_op *op = &phone->ops[first - 1 + i];
		headers[i] = bh_buf_span(&op->header);
		contents[i] = bh_buf_span(&op->content);
		memcpy(salts + i * BH_SALT_BYTES, op->salt, BH_SALT_BYTES);
	}
	struct bh_msg_batch batch = {headers, count, contents, count};
	assert_int_equal(bh_encode_batch(&batch, &raw), 0);
	assert_int_equal(bh_pack(phone->world->packer, bh_buf_span(&raw), &packed, &scheme), 0);
	struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH,
		.u.push = {.first_seq = first,
			.salts = bh_span(salts, count * BH_SALT_BYTES),
			.batch = {scheme, (uint32_t)raw.len, bh_buf_span(&packed)},
			.receipts = phone->receipts,
			.receipts_count = phone->receipts_count}};
	if (sign) {
		head_sign(phone, first + count - 1, signature);
		frame.u.push.head_signature = bh_span(signature, sizeof(signature));
	}
	bh_phone_frame(&frame, out);
	bh_buf_free(&raw);
	bh_buf_free(&packed);
	free(headers);
	free(contents);
	free(salts);
}

void bh_phone_push(struct bh_phone *phone, uint64_t first, size_t count, bool sign)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	bh_phone_push_frame(phone, first, count, sign, &out);
	bytes_send(phone, &out);
	bh_buf_free(&out);
}

/* ---- Records ---- */

void bh_phone_applied(struct bh_phone *phone, const struct bh_msg_delta *delta)
{
	struct bh_client_frame frame = {
		.kind = BH_CLIENT_APPLIED, .u.applied = {delta->cursors, delta->cursors_count}};
	bh_phone_send(phone, &frame);
}

struct bh_msg_records bh_phone_records(struct bh_phone *phone, const struct bh_msg_delta *delta)
{
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_span kept;
	struct bh_msg_records records = {0};
	if (delta->records.raw_bytes == 0)
		return records;
	assert_int_equal(bh_unpack(phone->world->packer, delta->records.scheme,
				 delta->records.raw_bytes, delta->records.data, &raw),
		0);
	assert_int_equal(bh_arena_copy(&phone->arena, bh_buf_span(&raw), &kept), 0);
	bh_buf_free(&raw);
	assert_int_equal(bh_decode_records(kept, &phone->arena, &records), 0);
	return records;
}

struct bh_msg_ack bh_phone_pushed(struct bh_phone *phone, uint64_t first, size_t count)
{
	bh_phone_push(phone, first, count, true);
	return bh_phone_expect(phone, BH_SERVER_ACK).u.ack;
}
