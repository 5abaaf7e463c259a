/*
 * bihuan_field.h - field work that is no case: service entries and patrol rounds.  Comes with
 * bihuan.h, whose rules about names, ownership, structs, errors and durability hold here too.
 *
 * What is recorded goes the way of reports: into the same log, without a network, once for ever,
 * and acknowledged likewise (bh_op_cursor_open lists it).  It has no case number, no clock and no
 * answer; the district counts it by kind, day and grid.
 */
#ifndef BIHUAN_FIELD_H
#define BIHUAN_FIELD_H

#include <bihuan.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BH_NAME_SIZE 124 /* 120 bytes, cut at a whole character, and NUL */

/* ---- Grids ------------------------------------------------------------------------------- */

/* A grid of the worker's posts, as last told. */
typedef struct bh_grid_view {
	uint32_t struct_size;
	uint32_t grid; /* the district's number for it: what records name */
	char code[BH_NAME_SIZE];
	char name[BH_NAME_SIZE];
} bh_grid_view;
#define BH_GRID_VIEW_INIT                                \
	{                                                \
		(uint32_t)sizeof(bh_grid_view), 0u, {0}, \
		{                                        \
			0                                \
		}                                        \
	}
/* Grids 0, 1, ...; BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_grid_get(bh_client *client, uint32_t index, bh_grid_view *out, bh_error *err);

/* ---- Service entries (服务记录) ------------------------------------------------------------ */

/* What a service entry is of.  Frozen; more may come. */
#define BH_SERVICE_KIND_CONSULTATION 1 /* 咨询 */
#define BH_SERVICE_KIND_PROXY 2        /* 帮办代办 */
#define BH_SERVICE_KIND_PUBLICITY 3    /* 宣传 */
#define BH_SERVICE_KIND_HAZARD_CHECK 4 /* 隐患排查 */
#define BH_SERVICE_KIND_PLACE_FACT 5   /* 基础信息: a base fact about a place */

/* "proxy", "帮办代办"; language as in bh_cause_sentence; "unknown" for no kind; never NULL. */
BH_API const char *bh_service_kind_name(int32_t kind, const char *language);

typedef struct bh_service_input {
	uint32_t struct_size;
	int32_t kind;       /* BH_SERVICE_KIND_* */
	const char *text;   /* NULL or at most BH_REPORT_TEXT_BYTES_MAX bytes; name no one */
	uint32_t grid;      /* bh_grid_view.grid; 0: by the place, or the worker's own */
	uint32_t has_place; /* not 0: the next four hold, as in bh_report_input */
	double latitude_deg;
	double longitude_deg;
	double accuracy_m;
	uint32_t datum; /* BH_PLACE_* */
	uint32_t reserved0;
	bh_time_ms captured_at; /* 0: now */
} bh_service_input;
#define BH_SERVICE_INPUT_INIT                                                                 \
	{                                                                                     \
		(uint32_t)sizeof(bh_service_input), 0, NULL, 0u, 0u, 0.0, 0.0, 0.0, 0u, 0u, 0 \
	}

/* Records a service entry, offline or not; durable on BH_OK, as bh_report_record.  sequence (may be
 * NULL) is its place in this handset's log. */
BH_API bh_status bh_service_record(
	bh_client *client, const bh_service_input *input, uint64_t *sequence, bh_error *err);

/* ---- Patrol rounds (巡查) ------------------------------------------------------------------ */

/* A plan of the worker's grids with its round of this moment.  Plans come with what the district
 * tells of itself, at most 64.  A round begins with the first checkpoint that is marked, lies in
 * the store through restarts, and is told when it is finished: which checkpoints were confirmed,
 * which were not and why, and how long it took.  Where the worker was in between is not asked for,
 * and a position that confirms a checkpoint is compared here and kept nowhere. */
