/* One value that is sealed at rest, under a key that the application keeps.
 *
 * It is bound to its column and row: put elsewhere it does not open.  While a store is being sealed
 * (store_sealing.c) what is read may be sealed or not, and says so itself; afterwards a value that
 * is not sealed is damage.  Without a key everything lies open, as it always did. */
#include "client-lib/store_seal.h"

#include <string.h>

#define WHERE_BYTES 9u

const struct bh_sealed_column bh_sealed_columns[BH_SEALED_END] = {
	[BH_SEALED_PRIVATE_KEY] = {"device", "private", "id", BH_SEAL_IDENTITY, false, true},
	[BH_SEALED_NEXT_KEY] = {"rotation", "private", "id", BH_SEAL_IDENTITY, false, true},
	[BH_SEALED_CODE] = {"device", "code", "id", BH_SEAL_IDENTITY, false, true},
	[BH_SEALED_DISTRICT_NAME] = {"device", "district_name", "id", BH_SEAL_IDENTITY, true, true},
	[BH_SEALED_PERSON_NAME] = {"device", "person_name", "id", BH_SEAL_IDENTITY, true, true},
	[BH_SEALED_PROFILE] = {"profile", "message", "id", BH_SEAL_IDENTITY, false, false},
	[BH_SEALED_CONTENT] = {"op", "content", "id", BH_SEAL_OPS, false, false},
	[BH_SEALED_SALT] = {"op", "salt", "id", BH_SEAL_OPS, false, false},
	[BH_SEALED_SENTENCE] = {"op", "sentence", "id", BH_SEAL_OPS, true, false},
	[BH_SEALED_AUTHOR] = {"author", "name", "person", BH_SEAL_AUTHORS, true, false},
	[BH_SEALED_PIN] = {"author", "pin", "person", BH_SEAL_AUTHORS, false, false},
	[BH_SEALED_DRAFT] = {"draft", "body", "id", BH_SEAL_AUTHORS, false, false},
	[BH_SEALED_RECORD] = {"record", "body", "number", BH_SEAL_RECORDS, false, false},
};

/* ---- One value --------------------------------------------------------------------------- */

static struct bh_span where_write(struct bh_where where, uint8_t out[WHERE_BYTES])
{
	out[0] = (uint8_t)where.column;
	for (unsigned i = 0; i < 8; i++)
		out[1 + i] = (uint8_t)((uint64_t)where.row >> (56 - 8 * i));
	return bh_span(out, WHERE_BYTES);
}

int bh_bind_sealed(struct bh_local *local, sqlite3_stmt *statement, int at, struct bh_where where,
	struct bh_span value)
{
	uint8_t bound[WHERE_BYTES];

	if (!local->sealer && bh_sealed_columns[where.column].is_text)
		bh_bind_text(statement, at, value);
	else if (!local->sealer)
		bh_bind_blob(statement, at, value);
	if (!local->sealer || !statement)
		return 0;
	uint8_t *sealed = sqlite3_malloc64(value.len + BH_SEAL_BYTES);
	int rc = sealed ? bh_seal(local->sealer, bh_sealed_columns[where.column].purpose,
				  where_write(where, bound), value, sealed)
			: BH_ERR_NOMEM;

	if (rc != 0)
		sqlite3_free(sealed);
	else if (sqlite3_bind_blob64(statement, at, sealed, value.len + BH_SEAL_BYTES,
			 sqlite3_free) != SQLITE_OK)
		rc = BH_ERR_NOMEM;
	return rc;
}

int bh_value_open(struct bh_local *local, struct bh_where where, struct bh_span value, uint8_t *out)
{
	uint8_t bound[WHERE_BYTES];

	if (local->sealer && bh_seal_is(value))
		return bh_unseal(local->sealer, bh_sealed_columns[where.column].purpose,
			       where_write(where, bound), value, out) == 0
			       ? 0
			       : bh_store_damaged(local);
	if (local->all_sealed)
		return bh_store_damaged(local);
	if (value.len > 0)
		memcpy(out, value.data, value.len);
	return 0;
}

static size_t value_len(const struct bh_local *local, struct bh_span value)
{
	return local->sealer && bh_seal_is(value) ? value.len - BH_SEAL_BYTES : value.len;
}

int bh_column_open(struct bh_local *local, sqlite3_stmt *statement, int at, struct bh_where where,
	struct bh_arena *arena, struct bh_span *out)
{
	struct bh_span value = bh_column_borrow(statement, at);

	if (!local->sealer || sqlite3_column_type(statement, at) == SQLITE_NULL)
		return bh_arena_copy(arena, value, out);
	size_t len = value_len(local, value);
	uint8_t *bytes = bh_arena_alloc(arena, len + 1);
	int rc = bytes ? bh_value_open(local, where, value, bytes) : BH_ERR_NOMEM;

	if (rc == 0)
		*out = bh_span(bytes, len);
	return rc;
}

int bh_column_open_into(struct bh_local *local, sqlite3_stmt *statement, int at,
	struct bh_where where, uint8_t *out, size_t size, size_t *len)
{
	struct bh_span value = bh_column_borrow(statement, at);

	*len = value_len(local, value);
	if (*len > size)
		return BH_ERR_CORRUPT;
	return sqlite3_column_type(statement, at) == SQLITE_NULL
		       ? 0
		       : bh_value_open(local, where, value, out);
}
