/* The mediation of a dispute: opened (61), its sessions (62), an agreement or a failure note (63),
 * and whether what was agreed is kept (64).
 *
 *   NONE ──mediate──▶ OPEN ──conclude──▶ AGREED ──▶ its dates: asked at each, chased after it
 *     ▲                 │       └─────▶ FAILED
 *     └─── the case goes elsewhere (LEFT), or another one is opened after a failure
 *
 * What was agreed binds whatever becomes of the case: its dates are asked for also when that is
 * closed, or in another cycle. */
#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"

#define AMOUNT_FEN_MAX INT64_C(1000000000000) /* ten thousand million yuan */
#define DATES_MS_MAX (INT64_C(10) * 366 * 24 * 60 * BH_MINUTE_MS)
#define AGREEMENT_BYTES_MAX 60u
/* After a date has come: then it is told that nobody has looked. */
static const struct bh_limit chase_limit = {3, BH_LIMIT_NATURAL_DAY};

/* ---- The record ---- */

/* The one that the command names or the case is at, as it stands; out->mediation is a copy of it.
 */
static bool mediation_take(struct bh_deciding *d, const char *missing)
{
	if (d->standing->mediation == NULL)
		return bh_deciding_refuse(d, BH_REASON_GUARD, missing);
	d->out->mediation = *d->standing->mediation;
	return true;
}

static void mediation_accept(struct bh_deciding *d)
{
	d->out->mediation_changes = true;
	d->out->after.mediation_state = d->out->mediation.ordinal == d->out->after.mediations
						? d->out->mediation.state
						: d->out->after.mediation_state;
	bh_deciding_accept(d);
}

void bh_deciding_mediation_leave(struct bh_deciding *d)
{
	const struct bh_mediation *now = d->standing->mediation;
	struct bh_case *after = &d->out->after;
	if (after->mediation_state != BH_MEDIATION_AGREED)
		after->mediation_state = BH_MEDIATION_NONE;
	if (now == NULL || now->ordinal != d->before->mediations || now->state != BH_MEDIATION_OPEN)
		return;
	d->out->mediation = *now;
	d->out->mediation.state = BH_MEDIATION_LEFT;
	d->out->mediation.ended_ms = d->standing->now_ms;
	d->out->mediation_changes = true;
}

void bh_decide_mediate(struct bh_deciding *d)
{
	const struct bh_dispute_ask *ask = &d->command->dispute;
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (ask->kind == 0 || ask->kind > BH_MEDIATION_KINDS || ask->linkage > BH_LINKAGES) {
		bh_deciding_reject(d, BH_REASON_FIELD, "there is no such kind or linkage");
		return;
	}
	if (d->before->mediation_state == BH_MEDIATION_OPEN ||
		d->before->mediation_state == BH_MEDIATION_AGREED) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it is mediated already");
		return;
	}
	after->mediations++;
	d->out->mediation = (struct bh_mediation){
		.number = d->before->number,
		.ordinal = after->mediations,
		.state = BH_MEDIATION_OPEN,
		.kind = ask->kind,
		.linkage = ask->linkage,
		.unit = d->before->unit,
		.tier = d->before->tier,
		.cycle = d->before->cycle,
		.opened_by = d->command->person,
		.opened_ms = d->standing->now_ms,
	};
	mediation_accept(d);
}

static bool mediation_is_open(struct bh_deciding *d)
{
	if (d->before->mediation_state == BH_MEDIATION_OPEN)
		return mediation_take(d, "no mediation is open");
	return bh_deciding_refuse(d, BH_REASON_GUARD, "no mediation is open");
}

void bh_decide_session(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_mediation *mediation = &d->out->mediation;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !mediation_is_open(d))
		return;
	if (command->reason_code == BH_SITTING_NONE || command->reason_code >= BH_SITTING_COUNT ||
		command->dispute.present == 0) {
		bh_deciding_reject(
			d, BH_REASON_FIELD, "a session says who was there and what it came to");
		return;
	}
	mediation->sessions++;
	mediation->present = command->dispute.present;
	mediation->session = command->reason_code;
	mediation->session_ms = command->source == BH_SOURCE_DEVICE ? d->out->captured_ms
								    : d->standing->now_ms;
	mediation_accept(d);
}

static bool agreement_fits(struct bh_deciding *d)
{
	const struct bh_dispute_ask *ask = &d->command->dispute;
	int64_t now_ms = d->standing->now_ms, before_ms = now_ms;
	if (ask->agreement.len == 0 || ask->agreement.len > AGREEMENT_BYTES_MAX)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "an agreement has a number");
	if (ask->amount_fen < 0 || ask->amount_fen > AMOUNT_FEN_MAX)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "the amount is out of range");
	if (ask->dates > BH_PERFORMANCES_MAX)
		return bh_deciding_refuse(
			d, BH_REASON_FIELD, "an agreement has eight dates at most");
	for (uint32_t i = 0; i < ask->dates; i++) {
		if (ask->due_ms[i] <= before_ms || ask->due_ms[i] > now_ms + DATES_MS_MAX)
			return bh_deciding_refuse(d, BH_REASON_FIELD,
				"dates of performance lie ahead, in order, within ten years");
		before_ms = ask->due_ms[i];
	}
	return true;
}

