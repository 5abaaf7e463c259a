/* A bundle that lies in a file is taken into a district that is served. */
#ifndef BH_MAIN_CARRIED_H
#define BH_MAIN_CARRIED_H

#include "server/main/served.h"
#include "server/sync/bundle.h"

/* On a thread of its own: writer and photo thread run what it asks for, and it waits for them.
 * person: who takes it in; 0: the operator.  bh_bundle_take's codes; BH_ERR_NOT_FOUND: there is no
 * such file, or it cannot be read; reader's and storage codes. */
int bh_carried_take(struct bh_served *served, struct bh_clock clock, const char *path,
	uint32_t person, struct bh_bundle_report *report, enum bh_bundle_fault *fault);
/* Tells the exchange, and the log, what became of it; frees what the report holds. */
void bh_carried_tell(const struct bh_served *served, struct bh_exchange *exchange, int err,
	struct bh_bundle_report *report, enum bh_bundle_fault fault);

#endif
