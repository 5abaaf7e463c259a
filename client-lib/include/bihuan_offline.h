/*
 * bihuan_offline.h - what a handset knows without a network: how much time is left, where something
 * comes again and again, and whom to call where life is at stake.  Comes with bihuan.h, whose rules
 * about names, ownership, structs and errors hold here too.
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

/* ---- Places that repeat ------------------------------------------------------------------ */

#define BH_REPEAT_DAYS 90
#define BH_REPEAT_METRES 30
#define BH_REPEAT_ASSET_SIZE 20

/* A place of the worker's grids with three cases or more in ninety days, of whatever types: of a
 * component, or within thirty metres of each other.  Nobody's home: disputes and what is guarded
 * are left out.  As the district told it last, which it does once a session at most. */
typedef struct bh_repeat_view {
	uint32_t struct_size;
	uint32_t grid;
	uint32_t cases;
	uint32_t days;      /* BH_REPEAT_DAYS */
	uint32_t has_place; /* not 0: the next two hold, those of its newest case */
	uint32_t reserved0;
	double latitude_deg; /* WGS-84 */
	double longitude_deg;
	bh_time_ms last_at;               /* when its newest case was received */
	char asset[BH_REPEAT_ASSET_SIZE]; /* the component's mark; "" */
	uint32_t reserved1;
} bh_repeat_view;
#define BH_REPEAT_VIEW_INIT                                                                \
	{                                                                                  \
		(uint32_t)sizeof(bh_repeat_view), 0u, 0u, 0u, 0u, 0u, 0.0, 0.0, 0, {0}, 0u \
	}
/* Places 0, 1, ...; BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_repeat_get(
	bh_client *client, uint32_t index, bh_repeat_view *out, bh_error *err);
/* The one that a place in WGS-84 is at: what to say while a report is recorded there, "3 cases here
 * in 90 days".  BH_E_NOT_FOUND: none. */
BH_API bh_status bh_repeat_near(bh_client *client, double latitude_deg, double longitude_deg,
	bh_repeat_view *out, bh_error *err);

/* ---- Life at stake ----------------------------------------------------------------------- */

#define BH_EMERGENCY_NUMBERS_MAX 4
#define BH_EMERGENCY_NUMBER_SIZE 8
#define BH_SMS_CHARACTERS_MAX 70u /* of one message that is not plain ASCII */
#define BH_SMS_SIZE 256

/* What to show, large and first, when a report of urgency 1 is recorded and there is no network. */
typedef struct bh_emergency_view {
	uint32_t struct_size;
	uint32_t life;          /* 1: of urgency 1 */
	uint32_t numbers_count; /* to call: the type's own, else 110 and 119 */
	uint32_t sms_characters;
	char numbers[BH_EMERGENCY_NUMBERS_MAX][BH_EMERGENCY_NUMBER_SIZE]; /* "119" */
	char sms[BH_SMS_SIZE]; /* number, grid, type, district: one message that any phone can
				  send; nothing that was written, nobody's name.  "" without a case
				*/
} bh_emergency_view;
#define BH_EMERGENCY_VIEW_INIT                                          \
	{                                                               \
		(uint32_t)sizeof(bh_emergency_view), 0u, 0u, 0u, {{0}}, \
		{                                                       \
			0                                               \
		}                                                       \
	}
/* Of a type, a case here, or both; 0: not stated.  BH_E_NOT_FOUND: no such case here, or no
 * enrolment yet (then 110 and 119 it is). */
BH_API bh_status bh_emergency_get(bh_client *client, uint32_t type, uint64_t case_number,
	bh_emergency_view *out, bh_error *err);

#ifdef __cplusplus
}
#endif
#endif
