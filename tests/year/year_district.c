/* Filled table by table; the arrays are as long as the largest district needs. */
#include "tests/year/year_district_body.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/err.h"

#define WEST_E7 1170000000
#define SOUTH_E7 300000000
#define KIND_TOWNSHIP 1u /* of demo_rules.c's unit kinds */
#define KIND_CLEAN 2u
#define KIND_GAS 3u
#define KIND_POLICE 4u
#define KIND_MEDIATION 5u
#define KIND_WORKS 6u
#define DAY(month_first, day) (YEAR_START_DAY + (month_first) + (day)-1)
#define CHECKPOINTS 3u

/* Holidays, and what is worked for them; the second half of the list comes late. */
static const struct bh_msg_calendar_day days[] = {
	{.day = DAY(0, 1)},
	{.day = DAY(0, 2)},
	{.day = DAY(0, 4), .works = true},
	{.day = DAY(31, 14), .works = true},
	{.day = DAY(31, 16)},
	{.day = DAY(31, 17)},
	{.day = DAY(31, 18)},
	{.day = DAY(31, 19)},
	{.day = DAY(31, 20)},
	{.day = DAY(31, 28), .works = true},
	{.day = DAY(90, 6)},
	{.day = DAY(120, 1)},
	{.day = DAY(120, 4)},
	{.day = DAY(120, 5)},
	{.day = DAY(120, 9), .works = true},
	{.day = DAY(151, 19)},
	{.day = DAY(243, 20), .works = true},
	{.day = DAY(243, 25)},
	{.day = DAY(273, 1)},
	{.day = DAY(273, 2)},
	{.day = DAY(273, 5)},
	{.day = DAY(273, 6)},
	{.day = DAY(273, 7)},
	{.day = DAY(273, 10), .works = true},
};

#define DAYS_ALL (sizeof(days) / sizeof(days[0]))
#define DAYS_EARLY 15u

static const struct bh_msg_shift roster[] = {
	{YEAR_ROSTER_DESK, YEAR_LEADER(0), 0, 0, BH_SHIFT_WORK_DAYS, 0, 8 * 60, 20 * 60},
	{YEAR_ROSTER_DESK, YEAR_LEADER(1), 0, 0, BH_SHIFT_REST_DAYS, 0, 8 * 60, 20 * 60},
	{YEAR_ROSTER_DESK, YEAR_LEADER(2), 0, 0, BH_SHIFT_ANY_DAY, 0, 20 * 60, 8 * 60},
};

static struct bh_span code_write(char text[BH_DEMO_CODE], const char *prefix, uint32_t id)
{
	int len = snprintf(text, BH_DEMO_CODE, "%s%u", prefix, id);
	bh_assert(len > 0 && (unsigned)len < BH_DEMO_CODE);
	return bh_span(text, (size_t)len);
}

/* ---- Areas ---- */

/* A rectangle of cells. */
static void area_add(struct year_district *d, uint32_t id, uint32_t kind, uint32_t parent,
	const uint32_t cells[4])
{
	size_t at = d->profile.areas_count++;
	bh_assert(at < AREAS_MAX);
	int32_t west = WEST_E7 + (int32_t)cells[0] * CELL_E7;
	int32_t east = WEST_E7 + (int32_t)cells[1] * CELL_E7;
	int32_t south = SOUTH_E7 + (int32_t)cells[2] * CELL_E7;
	int32_t north = SOUTH_E7 + (int32_t)cells[3] * CELL_E7;
	const int32_t ring[BH_DEMO_RING] = {
		west, south, east, south, east, north, west, north, west, south};
	for (size_t i = 0; i < BH_DEMO_RING; i++)
		d->rings[at][i] = ring[i];
	d->areas[at] = (struct bh_msg_area){.id = id, .kind = kind, .parent = parent};
	d->areas[at].code = code_write(d->area_codes[at], "A", id);
	d->areas[at].name = d->areas[at].code;
	d->areas[at].ring_e7 = d->rings[at];
	d->areas[at].ring_e7_count = BH_DEMO_RING;
}

static void cell_of(uint32_t g, uint32_t *column, uint32_t *row)
{
	uint32_t village = g / (SIDE * SIDE), within = g % (SIDE * SIDE);
	*column = village % VILLAGES * SIDE + within % SIDE;
	*row = village / VILLAGES * SIDE + within / SIDE;
}

