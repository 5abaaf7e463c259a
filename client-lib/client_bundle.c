/* Bundles of the public API: written for the district, and its answers taken.
 *
 * Writing enters the store for moments only, so that recording goes on.  An answer is read twice:
 * first all of it has to hold, then its words are taken one by one, each of which may be taken
 * twice. */
#include "client-lib/carry.h"
#include "client-lib/carry_file.h"
#include "client-lib/client_state.h"

#define EXPORTS_MAX 2u /* another log that begins meanwhile: it is begun anew, once */

static void store_enter(void *context)
{
	bh_worker_lock(((bh_client *)context)->worker);
}

static void store_leave(void *context)
{
	bh_worker_unlock(((bh_client *)context)->worker);
}

static int device_sign(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	bh_client *client = context;

	store_enter(client);
	int rc = bh_carry_sign(client->local, public_key, message, signature);

	store_leave(client);
	return rc == BH_ERR_NOT_FOUND
		       ? bh_worker_sign_now(client->worker, public_key, message, signature)
		       : rc;
}

/* ---- Writing ----------------------------------------------------------------------------- */

static int export_once(
	bh_client *client, const char *path, struct bh_carried *carried, struct bh_carry_file *file)
{
	const struct bh_carry_options options = {
		client->local, client, store_enter, store_leave, device_sign};
	int rc = bh_carry_file_begin(file, path);

	if (rc != 0)
		return rc;
	rc = bh_carry_out(&options, bh_carry_file_sink(file), carried);
	return bh_carry_file_end(file, rc);
}

static bh_status export_fail(
	bh_client *client, int rc, const struct bh_carry_file *file, bh_error *err)
{
	if (file->error != 0)
		return bh_fail_os(err, rc, file->error, "the file cannot be written");
	if (rc == BH_ERR_NOT_FOUND)
		return BH_DONE;
	if (rc == BH_ERR_VERSION)
		return bh_fail(err, BH_E_STATE,
			"bundle: the district has not told yet what to seal it for");
	store_enter(client);
	bh_status status = bh_fail_rc(err, client, rc, "bundle");

	store_leave(client);
	return status;
}

bh_status bh_bundle_export(bh_client *client, const char *path, bh_bundle_view *out, bh_error *err)
{
	struct bh_carry_file file = {.fd = -1};
	struct bh_carried carried = {0};
	int rc = BH_ERR_FORK;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "bundle", err);
	if (status == BH_OK && (!path || path[0] == '\0'))
		status = bh_fail(err, BH_E_INVALID, "bundle: path is missing");
	if (status != BH_OK)
		return status;
	for (unsigned i = 0; rc == BH_ERR_FORK && i < EXPORTS_MAX; i++)
		rc = export_once(client, path, &carried, &file);
	if (rc != 0)
		return export_fail(client, rc, &file, err);
	const bh_bundle_view view = {.kind = BH_BUNDLE_EXPORTED,
		.ops = carried.ops,
		.photos = carried.photos,
		.photo_bytes = carried.photo_bytes,
		.photos_left = carried.photos_left,
		.file_bytes = file.bytes};

	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}

/* ---- An answer --------------------------------------------------------------------------- */

struct taking {
	bh_client *client;
	struct bh_carry_answer *answer;
};

static int bytes_take(void *context, struct bh_span bytes)
{
	return bh_carry_answer_put(((struct taking *)context)->answer, bytes);
}

static int word_take(void *context, const struct bh_msg_bundle_answer *answer,
	const uint8_t reply_key[BH_PUBLIC_KEY_BYTES])
{
	bh_client *client = ((struct taking *)context)->client;

	store_enter(client);
	int rc = bh_engine_answered(
		client->engine, bh_worker_now(client->worker), answer, reply_key);

	store_leave(client);
	return rc;
}

/* takes: else it is only looked at. */
static int answer_read(
	struct taking *taking, const char *path, bool takes, bh_bundle_view *view, int *error)
{
	store_enter(taking->client);
	int rc = bh_carry_answer_open(
		taking->client->local, takes ? word_take : NULL, taking, &taking->answer);

