/* Who sits at the desks looks at the queue every so often, thinks about what is there, and acts on
 * what was seen: by then another may have acted.  Some is left to the clock on purpose. */
#include "tests/sim/desk.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/store.h"
#include "tests/sim/desk_state.h"

#define LOOK_MS_MIN 20000
#define LOOK_MS_MAX 240000
#define CASES_MAX 64u

static const uint32_t units[BH_SIMDESK_UNITS] = {BH_DEMO_DESK_COUNTY, BH_DEMO_DESK_A,
	BH_DEMO_DESK_B, BH_DEMO_DESK_VILLAGE, BH_DEMO_CLEAN_COUNTY, BH_DEMO_CLEAN_A, BH_DEMO_GAS,
	BH_DEMO_POLICE_A, BH_DEMO_POLICE_B, BH_DEMO_MEDIATION_A, BH_DEMO_MEDIATION_B,
	BH_DEMO_WORKS};

/* The days of the run that are not as the week says: two holidays in its first week, Saturday and
 * Sunday worked for them; one that is free anyway; a week of holidays, and a Saturday for it.
 * check_clock.py has them by date. */
#define DAY(n) (20514 + (n)) /* since Monday, 2026-03-02 */
static const struct bh_msg_calendar_day days[] = {{.day = DAY(2)}, {.day = DAY(3)},
	{.day = DAY(5), .works = true}, {.day = DAY(6), .works = true, .as = 5}, {.day = DAY(12)},
	{.day = DAY(21)}, {.day = DAY(22)}, {.day = DAY(23)}, {.day = DAY(24)}, {.day = DAY(25)},
	{.day = DAY(26), .works = true}};

/* In half of the districts what a unit's people finish its lead signs off, and in half of them what
 * comes again in one place is always checked. */
static bool half_do(const struct bh_simrun *run, const char *what)
{
	struct bh_simrng draw = bh_simrng_fork(&run->rng, what, 0);
	return !run->calm && bh_simrng_chance(&draw, 500000);
}

static void roles_change(struct bh_simdesk *desk)
{
	for (size_t i = 0; i < desk->profile.profile.posts_count; i++) {
		struct bh_msg_post *post = &desk->profile.posts[i];
		if (post->person == BH_SIMDESK_COLLEAGUE)
			post->role = BH_ROLE_REPORTER;
		else if (post->person == BH_SIMDESK_ARCHIVIST)
			post->role = BH_ROLE_ARCHIVIST;
	}
}

struct bh_simdesk *bh_simdesk_make(struct bh_simrun *run)
{
	struct bh_simdesk *desk = calloc(1, sizeof(*desk));

	bh_assert(desk != NULL);
	desk->run = run;
	desk->rng = bh_simrng_fork(&run->rng, "desk", 0);
	desk->chance = bh_simrng_fork(&run->rng, "desk's", 0);
	desk->aside = bh_simrng_fork(&run->rng, "aside", 0);
	desk->tasks = bh_simrng_fork(&run->rng, "tasks", 0);
	desk->disputes = bh_simrng_fork(&run->rng, "disputes", 0);
	desk->steps = bh_simrng_fork(&run->rng, "steps", 0);
	desk->letters = bh_simrng_fork(&run->rng, "letters", 0);
	desk->ratings = bh_simrng_fork(&run->rng, "ratings", 0);
	desk->ends = bh_simrng_fork(&run->rng, "ends", 0);
	desk->shifts = bh_simrng_fork(&run->rng, "shifts", 0);
	desk->registers = bh_simrng_fork(&run->rng, "registers", 0);
	desk->dossiers = bh_simrng_fork(&run->rng, "dossiers", 0);
	desk->papers = bh_simrng_fork(&run->rng, "papers", 0);
	desk->marking = bh_simrng_fork(&run->rng, "marks", 0);
	desk->admin = bh_simrng_fork(&run->rng, "admin", 0);
	bh_demo_profile(&desk->profile);
	desk->profile.profile.settings.check_percent = run->calm ? 0 : 20;
	desk->profile.profile.settings.check_sampling_off = run->calm;
	desk->profile.profile.settings.unit_sign_off = half_do(run, "signs off");
	desk->profile.profile.settings.repeat_check_off = !half_do(run, "repeats");
	desk->profile.profile.settings.days = days;
	desk->profile.profile.settings.days_count = sizeof(days) / sizeof(days[0]);
	roles_change(desk);
	bh_simdesk_plan(desk);
	bh_assert(bh_hasher_open(&desk->hasher) == 0);
	return desk;
}

