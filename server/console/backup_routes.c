/* A backup: asked for with the folder it goes to, made by whoever drives the exchange, told with
 * what its manifest says. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"

#define PLACE_BYTES_MAX 500u
#define LOST_SHOWN_MAX 1000u

void bh_route_backup(struct bh_exchange *x)
{
	const char *place = json_string_value(json_object_get(x->body, "place"));
	if (!place || place[0] != '/' || strlen(place) > PLACE_BYTES_MAX) {
		bh_answer_error(x, 422, "field",
			"place is the absolute path of a folder that is there, up to 500 bytes",
			"the server writes there, as its own user");
		return;
	}
	x->place = place; /* the body's */
	x->need = BH_NEED_BACKUP;
}

const char *bh_exchange_place(const struct bh_exchange *x)
{
	return x->place;
}

/* The first of them; the manifest has all. */
static json_t *lost_json(const struct bh_photos_lost *lost)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < lost->count && i < LOST_SHOWN_MAX; i++)
		(void)json_array_append_new(
			rows, json_pack("{s:o, s:I, s:s}", "hash",
				      bh_json_hex(bh_span(lost->rows[i].hash, BH_HASH_BYTES)),
				      "bytes", (json_int_t)lost->rows[i].size, "why",
				      bh_photo_fault_word(lost->rows[i].why)));
	return rows;
}

static json_t *manifest_json(
	const struct bh_exchange *x, const char *name, const struct bh_backup_manifest *m)
{
	char folder[BH_BACKUP_PATH_MAX];
	(void)snprintf(folder, sizeof(folder), "%s/%s", x->place, name);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "folder",
		folder, "district", m->district, "epoch", (json_int_t)m->epoch, "entries",
		(json_int_t)m->position, "cases", (json_int_t)m->cases, "db_bytes",
		(json_int_t)m->db_bytes, "photos", (json_int_t)m->blobs, "photo_bytes",
		(json_int_t)m->blob_bytes, "photos_lost", (json_int_t)m->lost.count, "lost",
		lost_json(&m->lost), "head", bh_json_hex(bh_span(m->head, BH_HASH_BYTES)));
}

void bh_exchange_backed_up(struct bh_exchange *x, int err, const char *name,
	const struct bh_backup_manifest *manifest, const char *what)
{
	static const char
		hint[] = "the folder must be there, and the server's user may write there";
	if (err == BH_NOERR)
		bh_answer_json(x, 200, manifest_json(x, name, manifest));
	else if (err == BH_ERR_CORRUPT)
		bh_answer_error(x, 500, "corrupt", what,
			"there is no backup: keep the files and look at what is named");
	else if (err == BH_ERR_BUSY)
		bh_answer_error(x, 503, "busy", "a backup or a verification is running",
			"try again when it is done");
	else if (err == BH_ERR_FULL && what[0])
		bh_answer_error(x, 503, "storage-full", what, "make room, then try again");
	else if (err == BH_ERR_EXISTS)
		bh_answer_error(x, 409, "exists", what, "try again in a second");
	else if (err == BH_ERR_NOT_FOUND || err == BH_ERR_LIMIT || (err == BH_ERR_IO && what[0]))
		bh_answer_error(x, 422, "field", what, hint);
	else
		bh_answer_err(x, err);
}
