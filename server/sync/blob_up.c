/* A photo on its way up.
 *
 *   Offer ─▶ named by an op of this person? ─▶ room (writer) ─▶ OPEN (files) ─▶ wanted, from n
 *   Part  ─▶ PART (files) ─▶ wanted, from n+1 ... ─▶ whole ─▶ STORED for each case that awaits it
 *            (writer) ─▶ complete, said only when it is durable
 *
 * What is here already takes a short way: whoever may see it has it at once for the case that
 * awaits it, whoever may not shows first that the same bytes lie with them, so that to know a hash
 * is not to have the photo:
 *
 *   Offer ─▶ seen ─▶ OPEN (stored) ─▶ STORED for the cases of this person ─▶ complete
 *     └─ not seen, or found whole and in no case yet ─▶ proof wanted ─▶ Offer with a proof ─▶ PROVE
 *
 * Where it has gone meanwhile (a restore without it) it is asked for as if it had never been here.
 * Nothing here judges a part by its offset: the files do, in the order of their
 * coming, so that each is answered by one state, in order. */
#include <stdlib.h>
#include <string.h>

#include "server/sync/blob.h"

static void upload_end(struct bh_session *session)
{
	session->hub->counts.uploads -= session->upload != NULL;
	free(session->upload);
	session->upload = NULL;
}

static bool upload_is(const struct bh_session *session, const uint8_t hash[BH_HASH_BYTES])
{
	return session->upload != NULL && memcmp(session->upload->hash, hash, BH_HASH_BYTES) == 0;
}

/* The upload that this answer is about ends, if it is still the session's. */
static void answer(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_state state, uint32_t retry_after_ms)
{
	if (upload_is(session, hash))
		upload_end(session);
	session->hub->counts.blobs_complete += state == BH_BLOB_COMPLETE;
	session->hub->counts.blobs_refused += state == BH_BLOB_REFUSED;
	bh_blob_tell(session, hash, state, retry_after_ms);
}

static void answer_later(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], int err)
{
	if (upload_is(session, hash))
		upload_end(session);
	bh_blob_tell_later(session, hash, err);
}

/* ---- The writer's part ---- */

static struct bh_command *store_command(
	struct bh_work *work, size_t i, const uint8_t hash[BH_HASH_BYTES], uint32_t size)
{
	struct bh_command *command = &work->job.commands[i];
	command->source = BH_SOURCE_STORE;
	memcpy(command->blob_hash, hash, BH_HASH_BYTES);
	command->blob_size = size;
	return command;
}

/* size 0: gives that of room_ms back, and nobody waits for it. */
static int room_ask(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], uint32_t size,
	int64_t room_ms)
{
	struct bh_work *work = bh_work_new(session, BH_WORK_ROOM, 1);
	if (work == NULL)
		return BH_ERR_NOMEM;
	struct bh_command *command = store_command(work, 0, hash, size);
	command->blob_room = true;
	command->blob_room_ms = room_ms;
	command->device = session->device;
	bh_hub_queue(session->hub, session, work);
	bh_session_touch(session);
	return 0;
}

/* Every case for which this person's ops name it is told to the journal; where none awaits it, it
 * is complete.  Others' cases wait until they show that they hold it. */
static void whole_settle(
	struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], uint32_t size)
{
	uint64_t numbers[BH_BLOB_CASES_MAX];
	size_t count = 0;
	int err = bh_reader_blob_awaited(session->hub->options.reader, hash, size, session->person,
		numbers, BH_BLOB_CASES_MAX, &count);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 34
	answer(session, hash, BH_BLOB_COMPLETE, 0);
#endif
	if (err == 0 && count == 0) {
		answer(session, hash, BH_BLOB_COMPLETE, 0);
		return;
	}
	struct bh_work *work = err == 0 ? bh_work_new(session, BH_WORK_STORED, count) : NULL;
	if (work == NULL) {
		answer_later(session, hash, err != 0 ? err : BH_ERR_NOMEM);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct bh_command *command = store_command(work, i, hash, size);
		command->verb = BH_VERB_STORED;
		command->case_number = numbers[i];
	}
	work->bytes = count * sizeof(struct bh_command);
	bh_hub_queue(session->hub, session, work);
	bh_session_touch(session);
}

/* More cases may await it than were told at once. */
void bh_upload_stored(struct bh_session *session, struct bh_work *work)
{
	const struct bh_command *command = &work->job.commands[0];
	int err = work->job.err;
	if (session->phase != BH_PHASE_LIVE)
		return;
	for (size_t i = 0; err == 0 && i < work->job.count; i++) {
		err = work->job.outcomes[i].err;
		if (err == 0 && work->job.outcomes[i].verdict != BH_VERDICT_ACCEPTED)
			err = BH_ERR_INVALID;
	}
	if (err != 0)
		answer_later(session, command->blob_hash, err);
	else
		whole_settle(session, command->blob_hash, command->blob_size);
}

