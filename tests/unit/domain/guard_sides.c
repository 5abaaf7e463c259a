/* What each guard of the table asks, set so that it holds, and breached in one thing alone. */
#include "tests/unit/domain/guard_sides.h"

#include "tests/unit/domain/demo_rules.h"

#define DAYS(n) BH_HOURS((n)*24)
#define STRANGER 4711u

/* ---- What holds: set where the row has the guard ---- */

static uint32_t unit_of(uint32_t role)
{
	if (role == BH_ROLE_MEDIATOR)
		return BH_DEMO_MEDIATION_A;
	return role == BH_ROLE_TIER_DESK ? BH_DEMO_DESK_COUNTY : BH_DEMO_CLEAN_A;
}

static void own_unit(struct bh_staged *s)
{
	s->cased.unit = unit_of(s->command.person);
}

static void reporter(struct bh_staged *s)
{
	s->cased.reporter = s->command.person;
}

/* What is done was looked at, and what is being checked, too, with another answer. */
static void checked(struct bh_staged *s)
{
	bool waits = s->cased.state == BH_STATE_CHECKING;
	s->cased.checked = waits ? BH_CHECKED_FAILED : BH_CHECKED_PASSED;
}

static void shown(struct bh_staged *s)
{
	s->command.photos_before = s->command.photos_after = 1;
}

static void late(struct bh_staged *s)
{
	s->cased.late = 1;
}

static void lacks(struct bh_staged *s)
{
	s->standing.dossier_lacks = 1;
}

static void settled(struct bh_staged *s)
{
	s->cased.type = BH_DEMO_QUARREL;
	s->cased.tier = 2;
	s->cased.mediation_state = BH_MEDIATION_FAILED;
}

static void planned(struct bh_staged *s)
{
	s->cased.major = 1;
	s->cased.sponsor = BH_DEMO_PERSON(SPONSOR);
	s->cased.force = BH_DEMO_WORKS;
	s->cased.measures = 1;
}

/* ---- What does not: one thing each ---- */

static void no_type(struct bh_staged *s)
{
	s->cased.type = 99999;
}

static void no_such_unit(struct bh_staged *s)
{
	s->command.unit = STRANGER;
}

static void no_text(struct bh_staged *s)
{
	s->command.text = bh_span(NULL, 0);
}

static void blank_text(struct bh_staged *s)
{
	s->command.text = bh_span(" \n\t ", 4);
}

static void others_unit(struct bh_staged *s)
{
	s->cased.unit = BH_DEMO_GAS;
}

static void dispatched_long_ago(struct bh_staged *s)
{
	s->cased.dispatched_ms -= DAYS(4);
}

static void refused_before(struct bh_staged *s)
{
	s->cased.refusals = 1;
}

static void others_report(struct bh_staged *s)
{
	s->cased.reporter = STRANGER;
}

static void ended_long_ago(struct bh_staged *s)
{
	s->cased.closed_ms = s->standing.now_ms - DAYS(8);
}

static void ended_just_now(struct bh_staged *s)
{
	s->cased.closed_ms = s->standing.now_ms;
}

static void past_its_limit(struct bh_staged *s)
{
	s->cased.disposal_due_ms = s->standing.now_ms - 1;
}

static void not_asked(struct bh_staged *s)
{
	s->cased.asked = BH_ASK_NONE;
}

static void asked_by_oneself(struct bh_staged *s)
{
	s->cased.asked_by = s->command.person;
}

static void no_photo_before(struct bh_staged *s)
{
	s->command.photos_before = 0;
}

static void no_photo_after(struct bh_staged *s)
{
	s->command.photos_after = 0;
}

static void another_type(struct bh_staged *s)
{
	s->cased.type = BH_DEMO_COVER;
}

static void urgent(struct bh_staged *s)
{
	s->cased.urgency = 1;
}

static void no_main(struct bh_staged *s)
{
	s->standing.main = NULL;
}

static void main_of_long_ago(struct bh_staged *s)
{
	s->main.state = BH_STATE_CLOSED;
	s->main.closed_ms = s->standing.now_ms - DAYS(4);
}

static void main_is_merged(struct bh_staged *s)
{
	s->main.state = BH_STATE_MERGED;
}

static void handled_by_oneself(struct bh_staged *s)
{
	s->cased.finished_by = s->command.person;
}

