/* Tables: part of a profile, row by row.
 *
 *   profile in force ─▶ JSON ─┐
 *   {"areas": [...], ...} ────┴─ laid over, by code ─▶ a whole profile, read and judged as any
 *
 * A row changes the members it has and leaves the others; null empties one.  A row with "remove"
 * takes its element out; what is in no row stays.  The posts of a person who has rows are those
 * rows.  "if_new" holds what an element starts with where nobody says otherwise. */
#include "server/console/tables.h"

#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"

static const char *const names[BH_TABLES] = {"areas", "units", "people", "assets"};

/* One list on its way: places by code, and which rows have come. */
struct laying {
	struct bh_tables *tables;
	struct bh_import_at at;
	json_t *list;   /* of whole */
	json_t *places; /* code -> place in list */
	uint32_t *rows;
	bool *gone;
	bool no_memory;
};

static bool removes(const struct bh_import_at *at, const json_t *row)
{
	bool remove = false;
	(void)bh_field_bool(at, row, "remove", &remove);
	return remove;
}

/* The row without what is said about it; a new reference. */
static json_t *row_copy(const json_t *row)
{
	json_t *copy = json_copy((json_t *)row);
	(void)json_object_del(copy, "remove");
	(void)json_object_del(copy, "if_new");
	return copy;
}

static void row_add(struct laying *l, const json_t *row, const char *code)
{
	json_t *element = row_copy(row);
	json_t *standard = json_object_get(row, "if_new");
	size_t place = json_array_size(l->list);
	if (standard && !json_is_object(standard)) {
		bh_fault_say(&l->at, "if_new", "it is not an object");
		json_decref(element);
		return;
	}
	if (!element || (standard && json_object_update_missing(element, standard)) ||
		json_array_append_new(l->list, element) ||
		json_object_set_new(l->places, code, json_integer((json_int_t)place)))
		l->no_memory = true;
	else
		l->rows[place] = (uint32_t)l->at.index + 1;
}

static void row_lay(struct laying *l, const json_t *row)
{
	struct bh_span text = {NULL, 0};
	l->at.code = NULL;
	if (!json_is_object(row)) {
		bh_fault_say(&l->at, NULL, "it is not an object");
		return;
	}
	if (!bh_field_text(&l->at, row, "code", BH_NAME_BYTES_MAX, true, &text))
		return;
	const char *code = l->at.code = (const char *)text.data;
	const json_t *known = json_object_get(l->places, code);
	size_t place = (size_t)json_integer_value(known);
	bool remove = removes(&l->at, row);
	if (known && l->rows[place] != 0) {
		bh_fault_say(&l->at, "code", "its code stands in an earlier row, too");
	} else if (known) {
		json_t *copy = row_copy(row);
		l->rows[place] = (uint32_t)l->at.index + 1;
		l->gone[place] = remove;
		if (!copy || json_object_update(json_array_get(l->list, place), copy))
			l->no_memory = true;
		json_decref(copy);
	} else if (!remove) {
		row_add(l, row, code);
	}
}

static void gone_drop(struct laying *l)
{
	size_t kept = 0, count = json_array_size(l->list);
	for (size_t i = 0; i < count; i++) {
		l->rows[kept] = l->rows[i];
		if (l->gone[i])
			(void)json_array_remove(l->list, kept);
		else
			kept++;
	}
}

static bool places_enter(struct laying *l)
{
	l->places = json_object();
	for (size_t i = 0; l->places && i < json_array_size(l->list); i++) {
		const json_t *code = json_object_get(json_array_get(l->list, i), "code");
		if (json_object_set_new(
			    l->places, json_string_value(code), json_integer((json_int_t)i)))
			return false;
	}
	return l->places != NULL;
}

static int list_lay(
	struct bh_tables *tables, struct bh_arena *arena, enum bh_table table, const json_t *given)
{
	struct bh_import_at whole = {&tables->found, "", 0, NULL};
	struct laying l = {.tables = tables, .list = json_object_get(tables->whole, names[table])};
	const json_t *rows = bh_field_list(&whole, given, names[table], false);
	size_t room = json_array_size(l.list) + json_array_size(rows) + 1;
	l.rows = tables->rows[table] = bh_arena_array(arena, room, sizeof(*l.rows));
	l.gone = bh_arena_array(arena, room, sizeof(*l.gone));
	if (!l.rows || !l.gone || !places_enter(&l))
		l.no_memory = true;
	for (size_t i = 0; i < json_array_size(rows) && !l.no_memory; i++) {
		l.at = (struct bh_import_at){&tables->found, names[table], i, NULL};
		row_lay(&l, json_array_get(rows, i));
	}
	if (!l.no_memory)
		gone_drop(&l);
	json_decref(l.places);
	return l.no_memory ? BH_ERR_NOMEM : BH_NOERR;
}

/* ---- Posts ---- */

/* Of a person's first row the posts there were go. */
static bool posts_begin(json_t *person, json_t *numbers, const char *code)
{
	if (json_object_get(numbers, code))
		return true;
	return json_object_set_new(person, "posts", json_array()) == 0 &&
	       json_object_set_new(numbers, code, json_array()) == 0;
}

static bool post_add(json_t *person, json_t *numbers, const char *code, const json_t *row, size_t i)
{
	json_t *post = row_copy(row);
	(void)json_object_del(post, "person");
	return post && json_array_append_new(json_object_get(person, "posts"), post) == 0 &&
	       json_array_append_new(
		       json_object_get(numbers, code), json_integer((json_int_t)i + 1)) == 0;
}

