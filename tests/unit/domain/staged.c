/* Cases staged for any row of the table: the clocks that their state has, and what the row's guards
 * ask, so that a command is accepted for all that it lacks. */
#include "tests/unit/domain/staged.h"

#include "server/domain/milestone.h"
#include "tests/unit/domain/demo_rules.h"

#define RESULT "a text that will do"

/* What runs beside the queue's clock and the unit's. */
static void stage_in(struct bh_case *cased, enum bh_state state)
{
	if (state == BH_STATE_DISPATCHED || state == BH_STATE_REWORK ||
		state == BH_STATE_TIER_MOVING)
		cased->sign_due_ms = BH_DOCKET_START_MS + BH_HOURS(2);
	if (state == BH_STATE_SUSPENDED)
		cased->resume_due_ms = BH_DOCKET_START_MS + BH_HOURS(24);
	if (bh_state_is_end(state))
		cased->closed_ms = BH_DOCKET_START_MS;
	if (state == BH_STATE_SUSPENDED || state == BH_STATE_TIER_MOVING ||
		state == BH_STATE_DONE || state == BH_STATE_CHECKING || bh_state_is_end(state))
		cased->disposal_due_ms = 0;
	if (state == BH_STATE_RETURNING)
		cased->review_due_ms = BH_DOCKET_START_MS + BH_HOURS(1);
	if (state == BH_STATE_ARCHIVED)
		cased->follow_due_ms = BH_DOCKET_START_MS + BH_HOURS(72);
	if (state == BH_STATE_DONE || state == BH_STATE_CHECKING)
		cased->check_due_ms = BH_DOCKET_START_MS + BH_HOURS(9);
}

/* A case in any state, with the clocks a state has. */
struct bh_case bh_staged_case(const struct bh_rules *rules, enum bh_state state)
{
	int64_t now_ms = BH_DOCKET_START_MS;
	struct bh_case cased = {
		.number = (uint64_t)BH_DOCKET_LOG << 32 | 1,
		.first = 1,
		.last = 5,
		.cycle = 1,
		.state = state,
		.reporter = BH_DEMO_PERSON(REPORTER),
		.type = BH_DEMO_LITTER,
		.urgency = 3,
		.grid = 1111,
		.area = 1111,
		.proposed_unit = BH_DEMO_CLEAN_A,
		.received_ms = now_ms,
		.queue_ms = now_ms,
		.calendar = bh_rules_calendar_mark(rules),
		.tasks = 1,
		.open_tasks = 1,
		.task = state == BH_STATE_VERIFYING || state == BH_STATE_CHECKING,
	};
	bool queued = state == BH_STATE_RECEIVED || state == BH_STATE_VERIFYING ||
		      state == BH_STATE_FILED;
	if (queued) {
		cased.dispatch_due_ms = now_ms + BH_MINUTES(30);
	} else {
		cased.unit = BH_DEMO_CLEAN_A;
		cased.dispatches = 1;
		cased.dispatched_ms = now_ms;
		cased.disposal_due_ms = now_ms + BH_HOURS(3);
	}
	stage_in(&cased, state);
	bh_case_alarm(rules, &cased, &cased.next_ms);
	return cased;
}

static struct bh_command command_of(enum bh_source source, enum bh_verb verb, uint32_t role)
{
	struct bh_command command = {
		.source = source,
		.verb = verb,
		.log_short = source == BH_SOURCE_DEVICE ? BH_DOCKET_LOG : BH_LOG_DESK,
		.seq = 9,
		.captured_ms = BH_DOCKET_START_MS,
		.person = role,
		.case_number = (uint64_t)BH_DOCKET_LOG << 32 | 1,
		.cycle = 1,
		.base_position = 5,
		.text = {(const uint8_t *)RESULT, sizeof(RESULT) - 1},
	};
	if (bh_verb_answers(verb) != BH_TASK_NONE) {
		command.task = 1;
		command.reason_code = BH_TASK_YES;
	}
	command.dispute = (struct bh_dispute_ask){.major = verb == BH_VERB_GRADE,
		.kind = BH_MEDIATION_PEOPLES,
		.present = BH_PRESENT(2, 1, 0, 0),
		.measures = 1,
		.date = 1};
	if (verb == BH_VERB_SESSION || verb == BH_VERB_PERFORM || verb == BH_VERB_CONSULT)
		command.reason_code = 1;
	if (verb == BH_VERB_CONCLUDE)
		command.reason_code = BH_MEDIATION_END_FAILED;
	if (verb == BH_VERB_REDIRECT || verb == BH_VERB_ASK_HELP || verb == BH_VERB_ASK_VISIT)
		command.unit = BH_DEMO_CLEAN_COUNTY;
	if (verb == BH_VERB_REASSIGN) {
		command.task = 1;
		command.assignee = BH_DEMO_WORKER(1112);
	}
	command.photos_before = command.photos_after = verb == BH_VERB_SELF_DISPOSE;
	if (source == BH_SOURCE_DESK)
		bh_demo_say(&command);
	if (verb == BH_VERB_FOLLOW_UP)
		command.reason_code = BH_FOLLOW_SATISFIED;
	command.until_ms = BH_DOCKET_START_MS + BH_HOURS(48);
	return command;
}

