/*
 * Every row becomes a report, in order, each durable before the next.  A row without a text is
 * counted and named, a text that is too long is cut between characters, what a row says of time,
 * type or place and cannot be read is left out and counted; a row is never lost for it.  Recording
 * that fails stops the table, says which line, and keeps what was recorded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/handset/csv.h"
#include "tools/handset/handset.h"
#include "tools/handset/moment.h"

#define EMPTY_NAMED_MAX 100u /* lines of empty rows that are named */
#define LINES_BYTES 800

enum column { COLUMN_TIME, COLUMN_TEXT, COLUMN_TYPE, COLUMN_LATITUDE, COLUMN_LONGITUDE, COLUMNS };

static const char *const column_names[COLUMNS] = {"time", "text", "type", "latitude", "longitude"};

struct tally {
	uint64_t rows;
	uint64_t recorded;
	uint64_t empty;
	uint64_t cut;
	uint64_t bad_time;
	uint64_t bad_place;
	uint64_t bad_type;
	size_t empty_lines[EMPTY_NAMED_MAX];
	char first[BH_NUMBER_TEXT_SIZE];
	char last[BH_NUMBER_TEXT_SIZE];
};

struct table {
	struct bh_handset *handset;
	const char *path;
	const bh_report_input *defaults;
	struct bh_csv csv;
	size_t columns[COLUMNS]; /* where each stands; SIZE_MAX: nowhere */
	struct tally tally;
};

static int table_fault(const struct table *table, enum bh_csv_err err, size_t line)
{
	struct bh_fault fault = {.code = "table", .file = table->path, .line = line};
	enum bh_exit exit = err == BH_CSV_NO_MEMORY ? BH_EXIT_AGAIN : BH_EXIT_DATA;
	return bh_say_fault(table->handset->say, exit, &fault, "%s; %llu rows were recorded",
		bh_csv_err_sentence(err), (unsigned long long)table->tally.recorded);
}

