/* Written as PROTOCOL.md, section 21, says, so that a test may lie in any one place. */
#include "tests/unit/sync/bundles.h"

#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/world.h"

static int file_grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

void bh_bundled_open(struct bh_world *world, struct bh_bundled *bundled)
{
	*bundled = (struct bh_bundled){.world = world,
		.file = BH_BUF(BH_BUNDLE_FILE_MAX),
		.second = BH_BUF(BH_BUNDLE_FILE_MAX)};
	assert_int_equal(bh_key_generate(&bundled->key), 0);
	assert_int_equal(bh_key_generate(&bundled->reply), 0);
}

void bh_bundled_close(struct bh_bundled *bundled)
{
	bh_bundle_writer_close(bundled->writer);
	bh_key_free(bundled->key);
	bh_key_free(bundled->reply);
	bh_buf_free(&bundled->file);
	bh_buf_free(&bundled->second);
	bh_buf_free(&bundled->report.answer);
}

static struct bh_span link_at(const struct bh_phone *phone, uint64_t seq)
{
	return bh_span(seq == 0 ? phone->start : phone->ops[seq - 1].link, BH_HASH_BYTES);
}

struct bh_msg_bundle_statement bh_bundled_statement(const struct bh_bundled *bundled,
	const struct bh_phone *phone, uint64_t after_seq, uint64_t last_seq)
{
	static uint8_t reply[BH_PUBLIC_KEY_BYTES];
	bh_key_public(bundled->reply, reply);
	return (struct bh_msg_bundle_statement){
		.district = bh_span(BH_WORLD_CODE, strlen(BH_WORLD_CODE)),
		.device = phone->device,
		.log_id = bh_span(phone->log_id, sizeof(phone->log_id)),
		.after_seq = after_seq,
		.after_link = link_at(phone, after_seq),
		.last_seq = last_seq,
		.last_link = link_at(phone, last_seq),
		.reply_key = bh_span(reply, sizeof(reply))};
}

void bh_bundled_begin(struct bh_bundled *bundled, struct bh_phone *phone,
	const struct bh_msg_bundle_statement *statement)
{
	const struct bh_bundle_sink sink = {file_grow, &bundled->file};
	uint8_t to[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES];
	struct bh_buf bytes = BH_BUF(8192), message = BH_BUF(9000), body = BH_BUF(9000);
	bundled->file.len = 0;
	bh_bundle_writer_close(bundled->writer);
	bh_key_public(bundled->key, to);
	assert_int_equal(bh_bundle_writer_open(to, sink, &bundled->writer), 0);
	assert_int_equal(bh_encode_bundle_statement(statement, &bytes), 0);
	assert_int_equal(bh_bundle_message(&message, bh_buf_span(&bytes)), 0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	const struct bh_msg_signed told = {.statement = bh_buf_span(&bytes),
		.signature = bh_span(signature, sizeof(signature))};
	assert_int_equal(bh_encode_signed(&told, &body), 0);
	assert_int_equal(bh_bundle_put_frame(bundled->writer, bh_buf_span(&body)), 0);
	bh_buf_free(&bytes);
	bh_buf_free(&message);
	bh_buf_free(&body);
}

void bh_bundled_frame(struct bh_bundled *bundled, const struct bh_client_frame *frame)
{
	struct bh_buf body = BH_BUF(BH_FRAME_BYTES_MAX);
	assert_int_equal(bh_encode_client_frame(frame, &body), 0);
	assert_int_equal(bh_bundle_put_frame(bundled->writer, bh_buf_span(&body)), 0);
	bh_buf_free(&body);
}

void bh_bundled_push(
	struct bh_bundled *bundled, const struct bh_phone *phone, uint64_t first, uint64_t last)
{
	struct bh_span headers[BH_BATCH_OPS_MAX], contents[BH_BATCH_OPS_MAX];
	uint8_t salts[BH_BATCH_OPS_MAX * BH_SALT_BYTES];
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	size_t count = 0;
	for (uint64_t seq = first; seq <= last; seq++, count++) {
		const struct bh_phone_op *op = &phone->ops[seq - 1];
		headers[count] = bh_buf_span(&op->header);
		contents[count] = bh_buf_span(&op->content);
		memcpy(salts + count * BH_SALT_BYTES, op->salt, BH_SALT_BYTES);
	}
	const struct bh_msg_batch batch = {headers, count, contents, count};
	assert_int_equal(bh_encode_batch(&batch, &raw), 0);
	const struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH,
		.u.push = {.first_seq = first,
			.salts = bh_span(salts, count * BH_SALT_BYTES),
			.batch = {BH_PACK_BARE, (uint32_t)raw.len, bh_buf_span(&raw)}}};
	bh_bundled_frame(bundled, &frame);
	bh_buf_free(&raw);
}

void bh_bundled_photo(struct bh_bundled *bundled, const struct bh_photo *photo, uint32_t len)
{
	for (uint32_t at = 0; at < len; at += BH_BLOB_PART_BYTES_MAX) {
		uint32_t rest = len - at;
		const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
			.u.blob_part = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
				.offset = at,
				.data = bh_span(photo->bytes + at,
					rest < BH_BLOB_PART_BYTES_MAX ? rest
								      : BH_BLOB_PART_BYTES_MAX),
				.size = photo->size}};
		bh_bundled_frame(bundled, &frame);
	}
}

