/* The text of every statement.
 *
 * A number is (log_short, seq) in one integer: op leads from it to a position, and a case's row has
 * the position of its first entry as its key, so that rows grow at the end of the file and not all
 * over it. */
#include "server/store/statement.h"

#define JOURNAL_COLUMNS                                                                            \
	"at_ms, log, seq, device, person, post, case_number, prev, cycle, verb, verdict, reason, " \
	"from_state, to_state, captured_ms, captured_bound_ms, decision, header, link, hash"
#define NOTICE_CALLS "(2, 4, 5, 71)" /* bh_notice_is_call */
#define NOTICE_TAKEN                                                                               \
	"person = ?1 AND state < 3 AND scope = ?2 AND scope <> 0 AND position <= ?3 AND kind NOT " \
	"IN " NOTICE_CALLS
#define NOTICE_COLUMNS                                                                       \
	"position, person, kind, number, scope, epoch, state, lane, tries, error, made_ms, " \
	"next_ms, ack_ms, seen_ms"
#define NOTICE_ROW(person, kind, scope, lane, next_ms, ack_ms)                          \
	"(?1, " person ", " kind ", ?2, " scope ", ?3, 1, " lane ", 0, 0, ?4, " next_ms \
	", " ack_ms ", 0)"
/* By its index, and not by all that are open: there the first would be looked for among all. */
#define DUE_NEXT(index, open)                                \
	"SELECT next_ms, first FROM cases INDEXED BY " index \
	" WHERE next_ms <> 0 AND open = " open               \
	" AND next_ms <= ?3 AND (next_ms, first) > (?1, ?2) ORDER BY next_ms, first LIMIT ?4"
#define DUE_FIRST(index, open)                                                               \
	"SELECT next_ms FROM cases INDEXED BY " index " WHERE next_ms <> 0 AND open = " open \
	" ORDER BY next_ms LIMIT 1"
#define BLOB_COLUMNS                                                                           \
	"blob.hash, blob.size, blob.kind, blob.verb, blob.cycle, blob.stored, ifnull((SELECT " \
	"person FROM device WHERE id = j.device), j.person), blob.position, blob.place FROM "  \
	"blob JOIN journal AS j USING(position)"
#define CASE_COLUMNS "number, last, dispatch_due_ms, next_ms, unit, open, body"
/* 2: revoked; such a one is nobody's to wait for, unless it said that it holds something.  min:
 * what was kept before it was bounded (contact.c). */
#define CENSUS_COLUMNS                                                                            \
	"d.id, d.person, d.state, d.enrolled_ms, c.at_ms, min(c.unsent_ops, 4294967296) AS "      \
	"unsent_ops, min(c.unsent_bytes, 1099511627776) AS unsent_bytes, "                        \
	"c.oldest_ms, CASE WHEN c.unsent_ops > 0 AND c.oldest_ms > 0 THEN c.oldest_ms ELSE "      \
	"ifnull(c.at_ms, d.enrolled_ms) END AS since_ms FROM device AS d LEFT JOIN contact AS c " \
	"ON c.device = d.id WHERE d.state <> 2 OR c.unsent_ops > 0"

/* What became of an op in quarantine; 70: RELEASE, one of no cycle is a discard. */
#define RELEASED "EXISTS(SELECT 1 FROM cases WHERE first = j.position)"
#define DISCARDED                                                                             \
	"EXISTS(SELECT 1 FROM aside AS a JOIN journal AS r ON r.position = a.position WHERE " \
	"a.number = j.case_number AND r.prev = j.position AND r.verb = 70 AND r.device = 0)"

/* Of a row of local that is a photo's: a report that was let in lacks it.  4: quarantined */
#define LET_IN_LACKS                                                                         \
	"EXISTS(SELECT 1 FROM blob AS b JOIN journal AS q ON q.position = b.position WHERE " \
	"b.hash = value AND b.stored = 0 AND q.verdict = 4)"

