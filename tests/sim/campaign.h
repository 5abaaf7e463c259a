/* A run at random: days of work under every fault, then healing, in which everything must come
 * together. */
#ifndef BH_TESTS_SIM_CAMPAIGN_H
#define BH_TESTS_SIM_CAMPAIGN_H

#include "tests/sim/run.h"

struct bh_simcampaign {
	uint32_t handsets;  /* 5 at least; those that are cloned or revoked come on top */
	uint32_t ops;       /* at least so many are recorded */
	uint32_t kinds_min; /* every kind of fault takes effect so often; 0: whatever happens */
};

/* The whole run; fails the process where an invariant does not hold. */
void bh_simcampaign_run(struct bh_simrun *run, const struct bh_simcampaign *campaign);
void bh_simcampaign_event(struct bh_simrun *run, const struct bh_simevent *event);

#endif
