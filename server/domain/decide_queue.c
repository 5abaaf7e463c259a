/* What a desk does with a case that waits for a unit: file (4), dispatch (9; 29 by the clock),
 * refuse (5), refer (7), void (28), and redirect (30), which corrects a dispatch.
 *
 *   particulars (type, condition, urgency, place) first: they choose the limit and the unit. */
#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"
#include "server/domain/ending.h"
#include "server/domain/routing.h"

static bool place_correct(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	struct bh_placing placing;
	if (!command->has_place)
		return true;
	if (bh_rules_place(d->rules, command->latitude_e7, command->longitude_e7, command->datum,
		    after->type, &placing) != 0) {
		bh_deciding_reject(d, BH_REASON_PLACE, NULL);
		return false;
	}
	after->has_place = 1;
	after->latitude_e7 = placing.latitude_e7;
	after->longitude_e7 = placing.longitude_e7;
	after->grid = placing.grid;
	after->area = placing.area;
	after->place_marked = placing.marked;
	return true;
}

/* The grid that the desk names, or its word that there is none (S4-16). */
static bool grid_correct(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	const struct bh_msg_area *area = bh_rules_area(d->rules, command->area);
	if (command->area != 0) {
		if (area == NULL ||
			(area->kind != BH_AREA_GRID && area->kind != BH_AREA_SPECIAL_GRID)) {
			bh_deciding_reject(d, BH_REASON_FIELD, "it is no grid");
			return false;
		}
		if (after->grid != 0 && after->grid != area->id) {
			bh_deciding_reject(
				d, BH_REASON_GUARD, "its place lies in a grid: correct the place");
			return false;
		}
		after->grid = area->id;
		after->area = area->id;
		after->place_marked = 1;
	}
	after->outside = after->grid == 0 && (command->outside || after->outside != 0);
	return true;
}

bool bh_deciding_place_correct(struct bh_deciding *d)
{
	return place_correct(d) && grid_correct(d);
}

static bool condition_exists(const struct bh_msg_catalogue_type *type, uint32_t condition)
{
	for (size_t i = 0; type != NULL && i < type->conditions_count; i++) {
		if (type->conditions[i].id == condition)
			return true;
	}
	return false;
}

bool bh_deciding_type_correct(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	if (command->type != 0 && command->type != after->type) {
		const struct bh_msg_catalogue_type *type = bh_rules_type(d->rules, command->type);
		if (type == NULL) {
			bh_deciding_reject(d, BH_REASON_FIELD, "the catalogue has no such type");
			return false;
		}
		after->type = command->type;
		after->condition = 0;
		after->none_fits = 0;
		after->urgency = type->urgency;
	}
	if (command->none_fits) {
		after->condition = 0;
		after->none_fits = 1;
	}
	if (command->condition != 0) {
		if (!condition_exists(bh_rules_type(d->rules, after->type), command->condition)) {
			bh_deciding_reject(d, BH_REASON_FIELD, "the type has no such condition");
			return false;
		}
		after->condition = command->condition;
		after->none_fits = 0;
	}
	if (command->urgency > 4) {
		bh_deciding_reject(d, BH_REASON_FIELD, "urgency is 1 to 4");
		return false;
	}
	if (command->urgency != 0)
		after->urgency = command->urgency;
	return true;
}

/* The proposal follows what it was made from; else it stands, as it was decided. */
static bool particulars_correct(struct bh_deciding *d)
{
	const struct bh_case *after = &d->out->after;
	if (!bh_deciding_type_correct(d) || !bh_deciding_place_correct(d))
		return false;
	bh_deciding_asset(d);
	if (after->type != d->before->type || after->area != d->before->area ||
		after->condition != d->before->condition || after->asset != d->before->asset)
		bh_deciding_propose(d);
	return true;
}

bool bh_deciding_particulars_stand(struct bh_deciding *d)
{
	const struct bh_case *after = &d->out->after;
	const struct bh_msg_catalogue_type *type = bh_rules_type(d->rules, after->type);
	bool lacks = type != NULL && type->conditions_count > 0 && after->condition == 0 &&
		     after->none_fits == 0;
	if (lacks)
		bh_deciding_reject(d, BH_REASON_GUARD,
			"name the condition it is filed under, or say none of them");
	else if (after->grid == 0 && after->outside == 0)
		bh_deciding_reject(
			d, BH_REASON_GUARD, "it lies in no grid: name one, or say outside");
	else
		return true;
	return false;
}

void bh_decide_file(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !particulars_correct(d) || !bh_deciding_guards_hold(d))
		return;
	bh_deciding_accept_for(d);
	d->out->after.filed_by = d->command->person;
	bh_deciding_accept(d); /* the dispatch clock runs on: filing is part of the 30 minutes */
}

/* The unit that was named, else the one proposed.  0: the decision is made. */
static uint32_t unit_choose(struct bh_deciding *d)
{
	uint32_t unit = d->command->unit;
	if (unit == 0)
		unit = bh_case_unit_by_clock(d->rules, &d->out->after);
	if (unit != 0 && !bh_rules_unit_is_gone(d->rules, unit))
		return unit;
	bh_deciding_reject(d, BH_REASON_NO_UNIT, NULL);
	return 0;
}

