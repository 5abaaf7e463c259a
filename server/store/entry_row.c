/* One journal row is everything that is hashed but the commitment, which content's salt and bytes
 * give, and which replaces them where they are erased.  Zero integers cost no byte in a row. */
#include <string.h>

#include "proto/err.h"
#include "server/store/entry_row.h"

enum column {
	POSITION,
	AT,
	LOG,
	SEQ,
	DEVICE,
	PERSON,
	POST,
	CASE_NUMBER,
	PREV,
	CYCLE,
	VERB,
	VERDICT,
	REASON,
	FROM_STATE,
	TO_STATE,
	CAPTURED,
	CAPTURED_BOUND,
	DECISION,
	HEADER,
	LINK,
	HASH,
};

static bool all_zero(const uint8_t *bytes, size_t len)
{
	static const uint8_t zero[BH_HASH_BYTES];

	bh_assert(len <= sizeof(zero));
	return memcmp(bytes, zero, len) == 0;
}

static int journal_add(struct bh_db *db, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_JOURNAL_ADD);
	const int64_t values[] = {
		[POSITION] = (int64_t)entry->position,
		[AT] = entry->at_ms,
		[LOG] = entry->log_short,
		[SEQ] = (int64_t)entry->seq,
		[DEVICE] = entry->device,
		[PERSON] = entry->person,
		[POST] = entry->post,
		[CASE_NUMBER] = (int64_t)entry->case_number,
		[PREV] = (int64_t)entry->prev,
		[CYCLE] = entry->cycle,
		[VERB] = entry->verb,
		[VERDICT] = entry->verdict,
		[REASON] = entry->reason,
		[FROM_STATE] = entry->from_state,
		[TO_STATE] = entry->to_state,
		[CAPTURED] = entry->captured_ms,
		[CAPTURED_BOUND] = entry->captured_bound_ms,
	};

	for (int i = POSITION; i <= CAPTURED_BOUND; i++)
		bh_bind(s, i + 1, values[i]);
	bh_bind_span(s, DECISION + 1, entry->decision);
	bh_bind_span(s, HEADER + 1, entry->header);
	bh_bind_span(s, LINK + 1,
		bh_span(entry->link, all_zero(entry->link, BH_HASH_BYTES) ? 0 : BH_HASH_BYTES));
	bh_bind_span(s, HASH + 1, bh_span(entry->hash, BH_HASH_BYTES));
	return bh_row_run(s);
}

int bh_entry_row_add(struct bh_db *db, const struct bh_entry *entry, bool keep_content)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CONTENT_ADD);
	int err = journal_add(db, entry);

	if (err || all_zero(entry->commitment, BH_HASH_BYTES))
		return err;
	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind_span(s, 2, bh_span(entry->salt, keep_content ? BH_SALT_BYTES : 0));
	bh_bind_span(s, 3, keep_content ? entry->content : bh_span(NULL, 0));
	bh_bind_span(s, 4, bh_span(entry->commitment, keep_content ? 0 : BH_HASH_BYTES));
	return bh_row_run(s);
}

/* Wider values than an entry's fields were not written by us. */
static bool row_in_range(sqlite3_stmt *s)
{
	static const int64_t most[CAPTURED_BOUND + 1] = {
		[LOG] = UINT32_MAX,
		[DEVICE] = UINT32_MAX,
		[PERSON] = UINT32_MAX,
		[POST] = UINT32_MAX,
		[CYCLE] = UINT32_MAX,
		[VERB] = UINT8_MAX,
		[VERDICT] = UINT8_MAX,
		[REASON] = UINT16_MAX,
		[FROM_STATE] = UINT8_MAX,
		[TO_STATE] = UINT8_MAX,
		[CAPTURED_BOUND] = UINT32_MAX,
	};

	for (int i = POSITION; i <= CAPTURED_BOUND; i++) {
		int64_t value = bh_column(s, i);
		if (most[i] > 0 && (value < 0 || value > most[i]))
			return false;
	}
	return true;
}

