/* The one table of moves, in domain.md's order, and the names of what stands in it.
 *
 *   OUTBOX -> RECEIVED -> FILED -> DISPATCHED -> HANDLING -> DONE -> CLOSED -> ARCHIVED -> FOLLOWED
 *               |  ^                |     ^        |  ^        |
 *               v  |                v     |        v  |        v
 *           VERIFYING             RETURNING   SUSPENDED ..  CHECKING, REWORK
 *
 * A row stands once for each state it leaves from and once for each set of conditions: where one
 * hand is bound by less than another (the clock signs for no unit), the roles of the rows do not
 * overlap, so that (from, verb, role) finds one row at most. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"

#define R(name) (1u << BH_ROLE_##name)
#define CLOCK R(CLOCK)
#define ACCEPT (R(ACCEPTOR) | R(SHIFT_LEADER))
#define DISPATCH (R(DISPATCHER) | R(SHIFT_LEADER))
#define DESK (ACCEPT | DISPATCH)
#define FIELD (R(GRID_WORKER) | R(GRID_LEADER))
#define UNIT (R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR) | R(TIER_DESK))
#define LEAD (R(UNIT_LEAD) | R(TIER_DESK))
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
	ROW(6, RECEIVED, MERGED, MERGE, ACCEPT, G(WINDOW), ONLINE, LATER),
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
	ROW(13, RETURNING, HANDLING, REFUSE_RETURN, R(DISPATCHER),
		G(FIRST_REFUSAL) | G(REASON), ONLINE, IN_USE),
	ROW(13, RETURNING, HANDLING, REFUSE_RETURN, R(SHIFT_LEADER),
		G(REASON), ONLINE, IN_USE),
	ROW(14, HANDLING, SUSPENDED, SUSPEND, DISPATCH, G(ASKED) | G(IN_TIME), ONLINE, IN_USE),
	ROW(15, SUSPENDED, HANDLING, RESUME, DISPATCH, 0, ONLINE, IN_USE),
	ROW(15, SUSPENDED, HANDLING, RESUME, CLOCK, 0, ONLINE, IN_USE),
	/* The desk of the area, also for what a mediation body of it handles. */
	ROW(16, HANDLING, TIER_MOVING, MOVE_UP, R(TIER_DESK), G(REASON), ONLINE, IN_USE),
	ROW(17, TIER_MOVING, HANDLING, RECEIVE, R(TIER_DESK), G(OWN_UNIT), ONLINE, IN_USE),
	ROW(17, TIER_MOVING, HANDLING, RECEIVE, CLOCK, 0, ONLINE, IN_USE),
	ROW(18, HANDLING, DONE, FINISH, UNIT, G(OWN_UNIT) | G(RESULT) | G(NO_HELP),
		OFFLINE, IN_USE),
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
	ROW(25, CLOSED, ARCHIVED, ARCHIVE, R(ARCHIVIST) | CLOCK, 0, ONLINE, LATER),
	ROW(26, ARCHIVED, FOLLOWED, FOLLOW_UP, R(FOLLOWUP_AGENT), G(FIELD_WORK), ONLINE, LATER),
	ROW(27, ARCHIVED, FILED, RECUR, R(SUPERVISOR), G(REASON), ONLINE, LATER),
	ROW(27, FOLLOWED, FILED, RECUR, R(SUPERVISOR), G(REASON), ONLINE, LATER),
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
	ROW(32, MERGED, RECEIVED, UNMERGE, ACCEPT, 0, ONLINE, LATER),
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
	for (unsigned verb = BH_VERB_NONE; verb < BH_VERB_FOUND && count < max; verb++) {
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

/* ---- Names ---- */

struct name {
	const char *en;
	const char *zh;
};

/* clang-format off */
static const struct name state_names[BH_STATE_COUNT] = {
	[BH_STATE_OUTBOX] = {"outbox", "待上传"},
	[BH_STATE_RECEIVED] = {"received", "已接收"},
	[BH_STATE_VERIFYING] = {"verifying", "核实中"},
	[BH_STATE_FILED] = {"filed", "已立案"},
	[BH_STATE_DISPATCHED] = {"dispatched", "已派单"},
	[BH_STATE_HANDLING] = {"handling", "处置中"},
	[BH_STATE_RETURNING] = {"returning", "退单待审"},
	[BH_STATE_SUSPENDED] = {"suspended", "挂账"},
	[BH_STATE_TIER_MOVING] = {"tier_moving", "上报上级中"},
	[BH_STATE_DONE] = {"done", "处置完成"},
	[BH_STATE_CHECKING] = {"checking", "核查中"},
	[BH_STATE_REWORK] = {"rework", "返工"},
	[BH_STATE_CLOSED] = {"closed", "已结案"},
	[BH_STATE_ARCHIVED] = {"archived", "已归档"},
	[BH_STATE_FOLLOWED] = {"followed", "已回访"},
	[BH_STATE_REJECTED] = {"rejected", "不予受理"},
	[BH_STATE_VOID] = {"void", "作废"},
	[BH_STATE_MERGED] = {"merged", "并案"},
	[BH_STATE_REFERRED] = {"referred", "转外部渠道"},
};

static const struct name verb_names[BH_VERB_MAX] = {
	[BH_VERB_NONE] = {"none", "无"},
	[BH_VERB_SUBMIT] = {"submit", "上报"},
	[BH_VERB_VERIFY] = {"verify", "核实"},
	[BH_VERB_ANSWER_VERIFY] = {"answer_verify", "核实反馈"},
	[BH_VERB_FILE] = {"file", "立案"},
	[BH_VERB_REFUSE] = {"refuse", "不予受理"},
	[BH_VERB_MERGE] = {"merge", "并案"},
	[BH_VERB_REFER] = {"refer", "转外部"},
	[BH_VERB_SELF_DISPOSE] = {"self_dispose", "自处置"},
	[BH_VERB_DISPATCH] = {"dispatch", "派单"},
	[BH_VERB_SIGN] = {"sign", "签收"},
	[BH_VERB_RETURN] = {"return", "退单"},
	[BH_VERB_ACCEPT_RETURN] = {"accept_return", "同意退单"},
	[BH_VERB_REFUSE_RETURN] = {"refuse_return", "驳回退单"},
	[BH_VERB_SUSPEND] = {"suspend", "挂账"},
	[BH_VERB_RESUME] = {"resume", "恢复"},
	[BH_VERB_MOVE_UP] = {"move_up", "上报上级"},
	[BH_VERB_RECEIVE] = {"receive", "上级接收"},
	[BH_VERB_FINISH] = {"finish", "完成"},
	[BH_VERB_CHECK] = {"check", "核查"},
	[BH_VERB_PASS] = {"pass", "核查通过"},
	[BH_VERB_FAIL] = {"fail", "返工"},
	[BH_VERB_START] = {"start", "开始返工"},
	[BH_VERB_CLOSE] = {"close", "结案"},
	[BH_VERB_REOPEN] = {"reopen", "重开"},
	[BH_VERB_ARCHIVE] = {"archive", "归档"},
	[BH_VERB_FOLLOW_UP] = {"follow_up", "回访"},
	[BH_VERB_RECUR] = {"recur", "复发"},
	[BH_VERB_VOID] = {"void", "作废"},
	[BH_VERB_REDIRECT] = {"redirect", "改派"},
	[BH_VERB_RECONSIDER] = {"reconsider", "重新受理"},
	[BH_VERB_UNMERGE] = {"unmerge", "撤销并案"},
	[BH_VERB_DELIVERED] = {"delivered", "已送达"},
	[BH_VERB_SEEN] = {"seen", "已阅"},
	[BH_VERB_REMIND] = {"remind", "提醒"},
	[BH_VERB_BREACH] = {"breach", "派单超时"},
	[BH_VERB_OVERDUE] = {"overdue", "处置超时"},
	[BH_VERB_ASK_EXTENSION] = {"ask_extension", "申请延期"},
	[BH_VERB_ASK_SUSPENSION] = {"ask_suspension", "申请挂账"},
	[BH_VERB_EXTEND] = {"extend", "延期"},
	[BH_VERB_REFUSE_ASK] = {"refuse_ask", "驳回申请"},
	[BH_VERB_ASK_VOID] = {"ask_void", "申请作废"},
	[BH_VERB_ASK_HELP] = {"ask_help", "请求协办"},
	[BH_VERB_HELP_DONE] = {"help_done", "协办完成"},
	[BH_VERB_TASK_LAPSED] = {"task_lapsed", "任务超时"},
	[BH_VERB_TASK_WITHDRAWN] = {"task_withdrawn", "任务撤回"},
	[BH_VERB_CHECK_FAILED] = {"check_failed", "核查不通过"},
	[BH_VERB_FOUND] = {"found", "建区"},
	[BH_VERB_PROFILE] = {"profile", "更新档案"},
	[BH_VERB_ENROL_CODE] = {"enrol_code", "发放登记码"},
	[BH_VERB_ENROLLED] = {"enrolled", "设备登记"},
	[BH_VERB_REVOKE] = {"revoke", "停用设备"},
	[BH_VERB_LOG_BEGIN] = {"log_begin", "启用新日志"},
	[BH_VERB_SUSPEND_DEVICE] = {"suspend_device", "暂停设备"},
	[BH_VERB_CLOCK_ALARM] = {"clock_alarm", "时钟告警"},
	[BH_VERB_CLOCK_CONFIRM] = {"clock_confirm", "时钟确认"},
	[BH_VERB_UNREADABLE] = {"unreadable", "无法读取"},
	[BH_VERB_RELEASE] = {"release", "放行"},
	[BH_VERB_STORED] = {"stored", "照片到齐"},
	[BH_VERB_RESTORED] = {"restored", "恢复备份"},
	[BH_VERB_ROTATED] = {"rotated", "更换密钥"},
	[BH_VERB_BUNDLE] = {"bundle", "导入离线包"},
};
/* clang-format on */

static const struct name task_names[BH_TASK_KIND_COUNT] = {
	[BH_TASK_NONE] = {"none", "无"},
	[BH_TASK_VERIFY] = {"verify", "核实"},
	[BH_TASK_CHECK] = {"check", "核查"},
	[BH_TASK_HELP] = {"help", "协办"},
};

static const char *const role_names[BH_ROLE_COUNT] = {
	[BH_ROLE_NONE] = "none",
	[BH_ROLE_REPORTER] = "reporter",
	[BH_ROLE_GRID_WORKER] = "grid_worker",
	[BH_ROLE_GRID_LEADER] = "grid_leader",
	[BH_ROLE_HELPER] = "helper",
	[BH_ROLE_ACCEPTOR] = "acceptor",
	[BH_ROLE_DISPATCHER] = "dispatcher",
	[BH_ROLE_SHIFT_LEADER] = "shift_leader",
	[BH_ROLE_UNIT_LEAD] = "unit_lead",
	[BH_ROLE_HANDLER] = "handler",
	[BH_ROLE_MEDIATOR] = "mediator",
	[BH_ROLE_TIER_DESK] = "tier_desk",
	[BH_ROLE_SUPERVISOR] = "supervisor",
	[BH_ROLE_SPONSOR] = "sponsor",
	[BH_ROLE_ASSESSOR] = "assessor",
	[BH_ROLE_FOLLOWUP_AGENT] = "followup_agent",
	[BH_ROLE_ARCHIVIST] = "archivist",
	[BH_ROLE_PRIVACY_OFFICER] = "privacy_officer",
	[BH_ROLE_AUDITOR] = "auditor",
	[BH_ROLE_ADMIN] = "admin",
	[BH_ROLE_CLOCK] = "clock",
};

static const struct name *verb_name(enum bh_verb verb)
{
	static const struct name unknown = {"unknown", "未知"};
	bool named = (unsigned)verb < BH_VERB_MAX && verb_names[verb].en != NULL;
	return named ? &verb_names[verb] : &unknown;
}

const char *bh_state_name(enum bh_state state)
{
	return (unsigned)state < BH_STATE_COUNT ? state_names[state].en : "unknown";
}

const char *bh_state_name_zh(enum bh_state state)
{
	return (unsigned)state < BH_STATE_COUNT ? state_names[state].zh : "未知";
}

const char *bh_verb_name(enum bh_verb verb)
{
	return verb_name(verb)->en;
}

const char *bh_verb_name_zh(enum bh_verb verb)
{
	return verb_name(verb)->zh;
}

const char *bh_task_kind_name(enum bh_task_kind kind)
{
	return (unsigned)kind < BH_TASK_KIND_COUNT ? task_names[kind].en : "unknown";
}

const char *bh_task_kind_name_zh(enum bh_task_kind kind)
{
	return (unsigned)kind < BH_TASK_KIND_COUNT ? task_names[kind].zh : "未知";
}

const char *bh_role_name(enum bh_role role)
{
	return (unsigned)role < BH_ROLE_COUNT ? role_names[role] : "unknown";
}

int bh_state_parse(const char *name, enum bh_state *out)
{
	for (unsigned i = 0; i < BH_STATE_COUNT; i++) {
		if (strcmp(name, state_names[i].en) == 0) {
			*out = (enum bh_state)i;
			return 0;
		}
	}
	return BH_ERR_NOT_FOUND;
}

int bh_verb_parse(const char *name, enum bh_verb *out)
{
	for (unsigned i = 0; i < BH_VERB_MAX; i++) {
		if (verb_names[i].en != NULL && strcmp(name, verb_names[i].en) == 0) {
			*out = (enum bh_verb)i;
			return 0;
		}
	}
	return BH_ERR_NOT_FOUND;
}

int bh_role_parse(const char *name, enum bh_role *out)
{
	for (unsigned i = 0; i < BH_ROLE_COUNT; i++) {
		if (strcmp(name, role_names[i]) == 0) {
			*out = (enum bh_role)i;
			return 0;
		}
	}
	return BH_ERR_NOT_FOUND;
}
