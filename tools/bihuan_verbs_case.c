/* What bihuan is told of cases. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

#define INTAKES "hall, telephone, letter, visit or department"

static const struct bh_cli_option queue_options[] = {
	{"area", 'A', "CODE", "in this area and below", "区域及下级"}, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option case_options[] = {
	{"state", 0, "NAMES", "received,filed,dispatched ...", "状态,可多个"},
	{"unit", 'U', "CODE", "with this unit", "承办单位"},
	{"area", 'A', "CODE", "in this area and below", "区域及下级"},
	{"intake", 0, "WORD", "that came to a desk so: " INTAKES, "来源"},
	{"mine", 0, NULL, "what you reported or registered yourself", "本人上报或登记的"},
	LIST_OPTIONS, {NULL}};
static const struct bh_cli_option task_list_options[] = {
	{"person", 0, "CODE", "of this person", "人员"},
	{"unit", 'U', "CODE", "of this unit", "单位"},
	{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},
	{"all", 0, NULL, "every page", "全部页"}, {NULL}};
static const struct bh_cli_option photo_options[] = {
	{"out", 'o', "DIR", "folder they go to, this one otherwise; it must be there",
		"保存目录,默认当前目录"},
	{NULL}};
#define FILING_OPTIONS                                                            \
	{                                                                         \
		"grid", 'g', "CODE|outside",                                      \
			"the grid that it lies in, where its position says none", \
			"所在网格;确在网格外填 outside"                 \
	}
static const struct bh_cli_option file_options[] = {
	FILING_OPTIONS, WHAT_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option unit_options[] = {
	UNIT_OPTION("the unit it goes to; the one that was asked for otherwise", "改派至"),
	WHAT_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option register_options[] = {
	{"intake", 0, "WORD", "how it came: " INTAKES,
		"来源:hall 来访、telephone 来电、letter 来信、visit 走访、department 部门转办"},
	{"visitors", 0, "N", "how many people came with it", "来访人次", 1, 9999},
	{"text", 'm', "TEXT", "what it is about, without names: those go into `party add`",
		"反映内容(不写姓名电话,另用 party add 封存)"},
	{"at", 0, "LAT,LON", "where it is", "位置:纬度,经度"},
	{"datum", 0, "WORD", "of that position: wgs84, gcj02 or bd09; wgs84 otherwise", "坐标系"},
	FILING_OPTIONS, WHAT_OPTIONS, KEY_OPTION, {NULL}};
static const struct bh_cli_option dispatch_options[] = {
	UNIT_OPTION("unit; the proposed one otherwise", "承办单位"),
	ASSIGNEE_OPTION("the acceptor who closes it; who filed it otherwise"), FILING_OPTIONS,
	WHAT_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option text_options[] = {TEXT_OPTION, ACT_OPTIONS, {NULL}};
#define CHANNEL_OPTION                                                                             \
	{                                                                                          \
		"channel", 0, "WORD", "110, 119, 120, 12345, court, arbitration, police or other", \
			"其他渠道"                                                             \
	}
static const struct bh_cli_option refuse_options[] = {
	{"ground", 0, "WORD",
		"not-ours, outside, no-such-place, duplicate, person, private, emergency, "
		"decided, unclear or other",
		"不予受理的理由类别"},
	CHANNEL_OPTION, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option refer_options[] = {CHANNEL_OPTION,
	{"receipt", 0, "NUMBER", "what the other channel has it as", "对方受理编号"}, TEXT_OPTION,
	ACT_OPTIONS, {NULL}};
static const struct bh_cli_option close_options[] = {
	{"ended", 0, NULL, "the matter has ended: you have made sure", "已确认案结事了"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option until_options[] = {
	{"until", 0, "DATE", "when it ends by itself: 2026-10-12, or with a time of RFC 3339",
		"到期自动恢复的日期"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option answer_options[] = {
	{"answer", 0, "WORD", "satisfied, fair, dissatisfied or recurred; none after three tries",
		"回访结果:satisfied 满意、fair 基本满意、dissatisfied 不满意、recurred 复发"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option void_options[] = {
	TEXT_OPTION, ACT_OPTIONS, CONFIRM_OPTION, {NULL}};
static const struct bh_cli_option send_options[] = {
	ASSIGNEE_OPTION("who goes; the nearest field worker otherwise"), TEXT_OPTION, ACT_OPTIONS,
	{NULL}};
static const struct bh_cli_option help_options[] = {
	UNIT_OPTION("the unit that is to help", "协办单位"),
	ASSIGNEE_OPTION("this person instead of a unit"), TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option visit_options[] = {
	{"until", 0, "DATE", "by when: 2026-10-12, or with a time of RFC 3339", "走访期限"},
	ASSIGNEE_OPTION("who goes; the nearest field worker otherwise"),
	UNIT_OPTION("anybody of this unit instead", "走访单位"), TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option task_options[] = {TASK_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};

static const struct bh_cli_option reassign_options[] = {
	{"task", 0, "N", "which of its tasks; show lists them", "任务序号", 1, LONG_MAX},
	ASSIGNEE_OPTION("whose it is from now on"), TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option unit_text_options[] = {
	UNIT_OPTION("whose it is, where that is known", "应承办单位"), TEXT_OPTION, ACT_OPTIONS,
	{NULL}};

static const struct bh_cli_option review_options[] = {
	{"result", 0, "yes|no", "whether it is granted", "是否同意"}, TEXT_OPTION, ACT_OPTIONS,
	{NULL}};

const struct bh_cli_verb bh_tool_verbs_case[] = {
	{"queue", "", 0, 0, queue_options, "bihuan queue",
		"what waits for a unit, least time left first", "待派单队列,剩余时间少者在前",
		bh_tool_queue, NULL},
	{"cases", "", 0, 0, case_options, "bihuan cases --state=dispatched,handling --unit=U-HW",
		"cases by state, unit and area", "按状态、单位、区域列出案件", bh_tool_cases, NULL},
	{"tasks", "", 0, 0, task_list_options, "bihuan tasks --person=G003",
		"tasks that are open, by person and unit", "未办结的任务,按人员、单位",
		bh_tool_tasks, NULL},
	{"show", "NUMBER", 1, 1, NULL, "bihuan show 17-42-K", "a case with its history",
		"案件及其经过", bh_tool_show, NULL},
	{"similar", "NUMBER", 1, 1, NULL, "bihuan similar 17-42-K",
		"what may be of the same thing, nearest first", "可能重复的案件,距离近者在前",
		bh_tool_similar, NULL},
	{"proposal", "NUMBER", 1, 1, NULL, "bihuan proposal 17-42-K",
		"which unit by which rule, and which of equal ones has the least open",
		"派单建议:依据的规则与同类单位在办情况", bh_tool_proposal, NULL},
	{"photo", "NUMBER", 1, 1, photo_options, "bihuan photo 17-42-K --out=photos",
		"save a case's photos", "保存案件照片", bh_tool_photo, NULL},
	{"register", "", 0, 0, register_options,
		"bihuan register --as=A001 --intake=hall --type=10007 --grid=CODE --text=WHAT",
		"a matter that came to a desk; the same --key registers it once",
		"登记来访来电来信事项", bh_tool_register, NULL},
	ACT("file", file_options, "bihuan file 17-42-K --as=A001 --type=10007 --condition=1",
		"file a report", "立案"),
	ACT("dispatch", dispatch_options, "bihuan dispatch 17-42-K --as=D001 --unit=U-HW",
		"give a case to a unit", "派单"),
	ACT("redirect", unit_options, "bihuan redirect 17-42-K --as=D001 --unit=U-CG --text=REASON",
		"give it to another unit", "改派"),
	ACT("amend", file_options,
		"bihuan amend 17-42-K --as=A001 --type=10007 --condition=2 --text=REASON",
		"its type, condition or urgency is another", "更正小类、立案条件或紧急程度"),
	ACT("return", text_options, "bihuan return 17-42-K --as=L-HW --text=REASON",
		"hand a case back to the dispatcher", "退单"),
	ACT("accept-return", text_options, "bihuan accept-return 17-42-K --as=D001",
		"take a case back into the queue", "同意退单"),
	ACT("refuse-return", text_options, "bihuan refuse-return 17-42-K --as=D001 --text=REASON",
		"leave a case where it is", "驳回退单"),
	ACT("sign", text_options, "bihuan sign 17-42-K --as=L-HW", "the unit has it", "签收"),
	ACT("finish", text_options, "bihuan finish 17-42-K --as=H-HW --text=RESULT",
		"the work is done", "完成"),
	ACT("hand-in", text_options, "bihuan hand-in 17-42-K --as=H-HW --text=RESULT",
		"the work is done; the lead of the unit signs it off", "提交审签"),
	ACT("hand-back", text_options, "bihuan hand-back 17-42-K --as=L-HW --text=REASON",
		"what was handed in does not do", "审签退回"),
	ACT("close", close_options, "bihuan close 17-42-K --as=A001 --ended --text=FEEDBACK",
		"close, and tell the reporter", "结案并反馈"),
	ACT("refuse", refuse_options,
		"bihuan refuse 17-42-K --as=A001 --ground=private --channel=court --text=REASON",
		"not a matter for here", "不予受理"),
	ACT("refer", refer_options,
		"bihuan refer 17-42-K --as=A001 --channel=119 --receipt=NUMBER --text=WHY",
		"a matter for another channel", "转外部渠道"),
	ACT("ask-void", text_options, "bihuan ask-void 17-42-K --as=A001 --text=REASON",
		"ask that a case be void", "申请作废"),
	ACT("void", void_options, "bihuan void 17-42-K --as=S001 --text=REASON --confirm=17-42-K",
		"what another asked to be void", "作废"),
	ACT("ask-extension", text_options, "bihuan ask-extension 17-42-K --as=L-HW --text=REASON",
		"ask for one more limit", "申请延期"),
	ACT("extend", text_options, "bihuan extend 17-42-K --as=D001", "grant one more limit",
		"同意延期"),
	ACT("ask-suspension", until_options,
		"bihuan ask-suspension 17-42-K --as=L-HW --until=DATE --text=REASON",
		"ask to stop the clock until a date", "申请挂账"),
	ACT("suspend", until_options, "bihuan suspend 17-42-K --as=D001",
		"stop the clock until the date", "同意挂账"),
	ACT("resume", text_options, "bihuan resume 17-42-K --as=D001", "before its date",
		"提前恢复"),
	ACT("refuse-ask", text_options, "bihuan refuse-ask 17-42-K --as=D001 --text=REASON",
		"refuse what was asked for", "驳回申请"),
	ACT("fail", text_options, "bihuan fail 17-42-K --as=A001 --text=REASON",
		"the work does not do: again", "返工"),
	ACT("start", text_options, "bihuan start 17-42-K --as=L-HW", "begin again", "返工开始"),
	ACT("reopen", text_options, "bihuan reopen 17-42-K --as=W001 --text=REASON",
		"a closed case goes on", "重开"),
	ACT("reconsider", text_options, "bihuan reconsider 17-42-K --as=W001 --text=REASON",
		"a refused report after all", "重新受理"),
	ACT("ask-verify", send_options, "bihuan ask-verify 17-42-K --as=A001 --text=WHAT",
		"send somebody to look before it is filed", "核实"),
	ACT("answer-verify", task_options,
		"bihuan answer-verify 17-42-K --as=G003 --task=1 --result=yes --text=SEEN",
		"what somebody saw who was sent to look", "核实反馈"),
	ACT("check", send_options, "bihuan check 17-42-K --as=A001",
		"send somebody to look before it is closed", "核查"),
	ACT("pass", task_options, "bihuan pass 17-42-K --as=G003 --task=2 --text=SEEN",
		"somebody looked, and it was done", "核查通过"),
	ACT("check-failed", task_options,
		"bihuan check-failed 17-42-K --as=G003 --task=2 --text=WHAT-IS-LEFT",
		"somebody looked, and it does not do", "核查不通过"),
	ACT("ask-help", help_options,
		"bihuan ask-help 17-42-K --as=D001 --unit=U-CG --text=WHAT-TO-DO",
		"another unit or person helps", "请求协办"),
	ACT("help-done", task_options, "bihuan help-done 17-42-K --as=L-CG --task=1 --text=RESULT",
		"what was asked for is done", "协办完成"),
	ACT("ask-visit", visit_options,
		"bihuan ask-visit 17-42-K --as=F001 --until=2026-10-12 --text=WHAT-TO-SEE",
		"somebody goes there by a date", "安排走访"),
	ACT("visit-done", task_options,
		"bihuan visit-done 17-42-K --as=G003 --task=2 --text=WHAT-WAS-SEEN",
		"somebody was there", "走访反馈"),
	ACT("reassign", reassign_options,
		"bihuan reassign 17-42-K --as=GL003 --task=2 --assignee=G004",
		"an open task is another field worker's from now on", "任务改派"),
	ACT("ask-redirect", unit_text_options,
		"bihuan ask-redirect 17-42-K --as=L-HW --unit=U-CG --text=REASON",
		"the unit says, too late for a return, that it is another's", "申请改派"),
	ACT("unmerge", text_options, "bihuan unmerge 17-43-M --as=A001", "a case of its own again",
		"撤销并案"),
	ACT("archive", text_options, "bihuan archive 17-42-K --as=K001",
		"before the clock does, once nobody may reopen it", "提前归档"),
	ACT("follow-try", text_options, "bihuan follow-try 17-42-K --as=F001 --text=NO-ANSWER",
		"a follow-up that reached nobody", "回访未接通"),
	ACT("follow-up", answer_options, "bihuan follow-up 17-42-K --as=F001 --answer=satisfied",
		"what the reporter says of it now", "回访"),
	ACT("appeal", text_options, "bihuan appeal 17-42-K --as=L-HW --text=REASON",
		"the unit says that its lateness was not its own; once", "超期申诉"),
	ACT("review-appeal", review_options,
		"bihuan review-appeal 17-42-K --as=D001 --result=yes --text=REASON",
		"grant it or not: a dispatcher, then a supervisor", "申诉审核"),
	ACT("recur", text_options, "bihuan recur 17-42-K --as=V001 --text=REASON",
		"an archived case is back", "复发重办"),
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
