/* Entries about shifts as rows.
 *
 *   PROFILE             roster      a desk that has one, since when; without one the row goes
 *   HAND_OVER           handover    one row an end; over a missed one it keeps that it was missed
 *   HAND_OVER_MISSED    handover    of nobody
 *   TAKE_OVER           handover    who took it, and when
 */
#include "proto/err.h"
#include "server/store/project.h"
#include "server/store/shift_row.h"

void bh_shift_row_read(sqlite3_stmt *s, struct bh_shift_end *out)
{
	*out = (struct bh_shift_end){
		.fact = {.unit = bh_column_u32(s, 0),
			.end_ms = bh_column(s, 1),
			.green = bh_column_u32(s, 5),
			.yellow = bh_column_u32(s, 6),
			.red = bh_column_u32(s, 7),
			.other = bh_column_u32(s, 8)},
		.position = (uint64_t)bh_column(s, 2),
		.person = bh_column_u32(s, 3),
		.at_ms = bh_column(s, 4),
		.missed = bh_column(s, 9) != 0,
		.taken_by = bh_column_u32(s, 10),
		.taken_ms = bh_column(s, 11),
	};
}

static int one_get(sqlite3_stmt *s, struct bh_shift_end *out)
{
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	bh_shift_row_read(s, out);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_shift_row_get(struct bh_db *db, uint32_t unit, int64_t end_ms, struct bh_shift_end *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_SHIFT_GET);

	bh_bind(s, 1, unit);
	bh_bind(s, 2, end_ms);
	return one_get(s, out);
}

int bh_shift_row_handed(struct bh_db *db, uint32_t unit, struct bh_shift_end *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_SHIFT_HANDED);

	bh_bind(s, 1, unit);
	return one_get(s, out);
}

int bh_shift_row_since(struct bh_db *db, uint32_t unit, int64_t *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ROSTER_SINCE);
	bool row = false;

	*out = 0;
	bh_bind(s, 1, unit);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	*out = bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

/* ---- Rosters ---- */

int bh_project_rosters(struct bh_projector *p, const struct bh_rules *rules, int64_t at_ms)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ROSTER_NEXT);
	uint32_t unit = 0, had = 0;
	int err = BH_NOERR;

	while (!err && (unit = bh_rules_rostered(rules, unit)) != 0) {
		sqlite3_stmt *add = bh_sql(&p->db, BH_SQL_ROSTER_ADD);
		bh_bind(add, 1, unit);
		bh_bind(add, 2, at_ms);
		err = bh_row_run(add);
	}
	for (bool row = true; !err && row;) {
		bh_bind(s, 1, had);
		err = bh_row_next(s, &row);
		if (err || !row)
			break;
		had = bh_column_u32(s, 0);
		bh_row_end(s);
		if (bh_rules_rostered(rules, had - 1) == had)
			continue;
		sqlite3_stmt *drop = bh_sql(&p->db, BH_SQL_ROSTER_DROP);
		bh_bind(drop, 1, had);
		err = bh_row_run(drop);
	}
	return err;
}

/* ---- Entries ---- */

static int end_set(struct bh_projector *p, const struct bh_shift_end *end)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_SHIFT_SET);

	bh_bind(s, 1, end->fact.unit);
	bh_bind(s, 2, end->fact.end_ms);
	bh_bind(s, 3, (int64_t)end->position);
	bh_bind(s, 4, end->person);
	bh_bind(s, 5, end->at_ms);
	bh_bind(s, 6, end->fact.green);
	bh_bind(s, 7, end->fact.yellow);
	bh_bind(s, 8, end->fact.red);
	bh_bind(s, 9, end->fact.other);
	bh_bind(s, 10, end->missed);
	bh_bind(s, 11, end->taken_by);
	bh_bind(s, 12, end->taken_ms);
	return bh_row_run(s);
}

int bh_project_shift(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_shift_fact fact;
	struct bh_shift_end end = {.position = 0};
	int err = bh_shift_fact_decode(entry->decision, &fact);

	if (!err)
		err = bh_shift_row_get(&p->db, fact.unit, fact.end_ms, &end);
	if (err == BH_ERR_NOT_FOUND && entry->verb != BH_VERB_TAKE_OVER)
		err = BH_NOERR;
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_MALFORMED : err;
	if (entry->verb == BH_VERB_TAKE_OVER) {
		end.taken_by = entry->person;
		end.taken_ms = entry->at_ms;
		return end_set(p, &end);
	}
	end.fact = fact;
	end.position = entry->position;
	end.person = entry->person;
	end.at_ms = entry->at_ms;
	end.missed = end.missed || entry->verb == BH_VERB_HAND_OVER_MISSED;
	return end_set(p, &end);
}
