/* What a unit may ask for while it handles a case, and what becomes of it (domain.md, "Rules of
 * adjustment"): 延期 adds one original limit to the current deadline, twice at most; 挂账 stops the
 * clock until a date, once and for a year at most.  Twice is twice a cycle, whatever reworks and
 * redirects it has.
 *
 *   handler ──ask──▶ own unit's lead ──ask──▶ dispatcher ──▶ extend, suspend, redirect
 *                          └───────refuse───────┘
 *
 * A refusal does not count.  Nobody grants what he asked for, nor what his own unit did where
 * anybody else at the desk could (decide_apart.c).  The same road with one station less is void's
 * second pair of eyes (28): a desk asks, another person, the shift leader, decides. */
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"
#include "server/domain/routing.h"
#include "server/domain/threshold.h"

#define EXTENSIONS_MAX 2u
#define SUSPENSIONS_MAX 1u
#define SUSPENSION_MS_MAX (INT64_C(366) * 24 * 60 * BH_MINUTE_MS)

static bool until_fits(struct bh_deciding *d, int64_t until_ms)
{
	int64_t now_ms = d->standing->now_ms;
	if (until_ms > now_ms && until_ms <= now_ms + SUSPENSION_MS_MAX)
		return true;
	bh_deciding_reject(d, BH_REASON_FIELD, "a suspension ends at a date within a year");
	return false;
}

/* Has the case any of it left? */
static bool is_left(struct bh_deciding *d, enum bh_ask ask)
{
	const struct bh_case *before = d->before;
	struct bh_route_ask of = bh_case_route_ask(before);
	if (!bh_rules_may_pause(d->rules, &of))
		bh_deciding_reject(d, BH_REASON_GUARD, "its rule allows no pause");
	else if (ask == BH_ASK_EXTENSION &&
		 (before->extensions >= EXTENSIONS_MAX || before->extended >= EXTENSIONS_MAX))
		bh_deciding_reject(d, BH_REASON_GUARD, "it was extended twice");
	else if (ask == BH_ASK_SUSPENSION && before->suspensions >= SUSPENSIONS_MAX)
		bh_deciding_reject(d, BH_REASON_GUARD, "it was suspended before");
	else
		return true;
	return false;
}

/* Only an open request for this, which has come all the way; for who did not ask, nor his unit. */
static bool is_asked(struct bh_deciding *d, enum bh_ask ask)
{
	const struct bh_case *before = d->before;
	if (before->asked != ask || before->asked_level != BH_ASK_OF_DESK)
		bh_deciding_reject(d, BH_REASON_GUARD, "the unit has not asked for it");
	else if (before->asked_by == d->command->person)
		bh_deciding_reject(
			d, BH_REASON_GUARD, "another person than the one who asked decides");
	else
		return bh_deciding_is_apart(d);
	return false;
}

/* A handler's request is his lead's to pass on, by asking himself. */
static bool is_handler(const struct bh_deciding *d)
{
	return (d->move->roles & 1u << BH_ROLE_UNIT_LEAD) == 0;
}

void bh_decide_ask(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bool suspension = d->command->verb == BH_VERB_ASK_SUSPENSION;
	enum bh_ask ask = suspension ? BH_ASK_SUSPENSION : BH_ASK_EXTENSION;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !is_left(d, ask))
		return;
	bool handler = is_handler(d);
	int64_t until_ms = d->command->until_ms;
	if (until_ms == 0 && d->before->asked == ask)
		until_ms = d->before->asked_until_ms; /* the lead passes it on as it is */
	if (suspension && !until_fits(d, until_ms))
		return;
	if (d->before->asked != BH_ASK_NONE &&
		(handler || d->before->asked_level == BH_ASK_OF_DESK)) {
		bh_deciding_reject(d, BH_REASON_GUARD, "a request of the unit is not decided yet");
		return;
	}
	after->asked = ask;
	after->asked_level = handler ? BH_ASK_OF_UNIT : BH_ASK_OF_DESK;
	after->asked_by = d->command->person;
	after->asked_until_ms = suspension ? until_ms : 0;
	bh_deciding_accept(d);
}

