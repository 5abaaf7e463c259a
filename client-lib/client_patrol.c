/* Patrol rounds: the day's list, and an open round's end.
 *
 *   plan, as told ──▶ marks, each durable ──▶ finish: one op, and no round is open any more */
#include "client-lib/client_patrol.h"
#include "proto/caseflow.h"

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define UTC_OFFSET_USUAL_MIN 480
#define ROUNDS_TODAY_MAX 2048u
#define ROUND_MINUTES_MAX 1440

int bh_plans_read(bh_client *client, struct bh_plans *out)
{
	out->arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	out->district = (struct bh_msg_district){.patrols_count = 0};
	int rc = bh_local_district_read(client->local, &out->arena, &out->district);

	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static const struct bh_msg_patrol *plan_find(const struct bh_plans *plans, uint32_t id)
{
	for (size_t i = 0; i < plans->district.patrols_count; i++)
		if (plans->district.patrols[i].id == id)
			return &plans->district.patrols[i];
	return NULL;
}

int bh_round_read(bh_client *client, uint32_t id, struct bh_plans *plans,
	const struct bh_msg_patrol **plan, struct bh_round *round)
{
	int rc = bh_plans_read(client, plans);

	*plan = rc == 0 ? plan_find(plans, id) : NULL;
	*round = (struct bh_round){.started_ms = 0};
	if (rc == 0)
		rc = bh_local_round_get(client->local, id, round);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* ---- The day's list ---------------------------------------------------------------------- */

static uint32_t bits_count(uint64_t bits)
{
	return (uint32_t)__builtin_popcountll(bits);
}

static int64_t local_ms(const struct bh_msg_district *district, int64_t at_ms)
{
	int32_t offset_min = district->utc_offset_min;

	return at_ms + (offset_min != 0 ? offset_min : UTC_OFFSET_USUAL_MIN) * MINUTE_MS;
}

/* 1970-01-01 was a Thursday. */
static bool plan_is_today(
	const struct bh_msg_district *district, const struct bh_msg_patrol *plan, int64_t now_ms)
{
	int64_t day = local_ms(district, now_ms) / DAY_MS;

	return day >= 0 && (plan->weekdays >> (day + 3) % 7 & 1) != 0;
}

static int finished_count(bh_client *client, const struct bh_msg_district *district, uint32_t plan,
	int64_t now_ms, uint32_t *out)
{
	uint32_t plans[ROUNDS_TODAY_MAX];
	size_t count = 0;
	int64_t since_ms = now_ms - local_ms(district, now_ms) % DAY_MS;
	int rc = bh_local_rounds_since(client->local, since_ms, plans, ROUNDS_TODAY_MAX, &count);

	for (size_t i = 0; rc == 0 && i < count; i++)
		*out += plans[i] == plan;
	return rc;
}

/* Under the lock. */
static int patrol_read(bh_client *client, const struct bh_msg_district *district,
	const struct bh_msg_patrol *plan, bh_patrol_view *view)
{
	int64_t now_ms = bh_worker_now(client->worker).wall_ms;
	struct bh_round round = {.started_ms = 0};
	int rc = bh_local_round_get(client->local, plan->id, &round);

	if (rc == BH_ERR_NOT_FOUND)
		rc = 0;
	if (rc == 0)
		rc = finished_count(client, district, plan->id, now_ms, &view->finished_today);
	if (rc != 0)
		return rc;
	view->plan = plan->id;
	view->grid = plan->area;
	view->checkpoints_count = (uint32_t)plan->checkpoints_count;
	view->rounds_today = plan_is_today(district, plan, now_ms) ? plan->rounds : 0;
	view->confirmed = bits_count(round.done);
	view->skipped = bits_count(round.skipped);
	view->started_at = round.started_ms;
	bh_text_cut(view->code, sizeof(view->code), plan->code);
	bh_text_cut(view->name, sizeof(view->name), plan->name);
	return 0;
}

bh_status bh_patrol_get(bh_client *client, uint32_t index, bh_patrol_view *out, bh_error *err)
{
	struct bh_plans plans;
	bh_patrol_view view = {.plan = 0};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "patrol view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_plans_read(client, &plans);

	if (rc == 0 && index < plans.district.patrols_count)
		rc = patrol_read(client, &plans.district, &plans.district.patrols[index], &view);
	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "patrol");
	else if (index >= plans.district.patrols_count)
		status = bh_fail(err, BH_E_NOT_FOUND, "patrol: no such plan");
	bh_worker_unlock(client->worker);
	bh_arena_free(&plans.arena);
	if (status == BH_OK)
		bh_struct_give(&view, sizeof(view), out);
	return status;
}

/* ---- The end ----------------------------------------------------------------------------- */

/* "3: 门锁着", a line for each that was skipped.  BH_ERR_LIMIT: over BH_TEXT_BYTES_MAX. */
int bh_round_reasons(const struct bh_round *round, struct bh_buf *out)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < BH_CHECKPOINTS_MAX; i++) {
		const char head[] = {
			(char)('0' + (i + 1) / 10), (char)('0' + (i + 1) % 10), ':', ' '};
		size_t skip = i < 9 ? 1 : 0;

		if ((round->skipped >> i & 1) == 0 || round->reasons[i].len == 0)
			continue;
		rc = out->len > 0 ? bh_put_u8(out, '\n') : 0;
		if (rc == 0)
			rc = bh_buf_append(out, head + skip, sizeof(head) - skip);
		if (rc == 0)
			rc = bh_buf_append(out, round->reasons[i].text, round->reasons[i].len);
	}
	return rc;
}