/* Two steps, of a plan. */
static void steps_ask(struct bh_command *command)
{
	if (command->verb != BH_VERB_MILESTONES)
		return;
	command->milestones = (struct bh_milestone_ask){
		2, {{1, BH_LIMIT_WORK_HOUR}, {30, BH_LIMIT_URGENT_MINUTE}}};
	command->dispute.decisions_count = 2;
}

/* What a move grants or refuses was asked for, by somebody else. */
static void asked_before(struct bh_case *cased, const struct bh_move *move)
{
	if (move == NULL || (move->guards & BH_GUARD_ASKED) == 0)
		return;
	bool queued = move->from == BH_STATE_RECEIVED || move->from == BH_STATE_FILED;
	cased->asked = queued                          ? BH_ASK_VOID
		       : move->verb == BH_VERB_SUSPEND ? BH_ASK_SUSPENSION
						       : BH_ASK_EXTENSION;
	cased->asked_level = (move->guards & BH_GUARD_OWN_UNIT) != 0 ? BH_ASK_OF_UNIT
								     : BH_ASK_OF_DESK;
	cased->asked_by = 4711;
}

/* Two steps of an hour, the first of which runs. */
static void step_runs(struct bh_case *cased)
{
	cased->milestones = 2;
	bh_milestone_limit_set(cased, 0, (struct bh_limit){1, BH_LIMIT_WORK_HOUR});
	bh_milestone_limit_set(cased, 1, (struct bh_limit){1, BH_LIMIT_WORK_HOUR});
	cased->milestone_from_ms = BH_DOCKET_START_MS;
	cased->milestone_due_ms = BH_DOCKET_START_MS + BH_HOURS(1);
}

/* What a move's guards ask of the case. */
static void guards_meet(struct bh_case *cased, enum bh_verb verb, const struct bh_move *move)
{
	if (verb == BH_VERB_FAIL) /* from CHECKING only what was looked at */
		cased->checked = BH_CHECKED_FAILED;
	if (verb == BH_VERB_ASK_REDIRECT) /* it may no longer be returned */
		cased->dispatched_ms -= BH_HOURS(24 * 4);
	if (verb == BH_VERB_HAND_BACK) {
		cased->handed_by = 4711;
		cased->handed_ms = BH_DOCKET_START_MS;
	}
	if (verb == BH_VERB_MOVE_UP) /* only a dispute does */
		cased->tier = 2;
	if (move != NULL && (move->guards & BH_GUARD_DISPUTE) != 0) {
		cased->type = BH_DEMO_QUARREL;
		cased->tier = 2;
	}
	if (verb == BH_VERB_SESSION || verb == BH_VERB_CONCLUDE)
		cased->mediation_state = BH_MEDIATION_OPEN;
	if (verb == BH_VERB_PERFORM) {
		cased->owed = 1;
	}
	if (verb == BH_VERB_MILESTONE_DONE)
		step_runs(cased);
	if (verb == BH_VERB_MILESTONES && cased->state == BH_STATE_HANDLING) {
		cased->major = 1;
		cased->sponsor = BH_DEMO_PERSON(SPONSOR);
		cased->force = BH_DEMO_WORKS;
		cased->measures = 1;
	}
	cased->mediations = 1;
	if (move != NULL && (move->guards & BH_GUARD_AFTER_WINDOW) != 0)
		cased->closed_ms -= BH_HOURS(4 * 24);
}

