/* What a body says of a dispute: grade, mediation, agreement, dates, plan, consultation; in words
 * where people have words for it.  Numbers and lists may come as texts, as a terminal writes them.
 */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/dispute.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

#define AMOUNT_FEN_MAX INT64_C(1000000000000)

/* From 1 on; 0: none has this name. */
static uint32_t word_find(const char *(*name_of)(uint32_t), uint32_t count, const char *word)
{
	for (uint32_t i = 1; word && i <= count; i++)
		if (name_of(i) && strcmp(name_of(i), word) == 0)
			return i;
	return 0;
}

/* "it is one of plain, harder, complex" */
static void words_say(const struct bh_import_at *at, const char *field,
	const char *(*name_of)(uint32_t), uint32_t count)
{
	char words[160];
	size_t len = 0;
	for (uint32_t i = 1; i <= count && len < sizeof(words); i++)
		if (name_of(i))
			len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s",
				len > 0 ? ", " : "", name_of(i));
	bh_fault_say(at, field, "it is one of %s", words);
}

static void word_read(const struct bh_import_at *at, const json_t *body, const char *field,
	const char *(*name_of)(uint32_t), uint32_t count, uint32_t *out)
{
	const json_t *value = json_object_get(body, field);
	if (!value || json_is_null(value))
		return;
	*out = word_find(name_of, count, json_string_value(value));
	if (*out == 0)
		words_say(at, field, name_of, count);
}

/* What came of it: of each verb its own words. */
static void outcome_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const json_t *value = json_object_get(body, "outcome");
	const char *word = json_string_value(value);
	uint32_t found = 0;
	if (!value || json_is_null(value))
		return;
	for (uint32_t i = 1; word && i <= 3; i++) {
		const char *name = bh_dispute_outcome_name(command->verb, i);
		if (name && strcmp(name, word) == 0)
			found = i;
	}
	if (found == 0)
		bh_fault_say(at, "outcome", "this verb has no such outcome; its --help lists them");
	command->reason_code = found;
}

/* The next item of a list, or of a text with separators; NULL at the end. */
struct items {
	const json_t *list;
	const char *text;
	char separator;
	size_t at;
};

static struct items items_of(const json_t *value, char separator)
{
	return (struct items){.list = json_is_array(value) ? value : NULL,
		.text = json_string_value(value),
		.separator = separator};
}

static bool items_next(struct items *items, struct bh_span *out)
{
	if (items->list) {
		const json_t *one = json_array_get(items->list, items->at++);
		*out = bh_span(json_string_value(one), json_string_length(one));
		return one != NULL;
	}
	if (!items->text)
		return false;
	const char *end = strchr(items->text, items->separator);
	*out = bh_span(items->text, end ? (size_t)(end - items->text) : strlen(items->text));
	items->text = end ? end + 1 : NULL;
	return true;
}

static bool item_text(struct bh_span item, char *out, size_t size)
{
	if (item.len == 0 || item.len >= size)
		return false;
	memcpy(out, item.data, item.len);
	out[item.len] = '\0';
	return true;
}

static void dates_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_dispute_ask *ask = &x->command.dispute;
	struct items items = items_of(json_object_get(x->body, "dates"), ',');
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	struct bh_span item;
	char text[40];
	while (items_next(&items, &item)) {
		if (ask->dates == BH_PERFORMANCES_MAX) {
			bh_fault_say(at, "dates", "an agreement has eight dates at most");
			return;
		}
		if (!item_text(item, text, sizeof(text)) ||
			!bh_time_parse(text, offset_min, &ask->due_ms[ask->dates++]))
			bh_fault_say(at, "dates", "it is no list of dates, 2026-10-12, or times");
	}
}

static void measures_read(const struct bh_import_at *at, const json_t *body, uint32_t *out)
{
	struct items items = items_of(json_object_get(body, "measures"), ',');
	struct bh_span item;
	char text[40];
	while (items_next(&items, &item)) {
		bool known = false;
		for (uint32_t i = 0; item_text(item, text, sizeof(text)) && i < BH_MEASURES; i++) {
			if (strcmp(text, bh_measure_name(i)) != 0)
				continue;
			*out |= 1u << i;
			known = true;
		}
		if (!known)
			bh_fault_say(
				at, "measures", "measures are of six kinds; API.md lists them");
	}
}

