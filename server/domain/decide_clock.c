/* What only the clock does, and which moves no state: it reminds at 50 % and 80 % of the dispatch
 * limit, and records the breach, once, with its due instant (which stays in the case as
 * dispatch_due_ms).  Whether it is time for it was asked before (decide.c, clock_fits). */
#include "server/domain/decide_body.h"

void bh_decide_remind(struct bh_deciding *d)
{
	uint32_t percent = d->command->alarm == BH_ALARM_REMIND_80 ? BH_LIMIT_YELLOW_PERCENT
								   : BH_LIMIT_NOTE_PERCENT;
	d->out->after.reminded = percent;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)percent; /* as BH_VERB_REMIND says */
}

void bh_decide_breach(struct bh_deciding *d)
{
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 11
	d->out->after.breached = 1;
#endif
	bh_deciding_accept(d);
}
