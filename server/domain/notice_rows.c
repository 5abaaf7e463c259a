/* Which entries are worth a notice, and to whom: the table. */
#include "server/domain/alarm.h"
#include "server/domain/checking.h"
#include "server/domain/notice_body.h"
#include "server/domain/privacy.h"
#include "server/domain/rating.h"

/* Quoted from domain.md: "The 30 minutes", Clock model (thresholds), Routing 9, Offline rule 4. */
const struct bh_notice_row bh_notice_rows[] = {
	{BH_VERB_SUBMIT, 0, BH_WHEN_P1_WAITS, BH_TO_SHIFT_LEADER, BH_NOTICE_ARRIVED, false},
	{BH_VERB_SUBMIT, 0, BH_WHEN_P1_WAITS, BH_TO_FIELD, BH_NOTICE_ARRIVED, false},
	{BH_VERB_REGISTER, 0, BH_WHEN_P1_WAITS, BH_TO_SHIFT_LEADER, BH_NOTICE_ARRIVED, false},
	{BH_VERB_REGISTER, 0, BH_WHEN_P1_WAITS, BH_TO_FIELD, BH_NOTICE_ARRIVED, false},
	{BH_VERB_RELEASE, 0, BH_WHEN_P1_WAITS, BH_TO_SHIFT_LEADER, BH_NOTICE_ARRIVED, false},
	{BH_VERB_RELEASE, 0, BH_WHEN_P1_WAITS, BH_TO_FIELD, BH_NOTICE_ARRIVED, false},
	{BH_VERB_FILE, 0, BH_WHEN_TO_P1_WAITS, BH_TO_SHIFT_LEADER, BH_NOTICE_ARRIVED, false},
	{BH_VERB_FILE, 0, BH_WHEN_TO_P1_WAITS, BH_TO_FIELD, BH_NOTICE_ARRIVED, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1_WAITS, BH_TO_SHIFT_LEADER, BH_NOTICE_ARRIVED, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1_WAITS, BH_TO_FIELD, BH_NOTICE_ARRIVED, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_USUAL, BH_TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_P1, BH_TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_P1, BH_TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_P1, BH_TO_FIELD, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_DISPATCH, 0, BH_WHEN_BY_CLOCK, BH_TO_SHIFT_LEADER, BH_NOTICE_AUTOMATIC, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_HAD_UNIT, BH_TO_UNIT_BEFORE, BH_NOTICE_MOVED, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_USUAL, BH_TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_P1, BH_TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_P1, BH_TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_P1, BH_TO_FIELD, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_BY_CLOCK, BH_TO_SHIFT_LEADER, BH_NOTICE_AUTOMATIC, false},
	{BH_VERB_REDIRECT, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_USUAL, BH_TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_P1, BH_TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_P1, BH_TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_P1, BH_TO_FIELD, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_MOVE_UP, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1, BH_TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1, BH_TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1, BH_TO_FIELD, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_AMEND, 0, BH_WHEN_TO_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_REMIND, 50, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_REMIND_50, false},
	{BH_VERB_REMIND, 80, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_REMIND_80, false},
	{BH_VERB_REMIND, 110, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_UNDISPATCHED, true},
	{BH_VERB_REMIND, 110, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_UNDISPATCHED, true},
	{BH_VERB_REMIND, 110, BH_WHEN_ALWAYS, BH_TO_ABOVE, BH_NOTICE_UNDISPATCHED, true},
	{BH_VERB_REMIND, 120, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_UNDISPATCHED, true},
	{BH_VERB_REMIND, 120, BH_WHEN_ALWAYS, BH_TO_COUNTY, BH_NOTICE_UNDISPATCHED, true},
	{BH_VERB_BREACH, 0, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_BREACH, false},
	{BH_VERB_RETURN, 0, BH_WHEN_FIRST, BH_TO_DISPATCHER, BH_NOTICE_RETURN_ASKED, false},
	{BH_VERB_RETURN, 0, BH_WHEN_AGAIN, BH_TO_SHIFT_LEADER, BH_NOTICE_RETURN_ASKED, false},
	{BH_VERB_REFUSE_RETURN, 0, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_RETURN_REFUSED, false},
	{BH_VERB_ACCEPT_RETURN, 0, BH_WHEN_HAD_UNIT, BH_TO_UNIT_BEFORE, BH_NOTICE_RETURN_ACCEPTED,
		false},
	{BH_VERB_ACCEPT_RETURN, 0, BH_WHEN_BY_CLOCK, BH_TO_SHIFT_LEADER, BH_NOTICE_RETURN_LAPSED,
		false},
	{BH_VERB_ASK_EXTENSION, 0, BH_WHEN_OF_UNIT, BH_TO_LEAD, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_EXTENSION, 0, BH_WHEN_OF_DESK, BH_TO_DISPATCHER, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_SUSPENSION, 0, BH_WHEN_OF_UNIT, BH_TO_LEAD, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_SUSPENSION, 0, BH_WHEN_OF_DESK, BH_TO_DISPATCHER, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_REDIRECT, 0, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_ASKED, false},
	{BH_VERB_REMIND, 170, BH_WHEN_OF_UNIT, BH_TO_LEAD, BH_NOTICE_ASKED, true},
	{BH_VERB_REMIND, 170, BH_WHEN_OF_DESK, BH_TO_DISPATCHER, BH_NOTICE_ASKED, true},
	{BH_VERB_REMIND, 180, BH_WHEN_OF_UNIT, BH_TO_LEAD, BH_NOTICE_ASKED, true},
	{BH_VERB_REMIND, 180, BH_WHEN_OF_DESK, BH_TO_DISPATCHER, BH_NOTICE_ASKED, true},
	{BH_VERB_REMIND, 180, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_ASKED, true},
	{BH_VERB_HAND_IN, 0, BH_WHEN_ALWAYS, BH_TO_LEAD, BH_NOTICE_HANDED, false},
	{BH_VERB_REMIND, 130, BH_WHEN_ALWAYS, BH_TO_LEAD, BH_NOTICE_HANDED, true},
	{BH_VERB_REMIND, 140, BH_WHEN_ALWAYS, BH_TO_LEAD, BH_NOTICE_HANDED, true},
	{BH_VERB_REMIND, 140, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_HANDED, true},
	{BH_VERB_REMIND, 140, BH_WHEN_ALWAYS, BH_TO_ABOVE, BH_NOTICE_HANDED, true},
	{BH_VERB_REMIND, 150, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, true},
	{BH_VERB_REMIND, 160, BH_WHEN_ALWAYS, BH_TO_TIER_DESK, BH_NOTICE_MAJOR, true},
	{BH_VERB_REMIND, 160, BH_WHEN_ALWAYS, BH_TO_SUPERVISOR, BH_NOTICE_MAJOR, true},
	{BH_VERB_HAND_BACK, 0, BH_WHEN_ALWAYS, BH_TO_HANDED, BH_NOTICE_ASK_REFUSED, false},
	{BH_VERB_REASSIGN, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_REASSIGN, 0, BH_WHEN_ALWAYS, BH_TO_TASK_BEFORE, BH_NOTICE_TASK_MOVED, false},
	{BH_VERB_ASK_VOID, 0, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_ASKED, false},
	{BH_VERB_EXTEND, 0, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_GRANTED, false},
	{BH_VERB_SUSPEND, 0, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_GRANTED, false},
	{BH_VERB_REFUSE_ASK, 0, BH_WHEN_ALWAYS, BH_TO_ASKER, BH_NOTICE_ASK_REFUSED, false},
	{BH_VERB_OVERDUE, 50, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_LIMIT_50, true},
	{BH_VERB_OVERDUE, 80, BH_WHEN_ALWAYS, BH_TO_LEAD, BH_NOTICE_LIMIT_80, true},
	{BH_VERB_OVERDUE, 50, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, true},
	{BH_VERB_OVERDUE, 50, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_OVERDUE, 80, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, true},
	{BH_VERB_OVERDUE, 80, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_OVERDUE, 100, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_LIMIT_100, true},
	{BH_VERB_OVERDUE, 100, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, true},
	{BH_VERB_OVERDUE, 100, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_OVERDUE, 124, BH_WHEN_ALWAYS, BH_TO_WARNED, BH_NOTICE_LIMIT_24H, true},
	{BH_VERB_OVERDUE, 124, BH_WHEN_ALWAYS, BH_TO_SUPERVISOR, BH_NOTICE_LIMIT_24H, true},
	{BH_VERB_OVERDUE, 172, BH_WHEN_ALWAYS, BH_TO_COUNTY, BH_NOTICE_LIMIT_72H, true},
	{BH_VERB_OVERDUE, 200, BH_WHEN_ALWAYS, BH_TO_COUNTY, BH_NOTICE_LIMIT_AGAIN, true},
	{BH_VERB_MILESTONE_DUE, 50, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_MILESTONE_50, true},
	{BH_VERB_MILESTONE_DUE, 80, BH_WHEN_ALWAYS, BH_TO_LEAD, BH_NOTICE_MILESTONE_80, true},
	{BH_VERB_MILESTONE_DUE, 100, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_MILESTONE_100, true},
	{BH_VERB_MILESTONE_DUE, 100, BH_WHEN_ALWAYS, BH_TO_SUPERVISOR, BH_NOTICE_MILESTONE_100,
		true},
	{BH_VERB_FAIL, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_FAIL, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_FAIL, 0, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_REWORK, false},
	{BH_VERB_VERIFY, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_CHECK, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_ASK_HELP, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_CONSULT, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_ASK_VISIT, 0, BH_WHEN_ALWAYS, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_ANSWER_VERIFY, 0, BH_WHEN_ALWAYS, BH_TO_ACCEPTOR, BH_NOTICE_TASK_ANSWERED, false},
	{BH_VERB_HELP_DONE, 0, BH_WHEN_ALWAYS, BH_TO_TASK_ASKER, BH_NOTICE_TASK_ANSWERED, false},
	{BH_VERB_VISIT_DONE, 0, BH_WHEN_ALWAYS, BH_TO_TASK_ASKER, BH_NOTICE_TASK_ANSWERED, false},
	{BH_VERB_FINISH, 0, BH_WHEN_BY_PERSON, BH_TO_ACCEPTOR, BH_NOTICE_RESULT, true},
	{BH_VERB_PASS, 0, BH_WHEN_BY_PERSON, BH_TO_ACCEPTOR, BH_NOTICE_RESULT, true},
	{BH_VERB_REOPEN, 0, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_AGAIN, false},
	{BH_VERB_RECONSIDER, 0, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_AGAIN, false},
	{BH_VERB_RECUR, 0, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_AGAIN, false},
	{BH_VERB_RESUME, 0, BH_WHEN_BY_CLOCK, BH_TO_UNIT, BH_NOTICE_RESUMED, true},
	{BH_VERB_ARCHIVE, 0, BH_WHEN_ALWAYS, BH_TO_FOLLOW_UP, BH_NOTICE_FOLLOW_UP, true},
	{BH_VERB_FOLLOW_TRY, 0, BH_WHEN_BY_CLOCK, BH_TO_FOLLOW_UP, BH_NOTICE_FOLLOW_UP, true},
	{BH_VERB_RESUME, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, true},
	{BH_VERB_RESUME, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_FOLLOW_UP, 0, BH_WHEN_UNSATISFIED, BH_TO_SUPERVISOR, BH_NOTICE_UNSATISFIED, true},
	{BH_VERB_FOLLOW_UP, 0, BH_WHEN_UNSATISFIED, BH_TO_DISPATCHER, BH_NOTICE_UNSATISFIED, true},
	{BH_VERB_CHECK_FAILED, 0, BH_WHEN_ALWAYS, BH_TO_ACCEPTOR, BH_NOTICE_CHECK_FAILED, false},
	{BH_VERB_TASK_LAPSED, 0, BH_WHEN_MOVES, BH_TO_ACCEPTOR, BH_NOTICE_TASK_LAPSED, false},
	{BH_VERB_TASK_LAPSED, 0, BH_WHEN_STAYS, BH_TO_TASK_ASKER, BH_NOTICE_TASK_LAPSED, false},
	{BH_VERB_TASK_LAPSED, BH_REASON_NO_RIGHT, BH_WHEN_STAYS, BH_TO_LEAD, BH_NOTICE_TASK_LAPSED,
		false},
	{BH_VERB_TASK_LAPSED, BH_REASON_NO_RIGHT, BH_WHEN_STAYS, BH_TO_ACCEPTOR,
		BH_NOTICE_TASK_LAPSED, false},
	{BH_VERB_ORDER, 0, BH_WHEN_ALWAYS, BH_TO_ADDRESSEE, BH_NOTICE_ORDER, true},
	{BH_VERB_ORDER_ANSWER, 0, BH_WHEN_ALWAYS, BH_TO_ISSUER, BH_NOTICE_ORDER_ANSWERED, true},
	{BH_VERB_ORDER_REVIEW, 0, BH_WHEN_SENT_BACK, BH_TO_ADDRESSEE, BH_NOTICE_ORDER_BACK, true},
	{BH_VERB_ORDER_REVIEW, 0, BH_WHEN_TOLD_UP, BH_TO_ISSUER, BH_NOTICE_ORDER_OVERDUE, true},
	{BH_VERB_ORDER_REVIEW, 0, BH_WHEN_TOLD_UP, BH_TO_SUPERVISOR, BH_NOTICE_ORDER_OVERDUE, true},
	{BH_VERB_ORDER_REVIEW, 0, BH_WHEN_TOLD_AGAIN, BH_TO_COUNTY, BH_NOTICE_ORDER_OVERDUE, true},
	{BH_VERB_CHECK_OVERDUE, 1, BH_WHEN_ALWAYS, BH_TO_ACCEPTOR, BH_NOTICE_CHECK_OVERDUE, true},
	{BH_VERB_CHECK_OVERDUE, 1, BH_WHEN_ALWAYS, BH_TO_SHIFT_LEADER, BH_NOTICE_CHECK_OVERDUE,
		true},
	{BH_VERB_CHECK_OVERDUE, 2, BH_WHEN_ALWAYS, BH_TO_ABOVE, BH_NOTICE_CHECK_OVERDUE, true},
	{BH_VERB_CHECK_OVERDUE, 3, BH_WHEN_ALWAYS, BH_TO_COUNTY, BH_NOTICE_CHECK_OVERDUE, true},
	{BH_VERB_MOVE_DOWN, 0, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_SENT_BACK, false},
	{BH_VERB_MOVE_DOWN, 0, BH_WHEN_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_MOVE_DOWN, 0, BH_WHEN_P1_ALONE, BH_TO_SHIFT_LEADER, BH_NOTICE_UNMANNED, false},
	{BH_VERB_PERFORM_DUE, 1, BH_WHEN_ALWAYS, BH_TO_UNIT, BH_NOTICE_PERFORM_DUE, true},
	{BH_VERB_PERFORM_DUE, 2, BH_WHEN_ALWAYS, BH_TO_TIER_DESK, BH_NOTICE_UNKEPT, true},
	{BH_VERB_PERFORM, 0, BH_WHEN_UNKEPT, BH_TO_TIER_DESK, BH_NOTICE_UNKEPT, false},
	{BH_VERB_CLOSE, 0, BH_WHEN_COPIED, BH_TO_COPIED, BH_NOTICE_COPIED, true},
	{BH_VERB_GRADE, 0, BH_WHEN_MAJOR, BH_TO_TIER_DESK, BH_NOTICE_MAJOR, false},
	{BH_VERB_GRADE, 0, BH_WHEN_MAJOR, BH_TO_SUPERVISOR, BH_NOTICE_MAJOR, false},
	{BH_VERB_PLAN, 0, BH_WHEN_SPONSOR, BH_TO_SPONSOR, BH_NOTICE_SPONSOR, false},
	{BH_VERB_APPEAL, 0, BH_WHEN_ALWAYS, BH_TO_DISPATCHER, BH_NOTICE_APPEAL, true},
	{BH_VERB_REVIEW_APPEAL, 0, BH_WHEN_PASSED_ON, BH_TO_SUPERVISOR, BH_NOTICE_APPEAL, true},
	{BH_VERB_REVIEW_APPEAL, 0, BH_WHEN_APPEAL_ENDS, BH_TO_LEAD, BH_NOTICE_APPEAL_ENDED, true},
	{BH_VERB_RATE, 0, BH_WHEN_RATED_LOW, BH_TO_SUPERVISOR, BH_NOTICE_RATED_LOW, true},
	{0, 0, BH_WHEN_APPEAL_DROPPED, BH_TO_LEAD_BEFORE, BH_NOTICE_APPEAL_LAPSED, true},
	{BH_VERB_CLOSE, 0, BH_WHEN_AUDITED, BH_TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_VISIT_DONE, 0, BH_WHEN_AUDIT_FAILS, BH_TO_SUPERVISOR, BH_NOTICE_AUDIT_FAILED,
		true},
	{BH_VERB_TASK_LAPSED, 0, BH_WHEN_AUDIT_LAPSES, BH_TO_ACCEPTOR, BH_NOTICE_TASK_LAPSED, true},
	{BH_VERB_LOAN_OVERDUE, 0, BH_WHEN_ALWAYS, BH_TO_ARCHIVIST, BH_NOTICE_LOAN_OVERDUE, true},
	{BH_VERB_PARTY, 0, BH_WHEN_CONSENT_GONE, BH_TO_PRIVACY, BH_NOTICE_CONSENT_GONE, false},
	{BH_VERB_PARTY, 0, BH_WHEN_CONSENT_GONE, BH_TO_DISPATCHER, BH_NOTICE_CONSENT_GONE, false},
	{0, 0, BH_WHEN_ENDS, BH_TO_REPORTER, BH_NOTICE_ENDED, true},
	{0, 0, BH_WHEN_STALE, BH_TO_BOTH, BH_NOTICE_STALE, false},
};

