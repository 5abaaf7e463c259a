/* Which limits and thresholds a case has: the catalogue's limits by condition, and the dispatch
 * clock.
 *
 *   start ──────── 50 % ──────── 80 % ── margin ── limit ──▶
 *                dispatcher    shift     clock     breach
 *                reminded      leader    dispatches
 */
#include "proto/self_dispose.h"
#include "server/domain/routing.h"
#include "server/domain/rules_body.h"
#include "server/domain/sample.h"

#define MINUTE_MS 60000

uint32_t bh_rules_class(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	if (known == NULL)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	return known == NULL ? 0 : known->class;
}

struct bh_limit bh_rules_disposal_limit(
	const struct bh_rules *rules, uint32_t type, uint32_t condition)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	if (known == NULL)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	if (known == NULL)
		return BH_LIMIT_DEFAULT;
	struct bh_msg_limit limit = known->limit;
	/* The limit hangs on the filing condition, not on the type (domain.md, finding 1). */
	for (size_t i = 0; i < known->conditions_count; i++) {
		if (known->conditions[i].id == condition)
			limit = known->conditions[i].limit;
	}
	return (struct bh_limit){.value = limit.value, .unit = limit.unit};
}

struct bh_limit bh_rules_tier_limit(
	const struct bh_rules *rules, uint32_t type, uint32_t condition, uint32_t tier)
{
	static const uint32_t days[] = {0, 0, 7, 15};
	struct bh_limit limit = bh_rules_disposal_limit(rules, type, condition);
	if (limit.unit == BH_LIMIT_TIER && tier >= 2 && tier < sizeof(days) / sizeof(days[0]))
		limit.value = days[tier];
	return limit;
}

bool bh_rules_dispatches_itself(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_settings *settings = &rules->settings;
	if (settings->automatic_off)
		return false;
	uint32_t class = bh_rules_class(rules, type);
	for (size_t i = 0; i < settings->automatic_off_classes_count; i++) {
		if (settings->automatic_off_classes[i] == class)
			return false;
	}
	return true;
}

int64_t bh_rules_margin_length_ms(const struct bh_rules *rules)
{
	int64_t length_ms = (int64_t)rules->settings.dispatch_margin_min * MINUTE_MS;
	return rules->calendar.due_divisor > 1 ? length_ms / rules->calendar.due_divisor
					       : length_ms;
}

/* S1-28: stricter on days of heightened duty, where their period says so. */
static uint32_t dispatch_limit_min(const struct bh_rules *rules, int64_t start_ms)
{
	int32_t day = bh_rules_day(rules, start_ms);
	const struct bh_msg_duty_period *period = bh_rules_duty_period(rules, day);
	if (period != NULL && period->dispatch_limit_min != 0)
		return period->dispatch_limit_min;
	return rules->settings.dispatch_limit_min;
}

void bh_rules_dispatch_clock(const struct bh_rules *rules, uint32_t type, int64_t start_ms,
	struct bh_dispatch_clock *out)
{
	struct bh_limit limit = {
		.value = dispatch_limit_min(rules, start_ms),
		.unit = BH_LIMIT_URGENT_MINUTE,
	};
	const struct bh_calendar *calendar = &rules->calendar;
	*out = (struct bh_dispatch_clock){
		.remind_50_ms = bh_limit_threshold(
			calendar, limit, start_ms, 0, BH_LIMIT_NOTE_PERCENT),
		.remind_80_ms = bh_limit_threshold(
			calendar, limit, start_ms, 0, BH_LIMIT_YELLOW_PERCENT),
		.margin_ms = INT64_MAX,
		.limit_ms = bh_limit_due(calendar, limit, start_ms, 0),
	};
	if (bh_rules_dispatches_itself(rules, type))
		out->margin_ms = out->limit_ms - bh_rules_margin_length_ms(rules);
}

bool bh_rules_may_close_by_limit(const struct bh_rules *rules, uint32_t type, uint32_t urgency)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	for (size_t i = 0; known != NULL && i < settings->close_by_clock_off_classes_count; i++)
		if (settings->close_by_clock_off_classes[i] == known->class)
			return false;
	/* Row 33: where the class allows it; never P1, never disputes, and never what we do not
	 * know. */
	return known != NULL && urgency != 1 && known->urgency != 1 && !known->dispute &&
	       known->privacy != BH_PRIVACY_RESTRICTED;
}

bool bh_rules_check_is_needed(
	const struct bh_rules *rules, uint64_t number, uint32_t urgency, bool again)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	return urgency == 1 || again ||
	       (!settings->check_sampling_off && bh_rules_is_sampled(rules, BH_SAMPLE_CHECK, number,
							 settings->check_percent));
}

bool bh_rules_is_sampled(
	const struct bh_rules *rules, enum bh_sample sample, uint64_t number, uint32_t percent)
{
	/* No number of a case has its highest bit. */
	uint64_t drawn = sample == BH_SAMPLE_AUDIT ? number | UINT64_C(1) << 63 : number;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 78
	drawn = number;
#endif
	return bh_sample_hash(rules->sample_secret, drawn) % 100 < percent;
}

uint32_t bh_rules_evidence(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	return known == NULL || rules->settings.evidence_off ? 0 : known->photos_min;
}

bool bh_rules_self_disposes(const struct bh_rules *rules, uint32_t type, uint32_t urgency)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	return urgency != 1 &&
	       bh_type_self_disposes(bh_rules_type(rules, type), settings->self_dispose_classes,
		       settings->self_dispose_classes_count);
}
