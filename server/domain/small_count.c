/* A sum is told where each cell of it is 0 or told: see server/console/field_routes.c. */
#include "server/domain/small_count.h"

bool bh_cell_is_shown(uint64_t count, bool whole)
{
	return whole || count >= BH_CELL_MIN;
}
