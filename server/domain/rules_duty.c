/* What a case begins with: the version of the rules, the local day, and the period of heightened
 * duty that the day lies in.
 *
 *   ──┬───────────────────────┬────▶ days
 *     from_day, 00:00         the end of to_day
 *
 * It stays so, whatever changes meanwhile, until another cycle begins. */
#include "server/domain/routing.h"
#include "server/domain/rules_body.h"

void bh_rules_check_duty(const struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (size_t i = 0; i < profile->duty_periods_count; i++) {
		const struct bh_msg_duty_period *period = &profile->duty_periods[i];
		if (period->id == 0 || bh_rules_duty(rules, period->id) != period)
			bh_fault_add(list, "duty_periods", i, "its name stands there twice");
		if (period->from_day == 0 || period->to_day < period->from_day)
			bh_fault_add(list, "duty_periods", i, "it ends before it begins");
		if (period->dispatch_limit_min > BH_LIMIT_VALUE_MAX ||
			(period->dispatch_limit_min != 0 &&
				period->dispatch_limit_min <= rules->settings.dispatch_margin_min))
			bh_fault_add(list, "duty_periods", i,
				"its dispatch limit is not longer than the margin, or too long");
	}
}

const struct bh_msg_duty_period *bh_rules_duty_period(const struct bh_rules *rules, int32_t day)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (size_t i = 0; i < profile->duty_periods_count; i++) {
		const struct bh_msg_duty_period *period = &profile->duty_periods[i];
		if (day >= period->from_day && day <= period->to_day)
			return period;
	}
	return NULL;
}

const struct bh_msg_duty_period *bh_rules_duty(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (size_t i = 0; id != 0 && i < profile->duty_periods_count; i++)
		if (profile->duty_periods[i].id == id)
			return &profile->duty_periods[i];
	return NULL;
}

struct bh_route_ask bh_rules_ask_at(const struct bh_rules *rules, int64_t at_ms)
{
	int32_t day = bh_rules_day(rules, at_ms);
	return (struct bh_route_ask){.version = rules->profile.routes_version,
		.day = day,
		.heightened = bh_rules_duty_period(rules, day) != NULL};
}

void bh_case_rules_begin(const struct bh_rules *rules, struct bh_case *cased, int64_t at_ms)
{
	int32_t day = bh_rules_day(rules, at_ms);
	const struct bh_msg_duty_period *period = bh_rules_duty_period(rules, day);
	cased->rules = rules->profile.routes_version;
	cased->rules_day = day;
	cased->duty = period == NULL ? 0 : period->id;
}

struct bh_route_ask bh_case_route_ask(const struct bh_case *cased)
{
	return (struct bh_route_ask){
		.type = cased->type,
		.condition = cased->condition,
		.area = cased->area,
		.version = cased->rules,
		.day = cased->rules_day,
		.heightened = cased->duty != 0,
		.asset = cased->asset,
	};
}
