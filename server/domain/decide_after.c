/* What comes after the answer: a closed case is archived (25), and who reported it is asked how it
 * is now (26).
 *
 *   CLOSED ──7 days, or an archivist once nobody may reopen──▶ ARCHIVED ──answer──▶ FOLLOWED
 *                                                         try ──┘  └──3 tries: unreached──▶
 *
 * A try that reached nobody is somebody's (41), or the clock's, where its working days have passed
 * and nobody tried; that is counted beside the tries.  So an archived case never waits for ever,
 * and how many of those that were due were reached stays true (I12 of the indicators: answered /
 * due). */
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"

/* domain.md, ARCHIVED: of one try. */
static const struct bh_limit try_limit = {3, BH_LIMIT_WORK_DAY};

/* domain.md, ARCHIVED: three working days after closing; what is archived later than that is not
 * late at once. */
static const struct bh_limit first_limit = {1, BH_LIMIT_WORK_DAY};

/* The clock of the first try. */
static void first_try_begin(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t closing_ms = bh_calendar_walk(
		bh_rules_calendar(d->rules), d->before->closed_ms, bh_limit_ms(try_limit));
	after->follow_due_ms = bh_deciding_stage(d, bh_limit_ms(first_limit));
	if (closing_ms <= after->follow_due_ms)
		return;
	after->stage_from_ms = d->before->closed_ms;
	after->stage_limit_ms = bh_limit_ms(try_limit);
	after->follow_due_ms = closing_ms;
}

/* The clock of the next try. */
static void try_begin(struct bh_deciding *d)
{
	d->out->after.follow_due_ms = bh_deciding_stage(d, bh_limit_ms(try_limit));
}

/* Row 25: its dossier is complete, or who archives it says why it is not.  The clock goes on, and
 * what it archives incomplete stays known as that. */
void bh_decide_archive(struct bh_deciding *d)
{
	bool lacks = d->standing->dossier_lacks > 0;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if ((d->move->guards & BH_GUARD_DOSSIER) != 0 && lacks &&
		bh_span_is_blank(d->command->text)) {
		bh_deciding_reject(d, BH_REASON_NO_REASON, "papers are missing: say why");
		return;
	}
	bh_deciding_leave(d);
	d->out->after.archived_ms = d->standing->now_ms;
	d->out->after.dossier = lacks ? BH_ARCHIVED_INCOMPLETE : BH_ARCHIVED_COMPLETE;
	first_try_begin(d);
	bh_deciding_accept(d);
}

void bh_decide_follow_try(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->follow_tries >= BH_FOLLOW_TRIES) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it was tried often enough");
		return;
	}
	d->out->after.follow_tries++;
	d->out->after.follow_lapses += d->command->source == BH_SOURCE_CLOCK;
	try_begin(d);
	bh_deciding_accept(d);
}

/* What was said, in a word; who is not content says why.  False: the decision is made. */
static bool answer_fits(struct bh_deciding *d)
{
	uint32_t answer = d->command->reason_code;
	if (answer > BH_FOLLOW_RECURRED) {
		bh_deciding_reject(d, BH_REASON_FIELD, "there is no such answer");
		return false;
	}
	if (answer == BH_FOLLOW_NONE && d->before->follow_tries < BH_FOLLOW_TRIES) {
		bh_deciding_reject(d, BH_REASON_GUARD, "without an answer it is tried three times");
		return false;
	}
	bool wants_text = answer == BH_FOLLOW_DISSATISFIED || answer == BH_FOLLOW_RECURRED;
	return bh_deciding_text_fits(d, wants_text);
}

void bh_decide_follow_up(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bool lapsed = d->command->source == BH_SOURCE_CLOCK;
	uint32_t answer = d->command->reason_code;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || (!lapsed && !answer_fits(d)))
		return;
	bh_deciding_leave(d);
	if (lapsed) { /* the last try with it */
		after->follow_lapses += BH_FOLLOW_TRIES - after->follow_tries;
		after->follow_tries = BH_FOLLOW_TRIES;
	}
	after->follow_answer = answer == BH_FOLLOW_NONE ? BH_FOLLOW_UNREACHED : answer;
	bh_deciding_accept(d);
}
