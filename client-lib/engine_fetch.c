/* Down: the photos of others, one at a time, each from where its file ends (PROTOCOL.md, section
 * 19).
 *
 * A photo is never more important than a record: what the server does not have, what a full disk
 * does not take and what is not what its hash says is left for later or for good, and the session
 * goes on. */
#include <string.h>

#include "client-lib/engine_state.h"

#define BH_FETCH_HOLD_MS (600 * 1000) /* the disk does not take it */
#define BH_FETCH_LATER_MS 60000       /* the server does not say when */

bool bh_engine_fetch_due(const struct bh_engine *engine, struct bh_now now)
{
	return engine->enrolled == BH_ENROL_YES && engine->has_wanted &&
	       now.mono_ms >= engine->fetch_hold_mono_ms;
}

bool bh_engine_fetch_busy(const struct bh_engine *engine, struct bh_now now)
{
	return engine->session.download.is_open || bh_engine_fetch_due(engine, now);
}

static void fetch_hold(struct bh_engine *engine, struct bh_now now, int64_t hold_ms)
{
	engine->session.download.is_open = false;
	engine->fetch_hold_mono_ms = now.mono_ms + hold_ms;
}

static void fetch_failed(struct bh_engine *engine, struct bh_now now, int rc)
{
	bh_engine_say(engine, "a photo cannot be kept here: %s", bh_err_name(rc));
	fetch_hold(engine, now, BH_FETCH_HOLD_MS);
}

static void fetch_gone(struct bh_engine *engine, struct bh_now now)
{
	struct bh_download *download = &engine->session.download;
	int rc = bh_local_fetch_gone(engine->local, download->fetch.hash, &engine->changes);

	download->is_open = false;
	if (rc != 0)
		fetch_failed(engine, now, rc);
}

/* All bytes are there.  What a power cut left of an earlier part may be anything: once more, from
 * the beginning; what came whole from the server and is wrong is not asked for again. */
static void fetch_end(struct bh_engine *engine, struct bh_now now)
{
	struct bh_download *download = &engine->session.download;
	int rc = bh_local_fetch_end(engine->local, &download->fetch, &engine->changes);

	if (rc == BH_ERR_MALFORMED && download->from_start)
		fetch_gone(engine, now);
	else if (rc != 0 && rc != BH_ERR_MALFORMED)
		fetch_failed(engine, now, rc);
	download->is_open = false;
	/* The next is looked for by the update that follows. */
	engine->has_wanted = true;
}

void bh_engine_fetch(struct bh_engine *engine, struct bh_now now)
{
	struct bh_download *download = &engine->session.download;

	if (engine->phase != BH_PHASE_LIVE || download->is_open ||
		!bh_engine_fetch_due(engine, now))
		return;
	int rc = bh_local_fetch_next(engine->local, &download->fetch);

	if (rc == BH_ERR_NOT_FOUND) {
		engine->has_wanted = false;
		return;
	}
	if (rc != 0) {
		fetch_failed(engine, now, rc);
		return;
	}
	const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_ASK,
		.u.blob_ask = {bh_span(download->fetch.hash, BH_HASH_BYTES), download->fetch.held}};

	download->at = download->fetch.held;
	download->from_start = download->at == 0;
	download->asked_mono_ms = now.mono_ms;
	download->is_open = true;
	engine->settled = false;
	if (download->at == download->fetch.size)
		fetch_end(engine, now);
	else
		bh_engine_send(engine, now, &frame);
}

bool bh_engine_fetch_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	const struct bh_download *download = &engine->session.download;

	if (!download->is_open ||
		!bh_span_equal(state->hash, bh_span(download->fetch.hash, BH_HASH_BYTES)))
		return false;
	if (state->state == BH_BLOB_UNKNOWN || state->state == BH_BLOB_REFUSED)
		fetch_gone(engine, now);
	else
		fetch_hold(engine, now,
			state->retry_after_ms > 0 ? bh_engine_hold_ms(state->retry_after_ms)
						  : BH_FETCH_LATER_MS);
	return true;
}

static bool part_fits(const struct bh_download *download, const struct bh_msg_blob_part *part)
{
	return part->offset == download->at && part->size == download->fetch.size &&
	       part->data.len >= 1 && part->data.len <= BH_BLOB_PART_BYTES_MAX &&
	       part->data.len <= download->fetch.size - download->at;
}

void bh_handle_blob_down(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_blob_part *part = &frame->u.blob_part;
	struct bh_download *download = &engine->session.download;

	/* Of one that was given up: the server sends to its end. */
	if (!download->is_open ||
		!bh_span_equal(part->hash, bh_span(download->fetch.hash, BH_HASH_BYTES)))
		return;
	if (!part_fits(download, part)) {
		bh_engine_say(engine, "a part of a photo that does not fit");
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	int rc = bh_local_fetch_put(engine->local, download->fetch.hash, part->offset, part->data);

	if (rc != 0) {
		fetch_failed(engine, now, rc);
		return;
	}
	download->at += (uint32_t)part->data.len;
	engine->counts.photo_bytes_down += part->data.len;
	download->asked_mono_ms = now.mono_ms;
	engine->session.progressed = true;
	if (download->at == download->fetch.size)
		fetch_end(engine, now);
}

bool bh_engine_fetch_at(
	const struct bh_engine *engine, const uint8_t hash[BH_HASH_BYTES], uint32_t *bytes)
{
	const struct bh_download *download = &engine->session.download;

	if (!download->is_open || memcmp(download->fetch.hash, hash, BH_HASH_BYTES) != 0)
		return false;
	*bytes = download->at;
	return true;
}
