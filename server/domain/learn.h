/* Learning from returns (domain.md, Routing 10): where units give cases of a type back and others
 * then have them, a rule is proposed.  Nothing changes by itself. */
#ifndef BH_DOMAIN_LEARN_H
#define BH_DOMAIN_LEARN_H

#include "server/domain/routing.h"

/* A return that a person accepted, and where the case went then under the same type. */
struct bh_returned {
	uint64_t number;
	uint32_t type;
	uint32_t area;     /* of the case: its smallest */
	uint32_t unit;     /* that gave it back */
	uint32_t went;     /* unit */
	uint32_t proposal; /* bh_learn: the one it speaks for, from 1; 0: none */
};

struct bh_proposal {
	uint32_t type;
	uint32_t area; /* the smallest in which there are enough of them */
	uint32_t unit; /* that gives them back, though the rules in force send them there */
	uint32_t to;
	size_t returns;        /* in this area */
	size_t agreed;         /* of them: went to that unit */
	struct bh_routing now; /* what the rules say today */
};

#define BH_LEARN_RETURNS_MIN 3u /* fewer are chance */
#define BH_LEARN_PERCENT 60u    /* of the returns went to one unit */

/* Proposals for the rules in force for what begins now, at most max; the smaller areas first, and
 * of one type and unit a return speaks once.  Sorts returned, and marks what each speaks for. */
size_t bh_learn(const struct bh_rules *rules, int64_t now_ms, struct bh_returned *returned,
	size_t count, struct bh_proposal *out, size_t max);

#endif
