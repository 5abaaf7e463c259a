/* Uploads that go on, each with a running hash of what it holds; their files lie still between two
 * parts. The length of a file is its own map of parts: what is held is a prefix of the whole, told
 * with its hash, and never more than lies there.
 *
 *   OPEN: whole already ─▶ WHOLE         a prefix there ─▶ hashed, held n
 *         nothing there ─▶ held 0        all of it, under a part's name ─▶ written again ─▶ finish
 *         too many at once ─▶ BUSY
 *   PART: at what is held ─▶ written, held more ─▶ ... ─▶ the whole ─▶ finish (blob_whole.c)
 *         at 0 ─▶ begins anew            a repeat, a gap, beyond the size ─▶ held as before
 *
 * Any error ends the upload where it stands; what lies there is hashed when it is offered again. */
#include "server/store/blob_files.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/blob_part.h"
#include "server/store/cargo.h"

int bh_blob_files_open(const struct bh_store_options *options, struct bh_blob_files **out)
{
	struct bh_blob_files *files = calloc(1, sizeof(*files));

	if (!files)
		return BH_ERR_NOMEM;
	int err = bh_blob_disk_open(&files->disk, options);
	if (!err)
		err = bh_blob_disk_open(&files->settler, options);
	if (err) {
		bh_blob_files_close(files);
		return err;
	}
	*out = files;
	return BH_NOERR;
}

void bh_blob_files_close(struct bh_blob_files *files)
{
	if (!files)
		return;
	bh_blob_slots_close(&files->slots);
	bh_blob_disk_close(&files->disk);
	bh_blob_disk_close(&files->settler);
	free(files);
}

size_t bh_blob_files_uploads(const struct bh_blob_files *files)
{
	return files->slots.count;
}

static int held_tell(const struct bh_blob_upload *upload, struct bh_blob_job *job)
{
	job->upload = upload->ticket;
	job->found = BH_BLOB_HELD;
	job->held = upload->held;
	bh_running_hash_tell(upload->running, job->prefix_hash);
	return BH_NOERR;
}

static void anew(struct bh_blob_upload *upload)
{
	upload->held = 0;
	bh_running_hash_restart(upload->running);
}

/* ---- OPEN ---- */

/* What lies there from before; more than the whole is none of it. */
static int held_find(
	struct bh_blob_files *files, struct bh_blob_upload *upload, struct bh_blob_job *job)
{
	uint64_t bytes = 0;
	int err = bh_blob_disk_size(&files->disk, upload->hash, BH_BLOB_PARTLY, &bytes);

	if (err || bytes == 0)
		return err;
	if (bytes > upload->size)
		return bh_blob_disk_delete(&files->disk, upload->hash, BH_BLOB_PARTLY);
	err = bh_blob_disk_hash(&files->disk, upload->hash, BH_BLOB_PARTLY, (uint32_t)bytes,
		bytes == upload->size, upload->running);
	job->hashed += bytes;
	if (!err)
		upload->held = (uint32_t)bytes;
	return err;
}

/* All of it lay there: where it is not what it says, it begins anew. */
static int all_resume(
	struct bh_blob_files *files, struct bh_blob_upload *upload, struct bh_blob_job *job)
{
	int err = bh_blob_finish(files, upload, job);

	if (err || job->found != BH_BLOB_WRONG)
		return err;
	err = bh_blob_upload_new(&files->slots, job, &upload);
	return err ? err : held_tell(upload, job);
}

static int upload_begin(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct bh_blob_upload *upload = NULL;
	int err = bh_blob_upload_new(&files->slots, job, &upload);

	if (err == BH_ERR_BUSY) {
		job->found = BH_BLOB_BUSY;
		return BH_NOERR;
	}
	if (err)
		return err;
	err = held_find(files, upload, job);
	if (err) {
		bh_blob_upload_end(&files->slots, upload);
		return err;
	}
	if (upload->held == upload->size)
		return all_resume(files, upload, job);
	return held_tell(upload, job);
}

static int job_open(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct bh_blob_upload *upload = bh_blob_upload_of(&files->slots, job->hash);
	bool whole = false;

	if (job->stored)
		return bh_blob_stored(files, job);
	if (upload && upload->size == job->size) {
		bh_blob_upload_pass(&files->slots, upload, job->device);
		upload->looked = job->looked;
		upload->heard_mono_ms = job->mono_ms;
		return held_tell(upload, job);
	}
	int err = bh_blob_whole_look(files, job, &whole);
	if (err || whole)
		return err;
	if (upload)
		bh_blob_upload_end(&files->slots, upload);
	return upload_begin(files, job);
}

/* ---- PART ---- */

