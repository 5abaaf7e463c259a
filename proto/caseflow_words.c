/* Three small tables beside the one of moves.  A sentence says what happened and what comes next,
 * in the manner of a counter, and names no person. */
#include "proto/caseflow_words.h"

struct words {
	const char *en;
	const char *zh;
};

static const struct view {
	uint8_t step;
	uint8_t stage;
	struct words words;
} views[BH_STATE_COUNT] = {
	[BH_STATE_OUTBOX] = {0, 0,
		{"Recorded here; it will be sent by itself.",
			"已记录在手机上，有网络时自动上传。"}},
	[BH_STATE_RECEIVED] = {1, 1, {"Received; it is being looked at.", "已收到，正在受理。"}},
	[BH_STATE_VERIFYING] = {1, 1, {"Somebody is looking at the place.", "正在到现场核实。"}},
	[BH_STATE_FILED] = {2, 2, {"Filed; a unit is being found.", "已立案，正在安排处置单位。"}},
	[BH_STATE_DISPATCHED] = {2, 3,
		{"With the unit, which has to sign for it.", "已派给处置单位，等待签收。"}},
	[BH_STATE_HANDLING] = {3, 4, {"The unit is at work on it.", "处置单位正在处置。"}},
	[BH_STATE_RETURNING] = {2, 3,
		{"The unit says it is not its task; that is being decided.",
			"处置单位申请退单，正在审核。"}},
	[BH_STATE_SUSPENDED] = {4, 4,
		{"It waits until a fixed date, and goes on by itself.",
			"因客观原因暂缓处置，到期自动恢复。"}},
	[BH_STATE_TIER_MOVING] = {3, 4,
		{"Passed on to another level.", "已转交另一级，等待接收。"}},
	[BH_STATE_DONE] = {4, 5,
		{"The unit says it is done; that is being looked at.",
			"处置单位已报告完成，等待核查结案。"}},
	[BH_STATE_CHECKING] = {4, 6, {"Somebody is checking the place.", "正在到现场核查。"}},
	[BH_STATE_REWORK] = {3, 4,
		{"It did not do; the unit does it again.", "核查未通过，处置单位返工。"}},
	[BH_STATE_CLOSED] = {5, 6,
		{"Closed; the result is below.  Within three days you may ask the desk to take it "
		 "up again.",
			"已结案，结果见下。如有异议，三日内可向综治中心申请重开。"}},
	[BH_STATE_ARCHIVED] = {6, 7, {"Closed, and in the archive.", "已结案归档。"}},
	[BH_STATE_FOLLOWED] = {7, 7,
		{"Closed; its follow-up is over.", "已结案，回访环节已结束。"}},
	[BH_STATE_REJECTED] = {0, 0,
		{"Not taken up; the reason is below.  Within three days you may ask the desk "
		 "once to look at it again.",
			"不予受理，原因见下。三日内可向综治中心申请一次重新受理。"}},
	[BH_STATE_VOID] = {0, 0, {"Void; the reason is below.", "已作废，原因见下。"}},
	[BH_STATE_MERGED] = {0, 0,
		{"Handled together with another report of the same; you will hear its result.",
			"与反映同一问题的案件合并办理，结果会一并告知。"}},
	[BH_STATE_REFERRED] = {0, 0,
		{"Passed to another service; which one is below.", "已转有关部门办理，去向见下。"}},
};

static const struct words steps[BH_STEPS + 1] = {
	{"", ""},
	{"acceptance", "统一受理"},
	{"dispatch", "分流转办"},
	{"handling", "协同办理"},
	{"tracking", "跟踪督办"},
	{"rating", "群众评价"},
	{"archiving", "办结归档"},
	{"follow-up", "回访了解"},
};

static const struct words stages[BH_STAGES + 1] = {
	{"", ""},
	{"collection", "信息收集"},
	{"registration", "案件建立"},
	{"assignment", "任务派遣"},
	{"processing", "任务处理"},
	{"feedback", "处理反馈"},
	{"check and closing", "核查结案"},
	{"evaluation", "综合评价"},
};