static int post_lay(struct bh_tables *tables, const json_t *people, json_t *numbers,
	const json_t *row, size_t i)
{
	struct bh_import_at at = {&tables->found, "posts", i, NULL};
	struct bh_span text = {NULL, 0};
	if (!json_is_object(row)) {
		bh_fault_say(&at, NULL, "it is not an object");
		return BH_NOERR;
	}
	if (!bh_field_text(&at, row, "person", BH_NAME_BYTES_MAX, true, &text))
		return BH_NOERR;
	const char *code = at.code = (const char *)text.data;
	json_t *person = json_object_get(people, code);
	bool remove = removes(&at, row);
	if (!person) {
		if (!remove)
			bh_fault_say(&at, "person", "there is no person %s", code);
		return BH_NOERR;
	}
	if (!posts_begin(person, numbers, code) ||
		(!remove && !post_add(person, numbers, code, row, i)))
		return BH_ERR_NOMEM;
	return BH_NOERR;
}

static int numbers_spread(struct bh_tables *tables, struct bh_arena *arena, const json_t *numbers)
{
	const json_t *people = json_object_get(tables->whole, "people");
	size_t posts = 0, at = 0;
	for (size_t i = 0; i < json_array_size(people); i++)
		posts += json_array_size(json_object_get(json_array_get(people, i), "posts"));
	tables->post_rows = bh_arena_array(arena, posts + 1, sizeof(*tables->post_rows));
	if (!tables->post_rows)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < json_array_size(people); i++) {
		const json_t *person = json_array_get(people, i);
		const json_t *own = json_object_get(
			numbers, json_string_value(json_object_get(person, "code")));
		size_t count = json_array_size(json_object_get(person, "posts"));
		for (size_t k = 0; k < count; k++)
			tables->post_rows[at++] = (uint32_t)json_integer_value(
				json_array_get(own, k));
	}
	return BH_NOERR;
}

static int posts_lay(struct bh_tables *tables, struct bh_arena *arena, const json_t *given)
{
	struct bh_import_at whole = {&tables->found, "", 0, NULL};
	const json_t *rows = bh_field_list(&whole, given, "posts", false);
	json_t *list = json_object_get(tables->whole, "people");
	json_t *people = json_object(), *numbers = json_object();
	int err = people && numbers ? BH_NOERR : BH_ERR_NOMEM;
	for (size_t i = 0; i < json_array_size(list) && !err; i++) {
		json_t *person = json_array_get(list, i);
		if (json_object_set(
			    people, json_string_value(json_object_get(person, "code")), person))
			err = BH_ERR_NOMEM;
	}
	for (size_t i = 0; i < json_array_size(rows) && !err; i++)
		err = post_lay(tables, people, numbers, json_array_get(rows, i), i);
	if (!err)
		err = numbers_spread(tables, arena, numbers);
	json_decref(people);
	json_decref(numbers);
	return err;
}

/* ---- The whole ---- */

/* A district without a profile is called what its county is. */
static int name_choose(json_t *whole)
{
	const json_t *areas = json_object_get(whole, "areas");
	const char *name = json_string_value(json_object_get(whole, "name"));
	for (size_t i = 0; (!name || !*name) && i < json_array_size(areas); i++) {
		json_t *area = json_array_get(areas, i);
		const char *kind = json_string_value(json_object_get(area, "kind"));
		if (kind && strcmp(kind, "county") == 0)
			return json_object_set(whole, "name", json_object_get(area, "name"));
	}
	return 0;
}

int bh_tables_lay(struct bh_tables *tables, struct bh_arena *arena, const struct bh_rules *rules,
	const json_t *given)
{
	static const char *const lists[] = {"areas", "units", "people", "posts", "assets", NULL};
	struct bh_import_at whole = {&tables->found, "", 0, NULL};
	int err = BH_NOERR;
	tables->whole = bh_profile_json(rules);
	if (!tables->whole)
		return BH_ERR_NOMEM;
	/* What no table tells is kept as it is, and not by way of words. */
	(void)json_object_del(tables->whole, "routes");
	(void)json_object_del(tables->whole, "settings");
	(void)json_object_del(tables->whole, "duty_periods");
	(void)json_object_del(tables->whole, "shifts");
	bh_fields_check(&whole, given, lists);
	for (unsigned table = 0; table < BH_TABLES && !err; table++)
		err = list_lay(tables, arena, (enum bh_table)table, given);
	if (!err)
		err = posts_lay(tables, arena, given);
	if (!err && name_choose(tables->whole))
		err = BH_ERR_NOMEM;
	return err;
}

/* 0: none. */
static uint32_t row_of(const struct bh_tables *tables, const struct bh_import_fault *fault)
{
	for (unsigned t = 0; t < BH_TABLES; t++) {
		const json_t *list = json_object_get(tables->whole, names[t]);
		if (strcmp(fault->list, names[t]) == 0 && fault->index < json_array_size(list))
			return tables->rows[t][fault->index];
	}
	return 0;
}

void bh_tables_tell(const struct bh_tables *tables, struct bh_import_faults *faults)
{
	for (size_t i = 0; i < faults->kept_count; i++) {
		struct bh_import_fault *fault = &faults->kept[i];
		uint32_t row = row_of(tables, fault);
		if (fault->list[0] && strcmp(fault->list, "posts") != 0)
			fault->index = row ? row - 1 : BH_FAULT_NO_ROW;
	}
	for (size_t i = 0; i < tables->found.kept_count; i++) {
		const struct bh_import_fault *fault = &tables->found.kept[i];
		struct bh_import_at at = {faults, fault->list, fault->index, fault->code};
		bh_fault_say(&at, fault->field, "%s", fault->what);
	}
	faults->count += tables->found.count - tables->found.kept_count;
}

void bh_tables_close(struct bh_tables *tables)
{
	json_decref(tables->whole);
	bh_faults_free(&tables->found);
}
