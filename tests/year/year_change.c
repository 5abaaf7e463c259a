/* What changes in a district while people work in it: rules with a version, a period of heightened
 * duty, a border between grids, a unit that is no more, people who change posts, components that
 * change owners.  What is open goes on under what it began with, and never without an owner.
 *
 *   change 1     2       3       4       5      6      7 ...
 *          duty  routes  border  unit    posts  owners duty ...   (and each time: two workers
 *                                                                  and the catalogue) */
#include <stdio.h>

#include "proto/err.h"
#include "proto/limit.h"
#include "server/domain/routing.h"
#include "tests/year/year_district_body.h"

#define BORDER_E7 20000 /* a fifth of a grid's width */
#define DUTY_DAYS 12

#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static const struct bh_span paper = TEXT("rules of the year");

/* ---- As the year begins ---- */

static void route_add(struct year_district *d, struct bh_msg_route route)
{
	bh_assert(d->profile.routes_count < ROUTES_MAX);
	route.paper = paper;
	route.version = d->profile.routes_version;
	d->routes[d->profile.routes_count++] = route;
}

static void assets_fill(struct year_district *d)
{
	for (uint32_t i = 0; i < YEAR_ASSETS; i++) {
		(void)snprintf(d->marks[i], sizeof(d->marks[i]), "A%015u", i + 1);
		d->assets[i] = (struct bh_msg_asset){.id = i + 1,
			.mark = bh_span(d->marks[i], YEAR_MARK_BYTES),
			.type = BH_DEMO_COVER,
			.owner = i % 2 == 0 ? BH_DEMO_GAS : BH_DEMO_WORKS,
			.grade = 1 + i % 3};
	}
	d->profile.assets = d->assets;
	d->profile.assets_count = YEAR_ASSETS;
}

void year_district_rules(struct year_district *d)
{
	d->profile.routes = d->routes;
	d->profile.routes_version = 1;
	d->profile.duty_periods = d->periods;
	route_add(d, d->demo.routes[0]); /* gas, at once */
	route_add(d,
		(struct bh_msg_route){
			.type = BH_DEMO_STALL, .area = YEAR_TOWNSHIP(0), .unit = YEAR_POLICE(0)});
	route_add(d, (struct bh_msg_route){.class = 40,
			     .heightened = true,
			     .limit_value = 1,
			     .limit_unit = BH_LIMIT_URGENT_HOUR,
			     .no_pause = true});
	assets_fill(d);
}

struct bh_span year_district_mark(const struct year_district *d, uint32_t n)
{
	return d->assets[n % YEAR_ASSETS].mark;
}

uint32_t year_district_handler(const struct year_district *d, uint32_t unit)
{
	return unit < UNIT_IDS ? d->handlers[unit] : 0;
}

/* ---- The changes ---- */

static struct bh_msg_post *post_of(struct year_district *d, uint32_t person)
{
	for (size_t i = 0; i < d->profile.posts_count; i++)
		if (d->posts[i].person == person)
			return &d->posts[i];
	bh_assert(false);
	return NULL;
}

static void duty_announce(struct year_district *d, int32_t day)
{
	size_t at = d->profile.duty_periods_count;
	if (at == PERIODS_MAX)
		return;
	d->periods[at] = (struct bh_msg_duty_period){.id = (uint32_t)at + 1,
		.name = TEXT("sessions"),
		.from_day = day + 1,
		.to_day = day + DUTY_DAYS,
		.paper = paper};
	d->profile.duty_periods_count++;
}

/* Stalls of the first township: no longer the police's. */
static void routes_change(struct year_district *d)
{
	uint32_t version = ++d->profile.routes_version;
	for (size_t i = 0; i < d->profile.routes_count; i++)
		if (d->routes[i].type == BH_DEMO_STALL && d->routes[i].until == 0)
			d->routes[i].until = version;
	route_add(d, (struct bh_msg_route){.type = BH_DEMO_STALL,
			     .area = YEAR_TOWNSHIP(0),
			     .unit = version % 2 == 0 ? BH_DEMO_CLEAN_COUNTY : YEAR_POLICE(0)});
}

/* Between the first two grids of a row: it moves to the east, and the next time back. */
static void border_move(struct year_district *d, uint32_t n)
{
	const size_t grids = d->townships * YEAR_GRIDS;
	int32_t *west = d->rings[d->profile.areas_count - grids];
	int32_t *east = d->rings[d->profile.areas_count - grids + 1];
	int32_t by = n < YEAR_CHANGES ? BORDER_E7 : -BORDER_E7;
	west[2] += by;
	west[4] += by;
	east[0] += by;
	east[6] += by;
	east[8] += by;
}

static void unit_dissolve(struct year_district *d, uint32_t unit)
{
	for (size_t i = 0; i < d->profile.units_count; i++)
		if (d->units[i].id == unit)
			d->units[i].dissolved = true;
}

static void handlers_swap(struct year_district *d, uint32_t one, uint32_t other)
{
	struct bh_msg_post *first = post_of(d, d->handlers[one]);
	struct bh_msg_post *second = post_of(d, d->handlers[other]);
	uint32_t person = d->handlers[one];
	first->unit = other;
	second->unit = one;
	d->handlers[one] = d->handlers[other];
	d->handlers[other] = person;
}

/* Each to the other company, but one in eight, which stands there no more. */
static void owners_change(struct year_district *d)
{
	for (uint32_t i = 0; i < YEAR_ASSETS; i++) {
		d->assets[i].owner = d->assets[i].owner == BH_DEMO_GAS ? BH_DEMO_WORKS
								       : BH_DEMO_GAS;
		if (i % 8 == 0)
			d->assets[i].state = BH_ASSET_GONE;
	}
}

uint32_t year_district_swapped(const struct year_district *d, uint32_t n)
{
	return n * 7 % (d->townships * YEAR_GRIDS - 1);
}

static void workers_swap(struct year_district *d, uint32_t n)
{
	static const struct bh_span versions[] = {TEXT("year-1"), TEXT("year-2")};
	uint32_t g = year_district_swapped(d, n);
	struct bh_msg_post *one = post_of(d, YEAR_WORKER(g));
	struct bh_msg_post *other = post_of(d, YEAR_WORKER(g + 1));
	uint32_t area = one->area;
	one->area = other->area;
	other->area = area;
	d->profile.catalogue.version = versions[n % 2];
}

enum year_change year_district_change(struct year_district *d, uint32_t n, int32_t day)
{
	enum year_change change = (enum year_change)(1 + (n - 1) % (YEAR_CHANGES - 1));
	workers_swap(d, n);
	if (change == YEAR_CHANGE_DUTY)
		duty_announce(d, day);
	else if (change == YEAR_CHANGE_ROUTES)
		routes_change(d);
	else if (change == YEAR_CHANGE_BORDER)
		border_move(d, n);
	else if (change == YEAR_CHANGE_UNIT)
		unit_dissolve(d, YEAR_CLEAN(0));
	else if (change == YEAR_CHANGE_POSTS)
		handlers_swap(d, YEAR_POLICE(0), YEAR_MEDIATION(0));
	else
		owners_change(d);
	return change;
}
