/* Patrol rounds against their plans (I16): rounds done of those planned, by plan.
 *
 * Planned is what the plans in force now ask for in these days.  A round whose plan is gone stands
 * with what was done, and nothing planned. */
#include "proto/err.h"
#include "server/console/field_filter.h"

#define PLANS_MAX BH_RESPONSE_ROWS_MAX

struct summary {
	uint32_t plan, grid;
	struct bh_patrol_count sums;
};

struct report {
	const struct bh_exchange *x;
	const struct bh_field_filter *filter;
	struct summary *plans;
	size_t count;
};

/* Plans in force stand first, in their order; NULL: too many. */
static struct summary *summary_of(struct report *report, uint32_t plan, uint32_t grid)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->plans[i].plan == plan)
			return &report->plans[i];
	if (report->count == PLANS_MAX)
		return NULL;
	report->plans[report->count] = (struct summary){.plan = plan, .grid = grid};
	return &report->plans[report->count++];
}

static int plans_begin(struct report *report)
{
	const struct bh_msg_profile *profile = bh_rules_profile(report->x->rules);
	for (size_t i = 0; i < profile->patrols_count; i++) {
		const struct bh_msg_patrol *plan = &profile->patrols[i];
		if (bh_field_grid_fits(report->x, report->filter, plan->area) &&
			!summary_of(report, plan->id, plan->area))
			return BH_ERR_LIMIT;
	}
	return BH_NOERR;
}

static int round_add(void *context, const struct bh_patrol_count *row)
{
	struct report *report = context;
	if (!bh_field_grid_fits(report->x, report->filter, row->grid))
		return BH_NOERR;
	struct summary *summary = summary_of(report, row->plan, row->grid);
	if (!summary)
		return BH_ERR_LIMIT;
	summary->sums.rounds += row->rounds;
	summary->sums.whole += row->whole;
	summary->sums.done += row->done;
	summary->sums.missed += row->missed;
	summary->sums.minutes += row->minutes;
	return BH_NOERR;
}

/* 1970-01-01 was a Thursday. */
static uint64_t planned(const struct bh_msg_patrol *plan, const struct bh_field_filter *filter)
{
	uint64_t days = 0;
	for (uint32_t day = filter->from_day; plan && day <= filter->to_day; day++)
		days += plan->weekdays >> (day + 3) % 7 & 1;
	return plan ? days * plan->rounds : 0;
}

static json_t *summary_json(const struct report *report, const struct summary *summary)
{
	const struct bh_exchange *x = report->x;
	const struct bh_msg_patrol *plan = bh_rules_patrol(x->rules, summary->plan);
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "plan",
		plan ? bh_json_span(plan->code) : json_null(), "name",
		plan ? bh_json_span(plan->name) : json_null(), "grid",
		bh_area_code(x->rules, summary->grid), "grid_name",
		bh_field_area_name(x, summary->grid), "planned",
		(json_int_t)planned(plan, report->filter), "rounds",
		(json_int_t)summary->sums.rounds, "whole", (json_int_t)summary->sums.whole, "done",
		(json_int_t)summary->sums.done, "missed", (json_int_t)summary->sums.missed,
		"minutes", (json_int_t)summary->sums.minutes);
}

void bh_route_patrols(struct bh_exchange *x)
{
	struct bh_field_filter filter = {0};
	struct report report = {.x = x, .filter = &filter};
	if (!bh_field_days_read(x, &filter) || !bh_field_area_read(x, &filter))
		return;
	report.plans = bh_arena_array(&x->arena, PLANS_MAX, sizeof(*report.plans));
	int err = report.plans ? plans_begin(&report) : BH_ERR_NOMEM;
	if (!err)
		err = bh_reader_patrol_counts(
			x->district->reader, filter.from_day, filter.to_day, round_add, &report);
	if (err == BH_ERR_LIMIT)
		bh_field_refuse(x, "there are more than 500 plans", "name an area");
	else if (err)
		bh_answer_err(x, err);
	if (err)
		return;
	json_t *items = json_array();
	for (size_t i = 0; i < report.count; i++)
		items = bh_items_add(items, summary_json(&report, &report.plans[i]));
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}
