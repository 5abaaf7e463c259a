/* What bihuan is told of a district's profile, its handsets and what is carried by hand. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option page_options[] = {
	{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},
	{"all", 0, NULL, "every page", "全部页"}, {NULL}};
static const struct bh_cli_option census_options[] = {
	{"holding", 0, NULL, "only those that said they hold something", "只列有未上传的"},
	{"unit", 'U', "CODE", "of this unit's people", "单位"},
	{"area", 'A', "CODE", "of people of this area and below", "区域及下级"}, LIST_OPTIONS,
	{NULL}};
static const struct bh_cli_option list_options[] = {LIST_OPTIONS, {NULL}};
static const struct bh_cli_option text_options[] = {TEXT_OPTION, ACT_OPTIONS, {NULL}};
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
static const struct bh_cli_option coverage_options[] = {
	{"min", 0, "M2", "square metres from which a gap or overlap is told, 100 otherwise",
		"达到多少平方米才列出,默认 100", 0, 1000000000},
	{NULL}};
static const struct bh_cli_option explain_options[] = {
	{"condition", 0, "N", "the filing condition", "立案条件"},
	{"at", 0, "DATE", "for what begins on that day: 2026-10-12; today otherwise", "受理日期"},
	{"asset", 0, "MARK", "the component that it is about", "部件标识码"},
	{"version", 0, "N", "by an older version of the rules", "规则版本"}, {NULL}};
static const struct bh_cli_option take_options[] = {
	{"paper", 0, "TEXT", "the paper that the rule goes by", "规则依据"}, KEY_OPTION, {NULL}};
static const struct bh_cli_option key_options[] = {KEY_OPTION, {NULL}};

const struct bh_cli_verb bh_tool_verbs_district[] = {
	{"merge", "NUMBER MAIN", 2, 2, text_options, "bihuan merge 17-43-M 17-42-K --as=A001",
		"one case with another; its reporter is told how that ends", "并案", bh_tool_act,
		NULL},
	{"district create", "CODE", 1, 1, key_options, "bihuan district create 990101",
		"make a district; it stays", "新建区县,不可撤销", bh_tool_district_create, NULL},
	SHOW("profile show", bh_tool_profile_show, "bihuan profile show > district.json",
		"the profile in force", "现行档案"),
	IMPORT("profile check", NULL, "profile", "name all that is wrong, change nothing",
		"检查档案,不改动"),
	IMPORT("profile apply", key_options, "profile", "put a profile in force", "启用档案"),
	{"catalogue show", "[TYPE]", 0, 1, NULL, "bihuan catalogue show 10001",
		"the types of the catalogue, or one with its filing conditions",
		"事件小类,或某一小类及其立案条件", bh_tool_catalogue_show, NULL},
	IMPORT("catalogue check", NULL, "catalogue", "name all that is wrong, change nothing",
		"检查目录,不改动"),
	IMPORT("catalogue apply", key_options, "catalogue", "put a catalogue in force", "启用目录"),
	{"calendar show", "[YEAR]", 0, 1, NULL, "bihuan calendar show 2027",
		"the week that is worked, holidays and make-up days", "工作日历、节假日与调休",
		bh_tool_calendar_show, NULL},
	{"calendar check", "FILE", 1, 1, NULL, "bihuan calendar check 2027.json",
		"name all that is wrong with a list of holidays, change nothing",
		"检查节假日安排,不改动", bh_tool_calendar_import, NULL},
	{"calendar apply", "FILE", 1, 1, key_options, "bihuan calendar apply 2027.json",
		"put a list of holidays in force, for the years that it names",
		"启用节假日与调休安排", bh_tool_calendar_import, NULL},
	{"roster show", "[DESK]", 0, 1, NULL, "bihuan roster show T1-DESK",
		"who is on duty, and what the desks' rosters say", "在岗人员与值班表",
		bh_tool_roster_show, NULL},
	{"roster check", "FILE", 1, 1, NULL, "bihuan roster check december.csv",
		"name all that is wrong with a roster, and its gaps; change nothing",
		"检查值班表并列出空班,不改动", bh_tool_roster_import, NULL},
	{"roster apply", "FILE", 1, 1, key_options, "bihuan roster apply december.csv",
		"put a roster in force, for the desks that it names", "启用值班表",
		bh_tool_roster_import, NULL},
	{"hand-over", "DESK", 1, 1, text_options,
		"bihuan hand-over U-ZZ --as=S001 --text='两件催办中,明早八点回访'",
		"hand a desk's shift over with a note; open cases are counted by light", "交班",
		bh_tool_shift_act, NULL},
	{"take-over", "DESK", 1, 1, key_options, "bihuan take-over U-ZZ --as=S002",
		"take over what was handed over", "接班", bh_tool_shift_act, NULL},
	{"hand-overs", "[DESK]", 0, 1, list_options, "bihuan hand-overs U-ZZ",
		"shifts that were handed over, or were not, newest first", "交接班记录",
		bh_tool_hand_overs, NULL},
	{"areas check", "[PROFILE]", 0, 1, coverage_options, "bihuan areas check --min=1000",
		"gaps and overlaps between areas; grids and workers who lack each other; units "
		"without "
		"people, with the open cases that wait there",
		"核查区域是否有空白、重叠,网格与网格员是否齐全,单位是否有人", bh_tool_areas_check,
		NULL},
	SHOW("areas", bh_tool_areas, "bihuan areas", "counties, townships, villages, grids",
		"区域"),
	SHOW("units", bh_tool_units, "bihuan units", "units and desks", "单位"),
	SHOW("people", bh_tool_people, "bihuan people", "people and their posts", "人员与岗位"),
	SHOW("routes learn", bh_tool_routes_learn, "bihuan routes learn",
		"rules that returns speak for, with their cases; changes nothing",
		"由退单归纳的规则建议,不改动"),
	{"routes take", "TYPE AREA UNIT", 3, 3, take_options,
		"bihuan routes take 20005 990101003 U-CG --paper=PAPER",
		"put one of them in force, as another version of the rules",
		"采纳规则建议,形成新版本", bh_tool_routes_take, NULL},
	SHOW("routes", bh_tool_routes, "bihuan routes", "routing rules", "派单规则"),
	{"route explain", "TYPE [AREA]", 1, 2, explain_options,
		"bihuan route explain 20005 990101003 --at=2026-10-12",
		"which rules are tried, with their papers, and which unit it is",
		"逐条说明适用的派单规则、依据与结果", bh_tool_route_explain, NULL},
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
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