void bh_bundled_end(struct bh_bundled *bundled)
{
	assert_int_equal(bh_bundle_writer_end(bundled->writer), 0);
}

void bh_bundled_ops(
	struct bh_bundled *bundled, struct bh_phone *phone, uint64_t after_seq, uint64_t last_seq)
{
	struct bh_msg_bundle_statement statement = bh_bundled_statement(
		bundled, phone, after_seq, last_seq);
	bh_bundled_begin(bundled, phone, &statement);
	bh_bundled_push(bundled, phone, after_seq + 1, last_seq);
	bh_bundled_end(bundled);
}

/* ---- The door ---- */

static int file_read(void *context, bool from_start, uint8_t *to, size_t size, size_t *len)
{
	struct bh_bundled *bundled = context;
	if (from_start) {
		bundled->read_at = 0;
		bundled->readings++;
	}
	const struct bh_buf *file = bundled->readings > 1 && bundled->second.len > 0
					    ? &bundled->second
					    : &bundled->file;
	*len = file->len - bundled->read_at;
	if (*len > size)
		*len = size;
	if (*len > 1000)
		*len = 1000;
	if (*len > 0)
		memcpy(to, file->data + bundled->read_at, *len);
	bundled->read_at += *len;
	return 0;
}

static void run_job(void *context, struct bh_job *job)
{
	struct bh_world *world = ((struct bh_bundled *)context)->world;
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(world->writer, world->now, &job, 1, &wakes), 0);
	bh_hub_wake(world->hub, world->now, bh_world_ms(world), &wakes);
}

static void run_blob_job(void *context, struct bh_blob_job *job)
{
	bh_blob_files_run(((struct bh_bundled *)context)->world->files, job);
}

static struct bh_now now_of(void *context, int64_t *district_ms)
{
	struct bh_world *world = ((struct bh_bundled *)context)->world;
	*district_ms = bh_world_ms(world);
	return world->now;
}

int bh_bundled_take(struct bh_bundled *bundled)
{
	struct bh_world *world = bundled->world;
	const struct bh_key *keys[] = {bundled->key};
	const struct bh_bundle_door door = {.reader = world->reader,
		.packer = world->packer,
		.hasher = world->hasher,
		.mac_key = bh_span(BH_WORLD_MAC, strlen(BH_WORLD_MAC)),
		.ca_key = world->ca,
		.keys = keys,
		.keys_count = 1,
		.district = BH_WORLD_CODE,
		.context = bundled,
		.read = file_read,
		.run_job = run_job,
		.run_blob_job = run_blob_job,
		.now = now_of};
	bundled->readings = 0;
	bh_buf_free(&bundled->report.answer);
	return bh_bundle_take(&door, &bundled->report, &bundled->fault);
}

void bh_bundled_takes(struct bh_bundled *bundled, uint64_t ops, uint64_t ops_new)
{
	assert_int_equal(bh_bundled_take(bundled), 0);
	assert_int_equal(bundled->fault, BH_BUNDLE_HOLDS);
	assert_int_equal(bundled->report.ops, ops);
	assert_int_equal(bundled->report.ops_new, ops_new);
	assert_true(bundled->report.answer.len > 0);
}

uint64_t bh_bundled_journal(struct bh_world *world)
{
	struct bh_writer_counts counts;
	bh_writer_counts(world->writer, &counts);
	return counts.entries;
}

void bh_bundled_refused(struct bh_bundled *bundled, enum bh_bundle_fault fault)
{
	uint64_t before = bh_bundled_journal(bundled->world);
	assert_int_equal(bh_bundled_take(bundled), BH_ERR_INVALID);
	assert_string_equal(bh_bundle_fault_name(bundled->fault), bh_bundle_fault_name(fault));
	assert_int_equal(bh_bundled_journal(bundled->world), before);
	/* Only who can close a gap is told something. */
	assert_int_equal(bundled->report.answer.len > 0, fault == BH_BUNDLE_GAP);
}

/* ---- A test's ---- */

int bh_bundled_setup(void **state, struct bh_bundled *bundled)
{
	int err = bh_uploads_open(state);
	struct bh_uploads *uploads = *state;
	bh_bundled_open(&uploads->world, bundled);
	for (unsigned i = 0; i < 6; i++)
		(void)bh_phone_report(&uploads->phone, "无网上报");
	return err;
}

int bh_bundled_teardown(void **state, struct bh_bundled *bundled)
{
	bh_bundled_close(bundled);
	return bh_uploads_close(state);
}

void bh_bundled_head_is(struct bh_uploads *uploads, const struct bh_phone *phone, uint64_t seq)
{
	struct bh_log log;
	assert_int_equal(bh_reader_log(uploads->world.reader, phone->log_id, &log), 0);
	assert_int_equal(log.head_seq, seq);
	if (seq > 0)
		assert_memory_equal(log.head_link, phone->ops[seq - 1].link, BH_HASH_BYTES);
}
