/* A replay into a file.
 *
 *   entry ──▶ follows the head's hash ──▶ row ──▶ projections ──▶ (a PROFILE: its rules are in
 * force) ──▶ every so many entries a commit, every so many commits a checkpoint
 *
 * Nothing is decided, no salt is drawn, no clock is asked.  What is local, outside replays, stays
 * as it was, but that a caller's key leads to the entry that it made, that room kept for photos on
 * their way is given back when they are said to be here, and that what stands in quarantine is
 * counted. */
#include "server/store/replay.h"

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"
#include "server/store/held.h"
#include "server/store/key_row.h"
#include "server/store/project.h"
#include "server/store/rules_load.h"
#include "server/store/segment.h"
#include "server/store/text_purge.h"

#define ENTRIES_A_COMMIT 2000u
#define COMMITS_A_CHECKPOINT 8u
#define SCRATCH_BYTES (160u << 20)
#define ARENA_BYTES (1u << 20)

struct bh_replay {
	struct bh_projector projector;
	struct bh_rules *rules;
	sqlite3 *lock;
	uint32_t due_divisor;
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	uint32_t entries, commits; /* since the last commit, the last checkpoint */
	bool in_transaction;
	struct bh_buf scratch;
	struct bh_arena arena;
};

/* ---- Opening ---- */

