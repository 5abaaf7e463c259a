/* Who does what, and how often: the table.
 *
 * least is about half of what a run gives by people; a shorter year has its part of it, and one of
 * what there is more than once. */
#include "tests/year/year_fit.h"

/* ---- The table ---- */

#define S(name) (1u << BH_STATE_##name)
#define WAITING (S(RECEIVED) | S(FILED))
#define WITH_UNIT (S(DISPATCHED) | S(HANDLING))
#define OPEN_STATES                                                                   \
	(WAITING | WITH_UNIT | S(VERIFYING) | S(RETURNING) | S(SUSPENDED) | S(DONE) | \
		S(CHECKING) | S(REWORK))
#define ENDED (S(ARCHIVED) | S(FOLLOWED) | S(REJECTED) | S(VOID))
#define BY(name) .who = YEAR_BY_ROLE, .role = BH_ROLE_##name
#define WHO(name) .who = YEAR_BY_##name
#define DEVICE(by_handset_) .device = true, .by_handset = (by_handset_)
#define STRAIGHT .straight = true
#define ASIDE .straight = false
#define ACT(verb_, states_, share_, least_, ...)                                 \
	{                                                                        \
		.verb = BH_VERB_##verb_, .states = (states_), .share = (share_), \
		.least = (least_), __VA_ARGS__                                   \
	}
/* Made without a case before them, or by the server alone. */
#define SELF(verb_, least_, by_worker_)                                           \
	{                                                                         \
		.verb = BH_VERB_##verb_, .least = (least_), .who = YEAR_BY_CLOCK, \
		.by_worker = (by_worker_)                                         \
	}

