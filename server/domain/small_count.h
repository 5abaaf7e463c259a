/* Small counts are nobody's but the owning desk's: in a cell of a few everybody knows who it is. */
#ifndef BH_DOMAIN_SMALL_COUNT_H
#define BH_DOMAIN_SMALL_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#define BH_CELL_MIN 5u

/* Whether a cell is told.  whole: to who may count all of it. */
bool bh_cell_is_shown(uint64_t count, bool whole);

#endif
