/* What a handset was seen to hold, and the check that nothing of it is lost. */
#ifndef BH_TESTS_FUZZ_CLIENT_HELD_H
#define BH_TESTS_FUZZ_CLIENT_HELD_H

#include "tests/unit/client/scripted.h"

struct client_held {
	struct bh_log log;
	bool live; /* in a session; to be cleared when it ends between two checks */
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t cursors_count;
};

/* Looks for the first time. */
void client_held_begin(struct scripted *s, struct client_held *held);
/* Looks again; asserts that what it sees can have come of what was held.  Takes the output. */
void client_held_check(struct scripted *s, struct client_held *held);
/* Asserts that every op of the present log is there and linked to the one before it. */
void client_chain_check(struct scripted *s, const struct client_held *held);

#endif
