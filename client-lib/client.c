/* Opening and closing a client, the host's hints, and the events it pulls. */
#include <stdlib.h>
#include <string.h>

#include "client-lib/client_state.h"
#include "client-lib/seams.h"

#define BH_APP_VERSION_BYTES_MAX 64u
#define BH_PATH_BYTES_MAX 4096u

_Static_assert(BH_EVENT_STATUS == (int)BH_CHANGE_STATUS &&
		       BH_EVENT_REREAD == (int)BH_CHANGE_REREAD &&
		       BH_EVENT_PHOTO == (int)BH_CHANGE_PHOTO,
	"events are changes");

static bh_status options_check(const bh_client_options *options, bh_error *err)
{
	struct bh_span text;

	if (!options->store_path || options->store_path[0] == '\0')
		return bh_fail(err, BH_E_INVALID, "options: store_path is missing");
	if (strnlen(options->store_path, BH_PATH_BYTES_MAX) == BH_PATH_BYTES_MAX)
		return bh_fail(err, BH_E_LIMIT, "options: store_path is too long");
	if (options->drive > BH_DRIVE_HOST)
		return bh_fail(err, BH_E_INVALID, "options: drive %u is unknown", options->drive);
	return bh_text_take(
		options->app_version, BH_APP_VERSION_BYTES_MAX, "app_version", &text, err);
}

static int client_start(bh_client *client, const bh_client_options *options,
	const struct bh_client_seams *seams, struct bh_transport *transport)
{
	struct bh_now now = seams->clock.now(seams->clock.context);
	const struct bh_local_options local = {.path = options->store_path,
		.vfs = seams->vfs,
		.rng = seams->rng,
		.boot = seams->boot,
		.app_key = options->app_key};
	int rc = bh_local_open(&local, &client->local);

	if (rc != 0)
		return rc;
	const struct bh_engine_options engine = {.local = client->local,
		.rng = seams->rng,
		.app_version = options->app_version,
		.stay_connected = options->sync_once == 0,
		.signs_outside = options->sign || options->sign_for};

	rc = bh_engine_open(&engine, now, &client->engine);
	if (rc == 0 && !transport->api)
		rc = bh_transport_tls_make(transport);
	if (rc != 0)
		return rc;
	const struct bh_worker_options worker = {.local = client->local,
		.engine = client->engine,
		.transport = *transport,
		.clock = seams->clock,
		.own_thread = options->drive == BH_DRIVE_THREAD,
		.wake = options->wake,
		.wake_payload = options->wake_payload,
		.log = options->log,
		.log_payload = options->log_payload,
		.sign = options->sign,
		.sign_payload = options->sign_payload,
		.sign_for = options->sign_for};

	transport->api = NULL;
	return bh_worker_open(&worker, &client->worker);
}

/* What is left is a shell, for cursors that are still open. */
static void client_end(bh_client *client)
{
	bh_worker_close(client->worker);
	bh_engine_close(client->engine);
	bh_local_close(client->local);
	client->worker = NULL;
	client->engine = NULL;
	client->local = NULL;
	bh_client_release(client);
}

bh_client *bh_client_hold(bh_client *client)
{
	atomic_fetch_add(&client->held, 1);
	return client;
}

void bh_client_release(bh_client *client)
{
	if (atomic_fetch_sub(&client->held, 1) == 1)
		free(client);
}

bh_status bh_client_open_with(const bh_client_options *options, const struct bh_client_seams *seams,
	bh_client **out, bh_error *err)
{
	struct bh_client_seams own = seams ? *seams : (struct bh_client_seams){0};
	bh_client_options given;
	bh_client *client = NULL;
	int rc = 0;

	if (out)
		*out = NULL;
	bh_status status = out ? bh_struct_take(options, &given, sizeof(given), "options", err)
			       : bh_fail(err, BH_E_INVALID, "out is NULL");
	if (status == BH_OK)
		status = options_check(&given, err);
	if (status == BH_OK && !(client = calloc(1, sizeof(*client))))
		status = bh_fail(err, BH_E_NOMEM, "open: no memory");
	if (status == BH_OK) {
		own.clock = own.clock.now ? own.clock : bh_clock_system();
		own.rng = own.rng.fill ? own.rng : bh_rng_system();
		own.boot = own.boot ? own.boot : bh_boot_system();
		atomic_init(&client->held, 1);
		client->drive = given.drive;
		client->signs_outside = given.sign || given.sign_for;
		client->signs_for_any = given.sign_for != NULL;
		rc = client_start(client, &given, &own, &own.transport);
		if (rc != 0)
			status = bh_fail_rc(err, client, rc, "open");
	}
	if (status != BH_OK) {
		if (own.transport.api)
			own.transport.api->free(own.transport.context);
		if (client)
			client_end(client);
		return status;
	}
	*out = client;
	return BH_OK;
}

bh_status bh_client_open(const bh_client_options *options, bh_client **out, bh_error *err)
{
	return bh_client_open_with(options, NULL, out, err);
}

void bh_client_close(bh_client *client)
{
	if (bh_enter(client, NULL) == BH_OK)
		client_end(client);
}

/* ---- Hints ------------------------------------------------------------------------------- */

void bh_client_set_reachable(bh_client *client, bool reachable)
{
	if (bh_enter(client, NULL) != BH_OK)
		return;
	bh_worker_lock(client->worker);
	bh_engine_hint_reachable(client->engine, bh_worker_now(client->worker), reachable);
	bh_worker_unlock(client->worker);
	bh_worker_nudge(client->worker);
}

void bh_client_set_suspended(bh_client *client, bool suspended)
{
	if (bh_enter(client, NULL) != BH_OK)
		return;
	bh_worker_lock(client->worker);
	bh_engine_set_suspended(client->engine, bh_worker_now(client->worker), suspended);
	bh_worker_unlock(client->worker);
	bh_worker_nudge(client->worker);
}

void bh_client_hint(bh_client *client)
{
	if (bh_enter(client, NULL) != BH_OK)
		return;
	bh_worker_lock(client->worker);
	bh_engine_hint(client->engine, bh_worker_now(client->worker));
	bh_worker_unlock(client->worker);
	bh_worker_nudge(client->worker);
}

bh_status bh_client_sync_now(bh_client *client, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	bh_engine_sync_now(client->engine, bh_worker_now(client->worker));
	bh_worker_unlock(client->worker);
	bh_worker_nudge(client->worker);
	return BH_OK;
}

bh_status bh_client_run_until(bh_client *client, bh_time_ms deadline, bh_error *err)
{
	bool is_done = false;
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	if (client->drive != BH_DRIVE_HOST)
		return bh_fail(err, BH_E_INVALID, "run_until: this client drives itself");
	int rc = bh_worker_run_until(client->worker, deadline, &is_done);

	if (rc != 0)
		return bh_fail_rc(err, client, rc, "run_until");
	return is_done ? BH_DONE : BH_OK;
}

/* ---- Events ------------------------------------------------------------------------------ */

bh_status bh_client_next_event(bh_client *client, bh_event *out, bh_error *err)
{
	struct bh_change change;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "event", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	bool taken = bh_engine_take_change(client->engine, &change);
	bh_worker_unlock(client->worker);
	if (!taken)
		return BH_DONE;
	const bh_event event = {.type = (int32_t)change.kind,
		.case_number = change.number,
		.sequence = change.seq,
		.cycle = change.cycle,
		.verdict = (int32_t)change.verdict};

	bh_struct_give(&event, sizeof(event), out);
	return BH_OK;
}
