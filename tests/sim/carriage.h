/* Bundles that one handset wrote and another carries: its sessions bring them, and the answer comes
 * back by hand. */
#ifndef BH_TESTS_SIM_CARRIAGE_H
#define BH_TESTS_SIM_CARRIAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/bytes.h"
#include "tests/sim/rng.h"
#include "tests/sim/written.h"

struct bh_simevent;
struct bh_simrun;

enum bh_simcarriage_state {
	BH_SIMCARRIAGE_WRITTEN,  /* on its way to whoever carries it */
	BH_SIMCARRIAGE_CARRIED,  /* in its carrier's handset */
	BH_SIMCARRIAGE_ANSWERED, /* on its way back */
	BH_SIMCARRIAGE_OVER,
};

struct bh_simcarriage {
	enum bh_simcarriage_state state;
	struct bh_simwritten written;
	uint32_t carrier;
	struct bh_buf file;
	struct bh_buf answer;
	uint8_t name[BH_HASH_BYTES];
	int64_t loaded_at_ms; /* virtual */
	const char *refused;  /* what the server said of it last; NULL: nothing yet, "": it holds */
	uint32_t torn;        /* or lost, while it lay at the server */
	uint32_t tries;       /* to hand it over */
};

struct bh_simcarriages {
	struct bh_simrng rng; /* who carries, and when */
	struct bh_simcarriage *all;
	size_t count, room;
};

/* The handset writes what it holds, and somebody comes for it whose handset is another. */
void bh_simcarriage_begin(struct bh_simrun *run, uint32_t phone);
void bh_simcarriage_event(struct bh_simrun *run, const struct bh_simevent *event);
/* The one of this name; NULL: nobody wrote such a bundle. */
struct bh_simcarriage *bh_simcarriage_find(
	struct bh_simrun *run, const uint8_t name[BH_HASH_BYTES]);
/* None is under way that can still come anywhere; why: which. */
bool bh_simcarriages_are_over(struct bh_simrun *run, char *why, size_t size);
void bh_simcarriages_free(struct bh_simcarriages *carriages);

#endif
