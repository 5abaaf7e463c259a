/* What a unit does about its cases through its handler's session: a phase of the load generator. */
#ifndef BH_BENCH_ACTS_H
#define BH_BENCH_ACTS_H

#include "tests/bench/lane.h"

struct acts_size {
	size_t lanes;   /* that report; the next one is the handler's */
	size_t reports; /* of each */
	size_t batch, at_once;
	uint32_t type; /* dispatched at once, to the handler's unit */
};

/* Every report is told to the handler, who signs all of them and then finishes all of them; prints
 * how many were acknowledged, and how long that took from the first push on. */
void acts_run(struct lane_yard *yard, struct lane *lanes, const struct acts_size *size);

#endif
