/* A case's key: drawn when its first person is named, kept wrapped in a table that is in no segment
 * and no replay. */
#include <string.h>

#include "proto/err.h"
#include "server/store/guarded.h"

#define ROLLED_AT_ONCE 64u

int bh_case_key_get(struct bh_db *db, struct bh_vault *vault, const char *district, uint64_t number,
	uint8_t key[BH_CASE_KEY_BYTES])
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CASE_KEY_GET);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_vault_unwrap(vault, district, number, bh_column(s, 0), bh_column_span(s, 1), key);
	bh_row_end(s);
	return err;
}

static int key_set(struct bh_db *db, struct bh_vault *vault, const char *district, uint64_t number,
	const uint8_t key[BH_CASE_KEY_BYTES])
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CASE_KEY_SET);
	uint8_t wrapped[BH_WRAPPED_BYTES];
	int err = bh_vault_wrap(vault, district, number, key, wrapped);

	if (err)
		return err;
	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, bh_vault_id(vault));
	bh_bind_span(s, 3, bh_span(wrapped, sizeof(wrapped)));
	return bh_row_run(s);
}

int bh_case_key_make(struct bh_db *db, struct bh_vault *vault, const char *district,
	uint64_t number, uint8_t key[BH_CASE_KEY_BYTES])
{
	int err = bh_case_key_get(db, vault, district, number, key);

	if (err != BH_ERR_NOT_FOUND)
		return err;
	err = bh_vault_draw(vault, key);
	return err ? err : key_set(db, vault, district, number, key);
}

/* One that none of the keys opens is left as it is: its key may come back. */
static int one_roll(struct bh_db *db, struct bh_vault *vault, const char *district, uint64_t number)
{
	uint8_t key[BH_CASE_KEY_BYTES];
	int err = bh_case_key_get(db, vault, district, number, key);

	if (err == BH_ERR_AUTH)
		return BH_NOERR;
	if (!err)
		err = key_set(db, vault, district, number, key);
	explicit_bzero(key, sizeof(key));
	return err;
}

int bh_case_keys_roll(
	struct bh_db *db, struct bh_vault *vault, const char *district, uint64_t *after, bool *done)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CASE_KEY_OLD);
	uint64_t numbers[ROLLED_AT_ONCE];
	size_t count = 0;
	bool row = false;

	bh_bind(s, 1, bh_vault_id(vault));
	bh_bind(s, 2, (int64_t)*after);
	bh_bind(s, 3, ROLLED_AT_ONCE);
	int err = bh_row_next(s, &row);
	while (!err && row && count < ROLLED_AT_ONCE) {
		numbers[count++] = (uint64_t)bh_column(s, 0);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	for (size_t i = 0; !err && i < count; i++)
		err = one_roll(db, vault, district, numbers[i]);
	if (err)
		return err;
	*done = count < ROLLED_AT_ONCE;
	if (count)
		*after = numbers[count - 1];
	return BH_NOERR;
}

int bh_party_last(struct bh_db *db, uint64_t number, uint32_t *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_PARTY_LAST);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	if (!err)
		*out = bh_column_u32(s, 0);
	bh_row_end(s);
	return err;
}

int bh_party_consents(struct bh_db *db, uint64_t number, bool *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_PARTY_LIST);
	bool given = false, refused = false, row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, BH_PARTIES_MAX);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		uint32_t role = bh_column_u32(s, 1), consent = bh_column_u32(s, 2);
		given |= bh_party_gives(role, consent);
		refused |= bh_party_withholds(role, consent);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*out = given && !refused;
	return err;
}

int bh_openings_since(struct bh_db *db, uint32_t person, int64_t since_ms, uint32_t *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_OPENING_COUNT);
	bool row = false;

	bh_bind(s, 1, person);
	bh_bind(s, 2, since_ms);
	int err = bh_row_next(s, &row);
	if (!err)
		*out = bh_column_u32(s, 0);
	bh_row_end(s);
	return err;
}
