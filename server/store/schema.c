/* The tables of a district's file.
 *
 *   journal, content      the truth: what was decided, and what of it can be erased
 *   op ... blob, tally    projections: a replay of the journal gives the same rows (verify.c)
 *   desk_key ... upload   local: not decided by anybody, outside replay; so is notice
 *
 * content holds (salt, bytes), or, when they are destroyed or were never kept, the commitment
 * alone. aside leads to what was said about a case without effect: a case's own chain is
 * journal.prev from cases.last. cases.body is the case as bh_case_diff from nothing; the columns
 * beside it are what indexes need. desk_key.hash is a caller's key, then what was asked with it; a
 * negative position: it held already, and nothing was written.  A replay of segments brings the
 * keys of entries back (segment.h).
 *
 * task has a row for each task of a case; its key is the position of the entry that made it, its
 * body bh_task_diff from nothing, and next_ms is not 0 while it is open.  orders has a row for each
 * order, by what it is called; next_ms is when the clock looks at it.
 *
 * mediation has a row for each mediation of a dispute, likewise; next_ms is when the clock says
 * something of a date of its agreement.
 *
 * blob has a row for each photo that an accepted op of a handset names: position and place are the
 * op's entry and where in its list; stored is the position of the entry that says the photo is
 * here, 0 before.  What a stale, rejected or quarantined op names is nobody's to send; a carried
 * op's photos are those of its first recording.  upload counts the room of photos on their way,
 * from before their file is made until they are stored: a file without either would be an orphan.
 * service and patrol have a row for each accepted entry about no case: what is counted and listed
 * of field work, by day, grid and kind or plan.  patrol_plan says how a plan was from a day on; no
 * weekdays: it was gone.
 *
 * placed has a row for each case that lies in a grid by a position or a component: by it is found
 * what comes again and again in one place.
 *
 * log_floor has the instant before which no further op of a log was captured, as far as its ops
 * have shown since this schema (decide_capture.c): of an older file a replay shows more, so that it
 * is not verified.
 *
 * handover has a row for each end of a desk's shift that was handed over, or was not; roster says
 * since when a desk has one.
 *
 * dossier has a row for each paper that was added to a case, each seal, each loan and each entry
 * about an order of it; back is the position of the entry that ended the loan, 0 while it is out; a
 * loan's kind is 1 once it was told that it is overdue.
 *
 * rating has a row for each answer to a report of the public, with the unit that it is about and
 * when it was given; position is that of the entry that rated it, 0 before.  rating_token has what
 * is kept of the tokens that stand of a case: the desk's, and its reporter's own.
 *
 * party, guarded, opening and erasure are what stands about the people that cases name (privacy.h);
 * case_key has the keys of their sealed fields, wrapped, and is in no segment and no replay.
 * local has the heartbeat, and, by ids of their own ranges (db.h), the hashes of photos that
 * are lost, how fast devices begin logs and take keys, and how many ops of each stand in quarantine
 * (held.h).
 */
#include <string.h>

#include "proto/err.h"
#include "server/store/db.h"

/* What schema 2 has more than 1. */
static const char *const photos[] = {
	"CREATE TABLE blob(hash BLOB, position INTEGER, place INTEGER, number INTEGER, size "
	"INTEGER, kind INTEGER, verb INTEGER, cycle INTEGER, stored INTEGER, "
	"PRIMARY KEY(hash, position)) WITHOUT ROWID",
	"CREATE INDEX blob_case ON blob(number, position, place)",
	("CREATE TABLE upload(hash BLOB PRIMARY KEY, device INTEGER, size INTEGER, at_ms INTEGER) "
	 "WITHOUT ROWID"),
};

