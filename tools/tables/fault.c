/* What is wrong with tables: found here or by the server, told by file, line and column. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tables/table.h"

/* What a full buffer cut in the middle of a character loses the rest of it. */
static void cut_mend(char *text, size_t size)
{
	size_t len = strlen(text), at = len;
	if (len + 1 < size)
		return;
	while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	unsigned char first = at > 0 ? (unsigned char)text[at - 1] : 0;
	size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
	if (at > 0 && len - (at - 1) < wanted)
		text[at - 1] = '\0';
}

void bh_table_fault(
	struct bh_table_set *set, const struct bh_table_fault *where, const char *format, ...)
{
	va_list arguments;
	if (set->faults_count++ >= BH_TABLE_FAULTS_MAX)
		return;
	struct bh_table_fault *fault = &set->faults[set->faults_count - 1];
	*fault = *where;
	va_start(arguments, format);
	(void)vsnprintf(fault->what, sizeof(fault->what), format, arguments);
	va_end(arguments);
	cut_mend(fault->name, sizeof(fault->name));
	cut_mend(fault->what, sizeof(fault->what));
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static enum bh_table_list list_named(const char *name)
{
	unsigned list = 0;
	while (list < BH_TABLE_LISTS &&
		strcmp(bh_table_list_name((enum bh_table_list)list), name) != 0)
		list++;
	return (enum bh_table_list)list;
}

/* In no row: what is in force and no longer fits, or the whole. */
static void error_elsewhere(struct bh_table_set *set, const json_t *error)
{
	struct bh_table_fault where = {.file = BH_TABLE_FILES_MAX};
	(void)snprintf(where.name, sizeof(where.name), "%.12s %s", text_of(error, "list"),
		text_of(error, "code"));
	bh_table_fault(set, &where, "%s%s%s", text_of(error, "field"),
		*text_of(error, "field") ? ": " : "", text_of(error, "message"));
}

/* Of a cell that was left out: it was told why. */
static bool is_told(const struct bh_table_set *set, const struct bh_table_fault *where)
{
	for (size_t i = 0; i < set->faults_count && i < BH_TABLE_FAULTS_MAX; i++)
		if (set->faults[i].file == where->file && set->faults[i].line == where->line &&
			set->faults[i].column == where->column)
			return true;
	return false;
}

static void error_take(struct bh_table_set *set, const json_t *error)
{
	enum bh_table_list list = list_named(text_of(error, "list"));
	const json_t *index = json_object_get(error, "index");
	const char *field = text_of(error, "field");
	size_t at = (size_t)json_integer_value(index);
	if (list == BH_TABLE_LISTS || !json_is_integer(index) || at >= set->places[list].count) {
		if (set->unread == 0) /* it may be of what was not read */
			error_elsewhere(set, error);
		return;
	}
	const struct bh_table_place *place = &set->places[list].at[at];
	const struct bh_table_file *file = &set->files[place->file];
	struct bh_table_fault where = {.file = place->file, .line = place->line};
	where.column = (size_t)json_integer_value(json_object_get(file->heads, field));
	(void)snprintf(where.name, sizeof(where.name), "%s",
		where.column ? text_of(file->texts, field) : field);
	bool follows = place->fault == BH_TABLE_ROW_WHOLE ||
		       (place->fault == BH_TABLE_ROW_CELLS && (!*field || is_told(set, &where)));
	if (!follows)
		bh_table_fault(set, &where, "%s", text_of(error, "message"));
}

void bh_table_take_errors(struct bh_table_set *set, const json_t *errors)
{
	for (size_t i = 0; i < json_array_size(errors); i++)
		error_take(set, json_array_get(errors, i));
}

static int fault_compare(const void *left, const void *right)
{
	const struct bh_table_fault *a = left, *b = right;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

json_t *bh_table_faults_json(struct bh_table_set *set)
{
	size_t kept = set->faults_count < BH_TABLE_FAULTS_MAX ? set->faults_count
							      : BH_TABLE_FAULTS_MAX;
	json_t *list = json_array();
	qsort(set->faults, kept, sizeof(*set->faults), fault_compare);
	for (size_t i = 0; list && i < kept; i++) {
		const struct bh_table_fault *fault = &set->faults[i];
		const char *file = fault->file < set->files_count ? set->files[fault->file].name
								  : NULL;
		json_t *one = json_pack("{s:s?, s:I, s:I, s:s, s:s}", "file", file, "line",
			(json_int_t)fault->line, "column", (json_int_t)fault->column, "name",
			fault->name, "message", fault->what);
		if (json_array_append_new(list, one)) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}
