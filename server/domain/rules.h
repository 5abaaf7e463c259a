/* A district's rules in memory: areas, units, posts, routes, catalogue, limits and the working
 * week. */
#ifndef BH_DOMAIN_RULES_H
#define BH_DOMAIN_RULES_H

#include "proto/calendar.h"
#include "proto/limit.h"
#include "proto/limits.h"
#include "proto/message.h"

/* Unknown owner: what is of no known type is handled as this (domain.md, Routing 5). */
#define BH_TYPE_UNKNOWN_OWNER 40006u
/* Where a type has no urgency or no limit to go by. */
#define BH_URGENCY_DEFAULT 3u
#define BH_LIMIT_DEFAULT ((struct bh_limit){.value = 5, .unit = BH_LIMIT_WORK_DAY})

struct bh_rules; /* immutable once built: shared by readers and the writer, reference counted */

/* One thing that is wrong with a profile, by where it stands. */
struct bh_profile_fault {
	const char *list; /* "areas", "units", "routes" ... */
	size_t index;
	const char *what; /* a constant English clause */
};

/* Builds from a decoded profile, which may be released afterwards.  BH_ERR_INVALID with every fault
 * found (at most faults_max; *faults_count tells how many there were): a parent that is missing or
 * forms a ring, no county or two, a bad polygon, a unit in no area, a route to an unknown kind, a
 * county without a desk (there must be a last backstop), a duplicate id or code ... or
 * BH_ERR_NOMEM. */
int bh_rules_build(const struct bh_msg_profile *profile, struct bh_profile_fault *faults,
	size_t faults_max, size_t *faults_count, struct bh_rules **out);
/* Tests of the real programs only: every limit of these rules is divided by it from now on.  Before
 * the rules are shared. */
void bh_rules_divide_dues(struct bh_rules *rules, uint32_t divisor);
/* What its samples are drawn by (sample.h); zero until it is said. */
void bh_rules_sample_by(struct bh_rules *rules, const uint8_t secret[BH_SALT_BYTES]);
struct bh_rules *bh_rules_ref(struct bh_rules *rules);
void bh_rules_unref(struct bh_rules *rules);
/* The rules of a district that has no profile yet: nothing but defaults. */
int bh_rules_empty(struct bh_rules **out);

/* Borrowed for the life of the rules; NULL when there is none. */
const struct bh_msg_area *bh_rules_area(const struct bh_rules *rules, uint32_t id);
const struct bh_msg_unit *bh_rules_unit(const struct bh_rules *rules, uint32_t id);
/* There is no such unit any more, or it is dissolved: a case that it has is in nobody's hands. */
bool bh_rules_unit_is_gone(const struct bh_rules *rules, uint32_t id);
const struct bh_msg_unit *bh_rules_unit_by_code(const struct bh_rules *rules, struct bh_span code);
const struct bh_msg_person *bh_rules_person(const struct bh_rules *rules, uint32_t id);
const struct bh_msg_person *bh_rules_person_by_code(
	const struct bh_rules *rules, struct bh_span code);
const struct bh_msg_catalogue_type *bh_rules_type(const struct bh_rules *rules, uint32_t code);
/* With defaults where the profile says 0 (offset 0 is UTC+8, too: districts are Chinese). */
#define BH_RETENTION_DAYS_MAX 36500u
const struct bh_msg_settings *bh_rules_settings(const struct bh_rules *rules);
const struct bh_calendar *bh_rules_calendar(const struct bh_rules *rules);
/* calendar_mark.h, of that. */
uint32_t bh_rules_calendar_mark(const struct bh_rules *rules);
const struct bh_msg_profile *bh_rules_profile(const struct bh_rules *rules);
/* A patrol's plan; NULL when there is none. */
const struct bh_msg_patrol *bh_rules_patrol(const struct bh_rules *rules, uint32_t id);
/* The county's id; 0 without a profile. */
uint32_t bh_rules_county(const struct bh_rules *rules);
/* A person's posts: pointers into the rules, at most BH_POSTS_MAX; gives how many. */
size_t bh_rules_posts(const struct bh_rules *rules, uint32_t person,
	const struct bh_msg_post *posts[BH_POSTS_MAX]);