const size_t bh_notice_rows_count = sizeof(bh_notice_rows) / sizeof(bh_notice_rows[0]);

uint32_t bh_notice_unit_before(const struct bh_notice_facts *facts)
{
	return facts->before ? facts->before->unit : 0;
}

struct bh_order bh_notice_order(const struct bh_notice_facts *facts)
{
	struct bh_order order = {0};
	(void)bh_order_patch(&order, facts->entry); /* it was applied */
	return order;
}

size_t bh_notice_keep_apart(const struct bh_notice_facts *facts, uint32_t kind,
	const struct bh_msg_post **posts, size_t count)
{
	size_t kept = 0;
	if (kind != BH_NOTICE_RATED_LOW)
		return count;
	for (size_t i = 0; i < count; i++)
		if (!bh_rules_is_of_unit(facts->rules, posts[i]->person, facts->after->unit) &&
			posts[i]->person != facts->after->finished_by)
			posts[kept++] = posts[i];
	return kept;
}

static bool unit_has_nobody(const struct bh_notice_facts *facts)
{
	const struct bh_msg_post *post;
	return bh_rules_posts_of_unit(facts->rules, facts->entry->at_ms, facts->after->unit,
		       BH_ROLES_HANDLE, &post, 1) == 0;
}

static bool becomes_p1(const struct bh_notice_facts *facts)
{
	return facts->before && facts->before->urgency != BH_NOTICE_P1 &&
	       facts->after->urgency == BH_NOTICE_P1 && facts->after->unit != 0;
}

