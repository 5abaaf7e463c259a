/* Ratings as JSON: one of a case, and a unit's figures of a month. */
#ifndef BH_CONSOLE_RATING_JSON_H
#define BH_CONSOLE_RATING_JSON_H

#include "server/console/exchange.h"
#include "server/store/rating.h"

/* A calendar month of the district. */
struct bh_rating_month {
	char text[8]; /* "2026-03" */
	int64_t from_ms;
	int64_t before_ms;
};
bool bh_rating_month_parse(const char *text, int32_t offset_min, struct bh_rating_month *out);
/* The one before the month of an instant. */
void bh_rating_month_before(int64_t ms, int32_t offset_min, struct bh_rating_month *out);

/* New references, NULL without memory. */
json_t *bh_rating_json(struct bh_exchange *x, const struct bh_rating_row *row);
/* whole: for who watches over the unit.  Others are given a month's figures once they change no
 * more (told), and none of fewer than BH_CELL_MIN: of one that grew they would know whose it
 * was. */
json_t *bh_rating_count_json(
	const struct bh_exchange *x, const struct bh_rating_count *row, bool whole, bool told);

#endif
