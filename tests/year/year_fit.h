/* What the lines of the table need besides: each is one line's fits, fill or pay. */
#ifndef BH_TESTS_YEAR_YEAR_FIT_H
#define BH_TESTS_YEAR_YEAR_FIT_H

#include "tests/year/year_act.h"

/* ---- fits ---- */
bool year_void_asked(struct year *year, const struct bh_case *cased);
bool year_nothing_asked(struct year *year, const struct bh_case *cased);
bool year_extension_of_unit(struct year *year, const struct bh_case *cased);
bool year_suspension_of_unit(struct year *year, const struct bh_case *cased);
bool year_extension_of_desk(struct year *year, const struct bh_case *cased);
bool year_suspension_of_desk(struct year *year, const struct bh_case *cased);
bool year_asked_of_desk(struct year *year, const struct bh_case *cased);
bool year_no_help(struct year *year, const struct bh_case *cased);
bool year_help_open(struct year *year, const struct bh_case *cased);
bool year_dispute_of_township(struct year *year, const struct bh_case *cased);
bool year_not_checked(struct year *year, const struct bh_case *cased);
bool year_check_failed(struct year *year, const struct bh_case *cased);
bool year_not_failed(struct year *year, const struct bh_case *cased);
bool year_refused_before(struct year *year, const struct bh_case *cased);
bool year_not_refused_before(struct year *year, const struct bh_case *cased);
bool year_may_go_on(struct year *year, const struct bh_case *cased);
bool year_is_main(struct year *year, const struct bh_case *cased);
bool year_not_reconsidered(struct year *year, const struct bh_case *cased);
bool year_window_over(struct year *year, const struct bh_case *cased);
bool year_has_type(struct year *year, const struct bh_case *cased);
bool year_not_guarded(struct year *year, const struct bh_case *cased);
bool year_erasure_asked(struct year *year, const struct bh_case *cased);
bool year_held(struct year *year, const struct bh_case *cased);
bool year_has_party(struct year *year, const struct bh_case *cased);
bool year_lent(struct year *year, const struct bh_case *cased);
bool year_not_lent(struct year *year, const struct bh_case *cased);
/* ---- of year_beside.c ---- */
bool year_puts_right(struct year *year, const struct bh_case *cased);
bool year_no_visit(struct year *year, const struct bh_case *cased);
bool year_visit_open(struct year *year, const struct bh_case *cased);
bool year_no_order(struct year *year, const struct bh_case *cased);
bool year_order_open(struct year *year, const struct bh_case *cased);
bool year_order_answered(struct year *year, const struct bh_case *cased);
bool year_worker_sent(struct year *year, const struct bh_case *cased);
bool year_may_hand_in(struct year *year, const struct bh_case *cased);
bool year_handed(struct year *year, const struct bh_case *cased);
bool year_redirect_asked(struct year *year, const struct bh_case *cased);
bool year_no_return(struct year *year, const struct bh_case *cased);
bool year_may_appeal(struct year *year, const struct bh_case *cased);
bool year_appeal_first(struct year *year, const struct bh_case *cased);
bool year_appeal_second(struct year *year, const struct bh_case *cased);
/* ---- of year_paper.c ---- */
bool year_paper_stands(struct year *year, const struct bh_case *cased);
/* ---- of year_rate.c ---- */
bool year_no_token(struct year *year, const struct bh_case *cased);
bool year_may_rate(struct year *year, const struct bh_case *cased);
/* ---- of year_dispute.c ---- */
bool year_not_graded(struct year *year, const struct bh_case *cased);
bool year_step_runs(struct year *year, const struct bh_case *cased);
bool year_no_steps(struct year *year, const struct bh_case *cased);
bool year_not_planned(struct year *year, const struct bh_case *cased);
bool year_not_mediated(struct year *year, const struct bh_case *cased);
bool year_mediated(struct year *year, const struct bh_case *cased);
bool year_owed(struct year *year, const struct bh_case *cased);
bool year_may_finish(struct year *year, const struct bh_case *cased);

/* ---- fill ---- */
bool year_dispatch_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_other_unit(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_until_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_amend_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_reassign_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_answer_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_main_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_purpose_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
/* ---- of year_beside.c ---- */
bool year_chaser_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_order_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_order_answer_fill(
	struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_order_review_fill(
	struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_appeal_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_rate_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
/* ---- of year_paper.c ---- */
bool year_paper_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_file_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_withdraw_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
/* ---- of year_dispute.c ---- */
bool year_grade_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_plan_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_mediate_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_session_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_conclude_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_consult_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_steps_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);
bool year_perform_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft);

/* ---- pay ---- */
void year_invite_pay(struct year *year, struct year_order *order);
void year_rate_pay(struct year *year, struct year_order *order);
void year_party_pay(struct year *year, struct year_order *order);

#endif
