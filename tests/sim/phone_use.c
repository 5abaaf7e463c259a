/* Somebody uses the handset: reports what is seen, signs and finishes what the unit was given,
 * opens answers.  What the call says is what the truth keeps. */
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_round.h"
#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/verdict.h"
#include "tests/sim/judge.h"
#include "tests/sim/desk.h"
#include "tests/sim/phone_state.h"
#include "tests/sim/server.h"
#include "tests/unit/domain/demo_rules.h"

#define DEGREE_E7 10000000
#define GRIDS 8u
#define WEST_E7 1170000000 /* of the district of demo_rules.h */
#define SOUTH_E7 305000000
#define GRID_WIDTH_E7 100000
#define HEIGHT_E7 200000
#define SPOT_PPM 200000
#define CASES_LOOKED_AT 40u
#define REPORT_PHOTOS_PPM 120000u
#define FINISH_PHOTOS_PPM 160000u

static const uint32_t types[] = {
	10001, 10001, 10001, 20001, 40001, 40001, 40006, 50001, 60001, 70001, 0, 99999};

static void say(struct bh_simphone *phone, const char *what, uint64_t number)
{
	bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run), "handset %u: %s %u-%u",
		phone->index, what, (unsigned)(number >> 32), (unsigned)(number & 0xffffffffu));
}

void bh_simphone_enrol(struct bh_simphone *phone, const uint8_t code[BH_CODE_BYTES])
{
	struct bh_device device, asked = {.port = 7411, .pins_count = 1};

	memcpy(phone->asked, code, BH_CODE_BYTES);
	phone->was_asked = true;
	if (!phone->up || bh_local_device(phone->local, &device) != 0 ||
		device.enrolled == BH_ENROL_YES ||
		(device.enrolled == BH_ENROL_ASKED &&
			memcmp(device.code, code, BH_CODE_BYTES) == 0))
		return;
	memcpy(asked.host, "district", 8);
	memcpy(asked.district, BH_SIM_DISTRICT, sizeof(BH_SIM_DISTRICT) - 1);
	memcpy(asked.model, "sim", 3);
	bh_simserver_pin(phone->run->server, asked.pins[0]);
	memcpy(asked.code, code, BH_CODE_BYTES);
	if (phone->key)
		bh_key_public(phone->key, asked.public_key);
	if (bh_local_ask(phone->local, &asked) == 0)
		bh_engine_sync_now(phone->engine, bh_simphone_now(phone));
	bh_simphone_settle(phone);
}

/* ---- Recording ---- */

static void place_draw(struct bh_simphone *phone, uint32_t grid, struct bh_msg_op_content *content)
{
	struct bh_simrng *rng = &phone->rng;
	int32_t column = grid ? (int32_t)(grid - 1) : (int32_t)bh_simrng_below(rng, GRIDS);

	content->has_place = true;
	content->datum = grid ? 1 : (uint32_t)bh_simrng_between(rng, 1, 3);
	content->accuracy_dm = (uint32_t)bh_simrng_below(rng, 500);
	content->latitude_e7 = SOUTH_E7 + (int32_t)bh_simrng_below(rng, HEIGHT_E7);
	content->longitude_e7 = WEST_E7 + column * GRID_WIDTH_E7 +
				(int32_t)bh_simrng_below(rng, GRID_WIDTH_E7);
	if (bh_simrng_chance(rng, SPOT_PPM)) { /* where it comes again and again */
		content->latitude_e7 = SOUTH_E7 + HEIGHT_E7 / 3;
		content->longitude_e7 = WEST_E7 + column * GRID_WIDTH_E7 + GRID_WIDTH_E7 / 3;
	}
	if (grid == 0 && bh_simrng_chance(rng, 60000))
		content->longitude_e7 -= (int32_t)bh_simrng_below(rng, DEGREE_E7); /* outside */
}