/* What schema 3 has more than 2. */
static const char *const life[] = {
	"CREATE TABLE merged(number INTEGER PRIMARY KEY, main INTEGER)",
	"CREATE INDEX merged_main ON merged(main)",
	("CREATE TABLE notice(id INTEGER PRIMARY KEY, position INTEGER, person INTEGER, kind "
	 "INTEGER, number INTEGER, scope INTEGER, epoch INTEGER, state INTEGER, lane INTEGER, "
	 "tries INTEGER, error INTEGER, made_ms INTEGER, next_ms INTEGER, ack_ms INTEGER, "
	 "seen_ms INTEGER)"),
	"CREATE INDEX notice_due ON notice(lane, next_ms) WHERE state = 1",
	"CREATE INDEX notice_ack ON notice(ack_ms) WHERE ack_ms <> 0",
	"CREATE INDEX device_person ON device(person, state)",
	"CREATE TABLE service(day INTEGER, grid INTEGER, kind INTEGER, position INTEGER, "
	"PRIMARY KEY(day, grid, kind, position)) WITHOUT ROWID",
	"CREATE TABLE patrol_plan(plan INTEGER, day INTEGER, grid INTEGER, weekdays INTEGER, "
	"rounds INTEGER, PRIMARY KEY(plan, day)) WITHOUT ROWID",
	"CREATE TABLE patrol(day INTEGER, grid INTEGER, plan INTEGER, position INTEGER, done "
	"INTEGER, missed INTEGER, minutes INTEGER, PRIMARY KEY(day, grid, plan, position)) "
	"WITHOUT ROWID",
	"CREATE TABLE party(number INTEGER, party INTEGER, role INTEGER, consent INTEGER, name "
	"BLOB, contact BLOB, position INTEGER, PRIMARY KEY(number, party)) WITHOUT ROWID",
	"CREATE TABLE guarded(number INTEGER PRIMARY KEY, asked INTEGER, asked_by INTEGER, held "
	"INTEGER, erasures INTEGER, erased INTEGER, erased_ms INTEGER)",
	"CREATE TABLE opening(position INTEGER PRIMARY KEY, person INTEGER, at_ms INTEGER, number "
	"INTEGER, purpose INTEGER)",
	"CREATE INDEX opening_person ON opening(person, at_ms)",
	"CREATE TABLE erasure(position INTEGER PRIMARY KEY, number INTEGER, at_ms INTEGER, log "
	"INTEGER)",
	"CREATE TABLE case_key(number INTEGER PRIMARY KEY, key_id INTEGER, wrapped BLOB)",
};

/* What schema 4 has more than 3. */
static const char *const work[] = {
	"CREATE TABLE task(first INTEGER PRIMARY KEY, number INTEGER, last INTEGER, ordinal "
	"INTEGER, person INTEGER, unit INTEGER, next_ms INTEGER, body BLOB)",
	"CREATE UNIQUE INDEX task_case ON task(number, ordinal)",
	"CREATE INDEX task_clock ON task(next_ms) WHERE next_ms <> 0",
	"CREATE TABLE orders(ref INTEGER PRIMARY KEY, first INTEGER, last INTEGER, answer INTEGER, "
	"number INTEGER, next_ms INTEGER, body BLOB)",
	"CREATE UNIQUE INDEX orders_first ON orders(first)",
	"CREATE INDEX orders_case ON orders(number, first) WHERE number <> 0",
	"CREATE INDEX orders_clock ON orders(next_ms) WHERE next_ms <> 0",
	"CREATE TABLE handover(unit INTEGER, end_ms INTEGER, position INTEGER, person INTEGER, "
	"at_ms INTEGER, green INTEGER, yellow INTEGER, red INTEGER, other INTEGER, missed INTEGER, "
	"taken_by INTEGER, taken_ms INTEGER, PRIMARY KEY(unit, end_ms)) WITHOUT ROWID",
	"CREATE TABLE roster(unit INTEGER PRIMARY KEY, since_ms INTEGER)",
	"CREATE TABLE dossier(position INTEGER PRIMARY KEY, number INTEGER, verb INTEGER, kind "
	"INTEGER, until_ms INTEGER, back INTEGER)",
	"CREATE INDEX dossier_case ON dossier(number, position)",
	"CREATE INDEX dossier_out ON dossier(position) WHERE until_ms <> 0 AND back = 0",
	"CREATE INDEX cases_alarm ON cases(next_ms) WHERE next_ms <> 0 AND open = 1",
	"CREATE INDEX cases_rest ON cases(next_ms) WHERE next_ms <> 0 AND open = 0",
	"CREATE INDEX notice_taken ON notice(person, scope, position) WHERE state < 3 AND scope "
	"<> 0",
	"CREATE UNIQUE INDEX notice_case ON notice(number, position, person, kind)",
	"CREATE TABLE returned(position INTEGER PRIMARY KEY, number INTEGER, type INTEGER, area "
	"INTEGER, unit INTEGER, went INTEGER)",
	"CREATE INDEX returned_case ON returned(number)",
	"CREATE TABLE rating(number INTEGER, cycle INTEGER, unit INTEGER, closed_ms INTEGER, "
	"rating INTEGER, position INTEGER, PRIMARY KEY(number, cycle)) WITHOUT ROWID",
	"CREATE INDEX rating_closed ON rating(closed_ms, unit)",
	"CREATE TABLE rating_token(number INTEGER, own INTEGER, hash BLOB, position INTEGER, "
	"invites INTEGER, PRIMARY KEY(number, own)) WITHOUT ROWID",
	"CREATE TABLE mediation(first INTEGER PRIMARY KEY, number INTEGER, last INTEGER, ordinal "
	"INTEGER, next_ms INTEGER, body BLOB)",
	"CREATE UNIQUE INDEX mediation_case ON mediation(number, ordinal)",
	"CREATE INDEX mediation_clock ON mediation(next_ms) WHERE next_ms <> 0",
	"CREATE INDEX dossier_due ON dossier(until_ms) WHERE until_ms <> 0 AND back = 0 AND kind = "
	"0",
	"CREATE TABLE echo(main INTEGER, position INTEGER, PRIMARY KEY(main, position)) WITHOUT "
	"ROWID",
	"CREATE INDEX service_grid ON service(grid, kind, day)",
	"CREATE TABLE placed(grid INTEGER, cell INTEGER, first INTEGER, PRIMARY KEY(grid, cell, "
	"first)) WITHOUT ROWID",
	"CREATE INDEX placed_grid ON placed(grid, first)",
	"CREATE INDEX notice_calls ON notice(lane, next_ms) WHERE state = 1 AND ack_ms <> 0",
	"CREATE TABLE log_floor(short INTEGER PRIMARY KEY, at_ms INTEGER)",
};

