/* The one table of moves, in domain.md's order; caseflow_names.c has the names of what stands in
 * it.
 *
 *   OUTBOX -> RECEIVED -> FILED -> DISPATCHED -> HANDLING -> DONE -> CLOSED -> ARCHIVED -> FOLLOWED
 *               |  ^                |     ^        |  ^        |
 *               v  |                v     |        v  |        v
 *           VERIFYING             RETURNING   SUSPENDED ..  CHECKING, REWORK
 *
 * A row stands once for each state it leaves from and once for each set of conditions: where one
 * hand is bound by less than another (the clock signs for no unit), the roles of the rows do not
 * overlap, so that (from, verb, role) finds one row at most. */
#include "proto/caseflow.h"

#define R(name) (1u << BH_ROLE_##name)
#define CLOCK R(CLOCK)
#define ACCEPT (R(ACCEPTOR) | R(SHIFT_LEADER))
#define DISPATCH (R(DISPATCHER) | R(SHIFT_LEADER))
#define DESK (ACCEPT | DISPATCH)
#define FIELD (R(GRID_WORKER) | R(GRID_LEADER))
#define UNIT (R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR) | R(TIER_DESK))
#define LEAD (R(UNIT_LEAD) | R(TIER_DESK))
/* Who leads a unit mediates where it has no mediator. */
#define MEDIATES (LEAD | R(MEDIATOR))
#define GRADES (DESK | R(TIER_DESK) | R(SUPERVISOR))
#define SPONSORS (R(SPONSOR) | R(TIER_DESK) | R(SUPERVISOR) | R(SHIFT_LEADER))
#define HELPS (UNIT | FIELD | R(HELPER))
#define PUBLIC (R(REPORTER) | FIELD | R(HELPER))
/* Row 1 is "any device": whoever holds one may report. */
#define ANYONE ((1u << BH_ROLE_COUNT) - 1 - CLOCK - (1u << BH_ROLE_NONE))

#define G(name) BH_GUARD_##name
/* The answers to tasks. */
#define SHOWN (G(OWN_TASK) | G(FIELD_WORK))
#define HELPED (G(OWN_TASK) | G(RESULT))
#define ROW(number, from_, to_, verb_, roles_, guards_, offline_, in_use_)       \
	{                                                                        \
		.row = (number), .from = BH_STATE_##from_, .to = BH_STATE_##to_, \
		.verb = BH_VERB_##verb_, .roles = (roles_), .guards = (guards_), \
		.offline = (offline_), .in_use = (in_use_)                       \
	}
#define OFFLINE true
#define ONLINE false
#define IN_USE true
#define LATER false

