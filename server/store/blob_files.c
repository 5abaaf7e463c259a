/* Uploads that go on, each with a running hash of what it holds; their files lie still between two
 * parts. The length of a file is its own map of parts: what is held is a prefix of the whole, told
 * with its hash, and never more than lies there.
 *
 *   OPEN: nothing there ─▶ held 0        a prefix there ─▶ hashed, held n       the whole ─▶ finish
 *   PART: at what is held ─▶ written, held more ─▶ ... ─▶ the whole ─▶ finish
 *         at 0 ─▶ begins anew            a repeat, a gap, beyond the size ─▶ held as before
 *   finish: read back and hashed ─▶ looked at ─▶ synced ─▶ whole
 *           └── another hash, or no photo ─▶ gone, wrong
 *
 * What was found whole is never touched again: its entry may be on its way to the journal.
 *
 * A sync that failed may have been the last one that would have told of lost bytes (faults.md fact
 * 2), so the file goes, and the handset sends it again.  Any other error ends the upload where it
 * stands; what lies there is hashed when it is offered again. */
#include "server/store/blob_files.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/blob_disk.h"

#define UPLOADS_MAX 256u
#define WHOLES_MAX 64u /* more than can wait for their entries */

struct upload {
	uint64_t ticket; /* 0: free */
	uint64_t used;   /* when it was last: the least is ended where there is no other slot */
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t held;
	struct bh_running_hash *running;
};

struct bh_blob_files {
	struct bh_blob_disk disk;
	struct upload uploads[UPLOADS_MAX];
	size_t uploads_count;
	uint64_t turns;
	uint8_t wholes[WHOLES_MAX][BH_HASH_BYTES]; /* the last that were found whole, a ring */
	uint32_t wholes_size[WHOLES_MAX];          /* 0: no entry */
	size_t wholes_next;
};

int bh_blob_files_open(const struct bh_store_options *options, struct bh_blob_files **out)
{
	struct bh_blob_files *files = calloc(1, sizeof(*files));

	if (!files)
		return BH_ERR_NOMEM;
	int err = bh_blob_disk_open(&files->disk, options);
	if (err) {
		bh_blob_files_close(files);
		return err;
	}
	*out = files;
	return BH_NOERR;
}

static void upload_end(struct bh_blob_files *files, struct upload *upload)
{
	bh_running_hash_free(upload->running);
	*upload = (struct upload){0};
	files->uploads_count--;
}

void bh_blob_files_close(struct bh_blob_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		if (files->uploads[i].ticket)
			upload_end(files, &files->uploads[i]);
	}
	bh_blob_disk_close(&files->disk);
	free(files);
}

size_t bh_blob_files_uploads(const struct bh_blob_files *files)
{
	return files->uploads_count;
}

/* ---- Slots ---- */

static struct upload *upload_of(struct bh_blob_files *files, const uint8_t *hash)
{
	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		struct upload *upload = &files->uploads[i];
		if (upload->ticket && memcmp(upload->hash, hash, BH_HASH_BYTES) == 0)
			return upload;
	}
	return NULL;
}

static struct upload *upload_by(struct bh_blob_files *files, uint64_t ticket)
{
	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		if (ticket && files->uploads[i].ticket == ticket)
			return &files->uploads[i];
	}
	return NULL;
}

/* A free slot, or that of the one that has waited longest. */
static struct upload *upload_new(struct bh_blob_files *files, const struct bh_blob_job *job)
{
	struct upload *found = &files->uploads[0];
	struct bh_running_hash *running = bh_running_hash_new();

	if (!running)
		return NULL;
	for (size_t i = 1; i < UPLOADS_MAX; i++) {
		if (files->uploads[i].used < found->used)
			found = &files->uploads[i];
	}
	if (found->ticket)
		upload_end(files, found);
	files->uploads_count++;
	*found = (struct upload){.ticket = ++files->turns, .size = job->size, .running = running};
	memcpy(found->hash, job->hash, BH_HASH_BYTES);
	return found;
}

