/*
 * Every row becomes a report, in order, each durable before the next.  A row without a text, or
 * with one that is too long, is not recorded and is named; what a row says of time, type or place
 * and cannot be read is left out and named, and the row is not lost for it.  A check names the same
 * and records nothing.  Recording that fails stops the table, says which line, and keeps what was
 * recorded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/cli/csv.h"
#include "tools/handset/handset.h"
#include "tools/handset/moment.h"
#include "tools/handset/table_tally.h"

enum column { COLUMN_TIME, COLUMN_TEXT, COLUMN_TYPE, COLUMN_LATITUDE, COLUMN_LONGITUDE, COLUMNS };

static const char *const column_names[COLUMNS] = {"time", "text", "type", "latitude", "longitude"};

struct table {
	struct bh_handset *handset;
	const char *path;
	const bh_report_input *defaults;
	struct bh_csv csv;
	size_t columns[COLUMNS]; /* where each stands; SIZE_MAX: nowhere */
	struct bh_table_tally tally;
	bool check;
};

static int table_fault(const struct table *table, enum bh_csv_err err, size_t line)
{
	struct bh_fault fault = {.code = "table", .file = table->path, .line = line};
	enum bh_exit exit = err == BH_CSV_NO_MEMORY ? BH_EXIT_AGAIN : BH_EXIT_DATA;
	return bh_say_fault(table->handset->say, exit, &fault, "%s; %llu rows were recorded",
		bh_csv_err_sentence(err), (unsigned long long)table->tally.recorded);
}

static void fault_add(struct table *table, enum bh_table_fault kind)
{
	bh_table_fault_add(&table->tally, kind, table->csv.row_line);
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
	if (!input->has_place)
		fault_add(table, BH_TABLE_PLACE);
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
	if (!good)
		fault_add(table, BH_TABLE_TYPE);
}

static void time_read(struct table *table, bh_report_input *input)
{
	const char *text = cell(table, COLUMN_TIME);
	int64_t captured_at = 0;
	if (!text)
		return;
	if (!bh_moment_parse(text, table->handset->say->offset_min, &captured_at))
		fault_add(table, BH_TABLE_TIME);
	else if (bh_moment_is_ahead(captured_at))
		fault_add(table, BH_TABLE_AHEAD);
	else
		input->captured_at = captured_at;
}

/* False: it has none that can be recorded. */
static bool text_read(struct table *table, bh_report_input *input)
{
	input->text = cell(table, COLUMN_TEXT);
	if (!input->text)
		fault_add(table, BH_TABLE_EMPTY);
	else if (strlen(input->text) > BH_REPORT_TEXT_BYTES_MAX)
		fault_add(table, BH_TABLE_LONG);
	else
		return true;
	return false;
}

static int row_record(struct table *table)
{
	struct bh_table_tally *tally = &table->tally;
	bh_error err = {0};
	bh_report_ref ref = BH_REPORT_REF_INIT;
	bh_report_input input = *table->defaults;
	tally->rows++;
	bool has_text = text_read(table, &input);
	time_read(table, &input);
	type_read(table, &input);
	place_read(table, &input);
	if (!has_text || table->check)
		return BH_EXIT_DONE;
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

int bh_report_table(struct bh_handset *handset, const char *path, const bh_report_input *defaults)
{
	struct table table = {.handset = handset,
		.path = path,
		.defaults = defaults,
		.check = bh_words_flag(handset->words, "check")};
	size_t line = 0;
	enum bh_csv_err err = bh_csv_open(path, &table.csv, &line);
	if (err)
		return table_fault(&table, err, line);
	int status = header_read(&table);
	if (!status) {
		status = rows_record(&table);
		bh_table_say(handset->say, &table.tally, path, table.csv.encoding, table.check);
		if (!status && (bh_table_refused(&table.tally) ||
				       (table.check && bh_table_faults(&table.tally) > 0)))
			status = BH_EXIT_DATA;
	}
	bh_csv_close(&table.csv);
	return status;
}
