/* Cargo in the store: a row a place, among the drafts under keys that no author has, and files
 * beside the photos.
 *
 * The file is durable before its row, and the row goes before the file: what a crash leaves is a
 * file that nobody asks for.  Nothing of it is sealed here: it is already, for somebody else. */
#include <stdio.h>
#include <string.h>

#include "client-lib/local_cargo.h"
#include "client-lib/store_file.h"
#include "proto/bundle_frames.h"

static int64_t row_key(unsigned place)
{
	return -1 - (int64_t)place;
}

static struct bh_file_name file_name(unsigned place, bool answer)
{
	struct bh_file_name name = {.is_plain = true};

	snprintf(name.text, sizeof(name.text), "%s-%u", answer ? "answer" : "cargo", place);
	return name;
}

/* ---- Rows -------------------------------------------------------------------------------- */

/* A row is the struct as this machine has it: it never leaves the handset. */
_Static_assert(sizeof(struct bh_cargo) == 80 && offsetof(struct bh_cargo, hash) == 32,
	"what lies in a store stays as it is");

/* What a crash left of a piece that was never taken, or was let go. */
static int place_sweep(struct bh_local *local, unsigned place)
{
	uint64_t size;
	int rc = 0;

	for (int answer = 0; rc == 0 && answer < 2; answer++) {
		rc = bh_file_size(local, file_name(place, answer), &size);
		rc = rc == 0 ? bh_file_drop(local, file_name(place, answer)) : rc;
		rc = rc == BH_ERR_NOT_FOUND ? 0 : rc;
	}
	return rc;
}

int bh_store_cargo_load(struct bh_local *local)
{
	for (unsigned i = 0; i < BH_CARGO_MAX; i++) {
		sqlite3_stmt *row = bh_store_sql(local, BH_SQL_DRAFT);
		struct bh_cargo *cargo = &local->cargo[i];
		size_t len = 0;

		bh_bind_int(row, 1, row_key(i));
		int rc = bh_store_row(local, row);

		if (rc == 0)
			rc = bh_column_open_into(local, row, 0,
				bh_where(BH_SEALED_DRAFT, row_key(i)), (uint8_t *)cargo,
				sizeof(*cargo), &len);
		sqlite3_reset(row);
		if (len != sizeof(*cargo))
			cargo->phase = BH_CARGO_NONE;
		if (rc != 0 && rc != BH_ERR_NOT_FOUND)
			return rc;
		if (cargo->phase == BH_CARGO_NONE && (rc = place_sweep(local, i)) != 0)
			return rc;
	}
	return 0;
}

static int row_put(struct bh_local *local, unsigned place, const struct bh_cargo *cargo)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	bool is = cargo->phase != BH_CARGO_NONE;
	sqlite3_stmt *put = bh_store_sql(local, is ? BH_SQL_DRAFT_SET : BH_SQL_DRAFT_DROP);

	bh_bind_int(put, 1, row_key(place));
	if (is)
		rc = bh_bind_sealed(local, put, 2, bh_where(BH_SEALED_DRAFT, row_key(place)),
			bh_span(cargo, sizeof(*cargo)));
	rc = bh_store_end(local, rc == 0 ? bh_store_run(local, put) : rc);
	if (rc == 0)
		local->cargo[place] = *cargo;
	return rc;
}

int bh_local_cargo_set(struct bh_local *local, unsigned place, const struct bh_cargo *cargo)
{
	int rc = row_put(local, place, cargo);

	if (rc == 0 && cargo->phase != BH_CARGO_IS_WAITING)
		rc = bh_file_drop(local, file_name(place, false));
	if (rc == 0 && (cargo->phase == BH_CARGO_NONE || cargo->phase == BH_CARGO_IS_REFUSED))
		rc = bh_file_drop(local, file_name(place, true));
	return rc;
}

int bh_local_cargo_drop(struct bh_local *local, unsigned place)
{
	struct bh_cargo none = {.phase = BH_CARGO_NONE};

	return bh_local_cargo_set(local, place, &none);
}

const struct bh_cargo *bh_local_cargo(const struct bh_local *local, unsigned place)
{
	return &local->cargo[place];
}

