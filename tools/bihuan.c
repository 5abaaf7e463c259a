/* bihuan: the administrator's and dispatcher's terminal.  It talks to the running server over its
 * local socket and never opens what that serves; backups alone it checks and puts back by itself.
 * Everything it can be told stands in the tables of bihuan_verbs_*.c. */
#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>

#include "tools/bihuan.h"
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

static const struct bh_cli_verb *const verbs[] = {
	bh_tool_verbs_case,
	bh_tool_verbs_dispute,
	bh_tool_verbs_people,
	bh_tool_verbs_order,
	bh_tool_verbs_dossier,
	bh_tool_verbs_rating,
	bh_tool_verbs_district,
	bh_tool_verbs_server,
	NULL,
};

int main(int argc, char **argv)
{
	static const struct bh_cli_program program = {
		.name = "bihuan",
		.version = BH_VERSION_TEXT,
		.documents = BH_DOC_DIR,
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
