/* Who is on duty at which desk, now or at an instant that is asked for, and what the rosters say.
 */
#include <string.h>

#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

/* False: answered. */
static bool desk_read(struct bh_exchange *x, uint32_t *out)
{
	const char *code = bh_target_parameter(&x->target, "desk");
	const struct bh_msg_unit *unit;
	if (!code)
		return true;
	unit = bh_rules_unit_by_code(x->rules, bh_span(code, strlen(code)));
	if (!unit) {
		bh_answer_error(x, 404, "unit", "there is no such desk", "bihuan units");
		return false;
	}
	*out = unit->id;
	return true;
}

static bool at_read(struct bh_exchange *x, int64_t *out)
{
	const char *text = bh_target_parameter(&x->target, "at");
	if (!text || bh_time_parse(text, bh_rules_settings(x->rules)->utc_offset_min, out))
		return true;
	bh_answer_error(x, 400, "parameter", "at is no instant",
		"as in at=2026-12-07T20:00:00%2B08:00, or a date");
	return false;
}

static json_t *duty_json(
	const struct bh_rules *rules, const struct bh_msg_shift *shift, int64_t at_ms)
{
	const struct bh_msg_person *person = bh_rules_person(rules, shift->person);
	struct bh_span none = {NULL, 0};
	return json_pack("{s:o, s:o, s:o, s:b}", "desk", bh_unit_code(rules, shift->unit), "person",
		bh_json_span(person ? person->code : none), "name",
		bh_json_span(person ? person->name : none), "leader",
		bh_rules_leads_shift(rules, shift->unit, shift->person, at_ms));
}

void bh_route_roster(struct bh_exchange *x)
{
	const struct bh_rules *rules = x->rules;
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	int64_t at_ms = x->district->district_ms;
	uint32_t desk = 0;
	if (!desk_read(x, &desk) || !at_read(x, &at_ms))
		return;
	json_t *duty = json_array(), *shifts = json_array();
	for (size_t i = 0; i < profile->shifts_count; i++) {
		const struct bh_msg_shift *shift = &profile->shifts[i];
		if (desk && shift->unit != desk)
			continue;
		shifts = bh_items_add(shifts, bh_shift_json(rules, shift));
		if (bh_rules_shift_holds(rules, shift, at_ms))
			duty = bh_items_add(duty, duty_json(rules, shift, at_ms));
	}
	bh_answer_json(x, 200,
		json_pack("{s:o, s:o, s:o, s:o}", "at", bh_exchange_time(x, at_ms), "on_duty", duty,
			"shifts", shifts, "gaps", bh_shift_gaps_json(rules, at_ms)));
}
