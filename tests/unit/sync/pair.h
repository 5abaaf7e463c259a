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

#define BH_PAIR_TEXT "小区门口垃圾堆放"

/* A test's setup and teardown: the pair in *state. */
int bh_pair_setup(void **state);
int bh_pair_teardown(void **state);
/* A report of the worker's, acknowledged; gives its case number. */
uint64_t bh_pair_report(struct bh_pair *pair);
void bh_pair_dispatch(struct bh_pair *pair, uint64_t number, uint32_t unit, const char *note);
/* The one record of the next delta, applied. */
struct bh_msg_record bh_pair_expect_record(struct bh_phone *phone);
/* An op of the unit lead's on a case. */
void bh_pair_lead_does(struct bh_pair *pair, enum bh_verb verb, uint64_t number, const char *text);

#endif
