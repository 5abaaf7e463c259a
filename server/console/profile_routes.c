/* Import: read, judge, compare, and only where nothing is wrong and something differs give the
 * writer one PROFILE command.  A dry run ends before that. */
#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/console/tables.h"

#define USED_PAGE 200u

void bh_route_profile(struct bh_exchange *x)
{
	bh_answer_json(x, 200, bh_profile_json(x->rules));
}

/* ---- What is wrong ---- */

#define FIELDS_OF_WHOLE_MAX 40u /* each costs a look over the whole file */

/* Where one list's elements stand; faults come list by list. */
struct places {
	const char *list;
	struct bh_json_place *places;
	size_t count;
	unsigned of_whole;
};

static const struct bh_json_place start = {1, 0};

static void places_find(struct bh_exchange *x, struct places *known, const char *list)
{
	const json_t *value = json_object_get(x->body, list);
	const json_t *inner = json_object_get(json_object_get(x->body, "settings"), list);
	size_t elements = json_is_array(value) ? json_array_size(value)
					       : json_array_size(inner) + 1;
	known->list = list;
	known->count = 0;
	known->places = bh_arena_array(&x->arena, elements + 1, sizeof(*known->places));
	if (!known->places)
		return;
	known->places[0] = json_is_array(value) ? start : bh_json_member(x->text, start, list);
	if (json_is_array(value))
		known->count = bh_json_places(x->text, list, known->places, elements);
	else if (json_array_size(inner) > 0)
		known->count = bh_json_elements(x->text, known->places[0], known->places, elements);
	else
		known->count = known->places[0].line > 0;
}

/* Of the faulty field where it stands there, else of the element that it is missing from. */
static size_t line_of(
	struct bh_exchange *x, struct places *known, const struct bh_import_fault *fault)
{
	struct bh_json_place field = {0, 0}, element = start;
	bool of_whole = !fault->list[0];
	if (!of_whole && (!known->list || strcmp(known->list, fault->list) != 0))
		places_find(x, known, fault->list);
	if (!of_whole)
		element = fault->index < known->count ? known->places[fault->index]
						      : (struct bh_json_place){0, 0};
	if (fault->field && element.line > 0 &&
		(!of_whole || known->of_whole++ < FIELDS_OF_WHOLE_MAX))
		field = bh_json_member(x->text, element, fault->field);
	return field.line ? field.line : element.line;
}

static json_t *fault_json(
	struct bh_exchange *x, struct places *known, const struct bh_import_fault *fault)
{
	size_t line = line_of(x, known, fault);
	json_t *index = fault->index == BH_FAULT_NO_ROW ? json_null()
							: json_integer((json_int_t)fault->index);
	return json_pack("{s:s, s:o, s:s, s:s?, s:o, s:s}", "list", fault->list, "index", index,
		"code", fault->code, "field", fault->field, "line",
		line ? json_integer((json_int_t)line) : json_null(), "message", fault->what);
}

static void answer_faults(struct bh_exchange *x, const struct bh_import_faults *faults)
{
	char message[120];
	struct places known = {.list = NULL};
	json_t *errors = json_array();
	for (size_t i = 0; i < faults->kept_count; i++)
		errors = bh_items_add(errors, fault_json(x, &known, &faults->kept[i]));
	(void)snprintf(message, sizeof(message), "%zu %s wrong; nothing was imported",
		faults->count, faults->count == 1 ? "thing is" : "things are");
	bh_answer_error_with(x, 422, "profile", message, "mend them and give the file again",
		errors ? json_pack("{s:o, s:I}", "errors", errors, "errors_count",
				 (json_int_t)faults->count)
		       : NULL);
}

/* ---- What is in use may not go: a case would be in nobody's hands ---- */

static bool unit_remains(const struct bh_msg_profile *profile, uint32_t id)
{
	for (size_t i = 0; i < profile->units_count; i++)
		if (profile->units[i].id == id)
			return true;
	return false;
}

static int units_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, struct bh_import_faults *faults)
{
	for (size_t i = 0; i < before->units_count; i++) {
		const struct bh_msg_unit *unit = &before->units[i];
		struct bh_case_query query = {.unit = unit->id};
		struct bh_case cased;
		size_t count = 0;
		if (unit_remains(after, unit->id))
			continue;
		int err = bh_reader_cases(x->district->reader, &query, &cased, 1, &count);
		if (err)
			return err;
		struct bh_import_at whole = {faults, "", 0, NULL};
		if (count > 0)
			bh_fault_say(&whole, "units",
				"%.*s is missing, but has cases: keep it, without posts and routes",
				(int)unit->code.len, (const char *)unit->code.data);
	}
	return BH_NOERR;
}

