/* What comes to the desks of the county and of its townships: somebody stands in the hall, calls,
 * writes.  Of a township's desk by its grids, of the county's anywhere. */
#include "proto/datum.h"
#include "server/domain/intake.h"
#include "tests/year/year.h"

#define OF_REPORTS_PERCENT 6u
#define PLACED_PPM 400000u
#define VISITORS_MAX 5

static const uint32_t types[] = {
	0, BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER, BH_DEMO_QUARREL, BH_DEMO_HAZARD};

void year_registers_plan(struct year *year, uint32_t day)
{
	const uint64_t year_sum = (uint64_t)year->options.cases * OF_REPORTS_PERCENT;
	const uint64_t days = 100u * (uint64_t)year->options.days;
	for (uint64_t i = year_sum * day / days; i < year_sum * (day + 1) / days; i++)
		year_after(year, bh_simrng_between(&year->desks, 8 * YEAR_HOUR, 18 * YEAR_HOUR),
			YEAR_KIND_REGISTER, 0);
}

static uint32_t clerk_draw(struct year *year, uint32_t township)
{
	static const uint32_t county[] = {BH_DEMO_PERSON(ACCEPTOR), BH_DEMO_PERSON(DISPATCHER),
		BH_DEMO_PERSON(SHIFT_LEADER), BH_DEMO_PERSON(TIER_DESK)};
	if (bh_simrng_chance(&year->desks, 300000))
		return YEAR_TIER(YEAR_DESK(township));
	return county[bh_simrng_below(&year->desks, sizeof(county) / sizeof(county[0]))];
}

void year_register(struct year *year)
{
	struct year_order *order = year_order_new(year, BH_SOURCE_DESK, BH_VERB_REGISTER);
	struct bh_simrng *rng = &year->desks;
	uint32_t township = (uint32_t)bh_simrng_below(rng, year->options.townships);
	uint32_t g = township * YEAR_GRIDS + (uint32_t)bh_simrng_below(rng, YEAR_GRIDS);
	if (order == NULL)
		return; /* the minute is full: he comes again, or not */
	struct bh_command *command = &order->command;
	command->reason_code = 0;
	command->person = clerk_draw(year, township);
	command->intake = (uint32_t)bh_simrng_between(rng, BH_INTAKE_HALL, BH_INTAKE_DEPARTMENT);
	command->visitors = (uint32_t)bh_simrng_between(rng, 0, VISITORS_MAX);
	command->type = types[bh_simrng_below(rng, sizeof(types) / sizeof(types[0]))];
	if (bh_simrng_chance(rng, PLACED_PPM)) {
		command->has_place = true;
		command->datum = BH_DATUM_WGS84;
		year_district_place(g, (uint32_t)bh_simrng_u64(rng), &command->latitude_e7,
			&command->longitude_e7);
	} else {
		command->area = YEAR_GRID(g);
	}
}