static const struct words verbs[BH_VERB_MAX] = {
	[BH_VERB_SUBMIT] = {"Your report has arrived.", "您的上报已收到，正在受理。"},
	[BH_VERB_REGISTER] = {"Your matter was registered.", "您反映的事项已登记，正在受理。"},
	[BH_VERB_VERIFY] = {"Somebody goes to look at the place.", "已安排人员到现场核实。"},
	[BH_VERB_ANSWER_VERIFY] = {"The place was looked at.", "现场核实已有反馈。"},
	[BH_VERB_FILE] = {"It was filed.", "已立案，正在安排处置单位。"},
	[BH_VERB_REFUSE] = {"It was not taken up.", "不予受理，原因见说明。"},
	[BH_VERB_MERGE] = {"It goes on together with another report of the same.",
		"与已有案件合并办理。"},
	[BH_VERB_REFER] = {"It was passed to another service.", "已转有关部门办理。"},
	[BH_VERB_SELF_DISPOSE] = {"It was put right on the spot.", "已在现场自行处置。"},
	[BH_VERB_DISPATCH] = {"A unit was given the task.", "已派给处置单位。"},
	[BH_VERB_SIGN] = {"The unit has signed for it.", "处置单位已签收。"},
	[BH_VERB_RETURN] = {"The unit says it is not its task.", "处置单位申请退单，正在审核。"},
	[BH_VERB_ACCEPT_RETURN] = {"Another unit is being found.", "正在重新安排处置单位。"},
	[BH_VERB_REFUSE_RETURN] = {"The unit keeps the task.", "退单未获同意，由原单位继续处置。"},
	[BH_VERB_SUSPEND] = {"It waits until a fixed date.", "因客观原因暂缓处置，到期自动恢复。"},
	[BH_VERB_RESUME] = {"It goes on.", "已恢复处置。"},
	[BH_VERB_MOVE_UP] = {"It was passed to the level above.", "已上报上一级处理。"},
	[BH_VERB_RECEIVE] = {"The level it was passed to has it.", "转交的一级已接收，正在处理。"},
	[BH_VERB_FINISH] = {"The unit says it is done.", "处置单位已报告处置完成。"},
	[BH_VERB_CHECK] = {"Somebody goes to check the place.", "已安排人员到现场核查。"},
	[BH_VERB_PASS] = {"The check found it in order.", "现场核查通过。"},
	[BH_VERB_FAIL] = {"It did not do, and is done again.", "核查未通过，已要求返工。"},
	[BH_VERB_START] = {"The unit does it again.", "处置单位已开始返工。"},
	[BH_VERB_CLOSE] = {"It is closed.", "已结案。"},
	[BH_VERB_REOPEN] = {"It was taken up again.", "已重新办理。"},
	[BH_VERB_ARCHIVE] = {"It was archived.", "已归档。"},
	[BH_VERB_FOLLOW_UP] = {"You were asked how it went.", "回访已完成。"},
	[BH_VERB_RECUR] = {"It came back, and was taken up again.", "问题复发，已重新办理。"},
	[BH_VERB_VOID] = {"It was declared void.", "已作废。"},
	[BH_VERB_REDIRECT] = {"Another unit was given the task.", "已改派其他单位。"},
	[BH_VERB_RECONSIDER] = {"It was taken up after all.", "已重新受理。"},
	[BH_VERB_UNMERGE] = {"It goes on by itself again.", "已恢复单独办理。"},
	[BH_VERB_EXTEND] = {"The unit was given more time.", "处置时限已延长。"},
	[BH_VERB_TASK_LAPSED] = {"Nobody could look at the place in time.",
		"现场核实或核查未能按时完成。"},
	[BH_VERB_CHECK_FAILED] = {"The check found it not in order.", "现场核查未通过。"},
	[BH_VERB_HAND_IN] = {"The unit does it again.", "处置单位已开始返工。"},
	[BH_VERB_MEDIATE] = {"The two sides are being brought together.", "已开始调解。"},
	[BH_VERB_SESSION] = {"The two sides met.", "已组织调解。"},
	[BH_VERB_CONCLUDE] = {"The mediation has a result.", "调解已有结果。"},
	[BH_VERB_PERFORM] = {"It was asked whether the agreement is kept.", "已核查协议履行情况。"},
	[BH_VERB_MILESTONES] = {"The unit works it off step by step.",
		"已制定阶段计划，分步处置。"},
	[BH_VERB_MILESTONE_DONE] = {"A step of the work is done.", "处置工作已完成一个阶段。"},
	[BH_VERB_MOVE_DOWN] = {"It was passed back to the level below.", "已退回下一级处理。"},
	[BH_VERB_ASK_VISIT] = {"Somebody will come and see how it is.", "已安排人员走访。"},
	[BH_VERB_VISIT_DONE] = {"Somebody was there to see how it is.", "走访已有反馈。"},
	[BH_VERB_AMEND] = {"What kind of matter it is was corrected.",
		"案件类别或紧急程度已更正。"},
};

/* A follow-up that ended without an answer. */
static const struct words unreached = {
	"Somebody tried to reach you, and could not.", "多次回访未能联系到您。"};
static const struct words untried = {"Nobody asked you in time how it went.", "回访未能按时进行。"};

static const struct view *view_of(enum bh_state state)
{
	return &views[(unsigned)state < BH_STATE_COUNT ? state : BH_STATE_RECEIVED];
}

unsigned bh_state_step(enum bh_state state)
{
	return (unsigned)state < BH_STATE_COUNT ? views[state].step : 0;
}

unsigned bh_state_stage(enum bh_state state)
{
	return (unsigned)state < BH_STATE_COUNT ? views[state].stage : 0;
}

const char *bh_step_name(unsigned step)
{
	return steps[step <= BH_STEPS ? step : 0].en;
}

const char *bh_step_name_zh(unsigned step)
{
	return steps[step <= BH_STEPS ? step : 0].zh;
}

const char *bh_stage_name(unsigned stage)
{
	return stages[stage <= BH_STAGES ? stage : 0].en;
}

const char *bh_stage_name_zh(unsigned stage)
{
	return stages[stage <= BH_STAGES ? stage : 0].zh;
}

const char *bh_verb_words(enum bh_verb verb)
{
	const char *words = (unsigned)verb < BH_VERB_MAX ? verbs[verb].en : NULL;
	return words != NULL ? words : "";
}

const char *bh_verb_words_zh(enum bh_verb verb)
{
	const char *words = (unsigned)verb < BH_VERB_MAX ? verbs[verb].zh : NULL;
	return words != NULL ? words : "";
}

bool bh_verb_tells(enum bh_verb verb, bool moves)
{
	bool beside = verb == BH_VERB_TASK_LAPSED || verb == BH_VERB_HAND_IN;
	return bh_verb_words(verb)[0] != '\0' && (moves || !beside);
}

const char *bh_unreached_words(bool tried)
{
	return tried ? unreached.en : untried.en;
}

const char *bh_unreached_words_zh(bool tried)
{
	return tried ? unreached.zh : untried.zh;
}

const char *bh_state_words(enum bh_state state)
{
	return view_of(state)->words.en;
}

const char *bh_state_words_zh(enum bh_state state)
{
	return view_of(state)->words.zh;
}
