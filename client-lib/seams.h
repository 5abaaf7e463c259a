/* The private seams of the library: clock, randomness, disk and network, for tests, the simulator
 * and the bench. */
#ifndef BH_CLIENT_SEAMS_H
#define BH_CLIENT_SEAMS_H

#include "client-lib/include/bihuan.h"
#include "client-lib/transport.h"
#include "proto/clock.h"

struct bh_client_seams {
	struct bh_clock clock;         /* now NULL: the system's */
	struct bh_rng rng;             /* fill NULL: the system's */
	uint64_t boot;                 /* names the machine's boot; 0: the system's name of it */
	const char *vfs;               /* SQLite VFS by name; NULL: the system's */
	struct bh_transport transport; /* api NULL: TLS; else taken over and freed at close, also
					* when the opening fails */
};

/* bh_client_open with seams; NULL are the system's.  Not exported by the shared library. */
bh_status bh_client_open_with(const bh_client_options *options, const struct bh_client_seams *seams,
	bh_client **out, bh_error *err);

#endif
