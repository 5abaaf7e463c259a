/* Inside the writer: how the kept file and the district are made to agree. */
#ifndef BH_STORE_KEPT_APPLY_H
#define BH_STORE_KEPT_APPLY_H

#include "server/store/kept.h"
#include "server/store/kept_erased.h"
#include "server/store/writer.h"

/* In an open transaction: enters what the file knows and the district lacks; *applied how many. */
int bh_kept_apply(struct bh_writer *writer, uint64_t *applied);
/* After an entry was appended: the line it makes, to be flushed once it is committed. */
int bh_kept_entry(struct bh_writer *writer, const struct bh_entry *entry);
void bh_kept_person(struct bh_kept_line *line, const struct bh_msg_person *person);
/* kept_open.c: at opening, outside a transaction.  BH_ERR_CORRUPT: the file does not hold;
 * *detail. */
int bh_kept_agree(struct bh_writer *writer, const struct bh_store_options *options,
	struct bh_now now, const char **detail);
/* kept_erased.c: a line's erasure where the district lacks it; the line of one; and, at opening,
 * those that the file lacks: known are its lines. */
int bh_kept_erased_apply(
	struct bh_writer *writer, const struct bh_kept_line *line, uint64_t *applied);
int bh_kept_erased_note(
	struct bh_writer *writer, const struct bh_entry *entry, struct bh_kept_line *line);
int bh_kept_erased_keep(struct bh_writer *writer, struct bh_kept_erased *known);
/* kept_held.c: the same of holds. */
int bh_kept_held_apply(
	struct bh_writer *writer, const struct bh_kept_line *line, uint64_t *applied);
int bh_kept_held_note(
	struct bh_writer *writer, const struct bh_entry *entry, struct bh_kept_line *line);
int bh_kept_held_keep(struct bh_writer *writer, struct bh_kept_erased *known);
/* kept_pins.c: the line of pins that are not the last. */
int bh_kept_pins_note(
	struct bh_kept *kept, const struct bh_store_pins *last, const struct bh_store_pins *pins);
/* Appends the entry that begins an epoch. */
int bh_writer_epoch(struct bh_writer *writer, uint64_t epoch);
/* The same in a transaction of its own. */
int bh_writer_restored(struct bh_writer *writer, struct bh_now now, uint64_t epoch);

#endif
