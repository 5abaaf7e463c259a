/* A photo on its way down, for whoever is told of it in a Record.
 *
 *   Ask ─▶ seen in one of the session's scopes, and here? ─▶ READ (files) ─▶ part ─▶ the driver
 * took it │ no: unknown, whether it is there or not              ▲                  │ ▼
 * └──────────────────┘
 *
 * The next part is read only when the output is empty, so a slow reader costs one part, and records
 * and acknowledgements never wait behind more. */
#include <stdlib.h>
#include <string.h>

#include "server/sync/blob.h"

static void download_end(struct bh_session *session)
{
	free(session->download);
	session->download = NULL;
}

int bh_blob_sight(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], uint32_t *size)
{
	struct bh_blob_sight sights[BH_BLOB_CASES_MAX];
	size_t count = 0;
	int err = bh_reader_blob_seen(
		session->hub->options.reader, hash, sights, BH_BLOB_CASES_MAX, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		bool shows = false;
		err = bh_record_shows(session, sights[i].case_number, sights[i].person, &shows);
		if (err == 0 && shows) {
			*size = sights[i].size;
			return 0;
		}
	}
	return err != 0 ? err : BH_ERR_NOT_FOUND;
}

static void part_read(struct bh_session *session)
{
	struct bh_download *download = session->download;
	struct bh_blob_task *task = bh_blob_task_new(session, BH_BLOB_READ, download->hash);
	if (task == NULL) {
		bh_blob_tell_later(session, download->hash, 0);
		download_end(session);
		return;
	}
	task->job.size = download->size;
	task->job.offset = download->offset;
	task->job.bytes_max = BH_BLOB_PART_BYTES_MAX;
	download->reading = true;
	bh_blob_task_queue(session, task);
}

void bh_handle_blob_ask(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const uint8_t *hash = frame->u.blob_ask.hash.data;
	uint32_t offset = frame->u.blob_ask.offset, size = 0;
	(void)body;
	download_end(session);
	if (!bh_blob_may_ask(session, at, hash))
		return;
	int err = bh_blob_sight(session, hash, &size);
	if (err == 0)
		session->download = calloc(1, sizeof(*session->download));
	if (err == BH_ERR_NOT_FOUND || (err == 0 && offset >= size)) {
		session->hub->counts.blobs_foreign += err != 0;
		download_end(session);
		bh_blob_tell(session, hash, BH_BLOB_UNKNOWN, 0);
	} else if (err != 0 || session->download == NULL) {
		bh_blob_tell_later(session, hash, err != 0 ? err : BH_ERR_NOMEM);
	} else {
		memcpy(session->download->hash, hash, BH_HASH_BYTES);
		session->download->size = size;
		session->download->offset = offset;
		part_read(session);
	}
}

static void part_send(struct bh_session *session, const struct bh_blob_job *job)
{
	struct bh_download *download = session->download;
	struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_PART};
	frame.u.blob_part.hash = bh_span(job->hash, BH_HASH_BYTES);
	frame.u.blob_part.offset = job->offset;
	frame.u.blob_part.data = bh_buf_span(&job->data);
	frame.u.blob_part.size = job->size;
	download->reading = false;
	download->offset += (uint32_t)job->data.len;
	session->hub->counts.blob_bytes_out += job->data.len;
	if (download->offset >= download->size)
		download_end(session);
	bh_session_send(session, &frame);
}

/* One that another Ask has ended meanwhile is nobody's. */
void bh_download_read(
	struct bh_session *session, const struct bh_moment *at, struct bh_blob_job *job)
{
	const struct bh_download *download = session->download;
	(void)at;
	if (download == NULL || download->offset != job->offset ||
		memcmp(download->hash, job->hash, BH_HASH_BYTES) != 0)
		return;
	if (job->err == 0 && bh_session_may_receive(session)) {
		part_send(session, job);
		return;
	}
	if (session->phase != BH_PHASE_LIVE)
		return;
	download_end(session);
	if (job->err == BH_ERR_NOT_FOUND)
		bh_blob_tell(session, job->hash, BH_BLOB_UNKNOWN, 0);
	else
		bh_blob_tell_later(session, job->hash, job->err);
}

void bh_session_output_taken(struct bh_session *session)
{
	if (session->phase == BH_PHASE_LIVE && session->download != NULL &&
		!session->download->reading && session->out.len == 0)
		part_read(session);
}
