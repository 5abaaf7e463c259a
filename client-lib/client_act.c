/* What a handler does, or a field worker: a task answered, a case signed for, finished, put right
 * on the spot.  Check completely, against the case as it was told and what was done to it here
 * since, then one durable transaction. */
#include "client-lib/client_photo.h"
#include "proto/caseflow.h"
#include "proto/self_dispose.h"
#include "proto/verdict.h"

/* A case as a handler's button sees it: as told, with what was done to it here since. */
struct standing {
	enum bh_state state;
	uint32_t cycle;
	uint32_t type;
	uint32_t urgency;
	uint32_t unit;
	uint64_t position;
	const struct bh_msg_record_task *tasks;
	size_t tasks_count;
	uint32_t lacks;                    /* BH_LACKS_... */
	uint32_t task;                     /* that is meant; 0: any of its kind */
	uint32_t answered[BH_WAITING_MAX]; /* tasks, here, and the server has not said yet */
	size_t answered_count;
	struct bh_msg_district district;
};

bool bh_task_is_own(const struct bh_msg_district *district, const struct bh_msg_record_task *task)
{
	if (task->person != 0)
		return task->person == district->person;
	for (size_t i = 0; i < district->posts_count; i++) {
		if (task->unit != 0 && district->posts[i].unit == task->unit)
			return true;
	}
	return false;
}

const struct bh_msg_catalogue_type *bh_district_type(
	const struct bh_msg_district *district, uint32_t code)
{
	for (size_t i = 0; i < district->types_count; i++) {
		if (district->types[i].code == code)
			return &district->types[i];
	}
	return NULL;
}

static bool standing_answered(const struct standing *standing, uint32_t task)
{
	for (size_t i = 0; i < standing->answered_count; i++) {
		if (standing->answered[i] == task)
			return true;
	}
	return false;
}

/* The task that an act answers, or NULL. */
static const struct bh_msg_record_task *standing_task(
	const struct standing *standing, enum bh_verb verb)
{
	for (size_t i = 0; i < standing->tasks_count; i++) {
		const struct bh_msg_record_task *task = &standing->tasks[i];

		if (task->kind == bh_verb_answers(verb) &&
			(standing->task == 0 || standing->task == task->ordinal) &&
			!standing_answered(standing, task->ordinal) &&
			bh_task_is_own(&standing->district, task))
			return task;
	}
	return NULL;
}

/* Help that others give the unit's case, and have not yet. */
static bool standing_helps(const struct standing *standing)
{
	for (size_t i = 0; i < standing->tasks_count; i++) {
		if (standing->tasks[i].kind == BH_TASK_HELP &&
			!standing_answered(standing, standing->tasks[i].ordinal))
			return true;
	}
	return false;
}

/* How many photos its result shows at least; 0 for a type that is not known here. */
static size_t standing_evidence(const struct standing *standing)
{
	const struct bh_msg_district *district = &standing->district;

	const struct bh_msg_catalogue_type *type = bh_district_type(district, standing->type);

	return type && !district->evidence_off ? type->photos_min : 0;
}

static bool standing_self_disposes(const struct standing *standing)
{
	const struct bh_msg_district *district = &standing->district;

	return standing->urgency != 1 &&
	       bh_type_self_disposes(bh_district_type(district, standing->type),
		       district->self_dispose_classes, district->self_dispose_classes_count);
}

/* A dispute or a major case is not ready for it, or no result waits for the lead's word. */
static bool standing_lacks(const struct standing *standing, const struct bh_move *move)
{
	return ((move->guards & BH_GUARD_SETTLED) && (standing->lacks & BH_LACKS_RESULT)) ||
	       ((move->guards & BH_GUARD_PLAN) && (standing->lacks & BH_LACKS_PLAN)) ||
	       (move->verb == BH_VERB_SESSION && (standing->lacks & BH_LACKS_MEDIATION)) ||
	       (move->verb == BH_VERB_HAND_BACK && !(standing->lacks & BH_LACKS_SIGN_OFF));
}

/* The move that this post allows, or NULL. */
static const struct bh_move *post_move(
	const struct standing *standing, enum bh_verb verb, const struct bh_msg_post *post)
{
	const struct bh_move *found = bh_move_find(standing->state, verb, (enum bh_role)post->role);

	if (!found || !found->offline || !found->in_use)
		return NULL;
	if ((found->guards & BH_GUARD_OWN_UNIT) && post->unit != standing->unit)
		return NULL;
	if ((found->guards & BH_GUARD_NO_HELP) && standing_helps(standing))
		return NULL;
	if (standing_lacks(standing, found))
		return NULL;
	if ((found->guards & BH_GUARD_SELF_TYPE) && !standing_self_disposes(standing))
		return NULL;
	if ((found->guards & BH_GUARD_OWN_TASK) && !standing_task(standing, verb))
		return NULL;
	return found;
}

/* Whether the worker may do this, and under which post; 0: several allow it, and the server, which
 * knows their days and classes, takes the one that does. */
