/* One decision in the making: what the handlers of verbs share.  Only decide*.c include it. */
#ifndef BH_SERVER_DOMAIN_DECIDE_BODY_H
#define BH_SERVER_DOMAIN_DECIDE_BODY_H

#include "server/domain/decide.h"

#define BH_MINUTE_MS 60000
#define BH_REFUSALS_MAX 2u /* of a return: the shift leader's word is final (row 13) */

struct bh_deciding {
	const struct bh_standing *standing;
	const struct bh_rules *rules;
	const struct bh_command *command;
	struct bh_command acting;     /* command, where a colleague gave it on a shared handset */
	uint32_t author;              /* who did it, whosever handset it is */
	const struct bh_case *before; /* NULL: no such case */
	const struct bh_move *move;   /* set by bh_deciding_may */
	enum bh_held held_to;         /* DEVICE: its claim of when it was captured */
	struct bh_verdict_on *out;    /* after is before, until a handler changes it */
};

/* Each ends the decision; a handler returns after it. */
void bh_deciding_accept(struct bh_deciding *d);
void bh_deciding_reject(struct bh_deciding *d, enum bh_reason reason, const char *detail);
void bh_deciding_stale(struct bh_deciding *d, const char *detail);
/* Rejects, and gives false. */
bool bh_deciding_refuse(struct bh_deciding *d, enum bh_reason reason, const char *detail);

/* Is there such a case, is it the one that was seen, does the table have the move, and has the
 * actor the right?  False: the decision is made. */
bool bh_deciding_may(struct bh_deciding *d);
/* Do the move's guards hold for out->after?  False: the decision is made. */
bool bh_deciding_guards_hold(struct bh_deciding *d);
/* The text that a verb needs is there and not too long.  False: the decision is made. */
bool bh_deciding_text_fits(struct bh_deciding *d, bool needed);

/* decide_apart.c: does a person hold a post in the case's unit now? */
bool bh_deciding_is_of_unit(const struct bh_deciding *d, uint32_t person);
/* ... is who decides what the case's unit asks for of another, or nobody else could?
 * Else rejected. */
bool bh_deciding_is_apart(struct bh_deciding *d);
/* decide_unseen.c: who may be sent to check it. */
struct bh_worker_ask bh_deciding_check_ask(const struct bh_deciding *d);
/* It has to be checked, and was not: is it closed on a shift leader's word, for want of anybody? */
bool bh_deciding_closes_unseen(struct bh_deciding *d);

/* May the unit still return it? */
bool bh_deciding_may_return(const struct bh_deciding *d);

/* Into the queue now: that clock starts anew (domain.md, "The 30 minutes"). */
void bh_deciding_queue(struct bh_deciding *d);
/* decide_due.c: another unit has it from now on. */
void bh_deciding_to_unit(struct bh_deciding *d, uint32_t unit);
/* To a unit now: sign and disposal clocks start anew. */
void bh_deciding_hand_over(struct bh_deciding *d, uint32_t unit, uint32_t automatic);
/* Its disposal limit has passed: that stays, and which unit was the first of the cycle. */
void bh_deciding_late(struct bh_deciding *d);
/* ... judged by when its result was there. */
void bh_deciding_late_at(struct bh_deciding *d, int64_t done_ms);
/* decide_capture.c: when the handset's op was captured, as far as that can be believed. */
void bh_deciding_capture(struct bh_deciding *d);
/* ... and when the command's work was done, which cannot have been before from_ms. */
int64_t bh_deciding_done_ms(const struct bh_deciding *d, int64_t from_ms);
/* It lapsed, and had been done in time by then, far from any network; and its case still stands
 * where the lapse left it. */
bool bh_deciding_lapsed_too_soon(const struct bh_deciding *d);
/* The clocks that the move's row ends. */
void bh_deciding_clocks_end(struct bh_deciding *d);
/* An end, or a wait of another kind: what was asked or told in the one before it is over. */
void bh_deciding_leave(struct bh_deciding *d);
/* What waits for a decision waits no more. */
void bh_deciding_forget_ask(struct bh_deciding *d);
/* One whole disposal limit from now on, by the rules for after's type, condition and tier. */
void bh_deciding_disposal_begin(struct bh_deciding *d);
/* The original disposal limit, by the rules for after's type, condition and tier. */
void bh_deciding_limit(struct bh_deciding *d);
/* A limit of working time for one stage (signing, starting, receiving, checking), from now on:
 * gives when it is due. */