void bh_simdesk_free(struct bh_simdesk *desk)
{
	if (desk == NULL)
		return;
	while (desk->orders != NULL) {
		struct bh_simorder *order = desk->orders;
		desk->orders = order->next;
		bh_buf_free(&order->payload);
		free(order);
	}
	bh_hasher_close(desk->hasher);
	free(desk);
}

void bh_simdesk_diligent(struct bh_simdesk *desk, bool diligent)
{
	desk->diligent = diligent;
}

uint32_t bh_simdesk_pending(const struct bh_simdesk *desk)
{
	return desk->pending;
}

void bh_simdesk_has_handler(struct bh_simdesk *desk, uint32_t unit, bool has)
{
	for (size_t i = 0; i < desk->handled_count; i++) {
		if (desk->handled[i] == unit && !has)
			desk->handled[i] = desk->handled[--desk->handled_count];
		else if (desk->handled[i] == unit)
			return;
	}
	if (has)
		desk->handled[desk->handled_count++] = unit;
}

static bool is_handled(const struct bh_simdesk *desk, uint32_t unit)
{
	for (size_t i = 0; i < desk->handled_count; i++) {
		if (desk->handled[i] == unit)
			return true;
	}
	return false;
}

static void look_later(struct bh_simdesk *desk)
{
	if (desk->open)
		bh_simrun_after(desk->run, bh_simrng_between(&desk->rng, LOOK_MS_MIN, LOOK_MS_MAX),
			BH_SIMKIND_DESK, 0, 0, desk->gen);
}

void bh_simdesk_opens(struct bh_simdesk *desk, bool opens)
{
	if (opens == desk->open)
		return;
	desk->open = opens;
	desk->gen++;
	look_later(desk);
}

#define S(name) (1u << BH_STATE_##name)

/* ---- What to do about one case ---- */

static uint32_t unit_draw(struct bh_simdesk *desk)
{
	if (desk->handled_count != 0 && bh_simrng_chance(&desk->rng, 750000))
		return desk->handled[bh_simrng_below(&desk->rng, desk->handled_count)];
	if (bh_simrng_chance(&desk->rng, 500000))
		return 0;
	return units[bh_simrng_below(&desk->rng, BH_SIMDESK_UNITS)];
}

static uint32_t dispatcher_draw(struct bh_simdesk *desk)
{
	return bh_simrng_chance(&desk->rng, 500000) ? BH_DEMO_PERSON(DISPATCHER)
						    : BH_DEMO_TWO_POSTS;
}

static void order(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb,
	uint32_t person, uint32_t unit)
{
	bool careful = bh_simrng_chance(&desk->rng, 850000);

	bh_simdesk_order(desk, verb, person, cased->number, unit, careful ? cased->last : 0);
}

static void act_on_new(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint64_t draw = bh_simrng_below(&desk->rng, desk->diligent ? 80 : 110);

	if (draw < 55)
		order(desk, cased, BH_VERB_DISPATCH, dispatcher_draw(desk), unit_draw(desk));
	else if (draw < 65 && cased->state == BH_STATE_RECEIVED)
		order(desk, cased, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), 0);
	else if (draw < 70 && cased->state == BH_STATE_RECEIVED)
		order(desk, cased, BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), 0);
	else if (draw < 74)
		order(desk, cased, BH_VERB_ASK_VOID, BH_DEMO_PERSON(ACCEPTOR), 0);
	else if (draw < 80)
		order(desk, cased, BH_VERB_DISPATCH, dispatcher_draw(desk), 0);
	/* else: the clock will */
}