static bool standing_post(const struct standing *standing, enum bh_verb verb,
	const struct bh_move **move, uint32_t *post)
{
	*move = NULL;
	for (size_t i = 0; i < standing->district.posts_count; i++) {
		const struct bh_msg_post *own = &standing->district.posts[i];
		const struct bh_move *found = post_move(standing, verb, own);

		if (found)
			*post = *move ? 0 : own->id;
		if (found && !*move)
			*move = found;
	}
	return *move != NULL;
}

static void standing_told(const struct bh_msg_record *record, struct standing *out)
{
	out->state = (enum bh_state)record->state;
	out->cycle = record->cycle;
	out->type = record->type;
	out->urgency = record->urgency;
	out->unit = record->unit;
	out->position = record->position;
	out->tasks = record->tasks;
	out->tasks_count = record->tasks_count;
	out->lacks = record->lacks;
}

/* Of an own report nothing is told until somebody acts on it: it is, or will be, as it was made. */
static void standing_own(const struct bh_case_row *row, struct standing *out)
{
	bool stands = row->verdict == BH_VERDICT_NONE || row->verdict == BH_VERDICT_ACCEPTED;

	out->state = stands ? BH_STATE_RECEIVED : BH_STATE_OUTBOX;
	out->cycle = stands ? 1 : 0;
	out->type = row->header.type;
	out->urgency = row->header.urgency;
}

static int standing_read(
	bh_client *client, uint64_t number, struct bh_arena *arena, struct standing *out)
{
	struct bh_case_row row;
	struct bh_waiting_act acts[BH_WAITING_MAX];
	size_t count = 0;
	int rc = bh_local_case(client->local, (struct bh_case_key){number, 0}, arena, &row);

	if (rc == 0 && !row.known && !row.own)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0)
		rc = bh_local_district_read(client->local, arena, &out->district);
	if (rc == 0)
		rc = bh_local_waiting(client->local, number, acts, BH_WAITING_MAX, &count);
	if (rc != 0)
		return rc;
	if (row.known)
		standing_told(&row.record, out);
	else
		standing_own(&row, out);
	for (size_t i = 0; i < count; i++) {
		const struct bh_move *move = NULL;
		uint32_t post = 0;

		if (standing_post(out, (enum bh_verb)acts[i].verb, &move, &post))
			out->state = (enum bh_state)move->to;
		if (move && acts[i].verb == BH_VERB_HAND_BACK)
			out->lacks &= ~(uint32_t)BH_LACKS_SIGN_OFF;
		if (acts[i].task != 0)
			out->answered[out->answered_count++] = acts[i].task;
	}
	return 0;
}

static const int32_t acts_all[] = {BH_ACT_ANSWER_VERIFY, BH_ACT_SELF_DISPOSE, BH_ACT_SIGN,
	BH_ACT_FINISH, BH_ACT_PASS, BH_ACT_HELP_DONE, BH_ACT_VISIT_DONE, BH_ACT_CHECK_FAILED,
	BH_ACT_SESSION, BH_ACT_HAND_BACK};
#define ACTS_COUNT (sizeof(acts_all) / sizeof(acts_all[0]))

static bool act_is_known(int32_t act)
{
	for (size_t i = 0; i < ACTS_COUNT; i++) {
		if (acts_all[i] == act)
			return true;
	}
	return false;
}

static bh_status act_take(
	const bh_act_input *input, struct bh_msg_op_content *content, bh_error *err)
{
	bh_status status = bh_text_take(
		input->text, BH_REPORT_TEXT_BYTES_MAX, "act: text", &content->text, err);
	bool says = status == BH_OK && !bh_span_is_blank(content->text);

	if (status != BH_OK)
		return status;
	if (!act_is_known(input->act))
		return bh_fail(err, BH_E_INVALID, "act: %d is unknown", (int)input->act);
	if (input->act == BH_ACT_SELF_DISPOSE && input->photos_count < 2)
		return bh_fail(err, BH_E_INVALID, "act: it needs a photo before and one after");
	if (bh_verb_answers((enum bh_verb)input->act) != BH_TASK_NONE && !says &&
		(input->photos_count == 0 || input->act == BH_ACT_HELP_DONE ||
			input->act == BH_ACT_VISIT_DONE || input->act == BH_ACT_CHECK_FAILED))
		return bh_fail(err, BH_E_INVALID, "act: an answer needs a photo or a text");
	if ((input->act == BH_ACT_ANSWER_VERIFY || input->act == BH_ACT_VISIT_DONE) &&
		input->reason != BH_ANSWER_YES && input->reason != BH_ANSWER_NO)
		return bh_fail(err, BH_E_INVALID, "act: it says neither yes nor no");
	if (input->act == BH_ACT_SESSION && (!says || input->present == 0 || input->reason == 0 ||
						    input->reason > BH_SESSION_PARTED))
		return bh_fail(err, BH_E_INVALID, "act: a session says who was there and what");
	if (input->act == BH_ACT_HAND_BACK && !says)
		return bh_fail(err, BH_E_INVALID, "act: who gives a result back says why");
	if (input->captured_at < 0)
		return bh_fail(err, BH_E_INVALID, "act: captured_at is before 1970");
	return BH_OK;
}

