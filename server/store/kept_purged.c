/* Purges of texts never roll back: of a district that was put back they are purged again before it
 * is served, and what handsets bring of them again stays without its words (guarded.h). */
#include "proto/err.h"
#include "server/store/guarded.h"
#include "server/store/text_purge.h"

int bh_kept_purged_apply(struct bh_writer *w, int64_t before_ms, uint64_t *applied)
{
	struct bh_db *db = &w->projector.db;
	struct bh_purge_fact fact = {.before_ms = before_ms};
	struct bh_guarded guarded;
	int err = bh_guarded_get(db, 0, &guarded);

	if (err || guarded.erased_ms >= before_ms)
		return err;
	err = bh_entry_upto(db, w->position, before_ms, &fact.upto);
	if (!err)
		err = bh_texts_erase_all(db, w->projector.hasher, &fact);
	if (!err)
		err = bh_writer_purge(w, BH_LOG_OPERATOR, &fact);
	*applied += !err;
	return err;
}

int bh_kept_purged_note(
	struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_guarded guarded;
	int err = bh_guarded_get(&w->projector.db, entry->case_number, &guarded);

	line->kind = BH_KEPT_PURGED;
	line->before_ms = guarded.erased_ms;
	return err;
}

int bh_kept_purged_keep(struct bh_writer *w, int64_t known_ms)
{
	struct bh_guarded guarded;
	int err = bh_guarded_get(&w->projector.db, 0, &guarded);

	if (err || guarded.erasures == 0)
		return err;
	w->scrub = true; /* the process that purged may have ended before the WAL was */
	if (guarded.erased_ms <= known_ms)
		return BH_NOERR;
	const struct bh_kept_line line = {.kind = BH_KEPT_PURGED, .before_ms = guarded.erased_ms};
	return bh_kept_note(&w->kept, &line);
}
