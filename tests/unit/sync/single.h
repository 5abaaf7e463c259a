/* A grid worker who reports, with an enrolled handset. */
#ifndef BH_TESTS_UNIT_SYNC_SINGLE_H
#define BH_TESTS_UNIT_SYNC_SINGLE_H

#include "tests/unit/sync/world.h"

#define BH_SINGLE_WORKER BH_DEMO_WORKER(1111)

struct bh_single {
	struct bh_world world;
	struct bh_phone phone;
};

/* A test's setup and teardown: it in *state. */
int bh_single_setup(void **state);
int bh_single_teardown(void **state);

#endif
