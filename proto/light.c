/* Two instants cut a running clock into three colours. */
#include <stddef.h>

#include "proto/light.h"

enum bh_light bh_light_at(int64_t yellow_ms, int64_t due_ms, int64_t now_ms)
{
	if (due_ms == 0)
		return BH_LIGHT_NONE;
	if (now_ms > due_ms)
		return BH_LIGHT_RED;
	return now_ms >= yellow_ms ? BH_LIGHT_YELLOW : BH_LIGHT_GREEN;
}

const char *bh_light_name(enum bh_light light)
{
	static const char *const names[] = {
		[BH_LIGHT_GREEN] = "green",
		[BH_LIGHT_YELLOW] = "yellow",
		[BH_LIGHT_RED] = "red",
	};
	return (unsigned)light < sizeof(names) / sizeof(names[0]) ? names[light] : NULL;
}