/* parties, mediators, experts, officials: {"parties": 2, "mediators": 1} or "2,1,0,0". */
static void present_read(const struct bh_import_at *at, const json_t *body, uint32_t *out)
{
	const json_t *value = json_object_get(body, "present");
	struct items items = items_of(value, ',');
	uint32_t counts[BH_PRESENT_PARTS] = {0}, part = 0;
	struct bh_span item;
	if (!value || json_is_null(value))
		return;
	for (uint32_t i = 0; json_is_object(value) && i < BH_PRESENT_PARTS; i++)
		(void)bh_field_u32(at, value, bh_present_names[i], 0, 255, false, &counts[i]);
	while (items_next(&items, &item)) {
		uint32_t count = 0;
		for (size_t i = 0; i < item.len && count <= 255; i++)
			count = item.data[i] >= '0' && item.data[i] <= '9'
					? count * 10 + (item.data[i] - '0')
					: 256;
		if (part == BH_PRESENT_PARTS || item.len == 0 || count > 255) {
			bh_fault_say(at, "present", "it is four counts as in 2,1,0,0");
			return;
		}
		counts[part++] = count;
	}
	*out = BH_PRESENT(counts[0], counts[1], counts[2], counts[3]);
}

/* Lines, each a text of its own. */
static void decisions_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_dispute_ask *ask = &x->command.dispute;
	struct items items = items_of(json_object_get(x->body, "decisions"), '\n');
	struct bh_span *lines = bh_arena_array(&x->arena, BH_DECISIONS_MAX, sizeof(*lines));
	struct bh_span item;
	while (lines && items_next(&items, &item)) {
		if (item.len == 0 || item.len > BH_DECISION_BYTES_MAX ||
			ask->decisions_count == BH_DECISIONS_MAX) {
			bh_fault_say(at, "decisions", "it is up to eight lines of 600 bytes each");
			return;
		}
		lines[ask->decisions_count++] = item;
	}
	ask->decisions = lines;
}

static void people_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_span code = {NULL, 0};
	if (bh_field_text(at, x->body, "sponsor", BH_NAME_BYTES_MAX, false, &code) && code.len) {
		const struct bh_msg_person *person = bh_rules_person_by_code(x->rules, code);
		x->command.assignee = person ? person->id : 0;
		if (!person)
			bh_fault_say(at, "sponsor", "there is no person with this code");
	}
	code = bh_span(NULL, 0);
	if (bh_field_text(at, x->body, "force", BH_NAME_BYTES_MAX, false, &code) && code.len) {
		const struct bh_msg_unit *unit = bh_rules_unit_by_code(x->rules, code);
		x->command.unit = unit ? unit->id : 0;
		if (!unit)
			bh_fault_say(at, "force", "there is no unit with this code");
	}
}

static void major_read(const struct bh_import_at *at, const json_t *body, uint32_t *out)
{
	const json_t *value = json_object_get(body, "major");
	const char *word = json_string_value(value);
	if (!value || json_is_null(value))
		return;
	if (json_is_true(value) || (word && strcmp(word, "yes") == 0))
		*out = 1;
	else if (json_is_false(value) || (word && strcmp(word, "no") == 0))
		*out = 2;
	else
		bh_fault_say(at, "major", "it is neither yes nor no");
}

void bh_dispute_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_command *command = &x->command;
	struct bh_dispute_ask *ask = &command->dispute;
	const json_t *body = x->body;
	word_read(at, body, "grade", bh_grade_name, BH_GRADES, &ask->grade);
	major_read(at, body, &ask->major);
	word_read(at, body, "kind", bh_mediation_kind_name, BH_MEDIATION_KINDS, &ask->kind);
	word_read(at, body, "linkage", bh_linkage_name, BH_LINKAGES, &ask->linkage);
	outcome_read(at, body, command);
	present_read(at, body, &ask->present);
	measures_read(at, body, &ask->measures);
	(void)bh_field_u32(at, body, "mediation", 1, UINT32_MAX, false, &ask->mediation);
	(void)bh_field_u32(at, body, "date", 1, BH_PERFORMANCES_MAX, false, &ask->date);
	(void)bh_field_number(at, body, "amount_fen", 0, AMOUNT_FEN_MAX, false, &ask->amount_fen);
	(void)bh_field_text(at, body, "agreement", BH_NAME_BYTES_MAX, false, &ask->agreement);
	dates_read(x, at);
	decisions_read(x, at);
	people_read(x, at);
}