bool bh_simphone_record(struct bh_simphone *phone, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, uint32_t token, struct bh_simdraft *draft)
{
	struct bh_simop op = {.token = token,
		.phone = phone->index,
		.person = phone->options.person,
		.verb = header->verb,
		.about = header->case_number,
		.at_ms = bh_simrun_now(phone->run)};
	struct bh_op_ref ref = {0};
	struct bh_log log;
	int rc = bh_local_log(phone->local, &log);

	if (rc == 0 && !bh_simphone_author(phone, &op.author, &op.claimed))
		rc = BH_ERR_IO;
	if (rc == 0 && header->verb == BH_VERB_PATROL)
		rc = bh_local_round_finish(
			phone->local, header, content, bh_simphone_now(phone), &ref);
	else if (rc == 0)
		rc = bh_local_record_photos(phone->local, header, content, draft->bytes,
			draft->count, bh_simphone_now(phone), &ref);
	bool stopped = bh_simvfs_is_stopped(phone->disk);
	if (rc != 0 && rc != BH_ERR_UNKNOWN && !stopped) {
		bh_simphone_shots_drop(draft);
		return false;
	}
	op.fate = rc == 0 ? BH_SIMOP_RECORDED : BH_SIMOP_MAYBE;
	if (rc == 0) {
		memcpy(op.log_id, log.log_id, BH_LOG_ID_BYTES);
		memcpy(op.link, ref.link, BH_HASH_BYTES);
		op.seq = ref.seq;
		op.about = ref.number;
	}
	bh_simtruth_add(&phone->run->truth, &op);
	bh_simphone_shots_keep(phone, draft);
	return rc == 0;
}

void bh_simphone_recorded(struct bh_simphone *phone)
{
	if (!bh_simphone_has_died(phone)) {
		bh_engine_poke(phone->engine, bh_simphone_now(phone));
		bh_simphone_settle(phone);
	}
}

/* The post under which the user may do it, 0: none. */
static uint32_t post_for(
	struct bh_simphone *phone, const struct bh_msg_record *told, enum bh_verb verb);

/* Put right on the spot, right behind the report and before anything is told of it. */
static void self_dispose(struct bh_simphone *phone, uint32_t type)
{
	const struct bh_msg_record made = {.state = BH_STATE_RECEIVED};
	struct bh_msg_op_header header = {.verb = BH_VERB_SELF_DISPOSE,
		.case_number = phone->run->truth.ops[phone->run->truth.count - 1].about,
		.cycle = 1};
	const struct bh_msg_op_content content = {.text = bh_span("put right", 9)};
	bool may = type == BH_DEMO_LITTER || type == BH_DEMO_STALL;
	struct bh_simdraft draft;

	if (phone->run->calm || header.case_number == 0 ||
		!bh_simrng_chance(&phone->eye, may ? 800000 : 20000))
		return;
	header.post = post_for(phone, &made, BH_VERB_SELF_DISPOSE);
	if (header.post == 0)
		return;
	bh_simphone_shoot_both(phone, &draft);
	if (bh_simphone_record(phone, &header, &content, 0, &draft))
		say(phone, "puts right", header.case_number);
}