static void areas_fill(struct year_district *d)
{
	uint32_t villages = d->townships * VILLAGES, width = VILLAGES * SIDE;
	area_add(d, YEAR_COUNTY, BH_AREA_COUNTY, 0,
		(const uint32_t[]){0, width, 0, d->townships * SIDE});
	for (uint32_t k = 0; k < d->townships; k++)
		area_add(d, YEAR_TOWNSHIP(k), BH_AREA_TOWNSHIP, YEAR_COUNTY,
			(const uint32_t[]){0, width, k * SIDE, (k + 1) * SIDE});
	for (uint32_t v = 0; v < villages; v++) {
		uint32_t column = v % VILLAGES * SIDE, row = v / VILLAGES * SIDE;
		area_add(d, YEAR_VILLAGE(v), BH_AREA_VILLAGE, YEAR_TOWNSHIP(v / VILLAGES),
			(const uint32_t[]){column, column + SIDE, row, row + SIDE});
	}
	for (uint32_t g = 0; g < d->townships * YEAR_GRIDS; g++) {
		uint32_t column, row;
		cell_of(g, &column, &row);
		area_add(d, YEAR_GRID(g), BH_AREA_GRID, YEAR_VILLAGE(g / (SIDE * SIDE)),
			(const uint32_t[]){column, column + 1, row, row + 1});
	}
}

void year_district_place(uint32_t g, uint32_t draw, int32_t *latitude_e7, int32_t *longitude_e7)
{
	uint32_t column, row;
	cell_of(g, &column, &row);
	*longitude_e7 = WEST_E7 + (int32_t)(column * CELL_E7 + 1000 + draw % 98000);
	*latitude_e7 = SOUTH_E7 + (int32_t)(row * CELL_E7 + 1000 + draw / 98000 % 98000);
}

/* ---- Units and people ---- */

static void person_add(
	struct year_district *d, uint32_t id, uint32_t role, uint32_t unit, uint32_t area)
{
	size_t at = d->profile.people_count++;
	bh_assert(at < POSTS_MAX);
	struct bh_span code = code_write(d->people_codes[at], "W", id);
	d->people[at] = (struct bh_msg_person){.id = id, .code = code, .name = code};
	d->posts[d->profile.posts_count++] = (struct bh_msg_post){id, id, role, unit, area};
}

static void unit_add(struct year_district *d, uint32_t id, uint32_t kind, uint32_t area, bool desk)
{
	size_t at = d->profile.units_count++;
	bh_assert(at < UNITS_MAX);
	struct bh_span code = code_write(d->unit_codes[at], "U", id);
	d->units[at] = (struct bh_msg_unit){
		.id = id, .code = code, .name = code, .kind = kind, .area = area, .desk = desk};
	person_add(d, BH_DEMO_LEAD(id), BH_ROLE_UNIT_LEAD, id, area);
	person_add(d, BH_DEMO_HANDLER(id), BH_ROLE_HANDLER, id, area);
}

static void units_fill(struct year_district *d)
{
	unit_add(d, BH_DEMO_DESK_COUNTY, 0, YEAR_COUNTY, true);
	unit_add(d, BH_DEMO_CLEAN_COUNTY, KIND_CLEAN, YEAR_COUNTY, false);
	unit_add(d, BH_DEMO_GAS, KIND_GAS, YEAR_COUNTY, false);
	unit_add(d, BH_DEMO_WORKS, KIND_WORKS, YEAR_COUNTY, false);
	for (uint32_t k = 0; k < d->townships; k++) {
		uint32_t area = YEAR_TOWNSHIP(k);
		unit_add(d, YEAR_DESK(k), KIND_TOWNSHIP, area, true);
		unit_add(d, YEAR_CLEAN(k), KIND_CLEAN, area, false);
		unit_add(d, YEAR_POLICE(k), KIND_POLICE, area, false);
		unit_add(d, YEAR_MEDIATION(k), KIND_MEDIATION, area, false);
		person_add(d, YEAR_TIER(YEAR_DESK(k)), BH_ROLE_TIER_DESK, YEAR_DESK(k), area);
	}
}

static uint32_t unit_of_role(uint32_t role)
{
	if (role == BH_ROLE_MEDIATOR)
		return YEAR_MEDIATION(0);
	bool needs = role == BH_ROLE_UNIT_LEAD || role == BH_ROLE_HANDLER ||
		     role == BH_ROLE_TIER_DESK;
	return needs ? BH_DEMO_DESK_COUNTY : 0;
}

