/* The day's purge of texts about no case, beside that of cases (writer_retention.c).
 *
 *   journal ──slice──▶ came before? ──▶ its words are destroyed
 *                                        └──▶ one PURGE_TEXTS of the clock's log
 *   local: the day, and the position after which it goes on
 *
 * What was kept shorter before is not gone through again.
 *
 * Entries come in the order of the district's time, so that what came before an instant are the
 * positions up to one.  While the clock is doubted nothing is destroyed by it. */
#include "proto/err.h"
#include "server/domain/field_fact.h"
#include "server/domain/privacy.h"
#include "server/store/entry_row.h"
#include "server/store/text_purge.h"

#define LOOKED_AT_ONCE 20000u /* positions */
#define ERASED_AT_ONCE 500u
#define PLACE_BYTES 16u

struct place {
	uint64_t day;   /* since 1970, in the district's own time: through with it */
	uint64_t after; /* position */
};

static int place_read(struct bh_writer *w, struct place *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_GET);
	bool row = false;

	*out = (struct place){0};
	bh_bind(s, 1, BH_TEXTS_ROW);
	int err = bh_row_next(s, &row);
	if (!err && row && bh_column_span(s, 0).len == PLACE_BYTES) {
		struct bh_reader reader = bh_reader(bh_column_span(s, 0));
		out->day = bh_get_u64(&reader);
		out->after = bh_get_u64(&reader);
	}
	bh_row_end(s);
	return err;
}

static int place_write(struct bh_writer *w, const struct place *place)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);

	w->content.len = 0;
	int err = bh_put_u64(&w->content, place->day);
	if (!err)
		err = bh_put_u64(&w->content, place->after);
	bh_bind(s, 1, BH_TEXTS_ROW);
	bh_bind_span(s, 2, bh_buf_span(&w->content));
	return err ? err : bh_row_run(s);
}

static uint64_t today_of(const struct bh_writer *w)
{
	return bh_local_day(w->now_ms, bh_rules_settings(w->rules)->utc_offset_min);
}

int bh_entry_upto(struct bh_db *db, uint64_t last, int64_t at_ms, uint64_t *out)
{
	uint64_t from = 0, upto = last; /* the one looked for is in from ... upto */
	struct bh_entry_brief brief;

	while (from < upto) {
		uint64_t middle = from + (upto - from + 1) / 2;
		int err = bh_entry_brief(db, middle, &brief);
		if (err)
			return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
		if (brief.at_ms <= at_ms)
			from = middle;
		else
			upto = middle - 1;
	}
	*out = from;
	return BH_NOERR;
}

int bh_writer_purge(struct bh_writer *w, uint32_t log_short, struct bh_purge_fact *fact)
{
	struct bh_entry entry = {
		.log_short = log_short,
		.verb = BH_VERB_PURGE_TEXTS,
		.verdict = BH_VERDICT_ACCEPTED,
	};

	w->content.len = 0;
	int err = bh_purge_fact_encode(fact, &w->content);
	entry.decision = bh_buf_span(&w->content);
	if (!err)
		err = bh_writer_append(w, &entry, false, NULL, NULL, NULL);
	w->scrub |= !err;
	return err;
}

int bh_texts_wait(struct bh_writer *w, bool *waits)
{
	struct place place;

	*waits = false;
	if (bh_retention_texts_ms(w->rules) == 0 || !bh_timeline_punishes(&w->timeline))
		return BH_NOERR;
	int err = place_read(w, &place);
	*waits = !err && place.day < today_of(w);
	return err;
}

int bh_texts_turn(struct bh_writer *w)
{
	struct bh_db *db = &w->projector.db;
	struct bh_purge_fact fact = {.before_ms = w->now_ms - bh_retention_texts_ms(w->rules)};
	struct bh_entry_brief brief;
	struct place place;
	uint64_t last = 0;
	int err = place_read(w, &place);

	if (!err)
		err = bh_entry_upto(db, w->position, fact.before_ms, &last);
	if (err)
		return err;
	fact.after = place.after;
	fact.upto = last > place.after + LOOKED_AT_ONCE ? place.after + LOOKED_AT_ONCE : last;
	if (fact.upto > fact.after)
		err = bh_texts_erase(db, w->projector.hasher, &fact, ERASED_AT_ONCE);
	if (!err && fact.texts > 0 && !(err = bh_entry_brief(db, fact.upto, &brief))) {
		fact.before_ms = brief.at_ms;
		err = bh_writer_purge(w, BH_LOG_CLOCK, &fact);
	}
	if (fact.upto > place.after)
		place.after = fact.upto;
	if (place.after >= last)
		place.day = today_of(w);
	return err ? err : place_write(w, &place);
}
