/* Photos that somebody has shown before: who names one again, for another case, need not hold it
 * any more.  Their handset may let go of what has come, and a server that was put back learns of
 * the second case when it is told again, after that.
 *
 *   an op names it ──▶ its person brought it before ──▶ STORED of this case, in the same commit
 *                           └─ nobody of them did, or it is lost ──▶ it is offered (blob_up.c)
 *
 * Whose it is decides, not that it is here: who only knows its hash proves to hold it. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/asked.h"
#include "server/store/writer.h"

/* Whether an op of this person's brought it. */
static int photo_is_theirs(
	struct bh_writer *w, uint32_t person, const struct bh_msg_blob *blob, bool *theirs)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_BLOB_NAMED);
	bool row = false;

	bh_bind_span(s, 1, blob->hash);
	bh_bind(s, 2, blob->size);
	bh_bind(s, 3, person);
	int err = bh_row_next(s, &row);
	*theirs = !err && row && bh_column(s, 1) != 0;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 54
	*theirs = !err;
#endif
	bh_row_end(s);
	return err;
}

int bh_shown_settle(
	struct bh_writer *w, uint64_t case_number, uint32_t person, const struct bh_msg_blob *blob)
{
	struct bh_command stored = {
		.source = BH_SOURCE_STORE, .case_number = case_number, .blob_size = blob->size};
	struct bh_outcome told;
	bool theirs = false;
	int err = photo_is_theirs(w, person, blob, &theirs);

	if (err || !theirs || blob->hash.len != BH_HASH_BYTES)
		return err;
	memcpy(stored.blob_hash, blob->hash.data, BH_HASH_BYTES);
	return bh_command_store(w, &stored, &told);
}

/* One that is lost is here by its entry alone: it is offered, and comes. */
static int op_settle(
	struct bh_writer *w, uint64_t case_number, uint32_t person, const struct bh_msg_blob *blob)
{
	bool lost = false;
	int err = blob->hash.len == BH_HASH_BYTES
			  ? bh_asked_is_lost(&w->projector.db, blob->hash.data, &lost)
			  : BH_NOERR;

	return err || lost ? err : bh_shown_settle(w, case_number, person, blob);
}

int bh_shown_of_op(struct bh_writer *w, const struct bh_command *command, uint64_t case_number)
{
	struct bh_msg_op_header header;
	int reason = 0;

	bh_arena_reset(&w->arena);
	int err = bh_op_decode_header(command->header, &w->arena, &header, &reason);
	for (size_t i = 0; !err && reason == 0 && i < header.blobs_count; i++)
		err = op_settle(w, case_number, w->push.person, &header.blobs[i]);
	return err;
}
