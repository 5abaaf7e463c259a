/* What is whole: found so once, and from then on by its name alone.
 *
 *   all is held ─▶ its hash? ─▶ a photo? ─▶ synced ─▶ named by its hash ─▶ folder synced ─▶ WHOLE
 *                   └── another, or none ─▶ gone, WRONG
 *
 * A sync that failed may have been the last one that would have told of lost bytes (faults.md fact
 * 2), so the part goes, and the handset sends it again.  Where even that fails, it lies there under
 * a part's name: whoever opens it writes its bytes again before they are synced. */
#include "server/store/blob_part.h"

#include <string.h>

#include "proto/err.h"

static int whole_tell(struct bh_blob_job *job, uint32_t size)
{
	job->found = job->size == size ? BH_BLOB_WHOLE : BH_BLOB_WRONG;
	job->held = job->size == size ? size : 0;
	job->stays = true;
	return BH_NOERR;
}

static int holds_look(struct bh_blob_files *files, const struct bh_blob_upload *upload, bool *holds)
{
	uint8_t hash[BH_HASH_BYTES];

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 26
	*holds = true;
	return BH_NOERR;
#endif
	*holds = false;
	bh_running_hash_tell(upload->running, hash);
	if (memcmp(hash, upload->hash, BH_HASH_BYTES) != 0)
		return BH_NOERR;
	if (upload->looked) {
		*holds = true;
		return BH_NOERR;
	}
	return bh_blob_disk_look(&files->disk, upload->hash, upload->size, holds);
}

int bh_blob_finish(
	struct bh_blob_files *files, struct bh_blob_upload *upload, struct bh_blob_job *job)
{
	bool holds = false;
	int err = holds_look(files, upload, &holds);

	if (!err && !holds) {
		err = bh_blob_disk_delete(&files->disk, upload->hash, BH_BLOB_PARTLY);
		job->found = BH_BLOB_WRONG;
	} else if (!err) {
		err = bh_blob_disk_folders(&files->disk, upload->hash);
		memcpy(job->hash, upload->hash, BH_HASH_BYTES);
		job->found = BH_BLOB_WHOLE;
		job->held = upload->size;
		job->settles = upload->settles = err == BH_NOERR;
	}
	if (!job->settles)
		bh_blob_upload_end(&files->slots, upload);
	return err;
}

int bh_blob_finished(struct bh_blob_files *files, struct bh_blob_job *job, int err)
{
	struct bh_blob_upload *upload = bh_blob_upload_of(&files->slots, job->hash);

	job->settles = false;
	if (err)
		(void)bh_blob_disk_delete(&files->disk, job->hash, BH_BLOB_PARTLY);
	else
		bh_blob_whole_keep(&files->slots, job->hash, job->held, job->mono_ms);
	if (upload)
		bh_blob_upload_end(&files->slots, upload);
	return err;
}

/* The hash of what lies there whole, behind some bytes. */
static int whole_hash(struct bh_blob_files *files, struct bh_blob_job *job, struct bh_span before,
	uint32_t bytes, uint8_t out[BH_HASH_BYTES])
{
	struct bh_running_hash *running = bh_running_hash_new();

	if (!running)
		return BH_ERR_NOMEM;
	bh_running_hash_add(running, before);
	int err = bh_blob_disk_hash(&files->disk, job->hash, BH_BLOB_WHOLLY, bytes, false, running);
	if (!err)
		bh_running_hash_tell(running, out);
	job->hashed += bytes;
	bh_running_hash_free(running);
	return err;
}

int bh_blob_whole_look(struct bh_blob_files *files, struct bh_blob_job *job, bool *there)
{
	uint8_t hash[BH_HASH_BYTES];
	uint32_t known = bh_blob_whole_find(&files->slots, job->hash, job->mono_ms);
	uint64_t bytes = 0;

	*there = known != 0;
	if (known)
		return whole_tell(job, known);
	int err = bh_blob_disk_size(&files->disk, job->hash, BH_BLOB_WHOLLY, &bytes);
	if (err || bytes == 0 || bytes > BH_BLOB_BYTES_MAX)
		return err;
	err = whole_hash(files, job, bh_span(NULL, 0), (uint32_t)bytes, hash);
	if (err || memcmp(hash, job->hash, BH_HASH_BYTES) != 0)
		return err;
	err = bh_blob_disk_settle_name(&files->disk, job->hash);
	if (!err) /* of a cut between two names */
		err = bh_blob_disk_delete(&files->disk, job->hash, BH_BLOB_PARTLY);
	if (err)
		return err;
	*there = true;
	bh_blob_whole_keep(&files->slots, job->hash, (uint32_t)bytes, job->mono_ms);
	return whole_tell(job, (uint32_t)bytes);
}

int bh_blob_stored(struct bh_blob_files *files, struct bh_blob_job *job)
{
	uint64_t bytes = 0;
	int err = bh_blob_disk_size(&files->disk, job->hash, BH_BLOB_WHOLLY, &bytes);

	if (err)
		return err;
	if (bytes == job->size)
		return whole_tell(job, job->size);
	bh_blob_whole_forget(&files->slots, job->hash);
	job->found = BH_BLOB_GONE;
	return BH_NOERR;
}

/* One that is not what its name says any more proves nothing about anybody: it is asked for again,
 * and the new one takes its name. */
int bh_blob_prove(struct bh_blob_files *files, struct bh_blob_job *job)
{
	uint8_t hash[BH_HASH_BYTES];
	int err = bh_blob_stored(files, job);

	if (err || job->found == BH_BLOB_GONE)
		return err;
	err = whole_hash(files, job, bh_buf_span(&job->data), job->size, hash);
	if (err || memcmp(hash, job->proof, BH_HASH_BYTES) == 0)
		return err;
	err = whole_hash(files, job, bh_span(NULL, 0), job->size, hash);
	job->held = 0;
	job->found = BH_BLOB_WRONG;
	if (!err && memcmp(hash, job->hash, BH_HASH_BYTES) != 0) {
		bh_blob_whole_forget(&files->slots, job->hash);
		job->found = BH_BLOB_GONE;
	}
	return err;
}
