/* Five instants of one clock, in order, and then calls; the case keeps the highest that was told
 * of.
 *
 *   told of: 50      now
 *   ──┬──────────────┼───┬────▶ 80 is next: it is told of once its instant has come, in working
 *     50             │   80    hours.  After a downtime past 80 and 100, 100 alone is. */
#include "server/domain/threshold.h"

#include "server/domain/checking.h"
#include "server/domain/routing.h"

#define HOUR_MS ((int64_t)60 * 60000)

static const struct {
	enum bh_threshold threshold;
	uint32_t percent; /* of the limit */
	uint32_t hours;   /* after it, on the plain clock */
} thresholds[] = {
	{BH_THRESHOLD_NOTE, BH_LIMIT_NOTE_PERCENT, 0},
	{BH_THRESHOLD_YELLOW, BH_LIMIT_YELLOW_PERCENT, 0},
	{BH_THRESHOLD_RED, BH_LIMIT_RED_PERCENT, 0},
	{BH_THRESHOLD_DAY, BH_LIMIT_RED_PERCENT, 24},
	{BH_THRESHOLD_MISS, BH_LIMIT_RED_PERCENT, 72},
};

#define THRESHOLDS_COUNT (sizeof(thresholds) / sizeof(thresholds[0]))

int64_t bh_case_limit_ms(const struct bh_rules *rules, const struct bh_case *cased, bool *works)
{
	struct bh_limit limit;
	if (cased->limit_ms != 0) {
		*works = cased->limit_works != 0;
		return cased->limit_ms;
	}
	limit = bh_case_limit_by_rules(rules, cased);
	*works = bh_limit_is_working(limit);
	return bh_limit_ms(limit);
}

int64_t bh_case_limit_whole_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool works;
	int64_t limit_ms = bh_case_limit_ms(rules, cased, &works);
	return (cased->halved != 0 ? limit_ms / 2 : limit_ms) + cased->extensions * limit_ms;
}

int64_t bh_case_clock_from_ms(const struct bh_case *cased)
{
	return cased->clock_from_ms != 0 ? cased->clock_from_ms : cased->dispatched_ms;
}

static int64_t instant(const struct bh_rules *rules, const struct bh_case *cased, size_t at)
{
	const struct bh_calendar *calendar = bh_rules_calendar(rules);
	bool works;
	(void)bh_case_limit_ms(rules, cased, &works);
	if (thresholds[at].percent < BH_LIMIT_RED_PERCENT) {
		/* Whole minutes, or half of them, so a per cent is whole milliseconds. */
		int64_t share_ms = bh_case_limit_whole_ms(rules, cased) / 100 *
				   thresholds[at].percent;
		int64_t at_ms = bh_length_due(
			calendar, works, bh_case_clock_from_ms(cased), share_ms - cased->used_ms);
		/* Never after the limit, also where that was decided under another calendar. */
		return at_ms < cased->disposal_due_ms ? at_ms : cased->disposal_due_ms;
	}
	return bh_length_due(
		calendar, false, cased->disposal_due_ms, thresholds[at].hours * HOUR_MS);
}

/* Where a unit has the case and its time passes; a tier that is being moved up has none. */
static bool disposal_runs(const struct bh_case *cased)
{
	return cased->disposal_due_ms != 0 &&
	       (cased->state == BH_STATE_DISPATCHED || cased->state == BH_STATE_HANDLING ||
		       cased->state == BH_STATE_RETURNING || cased->state == BH_STATE_REWORK);
}

int64_t bh_case_threshold_ms(
	const struct bh_rules *rules, const struct bh_case *cased, enum bh_threshold threshold)
{
	if (!disposal_runs(cased))
		return BH_CALENDAR_NEVER;
	for (size_t i = 0; i < THRESHOLDS_COUNT; i++)
		if (thresholds[i].threshold == threshold)
			return instant(rules, cased, i);
	return BH_CALENDAR_NEVER;
}

static bool waits_for_work(const struct bh_case *cased)
{
	return cased->urgency != 1;
}

int64_t bh_case_in_working_time(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms)
{
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 17
	if (at_ms != BH_CALENDAR_NEVER && waits_for_work(cased))
		at_ms = bh_calendar_next_working(bh_rules_calendar(rules), at_ms);
#endif
	return at_ms;
}

/* When it may be told of. */
static int64_t told_at(const struct bh_rules *rules, const struct bh_case *cased, size_t at)
{
	return bh_case_in_working_time(rules, cased, instant(rules, cased, at));
}