static const struct bh_msg_area *area_gone(
	const struct bh_msg_profile *before, const struct bh_code_book *now, uint32_t id)
{
	for (size_t i = 0; id && i < before->areas_count; i++)
		if (before->areas[i].id == id)
			return bh_code_book_find(now, before->areas[i].code) == 0
				       ? &before->areas[i]
				       : NULL;
	return NULL;
}

static bool any_area_gone(const struct bh_msg_profile *before, const struct bh_code_book *now)
{
	for (size_t i = 0; i < before->areas_count; i++)
		if (bh_code_book_find(now, before->areas[i].code) == 0)
			return true;
	return false;
}

/* Every case once, and only when an area is to go at all. */
static int areas_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_code_book *now, struct bh_import_faults *faults)
{
	struct bh_case_query query = {.states = 0};
	struct bh_case *cases = bh_arena_array(&x->arena, USED_PAGE, sizeof(*cases));
	size_t count = USED_PAGE;
	if (!cases)
		return BH_ERR_NOMEM;
	if (!any_area_gone(before, now))
		return BH_NOERR;
	while (count == USED_PAGE) {
		int err = bh_reader_cases(x->district->reader, &query, cases, USED_PAGE, &count);
		if (err)
			return err;
		for (size_t i = 0; i < count; i++) {
			const struct bh_msg_area *area = area_gone(before, now, cases[i].area);
			struct bh_import_at whole = {faults, "", 0, NULL};
			if (!area)
				continue;
			bh_fault_say(&whole, "areas", "%.*s is missing, but has cases: keep it",
				(int)area->code.len, (const char *)area->code.data);
			return BH_NOERR;
		}
		if (count > 0)
			query.after_number = cases[count - 1].number;
	}
	return BH_NOERR;
}

/* ---- In force ---- */

static json_t *changes_json(bool differs, json_t *changes)
{
	return changes ? json_pack("{s:b, s:b, s:o, s:b}", "applied", 0, "differs", differs,
				 "changes", changes, "repeat", 0)
		       : NULL;
}

/* Position 0: there was nothing to change, and only the key was kept. */
static void imported(struct bh_exchange *x)
{
	json_t *answer = x->kept;
	x->kept = NULL;
	answer = bh_member_set(answer, "repeat", json_boolean(x->outcome.repeat));
	if (x->outcome.position) {
		answer = bh_member_set(answer, "applied", json_true());
		answer = bh_member_set(
			answer, "position", json_integer((json_int_t)x->outcome.position));
	}
	bh_answer_json(x, 200, answer);
}

/* What its entry changed is told from that entry's profile and the one it replaced. */
static void imported_again(struct bh_exchange *x)
{
	struct bh_rules *before = NULL, *after = NULL;
	struct bh_store_reader *reader = x->district->reader;
	struct bh_entry entry;
	bool any = false;
	int err = bh_reader_entry(reader, x->key_position, &x->arena, &entry);
	if (!err)
		err = bh_reader_rules_at(reader, x->key_position, &after);
	if (!err)
		err = bh_reader_rules_at(
			reader, x->outcome.position ? entry.prev : x->key_position, &before);
	if (err) {
		bh_answer_err(x, err);
	} else {
		json_t *changes = bh_profile_changes(
			bh_rules_profile(before), bh_rules_profile(after), &any);
		x->kept = changes_json(any, changes);
		imported(x);
	}
	bh_rules_unref(before);
	bh_rules_unref(after);
}

static bool apply_asked(const struct bh_exchange *x)
{
	const char *apply = bh_target_parameter(&x->target, "apply");
	return apply && strcmp(apply, "1") == 0;
}

static void profile_submit(struct bh_exchange *x, const struct bh_msg_profile *profile)
{
	bool any = false;
	json_t *changes = bh_profile_changes(bh_rules_profile(x->rules), profile, &any);
	json_t *answer = changes_json(any, changes);
	if (!answer || !apply_asked(x) || (!any && !x->keyed)) {
		bh_answer_json(x, 200, answer);
		return;
	}
	x->command.holds = !any;
	int err = any ? bh_encode_profile(profile, &x->payload) : BH_NOERR;
	if (err) {
		json_decref(answer);
		bh_answer_err(x, err == BH_ERR_INVALID ? BH_ERR_LIMIT : err);
		return;
	}
	x->kept = answer;
	x->district->importing = true;
	bh_exchange_submit_operator(x, BH_VERB_PROFILE, imported);
}

void bh_profile_judge(
	struct bh_exchange *x, struct bh_profile_import *import, const struct bh_tables *tables)
{
	struct bh_rules *rules = NULL;
	int err = bh_profile_build(import, &rules);
	bh_rules_unref(rules);
	if (!err && tables)
		bh_tables_tell(tables, import->faults);
	if (!err && import->faults->count == 0)
		err = units_gone_check(x, import->before, &import->out, import->faults);
	if (!err && import->faults->count == 0 && import->area_now.ids)
		err = areas_gone_check(x, import->before, &import->area_now, import->faults);
	if (!err && import->faults->count == 0)
		err = bh_routes_drop(x, import->before, &import->out);
	if (err)
		bh_answer_err(x, err);
	else if (import->faults->count > 0)
		answer_faults(x, import->faults);
	else
		profile_submit(x, &import->out);
}