bool bh_local_cargo_due(const struct bh_local *local, unsigned *place)
{
	bool any = false;

	for (unsigned i = 0; i < BH_CARGO_MAX; i++) {
		if (local->cargo[i].phase != BH_CARGO_IS_WAITING ||
			(any && local->cargo[i].since_ms >= local->cargo[*place].since_ms))
			continue;
		any = true;
		*place = i;
	}
	return any;
}

int bh_local_cargo_expire(struct bh_local *local, int64_t wall_ms)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < BH_CARGO_MAX; i++)
		if (local->cargo[i].phase != BH_CARGO_NONE &&
			wall_ms - local->cargo[i].since_ms > BH_CARGO_AGE_MS_MAX)
			rc = bh_local_cargo_drop(local, i);
	return rc;
}

/* ---- Taking one in ----------------------------------------------------------------------- */

int bh_local_cargo_place(struct bh_local *local, int64_t wall_ms, unsigned *place)
{
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = bh_local_cargo_expire(local, wall_ms);
	for (unsigned i = 0; rc == 0 && i < BH_CARGO_MAX; i++) {
		if (local->cargo[i].phase != BH_CARGO_NONE)
			continue;
		*place = i;
		return bh_file_drop(local, file_name(i, true));
	}
	return rc != 0 ? rc : BH_ERR_LIMIT;
}

int bh_local_cargo_write(
	struct bh_local *local, unsigned place, uint64_t offset, struct bh_span bytes)
{
	uint64_t all = offset + bytes.len;

	for (unsigned i = 0; i < BH_CARGO_MAX; i++)
		if (local->cargo[i].phase == BH_CARGO_IS_WAITING)
			all += local->cargo[i].size;
	if (all > BH_CARGO_ALL_BYTES_MAX) /* none is larger than all may be */
		return BH_ERR_LIMIT;
	return bh_file_put(local, file_name(place, false), (uint32_t)offset, bytes);
}

int bh_local_cargo_read(struct bh_local *local, unsigned place, bool answer, uint64_t offset,
	uint8_t *out, size_t len)
{
	return bh_file_read(local, file_name(place, answer), (uint32_t)offset, out, len);
}

int bh_local_cargo_chain(struct bh_local *local, unsigned place, bool answer, uint64_t offset,
	uint64_t size, uint8_t chain[BH_HASH_BYTES])
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_PART_BYTES_MAX);
	uint64_t len = size - offset;
	uint8_t *at = NULL;

	if (len > BH_BLOB_PART_BYTES_MAX)
		len = BH_BLOB_PART_BYTES_MAX;
	int rc = bh_buf_reserve(&bytes, (size_t)len, &at);

	if (rc == 0)
		rc = bh_local_cargo_read(local, place, answer, offset, at, (size_t)len);
	if (rc == 0)
		bh_cargo_chain(local->hasher, chain, bh_span(at, (size_t)len));
	bh_buf_free(&bytes);
	return rc;
}

int bh_local_cargo_keep(struct bh_local *local, unsigned *place, const struct bh_cargo *cargo)
{
	for (unsigned i = 0; i < BH_CARGO_MAX; i++) {
		const struct bh_cargo *other = &local->cargo[i];

		if (other->phase == BH_CARGO_NONE ||
			memcmp(other->hash, cargo->hash, BH_HASH_BYTES) != 0)
			continue;
		int rc = bh_file_drop(local, file_name(*place, false));

		*place = i;
		return rc == 0 ? BH_ERR_EXISTS : rc;
	}
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 57
	int rc = 0;
#else
	int rc = bh_file_sync(local, file_name(*place, false), cargo->size);
#endif

	return rc == 0 ? row_put(local, *place, cargo) : rc;
}

/* ---- The answer -------------------------------------------------------------------------- */

int bh_local_cargo_answer(struct bh_local *local, unsigned place, uint32_t offset,
	struct bh_span bytes, uint32_t size)
{
	return bytes.len > 0 ? bh_file_put(local, file_name(place, true), offset, bytes)
			     : bh_file_sync(local, file_name(place, true), size);
}

int bh_local_cargo_answer_held(struct bh_local *local, unsigned place, uint32_t *held)
{
	uint64_t size = 0;
	int rc = bh_file_size(local, file_name(place, true), &size);

	*held = (uint32_t)(size - size % BH_BLOB_PART_BYTES_MAX);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}
