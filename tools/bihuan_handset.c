/*
 * bihuan-handset: a terminal handset on the public header alone.  It enrols, records without a
 * network, shows what it was told, syncs, and watches answers come in live.  This file is the table
 * of its verbs; each verb is a function of tools/handset/.
 */
#include <string.h>

#include "tools/handset/handset.h"

static const struct bh_option everywhere[] = {
	{"store", 's', BH_OPTION_FILE, "FILE", NULL, "the handset's store (or BIHUAN_STORE)",
		"本机数据文件(或环境变量 BIHUAN_STORE)"},
	{"key", 0, BH_OPTION_FILE, "FILE", NULL, "32 bytes: the store lies sealed under them",
		"密钥文件(32 字节),本机数据以其加密"},
	{"author", 0, BH_OPTION_WORD, "N", NULL, "who records on a shared handset; see author",
		"共用手持机上的记录人编号,见 author"},
	{"pin", 0, BH_OPTION_FILE, "FILE", NULL,
		"the author's PIN, a line; without it claimed only",
		"记录人口令文件(一行);无则仅为声称"},
	{"json", 'j', BH_OPTION_FLAG, NULL, NULL, "data and faults as JSON, one object a line",
		"以 JSON 输出,每行一个对象"},
	{"offset", 0, BH_OPTION_WORD, "+HH:MM", NULL, "of times shown and read; +08:00",
		"时间的时区偏移,默认 +08:00"},
	{"help", 'h', BH_OPTION_FLAG, NULL, NULL, "this page", "显示本页"},
	{"version", 'V', BH_OPTION_FLAG, NULL, NULL, "the version", "版本"},
	{0},
};

static const struct bh_option enrol_options[] = {
	{"wait", 'w', BH_OPTION_WORD, "S", NULL, "seconds to wait for the server; 30",
		"等待服务器的秒数,默认 30"},
	{"model", 0, BH_OPTION_WORD, "TEXT", NULL, "what this device is called", "本机型号"},
	{0},
};

static const struct bh_option report_options[] = {
	{"text", 't', BH_OPTION_WORD, "TEXT", NULL, "what is the matter", "情况描述"},
	{"type", 0, BH_OPTION_WORD, "N", NULL, "code of the catalogue; see types", "事项类别代码"},
	{"lat", 0, BH_OPTION_WORD, "D", NULL, "latitude in degrees", "纬度"},
	{"lon", 0, BH_OPTION_WORD, "D", NULL, "longitude in degrees", "经度"},
	{"datum", 0, BH_OPTION_CHOICE, "NAME", "wgs84 gcj02 bd09", "wgs84, gcj02 or bd09; wgs84",
		"坐标系,默认 wgs84"},
	{"accuracy", 0, BH_OPTION_WORD, "M", NULL, "of the place, in metres", "定位精度(米)"},
	{"urgency", 0, BH_OPTION_WORD, "1..4", NULL, "1 is most urgent", "紧急程度,1 最急"},
	{"condition", 0, BH_OPTION_WORD, "N", NULL, "filing condition of the type", "立案条件"},
	{"captured", 0, BH_OPTION_WORD, "TIME", NULL, "when it was seen; now", "发现时间,默认当前"},
	{"photo", 'p', BH_OPTION_FILES, "FILE", NULL, "a JPEG; the first is the main one",
		"照片(JPEG),可重复,第一张为主"},
	{"disposed", 0, BH_OPTION_FLAG, NULL, NULL,
		"put right on the spot: the first photo is from before, the others from after",
		"已自处置:第一张照片为处置前,其余为处置后"},
	{"csv", 0, BH_OPTION_FILE, "FILE", NULL,
		"every row: time,text,type,latitude,longitude; only text is needed",
		"逐行记录表格:time,text,type,latitude,longitude,仅 text 必填"},
	{"check", 0, BH_OPTION_FLAG, NULL, NULL, "with --csv: name every bad line, record nothing",
		"仅检查表格并列出问题行,不记录"},
	{0},
};