int64_t bh_deciding_stage(struct bh_deciding *d, int64_t length_ms);
/* Half of the disposal limit from now on (rework). */
void bh_deciding_rework(struct bh_deciding *d);
/* The disposal due time from what is left of the limit. */
void bh_deciding_disposal(struct bh_deciding *d);
/* What of the disposal limit has passed until now is used up. */
void bh_deciding_use(struct bh_deciding *d);
/* decide_sign_off.c: whether what is finished goes to the unit's lead, who signs it off; accepts it
 * as handed in; it waits for that no more; the clock calls for it. */
bool bh_deciding_is_handed_in(const struct bh_deciding *d);
void bh_deciding_hand_in(struct bh_deciding *d);
void bh_deciding_forget_handed(struct bh_deciding *d);
void bh_deciding_call_for_sign_off(struct bh_deciding *d);
/* decide_ask_call.c: the clock calls for what a unit asked for and nobody decides. */
void bh_deciding_call_for_answer(struct bh_deciding *d);
/* Was the task that it answers given to another while this handset was away? */
bool bh_deciding_was_reassigned(const struct bh_deciding *d);
/* No unit has it any more. */
void bh_deciding_leave_unit(struct bh_deciding *d);
/* Another cycle, in the queue; the earlier one's times stay in its entries.  False: the decision is
 * made, a case has no more cycles. */
bool bh_deciding_cycle_begin(struct bh_deciding *d);
/* What a desk's acceptor files, and what nobody has yet, is his to close. */
void bh_deciding_accept_for(struct bh_deciding *d);
/* Whom the command names to close it.  False: the decision is made. */
bool bh_deciding_acceptor_name(struct bh_deciding *d);
/* Is it the actor's to close?  False: the decision is made. */
bool bh_deciding_acceptor_closes(struct bh_deciding *d);
/* The component whose mark stands in the command's text, if any is known. */
void bh_deciding_asset(struct bh_deciding *d);
/* The unit by rule for after, as it began. */
void bh_deciding_propose(struct bh_deciding *d);
/* Type, condition and urgency of after as the command says.  False: the decision is made. */
bool bh_deciding_type_correct(struct bh_deciding *d);
/* Place and grid of after as the command says.  False: the decision is made. */
bool bh_deciding_place_correct(struct bh_deciding *d);
/* decide_submit.c: where the post works is where it is; NULL: in the county. */
void bh_deciding_place_of_post(struct bh_deciding *d, const struct bh_msg_post *post);
/* ... a case begins, received at this instant: its first cycle, its rules, its dispatch clock. */
void bh_deciding_receive(struct bh_deciding *d, int64_t received_ms);
/* Row 4: a condition and a grid, or a person's word that there is none.  False: the decision is
 * made. */
bool bh_deciding_particulars_stand(struct bh_deciding *d);

/* decide_dispute.c: the guards of disputes and of major cases; the desk that a dispute moves up to,
 * 0: the decision is made; after is closed, whom that is told besides. */
bool bh_deciding_dispute_fits(struct bh_deciding *d, uint32_t guards);
uint32_t bh_deciding_desk_above(struct bh_deciding *d);
/* Accepts: another tier's desk has it, whose clock begins when it is received (TIER_MOVING). */
void bh_deciding_to_tier(struct bh_deciding *d, uint32_t desk);
void bh_deciding_copy(struct bh_deciding *d);
/* decide_milestone.c: what the move's row does to the running step of a plan; no plan at all. */
void bh_deciding_milestones_move(struct bh_deciding *d);
void bh_deciding_milestones_end(struct bh_deciding *d);
/* decide_task.c: another task of the case.  False: the decision is made, too many are open. */
bool bh_deciding_task_begin(struct bh_deciding *d, enum bh_task_kind kind, struct bh_limit limit);
/* decide_help.c: may the task be whose the command names?  A task of help begins.  False: the
 * decision is made. */
bool bh_deciding_helper_choose(struct bh_deciding *d);
bool bh_deciding_help_begin(struct bh_deciding *d);
/* decide_audit.c: what the clock closes is looked at, where it falls into the sample; and how that
 * came out, where this task was it. */
void bh_deciding_audit(struct bh_deciding *d);
void bh_deciding_audit_end(struct bh_deciding *d, uint32_t ordinal, enum bh_audit audit);
/* decide_appeal.c: another cycle begins: an appeal that waits can be made again. */
void bh_deciding_appeal_lapse(struct bh_deciding *d);
/* decide_mediation.c: the case goes elsewhere: an open mediation ends without result. */
void bh_deciding_mediation_leave(struct bh_deciding *d);

