/* Who the handset is: its key, whom it calls, what enrolment gave it, and the district as last
 * told. */
#include "client-lib/store.h"

#include <string.h>

#include "proto/codec.h"

#define BH_PROFILE_BYTES_MAX BH_UNPACKED_BYTES_MAX

static int device_read_target(struct bh_local *local, sqlite3_stmt *row, struct bh_device *out)
{
	struct bh_span pins = bh_column_borrow(row, 5);
	size_t code = 0;

	if (pins.len % BH_PIN_BYTES != 0 || pins.len > sizeof(out->pins))
		return BH_ERR_CORRUPT;
	out->pins_count = pins.len / BH_PIN_BYTES;
	if (pins.len > 0)
		memcpy(out->pins, pins.data, pins.len);
	int rc = bh_column_open_into(
		local, row, 6, bh_where(BH_SEALED_CODE, 1), out->code, sizeof(out->code), &code);

	if (rc != 0 || (code != 0 && code != BH_CODE_BYTES))
		return rc == 0 ? BH_ERR_CORRUPT : rc;
	bh_column_string(row, 2, out->host, sizeof(out->host));
	out->port = (uint16_t)sqlite3_column_int(row, 3);
	bh_column_string(row, 4, out->district, sizeof(out->district));
	bh_column_string(row, 7, out->model, sizeof(out->model));
	return 0;
}

/* A name, with a NUL behind it. */
static int device_read_name(struct bh_local *local, sqlite3_stmt *row, int at,
	enum bh_sealed column, char out[BH_NAME_BYTES_MAX + 1])
{
	size_t len = 0;
	int rc = bh_column_open_into(
		local, row, at, bh_where(column, 1), (uint8_t *)out, BH_NAME_BYTES_MAX, &len);

	out[rc == 0 ? len : 0] = '\0';
	return rc;
}

static int device_read_rest(struct bh_local *local, sqlite3_stmt *row, struct bh_device *out)
{
	out->enrolled = (enum bh_enrolled)sqlite3_column_int(row, 0);
	out->code_refused = sqlite3_column_int(row, 1) != 0;
	if (sqlite3_column_type(row, 8) != SQLITE_NULL &&
		bh_column_bytes(row, 8, out->public_key, sizeof(out->public_key)) != 0)
		return BH_ERR_CORRUPT;
	out->device = (uint32_t)sqlite3_column_int64(row, 9);
	out->person = (uint32_t)sqlite3_column_int64(row, 10);
	out->revoked_ms = sqlite3_column_int64(row, 11);
	out->contact_ms = sqlite3_column_int64(row, 12);
	out->skew_known = sqlite3_column_type(row, 13) != SQLITE_NULL;
	out->skew_ms = sqlite3_column_int64(row, 13);
	out->epoch = (uint64_t)sqlite3_column_int64(row, 14);
	out->head_known = sqlite3_column_type(row, 15) != SQLITE_NULL;
	if (out->head_known &&
		bh_column_bytes(row, 15, out->head_hash, sizeof(out->head_hash)) != 0)
		return BH_ERR_CORRUPT;
	out->profile_version = (uint32_t)sqlite3_column_int64(row, 16);
	out->boots = (uint32_t)sqlite3_column_int64(row, 19);
	out->boot_name = (uint64_t)sqlite3_column_int64(row, 20);
	int rc = device_read_name(local, row, 17, BH_SEALED_DISTRICT_NAME, out->district_name);

	return rc == 0 ? device_read_name(local, row, 18, BH_SEALED_PERSON_NAME, out->person_name)
		       : rc;
}

int bh_store_device(struct bh_local *local, struct bh_device *out)
{
	struct bh_device device = {0};
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_DEVICE);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : rc;
	rc = device_read_target(local, row, &device);
	if (rc == 0)
		rc = device_read_rest(local, row, &device);
	sqlite3_reset(row);
	if (rc == 0)
		*out = device;
	return rc;
}

int bh_local_device(struct bh_local *local, struct bh_device *out)
{
	int rc = bh_store_ready(local);

	return rc != 0 ? rc : bh_store_device(local, out);
}

const struct bh_key *bh_local_key(const struct bh_local *local)
{
	return local->key;
}