static void act_on_given(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint64_t draw = bh_simrng_below(&desk->rng, 1000);
	uint32_t lead = BH_DEMO_LEAD(cased->unit);
	bool handled = is_handled(desk, cased->unit);

	if (desk->diligent && (!handled || draw < 300))
		order(desk, cased,
			cased->state == BH_STATE_DISPATCHED ? BH_VERB_SIGN : BH_VERB_FINISH, lead,
			0);
	else if (!desk->diligent && draw < 60)
		order(desk, cased, BH_VERB_REDIRECT, dispatcher_draw(desk), unit_draw(desk));
	else if (!desk->diligent && draw < 120)
		order(desk, cased, BH_VERB_RETURN, lead, 0);
	else if (!handled && draw < 500)
		order(desk, cased,
			cased->state == BH_STATE_DISPATCHED ? BH_VERB_SIGN : BH_VERB_FINISH, lead,
			0);
}

static void act_on_return(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (bh_simrng_chance(&desk->rng, desk->diligent ? 900000 : 600000))
		order(desk, cased, BH_VERB_ACCEPT_RETURN, dispatcher_draw(desk), 0);
	else
		order(desk, cased, BH_VERB_REFUSE_RETURN,
			cased->refusals != 0 ? BH_DEMO_PERSON(SHIFT_LEADER) : dispatcher_draw(desk),
			0);
}

static void act_on(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (bh_simdesk_step(desk, cased) || bh_simdesk_dispute(desk, cased) ||
		bh_simdesk_task(desk, cased) || bh_simdesk_aside(desk, cased))
		return;
	switch ((enum bh_state)cased->state) {
	case BH_STATE_RECEIVED:
	case BH_STATE_FILED:
		act_on_new(desk, cased);
		return;
	case BH_STATE_DISPATCHED:
	case BH_STATE_HANDLING:
		act_on_given(desk, cased);
		return;
	case BH_STATE_RETURNING:
		act_on_return(desk, cased);
		return;
	case BH_STATE_DONE:
		if (desk->diligent || bh_simrng_chance(&desk->rng, 850000))
			order(desk, cased, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), 0);
		return;
	default:
		return;
	}
}

/* The queue, and a stretch of what is under way: from anywhere on, a desk does not end its list. */
static size_t cases_read(
	struct bh_simdesk *desk, struct bh_store_reader *reader, struct bh_case cases[CASES_MAX])
{
	struct bh_case_query query = {.queue = true};
	size_t queued = 0, more = 0;

	if (bh_reader_cases(reader, &query, cases, CASES_MAX / 2, &queued) != 0)
		return 0;
	query = (struct bh_case_query){.states = S(DISPATCHED) | S(HANDLING) | S(RETURNING) |
						 S(SUSPENDED) | S(TIER_MOVING) | S(REWORK) |
						 S(DONE) | S(CHECKING),
		.after_number = desk->seen_number};
	int err = bh_reader_cases(reader, &query, cases + queued, CASES_MAX / 2, &more);
	if (err == BH_ERR_NOT_FOUND) /* where it went on is gone: the server was put back */
		desk->seen_number = 0;
	if (err != 0)
		return 0;
	desk->seen_number = more == CASES_MAX / 2 ? cases[queued + more - 1].number : 0;
	return queued + more;
}

static void look(struct bh_simdesk *desk)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case cases[CASES_MAX];
	size_t count = reader == NULL ? 0 : cases_read(desk, reader, cases);

	if (count == 0)
		return;
	size_t acts = desk->diligent ? count : 1 + count / 6 + bh_simrng_below(&desk->rng, 3);
	for (size_t i = 0; i < acts; i++) {
		size_t which = desk->diligent ? i : (size_t)bh_simrng_below(&desk->rng, count);
		act_on(desk, &cases[which]);
		/* Two people who both saw it. */
		if (bh_simrng_chance(&desk->rng, 60000))
			act_on(desk, &cases[which]);
	}
}

