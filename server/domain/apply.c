/* apply: what an entry changes in the projections.  It knows no rules and no time: the entry
 * carries decided facts, so that what is replayed never depends on what is thought today. */
#include "proto/err.h"
#include "server/domain/decide.h"

static bool dues_stay(const struct bh_case *before, const struct bh_case *after)
{
	return before->disposal_due_ms == after->disposal_due_ms &&
	       before->sign_due_ms == after->sign_due_ms;
}

/* What the clock lays to rest long after its end, as after years with an older program, is news to
 * nobody. */
static bool lays_to_rest(const struct bh_entry *entry, const struct bh_case *before)
{
	return entry->log_short == BH_LOG_CLOCK &&
	       (entry->verb == BH_VERB_ARCHIVE || entry->verb == BH_VERB_FOLLOW_UP) &&
	       before->closed_ms != 0 && entry->at_ms - before->closed_ms > BH_LONG_ENDED_MS;
}

/* Entries that nobody's list needs to show anew.  Of a threshold a handset shows nothing that it
 * does not know: the due time stands in its record, and whom it is told of hears of it otherwise.
 * Due times that were computed again are news where they moved. */
static bool entry_is_silent(
	uint32_t verb, const struct bh_case *before, const struct bh_case *after)
{
	return bh_verb_is_receipt(verb) || verb == BH_VERB_REMIND || verb == BH_VERB_BREACH ||
	       verb == BH_VERB_FOLLOW_TRY || verb == BH_VERB_APPEAL ||
	       verb == BH_VERB_REVIEW_APPEAL || verb == BH_VERB_MAIN_MOVED ||
	       verb == BH_VERB_PERFORM_DUE || verb == BH_VERB_WARN || verb == BH_VERB_OVERDUE ||
	       verb == BH_VERB_CHECK_OVERDUE || verb == BH_VERB_MILESTONE_DUE ||
	       (verb == BH_VERB_RECOMPUTE && dues_stay(before, after));
}

static size_t scopes_change(const struct bh_case *before, const struct bh_case *after,
	bool made_here, struct bh_scope_change *changes)
{
	size_t count = 0;
	bool lost = before->unit != 0 && before->unit != after->unit;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 53
	made_here = false;
#endif
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 12
	lost = lost && after->redirects == before->redirects;
#endif
	/* The reporter's handset has its first entry already: it made it.  What was released, or
	 * registered at a desk, is news to the one that he has now. */
	if (before->first != 0 || made_here)
		changes[count++] = (struct bh_scope_change){BH_SCOPE_OWN(after->reporter), false};
	if (after->unit != 0)
		changes[count++] = (struct bh_scope_change){BH_SCOPE_UNIT(after->unit), false};
	/* The desk of its village sees the result from when it is told of it (S2-29), until another
	 * cycle begins. */
	if (after->copied != 0 && after->copied != after->unit)
		changes[count++] = (struct bh_scope_change){BH_SCOPE_UNIT(after->copied), false};
	if (after->copied == 0 && before->copied != 0)
		changes[count++] = (struct bh_scope_change){BH_SCOPE_UNIT(before->copied), true};
	if (lost && before->unit != after->copied)
		changes[count++] = (struct bh_scope_change){BH_SCOPE_UNIT(before->unit), true};
	return count;
}

/* Those who handle the case see its photo come; the reporter has it. */
static size_t scopes_of_photo(const struct bh_case *after, struct bh_scope_change *changes)
{
	if (after->unit == 0)
		return 0;
	changes[0] = (struct bh_scope_change){BH_SCOPE_UNIT(after->unit), false};
	return 1;
}

int bh_apply(const struct bh_case *before, const struct bh_entry *entry, struct bh_case *after,
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX], size_t *changes_count)
{
	struct bh_case patched = *before;
	int err = bh_case_patch(&patched, entry->decision);
	if (err != 0)
		return err;
	patched.number = entry->case_number;
	patched.last = entry->position;
	/* A report that was released keeps the number of its op, and with it the op's place. */
	bool released = entry->verb == BH_VERB_RELEASE && entry->prev != 0;
	if (patched.first == 0)
		patched.first = released ? entry->prev : entry->position;
	size_t count = 0;
	if (entry->verb == BH_VERB_STORED)
		count = scopes_of_photo(&patched, changes);
	else if (entry->decision.len > 0 && !entry_is_silent(entry->verb, before, &patched) &&
		 !lays_to_rest(entry, before))
		count = scopes_change(
			before, &patched, released || entry->verb == BH_VERB_REGISTER, changes);
	*after = patched;
	*changes_count = count;
	return 0;
}
