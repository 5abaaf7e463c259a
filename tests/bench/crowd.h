/* What many lanes do at once, and what one is told: phases of the load generator beside load.c's.
 */
#ifndef BH_BENCH_CROWD_H
#define BH_BENCH_CROWD_H

#include <stdint.h>

#include "tests/bench/lane.h"

/* Lanes 1..count, hung up and known to the server, connect in one turn, from addresses of their
 * own; prints how long until each was welcomed and told at least one record. */
void crowd_herd(struct lane_yard *yard, struct lane *lanes, size_t count);
/* Until this lane is told of a case in this state (enum bh_state; 0: at once); prints the TLS bytes
 * that came down its link so far. */
void crowd_told(struct lane_yard *yard, struct lane *lane, uint32_t state);

#endif
