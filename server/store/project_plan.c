/* What rounds were asked for is known for days that are past, whatever is asked for now: a plan's
 * row says how it was from a day on. */
#include "proto/err.h"
#include "server/store/project.h"

static int plan_set(struct bh_projector *p, const struct bh_msg_patrol *plan, uint32_t day)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_PLAN_SET);

	bh_bind(s, 1, plan->id);
	bh_bind(s, 2, day);
	bh_bind(s, 3, plan->area);
	bh_bind(s, 4, plan->weekdays);
	bh_bind(s, 5, plan->rounds);
	return bh_row_run(s);
}

/* The next plan behind plan->id that is in force by its rows; id 0: there is none. */
static int plan_next(struct bh_projector *p, struct bh_msg_patrol *plan)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_PLAN_NOW);
	bool row = false;

	bh_bind(s, 1, plan->id);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	*plan = (struct bh_msg_patrol){.id = 0};
	if (row) {
		plan->id = bh_column_u32(s, 0);
		plan->area = bh_column_u32(s, 1);
		bh_row_end(s);
	}
	return BH_NOERR;
}

int bh_project_plans(struct bh_projector *p, const struct bh_rules *rules, int64_t at_ms)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	uint32_t day = bh_local_day(at_ms, bh_rules_settings(rules)->utc_offset_min);
	struct bh_msg_patrol gone = {.id = 0};
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < profile->patrols_count; i++)
		err = plan_set(p, &profile->patrols[i], day);
	if (!err)
		err = plan_next(p, &gone);
	while (!err && gone.id != 0) {
		if (bh_rules_patrol(rules, gone.id) == NULL)
			err = plan_set(p, &gone, day);
		if (!err)
			err = plan_next(p, &gone);
	}
	return err;
}
