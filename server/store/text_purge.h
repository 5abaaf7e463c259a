/* Texts about no case, destroyed when they were kept long enough: service entries, rounds, notes of
 * shifts, orders that stand free. */
#ifndef BH_STORE_TEXT_PURGE_H
#define BH_STORE_TEXT_PURGE_H

#include "server/domain/purge_fact.h"
#include "server/store/kept.h"
#include "server/store/writer.h"

/* Content and salt of such entries from behind fact->after to fact->upto, at most max of them and a
 * few of an order more: upto is set back to where it ended, texts to how many there were.  An
 * order's go with its last one, and none before it has ended.  Not a projection: a replay of
 * contents does it, too. */
int bh_texts_erase(
	struct bh_db *db, struct bh_hasher *hasher, struct bh_purge_fact *fact, size_t max);
/* The whole of it, whatever there is. */
int bh_texts_erase_all(struct bh_db *db, struct bh_hasher *hasher, struct bh_purge_fact *fact);
/* A PURGE_TEXTS: its rows.  What it says of the district stands where a case's erasures do, under
 * number 0 (guarded.h). */
int bh_project_purge(struct bh_projector *projector, const struct bh_entry *entry);

/* writer_texts.c: the day's purge of them, likewise in slices. */
int bh_texts_wait(struct bh_writer *writer, bool *waits);
int bh_texts_turn(struct bh_writer *writer);

/* kept_purged.c: what came up to then is purged again where the district was put back to before
 * that was done; the line of an entry; and, at opening, the one that the file lacks. */
int bh_kept_purged_apply(struct bh_writer *writer, int64_t before_ms, uint64_t *applied);
int bh_kept_purged_note(
	struct bh_writer *writer, const struct bh_entry *entry, struct bh_kept_line *line);
int bh_kept_purged_keep(struct bh_writer *writer, int64_t known_ms);

/* The last position whose entry came up to an instant; 0: none did. */
int bh_entry_upto(struct bh_db *db, uint64_t last, int64_t at_ms, uint64_t *out);
/* All that came up to fact->before_ms, or a slice of it behind fact->after; the entry that says
 * so. */
int bh_writer_purge(struct bh_writer *writer, uint32_t log_short, struct bh_purge_fact *fact);

#endif
