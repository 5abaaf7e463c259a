/* The numbers of what desks register.  They are of a log of the district's own, whose short number
 * is of the same series as those of handsets' logs:
 *
 *   first of an epoch ──▶ LOG_BEGIN of no device, noted in the kept file ──▶ 25-1-K
 *   the next ones     ──▶ 25-2-K, 25-3-K ...
 *   a backup is put back: the log has ended, whatever it had given out since ──▶ 31-1-K ...
 *
 * so that no number stands for two matters, also where one was told and then lost.  Whether the
 * kept file is nearly full is not asked: of an epoch it is one line, and what came to a desk is not
 * sent away for it. */
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/writer.h"

static int log_find(struct bh_writer *w, uint32_t *log_short)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOG_REGISTER);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err;
	*log_short = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

static int log_begin(struct bh_writer *w, uint32_t *log_short)
{
	uint8_t log_id[BH_LOG_ID_BYTES];
	struct bh_msg_entry_log begun = {.log_id = bh_span(log_id, sizeof(log_id))};
	int err = w->rng.fill(w->rng.context, log_id, sizeof(log_id));

	if (!err)
		err = bh_log_next(w, &begun.log_short);
	w->content.len = 0;
	if (!err)
		err = bh_encode_entry_log(&begun, &w->content);
	if (!err)
		err = bh_writer_append_district(
			w, BH_LOG_OPERATOR, BH_VERB_LOG_BEGIN, 0, bh_buf_span(&w->content));
	*log_short = begun.log_short;
	return err;
}

int bh_register_number(struct bh_writer *w, struct bh_entry *entry)
{
	uint32_t log_short = 0;
	struct bh_head *head;
	int err = log_find(w, &log_short);

	if (!err && log_short == 0)
		err = log_begin(w, &log_short);
	if (!err)
		err = bh_heads_get(&w->projector.heads, &w->projector.db, log_short, &head);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	bh_assert(head->seq < UINT32_MAX);
	entry->log_short = log_short;
	entry->seq = head->seq + 1;
	entry->case_number = bh_case_number(log_short, (uint32_t)entry->seq);
	return BH_NOERR;
}
