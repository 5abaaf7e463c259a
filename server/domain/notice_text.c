/* A notice in words: one template a kind, filled with what a case may say to anybody: its number,
 * its type's name, its state, its unit's name, a time.  And the light that it stands in. */
#include <string.h>

#include "proto/err.h"
#include "proto/light.h"
#include "server/domain/notice.h"
#include "server/domain/threshold.h"

static const struct words {
	const char *name;
	const char *todo;
	const char *zh; /* {number} {type} {unit} {state} {due} */
} words[BH_NOTICE_KIND_COUNT] = {
	[BH_NOTICE_DISPATCHED] = {"dispatched", "sign",
		"案件 {number}（{type}）已派给{unit}，请签收。{due}"},
	[BH_NOTICE_URGENT] = {"urgent", "sign",
		"【P1 紧急】案件 {number}（{type}）已派给{unit}，请在 5 分钟内确认并处置。{due}"},
	[BH_NOTICE_URGENT_TOLD] = {"urgent-told", "look",
		"【P1 紧急】案件 {number}（{type}）已派给{unit}，请关注并就近协助。{due}"},
	[BH_NOTICE_CALLED] = {"called", "call",
		"【P1 紧急】案件 "
		"{number}（{type}）派给{unit}后无人确认，请立即联系该单位或改派。{due}"},
	[BH_NOTICE_CALLED_ABOVE] = {"called-above", "call",
		"【P1 紧急】案件 {number}（{type}）仍无人确认（{unit}），请立即处理。{due}"},
	[BH_NOTICE_REMIND_50] = {"remind-50", "dispatch",
		"案件 {number}（{type}）派单时限已过一半，请派单。{due}"},
	[BH_NOTICE_REMIND_80] = {"remind-80", "dispatch",
		"案件 {number}（{type}）派单时限已过八成，尚未派单。{due}"},
	[BH_NOTICE_BREACH] = {"breach", "dispatch",
		"案件 {number}（{type}）已超过派单时限，尚未派单。{due}"},
	[BH_NOTICE_AUTOMATIC] = {"automatic", "look",
		"案件 {number}（{type}）由系统自动派给{unit}，如不妥请改派。{due}"},
	[BH_NOTICE_RETURN_ASKED] = {"return-asked", "decide",
		"{unit}申请退单：案件 {number}（{type}），请审核。{due}"},
	[BH_NOTICE_RETURN_REFUSED] = {"return-refused", "finish",
		"案件 {number}（{type}）的退单申请未获同意，请{unit}继续处置。{due}"},
	[BH_NOTICE_RETURN_ACCEPTED] = {"return-accepted", "nothing",
		"案件 {number}（{type}）的退单申请已同意，将另行派单。"},
	[BH_NOTICE_ASKED] = {"asked", "decide",
		"案件 {number}（{type}，{unit}）有延期、挂账、改派或作废申请，请审核。{due}"},
	[BH_NOTICE_GRANTED] = {"granted", "look",
		"案件 {number}（{type}）的申请已获同意，现为“{state}”。{due}"},
	[BH_NOTICE_ASK_REFUSED] = {"ask-refused", "finish",
		"案件 {number}（{type}）的申请未获同意，请继续办理。{due}"},
	[BH_NOTICE_LIMIT_50] = {"limit-50", "finish",
		"案件 {number}（{type}）处置时限已过一半。{due}"},
	[BH_NOTICE_LIMIT_80] = {"limit-80", "finish",
		"【黄灯】案件 {number}（{type}，{unit}）处置时限已过八成。{due}"},
	[BH_NOTICE_LIMIT_100] = {"limit-100", "finish",
		"【红灯】案件 {number}（{type}，{unit}）已超过处置时限。{due}"},
	[BH_NOTICE_LIMIT_24H] = {"limit-24h", "supervise",
		"【督办】案件 {number}（{type}，{unit}）超过处置时限已满 24 小时。{due}"},
	[BH_NOTICE_LIMIT_72H] = {"limit-72h", "supervise",
		"【督办】案件 {number}（{type}，{unit}）超过处置时限已满 72 小时。{due}"},
	[BH_NOTICE_REWORK] = {"rework", "start",
		"案件 {number}（{type}）核查未通过，退回{unit}返工。{due}"},
	[BH_NOTICE_ENDED] = {"ended", "nothing",
		"您反映的事项 {number}（{type}）已有结果：{state}。"},
	[BH_NOTICE_STALE] = {"stale", "look",
		"案件 {number}（{type}）有一项离线办理到达时案件已有新进展，未生效，请双方核对。"},
	[BH_NOTICE_MOVED] = {"moved", "nothing",
		"案件 {number}（{type}）已改派其他单位，本单位不再处置。"},
	[BH_NOTICE_TASK] = {"task", "answer",
		"案件 {number}（{type}）有一项核实、核查或协办任务交给您，请办理并反馈。"},
	[BH_NOTICE_CHECK_FAILED] = {"check-failed", "decide",
		"案件 {number}（{type}，{unit}）现场核查未通过，请审核是否返工。{due}"},
	[BH_NOTICE_TASK_LAPSED] = {"task-lapsed", "decide",
		"案件 {number}（{type}）的核实、核查、协办或走访任务无人完成，请另行安排。{due}"},
	[BH_NOTICE_ORDER] = {"order", "reply", "【{number}】请{unit}按期书面回复。{due}"},
	[BH_NOTICE_ORDER_ANSWERED] = {"order-answered", "review",
		"【{number}】{unit}已回复，请审核。{due}"},
	[BH_NOTICE_ORDER_BACK] = {"order-back", "reply",
		"【{number}】回复未获认可，请{unit}补充后重新回复。{due}"},
	[BH_NOTICE_ORDER_OVERDUE] = {"order-overdue", "supervise",
		"【{number}】{unit}逾期未回复，请督促。{due}"},
	[BH_NOTICE_RETURN_LAPSED] = {"return-lapsed", "dispatch",
		"案件 {number}（{type}）的退单申请逾时无人审核，系统已自动同意，请重新派单。{due}"},
	[BH_NOTICE_CHECK_OVERDUE] = {"check-overdue", "decide",
		"案件 {number}（{type}，{unit}）核查时限已过，须由人员核查结案，请尽快处理。{due}"},
	[BH_NOTICE_PERFORM_DUE] = {"perform-due", "ask",
		"案件 {number}（{type}）的调解协议有一项履行到期，请{unit}核查履行情况并登记。"},
	[BH_NOTICE_UNKEPT] = {"unkept", "look",
		"案件 {number}（{type}）的调解协议未按期履行或到期未核查，请综治中心跟进。"},
	[BH_NOTICE_COPIED] = {"copied", "nothing",
		"【抄告】本村（社区）案件 {number}（{type}）经{unit}调处，现为“{state}”。"},
	[BH_NOTICE_SENT_BACK] = {"sent-back", "receive",
		"案件 {number}（{type}）由上一级退回{unit}调处，请接收。{due}"},
	[BH_NOTICE_SPONSOR] = {"sponsor", "look",
		"重大案件 {number}（{type}，{unit}）由您包案，请督促制定并落实化解方案。{due}"},
	[BH_NOTICE_APPEAL] = {"appeal", "review",
		"案件 {number}（{type}，{unit}）提出超期申诉，请审核。"},
	[BH_NOTICE_APPEAL_ENDED] = {"appeal-ended", "look",
		"案件 {number}（{type}）的超期申诉已有结论，请{unit}查看。"},
	[BH_NOTICE_RATED_LOW] = {"rated-low", "supervise",
		"案件 {number}（{type}）收到不满意的群众评价，请查看并督促。"},
	[BH_NOTICE_LOAN_OVERDUE] = {"loan-overdue", "call",
		"案件 {number}（{type}）的卷宗借阅已到期未还，请催还。"},
	[BH_NOTICE_HAND_OVER_MISSED] = {"hand-over-missed", "call",
		"有下级值班岗交接班逾时未办，请查看交接班记录并督促。"},
	[BH_NOTICE_LIMIT_AGAIN] = {"limit-again", "supervise",
		"【督办】案件 {number}（{type}，{unit}）长期超过处置时限，仍未办结，请督促。{due}"},
	[BH_NOTICE_UNMANNED] = {"unmanned", "redirect",
		"案件 {number}（{type}）在{unit}，该单位现无在岗人员，请改派或落实人员。{due}"},
	[BH_NOTICE_UNDISPATCHED] = {"undispatched", "dispatch",
		"【督办】案件 {number}（{type}）超过派单时限后仍无人派单，请立即处理。{due}"},
	[BH_NOTICE_ARRIVED] = {"arrived", "dispatch",
		"【P1 紧急】收到案件 {number}（{type}），请立即派单并就近处置。{due}"},
	[BH_NOTICE_TASK_ANSWERED] = {"task-answered", "look",
		"案件 {number}（{type}）交办的核实、协办或走访任务已有反馈，请查看。{due}"},
	[BH_NOTICE_RESULT] = {"result", "check",
		"案件 {number}（{type}，{unit}）已报处置完成，须由人员核查结案。{due}"},
	[BH_NOTICE_AGAIN] = {"again", "dispatch",
		"案件 {number}（{type}）已重新办理，等待派单。{due}"},
	[BH_NOTICE_RESUMED] = {"resumed", "finish",
		"案件 {number}（{type}）挂账期满，请{unit}继续处置。{due}"},
	[BH_NOTICE_UNSATISFIED] = {"unsatisfied", "look",
		"案件 {number}（{type}）回访不满意或问题反复，请查看是否重新办理。"},
	[BH_NOTICE_TASK_MOVED] = {"task-moved", "nothing",
		"案件 "
		"{number}（{type}）原交给您的核实、核查、协办或走访任务已改派他人，您不必再办理。"},
	[BH_NOTICE_HANDED] = {"handed", "finish",
		"案件 {number}（{type}）的处置结果待{unit}负责人审签，请尽快审签或退回。{due}"},
	[BH_NOTICE_CONSENT_GONE] = {"consent-gone", "look",
		"案件 {number}（{type}）须经当事人同意，现同意已撤回或被拒绝，请立即核查处理。"},
	[BH_NOTICE_AUDIT_FAILED] = {"audit-failed", "look",
		"案件 "
		"{number}（{type}，{unit}"
		"）由系统到期结案，抽查发现问题未解决，请查看是否重新办理。"},
	[BH_NOTICE_APPEAL_LAPSED] = {"appeal-lapsed", "look",
		"案件 {number}（{type}）重新办理，超期申诉尚未审结，下次结案后可再次申诉。"},
	[BH_NOTICE_MILESTONE_50] = {"milestone-50", "finish",
		"案件 {number}（{type}）当前阶段时限已过一半。"},
	[BH_NOTICE_MILESTONE_80] = {"milestone-80", "finish",
		"【黄灯】案件 {number}（{type}，{unit}）当前阶段时限已过八成。"},
	[BH_NOTICE_MILESTONE_100] = {"milestone-100", "finish",
		"【红灯】案件 {number}（{type}，{unit}）已超过当前阶段时限。"},
	[BH_NOTICE_URGENT_MORE] = {"urgent-more", "look",
		"【P1 紧急】短时间内同一上报人另有多起紧急案件，请立即查看案件队列。"},
	[BH_NOTICE_MAJOR] = {"major", "plan",
		"重大案件 "
		"{number}（{type}，{unit}）须有包保领导、工作专班和化解方案才能办理，请尽快明确。"
		"{due}"},
	[BH_NOTICE_CALLED_AGAIN] = {"called-again", "call",
		"【P1 紧急】案件 {number}（{type}，{unit}）反复呼叫仍无人确认，请立即处理。{due}"},
	[BH_NOTICE_FOLLOW_UP] = {"follow-up", "ask",
		"案件 {number}（{type}）待回访，请按期回访上报人并登记结果。"},
	[BH_NOTICE_TEST] = {"test", "nothing", "这是一条测试通知，收到即表示通知渠道畅通。"},
};

