/* Which cases fall into a sample: by their number and a secret of the district, so that nobody can
 * reckon which who does not have it; the same for ever. */
#ifndef BH_DOMAIN_SAMPLE_H
#define BH_DOMAIN_SAMPLE_H

#include <stdint.h>

#include "proto/limits.h"

/* SipHash-2-4 of one number. */
uint64_t bh_sample_hash(const uint8_t secret[BH_SALT_BYTES], uint64_t number);

#endif
