/* A task: work that hangs on a case and has its own assignee and clock (domain.md, Entities). */
#ifndef BH_DOMAIN_TASK_H
#define BH_DOMAIN_TASK_H

#include "proto/bytes.h"
#include "proto/caseflow.h"
#include "server/domain/case.h"
#include "server/domain/rules.h"

enum bh_task_state {
	BH_TASK_OPEN = 1,
	BH_TASK_ANSWERED = 2,
	BH_TASK_LAPSED = 3,    /* nobody answered in time */
	BH_TASK_WITHDRAWN = 4, /* its case went on without it */
};

/*
 * Every field is an integer and stands in the field table of task.c with a frozen id from 256 on,
 * behind a case's in an entry's decision.  An entry changes one task at most, which its ordinal
 * names: a task is called by its case and its place among the case's tasks.  0 means "none".
 */
struct bh_task {
	uint64_t number;     /* of its case */
	uint64_t first;      /* position of the entry that made it */
	uint64_t last;       /* ... and of the last one about it */
	uint32_t ordinal;    /* 1, 2, 3 ... within the case */
	uint32_t kind;       /* enum bh_task_kind */
	uint32_t state;      /* enum bh_task_state */
	uint32_t person;     /* whose it is, or */
	uint32_t unit;       /* ... that of anybody of a unit */
	uint32_t asked_by;   /* person */
	uint32_t by_unit;    /* HELP: the lead unit it is for */
	uint32_t cycle;      /* of its case when it was made */
	uint32_t from_state; /* ... and where that stood */
	int64_t made_ms;
	int64_t due_ms;
	int64_t ended_ms;
	uint32_t result;   /* enum bh_task_result */
	uint32_t ended_by; /* person; 0: the clock */
	/* How it is due: so much working time from when it was made; as its case; else as it is. */
	uint32_t calendar; /* bh_rules_calendar_mark that its due time goes by; 0: by none */
	int64_t limit_ms;
	uint32_t by_case;
	/* Reassigned: from whom last, and on which version of its case. */
	uint32_t person_before;
	uint64_t moved_from;
	/* ANSWERED: when that was done (decide_capture.c), and whether after its due time. */
	int64_t done_ms;
	uint32_t late;
};

#define BH_TASK_FIELD_ORDINAL 256u
#define BH_TASKS_OPEN_MAX 8u /* of one case */

/* Appends what changed, with the ordinal always: behind bh_case_diff's. */
int bh_task_diff(const struct bh_task *before, const struct bh_task *after, struct bh_buf *out);
/* Sets the task's fields that a decision names.  BH_ERR_MALFORMED. */
int bh_task_patch(struct bh_task *task, struct bh_span decision);
/* Which task an entry's decision changes; 0: none. */
uint32_t bh_task_of_decision(struct bh_span decision);
bool bh_task_equal(const struct bh_task *a, const struct bh_task *b);
const char *bh_task_state_name(enum bh_task_state state); /* "open" */

/* Does its case still wait for it? */
bool bh_task_stands(const struct bh_task *task, const struct bh_case *cased);
/* When a task that is due as its case (by_case) is due now: with its disposal limit, and while it
 * is suspended no sooner than that ends; else as it is. */
int64_t bh_task_due_ms(const struct bh_task *task, const struct bh_case *cased);
/* Open, and its case's limit has gone elsewhere. */
bool bh_task_moves(const struct bh_task *task, const struct bh_case *cased);
/* Does its due time go by another calendar than this one? */
bool bh_task_is_stale(const struct bh_task *task, uint32_t calendar);
/* From when on nobody may answer it whose it is: the last post of its person that would allow it
 * ends, or there is none, or its unit is no more; then not before it was made.  INT64_MAX: that is
 * not known yet. */
int64_t bh_task_left_ms(const struct bh_rules *rules, const struct bh_task *task);
/* When the clock ends it, or computes its due time again, under these rules; 0: it has ended. */
int64_t bh_task_next_ms(const struct bh_rules *rules, const struct bh_task *task);

#endif