/* The catalogue in force, or the shipped one where there is none yet.  *keep holds what the spans
 * point to. */
static int catalogue_choose(struct bh_exchange *x, struct bh_import_faults *faults,
	struct bh_msg_catalogue *out, json_t **keep)
{
	struct bh_json_fault fault;
	const struct bh_msg_catalogue *now = &bh_rules_profile(x->rules)->catalogue;
	*out = *now;
	if (now->types_count > 0)
		return BH_NOERR;
	int err = bh_json_load(bh_catalogue_default(), keep, &fault);
	bh_assert(err == BH_NOERR || err == BH_ERR_NOMEM);
	return err ? err : bh_catalogue_read(&x->arena, *keep, now, faults, out);
}

/* A check changes nothing, and keeps no key. */
static bool import_told(struct bh_exchange *x)
{
	return apply_asked(x) && bh_key_told(x, imported_again);
}

/* New ids are given against the profile in force: two imports at once would give the same twice. */
static bool import_may_begin(struct bh_exchange *x)
{
	if (!x->body)
		bh_answer_error(x, 400, "json", "the body is empty", "send the file as JSON");
	else if (x->district->importing)
		bh_answer_error(x, 503, "busy", "another profile is just being put in force",
			"look at what it changed, then try again");
	return x->body && !x->district->importing;
}

/* What was given as rows becomes the whole that it makes of what is in force. */
static int tables_read(
	struct bh_exchange *x, struct bh_profile_import *import, struct bh_tables *tables)
{
	int err = bh_tables_lay(tables, &x->arena, x->rules, x->body);
	import->post_rows = tables->post_rows;
	if (!err)
		err = bh_profile_read(import, tables->whole);
	bh_routes_stay(import);
	import->out.settings = import->before->settings;
	return err;
}

static void import_run(struct bh_exchange *x, struct bh_tables *tables)
{
	struct bh_import_faults faults = {0};
	json_t *shipped = NULL;
	if (import_told(x) || !import_may_begin(x))
		return;
	struct bh_profile_import import = {.arena = &x->arena, .faults = &faults};
	import.before = bh_rules_profile(x->rules);
	int err = catalogue_choose(x, &faults, &import.out.catalogue, &shipped);
	if (!err)
		err = tables ? tables_read(x, &import, tables) : bh_profile_read(&import, x->body);
	if (err)
		bh_answer_err(x, err);
	else
		bh_profile_judge(x, &import, tables);
	bh_profile_import_close(&import);
	bh_faults_free(&faults);
	json_decref(shipped);
}

void bh_route_profile_import(struct bh_exchange *x)
{
	import_run(x, NULL);
}

void bh_route_tables_import(struct bh_exchange *x)
{
	struct bh_tables tables = {.whole = NULL};
	import_run(x, &tables);
	bh_tables_close(&tables);
}

/* The profile in force, of which one part is another. */
bool bh_part_import_begins(struct bh_exchange *x, const char *hint)
{
	if (import_told(x) || !import_may_begin(x))
		return false;
	if (bh_rules_profile(x->rules)->areas_count > 0)
		return true;
	bh_answer_error(x, 409, "no-profile", "the district has no profile yet", hint);
	return false;
}

void bh_route_catalogue_import(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	if (!bh_part_import_begins(x, "apply a profile first; it brings the shipped catalogue"))
		return;
	const struct bh_msg_profile *before = bh_rules_profile(x->rules);
	struct bh_profile_import import = {
		.arena = &x->arena, .faults = &faults, .before = before, .out = *before};
	int err = bh_catalogue_read(
		&x->arena, x->body, &before->catalogue, &faults, &import.out.catalogue);
	if (err)
		bh_answer_err(x, err);
	else
		bh_profile_judge(x, &import, NULL);
	bh_faults_free(&faults);
}

void bh_route_calendar_import(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	if (!bh_part_import_begins(x, "apply a profile first; it says which week is worked"))
		return;
	const struct bh_msg_profile *before = bh_rules_profile(x->rules);
	struct bh_profile_import import = {
		.arena = &x->arena, .faults = &faults, .before = before, .out = *before};
	int err = bh_calendar_read(&import, x->body, bh_rules_calendar(x->rules));
	if (err)
		bh_answer_err(x, err);
	else if (faults.count > 0)
		answer_faults(x, &faults);
	else
		bh_profile_judge(x, &import, NULL);
	bh_faults_free(&faults);
}
