/* Photos: what a case's ops brought, and the bytes of one that is here.  Who may see none of its
 * cases is answered as if it were not there (F08). */
#include <string.h>

#include "proto/err.h"
#include "proto/message.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/store/blob.h"
#include "server/store/blob_files.h"

#define PHOTOS_MAX 256u /* of one case: the report's, and the last of the others */
#define SIGHTS_MAX 64u

static const char *kind_name(uint32_t kind)
{
	switch (kind) {
	case BH_BLOB_PHOTO:
		return "photo";
	case BH_BLOB_THUMBNAIL:
		return "thumbnail";
	case BH_BLOB_AFTER:
		return "after";
	default:
		return "other";
	}
}

static json_t *photo_json(const struct bh_exchange *x, const struct bh_blob_row *row)
{
	return json_pack("{s:o, s:I, s:s, s:s, s:i, s:o, s:b}", "hash",
		bh_json_hex(bh_span(row->hash, BH_HASH_BYTES)), "size", (json_int_t)row->size,
		"kind", kind_name(row->kind), "verb", bh_verb_name((enum bh_verb)row->verb),
		"cycle", (int)row->cycle, "person", bh_person_code(x->rules, row->person), "stored",
		row->stored);
}

int bh_photos_json(struct bh_exchange *x, uint64_t number, json_t **out)
{
	struct bh_blob_row *rows = bh_arena_array(&x->arena, PHOTOS_MAX, sizeof(*rows));
	size_t count = 0;
	if (!rows)
		return BH_ERR_NOMEM;
	int err = bh_reader_case_photos(x->district->reader, number, rows, PHOTOS_MAX, &count);
	if (err)
		return err;
	json_t *photos = json_array();
	for (size_t i = 0; i < count; i++)
		photos = bh_items_add(photos, photo_json(x, &rows[i]));
	*out = photos;
	return photos ? BH_NOERR : BH_ERR_NOMEM;
}

/* ---- The bytes ---- */

static void no_photo(struct bh_exchange *x)
{
	bh_answer_error(x, 404, "photo", "there is no such photo here that you may see",
		"`bihuan show NUMBER --json` lists a case's, and which are here");
}

/* The size of one that is here and seen in some case; BH_ERR_NOT_FOUND. */
static int photo_find(struct bh_exchange *x, const uint8_t hash[BH_HASH_BYTES], uint32_t *size)
{
	struct bh_blob_sight *sights = bh_arena_array(&x->arena, SIGHTS_MAX, sizeof(*sights));
	size_t count = 0;
	if (!sights)
		return BH_ERR_NOMEM;
	int err = bh_reader_blob_seen(x->district->reader, hash, sights, SIGHTS_MAX, &count);
	for (size_t i = 0; !err && i < count; i++) {
		struct bh_case cased;
		err = bh_reader_case(x->district->reader, sights[i].case_number, &cased);
		/* A sheet that was photographed says what a text says. */
		if (!err && bh_views_show_text(bh_case_views(x, &cased))) {
			*size = sights[i].size;
			return BH_NOERR;
		}
	}
	return err ? err : BH_ERR_NOT_FOUND;
}

int bh_answer_file(struct bh_exchange *x, const uint8_t hash[BH_HASH_BYTES], uint32_t size,
	uint32_t bytes_max, const char *type)
{
	struct bh_blob_job job = {.work = BH_BLOB_READ,
		.size = size,
		.bytes_max = bytes_max,
		.data = BH_BUF(bytes_max)};
	memcpy(job.hash, hash, BH_HASH_BYTES);
	bh_blob_files_run(x->district->files, &job);
	if (job.err) {
		bh_buf_free(&job.data);
		return job.err;
	}
	bh_buf_free(&x->response.body);
	x->response.body = job.data;
	x->response.status = 200;
	x->response.content_type = type;
	return BH_NOERR;
}

void bh_route_photo(struct bh_exchange *x)
{
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size = 0;
	int err = BH_ERR_NOT_FOUND;
	if (strlen(x->captures[1]) == 2 * (size_t)BH_HASH_BYTES)
		err = bh_hex_parse(x->captures[1], hash, sizeof(hash)) ? BH_ERR_NOT_FOUND
								       : photo_find(x, hash, &size);
	if (!err)
		err = bh_answer_file(x, hash, size, BH_BLOB_BYTES_MAX, "image/jpeg");
	if (err == BH_ERR_NOT_FOUND)
		no_photo(x);
	else if (err)
		bh_answer_err(x, err);
}
