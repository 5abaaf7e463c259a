/* Legal holds never roll back: a district that was put back has its cases held as they were, and
 * let go as they were, before the clock may erase anything of them.
 *
 *   HOLD  UNHOLD  HOLD ...     so many entries of the case; odd: a hold stands */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/guarded.h"
#include "server/store/kept_apply.h"

static const char reason_kept[] = "as it was before a backup was put back";

static int turns_of(struct bh_writer *w, uint64_t number, uint32_t *turns)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_HOLD_TURNS);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	if (!err)
		*turns = bh_column_u32(s, 0);
	bh_row_end(s);
	return err;
}

static int turn_append(struct bh_writer *w, uint64_t number, enum bh_verb verb)
{
	const struct bh_command command = {
		.verb = verb,
		.case_number = number,
		.text = bh_span(reason_kept, sizeof(reason_kept) - 1),
	};
	struct bh_entry entry = {
		.log_short = BH_LOG_OPERATOR,
		.case_number = number,
		.verb = verb,
		.verdict = BH_VERDICT_ACCEPTED,
	};
	struct bh_case cased;
	int err = bh_case_row_get(&w->projector.db, number, &cased);

	/* of one that the backup does not have yet: it is held when its handset brings it again */
	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	if (!err) {
		entry.prev = cased.last;
		entry.from_state = cased.state;
		entry.to_state = cased.state;
	}
	err = bh_desk_encode(w, &command, &entry);
	return err ? err : bh_writer_append(w, &entry, true, NULL, NULL, NULL);
}

int bh_kept_held_apply(struct bh_writer *w, const struct bh_kept_line *line, uint64_t *applied)
{
	uint32_t turns = 0;
	int err = turns_of(w, line->case_number, &turns);

	for (; !err && turns < line->times; turns++) {
		err = turn_append(
			w, line->case_number, turns % 2 == 0 ? BH_VERB_HOLD : BH_VERB_UNHOLD);
		*applied += !err;
	}
	return err;
}

int bh_kept_held_note(struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	line->kind = BH_KEPT_HELD;
	line->case_number = entry->case_number;
	return turns_of(w, entry->case_number, &line->times);
}

int bh_kept_held_keep(struct bh_writer *w, struct bh_kept_erased *known)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_HOLD_ALL);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		const struct bh_kept_line line = {.kind = BH_KEPT_HELD,
			.case_number = (uint64_t)bh_column(s, 0),
			.times = bh_column_u32(s, 1)};
		if (bh_kept_erased_times(known, line.case_number) < line.times)
			err = bh_kept_note(&w->kept, &line);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}