static const char *const states[BH_NOTICE_STATE_COUNT] = {
	[BH_NOTICE_QUEUED] = "queued",
	[BH_NOTICE_SENT] = "sent",
	[BH_NOTICE_SEEN] = "seen",
	[BH_NOTICE_FAILED] = "failed",
	[BH_NOTICE_EXPIRED] = "expired",
};

bool bh_notice_is_order(uint32_t kind)
{
	return kind >= BH_NOTICE_ORDER && kind <= BH_NOTICE_ORDER_OVERDUE;
}

bool bh_notice_is_call(uint32_t kind)
{
	return kind == BH_NOTICE_URGENT || kind == BH_NOTICE_CALLED ||
	       kind == BH_NOTICE_CALLED_ABOVE || kind == BH_NOTICE_CALLED_AGAIN;
}

const char *bh_notice_kind_name(uint32_t kind)
{
	return kind < BH_NOTICE_KIND_COUNT && words[kind].name ? words[kind].name : "";
}

const char *bh_notice_todo(uint32_t kind)
{
	return kind < BH_NOTICE_KIND_COUNT && words[kind].todo ? words[kind].todo : "";
}

const char *bh_notice_state_name(uint32_t state)
{
	return state < BH_NOTICE_STATE_COUNT && states[state] ? states[state] : "";
}

