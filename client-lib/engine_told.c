/* Down: records, the district, and whether there is more.
 *
 * A delta is applied in one transaction and only then said to be applied.  To know that nothing
 * more is coming, a ping is sent when all is acknowledged: the server answers in order, so a pong
 * with nothing told in between means that everything was said. */
#include "client-lib/engine_state.h"

/* Positions are kept, and compared, as SQLite's integers. */
static bool delta_is_sound(const struct bh_engine *engine, const struct bh_msg_delta *delta)
{
	for (size_t i = 0; i < delta->cursors_count; i++)
		if (delta->cursors[i].position > INT64_MAX)
			return false;
	return delta->epoch == engine->session.epoch;
}

static int delta_apply(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_delta *delta)
{
	struct bh_msg_records records = {0};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	int rc = delta_is_sound(engine, delta) ? 0 : BH_ERR_MALFORMED;

	if (rc == 0 && delta->records.raw_bytes > 0)
		rc = bh_unpack(engine->packer, delta->records.scheme, delta->records.raw_bytes,
			delta->records.data, &raw);
	if (rc == 0)
		rc = bh_decode_records(bh_buf_span(&raw), &engine->arena, &records);
	if (rc == BH_ERR_LIMIT)
		rc = BH_ERR_MALFORMED;
	if (rc == 0)
		rc = bh_local_apply(engine->local, delta, &records, now, &engine->changes);
	bh_buf_free(&raw);
	return rc;
}

void bh_handle_delta(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_delta *delta = &frame->u.delta;
	int rc = delta_apply(engine, now, delta);

	if (rc == BH_ERR_MALFORMED) {
		bh_engine_say(engine, "records that do not decode, or of another epoch");
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	const struct bh_client_frame applied = {
		.kind = BH_CLIENT_APPLIED, .u.applied = {delta->cursors, delta->cursors_count}};

	engine->session.told_unasked = true;
	engine->session.more = delta->more;
	engine->session.progressed = true;
	engine->forked = false;
	engine->backoff_ms = 0;
	bh_engine_send(engine, now, &applied);
}

void bh_handle_district(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	struct bh_device device;
	struct bh_pins pins;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_engine_pins(engine, &device, &frame->u.district, &pins);
	if (rc == BH_ERR_AUTH) {
		bh_engine_say(engine, "the district's pins are not signed by its CA");
		bh_engine_hang_up(engine, now, BH_WHY_WRONG_SERVER);
		return;
	}
	if (rc == 0)
		rc = bh_local_district(engine->local, &frame->u.district, &pins);
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
	else
		bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
}

void bh_engine_settled(struct bh_engine *engine, struct bh_now now)
{
	struct bh_session_state *session = &engine->session;

	if (!session->settling)
		return;
	session->settling = false;
	if (!session->told_unasked && session->flights_count == 0 &&
		!bh_engine_upload_busy(engine, now) && !bh_engine_fetch_busy(engine, now) &&
		!bh_engine_cargo_busy(engine, now)) {
		engine->settled = true;
		engine->asked = false;
	}
}

void bh_engine_settle(struct bh_engine *engine, struct bh_now now)
{
	struct bh_session_state *session = &engine->session;

	if (bh_engine_rotate_busy(engine) || engine->settled || session->settling ||
		(engine->stay_connected && !engine->asked))
		return;
	if (session->more || session->flights_count > 0 || session->sent_seq < engine->head_seq ||
		bh_engine_upload_busy(engine, now) || bh_engine_fetch_busy(engine, now) ||
		bh_engine_cargo_busy(engine, now))
		return;
	session->settling = true;
	session->told_unasked = false;
	bh_engine_ping(engine, now);
}

void bh_engine_bye(struct bh_engine *engine, struct bh_now now)
{
	struct bh_unsent unsent;

	if (bh_local_unsent(engine->local, &unsent) != 0)
		return;
	const struct bh_client_frame bye = {
		.kind = BH_CLIENT_BYE, .u.bye = {unsent.ops, unsent.bytes, unsent.oldest_ms}};

	bh_engine_send(engine, now, &bye);
}
