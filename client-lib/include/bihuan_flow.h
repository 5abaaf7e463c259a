/*
 * bihuan_flow.h - what a case's state means to whoever reported it: which of the seven steps it is
 * at, which of the city sequence's stages, and one sentence to show; and one for each move.  It
 * reads nothing and needs no client; rules of bihuan.h hold.
 */
#ifndef BIHUAN_FLOW_H
#define BIHUAN_FLOW_H

#include "bihuan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* acceptance, dispatch, handling, tracking, rating, archiving, follow-up */
#define BH_CASE_STEPS 7

/* 1..BH_CASE_STEPS for a BH_CASE_*; 0 for what is outside of them: not sent yet, refused, void,
 * merged, passed to another service, unknown. */
BH_API int32_t bh_case_step(int32_t state);
/* "handling", "协同办理"; language as in bh_cause_sentence; "" for what is no step.  Never NULL. */
BH_API const char *bh_case_step_name(int32_t step, const char *language);
/* The city's sequence: collection, registration, assignment, processing, feedback, check and
 * closing, evaluation. */
#define BH_CASE_STAGES 7

/* As bh_case_step, of the city's sequence. */
BH_API int32_t bh_case_stage(int32_t state);
/* "processing", "任务处理"; as bh_case_step_name. */
BH_API const char *bh_case_stage_name(int32_t stage, const char *language);
/* What the reporter reads of a move by its verb (BH_ACT_*, and as events and views have it): "The
 * unit has signed for it."; "" for what is not told to him.  Never NULL. */
BH_API const char *bh_case_move_words(int32_t verb, const char *language);
/* What the reporter reads of a case in this state: "The unit is at work on it."; never NULL. */
BH_API const char *bh_case_words(int32_t state, const char *language);

#ifdef __cplusplus
}
#endif

#endif
