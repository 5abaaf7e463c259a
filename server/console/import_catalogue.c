/* A catalogue in the form bihuan-catalogue/1: kinds of units, classes, types with their conditions.
 * What only explains (names in English, sources, notes) is passed over. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/self_dispose.h"
#include "server/console/profile.h"

extern const unsigned char bh_catalogue_json[];
extern const size_t bh_catalogue_json_bytes;

struct bh_span bh_catalogue_default(void)
{
	return bh_span(bh_catalogue_json, bh_catalogue_json_bytes);
}

static const struct {
	const char *name;
	uint32_t unit;
} limit_units[] = {
	{"urgent_minute", BH_LIMIT_URGENT_MINUTE},
	{"urgent_hour", BH_LIMIT_URGENT_HOUR},
	{"work_hour", BH_LIMIT_WORK_HOUR},
	{"work_day", BH_LIMIT_WORK_DAY},
	{"natural_day", BH_LIMIT_NATURAL_DAY},
	{"tier", BH_LIMIT_TIER},
};

const char *bh_limit_unit_name(uint32_t unit)
{
	for (size_t i = 0; i < sizeof(limit_units) / sizeof(limit_units[0]); i++)
		if (limit_units[i].unit == unit)
			return limit_units[i].name;
	return NULL;
}

static const char *const levels[] = {
	"public-safe", "sealed-fields", "consent-required", "restricted"};

const char *bh_privacy_level_name(uint32_t level)
{
	return level < sizeof(levels) / sizeof(levels[0]) ? levels[level] : NULL;
}

/* The place of a text in a list, or count. */
static size_t word_find(struct bh_span text, const char *const *words, size_t count)
{
	size_t i = 0;
	while (i < count && !bh_span_equal(text, bh_span(words[i], strlen(words[i]))))
		i++;
	return i;
}

void bh_limit_read(const struct bh_import_at *at, const json_t *object, const char *name,
	struct bh_msg_limit *out)
{
	const json_t *limit = json_object_get(object, name);
	const char *unit = json_string_value(json_object_get(limit, "unit"));
	if (!json_is_object(limit) || !unit) {
		bh_fault_say(at, name, "it is not {\"value\", \"unit\"}");
		return;
	}
	(void)bh_field_u32(at, limit, "value", 0, BH_LIMIT_VALUE_MAX, true, &out->value);
	for (size_t i = 0; i < sizeof(limit_units) / sizeof(limit_units[0]); i++)
		if (strcmp(unit, limit_units[i].name) == 0)
			out->unit = limit_units[i].unit;
	if (out->unit == 0)
		bh_fault_say(at, name, "there is no unit of limits %.30s", unit);
}

/* "10001-2": the second condition of 10001. */
static void condition_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_catalogue_condition *out)
{
	struct bh_span id = {NULL, 0};
	if (bh_field_text(at, object, "id", 24, true, &id)) {
		const char *dash = strrchr((const char *)id.data, '-');
		char *end = NULL;
		unsigned long number = dash ? strtoul(dash + 1, &end, 10) : 0;
		if (!dash || *end != '\0' || number == 0 || number > 1000)
			bh_fault_say(at, "conditions", "the id %.24s does not end in -1, -2 ...",
				(const char *)id.data);
		else
			out->id = (uint32_t)number;
	}
	(void)bh_field_text(at, object, "label_zh", BH_NAME_BYTES_MAX, false, &out->label);
	bh_limit_read(at, object, "limit", &out->limit);
}

static int conditions_read(struct bh_arena *arena, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_catalogue_type *type)
{
	const json_t *list = bh_field_list(at, object, "conditions", false);
	size_t count = json_array_size(list);
	struct bh_msg_catalogue_condition *conditions = bh_arena_array(
		arena, count + 1, sizeof(*conditions));
	if (!conditions)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		condition_read(at, json_array_get(list, i), &conditions[i]);
	type->conditions = conditions;
	type->conditions_count = count;
	return BH_NOERR;
}

