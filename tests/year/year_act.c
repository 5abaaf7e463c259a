/* The actors: a line says who does what with a case in which states, how often of a thousand looks,
 * and how many of it a year of 22,000 cases has at least.  One line more is one verb more.
 *
 *   look ──▶ the lines of the case's state that fit ──▶ one of them, or nothing ──▶ order or op
 *    ▲                                                                               │
 *    └──────────────── when the next one looks, by the state ────────────────────────┘ */
#include "tests/year/year_act.h"

#include <string.h>

#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/store/task.h"

#define UNITS_MAX 128u
#define THOUSAND 1000u
#define ACTS_MAX 128u
#define PHOTO_BYTES_MIN 20000
#define PHOTO_BYTES_MAX 90000

/* ---- Who ---- */

static uint32_t township_of(uint32_t area)
{
	if (area >= YEAR_GRID(0))
		return (area - YEAR_GRID(0)) / YEAR_GRIDS;
	if (area >= YEAR_VILLAGE(0))
		return (area - YEAR_VILLAGE(0)) / 3;
	return area >= YEAR_TOWNSHIP(0) ? area - YEAR_TOWNSHIP(0) : UINT32_MAX;
}

/* The open task that the verb answers: its number and whose it is, or 0. */
static uint32_t task_person(
	struct year *year, const struct bh_case *cased, enum bh_verb verb, uint32_t *task)
{
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t count = 0;
	if (bh_reader_tasks(year->reader, cased->number, true, tasks, BH_TASKS_OPEN_MAX, &count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (tasks[i].kind != (uint32_t)bh_verb_answers(verb))
			continue;
		*task = tasks[i].ordinal;
		return tasks[i].person ? tasks[i].person : BH_DEMO_LEAD(tasks[i].unit);
	}
	return 0;
}

static uint32_t tier_person(const struct bh_case *cased)
{
	uint32_t township = township_of(cased->area);
	if (cased->state == BH_STATE_TIER_MOVING)
		return cased->unit == BH_DEMO_DESK_COUNTY ? BH_DEMO_PERSON(TIER_DESK)
							  : YEAR_TIER(cased->unit);
	return township == UINT32_MAX ? 0 : YEAR_TIER(YEAR_DESK(township));
}

static uint32_t person_of(struct year *year, const struct year_act *act,
	const struct bh_case *cased, struct bh_command *draft)
{
	switch (act->who) {
	case YEAR_BY_ROLE:
		return act->role;
	case YEAR_BY_LEAD:
		return BH_DEMO_LEAD(cased->unit);
	case YEAR_BY_HANDLER:
		return year_district_handler(year->district, cased->unit);
	case YEAR_BY_TASK:
		return task_person(year, cased, act->verb, &draft->task);
	case YEAR_BY_TIER:
		return tier_person(cased);
	case YEAR_BY_REPORTER:
		return cased->reporter;
	case YEAR_BY_CLOCK:
		break;
	}
	return 0;
}

/* ---- Choosing ---- */

static bool act_fits(struct year *year, const struct year_act *act, const struct bh_case *cased)
{
	if (!(act->states & 1u << cased->state) || act->who == YEAR_BY_CLOCK ||
		(year_winds_up(year) && !act->straight))
		return false;
	return act->fits == NULL || act->fits(year, cased);
}

/* One of those that fit, by their shares; of what they leave of a thousand nothing is done, but
 * when the year winds up. */
static const struct year_act *act_draw(struct year *year, const struct bh_case *cased)
{
	const struct year_act *fitting[ACTS_MAX];
	uint32_t sum = 0;
	size_t count = 0;
	bh_assert(year_acts_count <= ACTS_MAX);
	for (size_t i = 0; i < year_acts_count; i++) {
		if (!act_fits(year, &year_acts[i], cased))
			continue;
		sum += year_acts[i].share;
		fitting[count++] = &year_acts[i];
	}
	uint32_t all = year_winds_up(year) || sum > THOUSAND ? sum : THOUSAND;
	if (sum == 0)
		return NULL;
	uint64_t draw = bh_simrng_below(&year->acts, all);
	for (size_t i = 0; i < count; i++) {
		if (draw < fitting[i]->share)
			return fitting[i];
		draw -= fitting[i]->share;
	}
	return NULL;
}

/* ---- Doing ---- */

/* As it was, and as it is now. */
static void photos_take(struct year *year, struct year_photo *photos, struct bh_msg_blob *blobs)
{
	for (unsigned i = 0; i < YEAR_PHOTOS_MAX; i++) {
		bh_simrng_fill(&year->salts, photos[i].hash, BH_HASH_BYTES);
		photos[i].size = (uint32_t)bh_simrng_between(
			&year->acts, PHOTO_BYTES_MIN, PHOTO_BYTES_MAX);
		photos[i].kind = i == 0 ? BH_BLOB_PHOTO : BH_BLOB_AFTER;
		blobs[i] = (struct bh_msg_blob){.hash = bh_span(photos[i].hash, BH_HASH_BYTES),
			.size = photos[i].size,
			.kind = photos[i].kind};
	}
}

static void op_record(struct year *year, struct year_phone *phone, const struct bh_command *draft)
{
	struct year_photo photos[YEAR_PHOTOS_MAX];
	struct bh_msg_blob blobs[YEAR_PHOTOS_MAX];
	bool shows = draft->verb == BH_VERB_SELF_DISPOSE;
	struct bh_msg_op_header header = {.verb = draft->verb,
		.case_number = draft->case_number,
		.cycle = draft->cycle,
		.base_position = draft->base_position,
		.reason = draft->reason_code,
		.present = draft->dispute.present,
		.task = draft->task};
	struct bh_msg_op_content content = {.has_place = false};
	if (shows) {
		photos_take(year, photos, blobs);
		header.blobs = blobs;
		header.blobs_count = YEAR_PHOTOS_MAX;
	}
	struct year_op *op = year_record(year, phone, &header, &content);
	if (shows) {
		memcpy(op->photos, photos, sizeof(photos));
		op->photos_count = YEAR_PHOTOS_MAX;
	}
}

static void order_give(struct year *year, const struct year_act *act, struct bh_command draft)
{
	struct year_order *order = year_order_new(year, BH_SOURCE_DESK, act->verb);
	if (order == NULL)
		return; /* the minute is full: somebody else looks later */
	draft.text = order->command.text;
	memcpy(draft.key_hash, order->command.key_hash, BH_HASH_BYTES);
	order->command = draft;
	if (act->pay != NULL)
		act->pay(year, order);
}

static void act_do(struct year *year, const struct year_act *act, const struct bh_case *cased)
{
	struct bh_command draft = {.source = BH_SOURCE_DESK,
		.verb = act->verb,
		.case_number = cased->number,
		.cycle = cased->cycle,
		.base_position = cased->last,
		.reason_code = 1};
	bh_demo_say(&draft);
	draft.person = person_of(year, act, cased, &draft);
	if (draft.person == 0 || (act->fill != NULL && !act->fill(year, cased, &draft)))
		return;
	struct year_phone *phone = act->device ? year_phone_of(year, draft.person) : NULL;
	if (phone != NULL) {
		op_record(year, phone, &draft);
		return;
	}
	if (bh_simrng_chance(&year->acts, 150000))
		draft.base_position = 0; /* said without looking again */
	order_give(year, act, draft);
}

/* ---- The reporter's own answer ---- */

/* Whoever reported hears how each cycle ended, and looks at it, or not. */
static void receipts(struct year *year, struct year_case *kept, const struct bh_case *cased)
{
	struct year_phone *phone = year_phone_of(year, cased->reporter);
	uint32_t ended = bh_state_is_end((enum bh_state)cased->state) ? cased->cycle
								      : cased->cycle - 1;
	for (uint32_t cycle = 1; phone != NULL && cycle <= ended && cycle <= 32; cycle++) {
		uint32_t bit = 1u << (cycle - 1);
		struct bh_command draft = {.case_number = cased->number, .cycle = cycle};
		if (!(cased->delivered & bit)) {
			draft.verb = BH_VERB_DELIVERED;
			op_record(year, phone, &draft);
		} else if (!(kept->seen & bit) && bh_simrng_chance(&year->acts, 700000)) {
			draft.verb = BH_VERB_SEEN;
			op_record(year, phone, &draft);
			kept->seen |= bit;
		}
	}
}

/* ---- When the next one looks ---- */

static const struct {
	int64_t least_ms, most_ms;
	bool by_day; /* nobody is there at night */
} waits[BH_STATE_COUNT] = {
	[BH_STATE_RECEIVED] = {2 * YEAR_MINUTE, 40 * YEAR_MINUTE, false},
	[BH_STATE_VERIFYING] = {5 * YEAR_MINUTE, 50 * YEAR_MINUTE, false},
	[BH_STATE_FILED] = {2 * YEAR_MINUTE, 40 * YEAR_MINUTE, false},
	[BH_STATE_DISPATCHED] = {10 * YEAR_MINUTE, 5 * YEAR_HOUR, true},
	[BH_STATE_HANDLING] = {YEAR_HOUR, 30 * YEAR_HOUR, true},
	[BH_STATE_RETURNING] = {5 * YEAR_MINUTE, 65 * YEAR_MINUTE, false},
	[BH_STATE_SUSPENDED] = {YEAR_DAY, 8 * YEAR_DAY, true},
	[BH_STATE_TIER_MOVING] = {YEAR_HOUR, 30 * YEAR_HOUR, true},
	[BH_STATE_DONE] = {YEAR_HOUR, 20 * YEAR_HOUR, true},
	[BH_STATE_CHECKING] = {10 * YEAR_MINUTE, 8 * YEAR_HOUR, true},
	[BH_STATE_REWORK] = {YEAR_HOUR, 10 * YEAR_HOUR, true},
	[BH_STATE_CLOSED] = {YEAR_DAY, 3 * YEAR_DAY, true},
	[BH_STATE_ARCHIVED] = {YEAR_DAY, 3 * YEAR_DAY, true},
	[BH_STATE_REJECTED] = {YEAR_DAY, 3 * YEAR_DAY, true},
	[BH_STATE_VOID] = {YEAR_DAY, 10 * YEAR_DAY, true},
	[BH_STATE_MERGED] = {YEAR_DAY, 6 * YEAR_DAY, true},
	[BH_STATE_REFERRED] = {YEAR_DAY, 10 * YEAR_DAY, true},
	[BH_STATE_FOLLOWED] = {YEAR_DAY, 30 * YEAR_DAY, true},
};

static void look_later(struct year *year, uint32_t which, uint32_t state)
{
	int64_t wait_ms = bh_simrng_between(
		&year->acts, waits[state].least_ms, waits[state].most_ms);
	int64_t hour = (year->at_ms + wait_ms) % YEAR_DAY / YEAR_HOUR;
	if (waits[state].by_day && (hour < 8 || hour >= 19))
		wait_ms += ((32 - hour) % 24) * YEAR_HOUR +
			   bh_simrng_between(&year->acts, 0, 2 * YEAR_HOUR);
	year_after(year, wait_ms, YEAR_KIND_LOOK, which);
}

/* Who judges returns is called at once; who was sent to check what is urgent has half an hour. */
static uint32_t waits_as(const struct year_act *act, const struct bh_case *cased)
{
	if (act != NULL && act->verb == BH_VERB_RETURN)
		return BH_STATE_RETURNING;
	bool checks = cased->state == BH_STATE_CHECKING ||
		      (act != NULL && act->verb == BH_VERB_CHECK);
	if (!checks)
		return cased->state;
	return cased->urgency <= 2 ? BH_STATE_VERIFYING : BH_STATE_CHECKING;
}

void year_look(struct year *year, uint32_t which)
{
	struct year_case *kept = &year->cases[which];
	struct bh_case cased;
	year_must(bh_reader_case(year->reader, kept->number, &cased) == 0, "a case");
	const struct year_act *act = act_draw(year, &cased);
	year->tally.looks++;
	receipts(year, kept, &cased);
	if (act != NULL)
		act_do(year, act, &cased);
	look_later(year, which, waits_as(act, &cased));
}
