/* The one thread that reads and writes photos: jobs wait in a row, each runs after a while, and its
 * answer takes a while to come back; the process may end at any point of this.
 *
 *   taken ──▶ (waits) ──▶ run ──▶ (on its way back) ──▶ the session hears of it, the next waits
 *               └─ now and then the disk stops inside */
#include <string.h>

#include "proto/err.h"
#include "server/store/blob.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define RUN_MS_MAX 40
#define BACK_MS_MAX 20
#define COLLECT_MAX 8u
#define STOP_PPM 20000u      /* of the parts */
#define STOP_LAST_PPM 90000u /* ... and of the last ones, behind which a photo is whole */
#define STOP_AFTER_MAX 3u

static void blob_plan(struct bh_simserver *server)
{
	int64_t most_ms = server->blob_ran ? BACK_MS_MAX : RUN_MS_MAX;

	if (server->blob_planned || server->blobs_first == NULL)
		return;
	server->blob_planned = true;
	bh_simrun_after(server->run,
		server->run->calm ? 1 : bh_simrng_tail(&server->rng, 0, most_ms),
		BH_SIMKIND_SERVER_BLOB, 0, 0, server->life);
}

/* What was committed a moment ago, the sessions do not know. */
static void cargo_judge(struct bh_simserver *server, const struct bh_blob_job *job)
{
	if (!server->telling.under_way)
		bh_simjudge_cargo(server->run->judge, job->device);
}

void bh_simserver_blobs_take(struct bh_simserver *server)
{
	struct bh_blob_job *job;

	while ((job = bh_hub_take_blob_job(server->hub)) != NULL) {
		job->next = NULL;
		if (job->work == BH_BLOB_CARGO)
			cargo_judge(server, job);
		else
			server->photos = true;
		if (server->blobs_first == NULL)
			server->blobs_first = job;
		else
			server->blobs_last->next = job;
		server->blobs_last = job;
	}
	blob_plan(server);
}

static struct bh_blob_job *blob_first(struct bh_simserver *server)
{
	struct bh_blob_job *job = server->blobs_first;

	server->blobs_first = job->next;
	job->next = NULL;
	return job;
}

/* A stop of the disk inside, for this job alone. */
static bool blob_stops(struct bh_simserver *server, const struct bh_blob_job *job)
{
	const struct bh_simphoto *photo = bh_simalbum_find(&server->run->album, job->hash);

	if (server->run->calm || server->run->healing || job->work != BH_BLOB_PART)
		return false;
	bool last = photo != NULL && job->offset + job->data.len == photo->size;
	return bh_simrng_chance(&server->rng, last ? STOP_LAST_PPM : STOP_PPM);
}

static void blob_run(struct bh_simserver *server, struct bh_blob_job *job)
{
	bool stops = blob_stops(server, job);

	if (stops)
		bh_simvfs_stop_at(server->disk, 1 + bh_simrng_below(&server->rng, STOP_AFTER_MAX));
	job->mono_ms = bh_simserver_now(server).mono_ms;
	if (job->work == BH_BLOB_CARGO)
		bh_simserver_cargo_run(server, job);
	else
		bh_blob_files_run(server->files, job);
	if (bh_simvfs_is_stopped(server->disk))
		server->run->tally.photo_stops++;
	else if (stops)
		bh_simvfs_stop_at(server->disk, 0);
}

void bh_simserver_blob(struct bh_simserver *server)
{
	server->blob_planned = false;
	if (!server->blob_ran) {
		blob_run(server, server->blobs_first);
		if (bh_simserver_has_died(server))
			return;
		if (server->blobs_first->work != BH_BLOB_CARGO)
			bh_simjudge_blob(server->run->judge, server->blobs_first);
	} else {
		bh_hub_blob_done(server->hub, bh_simserver_now(server), bh_simserver_time(server),
			blob_first(server));
	}
	server->blob_ran = !server->blob_ran;
	bh_simserver_settle(server);
}

static struct bh_blob_job job_of(struct bh_simserver *server, const struct bh_simphoto *file)
{
	struct bh_blob_job job = {.work = BH_BLOB_OPEN,
		.mono_ms = bh_simserver_now(server).mono_ms,
		.size = file->size,
		.looked = true};

	memcpy(job.hash, file->hash, BH_HASH_BYTES);
	return job;
}

uint64_t bh_simserver_life(const struct bh_simserver *server)
{
	return server->life;
}

bool bh_simserver_file(struct bh_simserver *server, const uint8_t hash[BH_HASH_BYTES])
{
	const struct bh_simphoto *file = bh_simalbum_find(&server->run->files, hash);

	if (!server->up)
		return false;
	struct bh_blob_job job = job_of(server, file);
	bool stops = !server->run->healing && bh_simrng_chance(&server->rng, STOP_LAST_PPM);

	server->photos = true;
	if (stops)
		bh_simvfs_stop_at(server->disk, 1 + bh_simrng_below(&server->rng, STOP_AFTER_MAX));
	bh_blob_files_run(server->files, &job);
	if (!job.err && job.found == BH_BLOB_HELD) {
		job.work = BH_BLOB_PART;
		job.offset = 0;
		job.data = BH_BUF(file->size);
		bh_assert(bh_buf_append(&job.data, file->bytes, file->size) == 0);
		bh_blob_files_run(server->files, &job);
		bh_buf_free(&job.data);
	}
	if (bh_simserver_has_died(server))
		return false;
	if (stops)
		bh_simvfs_stop_at(server->disk, 0);
	return !job.err && job.found == BH_BLOB_WHOLE;
}

/* The sessions are closed: they answer nobody. */
void bh_simserver_blobs_drop(struct bh_simserver *server)
{
	while (server->blobs_first != NULL) {
		struct bh_blob_job *job = blob_first(server);
		job->err = BH_ERR_CLOSED;
		bh_hub_blob_done(server->hub, bh_simserver_now(server), 0, job);
	}
	server->blob_planned = false;
	server->blob_ran = false;
}

/* A read that fails is tried again. */
void bh_simserver_blobs_collect(struct bh_simserver *server)
{
	uint8_t hashes[COLLECT_MAX][BH_HASH_BYTES];
	int64_t before_ms = bh_simserver_time(server) - BH_UPLOAD_AGE_MS_MAX;
	size_t count = 0;

	if (!server->photos)
		return;
	int err = bh_blob_collect(server->files, server->reader, bh_simserver_now(server).mono_ms,
		before_ms, hashes, COLLECT_MAX, &count);
	if (bh_simserver_has_died(server) || err || count == 0)
		return;
	err = bh_writer_uploads_drop(server->writer, bh_simserver_now(server),
		(const uint8_t(*)[BH_HASH_BYTES])hashes, count, before_ms);
	if (!bh_simserver_has_died(server) && err == BH_ERR_UNKNOWN)
		bh_simserver_give_up(server, err);
}
