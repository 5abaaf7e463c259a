/* A grid worker who reports and the lead of a unit that handles, each with an enrolled handset. */
#ifndef BH_TESTS_UNIT_SYNC_PAIR_H
#define BH_TESTS_UNIT_SYNC_PAIR_H

#include "tests/unit/sync/world.h"

#define BH_PAIR_WORKER BH_DEMO_WORKER(1111)
#define BH_PAIR_UNIT BH_DEMO_CLEAN_A

struct bh_pair {
	struct bh_world world;
	struct bh_phone worker, lead;
};

/* A test's setup and teardown: the pair in *state. */
int bh_pair_setup(void **state);
int bh_pair_teardown(void **state);

#endif
