/* Where a desk's roster changes, and where it names nobody.  What a roster says is the same from
 * one of its rows' hours to the next, on every day: so it is asked there and nowhere between.
 *
 *   00:00      08:00            16:00             24:00
 *   ├─ night ───┼──── day ───────┼──── late ───────┤      three cuts a day
 */
#include "proto/caseflow.h"
#include "server/domain/rules_body.h"

#define DAY_MIN 1440u
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define END_DAYS 8
#define GAP_DAYS_MAX 400

/* A desk's rows, by shifts_by_unit. */
struct roster {
	const struct bh_rules *rules;
	uint32_t unit;
	size_t first, end;
	bool led;                  /* it names a shift leader */
	uint8_t cuts[DAY_MIN / 8]; /* minutes at which something may change */
};

static const struct bh_msg_shift *row_at(const struct roster *roster, size_t i)
{
	return &roster->rules->profile.shifts[roster->rules->shifts_by_unit[i]];
}

static void cut_add(struct roster *roster, uint32_t minute)
{
	minute %= DAY_MIN;
	roster->cuts[minute / 8] = (uint8_t)(roster->cuts[minute / 8] | 1u << minute % 8);
}

static struct roster roster_of(const struct bh_rules *rules, uint32_t unit)
{
	struct roster roster = {.rules = rules, .unit = unit};
	size_t count = rules->profile.shifts_count;
	while (roster.first < count && row_at(&roster, roster.first)->unit < unit)
		roster.first++;
	roster.end = roster.first;
	while (roster.end < count && row_at(&roster, roster.end)->unit == unit) {
		cut_add(&roster, row_at(&roster, roster.end)->from_min);
		cut_add(&roster, row_at(&roster, roster.end)->to_min);
		roster.end++;
	}
	if (roster.end > roster.first)
		cut_add(&roster, 0); /* days of work and of rest begin at midnight */
	return roster;
}

static bool is_cut(const struct roster *roster, uint32_t minute)
{
	return (roster->cuts[minute / 8] >> minute % 8 & 1) != 0;
}

static int64_t instant_of(const struct roster *roster, int64_t day, uint32_t minute)
{
	return day * DAY_MS +
	       ((int64_t)minute - roster->rules->settings.utc_offset_min) * MINUTE_MS;
}

uint32_t bh_rules_rostered(const struct bh_rules *rules, uint32_t after_unit)
{
	for (size_t i = 0; i < rules->profile.shifts_count; i++) {
		uint32_t unit = rules->profile.shifts[rules->shifts_by_unit[i]].unit;
		if (unit > after_unit)
			return unit;
	}
	return 0;
}

bool bh_rules_leads_shift(
	const struct bh_rules *rules, uint32_t unit, uint32_t person, int64_t at_ms)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	const struct bh_msg_unit *desk = bh_rules_unit(rules, unit);
	size_t count = bh_rules_posts_now(rules, person, at_ms, posts);
	for (size_t i = 0; desk != NULL && i < count; i++)
		if (posts[i]->role == BH_ROLE_SHIFT_LEADER &&
			bh_rules_area_within(rules, desk->area, posts[i]->area))
			return true;
	return false;
}

/* ---- The end of a shift ---- */

static bool leads_at(const struct roster *roster, uint32_t person, int64_t at_ms)
{
	for (size_t i = roster->first; i < roster->end; i++) {
		const struct bh_msg_shift *shift = row_at(roster, i);
		if (shift->person == person && bh_rules_shift_holds(roster->rules, shift, at_ms))
			return bh_rules_leads_shift(roster->rules, roster->unit, person, at_ms);
	}
	return false;
}

static bool leader_goes(const struct roster *roster, int64_t at_ms)
{
	for (size_t i = roster->first; i < roster->end; i++) {
		const struct bh_msg_shift *shift = row_at(roster, i);
		if (bh_rules_shift_holds(roster->rules, shift, at_ms - 1) &&
			bh_rules_leads_shift(
				roster->rules, roster->unit, shift->person, at_ms - 1) &&
			!leads_at(roster, shift->person, at_ms))
			return true;
	}
	return false;
}

