/* A client over the simulated disk and the obliging server, under either drive. */
#ifndef BH_TESTS_UNIT_CLIENT_CLIENT_WORLD_H
#define BH_TESTS_UNIT_CLIENT_CLIENT_WORLD_H

#include "tests/unit/client/autoserver.h"

#include <pthread.h>

#include "client-lib/seams.h"
#include "proto/caseflow.h"
#include "tests/unit/client/scripted.h"

#define WORLD_PIN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define WORLD_QR "BH1:HOST.EXAMPLE:7443:340803:AAAAAAAAAAAAAAAA:" WORLD_PIN ":" WORLD_PIN

struct world {
	struct bh_simvfs *disk;
	struct autoserver *server;
	bh_client *client;
	struct bh_now now; /* the host drive's clock: advances a little at every look */
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool rings;
	bh_status inside; /* what a call from inside the callback answered */
};

int world_setup(void **state);
int world_teardown(void **state);
/* The world's own, which advances a little at every look. */
struct bh_clock world_clock(struct world *w);
void world_open(struct world *w, uint32_t drive, bool once);
void world_enrol(struct world *w);
/* bh_client_run_until for so long. */
bh_status world_run(struct world *w, int64_t ms);
bh_status_view world_status(struct world *w);
bh_report_ref world_report(struct world *w, const char *text);
/* Opened under the host drive, and enrolled. */
void world_enrolled(struct world *w);
/* That, and told of a case that its unit has; lacks: enum bh_lacks bits.  Its number. */
uint64_t world_with_unit_case(struct world *w, enum bh_state state, uint32_t type, uint32_t lacks);

#endif
