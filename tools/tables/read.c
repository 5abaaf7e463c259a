/* A file's heading says what its columns are; each row becomes one element of its list.  A cell
 * that says nothing empties its field, a column that is not there leaves it as it is.  Where a row
 * stands is kept, so that what is found wrong later can be told by file, line and column. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tables/table.h"

static const char *const list_names[BH_TABLE_LISTS] = {
	"areas", "units", "people", "posts", "assets"};

/* How a file's name begins; the first that fits counts. */
static const struct {
	const char *start;
	enum bh_table_list list;
} starts[] = {
	{"areas", BH_TABLE_LIST_AREAS},
	{"districts", BH_TABLE_LIST_AREAS},
	{"townships", BH_TABLE_LIST_AREAS},
	{"villages", BH_TABLE_LIST_AREAS},
	{"grids", BH_TABLE_LIST_AREAS},
	{"microgrids", BH_TABLE_LIST_AREAS},
	{"区", BH_TABLE_LIST_AREAS},
	{"县", BH_TABLE_LIST_AREAS},
	{"乡", BH_TABLE_LIST_AREAS},
	{"村", BH_TABLE_LIST_AREAS},
	{"社区", BH_TABLE_LIST_AREAS},
	{"网格员", BH_TABLE_LIST_PEOPLE},
	{"网格", BH_TABLE_LIST_AREAS},
	{"微网格", BH_TABLE_LIST_AREAS},
	{"units", BH_TABLE_LIST_UNITS},
	{"单位", BH_TABLE_LIST_UNITS},
	{"机构", BH_TABLE_LIST_UNITS},
	{"people", BH_TABLE_LIST_PEOPLE},
	{"人员", BH_TABLE_LIST_PEOPLE},
	{"posts", BH_TABLE_LIST_POSTS},
	{"岗位", BH_TABLE_LIST_POSTS},
	{"assets", BH_TABLE_LIST_ASSETS},
	{"部件", BH_TABLE_LIST_ASSETS},
};

const char *bh_table_list_name(enum bh_table_list list)
{
	return list < BH_TABLE_LISTS ? list_names[list] : "none";
}

enum bh_table_list bh_table_list_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(name, starts[i].start, strlen(starts[i].start)) == 0)
			return starts[i].list;
	return BH_TABLE_LIST_NONE;
}

bool bh_table_open(struct bh_table_set *set)
{
	*set = (struct bh_table_set){.body = json_object()};
	set->faults = calloc(BH_TABLE_FAULTS_MAX, sizeof(*set->faults));
	return set->body && set->faults;
}

void bh_table_close(struct bh_table_set *set)
{
	for (size_t i = 0; i < set->files_count; i++) {
		free(set->files[i].name);
		json_decref(set->files[i].heads);
		json_decref(set->files[i].texts);
	}
	for (size_t i = 0; i < BH_TABLE_LISTS; i++)
		free(set->places[i].at);
	free(set->faults);
	json_decref(set->body);
	*set = (struct bh_table_set){.body = NULL};
}

/* ---- Rows ---- */

/* One file that is being read. */
struct reading {
	struct bh_table_set *set;
	struct bh_table_file *file;
	struct bh_csv *csv;
	const struct bh_table_column *columns[BH_CSV_FIELDS_MAX]; /* NULL: passed over */
	size_t columns_count;
};

static struct bh_table_fault here(const struct reading *r, size_t column)
{
	return (struct bh_table_fault){.file = (size_t)(r->file - r->set->files),
		.line = r->csv->row_line,
		.column = column};
}

/* Spreadsheets leave blanks about; the ideographic one, too. */
static char *trimmed(char *text)
{
	static const char wide[] = "\xE3\x80\x80";
	for (;;) {
		if (*text == ' ' || *text == '\t' || *text == '\n')
			text++;
		else if (strncmp(text, wide, 3) == 0)
			text += 3;
		else
			break;
	}
	for (size_t len = strlen(text); len > 0; len = strlen(text)) {
		if (strchr(" \t\r\n", text[len - 1]))
			text[len - 1] = '\0';
		else if (len >= 3 && strcmp(text + len - 3, wide) == 0)
			text[len - 3] = '\0';
		else
			break;
	}
	return text;
}

/* What of a row's bytes is no character, by column. */
static bool damage_tell(struct reading *r)
{
	bool found = false;
	for (size_t i = 0; r->csv->damage && i < r->csv->count; i++) {
		struct bh_table_fault where = here(r, i + 1);
		if (!bh_csv_is_damaged(r->csv->fields[i]))
			continue;
		if (i < r->columns_count && r->columns[i])
			(void)snprintf(where.name, sizeof(where.name), "%s",
				json_string_value(
					json_object_get(r->file->texts, r->columns[i]->field)));
		bh_table_fault(r->set, &where, "%s", bh_csv_err_sentence(r->csv->damage));
		found = true;
	}
	return found;
}

