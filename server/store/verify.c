/* Verification: the journal from its first entry to its head, replayed into memory.
 *
 *   entry n ──▶ content gives its commitment ──▶ hash over entry n-1's ──▶ a legal step of its case
 * ──▶ replay at the end: the file's projections are the replay's   ‖   beside it: every due time is
 * what the entries give
 *
 * The chain alone takes a tenth of that: every entry and content, no replay; beside it the file's
 * pages and indexes.  The first thing that does not hold ends it, and is told in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/verify.h"

#define ARENA_BYTES (1u << 20)
#define SCRATCH_BYTES (64u << 20)

int bh_verify_fail(struct bh_verify *v, uint64_t position, const char *what, const char *name)
{
	v->report->first_bad = position;
	snprintf(v->report->what, sizeof(v->report->what), "%s%s%s", what, name ? ": " : "",
		name ? name : "");
	return BH_ERR_CORRUPT;
}

static int chain_check(struct bh_verify *v, const struct bh_entry *entry)
{
	uint8_t hash[BH_HASH_BYTES];
	uint64_t expected = v->report->entries + 1;

	if (entry->position != expected)
		return bh_verify_fail(v, expected, "an entry is missing", NULL);
	if (entry->at_ms < v->at_ms)
		return bh_verify_fail(
			v, expected, "an entry's time lies before the one before", NULL);
	v->scratch.len = 0;
	int err = bh_entry_hash(v->hasher, v->hash, entry, &v->scratch, hash);
	if (err)
		return err;
	if (memcmp(hash, entry->hash, BH_HASH_BYTES) != 0)
		return bh_verify_fail(
			v, expected, "an entry's hash is not that of its fields", NULL);
	memcpy(v->hash, hash, BH_HASH_BYTES);
	v->at_ms = entry->at_ms;
	return BH_NOERR;
}

/* A handset's op hangs on the one before it in its log; of one that could not be read only lengths
 * are left. */
static int link_check(struct bh_verify *v, const struct bh_entry *entry)
{
	struct bh_head *head;
	uint8_t link[BH_HASH_BYTES];

	if (!entry->device || entry->verb == BH_VERB_UNREADABLE)
		return BH_NOERR;
	int err = bh_heads_room(&v->replay.heads, &v->replay.db);
	if (!err)
		err = bh_heads_get(&v->replay.heads, &v->replay.db, entry->log_short, &head);
	if (err == BH_ERR_NOT_FOUND)
		return bh_verify_fail(v, entry->position, "an op of an unknown log", NULL);
	if (err)
		return err;
	bh_log_link(v->hasher, head->link, entry->seq, entry->header, entry->commitment, link);
	if (memcmp(link, entry->link, BH_HASH_BYTES) != 0)
		return bh_verify_fail(v, entry->position, "an op does not follow its log", NULL);
	return BH_NOERR;
}

/* A release makes the move of the report that it lets in. */
static bool move_is_legal(const struct bh_entry *entry)
{
	uint32_t verb = entry->verb == BH_VERB_RELEASE ? BH_VERB_SUBMIT : entry->verb;

	if (entry->from_state == entry->to_state)
		return true;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		if (move->from == entry->from_state && move->verb == verb &&
			move->to == entry->to_state)
			return true;
	}
	return false;
}

/* I6: a case's entries are linear and make only legal moves. */
static int case_check(
	struct bh_verify *v, const struct bh_entry *entry, const struct bh_case *before)
{
	bool begins = !before && entry->verb == BH_VERB_RELEASE; /* after its op, which made none */
	uint64_t prev = before ? before->last : begins ? entry->prev : 0;
	uint32_t state = before ? before->state : BH_STATE_OUTBOX;

	if (entry->prev != prev)
		return bh_verify_fail(
			v, entry->position, "an entry does not follow its case's last", NULL);
	if (entry->from_state != state || !move_is_legal(entry))
		return bh_verify_fail(
			v, entry->position, "a case made a move it could not make", NULL);
	return BH_NOERR;
}

static int origin_of(struct bh_verify *v, const struct bh_entry *entry,
	struct bh_msg_origin *buffer, const struct bh_msg_origin **origin)
{
	struct bh_msg_op_header header;
	int reason;

	*origin = NULL;
	if (!entry->device || entry->verb == BH_VERB_UNREADABLE || entry->header.len == 0)
		return BH_NOERR;
	bh_arena_reset(&v->arena);
	int err = bh_op_decode_header(entry->header, &v->arena, &header, &reason);
	if (err == BH_ERR_MALFORMED)
		return BH_NOERR;
	if (!err && header.has_origin) {
		*buffer = header.origin;
		*origin = buffer;
	}
	return err;
}

