/* The key that is to take over from the one that holds.
 *
 *   bh_local_rotate ──▶ it waits in a row of its own, and the one that holds goes on holding
 *                         ├─ the server has it ──▶ bh_local_rotated: one transaction, one key
 *                         `─ it would not have it ──▶ it is forgotten
 *
 * At any moment one of the two proves who this handset is, and both are here. */
#include <string.h>

#include "client-lib/store.h"

void bh_store_next_forget(struct bh_local *local)
{
	bh_key_free(local->next_key);
	local->next_key = NULL;
	local->has_next = false;
}

static int next_read(struct bh_local *local, sqlite3_stmt *row)
{
	uint8_t der[BH_KEY_DER_BYTES_MAX];
	size_t len = 0;
	bool outside = sqlite3_column_type(row, 0) == SQLITE_NULL;
	int rc = bh_column_bytes(row, 1, local->next_public, BH_PUBLIC_KEY_BYTES);

	if (rc == 0 && !outside)
		rc = bh_column_open_into(
			local, row, 0, bh_where(BH_SEALED_NEXT_KEY, 1), der, sizeof(der), &len);
	if (rc == 0 && !outside)
		rc = bh_key_import(bh_span(der, len), &local->next_key);
	explicit_bzero(der, sizeof(der));
	local->has_next = rc == 0;
	return rc;
}

int bh_store_next_load(struct bh_local *local)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_NEXT);
	int rc = local->has_next ? BH_ERR_NOT_FOUND : bh_store_row(local, row);

	if (rc == 0) {
		rc = next_read(local, row);
		sqlite3_reset(row);
		if (rc != 0 && rc != BH_ERR_NOMEM)
			rc = bh_store_damaged(local);
	}
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

bool bh_local_next_key(const struct bh_local *local, const struct bh_key **key,
	uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	if (!local->has_next)
		return false;
	*key = local->next_key;
	memcpy(public_key, local->next_public, BH_PUBLIC_KEY_BYTES);
	return true;
}

/* ---- Waiting ----------------------------------------------------------------------------- */

/* Into the row of one of the two; key NULL: it lies outside. */
static int key_put(struct bh_local *local, enum bh_sql sql, enum bh_sealed column,
	const struct bh_key *key, const uint8_t *public_key)
{
	struct bh_buf der = BH_BUF(BH_KEY_DER_BYTES_MAX);
	int rc = key ? bh_key_export(key, &der) : 0;

	if (rc == 0) {
		sqlite3_stmt *set = bh_store_sql(local, sql);

		bh_bind_blob(set, 2, bh_span(public_key, BH_PUBLIC_KEY_BYTES));
		if (key)
			rc = bh_bind_sealed(local, set, 1, bh_where(column, 1), bh_buf_span(&der));
		if (rc == 0)
			rc = bh_store_run(local, set);
	}
	bh_buf_wipe(&der);
	bh_buf_free(&der);
	return rc;
}

/* *waits: this one does already, and nothing is to be done. */
static int next_may(struct bh_local *local, const uint8_t *public_key, bool *waits)
{
	struct bh_device device;
	int rc = bh_store_device(local, &device);

	if (rc == 0 && device.enrolled != BH_ENROL_YES)
		rc = BH_ERR_AUTH;
	if (rc == 0 && public_key &&
		memcmp(public_key, device.public_key, BH_PUBLIC_KEY_BYTES) == 0)
		rc = BH_ERR_EXISTS;
	*waits = rc == 0 && local->has_next;
	if (*waits && public_key && memcmp(public_key, local->next_public, BH_PUBLIC_KEY_BYTES))
		rc = BH_ERR_EXISTS;
	return rc;
}

int bh_local_rotate(struct bh_local *local, const uint8_t *public_key)
{
	uint8_t made_public[BH_PUBLIC_KEY_BYTES];
	struct bh_key *made = NULL;
	bool waits = false;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = next_may(local, public_key, &waits);
	if (rc == 0 && !waits && !public_key)
		rc = bh_key_generate(&made);
	if (made) {
		bh_key_public(made, made_public);
		public_key = made_public;
	}
	if (rc == 0 && !waits)
		rc = key_put(local, BH_SQL_NEXT_SET, BH_SEALED_NEXT_KEY, made, public_key);
	rc = bh_store_end(local, rc);
	local->keys_doubted |= rc == BH_ERR_UNKNOWN;
	if (rc != 0 || waits) {
		bh_key_free(made);
		return rc;
	}
	local->next_key = made;
	memcpy(local->next_public, public_key, BH_PUBLIC_KEY_BYTES);
	local->has_next = true;
	return 0;
}

/* ---- Taking over ------------------------------------------------------------------------- */

int bh_local_rotated(struct bh_local *local, bool takes)
{
	if (!local->has_next)
		return BH_ERR_NOT_FOUND;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	if (takes)
		rc = key_put(local, BH_SQL_KEY_SET, BH_SEALED_PRIVATE_KEY, local->next_key,
			local->next_public);
	if (rc == 0)
		rc = bh_store_run(local, bh_store_sql(local, BH_SQL_NEXT_DROP));
	rc = bh_store_end(local, rc);
	local->keys_doubted |= rc == BH_ERR_UNKNOWN;
	if (rc == 0 && takes) {
		bh_key_free(local->key);
		local->key = local->next_key;
		local->next_key = NULL;
	}
	if (rc == 0)
		bh_store_next_forget(local);
	return rc;
}
