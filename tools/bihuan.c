/* bihuan: the administrator's and dispatcher's terminal.  It talks to the running server over its
 * local socket and never opens what that serves; backups alone it checks and puts back by itself.
 * Everything it can be told stands in the tables below. */
#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>

#include "tools/bihuan.h"
#include "tools/bihuan_options.h"
#include "tools/bihuan_verbs.h"
#include "tools/cli/exits.h"

static const struct bh_cli_option program_options[] = {
	{"socket", 's', "PATH", "administration socket (BIHUAN_SOCKET)", "管理套接字"},
	{"district", 'd', "CODE", "district (BIHUAN_DISTRICT); the only one otherwise", "区县编码"},
	{"as", 'a', "PERSON", "act as a person, or PERSON/POST (BIHUAN_AS)", "以某人员(岗位)办理"},
	{"json", 'j', NULL, "data and errors as JSON", "以 JSON 输出"},
	{"no-input", 0, NULL, "never ask anything", "从不询问"},
	{"help", 'h', NULL, "this", "帮助"},
	{NULL, 0, NULL, NULL, NULL},
};

static const struct bh_cli_option page_options[] = {
	{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},
	{"all", 0, NULL, "every page", "全部页"}, {NULL}};
static const struct bh_cli_option queue_options[] = {
	{"area", 'A', "CODE", "in this area and below", "区域及下级"}, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option case_options[] = {
	{"state", 0, "NAMES", "received,filed,dispatched ...", "状态,可多个"},
	{"unit", 'U', "CODE", "with this unit", "承办单位"},
	{"area", 'A', "CODE", "in this area and below", "区域及下级"}, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option census_options[] = {
	{"holding", 0, NULL, "only those that said they hold something", "只列有未上传的"},
	{"unit", 'U', "CODE", "of this unit's people", "单位"},
	{"area", 'A', "CODE", "of people of this area and below", "区域及下级"}, LIST_OPTIONS,
	{NULL}};
static const struct bh_cli_option notice_options[] = {
	{"state", 0, "NAME", "queued, sent, seen, failed or expired", "状态"}, LIST_OPTIONS,
	{NULL}};
static const struct bh_cli_option service_options[] = {
	KIND_OPTION, DAYS_OPTIONS, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option service_count_options[] = {KIND_OPTION, DAYS_OPTIONS,
	{"by", 0, "WHAT", "a row for each day, or for each grid", "按 day 或 grid 分列"}, {NULL}};
static const struct bh_cli_option patrol_options[] = {DAYS_OPTIONS, {NULL}};
static const struct bh_cli_option photo_options[] = {
	{"out", 'o', "DIR", "folder they go to, this one otherwise; it must be there",
		"保存目录,默认当前目录"},
	{NULL}};
static const struct bh_cli_option file_options[] = {WHAT_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option unit_options[] = {
	UNIT_OPTION, WHAT_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option text_options[] = {TEXT_OPTION, ACT_OPTIONS, {NULL}};
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
static const struct bh_cli_option help_options[] = {UNIT_OPTION,
	ASSIGNEE_OPTION("this person instead of a unit"), TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option task_options[] = {TASK_OPTIONS, TEXT_OPTION, ACT_OPTIONS, {NULL}};
static const struct bh_cli_option enrol_options[] = {
	{"png", 'p', "FILE", "also as a picture; the file must not exist", "另存为图片"},
	{"minutes", 0, "N", "how long the code lives, 1440 otherwise", "有效分钟,默认 1440", 1,
		43200},
	KEY_OPTION, {NULL}};
static const struct bh_cli_option revoke_options[] = {{"reason", 'r', "TEXT", "why", "理由"},
	{"give-up", 0, NULL, "wait no longer for what it said it holds", "不再等待其未上传的内容"},
	KEY_OPTION, CONFIRM_OPTION, {NULL}};
static const struct bh_cli_option rekey_options[] = {KEY_OPTION, CONFIRM_OPTION, {NULL}};
static const struct bh_cli_option quarantine_options[] = {
	{"reason", 'r', "TEXT", "why", "理由"}, {NULL}};
static const struct bh_cli_option bundle_options[] = {
	{"ack-out", 0, "FILE", "write what acknowledges it, to be carried back", "回执文件"},
	{NULL}};
static const struct bh_cli_option backup_options[] = {
	{"out", 'o', "DIR", "folder that backups go to; the server writes there", "备份目录"},
	{NULL}};
static const struct bh_cli_option verify_options[] = {
	{"segments", 0, "DIR", "segments that have to lead on from it", "核对日志段是否与备份相接"},
	{"drop-older", 0, NULL, "delete the segments that end before it", "删除早于该备份的日志段"},
	{NULL}};
static const struct bh_cli_option restore_options[] = {
	{"to", 't', "DIR", "folder of districts: data in bihuan.conf", "数据目录"},
	{"segments", 0, "DIR",
		"folder that journals are shipped to: what they have beyond the backup",
		"异地日志段目录,补回备份之后的内容"},
	{"keys", 0, "DIR", "the district's keys; those of the old folder otherwise", "密钥目录"},
	{"replace", 0, NULL, "the district is there: keep the old one under another name",
		"替换现有数据,原数据另存"},
	{"dry-run", 0, NULL, "say what would be lost and what handsets bring back; change nothing",
		"只说明将丢失与可补的内容"},
	{NULL}};
static const struct bh_cli_option roll_options[] = {
	{"backup-key", 0, "FILE", "the backup key; backup-ca.key beside the others otherwise",
		"备用密钥文件"},
	{"force", 0, NULL, "also where handsets would be left behind", "有终端跟不上也更换"},
	{"anew", 0, NULL, "by any key: every handset is enrolled again",
		"任意密钥,终端全部重新登记"},
	{NULL}};
static const struct bh_cli_option coverage_options[] = {
	{"min", 0, "M2", "square metres from which a gap or overlap is told, 100 otherwise",
		"达到多少平方米才列出,默认 100", 0, 1000000000},
	{NULL}};
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
	{"purpose", 0, "NAME", "contact, handling, mediation, follow_up, subject_request or legal",
		"查阅用途"},
	KEY_OPTION, {NULL}};
static const struct bh_cli_option erase_options[] = {
	{"reporter", 0, "PERSON", "every ended case that this person reported",
		"该上报人的全部已结案件"},
	{"reason", 'r', "TEXT", "why", "理由"}, KEY_OPTION, CONFIRM_OPTION, {NULL}};
static const struct bh_cli_option hold_options[] = {
	{"reason", 'r', "TEXT", "why", "理由"}, KEY_OPTION, {NULL}};

static const struct bh_cli_verb verbs[] = {
	{"queue", "", 0, 0, queue_options, "bihuan queue",
		"what waits for a unit, least time left first", "待派单队列,剩余时间少者在前",
		bh_tool_queue, NULL},
	{"cases", "", 0, 0, case_options, "bihuan cases --state=dispatched,handling --unit=U-HW",
		"cases by state, unit and area", "按状态、单位、区域列出案件", bh_tool_cases, NULL},
	{"show", "NUMBER", 1, 1, NULL, "bihuan show 17-42-K", "a case with its history",
		"案件及其经过", bh_tool_show, NULL},
	{"similar", "NUMBER", 1, 1, NULL, "bihuan similar 17-42-K",
		"what may be of the same thing, nearest first", "可能重复的案件,距离近者在前",
		bh_tool_similar, NULL},
	{"photo", "NUMBER", 1, 1, photo_options, "bihuan photo 17-42-K --out=photos",
		"save a case's photos", "保存案件照片", bh_tool_photo, NULL},
	ACT("file", file_options, "bihuan file 17-42-K --as=A001 --type=10007", "file a report",
		"立案"),
	ACT("dispatch", unit_options, "bihuan dispatch 17-42-K --as=D001 --unit=U-HW",
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
	ACT("close", text_options, "bihuan close 17-42-K --as=A001 --text=FEEDBACK",
		"close, and tell the reporter", "结案并反馈"),
	ACT("refuse", text_options, "bihuan refuse 17-42-K --as=A001 --text=REASON",
		"not a matter for here", "不予受理"),
	ACT("refer", text_options, "bihuan refer 17-42-K --as=A001 --text=WHERE-TO",
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
	ACT("move-up", text_options, "bihuan move-up 17-42-K --as=L-T1 --text=WHAT-WAS-TRIED",
		"a dispute goes to the next tier", "上报上级"),
	ACT("receive", text_options, "bihuan receive 17-42-K --as=L-Q1", "the next tier has it",
		"上级接收"),
	ACT("reopen", text_options, "bihuan reopen 17-42-K --as=W001 --text=REASON",
		"a closed case goes on", "重开"),
	ACT("reconsider", text_options, "bihuan reconsider 17-42-K --as=W001 --text=REASON",
		"a refused report after all", "重新受理"),
	ACT("verify", send_options, "bihuan verify 17-42-K --as=A001 --text=WHAT-TO-LOOK-FOR",
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
	{"merge", "NUMBER MAIN", 2, 2, text_options, "bihuan merge 17-43-M 17-42-K --as=A001",
		"one case with another; its reporter is told how that ends", "并案", bh_tool_act,
		NULL},
	ACT("unmerge", text_options, "bihuan unmerge 17-43-M --as=A001", "a case of its own again",
		"撤销并案"),
	ACT("archive", text_options, "bihuan archive 17-42-K --as=K001",
		"before the clock does, once nobody may reopen it", "提前归档"),
	ACT("follow-try", text_options, "bihuan follow-try 17-42-K --as=F001 --text=NO-ANSWER",
		"a follow-up that reached nobody", "回访未接通"),
	ACT("follow-up", answer_options, "bihuan follow-up 17-42-K --as=F001 --answer=satisfied",
		"what the reporter says of it now", "回访"),
	ACT("recur", text_options, "bihuan recur 17-42-K --as=V001 --text=REASON",
		"an archived case is back", "复发重办"),
	{"services list", "", 0, 0, service_options,
		"bihuan services list --from=2026-10-01 --to=2026-10-31 --all --json",
		"service entries, day by day", "服务记录", bh_tool_services, NULL},
	{"services count", "", 0, 0, service_count_options,
		"bihuan services count --from=2026-10-01 --by=grid", "service entries in figures",
		"服务记录统计", bh_tool_service_counts, NULL},
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
	SHOW("stats", bh_tool_stats, "bihuan stats", "the figures of the loop", "闭环数据"),
	SHOW("districts", bh_tool_districts, "bihuan districts", "the districts served",
		"区县列表"),
	{"district create", "CODE", 1, 1, key_options, "bihuan district create 990101",
		"make a district; it stays", "新建区县,不可撤销", bh_tool_district_create, NULL},
	SHOW("profile show", bh_tool_profile_show, "bihuan profile show > district.json",
		"the profile in force", "现行档案"),
	IMPORT("profile check", NULL, "profile", "name all that is wrong, change nothing",
		"检查档案,不改动"),
	IMPORT("profile apply", key_options, "profile", "put a profile in force", "启用档案"),
	IMPORT("catalogue check", NULL, "catalogue", "name all that is wrong, change nothing",
		"检查目录,不改动"),
	IMPORT("catalogue apply", key_options, "catalogue", "put a catalogue in force", "启用目录"),
	CALENDAR_VERBS,
	ROSTER_VERBS,
	{"areas check", "[PROFILE]", 0, 1, coverage_options, "bihuan areas check --min=1000",
		"gaps and overlaps between areas; grids and workers who lack each other",
		"核查区域是否有空白、重叠,网格与网格员是否齐全", bh_tool_areas_check, NULL},
	SHOW("areas", bh_tool_areas, "bihuan areas", "counties, townships, villages, grids",
		"区域"),
	SHOW("units", bh_tool_units, "bihuan units", "units and desks", "单位"),
	SHOW("people", bh_tool_people, "bihuan people", "people and their posts", "人员与岗位"),
	SHOW("routes", bh_tool_routes, "bihuan routes", "routing rules", "派单规则"),
	{"enrol", "PERSON", 1, 1, enrol_options, "bihuan enrol G001",
		"a code that lets one handset in", "发放登记码", bh_tool_enrol, NULL},
	{"devices", "", 0, 0, page_options, "bihuan devices", "handsets", "终端设备",
		bh_tool_devices, NULL},
	{"census", "", 0, 0, census_options, "bihuan census --holding --area=990101001",
		"which handsets may hold what is not here", "终端未上传情况,最久者在前",
		bh_tool_census, NULL},
	{"revoke", "DEVICE", 1, 1, revoke_options, "bihuan revoke 7 --reason=lost --confirm=7",
		"shut a handset out", "停用设备", bh_tool_revoke, NULL},
	{"rekey", "DEVICE KEY", 2, 2, rekey_options, "bihuan rekey 7 02ab... --confirm=7",
		"vouch for the key that a handset has", "确认终端现用的密钥", bh_tool_rekey, NULL},
	{"quarantine list", "", 0, 0, page_options, "bihuan quarantine list",
		"handsets of which something stands in quarantine", "有隔离上报的设备",
		bh_tool_quarantines, NULL},
	{"quarantine show", "DEVICE", 1, 1, page_options, "bihuan quarantine show 7",
		"what of a handset stands in quarantine", "设备的隔离上报", bh_tool_quarantine,
		NULL},
	{"quarantine release", "DEVICE [POSITION]...", 1, BH_CLI_OPERANDS_MAX, quarantine_options,
		"bihuan quarantine release 7 --as=X001 --reason=found",
		"let reports in: all of them, or these", "放行隔离的上报,全部或所选",
		bh_tool_quarantine_decide, "release"},
	{"quarantine discard", "DEVICE POSITION...", 2, BH_CLI_OPERANDS_MAX, quarantine_options,
		"bihuan quarantine discard 7 4711 --as=X001 --reason=false",
		"put reports away; they stay in the journal", "不予放行,日志保留",
		bh_tool_quarantine_decide, "discard"},
	{"import check", "FOLDER | FILE...", 1, BH_CLI_OPERANDS_MAX, NULL,
		"bihuan import check areas.csv units.csv people.csv posts.csv",
		"what is wrong with tables of areas, units, people, posts; changes nothing",
		"校核区域、单位、人员、岗位表格(CSV)", bh_tool_tables, NULL},
	{"import apply", "FOLDER | FILE...", 1, BH_CLI_OPERANDS_MAX, key_options,
		"bihuan import apply people.csv posts.csv",
		"put tables in force, all of them or nothing", "导入表格,要么全部生效,要么都不生效",
		bh_tool_tables, NULL},
	{"import", "FILE", 1, 1, bundle_options,
		"bihuan import /media/stick/G001.bundle --ack-out=/media/stick/G001.ack",
		"take in a handset's bundle that was carried here", "导入人工携带的离线包",
		bh_tool_bundle, NULL},
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
	SHOW("verify", bh_tool_verify, "bihuan verify", "prove a copy of the district",
		"核验区县数据"),
	{"backup verify", "FOLDER", 1, 1, verify_options,
		"bihuan backup verify 990101-20261128T020000Z",
		"read a whole backup, and prove it or refuse it", "核验备份", bh_tool_backup_verify,
		NULL},
	{"backup", "DISTRICT", 0, 1, backup_options, "bihuan backup --out=/var/backups/bihuan",
		"back a district up while it is served", "备份区县,不停服务", bh_tool_backup, NULL},
	{"restore", "FOLDER", 0, 1, restore_options,
		"bihuan restore 990101-20261128T020000Z --to=/var/lib/bihuan --replace",
		"put a backup back; its server is stopped", "恢复备份,须先停服务", bh_tool_restore,
		NULL},
	SHOW("keys show", bh_tool_keys_show, "bihuan keys show",
		"what handsets go by, and how many know it", "终端认可的密钥指纹"),
	{"keys roll-server", "FOLDER", 1, 1, NULL, "bihuan keys roll-server /var/lib/bihuan/990101",
		"another server key and certificate; the server is stopped",
		"更换服务器密钥,须先停服务", bh_tool_keys_roll_server, NULL},
	{"keys roll-bundle", "FOLDER", 1, 1, NULL, "bihuan keys roll-bundle /var/lib/bihuan/990101",
		"another key for bundles; the server is stopped", "更换离线包密钥,须先停服务",
		bh_tool_keys_roll_bundle, NULL},
	{"keys roll-ca", "FOLDER", 1, 1, roll_options,
		"bihuan keys roll-ca /var/lib/bihuan/990101 --backup-key=/media/safe/backup-ca.key",
		"the backup key becomes the CA's; the server is stopped",
		"启用备用密钥为签发密钥,须先停服务", bh_tool_keys_roll_ca, NULL},
	{"clock confirm", "", 0, 0, key_options, "bihuan clock confirm",
		"the clock is right: deadlines act again", "确认时钟", bh_tool_clock_confirm, NULL},
	SHOW("status", bh_tool_status, "bihuan status", "what the server does", "服务状态"),
	SHOW("reload", bh_tool_reload, "bihuan reload", "read the configuration again",
		"重新读取配置"),
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	static const struct bh_cli_program program = {
		.name = "bihuan",
		.version = BH_VERSION_TEXT,
		.en = "bihuan: every report comes back closed - the dispatcher's terminal",
		.zh = "bihuan:事事有回音的调度终端",
		.verbs = verbs,
		.options = program_options,
	};
	struct bh_tool tool = {.key = ""};
	(void)setlocale(LC_CTYPE, "");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return BH_CLI_AGAIN;
	int exit = bh_cli_main(&program, argc, argv, &tool);
	json_decref(tool.refusal);
	curl_global_cleanup();
	if ((fflush(stdout) != 0 || ferror(stdout)) && exit == BH_CLI_DONE) {
		(void)fprintf(stderr, "bihuan: stdout cannot be written\n");
		exit = BH_CLI_STORAGE;
	}
	return exit;
}
