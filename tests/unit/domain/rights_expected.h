/* Who may do what in which state, written from domain.md's table of transitions and its "Who": it
 * knows nothing of the code's. */
#ifndef BH_TESTS_RIGHTS_EXPECTED_H
#define BH_TESTS_RIGHTS_EXPECTED_H

#include <stddef.h>
#include <stdint.h>

#include "proto/caseflow.h"

/* How far a right reaches, besides class (but for PLACE) and period. */
enum bh_reach {
	AREA,     /* the case lies in the post's area */
	PLACE,    /* likewise, whatever class it is of */
	UNIT,     /* the case is the post's unit's */
	REPORTER, /* the case is one's own report: whatever class it became */
	TASK,     /* the task is one's own, or one's unit's */
};

/* wider: what the table of moves lets do beyond domain.md's "Who". */
struct bh_right_expected {
	unsigned row;
	enum bh_state from;
	enum bh_verb verb;
	uint32_t who;
	uint32_t wider;
	enum bh_reach reach;
};

extern const struct bh_right_expected bh_rights_expected[];
extern const size_t bh_rights_expected_count;

#endif