static const struct bh_option service_options[] = {
	{"text", 't', BH_OPTION_WORD, "TEXT", NULL, "what was done; it names no one",
		"做了什么;不写姓名"},
	{"grid", 0, BH_OPTION_WORD, "CODE", NULL, "of the worker's own; by the place otherwise",
		"本人网格编码,默认按位置"},
	{"lat", 0, BH_OPTION_WORD, "D", NULL, "latitude in degrees", "纬度"},
	{"lon", 0, BH_OPTION_WORD, "D", NULL, "longitude in degrees", "经度"},
	{"datum", 0, BH_OPTION_CHOICE, "NAME", "wgs84 gcj02 bd09", "wgs84, gcj02 or bd09; wgs84",
		"坐标系,默认 wgs84"},
	{"accuracy", 0, BH_OPTION_WORD, "M", NULL, "of the place, in metres", "定位精度(米)"},
	{"captured", 0, BH_OPTION_WORD, "TIME", NULL, "when it was done; now", "时间,默认当前"},
	{0},
};

static const struct bh_option patrol_options[] = {
	{"text", 't', BH_OPTION_WORD, "TEXT", NULL, "with skip: why", "跳过的理由"},
	{"lat", 0, BH_OPTION_WORD, "D", NULL, "with check: where one stands, wgs84",
		"到点时的纬度"},
	{"lon", 0, BH_OPTION_WORD, "D", NULL, "longitude in degrees", "到点时的经度"},
	{"accuracy", 0, BH_OPTION_WORD, "M", NULL, "of the place, in metres", "定位精度(米)"},
	{0},
};

static const struct bh_option list_options[] = {
	{"unsent", 0, BH_OPTION_FLAG, NULL, NULL, "only what waits for the server", "仅未上报的"},
	{"unseen", 0, BH_OPTION_FLAG, NULL, NULL, "only unread answers", "仅未读答复的"},
	{"mine", 0, BH_OPTION_FLAG, NULL, NULL, "only the author's own reports",
		"仅记录人本人上报的"},
	{"state", 0, BH_OPTION_WORD, "NAME", NULL, "only cases in this state", "仅此状态的"},
	{0},
};

static const struct bh_option ops_options[] = {
	{"refused", 0, BH_OPTION_FLAG, NULL, NULL, "only what was refused", "仅被拒绝的"},
	{0},
};

static const struct bh_option cargo_options[] = {
	{"ack-out", 0, BH_OPTION_FILE, "FOLDER", NULL, "where answers are written, and let go",
		"回执写出的目录,写出后不再保留"},
	{0},
};

static const struct bh_option sync_options[] = {
	{"timeout", 0, BH_OPTION_WORD, "S", NULL, "seconds to try; 60", "最长秒数,默认 60"},
	{0},
};

static const struct bh_option watch_options[] = {
	{"timeout", 0, BH_OPTION_WORD, "S", NULL, "seconds to watch; until Ctrl-C",
		"监看的秒数,默认直到 Ctrl-C"},
	{"closures", 0, BH_OPTION_WORD, "N", NULL, "end after so many answers",
		"收到 N 个答复后结束"},
	{"seen", 0, BH_OPTION_FLAG, NULL, NULL, "mark each answer as seen", "答复标为已读"},
	{0},
};

static const struct bh_option act_options[] = {
	{"text", 't', BH_OPTION_WORD, "TEXT", NULL, "what was done", "处置结果"},
	{"photo", 'p', BH_OPTION_FILES, "FILE", NULL, "a JPEG that shows it",
		"处置照片(JPEG),可重复"},
	{"all", 'a', BH_OPTION_FLAG, NULL, NULL, "every case that allows it", "所有可办理的"},
	{"limit", 0, BH_OPTION_WORD, "N", NULL, "with --all: at most so many", "最多 N 件"},
	{0},
};

static const struct bh_option answer_options[] = {
	{"result", 'r', BH_OPTION_CHOICE, "NAME", "yes no", "yes: it is so; no: it is not",
		"结论:yes 属实/通过,no 不属实/不通过"},
	{"task", 0, BH_OPTION_WORD, "N", NULL, "which task of the case; the first",
		"任务序号,默认第一个"},
	{"text", 't', BH_OPTION_WORD, "TEXT", NULL, "what was seen", "现场情况"},
	{"photo", 'p', BH_OPTION_FILES, "FILE", NULL, "a JPEG that shows it",
		"现场照片(JPEG),可重复"},
	{0},
};

static const struct bh_option photo_options[] = {
	{"out", 'o', BH_OPTION_FILE, "DIR", NULL, "where to save them; here",
		"保存的文件夹,默认当前"},
	{"timeout", 0, BH_OPTION_WORD, "S", NULL, "seconds to fetch; 60", "最长秒数,默认 60"},
	{0},
};