/* The ASCII blanks around a field. */
static char *trim(char *text)
{
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int header_read(struct table *table)
{
	struct bh_csv *csv = &table->csv;
	bool more = false;
	enum bh_csv_err err = bh_csv_next(csv, &more);
	for (size_t c = 0; c < COLUMNS; c++)
		table->columns[c] = SIZE_MAX;
	if (err)
		return table_fault(table, err, csv->row_line);
	for (size_t i = 0; more && i < csv->count; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			if (table->columns[c] == SIZE_MAX &&
				strcasecmp(trim(csv->fields[i]), column_names[c]) == 0)
				table->columns[c] = i;
	if (table->columns[COLUMN_TEXT] != SIZE_MAX)
		return BH_EXIT_DONE;
	struct bh_fault fault = {.code = "table",
		.file = table->path,
		.line = 1,
		.hint = "the first line names the columns: any of "
			"time,text,type,latitude,longitude"};
	return bh_say_fault(table->handset->say, BH_EXIT_DATA, &fault,
		"no column is called text; nothing was recorded");
}

/* NULL when the row does not have it or it is empty. */
static char *cell(const struct table *table, enum column column)
{
	size_t at = table->columns[column];
	if (at >= table->csv.count)
		return NULL;
	char *text = trim(table->csv.fields[at]);
	return text[0] ? text : NULL;
}

static bool degrees_parse(const char *text, double max, double *out)
{
	char *end = NULL;
	double value = strtod(text, &end);
	if (end == text || *end != '\0' || !(value >= -max && value <= max))
		return false;
	*out = value;
	return true;
}

static void place_read(struct table *table, bh_report_input *input)
{
	const char *latitude = cell(table, COLUMN_LATITUDE);
	const char *longitude = cell(table, COLUMN_LONGITUDE);
	if (!latitude && !longitude)
		return;
	input->has_place = latitude && longitude &&
			   degrees_parse(latitude, 90, &input->latitude_deg) &&
			   degrees_parse(longitude, 180, &input->longitude_deg);
	table->tally.bad_place += !input->has_place;
}

static void type_read(struct table *table, bh_report_input *input)
{
	const char *text = cell(table, COLUMN_TYPE);
	char *end = NULL;
	if (!text)
		return;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	bool good = text[0] >= '0' && text[0] <= '9' && *end == '\0' && !errno &&
		    value <= UINT32_MAX;
	input->type = good ? (uint32_t)value : 0;
	table->tally.bad_type += !good;
}

static void text_cut(struct table *table, char *text)
{
	size_t len = strlen(text);
	if (len <= BH_REPORT_TEXT_BYTES_MAX)
		return;
	len = BH_REPORT_TEXT_BYTES_MAX;
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	text[len] = '\0';
	table->tally.cut++;
}

static int row_record(struct table *table)
{
	struct tally *tally = &table->tally;
	bh_error err = {0};
	bh_report_ref ref = BH_REPORT_REF_INIT;
	bh_report_input input = *table->defaults;
	char *text = cell(table, COLUMN_TEXT);
	const char *time = cell(table, COLUMN_TIME);
	tally->rows++;
	if (!text) {
		if (tally->empty < EMPTY_NAMED_MAX)
			tally->empty_lines[tally->empty] = table->csv.row_line;
		tally->empty++;
		return BH_EXIT_DONE;
	}
	text_cut(table, text);
	input.text = text;
	if (time && !bh_moment_parse(time, table->handset->say->offset_min, &input.captured_at))
		tally->bad_time++;
	type_read(table, &input);
	place_read(table, &input);
	if (bh_report_record(table->handset->client, &input, &ref, &err) != BH_OK) {
		bh_say_words(table->handset->say, "%s:%zu: this row was not recorded", table->path,
			table->csv.row_line);
		return bh_handset_fault(table->handset, &err);
	}
	if (tally->recorded++ == 0)
		memcpy(tally->first, ref.case_text, sizeof(tally->first));
	memcpy(tally->last, ref.case_text, sizeof(tally->last));
	return BH_EXIT_DONE;
}

static int rows_record(struct table *table)
{
	for (;;) {
		bool more = false;
		enum bh_csv_err err = bh_csv_next(&table->csv, &more);
		if (err)
			return table_fault(table, err, table->csv.row_line);
		if (!more)
			return BH_EXIT_DONE;
		int status = row_record(table);
		if (status)
			return status;
	}
}

/* ---- The summary ---- */

static size_t named_count(const struct tally *tally)
{
	return tally->empty < EMPTY_NAMED_MAX ? (size_t)tally->empty : EMPTY_NAMED_MAX;
}

static void summary_json(const struct table *table)
{
	const struct tally *tally = &table->tally;
	json_t *lines = json_array();
	for (size_t i = 0; i < named_count(tally); i++)
		(void)json_array_append_new(lines, json_integer((json_int_t)tally->empty_lines[i]));
	bh_say_json(json_pack("{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "rows",
		(json_int_t)tally->rows, "recorded", (json_int_t)tally->recorded, "empty",
		(json_int_t)tally->empty, "empty_lines", lines, "cut", (json_int_t)tally->cut,
		"bad_time", (json_int_t)tally->bad_time, "bad_place", (json_int_t)tally->bad_place,
		"bad_type", (json_int_t)tally->bad_type, "encoding", table->csv.encoding, "first",
		tally->first, "last", tally->last));
}

static void count_say(const struct table *table, uint64_t count, const char *what)
{
	if (count > 0)
		bh_say_words(table->handset->say, "%s: %llu %s", table->path,
			(unsigned long long)count, what);
}

static void summary_say(const struct table *table)
{
	const struct tally *tally = &table->tally;
	char lines[LINES_BYTES] = "";
	size_t len = 0;
	for (size_t i = 0; i < named_count(tally) && len + 24 < sizeof(lines); i++)
		len += (size_t)snprintf(lines + len, sizeof(lines) - len, "%s%zu", i ? ", " : "",
			tally->empty_lines[i]);
	bh_say_words(table->handset->say, "%s: %s", table->path, table->csv.encoding);
	if (tally->empty > 0)
		bh_say_words(table->handset->say,
			"%s: %llu rows have no text and were not recorded: line %s%s", table->path,
			(unsigned long long)tally->empty, lines,
			tally->empty > named_count(tally) ? " ..." : "");
	count_say(table, tally->cut, "texts were cut at 4000 bytes");
	count_say(table, tally->bad_time, "times cannot be read: recorded as of now");
	count_say(table, tally->bad_place, "places cannot be read: recorded without");
	count_say(table, tally->bad_type, "types are no code of a catalogue: recorded as unknown");
	(void)printf("%llu recorded\n", (unsigned long long)tally->recorded);
}

int bh_report_table(struct bh_handset *handset, const char *path, const bh_report_input *defaults)
{
	struct table table = {.handset = handset, .path = path, .defaults = defaults};
	size_t line = 0;
	enum bh_csv_err err = bh_csv_open(path, &table.csv, &line);
	if (err)
		return table_fault(&table, err, line);
	int status = header_read(&table);
	if (!status) {
		status = rows_record(&table);
		if (handset->say->json)
			summary_json(&table);
		else
			summary_say(&table);
	}
	bh_csv_close(&table.csv);
	return status;
}
