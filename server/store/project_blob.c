/* Photos of a case: rows from the headers of its entries, so that a replay needs nothing that can
 * be erased.
 *
 *   an accepted op of a handset ──▶ a row for each photo that it names, stored = 0
 *   RELEASE of one that was not ──▶ the same, at the op's position; it is asked for (asked.c)
 *   STORED of the store's log   ──▶ stored = its position, in every row of the case with its hash
 */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/asked.h"
#include "server/store/guarded.h"
#include "server/store/project.h"

static int blob_add(struct bh_projector *p, const struct bh_entry *entry,
	const struct bh_msg_blob *blob, size_t place)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_BLOB_ADD);
	bool releases = entry->verb == BH_VERB_RELEASE;

	bh_bind_span(s, 1, blob->hash);
	bh_bind(s, 2, (int64_t)(releases ? entry->prev : entry->position));
	bh_bind(s, 3, (int64_t)place);
	bh_bind(s, 4, (int64_t)entry->case_number);
	bh_bind(s, 5, blob->size);
	bh_bind(s, 6, blob->kind);
	bh_bind(s, 7, releases ? BH_VERB_SUBMIT : entry->verb);
	bh_bind(s, 8, entry->cycle);
	int err = bh_row_run(s);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 55
	return err;
#endif
	return err || !releases ? err : bh_asked_note(&p->db, blob->hash.data);
}

static int blob_is_here(struct bh_projector *p, struct bh_span hash, bool *here)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_BLOB_HERE);

	bh_bind_span(s, 1, hash);
	int err = bh_row_next(s, here);
	if (!err && *here)
		bh_row_end(s);
	return err;
}

static int blob_store(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_msg_blob *blob)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_BLOB_STORE);
	bool here = false;
	int err = blob_is_here(p, blob->hash, &here);

	if (err)
		return err;
	bh_bind_span(s, 1, blob->hash);
	bh_bind(s, 2, (int64_t)entry->case_number);
	bh_bind(s, 3, blob->size);
	bh_bind(s, 4, (int64_t)entry->position);
	err = bh_row_run(s);
	if (err)
		return err;
	if (sqlite3_changes(p->db.handle) == 0)
		return BH_ERR_CORRUPT; /* of a photo that no op of the case names, or again */
	if (!here)
		bh_tally_blob(&p->tally, blob->size);
	return bh_asked_drop(&p->db, blob->hash.data, NULL);
}

int bh_project_blobs(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	bool arrives = entry->verb == BH_VERB_STORED && !entry->device;
	bool names = entry->device != 0 || entry->verb == BH_VERB_RELEASE;
	bool covered = false;
	int reason = 0;

	if (entry->header.len == 0 || (!names && !arrives))
		return arrives ? BH_ERR_MALFORMED : BH_NOERR;
	bh_arena_reset(&p->arena);
	int err = bh_op_decode_header(entry->header, &p->arena, &header, &reason);
	/* A server that knew no photos took what this field held for nothing. */
	if (!arrives && (err == BH_ERR_MALFORMED || reason != 0))
		return BH_NOERR;
	if (!err && arrives)
		return header.blobs_count == 1 ? blob_store(p, entry, &header.blobs[0])
					       : BH_ERR_MALFORMED;
	if (!err)
		err = bh_guarded_entry(&p->db, entry, &covered);
	for (size_t i = 0; !err && !covered && i < header.blobs_count; i++)
		err = blob_add(p, entry, &header.blobs[i], i);
	return err;
}