static bool waits_as_p1(const struct bh_notice_facts *facts)
{
	const struct bh_case *after = facts->after;
	return after->urgency == BH_NOTICE_P1 && after->unit == 0 &&
	       !(bh_case_is_immediate(facts->rules, after) &&
		       bh_case_unit_by_clock(facts->rules, after) != 0);
}

static bool appeal_was_dropped(const struct bh_notice_facts *facts)
{
	const struct bh_case *before = facts->before;
	return before && before->appeal_due_ms != 0 && facts->after->cycle > before->cycle;
}

static bool ends_now(const struct bh_notice_facts *facts)
{
	const struct bh_entry *entry = facts->entry;
	return bh_state_ends_cycle((enum bh_state)entry->to_state) &&
	       (entry->from_state != entry->to_state || entry->verb == BH_VERB_MAIN_ENDED);
}

static bool is_rated_low(const struct bh_notice_facts *facts)
{
	struct bh_rating_said said;
	return bh_rating_decode(facts->entry->header, &said) == 0 &&
	       said.rating == BH_RATING_DISSATISFIED;
}

/* Nobody had it to open yet, or it has its answer. */
static bool is_opened(const struct bh_case *cased)
{
	enum bh_state state = (enum bh_state)cased->state;
	return state != BH_STATE_RECEIVED && state != BH_STATE_VERIFYING &&
	       state != BH_STATE_ARCHIVED && !bh_state_ends_cycle(state) && !bh_state_is_end(state);
}

