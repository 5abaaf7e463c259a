/* The working week with its holidays and make-up days, and arithmetic in working time: when is an
 * amount of work used up, and how much lies between two instants.
 *
 *   Mon        08     12  14         18              Sun
 *   ├──────────███████──███████████──── ... ──────────┤ and again
 *
 *        holiday: no work            make-up (调休): works as another weekday
 *
 * Instants are milliseconds since 1970-01-01T00:00:00Z, may be negative, and know no leap seconds
 * (as POSIX).  Local time is UTC plus a fixed offset: China has had no summer time since 1991.
 * A period is half-open, [from, to).  Everything is O(periods + log overrides), over whatever span
 * of weeks.  Holidays and make-up days override single local days; the version names the pair
 * (week, overrides). */
#ifndef BH_PROTO_CALENDAR_H
#define BH_PROTO_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BH_CALENDAR_PERIODS_MAX 56u        /* eight a day */
#define BH_CALENDAR_OFFSET_MIN_MAX 840     /* UTC+14 and UTC-14 */
#define BH_CALENDAR_MS_MAX 253402300799999 /* 9999-12-31T23:59:59.999Z; and as much before 1970 */
#define BH_CALENDAR_NEVER INT64_MAX
/* Local days since 1970-01-01: from 0001-01-01 to 9999-12-30, whole in range at every offset. */
#define BH_CALENDAR_DAY_MIN (-719162)
#define BH_CALENDAR_DAY_MAX 2932895
/* A hundred years of some forty holidays and make-up days a year, or eleven of every single day. */
#define BH_CALENDAR_DAYS_MAX 4096u

/* As WorkPeriod of the profile. */
struct bh_work_period {
	uint32_t weekday;  /* 1 Monday .. 7 Sunday */
	uint32_t from_min; /* of the local day, 0 .. 1439 */
	uint32_t to_min;   /* from_min < to_min <= 1440: 24:00 is a legal end (zammad #3180) */
};

/* One day that is not as the week says. */
struct bh_calendar_day {
	int32_t day;       /* since 1970-01-01 */
	uint32_t weekday;  /* whose periods are worked; 0: a holiday */
	int64_t before_ms; /* C (calendar.c) where the day begins */
	int64_t shift_ms;  /* by how much C is ahead of the bare week's from the day's end on */
};

/* A checked week, by value, with days in room that outlives it; nothing to free.  Fill it with the
 * functions below only. */
struct bh_calendar {
	uint32_t version;
	int32_t offset_min;
	uint32_t due_divisor; /* tests of real programs: work and time to walk are divided by it; 0:
				 1 */
	uint32_t spans_count;
	int64_t week_work_ms;
	struct bh_calendar_span {
		int64_t from_ms, to_ms; /* since the local week's Monday 00:00 */
		int64_t before_ms;      /* working time of the week before from_ms */
	} spans[BH_CALENDAR_PERIODS_MAX];
	struct bh_calendar_day *days; /* sorted, each day once; borrowed */
	uint32_t days_count;
	uint32_t days_max;
};

/* Periods in any order.  BH_ERR_INVALID: none at all, one out of range, two that overlap (touching
 * is fine), an offset out of range; *bad, if not NULL, is then the period's number (or count).
 * BH_ERR_LIMIT: more than BH_CALENDAR_PERIODS_MAX. */
int bh_calendar_build(uint32_t version, int32_t offset_min, const struct bh_work_period *periods,
	size_t count, struct bh_calendar *out, size_t *bad);

/* Monday to Friday, 8-12 and 14-18 (domain.md finding 2), at an offset in range. */
struct bh_calendar bh_calendar_default(int32_t offset_min);

/* Where a calendar's days go: borrowed for as long as it, and every copy of it, is used. */
void bh_calendar_give_room(
	struct bh_calendar *calendar, struct bh_calendar_day *room, uint32_t days_max);

/* Overrides one local day: weekday 0 is a holiday, else the day works as that weekday of the week
 * does (调休).  Days may come in any order; those in order cost no more than a search.
 * BH_ERR_INVALID: the day or the weekday is out of range; BH_ERR_NOT_FOUND: that weekday has no
 * periods; BH_ERR_EXISTS: the day has an override; BH_ERR_LIMIT: no room.  Nothing was done then.
 */
int bh_calendar_add_day(struct bh_calendar *calendar, int32_t day, uint32_t weekday);

/* What that refused, as a constant English clause. */
const char *bh_calendar_day_fault(int err);

/* 1 Monday .. 7 Sunday, of a local day since 1970-01-01. */
uint32_t bh_calendar_weekday(int32_t day);

/* The first weekday that has periods: as this one a make-up day works where nothing else is said.
 */
uint32_t bh_calendar_first_weekday(const struct bh_calendar *calendar);

/* The first instant at or after start_ms by which work_ms of working time have passed since then:
 *   work 0 (or less)         -> start_ms itself, also at night
 *   ends on a period's end   -> that end, not the next period's start
 * BH_CALENDAR_NEVER where start or result lie outside +-BH_CALENDAR_MS_MAX. */
int64_t bh_calendar_walk(const struct bh_calendar *calendar, int64_t start_ms, int64_t work_ms);

/* Working time in [a_ms, b_ms); negative where b is before a.  Instants are cut to
 * +-BH_CALENDAR_MS_MAX.  between(s, walk(s, x)) == x for every x >= 0. */
int64_t bh_calendar_between(const struct bh_calendar *calendar, int64_t a_ms, int64_t b_ms);

bool bh_calendar_is_working(const struct bh_calendar *calendar, int64_t at_ms);

/* The first instant at or after at_ms that lies in a period: reminders wait for it (zammad #4432).
 * BH_CALENDAR_NEVER as above. */
int64_t bh_calendar_next_working(const struct bh_calendar *calendar, int64_t at_ms);

#endif
