/* What a unit's people finish, where the district has its lead sign off (settings, unit_sign_off):
 *
 *   handler ──FINISH──▶ handed in (81) ──the lead's FINISH (18)──▶ DONE
 *                          ▲    └──handed back (82)──▶ nothing is
 *                          └── another one takes its place
 *
 * The disposal limit runs on meanwhile.  A lead who lets it lie for half a working day is called,
 * then the level above, each time after twice as long (alarm.c).  A case that goes elsewhere, rests
 * or turns out to be of another type takes no result along. */
#include "server/domain/decide_body.h"
#include "server/domain/checking.h"
#include "server/domain/sign_off.h"

#define LEADS (1u << BH_ROLE_UNIT_LEAD | 1u << BH_ROLE_TIER_DESK)
#define CALL_AFTER_MS (INT64_C(4) * 60 * BH_MINUTE_MS) /* half a working day */

/* ---- Calls ---- */

static int64_t call_at(const struct bh_rules *rules, const struct bh_case *cased, uint32_t calls)
{
	return bh_calendar_walk(
		bh_rules_calendar(rules), cased->handed_ms, bh_call_limits(calls) * CALL_AFTER_MS);
}

int64_t bh_case_sign_off_call_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	return call_at(rules, cased, cased->sign_off_calls);
}

uint32_t bh_case_sign_off_calls_by(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms)
{
	return bh_calls_by(call_at, rules, cased, cased->sign_off_calls, now_ms);
}

void bh_deciding_call_for_sign_off(struct bh_deciding *d)
{
	uint32_t calls = bh_case_sign_off_calls_by(d->rules, d->before, d->standing->now_ms);
	d->out->after.sign_off_calls = calls;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)(
		d->before->sign_off_calls == 0 ? BH_REMIND_SIGN_OFF : BH_REMIND_SIGN_OFF_ABOVE);
}

/* ---- Handed in ---- */

static bool unit_has_lead(const struct bh_deciding *d)
{
	const struct bh_msg_post *post;
	return bh_rules_posts_of_unit(
		       d->rules, d->standing->now_ms, d->before->unit, LEADS, &post, 1) > 0;
}

static bool is_lead(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, d->command->person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if (posts[i]->unit == d->before->unit && (1u << posts[i]->role & LEADS) != 0)
			return true;
	return false;
}

bool bh_deciding_is_handed_in(const struct bh_deciding *d)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 70
	if (d->command->source == BH_SOURCE_DEVICE)
		return false;
#endif
	return bh_rules_settings(d->rules)->unit_sign_off && !is_lead(d) && unit_has_lead(d);
}

void bh_deciding_hand_in(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	*after = *d->before; /* no clock ends (81), whatever FINISH does */
	after->handed_by = d->author;
	after->handed_ms = d->standing->now_ms;
	after->handed_photos = d->command->photos_before + d->command->photos_after;
	after->sign_off_calls = 0;
	after->handed_from = d->before->last;
	bh_deciding_accept(d);
	d->out->verb = BH_VERB_HAND_IN;
	d->out->reason = BH_REASON_HANDED_IN;
}

void bh_deciding_forget_handed(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	after->handed_by = 0;
	after->handed_ms = 0;
	after->handed_photos = 0;
	after->sign_off_calls = 0;
	after->handed_from = 0;
}

/* Also where no lead has to sign off: who is in doubt asks his. */
void bh_decide_hand_in(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (unit_has_lead(d))
		bh_deciding_hand_in(d);
	else
		bh_deciding_reject(d, BH_REASON_GUARD, "the unit has no lead: finish it");
}

void bh_decide_hand_back(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->handed_by == 0) { /* while a handset was away somebody else gave it back */
		if (d->command->source == BH_SOURCE_DEVICE)
			bh_deciding_stale(d, "no result waits for a lead any more");
		else
			bh_deciding_reject(d, BH_REASON_GUARD, "no result was handed in");
		return;
	}
	bh_deciding_forget_handed(d);
	bh_deciding_accept(d);
}
