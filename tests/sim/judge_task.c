/* What must hold of a case's tasks, entry by entry: what waits for one has one, and nobody finishes
 * while help is open (domain.md, rows 2, 18, 19). */
#include "tests/sim/judge_state.h"

#include "server/domain/task.h"

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
	case BH_VERB_TASK_WITHDRAWN:
		tally->tasks_withdrawn++;
		break;
	default:
		tally->tasks_answered += bh_verb_answers((enum bh_verb)entry->verb) != BH_TASK_NONE;
		break;
	}
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
	if (now->open_helps > now->open_tasks || now->open_tasks > now->tasks ||
		now->open_tasks > BH_TASKS_OPEN_MAX)
		bh_simjudge_break(judge, "I6", entry, "its tasks are miscounted");
}