static const struct bh_option seen_options[] = {
	{"all", 'a', BH_OPTION_FLAG, NULL, NULL, "every answer here", "全部答复"},
	{0},
};

static const struct bh_option author_options[] = {
	{"name", 0, BH_OPTION_WORD, "TEXT", NULL, "of a new author; with --author and --pin",
		"新记录人姓名,与 --author、--pin 同用"},
	{"old-pin", 0, BH_OPTION_FILE, "FILE", NULL, "of one that is here already", "原口令文件"},
	{"owner-pin", 0, BH_OPTION_FILE, "FILE", NULL, "of whose handset it is, who vouches",
		"本机所属人的口令文件,为同事作保"},
	{0},
};

static const struct bh_option session_options[] = {
	{"outcome", 0, BH_OPTION_CHOICE, "WORD", "again agreed parted", "what it came to", "结果"},
	{"present", 0, BH_OPTION_WORD, "N,N,N,N", NULL,
		"how many parties, mediators, experts, officials",
		"到场人数:当事人、调解员、专家、部门人员"},
	{"text", 0, BH_OPTION_WORD, "TEXT", NULL, "what was said", "调解情况"},
	{0},
};

static const struct bh_option due_options[] = {
	{"type", 0, BH_OPTION_WORD, "N", NULL, "of this type's limit instead; see types",
		"改看此类别的时限,见 types"},
	{"condition", 0, BH_OPTION_WORD, "N", NULL, "filing condition of the type", "立案条件"},
	{"from", 0, BH_OPTION_WORD, "TIME", NULL, "when a unit had it; now", "派单时间,默认当前"},
	{"at", 0, BH_OPTION_WORD, "TIME", NULL, "how it stands then; now", "查看的时刻,默认当前"},
	{0},
};

static const struct bh_option no_options[] = {{0}};

