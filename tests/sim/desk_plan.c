/* What the district's profile says beside people and places: a roster of the county's desk, days of
 * heightened duty, components with owners, and rules of routing that change with the profile.
 *
 *   rules 1 ──▶ stalls of township B are the police's
 *   rules 2 ──▶ ... are swept: the rule of before goes by until = 2, and so on by turns
 *
 * check_clock.py has the limit of heightened duty.  Stories have nothing of it. */
#include <stdio.h>
#include <string.h>

#include "proto/limit.h"
#include "tests/sim/desk_state.h"

#define DUTY_FIRST 20524 /* the eleventh day of a run, and six more */
#define DUTY_LAST 20530
#define MARK_PPM 400000u

#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static const struct bh_span paper = TEXT("rules of the run");

static const struct bh_msg_duty_period periods[] = {{.id = 1,
	.name = TEXT("sessions"),
	.from_day = DUTY_FIRST,
	.to_day = DUTY_LAST,
	.paper = TEXT("notice of the run")}};

static const struct bh_msg_shift roster[] = {
	{BH_DEMO_DESK_COUNTY, BH_DEMO_PERSON(SHIFT_LEADER), 0, 0, BH_SHIFT_ANY_DAY, 0, 480, 1200},
	{BH_DEMO_DESK_COUNTY, BH_DEMO_TWO_POSTS, 0, 0, BH_SHIFT_ANY_DAY, 0, 1200, 480},
};

static void route_add(struct bh_simdesk *desk, struct bh_msg_route route)
{
	struct bh_msg_profile *profile = &desk->profile.profile;

	if (profile->routes_count == BH_SIMDESK_ROUTES)
		return;
	route.paper = paper;
	route.version = profile->routes_version;
	desk->routes[profile->routes_count++] = route;
}

static void assets_fill(struct bh_simdesk *desk)
{
	for (uint32_t i = 0; i < BH_SIMDESK_ASSETS; i++) {
		(void)snprintf(desk->marks[i], sizeof(desk->marks[i]), "A%015u", i + 1);
		desk->assets[i] = (struct bh_msg_asset){.id = i + 1,
			.mark = bh_span(desk->marks[i], BH_SIMDESK_MARK_BYTES),
			.type = BH_DEMO_COVER,
			.owner = i % 2 == 0 ? BH_DEMO_GAS : BH_DEMO_WORKS,
			.grade = 1};
	}
	desk->profile.profile.assets = desk->assets;
	desk->profile.profile.assets_count = BH_SIMDESK_ASSETS;
}

void bh_simdesk_plan(struct bh_simdesk *desk)
{
	struct bh_msg_profile *profile = &desk->profile.profile;

	profile->routes_version = 1;
	for (size_t i = 0; i < profile->routes_count; i++)
		desk->routes[i] = desk->profile.routes[i];
	profile->routes = desk->routes;
	if (desk->run->calm)
		return;
	route_add(desk, (struct bh_msg_route){.class = 40,
				.heightened = true,
				.limit_value = 1,
				.limit_unit = BH_LIMIT_URGENT_HOUR,
				.no_pause = true});
	assets_fill(desk);
	profile->duty_periods = periods;
	profile->duty_periods_count = 1;
	profile->shifts = roster;
	profile->shifts_count = sizeof(roster) / sizeof(roster[0]);
}

void bh_simdesk_rules_change(struct bh_simdesk *desk)
{
	struct bh_msg_profile *profile = &desk->profile.profile;

	if (profile->routes_count == BH_SIMDESK_ROUTES)
		return;
	uint32_t version = ++profile->routes_version;
	for (size_t i = 0; i < profile->routes_count; i++)
		if (desk->routes[i].type == BH_DEMO_STALL && desk->routes[i].until == 0)
			desk->routes[i].until = version;
	route_add(
		desk, (struct bh_msg_route){.type = BH_DEMO_STALL,
			      .area = BH_DEMO_TOWNSHIP_B,
			      .unit = version % 2 == 0 ? BH_DEMO_CLEAN_COUNTY : BH_DEMO_POLICE_B});
}

void bh_simdesk_mark(struct bh_simdesk *desk, uint32_t type, char *text, size_t size)
{
	size_t len = strlen(text);

	if (desk->run->calm || type != BH_DEMO_COVER || !bh_simrng_chance(&desk->marking, MARK_PPM))
		return;
	(void)snprintf(text + len, size - len, ", %s",
		desk->marks[bh_simrng_below(&desk->marking, BH_SIMDESK_ASSETS)]);
}
