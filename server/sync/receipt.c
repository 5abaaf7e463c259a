/* Receipts given back: what this server acknowledged before it was put back (C04, I15).
 *
 *   push:  op 5   op 6   op 7   op 8   op 9          the MAC binds log, sequence, link, time and
 *                   `-- receipt A         `-- B      answers: a handset can leave one out, never
 *          `-- A --'    `---- B --------'            make one up
 *
 * Each receipt whose MAC holds tells the ops after the one before it when they had come, and what
 * was answered.  One that does not hold is as if it were not there: these ops come now.  So
 * they do by one of a time that has not come, from a clock that was set since; its answers stand
 * all the same. */
#include <string.h>

#include "server/sync/hub.h"

/* Whether the receipt is ours, for the op it ends with. */
static bool receipt_holds(struct bh_session *session, const struct bh_msg_push_receipt *receipt,
	const struct bh_command *last)
{
	struct bh_span mac;
	bh_arena_reset(&session->hub->work_arena);
	int err = bh_receipt_over(session, receipt->seq, last->link, receipt->received_ms,
		receipt->verdicts, receipt->verdicts_count, &mac);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 41
	return err == 0;
#else
	return err == 0 && bh_secret_equal(mac.data, receipt->mac.data, BH_MAC_BYTES);
#endif
}

/* An answer that the op keeps; accepted ones, and a carried op's, are decided as things are now. */
static bool verdict_is_kept(uint32_t verdict)
{
	return verdict == BH_VERDICT_STALE || verdict == BH_VERDICT_REJECTED ||
	       verdict == BH_VERDICT_QUARANTINED;
}

static void commands_tell(struct bh_command *commands, size_t from, size_t upto,
	const struct bh_msg_push_receipt *receipt, int64_t district_ms)
{
	for (size_t i = from; i <= upto && receipt->received_ms <= district_ms; i++)
		commands[i].received_ms = receipt->received_ms;
	for (size_t i = 0; i < receipt->verdicts_count; i++) {
		const struct bh_msg_verdict *verdict = &receipt->verdicts[i];
		if (verdict->seq < commands[from].seq || verdict->seq > commands[upto].seq ||
			!verdict_is_kept(verdict->verdict))
			continue;
		struct bh_command *command = &commands[verdict->seq - commands[0].seq];
		command->receipt_verdict = verdict->verdict;
		command->receipt_reason = verdict->code;
	}
}

void bh_receipts_believe(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, struct bh_job *job)
{
	struct bh_command *commands = job->commands;
	size_t from = 0;
	for (size_t i = 0; i < push->receipts_count; i++) {
		const struct bh_msg_push_receipt *receipt = &push->receipts[i];
		size_t index = receipt->seq - push->first_seq;
		if (receipt->seq < push->first_seq || index >= job->count || index < from)
			continue;
		bool holds = receipt->received_ms > 0 &&
			     receipt_holds(session, receipt, &commands[index]);
		if (holds)
			commands_tell(commands, from, index, receipt, at->district_ms);
		session->hub->counts.receipts_believed += holds ? 1 : 0;
		session->hub->counts.receipts_strange += holds ? 0 : 1;
		from = index + 1;
	}
}
