/* A photo and the files that hold it, on a simulated disk. */
#ifndef BH_TEST_STORE_BLOB_KIT_H
#define BH_TEST_STORE_BLOB_KIT_H

#include "server/store/blob_files.h"
#include "tests/unit/store/kit.h"

#define BLOB_PART 3000u
#define BLOB_SIZE 20000u

struct blob_kit {
	struct bh_simvfs *vfs;
	struct bh_store_options options;
	struct bh_blob_files *files;
	struct bh_hasher *hasher;
	uint8_t photo[BLOB_SIZE];
	uint8_t hash[BH_HASH_BYTES];
	int64_t mono_ms; /* of the jobs that are run */
	uint32_t device; /* likewise */
};

/* For cmocka: *state is one, with a photo of 640 x 480. */
int blob_open(void **state);
int blob_close(void **state);
/* Other sides; hash it after any change. */
void blob_photo(struct blob_kit *kit, uint16_t width, uint16_t height);
void blob_hash(struct blob_kit *kit);
/* The process ends, and the next one looks at what is left. */
void blob_restart(struct blob_kit *kit, bool power);
/* A job about the photo, run; its data is gone again. */
struct bh_blob_job blob_run(struct blob_kit *kit, enum bh_blob_work work, uint32_t size,
	uint64_t upload, uint32_t offset, struct bh_span data);
struct bh_blob_job blob_offer(struct blob_kit *kit);
struct bh_blob_job blob_drop(struct blob_kit *kit);
struct bh_blob_job blob_part(struct blob_kit *kit, uint64_t upload, uint32_t offset, uint32_t len);
/* From what is held to the end, or until something is wrong. */
struct bh_blob_job blob_send_rest(struct blob_kit *kit, struct bh_blob_job job);
/* As a handset does: what is held has to be its own prefix, else it begins at 0. */
struct bh_blob_job blob_send_all(struct blob_kit *kit);
/* The job went well, and so much is held, under its right hash. */
void blob_assert_held(struct blob_kit *kit, struct bh_blob_job job, uint32_t held);
bool blob_is_whole(struct blob_kit *kit);
/* Whole or not: under the photo's name; under that or a part's. */
bool blob_is_named(struct blob_kit *kit);
bool blob_exists(struct blob_kit *kit);

/* ---- Of any photo, by its hash; suffix "" or ".part" ---- */
/* Written behind the store's back, and durable. */
void blob_put(struct bh_simvfs *vfs, const uint8_t *hash, const char *suffix, const void *bytes,
	size_t len);
bool blob_lies(struct bh_simvfs *vfs, const uint8_t *hash, const char *suffix);

#endif
