/* What the table of states and verbs means to people: the steps that an outsider sees, and the
 * words a reporter reads.  Derived from the table, never stored. */
#ifndef BH_PROTO_CASEFLOW_WORDS_H
#define BH_PROTO_CASEFLOW_WORDS_H

#include "proto/caseflow.h"

/* The seven steps of S4, view A of domain.md's state table:
 *
 *   1 统一受理  2 分流转办  3 协同办理  4 跟踪督办  5 群众评价  6 办结归档  7 回访了解 */
#define BH_STEPS 7u
/* The city sequence, view B:
 *
 *   1 信息收集  2 案件建立  3 任务派遣  4 任务处理  5 处理反馈  6 核查结案  7 综合评价 */
#define BH_STAGES 7u

/* 1..BH_STEPS; 0 for what is outside of the steps: not sent yet, refused, void, merged, referred.
 */
unsigned bh_state_step(enum bh_state state);
unsigned bh_state_stage(enum bh_state state);
/* "acceptance", "统一受理"; step 1..BH_STEPS, else "". */
const char *bh_step_name(unsigned step);
const char *bh_step_name_zh(unsigned step);
const char *bh_stage_name(unsigned stage);
const char *bh_stage_name_zh(unsigned stage);

/* What the reporter reads when this verb took effect; "" where it is nothing to him (what a unit
 * asks its desk for, reminders).  Never NULL. */
const char *bh_verb_words(enum bh_verb verb);
const char *bh_verb_words_zh(enum bh_verb verb);
/* Has an entry words for the reporter?  A task that lapsed beside the case, and a result that waits
 * within its unit, are nothing to him where they do not move it. */
bool bh_verb_tells(enum bh_verb verb, bool moves);
/* In place of FOLLOW_UP's and FOLLOWED's, where the follow-up ended without an answer: somebody
 * tried, or it was the clock alone that counted. */
const char *bh_unreached_words(bool tried);
const char *bh_unreached_words_zh(bool tried);
/* The same of a case that stands in this state, where the verb is not known; never "". */
const char *bh_state_words(enum bh_state state);
const char *bh_state_words_zh(enum bh_state state);

#endif
