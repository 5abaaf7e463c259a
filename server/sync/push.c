/* Push: a batch of a device's ops on its way to the writer.
 *
 *   unpack --> count and bound --> where in the log --> each op: decode, link --> one job
 *
 * Links are computed here from what the log is known to be, and what is in flight, so that the
 * writer only compares.  One bad op is one verdict: it goes on as hash and length, and the ops
 * behind it go on whole (A17).  The batch itself is refused only when it cannot be read, or does
 * not follow. */
#include <string.h>

#include "server/sync/hub.h"

#define OP_OVERHEAD_BYTES_MAX 16u /* of one op in an encoded Batch */

/* Of a batch's first op. */
static bool seq_is_one(uint64_t seq)
{
	return seq > 0 && seq <= UINT32_MAX - BH_BATCH_OPS_MAX;
}

/* False: refused. */
static bool may_spend(struct bh_session *session, const struct bh_moment *at, size_t ops)
{
	struct bh_msg_refusal refusal = {.code = BH_REFUSAL_BUSY};
	refusal.retry_after_ms = bh_hub_spend(session->hub, session, at->now, ops);
	if (refusal.retry_after_ms == 0)
		return true;
	bh_session_refuse_with(session, &refusal, "it pushes more than a device may");
	return false;
}

/* Refuses a batch that is too big, with how big one may be.  The session goes on, so what it took
 * to look is paid for as a whole batch. */
static void refuse_batch(struct bh_session *session, const struct bh_moment *at)
{
	struct bh_msg_refusal refusal = {
		.code = BH_REFUSAL_BATCH, .batch_bytes_max = BH_BATCH_BYTES_MAX};
	if (may_spend(session, at, BH_BATCH_OPS_MAX))
		bh_session_refuse_with(session, &refusal, "a batch over the limit");
}

/* What is acknowledged or in flight does not reach the push: refused before it is unpacked, since
 * the session goes on and the next one may leave the same gap.  Between the acknowledged head and
 * the end of what is in flight only the end itself is followed. */
static bool leaves_gap(
	struct bh_session *session, const struct bh_moment *at, const struct bh_msg_push *push)
{
	uint64_t before = push->first_seq - 1;
	struct bh_msg_refusal refusal = {
		.code = BH_REFUSAL_GAP, .resume_after = session->acked_seq};
	if (!seq_is_one(push->first_seq) || before <= session->acked_seq ||
		before == session->flight_seq)
		return false;
	if (may_spend(session, at, 1))
		bh_session_refuse_with(session, &refusal, "a gap");
	return true;
}

static bool refuse_err(struct bh_session *session, int err, enum bh_refusal otherwise)
{
	if (err == 0)
		return false;
	if (err == BH_ERR_NOMEM)
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a push");
	else
		bh_session_refuse(session, otherwise, "a batch that cannot be read");
	return true;
}

/* ---- The batch ---- */

/* Unpacks and decodes into the work; false: refused. */
static bool batch_read(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, struct bh_work *work, struct bh_msg_batch *batch)
{
	if (push->batch.raw_bytes > BH_BATCH_BYTES_MAX + BH_BATCH_OPS_MAX * OP_OVERHEAD_BYTES_MAX) {
		refuse_batch(session, at);
		return false;
	}
	int err = bh_unpack(session->hub->options.packer, push->batch.scheme, push->batch.raw_bytes,
		push->batch.data, &work->raw);
	if (refuse_err(session, err, BH_REFUSAL_UNPACK))
		return false;
	err = bh_decode_batch(bh_buf_span(&work->raw), &work->arena, batch);
	if (err == BH_ERR_LIMIT) {
		refuse_batch(session, at);
		return false;
	}
	return !refuse_err(session, err, BH_REFUSAL_BAD_FRAME);
}

static bool batch_fits(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, const struct bh_msg_batch *batch)
{
	size_t bytes = 0, count = batch->headers_count;
	if (count == 0 || batch->contents_count != count ||
		push->salts.len != count * BH_SALT_BYTES || !seq_is_one(push->first_seq)) {
		bh_session_refuse(session, BH_REFUSAL_BAD_FRAME, "a batch whose counts differ");
		return false;
	}
	for (size_t i = 0; i < count; i++)
		bytes += batch->headers[i].len + batch->contents[i].len;
	if (count <= BH_BATCH_OPS_MAX && bytes <= BH_BATCH_BYTES_MAX)
		return true;
	refuse_batch(session, at);
	return false;
}

