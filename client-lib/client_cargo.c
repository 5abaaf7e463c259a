/* Cargo of the public API: another's bundle is kept, and its answer written out again.
 *
 * It is copied piece by piece, so that recording goes on, then read again for what it is called;
 * only then does the store say that it is there. */
#include <string.h>

#include "client-lib/carry_file.h"
#include "client-lib/client_state.h"
#include "client-lib/local_bundle.h"
#include "client-lib/local_cargo.h"
#include "proto/err.h"

#define FILE_BYTES_MIN (BH_BUNDLE_HEAD_BYTES + BH_BUNDLE_STEP_BYTES + BH_BUNDLE_SEAL_BYTES)

static const uint8_t magic[8] = {'b', 'h', 'b', 'u', 'n', 'd', 'l', '1'};
static const char another_key[] = "another-key";

struct keeping {
	bh_client *client;
	unsigned place;
	uint64_t size;
	struct bh_cargo cargo;
};

/* An answer to another handset looks like a bundle but for this; so does a bundle that is sealed
 * for an older key, or for one that was not told here yet, so that it is carried all the same. */
static void head_look(struct keeping *keeping, const uint8_t *head)
{
	uint8_t known[BH_BUNDLE_KEY_ID_BYTES];

	bh_worker_lock(keeping->client->worker);
	int rc = bh_local_bundle_key_id(keeping->client->local, known);

	bh_worker_unlock(keeping->client->worker);
	if (rc == 0 && memcmp(head + sizeof(magic), known, sizeof(known)) != 0)
		memcpy(keeping->cargo.reason, another_key, sizeof(another_key));
}

static int piece_keep(void *context, struct bh_span bytes)
{
	struct keeping *keeping = context;

	/* The head comes whole: a file's first piece is shorter only where the file is. */
	if (keeping->size == 0 &&
		(bytes.len < FILE_BYTES_MIN || memcmp(bytes.data, magic, sizeof(magic)) != 0))
		return BH_ERR_MALFORMED;
	if (keeping->size == 0)
		head_look(keeping, bytes.data);
	bh_worker_lock(keeping->client->worker);
	int rc = bh_local_cargo_write(keeping->client->local, keeping->place, keeping->size, bytes);

	bh_worker_unlock(keeping->client->worker);
	keeping->size += bytes.len;
	return rc;
}

/* What it is called, a part at a time. */
static int keeping_name(struct keeping *keeping)
{
	bh_client *client = keeping->client;
	int rc = 0;

	for (uint64_t at = 0; rc == 0 && at < keeping->size; at += BH_BLOB_PART_BYTES_MAX) {
		bh_worker_lock(client->worker);
		rc = bh_local_cargo_chain(client->local, keeping->place, false, at, keeping->size,
			keeping->cargo.hash);
		bh_worker_unlock(client->worker);
	}
	return rc == BH_ERR_NOT_FOUND ? BH_ERR_IO : rc;
}

static int keeping_end(struct keeping *keeping)
{
	bh_client *client = keeping->client;

	keeping->cargo.size = (uint32_t)keeping->size;
	keeping->cargo.phase = BH_CARGO_IS_WAITING;
	bh_worker_lock(client->worker);
	keeping->cargo.since_ms = bh_worker_now(client->worker).wall_ms;
	int rc = bh_local_cargo_keep(client->local, &keeping->place, &keeping->cargo);

	bh_worker_unlock(client->worker);
	return rc == BH_ERR_EXISTS ? 0 : rc;
}

static void view_fill(const struct bh_cargo *cargo, bh_bundle_view *view)
{
	*view = (bh_bundle_view){.kind = BH_BUNDLE_CARGO,
		.file_bytes = cargo->size,
		.cargo = cargo->phase,
		.since = cargo->since_ms};
	memcpy(view->reason, cargo->reason, BH_CARGO_REASON_BYTES_MAX);
}