int bh_replay_create(const struct bh_store_options *options)
{
	sqlite3 *handle = NULL;
	int err = bh_db_create(&handle, options->path, options->vfs);

	if (!err)
		err = bh_db_exec(handle, "BEGIN IMMEDIATE");
	if (!err)
		err = bh_db_make_schema(handle);
	if (!err)
		err = bh_db_exec(handle, "COMMIT");
	if (!err)
		err = bh_db_err(sqlite3_wal_checkpoint_v2(
			handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
	sqlite3_close(handle);
	return err;
}

static int head_load(struct bh_replay *r)
{
	sqlite3_stmt *s = bh_sql(&r->projector.db, BH_SQL_JOURNAL_HEAD);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err;
	r->position = (uint64_t)bh_column(s, 0);
	err = bh_column_exact(s, 1, r->hash, BH_HASH_BYTES);
	bh_row_end(s);
	return err;
}

static int replay_load(struct bh_replay *r, const struct bh_store_options *options)
{
	struct bh_db db = {0};
	int err = bh_db_lock(options->path, options->vfs, &r->lock);

	if (!err)
		err = bh_db_open(&db, BH_DB_WRITER, options->path, options->vfs, NULL);
	if (!err)
		err = bh_projector_open(&r->projector, &db, NULL);
	if (!err)
		err = bh_upgrade(&r->projector, r->due_divisor);
	if (!err)
		err = head_load(r);
	if (!err)
		err = bh_rules_load(&r->projector.db, r->projector.hasher,
			r->projector.district.profile_position, r->due_divisor, &r->rules);
	r->projector.rules = r->rules;
	return err;
}

int bh_replay_open(const struct bh_store_options *options, struct bh_replay **out)
{
	struct bh_replay *r = calloc(1, sizeof(*r));

	if (!r)
		return BH_ERR_NOMEM;
	r->due_divisor = options->due_divisor;
	r->scratch = BH_BUF(SCRATCH_BYTES);
	r->arena = BH_ARENA(ARENA_BYTES);
	int err = replay_load(r, options);
	if (err) {
		bh_replay_close(r);
		return err;
	}
	*out = r;
	return BH_NOERR;
}

void bh_replay_close(struct bh_replay *r)
{
	if (!r)
		return;
	bh_projector_close(&r->projector);
	bh_rules_unref(r->rules);
	bh_buf_free(&r->scratch);
	bh_arena_free(&r->arena);
	bh_db_unlock(r->lock);
	free(r);
}

uint64_t bh_replay_head(const struct bh_replay *r, uint8_t hash[BH_HASH_BYTES])
{
	memcpy(hash, r->hash, BH_HASH_BYTES);
	return r->position;
}

/* ---- Transactions ---- */

static int commit(struct bh_replay *r)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 67
	int err = BH_NOERR;
#else
	int err = bh_projector_flush(&r->projector);
#endif

	if (!err)
		err = bh_row_run(bh_sql(&r->projector.db, BH_SQL_COMMIT));
	if (err)
		return err;
	r->in_transaction = false;
	r->entries = 0;
	r->commits++;
	return BH_NOERR;
}

static int checkpoint(struct bh_replay *r)
{
	r->commits = 0;
	return bh_db_err(sqlite3_wal_checkpoint_v2(
		r->projector.db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
}

int bh_replay_finish(struct bh_replay *r)
{
	int err = r->in_transaction ? commit(r) : BH_NOERR;

	return err ? err : checkpoint(r);
}

/* ---- An entry ---- */

static int follows(struct bh_replay *r, const struct bh_entry *entry)
{
	uint8_t hash[BH_HASH_BYTES];

	r->scratch.len = 0;
	int err = bh_entry_hash(r->projector.hasher, r->hash, entry, &r->scratch, hash);
	if (err)
		return err;
	return entry->position == r->position + 1 && memcmp(hash, entry->hash, BH_HASH_BYTES) == 0
		       ? BH_NOERR
		       : BH_ERR_CORRUPT;
}

/* What its header says; *readable false: a header that no op has. */
static int header_of(struct bh_replay *r, const struct bh_entry *entry,
	struct bh_msg_op_header *out, bool *readable)
{
	int reason = 0;

	*readable = false;
	if (entry->header.len == 0 || entry->verb == BH_VERB_UNREADABLE)
		return BH_NOERR;
	bh_arena_reset(&r->arena);
	int err = bh_op_decode_header(entry->header, &r->arena, out, &reason);
	*readable = err == BH_NOERR;
	return err == BH_ERR_MALFORMED ? BH_NOERR : err;
}

static int room_give_back(struct bh_replay *r, struct bh_span hash)
{
	sqlite3_stmt *s = bh_sql(&r->projector.db, BH_SQL_UPLOAD_DROP);

	bh_bind_span(s, 1, hash);
	bh_bind(s, 2, INT64_MAX);
	return bh_row_run(s);
}

static int rules_change(struct bh_replay *r, const struct bh_entry *entry)
{
	struct bh_rules *rules = NULL;
	int err = bh_rules_from_profile(&r->projector.db, entry->content, r->due_divisor, &rules);

	if (!err)
		err = bh_project_rules(&r->projector, rules, entry->at_ms);
	if (err) {
		bh_rules_unref(rules);
		return err;
	}
	bh_rules_unref(r->rules);
	r->rules = rules;
	return BH_NOERR;
}

static int texts_erase(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_purge_fact fact;
	int err = bh_purge_fact_decode(entry->decision, &fact);

	return err ? err : bh_texts_erase_all(&p->db, p->hasher, &fact);
}

static int entry_append(struct bh_replay *r, const struct bh_entry *entry)
{
	struct bh_projector *p = &r->projector;
	struct bh_msg_op_header header;
	struct bh_case cased;
	const struct bh_case *before = NULL;
	bool readable = false;
	int err = header_of(r, entry, &header, &readable);

	if (!err && bh_entry_moves_case(entry)) {
		err = bh_case_row_get(&p->db, entry->case_number, &cased);
		before = err ? NULL : &cased;
		err = err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	}
	if (!err)
		err = bh_entry_row_add(&p->db, entry, bh_segment_has_content(p->hasher, entry));
	if (!err && entry->verb == BH_VERB_ERASE && !entry->device)
		err = bh_contents_erase(&p->db, p->hasher, entry->case_number, entry->position);
	if (!err && entry->verb == BH_VERB_PURGE_TEXTS && !entry->device)
		err = texts_erase(p, entry);
	if (!err)
		err = bh_project(p, entry, before,
			readable && entry->device && header.has_origin ? &header.origin : NULL,
			NULL);
	if (!err)
		err = bh_held_entry(&p->db, entry);
	if (!err && readable && entry->verb == BH_VERB_STORED && !entry->device &&
		header.blobs_count == 1)
		err = room_give_back(r, header.blobs[0].hash);
	if (!err && entry->verb == BH_VERB_PROFILE && !entry->device)
		err = rules_change(r, entry);
	return err;
}

/* A repeat under it is told what it was told before. */
static int key_keep(
	struct bh_replay *r, const struct bh_entry *entry, const struct bh_caller_key *key)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 79
	key = NULL;
#endif
	return key ? bh_key_row_add(&r->projector.db, key->key_hash, key->request_hash,
			     (int64_t)entry->position)
		   : BH_NOERR;
}

/* Entries that contradict themselves are what was damaged, not the call. */
int bh_replay_entry(void *replay, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct bh_replay *r = replay;
	int err = follows(r, entry);

	if (!err && !r->in_transaction) {
		err = bh_row_run(bh_sql(&r->projector.db, BH_SQL_BEGIN));
		r->in_transaction = !err;
	}
	if (!err)
		err = entry_append(r, entry);
	if (!err)
		err = key_keep(r, entry, key);
	if (err == BH_ERR_INVALID || err == BH_ERR_MALFORMED || err == BH_ERR_NOT_FOUND)
		return BH_ERR_CORRUPT;
	if (err)
		return err;
	r->position = entry->position;
	memcpy(r->hash, entry->hash, BH_HASH_BYTES);
	if (++r->entries >= ENTRIES_A_COMMIT)
		err = commit(r);
	if (!err && r->commits >= COMMITS_A_CHECKPOINT)
		err = checkpoint(r);
	return err;
}