/* clang-format off */
const struct bh_move bh_moves[] = {
	ROW(1, OUTBOX, RECEIVED, SUBMIT, ANYONE, 0, OFFLINE, IN_USE),
	ROW(2, RECEIVED, VERIFYING, VERIFY, ACCEPT, 0, ONLINE, IN_USE),
	ROW(3, VERIFYING, RECEIVED, ANSWER_VERIFY, FIELD, SHOWN, OFFLINE, IN_USE),
	ROW(4, RECEIVED, FILED, FILE, ACCEPT, G(TYPE_AND_GRID), ONLINE, IN_USE),
	ROW(5, RECEIVED, REJECTED, REFUSE, ACCEPT, G(REASON), ONLINE, IN_USE),
	ROW(6, RECEIVED, MERGED, MERGE, ACCEPT, G(MAIN), ONLINE, IN_USE),
	ROW(7, RECEIVED, REFERRED, REFER, ACCEPT, G(REASON), ONLINE, IN_USE),
	ROW(8, RECEIVED, DONE, SELF_DISPOSE, FIELD, G(FIELD_WORK), OFFLINE, LATER),
	/* 4 and 9 in one command: what is dispatched from RECEIVED is filed by it. */
	ROW(9, RECEIVED, DISPATCHED, DISPATCH, DESK, G(TYPE_AND_GRID) | G(UNIT), ONLINE, IN_USE),
	ROW(9, FILED, DISPATCHED, DISPATCH, DESK, G(UNIT), ONLINE, IN_USE),
	ROW(10, DISPATCHED, HANDLING, SIGN, UNIT, G(OWN_UNIT), OFFLINE, IN_USE),
	ROW(10, DISPATCHED, HANDLING, SIGN, CLOCK, 0, ONLINE, IN_USE),
	ROW(11, DISPATCHED, RETURNING, RETURN, LEAD,
		G(OWN_UNIT) | G(RETURN_WINDOW) | G(REASON), ONLINE, IN_USE),
	ROW(11, HANDLING, RETURNING, RETURN, LEAD,
		G(OWN_UNIT) | G(RETURN_WINDOW) | G(REASON), ONLINE, IN_USE),
	ROW(12, RETURNING, FILED, ACCEPT_RETURN, DISPATCH, 0, ONLINE, IN_USE),
	/* Nobody looked at it for an hour: who argues shall not be who waits.  A second return that
	 * the shift leader lets lie is accepted like a first. */
	ROW(12, RETURNING, FILED, ACCEPT_RETURN, CLOCK, 0, ONLINE, IN_USE),
	ROW(13, RETURNING, HANDLING, REFUSE_RETURN, R(DISPATCHER),
		G(FIRST_REFUSAL) | G(REASON), ONLINE, IN_USE),
	ROW(13, RETURNING, HANDLING, REFUSE_RETURN, R(SHIFT_LEADER),
		G(REASON), ONLINE, IN_USE),
	ROW(14, HANDLING, SUSPENDED, SUSPEND, DISPATCH, G(ASKED) | G(IN_TIME) | G(PLAN),
		ONLINE, IN_USE),
	ROW(15, SUSPENDED, HANDLING, RESUME, DISPATCH, 0, ONLINE, IN_USE),
	ROW(15, SUSPENDED, HANDLING, RESUME, CLOCK, 0, ONLINE, IN_USE),
	/* The desk of the area, also for what a mediation body of it handles. */
	ROW(16, HANDLING, TIER_MOVING, MOVE_UP, R(TIER_DESK), G(REASON), ONLINE, IN_USE),
	ROW(17, TIER_MOVING, HANDLING, RECEIVE, R(TIER_DESK), G(OWN_UNIT), ONLINE, IN_USE),
	ROW(17, TIER_MOVING, HANDLING, RECEIVE, CLOCK, 0, ONLINE, IN_USE),
	ROW(18, HANDLING, DONE, FINISH, UNIT,
		G(OWN_UNIT) | G(RESULT) | G(NO_HELP) | G(SETTLED) | G(PLAN), OFFLINE, IN_USE),
	ROW(19, DONE, CHECKING, CHECK, ACCEPT, 0, ONLINE, IN_USE),
	ROW(20, CHECKING, DONE, PASS, FIELD, SHOWN, OFFLINE, IN_USE),
	ROW(21, CHECKING, REWORK, FAIL, ACCEPT, G(REASON) | G(CHECKED), ONLINE, IN_USE),
	ROW(21, CHECKING, REWORK, FAIL, CLOCK, G(CHECKED), ONLINE, IN_USE),
	ROW(21, DONE, REWORK, FAIL, ACCEPT, G(REASON), ONLINE, IN_USE),
	ROW(22, REWORK, HANDLING, START, UNIT, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(22, REWORK, HANDLING, START, CLOCK, 0, ONLINE, IN_USE),
	ROW(23, DONE, CLOSED, CLOSE, ACCEPT, G(RESULT) | G(CHECKED), ONLINE, IN_USE),
	ROW(24, CLOSED, FILED, REOPEN, PUBLIC, G(REPORTER) | G(WINDOW), ONLINE, IN_USE),
	ROW(24, CLOSED, FILED, REOPEN, R(SUPERVISOR), G(REASON), ONLINE, IN_USE),
	/* An archivist takes no reporter's right to reopen. */
	ROW(25, CLOSED, ARCHIVED, ARCHIVE, R(ARCHIVIST), G(AFTER_WINDOW) | G(DOSSIER),
		ONLINE, IN_USE),
	ROW(25, CLOSED, ARCHIVED, ARCHIVE, CLOCK, 0, ONLINE, IN_USE),
	ROW(26, ARCHIVED, FOLLOWED, FOLLOW_UP, R(FOLLOWUP_AGENT), G(SEPARATE), ONLINE, IN_USE),
	ROW(26, ARCHIVED, FOLLOWED, FOLLOW_UP, CLOCK, 0, ONLINE, IN_USE),
	ROW(27, ARCHIVED, FILED, RECUR, R(SUPERVISOR), G(REASON), ONLINE, IN_USE),
	ROW(27, FOLLOWED, FILED, RECUR, R(SUPERVISOR), G(REASON), ONLINE, IN_USE),
	ROW(28, RECEIVED, VOID, VOID, R(SHIFT_LEADER), G(ASKED) | G(SECOND) | G(REASON),
		ONLINE, IN_USE),
	ROW(28, FILED, VOID, VOID, R(SHIFT_LEADER), G(ASKED) | G(SECOND) | G(REASON),
		ONLINE, IN_USE),
	ROW(29, RECEIVED, DISPATCHED, DISPATCH, CLOCK, G(UNIT), ONLINE, IN_USE),
	ROW(29, VERIFYING, DISPATCHED, DISPATCH, CLOCK, G(UNIT), ONLINE, IN_USE),
	ROW(29, FILED, DISPATCHED, DISPATCH, CLOCK, G(UNIT), ONLINE, IN_USE),
	ROW(30, DISPATCHED, DISPATCHED, REDIRECT, DISPATCH, G(UNIT) | G(REASON), ONLINE, IN_USE),
	ROW(30, HANDLING, DISPATCHED, REDIRECT, DISPATCH, G(UNIT) | G(REASON), ONLINE, IN_USE),
	ROW(31, REJECTED, FILED, RECONSIDER, PUBLIC, G(REPORTER) | G(WINDOW), ONLINE, IN_USE),
	ROW(31, REJECTED, FILED, RECONSIDER, R(SUPERVISOR), G(REASON), ONLINE, IN_USE),
	ROW(32, MERGED, RECEIVED, UNMERGE, ACCEPT, 0, ONLINE, IN_USE),
	ROW(33, DONE, CLOSED, CLOSE, CLOCK, G(NOT_BY_LIMIT), ONLINE, IN_USE),
	ROW(33, CHECKING, CLOSED, CLOSE, CLOCK, G(NOT_BY_LIMIT), ONLINE, IN_USE),
	/* A handler asks his lead, a lead the dispatcher. */
	ROW(34, HANDLING, HANDLING, ASK_EXTENSION, UNIT & ~LEAD,
		G(OWN_UNIT) | G(IN_TIME) | G(REASON), ONLINE, IN_USE),
	ROW(34, HANDLING, HANDLING, ASK_EXTENSION, LEAD,
		G(OWN_UNIT) | G(IN_TIME) | G(REASON), ONLINE, IN_USE),
	ROW(35, HANDLING, HANDLING, ASK_SUSPENSION, UNIT & ~LEAD,
		G(OWN_UNIT) | G(IN_TIME) | G(REASON), ONLINE, IN_USE),
	ROW(35, HANDLING, HANDLING, ASK_SUSPENSION, LEAD,
		G(OWN_UNIT) | G(IN_TIME) | G(REASON), ONLINE, IN_USE),
	ROW(36, HANDLING, HANDLING, EXTEND, DISPATCH, G(ASKED) | G(IN_TIME), ONLINE, IN_USE),
	ROW(37, HANDLING, HANDLING, REFUSE_ASK, DISPATCH, G(ASKED) | G(REASON), ONLINE, IN_USE),
	ROW(37, HANDLING, HANDLING, REFUSE_ASK, LEAD,
		G(OWN_UNIT) | G(ASKED) | G(REASON), ONLINE, IN_USE),
	ROW(37, RECEIVED, RECEIVED, REFUSE_ASK, R(SHIFT_LEADER),
		G(ASKED) | G(REASON), ONLINE, IN_USE),
	ROW(37, FILED, FILED, REFUSE_ASK, R(SHIFT_LEADER),
		G(ASKED) | G(REASON), ONLINE, IN_USE),
	ROW(38, RECEIVED, RECEIVED, ASK_VOID, DESK, G(REASON), ONLINE, IN_USE),
	ROW(38, FILED, FILED, ASK_VOID, DESK, G(REASON), ONLINE, IN_USE),
	/* Wherever somebody has it; a dispute between two tiers is nobody's for a day at most. */
	ROW(44, RECEIVED, RECEIVED, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, VERIFYING, VERIFYING, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, FILED, FILED, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, DISPATCHED, DISPATCHED, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, HANDLING, HANDLING, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, RETURNING, RETURNING, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, SUSPENDED, SUSPENDED, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, DONE, DONE, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, CHECKING, CHECKING, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(44, REWORK, REWORK, AMEND, DESK, G(REASON), ONLINE, IN_USE),
	ROW(41, ARCHIVED, ARCHIVED, FOLLOW_TRY, R(FOLLOWUP_AGENT), G(SEPARATE), ONLINE, IN_USE),
	ROW(41, ARCHIVED, ARCHIVED, FOLLOW_TRY, CLOCK, 0, ONLINE, IN_USE),
	/* Beside a case that the clock dispatched meanwhile (29). */
	ROW(50, DISPATCHED, DISPATCHED, ANSWER_VERIFY, FIELD, SHOWN, OFFLINE, IN_USE),
	ROW(50, HANDLING, HANDLING, ANSWER_VERIFY, FIELD, SHOWN, OFFLINE, IN_USE),
	ROW(50, RETURNING, RETURNING, ANSWER_VERIFY, FIELD, SHOWN, OFFLINE, IN_USE),
	ROW(51, VERIFYING, RECEIVED, TASK_LAPSED, CLOCK, 0, ONLINE, IN_USE),
	ROW(51, CHECKING, DONE, TASK_LAPSED, CLOCK, 0, ONLINE, IN_USE),
	ROW(52, DISPATCHED, DISPATCHED, ASK_HELP, DISPATCH, G(REASON), ONLINE, IN_USE),
	ROW(52, HANDLING, HANDLING, ASK_HELP, DISPATCH, G(REASON), ONLINE, IN_USE),
	ROW(52, HANDLING, HANDLING, ASK_HELP, LEAD, G(OWN_UNIT) | G(REASON), ONLINE, IN_USE),
	ROW(53, DISPATCHED, DISPATCHED, HELP_DONE, HELPS, HELPED, OFFLINE, IN_USE),
	ROW(53, HANDLING, HANDLING, HELP_DONE, HELPS, HELPED, OFFLINE, IN_USE),
	ROW(53, RETURNING, RETURNING, HELP_DONE, HELPS, HELPED, OFFLINE, IN_USE),
	ROW(53, SUSPENDED, SUSPENDED, HELP_DONE, HELPS, HELPED, OFFLINE, IN_USE),
	/* What was looked at and does not do waits for the acceptor, who fails it (21). */
	ROW(54, CHECKING, CHECKING, CHECK_FAILED, FIELD, G(OWN_TASK) | G(REASON),
		OFFLINE, IN_USE),
	/* What the clock may not close (33) it does not punish either: it calls for a person, the
	 * nearest shift leader, the level above, the county, and again after twice the time. */
	ROW(55, DONE, DONE, CHECK_OVERDUE, CLOCK, 0, ONLINE, IN_USE),
	ROW(55, CHECKING, CHECKING, CHECK_OVERDUE, CLOCK, 0, ONLINE, IN_USE),
	/* Wherever somebody has yet to find a unit, or has it. */
	ROW(60, RECEIVED, RECEIVED, GRADE, GRADES, 0, ONLINE, IN_USE),
	ROW(60, FILED, FILED, GRADE, GRADES, 0, ONLINE, IN_USE),
	ROW(60, DISPATCHED, DISPATCHED, GRADE, GRADES, 0, ONLINE, IN_USE),
	ROW(60, HANDLING, HANDLING, GRADE, GRADES, 0, ONLINE, IN_USE),
	ROW(61, HANDLING, HANDLING, MEDIATE, MEDIATES, G(OWN_UNIT) | G(DISPUTE), ONLINE, IN_USE),
	ROW(62, HANDLING, HANDLING, SESSION, UNIT, G(OWN_UNIT) | G(DISPUTE) | G(RESULT),
		OFFLINE, IN_USE),
	ROW(63, HANDLING, HANDLING, CONCLUDE, MEDIATES, G(OWN_UNIT) | G(DISPUTE) | G(RESULT),
		ONLINE, IN_USE),
	/* An agreement is kept, or not, long after its case was closed. */
	ROW(64, HANDLING, HANDLING, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, SUSPENDED, SUSPENDED, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, DONE, DONE, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, CHECKING, CHECKING, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, REWORK, REWORK, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, CLOSED, CLOSED, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, ARCHIVED, ARCHIVED, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	ROW(64, FOLLOWED, FOLLOWED, PERFORM, MEDIATES, G(OWN_UNIT), ONLINE, IN_USE),
	/* A party asks for time: not for the whole case (14), and nobody has to grant it. */
	ROW(65, HANDLING, SUSPENDED, SUSPEND, MEDIATES,
		G(OWN_UNIT) | G(DISPUTE) | G(REASON) | G(PLAN), ONLINE, IN_USE),
	ROW(66, HANDLING, TIER_MOVING, MOVE_DOWN, R(TIER_DESK), G(DISPUTE) | G(REASON),
		ONLINE, IN_USE),
	ROW(67, DISPATCHED, DISPATCHED, PLAN, SPONSORS, G(RESULT), ONLINE, IN_USE),
	ROW(67, HANDLING, HANDLING, PLAN, SPONSORS, G(RESULT), ONLINE, IN_USE),
	ROW(68, HANDLING, HANDLING, CONSULT, MEDIATES, G(OWN_UNIT) | G(RESULT), ONLINE, IN_USE),
};
/* clang-format on */

const size_t bh_moves_count = sizeof(bh_moves) / sizeof(bh_moves[0]);

const struct bh_move *bh_move_find(enum bh_state from, enum bh_verb verb, enum bh_role role)
{
	if ((unsigned)role >= BH_ROLE_COUNT)
		return NULL;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		if (move->from == from && move->verb == verb && (move->roles & 1u << role) != 0)
			return move;
	}
	return NULL;
}

size_t bh_moves_of(enum bh_state from, enum bh_role role, enum bh_verb *verbs, size_t max)
{
	size_t count = 0;
	for (unsigned verb = BH_VERB_NONE; verb < BH_VERB_MAX && count < max; verb++) {
		if (bh_move_find(from, (enum bh_verb)verb, role) != NULL)
			verbs[count++] = (enum bh_verb)verb;
	}
	return count;
}

bool bh_verb_is_receipt(unsigned verb)
{
	return verb == BH_VERB_DELIVERED || verb == BH_VERB_SEEN;
}

enum bh_task_kind bh_verb_answers(enum bh_verb verb)
{
	switch (verb) {
	case BH_VERB_ANSWER_VERIFY:
		return BH_TASK_VERIFY;
	case BH_VERB_PASS:
	case BH_VERB_CHECK_FAILED:
		return BH_TASK_CHECK;
	case BH_VERB_HELP_DONE:
		return BH_TASK_HELP;
	default:
		return BH_TASK_NONE;
	}
}

bool bh_verb_is_quiet(unsigned verb)
{
	return verb == BH_VERB_REMIND || verb == BH_VERB_BREACH || verb == BH_VERB_WARN ||
	       verb == BH_VERB_OVERDUE || verb == BH_VERB_RECOMPUTE || verb == BH_VERB_STORED ||
	       verb == BH_VERB_MAIN_MOVED || verb == BH_VERB_CHECK_OVERDUE ||
	       verb == BH_VERB_PERFORM_DUE;
}

bool bh_state_ends_cycle(enum bh_state state)
{
	return state == BH_STATE_CLOSED || state == BH_STATE_REJECTED || state == BH_STATE_VOID ||
	       state == BH_STATE_MERGED || state == BH_STATE_REFERRED;
}

/* After the answer come only the paper's own steps, which no case waits for. */
bool bh_state_is_end(enum bh_state state)
{
	return bh_state_ends_cycle(state) || state == BH_STATE_ARCHIVED ||
	       state == BH_STATE_FOLLOWED;
}

bool bh_state_is_timed(enum bh_state state)
{
	return state == BH_STATE_CLOSED || state == BH_STATE_ARCHIVED || !bh_state_is_end(state);
}
