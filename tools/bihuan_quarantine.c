/* What a handset drained after it was cut off: shown whole, and let in or put away, all of it or a
 * choice.  All of it is asked for page by page; what was decided before is left alone, so that a
 * cut run is run again. */
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

struct tally {
	size_t done, refused;
	json_int_t photos, photos_here; /* of what is done */
};

static int decide_one(struct bh_cli_call *call, const char *position, struct tally *tally)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *reason = bh_cli_value(call, "reason");
	const char *word = call->verb->detail;
	struct bh_tool *tool = call->context;
	tool->key[0] = '\0'; /* each is a request of its own */
	int exit = bh_tool_district_path(
		call, path, "devices", call->operands[0], "quarantine", position, word, NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(
			call, path, json_pack("{s:s}", "reason", reason ? reason : ""), &answer);
	tally->done += exit == BH_CLI_DONE;
	tally->refused += exit != BH_CLI_DONE;
	tally->photos += json_integer_value(json_object_get(answer, "photos"));
	tally->photos_here += json_integer_value(json_object_get(answer, "photos_here"));
	json_decref(answer);
	return exit;
}

static bool is_open(const json_t *item)
{
	const char *stands = json_string_value(json_object_get(item, "stands"));
	return stands && strcmp(stands, "held") == 0;
}

/* One that is refused stops nothing; the last refusal is the exit status. */
static int decide_page(struct bh_cli_call *call, const json_t *items, struct tally *tally)
{
	char position[24];
	size_t i;
	json_t *item;
	int exit = BH_CLI_DONE;
	json_array_foreach((json_t *)items, i, item)
	{
		(void)snprintf(position, sizeof(position), "%lld",
			(long long)json_integer_value(json_object_get(item, "position")));
		int one = is_open(item) ? decide_one(call, position, tally) : BH_CLI_DONE;
		if (one != BH_CLI_DONE)
			exit = one;
	}
	return exit;
}

static int page_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], const char *after)
{
	int exit = bh_tool_district_path(
		call, path, "devices", call->operands[0], "quarantine", NULL);
	if (exit == BH_CLI_DONE && *after && !bh_tool_parameter(path, "after", after))
		exit = BH_CLI_USAGE;
	return exit;
}

static int decide_all(struct bh_cli_call *call, struct tally *tally)
{
	char path[BH_TOOL_PATH_MAX], after[100] = "";
	bool more = true;
	int refused = BH_CLI_DONE;
	while (more) {
		json_t *answer = NULL;
		int exit = page_path(call, path, after);
		if (exit == BH_CLI_DONE)
			exit = bh_tool_get(call, path, &answer);
		if (exit != BH_CLI_DONE)
			return exit;
		exit = decide_page(call, json_object_get(answer, "items"), tally);
		if (exit != BH_CLI_DONE)
			refused = exit;
		const char *next = json_string_value(json_object_get(answer, "next"));
		(void)snprintf(after, sizeof(after), "%s", next ? next : "");
		more = next != NULL;
		json_decref(answer);
	}
	return refused;
}

/* Of reports that were let in: what is missing lies on their handset. */
static void photos_note(const struct bh_cli_call *call, const struct tally *tally)
{
	json_int_t missing = tally->photos - tally->photos_here;
	if (tally->photos == 0)
		return;
	bh_cli_note(call, call->zh ? "照片 %lld 张,已到 %lld 张" : "photos %lld, here %lld",
		(long long)tally->photos, (long long)tally->photos_here);
	if (missing > 0)
		bh_cli_note(call, "%s",
			call->zh ? "其余在该设备上,待其下次联系时索取:未到之前请勿清空"
				 : "the others are asked of the handset when it is heard next: do "
				   "not wipe it before");
}

int bh_tool_quarantine_decide(struct bh_cli_call *call)
{
	struct tally tally = {0};
	bool discards = strcmp(call->verb->detail, "discard") == 0;
	int exit = BH_CLI_DONE;
	if (!bh_cli_value(call, "reason"))
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "say why: --reason=TEXT", NULL);
	if (call->operands_count == 1)
		exit = decide_all(call, &tally);
	for (size_t i = 1; i < call->operands_count; i++) {
		int one = decide_one(call, call->operands[i], &tally);
		if (one != BH_CLI_DONE)
			exit = one;
	}
	if (call->zh)
		bh_cli_note(call, "%s %zu 件,未成 %zu 件", discards ? "已作废" : "已放行",
			tally.done, tally.refused);
	else
		bh_cli_note(call, "%s %zu, refused %zu", discards ? "discarded" : "released",
			tally.done, tally.refused);
	if (!discards)
		photos_note(call, &tally);
	return exit;
}