static bool is_blank(const struct bh_csv *csv)
{
	for (size_t i = 0; i < csv->count; i++)
		if (*trimmed(csv->fields[i]))
			return false;
	return true;
}

static bool place_add(struct bh_table_set *set, enum bh_table_list list, size_t file, size_t line)
{
	struct bh_table_places *places = &set->places[list];
	if (places->count == places->room) {
		size_t room = places->room ? 2 * places->room : 256;
		void *more = realloc(places->at, room * sizeof(*places->at));
		if (!more)
			return false;
		places->at = more;
		places->room = room;
	}
	places->at[places->count++] = (struct bh_table_place){file, line, BH_TABLE_ROW_FINE};
	return true;
}

static void cell_take(struct reading *r, json_t *row, size_t i, bool *faulty)
{
	const struct bh_table_column *column = r->columns[i];
	const char *text = trimmed(r->csv->fields[i]), *what = NULL;
	/* 其他 is what the published lists call a village that is of no kind of theirs. */
	bool tells_itself = column->cell == BH_TABLE_AREA_KIND ||
			    strcmp(column->field, "parent") == 0;
	bool says_nothing = *text == '\0' || strcmp(text, "其他") == 0;
	if (says_nothing && (tells_itself || strcmp(column->field, "remove") == 0))
		return;
	json_t *value = bh_table_cell(column, text, &what);
	if (!value && what) {
		struct bh_table_fault where = here(r, i + 1);
		(void)snprintf(where.name, sizeof(where.name), "%s",
			json_string_value(json_object_get(r->file->texts, column->field)));
		bh_table_fault(r->set, &where, "%s", what);
		*faulty = true;
	} else if (!value || json_object_set_new(row, column->field, value)) {
		r->set->no_memory = true;
	}
}

static void row_take(struct reading *r, json_t *list)
{
	struct bh_table_set *set = r->set;
	json_t *row = json_object();
	bool faulty = damage_tell(r), whole = r->csv->count != r->columns_count;
	if (whole) {
		struct bh_table_fault where = here(r, 0);
		bh_table_fault(set, &where, "it has %zu fields, the heading has %zu", r->csv->count,
			r->columns_count);
	}
	for (size_t i = 0; row && i < r->csv->count && i < r->columns_count; i++)
		if (r->columns[i] && !bh_csv_is_damaged(r->csv->fields[i]))
			cell_take(r, row, i, &faulty);
	const char *code = json_string_value(json_object_get(row, "code"));
	if (row && r->file->list == BH_TABLE_LIST_AREAS &&
		json_object_set_new(row, "if_new", bh_table_code_tells(code)))
		set->no_memory = true;
	if (!row || json_array_append_new(list, row) ||
		!place_add(set, r->file->list, here(r, 0).file, r->csv->row_line)) {
		set->no_memory = true;
		return;
	}
	struct bh_table_places *places = &set->places[r->file->list];
	places->at[places->count - 1].fault = whole    ? BH_TABLE_ROW_WHOLE
					      : faulty ? BH_TABLE_ROW_CELLS
						       : BH_TABLE_ROW_FINE;
	r->file->rows++;
}

/* ---- The heading ---- */

static void heading_take(struct reading *r, size_t i)
{
	char *text = trimmed(r->csv->fields[i]);
	const struct bh_table_column *column = bh_table_column_of(r->file->list, text);
	struct bh_table_fault where = here(r, i + 1);
	(void)snprintf(where.name, sizeof(where.name), "%s", text);
	if (!column) {
		bh_table_fault(r->set, &where,
			"a table of %s has no such column; 备注 is passed over",
			list_names[r->file->list]);
		return;
	}
	if (column->cell == BH_TABLE_NOTE)
		return;
	if (json_object_get(r->file->heads, column->field)) {
		bh_table_fault(r->set, &where, "a second column of %s", column->field);
		return;
	}
	r->columns[i] = column;
	if (json_object_set_new(r->file->heads, column->field, json_integer((json_int_t)i + 1)) ||
		json_object_set_new(r->file->texts, column->field, json_string(text)))
		r->set->no_memory = true;
}

static bool headings_take(struct reading *r)
{
	const char *key = r->file->list == BH_TABLE_LIST_POSTS ? "person" : "code";
	struct bh_table_fault where = here(r, 0);
	size_t before = r->set->faults_count;
	r->columns_count = r->csv->count;
	for (size_t i = 0; i < r->csv->count; i++)
		heading_take(r, i);
	if (!json_object_get(r->file->heads, key) && before == r->set->faults_count) {
		(void)snprintf(where.name, sizeof(where.name), "%s", key);
		bh_table_fault(r->set, &where, "the column is missing");
	}
	return before == r->set->faults_count;
}

