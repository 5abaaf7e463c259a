/* Of which days and areas field work is asked; what the routes of services and patrols share. */
#ifndef BH_CONSOLE_FIELD_FILTER_H
#define BH_CONSOLE_FIELD_FILTER_H

#include "server/console/exchange.h"
#include "server/store/field_work.h"

struct bh_field_filter {
	uint32_t from_day, to_day;
	uint32_t area; /* 0: all */
	unsigned kind; /* of service entries; 0: all */
	size_t limit;
	struct bh_service_row after;
};

/* Answers what is wrong with a parameter, and gives false. */
bool bh_field_refuse(struct bh_exchange *x, const char *message, const char *hint);
/* from and to: today where they are not said. */
bool bh_field_days_read(struct bh_exchange *x, struct bh_field_filter *filter);
bool bh_field_area_read(struct bh_exchange *x, struct bh_field_filter *filter);
/* Is it asked, and may the caller see it? */
bool bh_field_grid_fits(
	const struct bh_exchange *x, const struct bh_field_filter *filter, uint32_t grid);

/* May the caller be told of each one there, and of counts of few? */
bool bh_field_grid_whole(const struct bh_exchange *x, uint32_t grid);

/* The last day of this day's month. */
uint32_t bh_field_month_last(uint32_t day);
/* Are the days that are asked of whole months, all of them over? */
/* When a month that ends on this day is counted for those who are told no small count: a week
 * later, and for ever. */
int64_t bh_field_month_closes_ms(const struct bh_exchange *x, uint32_t last_day);
bool bh_field_months_whole(const struct bh_exchange *x, const struct bh_field_filter *filter);

int32_t bh_field_offset_min(const struct bh_exchange *x);
/* "2026-10-12" */
json_t *bh_field_day_json(const struct bh_exchange *x, uint32_t day);
json_t *bh_field_area_name(const struct bh_exchange *x, uint32_t id);

#endif
