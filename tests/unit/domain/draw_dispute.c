/* Commands about disputes at random, for the test that gives anything to anybody. */
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/draw.h"

/* What a dispute comes to, mostly by who may; now and then of another case. */
void bh_draw_dispute(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb *verb, uint32_t *person)
{
	static const enum bh_verb handling[] = {BH_VERB_GRADE, BH_VERB_PLAN, BH_VERB_CONSULT,
		BH_VERB_CONSULT, BH_VERB_MEDIATE, BH_VERB_MEDIATE, BH_VERB_SESSION,
		BH_VERB_CONCLUDE, BH_VERB_CONCLUDE, BH_VERB_SUSPEND, BH_VERB_MOVE_DOWN,
		BH_VERB_MILESTONES};
	const struct bh_case *cased = &docket->cased;
	bool dispute = bh_rules_is_dispute(docket->rules, cased->type);
	bool desk = cased->state == BH_STATE_RECEIVED || cased->state == BH_STATE_FILED ||
		    cased->state == BH_STATE_DISPATCHED;
	bool rests = cased->state == BH_STATE_SUSPENDED || cased->state == BH_STATE_REWORK ||
		     cased->state == BH_STATE_FOLLOWED;
	bool ends = cased->state == BH_STATE_HANDLING &&
		    cased->mediation_state == BH_MEDIATION_AGREED;
	bool done = cased->state == BH_STATE_DONE && cased->owed + cased->unkept > 0;
	bool open = cased->state == BH_STATE_HANDLING &&
		    cased->mediation_state == BH_MEDIATION_OPEN;
	if (open && draw(seed, 3) == 0)
		*verb = BH_VERB_CONCLUDE;
	else if (ends && draw(seed, 2) == 0)
		*verb = BH_VERB_FINISH;
	else if (ends && draw(seed, 6) == 0)
		*verb = BH_VERB_SUSPEND;
	else if (done && draw(seed, 3) == 0)
		*verb = draw(seed, 2) == 0 ? BH_VERB_FAIL : BH_VERB_CLOSE;
	else if (cased->owed + cased->unkept > 0 && (rests || draw(seed, 2) == 0))
		*verb = BH_VERB_PERFORM;
	else if (cased->state == BH_STATE_HANDLING && draw(seed, dispute ? 2 : 20) == 0)
		*verb = PICK(seed, handling);
	else if (desk && draw(seed, dispute ? 8 : 80) == 0)
		*verb = draw(seed, 2) == 0 ? BH_VERB_GRADE : BH_VERB_PLAN;
	else
		return;
	*person = BH_DEMO_LEAD(cased->unit);
	if (*verb == BH_VERB_GRADE || *verb == BH_VERB_PLAN)
		*person = BH_DEMO_PERSON(SHIFT_LEADER);
	else if (*verb == BH_VERB_FAIL || *verb == BH_VERB_CLOSE)
		*person = BH_DEMO_PERSON(ACCEPTOR);
	else if (*verb == BH_VERB_MOVE_DOWN || draw(seed, 8) == 0)
		*person = BH_DEMO_PERSON(TIER_DESK);
}

/* Short enough mostly, of any unit and now and then of none. */
static void steps_draw(uint64_t *seed, struct bh_command *command)
{
	struct bh_milestone_ask *ask = &command->milestones;
	ask->count = 1 + draw(seed, 4);
	command->dispute.decisions_count = ask->count;
	for (uint32_t i = 0; i < ask->count; i++)
		ask->limits[i] = (struct bh_limit){draw(seed, 30), 1 + draw(seed, 3)};
	if (draw(seed, 3) != 0)
		for (uint32_t i = 0; i < ask->count; i++)
			ask->limits[i] = (struct bh_limit){
				1 + draw(seed, 20), BH_LIMIT_URGENT_MINUTE};
}

void bh_draw_papers(const struct bh_docket *docket, uint64_t *seed, struct bh_command *command)
{
	static const uint32_t sponsors[] = {0, BH_DEMO_PERSON(SPONSOR), BH_DEMO_PERSON(HANDLER)};
	struct bh_dispute_ask *ask = &command->dispute;
	if (command->verb == BH_VERB_MILESTONES)
		steps_draw(seed, command);
	if (command->verb < BH_VERB_GRADE || command->verb > BH_VERB_MOVE_DOWN)
		return;
	*ask = (struct bh_dispute_ask){.grade = draw(seed, 5),
		.major = draw(seed, 8) == 0 ? draw(seed, 4) : 0,
		.kind = draw(seed, 6),
		.linkage = draw(seed, 8),
		.present = draw(seed, 4) * BH_PRESENT(2, 1, 0, 1),
		.measures = draw(seed, 70),
		.mediation = draw(seed, 4) == 0 ? draw(seed, docket->cased.mediations + 2) : 0,
		.date = 1 + draw(seed, 3),
		.amount_fen = draw(seed, 1000),
		.dates = 1 + draw(seed, 3),
		.agreement = {(const uint8_t *)"2026-1", draw(seed, 8) == 0 ? 0u : 6u}};
	for (uint32_t i = 0; i < ask->dates; i++)
		ask->due_ms[i] = docket->now_ms + BH_HOURS(24 * (1 + (int64_t)i) + draw(seed, 9));
	command->reason_code = draw(seed, 4);
	command->assignee = command->verb == BH_VERB_PLAN ? PICK(seed, sponsors) : 0;
}