/* The link before the batch's first op, which leaves no gap; false: refused.  What lies before the
 * acknowledged head is a repeat. */
static bool batch_follows(
	struct bh_session *session, uint64_t first_seq, uint8_t prev[BH_HASH_BYTES])
{
	struct bh_log log;
	uint64_t before = first_seq - 1;
	if (before == session->flight_seq) {
		memcpy(prev, session->flight_link, BH_HASH_BYTES);
		return true;
	}
	if (before == session->acked_seq) {
		memcpy(prev, session->acked_link, BH_HASH_BYTES);
		return true;
	}
	struct bh_store_reader *reader = session->hub->options.reader;
	int err = bh_reader_log(reader, session->log_id, &log);
	if (err == 0)
		err = bh_reader_link_at(reader, &log, before, prev);
	if (err != 0)
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "its log cannot be read");
	return err == 0;
}

/* ---- An op ---- */

static void command_from_header(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_op_header *header, struct bh_command *command)
{
	command->verb = (enum bh_verb)header->verb;
	command->has_origin = header->has_origin;
	command->origin = header->origin;
	command->person = header->author;
	command->post = header->post;
	command->case_number = header->case_number;
	command->cycle = header->cycle;
	command->base_position = header->base_position;
	command->captured_ms = header->captured_ms;
	command->type = header->type;
	command->condition = header->condition;
	command->urgency = header->urgency;
	command->reason_code = header->reason;
	command->task = header->task;
	command->dispute.present = header->present;
	command->photos = (uint32_t)header->blobs_count;
	for (size_t i = 0; i < header->blobs_count; i++) {
		command->photos_before += header->blobs[i].kind == BH_BLOB_PHOTO;
		command->photos_after += header->blobs[i].kind == BH_BLOB_AFTER;
	}
	command->area = header->area;
	command->round = header->round;
	bh_capture_offset(session, at->district_ms, header, &command->clock_offset_ms,
		&command->clock_bound_ms);
}

static void command_from_content(
	const struct bh_msg_op_content *content, struct bh_command *command)
{
	command->text = content->text;
	command->has_place = content->has_place;
	command->latitude_e7 = content->latitude_e7;
	command->longitude_e7 = content->longitude_e7;
	command->datum = content->datum;
	command->accuracy_dm = content->accuracy_dm;
}

/* The store keeps its lengths, its commitment and its link, which still prove what was sent. */
static int command_unreadable(struct bh_command *command, enum bh_reason reason)
{
	command->verb = BH_VERB_UNREADABLE;
	command->reason = (int)reason;
	return 0;
}

/* Fills what was read of the op; 0 or BH_ERR_NOMEM. */
static int command_read(struct bh_session *session, const struct bh_moment *at,
	struct bh_work *work, struct bh_command *command)
{
	struct bh_msg_op_header header;
	struct bh_msg_op_content content;
	int header_reason = 0, content_reason = 0;
	if (command->header.len > BH_OP_HEADER_BYTES_MAX ||
		command->content.len > BH_OP_CONTENT_BYTES_MAX)
		return command_unreadable(command, BH_REASON_TOO_LARGE);
	int err = bh_op_decode_header(command->header, &work->arena, &header, &header_reason);
	if (err == 0)
		err = bh_op_decode_content(
			command->content, &work->arena, &content, &content_reason);
	if (err == BH_ERR_NOMEM)
		return err;
	if (err != 0)
		return command_unreadable(command, BH_REASON_UNREADABLE);
	command->reason = header_reason != 0 ? header_reason : content_reason;
	command_from_header(session, at, &header, command);
	command_from_content(&content, command);
	return 0;
}

/* Links the ops one to the next, from prev on; prev becomes the last link. */
static int commands_fill(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, const struct bh_msg_batch *batch, struct bh_work *work,
	uint8_t prev[BH_HASH_BYTES])
{
	struct bh_hasher *hasher = session->hub->options.hasher;
	for (size_t i = 0; i < work->job.count; i++) {
		struct bh_command *command = &work->job.commands[i];
		command->source = BH_SOURCE_DEVICE;
		command->device = session->device;
		command->log_short = session->log_short;
		command->seq = push->first_seq + i;
		command->header = batch->headers[i];
		command->by_hand = session->carried != NULL;
		command->content = batch->contents[i];
		memcpy(command->salt, push->salts.data + i * BH_SALT_BYTES, BH_SALT_BYTES);
		memcpy(command->prev_link, prev, BH_HASH_BYTES);
		bh_op_commitment(hasher, command->salt, command->content, command->commitment);
		bh_log_link(hasher, prev, command->seq, command->header, command->commitment,
			command->link);
		memcpy(prev, command->link, BH_HASH_BYTES);
		int err = command_read(session, at, work, command);
		if (err != 0)
			return err;
	}
	return 0;
}

