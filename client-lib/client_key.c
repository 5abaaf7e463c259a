/* Another key for this handset. */
#include "client-lib/client_state.h"
#include "proto/sign.h"

/* A key outside needs somebody who signs for it and for the one that holds, told which. */
static bh_status next_check(const bh_client *client, const uint8_t *public_key, bh_error *err)
{
	if (!public_key)
		return BH_OK;
	if (!client->signs_for_any)
		return bh_fail(err, BH_E_INVALID, "rotate_key: public_key without sign_for");
	if (!bh_public_key_valid(public_key))
		return bh_fail(err, BH_E_INVALID, "rotate_key: public_key is no point of P-256");
	return BH_OK;
}

/* The one that holds may be outside, and its callback be told nothing: it could not know that it is
 * asked for the other. */
static bool holder_signs(const bh_client *client)
{
	return bh_local_key(client->local) || client->signs_for_any;
}

bh_status bh_client_rotate_key(bh_client *client, const uint8_t *public_key, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = next_check(client, public_key, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = 0;

	if (!holder_signs(client))
		status = bh_fail(err, BH_E_INVALID,
			"rotate_key: the key that holds is outside, and sign_for is missing");
	else if ((rc = bh_local_rotate(client->local, public_key)) != 0)
		status = bh_fail_rc(err, client, rc, "rotate_key");
	else
		bh_engine_sync_now(client->engine, bh_worker_now(client->worker));
	bh_worker_unlock(client->worker);
	if (status == BH_OK)
		bh_worker_nudge(client->worker);
	return status;
}
