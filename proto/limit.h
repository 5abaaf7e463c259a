/* Limits in the catalogue's units, and the instants they lead to.  domain.md, Clock model:
 *   due = walk(calendar, start, limit - used)
 *
 *   start ──────────┬──────────────┬─────────────┬─────▶
 *               50 % note     80 % yellow    100 % red = due
 *
 * One function of history and rules: nothing is counted down, nothing is stored but an index. */
#ifndef BH_PROTO_LIMIT_H
#define BH_PROTO_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/calendar.h"

/* Values are frozen: they stand in catalogues and journals. */
enum bh_limit_unit {
	BH_LIMIT_URGENT_MINUTE = 1, /* continuous */
	BH_LIMIT_URGENT_HOUR = 2,   /* continuous */
	BH_LIMIT_WORK_HOUR = 3,     /* working periods only */
	BH_LIMIT_WORK_DAY = 4,      /* 8 hours of working periods, not the end of a date */
	BH_LIMIT_NATURAL_DAY = 5,   /* continuous, 24 hours */
	BH_LIMIT_TIER = 6,          /* natural days of one tier; each tier has its own clock */
};

#define BH_LIMIT_VALUE_MAX 100000u /* 69 days of minutes, 273 years of days */
#define BH_LIMIT_NOTE_PERCENT 50u
#define BH_LIMIT_YELLOW_PERCENT 80u
#define BH_LIMIT_RED_PERCENT 100u

struct bh_limit {
	uint32_t value;
	uint32_t unit; /* enum bh_limit_unit */
};

/* Unit known and value in range; 0 is a limit too: due at once. */
bool bh_limit_is_valid(struct bh_limit limit);

/* Does it count working periods only? */
bool bh_limit_is_working(struct bh_limit limit);

/* Its length in milliseconds on its own clock (working or continuous); 0 when not valid. */
int64_t bh_limit_ms(struct bh_limit limit);

/* The same for a length on either clock: when length_ms of it have passed since start_ms, and how
 * much of it passes between two instants.  Both as those of a limit. */
int64_t bh_length_due(
	const struct bh_calendar *calendar, bool works, int64_t start_ms, int64_t length_ms);
int64_t bh_length_used_ms(
	const struct bh_calendar *calendar, bool works, int64_t from_ms, int64_t to_ms);

/* What of the limit's own clock passes between two instants: the `used` of the next stretch. */
int64_t bh_limit_used_ms(
	const struct bh_calendar *calendar, struct bh_limit limit, int64_t from_ms, int64_t to_ms);

/* When the limit is used up, given that the clock (last) started at start_ms with used_ms of it
 * already used in earlier stretches.  Where nothing is left it is due at start_ms.
 * BH_CALENDAR_NEVER: a limit that is not valid, or instants past BH_CALENDAR_MS_MAX. */
int64_t bh_limit_due(const struct bh_calendar *calendar, struct bh_limit limit, int64_t start_ms,
	int64_t used_ms);

/* The same for a share of the limit: BH_LIMIT_NOTE_PERCENT, BH_LIMIT_YELLOW_PERCENT; up to 100. */
int64_t bh_limit_threshold(const struct bh_calendar *calendar, struct bh_limit limit,
	int64_t start_ms, int64_t used_ms, uint32_t percent);

#endif