int64_t bh_rules_shift_end(const struct bh_rules *rules, uint32_t unit, int64_t after_ms)
{
	struct roster roster = roster_of(rules, unit);
	int64_t day = bh_rules_day(rules, after_ms);
	if (roster.first == roster.end)
		return BH_CALENDAR_NEVER;
	for (int64_t last = day + END_DAYS; day <= last; day++)
		for (uint32_t minute = 0; minute < DAY_MIN; minute++) {
			int64_t at_ms = instant_of(&roster, day, minute);
			if (at_ms > after_ms && is_cut(&roster, minute) &&
				leader_goes(&roster, at_ms))
				return at_ms;
		}
	return BH_CALENDAR_NEVER;
}

/* ---- Gaps ---- */

struct gaps {
	struct bh_shift_gap *out;
	size_t max, count;
	bool begun;
	struct bh_shift_gap open; /* from_ms == to_ms: none */
};

static void gap_close(struct gaps *gaps)
{
	if (gaps->open.from_ms < gaps->open.to_ms) {
		if (gaps->count < gaps->max)
			gaps->out[gaps->count] = gaps->open;
		gaps->count++;
	}
	gaps->open = (struct bh_shift_gap){.unit = 0};
}

static void gap_reach(struct gaps *gaps, const struct bh_shift_gap *next)
{
	bool goes_on = gaps->open.unit == next->unit && gaps->open.leader == next->leader &&
		       gaps->open.to_ms == next->from_ms;
	if (goes_on) {
		gaps->open.to_ms = next->to_ms;
		return;
	}
	gap_close(gaps);
	gaps->open = *next;
}

/* Who is there at an instant. */
static void presence_at(const struct roster *roster, int64_t at_ms, bool *somebody, bool *leader)
{
	*somebody = false;
	*leader = !roster->led;
	for (size_t i = roster->first; i < roster->end && !(*somebody && *leader); i++) {
		const struct bh_msg_shift *shift = row_at(roster, i);
		if (!bh_rules_shift_holds(roster->rules, shift, at_ms))
			continue;
		*somebody = true;
		*leader = *leader ||
			  bh_rules_leads_shift(roster->rules, roster->unit, shift->person, at_ms);
	}
}

/* From cut to cut.  Before a roster has begun nobody is missed. */
static void day_look(const struct roster *roster, int64_t day, struct gaps *gaps)
{
	for (uint32_t minute = 0, next; minute < DAY_MIN; minute = next) {
		bool somebody = false, leader = false;
		next = minute + 1;
		while (next < DAY_MIN && !is_cut(roster, next))
			next++;
		struct bh_shift_gap gap = {.unit = roster->unit,
			.from_ms = instant_of(roster, day, minute),
			.to_ms = instant_of(roster, day, next)};
		presence_at(roster, gap.from_ms, &somebody, &leader);
		gap.leader = somebody;
		gaps->begun = gaps->begun || somebody;
		if (gaps->begun && !(somebody && leader))
			gap_reach(gaps, &gap);
	}
}

static void roster_look(struct roster *roster, int64_t from_day, struct gaps *gaps)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	for (size_t i = roster->first; i < roster->end; i++) {
		const struct bh_msg_shift *shift = row_at(roster, i);
		int64_t to_day = shift->to_day == 0 ? INT64_MAX : shift->to_day;
		int64_t day = shift->from_day == 0 ? from_day : shift->from_day;
		first = day < first ? day : first;
		last = to_day > last ? to_day : last;
		roster->led = roster->led || bh_rules_leads_shift(roster->rules, roster->unit,
						     shift->person, instant_of(roster, day, 0));
	}
	gaps->begun = first < from_day;
	first = first < from_day ? from_day : first;
	last = last > first + GAP_DAYS_MAX ? first + GAP_DAYS_MAX : last;
	for (int64_t day = first; day <= last; day++)
		day_look(roster, day, gaps);
	gap_close(gaps);
}

size_t bh_rules_shift_gaps(
	const struct bh_rules *rules, int64_t from_ms, struct bh_shift_gap *out, size_t max)
{
	struct gaps gaps = {.out = out, .max = max};
	uint32_t unit = 0;
	while ((unit = bh_rules_rostered(rules, unit)) != 0) {
		struct roster roster = roster_of(rules, unit);
		roster_look(&roster, bh_rules_day(rules, from_ms), &gaps);
	}
	return gaps.count;
}
