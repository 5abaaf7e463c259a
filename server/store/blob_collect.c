/* What nobody goes on with: the file goes first, then its room; a cut between the two leaves a room
 * without a file, which is collected again. */
#include <string.h>

#include "proto/err.h"
#include "server/store/blob.h"
#include "server/store/blob_files.h"

/* Of one that the journal calls stored, only what was on its way again; what was erased goes at
 * once. */
static int one_collect(struct bh_blob_files *files, struct bh_store_reader *reader, int64_t mono_ms,
	const uint8_t hash[BH_HASH_BYTES])
{
	struct bh_blob_job job = {.work = BH_BLOB_DROP, .mono_ms = mono_ms};
	uint32_t size;
	int err = bh_reader_upload_given_up(reader, hash, &job.erased);

	if (err)
		return err;
	err = bh_reader_blob_here(reader, hash, &size);

	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	job.stored = err == BH_NOERR;
	memcpy(job.hash, hash, BH_HASH_BYTES);
	bh_blob_files_run(files, &job);
	return job.err;
}

int bh_blob_collect(struct bh_blob_files *files, struct bh_store_reader *reader, int64_t mono_ms,
	int64_t before_ms, uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count)
{
	size_t found = 0, gone = 0;
	int err = bh_reader_uploads_old(reader, before_ms, hashes, max, &found);

	if (err)
		return err;
	for (size_t i = 0; i < found; i++) {
		if (one_collect(files, reader, mono_ms, hashes[i]) == BH_NOERR)
			memmove(hashes[gone++], hashes[i], BH_HASH_BYTES);
	}
	*count = gone;
	return BH_NOERR;
}