typedef struct bh_patrol_view {
	uint32_t struct_size;
	uint32_t plan;
	uint32_t grid;
	uint32_t checkpoints_count; /* read them with bh_checkpoint_get */
	uint32_t rounds_today;      /* that the plan asks for today; 0: not a day of it */
	uint32_t finished_today;    /* recorded here, whether sent yet or not */
	uint32_t confirmed;         /* checkpoints of the round that is open */
	uint32_t skipped;
	bh_time_ms started_at; /* of the round that is open; 0: none is */
	char code[BH_NAME_SIZE];
	char name[BH_NAME_SIZE];
} bh_patrol_view;
#define BH_PATROL_VIEW_INIT                                                           \
	{                                                                             \
		(uint32_t)sizeof(bh_patrol_view), 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0, {0}, \
		{                                                                     \
			0                                                             \
		}                                                                     \
	}
/* Plans 0, 1, ...; BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_patrol_get(
	bh_client *client, uint32_t index, bh_patrol_view *out, bh_error *err);

#define BH_CHECKPOINT_OPEN 0
#define BH_CHECKPOINT_CONFIRMED 1
#define BH_CHECKPOINT_SKIPPED 2

typedef struct bh_checkpoint_view {
	uint32_t struct_size;
	int32_t state;       /* BH_CHECKPOINT_*, in the round that is open */
	uint32_t has_place;  /* not 0: the next three hold */
	uint32_t radius_m;   /* so near is there */
	double latitude_deg; /* WGS-84 */
	double longitude_deg;
	char name[BH_NAME_SIZE];
	char reason[BH_NAME_SIZE]; /* of one that was skipped; "" */
} bh_checkpoint_view;
#define BH_CHECKPOINT_VIEW_INIT                                                 \
	{                                                                       \
		(uint32_t)sizeof(bh_checkpoint_view), 0, 0u, 0u, 0.0, 0.0, {0}, \
		{                                                               \
			0                                                       \
		}                                                               \
	}
/* Checkpoints 0, 1, ... of a plan; BH_E_NOT_FOUND: no such plan, or past the last. */
BH_API bh_status bh_checkpoint_get(
	bh_client *client, uint32_t plan, uint32_t index, bh_checkpoint_view *out, bh_error *err);

typedef struct bh_checkpoint_input {
	uint32_t struct_size;
	int32_t state;      /* BH_CHECKPOINT_CONFIRMED, _SKIPPED, or _OPEN to take it back */
	const char *reason; /* of skipping: required, at most 120 bytes; name no one */
	uint32_t has_place; /* not 0: the next three hold, and are compared with the checkpoint's */
	uint32_t reserved0;
	double latitude_deg; /* WGS-84 */
	double longitude_deg;
	double accuracy_m; /* up to 100 m of it is allowed for */
} bh_checkpoint_input;
#define BH_CHECKPOINT_INPUT_INIT                                                      \
	{                                                                             \
		(uint32_t)sizeof(bh_checkpoint_input), 0, NULL, 0u, 0u, 0.0, 0.0, 0.0 \
	}
/* Marks a checkpoint in the plan's open round, which begins with the first; durable on BH_OK.
 * BH_E_NOT_FOUND: no such plan or checkpoint.  BH_E_STATE: the place is too far from it.
 * BH_E_LIMIT: the reasons of one round are too long together. */
BH_API bh_status bh_checkpoint_mark(bh_client *client, uint32_t plan, uint32_t index,
	const bh_checkpoint_input *input, bh_error *err);

/* Ends the open round and records its summary; what was not marked counts as missed.  sequence (may
 * be NULL) is its place in this handset's log.  BH_E_STATE: no round of this plan is open. */
BH_API bh_status bh_patrol_finish(
	bh_client *client, uint32_t plan, uint64_t *sequence, bh_error *err);
/* Lets the open round go, unrecorded.  BH_DONE: none was open. */
BH_API bh_status bh_patrol_drop(bh_client *client, uint32_t plan, bh_error *err);

#ifdef __cplusplus
}
#endif
#endif