int bh_notice_state_parse(const char *name, uint32_t *out)
{
	for (uint32_t i = 1; i < BH_NOTICE_STATE_COUNT; i++) {
		if (strcmp(states[i], name) == 0) {
			*out = i;
			return BH_NOERR;
		}
	}
	return BH_ERR_NOT_FOUND;
}

/* ---- Lights ---- */

static int64_t limit_running(const struct bh_case *cased)
{
	if (cased->dispatch_due_ms != 0)
		return cased->dispatch_due_ms;
	if (cased->state == BH_STATE_SUSPENDED || bh_state_is_end((enum bh_state)cased->state))
		return 0;
	if (cased->state == BH_STATE_DONE || cased->state == BH_STATE_CHECKING)
		return cased->check_due_ms;
	return cased->disposal_due_ms ? cased->disposal_due_ms : cased->sign_due_ms;
}

const char *bh_notice_light(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms, int64_t *due_ms)
{
	int64_t due = limit_running(cased), yellow = due;
	if (due != 0 && due == cased->dispatch_due_ms)
		yellow = cased->queue_ms + (due - cased->queue_ms) * BH_LIMIT_YELLOW_PERCENT / 100;
	else if (due != 0 && due == cased->disposal_due_ms)
		yellow = bh_case_threshold_ms(rules, cased, BH_THRESHOLD_YELLOW);
	*due_ms = due;
	const char *name = bh_light_name(bh_light_at(yellow, due, now_ms));
	return name != NULL ? name : "";
}