static const char *const texts[BH_SQL_COUNT] = {
	[BH_SQL_JOURNAL_ADD] = "INSERT INTO journal(position, " JOURNAL_COLUMNS ") VALUES("
			       "?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,"
			       "?20,?21)",
	[BH_SQL_JOURNAL_GET] = "SELECT position, " JOURNAL_COLUMNS
			       " FROM journal WHERE position = ?1",
	[BH_SQL_JOURNAL_ALL] = "SELECT position, " JOURNAL_COLUMNS
			       " FROM journal ORDER BY position",
	[BH_SQL_JOURNAL_HEAD] =
		"SELECT position, hash, at_ms FROM journal ORDER BY position DESC LIMIT 1",
	[BH_SQL_JOURNAL_HASH] = "SELECT hash FROM journal WHERE position = ?1",
	[BH_SQL_JOURNAL_PROFILES] =
		"SELECT position FROM journal WHERE verb = ?1 AND device = 0 ORDER BY position",
	[BH_SQL_CONTENT_ADD] =
		"INSERT INTO content(position, salt, bytes, commitment) VALUES(?1, ?2, ?3, ?4)",
	[BH_SQL_CONTENT_GET] = "SELECT salt, bytes, commitment FROM content WHERE position = ?1",
	[BH_SQL_VERDICT_GET] =
		"SELECT verdict, reason, case_number, prev, at_ms, from_state, "
		"to_state, link, verb, person, post, device FROM journal WHERE position = ?1",

	[BH_SQL_OP_ADD] = "INSERT INTO op(number, position, odd) VALUES(?1, ?2, ?3)",
	[BH_SQL_OP_GET] = "SELECT position FROM op WHERE number = ?1",
	[BH_SQL_OP_LINK] = "SELECT j.link, j.at_ms FROM op JOIN journal AS j USING(position) "
			   "WHERE op.number = ?1",
	[BH_SQL_OP_ODD] = "SELECT number, position FROM op "
			  "WHERE number > ?1 AND number <= ?2 AND odd ORDER BY number",
	[BH_SQL_CASE_ADD] = "INSERT INTO cases(first, " CASE_COLUMNS
			    ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[BH_SQL_CASE_SET] = "UPDATE cases SET last = ?3, dispatch_due_ms = ?4, next_ms = ?5, "
			    "unit = ?6, open = ?7, body = ?8 WHERE first = ?1 AND number = ?2",
	/* it stays among the open, or the ended */
	[BH_SQL_CASE_MOVE] = "UPDATE cases SET last = ?3, dispatch_due_ms = ?4, next_ms = ?5, "
			     "unit = ?6, body = ?8 WHERE first = ?1 AND number = ?2",
	/* ... and in its queue, and with its unit */
	[BH_SQL_CASE_TOUCH] = "UPDATE cases SET last = ?3, next_ms = ?5, body = ?8 "
			      "WHERE first = ?1 AND number = ?2",
	[BH_SQL_CASE_NEXT] = "UPDATE cases SET next_ms = ?2 WHERE first = ?1",
	[BH_SQL_CASE_GET] = "SELECT first, " CASE_COLUMNS " FROM cases WHERE first = "
			    "(SELECT position FROM op WHERE number = ?1)",
	[BH_SQL_CASE_FIRST] = "SELECT first, " CASE_COLUMNS " FROM cases WHERE first = ?1",
	[BH_SQL_MERGED_SET] = "INSERT OR REPLACE INTO merged(number, main) VALUES(?1, ?2)",
	[BH_SQL_MERGED_DROP] = "DELETE FROM merged WHERE number = ?1",
	[BH_SQL_MERGED_OF] = "SELECT number FROM merged WHERE main = ?1 ORDER BY number",
	[BH_SQL_ECHO_ADD] = "INSERT INTO echo(main, position) VALUES(?1, ?2)",
	[BH_SQL_ECHO_OF] =
		"SELECT position FROM echo WHERE main = ?1 AND position < ?2 ORDER BY position",
	[BH_SQL_ASIDE_ADD] = "INSERT INTO aside(number, position) VALUES(?1, ?2)",
	[BH_SQL_ASIDE_NEWEST] = "SELECT position FROM aside WHERE number = ?1 "
				"ORDER BY position DESC LIMIT ?2",
	[BH_SQL_SCOPE_SET] =
		"INSERT INTO scope(scope, number, position, gone) VALUES(?1, ?2, ?3, ?4) "
		"ON CONFLICT(scope, number) DO UPDATE SET "
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 22
		"gone = excluded.gone",
#else
		"position = excluded.position, gone = excluded.gone",
#endif
	[BH_SQL_SCOPE_TOUCH] = "UPDATE scope SET position = ?3 WHERE scope = ?1 AND number = ?2",
	[BH_SQL_SCOPE_FEED] = "SELECT position, number, gone FROM scope "
			      "WHERE scope = ?1 AND position > ?2 ORDER BY position LIMIT ?3",

	[BH_SQL_DISTRICT_SET] = "INSERT OR REPLACE INTO district(id, code, epoch, profiles, "
				"profile_position, clock_alarm) VALUES(1, ?1, ?2, ?3, ?4, ?5)",
	[BH_SQL_DISTRICT_GET] =
		"SELECT code, epoch, profiles, profile_position, clock_alarm FROM district",
	[BH_SQL_TALLY_SET] = "INSERT OR REPLACE INTO tally(id, value) VALUES(?1, ?2)",
	[BH_SQL_TALLY_ALL] = "SELECT id, value FROM tally",
	[BH_SQL_DEVICE_ADD] = "INSERT INTO device(id, person, state, public_key, enrolled_ms) "
			      "VALUES(?1, ?2, ?3, ?4, ?5)",
	[BH_SQL_DEVICE_GET] =
		"SELECT id, person, state, public_key, enrolled_ms, "
		"(SELECT count(*) FROM log WHERE device = device.id) FROM device WHERE id = ?1",
	[BH_SQL_DEVICE_BRIEF] = "SELECT person, state FROM device WHERE id = ?1",
	[BH_SQL_DEVICE_STATE] = "UPDATE device SET state = ?2 WHERE id = ?1",
	[BH_SQL_DEVICE_KEY] = "UPDATE device SET public_key = ?2 WHERE id = ?1",
	[BH_SQL_KEY_HOLDERS] = "SELECT count(*) FROM device WHERE public_key = ?1",
	[BH_SQL_DEVICE_LAST] = "SELECT ifnull(max(id), 0) FROM device",
	[BH_SQL_DEVICE_LIST] = "SELECT id, person, state, public_key, enrolled_ms, "
			       "(SELECT count(*) FROM log WHERE device = device.id) FROM device "
			       "WHERE id > ?1 ORDER BY id LIMIT ?2",
	[BH_SQL_DEVICE_COUNT] = "SELECT count(*), ifnull(sum(state = ?1), 0) FROM device",
	[BH_SQL_LOG_ADD] = "INSERT INTO log(short, device, log_id, head_seq, head_link, successor) "
			   "VALUES(?1, ?2, ?3, ?4, ?5, 0)",
	[BH_SQL_LOG_GET] = "SELECT short, device, log_id, head_seq, head_link, successor, (SELECT "
			   "at_ms FROM log_floor AS f WHERE f.short = log.short) FROM log "
			   "WHERE short = ?1",
	[BH_SQL_LOG_BY_ID] = "SELECT short, device, log_id, head_seq, head_link, successor FROM "
			     "log WHERE log_id = ?1",
	[BH_SQL_LOG_HEAD] = "UPDATE log SET head_seq = ?2, head_link = ?3 WHERE short = ?1",
	[BH_SQL_LOG_FLOOR_SET] = "INSERT OR REPLACE INTO log_floor(short, at_ms) VALUES(?1, ?2)",
	[BH_SQL_LOG_SUPERSEDE] =
		"UPDATE log SET successor = ?2 WHERE device = ?1 AND successor = 0 "
		"AND short <> ?2 AND log_id IS NOT NULL",
	[BH_SQL_LOG_REGISTER] = "SELECT short FROM log WHERE device = 0 AND "
				"log_id IS NOT NULL AND successor = 0",
	[BH_SQL_LOG_COUNT] = "SELECT count(*) FROM log WHERE device = ?1",
	[BH_SQL_LOG_LAST] = "SELECT ifnull(max(short), 0) FROM log",
	[BH_SQL_CODE_ADD] = "INSERT INTO enrol_code(hash, person, expires_ms, device) "
			    "VALUES(?1, ?2, ?3, 0)",
	[BH_SQL_CODE_GET] = "SELECT person, expires_ms, device FROM enrol_code WHERE hash = ?1",
	[BH_SQL_CODE_USE] = "UPDATE enrol_code SET device = ?2 WHERE hash = ?1",
	[BH_SQL_KEPT_DEVICES] =
		"SELECT d.id, d.person, d.state, d.public_key, l.short, l.log_id, c.hash FROM "
		"device AS d JOIN log AS l ON l.short = (SELECT min(short) FROM log WHERE device = "
		"d.id) LEFT JOIN enrol_code AS c ON c.device = d.id ORDER BY d.id",
	[BH_SQL_KEPT_LOGS] =
		/* +: by an index made for it over successors, not through all logs of the device */
	"SELECT l.short, l.device, l.log_id, f.log_id FROM log AS l LEFT JOIN log AS f ON "
	"f.successor = l.short AND +f.device = l.device WHERE l.log_id IS NOT NULL ORDER BY "
	"l.short",
	/* 4: quarantined */
	[BH_SQL_QUARANTINE_LIST] =
		"SELECT j.position, " RELEASED ", " DISCARDED
		" FROM log CROSS JOIN op ON op.number > log.short << 32 AND "
		"op.number < (log.short + 1) << 32 AND op.odd JOIN journal AS j ON j.position = "
		"op.position WHERE log.device = ?1 AND j.verdict = 4 AND j.position > ?2 "
		"ORDER BY j.position LIMIT ?3",
	/* of devices that have a row of local (held.h), ids behind ?3 */
	[BH_SQL_QUARANTINE_SUMS] =
		"SELECT id, person, state, sum(NOT released AND NOT discarded), sum(released), "
		"sum(discarded AND NOT released), "
		"ifnull(min(at_ms) FILTER (WHERE NOT released AND NOT discarded), 0) "
		"FROM (SELECT d.id, d.person, d.state, j.at_ms, " RELEASED
		" AS released, " DISCARDED
		" AS discarded FROM (SELECT id - ?3 AS id FROM local WHERE id > ?3 + ?1 AND "
		"id >> 32 = ?3 >> 32 ORDER BY id LIMIT ?2) CROSS JOIN device AS d USING(id) "
		"CROSS JOIN log ON log.device = d.id CROSS JOIN op ON op.number > log.short << 32 "
		"AND op.number < (log.short + 1) << 32 AND op.odd CROSS JOIN journal AS j ON "
		"j.position = op.position WHERE j.verdict = 4) GROUP BY id ORDER BY id",
	[BH_SQL_HELD_ALL] =
		"SELECT j.device, sum(NOT " RELEASED " AND NOT " DISCARDED
		") FROM op JOIN journal AS j USING(position) WHERE op.odd AND j.verdict = 4 "
		"GROUP BY j.device",
	/* whose it is, and whether a discard stood before ?2 */
	[BH_SQL_HELD_OP] =
		"SELECT j.device, EXISTS(SELECT 1 FROM aside AS a JOIN journal AS r ON r.position "
		"= a.position WHERE a.number = j.case_number AND a.position < ?2 AND r.prev = "
		"j.position AND r.verb = 70 AND r.device = 0) FROM journal AS j WHERE j.position = "
		"?1",
	[BH_SQL_ORIGIN_ADD] =
		"INSERT OR IGNORE INTO origin(log_id, seq, link, position) VALUES(?1, ?2, ?3, ?4)",
	[BH_SQL_ORIGIN_GET] =
		"SELECT position FROM origin WHERE log_id = ?1 AND seq = ?2 AND link = ?3",
	[BH_SQL_ORIGIN_OF_LOG] = "SELECT EXISTS(SELECT 1 FROM origin WHERE log_id = ?1)",

	/* what an op names again is here already where it was for this case; of a case are few, and
	 * of a photo that very many reports name are many: "+" keeps its index out of it */
	[BH_SQL_BLOB_ADD] =
		"INSERT INTO blob(hash, position, place, number, size, kind, verb, "
		"cycle, stored) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ifnull((SELECT "
		"max(stored) FROM blob WHERE +hash = ?1 AND number = ?4 AND size = ?5), "
		"0))",
	[BH_SQL_BLOB_STORE] = "UPDATE blob SET stored = ?4 WHERE +hash = ?1 AND number = ?2 AND "
			      "size = ?3 AND stored = 0",
	[BH_SQL_BLOB_STANDS] = "SELECT min(stored) FROM blob WHERE +hash = ?1 AND number = ?2 AND "
			       "size = ?3",
	/* an op is the person's whose handset brought it, whoever its author is */
	[BH_SQL_BLOB_NAMED] = "SELECT min(blob.stored), max(blob.stored) FROM blob JOIN journal AS "
			      "j USING(position) "
			      "WHERE blob.hash = ?1 AND blob.size = ?2 AND EXISTS(SELECT 1 FROM "
			      "device WHERE id = j.device AND person = ?3)",
	[BH_SQL_BLOB_HERE] = "SELECT size FROM blob WHERE hash = ?1 AND stored <> 0 LIMIT 1",
	[BH_SQL_BLOB_WAITING] = "SELECT DISTINCT blob.number FROM blob JOIN journal AS j "
				"USING(position) WHERE blob.hash = ?1 AND blob.size = ?2 AND "
				"blob.stored = 0 AND EXISTS(SELECT 1 FROM device WHERE id = "
				"j.device AND person = ?4) LIMIT ?3",
	[BH_SQL_BLOB_SEEN] = "SELECT blob.number, blob.size, (SELECT person FROM device WHERE "
			     "id = j.device) FROM blob JOIN journal AS j "
			     "USING(position) WHERE blob.hash = ?1 AND blob.stored <> 0 "
			     "AND blob.verb <> 112 " /* PAPER: a dossier's, on no handset */
			     "ORDER BY blob.position DESC LIMIT ?2",
	[BH_SQL_BLOB_OF_CASE] = "SELECT " BLOB_COLUMNS " WHERE blob.number = ?1 ORDER BY "
				"blob.position DESC, blob.place DESC LIMIT ?2",
	/* SUBMIT and RELEASE first: the report's stay; then the newest; PAPER: a dossier's */
	[BH_SQL_PHOTO_OF_CASE] = "SELECT * FROM (SELECT " BLOB_COLUMNS
				 " WHERE blob.number = ?1 AND blob.verb <> 112 ORDER BY blob.verb "
				 "IN (1, 70) DESC, blob.position DESC, blob.place DESC LIMIT ?2) "
				 "ORDER BY position DESC, place DESC",
	[BH_SQL_BLOB_STORED] = "SELECT hash, min(size) FROM blob WHERE stored <> 0 GROUP BY hash",
	[BH_SQL_BLOB_AFTER] = "SELECT hash, min(size) FROM blob WHERE hash > ?1 AND stored <> 0 "
			      "GROUP BY hash ORDER BY hash LIMIT ?2",
	[BH_SQL_UPLOAD_SET] = "INSERT OR REPLACE INTO upload(hash, device, size, at_ms) "
			      "VALUES(?1, ?2, ?3, ?4)",
	[BH_SQL_UPLOAD_OF] = "SELECT device, size, at_ms FROM upload WHERE hash = ?1",
	[BH_SQL_UPLOAD_DROP] = "DELETE FROM upload WHERE hash = ?1 AND at_ms < ?2",
	[BH_SQL_UPLOAD_ROOM] = "SELECT ifnull(sum(size), 0), ifnull(sum(size) FILTER (WHERE device "
			       "= ?2), 0), count(*) FILTER (WHERE device = ?2) FROM upload WHERE "
			       "hash <> ?1",
	[BH_SQL_UPLOAD_OLD] = "SELECT hash FROM upload WHERE at_ms < ?1 LIMIT ?2",
	[BH_SQL_LOST_CLEAR] = "DELETE FROM local WHERE id BETWEEN ?1 AND ?2 AND EXISTS(SELECT 1 "
			      "FROM blob WHERE hash = value AND stored <> 0) AND NOT " LET_IN_LACKS,
	[BH_SQL_LOST_DROP] = "DELETE FROM local WHERE id = ?1 AND value = ?2 AND NOT " LET_IN_LACKS,
	[BH_SQL_LOST_IS] = "SELECT 1 FROM local WHERE id = ?1 AND value = ?2 AND NOT " LET_IN_LACKS,
	[BH_SQL_LOST_COUNT] = "SELECT count(*) FROM local WHERE id BETWEEN ?1 AND ?2 AND "
			      "EXISTS(SELECT 1 FROM blob WHERE hash = value AND stored <> 0)",
	/* whose handset brought it, as BLOB_NAMED; where a report that was let in lacks it, only
	 * whose report does: others have nothing more to bring */
	[BH_SQL_LOST_OF] =
		"SELECT l.value, l.id FROM local AS l WHERE l.id BETWEEN ?1 AND ?2 AND EXISTS("
		"SELECT 1 FROM blob JOIN journal AS j USING(position) WHERE blob.hash = l.value "
		"AND EXISTS(SELECT 1 FROM device WHERE id = j.device AND person = ?3) "
		"AND (blob.stored = 0 OR NOT " LET_IN_LACKS ")) "
		"ORDER BY l.id LIMIT ?4",
	/* 1: live */
	[BH_SQL_LOST_THERE] =
		"SELECT EXISTS(SELECT 1 FROM blob JOIN journal AS j USING(position) JOIN device AS "
		"d ON d.id = j.device WHERE blob.hash = ?1 AND blob.stored <> 0 AND d.state = 1)",

	/* <> 0 is what the partial indexes say, and unlike > 0 it leaves where to begin to the
	 * other term */
	[BH_SQL_DUE_NEXT] = DUE_NEXT("cases_alarm", "1"),
	[BH_SQL_DUE_ENDED] = DUE_NEXT("cases_rest", "0"),
	[BH_SQL_DUE_FIRST] = DUE_FIRST("cases_alarm", "1"),
	[BH_SQL_DUE_ENDED_FIRST] = DUE_FIRST("cases_rest", "0"),
	[BH_SQL_QUEUE_FIRST] = "SELECT dispatch_due_ms FROM cases WHERE dispatch_due_ms <> 0 "
			       "ORDER BY dispatch_due_ms LIMIT 1",
	[BH_SQL_LIST_ALL] = "SELECT first, " CASE_COLUMNS
			    " FROM cases WHERE first > ?1 ORDER BY first",
	/* what has ended and waits for its archive or its follow-up */
	[BH_SQL_LIST_AWAITED] = "SELECT first, " CASE_COLUMNS
				" FROM cases WHERE next_ms <> 0 AND open = 0 "
				"AND (next_ms, first) > (?2, ?1) ORDER BY next_ms, first",
	[BH_SQL_LIST_NEWEST] = "SELECT first, " CASE_COLUMNS " FROM cases ORDER BY first DESC",
	[BH_SQL_LIST_OPEN] = "SELECT first, " CASE_COLUMNS
			     " FROM cases WHERE open = ?2 AND first > ?1 ORDER BY first",
	/* what a reporter was told of, and what still stands as his own handsets sent it */
	[BH_SQL_LIST_REPORTER] =
		"SELECT first, " CASE_COLUMNS " FROM cases WHERE first > ?1 AND first IN ("
		"SELECT op.position FROM scope JOIN op USING(number) WHERE scope.scope = ?2 "
		"UNION SELECT op.position FROM device CROSS JOIN log ON log.device = device.id "
		"CROSS JOIN op ON op.number > log.short << 32 AND op.number < (log.short + 1) << "
		"32 "
		"WHERE device.person = ?3) ORDER BY first",
	[BH_SQL_LIST_UNIT] = "SELECT first, " CASE_COLUMNS
			     " FROM cases WHERE unit <> 0 AND unit = ?2 "
			     "AND first > ?1 ORDER BY first",
	/* not (due, first) > (?2, ?1): that would walk over all that are due at the same instant */
	[BH_SQL_LIST_QUEUE] = "SELECT first, " CASE_COLUMNS
			      " FROM cases WHERE dispatch_due_ms <> 0 "
			      "AND dispatch_due_ms = ?2 AND first > ?1 "
			      "UNION ALL SELECT first, " CASE_COLUMNS
			      " FROM cases WHERE dispatch_due_ms <> 0 "
			      "AND dispatch_due_ms > ?2 ORDER BY dispatch_due_ms, first",

	[BH_SQL_KEY_ADD] = "INSERT OR REPLACE INTO desk_key(hash, position) VALUES(?1, ?2)",
	[BH_SQL_KEY_GET] = "SELECT position, hash FROM desk_key WHERE hash BETWEEN ?1 AND ?2",
	[BH_SQL_FOUND_SALT] = "SELECT salt FROM content WHERE position = 1",
	[BH_SQL_LOCAL_SET] = "INSERT OR REPLACE INTO local(id, value) VALUES(?1, ?2)",
	[BH_SQL_LOCAL_GET] = "SELECT value FROM local WHERE id = ?1",
	[BH_SQL_LOCAL_DROP] = "DELETE FROM local WHERE id = ?1",
	/* a link that was replaced may be told of after its successor's last word */
	[BH_SQL_CONTACT_SET] =
		"INSERT INTO contact(device, at_ms, unsent_ops, unsent_bytes, oldest_ms) "
		"VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(device) DO UPDATE SET at_ms = "
		"excluded.at_ms, "
		"unsent_ops = excluded.unsent_ops, unsent_bytes = excluded.unsent_bytes, "
		"oldest_ms = excluded.oldest_ms WHERE excluded.at_ms >= at_ms",
	[BH_SQL_CONTACT_LIST] = "SELECT device, at_ms, unsent_ops, unsent_bytes, oldest_ms "
				"FROM contact WHERE device > ?1 ORDER BY device LIMIT ?2",
	[BH_SQL_CENSUS] = "SELECT * FROM (SELECT " CENSUS_COLUMNS ") WHERE (since_ms, id) > (?1, "
			  "?2) AND (NOT ?3 OR unsent_ops > 0) ORDER BY since_ms, id LIMIT ?4",
	[BH_SQL_CENSUS_TOTALS] = "SELECT count(*), ifnull(sum(unsent_ops), 0), "
				 "ifnull(sum(unsent_bytes), 0), ifnull(min(since_ms), 0) FROM "
				 "(SELECT " CENSUS_COLUMNS ") WHERE unsent_ops > 0",
	/* 1: BH_DEVICE_LIVE */
	[BH_SQL_PINS_LACKING] = "SELECT d.id FROM device AS d WHERE d.state = 1 AND NOT EXISTS("
				"SELECT 1 FROM local WHERE id = ?1 + d.id AND value = ?2) ORDER BY "
				"d.id",
	[BH_SQL_PINS_DEVICES] = "SELECT count(*) FROM device WHERE state = 1",

	/* states: 1 queued, 2 sent, 3 seen, 5 expired (domain/notice.h) */
	[BH_SQL_NOTICE_ADD] = "INSERT OR IGNORE INTO notice(" NOTICE_COLUMNS
			      ") VALUES" NOTICE_ROW("?5", "?6", "?7", "?8", "?9", "?10"),
	/* an index that only grows is entered at its end for each but the first */
	[BH_SQL_NOTICE_ADD_FOUR] = "INSERT OR IGNORE INTO notice(" NOTICE_COLUMNS
				   ") VALUES" NOTICE_ROW("?5", "?6", "?7", "?8", "?9",
					   "?10") ", " NOTICE_ROW("?11", "?12", "?13", "?14", "?15",
					   "?16") ", " NOTICE_ROW("?17", "?18", "?19", "?20", "?21",
					   "?22") ", " NOTICE_ROW("?23", "?24", "?25", "?26", "?27",
					   "?28"),
	[BH_SQL_NOTICE_SEEN] = "UPDATE notice INDEXED BY notice_case SET state = 3, seen_ms = ?3 "
			       "WHERE person = ?1 AND number = ?2 AND state < 3",
	[BH_SQL_NOTICE_FORGET] = "DELETE FROM notice WHERE number = ?1",
	/* not what somebody has to acknowledge: a phone in a drawer takes up, too */
	[BH_SQL_NOTICE_APPLIED] = "UPDATE notice SET state = 3, seen_ms = ?4 WHERE " NOTICE_TAKEN,
	[BH_SQL_NOTICE_APPLIES] = "SELECT 1 FROM notice WHERE " NOTICE_TAKEN " LIMIT 1",
	[BH_SQL_NOTICE_SET] = "UPDATE notice SET state = ?2, lane = ?3, tries = ?4, error = ?5, "
			      "next_ms = ?6 WHERE id = ?1 AND state = 1",
	[BH_SQL_NOTICE_RETRY] =
		"UPDATE notice SET state = 1, lane = lane & 1, tries = 0, next_ms = "
		"?2 WHERE id = ?1 AND state <> 3",
	[BH_SQL_NOTICE_DUE] = "SELECT id, " NOTICE_COLUMNS
			      " FROM notice WHERE state = 1 AND lane = ?1 AND next_ms <= ?2 "
			      "ORDER BY next_ms LIMIT ?3",
	[BH_SQL_NOTICE_CALLS] = "SELECT id, " NOTICE_COLUMNS
				" FROM notice INDEXED BY notice_calls WHERE state = 1 AND ack_ms "
				"<> 0 AND lane = ?1 AND next_ms <= ?2 ORDER BY next_ms LIMIT ?3",
	[BH_SQL_NOTICE_NEXT] =
		"SELECT next_ms FROM notice WHERE state = 1 AND lane = ?1 ORDER BY next_ms LIMIT 1",
	[BH_SQL_NOTICE_GET] = "SELECT id, " NOTICE_COLUMNS " FROM notice WHERE id = ?1",
	[BH_SQL_NOTICE_LIST] = "SELECT id, " NOTICE_COLUMNS
			       " FROM notice WHERE id < ?1 AND (?2 = 0 OR state = ?2) "
			       "ORDER BY id DESC LIMIT ?3",
	[BH_SQL_NOTICE_OPEN] = "SELECT 1 FROM notice INDEXED BY notice_case WHERE person = ?1 AND "
			       "number = ?2 AND state < 3 LIMIT 1",
	[BH_SQL_NOTICE_ACK_DUE] = "SELECT id, " NOTICE_COLUMNS
				  " FROM notice WHERE ack_ms <> 0 AND ack_ms <= ?1 ORDER BY "
				  "ack_ms LIMIT 1",
	[BH_SQL_NOTICE_ACK_FIRST] =
		"SELECT ack_ms FROM notice WHERE ack_ms <> 0 ORDER BY ack_ms LIMIT 1",
	[BH_SQL_NOTICE_ACKED] =
		"SELECT 1 FROM notice WHERE number = ?2 AND position & 72057594037927935 = ?1 AND "
		"state = 3 AND kind IN " NOTICE_CALLS " LIMIT 1",
	[BH_SQL_NOTICE_CALLED] =
		"SELECT made_ms FROM notice WHERE number = ?2 AND position = ?1 LIMIT 1",
	[BH_SQL_NOTICE_ACK_END] =
		"UPDATE notice SET ack_ms = 0 WHERE number = ?3 AND position = ?1 AND kind = ?2",
	[BH_SQL_NOTICE_EXPIRE] = "UPDATE notice SET state = 5 WHERE id IN (SELECT id FROM notice "
				 "WHERE state = 1 AND lane = ?1 AND next_ms < ?2 ORDER BY next_ms "
				 "LIMIT ?3)",
	[BH_SQL_NOTICE_OLDEST] = "SELECT made_ms, (SELECT max(id) FROM notice) - id FROM notice "
				 "ORDER BY id LIMIT 1",
	[BH_SQL_NOTICE_PURGE] =
		"DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE id < "
		"max(ifnull((SELECT id FROM notice WHERE made_ms >= ?1 ORDER BY id LIMIT 1), "
		"(SELECT max(id) FROM notice) + 1), (SELECT max(id) FROM notice) - ?2 + 1) AND "
		"(made_ms < ?1 OR state <> 1 OR lane % 2 <> 0 OR id <= (SELECT max(id) FROM "
		"notice) - 2 * ?2) ORDER BY id LIMIT ?3)",
	[BH_SQL_NOTICE_WAITING] =
		"SELECT count(*), ifnull(min(next_ms), 0) FROM notice WHERE state = 1",
	[BH_SQL_DEVICE_OF] = "SELECT 1 FROM device WHERE person = ?1 AND state = ?2 LIMIT 1",

	[BH_SQL_BEGIN] = "BEGIN IMMEDIATE",
	[BH_SQL_COMMIT] = "COMMIT",
	[BH_SQL_ROLLBACK] = "ROLLBACK",
};

const char *bh_sql_text(enum bh_sql which)
{
	const char *const *const tables[] = {texts, bh_sql_life_texts, bh_sql_order_texts,
		bh_sql_dossier_texts, bh_sql_rating_texts};
	const char *text = NULL;

	for (size_t i = 0; !text && i < sizeof(tables) / sizeof(tables[0]); i++)
		text = tables[i][which];
	return text;
}
