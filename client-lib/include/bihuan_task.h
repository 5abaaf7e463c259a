/* Tasks: work that hangs on a case and that somebody else waits for.  A part of bihuan.h, which
 * includes it. */
#ifndef BIHUAN_TASK_H
#define BIHUAN_TASK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Work that hangs on a case.  Frozen; tolerate unknown ones. */
#define BH_TASK_KIND_VERIFY 1 /* 核实: is it as reported? */
#define BH_TASK_KIND_CHECK 2  /* 核查: was it done? */
#define BH_TASK_KIND_HELP 3   /* 协办 */
#define BH_TASK_KIND_VISIT 4  /* 走访: due on a date */

typedef struct bh_task_view {
	uint32_t struct_size;
	uint32_t task; /* what an answer names: 1, 2 ... within the case */
	int32_t kind;  /* BH_TASK_KIND_* */
	uint32_t own;  /* 1: this handset's worker's, or anybody's of his unit; else told only */
	uint32_t answered; /* 1: an answer is recorded here, and has no verdict yet */
	uint32_t reserved0;
	bh_time_ms made_at;
	bh_time_ms due_at;
	const char *text; /* what is asked for; "" */
} bh_task_view;
#define BH_TASK_VIEW_INIT                                                     \
	{                                                                     \
		(uint32_t)sizeof(bh_task_view), 0u, 0, 0u, 0u, 0u, 0, 0, NULL \
	}

/* An open task of the case the cursor stands on, 0 .. tasks_count - 1; strings live as the view's.
 * It is answered by bh_act_record.  One that ended otherwise is gone with the next record; an
 * answer to it that is on its way becomes BH_OP_STALE.  BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_case_task(
	bh_case_cursor *cursor, uint32_t index, bh_task_view *out, bh_error *err);

/* Answers to tasks (bh_case_task): each needs a photo or a text. */
#define BH_ACT_ANSWER_VERIFY 3 /* 核实反馈; reason is BH_ANSWER_YES, as reported, or _NO */
#define BH_ACT_PASS 20         /* 核查通过 */
#define BH_ACT_CHECK_FAILED 82 /* 核查不通过; needs a text: what the unit has to do again */
#define BH_ACT_HELP_DONE 57    /* 协办完成; needs a text */
#define BH_ACT_VISIT_DONE 83 /* 走访反馈; needs a text; reason is BH_ANSWER_YES, well, or _NO */

/* A field worker has put right on the spot what he reported, before anybody had it (自处置).  Of
 * types for which the district allows it, and recorded right behind the report: photos[0] shows it
 * before (it may be the report's own), the others after; a text says what was done. */
#define BH_ACT_SELF_DISPOSE 8

/* 调解记录: the two sides of a dispute met.  Needs a text, what it came to (bh_act_input.reason)
 * and how many were there (bh_act_input.present); possible while a mediation is open. */
#define BH_ACT_SESSION 92
/* A unit's lead gives back what was handed in for him to sign off (审签退回); needs a text. */
#define BH_ACT_HAND_BACK 117
#define BH_SESSION_AGAIN 1u  /* another one follows */
#define BH_SESSION_AGREED 2u /* in words: the agreement is to be written */
#define BH_SESSION_PARTED 3u /* without any */
/* Counts up to 255 each. */
#define BH_PRESENT_OF(parties, mediators, experts, officials)                           \
	((uint32_t)(parties) | (uint32_t)(mediators) << 8 | (uint32_t)(experts) << 16 | \
		(uint32_t)(officials) << 24)

#define BH_ANSWER_YES 1u
#define BH_ANSWER_NO 2u

#ifdef __cplusplus
}
#endif

#endif