static bool consent_is_gone(const struct bh_notice_facts *facts)
{
	struct bh_party party;
	return is_opened(facts->after) &&
	       bh_rules_needs_consent(facts->rules, facts->after->type) &&
	       bh_party_decode(facts->entry->content, &party) == 0 &&
	       bh_party_withholds(party.role, party.consent);
}

static bool dispute_fits(const struct bh_notice_facts *facts, enum bh_notice_when when)
{
	static const struct bh_case nothing;
	const struct bh_case *after = facts->after;
	const struct bh_case *before = facts->before ? facts->before : &nothing;
	switch (when) {
	case BH_WHEN_UNKEPT:
		return after->unkept > before->unkept;
	case BH_WHEN_COPIED:
		return after->copied != before->copied;
	case BH_WHEN_SPONSOR:
		return after->sponsor != before->sponsor;
	case BH_WHEN_MAJOR:
		return after->major != 0 && before->major == 0 &&
		       !bh_case_is_planned(facts->rules, after, facts->entry->at_ms);
	default:
		return false;
	}
}

/* Of how it waits, and for whom. */
static bool waiting_fits(const struct bh_notice_facts *facts, enum bh_notice_when when)
{
	const struct bh_case *after = facts->after;
	switch (when) {
	case BH_WHEN_ALONE:
		return after->urgency != BH_NOTICE_P1 && unit_has_nobody(facts);
	case BH_WHEN_P1_WAITS:
		return waits_as_p1(facts);
	case BH_WHEN_TO_P1_WAITS:
		return facts->before && facts->before->urgency != BH_NOTICE_P1 &&
		       waits_as_p1(facts);
	case BH_WHEN_BY_PERSON:
		return !bh_case_closes_by_limit(facts->rules, after);
	case BH_WHEN_UNSATISFIED:
		return after->follow_answer == BH_FOLLOW_DISSATISFIED ||
		       after->follow_answer == BH_FOLLOW_RECURRED;
	default:
		return false;
	}
}