/* Has he any of them, in force or not, in that unit? */
bool bh_rules_is_of_unit(const struct bh_rules *rules, uint32_t person, uint32_t unit);
/* The posts of a role that are held now for this very area, and those of a unit whose roles are
 * among these (1u << enum bh_role): in the profile's order, at most max; give how many. */
size_t bh_rules_posts_of_area(const struct bh_rules *rules, int64_t now_ms, uint32_t role,
	uint32_t area, const struct bh_msg_post **posts, size_t max);
/* Of those of an area, whom a case of this type may be told to (0: any). */
size_t bh_rules_trusted_of_area(const struct bh_rules *rules, int64_t now_ms, uint32_t role,
	uint32_t area, uint32_t type, const struct bh_msg_post **posts, size_t max);
size_t bh_rules_posts_of_unit(const struct bh_rules *rules, int64_t now_ms, uint32_t unit,
	uint32_t roles, const struct bh_msg_post **posts, size_t max);
/* Whoever holds a post of these in a unit handles its cases: else it has nobody. */
#define BH_ROLES_HANDLE                                                              \
	(1u << BH_ROLE_UNIT_LEAD | 1u << BH_ROLE_TIER_DESK | 1u << BH_ROLE_HANDLER | \
		1u << BH_ROLE_MEDIATOR)
/* Does anybody who handles cases hold a post in it on a local day? */
bool bh_rules_unit_has_people(const struct bh_rules *rules, uint32_t unit, int32_t day);
/* The first instant, from the beginning of a local day on, from which nobody of them does;
 * INT64_MAX: never.  Where the first of them comes later, what was before him is not asked: those
 * whom he follows are no more in the profile. */
int64_t bh_rules_unit_left_ms(const struct bh_rules *rules, uint32_t unit, int32_t day);
/* Those of them that are in force at an instant, by the local day. */
size_t bh_rules_posts_now(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	const struct bh_msg_post *posts[BH_POSTS_MAX]);
bool bh_rules_post_in_force(
	const struct bh_rules *rules, const struct bh_msg_post *post, int64_t now_ms);
/* The first instant at which it is over; INT64_MAX: it has no last day. */
int64_t bh_rules_post_end_ms(const struct bh_rules *rules, const struct bh_msg_post *post);
/* Whether it is for cases of this type; one of no known type is of 40006's class. */
bool bh_rules_post_is_for(
	const struct bh_rules *rules, const struct bh_msg_post *post, uint32_t type);
/* How a type of the catalogue is guarded: numbers of its level. */
enum bh_privacy_level {
	BH_PRIVACY_PUBLIC = 0,
	BH_PRIVACY_SEALED = 1,
	BH_PRIVACY_CONSENT = 2, /* opened as a case with the consent of a party only */
	BH_PRIVACY_RESTRICTED = 3,
};
bool bh_rules_is_restricted(const struct bh_rules *rules, uint32_t type);
/* Sealed, or guarded more: its words are for whom it concerns, or for a purpose (rights.h). */
bool bh_rules_is_sealed(const struct bh_rules *rules, uint32_t type);
bool bh_rules_needs_consent(const struct bh_rules *rules, uint32_t type);
/* Whether a post, by its area, has to do with cases of this type.  Of a restricted one those at a
 * desk have whose posts name its class, the shift leader, who stands in for all of them, and the
 * privacy officer: nobody of the grid, and nobody who only reads. */
bool bh_rules_post_is_trusted(
	const struct bh_rules *rules, const struct bh_msg_post *post, uint32_t type);
/* Days of the district's own calendar since 1970-01-01, and when one of them begins. */
int32_t bh_rules_day(const struct bh_rules *rules, int64_t now_ms);
int64_t bh_rules_day_begin_ms(const struct bh_rules *rules, int32_t day);
/* True when inner is outer or lies under it in the tree. */
bool bh_rules_area_within(const struct bh_rules *rules, uint32_t inner, uint32_t outer);