/* ---- Handlers ---- */
void bh_decide_submit(struct bh_deciding *d);
void bh_decide_register(struct bh_deciding *d);
void bh_decide_receipt(struct bh_deciding *d); /* delivered, seen */
void bh_decide_file(struct bh_deciding *d);
void bh_decide_dispatch(struct bh_deciding *d);
void bh_decide_redirect(struct bh_deciding *d);
void bh_decide_refuse(struct bh_deciding *d); /* refuse, refer, void */
void bh_decide_ask_void(struct bh_deciding *d);
void bh_decide_ask(struct bh_deciding *d); /* extension, suspension */
void bh_decide_ask_redirect(struct bh_deciding *d);
void bh_decide_extend(struct bh_deciding *d);
void bh_decide_suspend(struct bh_deciding *d);
void bh_decide_resume(struct bh_deciding *d);
void bh_decide_refuse_ask(struct bh_deciding *d);
void bh_decide_fail(struct bh_deciding *d);
void bh_decide_move_up(struct bh_deciding *d);
void bh_decide_receive(struct bh_deciding *d);
void bh_decide_appeal(struct bh_deciding *d);
void bh_decide_review_appeal(struct bh_deciding *d);
void bh_decide_again(struct bh_deciding *d); /* reopen, reconsider, recur */
void bh_decide_archive(struct bh_deciding *d);
void bh_decide_follow_try(struct bh_deciding *d);
void bh_decide_follow_up(struct bh_deciding *d);
void bh_decide_merge(struct bh_deciding *d);
void bh_decide_unmerge(struct bh_deciding *d);
void bh_decide_main(struct bh_deciding *d); /* ended, moved */
void bh_decide_sign(struct bh_deciding *d); /* sign, start */
void bh_decide_return(struct bh_deciding *d);
void bh_decide_accept_return(struct bh_deciding *d);
void bh_decide_refuse_return(struct bh_deciding *d);
void bh_decide_finish(struct bh_deciding *d);
void bh_decide_hand_in(struct bh_deciding *d);
void bh_decide_hand_back(struct bh_deciding *d);
void bh_decide_self_dispose(struct bh_deciding *d);
void bh_decide_close(struct bh_deciding *d);
void bh_decide_remind(struct bh_deciding *d);
void bh_decide_breach(struct bh_deciding *d);
void bh_decide_warn(struct bh_deciding *d); /* warn, overdue */
void bh_decide_recompute(struct bh_deciding *d);
void bh_decide_check_overdue(struct bh_deciding *d);
void bh_decide_amend(struct bh_deciding *d);
void bh_decide_stored(struct bh_deciding *d);
void bh_decide_service(struct bh_deciding *d);
void bh_decide_patrol(struct bh_deciding *d);

void bh_decide_verify(struct bh_deciding *d);
void bh_decide_answer_verify(struct bh_deciding *d);
void bh_decide_check(struct bh_deciding *d);
void bh_decide_pass(struct bh_deciding *d); /* pass, check failed */
void bh_decide_ask_help(struct bh_deciding *d);
void bh_decide_help_done(struct bh_deciding *d);
void bh_decide_ask_visit(struct bh_deciding *d);
void bh_decide_visit_done(struct bh_deciding *d);
void bh_decide_reassign(struct bh_deciding *d);
void bh_decide_task_recompute(struct bh_deciding *d);
void bh_decide_task_end(struct bh_deciding *d); /* lapsed, withdrawn */

void bh_decide_grade(struct bh_deciding *d);
void bh_decide_mediate(struct bh_deciding *d);
void bh_decide_session(struct bh_deciding *d);
void bh_decide_conclude(struct bh_deciding *d);
void bh_decide_perform(struct bh_deciding *d);
void bh_decide_perform_due(struct bh_deciding *d);
void bh_decide_party_pause(struct bh_deciding *d); /* suspend, of row 65 */
void bh_decide_plan(struct bh_deciding *d);
void bh_decide_consult(struct bh_deciding *d);
void bh_decide_milestones(struct bh_deciding *d);
void bh_decide_milestone_done(struct bh_deciding *d);
void bh_decide_milestone_due(struct bh_deciding *d);
void bh_decide_move_down(struct bh_deciding *d);

#endif
