/* Who may hold work that is not here.  It is about reports: each device's last word alone, no
 * history and no places. */
#include "proto/err.h"
#include "proto/sign.h"
#include "server/store/census.h"
#include "server/store/reader.h"

static void row_read(sqlite3_stmt *s, struct bh_census_row *out)
{
	*out = (struct bh_census_row){
		.device = bh_column_u32(s, 0),
		.person = bh_column_u32(s, 1),
		.state = (enum bh_device_state)bh_column(s, 2),
		.enrolled_ms = bh_column(s, 3),
		.since_ms = bh_column(s, 8),
		.said = bh_column(s, 4) != 0,
		.contact = {.device = bh_column_u32(s, 0),
			.at_ms = bh_column(s, 4),
			.unsent_ops = (uint64_t)bh_column(s, 5),
			.unsent_bytes = (uint64_t)bh_column(s, 6),
			.oldest_ms = bh_column(s, 7)},
	};
}

int bh_reader_census(struct bh_store_reader *reader, const struct bh_census_query *query,
	struct bh_census_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_CENSUS);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, query->after_since_ms);
	bh_bind(s, 2, query->after_device);
	bh_bind(s, 3, query->holding);
	bh_bind(s, 4, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		row_read(s, &rows[found++]);
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}

int bh_reader_census_totals(struct bh_store_reader *reader, struct bh_census_totals *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_CENSUS_TOTALS);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*out = (struct bh_census_totals){
		.devices = (uint64_t)bh_column(s, 0),
		.ops = (uint64_t)bh_column(s, 1),
		.bytes = (uint64_t)bh_column(s, 2),
		.oldest_ms = bh_column(s, 3),
	};
	bh_row_end(s);
	return BH_NOERR;
}

static int devices_count(struct bh_store_reader *reader, uint64_t *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_PINS_DEVICES);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*out = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_reader_pins(struct bh_store_reader *reader, const uint8_t backup_pin[BH_PIN_BYTES],
	struct bh_pins_census *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_PINS_LACKING);
	struct bh_pins_census found = {0};
	uint32_t mark = bh_pin_mark(backup_pin);
	bool row = false;
	int err = devices_count(reader, &found.devices);

	bh_bind(s, 1, BH_PINS_ROWS);
	bh_bind_span(s, 2, bh_span(&mark, sizeof(mark)));
	if (!err)
		err = bh_row_next(s, &row);
	while (!err && row) {
		if (found.first_count < BH_PINS_LACKING_MAX)
			found.first[found.first_count++] = bh_column_u32(s, 0);
		found.lacking++;
		err = bh_row_next(s, &row);
	}
	if (!err)
		*out = found;
	return err;
}
