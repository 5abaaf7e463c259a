/* Cases gather around the newest of each place.  A grid has some ten in ninety days, so that all of
 * them are set against each other. */
#include "server/domain/repeat.h"

#include "server/domain/similar.h"

bool bh_case_counts_for_repeat(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms)
{
	const struct bh_msg_catalogue_type *type = bh_rules_type(rules, cased->type);
	if (type == NULL || type->privacy != BH_PRIVACY_PUBLIC || type->dispute ||
		cased->received_ms <= now_ms - BH_REPEAT_MS || cased->received_ms > now_ms)
		return false;
	return cased->state != BH_STATE_REJECTED && cased->state != BH_STATE_VOID &&
	       cased->state != BH_STATE_MERGED;
}

bool bh_case_is_at_place(const struct bh_case *a, const struct bh_case *b)
{
	if (a->asset != 0 && a->asset == b->asset)
		return true;
	return a->has_place != 0 && b->has_place != 0 &&
	       bh_case_distance_m(a, b) <= BH_REPEAT_RADIUS_M;
}

static void place_join(struct bh_repeat *place, const struct bh_case *cased)
{
	if (!place->has_place && cased->has_place != 0) {
		place->has_place = true;
		place->latitude_e7 = cased->latitude_e7;
		place->longitude_e7 = cased->longitude_e7;
	}
	if (place->asset == 0)
		place->asset = cased->asset;
	place->cases++;
}

size_t bh_repeat_places(
	const struct bh_case *cases, size_t count, struct bh_repeat *out, size_t max)
{
	bool taken[BH_REPEAT_ROWS_MAX] = {false};
	size_t found = 0;
	if (count > BH_REPEAT_ROWS_MAX)
		count = BH_REPEAT_ROWS_MAX;
	for (size_t i = 0; i < count && found < max; i++) {
		struct bh_repeat place = {.grid = cases[i].grid, .last_ms = cases[i].received_ms};
		for (size_t j = i; !taken[i] && j < count; j++) {
			if (taken[j] || !bh_case_is_at_place(&cases[i], &cases[j]))
				continue;
			taken[j] = j > i;
			place_join(&place, &cases[j]);
		}
		if (place.cases >= BH_REPEAT_CASES)
			out[found++] = place;
	}
	return found;
}