/* ---- The file ---- */

/* What speaks of a list's elements, by its bit: without them nobody knows what of it fits. */
static const unsigned speak_of[BH_TABLE_LISTS] = {
	[BH_TABLE_LIST_AREAS] = 1u << BH_TABLE_LIST_UNITS | 1u << BH_TABLE_LIST_POSTS |
				1u << BH_TABLE_LIST_PEOPLE | 1u << BH_TABLE_LIST_ASSETS,
	[BH_TABLE_LIST_UNITS] = 1u << BH_TABLE_LIST_POSTS | 1u << BH_TABLE_LIST_PEOPLE |
				1u << BH_TABLE_LIST_ASSETS,
	[BH_TABLE_LIST_PEOPLE] = 1u << BH_TABLE_LIST_POSTS,
	[BH_TABLE_LIST_POSTS] = 1u << BH_TABLE_LIST_PEOPLE,
};

void bh_table_unread(struct bh_table_set *set, enum bh_table_list list)
{
	if (list == BH_TABLE_LIST_NONE)
		set->unread = (1u << BH_TABLE_LISTS) - 1;
	else
		set->unread |= 1u << list | speak_of[list];
}

bool bh_table_drop_unread(struct bh_table_set *set)
{
	for (unsigned list = 0; list < BH_TABLE_LISTS; list++)
		if (set->unread >> list & 1)
			(void)json_object_del(set->body, list_names[list]);
	return json_object_size(set->body) > 0;
}

static void csv_fault(struct reading *r, enum bh_csv_err err, size_t line)
{
	struct bh_table_fault where = here(r, 0);
	where.line = line;
	bh_table_fault(r->set, &where, "%s", bh_csv_err_sentence(err));
	bh_table_unread(r->set, r->file->list);
}

static bool stops(enum bh_csv_err err)
{
	return err && err != BH_CSV_DAMAGED && err != BH_CSV_ENCODING;
}

static void rows_take(struct reading *r)
{
	const char *name = list_names[r->file->list];
	json_t *list = json_object_get(r->set->body, name);
	bool more = false, headed = false;
	enum bh_csv_err err;
	if (!list && json_object_set_new(r->set->body, name, list = json_array())) {
		r->set->no_memory = true;
		return;
	}
	while (!stops(err = bh_csv_next(r->csv, &more)) && more && !r->set->no_memory) {
		if (is_blank(r->csv))
			continue;
		if (!headed && err)
			break;
		err = BH_CSV_OK;
		if (!headed && !headings_take(r)) {
			bh_table_unread(r->set, r->file->list);
			return;
		}
		if (headed && json_array_size(list) == BH_TABLE_ROWS_MAX)
			err = BH_CSV_TOO_LARGE;
		if (err)
			break;
		if (headed)
			row_take(r, list);
		headed = true;
	}
	if (err)
		csv_fault(r, err, r->csv->row_line);
	else if (!headed)
		csv_fault(r, BH_CSV_EMPTY, 0);
}

static void file_read(struct bh_table_set *set, const char *path, const char *bytes, size_t len)
{
	struct bh_csv csv = {.row_line = 0};
	size_t line = 0;
	if (set->files_count == BH_TABLE_FILES_MAX) {
		set->too_many = true;
		return;
	}
	struct bh_table_file *file = &set->files[set->files_count++];
	struct reading r = {.set = set, .file = file, .csv = &csv};
	*file = (struct bh_table_file){.name = strdup(path),
		.list = bh_table_list_of(path),
		.heads = json_object(),
		.texts = json_object()};
	if (!file->name || !file->heads || !file->texts) {
		set->no_memory = true;
		return;
	}
	if (file->list == BH_TABLE_LIST_NONE) {
		struct bh_table_fault where = here(&r, 0);
		bh_table_unread(set, file->list);
		bh_table_fault(set, &where,
			"its name begins with none of areas, units, people, posts, assets "
			"(区域, 单位, 人员, 岗位, 部件)");
		return;
	}
	enum bh_csv_err err = bytes ? bh_csv_take_any(bytes, len, &csv, &line)
				    : bh_csv_open_any(path, &csv, &line);
	if (err) {
		csv_fault(&r, err, line);
		return;
	}
	file->encoding = csv.encoding;
	rows_take(&r);
	bh_csv_close(&csv);
}

void bh_table_read(struct bh_table_set *set, const char *path)
{
	file_read(set, path, NULL, 0);
}

void bh_table_take(struct bh_table_set *set, const char *path, const char *bytes, size_t len)
{
	file_read(set, path, bytes, len);
}
