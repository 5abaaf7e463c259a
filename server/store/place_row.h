/* Which cases lie in a grid: rows of cases that have a position or a component there. */
#ifndef BH_STORE_PLACE_ROW_H
#define BH_STORE_PLACE_ROW_H

#include "server/domain/repeat.h"
#include "server/store/project.h"

/* before NULL: it is new.  Cases of programs from before this table have no row until a cycle
 * begins under this one. */
int bh_project_place(
	struct bh_projector *projector, const struct bh_case *before, const struct bh_case *now);
/* How many cases up to now, itself included, are at a case's place, counted to BH_REPEAT_CASES; 0
 * where it is none that counts. */
int bh_place_repeats(struct bh_db *db, const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, uint32_t *out);

#endif
