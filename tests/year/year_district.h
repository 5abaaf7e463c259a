/* The district of the year: a county of townships of three villages of nine grids, with its units,
 * people and calendar; types, unit kinds and classes are those of demo_rules.h.  All made up.
 *
 *   township k ── three villages in a row ── each three grids by three, each .01 degree wide
 */
#ifndef BH_TESTS_YEAR_YEAR_DISTRICT_H
#define BH_TESTS_YEAR_YEAR_DISTRICT_H

#include "tests/unit/domain/demo_rules.h"

#define YEAR_START_MS INT64_C(1767196800000) /* 2026-01-01, 00:00 in UTC+8 */
#define YEAR_START_DAY 20454
#define YEAR_GRIDS 27u /* of a township */
#define YEAR_TOWNSHIPS_MAX 13u
#define YEAR_WORKERS_MAX (YEAR_TOWNSHIPS_MAX * YEAR_GRIDS)

/* Area ids. */
#define YEAR_COUNTY 1u
#define YEAR_TOWNSHIP(k) (11u + (k))
#define YEAR_VILLAGE(v) (101u + (v))
#define YEAR_GRID(g) (1001u + (g))
#define YEAR_WORKER(g) (5001u + (g))

/* Units: the county's are those of demo_rules.h, a township's its own. */
#define YEAR_UNITS_OF 4u
#define YEAR_DESK(k) (200u + (k))
#define YEAR_CLEAN(k) (220u + (k))
#define YEAR_POLICE(k) (240u + (k))
#define YEAR_MEDIATION(k) (260u + (k))
/* Shift leaders of the county's desk: by day on work days, by day on the others, at night. */
#define YEAR_LEADERS 3u
#define YEAR_LEADER(n) (61u + (n))
#define YEAR_ROSTER_DESK BH_DEMO_DESK_COUNTY
/* Members of the public who report: one a township, with a handset and no other post. */
#define YEAR_PUBLIC(k) (4900u + (k))
#define YEAR_ASSETS 40u /* manhole covers, every other one the gas company's */
#define YEAR_MARK_BYTES 16u
#define YEAR_TIER(unit) (4000u + (unit)) /* a township desk's: people and posts are one number */

struct year_district;

/* townships: 1..YEAR_TOWNSHIPS_MAX.  Asserts. */
struct year_district *year_district_make(uint32_t townships);
void year_district_free(struct year_district *district);
const struct bh_msg_profile *year_district_profile(const struct year_district *district);
/* The second half of the year's holidays is published. */
void year_district_publish(struct year_district *district);
/* Of what is published up to a day of the year: holidays on days that would be worked, and make-up
 * days. */
void year_district_off(
	const struct year_district *district, uint32_t days, uint32_t *holidays, uint32_t *make_up);

/* ---- year_change.c: what changes in the course of a year ---- */
enum year_change {
	YEAR_CHANGE_WORKERS, /* of two neighbouring grids change places; another catalogue */
	YEAR_CHANGE_DUTY,    /* a period of heightened duty is announced */
	YEAR_CHANGE_ROUTES,  /* one rule goes, another comes */
	YEAR_CHANGE_BORDER,  /* between two grids */
	YEAR_CHANGE_UNIT,    /* one is dissolved */
	YEAR_CHANGE_POSTS,   /* two handlers change units */
	YEAR_CHANGE_OWNERS,  /* of components; some are gone */
	YEAR_CHANGES,
};
/* n: the how manieth change; day: since 1970-01-01.  Gives of what kind it is, beside the workers'.
 */
enum year_change year_district_change(struct year_district *district, uint32_t n, int32_t day);
/* The first of the two grids whose workers change places with it. */
uint32_t year_district_swapped(const struct year_district *district, uint32_t n);
/* Who is handler of a unit now. */
uint32_t year_district_handler(const struct year_district *district, uint32_t unit);
/* A component's mark. */
struct bh_span year_district_mark(const struct year_district *district, uint32_t n);
uint32_t year_district_units(const struct year_district *district, uint32_t *units, uint32_t max);
/* Somewhere in a grid. */
void year_district_place(uint32_t g, uint32_t draw, int32_t *latitude_e7, int32_t *longitude_e7);

#endif