/* A lead signs off what was handed in: its words and photos stand. */
static bool standing_signs_off(const struct standing *standing)
{
	bool leads = false;

	for (size_t i = 0; i < standing->district.posts_count && !leads; i++) {
		const struct bh_msg_post *post = &standing->district.posts[i];
		leads = post->unit == standing->unit &&
			(post->role == BH_ROLE_UNIT_LEAD || post->role == BH_ROLE_TIER_DESK);
	}
	return leads && (standing->lacks & BH_LACKS_SIGN_OFF) != 0;
}

/* What finishes a case says and shows what was done. */
static bh_status result_says(
	const struct standing *standing, int32_t act, struct bh_span text, bh_error *err)
{
	if (act != BH_ACT_FINISH || !bh_span_is_blank(text) || standing_signs_off(standing))
		return BH_OK;
	return bh_fail(err, BH_E_INVALID, "act: finishing needs a result text");
}

static bh_status result_shows(
	const struct standing *standing, const struct bh_move *move, size_t photos, bh_error *err)
{
	if (move->verb != BH_VERB_FINISH || standing_signs_off(standing))
		return BH_OK;
	if ((move->guards & BH_GUARD_EVIDENCE) != 0 && photos < standing_evidence(standing))
		return bh_fail(err, BH_E_INVALID, "act: its type asks for %zu photos at least",
			standing_evidence(standing));
	return BH_OK;
}

/* Under the lock. */
static bh_status act_record(bh_client *client, const bh_act_input *input,
	const struct bh_msg_op_content *content, const struct bh_photos_taken *photos,
	struct bh_op_ref *op, bh_error *err)
{
	struct bh_arena arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	uint32_t post = 0;
	const struct bh_move *move = NULL;
	struct standing standing = {.task = input->task};
	int rc = standing_read(client, input->case_number, &arena, &standing);
	bh_status status = result_says(&standing, input->act, content->text, err);

	if (status == BH_OK && rc == 0 &&
		!standing_post(&standing, (enum bh_verb)input->act, &move, &post)) {
		status = bh_fail(err, BH_E_STATE, "act: not in state %s, or not by this worker",
			bh_state_name(standing.state));
	} else if (status == BH_OK && rc == 0) {
		status = result_shows(&standing, move, photos->count, err);
	}
	if (rc == 0 && status == BH_OK) {
		const struct bh_msg_record_task *task = standing_task(
			&standing, (enum bh_verb)input->act);
		const struct bh_msg_op_header header = {.verb = (uint32_t)input->act,
			.captured_ms = input->captured_at,
			.case_number = input->case_number,
			.cycle = standing.cycle,
			.base_position = standing.position,
			.reason = input->reason,
			.task = task ? task->ordinal : 0,
			.present = input->act == BH_ACT_SESSION ? input->present : 0,
			/* by place, which the server knows best: a worker may have several grids */
			.post = input->act == BH_ACT_SELF_DISPOSE ? 0 : post};

		rc = bh_local_record_photos(client->local, &header, content, photos->bytes,
			photos->count, bh_worker_now(client->worker), op);
	}
	bh_arena_free(&arena);
	return rc != 0 && status == BH_OK ? bh_fail_rc(err, client, rc, "act") : status;
}

bh_status bh_act_record(
	bh_client *client, const bh_act_input *input, uint64_t *sequence, bh_error *err)
{
	struct bh_msg_op_content content = {0};
	struct bh_photos_taken photos = {.count = 0};
	struct bh_op_ref op;
	bh_act_input given;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_take(input, &given, sizeof(given), "act", err);
	if (status == BH_OK)
		status = act_take(&given, &content, err);
	if (status == BH_OK)
		status = bh_photos_take(given.photos, given.photos_count, &photos, err);
	for (size_t i = 1; given.act == BH_ACT_SELF_DISPOSE && i < photos.count; i++)
		photos.bytes[i].after = true;
	if (status == BH_OK) {
		bh_worker_lock(client->worker);
		status = act_record(client, &given, &content, &photos, &op, err);
		bh_worker_unlock(client->worker);
	}
	bh_photos_release(&photos);
	if (status != BH_OK)
		return status;
	bh_worker_nudge(client->worker);
	if (sequence)
		*sequence = op.seq;
	return BH_OK;
}

bh_status bh_acts_possible(bh_client *client, uint64_t case_number, int32_t *acts, size_t max,
	size_t *count, bh_error *err)
{
	struct bh_arena arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	struct standing standing = {.task = 0};
	size_t found = 0;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && (!count || (!acts && max > 0)))
		status = bh_fail(err, BH_E_INVALID, "acts or count is NULL");
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = standing_read(client, case_number, &arena, &standing);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "acts");
	bh_worker_unlock(client->worker);
	for (size_t i = 0; rc == 0 && i < ACTS_COUNT; i++) {
		const struct bh_move *move = NULL;
		uint32_t post = 0;

		if (!standing_post(&standing, (enum bh_verb)acts_all[i], &move, &post))
			continue;
		if (found < max)
			acts[found] = acts_all[i];
		found++;
	}
	bh_arena_free(&arena);
	if (rc == 0)
		*count = found;
	return status;
}