/* One at a time: the place is nobody's before the row says so. */
int bh_cargo_import(bh_client *client, const char *path, bh_bundle_view *view, int *error)
{
	struct keeping keeping = {.client = client};

	bh_worker_lock(client->worker);
	int rc = client->keeps_cargo
			 ? BH_ERR_BUSY
			 : bh_local_cargo_place(client->local,
				   bh_worker_now(client->worker).wall_ms, &keeping.place);
	bool begun = rc == 0;

	client->keeps_cargo |= begun;
	bh_worker_unlock(client->worker);
	if (rc == 0)
		rc = bh_carry_file_read(path, piece_keep, &keeping, &view->file_bytes, error);
	if (rc == 0 && keeping.size == 0)
		rc = BH_ERR_MALFORMED;
	if (rc == 0)
		rc = keeping_name(&keeping);
	if (rc == 0)
		rc = keeping_end(&keeping);
	bh_worker_lock(client->worker);
	if (rc == 0)
		view_fill(bh_local_cargo(client->local, keeping.place), view);
	else if (begun) /* what is left of it would only take room; its own fault is told */
		(void)bh_local_cargo_drop(client->local, keeping.place);
	client->keeps_cargo &= !begun;
	bh_worker_unlock(client->worker);
	return rc;
}

/* ---- What is carried --------------------------------------------------------------------- */

static int answer_copy(
	bh_client *client, unsigned place, const struct bh_cargo *cargo, struct bh_carry_file *file)
{
	const struct bh_bundle_sink sink = bh_carry_file_sink(file);
	uint8_t part[4096];
	int rc = 0;

	for (uint32_t at = 0; rc == 0 && at < cargo->answer_size; at += sizeof(part)) {
		uint32_t left = cargo->answer_size - at;
		size_t len = left < sizeof(part) ? left : sizeof(part);

		bh_worker_lock(client->worker);
		rc = bh_local_cargo_read(client->local, place, true, at, part, len);
		bh_worker_unlock(client->worker);
		if (rc == 0)
			rc = sink.take(sink.context, bh_span(part, len));
	}
	return rc;
}

/* The answer is durable outside before the piece is let go. */
static bh_status cargo_out(bh_client *client, unsigned place, const struct bh_cargo *cargo,
	const char *path, bh_error *err)
{
	struct bh_carry_file file = {.fd = -1};
	int rc = bh_carry_file_begin(&file, path);

	if (rc == 0) {
		rc = answer_copy(client, place, cargo, &file);
		rc = bh_carry_file_end(&file, rc);
	}
	bh_worker_lock(client->worker);
	if (rc == 0 && memcmp(bh_local_cargo(client->local, place), cargo, sizeof(*cargo)) == 0)
		rc = bh_local_cargo_drop(client->local, place);
	bh_status status = rc == 0 ? BH_OK
			   : file.error != 0
				   ? bh_fail_os(err, rc, file.error, "the file cannot be written")
				   : bh_fail_rc(err, client, rc, "cargo");

	bh_worker_unlock(client->worker);
	return status;
}

bh_status bh_bundle_cargo(bh_client *client, uint32_t *place, const char *answer_path,
	bh_bundle_view *out, bh_error *err)
{
	struct bh_cargo cargo = {.phase = BH_CARGO_NONE};
	bh_bundle_view view;
	bh_status status = bh_enter(client, err);
	uint32_t at;

	if (status == BH_OK)
		status = bh_struct_check(out, "bundle", err);
	if (status == BH_OK && !place)
		status = bh_fail(err, BH_E_INVALID, "cargo: place is missing");
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	if (*place == 0) /* as far as it can be: what stays is listed */
		(void)bh_local_cargo_expire(client->local, bh_worker_now(client->worker).wall_ms);
	for (at = *place; at < BH_CARGO_MAX && cargo.phase == BH_CARGO_NONE; at++)
		cargo = *bh_local_cargo(client->local, at);
	bh_worker_unlock(client->worker);
	if (cargo.phase == BH_CARGO_NONE)
		return BH_DONE;
	view_fill(&cargo, &view);
	if (answer_path && cargo.phase == BH_CARGO_IS_ANSWERED)
		status = cargo_out(client, at - 1, &cargo, answer_path, err);
	if (status != BH_OK)
		return status;
	*place = at;
	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}