/* ---- The files' part ---- */

static void file_open(
	struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], uint32_t size, bool stored)
{
	struct bh_blob_task *task = bh_blob_task_new(session, BH_BLOB_OPEN, hash);
	if (task == NULL) {
		answer_later(session, hash, 0);
		return;
	}
	task->job.size = size;
	task->job.stored = stored;
	task->job.device = session->device;
	task->room_ms = upload_is(session, hash) ? session->upload->room_ms : 0;
	bh_blob_task_queue(session, task);
}

void bh_upload_room(struct bh_session *session, struct bh_work *work)
{
	const struct bh_command *command = &work->job.commands[0];
	const struct bh_outcome *outcome = &work->job.outcomes[0];
	int err = work->job.err != 0 ? work->job.err : outcome->err;
	if (command->blob_size == 0 || session->phase != BH_PHASE_LIVE)
		return;
	if (err != 0) {
		answer_later(session, command->blob_hash, err);
	} else if (outcome->verdict != BH_VERDICT_ACCEPTED) {
		answer_later(session, command->blob_hash, BH_ERR_FULL);
	} else {
		if (upload_is(session, command->blob_hash))
			session->upload->room_ms = outcome->at_ms;
		file_open(session, command->blob_hash, command->blob_size, false);
	}
}

static void wanted_tell(struct bh_session *session, const struct bh_blob_job *job)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE};
	struct bh_msg_blob_state *state = &frame.u.blob_state;
	state->hash = bh_span(job->hash, BH_HASH_BYTES);
	state->state = BH_BLOB_WANTED;
	state->offset = job->held;
	if (job->held > 0)
		state->prefix_hash = bh_span(job->prefix_hash, BH_HASH_BYTES);
	bh_session_send(session, &frame);
}

/* Its room stays counted where bytes stay. */
static void wrong_tell(struct bh_session *session, const struct bh_blob_job *job)
{
	const struct bh_blob_task *task = job->owner;
	if (!job->stays && task->room_ms != 0)
		(void)room_ask(session, job->hash, 0, task->room_ms);
	answer(session, job->hash, BH_BLOB_REFUSED, 0);
}

static void found_tell(struct bh_session *session, const struct bh_blob_job *job)
{
	int err = job->err;
	if (err == 0 && job->found == BH_BLOB_HELD)
		wanted_tell(session, job);
	else if (err == 0 && job->found == BH_BLOB_WHOLE)
		whole_settle(session, job->hash, job->held);
	else if (err == 0 && job->found == BH_BLOB_WRONG)
		wrong_tell(session, job);
	else if (err == 0 && job->found == BH_BLOB_BUSY)
		answer(session, job->hash, BH_BLOB_LATER, BH_RETRY_UPLOADS_MS);
	else if (err == 0 && job->found == BH_BLOB_GONE)
		err = room_ask(session, job->hash, job->size, 0);
	if (err != 0 || job->found == BH_BLOB_LOST)
		answer_later(session, job->hash, err);
}

/* What lay there whole may be anybody's, unless this person sees it in a case. */
void bh_upload_opened(struct bh_session *session, struct bh_blob_job *job)
{
	if (job->err == 0 && job->found == BH_BLOB_HELD && upload_is(session, job->hash))
		session->upload->ticket = job->upload;
	if (job->err == 0 && job->found == BH_BLOB_WHOLE && !job->stored)
		answer(session, job->hash, BH_BLOB_PROOF_WANTED, 0);
	else
		found_tell(session, job);
}

void bh_upload_parted(struct bh_session *session, struct bh_blob_job *job)
{
	session->blob_parts--;
	found_tell(session, job);
}

/* Who has other bytes is told as much as who is named by no op. */
void bh_upload_proved(struct bh_session *session, struct bh_blob_job *job)
{
	if (job->err != 0 || job->found != BH_BLOB_WRONG) {
		found_tell(session, job);
		return;
	}
	session->hub->counts.blobs_foreign++;
	answer(session, job->hash, BH_BLOB_UNKNOWN, 0);
}

/* ---- The handlers ---- */

static int upload_begin(struct bh_session *session, const uint8_t *hash, uint32_t size)
{
	upload_end(session);
	session->upload = calloc(1, sizeof(*session->upload));
	if (session->upload == NULL)
		return BH_ERR_NOMEM;
	memcpy(session->upload->hash, hash, BH_HASH_BYTES);
	session->upload->size = size;
	session->hub->counts.uploads++;
	return 0;
}

