/* Photos of the scripted handset, and what its disk says of their files. */
#include "tests/unit/client/scripted_photo.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/number.h"

struct scripted_photo scripted_photo_make(struct scripted *s, size_t len, unsigned seed)
{
	struct scripted_photo photo = {malloc(len), len, {0}};
	uint32_t state = seed * 2654435761u + 1;

	assert_non_null(photo.data);
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525u + 1013904223u;
		photo.data[i] = (uint8_t)(state >> 24);
	}
	memcpy(photo.data, "\xff\xd8\xff", len < 3 ? len : 3);
	const struct bh_span span = scripted_photo_span(&photo);

	bh_hash_parts(s->hasher, &span, 1, photo.hash);
	return photo;
}

void scripted_photo_free(struct scripted_photo *photo)
{
	free(photo->data);
	photo->data = NULL;
}

struct bh_span scripted_photo_span(const struct scripted_photo *photo)
{
	return bh_span(photo->data, photo->len);
}

int scripted_photo_record(struct scripted *s, const struct scripted_photo *photo,
	const struct scripted_photo *thumbnail, struct bh_op_ref *ref)
{
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	const struct bh_msg_op_content content = {.text = scripted_text("seen")};
	const struct bh_photo_bytes bytes = {scripted_photo_span(photo),
		thumbnail ? scripted_photo_span(thumbnail) : bh_span(NULL, 0)};
	int rc = bh_local_record_photos(s->local, &header, &content, &bytes, 1, s->now, ref);

	if (rc == 0 && s->engine) {
		bh_engine_poke(s->engine, s->now);
		bh_engine_check(s->engine);
	}
	return rc;
}

static void photo_path(const struct scripted_photo *photo, char path[200])
{
	char hex[2 * BH_HASH_BYTES + 1];

	bh_hex_format(bh_span(photo->hash, BH_HASH_BYTES), hex);
	snprintf(path, 200, SCRIPTED_PATH "-photos/%s.jpg", hex);
}

bool scripted_photo_has_file(struct scripted *s, const struct scripted_photo *photo)
{
	char path[200];

	photo_path(photo, path);
	return bh_simvfs_file_exists(s->disk, path);
}

bool scripted_photo_is_whole(struct scripted *s, const struct scripted_photo *photo)
{
	char path[200];
	const uint8_t *data = NULL;
	size_t len = 0;

	photo_path(photo, path);
	return bh_simvfs_file_image(s->disk, path, &data, &len) == 0 && len == photo->len &&
	       memcmp(data, photo->data, len) == 0;
}

void scripted_photo_spoil(struct scripted *s, const struct scripted_photo *photo)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(s->disk));
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	const uint8_t other = (uint8_t)~photo->data[9];
	char path[200];

	assert_non_null(file);
	photo_path(photo, path);
	assert_int_equal(vfs->xOpen(vfs, path, file,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL, NULL),
		SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, &other, 1, 9), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

struct bh_photo_row scripted_photo_row(struct scripted *s, const struct bh_op_ref *ref)
{
	struct bh_photo_row rows[BH_CASE_PHOTOS_MAX];
	size_t count = 0;
	const struct bh_case_row row = {.key = {ref->number, (int64_t)1 << 32 | (int64_t)ref->seq}};

	assert_int_equal(
		bh_local_photos(s->local, &row, rows, sizeof(rows) / sizeof(rows[0]), &count), 0);
	assert_int_equal(count, 1);
	return rows[0];
}
