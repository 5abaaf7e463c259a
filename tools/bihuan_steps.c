/* The plan of a case as `show` tells it: a line a step, with its limit and what came of it. */
#include "tools/bihuan.h"
#include "tools/cli/text_table.h"

void bh_tool_steps_show(const struct bh_cli_call *call, const json_t *cased)
{
	static const struct bh_cli_column columns[] = {{"step", "step", "阶段"},
		{"state", "state", "状态"}, {"limit", "limit", "时限"},
		{"limit_unit", "unit", "单位"}, {"due", "due", "到期"}, {"done_at", "done", "完成"},
		{"late", "late", "超期"}, {"text", "what", "内容"}, {"result", "result", "结果"},
		{NULL}};
	const json_t *steps = json_object_get(cased, "steps");
	if (json_array_size(steps) > 0)
		bh_cli_table(steps, columns, call->zh);
}