uint32_t bh_simphone_report(struct bh_simphone *phone, uint32_t type, uint32_t grid)
{
	char text[BH_SIMTRUTH_TEXT_BYTES];
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT};
	struct bh_msg_op_content content = {0};
	struct bh_simrng *rng = &phone->rng;
	struct bh_simdraft draft;

	if (!phone->up)
		return 0;
	uint32_t token = ++phone->run->next_token;
	bh_simtruth_text(token, bh_simrng_u64(rng), text);
	header.type = type ? type : types[bh_simrng_below(rng, sizeof(types) / sizeof(types[0]))];
	bh_simdesk_mark(phone->run->desk, header.type, text, sizeof(text));
	content.text = bh_span(text, strlen(text));
	header.condition = bh_simrng_chance(rng, 300000) ? (uint32_t)bh_simrng_below(rng, 5) : 0;
	header.urgency = bh_simrng_chance(rng, 100000) ? (uint32_t)bh_simrng_between(rng, 1, 4) : 0;
	if (grid != 0 || !bh_simrng_chance(rng, 80000))
		place_draw(phone, grid, &content);
	bh_simphone_shoot(phone, REPORT_PHOTOS_PPM, &draft);
	bool good = bh_simphone_record(phone, &header, &content, token, &draft);
	if (good)
		say(phone, "records report",
			phone->run->truth.ops[phone->run->truth.count - 1].about);
	if (good && !bh_simphone_has_died(phone))
		self_dispose(phone, header.type);
	bh_simphone_recorded(phone);
	return good ? token : 0;
}

/* ---- Serving ---- */

static uint32_t post_for(
	struct bh_simphone *phone, const struct bh_msg_record *told, enum bh_verb verb)
{
	struct bh_msg_district district;

	if (bh_local_district_read(phone->local, &phone->arena, &district) != 0)
		return 0;
	for (size_t i = 0; i < district.posts_count; i++) {
		const struct bh_msg_post *post = &district.posts[i];
		const struct bh_move *move = bh_move_find(
			(enum bh_state)told->state, verb, (enum bh_role)post->role);
		if (move != NULL && move->offline && move->in_use &&
			(!(move->guards & BH_GUARD_OWN_UNIT) || post->unit == told->unit))
			return post->id;
	}
	return 0;
}

static bool act_on(struct bh_simphone *phone, const struct bh_msg_record *told)
{
	enum bh_verb verb = told->state == BH_STATE_DISPATCHED ? BH_VERB_SIGN : BH_VERB_FINISH;
	struct bh_msg_op_header header = {.verb = verb,
		.case_number = told->case_number,
		.cycle = told->cycle,
		.base_position = told->position};
	struct bh_msg_op_content content = {0};
	struct bh_simdraft draft;

	if (told->state != BH_STATE_DISPATCHED && told->state != BH_STATE_HANDLING)
		return false;
	header.post = post_for(phone, told, verb);
	if (header.post == 0)
		return false;
	if (verb == BH_VERB_FINISH)
		content.text = bh_span("done, and tidied up", 19);
	bh_simphone_shoot(phone, verb == BH_VERB_FINISH ? FINISH_PHOTOS_PPM : 0, &draft);
	if (!bh_simphone_record(phone, &header, &content, 0, &draft))
		return false;
	say(phone, verb == BH_VERB_SIGN ? "signs" : "finishes", told->case_number);
	return true;
}

/* An open task of the user's, as it is told; not one that the lead unit only hears of. */
static const struct bh_msg_record_task *task_of(
	struct bh_simphone *phone, const struct bh_msg_record *told)
{
	struct bh_msg_district district;

	if (told->tasks_count == 0 ||
		bh_local_district_read(phone->local, &phone->arena, &district) != 0)
		return NULL;
	for (size_t i = 0; i < told->tasks_count; i++) {
		if (told->tasks[i].person == district.person)
			return &told->tasks[i];
		for (size_t k = 0; told->tasks[i].unit != 0 && k < district.posts_count; k++) {
			if (district.posts[k].unit == told->tasks[i].unit)
				return &told->tasks[i];
		}
	}
	return NULL;
}

