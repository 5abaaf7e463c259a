/* What must hold of a case's tasks, entry by entry: what waits for one has one, and nobody finishes
 * while help is open (domain.md, rows 2, 18). */
#include "tests/sim/judge_state.h"

#include "server/domain/task.h"
#include "tests/unit/domain/demo_rules.h"

static void tasks_count(struct bh_simtally *tally, const struct bh_entry *entry)
{
	switch ((enum bh_verb)entry->verb) {
	case BH_VERB_VERIFY:
		tally->verifications++;
		break;
	case BH_VERB_CHECK:
		tally->checks++;
		break;
	case BH_VERB_ASK_HELP:
		tally->helps++;
		break;
	case BH_VERB_TASK_LAPSED:
		tally->tasks_lapsed++;
		break;
	case BH_VERB_SELF_DISPOSE:
		tally->self_disposals++;
		break;
	case BH_VERB_ASK_VISIT:
		tally->visits++;
		break;
	case BH_VERB_ACCEPT_RETURN:
		tally->returns_lapsed += entry->log_short == BH_LOG_CLOCK;
		break;
	case BH_VERB_TASK_WITHDRAWN:
		tally->tasks_withdrawn++;
		break;
	default:
		tally->tasks_answered += bh_verb_answers((enum bh_verb)entry->verb) != BH_TASK_NONE;
		break;
	}
}

/* Row 55: only of what the clock may not close, and never before its limit. */
static void called(
	struct bh_simjudge *judge, const struct bh_case *before, const struct bh_entry *entry)
{
	judge->run->tally.check_calls++;
	if (before->check_due_ms == 0 || entry->at_ms < before->check_due_ms)
		bh_simjudge_break(judge, "I8", entry, "a check is called for before its limit");
	if (entry->reason == 0 || entry->reason > 3)
		bh_simjudge_break(judge, "I8", entry, "a check is called for of nobody");
}

void bh_simjudge_task(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	bool waits = now->state == BH_STATE_VERIFYING ||
		     (now->state == BH_STATE_CHECKING && now->checked != BH_CHECKED_FAILED);

	tasks_count(&judge->run->tally, entry);
	if (waits && (now->task == 0 || now->open_tasks == 0))
		bh_simjudge_break(judge, "I7", entry, "the case waits for a task that is not open");
	if (entry->verb == BH_VERB_FINISH && before->open_helps > 0)
		bh_simjudge_break(judge, "I6", entry, "it was finished while help was open");
	if (entry->verb == BH_VERB_CHECK_OVERDUE)
		called(judge, before, entry);
	bool settled = before->mediation_state == BH_MEDIATION_AGREED ||
		       before->mediation_state == BH_MEDIATION_FAILED;
	if (entry->verb == BH_VERB_FINISH && before->type == BH_DEMO_QUARREL && !settled)
		bh_simjudge_break(judge, "I6", entry, "a dispute was finished without a result");
	bool planned = before->sponsor != 0 && before->force != 0 && before->measures != 0;
	bool begins = entry->verb == BH_VERB_MEDIATE || entry->verb == BH_VERB_CONCLUDE ||
		      entry->verb == BH_VERB_MILESTONES;
	if ((entry->verb == BH_VERB_FINISH || begins) && before->major != 0 && !planned)
		bh_simjudge_break(judge, "I6", entry, "a major case goes on without a plan");
	if (now->open_helps > now->open_tasks || now->open_tasks > now->tasks ||
		now->open_tasks > BH_TASKS_OPEN_MAX)
		bh_simjudge_break(judge, "I6", entry, "its tasks are miscounted");
}