static int entry_replay(struct bh_verify *v, const struct bh_entry *entry)
{
	struct bh_msg_origin buffer;
	const struct bh_msg_origin *origin;
	struct bh_case cased, after;
	const struct bh_case *before = NULL;
	int err = BH_NOERR;

	if (bh_entry_moves_case(entry)) {
		err = bh_case_row_get(&v->replay.db, entry->case_number, &cased);
		if (!err)
			before = &cased;
		else if (err == BH_ERR_NOT_FOUND)
			err = BH_NOERR;
		if (!err)
			err = case_check(v, entry, before);
	}
	if (!err)
		err = origin_of(v, entry, &buffer, &origin);
	if (err)
		return err;
	err = bh_project(&v->replay, entry, before, origin, &after);
	if (err == BH_ERR_NOMEM)
		return err;
	if (err)
		return bh_verify_fail(v, entry->position, "an entry cannot be replayed", NULL);
	if (bh_entry_moves_case(entry) && after.state != entry->to_state)
		return bh_verify_fail(
			v, entry->position, "an entry's decision is not its state", NULL);
	return entry->verb == BH_VERB_PROFILE && !entry->device ? bh_verify_rules(v, entry)
								: BH_NOERR;
}

static int entry_verify(struct bh_verify *v, sqlite3_stmt *s)
{
	struct bh_entry entry;
	bool erased = false;
	uint64_t expected = v->report->entries + 1;
	int err = bh_entry_row_read(s, &entry);

	if (err)
		return bh_verify_fail(v, expected, "an entry's row cannot be read", NULL);
	err = bh_entry_row_content(&v->file, v->hasher, &entry, &erased);
	if (err == BH_ERR_CORRUPT)
		return bh_verify_fail(v, expected, "an entry's content cannot be read", NULL);
	if (!err)
		err = chain_check(v, &entry);
	if (!err && v->replays)
		err = link_check(v, &entry);
	if (!err && v->replays)
		err = entry_replay(v, &entry);
	bh_row_end(bh_sql(&v->file, BH_SQL_CONTENT_GET));
	if (err)
		return err;
	v->report->entries++;
	v->report->contents_erased += erased;
	v->report->contents_checked += !erased && entry.content.len > 0;
	return BH_NOERR;
}

static int journal_verify(struct bh_verify *v)
{
	sqlite3_stmt *s = bh_sql(&v->file, BH_SQL_JOURNAL_ALL);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		err = entry_verify(v, s);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err && v->report->entries == 0)
		err = bh_verify_fail(v, 1, "there is no journal", NULL);
	memcpy(v->report->head, v->hash, BH_HASH_BYTES);
	return err;
}

int bh_verify_open(struct bh_verify *v, const struct bh_store_options *options)
{
	const char *detail = NULL;
	int err = bh_hasher_open(&v->hasher);

	v->arena = BH_ARENA(ARENA_BYTES);
	v->scratch = BH_BUF(SCRATCH_BYTES);
	v->at_ms = INT64_MIN;
	v->due_divisor = options->due_divisor;
	if (!err)
		err = bh_db_open(&v->file, BH_DB_ALONE, options->path, options->vfs, &detail);
	return err == BH_ERR_CORRUPT ? bh_verify_fail(v, 0, detail, NULL) : err;
}

void bh_verify_close(struct bh_verify *v)
{
	bh_projector_close(&v->replay);
	bh_rules_unref(v->rules);
	free(v->profiles);
	bh_db_close(&v->file);
	bh_hasher_close(v->hasher);
	bh_arena_free(&v->arena);
	bh_buf_free(&v->scratch);
}

static int replay_open(struct bh_verify *v)
{
	struct bh_db memory = {0};
	int err = bh_db_open(&memory, BH_DB_MEMORY, NULL, NULL, NULL);

	if (!err)
		err = bh_projector_open(&v->replay, &memory, NULL);
	if (!err)
		err = bh_rules_empty(&v->rules);
	v->replay.rules = v->rules;
	v->replays = true;
	return err;
}

static int replay_verify(struct bh_verify *v)
{
	int err = replay_open(v);

	if (!err)
		err = journal_verify(v);
	if (!err)
		err = bh_projector_flush(&v->replay);
	v->report->cases = (uint64_t)v->replay.tally.values[BH_TALLY_CASES];
	return err ? err : bh_verify_tables(v);
}

static int chain_verify(struct bh_verify *v)
{
	struct bh_tally tally;
	int err = journal_verify(v);

	if (!err)
		err = bh_tally_load(&tally, &v->file);
	if (!err)
		v->report->cases = (uint64_t)tally.values[BH_TALLY_CASES];
	return err;
}

static int verify_run(const struct bh_store_options *options, struct bh_verify_report *report,
	int (*road)(struct bh_verify *v), int (*beside_road)(struct bh_verify *v))
{
	struct bh_verify_report found = {0};
	struct bh_verify v = {.report = &found};
	struct bh_verify_beside beside;
	sqlite3 *lock = NULL;
	int err = bh_db_lock_known(options->path, options->vfs, &lock);

	if (!err)
		err = bh_verify_open(&v, options);
	if (!err) {
		bh_verify_beside_begin(&beside, options, beside_road);
		err = road(&v);
		err = bh_verify_beside_end(&beside, &v, err);
	}
	if (err == BH_ERR_CORRUPT && found.what[0] == 0)
		bh_verify_fail(&v, 0, "the file's pages are damaged", NULL);
	bh_verify_close(&v);
	bh_db_unlock(lock);
	*report = found;
	return err;
}

int bh_store_verify(const struct bh_store_options *options, struct bh_verify_report *report)
{
	return verify_run(options, report, replay_verify, bh_verify_dues);
}

int bh_store_verify_chain(const struct bh_store_options *options, struct bh_verify_report *report)
{
	return verify_run(options, report, chain_verify, bh_verify_pages);
}