/* Row 29: under the reporter's type or, where it is missing or unknown, 40006; by rule or to the
 * desk. */
static void dispatch_by_clock(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	uint32_t automatic = bh_case_is_immediate(d->rules, d->before) ? 2 : 1;
	uint32_t unit = bh_case_unit_by_clock(d->rules, d->before);
	if (bh_rules_type(d->rules, after->type) == NULL &&
		bh_rules_type(d->rules, BH_TYPE_UNKNOWN_OWNER) != NULL) {
		after->type = BH_TYPE_UNKNOWN_OWNER;
		after->condition = 0;
	}
	bh_assert(unit != 0); /* else no such alarm would be due */
	bh_deciding_hand_over(d, unit, automatic);
	bh_deciding_accept(d);
}

void bh_decide_dispatch(struct bh_deciding *d)
{
	if (!bh_deciding_may(d))
		return;
	if (d->command->source == BH_SOURCE_CLOCK) {
		dispatch_by_clock(d);
		return;
	}
	if (!particulars_correct(d) || !bh_deciding_guards_hold(d))
		return;
	uint32_t unit = unit_choose(d);
	if (unit == 0 || !bh_deciding_acceptor_name(d))
		return;
	bh_deciding_accept_for(d);
	bh_deciding_hand_over(d, unit, 0);
	d->out->after.dispatched_by = d->command->person;
	bh_deciding_accept(d);
}

/* Row 80: its unit is no more, or has not signed it, and a rule says whose it is then.  That is no
 * redirect of anybody's; the first unit's time and its lateness stay. */
static void redirect_by_clock(struct bh_deciding *d)
{
	bool unsigned_ = d->command->alarm == BH_ALARM_ESCALATE;
	uint32_t unit = unsigned_ ? bh_case_escalation(d->rules, d->before)
				  : bh_case_home(d->rules, d->before);
	bh_assert(unit != 0); /* else no such alarm would be due */
	bh_deciding_late(d);
	bh_deciding_hand_over(d, unit, 1);
	bh_deciding_accept(d);
}

/* Who asked for it may have said whose it is. */
static uint32_t redirect_choose(struct bh_deciding *d)
{
	uint32_t unit = d->before->asked_unit;
	bool said = d->command->unit == 0 && unit != 0 && !bh_rules_unit_is_gone(d->rules, unit);
	return said ? unit : unit_choose(d);
}

/* Nobody grants what he asked for, nor for his own unit. */
static bool redirect_is_apart(struct bh_deciding *d)
{
	if (d->before->asked != BH_ASK_REDIRECT)
		return true;
	if (d->before->asked_by == d->command->person)
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "another person than the one who asked decides");
	return bh_deciding_is_apart(d);
}

/* The first unit's time stays on its account, as its lateness does; both clocks start anew for the
 * next. */
void bh_decide_redirect(struct bh_deciding *d)
{
	if (d->command->source == BH_SOURCE_CLOCK) {
		if (bh_deciding_may(d))
			redirect_by_clock(d);
		return;
	}
	if (!bh_deciding_may(d) || !particulars_correct(d) || !bh_deciding_guards_hold(d))
		return;
	uint32_t unit = redirect_choose(d);
	if (unit == 0)
		return;
	if (unit == d->before->unit) {
		bh_deciding_reject(d, BH_REASON_GUARD, "the case is with this unit already");
		return;
	}
	if (!redirect_is_apart(d))
		return;
	bh_deciding_late(d);
	bh_deciding_hand_over(d, unit, 0);
	d->out->after.dispatched_by = d->command->person;
	d->out->after.redirects++;
	d->out->after.redirects_asked += d->before->asked == BH_ASK_REDIRECT;
	bh_deciding_accept(d);
}

/* Row 5: by a ground, and where it is somebody else's, by whose.  Row 7: to whom, and as what they
 * have it. */
static bool ending_fits(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	bool refuses = command->verb == BH_VERB_REFUSE, refers = command->verb == BH_VERB_REFER;
	uint32_t ground = refuses ? command->reason_code : BH_GROUND_NONE;
	if (refuses && bh_ground_name(ground) == NULL)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "a refusal has a ground, 1 to 10");
	if (command->channel >= BH_CHANNEL_COUNT)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "there is no such channel");
	if ((refers || bh_ground_needs_channel(ground)) && command->channel == BH_CHANNEL_NONE)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "it goes to a channel: name it");
	if (refers && (bh_span_is_blank(command->receipt) || !bh_span_is_line(command->receipt) ||
			      command->receipt.len > BH_RECEIPT_NUMBER_BYTES_MAX))
		return bh_deciding_refuse(d, BH_REASON_FIELD,
			"a referral keeps the receipt's number, a line of 64 bytes at most");
	if (refuses || refers) {
		d->out->after.ground = ground;
		d->out->after.channel = command->channel;
	}
	return true;
}

/* Refused, referred and void alike: an end, with the reason that the reporter reads (S4-4). */
void bh_decide_refuse(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !ending_fits(d))
		return;
	bh_deciding_leave(d);
	d->out->after.closed_ms = d->standing->now_ms;
	bh_deciding_accept(d);
}