/* ---- Text ---- */

struct text {
	char *out;
	size_t len;
	bool full;
};

static void put(struct text *text, const char *data, size_t len)
{
	size_t room = BH_NOTICE_TEXT_MAX - 1 - text->len;
	if (text->full)
		return;
	if (len > room) {
		text->full = true;
		len = room;
		while (len > 0 && ((uint8_t)data[len] & 0xc0) == 0x80)
			len--; /* not within a character */
	}
	memcpy(text->out + text->len, data, len);
	text->len += len;
	text->out[text->len] = '\0';
}

static void put_span(struct text *text, struct bh_span span, const char *otherwise)
{
	if (span.len > 0)
		put(text, (const char *)span.data, span.len);
	else
		put(text, otherwise, strlen(otherwise));
}

static void put_field(struct text *text, const struct bh_rules *rules, const struct bh_case *cased,
	const char *name, size_t len, const char *number, const char *due)
{
	const struct bh_msg_catalogue_type *type = bh_rules_type(rules, cased->type);
	const struct bh_msg_unit *unit = bh_rules_unit(rules, cased->unit);
	const struct bh_span none = {NULL, 0};
	bool hidden = bh_rules_is_restricted(rules, cased->type);
	if (hidden) { /* two words that would each give somebody away */
		type = NULL;
		unit = NULL;
	}
	if (strncmp(name, "number", len) == 0) {
		put(text, number, strlen(number));
	} else if (strncmp(name, "type", len) == 0) {
		put_span(text, type ? type->name : none, hidden ? "受限事项" : "类别待定");
	} else if (strncmp(name, "unit", len) == 0) {
		put_span(text, unit ? unit->name : none, "承办单位");
	} else if (strncmp(name, "state", len) == 0) {
		const char *state = bh_state_name_zh((enum bh_state)cased->state);
		put(text, state, strlen(state));
	} else if (due[0] != '\0') {
		put(text, "时限 ", strlen("时限 "));
		put(text, due, strlen(due));
		put(text, "。", strlen("。"));
	}
}

void bh_notice_text(const struct bh_rules *rules, uint32_t kind, const struct bh_case *cased,
	const char *number, const char *due, char out[BH_NOTICE_TEXT_MAX])
{
	struct text text = {.out = out};
	const char *at = kind < BH_NOTICE_KIND_COUNT && words[kind].zh ? words[kind].zh : "";
	out[0] = '\0';
	while (*at != '\0') {
		size_t plain = strcspn(at, "{");
		put(&text, at, plain);
		at += plain;
		if (*at == '\0')
			break;
		size_t name = strcspn(at + 1, "}");
		put_field(&text, rules, cased, at + 1, name, number, due);
		at += name + 2;
	}
}
