/* What a move of the table does to each of a case's clocks (domain.md, "Case state machine",
 * running timer, and "Clock model"), in words that programs and people have for it. */
#ifndef BH_PROTO_CASEFLOW_CLOCK_H
#define BH_PROTO_CASEFLOW_CLOCK_H

#include <stdbool.h>

enum bh_flow_clock {
	BH_FLOW_DISPATCH = 0, /* 派单: since it entered the queue */
	BH_FLOW_SIGN = 1,     /* 签收: signing, starting again, receiving at another tier */
	BH_FLOW_DISPOSAL = 2, /* 处置; of a dispute: its tier's */
	BH_FLOW_REVIEW = 3,   /* 退单审核 */
	BH_FLOW_PAUSE = 4,    /* 挂账: until its date */
	BH_FLOW_CHECK = 5,    /* 核查 */
	BH_FLOW_ANSWER = 6, /* 结案后: the windows to reopen, reconsider and rate; the archive */
	BH_FLOW_FOLLOW = 7, /* 回访 */
	BH_FLOW_APPEAL = 8, /* 申诉审核 */
	BH_FLOW_TASK = 9,   /* 任务: the one that the move is about */
	BH_FLOW_PERFORM = 10, /* 协议履行: the dates of an agreement */
	BH_FLOW_CLOCKS = 11,
};

/* Of a clock that does not run, all but KEEP, START and HALVE do nothing. */
enum bh_flow_effect {
	BH_EFFECT_KEEP = 0,   /* runs on, or stands */
	BH_EFFECT_START = 1,  /* a whole limit from now on */
	BH_EFFECT_END = 2,    /* runs no more */
	BH_EFFECT_PAUSE = 3,  /* ends, and what of it was used up is kept */
	BH_EFFECT_RESUME = 4, /* what is left of it from now on */
	BH_EFFECT_HALVE = 5,  /* half a limit from now on; a whole one for a unit that never had it
			       */
	BH_EFFECT_EXTEND = 6, /* one original limit more */
	BH_EFFECT_RECKON = 7, /* another limit: its start and its pauses stay */
	BH_EFFECT_NEXT = 8,   /* ends; the next of its kind begins where there is one */
	BH_EFFECTS = 9,
};

/* Does what ran until now run no more? */
bool bh_effect_ends(enum bh_flow_effect effect);

/* "dispatch", "派单时限"; never NULL. */
const char *bh_flow_clock_name(enum bh_flow_clock clock);
const char *bh_flow_clock_name_zh(enum bh_flow_clock clock);
/* "start", "起算" */
const char *bh_effect_name(enum bh_flow_effect effect);
const char *bh_effect_name_zh(enum bh_flow_effect effect);

#endif
