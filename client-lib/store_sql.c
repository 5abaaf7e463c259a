/* All SQL of the handset but its tables' own (store_schema.c): one statement for each thing that is
 * ever asked. Statements are prepared when first used and kept; every one is reset before it is
 * handed out. */
#include "client-lib/store.h"

#include <stdio.h>
#include <string.h>

/* Of the present log, what is not acknowledged. */
#define WAITING                                                                      \
	"id BETWEEN (SELECT (id << 32) + acked_seq + 1 FROM log WHERE present = 1) " \
	"AND (SELECT id << 32 | 4294967295 FROM log WHERE present = 1)"

static const char *const sql[BH_SQL_COUNT] = {
	[BH_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[BH_SQL_COMMIT] = "COMMIT",
	[BH_SQL_ROLLBACK] = "ROLLBACK",

	[BH_SQL_DEVICE] =
		"SELECT enrolled, code_refused, host, port, district, pins, code, model, public, "
		"device,"
		" person, revoked_ms, contact_ms, skew_ms, epoch, head_hash, profile_version,"
		" district_name, person_name, boots, boot_name FROM device",
	[BH_SQL_KEY] = "SELECT private FROM device WHERE private IS NOT NULL",
	[BH_SQL_KEY_SET] = "UPDATE device SET private = ?1, public = ?2",
	[BH_SQL_NEXT] = "SELECT private, public FROM rotation",
	[BH_SQL_NEXT_SET] = "INSERT INTO rotation(id, private, public) VALUES(1, ?1, ?2)",
	[BH_SQL_NEXT_DROP] = "DELETE FROM rotation",
	[BH_SQL_ASK] = "UPDATE device SET enrolled = 1, code_refused = 0, host = ?1, port = ?2, "
		       "district = ?3,"
		       " pins = ?4, code = ?5, model = ?6 WHERE enrolled < 2",
	[BH_SQL_ENROLLED] =
		"UPDATE device SET enrolled = 2, code_refused = 0, code = NULL, device = ?1, "
		"person = ?2,"
		" receipt = ?3, receipt_signature = ?4, revoked_ms = 0, contact_ms = ?5",
	[BH_SQL_CODE_REFUSED] =
		"UPDATE device SET enrolled = 0, code_refused = 1, code = NULL WHERE enrolled = 1",
	[BH_SQL_REVOKED] = "UPDATE device SET revoked_ms = ?1",
	[BH_SQL_CONTACT] = "UPDATE device SET contact_ms = ?1, skew_ms = ?2, revoked_ms = ?3",
	[BH_SQL_EPOCH] = "UPDATE device SET epoch = ?1, head_hash = NULL, sweeping = 1",
	[BH_SQL_HEAD_HASH] = "UPDATE device SET head_hash = ?1",
	[BH_SQL_SWEEPING] = "UPDATE device SET sweeping = 0 WHERE sweeping <> 0 RETURNING id",
	[BH_SQL_PROFILE_SET] = "INSERT INTO profile(id, message) VALUES(1, ?1)"
			       " ON CONFLICT(id) DO UPDATE SET message = excluded.message",
	[BH_SQL_PROFILE] = "SELECT message FROM profile",
	[BH_SQL_NAMES] =
		"UPDATE device SET profile_version = ?1, district_name = ?2, person_name = ?3",
	[BH_SQL_PINS] = "UPDATE device SET pins = ?1",
	[BH_SQL_BOOT] = "UPDATE device SET boots = ?1, boot_name = ?2",

	[BH_SQL_LOG] = "SELECT id, log_id, short, start, acked_seq, forked_from FROM log WHERE "
		       "present = 1",
	[BH_SQL_LOG_NAME] = "UPDATE log SET short = ?1 WHERE id = ?2",
	[BH_SQL_LOG_START] = "UPDATE log SET start = ?1 WHERE id = ?2",
	[BH_SQL_LOG_RETIRE] = "UPDATE log SET present = 0 WHERE present = 1",
	[BH_SQL_LOG_ADD] =
		"INSERT INTO log(log_id, start, forked_from, present) VALUES(?1, ?2, ?3, 1)",
	[BH_SQL_LOG_ACKED] = "UPDATE log SET acked_seq = ?1 WHERE id = ?2 AND acked_seq < ?1",

	[BH_SQL_HEAD] =
		"SELECT id, link FROM op WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
	[BH_SQL_LINK] = "SELECT link FROM op WHERE id = ?1",
	[BH_SQL_OP_ADD] = "INSERT INTO op(id, verb, number, captured_ms, recorded_ms, header, "
			  "content, salt, link)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[BH_SQL_OP] =
		"SELECT o.id, o.header, o.content, o.link, o.captured_ms, o.recorded_ms, o.verdict,"
		" o.code, o.sentence, o.correctable, o.met_state, o.told, o.carried, l.log_id, "
		"l.short,"
		" l.acked_seq FROM op o JOIN log l ON l.id = o.id >> 32 WHERE o.id = ?1",
	[BH_SQL_OP_BELOW] =
		"SELECT id FROM op WHERE id > ?1 AND id < ?2 AND (?3 = 0 OR verdict IN (2, 3, 4))"
		" ORDER BY id DESC LIMIT 1",
	[BH_SQL_OP_TOLD] = "SELECT id FROM op WHERE told = ?1 AND told <> 0 AND verb = 1",
	[BH_SQL_OP_NUMBERED] = "SELECT o.id FROM log l JOIN op o ON o.id = (l.id << 32 | ?2) WHERE "
			       "l.short = ?1 AND"
			       " l.short <> 0 AND o.verb = 1 AND o.told = 0 AND o.carried = 0",
	[BH_SQL_OP_RANGE] = "SELECT header, content, salt, link, id FROM op WHERE id BETWEEN ?1 "
			    "AND ?2 ORDER BY id",
	[BH_SQL_OP_VERDICT] = "UPDATE op SET verdict = ?2, code = ?3, sentence = ?4, correctable = "
			      "?5, met_state = ?6,"
			      " told = ?7 WHERE id = ?1 RETURNING verb, number",
	[BH_SQL_OP_CARRIED] = "UPDATE op SET carried = 1 WHERE id BETWEEN ?1 AND ?2",
	[BH_SQL_OP_WAITING_ON] = "SELECT count(*) FROM op WHERE " WAITING " AND number = ?1",
	[BH_SQL_OP_WAITING_VERBS] = "SELECT verb, header FROM op WHERE " WAITING
				    " AND number = ?1 ORDER BY id",
	/* newest first: whoever reads stops at what is too old; a header of this verb alone */
	[BH_SQL_OP_SINCE] = "SELECT recorded_ms, CASE WHEN verb = ?1 AND carried = 0 AND verdict "
			    "<> 3 THEN header END FROM op ORDER BY id DESC",
	[BH_SQL_OP_REPORTS] = "SELECT o.id, o.recorded_ms, o.told, l.short FROM op o JOIN log l ON "
			      "l.id = o.id >> 32"
			      " WHERE o.verb = 1 AND o.carried = 0",
	[BH_SQL_UNSENT] = "SELECT count(*), ifnull(sum(length(header) + length(content) + 16), 0),"
			  " ifnull(min(recorded_ms), 0) FROM op WHERE id BETWEEN ?1 AND ?2",
	[BH_SQL_REFUSED] = "SELECT count(*) FROM op WHERE verdict IN (2, 3, 4)",
	[BH_SQL_UNSEEN] = "SELECT count(*) FROM receipt WHERE seen = 0",

	[BH_SQL_ACK_ADD] = "INSERT OR REPLACE INTO ack(id, received_ms, mac) VALUES(?1, ?2, ?3)",
	[BH_SQL_ACK_OF] =
		"SELECT received_ms FROM ack WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1",
	[BH_SQL_ACK_BEFORE] = "SELECT ifnull(max(id), 0) FROM ack WHERE id BETWEEN ?1 AND ?2",
	[BH_SQL_ACK_RANGE] =
		"SELECT id, received_ms, mac FROM ack WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
	[BH_SQL_OP_ANSWERS] = "SELECT id, verdict, code FROM op WHERE id BETWEEN ?1 AND ?2 AND "
			      "verdict <> 0 ORDER BY id",

	[BH_SQL_RECORD] = "SELECT position, body FROM record WHERE number = ?1",
	[BH_SQL_RECORD_SET] =
		"INSERT INTO record(number, position, received_ms, body) VALUES(?1, ?2, ?3, ?4) ON"
		" CONFLICT(number) DO UPDATE SET position = excluded.position, received_ms ="
		" excluded.received_ms, body = excluded.body",
	[BH_SQL_RECORD_DROP] = "DELETE FROM record WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM "
			       "record_scope WHERE number = ?1) RETURNING number",
	[BH_SQL_RECORDS] = "SELECT number, received_ms FROM record",
	[BH_SQL_SCOPE_CLEAR] = "DELETE FROM record_scope WHERE number = ?1",
	[BH_SQL_SCOPE_ADD] =
		"INSERT OR REPLACE INTO record_scope(number, scope, mark) VALUES(?1, ?2, 0)",
	[BH_SQL_SCOPE_LEAVE] = "DELETE FROM record_scope WHERE number = ?1 AND scope = ?2",
	[BH_SQL_SCOPE_ANY] = "SELECT mark FROM record_scope WHERE number = ?1 AND mark = 1 LIMIT 1",
	[BH_SQL_SCOPE_CLOSE] = "DELETE FROM record_scope WHERE scope = ?1",
	[BH_SQL_SCOPE_MARK] = "UPDATE record_scope SET mark = 1",
	[BH_SQL_SCOPE_SWEEP] = "DELETE FROM record_scope WHERE mark = 1",
	[BH_SQL_RECORD_SWEEP] = "DELETE FROM record WHERE number NOT IN (SELECT number FROM "
				"record_scope) RETURNING number",
	[BH_SQL_CURSORS] = "SELECT scope, position FROM cursor ORDER BY scope",
	[BH_SQL_CURSOR_SET] = "INSERT INTO cursor(scope, position) VALUES(?1, ?2) ON "
			      "CONFLICT(scope) DO UPDATE SET"
			      " position = excluded.position WHERE excluded.position > position",
	[BH_SQL_CURSOR_CLOSE] = "DELETE FROM cursor WHERE scope = ?1",
	[BH_SQL_CURSOR_CLEAR] = "DELETE FROM cursor",
	[BH_SQL_RECEIPT] = "SELECT seen FROM receipt WHERE number = ?1 AND cycle = ?2",
	[BH_SQL_RECEIPT_ADD] = "INSERT OR IGNORE INTO receipt(number, cycle) VALUES(?1, ?2)",
	/* Cycle 0: of all of them. */
	[BH_SQL_RECEIPT_DROP] = "DELETE FROM receipt WHERE number = ?1 AND (?2 = 0 OR cycle = ?2)",
	[BH_SQL_RECEIPT_SEEN] = "UPDATE receipt SET seen = 1 WHERE number = ?1 AND cycle = ?2",

	[BH_SQL_BLOB_BEGIN] =
		"INSERT INTO blob(hash, size, kind, file, recorded_ms) VALUES(?1, ?2, ?3, 2, ?4) ON"
		" CONFLICT(hash) DO UPDATE SET file = 2 WHERE file <> 1 RETURNING size",
	/* A photo that is recorded again is offered again, unless the server has it or will never
	 * take it. */
	[BH_SQL_BLOB_WHOLE] =
		"UPDATE blob SET file = 1, fate = CASE WHEN fate IN (4, 5, 6) THEN 0 ELSE fate END"
		" WHERE hash = ?1",
	[BH_SQL_BLOB] = "SELECT size, kind, fate, file FROM blob WHERE hash = ?1",
	[BH_SQL_BLOB_NEXT] = "SELECT hash, size, kind FROM blob WHERE fate = 1 AND hash IS NOT ?1 "
			     "AND hash IS NOT ?2 ORDER BY kind DESC, size, recorded_ms LIMIT 1",
	[BH_SQL_BLOB_STATE] = "UPDATE blob SET fate = ?2, file = CASE ?2 WHEN 6 THEN 0 ELSE file "
			      "END WHERE hash = ?1",
	[BH_SQL_BLOB_CASE] =
		"SELECT o.id, o.verb, o.number, o.told, l.short FROM photo p JOIN op o ON o.id = "
		"p.op JOIN log l ON l.id = o.id >> 32 WHERE p.hash = ?1 AND o.carried = 0 ORDER BY "
		"o.id LIMIT 1",
	[BH_SQL_BLOB_UNSENT] = "SELECT count(*), ifnull(sum(size), 0), ifnull(min(recorded_ms), 0) "
			       "FROM blob WHERE fate IN (0, 1) AND file <> 2",
	/* One that is complete is so for the cases that named it until then: it is offered once
	 * more, which costs no bytes. */
	[BH_SQL_BLOB_ACCEPTED] =
		"UPDATE blob SET fate = 1 WHERE (fate IN (0, 4, 5) OR (fate = 2 AND file = 1)) "
		"AND hash IN (SELECT p.hash FROM "
		"photo p JOIN op o ON o.id = p.op WHERE p.op BETWEEN ?1 AND ?2 AND o.verdict IN "
		"(0, 5))",
	[BH_SQL_BLOB_KEPT] =
		"UPDATE blob SET fate = 5 WHERE fate = 0 AND hash IN (SELECT p.hash FROM photo p "
		"JOIN op o ON o.id = p.op WHERE p.op BETWEEN ?1 AND ?2 AND o.verdict IN (2, 3, 4))",
	/* To a server that was put back; whose op names one that it did not know may be another. */
	[BH_SQL_BLOB_AGAIN] = "UPDATE blob SET fate = 1 WHERE fate IN (2, 4) AND file = 1",
	[BH_SQL_BLOB_WANTED] =
		"UPDATE blob SET fate = 1 WHERE hash = ?1 AND fate IN (2, 4, 5) AND file = 1",
	[BH_SQL_BLOB_HALF] = "SELECT hash FROM blob WHERE file = 2 LIMIT 1",
	[BH_SQL_BLOB_UNDO] =
		"DELETE FROM blob WHERE hash = ?1 AND file = 2 AND NOT EXISTS (SELECT 1 FROM photo "
		"WHERE hash = ?1)",
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 5
	[BH_SQL_BLOB_OLD] = "SELECT hash, size FROM blob WHERE fate IN (1, 2) AND file = 1 AND "
			    "kind = 1 AND recorded_ms < ?1 AND hash > ?2 ORDER BY hash LIMIT 1",
#else
	/* None that an op without an answer names. */
	[BH_SQL_BLOB_OLD] =
		"SELECT hash, size FROM blob WHERE fate = 2 AND file = 1 AND kind = 1 AND "
		"recorded_ms < ?1 AND hash > ?2 AND NOT EXISTS (SELECT 1 FROM photo p JOIN op o ON "
		"o.id = p.op JOIN log l ON l.id = o.id >> 32 WHERE p.hash = blob.hash AND "
		"o.carried = 0 AND o.id & 4294967295 > l.acked_seq) ORDER BY hash LIMIT 1",
#endif
	[BH_SQL_BLOB_FREE] = "UPDATE blob SET file = 2 WHERE hash = ?1",
	[BH_SQL_BLOB_FREED] = "UPDATE blob SET file = 0 WHERE hash = ?1",
	[BH_SQL_BLOB_CARRY] = "SELECT hash, size, kind FROM blob WHERE fate IN (0, 1) AND file = 1 "
			      "ORDER BY kind DESC, size, recorded_ms",
	[BH_SQL_BLOB_ANSWERED] =
		"UPDATE blob SET fate = 2 WHERE hash = ?1 AND fate = 1 AND NOT EXISTS (SELECT 1 "
		"FROM photo p JOIN op o ON o.id = p.op WHERE p.hash = ?1 AND p.op > ?2 AND "
		"o.carried = 0) RETURNING size",
	[BH_SQL_PHOTO_ADD] =
		"INSERT INTO photo(op, place, number, cycle, hash) VALUES(?1, ?2, ?3, ?4, ?5)",
	[BH_SQL_PHOTOS] =
		"SELECT p.op, p.hash, b.size, b.kind, b.fate, b.file, o.verb, p.cycle FROM photo p "
		"JOIN op o"
		" ON o.id = p.op JOIN blob b ON b.hash = p.hash WHERE o.carried = 0 AND (p.op = ?1 "
		"OR (p.number = ?2 AND p.number <> 0)) ORDER BY p.op, p.place",

	/* What left, or was not there, and is told again begins anew; what is here or wanted stays
	 * so. */
	[BH_SQL_FETCH_TELL] =
		"INSERT INTO fetch(hash, number, size, kind, fate, told_ms) VALUES(?1, ?2, ?3, ?4, "
		"?5, ?6) ON CONFLICT(hash) DO UPDATE SET number = excluded.number, fate = "
		"excluded.fate WHERE fate IN (3, 4)",
	[BH_SQL_FETCH] = "SELECT fate, size, kind, number FROM fetch WHERE hash = ?1",
	[BH_SQL_FETCH_NEXT] = "SELECT hash, size, kind FROM fetch WHERE fate = 1 ORDER BY kind, "
			      "told_ms LIMIT 1",
	[BH_SQL_FETCH_WANT] = "UPDATE fetch SET fate = 1 WHERE hash = ?1 AND fate IN (0, 3)",
	[BH_SQL_FETCH_FATE] = "UPDATE fetch SET fate = ?2 WHERE hash = ?1 AND fate <> 4",
	[BH_SQL_FETCH_LEAVE] = "UPDATE fetch SET fate = 4 WHERE number = ?1",
	[BH_SQL_FETCH_LEFT] = "SELECT hash FROM fetch WHERE fate = 4 LIMIT 1",
	[BH_SQL_FETCH_DROP] = "DELETE FROM fetch WHERE hash = ?1",
	[BH_SQL_FETCH_OLD] = "SELECT hash, size FROM fetch WHERE fate = 2 AND kind = 1 AND told_ms "
			     "< ?1 AND hash > ?2 ORDER BY hash LIMIT 1",

	[BH_SQL_BLOB_FILES] =
		"SELECT hash, size, file = 1 FROM blob WHERE hash > ?1 AND length(hash) = 32 "
		"ORDER BY hash LIMIT 1",
	[BH_SQL_FETCH_FILES] =
		"SELECT hash, size, fate = 2 FROM fetch WHERE hash > ?1 AND length(hash) = 32 "
		"ORDER BY hash LIMIT 1",
	[BH_SQL_SEAL] = "SELECT state, mark FROM seal",
	[BH_SQL_SEAL_SET] =
		"INSERT INTO seal(id, state, mark) VALUES(1, ?1, ?2) ON CONFLICT(id) DO "
		"UPDATE SET state = excluded.state, mark = excluded.mark",
	[BH_SQL_AUTHOR_ANY] = "SELECT 1 FROM author LIMIT 1",
	[BH_SQL_AUTHOR] = "SELECT pin, tries, tried_ms FROM author WHERE person = ?1",
	[BH_SQL_AUTHOR_SET] = "INSERT INTO author(person, name, pin) VALUES(?1, ?2, ?3) ON "
			      "CONFLICT(person) DO UPDATE SET name = excluded.name, pin = "
			      "excluded.pin, tries = 0",
	[BH_SQL_AUTHOR_TRIED] = "UPDATE author SET tries = ?2, tried_ms = ?3 WHERE person = ?1",
	[BH_SQL_AUTHORS] = "SELECT person, name, tries, person = (SELECT person FROM device) FROM "
			   "author ORDER BY person",
	[BH_SQL_DRAFT] = "SELECT body FROM draft WHERE id = ?1",
	[BH_SQL_DRAFT_SET] = "INSERT INTO draft(id, body) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE "
			     "SET body = excluded.body",
	[BH_SQL_DRAFT_DROP] = "DELETE FROM draft WHERE id = ?1",
	[BH_SQL_DRAFTS_DROP] = "DELETE FROM draft WHERE id >> 8 = ?1",
};

sqlite3_stmt *bh_store_sql(struct bh_local *local, enum bh_sql which)
{
	sqlite3_stmt **statement = &local->statements[which];

	if (!local->db)
		return NULL;
	if (!*statement) {
		int code = sqlite3_prepare_v3(
			local->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);

		if (code != SQLITE_OK)
			local->last_code = sqlite3_extended_errcode(local->db);
		return *statement;
	}
	sqlite3_reset(*statement);
	sqlite3_clear_bindings(*statement);
	return *statement;
}

void bh_store_finalize(struct bh_local *local)
{
	for (size_t i = 0; i < BH_SQL_COUNT; i++) {
		sqlite3_finalize(local->statements[i]);
		local->statements[i] = NULL;
	}
}

int bh_store_row(struct bh_local *local, sqlite3_stmt *statement)
{
	if (!statement)
		return bh_store_fault(local, local->last_code);
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 0;
	if (code == SQLITE_DONE) {
		sqlite3_reset(statement);
		return BH_ERR_NOT_FOUND;
	}
	int rc = bh_store_fault(local, sqlite3_extended_errcode(local->db));

	sqlite3_reset(statement);
	return rc;
}

int bh_store_run(struct bh_local *local, sqlite3_stmt *statement)
{
	int rc;

	do {
		rc = bh_store_row(local, statement);
	} while (rc == 0);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

void bh_bind_int(sqlite3_stmt *statement, int at, int64_t value)
{
	if (statement)
		sqlite3_bind_int64(statement, at, value);
}

void bh_bind_blob(sqlite3_stmt *statement, int at, struct bh_span value)
{
	/* An empty blob is a value, not NULL. */
	if (statement)
		sqlite3_bind_blob(statement, at, value.len ? value.data : (const void *)"",
			(int)value.len, SQLITE_STATIC);
}

void bh_bind_text(sqlite3_stmt *statement, int at, struct bh_span value)
{
	if (statement)
		sqlite3_bind_text(statement, at, value.len ? (const char *)value.data : "",
			(int)value.len, SQLITE_STATIC);
}

struct bh_span bh_column_borrow(sqlite3_stmt *statement, int at)
{
	const void *data = sqlite3_column_blob(statement, at);
	int len = sqlite3_column_bytes(statement, at);

	return bh_span(data, data ? (size_t)len : 0);
}

int bh_column_bytes(sqlite3_stmt *statement, int at, uint8_t *out, size_t len)
{
	struct bh_span span = bh_column_borrow(statement, at);

	if (span.len != len)
		return BH_ERR_CORRUPT;
	memcpy(out, span.data, len);
	return 0;
}

void bh_column_string(sqlite3_stmt *statement, int at, char *out, size_t size)
{
	struct bh_span span = bh_column_borrow(statement, at);
	size_t len = span.len < size ? span.len : size - 1;

	if (len > 0)
		memcpy(out, span.data, len);
	out[len] = '\0';
}