int bh_store_key_load(struct bh_local *local)
{
	if (local->keys_doubted) {
		bh_key_free(local->key);
		local->key = NULL;
		bh_store_next_forget(local);
		local->keys_doubted = false;
	}
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_KEY);
	uint8_t der[BH_KEY_DER_BYTES_MAX];
	size_t len = 0;
	int rc = local->key ? BH_ERR_NOT_FOUND : bh_store_row(local, row);

	if (rc == 0) {
		rc = bh_column_open_into(
			local, row, 0, bh_where(BH_SEALED_PRIVATE_KEY, 1), der, sizeof(der), &len);
		sqlite3_reset(row);
		if (rc == 0)
			rc = bh_key_import(bh_span(der, len), &local->key);
		explicit_bzero(der, sizeof(der));
		if (rc != 0 && rc != BH_ERR_NOMEM)
			rc = bh_store_damaged(local);
	}
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	return bh_store_next_load(local);
}

/* The key whose private half lies outside; one of our own, which nobody ever knew, is forgotten. */
static int device_name_key(struct bh_local *local, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_KEY_SET);

	bh_bind_blob(set, 2, bh_span(public_key, BH_PUBLIC_KEY_BYTES));
	return bh_store_run(local, set);
}

/* Inside the transaction that asks, so that no key exists that no request names. */
static int device_make_key(struct bh_local *local, struct bh_key **out)
{
	struct bh_buf der = BH_BUF(BH_KEY_DER_BYTES_MAX);
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	struct bh_key *key = NULL;
	int rc = bh_key_generate(&key);

	if (rc == 0)
		rc = bh_key_export(key, &der);
	if (rc == 0) {
		sqlite3_stmt *set = bh_store_sql(local, BH_SQL_KEY_SET);

		bh_key_public(key, public_key);
		bh_bind_blob(set, 2, bh_span(public_key, sizeof(public_key)));
		rc = bh_bind_sealed(
			local, set, 1, bh_where(BH_SEALED_PRIVATE_KEY, 1), bh_buf_span(&der));
		if (rc == 0)
			rc = bh_store_run(local, set);
	}
	bh_buf_wipe(&der);
	bh_buf_free(&der);
	if (rc != 0) {
		bh_key_free(key);
		return rc;
	}
	*out = key;
	return 0;
}

static int device_ask(struct bh_local *local, const struct bh_device *asked, struct bh_key **made)
{
	struct bh_device now;
	int rc = bh_store_device(local, &now);

	if (rc == 0 && now.enrolled == BH_ENROL_YES)
		rc = BH_ERR_EXISTS;
	if (rc == 0 && asked->public_key[0] != 0)
		rc = device_name_key(local, asked->public_key);
	else if (rc == 0 && !local->key)
		rc = device_make_key(local, made);
	if (rc != 0)
		return rc;
	sqlite3_stmt *ask = bh_store_sql(local, BH_SQL_ASK);

	bh_bind_text(ask, 1, bh_span(asked->host, strlen(asked->host)));
	bh_bind_int(ask, 2, asked->port);
	bh_bind_text(ask, 3, bh_span(asked->district, strlen(asked->district)));
	bh_bind_blob(ask, 4, bh_span(asked->pins, asked->pins_count * BH_PIN_BYTES));
	bh_bind_text(ask, 6, bh_span(asked->model, strlen(asked->model)));
	rc = bh_bind_sealed(local, ask, 5, bh_where(BH_SEALED_CODE, 1),
		bh_span(asked->code, sizeof(asked->code)));
	return rc == 0 ? bh_store_run(local, ask) : rc;
}

int bh_local_ask(struct bh_local *local, const struct bh_device *asked)
{
	struct bh_key *made = NULL;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, device_ask(local, asked, &made));
	if (rc != 0) {
		bh_key_free(made);
	} else if (made || asked->public_key[0] != 0) {
		bh_key_free(local->key);
		local->key = made;
	}
	return rc;
}

static int pins_put(struct bh_local *local, const struct bh_pins *pins)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_PINS);

	bh_bind_blob(set, 1, bh_span(pins->pins, pins->count * BH_PIN_BYTES));
	return bh_store_run(local, set);
}

int bh_store_profile(
	struct bh_local *local, const struct bh_msg_district *district, const struct bh_pins *pins)
{
	struct bh_buf message = BH_BUF(BH_PROFILE_BYTES_MAX);
	int rc = pins && pins->count > 0 ? pins_put(local, pins) : 0;

