/* Disputes: graded, some of them major and planned for, mediated in sessions to an agreement or a
 * failure note; what was agreed is looked after, or is not. */
#include "tests/year/year_fit.h"

#define DATES_MAX 3u

static bool is_dispute(const struct bh_case *cased)
{
	return cased->type == BH_DEMO_QUARREL;
}

bool year_not_graded(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return is_dispute(cased) && cased->grade == 0;
}

bool year_not_planned(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->major != 0 && (cased->sponsor == 0 || cased->unplanned != 0);
}

bool year_not_mediated(struct year *year, const struct bh_case *cased)
{
	return is_dispute(cased) && cased->mediation_state == BH_MEDIATION_NONE &&
	       !year_not_planned(year, cased);
}

bool year_mediated(struct year *year, const struct bh_case *cased)
{
	return cased->mediation_state == BH_MEDIATION_OPEN && !year_not_planned(year, cased);
}

bool year_owed(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->owed + cased->unkept > 0;
}

bool year_step_runs(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->milestone_due_ms != 0;
}

bool year_no_steps(struct year *year, const struct bh_case *cased)
{
	return cased->milestones == 0 && cased->extensions == 0 && !year_not_planned(year, cased);
}

bool year_may_finish(struct year *year, const struct bh_case *cased)
{
	bool settled = cased->mediation_state == BH_MEDIATION_AGREED ||
		       cased->mediation_state == BH_MEDIATION_FAILED;
	return year_no_help(year, cased) && !year_not_planned(year, cased) &&
	       (settled || !is_dispute(cased));
}

/* ---- What they say ---- */

static uint32_t drawn(struct year *year, uint32_t below)
{
	return (uint32_t)bh_simrng_below(&year->acts, below);
}

bool year_grade_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->dispute.grade = 1 + drawn(year, BH_GRADES);
	draft->dispute.major = drawn(year, 4) == 0;
	return true;
}

bool year_plan_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	draft->assignee = BH_DEMO_PERSON(SPONSOR);
	draft->unit = cased->unit;
	draft->dispute.measures = 1 + drawn(year, 63);
	return true;
}

bool year_mediate_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->dispute.kind = 1 + drawn(year, BH_MEDIATION_KINDS);
	draft->dispute.linkage = drawn(year, BH_LINKAGES + 1);
	return true;
}

bool year_session_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = 1 + drawn(year, BH_SITTING_COUNT - 1);
	draft->dispute.present = BH_PRESENT(2, 1, drawn(year, 2), 0);
	return true;
}

bool year_conclude_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_dispute_ask *ask = &draft->dispute;
	int64_t at_ms = year_wall_ms(year);
	(void)cased;
	draft->reason_code = drawn(year, 10) < 7 ? BH_MEDIATION_END_AGREED
						 : BH_MEDIATION_END_FAILED;
	if (draft->reason_code == BH_MEDIATION_END_FAILED)
		return true;
	ask->agreement = bh_span("2026-1", 6);
	ask->amount_fen = drawn(year, 1000000);
	ask->dates = drawn(year, DATES_MAX + 1);
	for (uint32_t i = 0; i < ask->dates; i++) {
		at_ms += bh_simrng_between(&year->acts, 3 * YEAR_DAY, 30 * YEAR_DAY);
		ask->due_ms[i] = at_ms;
	}
	return true;
}

bool year_consult_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)year;
	draft->reason_code = cased->consulting == BH_CONSULTATION_ASKED ? BH_CONSULTATION_HELD
									: BH_CONSULTATION_ASKED;
	return true;
}

/* Two steps or three within the half of what the case has at least. */
bool year_steps_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	static const struct bh_span lines[] = {
		{(const uint8_t *)"20 urgent_minute look", 21},
		{(const uint8_t *)"20 urgent_minute bring", 22},
		{(const uint8_t *)"20 urgent_minute mend", 21},
	};
	(void)cased;
	draft->milestones.count = 2 + drawn(year, 2);
	for (uint32_t i = 0; i < draft->milestones.count; i++)
		draft->milestones.limits[i] = (struct bh_limit){20, BH_LIMIT_URGENT_MINUTE};
	draft->dispute.decisions = lines;
	draft->dispute.decisions_count = draft->milestones.count;
	return true;
}

/* Mostly one of its dates. */
bool year_perform_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->dispute.date = 1 + drawn(year, DATES_MAX);
	draft->reason_code = 1 + drawn(year, BH_PERFORMANCE_NOT);
	return true;
}
