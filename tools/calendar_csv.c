/* header row -> names; every other row -> one JSON object on the line where it begins.
 *
 *   date,kind,name               {"days": [
 *   2027-10-01,holiday,国庆节    {"date": "2027-10-01", "kind": "holiday", "name": "国庆节"},
 *   2027-10-09,work,             {"date": "2027-10-09", "kind": "work"}]}
 *
 * What a name or a cell means is not judged here: the server does, for every shape alike. */
#include "tools/calendar_csv.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define COLUMNS_MAX 32u

/* What becomes of a table. */
struct shape {
	const char *begin; /* the list */
	const char *column;
	const char *fault; /* without that column */
	const char *const (
		*words)[2]; /* heading or cell, what the server calls it; NULL at the end */
};

struct table {
	const struct shape *shape;
	const char *names[COLUMNS_MAX]; /* in the file's bytes */
	size_t count;
	struct bh_buf *out;
	size_t line; /* of what was written last */
	bool any;    /* a day was written */
};

/* Without the blanks around it. */
static char *cell_trim(char *text)
{
	char *end = text + strlen(text);
	while (*text == ' ' || *text == '\t')
		text++;
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text;
}

static int text_write(struct table *table, const char *text)
{
	return bh_buf_append(table->out, text, strlen(text));
}

/* A JSON text. */
static int quoted_write(struct table *table, const char *text)
{
	json_t *value = json_string(text);
	char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
	int err = quoted ? text_write(table, quoted) : BH_ERR_NOMEM;
	free(quoted);
	json_decref(value);
	return err;
}

static const char *word_of(const struct table *table, const char *said)
{
	for (size_t i = 0; table->shape->words && table->shape->words[i][0]; i++)
		if (strcmp(table->shape->words[i][0], said) == 0)
			return table->shape->words[i][1];
	return said;
}

static int cell_write(struct table *table, size_t column, const char *cell, bool first)
{
	const char *name = column < table->count ? table->names[column] : "a cell too many";
	int err = first ? BH_NOERR : text_write(table, ", ");
	if (!err)
		err = quoted_write(table, name);
	if (!err)
		err = text_write(table, ": ");
	return err ? err : quoted_write(table, word_of(table, cell));
}

static int row_write(struct table *table, struct bh_csv *csv)
{
	bool first = true;
	int err = table->any ? text_write(table, ",") : BH_NOERR;
	table->any = true;
	for (; !err && table->line < csv->row_line; table->line++)
		err = text_write(table, "\n");
	if (!err)
		err = text_write(table, "{");
	for (size_t i = 0; i < csv->count && !err; i++) {
		const char *cell = cell_trim(csv->fields[i]);
		if (*cell == '\0')
			continue;
		err = cell_write(table, i, cell, first);
		first = false;
	}
	return err ? err : text_write(table, "}");
}

static const char *header_read(struct table *table, const struct bh_csv *csv)
{
	bool named = false;
	if (csv->count > COLUMNS_MAX)
		return "the first row has more than 32 columns";
	for (size_t i = 0; i < csv->count; i++) {
		table->names[i] = word_of(table, cell_trim(csv->fields[i]));
		named = named || strcmp(table->names[i], table->shape->column) == 0;
	}
	table->count = csv->count;
	return named ? NULL : table->shape->fault;
}

/* The next row; false: there is none, or *what is wrong. */
static bool row_next(struct bh_csv *csv, const char **what)
{
	bool more = false;
	enum bh_csv_err err = bh_csv_next(csv, &more);
	if (err)
		*what = bh_csv_err_sentence(err);
	return !err && more;
}

static int table_json(const struct shape *shape, struct bh_csv *csv, struct bh_buf *out,
	const char **what, size_t *line)
{
	struct table table = {.shape = shape, .out = out, .line = 1};
	*what = NULL;
	if (row_next(csv, what))
		*what = header_read(&table, csv);
	else if (!*what)
		*what = "it is empty";
	int err = *what ? BH_NOERR : text_write(&table, shape->begin);
	while (!err && !*what && row_next(csv, what))
		err = row_write(&table, csv);
	*line = csv->row_line;
	if (!err && *what)
		return BH_ERR_INVALID;
	return err ? err : text_write(&table, "]}");
}

int bh_calendar_json(struct bh_csv *csv, struct bh_buf *out, const char **what, size_t *line)
{
	static const struct shape days = {
		"{\"days\": [", "date", "the first row names no column date: date,kind,name", NULL};
	return table_json(&days, csv, out, what, line);
}

int bh_roster_json(struct bh_csv *csv, struct bh_buf *out, const char **what, size_t *line)
{
	static const char *const words[][2] = {{"综治中心", "desk"}, {"值班岗", "desk"},
		{"单位", "desk"}, {"人员", "person"}, {"工号", "person"}, {"开始日期", "first"},
		{"结束日期", "last"}, {"日期类别", "days"}, {"星期", "weekdays"}, {"上班", "from"},
		{"下班", "to"}, {"时段", "period"}, {"备注", "note"}, {"每天", "any"},
		{"工作日", "work"}, {"休息日", "rest"}, {"重大活动期间", "heightened"},
		{NULL, NULL}};
	static const struct shape shifts = {"{\"shifts\": [", "desk",
		"the first row names no column desk: desk,person,first,last,days,from,to", words};
	return table_json(&shifts, csv, out, what, line);
}