/* The part of it that goes on from what is held; empty: nothing does (F02). */
static struct bh_span part_fresh(struct bh_blob_upload *upload, const struct bh_blob_job *job)
{
	struct bh_span data = bh_buf_span(&job->data);
	uint64_t end = (uint64_t)job->offset + data.len;

	if (job->offset == 0 && data.len > 0 && end <= upload->size)
		anew(upload);
	if (job->offset > upload->held || end > upload->size || end <= upload->held)
		return bh_span(NULL, 0);
	uint32_t known = upload->held - job->offset;
	return bh_span(data.data + known, data.len - known);
}

static int job_part(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct bh_blob_upload *upload = bh_blob_upload_by(&files->slots, job->upload);

	if (!upload) {
		job->found = BH_BLOB_LOST;
		return BH_NOERR;
	}
	struct bh_span fresh = part_fresh(upload, job);
	int err = BH_NOERR;
	if (fresh.len)
		err = bh_blob_disk_write(&files->disk, upload->hash, upload->held, fresh);
	if (err) {
		bh_blob_upload_end(&files->slots, upload);
		return err;
	}
	bh_running_hash_add(upload->running, fresh);
	upload->held += (uint32_t)fresh.len;
	upload->heard_mono_ms = job->mono_ms;
	if (upload->held == upload->size)
		return bh_blob_finish(files, upload, job);
	return held_tell(upload, job);
}

/* ---- READ, DROP ---- */

static int job_read(struct bh_blob_files *files, struct bh_blob_job *job)
{
	uint64_t bytes = 0;
	uint8_t *at;
	int err = bh_blob_disk_size(&files->disk, job->hash, BH_BLOB_WHOLLY, &bytes);

	if (err)
		return err;
	if (bytes != job->size || job->offset >= job->size)
		return BH_ERR_NOT_FOUND;
	uint32_t len = job->size - job->offset;
	if (len > job->bytes_max)
		len = job->bytes_max;
	job->data.len = 0;
	err = bh_buf_reserve(&job->data, len, &at);
	if (!err)
		err = bh_blob_disk_read(&files->disk, job->hash, job->offset, at, len);
	if (!err)
		job->data.len = len;
	return err;
}

/* One that was just said to be whole is not old, however the district's clock was set since. */
static int job_drop(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct bh_blob_upload *upload = bh_blob_upload_of(&files->slots, job->hash);

	if (!job->stored && !job->erased &&
		bh_blob_whole_is_fresh(&files->slots, job->hash, job->mono_ms))
		return BH_ERR_BUSY;
	if (upload)
		bh_blob_upload_end(&files->slots, upload);
	int err = bh_blob_disk_delete(&files->disk, job->hash, BH_BLOB_PARTLY);
	if (err || job->stored)
		return err;
	bh_blob_whole_forget(&files->slots, job->hash);
	return bh_blob_disk_delete(&files->disk, job->hash, BH_BLOB_WHOLLY);
}

void bh_blob_files_carry(struct bh_blob_files *files, struct bh_cargo_files *cargo)
{
	files->cargo = cargo;
}

static int job_cargo(struct bh_blob_files *files, struct bh_blob_job *job)
{
	if (files->cargo)
		return bh_cargo_run(files->cargo, job);
	job->found = BH_BLOB_BUSY;
	return BH_NOERR;
}

void bh_blob_files_begin(struct bh_blob_files *files, struct bh_blob_job *job)
{
	static int (*const works[])(struct bh_blob_files *, struct bh_blob_job *) = {
		[BH_BLOB_OPEN] = job_open,
		[BH_BLOB_PART] = job_part,
		[BH_BLOB_READ] = job_read,
		[BH_BLOB_DROP] = job_drop,
		[BH_BLOB_PROVE] = bh_blob_prove,
		[BH_BLOB_CARGO] = job_cargo,
	};

	job->settles = false;
	job->err = works[job->work](files, job);
}

void bh_blob_files_settle(struct bh_blob_files *files, struct bh_blob_job *job)
{
	job->err = bh_blob_disk_settle(&files->settler, job->hash);
}

void bh_blob_files_end(struct bh_blob_files *files, struct bh_blob_job *job)
{
	job->err = bh_blob_finished(files, job, job->err);
}

void bh_blob_files_run(struct bh_blob_files *files, struct bh_blob_job *job)
{
	bh_blob_files_begin(files, job);
	if (!job->settles)
		return;
	bh_blob_files_settle(files, job);
	bh_blob_files_end(files, job);
}

bool bh_blob_files_is_settling(struct bh_blob_files *files, const uint8_t hash[BH_HASH_BYTES])
{
	const struct bh_blob_upload *upload = bh_blob_upload_of(&files->slots, hash);

	return upload && upload->settles;
}
