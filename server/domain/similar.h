/* Which reports may be of the same thing: told to a person, who decides (domain.md, Routing 2). */
#ifndef BH_DOMAIN_SIMILAR_H
#define BH_DOMAIN_SIMILAR_H

#include "server/domain/case.h"
#include "server/domain/rules.h"

/* An ended case is a repeat's main case for so long (rows 2 and 6 of the routing and the state
 * table). */
#define BH_SIMILAR_ENDED_MS (INT64_C(72) * 3600000)

/* How far apart in place and time two reports of a type may be; where the catalogue states no
 * window, 30 m and 72 h.  Radius 0: reports of this type are never the same by place. */
struct bh_similar_bound {
	uint32_t radius_m;
	int64_t window_ms;
};
struct bh_similar_bound bh_rules_similar(const struct bh_rules *rules, uint32_t type);

/* In metres; both have a place. */
double bh_case_distance_m(const struct bh_case *a, const struct bh_case *b);

/* When it was seen in the field: never after it was received.  Who was away from the network saw
 * it with those who were not. */
int64_t bh_case_seen_ms(const struct bh_case *cased);

/* Of the same type, within its radius and window, the other open or ended for less than 72 h.  A
 * case that is merged, void or refused is nobody's main case.  *distance_m is rounded. */
bool bh_case_is_similar(const struct bh_rules *rules, const struct bh_case *cased,
	const struct bh_case *other, int64_t now_ms, uint32_t *distance_m);

#endif
