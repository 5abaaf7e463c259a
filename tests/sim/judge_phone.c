/* What a handset believes, against what is: its acknowledgements (I1, I4) and its cursors (I5). */
#include <string.h>

#include "server/domain/rights.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define SCOPES_MAX 64u

void bh_simjudge_log(struct bh_simjudge *judge, uint32_t phone,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t head_seq, uint64_t acked_seq)
{
	struct bh_simshown *shown = &judge->shown[phone];
	bool same = shown->known && memcmp(shown->log_id, log_id, BH_LOG_ID_BYTES) == 0;

	if (acked_seq > head_seq)
		bh_simrun_fail(judge->run, "I4", "handset %u has %llu of %llu ops acknowledged",
			phone, (unsigned long long)acked_seq, (unsigned long long)head_seq);
	if (same && acked_seq < shown->acked)
		bh_simrun_fail(judge->run, "I4", "handset %u: acknowledged goes back to %llu",
			phone, (unsigned long long)acked_seq);
	if (!same || acked_seq > shown->acked) {
		const struct bh_simheard *log = bh_simjudge_log_of(judge, log_id);
		uint64_t durable = log == NULL ? 0 : log->durable;
		if (log != NULL && log->head > durable)
			durable = log->head;
		if (log != NULL && log->ever_safe > durable)
			durable = log->ever_safe; /* it holds them; the server was put back */
		if (acked_seq > durable && !judge->behind)
			bh_simrun_fail(judge->run, "I1",
				"handset %u believes that %llu ops are safe, and %llu are", phone,
				(unsigned long long)acked_seq, (unsigned long long)durable);
	}
	shown->strayed = shown->strayed && memcmp(shown->log_id, log_id, BH_LOG_ID_BYTES) == 0;
	shown->known = true;
	memcpy(shown->log_id, log_id, BH_LOG_ID_BYTES);
	shown->acked = acked_seq;
	bh_simjudge_back_shown(judge, phone);
}

void bh_simjudge_log_forget(
	struct bh_simjudge *judge, uint32_t phone, const uint8_t *log_id, uint64_t head_seq)
{
	struct bh_simshown *shown = &judge->shown[phone];
	const struct bh_simheard *log = log_id == NULL ? NULL : bh_simjudge_log_of(judge, log_id);

	shown->known = false;
	shown->strayed = log != NULL && head_seq < log->ever;
	if (log_id != NULL)
		memcpy(shown->log_id, log_id, BH_LOG_ID_BYTES);
}

/* ---- Cursors ---- */

/* Every change up to the cursor was applied: the case is there, at least that new. */
static void row_applied(struct bh_simjudge *judge, struct bh_simphone *phone, uint64_t scope,
	const struct bh_feed_row *row)
{
	struct bh_simphone_case seen = {0};

	if (row->left)
		return;
	int rc = bh_simphone_case(phone, row->case_number, &seen);
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return; /* its disk fails just now */
	if (rc != 0 || !seen.known || seen.position < row->position)
		bh_simrun_fail(judge->run, "I5",
			"handset %u: its cursor of scope %llx is past entry %llu, but it shows "
			"case %u-%u as of %llu",
			bh_simphone_index(phone), (unsigned long long)scope,
			(unsigned long long)row->position, (unsigned)(row->case_number >> 32),
			(unsigned)(row->case_number & 0xffffffffu),
			(unsigned long long)seen.position);
}

static void scope_applied(struct bh_simjudge *judge, struct bh_store_reader *reader,
	struct bh_simphone *phone, const struct bh_simphone_cursor *cursor)
{
	struct bh_feed_row rows[BH_FEED_ROWS_MAX];
	uint64_t after = 0;
	size_t count;

	do {
		count = 0;
		if (bh_reader_feed(reader, cursor->scope, after, rows, BH_FEED_ROWS_MAX, &count) !=
			0)
			return;
		for (size_t i = 0; i < count; i++) {
			if (rows[i].position > cursor->position || !bh_simphone_is_up(phone))
				return;
			row_applied(judge, phone, cursor->scope, &rows[i]);
			after = rows[i].position;
		}
	} while (count == BH_FEED_ROWS_MAX);
}

void bh_simjudge_phone(struct bh_simjudge *judge, struct bh_simphone *phone)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_simphone_cursor cursors[SCOPES_MAX];

	if (reader == NULL || bh_simphone_is_doomed(phone) ||
		!bh_simjudge_knows_epoch(judge, phone))
		return;
	size_t count = bh_simphone_cursors(phone, cursors, SCOPES_MAX);
	for (size_t i = 0; i < count && bh_simphone_is_up(phone); i++)
		scope_applied(judge, reader, phone, &cursors[i]);
}