/* The call after so many: 3 days past the limit twice, four times, eight times ... */
static int64_t call_at(const struct bh_rules *rules, const struct bh_case *cased, uint32_t calls)
{
	int64_t after_ms = thresholds[THRESHOLDS_COUNT - 1].hours * HOUR_MS;
	return bh_case_in_working_time(rules, cased,
		bh_length_due(bh_rules_calendar(rules), false, cased->disposal_due_ms,
			after_ms * bh_call_limits(calls + 1)));
}

uint32_t bh_case_overdue_calls_by(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms)
{
	return bh_calls_by(call_at, rules, cased, cased->overdue_calls, now_ms);
}

/* All was told of: the next call, if its time passes. */
static enum bh_threshold call_next(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	if (!disposal_runs(cased))
		return BH_THRESHOLD_NONE;
	int64_t call_ms = call_at(rules, cased, cased->overdue_calls);
	if (call_ms == BH_CALENDAR_NEVER)
		return BH_THRESHOLD_NONE;
	*at_ms = call_ms;
	return BH_THRESHOLD_AGAIN;
}

/* The first that was not told of; THRESHOLDS_COUNT: none. */
static size_t first_left(const struct bh_case *cased)
{
	size_t at = 0;
	if (!disposal_runs(cased))
		return THRESHOLDS_COUNT;
	while (at < THRESHOLDS_COUNT && cased->warned >= (uint32_t)thresholds[at].threshold)
		at++;
	return at;
}

/* The last that may be told of by then, from one on; *at_ms is that one's. */
static size_t last_by(const struct bh_rules *rules, const struct bh_case *cased, size_t first,
	int64_t by_ms, int64_t *at_ms)
{
	size_t last = first;
	for (size_t i = first + 1; i < THRESHOLDS_COUNT; i++) {
		int64_t next_ms = told_at(rules, cased, i);
		if (next_ms > by_ms)
			break;
		last = i;
		*at_ms = next_ms;
	}
	return last;
}

enum bh_threshold bh_case_warning(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	size_t first = first_left(cased);
	*at_ms = 0;
	if (first == THRESHOLDS_COUNT)
		return call_next(rules, cased, at_ms);
	int64_t first_ms = told_at(rules, cased, first), last_ms;
	if (first_ms == BH_CALENDAR_NEVER)
		return BH_THRESHOLD_NONE;
	*at_ms = first_ms;
	return thresholds[last_by(rules, cased, first, first_ms, &last_ms)].threshold;
}

enum bh_threshold bh_case_warning_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms)
{
	size_t first = first_left(cased);
	int64_t at_ms = BH_CALENDAR_NEVER;
	enum bh_threshold threshold = BH_THRESHOLD_NONE;
	*due_ms = 0;
	if (first == THRESHOLDS_COUNT)
		threshold = call_next(rules, cased, &at_ms);
	else
		at_ms = told_at(rules, cased, first);
	if (at_ms > now_ms)
		return BH_THRESHOLD_NONE;
	if (first < THRESHOLDS_COUNT)
		threshold = thresholds[last_by(rules, cased, first, now_ms, &at_ms)].threshold;
	if (threshold >= BH_THRESHOLD_RED && !punishes)
		return BH_THRESHOLD_NONE;
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 17
	/* It was missed in working hours: the next ones do. */
	if (waits_for_work(cased) && !bh_calendar_is_working(bh_rules_calendar(rules), now_ms))
		return BH_THRESHOLD_NONE;
#endif
	*due_ms = at_ms;
	return threshold;
}

uint32_t bh_case_warning_unit(
	const struct bh_rules *rules, const struct bh_case *cased, enum bh_threshold threshold)
{
	uint32_t desk = 0;
	if (threshold < BH_THRESHOLD_DAY)
		return cased->unit;
	if (threshold == BH_THRESHOLD_DAY)
		desk = bh_rules_desk_above(rules, cased->unit);
	return desk != 0 ? desk : bh_rules_desk(rules, bh_rules_county(rules), 0);
}

void bh_case_warn_again(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms)
{
	uint32_t warned = BH_THRESHOLD_NONE;
	if (!disposal_runs(cased))
		return;
	for (size_t i = 0; i < THRESHOLDS_COUNT; i++) {
		bool told = cased->warned >= (uint32_t)thresholds[i].threshold;
		if (told && instant(rules, cased, i) <= now_ms)
			warned = thresholds[i].threshold;
	}
	if (warned == cased->warned)
		return;
	cased->warned = warned;
	cased->overdue_calls = 0;
	cased->warned_unit = warned == BH_THRESHOLD_NONE ? 0
							 : bh_case_warning_unit(rules, cased,
								   (enum bh_threshold)warned);
}
