/* One row a key, found by the key alone: its hash stands first in the row's own, what was asked
 * with it after that, so that a key that comes with something else is known for what it is. */
#include "server/store/key_row.h"

#include <string.h>

#include "proto/err.h"

static const uint8_t unstated[BH_HASH_BYTES];

int bh_key_row_get(struct bh_db *db, const uint8_t key_hash[BH_HASH_BYTES], struct bh_key_use *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_KEY_GET);
	uint8_t last[2 * BH_HASH_BYTES];
	struct bh_key_use use = {.position = 0};
	bool row = false;

	memcpy(last, key_hash, BH_HASH_BYTES);
	memset(last + BH_HASH_BYTES, 0xff, BH_HASH_BYTES);
	bh_bind_span(s, 1, bh_span(key_hash, BH_HASH_BYTES));
	bh_bind_span(s, 2, bh_span(last, sizeof(last)));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	int64_t position = bh_column(s, 0);
	struct bh_span hash = bh_column_span(s, 1);
	use.held = position < 0;
	use.position = (uint64_t)(use.held ? -position : position);
	/* of a release that did not keep what was asked, the key alone */
	if (hash.len == 2 * BH_HASH_BYTES)
		memcpy(use.request_hash, hash.data + BH_HASH_BYTES, BH_HASH_BYTES);
	bh_row_end(s);
	*out = use;
	return BH_NOERR;
}

int bh_key_row_of(struct bh_db *db, uint64_t position, struct bh_caller_key *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_KEY_OF);
	struct bh_caller_key key = {{0}, {0}};
	bool row = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	struct bh_span hash = bh_column_span(s, 0);
	bool stated = hash.len == 2 * BH_HASH_BYTES;
	if (!stated && hash.len != BH_HASH_BYTES)
		err = BH_ERR_CORRUPT;
	if (!err)
		memcpy(key.key_hash, hash.data, BH_HASH_BYTES);
	if (!err && stated)
		memcpy(key.request_hash, hash.data + BH_HASH_BYTES, BH_HASH_BYTES);
	bh_row_end(s);
	if (!err)
		*out = key;
	return err;
}

int bh_key_row_add(struct bh_db *db, const uint8_t key_hash[BH_HASH_BYTES],
	const uint8_t request_hash[BH_HASH_BYTES], int64_t position)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_KEY_ADD);
	uint8_t hash[2 * BH_HASH_BYTES];

	memcpy(hash, key_hash, BH_HASH_BYTES);
	memcpy(hash + BH_HASH_BYTES, request_hash, BH_HASH_BYTES);
	bh_bind_span(s, 1, bh_span(hash, sizeof(hash)));
	bh_bind(s, 2, position);
	return bh_row_run(s);
}

bool bh_key_use_fits(const struct bh_key_use *use, const uint8_t request_hash[BH_HASH_BYTES])
{
	return memcmp(use->request_hash, unstated, BH_HASH_BYTES) == 0 ||
	       memcmp(request_hash, unstated, BH_HASH_BYTES) == 0 ||
	       memcmp(use->request_hash, request_hash, BH_HASH_BYTES) == 0;
}