void bh_decide_conclude(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	const struct bh_dispute_ask *ask = &command->dispute;
	struct bh_mediation *mediation = &d->out->mediation;
	bool agreed = command->reason_code == BH_MEDIATION_END_AGREED;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !mediation_is_open(d))
		return;
	if (!agreed && command->reason_code != BH_MEDIATION_END_FAILED) {
		bh_deciding_reject(d, BH_REASON_FIELD, "a mediation ends agreed or failed");
		return;
	}
	if (agreed && !agreement_fits(d))
		return;
	mediation->state = agreed ? BH_MEDIATION_AGREED : BH_MEDIATION_FAILED;
	mediation->ended_ms = d->standing->now_ms;
	mediation->ended_by = command->person;
	if (agreed) {
		mediation->amount_fen = ask->amount_fen;
		mediation->dates = ask->dates;
		for (uint32_t i = 0; i < ask->dates; i++)
			mediation->due_ms[i] = ask->due_ms[i];
		d->out->after.owed += ask->dates;
	}
	mediation_accept(d);
}

/* ---- Performance ---- */

/* Asked before its day, or again: an answer stands until it is kept. */
void bh_decide_perform(struct bh_deciding *d)
{
	uint32_t result = d->command->reason_code, date = d->command->dispute.date;
	struct bh_mediation *mediation = &d->out->mediation;
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) ||
		!mediation_take(d, "nothing was agreed"))
		return;
	if (date == 0 || date > mediation->dates || result < BH_PERFORMANCE_DONE ||
		result > BH_PERFORMANCE_NOT) {
		bh_deciding_reject(d, BH_REASON_FIELD, "the agreement has no such date or result");
		return;
	}
	uint32_t *known = &mediation->result[date - 1];
	if (*known == BH_PERFORMANCE_DONE) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it was performed already");
		return;
	}
	after->owed -= *known == BH_PERFORMANCE_OPEN;
	after->unkept -= *known > BH_PERFORMANCE_DONE;
	after->unkept += result > BH_PERFORMANCE_DONE;
	*known = result;
	mediation_accept(d);
}

/* By the clock: told to who mediated; after three days of silence to the tier's desk. */
void bh_decide_perform_due(struct bh_deciding *d)
{
	struct bh_mediation *mediation = &d->out->mediation;
	uint32_t date = d->command->dispute.date - 1, bit = 1u << date;
	*mediation = *d->standing->mediation; /* or it would not be due */
	bool again = (mediation->asked & bit) != 0;
	if (again) {
		mediation->chased |= bit;
	} else {
		mediation->asked |= bit;
		mediation->chase_ms[date] = bh_limit_due(
			bh_rules_calendar(d->rules), chase_limit, d->standing->now_ms, 0);
	}
	mediation_accept(d);
	d->out->reason = (enum bh_reason)(again ? 2 : 1); /* as the verb says */
}

uint32_t bh_mediation_asked(const struct bh_command *command, const struct bh_case *cased)
{
	bool dated = command->verb == BH_VERB_PERFORM || command->verb == BH_VERB_PERFORM_DUE;
	uint32_t named = dated ? command->dispute.mediation : 0;
	return named != 0 ? named : cased->mediations;
}

bool bh_mediation_command(
	const struct bh_mediation *mediation, int64_t now_ms, struct bh_command *out)
{
	uint32_t date;
	int64_t at_ms;
	if (!bh_mediation_due(mediation, &date, &at_ms) || at_ms > now_ms)
		return false;
	bool again = (mediation->asked & 1u << date) != 0;
	*out = (struct bh_command){
		.source = BH_SOURCE_CLOCK,
		.verb = BH_VERB_PERFORM_DUE,
		.log_short = BH_LOG_CLOCK,
		.alarm = again ? BH_ALARM_PERFORM_CHASE : BH_ALARM_PERFORM_DUE,
		.alarm_due_ms = at_ms,
		.case_number = mediation->number,
		.dispute = {.mediation = mediation->ordinal, .date = date + 1},
	};
	return true;
}

bool bh_mediation_command_is_due(
	const struct bh_standing *standing, const struct bh_command *command)
{
	struct bh_command due;
	return standing->mediation != NULL &&
	       bh_mediation_command(standing->mediation, standing->now_ms, &due) &&
	       due.alarm == command->alarm && due.alarm_due_ms == command->alarm_due_ms &&
	       due.dispute.date == command->dispute.date;
}
