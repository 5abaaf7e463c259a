/* One at a time in a process. */
#include "tests/unit/sync/single.h"

int bh_single_setup(void **state)
{
	static struct bh_single single;
	bh_world_open(&single.world);
	bh_phone_enrolled(&single.world, BH_SINGLE_WORKER, &single.phone);
	*state = &single;
	return 0;
}

int bh_single_teardown(void **state)
{
	struct bh_single *single = *state;
	bh_phone_free(&single->phone);
	bh_world_close(&single->world);
	return 0;
}
