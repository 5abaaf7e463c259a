/* Who is on duty by a desk's roster.
 *
 *   day ──▶ of its first to last, of its kind of days, of its weekdays ──▶ hours
 *                                                              22:00 ── 24:00 ── 06:00
 *                                                              today    ╵  the day before's
 *
 * A night is of the day on which it begins, whatever day the next one is.  A roster says who is off
 * duty only for the days that it is of: before and behind, everybody counts as without one.
 *
 * On a day of heightened duty a desk's rows for it hold instead of its others, which hold again on
 * the day after; a desk without such rows goes on as ever. */
#include <stdlib.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/domain/routing.h"
#include "server/domain/rules_body.h"

#define DAY_MIN 1440
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define WEEKDAYS 0x7fu
#define SHIFTS_MAX 20000u

/* ---- One row ---- */

static bool day_works(const struct bh_rules *rules, int64_t day)
{
	int64_t from_ms = day * DAY_MS - (int64_t)rules->settings.utc_offset_min * MINUTE_MS;
	return bh_calendar_between(&rules->calendar, from_ms, from_ms + DAY_MS) > 0;
}

static bool is_between(const struct bh_msg_shift *shift, int64_t day)
{
	return (shift->from_day == 0 || day >= shift->from_day) &&
	       (shift->to_day == 0 || day <= shift->to_day);
}

/* The first of a desk's or a person's rows, as they are indexed; shifts_count: none. */
static size_t first_of(const struct bh_rules *rules, bool of_desk, uint32_t id)
{
	const uint32_t *order = of_desk ? rules->shifts_by_unit : rules->shifts_by_person;
	size_t from = 0, upto = rules->profile.shifts_count;
	while (from < upto) {
		size_t middle = from + (upto - from) / 2;
		const struct bh_msg_shift *shift = &rules->profile.shifts[order[middle]];
		if ((of_desk ? shift->unit : shift->person) < id)
			from = middle + 1;
		else
			upto = middle;
	}
	return from;
}

/* Has its desk rows for this day of heightened duty? */
static bool desk_switches(const struct bh_rules *rules, uint32_t unit, int64_t day)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (size_t i = first_of(rules, true, unit); i < profile->shifts_count; i++) {
		const struct bh_msg_shift *shift = &profile->shifts[rules->shifts_by_unit[i]];
		if (shift->unit != unit)
			break;
		if (shift->heightened && is_between(shift, day))
			return true;
	}
	return false;
}

static bool is_of_period(
	const struct bh_rules *rules, const struct bh_msg_shift *shift, int64_t day)
{
	bool heightened = bh_rules_duty_period(rules, (int32_t)day) != NULL;
	if (shift->heightened)
		return heightened;
	return !heightened || !desk_switches(rules, shift->unit, day);
}

static bool is_of_day(const struct bh_rules *rules, const struct bh_msg_shift *shift, int64_t day)
{
	if (!is_between(shift, day) || !is_of_period(rules, shift, day))
		return false;
	if (shift->weekdays != 0 &&
		(shift->weekdays >> (bh_calendar_weekday((int32_t)day) - 1) & 1) == 0)
		return false;
	return shift->days == BH_SHIFT_ANY_DAY ||
	       (shift->days == BH_SHIFT_WORK_DAYS) == day_works(rules, day);
}

bool bh_rules_shift_holds(
	const struct bh_rules *rules, const struct bh_msg_shift *shift, int64_t at_ms)
{
	int64_t day = bh_rules_day(rules, at_ms);
	int64_t local_ms = at_ms + (int64_t)rules->settings.utc_offset_min * MINUTE_MS;
	int64_t minute = (local_ms - day * DAY_MS) / MINUTE_MS;
	bool over = shift->to_min <= shift->from_min;
	if (minute >= shift->from_min && (over || minute < shift->to_min))
		return is_of_day(rules, shift, day);
	return over && minute < shift->to_min && is_of_day(rules, shift, day - 1);
}

/* ---- Checks and indices ---- */