int bh_entry_row_read(sqlite3_stmt *s, struct bh_entry *out)
{
	struct bh_entry entry = {
		.position = (uint64_t)bh_column(s, POSITION),
		.at_ms = bh_column(s, AT),
		.log_short = bh_column_u32(s, LOG),
		.seq = (uint64_t)bh_column(s, SEQ),
		.device = bh_column_u32(s, DEVICE),
		.person = bh_column_u32(s, PERSON),
		.post = bh_column_u32(s, POST),
		.case_number = (uint64_t)bh_column(s, CASE_NUMBER),
		.prev = (uint64_t)bh_column(s, PREV),
		.cycle = bh_column_u32(s, CYCLE),
		.verb = bh_column_u32(s, VERB),
		.verdict = bh_column_u32(s, VERDICT),
		.reason = bh_column_u32(s, REASON),
		.from_state = bh_column_u32(s, FROM_STATE),
		.to_state = bh_column_u32(s, TO_STATE),
		.captured_ms = bh_column(s, CAPTURED),
		.captured_bound_ms = bh_column_u32(s, CAPTURED_BOUND),
		.decision = bh_column_span(s, DECISION),
		.header = bh_column_span(s, HEADER),
	};
	struct bh_span link = bh_column_span(s, LINK);
	int err = bh_column_exact(s, HASH, entry.hash, BH_HASH_BYTES);

	if (err || (link.len != 0 && link.len != BH_HASH_BYTES) || !row_in_range(s))
		return BH_ERR_CORRUPT;
	if (link.len)
		memcpy(entry.link, link.data, BH_HASH_BYTES);
	*out = entry;
	return BH_NOERR;
}

int bh_entry_row_content(
	struct bh_db *db, struct bh_hasher *hasher, struct bh_entry *entry, bool *erased)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CONTENT_GET);
	bool row = false;

	*erased = false;
	entry->content = bh_span(NULL, 0);
	memset(entry->salt, 0, BH_SALT_BYTES);
	memset(entry->commitment, 0, BH_HASH_BYTES);
	bh_bind(s, 1, (int64_t)entry->position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	if (bh_column_span(s, 2).len) {
		*erased = true;
		return bh_column_span(s, 0).len || bh_column_span(s, 1).len
			       ? BH_ERR_CORRUPT
			       : bh_column_exact(s, 2, entry->commitment, BH_HASH_BYTES);
	}
	err = bh_column_exact(s, 0, entry->salt, BH_SALT_BYTES);
	if (err)
		return err;
	entry->content = bh_column_span(s, 1);
	bh_op_commitment(hasher, entry->salt, entry->content, entry->commitment);
	return BH_NOERR;
}

int bh_entry_brief(struct bh_db *db, uint64_t position, struct bh_entry_brief *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_VERDICT_GET);
	bool row = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return BH_ERR_NOT_FOUND;
	struct bh_span link = bh_column_span(s, 7);
	*out = (struct bh_entry_brief){
		.position = position,
		.verdict = (enum bh_verdict)bh_column(s, 0),
		.reason = (enum bh_reason)bh_column(s, 1),
		.case_number = (uint64_t)bh_column(s, 2),
		.prev = (uint64_t)bh_column(s, 3),
		.at_ms = bh_column(s, 4),
		.from_state = bh_column_u32(s, 5),
		.to_state = bh_column_u32(s, 6),
		.verb = bh_column_u32(s, 8),
		.person = bh_column_u32(s, 9),
		.post = bh_column_u32(s, 10),
		.device = bh_column_u32(s, 11),
		.has_link = link.len == BH_HASH_BYTES,
	};
	if (out->has_link)
		memcpy(out->link, link.data, BH_HASH_BYTES);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_entry_answer(struct bh_db *db, uint64_t position, struct bh_entry_brief *out)
{
	struct bh_entry_brief own = {0}, first;
	int err = bh_entry_brief(db, position, &own);

	if (!err && own.verdict == BH_VERDICT_CARRIED) {
		err = bh_entry_brief(db, own.prev, &first);
		if (!err && first.verdict != BH_VERDICT_ACCEPTED) {
			own.verdict = first.verdict;
			own.reason = first.reason;
		}
	}
	if (!err)
		*out = own;
	return err == BH_ERR_NOT_FOUND && own.prev ? BH_ERR_CORRUPT : err;
}
