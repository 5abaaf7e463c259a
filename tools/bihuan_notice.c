/* One notice of the outbox: looked at, let go again, or made to try a channel with. */
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static void notice_say(const struct bh_cli_call *call, const json_t *notice)
{
	static const struct bh_cli_column columns[] = {{"id", "id", "序号"},
		{"kind", "kind", "事由"}, {"person", "person", "人员"},
		{"number", "number", "编号"}, {"state", "state", "状态"},
		{"tries", "tries", "次数"}, {"error", "error", "错误"},
		{"made_at", "made", "产生时间"}, {"next_at", "next", "下次"},
		{"seen_at", "seen", "已阅"}, {"key", "key", "幂等键"}, {NULL}};
	if (call->json) {
		bh_cli_print_json(notice);
		return;
	}
	json_t *rows = json_array();
	(void)json_array_append(rows, (json_t *)(uintptr_t)notice);
	bh_cli_table(rows, columns, call->zh);
	json_decref(rows);
}

int bh_tool_notice(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *verb = call->verb->detail;
	int exit = bh_tool_district_path(call, path, "notices", call->operands[0], verb, NULL);
	if (exit == BH_CLI_DONE)
		exit = verb ? bh_tool_post(call, path, NULL, &answer)
			    : bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE)
		notice_say(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_notice_test(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "people", call->operands[0], "notice", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post(call, path, NULL, &answer);
	if (exit == BH_CLI_DONE) {
		notice_say(call, answer);
		bh_cli_note(call, "%s bihuan notice show %lld", bh_tool_next_word(call),
			(long long)json_integer_value(json_object_get(answer, "id")));
	}
	json_decref(answer);
	return exit;
}
