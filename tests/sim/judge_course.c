/* What happened to cases in a run, counted by verb. */
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
};

void bh_simjudge_course(struct bh_simtally *tally, const struct bh_entry *entry)
{
	for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
		if (entry->verb == courses[i].verb)
			++*(uint64_t *)(void *)((char *)tally + courses[i].at);
	}
}