static void people_fill(struct year_district *d)
{
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		person_add(d, role, role, unit_of_role(role), YEAR_COUNTY);
	for (uint32_t g = 0; g < d->townships * YEAR_GRIDS; g++)
		person_add(d, YEAR_WORKER(g), BH_ROLE_GRID_WORKER, 0, YEAR_GRID(g));
	for (uint32_t k = 0; k < d->townships; k++)
		person_add(d, YEAR_PUBLIC(k), BH_ROLE_REPORTER, 0, YEAR_COUNTY);
	for (uint32_t n = 0; n < YEAR_LEADERS; n++)
		person_add(d, YEAR_LEADER(n), BH_ROLE_SHIFT_LEADER, 0, YEAR_COUNTY);
}

static void patrols_fill(struct year_district *d)
{
	static const struct bh_msg_checkpoint points[CHECKPOINTS] = {
		{.name = {(const uint8_t *)"a", 1}},
		{.name = {(const uint8_t *)"b", 1}},
		{.name = {(const uint8_t *)"c", 1}},
	};
	for (uint32_t g = 0; g < d->townships * YEAR_GRIDS; g++)
		d->patrols[g] = (struct bh_msg_patrol){.id = g + 1,
			.code = d->areas[d->profile.areas_count - d->townships * YEAR_GRIDS + g]
					.code,
			.name = {(const uint8_t *)"round", 5},
			.area = YEAR_GRID(g),
			.weekdays = 0x1f,
			.rounds = 1,
			.checkpoints = points,
			.checkpoints_count = CHECKPOINTS};
	d->profile.patrols = d->patrols;
	d->profile.patrols_count = d->townships * YEAR_GRIDS;
}

/* ---- The whole ---- */

/* Of cases nobody says how long: the year's judge looks at all of them. */
static const struct bh_msg_retention retention[] = {{.entries = true, .days = 20}};

static void rules_fill(struct year_district *d)
{
	bh_demo_profile(&d->demo);
	d->profile.settings = d->demo.profile.settings;
	d->profile.settings.days = days;
	d->profile.settings.days_count = DAYS_EARLY;
	d->profile.settings.retention = retention;
	d->profile.settings.retention_count = 1;
	d->profile.settings.check_percent = 20;
	d->profile.settings.check_sampling_off = false;
	d->profile.settings.repeat_check_off = false;
	d->profile.catalogue = d->demo.profile.catalogue;
	for (size_t i = 0; i < BH_DEMO_TYPES; i++)
		d->types[i] = d->demo.types[i];
	d->profile.catalogue.types = d->types;
	year_district_rules(d);
	d->profile.shifts = roster;
	d->profile.shifts_count = sizeof(roster) / sizeof(roster[0]);
	d->profile.name = d->demo.profile.name;
}

struct year_district *year_district_make(uint32_t townships)
{
	struct year_district *d = calloc(1, sizeof(*d));
	bh_assert(d != NULL && townships > 0 && townships <= YEAR_TOWNSHIPS_MAX);
	d->townships = townships;
	areas_fill(d);
	units_fill(d);
	people_fill(d);
	patrols_fill(d);
	rules_fill(d);
	for (uint32_t unit = 0; unit < UNIT_IDS; unit++)
		d->handlers[unit] = BH_DEMO_HANDLER(unit);
	d->profile.areas = d->areas;
	d->profile.units = d->units;
	d->profile.people = d->people;
	d->profile.posts = d->posts;
	return d;
}

void year_district_free(struct year_district *d)
{
	free(d);
}

const struct bh_msg_profile *year_district_profile(const struct year_district *d)
{
	return &d->profile;
}

void year_district_publish(struct year_district *d)
{
	d->profile.settings.days_count = DAYS_ALL;
}

void year_district_off(
	const struct year_district *d, uint32_t length, uint32_t *holidays, uint32_t *make_up)
{
	*holidays = *make_up = 0;
	for (size_t i = 0; i < d->profile.settings.days_count; i++) {
		bool passed = days[i].day < YEAR_START_DAY + (int32_t)length;
		*holidays += passed && !days[i].works;
		*make_up += passed && days[i].works;
	}
}

uint32_t year_district_units(const struct year_district *d, uint32_t *units, uint32_t max)
{
	uint32_t count = 0;
	for (; count < d->profile.units_count && count < max; count++)
		units[count] = d->units[count].id;
	return count;
}
