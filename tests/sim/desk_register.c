/* Matters that come to desks: somebody stands in the hall, calls, writes; any desk registers it,
 * with a place, a grid, or neither; now and then one that is not in its area. */
#include "proto/datum.h"
#include "server/domain/intake.h"
#include "tests/sim/desk_state.h"

static const uint32_t clerks[] = {BH_DEMO_PERSON(ACCEPTOR), BH_DEMO_PERSON(DISPATCHER),
	BH_DEMO_PERSON(SHIFT_LEADER), BH_DEMO_PERSON(TIER_DESK), BH_DEMO_TWO_POSTS,
	BH_DEMO_TOWNSHIP_DESK};
static const uint32_t grids[] = {1111, 1112, 1121, 1122, 1211, 1212, 1221, 1222};
static const uint32_t types[] = {0, BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER, BH_DEMO_QUARREL,
	BH_DEMO_HAZARD, BH_DEMO_GAS_LEAK};

#define DRAWN(list) list[bh_simrng_below(&desk->registers, sizeof(list) / sizeof((list)[0]))]

static void place_draw(struct bh_simdesk *desk, struct bh_command *matter)
{
	uint32_t grid = DRAWN(grids);

	if (bh_simrng_chance(&desk->registers, 300000)) {
		matter->has_place = true;
		matter->datum = BH_DATUM_WGS84;
		bh_demo_place(grid, &matter->latitude_e7, &matter->longitude_e7);
	} else if (bh_simrng_chance(&desk->registers, 700000)) {
		matter->area = grid;
	} else {
		matter->outside = bh_simrng_chance(&desk->registers, 500000);
	}
}

void bh_simdesk_registers(struct bh_simdesk *desk)
{
	struct bh_command matter = {.case_number = 0};

	if (desk->diligent || desk->run->calm || !bh_simrng_chance(&desk->registers, 60000))
		return;
	matter.person = DRAWN(clerks);
	matter.type = DRAWN(types);
	matter.intake = (uint32_t)bh_simrng_between(
		&desk->registers, BH_INTAKE_HALL, BH_INTAKE_DEPARTMENT);
	matter.visitors = (uint32_t)bh_simrng_below(&desk->registers, 4);
	place_draw(desk, &matter);
	bh_simdesk_order_register(desk, &matter);
}
