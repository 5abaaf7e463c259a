/* The district's word that came by hand: its Ack and its photos, as if a session had brought them.
 *
 * The rows move exactly as an Ack moves them, and only forward; a session that is open meanwhile
 * goes by its own server's sequences and finds what it pushes acknowledged already. */
#include <string.h>

#include "client-lib/engine_state.h"
#include "client-lib/local_bundle.h"

#define BH_LINK_CHECK_BYTES 8u

/* The Ack must be of our link, or it is of another log than ours. */
static int ack_take(struct bh_engine *engine, const struct bh_msg_ack *ack)
{
	uint8_t link[BH_HASH_BYTES];
	int rc = bh_local_link(engine->local, ack->seq, link);

	if (rc == 0 && !bh_span_equal(ack->link_check, bh_span(link, BH_LINK_CHECK_BYTES)))
		rc = BH_ERR_FORK;
	if (rc == BH_ERR_NOT_FOUND)
		rc = BH_ERR_FORK;
	return rc == 0 ? bh_local_ack(engine->local, ack, &engine->changes) : rc;
}

/* What the live session's server wants is not there, whatever was so before. */
static int complete_take(struct bh_engine *engine, const struct bh_msg_bundle_answer *answer)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < answer->complete_count; i++) {
		uint32_t bytes;

		if (!bh_engine_upload_at(engine, answer->complete[i].data, &bytes))
			rc = bh_local_blob_answered(engine->local, answer->complete[i].data,
				answer->last_seq, &engine->changes);
	}
	return rc;
}

/* What a server held that was put back since may be gone; what it was sealed for is forgotten where
 * a session was asked for a photo, maybe since the file was opened. */
static int photos_take(struct bh_engine *engine, const struct bh_msg_bundle_answer *answer,
	const uint8_t reply_key[BH_PUBLIC_KEY_BYTES])
{
	uint64_t epoch = 0;
	bool is_kept = false;
	struct bh_log log;
	int rc = bh_local_epoch_answered(engine->local, answer->epoch);

	if (rc == 0)
		rc = bh_local_epoch(engine->local, &epoch);
	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	if (rc != 0 || answer->epoch < epoch)
		return rc;
	if (answer->held_link.len > 0 && answer->held_seq < log.acked_seq &&
		answer->last_seq > log.acked_seq)
		rc = bh_local_held(engine->local, answer->held_seq, answer->held_link.data);
	if (rc == 0)
		rc = bh_local_reply_is(engine->local, reply_key, &is_kept);
	return rc == 0 && is_kept ? complete_take(engine, answer) : rc;
}

int bh_engine_answered(struct bh_engine *engine, struct bh_now now,
	const struct bh_msg_bundle_answer *answer, const uint8_t reply_key[BH_PUBLIC_KEY_BYTES])
{
	struct bh_log log;
	int rc = bh_local_log(engine->local, &log);

	/* Of a log before the present one: what it says was carried on with origins. */
	if (rc == 0 && !bh_span_equal(answer->log_id, bh_span(log.log_id, sizeof(log.log_id))))
		return BH_ERR_FORK;
	if (rc == 0 && answer->has_ack)
		rc = ack_take(engine, &answer->ack);
	if (rc == 0)
		rc = photos_take(engine, answer, reply_key);
	bh_engine_update(engine, now);
	return rc;
}