/* What schema 5 has more than 4. */
static const char *const keys[] = {
	"CREATE INDEX desk_key_made ON desk_key(position) WHERE position > 0",
};

/* What 4 has no more: cases_alarm, cases_rest and notice_case do what these did. */
static const char *const gone[] = {
	"DROP INDEX IF EXISTS cases_clock",
	"DROP INDEX IF EXISTS notice_open",
	"DROP INDEX IF EXISTS notice_of",
};

static const struct step {
	const char *const *texts;
	size_t count;
} steps[] = {
	/* to schema 2, 3, 4, 5: */
	{photos, sizeof(photos) / sizeof(photos[0])},
	{life, sizeof(life) / sizeof(life[0])},
	{work, sizeof(work) / sizeof(work[0])},
	{keys, sizeof(keys) / sizeof(keys[0])},
};

#define STEPS_COUNT (sizeof(steps) / sizeof(steps[0]))
#define PRAGMAS 2

static const char *const schema[] = {
	"CREATE TABLE journal(position INTEGER PRIMARY KEY, at_ms INTEGER, log INTEGER, seq "
	"INTEGER, "
	"device INTEGER, person INTEGER, post INTEGER, case_number INTEGER, prev INTEGER, "
	"cycle INTEGER, verb INTEGER, verdict INTEGER, reason INTEGER, from_state INTEGER, "
	"to_state INTEGER, captured_ms INTEGER, captured_bound_ms INTEGER, decision BLOB, "
	"header BLOB, link BLOB, hash BLOB)",
	"CREATE TABLE content(position INTEGER PRIMARY KEY, salt BLOB, bytes BLOB, commitment "
	"BLOB)",

	"CREATE TABLE op(number INTEGER PRIMARY KEY, position INTEGER, odd INTEGER)",
	"CREATE TABLE cases(first INTEGER PRIMARY KEY, number INTEGER, last INTEGER, "
	"dispatch_due_ms INTEGER, next_ms INTEGER, unit INTEGER, open INTEGER, body BLOB)",
	"CREATE INDEX cases_queue ON cases(dispatch_due_ms) WHERE dispatch_due_ms <> 0",
	"CREATE INDEX cases_open ON cases(open)",
	"CREATE INDEX cases_unit ON cases(unit) WHERE unit <> 0",
	"CREATE TABLE aside(number INTEGER, position INTEGER, PRIMARY KEY(number, position)) "
	"WITHOUT ROWID",
	"CREATE TABLE scope(scope INTEGER, number INTEGER, position INTEGER, gone INTEGER, "
	"PRIMARY KEY(scope, number)) WITHOUT ROWID",
	"CREATE INDEX scope_feed ON scope(scope, position)",
	"CREATE TABLE device(id INTEGER PRIMARY KEY, person INTEGER, state INTEGER, public_key "
	"BLOB, "
	"enrolled_ms INTEGER)",
	"CREATE TABLE log(short INTEGER PRIMARY KEY, device INTEGER, log_id BLOB UNIQUE, "
	"head_seq INTEGER, head_link BLOB, successor INTEGER)",
	"CREATE INDEX log_device ON log(device)",
	"CREATE TABLE enrol_code(hash BLOB PRIMARY KEY, person INTEGER, expires_ms INTEGER, "
	"device INTEGER) WITHOUT ROWID",
	"CREATE TABLE origin(log_id BLOB, seq INTEGER, link BLOB, position INTEGER, "
	"PRIMARY KEY(log_id, seq, link)) WITHOUT ROWID",
	"CREATE TABLE district(id INTEGER PRIMARY KEY, code TEXT, epoch INTEGER, profiles INTEGER, "
	"profile_position INTEGER, clock_alarm INTEGER)",
	"CREATE TABLE tally(id INTEGER PRIMARY KEY, value INTEGER)",

	"CREATE TABLE desk_key(hash BLOB PRIMARY KEY, position INTEGER) WITHOUT ROWID",
	"CREATE TABLE local(id INTEGER PRIMARY KEY, value BLOB)",
	"CREATE TABLE contact(device INTEGER PRIMARY KEY, at_ms INTEGER, unsent_ops INTEGER, "
	"unsent_bytes INTEGER, oldest_ms INTEGER)",

	/* PRAGMAS of them: */
	"PRAGMA application_id=1651008629", /* BH_DB_APPLICATION_ID */
	"PRAGMA user_version=5",            /* BH_DB_SCHEMA */
};

