/* The texts of statements about what hangs on a case or stands beside cases: tasks, field work, the
 * people that cases name and what guards them. */
#include "server/store/statement.h"

#define HOLD_TURNS(number)                                                                   \
	"(SELECT count(*) FROM aside AS a JOIN journal AS j USING(position) WHERE a.number " \
	"= " number " AND j.verb IN (87, 88) AND j.verdict = 1 AND j.device = 0)"

const char *const bh_sql_life_texts[BH_SQL_COUNT] = {
	[BH_SQL_TASK_ADD] =
		"INSERT INTO task(first, number, last, ordinal, person, unit, next_ms, body) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[BH_SQL_TASK_SET] = "UPDATE task SET last = ?3, person = ?5, unit = ?6, next_ms = ?7, body "
			    "= ?8 WHERE first = ?1 AND number = ?2 AND ordinal = ?4",
	[BH_SQL_TASK_GET] = "SELECT first, number, last, body FROM task WHERE number = ?1 AND "
			    "ordinal = ?2",
	[BH_SQL_TASK_FIRST] = "SELECT first, number, last, body FROM task WHERE first = ?1",
	[BH_SQL_TASK_OF_CASE] = "SELECT first, number, last, body FROM task WHERE number = ?1 AND "
				"(next_ms <> 0 OR NOT ?2) ORDER BY ordinal",
	[BH_SQL_TASK_OPEN] = "SELECT first, number, last, body FROM task WHERE next_ms <> 0 AND "
			     "first > ?1 ORDER BY "
			     "first LIMIT ?2",
	[BH_SQL_TASK_DUE_NEXT] =
		"SELECT next_ms, first FROM task WHERE next_ms <> 0 AND next_ms <= ?3 "
		"AND (next_ms, first) > (?1, ?2) ORDER BY next_ms, first LIMIT ?4",
	[BH_SQL_TASK_DUE_FIRST] =
		"SELECT next_ms FROM task WHERE next_ms <> 0 ORDER BY next_ms LIMIT 1",
	[BH_SQL_MEDIATION_ADD] =
		"INSERT INTO mediation(first, number, last, ordinal, next_ms, body) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[BH_SQL_MEDIATION_SET] = "UPDATE mediation SET last = ?3, next_ms = ?5, body = ?6 WHERE "
				 "first = ?1 AND number = ?2 AND ordinal = ?4",
	[BH_SQL_MEDIATION_GET] =
		"SELECT first, number, last, body FROM mediation WHERE number = ?1 "
		"AND ordinal = ?2",
	[BH_SQL_MEDIATION_FIRST] =
		"SELECT first, number, last, body FROM mediation WHERE first = ?1",
	[BH_SQL_MEDIATION_OF_CASE] = "SELECT first, number, last, body FROM mediation WHERE "
				     "number = ?1 ORDER BY ordinal",
	[BH_SQL_MEDIATION_DUE_NEXT] =
		"SELECT next_ms, first FROM mediation WHERE next_ms <> 0 AND next_ms <= ?3 "
		"AND (next_ms, first) > (?1, ?2) ORDER BY next_ms, first LIMIT ?4",
	[BH_SQL_MEDIATION_DUE_FIRST] =
		"SELECT next_ms FROM mediation WHERE next_ms <> 0 ORDER BY next_ms LIMIT 1",
	[BH_SQL_SERVICE_ADD] =
		"INSERT INTO service(day, grid, kind, position) VALUES(?1, ?2, ?3, ?4)",
	[BH_SQL_SERVICE_COUNT] = "SELECT day, grid, kind, count(*) FROM service WHERE day BETWEEN "
				 "?1 AND ?2 GROUP BY day, grid, kind ORDER BY day, grid, kind",
	[BH_SQL_SERVICE_COUNT_GRIDS] =
		"SELECT 0, grid, kind, count(*) FROM service INDEXED BY service_grid WHERE day "
		"BETWEEN ?1 AND ?2 GROUP BY grid, kind ORDER BY grid, kind",
	[BH_SQL_SERVICE_LATE] =
		"SELECT 0, grid, kind, count(*) FROM service WHERE day BETWEEN ?1 AND ?2 AND "
		"position > ?3 GROUP BY grid, kind ORDER BY grid, kind",
	[BH_SQL_SERVICE_LIST] =
		"SELECT day, grid, kind, position FROM service WHERE (day, grid, kind, position) > "
		"(?1, ?2, ?3, ?4) AND day <= ?5 ORDER BY day, grid, kind, position LIMIT ?6",
	[BH_SQL_PATROL_ADD] = "INSERT INTO patrol(day, grid, plan, position, done, missed, minutes)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[BH_SQL_PATROL_COUNT] =
		"SELECT day, grid, plan, count(*), sum(missed = 0), sum(done), sum(missed), "
		"sum(minutes) FROM patrol WHERE day BETWEEN ?1 AND ?2 GROUP BY day, grid, plan "
		"ORDER BY day, grid, plan",

	[BH_SQL_PLAN_SET] =
		"INSERT OR REPLACE INTO patrol_plan(plan, day, grid, weekdays, rounds) "
		"SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS(SELECT 1 FROM patrol_plan WHERE plan = "
		"?1 AND day = (SELECT max(day) FROM patrol_plan WHERE plan = ?1) AND grid = ?3 AND "
		"weekdays = ?4 AND rounds = ?5)",
	[BH_SQL_PLAN_NOW] = "SELECT plan, grid FROM patrol_plan AS a WHERE plan > ?1 AND weekdays "
			    "<> 0 AND day = (SELECT max(day) FROM patrol_plan WHERE plan = a.plan) "
			    "ORDER BY plan LIMIT 1",
	[BH_SQL_PLAN_UP_TO] = "SELECT plan, day, grid, weekdays, rounds FROM patrol_plan WHERE day "
			      "<= ?1 ORDER BY plan, day",
	[BH_SQL_PARTY_SET] =
		"INSERT OR REPLACE INTO party(number, party, role, consent, name, contact, "
		"position) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[BH_SQL_PARTY_LIST] = "SELECT party, role, consent, name, contact, position FROM party "
			      "WHERE number = ?1 ORDER BY party LIMIT ?2",
	[BH_SQL_PARTY_LAST] = "SELECT ifnull(max(party), 0) FROM party WHERE number = ?1",
	[BH_SQL_PARTY_DROP] = "DELETE FROM party WHERE number = ?1",
	[BH_SQL_GUARDED_GET] = "SELECT asked, asked_by, held, erasures, erased, erased_ms FROM "
			       "guarded WHERE number = ?1",
	[BH_SQL_GUARDED_SET] =
		"INSERT OR REPLACE INTO guarded(number, asked, asked_by, held, erasures, erased, "
		"erased_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[BH_SQL_GUARDED_ERASED] = "SELECT number, erasures FROM guarded WHERE erasures > 0 AND "
				  "number > 0 ORDER BY number",
	/* 87, 88: HOLD, UNHOLD */
	[BH_SQL_HOLD_TURNS] = "SELECT " HOLD_TURNS("?1"),
	[BH_SQL_HOLD_ALL] = "SELECT number, " HOLD_TURNS(
		"guarded.number") " AS turns FROM guarded "
				  "WHERE turns > 0 ORDER BY number",
	/* the newest that stands aside of a case with a content of its own */
	[BH_SQL_ASIDE_CONTENT] =
		"SELECT a.position, j.at_ms FROM aside AS a JOIN content AS c USING(position) JOIN "
		"journal AS j USING(position) WHERE a.number = ?1 AND a.position > ?2 AND c.bytes "
		"IS NOT NULL ORDER BY a.position DESC LIMIT 1",
	/* of a photo that others name, too, whoever is bringing it goes on */
	[BH_SQL_UPLOAD_GIVE_UP] =
		"INSERT INTO upload(hash, device, size, at_ms) VALUES(?1, 0, 0, 0) ON "
		"CONFLICT(hash) DO UPDATE SET device = 0, size = 0, at_ms = 0 WHERE NOT EXISTS("
		"SELECT 1 FROM blob WHERE hash = ?1 AND number <> ?2)",
	[BH_SQL_OPENING_ADD] = "INSERT INTO opening(position, person, at_ms, number, purpose) "
			       "VALUES(?1, ?2, ?3, ?4, ?5)",
	[BH_SQL_OPENING_SINCE] = "SELECT EXISTS(SELECT 1 FROM opening WHERE person = ?1 AND "
				 "at_ms >= ?2 AND number = ?3)",
	[BH_SQL_OPENING_COUNT] = "SELECT count(*) FROM opening WHERE person = ?1 AND at_ms > ?2",
	[BH_SQL_OPENING_LIST] = "SELECT o.position, o.person, o.at_ms, o.number, o.purpose, j.post "
				"FROM opening AS o JOIN journal AS j USING(position) WHERE "
				"o.position > ?1 ORDER BY o.position LIMIT ?2",
	[BH_SQL_ERASURE_ADD] =
		"INSERT INTO erasure(position, number, at_ms, log) VALUES(?1, ?2, ?3, ?4)",
	[BH_SQL_ERASURE_LIST] = "SELECT position, number, at_ms, log FROM erasure WHERE position > "
				"?1 ORDER BY position LIMIT ?2",
	[BH_SQL_CASE_KEY_SET] =
		"INSERT OR REPLACE INTO case_key(number, key_id, wrapped) VALUES(?1, ?2, ?3)",
	[BH_SQL_CASE_KEY_GET] = "SELECT key_id, wrapped FROM case_key WHERE number = ?1",
	[BH_SQL_CASE_KEY_DROP] = "DELETE FROM case_key WHERE number = ?1",
	[BH_SQL_CASE_KEY_OLD] = "SELECT number FROM case_key WHERE number > ?2 AND key_id <> ?1 "
				"ORDER BY number LIMIT ?3",
	[BH_SQL_KEY_OF] = "SELECT hash FROM desk_key WHERE position = ?1 AND position > 0",
	[BH_SQL_PLACED_ADD] = "INSERT INTO placed(grid, cell, first) VALUES(?1, ?2, ?3)",
	[BH_SQL_PLACED_DROP] = "DELETE FROM placed WHERE grid = ?1 AND cell = ?2 AND first = ?3",
	[BH_SQL_PLACED_LIST] = "SELECT c.first, c.number, c.last, c.dispatch_due_ms, c.next_ms, "
			       "c.unit, c.open, c.body FROM placed p INDEXED BY placed_grid JOIN "
			       "cases c ON c.first = p.first WHERE p.grid = ?1 ORDER BY p.first "
			       "DESC",
	[BH_SQL_PLACED_NEAR] =
		"SELECT c.first, c.number, c.last, c.dispatch_due_ms, c.next_ms, c.unit, c.open, "
		"c.body, j.at_ms FROM placed p CROSS JOIN cases c ON c.first = p.first CROSS JOIN "
		"journal j ON j.position = p.first WHERE p.grid = ?1 AND p.cell = ?2 ORDER BY "
		"p.first DESC",
	[BH_SQL_RETURNED_ADD] =
		"INSERT INTO returned(position, number, type, area, unit, went) VALUES(?1, ?2, ?3, "
		"?4, ?5, 0)",
	[BH_SQL_RETURNED_WENT] =
		"UPDATE returned SET went = ?3 WHERE number = ?1 AND type = ?2 AND went = 0",
	[BH_SQL_RETURNED_LIST] = "SELECT number, type, area, unit, went FROM returned WHERE went "
				 "<> 0 ORDER BY position DESC LIMIT ?1",
	/* About no case; and what was rejected (3) about one that is not there, or came again (5).
	 * What is in quarantine (4) waits for who decides of it: a discard (70) leads to it. */
	[BH_SQL_TEXTS_BESIDE] =
		"SELECT position, verb, decision, verdict, prev FROM journal AS j WHERE position > "
		"?1 AND position <= ?2 AND ((case_number = 0 AND verdict <> 4) OR ((verdict IN (3, "
		"5) OR (verb = 70 AND cycle = 0 AND device = 0)) AND NOT EXISTS(SELECT 1 FROM op "
		"JOIN cases ON first = op.position WHERE op.number = j.case_number))) ORDER BY "
		"position",
	[BH_SQL_CONTENT_ERASE] = "UPDATE content SET salt = NULL, bytes = NULL, commitment = ?2 "
				 "WHERE position = ?1",
	[BH_SQL_BLOB_OF_NUMBER] =
		"SELECT DISTINCT hash, size, stored <> 0 FROM blob WHERE number = "
		"?1 ORDER BY hash",
	[BH_SQL_BLOB_OTHERS] = "SELECT 1 FROM blob WHERE hash = ?1 AND number <> ?2 AND stored <> "
			       "0 LIMIT 1",
	[BH_SQL_BLOB_FORGET] = "DELETE FROM blob WHERE number = ?1",
	[BH_SQL_SHIFT_SET] =
		"INSERT OR REPLACE INTO handover(unit, end_ms, position, person, at_ms, green, "
		"yellow, red, other, missed, taken_by, taken_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
		"?7, ?8, ?9, ?10, ?11, ?12)",
#define SHIFT_COLUMNS                                                                       \
	"SELECT unit, end_ms, position, person, at_ms, green, yellow, red, other, missed, " \
	"taken_by, taken_ms FROM handover "
	[BH_SQL_SHIFT_GET] = SHIFT_COLUMNS "WHERE unit = ?1 AND end_ms = ?2",
	[BH_SQL_SHIFT_HANDED] = SHIFT_COLUMNS
	"WHERE unit = ?1 AND person <> 0 ORDER BY end_ms DESC LIMIT 1",
	[BH_SQL_SHIFT_LIST] = SHIFT_COLUMNS "WHERE (unit = ?1 OR ?1 = 0) AND end_ms < ?2 ORDER BY "
					    "end_ms DESC, unit LIMIT ?3",
	[BH_SQL_ROSTER_ADD] = "INSERT OR IGNORE INTO roster(unit, since_ms) VALUES(?1, ?2)",
	[BH_SQL_ROSTER_SINCE] = "SELECT since_ms FROM roster WHERE unit = ?1",
	[BH_SQL_ROSTER_NEXT] = "SELECT unit FROM roster WHERE unit > ?1 ORDER BY unit LIMIT 1",
	[BH_SQL_ROSTER_DROP] = "DELETE FROM roster WHERE unit = ?1",
};
