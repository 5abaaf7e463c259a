/* The pace of new logs: by the minute out of the device's bucket here, by the day and for ever as
 * the writer says (store/writer_log.c). */
#include "server/sync/log_pace.h"

/* A log stays in the journal for ever, so it is paid for out of the device's bucket. */
bool bh_log_may_begin(struct bh_session *session, const struct bh_moment *at)
{
	struct bh_msg_refusal refusal = {.code = BH_REFUSAL_BUSY};
	refusal.retry_after_ms = bh_hub_spend(session->hub, session, at->now, BH_LOG_COSTS_OPS);
	if (refusal.retry_after_ms == 0)
		return true;
	bh_session_refuse_with(session, &refusal, "it begins more logs than a device may");
	return false;
}

/* It comes again: in an hour where it may begin none, or when it may. */
void bh_log_refused(
	struct bh_session *session, const struct bh_moment *at, const struct bh_outcome *outcome)
{
	struct bh_msg_refusal spent = {
		.code = BH_REFUSAL_BUSY, .retry_after_ms = BH_LOGS_SPENT_RETRY_MS};
	int64_t wait_ms = outcome->at_ms - at->district_ms;
	if (outcome->reason == BH_REASON_NOT_NOW && wait_ms < BH_LOGS_SPENT_RETRY_MS)
		spent.retry_after_ms = wait_ms > 1 ? (uint32_t)wait_ms : 1;
	if (outcome->reason == BH_REASON_GUARD || outcome->reason == BH_REASON_NOT_NOW)
		bh_session_refuse_with(session, &spent, "it has begun all the logs it may");
	else
		bh_session_refuse(session, BH_REFUSAL_NOT_PROVED, "its log was not taken");
}
