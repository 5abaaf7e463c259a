/* Deciding what a worker did in the grid that is no case: a service entry, a patrol round.
 *
 *   about no case ─▶ fields ─▶ the grid: named, by place, or the worker's own ─▶ a field post that
 * reaches it ─▶ the fact
 *
 * Neither has a number in a queue, a clock or a row in anybody's feed: the entry and what is
 * counted of it are all there is.  A place that lies outside the worker's grids, as at a border,
 * counts for the worker's own. */
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"

#define ROUND_MINUTES_MAX 1440u

static bool is_about_no_case(struct bh_deciding *d)
{
	if (d->command->case_number == 0)
		return bh_deciding_text_fits(d, false);
	bh_deciding_reject(d, BH_REASON_FIELD, "it is about no case");
	return false;
}

/* False: the decision is made. */
static bool grid_by_place(struct bh_deciding *d, uint32_t *grid)
{
	const struct bh_command *command = d->command;
	struct bh_placing placing;
	if (!command->has_place)
		return true;
	if (bh_rules_place(d->rules, command->latitude_e7, command->longitude_e7, command->datum, 0,
		    &placing) != 0) {
		bh_deciding_reject(d, BH_REASON_PLACE, NULL);
		return false;
	}
	*grid = placing.grid;
	return true;
}

/* The named grid must be the worker's; of a place it is taken where it is. */
static void fact_accept(struct bh_deciding *d, uint32_t named, uint32_t placed)
{
	struct bh_field_fact *fact = &d->out->fact;
	const struct bh_msg_post *post = NULL;
	fact->grid = named != 0 ? named : placed;
	if (fact->grid != 0)
		post = bh_rights_field_post(d->rules, d->command->person, d->standing->now_ms,
			d->command->post, fact->grid);
	if (post == NULL && named == 0) {
		post = bh_rights_field_post(
			d->rules, d->command->person, d->standing->now_ms, d->command->post, 0);
		fact->grid = post != NULL ? post->area : 0;
	}
	if (post == NULL) {
		bh_deciding_reject(d, BH_REASON_NO_RIGHT, NULL);
		return;
	}
	fact->day = bh_local_day(d->out->captured_ms, bh_rules_settings(d->rules)->utc_offset_min);
	bh_deciding_accept(d);
	d->out->changes = false;
	d->out->post = post->id;
}

void bh_decide_service(struct bh_deciding *d)
{
	uint32_t placed = 0;
	if (!is_about_no_case(d))
		return;
	if (d->command->type == BH_SERVICE_NONE || d->command->type > BH_SERVICE_MAX) {
		bh_deciding_reject(d, BH_REASON_FIELD, "a service entry is of no such kind");
		return;
	}
	if (!grid_by_place(d, &placed))
		return;
	d->out->fact.kind = d->command->type;
	fact_accept(d, d->command->area, placed);
}

static uint32_t bits_count(uint64_t bits)
{
	return (uint32_t)__builtin_popcountll(bits);
}

/* A plan that is gone since was the worker's to go by: the handset names its grid. */
void bh_decide_patrol(struct bh_deciding *d)
{
	const struct bh_msg_round *round = &d->command->round;
	const struct bh_msg_patrol *plan = bh_rules_patrol(d->rules, round->plan);
	if (!is_about_no_case(d))
		return;
	if (round->plan == 0 || (round->done & round->missed) != 0 ||
		(round->done | round->missed) == 0 || round->minutes > ROUND_MINUTES_MAX) {
		bh_deciding_reject(d, BH_REASON_FIELD, "a round's checkpoints contradict");
		return;
	}
	d->out->fact.plan = round->plan;
	d->out->fact.done = bits_count(round->done);
	d->out->fact.missed = bits_count(round->missed);
	d->out->fact.minutes = round->minutes;
	fact_accept(d, plan != NULL ? plan->area : d->command->area, 0);
}
