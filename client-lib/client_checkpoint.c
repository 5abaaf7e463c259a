/* Checkpoints of a plan, and marking them in its open round, each mark durable at once.  A position
 * is compared with the checkpoint's here, and goes no further. */
#include <string.h>

#include "client-lib/client_patrol.h"

_Static_assert(BH_NAME_SIZE > BH_ROUND_REASON_BYTES_MAX, "reasons");

#define ACCURACY_ALLOWED_M 100.0

static void checkpoint_view(const struct bh_msg_checkpoint *checkpoint,
	const struct bh_round *round, uint32_t index, bh_checkpoint_view *view)
{
	view->state = (round->done >> index & 1) != 0      ? BH_CHECKPOINT_CONFIRMED
		      : (round->skipped >> index & 1) != 0 ? BH_CHECKPOINT_SKIPPED
							   : BH_CHECKPOINT_OPEN;
	view->has_place = checkpoint->has_place ? 1 : 0;
	view->radius_m = checkpoint->radius_m;
	view->latitude_deg = checkpoint->latitude_e7 / 1e7;
	view->longitude_deg = checkpoint->longitude_e7 / 1e7;
	bh_text_cut(view->name, sizeof(view->name), checkpoint->name);
	bh_text_cut(view->reason, sizeof(view->reason),
		bh_span(round->reasons[index].text, round->reasons[index].len));
}

/* Under the lock; plans' arena is the caller's to free, whatever comes of it. */
static bh_status checkpoint_find(bh_client *client, uint32_t plan, uint32_t index,
	struct bh_plans *plans, const struct bh_msg_patrol **found, struct bh_round *round,
	bh_error *err)
{
	int rc = bh_round_read(client, plan, plans, found, round);

	if (rc != 0)
		return bh_fail_rc(err, client, rc, "checkpoint");
	if (*found && index < (*found)->checkpoints_count && index < BH_CHECKPOINTS_MAX)
		return BH_OK;
	return bh_fail(err, BH_E_NOT_FOUND, "checkpoint: no such plan or checkpoint");
}

bh_status bh_checkpoint_get(
	bh_client *client, uint32_t plan, uint32_t index, bh_checkpoint_view *out, bh_error *err)
{
	const struct bh_msg_patrol *found;
	struct bh_round round;
	struct bh_plans plans;
	bh_checkpoint_view view = {.state = BH_CHECKPOINT_OPEN};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "checkpoint view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	status = checkpoint_find(client, plan, index, &plans, &found, &round, err);
	if (status == BH_OK)
		checkpoint_view(&found->checkpoints[index], &round, index, &view);
	bh_worker_unlock(client->worker);
	bh_arena_free(&plans.arena);
	if (status == BH_OK)
		bh_struct_give(&view, sizeof(view), out);
	return status;
}

static bool is_near(const struct bh_msg_checkpoint *checkpoint, const bh_checkpoint_input *input)
{
	double allowed_m = input->accuracy_m < ACCURACY_ALLOWED_M ? input->accuracy_m
								  : ACCURACY_ALLOWED_M;

	return bh_place_is_within(checkpoint->latitude_e7, checkpoint->longitude_e7,
		input->latitude_deg, input->longitude_deg, allowed_m + checkpoint->radius_m);
}

static bh_status mark_take(const bh_checkpoint_input *input, struct bh_span *reason, bh_error *err)
{
	bh_status status = bh_text_take(
		input->reason, BH_ROUND_REASON_BYTES_MAX, "checkpoint: reason", reason, err);

	if (status != BH_OK)
		return status;
	if (input->state < BH_CHECKPOINT_OPEN || input->state > BH_CHECKPOINT_SKIPPED)
		return bh_fail(err, BH_E_INVALID, "checkpoint: state is unknown");
	if (input->state == BH_CHECKPOINT_SKIPPED && reason->len == 0)
		return bh_fail(err, BH_E_INVALID, "checkpoint: skipping needs a reason");
	if (input->has_place != 0 &&
		!(input->latitude_deg >= -90.0 && input->latitude_deg <= 90.0 &&
			input->longitude_deg >= -180.0 && input->longitude_deg <= 180.0 &&
			input->accuracy_m >= 0.0))
		return bh_fail(err, BH_E_INVALID, "checkpoint: the place is out of range");
	return BH_OK;
}

static void round_mark(struct bh_round *round, uint32_t index, int32_t state, struct bh_span reason)
{
	uint64_t bit = UINT64_C(1) << index;

	round->done &= ~bit;
	round->skipped &= ~bit;
	round->reasons[index].len = 0;
	if (state == BH_CHECKPOINT_CONFIRMED)
		round->done |= bit;
	if (state != BH_CHECKPOINT_SKIPPED)
		return;
	round->skipped |= bit;
	round->reasons[index].len = (uint8_t)reason.len;
	memcpy(round->reasons[index].text, reason.data, reason.len);
}

/* Under the lock. */
static bh_status mark_keep(bh_client *client, const struct bh_msg_patrol *plan, uint32_t index,
	const bh_checkpoint_input *input, struct bh_round *round, bh_error *err)
{
	const struct bh_msg_checkpoint *checkpoint = &plan->checkpoints[index];
	struct bh_buf text = BH_BUF(BH_TEXT_BYTES_MAX);
	struct bh_span reason = {NULL, 0};
	bh_status status = mark_take(input, &reason, err);

	if (status != BH_OK)
		return status;
	if (input->state == BH_CHECKPOINT_CONFIRMED && input->has_place != 0 &&
		checkpoint->has_place && !is_near(checkpoint, input))
		return bh_fail(err, BH_E_STATE, "checkpoint: the place is too far from it");
	round_mark(round, index, input->state, reason);
	if (round->started_ms == 0)
		round->started_ms = bh_worker_now(client->worker).wall_ms;
	int rc = bh_round_reasons(round, &text);

	if (rc == 0)
		rc = bh_local_round_put(client->local, plan->id, round);
	bh_buf_free(&text);
	return rc == 0 ? BH_OK : bh_fail_rc(err, client, rc, "checkpoint");
}

bh_status bh_checkpoint_mark(bh_client *client, uint32_t plan, uint32_t index,
	const bh_checkpoint_input *input, bh_error *err)
{
	const struct bh_msg_patrol *found;
	struct bh_round round;
	struct bh_plans plans;
	bh_checkpoint_input given;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_take(input, &given, sizeof(given), "checkpoint", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	status = checkpoint_find(client, plan, index, &plans, &found, &round, err);
	if (status == BH_OK)
		status = mark_keep(client, found, index, &given, &round, err);
	bh_worker_unlock(client->worker);
	bh_arena_free(&plans.arena);
	return status;
}
