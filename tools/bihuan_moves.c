/* `moves`: the table of states and verbs as it was compiled into server and handset, one line a
 * row: from where, by whose hand, to where, and what it does to the clocks.  It asks no server. */
#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define CLOCK_BYTES 80u

static json_t *roles_of(const struct bh_move *move)
{
	json_t *roles = json_array();
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_COUNT; role++)
		if ((move->roles & 1u << role) != 0)
			(void)json_array_append_new(
				roles, json_string(bh_role_name((enum bh_role)role)));
	return roles;
}

/* {"sign": "end", "review": "start"}; those that stay as they are are left out. */
static json_t *clocks_of(const struct bh_move *move)
{
	json_t *clocks = json_object();
	for (unsigned i = 0; i < BH_FLOW_CLOCKS; i++)
		if (move->clocks[i] != BH_EFFECT_KEEP)
			(void)json_object_set_new(clocks, bh_flow_clock_name((enum bh_flow_clock)i),
				json_string(bh_effect_name((enum bh_flow_effect)move->clocks[i])));
	return clocks;
}

/* ["sign end", "review start"], in the language of the call. */
static json_t *clock_words(const struct bh_move *move, bool zh)
{
	json_t *words = json_array();
	for (unsigned i = 0; i < BH_FLOW_CLOCKS; i++) {
		enum bh_flow_clock clock = (enum bh_flow_clock)i;
		enum bh_flow_effect effect = (enum bh_flow_effect)move->clocks[i];
		char word[CLOCK_BYTES];
		if (effect == BH_EFFECT_KEEP)
			continue;
		(void)snprintf(word, sizeof(word), "%s %s",
			zh ? bh_flow_clock_name_zh(clock) : bh_flow_clock_name(clock),
			zh ? bh_effect_name_zh(effect) : bh_effect_name(effect));
		(void)json_array_append_new(words, json_string(word));
	}
	return words;
}

/* What a verb is called at the terminal; NULL: only a handset or the clock has it. */
static const char *command_of(enum bh_verb verb)
{
	const struct bh_cli_verb *const tables[] = {
		bh_tool_verbs_case, bh_tool_verbs_dispute, bh_tool_verbs_district};
	char word[40];
	(void)snprintf(word, sizeof(word), "%s%s", verb == BH_VERB_VERIFY ? "ask-" : "",
		bh_verb_name(verb));
	for (char *c = word; *c; c++)
		*c = *c == '_' ? '-' : *c;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct bh_cli_verb *v = tables[t]; v->name; v++)
			if (strcmp(v->name, word) == 0)
				return v->name;
	return NULL;
}

static json_t *row_of(const struct bh_move *move, const struct bh_cli_call *call)
{
	bool zh = call->zh && !call->json;
	enum bh_state from = (enum bh_state)move->from, to = (enum bh_state)move->to;
	enum bh_verb verb = (enum bh_verb)move->verb;
	return json_pack("{s:i, s:s, s:s, s:s?, s:s, s:o, s:b, s:o}", "row", (int)move->row, "from",
		zh ? bh_state_name_zh(from) : bh_state_name(from), "verb",
		zh ? bh_verb_name_zh(verb) : bh_verb_name(verb), "command", command_of(verb), "to",
		zh ? bh_state_name_zh(to) : bh_state_name(to), "by", roles_of(move), "offline",
		(int)move->offline, "clocks", call->json ? clocks_of(move) : clock_words(move, zh));
}

int bh_tool_moves(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"row", "row", "行"},
		{"from", "from", "原状态"}, {"verb", "verb", "办理"},
		{"command", "command", "命令"}, {"to", "to", "新状态"}, {"by", "by", "角色"},
		{"clocks", "clocks", "时限"}, {NULL}};
	enum bh_state from = BH_STATE_COUNT;
	if (call->operands_count > 0 && bh_state_parse(call->operands[0], &from) != 0)
		return bh_cli_fail(
			call, BH_CLI_USAGE, "usage", "there is no such state", call->operands[0]);
	json_t *rows = json_array();
	for (size_t i = 0; i < bh_moves_count; i++) {
		if (from != BH_STATE_COUNT && bh_moves[i].from != from)
			continue;
		json_t *row = row_of(&bh_moves[i], call);
		if (call->json)
			bh_cli_print_json(row);
		(void)json_array_append_new(rows, row);
	}
	if (!call->json)
		bh_cli_table(rows, columns, call->zh);
	json_decref(rows);
	return BH_CLI_DONE;
}