/* ---- Place (domain.md Routing 1): as it came -> WGS-84 -> grid and smallest area ---- */
struct bh_placing {
	int32_t latitude_e7; /* WGS-84 */
	int32_t longitude_e7;
	uint32_t grid; /* base grid, or the special grid that wins for the class; 0 */
	uint32_t area; /* grid, else the smallest area that holds the point, else the county */
	bool marked; /* outside every grid: the nearest within settings.nearest_grid_m was taken */
};
/* 0, or BH_ERR_INVALID for an unknown datum or a coordinate out of range. */
int bh_rules_place(const struct bh_rules *rules, int32_t latitude_e7, int32_t longitude_e7,
	uint32_t datum, uint32_t type, struct bh_placing *out);

/* The desk of the smallest area that has one, from this area upwards, other than one unit (0: any);
 * where only that one is left, itself.  0 only when the district has no desk. */
uint32_t bh_rules_desk(const struct bh_rules *rules, uint32_t area, uint32_t except);
/* The desk that has what no rule leads anywhere (兜底): that one; of a restricted type the
 * county's, since no desk below may see it. */
uint32_t bh_rules_backstop(
	const struct bh_rules *rules, uint32_t type, uint32_t area, uint32_t except);

/* ---- Who goes there ---- */
struct bh_worker_ask {
	uint32_t area;        /* of the case */
	uint32_t type;        /* likewise: of those whose posts are for its class */
	int64_t now_ms;       /* ... and in force */
	uint32_t named;       /* this person and nobody else; 0: anybody */
	uint32_t except;      /* never this person */
	uint32_t except_too;  /* nor this one */
	uint32_t except_unit; /* nor anybody of this unit */
	uint64_t turn;        /* of several that are equally near, who */
};
/* Has this person a post of field work, whenever? */
bool bh_rules_is_field_worker(const struct bh_rules *rules, uint32_t person);
/* The nearest field worker: in the grid, else in its village and so on, a worker before a leader.
 * No positions of people are kept (S4-21), so that near is by posts.  Person, or 0. */
uint32_t bh_rules_worker(const struct bh_rules *rules, const struct bh_worker_ask *ask);

/* ---- Who is on duty: desks' rosters (Entities: Shift).  A row names a desk, a person, days and
 * hours; an end that is not after its beginning is of the next day. ---- */
enum bh_shift_days {
	BH_SHIFT_ANY_DAY = 0,
	BH_SHIFT_WORK_DAYS = 1, /* also a make-up day (调休) */
	BH_SHIFT_REST_DAYS = 2, /* holidays and days without hours of work */
	BH_SHIFT_DAYS_COUNT = 3,
};
enum bh_duty {
	BH_DUTY_OFF,  /* the roster names the holder, for other hours */
	BH_DUTY_OPEN, /* no roster of these days does: counts as on duty */
	BH_DUTY_ON,
};
/* By the rosters of the post's own unit and of desks whose area its area lies in. */
enum bh_duty bh_rules_post_duty(
	const struct bh_rules *rules, const struct bh_msg_post *post, int64_t at_ms);
/* Of posts that are equally good those whose holders are on duty, in front and in order: gives how
 * many; where nobody is, all of them (never silence). */
size_t bh_rules_on_duty(const struct bh_rules *rules, const struct bh_msg_post **posts,
	size_t count, int64_t at_ms);
bool bh_rules_shift_holds(
	const struct bh_rules *rules, const struct bh_msg_shift *shift, int64_t at_ms);
/* Whether a desk's person may hand over for it: a shift leader whose area holds the desk's. */
bool bh_rules_leads_shift(
	const struct bh_rules *rules, uint32_t unit, uint32_t person, int64_t at_ms);
/* The next instant after this one at which a leader of a desk goes off duty and somebody else, or
 * nobody, is on; BH_CALENDAR_NEVER: none within eight days, or it has no roster with leaders. */
int64_t bh_rules_shift_end(const struct bh_rules *rules, uint32_t unit, int64_t after_ms);
/* Desks that have a roster, by id: the next after this one (0 at first); 0: no more. */
uint32_t bh_rules_rostered(const struct bh_rules *rules, uint32_t after_unit);

/* A time for which a roster names nobody. */
struct bh_shift_gap {
	uint32_t unit;
	int64_t from_ms, to_ms;
	bool leader; /* somebody is there, but no shift leader */
};
/* Of every roster from this instant's day, or from when it begins after that, to its last day, at
 * most 400 days; gives how many there are, of which the first max are in out. */
