/* Small counts are nobody's but the owning desk's: in a cell of a few everybody knows who it is. */
#ifndef BH_DOMAIN_SMALL_COUNT_H
#define BH_DOMAIN_SMALL_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#define BH_CELL_MIN 5u

/* Whether a cell is told.  whole: to who may count all of it. */
bool bh_cell_is_shown(uint64_t count, bool whole);
/* Whether a sum is told beside the cells that it is the sum of: what those leave out is no cell
 * that is too small either. */
bool bh_sum_is_shown(const uint64_t *cells, unsigned count, bool whole);

#endif
