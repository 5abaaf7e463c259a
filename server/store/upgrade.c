/* A file of an earlier schema becomes one of ours, in one transaction of the writer that opens it:
 *
 *   1 ──▶ 2: photos get their tables (db.c, before statements are prepared), the store its log, and
 * what the journal's ops named already its rows: a handset that knew of photos may have sent some
 * to a server that did not
 *   2 ──▶ 3: the tables of a case's whole life, and what the clock does after the answer: what was
 * closed is archived
 *   3 ──▶ 4: the tables of work beside a case; what was asked with a key is forgotten
 *   4 ──▶ 5: an index
 *
 * However many cases have ended, that transaction looks at those alone that have not, so that the
 * alarms of today wait for nothing.  Of the others the clock learns in slices, each a transaction
 * of its own, while the district is served (writer_chore.c):
 *
 *   local: up to which case it knows ──slice──▶ next_ms of the next ones, and how far it is now
 *                                       └─▶ there are no more: the row goes
 *
 * A replay of the same journal gives the same rows, so that verification holds.  Of what stands in
 * quarantine a file of schema 2 may lack the counts, too. */
#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/held.h"
#include "server/store/project.h"
#include "server/store/rules_load.h"

static int photos_of_journal(struct bh_projector *p)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_JOURNAL_ALL);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		struct bh_entry entry;
		err = bh_entry_row_read(s, &entry);
		if (!err && bh_entry_moves_case(&entry))
			err = bh_project_blobs(p, &entry);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int photos_come(struct bh_projector *p)
{
	int err = bh_db_exec(p->db.handle,
		"INSERT INTO log(short, device, head_seq, successor) VALUES(4, 0, 0, 0)");
	if (!err)
		err = photos_of_journal(p);
	return err ? err : bh_held_begin(&p->db);
}

static int through_set(struct bh_db *db, uint64_t first)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, BH_UPGRADE_ROW);
	bh_bind_span(s, 2, bh_span(&first, sizeof(first)));
	return bh_row_run(s);
}

int bh_upgrade_through(const struct bh_db *db, bool *ended, uint64_t *first)
{
	bool found;
	int err = bh_local_get(db, BH_UPGRADE_ROW, first, sizeof(*first), &found);

	*ended = !err && !found;
	return err;
}

int bh_upgrade_slice(struct bh_projector *p, bool *ended)
{
	uint64_t first = 0;
	int err = bh_upgrade_through(&p->db, ended, &first);

	if (err || *ended)
		return err;
	err = bh_project_next_ended(p, &first, ended);
	if (err || !*ended)
		return err ? err : through_set(&p->db, first);
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_LOCAL_DROP);
	bh_bind(s, 1, BH_UPGRADE_ROW);
	return bh_row_run(s);
}

/* What the clock does next, of open cases, by the rules in force. */
static int clock_comes(struct bh_projector *p, uint32_t due_divisor)
{
	struct bh_rules *rules = NULL;
	int err = bh_rules_load(
		&p->db, p->hasher, p->district.profile_position, due_divisor, &rules);

	if (!err)
		err = bh_project_next_open(p, rules);
	bh_rules_unref(rules);
	return err ? err : through_set(&p->db, 0);
}

/* What was asked with a key was kept as a hash from which an erased text could be guessed (key.c):
 * the keys stay. */
static const char requests_forget[] =
	"UPDATE OR REPLACE desk_key SET hash = substr(hash, 1, 32) WHERE length(hash) > 32";

int bh_upgrade(struct bh_projector *p, uint32_t due_divisor)
{
	int err = BH_NOERR;

	if (p->db.schema_before == 0)
		return bh_held_upgrade(&p->db);
	if (p->db.schema_before == 1)
		err = photos_come(p);
	if (!err && p->db.schema_before < 3)
		err = clock_comes(p, due_divisor);
	if (!err && p->db.schema_before < 4)
		err = bh_db_exec(p->db.handle, requests_forget);
	if (!err)
		err = bh_db_exec(p->db.handle, "PRAGMA user_version=5");
	if (!err)
		err = bh_db_exec(p->db.handle, "COMMIT");
	if (err)
		return err;
	unsigned before = p->db.schema_before;
	p->db.schema_before = 0;
	return before == 1 ? BH_NOERR : bh_held_upgrade(&p->db);
}
