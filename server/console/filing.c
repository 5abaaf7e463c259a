/* What a desk says when it files a report (4), refuses (5) or refers it (7), or closes a case (23).
 * What none of the catalogue's conditions is, and what lies in no grid, has a word of its own: what
 * was left out is no such word. */
#include "server/console/filing.h"

#include <string.h>

#include "server/console/profile.h"
#include "server/domain/ending.h"

#define WORD_NONE_FITS "none-of-them"
#define WORD_OUTSIDE "outside"

static bool is_word(const json_t *body, const char *name, const char *word)
{
	const char *text = json_string_value(json_object_get(body, name));
	return text && strcmp(text, word) == 0;
}

static void grid_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_command *command = &x->command;
	struct bh_span code = {NULL, 0};
	command->outside = is_word(x->body, "grid", WORD_OUTSIDE);
	if (command->outside ||
		!bh_field_text(at, x->body, "grid", BH_NAME_BYTES_MAX, false, &code) ||
		code.len == 0)
		return;
	const struct bh_msg_area *area = bh_area_by_code(
		x->rules, json_string_value(json_object_get(x->body, "grid")));
	if (area)
		command->area = area->id;
	else
		bh_fault_say(at, "grid", "it is neither a grid's code nor " WORD_OUTSIDE);
}

/* From 1 on; 0: none has this name. */
static uint32_t name_find(const char *(*name_of)(uint32_t), const char *name)
{
	for (uint32_t i = 1; name && name_of(i); i++)
		if (strcmp(name_of(i), name) == 0)
			return i;
	return 0;
}

static void name_read(const struct bh_import_at *at, const json_t *body, const char *field,
	const char *(*name_of)(uint32_t), uint32_t *out)
{
	const json_t *value = json_object_get(body, field);
	if (!value || json_is_null(value))
		return;
	*out = name_find(name_of, json_string_value(value));
	if (*out == 0)
		bh_fault_say(at, field, "there is no such word; `bihuan %s --help` lists them",
			strcmp(field, "ground") == 0 ? "refuse" : "refer");
}

void bh_filing_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_command *command = &x->command;
	command->none_fits = is_word(x->body, "condition", WORD_NONE_FITS);
	if (!command->none_fits)
		(void)bh_field_u32(at, x->body, "condition", 1, 1000, false, &command->condition);
	grid_read(x, at);
	name_read(at, x->body, "ground", bh_ground_name, &command->reason_code);
	name_read(at, x->body, "channel", bh_channel_name, &command->channel);
	(void)bh_field_text(
		at, x->body, "receipt", BH_RECEIPT_NUMBER_BYTES_MAX, false, &command->receipt);
	(void)bh_field_bool(at, x->body, "matter_ended", &command->matter_ended);
}

json_t *bh_filing_json(const struct bh_case *cased)
{
	return json_pack("{s:b, s:b, s:s?, s:s?, s:s?, s:s?, s:b}", "none_fits",
		cased->none_fits != 0, "outside", cased->outside != 0, "ground",
		bh_ground_name(cased->ground), "ground_zh",
		cased->ground ? bh_ground_words_zh(cased->ground) : NULL, "channel",
		bh_channel_name(cased->channel), "channel_zh",
		cased->channel ? bh_channel_words_zh(cased->channel) : NULL, "matter_ended",
		cased->matter_ended != 0);
}

json_t *bh_ending_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_ending ending = bh_ending_of(entry, &x->arena);
	char zh[BH_ENDING_WORDS_SIZE], en[BH_ENDING_WORDS_SIZE];
	if (ending.ground == BH_GROUND_NONE && ending.channel == BH_CHANNEL_NONE)
		return NULL;
	bh_ending_words(&ending, en);
	bh_ending_words_zh(&ending, zh);
	return json_pack("{s:s?, s:s?, s:o, s:s, s:s}", "ground", bh_ground_name(ending.ground),
		"channel", bh_channel_name(ending.channel), "receipt",
		ending.receipt.len ? bh_json_span(ending.receipt) : json_null(), "en", en, "zh",
		zh);
}

json_t *bh_ending_receipt_json(const json_t *history)
{
	const json_t *receipt = NULL, *entry;
	size_t i;
	json_array_foreach((json_t *)history, i, entry)
	{
		const json_t *one = json_object_get(json_object_get(entry, "ending"), "receipt");
		if (json_is_string(one))
			receipt = one;
	}
	return receipt ? json_incref((json_t *)receipt) : json_null();
}