/* Row 30's "unit lead asks": what may still be returned is, and what was argued to the end stays.
 */
void bh_decide_ask_redirect(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	uint32_t unit = d->command->unit;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->refusals >= BH_REFUSALS_MAX)
		bh_deciding_reject(d, BH_REASON_GUARD, "the shift leader has decided for good");
	else if (bh_deciding_may_return(d))
		bh_deciding_reject(d, BH_REASON_GUARD, "it may still be returned");
	else if (d->before->asked != BH_ASK_NONE)
		bh_deciding_reject(d, BH_REASON_GUARD, "a request of the unit is not decided yet");
	else if (unit != 0 && bh_rules_unit_is_gone(d->rules, unit))
		bh_deciding_reject(d, BH_REASON_NO_UNIT, NULL);
	else if (unit != 0 && unit == d->before->unit)
		bh_deciding_reject(d, BH_REASON_GUARD, "the case is with this unit already");
	else {
		after->asked = BH_ASK_REDIRECT;
		after->asked_level = BH_ASK_OF_DESK;
		after->asked_by = d->command->person;
		after->asked_unit = unit;
		bh_deciding_accept(d);
	}
}

void bh_decide_extend(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !is_asked(d, BH_ASK_EXTENSION) ||
		!is_left(d, BH_ASK_EXTENSION))
		return;
	bh_deciding_forget_ask(d);
	d->out->after.extensions++;
	d->out->after.extended++;
	d->out->after.calendar = bh_rules_calendar_mark(d->rules);
	bh_deciding_disposal(d);
	bh_case_warn_again(d->rules, &d->out->after, d->standing->now_ms);
	bh_deciding_accept(d);
}

void bh_decide_suspend(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t until_ms = d->command->until_ms;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if ((d->move->guards & BH_GUARD_DISPUTE) != 0) {
		bh_decide_party_pause(d);
		return;
	}
	if (!is_asked(d, BH_ASK_SUSPENSION) || !is_left(d, BH_ASK_SUSPENSION))
		return;
	if (until_ms == 0)
		until_ms = d->before->asked_until_ms;
	if (!until_fits(d, until_ms))
		return;
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 13
	bh_deciding_use(d);
#endif
	bh_deciding_leave(d);
	after->resume_due_ms = until_ms;
	after->suspensions++;
	bh_deciding_accept(d);
}

void bh_decide_resume(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	/* Whose it is now may ask for the rest: nobody had the whole of it. */
	if (bh_case_pause_is_over(d->rules, d->before) && after->tier == 0 &&
		after->suspensions > 0)
		after->suspensions--;
	after->clock_from_ms = d->standing->now_ms;
	after->calendar = bh_rules_calendar_mark(d->rules);
	bh_deciding_disposal(d);
	bh_case_warn_again(d->rules, after, d->standing->now_ms); /* it was amended meanwhile */
	bh_deciding_accept(d);
}

/* By whom it waits for. */
void bh_decide_refuse_ask(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	bool own = (d->move->guards & BH_GUARD_OWN_UNIT) != 0;
	if (d->before->asked_level != (own ? BH_ASK_OF_UNIT : BH_ASK_OF_DESK)) {
		bh_deciding_reject(d, BH_REASON_GUARD, "the request is another's to decide");
		return;
	}
	d->out->after.redirects_refused += d->before->asked == BH_ASK_REDIRECT;
	bh_deciding_forget_ask(d);
	bh_deciding_accept(d);
}

void bh_decide_ask_void(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->asked != BH_ASK_NONE) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it was asked for before");
		return;
	}
	after->asked = BH_ASK_VOID;
	after->asked_level = BH_ASK_OF_DESK;
	after->asked_by = d->command->person;
	bh_deciding_accept(d);
}