static void held_tell(struct bh_blob_files *files, struct upload *upload, struct bh_blob_job *job)
{
	upload->used = ++files->turns;
	job->upload = upload->ticket;
	job->found = BH_BLOB_HELD;
	job->held = upload->held;
	bh_running_hash_tell(upload->running, job->prefix_hash);
}

/* ---- The whole ---- */

static void whole_keep(struct bh_blob_files *files, const struct upload *upload)
{
	memcpy(files->wholes[files->wholes_next], upload->hash, BH_HASH_BYTES);
	files->wholes_size[files->wholes_next] = upload->size;
	files->wholes_next = (files->wholes_next + 1) % WHOLES_MAX;
}

/* Its size; 0: not known to be whole. */
static uint32_t whole_find(const struct bh_blob_files *files, const uint8_t *hash)
{
	for (size_t i = 0; i < WHOLES_MAX; i++) {
		if (files->wholes_size[i] && memcmp(files->wholes[i], hash, BH_HASH_BYTES) == 0)
			return files->wholes_size[i];
	}
	return 0;
}

static int whole_tell(struct bh_blob_job *job, uint32_t size)
{
	job->found = job->size == size ? BH_BLOB_WHOLE : BH_BLOB_WRONG;
	job->held = job->size == size ? size : 0;
	return BH_NOERR;
}

/* Whether what lies there is the photo that its name says.  Read back: a page that the machine lost
 * on the way to the disk and forgot is found here. */
static int whole_check(struct bh_blob_files *files, struct upload *upload, bool *holds)
{
	uint8_t hash[BH_HASH_BYTES];

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 26
	*holds = true;
	return BH_NOERR;
#endif
	*holds = false;
	bh_running_hash_restart(upload->running);
	int err = bh_blob_disk_hash(&files->disk, upload->hash, upload->size, upload->running);
	if (err)
		return err;
	bh_running_hash_tell(upload->running, hash);
	if (memcmp(hash, upload->hash, BH_HASH_BYTES) != 0)
		return BH_NOERR;
	return bh_blob_disk_look(&files->disk, upload->hash, upload->size, holds);
}

static int upload_finish(
	struct bh_blob_files *files, struct upload *upload, struct bh_blob_job *job)
{
	bool holds = false;
	int err = whole_check(files, upload, &holds);

	if (!err && !holds) {
		err = bh_blob_disk_delete(&files->disk, upload->hash);
		job->found = BH_BLOB_WRONG;
	} else if (!err) {
		job->found = BH_BLOB_WHOLE;
		job->held = upload->size;
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 25
		err = bh_blob_disk_sync(&files->disk, upload->hash);
#endif
		if (err)
			(void)bh_blob_disk_delete(&files->disk, upload->hash);
		else
			whole_keep(files, upload);
	}
	upload_end(files, upload);
	return err;
}

/* ---- Jobs ---- */

/* What lies there from before; more than the whole is none of it.  *other: it is whole, and has
 * another size than this upload says. */
static int held_find(
	struct bh_blob_files *files, struct upload *upload, uint64_t bytes, bool *other)
{
	uint8_t hash[BH_HASH_BYTES];

	*other = false;
	if (bytes == 0)
		return BH_NOERR;
	if (bytes > BH_BLOB_BYTES_MAX)
		return bh_blob_disk_cut(&files->disk, upload->hash);
	int err = bh_blob_disk_hash(&files->disk, upload->hash, (uint32_t)bytes, upload->running);
	if (err)
		return err;
	upload->held = (uint32_t)bytes;
	if (bytes == upload->size)
		return BH_NOERR;
	bh_running_hash_tell(upload->running, hash);
	*other = memcmp(hash, upload->hash, BH_HASH_BYTES) == 0;
	if (*other || bytes < upload->size)
		return BH_NOERR;
	upload->held = 0;
	bh_running_hash_restart(upload->running);
	return bh_blob_disk_cut(&files->disk, upload->hash);
}