static void others_task(struct bh_staged *s)
{
	s->task.person = STRANGER;
}

static void not_looked_at(struct bh_staged *s)
{
	s->cased.checked = BH_CHECKED_NOT;
}

static void help_is_open(struct bh_staged *s)
{
	s->cased.open_helps = 1;
}

static void in_time(struct bh_staged *s)
{
	s->cased.late = 0;
}

static void appealed_before(struct bh_staged *s)
{
	s->cased.appeal = BH_APPEAL_REFUSED;
}

static void no_dispute(struct bh_staged *s)
{
	s->cased.type = BH_DEMO_LITTER;
}

static void not_settled(struct bh_staged *s)
{
	s->cased.mediation_state = BH_MEDIATION_NONE;
}

static void no_sponsor(struct bh_staged *s)
{
	s->cased.sponsor = 0;
}

static void no_task_force(struct bh_staged *s)
{
	s->cased.force = 0;
}

static void sponsor_left(struct bh_staged *s)
{
	s->cased.sponsor = BH_DEMO_PERSON(ACCEPTOR);
}

static void task_force_is_gone(struct bh_staged *s)
{
	s->cased.force = BH_DEMO_WORKS + 4711;
}

static void no_measures(struct bh_staged *s)
{
	s->cased.measures = 0;
}

static void of_a_condition(struct bh_staged *s)
{
	s->cased.type = BH_DEMO_COVER;
}

static void no_condition(struct bh_staged *s)
{
	s->command.none_fits = false;
}

static void no_grid(struct bh_staged *s)
{
	s->cased.grid = 0;
	s->command.outside = false;
}

static void condition_named(struct bh_staged *s)
{
	s->command.condition = 1;
}

static void grid_named(struct bh_staged *s)
{
	s->command.area = 1111;
}

static void not_ended(struct bh_staged *s)
{
	s->command.matter_ended = false;
}

/* ---- Another way to meet the same guard, all else as it was refused ---- */

static void photo_shows(struct bh_staged *s)
{
	s->command.photos = 1;
}

static void at_a_desk(struct bh_staged *s)
{
	s->command.source = BH_SOURCE_DESK;
	s->command.log_short = BH_LOG_DESK;
}

static void other_photo_before(struct bh_staged *s)
{
	s->command.photos_before++;
}

static void dossier_is_complete(struct bh_staged *s)
{
	s->standing.dossier_lacks = 0;
}

static void no_step_runs(struct bh_staged *s)
{
	s->cased.milestone_due_ms = 0;
}

/* ---- The sides ---- */

#define SIDE(guard_, holds_, breach_, reason_, also_)                                    \
	{                                                                                \
		BH_GUARD_##guard_, holds_, breach_, BH_REASON_##reason_, also_, #breach_ \
	}

