/* One at a time in a process. */
#include "tests/unit/sync/pair.h"

int bh_pair_setup(void **state)
{
	static struct bh_pair pair;
	bh_world_open(&pair.world);
	bh_phone_enrolled(&pair.world, BH_PAIR_WORKER, &pair.worker);
	bh_phone_enrolled(&pair.world, BH_DEMO_LEAD(BH_PAIR_UNIT), &pair.lead);
	*state = &pair;
	return 0;
}

int bh_pair_teardown(void **state)
{
	struct bh_pair *pair = *state;
	bh_phone_free(&pair->worker);
	bh_phone_free(&pair->lead);
	bh_world_close(&pair->world);
	return 0;
}