static void shift_check(const struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_shift *shift = &rules->profile.shifts[index];
	if (bh_rules_unit(rules, shift->unit) == NULL)
		bh_fault_add(list, "shifts", index, "its desk is missing");
	if (bh_rules_person(rules, shift->person) == NULL)
		bh_fault_add(list, "shifts", index, "its person is missing");
	if (shift->from_day != 0 && shift->to_day != 0 && shift->from_day > shift->to_day)
		bh_fault_add(list, "shifts", index, "it ends before it begins");
	if (shift->from_min >= DAY_MIN || shift->to_min > DAY_MIN)
		bh_fault_add(list, "shifts", index, "its hours are out of range");
	if (shift->days >= BH_SHIFT_DAYS_COUNT || shift->weekdays > WEEKDAYS)
		bh_fault_add(list, "shifts", index, "its days are unknown");
}

/* qsort knows no context: what is sorted carries its key. */
struct ranked {
	uint32_t key, at;
};

static int ranked_compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static uint32_t *index_make(struct bh_rules *rules, bool by_unit)
{
	const struct bh_msg_profile *profile = &rules->profile;
	size_t count = profile->shifts_count;
	struct ranked *ranks = bh_arena_array(&rules->arena, count + 1, sizeof(*ranks));
	uint32_t *order = bh_arena_array(&rules->arena, count + 1, sizeof(*order));
	if (ranks == NULL || order == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		ranks[i] = (struct ranked){
			by_unit ? profile->shifts[i].unit : profile->shifts[i].person, i};
	qsort(ranks, count, sizeof(*ranks), ranked_compare);
	for (size_t i = 0; i < count; i++)
		order[i] = ranks[i].at;
	return order;
}

int bh_rules_check_shifts(struct bh_rules *rules, struct bh_fault_list *list)
{
	if (rules->profile.shifts_count > SHIFTS_MAX)
		bh_fault_add(list, "shifts", SHIFTS_MAX, "a district's rosters have more rows");
	for (size_t i = 0; i < rules->profile.shifts_count; i++)
		shift_check(rules, i, list);
	rules->shifts_by_person = index_make(rules, false);
	rules->shifts_by_unit = index_make(rules, true);
	return rules->shifts_by_person == NULL || rules->shifts_by_unit == NULL ? BH_ERR_NOMEM : 0;
}

/* ---- Duty ---- */

static bool is_for(const struct bh_rules *rules, const struct bh_msg_shift *shift,
	const struct bh_msg_post *post)
{
	const struct bh_msg_unit *desk = bh_rules_unit(rules, shift->unit);
	return shift->unit == post->unit ||
	       (desk != NULL && bh_rules_area_within(rules, post->area, desk->area));
}

/* Whether an instant's day lies between the first day and the last for which rows name a person:
 * rows for heightened duty say nothing of other days. */
struct span {
	int64_t first, last;
};

static void span_widen(struct span *span, const struct bh_msg_shift *shift)
{
	int64_t last = shift->to_day == 0 ? INT64_MAX : shift->to_day;
	int64_t first = shift->from_day == 0 ? INT64_MIN : shift->from_day;
	span->first = first < span->first ? first : span->first;
	span->last = last > span->last ? last : span->last;
}

enum bh_duty bh_rules_post_duty(
	const struct bh_rules *rules, const struct bh_msg_post *post, int64_t at_ms)
{
	const struct bh_msg_profile *profile = &rules->profile;
	struct span span = {INT64_MAX, INT64_MIN};
	int64_t day = bh_rules_day(rules, at_ms);
	bool heightened = bh_rules_duty_period(rules, (int32_t)day) != NULL;
	for (size_t i = first_of(rules, false, post->person); i < profile->shifts_count; i++) {
		const struct bh_msg_shift *shift = &profile->shifts[rules->shifts_by_person[i]];
		if (shift->person != post->person)
			break;
		if (!is_for(rules, shift, post))
			continue;
		if (bh_rules_shift_holds(rules, shift, at_ms))
			return BH_DUTY_ON;
		if (heightened || !shift->heightened)
			span_widen(&span, shift);
	}
	return day >= span.first && day <= span.last ? BH_DUTY_OFF : BH_DUTY_OPEN;
}

size_t bh_rules_on_duty(
	const struct bh_rules *rules, const struct bh_msg_post **posts, size_t count, int64_t at_ms)
{
	size_t kept = 0;
	if (rules->profile.shifts_count == 0)
		return count;
	for (size_t i = 0; i < count; i++) {
		const struct bh_msg_post *post = posts[i];
		if (bh_rules_post_duty(rules, post, at_ms) != BH_DUTY_ON)
			continue;
		posts[i] = posts[kept];
		posts[kept++] = post;
	}
	return kept > 0 ? kept : count;
}
