/* What must hold of a handset whatever a server says: see fuzz_session_client.c. */
#include "tests/fuzz/client_held.h"

#include <string.h>

#include "proto/err.h"
#include "proto/frame.h"

#define ATTEMPT_MS_MAX (2 * 3600 * 1000) /* until the next one */

/* What is acknowledged stays so and what is not stays in the log, or is carried into the next. */
static void log_check(const struct client_held *held, const struct bh_log *log)
{
	bh_assert(log->acked_seq <= log->head_seq);
	if (memcmp(log->log_id, held->log.log_id, sizeof(log->log_id)) == 0) {
		bh_assert(log->acked_seq >= held->log.acked_seq);
		bh_assert(log->head_seq >= held->log.head_seq);
	} else {
		bh_assert(log->acked_seq == 0);
		bh_assert(log->head_seq >= held->log.head_seq - held->log.acked_seq);
	}
}

static bool cursor_stands(const struct client_held *now, const struct bh_msg_cursor *before)
{
	for (size_t i = 0; i < now->cursors_count; i++)
		if (now->cursors[i].scope == before->scope)
			return now->cursors[i].position >= before->position;
	return now->cursors_count == BH_SCOPES_MAX; /* it may stand past those that are told */
}

static void output_check(struct scripted *s)
{
	struct bh_buf *out = bh_engine_output(s->engine);
	struct bh_client_frame frame;
	struct bh_span body;
	size_t used;
	while (out->len > 0) {
		bh_assert(bh_frame_take(bh_buf_span(out), BH_FRAME_BYTES_MAX, &body, &used) == 0);
		bh_arena_reset(&s->arena);
		bh_assert(bh_decode_client_frame(body, &s->arena, &frame) == 0);
		bh_assert(frame.kind != BH_CLIENT_UNKNOWN);
		bh_buf_consume(out, used);
	}
}

/* Whatever a server says, what is unsent is tried again within hours. */
static void wake_check(const struct scripted *s, const struct client_held *now)
{
	struct bh_engine_status status = bh_engine_status(s->engine);
	if (status.attempt_mono_ms != INT64_MAX)
		bh_assert(status.attempt_mono_ms <= s->now.mono_ms + ATTEMPT_MS_MAX);
	if (now->live && now->log.acked_seq < now->log.head_seq)
		bh_assert(
			bh_engine_want(s->engine).wake_mono_ms <= s->now.mono_ms + ATTEMPT_MS_MAX);
}

void client_held_begin(struct scripted *s, struct client_held *held)
{
	*held = (struct client_held){.live = false};
	bh_assert(bh_local_log(s->local, &held->log) == 0);
	client_held_check(s, held);
}

/* A Welcome may close scopes and begin another epoch, so cursors are compared within a session. */
void client_held_check(struct scripted *s, struct client_held *held)
{
	struct client_held now = {.live = bh_engine_status(s->engine).live};
	bh_engine_check(s->engine);
	bh_assert(bh_engine_status(s->engine).cause != BH_WHY_STORE);
	output_check(s);
	bh_assert(bh_local_log(s->local, &now.log) == 0);
	log_check(held, &now.log);
	wake_check(s, &now);
	bh_assert(bh_local_cursors(s->local, now.cursors, &now.cursors_count) == 0);
	for (size_t i = 0; held->live && now.live && i < held->cursors_count; i++)
		bh_assert(cursor_stands(&now, &held->cursors[i]));
	*held = now;
}

/* Every op of the present log is there and linked to the one before it. */
void client_chain_check(struct scripted *s, const struct client_held *held)
{
	uint8_t link[BH_HASH_BYTES], commitment[BH_HASH_BYTES];
	struct bh_op_batch batch = {.count = 0};
	uint64_t seq = 0;
	bh_log_start(s->hasher, "340803", held->log.log_id, link);
	do {
		bh_arena_reset(&s->arena);
		bh_assert(bh_local_batch(s->local, seq + 1, BH_BATCH_OPS_MAX, BH_BATCH_BYTES_MAX,
				  &s->arena, &batch) == 0);
		for (size_t i = 0; i < batch.count; i++) {
			bh_op_commitment(s->hasher, batch.salts.data + i * BH_SALT_BYTES,
				batch.contents[i], commitment);
			seq++;
			bh_log_link(s->hasher, link, seq, batch.headers[i], commitment, link);
		}
	} while (batch.count > 0);
	bh_assert(seq == held->log.head_seq);
	bh_assert(seq == 0 || memcmp(link, held->log.head_link, sizeof(link)) == 0);
}