static bool answer_to(struct bh_simphone *phone, const struct bh_msg_record *told)
{
	const struct bh_msg_record_task *task = task_of(phone, told);
	struct bh_msg_op_content content = {.text = bh_span("looked at it", 12)};
	struct bh_simdraft draft;

	if (task == NULL)
		return false;
	bool yes = bh_simrng_chance(&phone->rng, 700000);
	struct bh_msg_op_header header = {.verb = task->kind == BH_TASK_VERIFY
							  ? BH_VERB_ANSWER_VERIFY
						  : task->kind == BH_TASK_HELP  ? BH_VERB_HELP_DONE
						  : task->kind == BH_TASK_VISIT ? BH_VERB_VISIT_DONE
						  : yes                         ? BH_VERB_PASS
							: BH_VERB_CHECK_FAILED,
		.case_number = told->case_number,
		.cycle = told->cycle,
		.base_position = told->position,
		.reason = yes ? BH_TASK_YES : BH_TASK_NO,
		.task = task->ordinal};
	bh_simphone_shoot(phone, FINISH_PHOTOS_PPM, &draft);
	if (!bh_simphone_record(phone, &header, &content, 0, &draft))
		return false;
	say(phone, "answers a task of", told->case_number);
	return true;
}

bool bh_simphone_serve(struct bh_simphone *phone)
{
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	bool acted = false;

	if (!phone->up || bh_local_cases(phone->local, &keys, &count) != 0) {
		if (phone->up)
			(void)bh_simphone_has_died(phone);
		return false;
	}
	size_t start = count ? (size_t)bh_simrng_below(&phone->rng, count) : 0;
	for (size_t i = 0; i < count && i < CASES_LOOKED_AT && !acted; i++) {
		struct bh_case_key key = keys[(start + i) % count];
		struct bh_case_row row;
		bh_arena_reset(&phone->arena);
		if (bh_local_case(phone->local, key, &phone->arena, &row) != 0 || !row.known)
			continue;
		/* what waits beside the report itself */
		bool waits = row.waiting > (row.own && row.verdict == BH_VERDICT_NONE);
		if (!waits || bh_simrng_chance(&phone->rng, 30000))
			acted = answer_to(phone, &row.record) ||
				(phone->options.handler && act_on(phone, &row.record));
	}
	free(keys);
	bh_arena_reset(&phone->arena);
	bh_simphone_recorded(phone);
	return acted;
}

bool bh_simphone_open_closure(struct bh_simphone *phone)
{
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	bool marked = false;

	if (!phone->up || bh_local_cases(phone->local, &keys, &count) != 0)
		return false;
	size_t start = count ? (size_t)bh_simrng_below(&phone->rng, count) : 0;
	for (size_t i = 0; i < count && i < CASES_LOOKED_AT && !marked; i++) {
		struct bh_case_row row;
		bh_arena_reset(&phone->arena);
		if (bh_local_case(phone->local, keys[(start + i) % count], &phone->arena, &row) !=
				0 ||
			!row.known || !row.own || row.record.closures_count == 0)
			continue;
		marked = bh_local_mark_seen(phone->local, row.record.case_number,
				 row.record.closures[0].cycle, bh_simphone_now(phone)) == 0;
		if (marked)
			say(phone, "opens the answer to", row.record.case_number);
	}
	free(keys);
	bh_arena_reset(&phone->arena);
	bh_simphone_recorded(phone);
	return marked;
}

void bh_simphone_sync(struct bh_simphone *phone)
{
	if (!phone->up)
		return;
	bh_engine_sync_now(phone->engine, bh_simphone_now(phone));
	bh_simphone_settle(phone);
}

void bh_simphone_pocket(struct bh_simphone *phone, bool pocketed)
{
	phone->pocketed = pocketed;
	if (!phone->up)
		return;
	bh_engine_set_suspended(phone->engine, bh_simphone_now(phone), pocketed);
	bh_simphone_settle(phone);
}

void bh_simphone_reach(struct bh_simphone *phone, bool reachable)
{
	if (!phone->up)
		return;
	bh_engine_hint_reachable(phone->engine, bh_simphone_now(phone), reachable);
	bh_simphone_settle(phone);
}

void bh_simphone_hint(struct bh_simphone *phone)
{
	if (!phone->up)
		return;
	bh_engine_hint(phone->engine, bh_simphone_now(phone));
	bh_simphone_settle(phone);
}
