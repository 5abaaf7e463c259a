/* The sides of the guards that rows of the table have: for a walk that asks decide of each. */
#ifndef BH_TEST_GUARD_SIDES_H
#define BH_TEST_GUARD_SIDES_H

#include "tests/unit/domain/staged.h"

struct bh_guard_side {
	uint32_t guard;                    /* enum bh_guard, one bit */
	void (*holds)(struct bh_staged *); /* what it asks is there; NULL: as it was staged */
	void (*breach)(struct bh_staged *);
	enum bh_reason reason;            /* of the refusal then */
	void (*also)(struct bh_staged *); /* another way to meet it, after the breach; NULL: none */
	const char *what;
};

extern const struct bh_guard_side bh_guard_sides[];
extern const size_t bh_guard_sides_count;
/* Of the rows that are the clock's. */
extern const struct bh_guard_side bh_guard_clock_sides[];
extern const size_t bh_guard_clock_sides_count;

/* A command of the role's that the row accepts: all that its guards ask is there. */
void bh_guard_stage(struct bh_staged *out, const struct bh_rules *rules, const struct bh_move *move,
	uint32_t role);

#endif