	store_leave(taking->client);
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? BH_ERR_INVALID : rc;
	rc = bh_carry_file_read(path, bytes_take, taking, &view->file_bytes, error);
	if (rc == 0)
		rc = bh_carry_answer_end(taking->answer);
	/* Sealed for somebody else; a file that is not there has read nothing. */
	if (rc == BH_ERR_NOT_FOUND && view->file_bytes > 0)
		rc = BH_ERR_INVALID;
	bh_carry_answer_close(taking->answer);
	taking->answer = NULL;
	return rc;
}

/* What an answer moves, by the rows. */
static int unsent_read(bh_client *client, bh_bundle_view *view)
{
	struct bh_unsent ops, blobs;

	store_enter(client);
	int rc = bh_local_unsent(client->local, &ops);

	if (rc == 0)
		rc = bh_local_blobs_unsent(client->local, &blobs);
	store_leave(client);
	if (rc == 0) {
		view->ops = ops.ops;
		view->photos = blobs.ops;
		view->photo_bytes = blobs.bytes;
	}
	return rc;
}

static bh_status import_fail(bh_client *client, int rc, int error, bh_error *err)
{
	switch (rc) {
	case BH_ERR_MALFORMED:
		return bh_fail(err, BH_E_INVALID, "bundle: it is no bundle");
	case BH_ERR_AUTH:
	case BH_ERR_LIMIT:
		return bh_fail(err, BH_E_CORRUPT, "bundle: it was changed or cut short");
	case BH_ERR_FORK:
		return bh_fail(err, BH_E_STATE, "bundle: it is of a log before the present one");
	case BH_ERR_NOT_FOUND:
		return bh_fail(err, BH_E_NOT_FOUND, "bundle: there is no such file");
	case BH_ERR_IO:
		if (error != 0)
			return bh_fail_os(err, rc, error, "the file cannot be read");
		break;
	default:
		break;
	}
	store_enter(client);
	bh_status status = bh_fail_rc(err, client, rc, "bundle");

	store_leave(client);
	return status;
}

static uint64_t less(uint64_t before, uint64_t after)
{
	return before > after ? before - after : 0;
}

/* Not for this handset: it is carried on. */
static bh_status cargo_take(bh_client *client, const char *path, bh_bundle_view *out, bh_error *err)
{
	bh_bundle_view view = {.kind = 0};
	int error = 0, rc = bh_cargo_import(client, path, &view, &error);

	bh_worker_nudge(client->worker);
	if (rc == BH_ERR_LIMIT)
		return bh_fail(err, BH_E_LIMIT, "cargo: there is too much of it");
	if (rc != 0)
		return import_fail(client, rc, error, err);
	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}

bh_status bh_bundle_import(bh_client *client, const char *path, bh_bundle_view *out, bh_error *err)
{
	struct taking taking = {client, NULL};
	bh_bundle_view before = {.kind = 0}, after = {.kind = 0};
	int error = 0;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "bundle", err);
	if (status == BH_OK && (!path || path[0] == '\0'))
		status = bh_fail(err, BH_E_INVALID, "bundle: path is missing");
	if (status != BH_OK)
		return status;
	int rc = answer_read(&taking, path, false, &before, &error);

	if (rc == BH_ERR_INVALID)
		return cargo_take(client, path, out, err);
	if (rc == 0)
		rc = unsent_read(client, &before);
	if (rc == 0)
		rc = answer_read(&taking, path, true, &after, &error);
	if (rc == 0)
		rc = unsent_read(client, &after);
	bh_worker_nudge(client->worker);
	if (rc != 0)
		return import_fail(client, rc, error, err);
	const bh_bundle_view view = {.kind = BH_BUNDLE_ANSWERED,
		.ops = less(before.ops, after.ops),
		.photos = less(before.photos, after.photos),
		.photo_bytes = less(before.photo_bytes, after.photo_bytes),
		.file_bytes = after.file_bytes};

	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}
