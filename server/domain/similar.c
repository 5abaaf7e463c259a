/* Near-duplicates by type, place and time.  Distances are some hundred metres at most, for which
 * the earth is a plane. */
#include "server/domain/similar.h"

#include <math.h>

#define HOUR_MS INT64_C(3600000)
#define RADIUS_USUAL_M 30u
#define WINDOW_USUAL_H 72u
#define METRES_PER_E7 0.011131949 /* of a meridian: 111,319.49 m a degree */
#define RADIANS_PER_E7 (3.14159265358979323846 / 180e7)

struct bh_similar_bound bh_rules_similar(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	if (known == NULL)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	if (known == NULL || known->dedupe_window_h == 0)
		return (struct bh_similar_bound){RADIUS_USUAL_M, WINDOW_USUAL_H * HOUR_MS};
	return (struct bh_similar_bound){known->dedupe_radius_m, known->dedupe_window_h * HOUR_MS};
}

double bh_case_distance_m(const struct bh_case *a, const struct bh_case *b)
{
	double north_m = ((double)a->latitude_e7 - b->latitude_e7) * METRES_PER_E7;
	double east_m = ((double)a->longitude_e7 - b->longitude_e7) * METRES_PER_E7 *
			cos(a->latitude_e7 * RADIANS_PER_E7);
	return sqrt(north_m * north_m + east_m * east_m);
}

int64_t bh_case_seen_ms(const struct bh_case *cased)
{
	bool believed = cased->captured_ms != 0 && cased->captured_ms <= cased->received_ms;
	return believed ? cased->captured_ms : cased->received_ms;
}

/* Open, or closed (archived and followed up are closed) for less than 72 h. */
static bool may_be_main(const struct bh_case *other, int64_t now_ms)
{
	switch (other->state) {
	case BH_STATE_CLOSED:
	case BH_STATE_ARCHIVED:
	case BH_STATE_FOLLOWED:
		return now_ms - other->closed_ms < BH_SIMILAR_ENDED_MS;
	case BH_STATE_REJECTED:
	case BH_STATE_VOID:
	case BH_STATE_MERGED:
	case BH_STATE_REFERRED:
		return false;
	default:
		return true;
	}
}

bool bh_case_is_similar(const struct bh_rules *rules, const struct bh_case *cased,
	const struct bh_case *other, int64_t now_ms, uint32_t *distance_m)
{
	struct bh_similar_bound bound = bh_rules_similar(rules, cased->type);
	int64_t apart_ms = bh_case_seen_ms(cased) - bh_case_seen_ms(other);
	if (cased->number == other->number || cased->type != other->type || cased->has_place == 0 ||
		other->has_place == 0 || bound.radius_m == 0 ||
		(apart_ms < 0 ? -apart_ms : apart_ms) > bound.window_ms ||
		!may_be_main(other, now_ms))
		return false;
	double apart_m = bh_case_distance_m(cased, other);
	if (apart_m > bound.radius_m)
		return false;
	*distance_m = (uint32_t)lround(apart_m);
	return true;
}
