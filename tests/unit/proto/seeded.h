/* A small seeded generator (xorshift64*): the same seed gives the same test on every machine. */
#ifndef BH_TESTS_UNIT_PROTO_SEEDED_H
#define BH_TESTS_UNIT_PROTO_SEEDED_H

#include <stdint.h>

struct seeded {
	uint64_t state; /* not 0 */
};

static inline uint64_t seeded_next(struct seeded *seeded)
{
	uint64_t x = seeded->state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	seeded->state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/* 0 .. below - 1 */
static inline uint32_t seeded_below(struct seeded *seeded, uint32_t below)
{
	return (uint32_t)((seeded_next(seeded) >> 32) * below >> 32);
}

/* Any width of number is as likely as another. */
static inline uint64_t seeded_number(struct seeded *seeded)
{
	return seeded_next(seeded) >> seeded_below(seeded, 64);
}

#endif