void bh_simdesk_stir(struct bh_simdesk *desk, uint32_t person)
{
	struct bh_case_query query = {.states = S(RECEIVED) | S(FILED) | S(DISPATCHED) |
						S(HANDLING) | S(DONE) | S(SUSPENDED) |
						S(TIER_MOVING) | S(REWORK),
		.reporter = person};
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case cases[CASES_MAX];
	size_t count = 0;

	if (reader == NULL || bh_reader_cases(reader, &query, cases, CASES_MAX, &count) != 0)
		return;
	desk->hurried = true;
	for (size_t i = 0; i < count; i++) {
		if (cases[i].state == BH_STATE_DONE)
			order(desk, &cases[i], BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), 0);
		else if (cases[i].state == BH_STATE_SUSPENDED)
			order(desk, &cases[i], BH_VERB_RESUME, BH_DEMO_PERSON(DISPATCHER), 0);
		else if (cases[i].state == BH_STATE_TIER_MOVING)
			order(desk, &cases[i], BH_VERB_RECEIVE, BH_DEMO_PERSON(TIER_DESK), 0);
		else if (cases[i].state == BH_STATE_REWORK)
			order(desk, &cases[i], BH_VERB_START, BH_DEMO_LEAD(cases[i].unit), 0);
		else if (cases[i].dispatch_due_ms != 0)
			order(desk, &cases[i], BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), 0);
		else
			order(desk, &cases[i], BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER),
				cases[i].unit == BH_DEMO_CLEAN_COUNTY ? BH_DEMO_WORKS
								      : BH_DEMO_CLEAN_COUNTY);
	}
	desk->hurried = false;
}

static void look_all(struct bh_simdesk *desk)
{
	look(desk);
	bh_simdesk_ended(desk);
	bh_simdesk_letters(desk);
	bh_simdesk_ratings(desk);
	bh_simdesk_shifts(desk);
	bh_simdesk_dossiers(desk);
	bh_simdesk_registers(desk);
}

void bh_simdesk_ask_all(struct bh_simdesk *desk)
{
	look_all(desk);
	bh_simorders_send(desk);
}

void bh_simdesk_event(struct bh_simdesk *desk, const struct bh_simevent *event)
{
	if (event->kind == BH_SIMKIND_DESK_JOB) {
		bh_simorder_due(desk, event->c);
		return;
	}
	if (event->c != desk->gen || !desk->open)
		return;
	if (bh_simserver_is_up(desk->run->server))
		look_all(desk);
	bh_simdesk_review(desk);
	look_later(desk);
}

/* ---- The profile ---- */

uint32_t bh_simdesk_unit_of(const struct bh_simdesk *desk, uint32_t person)
{
	const struct bh_msg_profile *profile = &desk->profile.profile;

	for (size_t i = 0; i < profile->posts_count; i++) {
		if (desk->profile.posts[i].person == person &&
			desk->profile.posts[i].role == BH_ROLE_HANDLER)
			return desk->profile.posts[i].unit;
	}
	return 0;
}

/* Saturday mornings are worked, and are not any more, by turns. */
static void week_change(struct bh_simdesk *desk)
{
	static const struct bh_msg_work_period week[] = {{1, 480, 720}, {1, 840, 1080},
		{2, 480, 720}, {2, 840, 1080}, {3, 480, 720}, {3, 840, 1080}, {4, 480, 720},
		{4, 840, 1080}, {5, 480, 720}, {5, 840, 1080}, {6, 480, 720}};
	struct bh_msg_settings *settings = &desk->profile.profile.settings;

	settings->week_count = settings->week_count == 0 ? sizeof(week) / sizeof(week[0]) : 0;
	settings->week = settings->week_count == 0 ? NULL : week;
}

/* Two handlers change units, and two grid workers grids. */
void bh_simdesk_reshuffle(struct bh_simdesk *desk)
{
	size_t count = desk->profile.profile.posts_count;
	struct bh_msg_post *posts = desk->profile.posts, *last[2] = {NULL, NULL};

	for (size_t i = 0; i < count; i++) {
		size_t which = posts[i].role == BH_ROLE_HANDLER ? 0 : 1;
		if ((posts[i].role != BH_ROLE_HANDLER && posts[i].role != BH_ROLE_GRID_WORKER) ||
			posts[i].person < 100)
			continue;
		if (last[which] != NULL && bh_simrng_chance(&desk->rng, 400000)) {
			struct bh_msg_post kept = posts[i];
			posts[i].unit = last[which]->unit;
			posts[i].area = last[which]->area;
			last[which]->unit = kept.unit;
			last[which]->area = kept.area;
		}
		last[which] = &posts[i];
	}
	week_change(desk);
	bh_simdesk_rules_change(desk);
	bh_simdesk_profile(desk);
}
