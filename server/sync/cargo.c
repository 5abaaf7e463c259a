/* A bundle that a handset carries for another, on its way here.
 *
 *   Cargo ─▶ CARGO (files) ─▶ wanted, from n ... ─▶ whole: later ─▶ (taken in) ─▶ answered
 *                                                                        └─▶ refused, why
 *
 * Who carries it learns nothing of what is in it: the answer is sealed, too, and a refusal names a
 * fault of the file. */
#include "server/sync/blob.h"

#define LATER_MS 500u         /* it is being taken in */
#define DRAINING_MS 3600000u  /* who was cut off carries nothing */
#define FOLDER_READ_PER_OP 4u /* what an ask costs, in ops */

/* held: all of it, where it is whole here. */
static void later_tell(
	struct bh_session *session, struct bh_span hash, uint32_t wait_ms, uint32_t held)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_CARGO_STATE,
		.u.cargo_state = {.hash = hash,
			.state = BH_CARGO_LATER,
			.offset = held,
			.retry_after_ms = wait_ms}};
	bh_session_send(session, &frame);
}

void bh_cargo_told(struct bh_session *session, const struct bh_blob_job *job)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_CARGO_STATE};
	struct bh_msg_cargo_state *state = &frame.u.cargo_state;
	state->hash = bh_span(job->hash, BH_HASH_BYTES);
	if (job->err != 0) {
		later_tell(session, state->hash,
			job->err == BH_ERR_FULL ? BH_RETRY_ROOM_MS : BH_RETRY_STORAGE_MS, 0);
		return;
	}
	if (job->found == BH_BLOB_HELD) {
		state->state = BH_CARGO_WANTED;
		state->offset = job->held;
	} else if (job->found == BH_BLOB_WHOLE) {
		state->state = BH_CARGO_TAKEN;
		state->offset = job->answer_offset;
		state->answer_size = job->size;
		state->answer_hash = bh_span(job->prefix_hash, BH_HASH_BYTES);
		state->data = bh_buf_span(&job->data);
	} else if (job->found == BH_BLOB_WRONG) {
		state->state = BH_CARGO_DENIED;
		state->reason = bh_buf_span(&job->data);
	} else {
		later_tell(session, state->hash, LATER_MS, job->held);
		return;
	}
	bh_session_send(session, &frame);
}

static bool cargo_fits(struct bh_session *session, const struct bh_msg_cargo *cargo)
{
	if (cargo->size > 0 && cargo->size <= BH_CARGO_BYTES_MAX &&
		cargo->data.len <= BH_BLOB_PART_BYTES_MAX && cargo->offset <= cargo->size &&
		cargo->data.len <= cargo->size - cargo->offset)
		return true;
	bh_session_refuse(session, BH_REFUSAL_BAD_FRAME, "cargo of no size that one has");
	return false;
}

void bh_handle_cargo(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_cargo *cargo = &frame->u.cargo;
	(void)body;
	if (!cargo_fits(session, cargo))
		return;
	uint32_t wait_ms = session->draining ? DRAINING_MS : 0;
	if (wait_ms == 0 && cargo->offset == 0)
		wait_ms = bh_hub_spend_spare(session->hub, session, at->now, FOLDER_READ_PER_OP);
	struct bh_blob_task *task = wait_ms == 0 ? bh_blob_task_new(
							   session, BH_BLOB_CARGO, cargo->hash.data)
						 : NULL;
	int err = task != NULL ? bh_buf_append(&task->job.data, cargo->data.data, cargo->data.len)
			       : BH_ERR_NOMEM;
	if (err != 0) {
		bh_blob_task_free(task);
		later_tell(session, cargo->hash, wait_ms != 0 ? wait_ms : BH_RETRY_BUSY_MS, 0);
		return;
	}
	task->job.device = session->device;
	task->job.size = cargo->size;
	task->job.offset = cargo->offset;
	task->job.answer_offset = cargo->answer_offset;
	bh_blob_task_queue(session, task);
}
