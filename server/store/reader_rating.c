/* Ratings as a reader sees them. */
#include "proto/err.h"
#include "server/store/rating_row.h"
#include "server/store/reader.h"

static int token_row(sqlite3_stmt *s, struct bh_rating_tokens *out)
{
	struct bh_rating_token *token = bh_column_u32(s, 0) ? &out->own : &out->desk;

	token->position = (uint64_t)bh_column(s, 2);
	token->invites = bh_column_u32(s, 3);
	return bh_column_exact(s, 1, token->hash, BH_HASH_BYTES);
}

int bh_token_rows(struct bh_db *db, uint64_t number, struct bh_rating_tokens *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TOKEN_GET);
	bool row = false;

	*out = (struct bh_rating_tokens){.desk = {.invites = 0}};
	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = token_row(s, out);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

bool bh_rating_tokens_fit(const struct bh_rating_tokens *tokens, const uint8_t hash[BH_HASH_BYTES])
{
	bool desk = bh_secret_equal(hash, tokens->desk.hash, BH_HASH_BYTES);
	bool own = bh_secret_equal(hash, tokens->own.hash, BH_HASH_BYTES);

	desk &= tokens->desk.position != 0;
	own &= tokens->own.position != 0;
	return desk || own;
}

bool bh_rating_token_is_desks(
	const struct bh_rating_tokens *tokens, const uint8_t hash[BH_HASH_BYTES])
{
	return tokens->desk.position != 0 &&
	       bh_secret_equal(hash, tokens->desk.hash, BH_HASH_BYTES);
}

int bh_rating_rows(
	struct bh_db *db, uint64_t number, struct bh_rating_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_RATING_OF_CASE);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	for (*count = 0; !err && row && *count < max; err = bh_row_next(s, &row))
		rows[(*count)++] = (struct bh_rating_row){
			.number = (uint64_t)bh_column(s, 0),
			.cycle = bh_column_u32(s, 1),
			.unit = bh_column_u32(s, 2),
			.closed_ms = bh_column(s, 3),
			.rating = bh_column_u32(s, 4),
			.position = (uint64_t)bh_column(s, 5),
		};
	bh_row_end(s);
	return err;
}

int bh_reader_tokens(struct bh_store_reader *reader, uint64_t number, struct bh_rating_tokens *out)
{
	return bh_token_rows(&reader->db, number, out);
}

int bh_reader_ratings(struct bh_store_reader *reader, uint64_t number, struct bh_rating_row *rows,
	size_t max, size_t *count)
{
	return bh_rating_rows(&reader->db, number, rows, max, count);
}

int bh_reader_rating_counts(struct bh_store_reader *reader, int64_t from_ms, int64_t before_ms,
	struct bh_rating_count *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_RATING_COUNT);
	bool row = false;

	bh_bind(s, 1, from_ms);
	bh_bind(s, 2, before_ms);
	bh_bind(s, 3, (int64_t)max);
	int err = bh_row_next(s, &row);
	for (*count = 0; !err && row && *count < max; err = bh_row_next(s, &row))
		rows[(*count)++] = (struct bh_rating_count){
			.unit = bh_column_u32(s, 0),
			.closed = bh_column_u32(s, 1),
			.rated = bh_column_u32(s, 2),
			.satisfied = bh_column_u32(s, 3),
			.fair = bh_column_u32(s, 4),
			.dissatisfied = bh_column_u32(s, 5),
		};
	bh_row_end(s);
	return err;
}
