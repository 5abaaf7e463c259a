/* Several reports of one thing become one case (6), or two again (32).
 *
 *   RECEIVED ──merge──▶ MERGED ──unmerge──▶ RECEIVED, in a cycle of its own
 *                       │    ▲
 *                       └────┘ its main case has ended: that answer is this number's, too
 *
 * Who reported it has his own number, and is answered under it: with each end of the main case's
 * cycles the store gives every case merged into it an entry with that answer, a cycle of its own
 * with receipts of its own.  So nobody sees another's report.  Main cases are never merged
 * themselves: what was merged into one that is follows it. */
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"

/* domain.md, row 6 */
static const struct bh_limit main_limit = {3, BH_LIMIT_NATURAL_DAY};

/* Who may not merge there is told the same as for a case that is not there. */
static bool main_is_there(const struct bh_deciding *d)
{
	const struct bh_case *main = d->standing->main;
	const struct bh_command *command = d->command;
	const struct bh_move *move;
	struct bh_rights_ask ask = {
		.rules = d->rules,
		.now_ms = d->standing->now_ms,
		.person = command->person,
		.post = command->post,
		.verb = BH_VERB_MERGE,
		.state = BH_STATE_RECEIVED,
		.type = main == NULL ? 0 : main->type,
		.area = main == NULL ? 0 : main->area,
	};
	return main != NULL && bh_rights_ask(&ask, &move) != 0;
}

/* Open, or closed so short a time ago that it may be the same thing. */
static bool main_is_current(const struct bh_deciding *d)
{
	const struct bh_case *main = d->standing->main;
	if (main->state != BH_STATE_CLOSED)
		return !bh_state_is_end((enum bh_state)main->state);
	return d->standing->now_ms <=
	       bh_limit_due(bh_rules_calendar(d->rules), main_limit, main->closed_ms, 0);
}

static bool main_fits(struct bh_deciding *d)
{
	if (!main_is_there(d))
		bh_deciding_reject(d, BH_REASON_FIELD, "there is no such main case");
	else if (d->standing->main->number == d->before->number)
		bh_deciding_reject(d, BH_REASON_GUARD, "no case is merged into itself");
	else if (d->standing->main->state == BH_STATE_MERGED)
		bh_deciding_reject(d, BH_REASON_GUARD, "the main case is merged itself");
	else if (!main_is_current(d))
		bh_deciding_reject(d, BH_REASON_WINDOW, "the main case ended too long ago");
	else if (d->standing->merged >= BH_MERGED_MAX)
		bh_deciding_reject(d, BH_REASON_GUARD, "no more cases go into one");
	else
		return true;
	return false;
}

void bh_decide_merge(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !main_fits(d))
		return;
	bh_deciding_leave(d);
	after->main = d->standing->main->number;
	after->closed_ms = d->standing->now_ms;
	bh_deciding_accept(d);
}

void bh_decide_unmerge(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !bh_deciding_cycle_begin(d))
		return;
	d->out->after.main = 0;
	bh_deciding_accept(d);
}

/* The store's, in the transaction in which the main case ended, or was merged. */
void bh_decide_main(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (d->before == NULL || d->before->state != BH_STATE_MERGED) {
		bh_deciding_reject(d, BH_REASON_NOT_NOW, "it is not merged");
		return;
	}
	if (d->command->verb == BH_VERB_MAIN_MOVED) {
		after->main = d->command->main_number;
	} else {
		after->cycle += after->cycle < BH_RECEIPT_CYCLES_MAX;
		after->closed_ms = d->standing->now_ms;
	}
	bh_deciding_accept(d);
}
