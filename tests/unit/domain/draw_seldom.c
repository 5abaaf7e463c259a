/* What is drawn rarely, so that the rest stays as often as it was: who has a task gives it to
 * another, a unit says, late, that a case is another's, or works it off by a plan. */
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/draw.h"

/* Appeals: test_decide_appeal.c; these two: test_reassign.c, test_decide_adjust.c. */
bool bh_draw_is_seldom(const struct bh_move *move)
{
	return move->row >= 70 || move->verb == BH_VERB_REASSIGN ||
	       move->verb == BH_VERB_ASK_REDIRECT;
}

enum bh_verb bh_draw_seldom(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb otherwise, uint32_t *person)
{
	const struct bh_case *cased = &docket->cased;
	bool with_unit = cased->state == BH_STATE_DISPATCHED || cased->state == BH_STATE_HANDLING;
	if (cased->open_tasks > 0 && draw(seed, 12) == 0) {
		*person = BH_DEMO_TWO_POSTS;
		return BH_VERB_REASSIGN;
	}
	if (with_unit && docket->now_ms > cased->disposal_due_ms && draw(seed, 12) == 0) {
		*person = BH_DEMO_LEAD(cased->unit);
		return BH_VERB_ASK_REDIRECT;
	}
	if (cased->state == BH_STATE_DONE && draw(seed, 8) == 0) {
		*person = BH_DEMO_TWO_POSTS;
		return BH_VERB_ASK_VISIT;
	}
	/* A rework is begun or finished soon. */
	if (cased->state == BH_STATE_REWORK && draw(seed, 2) == 0) {
		*person = BH_DEMO_TWO_POSTS;
		return bh_docket_task(docket, BH_TASK_VISIT) != NULL ? BH_VERB_VISIT_DONE
								     : BH_VERB_AMEND;
	}
	bool runs = cased->milestone_due_ms != 0;
	if (cased->state == BH_STATE_HANDLING && draw(seed, runs ? 3 : 10) == 0) {
		*person = BH_DEMO_LEAD(cased->unit);
		return runs && draw(seed, 8) != 0 ? BH_VERB_MILESTONE_DONE : BH_VERB_MILESTONES;
	}
	return otherwise;
}

void bh_draw_reassign(const struct bh_docket *docket, uint64_t *seed, struct bh_command *command)
{
	static const uint32_t grids[] = {1111, 1112, 1121, 1122, 1211, 1212, 1221, 1222};
	if (command->verb != BH_VERB_REASSIGN)
		return;
	command->task = 1 + draw(seed, docket->cased.tasks + 1);
	command->assignee = BH_DEMO_WORKER(PICK(seed, grids));
}
