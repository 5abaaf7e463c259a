/* One transport and one far end to meet, stepped by one thread; every function asserts. */
#ifndef BH_TESTS_CLIENT_TRANSPORT_WORLD_H
#define BH_TESTS_CLIENT_TRANSPORT_WORLD_H

#include "tests/unit/client/transport_far.h"

#define DISTRICT "990101"
#define TURNS_MAX 2000 /* of up to 10 ms */

struct world {
	struct bh_transport transport;
	struct holder ca, backup_ca, foreign_ca;
	struct holder leaf, backup_leaf, foreign_leaf;
	struct bh_target target;
	struct far_end far;
	struct bh_link *link;
	struct bh_link_proof proof;
	enum bh_link_cause cause;
	bool place; /* where the next piece stands */
};

/* cmocka's, for each case: *state is the world, with nobody served yet. */
int world_setup(void **state);
int world_teardown(void **state);

#define WORLD_CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* A server as it should be. */
struct far_manner manner_good(const struct world *w);
/* Opens the far end and aims at it. */
void serve(struct world *w, const struct far_manner *manner);
void dial(struct world *w);
void hang_up(struct world *w, bool orderly);
/* Steps both ends until the link is up or down. */
enum bh_link_state meet(struct world *w);
/* Dials and meets; both ends are up. */
void come_up(struct world *w);
/* Receives until bytes came or the link ended; gives recv's answer. */
int hear(struct world *w, uint8_t *bytes, size_t size, size_t *got);
void far_say(struct world *w, const char *words);

#endif
