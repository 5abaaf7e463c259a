/* What the files of the district share; the arrays are as long as the largest one needs. */
#ifndef BH_TESTS_YEAR_YEAR_DISTRICT_BODY_H
#define BH_TESTS_YEAR_YEAR_DISTRICT_BODY_H

#include "tests/year/year_district.h"

#define CELL_E7 100000
#define VILLAGES 3u /* of a township */
#define SIDE 3u     /* of a village, in grids */
#define AREAS_MAX (1u + YEAR_TOWNSHIPS_MAX * (1u + VILLAGES + YEAR_GRIDS))
#define COUNTY_UNITS 4u
#define UNITS_MAX (COUNTY_UNITS + YEAR_TOWNSHIPS_MAX * YEAR_UNITS_OF)
#define UNIT_IDS 300u
#define POSTS_MAX \
	(BH_ROLE_CLOCK + YEAR_WORKERS_MAX + 2u * UNITS_MAX + 2u * YEAR_TOWNSHIPS_MAX + YEAR_LEADERS)
#define ROUTES_MAX 8u
#define PERIODS_MAX 4u

struct year_district {
	struct bh_msg_profile profile;
	struct bh_demo_profile demo;
	uint32_t townships;
	struct bh_msg_area areas[AREAS_MAX];
	int32_t rings[AREAS_MAX][BH_DEMO_RING];
	char area_codes[AREAS_MAX][BH_DEMO_CODE];
	struct bh_msg_unit units[UNITS_MAX];
	char unit_codes[UNITS_MAX][BH_DEMO_CODE];
	struct bh_msg_person people[POSTS_MAX];
	char people_codes[POSTS_MAX][BH_DEMO_CODE];
	struct bh_msg_post posts[POSTS_MAX];
	struct bh_msg_patrol patrols[YEAR_WORKERS_MAX];
	struct bh_msg_route routes[ROUTES_MAX];
	struct bh_msg_duty_period periods[PERIODS_MAX];
	struct bh_msg_asset assets[YEAR_ASSETS];
	char marks[YEAR_ASSETS][YEAR_MARK_BYTES + 1];
	uint32_t handlers[UNIT_IDS]; /* who is handler of which unit */
	struct bh_msg_catalogue_type types[BH_DEMO_TYPES];
};

/* Rules of routing, periods of heightened duty and components, as the year begins with them. */
void year_district_rules(struct year_district *district);

#endif
