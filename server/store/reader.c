/* A reader: a read-only connection of one thread.  Each call is its own short read transaction:
 * nothing is held between calls, so no checkpoint waits for a reader. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/project.h"
#include "server/store/reader.h"
#include "server/store/rules_load.h"

int bh_reader_open(const struct bh_store_options *options, struct bh_store_reader **out)
{
	struct bh_store_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return BH_ERR_NOMEM;
	reader->due_divisor = options->due_divisor;
	int err = bh_db_open(&reader->db, BH_DB_READER, options->path, options->vfs, NULL);
	if (!err)
		err = bh_hasher_open(&reader->hasher);
	if (err) {
		bh_reader_close(reader);
		return err;
	}
	*out = reader;
	return BH_NOERR;
}

void bh_reader_close(struct bh_store_reader *reader)
{
	if (!reader)
		return;
	bh_rules_unref(reader->rules);
	bh_hasher_close(reader->hasher);
	bh_db_close(&reader->db);
	free(reader);
}

int bh_reader_district(struct bh_store_reader *reader, struct bh_district *out)
{
	struct bh_district_row row;
	int err = bh_district_row_read(&reader->db, &row);

	if (err)
		return err;
	*out = (struct bh_district){.epoch = row.epoch, .profile_version = row.profiles};
	memcpy(out->code, row.code, sizeof(out->code));
	return BH_NOERR;
}

int bh_reader_rules(struct bh_store_reader *reader, struct bh_rules **out)
{
	struct bh_district_row row;
	struct bh_rules *rules = NULL;
	int err = bh_district_row_read(&reader->db, &row);

	if (err)
		return err;
	if (!reader->rules || row.profile_position != reader->rules_position) {
		err = bh_rules_load(&reader->db, reader->hasher, row.profile_position,
			reader->due_divisor, &rules);
		if (err)
			return err;
		bh_rules_unref(reader->rules);
		reader->rules = rules;
		reader->rules_position = row.profile_position;
	}
	*out = reader->rules;
	return BH_NOERR;
}

int bh_reader_head(struct bh_store_reader *reader, uint64_t *position, uint8_t hash[BH_HASH_BYTES])
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_HEAD);
	uint8_t read[BH_HASH_BYTES];
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	err = bh_column_exact(s, 1, read, BH_HASH_BYTES);
	if (!err) {
		*position = (uint64_t)bh_column(s, 0);
		memcpy(hash, read, BH_HASH_BYTES);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_hash_at(
	struct bh_store_reader *reader, uint64_t position, uint8_t hash[BH_HASH_BYTES])
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_HASH);
	bool row = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_column_exact(s, 0, hash, BH_HASH_BYTES);
	bh_row_end(s);
	return err;
}

/* ---- devices and logs ---- */

static int device_read(sqlite3_stmt *s, struct bh_device *out)
{
	struct bh_device device = {
		.id = bh_column_u32(s, 0),
		.person = bh_column_u32(s, 1),
		.state = (enum bh_device_state)bh_column(s, 2),
		.enrolled_ms = bh_column(s, 4),
		.logs = bh_column_u32(s, 5),
	};
	int err = bh_column_exact(s, 3, device.public_key, BH_PUBLIC_KEY_BYTES);

	if (!err)
		*out = device;
	return err;
}

int bh_reader_device(struct bh_store_reader *reader, uint32_t id, struct bh_device *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_DEVICE_GET);
	bool row = false;

	bh_bind(s, 1, id);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = device_read(s, out);
	bh_row_end(s);
	return err;
}

int bh_reader_devices(struct bh_store_reader *reader, uint32_t after, struct bh_device *devices,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_DEVICE_LIST);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, after);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = device_read(s, &devices[found++]);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}

int bh_reader_log(
	struct bh_store_reader *reader, const uint8_t log_id[BH_LOG_ID_BYTES], struct bh_log *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_LOG_BY_ID);
	bool row = false;

	bh_bind_span(s, 1, bh_span(log_id, BH_LOG_ID_BYTES));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	struct bh_log log = {
		.log_short = bh_column_u32(s, 0),
		.device = bh_column_u32(s, 1),
		.head_seq = (uint64_t)bh_column(s, 3),
		.successor = bh_column_u32(s, 5),
	};
	memcpy(log.log_id, log_id, BH_LOG_ID_BYTES);
	err = bh_column_exact(s, 4, log.head_link, BH_HASH_BYTES);
	bh_row_end(s);
	if (!err)
		*out = log;
	return err;
}

int bh_reader_link_at(struct bh_store_reader *reader, const struct bh_log *log, uint64_t seq,
	uint8_t link[BH_HASH_BYTES])
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OP_LINK);
	struct bh_district_row district;
	bool row = false;
	int err;

	if (seq == 0) {
		err = bh_district_row_read(&reader->db, &district);
		if (!err)
			bh_log_start(reader->hasher, district.code, log->log_id, link);
		return err;
	}
	if (seq > UINT32_MAX)
		return BH_ERR_NOT_FOUND;
	bh_bind(s, 1, (int64_t)bh_case_number(log->log_short, (uint32_t)seq));
	err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_column_exact(s, 0, link, BH_HASH_BYTES);
	bh_row_end(s);
	return err;
}

/* ---- verdicts and feeds ---- */

static int op_time(struct bh_store_reader *reader, uint32_t log_short, uint64_t seq, int64_t *at_ms)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OP_LINK);
	bool row = false;

	*at_ms = 0;
	if (seq == 0)
		return BH_NOERR;
	bh_bind(s, 1, (int64_t)bh_case_number(log_short, (uint32_t)seq));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	*at_ms = bh_column(s, 1);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_reader_verdicts(struct bh_store_reader *reader, uint32_t log_short, uint64_t after,
	uint64_t upto, struct bh_verdict_row *rows, size_t max, size_t *count, int64_t *received_ms)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OP_ODD);
	size_t found = 0;
	int64_t at_ms;
	bool row = false;

	if (upto > UINT32_MAX || after > upto)
		return BH_ERR_NOT_FOUND;
	int err = op_time(reader, log_short, upto, &at_ms);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)bh_case_number(log_short, (uint32_t)after));
	bh_bind(s, 2, (int64_t)bh_case_number(log_short, (uint32_t)upto));
	err = bh_row_next(s, &row);
	while (!err && row && found < max) {
		struct bh_entry_brief brief;
		err = bh_entry_answer(&reader->db, (uint64_t)bh_column(s, 1), &brief);
		if (err)
			break;
		rows[found++] = (struct bh_verdict_row){
			.seq = (uint64_t)bh_column(s, 0) & UINT32_MAX,
			.verdict = brief.verdict,
			.reason = brief.reason,
			.state = brief.to_state,
			.case_number = brief.case_number,
		};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (err)
		return err;
	*count = found;
	*received_ms = at_ms;
	return BH_NOERR;
}

int bh_reader_feed(struct bh_store_reader *reader, uint64_t scope, uint64_t after,
	struct bh_feed_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_SCOPE_FEED);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)scope);
	bh_bind(s, 2, (int64_t)after);
	bh_bind(s, 3, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		rows[found++] = (struct bh_feed_row){
			.position = (uint64_t)bh_column(s, 0),
			.case_number = (uint64_t)bh_column(s, 1),
			.left = bh_column(s, 2) != 0,
		};
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}
