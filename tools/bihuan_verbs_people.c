/* What bihuan is told of field work, of the people that cases name, and of whom the district tells.
 */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option page_options[] = {
	{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},
	{"all", 0, NULL, "every page", "全部页"}, {NULL}};
static const struct bh_cli_option notice_options[] = {
	{"state", 0, "NAME", "queued, sent, seen, failed or expired", "状态"}, LIST_OPTIONS,
	{NULL}};
static const struct bh_cli_option service_options[] = {
	KIND_OPTION, DAYS_OPTIONS, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option service_count_options[] = {KIND_OPTION, DAYS_OPTIONS,
	{"by", 0, "WHAT", "a row for each day, or for each grid", "按 day 或 grid 分列"}, {NULL}};
static const struct bh_cli_option patrol_options[] = {DAYS_OPTIONS, {NULL}};
static const struct bh_cli_option place_options[] = {
	{"area", 'A', "CODE", "of this area and below", "区域及下级"}, {NULL}};
static const struct bh_cli_option key_options[] = {KEY_OPTION, {NULL}};
static const struct bh_cli_option party_options[] = {
	{"role", 0, "ROLE", "complainant, other_party, witness, contact or representative", "身份"},
	{"name", 0, "NAME", "as it is; better from the standard input", "姓名"},
	{"contact", 0, "TEXT", "how the person is reached", "联系方式"},
	{"consent", 0, "WORD", "not_asked, given, refused or withdrawn", "是否同意"},
	{"stdin", 0, NULL, "name and contact are two lines of the standard input",
		"从标准输入读姓名与联系方式"},
	KEY_OPTION, {NULL}};
static const struct bh_cli_option open_options[] = {
	{"purpose", 0, "NAME",
		"contact, handling, mediation, follow_up, subject_request, legal or oversight",
		"查阅用途"},
	KEY_OPTION, {NULL}};
static const struct bh_cli_option erase_options[] = {
	{"reporter", 0, "PERSON", "every ended case that this person reported",
		"该上报人的全部已结案件"},
	{"reason", 'r', "TEXT", "why", "理由"}, KEY_OPTION, CONFIRM_OPTION, {NULL}};
static const struct bh_cli_option hold_options[] = {
	{"reason", 'r', "TEXT", "why", "理由"}, KEY_OPTION, {NULL}};

const struct bh_cli_verb bh_tool_verbs_people[] = {
	{"services list", "", 0, 0, service_options,
		"bihuan services list --from=2026-10-01 --to=2026-10-31 --all --json",
		"service entries, day by day", "服务记录", bh_tool_services, NULL},
	{"services count", "", 0, 0, service_count_options,
		"bihuan services count --from=2026-10-01 --by=grid", "service entries in figures",
		"服务记录统计", bh_tool_service_counts, NULL},
	{"places repeats", "", 0, 0, place_options, "bihuan places repeats --area=990101001001",
		"where something comes again and again: three cases in ninety days",
		"九十天内三件以上的重复地点", bh_tool_repeats, NULL},
	{"patrols report", "", 0, 0, patrol_options, "bihuan patrols report --from=2026-10-01",
		"patrol rounds against their plans", "巡查完成情况", bh_tool_patrols, NULL},
	{"party add", OPTION_NUMBER, 1, 1, party_options,
		"bihuan party add 17-42-K --as=A001 --role=complainant --stdin",
		"name a person in a case, sealed", "登记当事人,封存保管", bh_tool_party, "add"},
	{"party change", "NUMBER PARTY", 2, 2, party_options,
		"bihuan party change 17-42-K 1 --as=A001 --role=witness --stdin",
		"all that is kept of one, anew", "更改当事人", bh_tool_party, "change"},
	{"party remove", "NUMBER PARTY", 2, 2, key_options,
		"bihuan party remove 17-42-K 1 --as=A001", "take one out", "移除当事人",
		bh_tool_party, "remove"},
	{"party list", OPTION_NUMBER, 1, 1, NULL, "bihuan party list 17-42-K --as=A001",
		"whom a case names, sealed", "当事人列表,不显示姓名", bh_tool_party_list, NULL},
	{"party open", OPTION_NUMBER, 1, 1, open_options,
		"bihuan party open 17-42-K --as=A001 --purpose=contact",
		"open them for a purpose; it is journalled", "按用途查阅,全程留痕",
		bh_tool_party_open, NULL},
	{"openings", "", 0, 0, page_options, "bihuan openings --as=X002",
		"who opened sealed fields, and what for", "查阅记录", bh_tool_openings, NULL},
	{"erase ask", "[NUMBER]", 0, 1, erase_options,
		"bihuan erase ask 17-42-K --as=X002 --reason=REASON",
		"ask that what a case holds of people be erased", "申请删除个人信息", bh_tool_erase,
		"ask-erase"},
	{"erase", "[NUMBER]", 0, 1, erase_options,
		"bihuan erase 17-42-K --as=X003 --reason=REASON --confirm=17-42-K",
		"erase what another asked for", "删除他人申请删除的个人信息", bh_tool_erase,
		"erase"},
	{"hold", OPTION_NUMBER, 1, 1, hold_options, "bihuan hold 17-42-K --as=X002 --reason=REASON",
		"a legal hold: nothing of it is erased", "依法保留", bh_tool_erase, "hold"},
	{"unhold", OPTION_NUMBER, 1, 1, hold_options,
		"bihuan unhold 17-42-K --as=X002 --reason=REASON", "end a legal hold", "解除保留",
		bh_tool_erase, "unhold"},
	{"retention report", "", 0, 0, page_options, "bihuan retention report --as=X002",
		"what was erased, when, and how", "删除记录", bh_tool_retention_report, NULL},
	{"seal-key roll", "FOLDER", 1, 1, NULL, "bihuan seal-key roll /var/lib/bihuan/990101",
		"another key of sealed fields, or the first; the server is stopped",
		"更换封存密钥,须先停服务", bh_tool_seal_key_roll, NULL},
	{"notice list", "", 0, 0, notice_options, "bihuan notice list --state=failed",
		"whom the district told of what, newest first", "通知及其送达情况", bh_tool_notices,
		NULL},
	{"notice show", "ID", 1, 1, NULL, "bihuan notice show 4711", "one notice", "一条通知",
		bh_tool_notice, NULL},
	{"notice retry", "ID", 1, 1, NULL, "bihuan notice retry 4711", "let a notice go out again",
		"重新发送通知", bh_tool_notice, "retry"},
	{"notice test", "PERSON", 1, 1, NULL, "bihuan notice test L-HW",
		"a notice to try the webhook or the program with", "发送测试通知",
		bh_tool_notice_test, NULL},
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