/* By this entry. */
static bool audit_comes_out(const struct bh_notice_facts *facts, uint32_t audit)
{
	return facts->before && facts->before->audit != audit && facts->after->audit == audit;
}

/* Of appeals, audits, orders and ratings. */
static bool beside_fits(const struct bh_notice_facts *facts, enum bh_notice_when when)
{
	switch (when) {
	case BH_WHEN_PASSED_ON:
		return facts->after->appeal == BH_APPEAL_SECOND;
	case BH_WHEN_APPEAL_DROPPED:
		return appeal_was_dropped(facts);
	case BH_WHEN_AUDITED:
		return facts->after->audit == BH_AUDIT_ASKED;
	case BH_WHEN_AUDIT_FAILS:
		return audit_comes_out(facts, BH_AUDIT_FAILED);
	case BH_WHEN_AUDIT_LAPSES:
		return audit_comes_out(facts, BH_AUDIT_LAPSED);
	case BH_WHEN_APPEAL_ENDS:
		return facts->after->appeal > BH_APPEAL_SECOND;
	case BH_WHEN_RATED_LOW:
		return is_rated_low(facts);
	case BH_WHEN_CONSENT_GONE:
		return consent_is_gone(facts);
	case BH_WHEN_SENT_BACK:
		return bh_notice_order(facts).state == BH_ORDER_SENT_BACK;
	case BH_WHEN_TOLD_UP:
		return bh_notice_order(facts).told == 1;
	case BH_WHEN_TOLD_AGAIN:
		return bh_notice_order(facts).told > 1;
	default:
		return false;
	}
}

