/* Randomness that can be repeated: a seed is stretched by splitmix64 into the state of
 * xoshiro256**, and every place that draws has its own stream, named by a label.  Two runs of one
 * seed then differ only where the program under test differs; the hash at the end says whether they
 * did. */
#include "tests/sim/rng.h"

#include <string.h>

#include "proto/err.h"

#define FNV_PRIME UINT64_C(0x100000001b3)

/* splitmix64 by S. Vigna, public domain: a bijection with good avalanche. */
static uint64_t mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return (value << bits) | (value >> (64 - bits));
}

struct bh_simrng bh_simrng_make(uint64_t seed)
{
	struct bh_simrng rng = {.seed = seed};
	uint64_t at = seed;

	for (size_t i = 0; i < 4; i++) {
		rng.state[i] = mix(at);
		at += UINT64_C(0x9e3779b97f4a7c15);
	}
	return rng;
}

struct bh_simrng bh_simrng_fork(const struct bh_simrng *parent, const char *label, uint64_t index)
{
	uint64_t hash = bh_simhash_u64(BH_SIMHASH_START, parent->seed);

	hash = bh_simhash_text(hash, label);
	hash = bh_simhash_u64(hash, index);
	return bh_simrng_make(mix(hash));
}

/* xoshiro256** by D. Blackman and S. Vigna, public domain. */
uint64_t bh_simrng_u64(struct bh_simrng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

uint64_t bh_simrng_below(struct bh_simrng *rng, uint64_t limit)
{
	uint64_t skip;
	uint64_t drawn;

	bh_assert(limit >= 1);
	skip = (UINT64_MAX - limit + 1) % limit; /* 2^64 mod limit: what would make it uneven */
	do
		drawn = bh_simrng_u64(rng);
	while (drawn < skip);
	return drawn % limit;
}

int64_t bh_simrng_between(struct bh_simrng *rng, int64_t low, int64_t high)
{
	uint64_t span;

	bh_assert(low <= high);
	span = (uint64_t)high - (uint64_t)low;
	if (span == UINT64_MAX)
		return (int64_t)bh_simrng_u64(rng);
	return (int64_t)((uint64_t)low + bh_simrng_below(rng, span + 1));
}

bool bh_simrng_chance(struct bh_simrng *rng, uint32_t ppm)
{
	/* By multiplication, so that it is always exactly one draw. */
	uint64_t drawn = ((bh_simrng_u64(rng) >> 32) * BH_SIMRNG_ONE_PPM) >> 32;

	return drawn < ppm;
}

int64_t bh_simrng_tail(struct bh_simrng *rng, int64_t low, int64_t high)
{
	uint64_t bits = bh_simrng_u64(rng);
	int64_t reach = (high - low) / 64;
	unsigned doublings = 0;

	bh_assert(low >= 0 && low <= high);
	while (doublings < 6 && (bits >> doublings & 1) != 0)
		doublings++;
	if (doublings == 6)
		return bh_simrng_between(rng, low, high);
	return bh_simrng_between(rng, low, low + (reach << doublings));
}

void bh_simrng_fill(struct bh_simrng *rng, void *out, size_t len)
{
	uint8_t *bytes = out;

	while (len > 0) {
		uint64_t drawn = bh_simrng_u64(rng);
		size_t part = len < 8 ? len : 8;

		for (size_t i = 0; i < part; i++)
			bytes[i] = (uint8_t)(drawn >> (8 * i));
		bytes += part;
		len -= part;
	}
}

static int source_fill(void *context, uint8_t *out, size_t len)
{
	bh_simrng_fill(context, out, len);
	return BH_NOERR;
}

struct bh_rng bh_simrng_source(struct bh_simrng *rng)
{
	return (struct bh_rng){source_fill, rng};
}

uint64_t bh_simhash_bytes(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	return hash ^ (hash >> 29);
}

uint64_t bh_simhash_u64(uint64_t hash, uint64_t value)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	return bh_simhash_bytes(hash, bytes, sizeof(bytes));
}

uint64_t bh_simhash_text(uint64_t hash, const char *text)
{
	size_t len = strlen(text);

	return bh_simhash_bytes(bh_simhash_u64(hash, len), text, len);
}
