/* Patrol rounds against their plans (I16): rounds done of those planned, by plan.
 *
 * Planned is what each plan asked for on each of these days, as it was then. */
#include "proto/err.h"
#include "server/console/field_filter.h"

#define PLANS_MAX BH_RESPONSE_ROWS_MAX

struct summary {
	uint32_t plan, grid;
	uint64_t planned;
	struct bh_patrol_count sums;
};

struct report {
	const struct bh_exchange *x;
	const struct bh_field_filter *filter;
	struct summary *plans;
	size_t count;
	struct bh_patrol_plan plan; /* as it was from its day on; not yet counted */
};

/* NULL: too many. */
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

/* The rounds that a plan as it was asks for from one day to another.  1970-01-01 was a Thursday. */
static uint64_t rounds_of(const struct bh_patrol_plan *plan, uint32_t from_day, uint32_t to_day)
{
	uint64_t days = 0;
	for (uint32_t day = from_day; plan->weekdays != 0 && day <= to_day; day++)
		days += plan->weekdays >> (day + 3) % 7 & 1;
	return days * plan->rounds;
}

/* Up to the day before the plan's next row, or to the last that is asked. */
static int plan_end(struct report *report, uint32_t to_day)
{
	const struct bh_patrol_plan *plan = &report->plan;
	const struct bh_field_filter *filter = report->filter;
	uint32_t from_day = plan->day > filter->from_day ? plan->day : filter->from_day;
	if (to_day > filter->to_day)
		to_day = filter->to_day;
	uint64_t rounds = rounds_of(plan, from_day, to_day);
	if (rounds == 0 || !bh_field_grid_fits(report->x, filter, plan->grid))
		return BH_NOERR;
	struct summary *summary = summary_of(report, plan->plan, plan->grid);
	if (!summary)
		return BH_ERR_LIMIT;
	summary->planned += rounds;
	return BH_NOERR;
}

static int plan_take(void *context, const struct bh_patrol_plan *row)
{
	struct report *report = context;
	int err = plan_end(report, row->plan == report->plan.plan ? row->day - 1 : UINT32_MAX);
	report->plan = *row;
	return err;
}

static int plans_begin(struct report *report)
{
	int err = bh_reader_patrol_plans(
		report->x->district->reader, report->filter->to_day, plan_take, report);
	return err ? err : plan_end(report, UINT32_MAX);
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

static json_t *summary_json(const struct report *report, const struct summary *summary)
{
	const struct bh_exchange *x = report->x;
	const struct bh_msg_patrol *plan = bh_rules_patrol(x->rules, summary->plan);
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "plan",
		plan ? bh_json_span(plan->code) : json_null(), "name",
		plan ? bh_json_span(plan->name) : json_null(), "grid",
		bh_area_code(x->rules, summary->grid), "grid_name",
		bh_field_area_name(x, summary->grid), "planned", (json_int_t)summary->planned,
		"rounds", (json_int_t)summary->sums.rounds, "whole",
		(json_int_t)summary->sums.whole, "done", (json_int_t)summary->sums.done, "missed",
		(json_int_t)summary->sums.missed, "minutes", (json_int_t)summary->sums.minutes);
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
