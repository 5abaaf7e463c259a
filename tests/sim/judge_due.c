/* A case's due times from its entries.  Nearly always the rules in force now give them, for what
 * goes by another calendar was computed again.  But what was used of a limit before a suspension
 * stays used, by the calendar of then; and a restore may end between another calendar and what is
 * computed again for it: such a case goes by the rules at each of its entries. */
#include "tests/sim/judge_state.h"

struct then {
	struct bh_simjudge *judge;
	struct bh_store_reader *reader;
	struct bh_rules *rules; /* that were given last */
	struct bh_arena arena;
};

/* A PROFILE entry names the one that it replaced. */
static int rules_then(void *context, uint64_t position, const struct bh_rules **out)
{
	struct then *then = context;
	uint64_t at = then->judge->epoch_profile;
	int err = 0;

	while (err == 0 && at > position) {
		struct bh_entry entry;
		bh_arena_reset(&then->arena);
		err = bh_reader_entry(then->reader, at, &then->arena, &entry);
		at = err == 0 ? entry.prev : at;
	}
	bh_rules_unref(then->rules);
	then->rules = NULL;
	if (err == 0)
		err = bh_reader_rules_at(then->reader, at, &then->rules);
	*out = then->rules;
	return err;
}

bool bh_simjudge_dues(struct bh_simjudge *judge, struct bh_store_reader *reader,
	const struct bh_rules *rules, const struct bh_case *cased, const struct bh_entry *entries,
	size_t count, struct bh_dues *out)
{
	struct then then = {.judge = judge, .reader = reader, .arena = BH_ARENA(1u << 24)};
	int64_t at_ms;
	bool waited = bh_case_alarm(rules, cased, &at_ms) == BH_ALARM_RECOMPUTE;

	for (size_t i = 0; i < count; i++)
		waited = waited || (entries[i].verb == BH_VERB_SUSPEND &&
					   entries[i].verdict == BH_VERDICT_ACCEPTED);
	if (!waited) {
		bh_assert(bh_dues_from_entries(rules, entries, count, out) == 0);
		return true;
	}
	int err = bh_dues_from_entries_at(rules_then, &then, entries, count, out);
	bh_rules_unref(then.rules);
	bh_arena_free(&then.arena);
	return err == 0;
}