/* The case's only task, open, and this person's. */
static struct bh_task task_of(const struct bh_case *cased, enum bh_task_kind kind, uint32_t person)
{
	return (struct bh_task){.number = cased->number,
		.ordinal = 1,
		.kind = kind,
		.state = BH_TASK_OPEN,
		.person = person,
		.by_unit = cased->unit,
		.cycle = 1,
		.made_ms = BH_DOCKET_START_MS,
		.due_ms = BH_DOCKET_START_MS + BH_MINUTES(30)};
}

/* ... and its only mediation. */
static struct bh_mediation mediation_of(const struct bh_case *cased, enum bh_verb verb)
{
	bool agreed = verb == BH_VERB_PERFORM;
	return (struct bh_mediation){.number = cased->number,
		.ordinal = 1,
		.state = agreed ? BH_MEDIATION_AGREED : BH_MEDIATION_OPEN,
		.dates = agreed};
}

static void standing_point(struct bh_staged *out)
{
	out->standing.before = &out->cased;
	out->standing.mediation = &out->mediation;
	out->standing.task = out->task.kind != BH_TASK_NONE ? &out->task : NULL;
	out->standing.main = out->command.verb == BH_VERB_MERGE ? &out->main : NULL;
}

void bh_staged(struct bh_staged *out, const struct bh_rules *rules, enum bh_state from,
	enum bh_verb verb, uint32_t role, enum bh_source source)
{
	const struct bh_move *move = bh_move_find(from, verb, (enum bh_role)role);
	*out = (struct bh_staged){.cased = bh_staged_case(rules, from),
		.main = bh_staged_case(rules, BH_STATE_HANDLING),
		.command = command_of(source, verb, role)};
	out->main.number++;
	out->task = verb == BH_VERB_REASSIGN
			    ? task_of(&out->cased, BH_TASK_VISIT, BH_DEMO_WORKER(1111))
			    : task_of(&out->cased, bh_verb_answers(verb), role);
	out->mediation = mediation_of(&out->cased, verb);
	out->standing = (struct bh_standing){
		.rules = rules,
		.now_ms = BH_DOCKET_START_MS + BH_MINUTES(1),
		.punishes = true,
		.device_live = true,
		.device_person = role,
	};
	standing_point(out);
	steps_ask(&out->command);
	asked_before(&out->cased, move);
	guards_meet(&out->cased, verb, move);
}

void bh_staged_copy(struct bh_staged *out, const struct bh_staged *from)
{
	*out = *from;
	standing_point(out);
}

/* ---- The clock's ---- */

void bh_staged_clock(
	struct bh_staged *out, const struct bh_rules *rules, const struct bh_move *move)
{
	enum bh_task_kind kind = move->from == BH_STATE_CHECKING ? BH_TASK_CHECK : BH_TASK_VERIFY;
	struct bh_case *cased = &out->cased;
	*out = (struct bh_staged){.cased = bh_staged_case(rules, (enum bh_state)move->from)};
	out->task = task_of(cased, kind, 1);
	out->standing = (struct bh_standing){.rules = rules, .punishes = true};
	standing_point(out);
	cased->reminded = 80;
	cased->follow_tries = move->verb == BH_VERB_FOLLOW_UP ? 2 : 0;
	if (move->verb == BH_VERB_CHECK_OVERDUE)
		cased->urgency = 1; /* never the clock's to close */
	if (move->verb == BH_VERB_FAIL)
		cased->checked = BH_CHECKED_FAILED;
	if (move->verb == BH_VERB_REDIRECT)
		cased->unit = UINT32_MAX; /* no unit any more */
	if (move->verb == BH_VERB_REVIEW_APPEAL) {
		cased->appeal = BH_APPEAL_FIRST;
		cased->appeal_due_ms = BH_DOCKET_START_MS + 1;
	}
}

bool bh_staged_clock_gives(struct bh_staged *staged, const struct bh_move *move)
{
	struct bh_standing *standing = &staged->standing;
	bool lapses = move->verb == BH_VERB_TASK_LAPSED;
	bh_case_alarm(standing->rules, &staged->cased, &standing->now_ms);
	if (lapses)
		standing->now_ms = staged->task.due_ms;
	bool gives = lapses ? bh_task_command(standing->rules, &staged->task, &staged->cased,
				      standing->now_ms, &staged->command)
			    : bh_clock_command(standing->rules, &staged->cased, standing->now_ms,
				      true, &staged->command);
	return gives && staged->command.verb == move->verb;
}