/* The whole lay there, and was never journalled: it may be from before a power cut. */
static int whole_resume(struct bh_blob_files *files, struct upload *upload, struct bh_blob_job *job)
{
	int err = upload_finish(files, upload, job);

	if (err || job->found != BH_BLOB_WRONG)
		return err;
	upload = upload_new(files, job);
	if (!upload)
		return BH_ERR_NOMEM;
	held_tell(files, upload, job);
	return BH_NOERR;
}

static int upload_begin(struct bh_blob_files *files, struct bh_blob_job *job, uint64_t bytes)
{
	struct upload *upload = upload_new(files, job);
	bool other = false;

	if (!upload)
		return BH_ERR_NOMEM;
	int err = held_find(files, upload, bytes, &other);
	if (!err && !other && upload->held == upload->size)
		return whole_resume(files, upload, job);
	if (err || other)
		upload_end(files, upload);
	if (!err && other)
		job->found = BH_BLOB_WRONG;
	else if (!err)
		held_tell(files, upload, job);
	return err;
}

static int job_open(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct upload *upload = upload_of(files, job->hash);
	uint32_t whole = whole_find(files, job->hash);
	uint64_t bytes = 0;

	if (whole && !job->stored)
		return whole_tell(job, whole);
	if (upload && upload->size == job->size) { /* the older session's parts find no ticket */
		upload->ticket = ++files->turns;
		held_tell(files, upload, job);
		return BH_NOERR;
	}
	if (upload)
		upload_end(files, upload);
	int err = bh_blob_disk_size(&files->disk, job->hash, &bytes);
	if (err)
		return err;
	if (job->stored && bytes == job->size)
		return whole_tell(job, job->size);
	return upload_begin(files, job, bytes);
}

/* The part of it that goes on from what is held; empty: nothing does (F02). */
static struct bh_span part_fresh(struct upload *upload, const struct bh_blob_job *job)
{
	struct bh_span data = bh_buf_span(&job->data);
	uint64_t end = (uint64_t)job->offset + data.len;

	if (job->offset == 0 && data.len > 0 && end <= upload->size) { /* begins anew */
		upload->held = 0;
		bh_running_hash_restart(upload->running);
	}
	if (job->offset > upload->held || end > upload->size || end <= upload->held)
		return bh_span(NULL, 0);
	uint32_t known = upload->held - job->offset;
	return bh_span(data.data + known, data.len - known);
}

static int job_part(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct upload *upload = upload_by(files, job->upload);

	if (!upload) {
		job->found = BH_BLOB_LOST;
		return BH_NOERR;
	}
	struct bh_span fresh = part_fresh(upload, job);
	int err = BH_NOERR;
	if (fresh.len)
		err = bh_blob_disk_write(&files->disk, upload->hash, upload->held, fresh);
	if (err) {
		upload_end(files, upload);
		return err;
	}
	bh_running_hash_add(upload->running, fresh);
	upload->held += (uint32_t)fresh.len;
	if (upload->held == upload->size)
		return upload_finish(files, upload, job);
	held_tell(files, upload, job);
	return BH_NOERR;
}

static int job_read(struct bh_blob_files *files, struct bh_blob_job *job)
{
	uint64_t bytes = 0;
	uint8_t *at;
	int err = bh_blob_disk_size(&files->disk, job->hash, &bytes);

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

static int job_drop(struct bh_blob_files *files, struct bh_blob_job *job)
{
	struct upload *upload = upload_of(files, job->hash);

	if (upload)
		upload_end(files, upload);
	for (size_t i = 0; i < WHOLES_MAX; i++) {
		if (memcmp(files->wholes[i], job->hash, BH_HASH_BYTES) == 0)
			files->wholes_size[i] = 0;
	}
	return bh_blob_disk_delete(&files->disk, job->hash);
}

void bh_blob_files_run(struct bh_blob_files *files, struct bh_blob_job *job)
{
	switch (job->work) {
	case BH_BLOB_OPEN:
		job->err = job_open(files, job);
		break;
	case BH_BLOB_PART:
		job->err = job_part(files, job);
		break;
	case BH_BLOB_READ:
		job->err = job_read(files, job);
		break;
	case BH_BLOB_DROP:
		job->err = job_drop(files, job);
		break;
	}
}
