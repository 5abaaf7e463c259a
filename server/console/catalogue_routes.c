/* The catalogue in force, for who files and dispatches: its types one by one, each with the filing
 * conditions that it has and the limit under each. */
#include <stdio.h>
#include <string.h>

#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "proto/self_dispose.h"

static json_t *limit_json(const struct bh_msg_limit *limit)
{
	return json_pack(
		"{s:i, s:s?}", "value", (int)limit->value, "unit", bh_limit_unit_name(limit->unit));
}

static json_t *conditions_json(const struct bh_msg_catalogue_type *type)
{
	json_t *list = json_array();
	for (size_t i = 0; i < type->conditions_count; i++)
		list = bh_items_add(
			list, json_pack("{s:i, s:o, s:o}", "condition", (int)type->conditions[i].id,
				      "label", bh_json_span(type->conditions[i].label), "limit",
				      limit_json(&type->conditions[i].limit)));
	return list;
}

static json_t *class_name(const struct bh_msg_catalogue *catalogue, uint32_t code)
{
	for (size_t i = 0; i < catalogue->classes_count; i++)
		if (catalogue->classes[i].code == code)
			return bh_json_span(catalogue->classes[i].name);
	return json_null();
}

/* On the spot: true or false where the type says so, else null: its class in the settings does. */
static json_t *self_dispose_json(const struct bh_msg_catalogue_type *type)
{
	if (type->self_dispose == BH_SELF_YES || type->self_dispose == BH_SELF_NO)
		return json_boolean(type->self_dispose == BH_SELF_YES);
	return json_null();
}

static json_t *type_json(const struct bh_exchange *x, const struct bh_msg_catalogue_type *type)
{
	const struct bh_msg_catalogue *catalogue = &bh_rules_profile(x->rules)->catalogue;
	char urgency[] = "P0";
	urgency[1] = (char)('0' + (type->urgency <= 4 ? type->urgency : 0));
	return json_pack("{s:I, s:o, s:I, s:o, s:s, s:o, s:o, s:s?, s:I, s:b, s:o, s:o}", "type",
		(json_int_t)type->code, "name", bh_json_span(type->name), "class",
		(json_int_t)type->class, "class_name", class_name(catalogue, type->class),
		"urgency", urgency, "unit_kind", bh_unit_kind_code(x->rules, type->unit_kind),
		"limit", limit_json(&type->limit), "privacy", bh_privacy_level_name(type->privacy),
		"min_photos", (json_int_t)type->photos_min, "dispute", type->dispute,
		"self_dispose", self_dispose_json(type), "conditions", conditions_json(type));
}

static bool is_asked(const struct bh_msg_catalogue_type *type, const char *code)
{
	char text[12];
	(void)snprintf(text, sizeof(text), "%u", (unsigned)type->code);
	return !code || strcmp(text, code) == 0;
}

void bh_route_catalogue(struct bh_exchange *x)
{
	const struct bh_msg_catalogue *catalogue = &bh_rules_profile(x->rules)->catalogue;
	const char *code = bh_target_parameter(&x->target, "type");
	json_t *items = json_array();
	for (size_t i = 0; i < catalogue->types_count; i++)
		if (is_asked(&catalogue->types[i], code))
			items = bh_items_add(items, type_json(x, &catalogue->types[i]));
	if (code && json_array_size(items) == 0) {
		json_decref(items);
		bh_answer_error(x, 400, "parameter", "type: the catalogue has no such type",
			"`bihuan catalogue show` lists them");
		return;
	}
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}