/* The device's word, by its key, that its log goes this far. */
static bool head_holds(
	struct bh_session *session, const struct bh_msg_push *push, const struct bh_command *last)
{
	struct bh_device device;
	struct bh_buf message = BH_BUF(512);
	if (push->head_signature.len == 0)
		return true;
	int err = bh_reader_device(session->hub->options.reader, session->device, &device);
	if (err == 0)
		err = bh_head_message(&message, session->hub->district.code, session->device,
			session->log_id, last->seq, last->link);
	if (err == 0)
		err = bh_key_verify(
			device.public_key, bh_buf_span(&message), push->head_signature.data);
	bh_buf_free(&message);
	if (err != 0)
		bh_session_refuse(session, BH_REFUSAL_BAD_FRAME, "a log head that is not signed");
	return err == 0;
}

/* ---- The handler ---- */

static bool may_push(struct bh_session *session)
{
	if (session->pushes >= BH_PIPELINE_PUSHES_MAX)
		bh_session_refuse(session, BH_REFUSAL_ORDER, "too many pushes at once");
	else if (session->hub->queue_bytes > BH_HUB_QUEUE_BYTES_MAX)
		bh_session_refuse(session, BH_REFUSAL_BUSY, "the district's queue is full");
	else
		return true;
	return false;
}

/* What a device that is cut off brings is bounded: beyond it waits on the handset until some of it
 * is decided.  A repeat is answered all the same (I15).  What is refused is paid for. */
static bool may_drain(struct bh_session *session, uint64_t last_seq)
{
	struct bh_msg_refusal refusal = {
		.code = BH_REFUSAL_BUSY, .retry_after_ms = BH_QUARANTINE_FULL_RETRY_MS};
	uint64_t held = 0;
	if (!session->draining || last_seq <= session->acked_seq)
		return true;
	if (bh_reader_held(session->hub->options.reader, session->device, &held) != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "its quarantine cannot be read");
		return false;
	}
	if (held + (last_seq - session->acked_seq) <= session->hub->options.device_quarantined_max)
		return true;
	bh_session_refuse_with(session, &refusal, "its quarantine is full");
	return false;
}

/* Moves batch, read into a work of its own, into a job; true when it is queued. */
static bool push_queue(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, const struct bh_msg_batch *batch, struct bh_work *work)
{
	uint8_t prev[BH_HASH_BYTES];
	if (!batch_fits(session, at, push, batch) ||
		!batch_follows(session, push->first_seq, prev) ||
		!may_spend(session, at, batch->headers_count) ||
		!may_drain(session, push->first_seq + batch->headers_count - 1))
		return false;
	if (refuse_err(session, bh_work_commands(work, batch->headers_count), BH_REFUSAL_BUSY) ||
		refuse_err(session, commands_fill(session, at, push, batch, work, prev),
			BH_REFUSAL_BUSY))
		return false;
	const struct bh_command *last = &work->job.commands[work->job.count - 1];
	if (!head_holds(session, push, last))
		return false;
	bh_receipts_believe(session, at, push, &work->job);
	if (last->seq > session->flight_seq) {
		session->flight_seq = last->seq;
		memcpy(session->flight_link, last->link, BH_HASH_BYTES);
	}
	work->bytes = work->raw.len + work->job.count * sizeof(struct bh_command);
	session->pushes++;
	session->hub->counts.pushes++;
	session->hub->counts.ops += work->job.count;
	bh_hub_queue(session->hub, session, work);
	return true;
}

void bh_handle_push(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_push *push = &frame->u.push;
	struct bh_msg_batch batch;
	(void)body;
	if (!may_push(session) || leaves_gap(session, at, push))
		return;
	struct bh_work *work = bh_work_new(session, BH_WORK_PUSH, 0);
	if (work == NULL) {
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a push");
		return;
	}
	if (!batch_read(session, at, push, work, &batch) ||
		!push_queue(session, at, push, &batch, work))
		bh_work_free(work);
	else
		bh_session_touch(session);
}
