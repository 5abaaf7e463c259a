/* What bihuan is told of dossiers. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option page_options[] = {
	{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},
	{"all", 0, NULL, "every page", "全部页"}, {NULL}};
static const struct bh_cli_option text_options[] = {TEXT_OPTION, KEY_OPTION, {NULL}};
static const struct bh_cli_option lend_options[] = {
	{"until", 0, "DATE", "when it is due back: 2026-10-12", "应还日期"}, TEXT_OPTION,
	KEY_OPTION, {NULL}};
static const struct bh_cli_option paper_options[] = {
	{"kind", 0, "KIND",
		"report, verification, filing, dispatch, sign, result, check, closing, return, "
		"extension, "
		"suspension, help, tier, mediation, agreement, performance, plan, consultation, "
		"order, "
		"order_reply, follow_up, other, order_review, appeal, appeal_review, copy or "
		"milestones",
		"材料种类"},
	{"title", 0, "TEXT", "one line", "标题"}, TEXT_OPTION, KEY_OPTION, {NULL}};

static const struct bh_cli_option file_options[] = {
	{"title", 0, "TEXT", "one line; its kind where none is said", "标题"}, TEXT_OPTION,
	KEY_OPTION, {NULL}};

static const struct bh_cli_option zip_options[] = {
	{"zip", 'z', "FILE", "all of it as one ZIP with a printable index", "导出为一个 ZIP 文件"},
	{"purpose", 0, "NAME",
		"with the names of people, journalled: contact, handling, mediation, follow_up, "
		"subject_request, legal or oversight",
		"按用途导出姓名,全程留痕"},
	KEY_OPTION, {NULL}};
static const struct bh_cli_option verify_options[] = {
	{"seal", 0, "HASH", "it has to have this seal", "应有的封卷校验值"}, {NULL}};

const struct bh_cli_verb bh_tool_verbs_dossier[] = {
	{"dossier paper", OPTION_NUMBER, 1, 1, paper_options,
		"bihuan dossier paper 17-42-K --as=K001 --kind=agreement --title=TITLE --text=TEXT",
		"add a paper to a case", "补充案卷材料", bh_tool_paper, NULL},
	{"paper add", "NUMBER KIND FILE", 3, 3, file_options,
		"bihuan paper add 17-42-K agreement signed.pdf --as=K001 --title=TITLE",
		"add a PDF, a JPEG or a PNG of up to 16 MiB to a case as a paper",
		"上传文件作为案卷材料", bh_tool_paper_add, NULL},
	{"paper get", "NUMBER POSITION FILE", 3, 3, NULL,
		"bihuan paper get 17-42-K 1234 signed.pdf", "the file of a paper", "下载材料文件",
		bh_tool_paper_get, NULL},
	{"paper withdraw", "NUMBER POSITION", 2, 2, text_options,
		"bihuan paper withdraw 17-42-K 1234 --as=K001 --text=REASON",
		"a paper that was added counts no more; nothing is deleted", "撤回材料",
		bh_tool_paper_withdraw, NULL},
	{"dossier seal", OPTION_NUMBER, 1, 1, text_options, "bihuan dossier seal 17-42-K --as=K001",
		"seal its papers as they stand; an incomplete one with a reason", "封卷",
		bh_tool_act, "seal"},
	{"dossier lend", OPTION_NUMBER, 1, 1, lend_options,
		"bihuan dossier lend 17-42-K --as=K001 --until=2026-10-12 --text=WHOM",
		"lend an archived dossier", "借出案卷", bh_tool_act, "lend"},
	{"dossier back", OPTION_NUMBER, 1, 1, text_options, "bihuan dossier back 17-42-K --as=K001",
		"it came back", "归还案卷", bh_tool_act, "give-back"},
	{"dossier loans", "", 0, 0, page_options, "bihuan dossier loans",
		"dossiers that are lent, and which are late", "借出的案卷", bh_tool_loans, NULL},
	{"dossier verify", "FILE", 1, 1, verify_options, "bihuan dossier verify 17-42-K.zip",
		"prove a dossier's file, without any server", "离线核验案卷文件",
		bh_tool_dossier_verify, NULL},
	{"dossier", OPTION_NUMBER, 1, 1, zip_options, "bihuan dossier 17-42-K --zip=17-42-K.zip",
		"a case's papers, and what lacks", "案卷材料目录与完整性", bh_tool_dossier, NULL},
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
