/* An extension, a suspension or a redirect that was asked for is called for until somebody says yes
 * or no, or who asked takes it back; a void is the queue's, whose clock goes on without it. */
#include "server/domain/ask_call.h"

#include "server/domain/checking.h"
#include "server/domain/decide_body.h"
#include "server/domain/threshold.h"

#define CALL_AFTER_MS_MIN (15 * INT64_C(60000))
#define CALL_AFTER_MS_MAX (4 * INT64_C(3600000))

static int64_t call_at(const struct bh_rules *rules, const struct bh_case *cased, uint32_t calls)
{
	int64_t after_ms = (cased->disposal_due_ms - cased->asked_ms) / 2;
	if (after_ms < CALL_AFTER_MS_MIN)
		after_ms = CALL_AFTER_MS_MIN;
	if (after_ms > CALL_AFTER_MS_MAX)
		after_ms = CALL_AFTER_MS_MAX;
	return bh_case_in_working_time(
		rules, cased, cased->asked_ms + bh_call_limits(calls) * after_ms);
}

int64_t bh_case_ask_call_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool of_unit = cased->state == BH_STATE_DISPATCHED || cased->state == BH_STATE_HANDLING;
	if (!of_unit || cased->asked == BH_ASK_NONE || cased->asked_ms == 0)
		return BH_CALENDAR_NEVER;
	return call_at(rules, cased, cased->ask_calls);
}

/* Of those that a downtime held back one is made. */
void bh_deciding_call_for_answer(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	while (call_at(d->rules, after, after->ask_calls) <= d->standing->now_ms)
		after->ask_calls++;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)(
		d->before->ask_calls == 0 ? BH_REMIND_ASKED : BH_REMIND_ASKED_ABOVE);
}