size_t bh_rules_shift_gaps(
	const struct bh_rules *rules, int64_t from_ms, struct bh_shift_gap *out, size_t max);

/* ---- Clocks ---- */
/* The disposal limit of a type under a condition (0: the type's default).  TIER is the village
 * tier's days. */
struct bh_limit bh_rules_disposal_limit(
	const struct bh_rules *rules, uint32_t type, uint32_t condition);
/* Disputes (rules_dispute.c; domain.md, Routing 7).  Which tier a grade goes to, by the district's
 * table or else 1, 2, 3; 0 for no grade. */
bool bh_rules_is_dispute(const struct bh_rules *rules, uint32_t type);
uint32_t bh_rules_grade_tier(const struct bh_rules *rules, uint32_t grade);
/* The unit that a dispute's grade and industry name; 0: neither does. */
uint32_t bh_rules_dispute_unit(
	const struct bh_rules *rules, uint32_t type, uint32_t area, uint32_t grade, int64_t now_ms);
/* This desk, or the first above it whose tier is no lower than a grade's, or the highest. */
uint32_t bh_rules_desk_of_grade(const struct bh_rules *rules, uint32_t desk, uint32_t grade);
/* The desk that an area lies in, of the highest tier below this one; 0: there is none. */
uint32_t bh_rules_desk_below(const struct bh_rules *rules, uint32_t area, uint32_t tier);
/* The same with a unit of this tier of a dispute (1 village, 2 township, 3 county): 3, 7 and 15
 * natural days (domain.md, Clock model).  Tier 0, or a type whose limit is none of tiers: the
 * limit itself. */
struct bh_limit bh_rules_tier_limit(
	const struct bh_rules *rules, uint32_t type, uint32_t condition, uint32_t tier);
/* The tier at which a unit stands, by the area it is of; 0 for no such unit. */
uint32_t bh_rules_unit_tier(const struct bh_rules *rules, uint32_t unit);
/* The desk of the next tier above a unit's; 0: there is none. */
uint32_t bh_rules_desk_above(const struct bh_rules *rules, uint32_t unit);
/* The margin, reminders and limit of the dispatch clock, as instants from its start. */
struct bh_dispatch_clock {
	int64_t remind_50_ms;
	int64_t remind_80_ms;
	int64_t margin_ms; /* INT64_MAX where automatic dispatch is off for the class */
	int64_t limit_ms;
};
void bh_rules_dispatch_clock(const struct bh_rules *rules, uint32_t type, int64_t start_ms,
	struct bh_dispatch_clock *out);
/* Whether the clock itself dispatches such a case at the margin.  An unknown type is of 40006's
 * class. */
bool bh_rules_dispatches_itself(const struct bh_rules *rules, uint32_t type);
int64_t bh_rules_margin_length_ms(const struct bh_rules *rules);
/* Whether the acceptor closes only what a field worker has looked at (row 19): P1, rework and
 * repeats always, and of the others the settings' share, by their number. */
bool bh_rules_check_is_needed(
	const struct bh_rules *rules, uint64_t number, uint32_t urgency, bool again);
/* How many photos a handset's result of such a case shows at least (row 18). */
uint32_t bh_rules_evidence(const struct bh_rules *rules, uint32_t type);
/* Whether a field worker may put such a case right on the spot (row 8). */
bool bh_rules_self_disposes(const struct bh_rules *rules, uint32_t type, uint32_t urgency);
enum bh_sample {
	BH_SAMPLE_CHECK, /* before closing (row 19; of what was put right on the spot, row 8) */
	BH_SAMPLE_AUDIT, /* after the clock closed it (row 33) */
};
/* Whether a case falls into a sample of so many per cent: by its number and the district's secret,
 * the same for ever. */
bool bh_rules_is_sampled(
	const struct bh_rules *rules, enum bh_sample sample, uint64_t number, uint32_t percent);
/* Whether the clock may close such a case at the limit (row 33): where the settings do not keep its
 * class for people; never P1, never disputes, never what is restricted. */
bool bh_rules_may_close_by_limit(const struct bh_rules *rules, uint32_t type, uint32_t urgency);

#endif