	if (rc == 0)
		rc = bh_encode_district(district, &message);

	if (rc == 0) {
		sqlite3_stmt *set = bh_store_sql(local, BH_SQL_PROFILE_SET);

		rc = bh_bind_sealed(
			local, set, 1, bh_where(BH_SEALED_PROFILE, 1), bh_buf_span(&message));
		if (rc == 0)
			rc = bh_store_run(local, set);
	}
	if (rc == 0) {
		sqlite3_stmt *names = bh_store_sql(local, BH_SQL_NAMES);

		bh_bind_int(names, 1, district->version ^ (pins ? pins->mark : 0));
		rc = bh_bind_sealed(
			local, names, 2, bh_where(BH_SEALED_DISTRICT_NAME, 1), district->name);
		if (rc == 0)
			rc = bh_bind_sealed(local, names, 3, bh_where(BH_SEALED_PERSON_NAME, 1),
				district->person_name);
		if (rc == 0)
			rc = bh_store_run(local, names);
	}
	bh_buf_free(&message);
	return rc;
}

static int device_enrolled(struct bh_local *local, const struct bh_msg_enrolment_receipt *receipt,
	struct bh_span raw, struct bh_span signature, struct bh_now now)
{
	struct bh_device device;
	struct bh_log log = {0};
	uint8_t start[BH_HASH_BYTES];
	int rc = bh_store_device(local, &device);

	if (rc == 0)
		rc = bh_store_log(local, &log);
	if (rc != 0)
		return rc;
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_ENROLLED);

	bh_bind_int(set, 1, receipt->device);
	bh_bind_int(set, 2, receipt->person);
	bh_bind_blob(set, 3, raw);
	bh_bind_blob(set, 4, signature);
	bh_bind_int(set, 5, now.wall_ms);
	rc = bh_store_run(local, set);
	if (rc != 0)
		return rc;
	sqlite3_stmt *name = bh_store_sql(local, BH_SQL_LOG_NAME);

	bh_bind_int(name, 1, receipt->log_short);
	bh_bind_int(name, 2, log.row);
	rc = bh_store_run(local, name);
	if (rc != 0)
		return rc;
	sqlite3_stmt *begin = bh_store_sql(local, BH_SQL_LOG_START);

	bh_log_start(local->hasher, device.district, log.log_id, start);
	bh_bind_blob(begin, 1, bh_span(start, sizeof(start)));
	bh_bind_int(begin, 2, log.row);
	return bh_store_run(local, begin);
}

int bh_local_enrolled(struct bh_local *local, const struct bh_msg_enrolment_receipt *receipt,
	struct bh_span receipt_raw, struct bh_span receipt_signature,
	const struct bh_msg_district *district, const struct bh_pins *pins, struct bh_now now)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = device_enrolled(local, receipt, receipt_raw, receipt_signature, now);
	if (rc == 0)
		rc = bh_store_profile(local, district, pins);
	return bh_store_end(local, rc);
}

int bh_local_code_refused(struct bh_local *local)
{
	int rc = bh_store_begin(local);

	return rc != 0 ? rc
		       : bh_store_end(local,
				 bh_store_run(local, bh_store_sql(local, BH_SQL_CODE_REFUSED)));
}

int bh_local_revoked(struct bh_local *local, struct bh_now now)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_REVOKED);

	bh_bind_int(set, 1, now.wall_ms);
	return bh_store_end(local, bh_store_run(local, set));
}

int bh_local_district(
	struct bh_local *local, const struct bh_msg_district *district, const struct bh_pins *pins)
{
	int rc = bh_store_begin(local);

	return rc != 0 ? rc : bh_store_end(local, bh_store_profile(local, district, pins));
}

int bh_local_district_read(
	struct bh_local *local, struct bh_arena *arena, struct bh_msg_district *out)
{
	int rc = bh_store_ready(local);
	sqlite3_stmt *row = rc == 0 ? bh_store_sql(local, BH_SQL_PROFILE) : NULL;
	struct bh_span message;

	if (rc == 0)
		rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	rc = bh_column_open(local, row, 0, bh_where(BH_SEALED_PROFILE, 1), arena, &message);
	sqlite3_reset(row);
	if (rc == 0)
		rc = bh_decode_district(message, arena, out);
	return rc == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : rc;
}
