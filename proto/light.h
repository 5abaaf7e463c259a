/* A running case's light (domain.md, "Lights and cards"): green to 80 % of its disposal limit,
 * yellow to the limit, red after.  Derived wherever it is shown, and stored nowhere. */
#ifndef BH_PROTO_LIGHT_H
#define BH_PROTO_LIGHT_H

#include <stdint.h>

enum bh_light {
	BH_LIGHT_NONE = 0, /* no disposal clock runs */
	BH_LIGHT_GREEN = 1,
	BH_LIGHT_YELLOW = 2,
	BH_LIGHT_RED = 3,
};

/* yellow_ms: when 80 % of the limit are used up; due_ms: when all of it is, 0 where no clock runs.
 * Yellow from its instant on; red after the limit: what is done in its last millisecond is in
 * time. */
enum bh_light bh_light_at(int64_t yellow_ms, int64_t due_ms, int64_t now_ms);
/* "green", or NULL for none. */
const char *bh_light_name(enum bh_light light);

#endif
