/* What bihuan is told of disputes and of major cases. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

#define GRADE_OPTION                                                                    \
	{                                                                               \
		"grade", 0, "plain|harder|complex", "how complex it is", "复杂程度" \
	}

static const struct bh_cli_option grade_options[] = {GRADE_OPTION,
	{"major", 0, "yes|no", "it needs sponsor, task force and plan", "是否重大案件"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option up_options[] = {GRADE_OPTION, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option down_options[] = {TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option mediate_options[] = {
	{"kind", 0, "KIND", "peoples, administrative, judicial or professional",
		"调解类别:peoples 人民、administrative 行政、judicial 司法、professional 专业"},
	{"linkage", 0, "LINKAGE",
		"litigation, police, procuratorate, arbitration, trade or petition",
		"六调联动:litigation 诉调、police 警调、procuratorate 检调、arbitration "
		"仲调、trade 专调、"
		"petition 访调"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option session_options[] = {
	{"outcome", 0, "again|agreed|parted", "what it came to", "结果"},
	{"present", 0, "N,N,N,N", "how many parties, mediators, experts, officials",
		"到场人数:当事人、调解员、专家、部门人员"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option conclude_options[] = {
	{"outcome", 0, "agreed|failed", "an agreement, or a failure note", "结果"},
	{"agreement", 0, "NUMBER", "the agreement's number", "协议书编号"},
	{"amount-fen", 0, "FEN", "the amount in fen", "金额(分)", 0, 1000000000000},
	{"amount_fen", 0, "FEN", "the same, as it was spelled before", "同上,旧写法", 0,
		1000000000000},
	{"dates", 0, "DATES", "when it is to be performed: 2026-10-12,2026-11-12", "履行日期"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option perform_options[] = {
	{"date", 0, "N", "which of its dates; show lists them", "第几期", 1, 8},
	{"outcome", 0, "done|partly|not", "whether it was performed", "履行情况"},
	{"mediation", 0, "N", "of an earlier mediation; the last one otherwise", "第几次调解", 1,
		LONG_MAX},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option plan_options[] = {
	{"sponsor", 0, "PERSON", "who sponsors it", "包保领导"},
	{"force", 0, "UNIT", "its task force", "工作专班"},
	{"measures", 0, "LIST",
		"prevention,early_warning,mediation,sponsor,county_consultation,legal",
		"措施:源头预防、排查预警、多元化解、领导包案、区级会商、法治保障"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option consult_options[] = {
	{"outcome", 0, "asked|held", "it is asked for, or it was held", "申请或已会商"},
	{"decisions", 0, "LINES", "what was decided, a line each", "决定事项,每行一项"},
	{"assignee", 0, "PERSON", "asked: the expert, who answers by help-done", "请谁会商"},
	{"unit", 0, "UNIT", "asked: ... or anybody of a unit", "或请哪个单位"}, TEXT_OPTION,
	ACT_OPTIONS, {NULL}};

static const struct bh_cli_option milestones_options[] = {
	{"steps", 0, "LINES",
		"what is still to be done, a line each: a limit (1 to 999 urgent_minute, "
		"urgent_hour, "
		"work_hour, work_day or natural_day) and words, 2 work_day survey",
		"待办阶段,每行一段:时限 单位 内容,如 2 work_day 现场勘查;单位:urgent_minute "
		"紧急分钟、"
		"urgent_hour 紧急工作时、work_hour 工作时、work_day 工作日、natural_day 自然日"},
	TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option step_options[] = {TEXT_OPTION, ACT_OPTIONS, {NULL}};

const struct bh_cli_verb bh_tool_verbs_dispute[] = {
	ACT("grade", grade_options, "bihuan grade 17-42-K --as=A001 --grade=harder",
		"how complex a dispute is; whether a case is major", "定级"),
	ACT("move-up", up_options, "bihuan move-up 17-42-K --as=L-T1 --text=WHAT-WAS-TRIED",
		"a dispute goes to the next tier", "上报上级"),
	ACT("move-down", down_options, "bihuan move-down 17-42-K --as=L-Q1 --text=REASON",
		"... and back to the one below, once", "退回下级"),
	ACT("receive", down_options, "bihuan receive 17-42-K --as=L-Q1", "the tier has it", "接收"),
	ACT("mediate", mediate_options, "bihuan mediate 17-42-K --as=M001 --kind=peoples",
		"a mediation begins", "开始调解"),
	ACT("session", session_options,
		"bihuan session 17-42-K --as=M001 --outcome=again --present=2,1,0,0 --text=WORDS",
		"the two sides met", "调解记录"),
	ACT("conclude", conclude_options,
		"bihuan conclude 17-42-K --as=M001 --outcome=agreed --agreement=2026-17 "
		"--amount-fen=50000 --text=WORDS",
		"an agreement, or why there is none", "调解结果"),
	ACT("perform", perform_options, "bihuan perform 17-42-K --as=M001 --date=1 --outcome=done",
		"whether what was agreed is kept", "履行核查"),
	ACT("plan", plan_options,
		"bihuan plan 17-42-K --as=P001 --sponsor=P001 --force=U-Z1 --measures=mediation "
		"--text=PLAN",
		"sponsor, task force and plan of a major case", "包案方案"),
	ACT("consult", consult_options,
		"bihuan consult 17-42-K --as=M001 --outcome=asked --assignee=X001 --text=WHAT",
		"ask experts, and write down what they say", "会商"),
	ACT("milestones", milestones_options,
		"bihuan milestones 17-42-K --as=L-C1 --text=WHY --steps=$'2 work_hour survey\\n1 "
		"work_day repair'",
		"a plan of steps, each with a limit of its own; again: what is left of it",
		"阶段计划"),
	ACT("milestone-done", step_options, "bihuan milestone-done 17-42-K --as=H-C1 --text=RESULT",
		"the running step is done, and the next one begins", "阶段完成"),
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
