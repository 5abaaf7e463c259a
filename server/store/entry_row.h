/* Journal rows and their contents, to and from struct bh_entry. */
#ifndef BH_STORE_ENTRY_ROW_H
#define BH_STORE_ENTRY_ROW_H

#include "server/domain/entry.h"
#include "server/store/db.h"

/* Whether the content itself is kept, or the commitment to it alone (an op that could not be read).
 */
int bh_entry_row_add(struct bh_db *db, const struct bh_entry *entry, bool keep_content);

/* The row a JOURNAL_GET or JOURNAL_ALL stands on, without content; spans borrowed until its next
 * step. */
int bh_entry_row_read(sqlite3_stmt *statement, struct bh_entry *out);
/* Adds salt, content (borrowed until CONTENT_GET's next use) and commitment.  *erased: the
 * commitment is all that is left.  An entry without content has no row: its commitment is zero.
 * Leaves CONTENT_GET open; end it with bh_row_end. */
int bh_entry_row_content(
	struct bh_db *db, struct bh_hasher *hasher, struct bh_entry *entry, bool *erased);

/* What became of an entry, without its bytes. */
struct bh_entry_brief {
	uint64_t position;
	enum bh_verdict verdict;
	enum bh_reason reason;
	uint64_t case_number;
	uint64_t prev;
	uint32_t verb;
	uint32_t person, post, device; /* 0: none */
	int64_t at_ms;
	uint32_t from_state;
	uint32_t to_state;
	bool has_link;
	uint8_t link[BH_HASH_BYTES];
};
/* BH_ERR_NOT_FOUND when there is no such position. */
int bh_entry_brief(struct bh_db *db, uint64_t position, struct bh_entry_brief *out);
/* What its author is answered: of a carried repeat, what the first recording was answered, which
 * stays CARRIED where that was plainly accepted. */
int bh_entry_answer(struct bh_db *db, uint64_t position, struct bh_entry_brief *out);

#endif
