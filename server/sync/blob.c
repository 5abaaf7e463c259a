/* Tasks about photos on their way: made by a session, queued here until the driver's blob thread
 * takes them, given back done, in the same order.  A session has a bounded number of them out, and
 * their bytes count as pushes do; what was not taken when its session went is dropped. */
#include "server/sync/blob.h"

#include <stdlib.h>
#include <string.h>

#define TASK_BYTES 256u /* of one besides its data, about */

struct bh_blob_task *bh_blob_task_new(
	struct bh_session *session, enum bh_blob_work work, const uint8_t hash[BH_HASH_BYTES])
{
	if (session->blob_tasks_count >= BH_BLOB_TASKS_MAX ||
		session->hub->queue_bytes > BH_HUB_QUEUE_BYTES_MAX)
		return NULL;
	struct bh_blob_task *task = calloc(1, sizeof(*task));
	if (task == NULL)
		return NULL;
	task->job.owner = task;
	task->job.work = work;
	task->job.data = BH_BUF(BH_BLOB_PART_BYTES_MAX);
	memcpy(task->job.hash, hash, BH_HASH_BYTES);
	return task;
}

void bh_blob_task_free(struct bh_blob_task *task)
{
	if (task == NULL)
		return;
	bh_buf_free(&task->job.data);
	free(task);
}

void bh_blob_task_queue(struct bh_session *session, struct bh_blob_task *task)
{
	struct bh_hub *hub = session->hub;
	task->session = session;
	task->session_next = session->blob_tasks;
	session->blob_tasks = task;
	session->blob_tasks_count++;
	task->bytes = TASK_BYTES + task->job.data.len + task->job.bytes_max;
	hub->queue_bytes += task->bytes;
	task->job.next = NULL;
	if (hub->blobs_last != NULL)
		hub->blobs_last->next = &task->job;
	else
		hub->blobs_first = &task->job;
	hub->blobs_last = &task->job;
	bh_session_touch(session);
}

struct bh_blob_job *bh_hub_take_blob_job(struct bh_hub *hub)
{
	while (hub->blobs_first != NULL) {
		struct bh_blob_job *job = hub->blobs_first;
		struct bh_blob_task *task = job->owner;
		hub->blobs_first = job->next;
		if (hub->blobs_first == NULL)
			hub->blobs_last = NULL;
		job->next = NULL;
		if (task->session != NULL)
			return job;
		hub->queue_bytes -= task->bytes;
		bh_blob_task_free(task);
	}
	return NULL;
}

static void session_forget(struct bh_session *session, const struct bh_blob_task *task)
{
	struct bh_blob_task **at = &session->blob_tasks;
	while (*at != task)
		at = &(*at)->session_next;
	*at = task->session_next;
	session->blob_tasks_count--;
}

static void task_done(
	struct bh_session *session, const struct bh_moment *at, struct bh_blob_job *job)
{
	if (job->work == BH_BLOB_OPEN)
		bh_upload_opened(session, job);
	else if (job->work == BH_BLOB_PART)
		bh_upload_parted(session, job);
	else if (job->work == BH_BLOB_PROVE)
		bh_upload_proved(session, job);
	else if (job->work == BH_BLOB_CARGO)
		bh_cargo_told(session, job);
	else
		bh_download_read(session, at, job);
}

void bh_hub_blob_done(
	struct bh_hub *hub, struct bh_now now, int64_t district_ms, struct bh_blob_job *job)
{
	struct bh_moment at = {now, district_ms};
	struct bh_blob_task *task = job->owner;
	struct bh_session *session = task->session;
	hub->queue_bytes -= task->bytes;
	if (session != NULL) {
		session_forget(session, task);
		bh_hub_charge_spare(hub, session, job->hashed / BH_BLOB_HASHED_PER_OP);
		if (session->phase == BH_PHASE_LIVE)
			task_done(session, &at, job);
	}
	bh_blob_task_free(task);
}

void bh_blobs_end(struct bh_session *session)
{
	session->hub->counts.uploads -= session->upload != NULL;
	free(session->upload);
	free(session->download);
	session->upload = NULL;
	session->download = NULL;
}

void bh_blobs_close(struct bh_session *session)
{
	bh_blobs_end(session);
	for (struct bh_blob_task *task = session->blob_tasks; task != NULL;
		task = task->session_next)
		task->session = NULL;
}

void bh_hub_blobs_close(struct bh_hub *hub)
{
	while (hub->blobs_first != NULL) {
		struct bh_blob_task *task = hub->blobs_first->owner;
		hub->blobs_first = hub->blobs_first->next;
		bh_blob_task_free(task);
	}
}

/* ---- Answers ---- */

void bh_blob_tell(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_state state, uint32_t retry_after_ms)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE};
	frame.u.blob_state.hash = bh_span(hash, BH_HASH_BYTES);
	frame.u.blob_state.state = (uint32_t)state;
	frame.u.blob_state.retry_after_ms = retry_after_ms;
	bh_session_send(session, &frame);
}

void bh_blob_tell_later(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], int err)
{
	uint32_t wait_ms = BH_RETRY_BUSY_MS;
	if (err == BH_ERR_FULL)
		wait_ms = BH_RETRY_ROOM_MS;
	else if (err != 0 && err != BH_ERR_NOMEM)
		wait_ms = BH_RETRY_STORAGE_MS;
	bh_blob_tell(session, hash, BH_BLOB_LATER, wait_ms);
}

bool bh_blob_may_ask(
	struct bh_session *session, const struct bh_moment *at, const uint8_t hash[BH_HASH_BYTES])
{
	uint32_t wait_ms = bh_hub_spend_spare(
		session->hub, session, at->now, BH_BLOB_OFFER_COSTS_OPS);
	if (wait_ms != 0) {
		bh_blob_tell(session, hash, BH_BLOB_LATER, wait_ms);
		return false;
	}
	/* who drains offers its photos; what it asks for is in none of its scopes: it has none */
	if (session->draining || bh_session_may_receive(session))
		return true;
	if (session->phase == BH_PHASE_LIVE)
		bh_blob_tell_later(session, hash, BH_ERR_IO);
	return false;
}
