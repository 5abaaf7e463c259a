/* A row for each return that a person accepted: who gave what back, and, from the next dispatch of
 * that case under the same type, where it went; and for each redirect that its unit asked for. What
 * the clock accepted nobody has judged. */
#include "server/store/returned.h"

#include "proto/err.h"
#include "server/store/project.h"
#include "server/store/reader.h"

static int returned_add(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_case *before)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_RETURNED_ADD);

	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind(s, 2, (int64_t)entry->case_number);
	bh_bind(s, 3, before->type);
	bh_bind(s, 4, before->area);
	bh_bind(s, 5, before->unit);
	return bh_row_run(s);
}

static int returned_went(struct bh_projector *p, const struct bh_case *now)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_RETURNED_WENT);

	bh_bind(s, 1, (int64_t)now->number);
	bh_bind(s, 2, now->type);
	bh_bind(s, 3, now->unit);
	return bh_row_run(s);
}

int bh_project_returned(struct bh_projector *projector, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *now)
{
	bool by_person = entry->log_short != BH_LOG_CLOCK;

	/* Files of before this table have none of what began before it. */
	if (before->rules_day == 0)
		return BH_NOERR;
	if (entry->verb == BH_VERB_REDIRECT && by_person && before->asked == BH_ASK_REDIRECT) {
		int err = returned_add(projector, entry, before);
		return err ? err : returned_went(projector, now);
	}
	if (entry->verb == BH_VERB_ACCEPT_RETURN && by_person)
		return returned_add(projector, entry, before);
	if (entry->verb == BH_VERB_DISPATCH && by_person && now->returns > 0)
		return returned_went(projector, now);
	return BH_NOERR;
}

int bh_reader_returned(
	struct bh_store_reader *reader, struct bh_returned *out, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_RETURNED_LIST);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && found < max) {
		out[found++] = (struct bh_returned){
			.number = (uint64_t)bh_column(s, 0),
			.type = (uint32_t)bh_column(s, 1),
			.area = (uint32_t)bh_column(s, 2),
			.unit = (uint32_t)bh_column(s, 3),
			.went = (uint32_t)bh_column(s, 4),
		};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}
