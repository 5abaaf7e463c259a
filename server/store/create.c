/* A new district: its file, its schema and its first entry in one transaction, so that a power cut
 * leaves either nothing that counts or a district. */
#include <string.h>

#include "proto/err.h"
#include "server/store/held.h"
#include "server/store/key_row.h"
#include "server/store/writer.h"

#define CODE_CHARACTERS "0123456789abcdefghijklmnopqrstuvwxyz-"

bool bh_district_code_valid(const char *code)
{
	size_t len = strlen(code);

	return len >= 1 && len <= BH_DISTRICT_CODE_BYTES_MAX && code[0] != '-' &&
	       strspn(code, CODE_CHARACTERS) == len;
}

/* A writer over a file that is still empty, just to append the first entry. */
static int found(struct bh_writer *w, const char *code, struct bh_now now)
{
	bh_timeline_begin(&w->timeline, now, 0, INT64_MIN);
	w->now_ms = bh_timeline_step(&w->timeline, now);
	int err = bh_writer_append_district(
		w, BH_LOG_OPERATOR, BH_VERB_FOUND, 0, bh_span(code, strlen(code)));
	return err ? err : bh_projector_flush(&w->projector);
}

static int create(const struct bh_store_options *options, const char *code, struct bh_now now,
	const struct bh_caller_key *key, struct bh_writer *w)
{
	struct bh_db db = {0};
	int err = bh_db_create(&db.handle, options->path, options->vfs);

	if (!err)
		err = bh_db_exec(db.handle, "BEGIN IMMEDIATE");
	if (!err)
		err = bh_db_make_schema(db.handle);
	if (!err)
		err = bh_db_prepare(&db);
	if (err) {
		bh_db_close(&db);
		return err;
	}
	err = bh_projector_open(&w->projector, &db, NULL);
	if (!err)
		err = bh_held_begin(&w->projector.db);
	if (!err)
		err = found(w, code, now);
	if (!err && key)
		err = bh_key_row_add(
			&w->projector.db, key->key_hash, key->request_hash, (int64_t)w->position);
	if (!err)
		err = bh_db_exec(w->projector.db.handle, "COMMIT");
	if (!err)
		err = bh_checkpoint_whole(w);
	return err;
}

int bh_store_create(const struct bh_store_options *options, const char *code, struct bh_now now)
{
	return bh_store_create_keyed(options, code, now, NULL);
}

int bh_store_create_keyed(const struct bh_store_options *options, const char *code,
	struct bh_now now, const struct bh_caller_key *key)
{
	struct bh_writer w = {
		.rng = options->rng,
		.scratch = BH_BUF(BH_PROJECT_ARENA_BYTES),
		.timeline = {0},
	};
	sqlite3 *lock = NULL;

	if (!bh_district_code_valid(code))
		return BH_ERR_INVALID;
	int err = bh_db_lock(options->path, options->vfs, &lock);
	if (!err)
		err = create(options, code, now, key, &w);
	bh_projector_close(&w.projector);
	bh_buf_free(&w.scratch);
	bh_db_unlock(lock);
	return err;
}
