/* Arbitrary bytes as a table of holidays: what becomes a list is JSON that the server reads, one
 * day a row, and every day stands on the line where its row begins. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/json_text.h"
#include "tests/fuzz/fuzz.h"
#include "tools/calendar_csv.h"

#define LIST_BYTES_MAX (1u << 22)
#define ROWS_MAX 1000u

static bool table_open(const uint8_t *data, size_t len, struct bh_csv *csv)
{
	size_t line;
	char *bytes = malloc(len + 1);
	bh_assert(bytes != NULL);
	if (len > 0)
		memcpy(bytes, data, len);
	bytes[len] = '\0';
	return bh_csv_of(bytes, len, csv, &line) == BH_CSV_OK;
}

/* The lines of the rows behind the first, read again. */
static size_t rows_read(const uint8_t *data, size_t len, size_t lines[ROWS_MAX])
{
	struct bh_csv csv;
	size_t count = 0;
	bool more = true;
	bh_assert(table_open(data, len, &csv));
	bh_assert(bh_csv_next(&csv, &more) == BH_CSV_OK && more);
	while (bh_csv_next(&csv, &more) == BH_CSV_OK && more && count < ROWS_MAX)
		lines[count++] = csv.row_line;
	bh_csv_close(&csv);
	return count;
}

static void check_lines(const uint8_t *data, size_t len, struct bh_span list)
{
	static size_t lines[ROWS_MAX];
	static struct bh_json_place places[ROWS_MAX];
	struct bh_json_fault fault;
	json_t *json = NULL;
	size_t count = rows_read(data, len, lines);
	bh_assert(bh_json_places(list, "days", places, ROWS_MAX) == count);
	for (size_t i = 0; i < count; i++)
		bh_assert(places[i].line == lines[i]);
	/* A column named twice is one member too many, and a cell may be too long. */
	int err = bh_json_load(list, &json, &fault);
	bh_assert(err == BH_NOERR || err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT);
	json_decref(json);
}

/* The same bytes as a roster: JSON whatever they are, or a fault with its words. */
static void roster_try(const uint8_t *data, size_t len)
{
	struct bh_csv csv;
	struct bh_buf list = BH_BUF(LIST_BYTES_MAX);
	struct bh_json_fault fault;
	const char *what = NULL;
	json_t *json = NULL;
	size_t line;
	if (!table_open(data, len, &csv))
		return;
	int err = bh_roster_json(&csv, &list, &what, &line);
	bh_csv_close(&csv);
	bh_assert(err == BH_NOERR || err == BH_ERR_LIMIT || (err == BH_ERR_INVALID && what));
	if (err == BH_NOERR)
		err = bh_json_load(bh_buf_span(&list), &json, &fault);
	bh_assert(err == BH_NOERR || err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT ||
		  err == BH_ERR_INVALID);
	json_decref(json);
	bh_buf_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_csv csv;
	struct bh_buf list = BH_BUF(LIST_BYTES_MAX);
	const char *what = NULL;
	size_t line;
	roster_try(data, len);
	if (!table_open(data, len, &csv))
		return 0;
	int err = bh_calendar_json(&csv, &list, &what, &line);
	bh_csv_close(&csv);
	bh_assert(err == BH_NOERR || err == BH_ERR_LIMIT || (err == BH_ERR_INVALID && what));
	if (err == BH_NOERR)
		check_lines(data, len, bh_buf_span(&list));
	bh_buf_free(&list);
	return 0;
}