static const struct bh_verb verbs[] = {
	{"enrol", "PAYLOAD|-", NULL, "enrol BH1:HOST:PORT:DISTRICT:CODE:PIN:PIN",
		"Joins a district with the text of an enrolment code; - reads it from stdin.",
		"以登记码加入本区;- 表示从标准输入读取。", enrol_options, 1, 1, bh_verb_enrol},
	{"report", "", NULL, "report --text '新桥路井盖破损' --type 10003 --lat 30.99 --lon 116.98",
		"Records a report, or every row of a table; no network is needed.",
		"记录一条上报,或逐行记录表格;无需网络。", report_options, 0, 0, bh_verb_report},
	{"service", "KIND", "consultation proxy publicity hazard_check place_fact",
		"service consultation --text '医保报销流程'",
		"Records a service entry, which is no case; no network is needed.",
		"记录一条服务(咨询、帮办代办、宣传、隐患排查、基础信息);无需网络。",
		service_options, 1, 1, bh_verb_service},
	{"grids", "", NULL, "grids", "The worker's own grids.", "本人网格。", no_options, 0, 0,
		bh_verb_grids},
	{"places", "", NULL, "places", "Where something comes again and again in the own grids.",
		"本人网格内九十天三件以上的重复地点。", no_options, 0, 0, bh_verb_places},
	{"patrol", "list|show|check|skip|finish|drop [PLAN [POINT]]",
		"list show check skip finish drop", "patrol check P1 3",
		"The day's rounds; marks checkpoints of one, and finishes it.",
		"今日巡查;逐点确认或跳过,完成后上报。", patrol_options, 1, 3, bh_verb_patrol},
	{"list", "", NULL, "list --unseen", "The cases here, newest first.", "本机事项,新的在前。",
		list_options, 0, 0, bh_verb_list},
	{"show", "NUMBER", NULL, "show 17-42-K", "All that is known of one case.",
		"一件事项的全部情况。", no_options, 1, 1, bh_verb_show},
	{"due", "[NUMBER]", NULL, "due 17-42-K",
		"How much time is left of a case's clocks and tasks, or of a type's limit.",
		"剩余时间:案件各时限与任务,或某类别的处置时限;无需网络。", due_options, 0, 1,
		bh_verb_due},
	{"photo", "NUMBER", NULL, "photo 17-42-K --out photos",
		"Fetches a case's photos and saves them.", "取回并保存一件事项的照片。",
		photo_options, 1, 1, bh_verb_photo},
	{"ops", "", NULL, "ops --refused", "What was recorded here, and what became of it.",
		"本机的全部记录及其结论。", ops_options, 0, 0, bh_verb_ops},
	{"types", "", NULL, "types", "The district's catalogue, as last told.", "本区事项类别。",
		no_options, 0, 0, bh_verb_types},
	{"sync", "", NULL, "sync --timeout 60", "Sends and receives until nothing is left.",
		"同步,直到全部发送和接收。", sync_options, 0, 0, bh_verb_sync},
	{"rotate", "", NULL, "rotate", "Takes another key, which proves this handset from now on.",
		"更换本机密钥。", sync_options, 0, 0, bh_verb_rotate},
	{"watch", "", NULL, "watch --seen", "Stays connected: one line for each event.",
		"保持连接,每个事件一行。", watch_options, 0, 0, bh_verb_watch},
	{"status", "", NULL, "status", "Whether all is sent and told, and if not, why.",
		"是否已同步,原因何在。", no_options, 0, 0, bh_verb_status},
	{"act", "sign|finish|self_dispose NUMBER...", "sign finish self_dispose",
		"act finish 17-42-K --text '井盖已更换'",
		"Signs for cases of the unit, or reports what was done, there or on the spot.",
		"签收或完成本单位的事项,或对本人上报的自处置。", act_options, 1, 4000, bh_verb_act},
	{"tasks", "", NULL, "tasks", "What somebody waits for: to look, to check, to help.",
		"本人待办任务:核实、核查、协办。", no_options, 0, 0, bh_verb_tasks},
	{"answer", "NUMBER", NULL, "answer 17-42-K --result yes --photo seen.jpg",
		"Answers a task of a case; no network is needed.", "反馈任务结果;无需网络。",
		answer_options, 1, 1, bh_verb_answer},
	{"session", "NUMBER", NULL,
		"session 17-42-K --outcome again --present 2,1,0,0 --text '双方各执一词'",
		"Records that the two sides of a dispute met; no network is needed.",
		"记录一次调解;无需网络。", session_options, 1, 1, bh_verb_session},
	{"seen", "NUMBER CYCLE", NULL, "seen 17-42-K 1", "Marks an answer as seen.",
		"将答复标为已读。", seen_options, 0, 2, bh_verb_seen},
	{"author", "", NULL, "author --author 18 --name '李四' --pin his.txt --owner-pin mine.txt",
		"Who records here; with --name: one more author.",
		"本机记录人;加 --name 则登记一人。", author_options, 0, 0, bh_verb_author},
	{"export", "FILE", NULL, "export /media/stick/me.bundle",
		"Writes what is not acknowledged into a sealed file that anyone may carry.",
		"将未确认的记录写入密封文件,可由任何人携带。", no_options, 1, 1, bh_verb_export},
	{"import", "FILE", NULL, "import /media/stick/me.ack",
		"Takes the district's answer to such a file; another's file is carried there.",
		"导入本区的回执;他人的密封文件则代为带回。", no_options, 1, 1, bh_verb_import},
	{"cargo", "", NULL, "cargo --ack-out /media/stick",
		"What is carried for others; with --ack-out: writes the answers that came.",
		"代他人携带的文件;加 --ack-out 则写出已到的回执。", cargo_options, 0, 0,
		bh_verb_cargo},
	{"completion", "bash", "bash", "completion bash > /etc/bash_completion.d/bihuan-handset",
		"Prints what completes this program's words in a shell.", "输出命令行补全脚本。",
		no_options, 1, 1, bh_verb_completion},
};

static const struct bh_program program = {.name = "bihuan-handset",
	.version = BH_VERSION_TEXT,
	.en = "A handset in a terminal: records without a network, and brings the answer back.",
	.zh = "终端手持机:离线记录,答复回到上报人。",
	.example = "--store me.db report --text '新桥路井盖破损'",
	.options = everywhere,
	.verbs = verbs,
	.verbs_count = sizeof(verbs) / sizeof(verbs[0])};

int bh_verb_completion(const struct bh_words *words)
{
	if (strcmp(words->arguments[0], "bash") != 0)
		return bh_words_fault(
			words, "'%s' is no shell known here: bash is", words->arguments[0]);
	bh_words_complete(&program);
	return BH_EXIT_DONE;
}

int main(int argc, char **argv)
{
	return bh_words_run(&program, argc, argv);
}
