/* Field work as it is counted and listed: service entries and patrol rounds, by day and grid. */
#ifndef BH_STORE_FIELD_WORK_H
#define BH_STORE_FIELD_WORK_H

#include "server/store/store.h"

/* Days are local, since 1970-01-01 (field_fact.h). */
struct bh_service_count {
	uint32_t day;
	uint32_t grid;
	uint32_t kind;
	uint64_t count;
};
/* Every day, grid and kind of which there is something, in that order, from_day to to_day; without
 * by_day every grid and kind, once or by day as is quicker.  What each returns other than 0 ends it
 * and is returned. */
typedef int (*bh_service_each)(void *context, const struct bh_service_count *row);
int bh_reader_service_counts(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	bool by_day, bh_service_each each, void *context);

/* Of those what came after a position, for each grid and kind: in order of them. */
int bh_reader_service_late(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	uint64_t after, bh_service_each each, void *context);
/* The last position of before an instant; 0: none. */
int bh_reader_position_before(struct bh_store_reader *reader, int64_t at_ms, uint64_t *out);

/* An entry's place in the list, and the entry. */
struct bh_service_row {
	uint32_t day;
	uint32_t grid;
	uint32_t kind;
	uint64_t position;
};
/* Strictly after one, up to to_day: at most max. */
int bh_reader_services(struct bh_store_reader *reader, const struct bh_service_row *after,
	uint32_t to_day, struct bh_service_row *rows, size_t max, size_t *count);

struct bh_patrol_count {
	uint32_t day;
	uint32_t grid;
	uint32_t plan;
	uint64_t rounds;
	uint64_t whole; /* of them: nothing was missed */
	uint64_t done;  /* checkpoints */
	uint64_t missed;
	uint64_t minutes;
};
typedef int (*bh_patrol_each)(void *context, const struct bh_patrol_count *row);
int bh_reader_patrol_counts(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	bh_patrol_each each, void *context);

/* How a plan was from a day on; no weekdays: it was gone. */
struct bh_patrol_plan {
	uint32_t plan;
	uint32_t day;
	uint32_t grid;
	uint32_t weekdays;
	uint32_t rounds;
};
typedef int (*bh_plan_each)(void *context, const struct bh_patrol_plan *row);
/* Every such day of every plan up to to_day, plan by plan, in order. */
int bh_reader_patrol_plans(
	struct bh_store_reader *reader, uint32_t to_day, bh_plan_each each, void *context);

#endif