const struct bh_guard_side bh_guard_sides[] = {
	SIDE(TYPE_AND_GRID, NULL, no_type, GUARD, NULL),
	SIDE(UNIT, NULL, no_such_unit, NO_UNIT, NULL),
	SIDE(REASON, NULL, no_text, NO_REASON, NULL),
	SIDE(REASON, NULL, blank_text, NO_REASON, NULL),
	SIDE(OWN_UNIT, own_unit, others_unit, NO_RIGHT, NULL),
	SIDE(RETURN_WINDOW, NULL, dispatched_long_ago, WINDOW, NULL),
	SIDE(RESULT, NULL, no_text, NO_REASON, NULL),
	SIDE(RESULT, NULL, blank_text, NO_REASON, NULL),
	SIDE(FIRST_REFUSAL, NULL, refused_before, GUARD, NULL),
	SIDE(REPORTER, reporter, others_report, NO_RIGHT, NULL),
	SIDE(WINDOW, NULL, ended_long_ago, WINDOW, NULL),
	SIDE(FIELD_WORK, NULL, no_text, NO_REASON, photo_shows),
	SIDE(IN_TIME, NULL, past_its_limit, WINDOW, NULL),
	SIDE(ASKED, NULL, not_asked, GUARD, NULL),
	SIDE(SECOND, NULL, asked_by_oneself, GUARD, NULL),
	SIDE(BOTH_PHOTOS, NULL, no_photo_before, GUARD, NULL),
	SIDE(BOTH_PHOTOS, NULL, no_photo_after, GUARD, NULL),
	SIDE(SELF_TYPE, NULL, another_type, GUARD, NULL),
	SIDE(SELF_TYPE, NULL, urgent, GUARD, NULL),
	SIDE(AFTER_WINDOW, NULL, ended_just_now, WINDOW, NULL),
	SIDE(MAIN, NULL, no_main, FIELD, NULL),
	SIDE(MAIN, NULL, main_of_long_ago, WINDOW, NULL),
	SIDE(MAIN, NULL, main_is_merged, GUARD, NULL),
	SIDE(SEPARATE, NULL, handled_by_oneself, GUARD, NULL),
	SIDE(OWN_TASK, NULL, others_task, NO_RIGHT, NULL),
	SIDE(CHECKED, checked, not_looked_at, GUARD, NULL),
	SIDE(NO_HELP, NULL, help_is_open, GUARD, NULL),
	SIDE(DISPUTE, NULL, no_dispute, GUARD, NULL),
	SIDE(SETTLED, settled, not_settled, GUARD, no_dispute),
	SIDE(PLAN, planned, no_sponsor, GUARD, NULL),
	SIDE(PLAN, planned, no_task_force, GUARD, NULL),
	SIDE(PLAN, planned, no_measures, GUARD, NULL),
	SIDE(PLAN, planned, sponsor_left, GUARD, NULL),
	SIDE(PLAN, planned, task_force_is_gone, GUARD, NULL),
	SIDE(APPEALS, late, in_time, GUARD, NULL),
	SIDE(APPEALS, late, appealed_before, GUARD, NULL),
	SIDE(APPEALS, late, ended_long_ago, WINDOW, NULL),
	SIDE(EVIDENCE, shown, no_photo_before, GUARD, at_a_desk),
	SIDE(EVIDENCE, shown, no_photo_after, GUARD, other_photo_before),
	SIDE(MILESTONE, NULL, no_step_runs, GUARD, NULL),
	SIDE(DOSSIER, lacks, no_text, NO_REASON, dossier_is_complete),
	SIDE(ENDED, NULL, not_ended, GUARD, NULL),
	SIDE(FILED, of_a_condition, no_condition, GUARD, condition_named),
	SIDE(FILED, of_a_condition, no_grid, GUARD, grid_named),
};

const size_t bh_guard_sides_count = sizeof(bh_guard_sides) / sizeof(bh_guard_sides[0]);

/* ---- A row's ---- */

/* Of a verb, what staging leaves open. */
static void verb_stage(struct bh_staged *s)
{
	if (s->command.verb == BH_VERB_AMEND)
		s->command.urgency = 4;
	if (s->command.verb != BH_VERB_REVIEW_APPEAL)
		return;
	bool second = s->command.person == BH_ROLE_SUPERVISOR;
	s->cased.appeal = second ? BH_APPEAL_SECOND : BH_APPEAL_FIRST;
	s->command.reason_code = BH_TASK_YES;
}

void bh_guard_stage(struct bh_staged *out, const struct bh_rules *rules, const struct bh_move *move,
	uint32_t role)
{
	/* a handset's: its photos */
	bool device = move->verb == BH_VERB_SELF_DISPOSE || move->verb == BH_VERB_FINISH ||
		      move->verb == BH_VERB_HAND_IN;
	bh_staged(out, rules, (enum bh_state)move->from, (enum bh_verb)move->verb, role,
		device ? BH_SOURCE_DEVICE : BH_SOURCE_DESK);
	for (size_t i = 0; i < bh_guard_sides_count; i++) {
		const struct bh_guard_side *side = &bh_guard_sides[i];
		if ((move->guards & side->guard) != 0 && side->holds != NULL)
			side->holds(out);
	}
	verb_stage(out);
}

/* ---- The clock's ---- */

static void unit_is_there(struct bh_staged *s)
{
	s->cased.unit = BH_DEMO_CLEAN_A;
}

const struct bh_guard_side bh_guard_clock_sides[] = {
	SIDE(CHECKED, NULL, not_looked_at, NOT_NOW, NULL),
	SIDE(UNIT, NULL, unit_is_there, NOT_NOW, NULL),
	SIDE(NOT_BY_LIMIT, NULL, urgent, NOT_NOW, NULL),
};

const size_t bh_guard_clock_sides_count = sizeof(bh_guard_clock_sides) /
					  sizeof(bh_guard_clock_sides[0]);