/* clang-format off */
const struct year_act year_acts[] = {
	ACT(VERIFY, S(RECEIVED), 60, 600, BY(ACCEPTOR), ASIDE, .fits = year_nothing_asked),
	ACT(ANSWER_VERIFY, S(VERIFYING), 800, 400, WHO(TASK), DEVICE(400), STRAIGHT),
	ACT(FILE, S(RECEIVED), 150, 1500, BY(ACCEPTOR), ASIDE, .fits = year_has_type),
	ACT(REFUSE, S(RECEIVED), 30, 300, BY(ACCEPTOR), ASIDE),
	ACT(SELF_DISPOSE, S(RECEIVED), 150, 500, WHO(REPORTER), DEVICE(500), ASIDE,
		.fits = year_puts_right),
	ACT(MERGE, S(RECEIVED), 40, 200, BY(ACCEPTOR), ASIDE, .fits = year_may_go_on,
		.fill = year_main_fill),
	ACT(MERGE, S(RECEIVED), 700, 0, BY(ACCEPTOR), ASIDE, .fits = year_is_main,
		.fill = year_main_fill),
	ACT(REFER, S(RECEIVED), 20, 200, BY(ACCEPTOR), ASIDE),
	ACT(ASK_VOID, WAITING, 20, 200, BY(ACCEPTOR), ASIDE, .fits = year_nothing_asked),
	ACT(VOID, WAITING, 500, 60, BY(SHIFT_LEADER), ASIDE, .fits = year_void_asked),
	ACT(REFUSE_ASK, WAITING, 250, 100, BY(SHIFT_LEADER), STRAIGHT, .fits = year_void_asked),
	ACT(AMEND, OPEN_STATES, 15, 1000, BY(ACCEPTOR), ASIDE, .fill = year_amend_fill),
	ACT(DISPATCH, WAITING, 500, 9000, BY(DISPATCHER), STRAIGHT, .fits = year_nothing_asked,
		.fill = year_dispatch_fill),
	ACT(SIGN, S(DISPATCHED), 650, 8000, WHO(HANDLER), DEVICE(8000), STRAIGHT),
	ACT(RETURN, WITH_UNIT, 40, 500, WHO(LEAD), ASIDE, .fits = year_nothing_asked),
	ACT(REDIRECT, WITH_UNIT, 20, 500, BY(DISPATCHER), ASIDE, .fill = year_other_unit),
	ACT(ACCEPT_RETURN, S(RETURNING), 550, 200, BY(DISPATCHER), STRAIGHT),
	ACT(REFUSE_RETURN, S(RETURNING), 300, 100, BY(DISPATCHER), ASIDE,
		.fits = year_not_refused_before),
	ACT(REFUSE_RETURN, S(RETURNING), 300, 0, BY(SHIFT_LEADER), ASIDE,
		.fits = year_refused_before),
	ACT(ASK_EXTENSION, S(HANDLING), 30, 300, WHO(HANDLER), ASIDE, .fits = year_nothing_asked),
	ACT(ASK_EXTENSION, S(HANDLING), 600, 0, WHO(LEAD), ASIDE, .fits = year_extension_of_unit),
	ACT(ASK_SUSPENSION, S(HANDLING), 30, 300, WHO(HANDLER), ASIDE, .fits = year_nothing_asked,
		.fill = year_until_fill),
	ACT(ASK_SUSPENSION, S(HANDLING), 600, 0, WHO(LEAD), ASIDE, .fits = year_suspension_of_unit,
		.fill = year_until_fill),
	ACT(EXTEND, S(HANDLING), 600, 40, BY(DISPATCHER), ASIDE, .fits = year_extension_of_desk),
	ACT(SUSPEND, S(HANDLING), 600, 50, BY(DISPATCHER), ASIDE, .fits = year_suspension_of_desk),
	ACT(REFUSE_ASK, S(HANDLING), 150, 0, BY(DISPATCHER), ASIDE, .fits = year_asked_of_desk),
	ACT(REFUSE_ASK, S(HANDLING), 150, 0, WHO(LEAD), ASIDE, .fits = year_extension_of_unit),
	ACT(RESUME, S(SUSPENDED), 150, 20, BY(DISPATCHER), STRAIGHT),
	ACT(MOVE_UP, S(HANDLING), 100, 100, WHO(TIER), ASIDE, .fits = year_dispute_of_township),
	ACT(RECEIVE, S(TIER_MOVING), 500, 30, WHO(TIER), STRAIGHT),
	ACT(ASK_HELP, S(HANDLING), 40, 400, WHO(LEAD), ASIDE, .fits = year_no_help,
		.fill = year_other_unit),
	ACT(HELP_DONE, WITH_UNIT | S(RETURNING) | S(SUSPENDED), 500, 150, WHO(TASK), DEVICE(180),
		STRAIGHT, .fits = year_help_open),
	ACT(ASK_VISIT, S(HANDLING) | S(CLOSED) | S(ARCHIVED), 15, 1000, BY(ACCEPTOR), ASIDE,
		.fits = year_no_visit, .fill = year_until_fill),
	ACT(VISIT_DONE, ENDED | WITH_UNIT | S(CLOSED) | S(DONE) | S(REWORK) | S(SUSPENDED), 150,
		400, WHO(TASK), DEVICE(400), ASIDE, .fits = year_visit_open),
	ACT(REASSIGN, WITH_UNIT | S(VERIFYING) | S(CHECKING) | S(CLOSED) | S(ARCHIVED), 60, 100,
		BY(ACCEPTOR), ASIDE, .fits = year_worker_sent, .fill = year_reassign_fill),
	ACT(ASK_REDIRECT, WITH_UNIT, 100, 100, WHO(LEAD), ASIDE, .fits = year_no_return,
		.fill = year_other_unit),
	ACT(REDIRECT, WITH_UNIT, 500, 0, BY(DISPATCHER), ASIDE, .fits = year_redirect_asked),
	ACT(ORDER, WITH_UNIT, 15, 800, BY(DISPATCHER), ASIDE, .fits = year_no_order,
		.fill = year_chaser_fill),
	ACT(ORDER, WITH_UNIT, 8, 0, BY(SUPERVISOR), ASIDE, .fits = year_no_order,
		.fill = year_order_fill),
	ACT(ORDER_ANSWER, WITH_UNIT | S(RETURNING) | S(DONE) | S(CLOSED), 250, 3000, WHO(LEAD),
		ASIDE, .fits = year_order_open, .fill = year_order_answer_fill),
	ACT(ORDER_REVIEW, WITH_UNIT | S(RETURNING) | S(DONE) | S(CLOSED), 250, 1000,
		BY(SUPERVISOR), ASIDE, .fits = year_order_answered,
		.fill = year_order_review_fill),
	ACT(GRADE, WAITING, 300, 500, BY(ACCEPTOR), ASIDE, .fits = year_not_graded,
		.fill = year_grade_fill),
	ACT(PLAN, S(HANDLING), 500, 50, BY(SHIFT_LEADER), STRAIGHT, .fits = year_not_planned,
		.fill = year_plan_fill),
	ACT(MILESTONES, S(HANDLING), 40, 500, WHO(LEAD), ASIDE, .fits = year_no_steps,
		.fill = year_steps_fill),
	ACT(MILESTONE_DONE, S(HANDLING), 500, 500, WHO(LEAD), ASIDE, .fits = year_step_runs),
	ACT(MEDIATE, S(HANDLING), 500, 1500, WHO(LEAD), STRAIGHT, .fits = year_not_mediated,
		.fill = year_mediate_fill),
	ACT(SESSION, S(HANDLING), 200, 400, WHO(LEAD), DEVICE(300), ASIDE, .fits = year_mediated,
		.fill = year_session_fill),
	ACT(CONCLUDE, S(HANDLING), 500, 1300, WHO(LEAD), STRAIGHT, .fits = year_mediated,
		.fill = year_conclude_fill),
	ACT(CONSULT, S(HANDLING), 100, 200, WHO(LEAD), ASIDE, .fits = year_mediated,
		.fill = year_consult_fill),
	ACT(MOVE_DOWN, S(HANDLING), 60, 20, WHO(TIER), ASIDE, .fits = year_not_mediated),
	ACT(PERFORM, S(CLOSED) | S(ARCHIVED), 300, 300, WHO(LEAD), ASIDE, .fits = year_owed,
		.fill = year_perform_fill),
	ACT(FINISH, S(HANDLING), 450, 8000, WHO(HANDLER), DEVICE(8000), STRAIGHT,
		.fits = year_may_finish),
	ACT(HAND_IN, S(HANDLING), 30, 300, WHO(HANDLER), ASIDE, .fits = year_may_hand_in),
	ACT(HAND_BACK, S(HANDLING), 200, 80, WHO(LEAD), ASIDE, .fits = year_handed),
	ACT(FINISH, S(HANDLING), 500, 0, WHO(LEAD), ASIDE, .fits = year_handed),
	ACT(CHECK, S(DONE), 200, 2000, BY(ACCEPTOR), STRAIGHT, .fits = year_not_checked),
	ACT(PASS, S(CHECKING), 600, 800, WHO(TASK), DEVICE(800), STRAIGHT, .fits = year_not_failed),
	ACT(CHECK_FAILED, S(CHECKING), 120, 150, WHO(TASK), DEVICE(150), ASIDE,
		.fits = year_not_failed),
	ACT(FAIL, S(CHECKING), 600, 500, BY(ACCEPTOR), STRAIGHT, .fits = year_check_failed),
	ACT(FAIL, S(DONE), 40, 0, BY(ACCEPTOR), ASIDE),
	ACT(START, S(REWORK), 600, 200, WHO(LEAD), STRAIGHT),
	ACT(CLOSE, S(DONE), 500, 5000, BY(ACCEPTOR), STRAIGHT),
	ACT(REOPEN, S(CLOSED), 15, 150, WHO(REPORTER), ASIDE, .fits = year_may_go_on),
	ACT(REOPEN, S(CLOSED), 10, 0, BY(SUPERVISOR), ASIDE, .fits = year_may_go_on),
	ACT(INVITE, S(CLOSED) | S(DONE), 250, 500, WHO(REPORTER), ASIDE, .fits = year_no_token,
		.pay = year_invite_pay),
	ACT(INVITE, S(CLOSED), 100, 0, BY(FOLLOWUP_AGENT), ASIDE, .fits = year_no_token,
		.pay = year_invite_pay),
	ACT(RATE, S(CLOSED) | S(ARCHIVED), 400, 300, WHO(REPORTER), ASIDE, .fits = year_may_rate,
		.fill = year_rate_fill, .pay = year_rate_pay),
	ACT(APPEAL, S(CLOSED) | S(ARCHIVED), 300, 3000, WHO(LEAD), ASIDE, .fits = year_may_appeal),
	ACT(REVIEW_APPEAL, S(CLOSED) | S(ARCHIVED) | S(FOLLOWED), 400, 4000, BY(DISPATCHER), ASIDE,
		.fits = year_appeal_first, .fill = year_appeal_fill),
	ACT(REVIEW_APPEAL, S(CLOSED) | S(ARCHIVED) | S(FOLLOWED), 400, 0, BY(SUPERVISOR), ASIDE,
		.fits = year_appeal_second, .fill = year_appeal_fill),
	ACT(ARCHIVE, S(CLOSED), 700, 3000, BY(ARCHIVIST), STRAIGHT, .fits = year_window_over),
	ACT(FOLLOW_TRY, S(ARCHIVED), 100, 1000, BY(FOLLOWUP_AGENT), ASIDE),
	ACT(FOLLOW_UP, S(ARCHIVED), 400, 5000, BY(FOLLOWUP_AGENT), STRAIGHT,
		.fill = year_answer_fill),
	ACT(RECUR, S(ARCHIVED) | S(FOLLOWED), 3, 100, BY(SUPERVISOR), ASIDE,
		.fits = year_may_go_on),
	ACT(RECONSIDER, S(REJECTED), 300, 50, WHO(REPORTER), ASIDE, .fits = year_not_reconsidered),
	ACT(UNMERGE, S(MERGED), 40, 20, BY(ACCEPTOR), ASIDE, .fits = year_may_go_on),
	ACT(PARTY, S(RECEIVED) | S(HANDLING), 20, 400, BY(ACCEPTOR), ASIDE, .pay = year_party_pay),
	ACT(OPEN, S(HANDLING) | S(ARCHIVED), 100, 100, BY(ACCEPTOR), ASIDE, .fits = year_has_party,
		.fill = year_purpose_fill),
	ACT(HOLD, ENDED, 3, 50, BY(ARCHIVIST), ASIDE, .fits = year_not_guarded),
	ACT(UNHOLD, ENDED, 200, 30, BY(PRIVACY_OFFICER), ASIDE, .fits = year_held),
	ACT(ASK_ERASE, ENDED, 3, 50, BY(PRIVACY_OFFICER), ASIDE, .fits = year_not_guarded),
	ACT(ERASE, ENDED, 300, 30, BY(ARCHIVIST), ASIDE, .fits = year_erasure_asked),
	ACT(PAPER, S(HANDLING) | S(CLOSED), 20, 600, BY(ACCEPTOR), ASIDE, .fill = year_paper_fill),
	ACT(PAPER, S(HANDLING) | S(CLOSED), 10, 0, BY(ACCEPTOR), ASIDE, .fill = year_file_fill),
	ACT(WITHDRAW_PAPER, S(HANDLING) | S(CLOSED), 100, 100, BY(ARCHIVIST), ASIDE,
		.fits = year_paper_stands, .fill = year_withdraw_fill),
	ACT(SEAL, S(ARCHIVED), 100, 1000, BY(ARCHIVIST), ASIDE),
	ACT(LEND, S(ARCHIVED) | S(FOLLOWED), 6, 200, BY(ARCHIVIST), ASIDE, .fits = year_not_lent,
		.fill = year_until_fill),
	ACT(GIVE_BACK, S(ARCHIVED) | S(FOLLOWED), 300, 150, BY(ARCHIVIST), STRAIGHT,
		.fits = year_lent),
	SELF(LOAN_OVERDUE, 90, false),
	SELF(SUBMIT, 20000, false),
	SELF(REGISTER, 600, false),
	SELF(SERVICE, 200000, true),
	SELF(PATROL, 40000, true),
	SELF(DELIVERED, 18000, false),
	SELF(SEEN, 12000, false),
	SELF(REMIND, 5000, false),
	SELF(BREACH, 1, false),
	SELF(WARN, 5000, false),
	SELF(OVERDUE, 2000, false),
	SELF(RECOMPUTE, 20, false),
	SELF(MAIN_ENDED, 100, false),
	SELF(MAIN_MOVED, 1, false),
	SELF(CHECK_OVERDUE, 500, false),
	SELF(PERFORM_DUE, 1500, false),
	SELF(MILESTONE_DUE, 500, false),
	SELF(TASK_LAPSED, 100, false),
	SELF(TASK_WITHDRAWN, 10, false),
	SELF(STORED, 1000, false),
	SELF(HAND_OVER, 400, true),
	SELF(TAKE_OVER, 300, true),
	SELF(HAND_OVER_MISSED, 60, true),
	SELF(PURGE_TEXTS, 150, false),
	SELF(FOUND, 1, true),
	SELF(PROFILE, 10, true),
	SELF(ENROL_CODE, 380, true),
	SELF(ENROLLED, 380, true),
	SELF(LOG_BEGIN, 20, true),
	SELF(SUSPEND_DEVICE, 8, true),
	SELF(RELEASE, 8, true),
	SELF(ROTATED, 8, true),
	SELF(UNREADABLE, 8, true),
	SELF(BUNDLE, 8, true),
	SELF(REVOKE, 30, true),
	SELF(CLOCK_ALARM, 5, true),
	SELF(CLOCK_CONFIRM, 5, true),
};
/* clang-format on */

/* ---- What nobody does here ---- */

const struct year_absent year_absents[] = {
	{BH_VERB_RESTORED, BH_VERB_RESTORED, "bh_sim puts servers back, in every seed"},
};

const size_t year_absents_count = sizeof(year_absents) / sizeof(year_absents[0]);

const size_t year_acts_count = sizeof(year_acts) / sizeof(year_acts[0]);
