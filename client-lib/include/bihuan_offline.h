/*
 * bihuan_offline.h - what a handset knows without a network: how much time is left.  Comes with
 * bihuan.h, whose rules about names, ownership, structs and errors hold here too.
 */
#ifndef BIHUAN_OFFLINE_H
#define BIHUAN_OFFLINE_H

#include "bihuan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Time left --------------------------------------------------------------------------- */

/* Green to 80 % of a limit, yellow to its end, red after.  Frozen. */
#define BH_DUE_NONE 0 /* no such clock runs */
#define BH_DUE_GREEN 1
#define BH_DUE_YELLOW 2
#define BH_DUE_RED 3
/* "green"; "" for none; never NULL. */
BH_API const char *bh_light_word(int32_t light);

/* A case's clocks. */
#define BH_CLOCK_DISPATCH 1
#define BH_CLOCK_SIGN 2 /* green or red: nobody is warned of it */
#define BH_CLOCK_DISPOSAL 3

typedef struct bh_due_view {
	uint32_t struct_size;
	int32_t light;        /* BH_DUE_*, at the instant that was asked for */
	bh_time_ms due_at;    /* 0: no such clock runs */
	bh_time_ms yellow_at; /* 0: it never is */
	int64_t left_ms;      /* to due_at; negative: it is so late */
	int64_t left_work_ms; /* of it, working time by the district's calendar; 0 without one */
	uint32_t works;       /* 1: working time alone counts, and left_work_ms is what is left */
	uint32_t calendar;    /* the calendar's version; 0: the district told none */
} bh_due_view;
#define BH_DUE_VIEW_INIT                                             \
	{                                                            \
		(uint32_t)sizeof(bh_due_view), 0, 0, 0, 0, 0, 0u, 0u \
	}

/* How a clock of the case the cursor stands on is at an instant; at 0: now, by the server's clock
 * as far as it is known here.  Due times are the server's last word; what lies between is counted
 * as it counts, by the same calendar, whether there is a network or not. */
BH_API bh_status bh_case_due(
	bh_case_cursor *cursor, int32_t clock, bh_time_ms at, bh_due_view *out, bh_error *err);
/* The same of its task 0 .. tasks_count - 1.  BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_task_due(
	bh_case_cursor *cursor, uint32_t index, bh_time_ms at, bh_due_view *out, bh_error *err);
/* When a case of this type and condition (0: of the type itself) would be due that were given to a
 * unit at `from` (0: now): what a worker can tell who reports.  A district's own rule may say
 * otherwise.  BH_E_NOT_FOUND: no such type or condition here, or it counts working time and the
 * district told no calendar. */
BH_API bh_status bh_type_due(bh_client *client, uint32_t type, uint32_t condition, bh_time_ms from,
	bh_time_ms at, bh_due_view *out, bh_error *err);

#ifdef __cplusplus
}
#endif
#endif