static bool effect_fits(const struct bh_notice_facts *facts, enum bh_notice_when when)
{
	const struct bh_case *after = facts->after;
	switch (when) {
	case BH_WHEN_ALWAYS:
		return true;
	case BH_WHEN_USUAL:
		return after->urgency != BH_NOTICE_P1;
	case BH_WHEN_P1:
		return after->urgency == BH_NOTICE_P1;
	case BH_WHEN_P1_ALONE:
		return after->urgency == BH_NOTICE_P1 && unit_has_nobody(facts);
	case BH_WHEN_TO_P1:
		return becomes_p1(facts);
	case BH_WHEN_TO_P1_ALONE:
		return becomes_p1(facts) && unit_has_nobody(facts);
	case BH_WHEN_BY_CLOCK:
		return facts->entry->log_short == BH_LOG_CLOCK;
	case BH_WHEN_FIRST:
		return after->refusals == 0;
	case BH_WHEN_AGAIN:
		return after->refusals > 0;
	case BH_WHEN_OF_UNIT:
		return after->asked_level == BH_ASK_OF_UNIT;
	case BH_WHEN_OF_DESK:
		return after->asked_level == BH_ASK_OF_DESK;
	case BH_WHEN_ENDS:
		return ends_now(facts);
	case BH_WHEN_HAD_UNIT:
		return bh_notice_unit_before(facts) != 0 &&
		       bh_notice_unit_before(facts) != after->unit;
	case BH_WHEN_MOVES:
	case BH_WHEN_STAYS:
		return (when == BH_WHEN_MOVES) ==
		       (facts->entry->from_state != facts->entry->to_state);
	default:
		return dispute_fits(facts, when) || waiting_fits(facts, when) ||
		       beside_fits(facts, when);
	}
}

bool bh_notice_row_fits(const struct bh_notice_facts *facts, const struct bh_notice_row *row)
{
	const struct bh_entry *entry = facts->entry;
	uint32_t verb = entry->verb == BH_VERB_WARN ? BH_VERB_OVERDUE : entry->verb;
	if (row->when == BH_WHEN_STALE)
		return entry->verdict == BH_VERDICT_STALE &&
		       entry->log_short >= BH_LOG_FIRST_DEVICE;
	if (entry->verdict != BH_VERDICT_ACCEPTED ||
		(entry->cycle == 0 && !bh_verb_is_order(entry->verb) &&
			entry->verb != BH_VERB_RATE && entry->verb != BH_VERB_LOAN_OVERDUE &&
			entry->verb != BH_VERB_PARTY))
		return false;
	return (row->verb == 0 || row->verb == verb) &&
	       (row->reason == 0 || row->reason == entry->reason) &&
	       effect_fits(facts, (enum bh_notice_when)row->when);
}

bool bh_notice_moved_on(const struct bh_entry *entry)
{
	return entry->person != 0 && entry->verdict == BH_VERDICT_ACCEPTED &&
	       !bh_verb_is_quiet(entry->verb) && !bh_verb_is_receipt(entry->verb);
}
