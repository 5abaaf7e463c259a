/* What happened to cases in a run, counted by verb; and that what is merged is answered. */
#include "tests/sim/judge_state.h"

#include <stddef.h>

#define COUNTED(verb, field)                                        \
	{                                                           \
		BH_VERB_##verb, offsetof(struct bh_simtally, field) \
	}

static const struct {
	enum bh_verb verb;
	size_t at; /* of a uint64_t */
} courses[] = {
	COUNTED(EXTEND, extensions),
	COUNTED(SUSPEND, suspensions),
	COUNTED(RESUME, resumptions),
	COUNTED(REFUSE_ASK, asks_refused),
	COUNTED(REASSIGN, reassignments),
	COUNTED(ASK_REDIRECT, redirects_asked),
	COUNTED(HAND_IN, handed_in),
	COUNTED(HAND_BACK, handed_back),
	COUNTED(FAIL, reworks),
	COUNTED(REOPEN, reopenings),
	COUNTED(RECONSIDER, reopenings),
	COUNTED(REFER, referrals),
	COUNTED(MOVE_UP, moves_up),
	COUNTED(VOID, voids),
	COUNTED(ARCHIVE, archives),
	COUNTED(FOLLOW_TRY, follow_tries),
	COUNTED(FOLLOW_UP, follow_ups),
	COUNTED(RECUR, recurrences),
	COUNTED(MERGE, merges),
	COUNTED(UNMERGE, unmerges),
	COUNTED(MAIN_ENDED, merged_answers),
	COUNTED(GRADE, gradings),
	COUNTED(MEDIATE, mediations),
	COUNTED(SESSION, sittings),
	COUNTED(CONCLUDE, agreements),
	COUNTED(PERFORM, performances),
	COUNTED(PERFORM_DUE, performances_due),
	COUNTED(MOVE_DOWN, moves_down),
	COUNTED(CONSULT, consultations),
	COUNTED(PLAN, plans),
	COUNTED(MILESTONES, step_plans),
	COUNTED(MILESTONE_DONE, steps_done),
	COUNTED(MILESTONE_DUE, steps_told),
};

void bh_simjudge_course(
	struct bh_simtally *tally, const struct bh_case *before, const struct bh_entry *entry)
{
	bool back = entry->verb == BH_VERB_REFUSE_ASK && entry->person == before->asked_by;
	tally->asks_taken_back += back;
	tally->reworks_at_once += entry->verb == BH_VERB_FINISH && before->state == BH_STATE_REWORK;
	for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
		if (entry->verb == courses[i].verb)
			++*(uint64_t *)(void *)((char *)tally + courses[i].at);
	}
}

static uint32_t merged_into(const struct bh_simjudge *judge, uint64_t number)
{
	uint32_t count = 0;

	for (size_t i = 0; i < BH_SIMJUDGE_SLOTS; i++) {
		const struct bh_case *now = &judge->cases[i].now;
		count += now->state == BH_STATE_MERGED && now->main == number;
	}
	return count;
}

void bh_simjudge_merged(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	if (entry->verb == BH_VERB_MAIN_MOVED)
		return;
	/* One that it left the queue with, while the time was in doubt, is said before its end. */
	if (entry->verb == BH_VERB_BREACH && before->state == BH_STATE_MERGED)
		return;
	if ((entry->verb == BH_VERB_MAIN_ENDED) != (judge->merged_owed > 0))
		bh_simjudge_break(judge, "I9", entry,
			judge->merged_owed > 0 ? "a merged case is owed its main case's answer"
					       : "a merged case has an answer that is none");
	judge->merged_owed -= entry->verb == BH_VERB_MAIN_ENDED;
	if (before->state == now->state || !bh_state_ends_cycle((enum bh_state)now->state))
		return;
	judge->merged_owed = merged_into(judge, now->number);
	if (entry->verb != BH_VERB_MERGE)
		return;
	const struct bh_simcase *main = bh_simjudge_case(judge, now->main);
	if (main == NULL || main->now.state == BH_STATE_MERGED)
		bh_simjudge_break(judge, "I6", entry, "its main case is none");
	judge->merged_owed = main->now.state == BH_STATE_CLOSED ? judge->merged_owed + 1 : 0;
}