static int proof_check(struct bh_session *session, const struct bh_msg_blob_offer *offer)
{
	struct bh_blob_task *task = bh_blob_task_new(session, BH_BLOB_PROVE, offer->hash.data);
	int err = task != NULL ? bh_photo_proof_head(&task->job.data, &session->binding)
			       : BH_ERR_NOMEM;
	if (err != 0) {
		bh_blob_task_free(task);
		return err;
	}
	task->job.size = offer->size;
	memcpy(task->job.proof, offer->proof.data, BH_HASH_BYTES);
	bh_blob_task_queue(session, task);
	return 0;
}

/* One that the journal calls stored: for this person, by whom it was sent or shown, or for others.
 */
static int here_take(
	struct bh_session *session, const uint8_t *hash, uint32_t size, enum bh_blob_right right)
{
	uint32_t seen_size = 0;
	int err = 0;
	if (right == BH_BLOB_AWAITED)
		err = bh_blob_sight(session, hash, &seen_size);
	if (err == 0)
		file_open(session, hash, size, true);
	if (err != BH_ERR_NOT_FOUND)
		return err;
	answer(session, hash, BH_BLOB_PROOF_WANTED, 0);
	return 0;
}

/* 0: something answers it. */
static int offer_take(
	struct bh_session *session, const struct bh_msg_blob_offer *offer, enum bh_blob_right right)
{
	const uint8_t *hash = offer->hash.data;
	uint32_t here_size = 0;
	int err = bh_reader_blob_here(session->hub->options.reader, hash, &here_size);
	bool here = err == 0;
	if (err != 0 && err != BH_ERR_NOT_FOUND)
		return err;
	if (here && here_size != offer->size) { /* the hash is that of another size */
		answer(session, hash, BH_BLOB_REFUSED, 0);
		return 0;
	}
	err = upload_begin(session, hash, offer->size);
	if (err != 0)
		return err;
	if (offer->proof.len != 0)
		return proof_check(session, offer);
	return here ? here_take(session, hash, offer->size, right)
		    : room_ask(session, hash, offer->size, 0);
}

void bh_handle_blob_offer(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const uint8_t *hash = frame->u.blob_offer.hash.data;
	uint32_t size = frame->u.blob_offer.size;
	enum bh_blob_right right = BH_BLOB_NOT_NAMED;
	struct bh_store_reader *reader = session->hub->options.reader;
	(void)body;
	if (session->works_count + session->blob_tasks_count >= BH_BLOB_TASKS_MAX) {
		bh_session_refuse(session, BH_REFUSAL_ORDER, "too many offers at once");
		return;
	}
	if (!bh_blob_may_ask(session, at, hash))
		return;
	int err = bh_reader_blob_named(reader, hash, size, session->person, &right);
	if (err == 0 && right == BH_BLOB_NOT_NAMED) {
		session->hub->counts.blobs_foreign++;
		answer(session, hash, BH_BLOB_UNKNOWN, 0);
	} else if (err == 0) {
		err = offer_take(session, &frame->u.blob_offer, right);
	}
	bh_hub_charge_spare(
		session->hub, session, bh_reader_blob_steps(reader) / BH_BLOB_STEPS_PER_OP);
	if (err != 0)
		answer_later(session, hash, err);
}

static bool part_fits(struct bh_session *session, const struct bh_msg_blob_part *part)
{
	if (part->data.len == 0 || part->data.len > BH_BLOB_PART_BYTES_MAX)
		bh_session_refuse(session, BH_REFUSAL_BAD_FRAME, "a part of no size that one has");
	else if (session->blob_parts >= BH_BLOB_PARTS_OUT_MAX)
		bh_session_refuse(session, BH_REFUSAL_ORDER, "too many parts at once");
	else
		return true;
	return false;
}

/* One of another photo than the open one goes on its way without its bytes: it is answered in its
 * turn, with where the open one is. */
void bh_handle_blob_part(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_blob_part *part = &frame->u.blob_part;
	const struct bh_upload *upload = session->upload;
	(void)at;
	(void)body;
	if (!part_fits(session, part))
		return;
	if (upload == NULL || upload->ticket == 0) {
		bh_blob_tell_later(session, part->hash.data, 0);
		return;
	}
	struct bh_blob_task *task = bh_blob_task_new(session, BH_BLOB_PART, upload->hash);
	int err = task != NULL ? 0 : BH_ERR_NOMEM;
	if (err == 0 && upload_is(session, part->hash.data)) {
		task->job.offset = part->offset;
		err = bh_buf_append(&task->job.data, part->data.data, part->data.len);
	}
	if (err != 0) {
		bh_blob_task_free(task);
		answer_later(session, part->hash.data, err);
		return;
	}
	task->job.upload = upload->ticket;
	task->room_ms = upload->room_ms;
	session->blob_parts++;
	session->hub->counts.blob_parts++;
	bh_blob_task_queue(session, task);
}
