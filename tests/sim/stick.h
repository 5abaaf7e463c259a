/* A stick that somebody carries: a handset's bundle to the server, and the answer back; hours may
 * pass, and it may be brought twice, late, or never. */
#ifndef BH_TESTS_SIM_STICK_H
#define BH_TESTS_SIM_STICK_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/bytes.h"
#include "tests/sim/written.h"

struct bh_simevent;
struct bh_simrun;

struct bh_simstick {
	struct bh_buf file;   /* the handset's; len 0: none */
	struct bh_buf answer; /* the district's */
	struct bh_simwritten written;
	uint64_t trip;  /* counts bundles: events of older ones are nobody's */
	uint32_t tries; /* to hand it over */
};

/* The handset writes what it holds onto its stick, and somebody takes it along. */
void bh_simstick_take(struct bh_simrun *run, uint32_t phone);
void bh_simstick_event(struct bh_simrun *run, const struct bh_simevent *event);
void bh_simstick_lose(struct bh_simstick *stick);

#endif
