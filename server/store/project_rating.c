/* Entries about ratings, as rows.
 *
 *   CLOSE of a report of the public    rating         not rated yet
 *   INVITE                             rating_token   one whose content was erased leaves no row
 *   RATE                               rating         how
 *
 * The last two move no case: they stand aside of it. */
#include "proto/err.h"
#include "server/store/project.h"
#include "server/store/rating_row.h"

int bh_project_closed(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_case *now)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_RATING_CLOSED);

	if (!now->by_public || entry->to_state != BH_STATE_CLOSED)
		return BH_NOERR;
	bh_bind(s, 1, (int64_t)now->number);
	bh_bind(s, 2, now->cycle);
	bh_bind(s, 3, now->unit);
	bh_bind(s, 4, now->closed_ms);
	return bh_row_run(s);
}

/* Under no post: who reported it took it himself. */
static int token_set(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_TOKEN_SET);
	uint8_t hash[BH_HASH_BYTES];
	int err = entry->content.len ? bh_invite_decode(entry->content, hash) : BH_NOERR;

	if (err || entry->content.len == 0)
		return err;
	bh_bind(s, 1, (int64_t)entry->case_number);
	bh_bind(s, 2, entry->post == 0);
	bh_bind_span(s, 3, bh_span(hash, sizeof(hash)));
	bh_bind(s, 4, (int64_t)entry->position);
	return bh_row_run(s);
}

int bh_project_rating(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_RATING_SET);
	struct bh_rating_said said;

	if (entry->verb == BH_VERB_INVITE)
		return token_set(p, entry);
	int err = bh_rating_decode(entry->header, &said);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)entry->case_number);
	bh_bind(s, 2, said.cycle);
	bh_bind(s, 3, said.rating);
	bh_bind(s, 4, (int64_t)entry->position);
	err = bh_row_run(s);
	return !err && sqlite3_changes(p->db.handle) != 1 ? BH_ERR_CORRUPT : err;
}
