/* Seeded random streams (xoshiro256**, seeded by splitmix64), forked by label, so that one more
 * draw in one place shifts nothing elsewhere; and the 64-bit hash that tells two runs apart. */
#ifndef BH_TESTS_SIM_RNG_H
#define BH_TESTS_SIM_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/clock.h"

#define BH_SIMRNG_ONE_PPM 1000000u /* certainty, in parts per million */

/* One stream.  A value: copying it copies the position.  Owns nothing. */
struct bh_simrng {
	uint64_t seed; /* what forks derive from; does not change with draws */
	uint64_t state[4];
};

/* Any seed is good, 0 too. */
struct bh_simrng bh_simrng_make(uint64_t seed);

/* A stream that depends on parent's seed, the label and the index alone, never on how many numbers
 * parent has given. */
struct bh_simrng bh_simrng_fork(const struct bh_simrng *parent, const char *label, uint64_t index);

uint64_t bh_simrng_u64(struct bh_simrng *rng);

/* Uniform in [0, limit); limit >= 1.  Exactly one draw except for a rare rejection. */
uint64_t bh_simrng_below(struct bh_simrng *rng, uint64_t limit);

/* Uniform in [low, high], both included; low <= high. */
int64_t bh_simrng_between(struct bh_simrng *rng, int64_t low, int64_t high);

/* True in ppm of a million.  Always one draw, also for 0 (never) and >= 1000000 (always). */
bool bh_simrng_chance(struct bh_simrng *rng, uint32_t ppm);

/* In [low, high] with a long tail: half of the results lie in the lowest 1/64th of the range, and
 * each doubling of the distance from low halves the probability.  0 <= low <= high. */
int64_t bh_simrng_tail(struct bh_simrng *rng, int64_t low, int64_t high);

void bh_simrng_fill(struct bh_simrng *rng, void *out, size_t len);

/* The stream as the engines' generator (proto/clock.h); rng must outlive it.  Never fails. */
struct bh_rng bh_simrng_source(struct bh_simrng *rng);

/* FNV-1a with a final mix; start with BH_SIMHASH_START and feed whatever the run did, in order.
 * Numbers are fed little-endian whatever the machine, text with its length. */
#define BH_SIMHASH_START UINT64_C(0xcbf29ce484222325)
uint64_t bh_simhash_bytes(uint64_t hash, const void *data, size_t len);
uint64_t bh_simhash_u64(uint64_t hash, uint64_t value);
uint64_t bh_simhash_text(uint64_t hash, const char *text);

#endif
