/* A case is closed (23 by the acceptor, 33 by the clock), always with a result for the reporter
 * (S0-25). */
#include "server/domain/decide_body.h"

void bh_decide_close(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !bh_deciding_text_fits(d, true))
		return;
	bh_deciding_stop_clocks(d);
	d->out->after.closed_ms = d->standing->now_ms;
	bh_deciding_accept(d);
}
