/* Entries about no case: what a worker did in the grid.  They have no number but in quarantine,
 * where an administrator decides about each. */
#include "proto/number.h"
#include "server/store/writer.h"

int bh_field_complete(struct bh_writer *w, const struct bh_verdict_on *on, struct bh_entry *entry)
{
	if (on->verdict == BH_VERDICT_QUARANTINED)
		entry->case_number = bh_case_number(entry->log_short, (uint32_t)entry->seq);
	if (on->verdict != BH_VERDICT_ACCEPTED)
		return 0;
	w->decision.len = 0;
	int err = bh_field_fact_encode(entry->verb, &on->fact, &w->decision);
	entry->decision = bh_buf_span(&w->decision);
	return err;
}
