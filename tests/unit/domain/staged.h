/* A case in any state, and a command about it that every condition of the table's row lets pass:
 * for walks through the table that ask decide of each row. */
#ifndef BH_TEST_STAGED_H
#define BH_TEST_STAGED_H

#include "tests/unit/domain/docket.h"

/* standing points into it: copied by bh_staged_copy alone. */
struct bh_staged {
	struct bh_case cased;
	struct bh_case main; /* of a merge */
	struct bh_task task;
	struct bh_mediation mediation;
	struct bh_standing standing;
	struct bh_command command;
};

/* With the clocks that a state has. */
struct bh_case bh_staged_case(const struct bh_rules *rules, enum bh_state state);
/* Of the demo's person who holds the role, whether the table has a row for it or not. */
void bh_staged(struct bh_staged *out, const struct bh_rules *rules, enum bh_state from,
	enum bh_verb verb, uint32_t role, enum bh_source source);
void bh_staged_copy(struct bh_staged *out, const struct bh_staged *from);

/* A row of the clock's. */
void bh_staged_clock(
	struct bh_staged *out, const struct bh_rules *rules, const struct bh_move *move);
/* At the instant that is next, the clock makes this move; command is its command then. */
bool bh_staged_clock_gives(struct bh_staged *staged, const struct bh_move *move);

#endif