#define TABLES (sizeof(schema) / sizeof(schema[0]) - PRAGMAS)

static int each_exec(sqlite3 *handle, const char *const *texts, size_t count)
{
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < count; i++)
		err = bh_db_exec(handle, texts[i]);
	return err;
}

int bh_db_add_tables(sqlite3 *handle, unsigned before)
{
	int err = BH_NOERR;

	for (size_t i = before - BH_DB_SCHEMA_OLDEST; !err && i < STEPS_COUNT; i++)
		err = each_exec(handle, steps[i].texts, steps[i].count);
	return err ? err : each_exec(handle, gone, sizeof(gone) / sizeof(gone[0]));
}

int bh_db_make_schema(sqlite3 *handle)
{
	int err = each_exec(handle, schema, sizeof(schema) / sizeof(schema[0]));

	return err ? err : bh_db_add_tables(handle, BH_DB_SCHEMA_OLDEST);
}

static bool is_one_of(const char *text, const char *const *texts, size_t count)
{
	bool is = false;

	for (size_t i = 0; !is && i < count; i++)
		is = strcmp(text, texts[i]) == 0;
	return is;
}

static bool is_of_schema(const char *text)
{
	bool is = is_one_of(text, schema, TABLES);

	for (size_t i = 0; !is && i < STEPS_COUNT; i++)
		is = is_one_of(text, steps[i].texts, steps[i].count);
	return is;
}

int bh_db_check_schema(sqlite3 *handle)
{
	sqlite3_stmt *s = NULL;
	size_t found = 0, all = TABLES;
	int code = sqlite3_prepare_v2(
		handle, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", -1, &s, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		const char *text = (const char *)sqlite3_column_text(s, 0);
		if (code == SQLITE_ROW && !text)
			code = SQLITE_NOMEM;
		else if (code == SQLITE_ROW)
			found += is_of_schema(text);
	}
	sqlite3_finalize(s);
	if (code != SQLITE_DONE)
		return bh_db_err(code);
	for (size_t i = 0; i < STEPS_COUNT; i++)
		all += steps[i].count;
	return found == all ? BH_NOERR : BH_ERR_CORRUPT;
}
