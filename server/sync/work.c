/* Jobs on their way: made by a session, queued here until the driver takes them, and given back
 * done. What a command points to lives in its job, so a session may go while its jobs are out; a
 * job that was not taken by then is dropped (nobody was told anything about it). */
#include <stdlib.h>

#include "server/sync/hub.h"

struct bh_work *bh_work_new(struct bh_session *session, enum bh_work_kind kind, size_t count)
{
	struct bh_work *work = calloc(1, sizeof(*work));
	if (work == NULL)
		return NULL;
	work->kind = kind;
	work->job.owner = work;
	work->raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	work->payload = BH_BUF(BH_FRAME_HELLO_BYTES_MAX);
	work->arena = BH_ARENA((size_t)BH_UNPACKED_BYTES_MAX * BH_DECODE_HEAP_FACTOR);
	work->generation = session->generation;
	if (count > 0 && bh_work_commands(work, count) != 0) {
		bh_work_free(work);
		return NULL;
	}
	return work;
}

int bh_work_commands(struct bh_work *work, size_t count)
{
	work->job.commands = calloc(count, sizeof(*work->job.commands));
	work->job.outcomes = calloc(count, sizeof(*work->job.outcomes));
	if (work->job.commands == NULL || work->job.outcomes == NULL)
		return BH_ERR_NOMEM;
	work->job.count = count;
	return 0;
}

void bh_work_free(struct bh_work *work)
{
	if (work == NULL)
		return;
	free(work->job.commands);
	free(work->job.outcomes);
	bh_buf_free(&work->raw);
	bh_buf_free(&work->payload);
	bh_arena_free(&work->arena);
	free(work);
}

void bh_hub_queue(struct bh_hub *hub, struct bh_session *session, struct bh_work *work)
{
	work->session = session;
	work->session_next = session->works;
	session->works = work;
	session->works_count++;
	hub->queue_bytes += work->bytes;
	work->job.next = NULL;
	if (hub->queue_last != NULL)
		hub->queue_last->next = &work->job;
	else
		hub->queue_first = &work->job;
	hub->queue_last = &work->job;
}

struct bh_job *bh_hub_take_job(struct bh_hub *hub)
{
	while (hub->queue_first != NULL) {
		struct bh_job *job = hub->queue_first;
		struct bh_work *work = job->owner;
		hub->queue_first = job->next;
		if (hub->queue_first == NULL)
			hub->queue_last = NULL;
		job->next = NULL;
		if (work->session != NULL) {
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 30
			bh_push_promise(work);
#endif
			return job;
		}
		hub->queue_bytes -= work->bytes;
		bh_work_free(work);
	}
	return NULL;
}

static void session_forget(struct bh_session *session, const struct bh_work *work)
{
	struct bh_work **at = &session->works;
	while (*at != work)
		at = &(*at)->session_next;
	*at = work->session_next;
	session->works_count--;
}

void bh_hub_job_done(struct bh_hub *hub, struct bh_now now, int64_t district_ms, struct bh_job *job)
{
	struct bh_moment at = {now, district_ms};
	hub->district_ms = district_ms;
	struct bh_work *work = job->owner;
	struct bh_session *session = work->session;
	hub->queue_bytes -= work->bytes;
	if (session != NULL) {
		session_forget(session, work);
		if (work->kind == BH_WORK_PUSH)
			bh_push_done(session, &at, work);
		else if (work->kind == BH_WORK_ENROL)
			bh_enrol_done(session, &at, work);
		else if (work->kind == BH_WORK_ROOM)
			bh_upload_room(session, work);
		else if (work->kind == BH_WORK_STORED)
			bh_upload_stored(session, work);
		else if (work->kind == BH_WORK_ROTATED)
			bh_rotate_done(session, work);
		else
			bh_hello_begun(session, &at, work);
	}
	bh_work_free(work);
}