static void type_words_read(const struct bh_import_at *at, const json_t *object,
	const struct bh_msg_catalogue *catalogue, struct bh_msg_catalogue_type *type)
{
	static const char *const urgencies[] = {"P1", "P2", "P3", "P4"};
	struct bh_span text = {NULL, 0};
	if (bh_field_text(at, object, "default_urgency", 8, true, &text)) {
		type->urgency = (uint32_t)word_find(text, urgencies, 4) + 1;
		if (type->urgency > 4)
			bh_fault_say(at, "default_urgency", "it is none of P1, P2, P3, P4");
	}
	text = bh_span(NULL, 0);
	if (bh_field_text(at, object, "default_unit_kind", BH_NAME_BYTES_MAX, false, &text) &&
		text.len > 0) {
		type->unit_kind = bh_unit_kind_id(catalogue, text);
		if (type->unit_kind == 0)
			bh_fault_say(at, "default_unit_kind", "there is no kind of unit %.60s",
				(const char *)text.data);
	}
	text = bh_span(levels[0], strlen(levels[0]));
	if (bh_field_text(at, object, "privacy", 24, false, &text)) {
		type->privacy = (uint32_t)word_find(text, levels, 4);
		if (type->privacy == 4)
			bh_fault_say(at, "privacy", "there is no such level");
	}
}

/* Radius 0 keeps reports of a type apart, wherever they are; without the pair the usual bound
 * holds. */
static void dedupe_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_catalogue_type *type)
{
	const json_t *dedupe = json_object_get(object, "dedupe");
	if (dedupe == NULL)
		return;
	if (!json_is_object(dedupe)) {
		bh_fault_say(at, "dedupe", "it is no object of radius_m and window_h");
		return;
	}
	(void)bh_field_u32(at, dedupe, "radius_m", 0, 5000, true, &type->dedupe_radius_m);
	(void)bh_field_u32(at, dedupe, "window_h", 1, 720, true, &type->dedupe_window_h);
}

/* Said of a type or not at all: then it is as the district says of its class. */
static void self_dispose_read(
	struct bh_import_at *at, const json_t *object, struct bh_msg_catalogue_type *type)
{
	bool disposes = false;
	if (json_object_get(object, "self_dispose") == NULL ||
		!bh_field_bool(at, object, "self_dispose", &disposes))
		return;
	type->self_dispose = disposes ? BH_SELF_YES : BH_SELF_NO;
}

/* Said of a type, else of its class; what is said of neither is 110 and 119. */
static int emergency_read(struct bh_arena *arena, const struct bh_import_at *at,
	const json_t *object, const json_t *class, struct bh_msg_catalogue_type *type)
{
	const json_t *list = json_object_get(object, "emergency");
	if (list == NULL)
		list = json_object_get(class, "emergency");
	if (list == NULL)
		return BH_NOERR;
	size_t count = json_array_size(list);
	uint32_t *numbers = bh_arena_array(arena, count + 1, sizeof(*numbers));
	if (!numbers)
		return BH_ERR_NOMEM;
	if (!json_is_array(list) || count > BH_EMERGENCY_MAX)
		bh_fault_say(at, "emergency", "it is no list of four numbers at most");
	for (size_t i = 0; i < count; i++) {
		json_int_t number = json_integer_value(json_array_get(list, i));
		if (number < 100 || number > 999999)
			bh_fault_say(at, "emergency", "a number has three to six digits");
		numbers[i] = (uint32_t)number;
	}
	type->emergency = numbers;
	type->emergency_count = count;
	return BH_NOERR;
}

/* NULL: there is none, and no class without a code. */
static const json_t *class_of(const json_t *classes, const json_t *object)
{
	const json_t *code = json_object_get(object, "class_code");
	for (size_t i = 0; i < json_array_size(classes); i++) {
		const json_t *one = json_array_get(classes, i);
		if (code && json_equal(json_object_get(one, "code"), code))
			return one;
	}
	return NULL;
}

static int type_read(struct bh_arena *arena, struct bh_import_at *at, const json_t *object,
	const struct bh_msg_catalogue *catalogue, struct bh_msg_catalogue_type *type)
{
	(void)bh_field_u32(at, object, "code", 1, UINT32_MAX, true, &type->code);
	at->code = json_string_value(json_object_get(object, "code"));
	(void)bh_field_text(at, object, "name_zh", BH_NAME_BYTES_MAX, true, &type->name);
	(void)bh_field_u32(at, object, "class_code", 1, UINT32_MAX, true, &type->class);
	(void)bh_field_u32(at, object, "min_photos", 0, 100, false, &type->photos_min);
	type_words_read(at, object, catalogue, type);
	dedupe_read(at, object, type);
	self_dispose_read(at, object, type);
	bh_limit_read(at, object, "default_limit", &type->limit);
	type->dispute = type->limit.unit == BH_LIMIT_TIER;
	return conditions_read(arena, at, object, type);
}

