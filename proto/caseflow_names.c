/* The names of states, verbs, tasks and roles, in the words of programs and in those of people. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"

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
	[BH_VERB_REGISTER] = {"register", "登记"},
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
	[BH_VERB_CHECK_OVERDUE] = {"check_overdue", "核查超时"},
	[BH_VERB_ASK_VISIT] = {"ask_visit", "安排走访"},
	[BH_VERB_VISIT_DONE] = {"visit_done", "走访反馈"},
	[BH_VERB_CHECK_FAILED] = {"check_failed", "核查不通过"},
	[BH_VERB_WARN] = {"warn", "处置提醒"},
	[BH_VERB_AMEND] = {"amend", "更正"},
	[BH_VERB_RECOMPUTE] = {"recompute", "时限重算"},
	[BH_VERB_FOLLOW_TRY] = {"follow_try", "回访未接通"},
	[BH_VERB_MAIN_ENDED] = {"main_ended", "主案办结"},
	[BH_VERB_MAIN_MOVED] = {"main_moved", "主案变更"},
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
	[BH_VERB_HAND_OVER] = {"hand_over", "交班"},
	[BH_VERB_TAKE_OVER] = {"take_over", "接班"},
	[BH_VERB_HAND_OVER_MISSED] = {"hand_over_missed", "未交班"},
	[BH_VERB_BUNDLE] = {"bundle", "导入离线包"},
	[BH_VERB_PARTY] = {"party", "当事人"},
	[BH_VERB_OPEN] = {"open", "查阅"},
	[BH_VERB_ERASE] = {"erase", "删除个人信息"},
	[BH_VERB_HOLD] = {"hold", "依法保留"},
	[BH_VERB_UNHOLD] = {"unhold", "解除保留"},
	[BH_VERB_ASK_ERASE] = {"ask_erase", "申请删除"},
	[BH_VERB_GRADE] = {"grade", "定级"},
	[BH_VERB_MEDIATE] = {"mediate", "开始调解"},
	[BH_VERB_SESSION] = {"session", "调解记录"},
	[BH_VERB_CONCLUDE] = {"conclude", "调解结果"},
	[BH_VERB_PERFORM] = {"perform", "履行核查"},
	[BH_VERB_PERFORM_DUE] = {"perform_due", "履行到期"},
	[BH_VERB_PLAN] = {"plan", "包案方案"},
	[BH_VERB_MILESTONES] = {"milestones", "阶段计划"},
	[BH_VERB_MILESTONE_DONE] = {"milestone_done", "阶段完成"},
	[BH_VERB_MILESTONE_DUE] = {"milestone_due", "阶段提醒"},
	[BH_VERB_CONSULT] = {"consult", "会商"},
	[BH_VERB_MOVE_DOWN] = {"move_down", "退回下级"},
	[BH_VERB_SERVICE] = {"service", "服务记录"},
	[BH_VERB_REASSIGN] = {"reassign", "任务改派"},
	[BH_VERB_ASK_REDIRECT] = {"ask_redirect", "申请改派"},
	[BH_VERB_HAND_IN] = {"hand_in", "提交审签"},
	[BH_VERB_HAND_BACK] = {"hand_back", "审签退回"},
	[BH_VERB_PATROL] = {"patrol", "巡查"},
	[BH_VERB_ORDER] = {"order", "下达"},
	[BH_VERB_ORDER_ANSWER] = {"order_answer", "回复"},
	[BH_VERB_ORDER_REVIEW] = {"order_review", "审核"},
	[BH_VERB_APPEAL] = {"appeal", "申诉"},
	[BH_VERB_REVIEW_APPEAL] = {"review_appeal", "申诉审核"},
	[BH_VERB_RATE] = {"rate", "评价"},
	[BH_VERB_INVITE] = {"invite", "发评价码"},
	[BH_VERB_PAPER] = {"paper", "补充材料"},
	[BH_VERB_SEAL] = {"seal", "封卷"},
	[BH_VERB_LEND] = {"lend", "借阅"},
	[BH_VERB_GIVE_BACK] = {"give_back", "归还"},
	[BH_VERB_LOAN_OVERDUE] = {"loan_overdue", "借阅逾期"},
	[BH_VERB_WITHDRAW_PAPER] = {"withdraw_paper", "撤回材料"},
	[BH_VERB_PURGE_TEXTS] = {"purge_texts", "清除文字"},
};
/* clang-format on */

static const struct name task_names[BH_TASK_KIND_COUNT] = {
	[BH_TASK_NONE] = {"none", "无"},
	[BH_TASK_VERIFY] = {"verify", "核实"},
	[BH_TASK_CHECK] = {"check", "核查"},
	[BH_TASK_HELP] = {"help", "协办"},
	[BH_TASK_VISIT] = {"visit", "走访"},
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
