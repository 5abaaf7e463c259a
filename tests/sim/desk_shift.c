/* The county's desk is led day and night: now and then one of its leaders hands a shift over, or
 * takes over, whether it is theirs now or not; mostly nobody does, and the clock says it. */
#include "tests/sim/desk_state.h"

#define GIVE_IN_THOUSAND 70u
#define TAKE_IN_THOUSAND 200u

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->shifts, 1000) < in_thousand;
}

void bh_simdesk_shifts(struct bh_simdesk *desk)
{
	uint32_t leader = is_drawn(desk, 500) ? BH_DEMO_PERSON(SHIFT_LEADER) : BH_DEMO_TWO_POSTS;

	if (desk->diligent)
		return;
	if (is_drawn(desk, GIVE_IN_THOUSAND))
		bh_simdesk_order(desk, BH_VERB_HAND_OVER, leader, 0, BH_DEMO_DESK_COUNTY, 0);
	else if (is_drawn(desk, TAKE_IN_THOUSAND))
		bh_simdesk_order(desk, BH_VERB_TAKE_OVER, leader, 0, BH_DEMO_DESK_COUNTY, 0);
}
