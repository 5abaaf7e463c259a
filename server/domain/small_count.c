/* Whoever subtracts what is told from a sum must be left with nothing, or with enough. */
#include "server/domain/small_count.h"

bool bh_cell_is_shown(uint64_t count, bool whole)
{
	return whole || count >= BH_CELL_MIN;
}

bool bh_sum_is_shown(const uint64_t *cells, unsigned count, bool whole)
{
	uint64_t all = 0, hidden = 0;
	for (unsigned i = 0; i < count; i++) {
		all += cells[i];
		hidden += bh_cell_is_shown(cells[i], whole) ? 0 : cells[i];
	}
	return bh_cell_is_shown(all, whole) && (hidden == 0 || bh_cell_is_shown(hidden, whole));
}
