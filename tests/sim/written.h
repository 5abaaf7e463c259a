/* What was so when a handset wrote a bundle: what may be said of it later depends on that. */
#ifndef BH_TESTS_SIM_WRITTEN_H
#define BH_TESTS_SIM_WRITTEN_H

#include "proto/sign.h"

struct bh_simwritten {
	uint32_t phone, device;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t epoch;                          /* of the server, as its handset knew it */
	uint64_t ops, photos;                    /* in it */
	uint8_t reply[BH_PUBLIC_KEY_BYTES];      /* what its answer is sealed for */
	uint8_t signers[2][BH_PUBLIC_KEY_BYTES]; /* its handset's key, and one that waits */
	uint32_t signers_count;
};

#endif