static int types_read(struct bh_arena *arena, const json_t *catalogue,
	struct bh_import_faults *faults, struct bh_msg_catalogue *out)
{
	struct bh_import_at whole = {faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, catalogue, "types", true);
	size_t count = json_array_size(list);
	struct bh_msg_catalogue_type *types = bh_arena_array(arena, count + 1, sizeof(*types));
	int err = types ? BH_NOERR : BH_ERR_NOMEM;
	for (size_t i = 0; i < count && !err; i++) {
		struct bh_import_at at = {faults, "types", i, NULL};
		const json_t *object = json_array_get(list, i);
		err = type_read(arena, &at, object, out, &types[i]);
		if (!err)
			err = emergency_read(arena, &at, object,
				class_of(json_object_get(catalogue, "classes"), object), &types[i]);
	}
	out->types = types;
	out->types_count = count;
	return err;
}

static int classes_read(struct bh_arena *arena, const json_t *catalogue,
	struct bh_import_faults *faults, struct bh_msg_catalogue *out)
{
	struct bh_import_at whole = {faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, catalogue, "classes", true);
	size_t count = json_array_size(list);
	struct bh_msg_catalogue_class *classes = bh_arena_array(arena, count + 1, sizeof(*classes));
	if (!classes)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct bh_import_at at = {faults, "classes", i, NULL};
		const json_t *one = json_array_get(list, i);
		(void)bh_field_u32(&at, one, "code", 1, UINT32_MAX, true, &classes[i].code);
		(void)bh_field_text(&at, one, "name_zh", BH_NAME_BYTES_MAX, true, &classes[i].name);
	}
	out->classes = classes;
	out->classes_count = count;
	return BH_NOERR;
}

static int kinds_fill(struct bh_code_book *book, const json_t *list,
	struct bh_import_faults *faults, struct bh_msg_unit_kind *kinds)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct bh_import_at at = {faults, "unit_kinds", i, NULL};
		const json_t *one = json_array_get(list, i);
		(void)bh_field_text(&at, one, "zh", BH_NAME_BYTES_MAX, true, &kinds[i].name);
		if (!bh_field_text(&at, one, "code", BH_NAME_BYTES_MAX, true, &kinds[i].code))
			continue;
		kinds[i].id = bh_code_book_id(book, kinds[i].code);
		if (kinds[i].id == 0)
			return BH_ERR_NOMEM;
	}
	return BH_NOERR;
}

static int kinds_read(struct bh_arena *arena, const json_t *catalogue,
	const struct bh_msg_catalogue *before, struct bh_import_faults *faults,
	struct bh_msg_catalogue *out)
{
	struct bh_import_at whole = {faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, catalogue, "unit_kinds", true);
	size_t count = json_array_size(list);
	struct bh_msg_unit_kind *kinds = bh_arena_array(arena, count + 1, sizeof(*kinds));
	struct bh_code_book book;
	int err = bh_code_book_open(&book);
	if (!err && !kinds)
		err = BH_ERR_NOMEM;
	for (size_t i = 0; i < before->unit_kinds_count && !err; i++)
		err = bh_code_book_keep(
			&book, before->unit_kinds[i].code, before->unit_kinds[i].id);
	if (!err)
		err = kinds_fill(&book, list, faults, kinds);
	bh_code_book_close(&book);
	out->unit_kinds = kinds;
	out->unit_kinds_count = count;
	return err;
}

int bh_catalogue_read(struct bh_arena *arena, const json_t *catalogue,
	const struct bh_msg_catalogue *before, struct bh_import_faults *faults,
	struct bh_msg_catalogue *out)
{
	struct bh_import_at whole = {faults, "", 0, NULL};
	struct bh_span schema = {NULL, 0};
	*out = (struct bh_msg_catalogue){.types_count = 0};
	if (bh_field_text(&whole, catalogue, "schema", 40, true, &schema) &&
		strcmp((const char *)schema.data, "bihuan-catalogue/1") != 0)
		bh_fault_say(&whole, "schema", "it is not bihuan-catalogue/1");
	(void)bh_field_text(&whole, catalogue, "date", 40, true, &out->version);
	int err = kinds_read(arena, catalogue, before, faults, out);
	if (!err)
		err = classes_read(arena, catalogue, faults, out);
	if (!err)
		err = types_read(arena, catalogue, faults, out);
	if (!err && faults->no_memory)
		err = BH_ERR_NOMEM;
	return err;
}
