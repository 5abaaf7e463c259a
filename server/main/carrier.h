/* The thread of a district that takes in the bundles that handsets brought for others. */
#ifndef BH_MAIN_CARRIER_H
#define BH_MAIN_CARRIER_H

#include "server/main/served.h"

struct bh_carrier;

/* The photo thread, which has not begun yet, gives it what is whole from then on.  BH_ERR_NOMEM or
 * the codes of bh_cargo_open. */
int bh_carrier_new(struct bh_served *served, struct bh_clock clock, struct bh_carrier **out);
int bh_carrier_start(struct bh_carrier *carrier); /* 0 or BH_ERR_NOMEM */
/* After the photo thread and the writer have been stopped: what it takes in ends where it is, and
 * is taken in when the district is served again.  Takes NULL. */
void bh_carrier_free(struct bh_carrier *carrier);

#endif
