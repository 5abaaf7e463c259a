/* 更正 (44): the type, the condition or the urgency of an open case turns out to be another.
 *
 *   in the queue     the unit is proposed again; that clock keeps its start
 *   with a unit      another limit, from the same start, with the same pauses
 *   suspended, done  another limit for when the clock goes on, or for a rework
 *
 * (domain.md, Clock model.)  A calendar that has changed since is the recomputation's matter. */
#include "proto/datum.h"
#include "server/domain/decide_body.h"
#include "server/domain/threshold.h"

/* A special grid is one for its classes alone. */
static void place_again(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	struct bh_placing placing;
	if (after->has_place == 0 || after->type == d->before->type ||
		bh_rules_place(d->rules, after->latitude_e7, after->longitude_e7, BH_DATUM_WGS84,
			after->type, &placing) != 0)
		return;
	after->grid = placing.grid;
	after->area = placing.area;
	after->place_marked = placing.marked;
}

static bool is_queued(const struct bh_case *cased)
{
	return cased->state == BH_STATE_RECEIVED || cased->state == BH_STATE_VERIFYING ||
	       cased->state == BH_STATE_FILED;
}

/* What is used was used on both clocks: it counts on the one that the limit goes by. */
static void limit_replace(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bool worked;
	bool dispute = bh_rules_disposal_limit(d->rules, after->type, after->condition).unit ==
		       BH_LIMIT_TIER;
	(void)bh_case_limit_ms(d->rules, d->before, &worked);
	after->tier = dispute ? bh_rules_unit_tier(d->rules, after->unit) : 0;
	bh_deciding_limit(d);
	if (worked != (after->limit_works != 0)) {
		after->used_ms = d->before->used_beside_ms;
		after->used_beside_ms = d->before->used_ms;
	}
	if (after->disposal_due_ms == 0)
		return;
	bh_deciding_disposal(d);
	bh_case_warn_again(d->rules, after, d->standing->now_ms);
}

static bool differs(const struct bh_case *before, const struct bh_case *after)
{
	return after->type != before->type || after->condition != before->condition ||
	       after->urgency != before->urgency;
}

void bh_decide_amend(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_type_correct(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->command->has_place || !differs(before, after)) {
		bh_deciding_reject(d, BH_REASON_FIELD,
			"it changes the type, the condition or the urgency, and these alone");
		return;
	}
	place_again(d);
	if (is_queued(before)) {
		if (after->type != before->type || after->area != before->area ||
			after->condition != before->condition)
			bh_deciding_propose(d);
	} else {
		limit_replace(d);
	}
	if (after->type != before->type) /* it was handed in as something else */
		bh_deciding_forget_handed(d);
	bh_deciding_accept(d);
}
