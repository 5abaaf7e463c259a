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

static void profile_submit(struct bh_exchange *x, const struct bh_profile_import *import)
{
	bool any = false;
	const struct bh_msg_profile *profile = &import->out;
	json_t *changes = bh_profile_changes(bh_rules_profile(x->rules), profile, &any);
	json_t *answer = changes_json(any, changes);
	if (!apply_asked(x)) { /* how it stands, not what was decided: a repeat could not tell it */
		answer = bh_member_set(answer, "moves", bh_moves_json(x, profile));
		answer = bh_member_set(answer, "unmanned", bh_unmanned_json(x, profile));
		answer = bh_member_set(answer, "no_desk", bh_no_desk_json(x, profile));
		answer = bh_member_set(answer, "no_field_worker", bh_no_field_json(x, profile));
		answer = bh_member_set(answer, "kept_for_ever", bh_kept_for_ever_json(profile));
		answer = bh_member_set(answer, "safeguards_off", bh_safeguards_off_json(profile));
	}
	if (import->gaps)
		answer = bh_member_set(answer, "gaps", json_incref(import->gaps));
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
	if (!err && rules && import->tells_gaps)
		import->gaps = bh_shift_gaps_json(rules, x->district->district_ms);
	bh_rules_unref(rules);
	if (!err && tables)
		bh_tables_tell(tables, import->faults);
	if (!err && import->faults->count == 0)
		err = bh_units_gone_check(x, import->before, &import->out, import->faults);
	if (!err && import->faults->count == 0 && import->area_now.ids)
		err = bh_areas_gone_check(x, import->before, &import->area_now, import->faults);
	if (!err && import->faults->count == 0)
		err = bh_types_gone_check(x, import->before, &import->out, import->faults);
	if (!err && import->faults->count == 0)
		err = bh_routes_drop(x, import->before, &import->out);
	if (err)
		bh_answer_err(x, err);
	else if (import->faults->count > 0)
		answer_faults(x, import->faults);
	else
		profile_submit(x, import);
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

/* BH_ERR_INVALID: what is wrong is all that can be told. */
typedef int (*part_read)(struct bh_exchange *x, struct bh_profile_import *import);

static void part_import(struct bh_exchange *x, const char *hint, part_read read)
{
	struct bh_import_faults faults = {0};
	if (!bh_part_import_begins(x, hint))
		return;
	const struct bh_msg_profile *before = bh_rules_profile(x->rules);
	struct bh_profile_import import = {
		.arena = &x->arena, .faults = &faults, .before = before, .out = *before};
	int err = read(x, &import);
	if (err == BH_ERR_INVALID)
		answer_faults(x, &faults);
	else if (err)
		bh_answer_err(x, err);
	else
		bh_profile_judge(x, &import, NULL);
	bh_profile_import_close(&import);
	bh_faults_free(&faults);
}

static int catalogue_read(struct bh_exchange *x, struct bh_profile_import *import)
{
	return bh_catalogue_read(&x->arena, x->body, &import->before->catalogue, import->faults,
		&import->out.catalogue);
}

void bh_route_catalogue_import(struct bh_exchange *x)
{
	part_import(x, "apply a profile first; it brings the shipped catalogue", catalogue_read);
}

static int calendar_read(struct bh_exchange *x, struct bh_profile_import *import)
{
	int err = bh_calendar_read(import, x->body, bh_rules_calendar(x->rules));
	return !err && import->faults->count > 0 ? BH_ERR_INVALID : err;
}

void bh_route_calendar_import(struct bh_exchange *x)
{
	part_import(x, "apply a profile first; it says which week is worked", calendar_read);
}

static int roster_read(struct bh_exchange *x, struct bh_profile_import *import)
{
	int err = bh_roster_read(import, x->rules, x->body);
	import->tells_gaps = true;
	return !err && import->faults->count > 0 ? BH_ERR_INVALID : err;
}

void bh_route_roster_import(struct bh_exchange *x)
{
	part_import(x, "apply a profile first; it says who there is", roster_read);
}
