/* Jobs said by hand, and what has to come of them. */
#include "tests/unit/store/blob_kit.h"

#include <sqlite3.h>

/* SOI, APP0, DQT, SOF0 of 640 x 480, and bytes behind it. */
void blob_photo(struct blob_kit *f, uint16_t width, uint16_t height)
{
	static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xff, 0xe0, 0x00, 0x06, 'J', 'F', 'I', 'F',
		0xff, 0xdb, 0x00, 0x04, 0x01, 0x02, 0xff, 0xc0, 0x00, 0x0b, 0x08};
	size_t at = sizeof(head);

	for (size_t i = 0; i < BLOB_SIZE; i++)
		f->photo[i] = (uint8_t)(i * 31 + i / 251);
	memcpy(f->photo, head, at);
	f->photo[at++] = (uint8_t)(height >> 8);
	f->photo[at++] = (uint8_t)height;
	f->photo[at++] = (uint8_t)(width >> 8);
	f->photo[at++] = (uint8_t)width;
}

void blob_hash(struct blob_kit *f)
{
	struct bh_span whole = bh_span(f->photo, BLOB_SIZE);

	bh_hash_parts(f->hasher, &whole, 1, f->hash);
}

int blob_open(void **state)
{
	struct blob_kit *f = test_calloc(1, sizeof(*f));
	struct bh_simvfs_config config = {.number = 31, .seed = 5};

	assert_int_equal(bh_simvfs_create(&config, &f->vfs), 0);
	f->options = (struct bh_store_options){
		.path = KIT_PATH, .vfs = bh_simvfs_name(f->vfs), .blob_reserve_bytes = 1};
	assert_int_equal(bh_hasher_open(&f->hasher), 0);
	blob_photo(f, 640, 480);
	blob_hash(f);
	assert_int_equal(bh_blob_files_open(&f->options, &f->files), 0);
	*state = f;
	return 0;
}

int blob_close(void **state)
{
	struct blob_kit *f = *state;

	bh_blob_files_close(f->files);
	bh_hasher_close(f->hasher);
	bh_simvfs_free(f->vfs);
	test_free(f);
	return 0;
}

/* The process ends, and the next one looks at what is left. */
void blob_restart(struct blob_kit *f, bool power)
{
	bh_blob_files_close(f->files);
	if (power)
		bh_simvfs_crash(f->vfs);
	else
		bh_simvfs_kill(f->vfs);
	assert_int_equal(bh_blob_files_open(&f->options, &f->files), 0);
}

struct bh_blob_job blob_run(struct blob_kit *f, enum bh_blob_work work, uint32_t size,
	uint64_t upload, uint32_t offset, struct bh_span data)
{
	struct bh_blob_job job = {.work = work,
		.size = size,
		.upload = upload,
		.offset = offset,
		.data = BH_BUF(BLOB_SIZE),
		.mono_ms = f->mono_ms,
		.device = f->device,
		.bytes_max = BLOB_SIZE};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	assert_int_equal(bh_buf_append(&job.data, data.data, data.len), 0);
	bh_blob_files_run(f->files, &job);
	bh_buf_free(&job.data);
	return job;
}

struct bh_blob_job blob_offer(struct blob_kit *f)
{
	return blob_run(f, BH_BLOB_OPEN, BLOB_SIZE, 0, 0, bh_span(NULL, 0));
}

struct bh_blob_job blob_drop(struct blob_kit *f)
{
	struct bh_blob_job job = {.work = BH_BLOB_DROP, .mono_ms = f->mono_ms, .erased = true};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	bh_blob_files_run(f->files, &job);
	return job;
}

struct bh_blob_job blob_part(struct blob_kit *f, uint64_t upload, uint32_t offset, uint32_t len)
{
	return blob_run(f, BH_BLOB_PART, 0, upload, offset, bh_span(f->photo + offset, len));
}

/* From what is held to the end, or until something is wrong. */
struct bh_blob_job blob_send_rest(struct blob_kit *f, struct bh_blob_job job)
{
	while (job.err == 0 && job.found == BH_BLOB_HELD) {
		uint32_t len = BLOB_SIZE - job.held < BLOB_PART ? BLOB_SIZE - job.held : BLOB_PART;
		job = blob_part(f, job.upload, job.held, len);
	}
	return job;
}

/* As a handset does: what is held has to be its own prefix, else it begins at 0. */
struct bh_blob_job blob_send_all(struct blob_kit *f)
{
	struct bh_blob_job job = blob_offer(f);
	uint8_t hash[BH_HASH_BYTES];

	if (job.err == 0 && job.found == BH_BLOB_HELD) {
		struct bh_span prefix = bh_span(f->photo, job.held);
		bh_hash_parts(f->hasher, &prefix, 1, hash);
		if (memcmp(hash, job.prefix_hash, BH_HASH_BYTES) != 0)
			job = blob_part(f, job.upload, 0, BLOB_PART);
	}
	return blob_send_rest(f, job);
}

void blob_assert_held(struct blob_kit *f, struct bh_blob_job job, uint32_t held)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_span prefix = bh_span(f->photo, held);

	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_HELD);
	assert_int_equal(job.held, held);
	bh_hash_parts(f->hasher, &prefix, 1, hash);
	assert_memory_equal(job.prefix_hash, hash, BH_HASH_BYTES);
}

static void name_make(const uint8_t *hash, const char *suffix, char *path, size_t size)
{
	memset(path, 0, size);
	assert_int_equal(bh_blob_path(KIT_PATH, hash, path, size), 0);
	assert_true(strlen(path) + strlen(suffix) + 1 < size);
	memcpy(path + strlen(path), suffix, strlen(suffix));
}

void blob_put(struct bh_simvfs *simulated, const uint8_t *hash, const char *suffix,
	const void *bytes, size_t len)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(simulated));
	sqlite3_file *file = test_calloc(1, (size_t)vfs->szOsFile);
	char path[256];

	name_make(hash, suffix, path, sizeof(path));
	assert_int_equal(vfs->xOpen(vfs, path, file, flags, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, bytes, (int)len, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	test_free(file);
}

bool blob_lies(struct bh_simvfs *vfs, const uint8_t *hash, const char *suffix)
{
	char path[256];

	name_make(hash, suffix, path, sizeof(path));
	return bh_simvfs_file_exists(vfs, path);
}

bool blob_is_whole(struct blob_kit *f)
{
	char path[256];
	const uint8_t *data;
	size_t len;

	name_make(f->hash, "", path, sizeof(path));
	return bh_simvfs_file_image(f->vfs, path, &data, &len) == 0 && len == BLOB_SIZE &&
	       memcmp(data, f->photo, BLOB_SIZE) == 0;
}

bool blob_is_named(struct blob_kit *f)
{
	return blob_lies(f->vfs, f->hash, "");
}

bool blob_exists(struct blob_kit *f)
{
	return blob_is_named(f) || blob_lies(f->vfs, f->hash, ".part");
}