static uint32_t minutes_of(const struct bh_round *round, int64_t now_ms)
{
	int64_t minutes = (now_ms - round->started_ms) / MINUTE_MS;

	if (minutes < 0)
		return 0;
	return minutes > ROUND_MINUTES_MAX ? ROUND_MINUTES_MAX : (uint32_t)minutes;
}

/* What was not marked was missed; of a plan that is gone only what was marked is known. */
static uint64_t bits_missed(const struct bh_msg_patrol *plan, const struct bh_round *round)
{
	size_t count = plan ? plan->checkpoints_count : 0;
	uint64_t all = count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;

	return (all | round->skipped) & ~round->done;
}

/* Under the lock. */
static int round_end(bh_client *client, uint32_t id, const struct bh_msg_patrol *plan,
	const struct bh_round *round, struct bh_op_ref *op)
{
	struct bh_now now = bh_worker_now(client->worker);
	struct bh_buf text = BH_BUF(BH_TEXT_BYTES_MAX);
	const struct bh_msg_op_header header = {.verb = BH_VERB_PATROL,
		.area = plan ? plan->area : 0,
		.round = {.plan = id,
			.done = round->done,
			.missed = bits_missed(plan, round),
			.minutes = minutes_of(round, now.wall_ms)}};
	int rc = bh_round_reasons(round, &text);
	const struct bh_msg_op_content content = {.text = bh_buf_span(&text)};

	if (rc == 0)
		rc = bh_local_round_finish(client->local, &header, &content, now, op);
	bh_buf_free(&text);
	return rc;
}

bh_status bh_patrol_finish(bh_client *client, uint32_t plan, uint64_t *sequence, bh_error *err)
{
	const struct bh_msg_patrol *found;
	struct bh_op_ref op = {.seq = 0};
	struct bh_round round;
	struct bh_plans plans;
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_round_read(client, plan, &plans, &found, &round);

	if (rc == 0 && round.done == 0 && round.skipped == 0)
		status = bh_fail(err, BH_E_STATE, "patrol: no round of this plan is open");
	else if (rc == 0)
		rc = round_end(client, plan, found, &round, &op);
	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "patrol");
	bh_worker_unlock(client->worker);
	bh_arena_free(&plans.arena);
	if (status != BH_OK)
		return status;
	bh_worker_nudge(client->worker);
	if (sequence)
		*sequence = op.seq;
	return BH_OK;
}

bh_status bh_patrol_drop(bh_client *client, uint32_t plan, bh_error *err)
{
	struct bh_round round;
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_round_get(client->local, plan, &round);
	bool open = rc != BH_ERR_NOT_FOUND;

	/* also what lies there and is none */
	if (rc == 0 || rc == BH_ERR_CORRUPT)
		rc = bh_local_round_drop(client->local, plan);
	if (rc != 0 && open)
		status = bh_fail_rc(err, client, rc, "patrol");
	bh_worker_unlock(client->worker);
	return status == BH_OK && !open ? BH_DONE : status;
}
