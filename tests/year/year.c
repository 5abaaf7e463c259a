/* Time passes in minutes in which something happens: what is due of the queue and of the district's
 * own clock is taken together, so that a group is what a busy minute is.
 *
 *   events of the minute ──▶ jobs ──▶ one group ──▶ the clock's turn ──▶ the next minute
 *         ▲                                                                 │
 *         └─────────── the earlier of the next event and the next due ──────┘ */
#include "tests/year/year.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"

#define EVENTS_MAX (1u << 21)
#define ALARMS_A_TURN 500u
#define FIELD_A_DAY 3u /* service entries and rounds of a worker */
#define OFFLINE_PPM 80000u
#define PUBLIC_PPM 120000u /* of reports */
#define MONO_START_MS 1000
#define ODD_DAYS 5                 /* from one handset to which something happens to the next */
#define HELD_MS (15 * YEAR_MINUTE) /* what waits for working hours is looked at again */

void year_must(bool holds, const char *what)
{
	if (holds)
		return;
	printf("# FAILED: %s\n", what);
	fflush(stdout);
	exit(1);
}

struct bh_now year_now(const struct year *year)
{
	return (struct bh_now){
		year_wall_ms(year) + year->skew_ms, MONO_START_MS + year->at_ms - year->boot_ms};
}

int64_t year_wall_ms(const struct year *year)
{
	return YEAR_START_MS + year->at_ms;
}

bool year_winds_up(const struct year *year)
{
	return year->at_ms >= (int64_t)year->options.days * YEAR_DAY;
}

void year_after(struct year *year, int64_t ms, enum year_kind kind, uint32_t a)
{
	year_must(bh_simqueue_push(year->queue, year->at_ms + ms, kind, a, 0, 0) == 0, "events");
}

/* ---- The beginning ---- */

static void profile_set(struct year *year)
{
	struct bh_buf payload = BH_BUF(1u << 24);
	year_must(
		bh_encode_profile(year_district_profile(year->district), &payload) == 0, "profile");
	(void)year_operate(year, BH_VERB_PROFILE, bh_buf_span(&payload));
	bh_buf_free(&payload);
	year->tally.profiles++;
}

static void memory_take(struct year *year)
{
	year->jobs = calloc(YEAR_JOBS_MAX, sizeof(*year->jobs));
	year->cases = calloc(2 * year->options.cases + 1000, sizeof(*year->cases));
	year_must(year->jobs != NULL && year->cases != NULL, "memory");
	year_must(bh_simqueue_create(EVENTS_MAX, 0, &year->queue) == 0, "queue");
	year_must(bh_hasher_open(&year->hasher) == 0, "hasher");
}

/* What does not happen every day, by the day of the year it happens on. */
static void plan(struct year *year)
{
	const int64_t length = year->options.days;
	struct bh_simrng *rng = &year->world;
	for (int64_t day = 3; day < length; day += 4)
		bh_simqueue_push(year->queue,
			day * YEAR_DAY + bh_simrng_between(rng, 0, YEAR_DAY - 1), YEAR_KIND_RESTART,
			(uint32_t)bh_simrng_below(rng, 3), 0, 0);
	for (int64_t day = 10; day < length; day += 40)
		bh_simqueue_push(year->queue,
			day * YEAR_DAY + bh_simrng_between(rng, 0, YEAR_DAY / 2), YEAR_KIND_CLOCK,
			1, 0, (uint64_t)bh_simrng_between(rng, -5 * YEAR_HOUR, 30 * YEAR_DAY));
	for (int64_t day = length / 24 + 1; day < length; day += length / 12 + 1)
		bh_simqueue_push(year->queue, day * YEAR_DAY + YEAR_HOUR, YEAR_KIND_PROFILE,
			(uint32_t)day, 0, 0);
	for (int64_t day = 5; day < length; day += 9)
		bh_simqueue_push(year->queue, day * YEAR_DAY + 9 * YEAR_HOUR, YEAR_KIND_LOST,
			(uint32_t)bh_simrng_below(rng, year->phones_count), 0, 0);
	for (uint32_t n = 0; ODD_DAYS * (n + 1) < length; n++)
		bh_simqueue_push(year->queue, ODD_DAYS * (n + 1) * YEAR_DAY + 10 * YEAR_HOUR,
			YEAR_KIND_HANDSET,
			(uint32_t)bh_simrng_below(rng, year->options.townships * YEAR_GRIDS),
			n % YEAR_ODDITIES, 0);
}

void year_open(struct year *year, const struct year_options *options)
{
	const struct bh_simvfs_config config = {.number = 1, .seed = options->seed + 1};
	struct bh_simrng root = bh_simrng_make(options->seed);
	memset(year, 0, sizeof(*year));
	year->options = *options;
	year->world = bh_simrng_fork(&root, "world", 0);
	year->acts = bh_simrng_fork(&root, "acts", 0);
	year->salts = bh_simrng_fork(&root, "salts", 0);
	year->desks = bh_simrng_fork(&root, "desks", 0);
	bh_simvfs_seed_sqlite((uint32_t)options->seed);
	year_must(bh_simvfs_create(&config, &year->vfs) == 0, "disk");
	year->keys = (struct bh_vault_keys){.count = 1, .keys = {{1, 2, 3}}};
	year->source = bh_simrng_source(&year->salts);
	year->store = (struct bh_store_options){.path = YEAR_PATH,
		.vfs = bh_simvfs_name(year->vfs),
		.rng = year->source,
		.boot = 1,
		.kept_path = "/kept",
		.vault = &year->keys};
	memory_take(year);
	year->district = year_district_make(options->townships);
	year_must(bh_store_create(&year->store, "330106", year_now(year)) == 0, "create");
	year_must(bh_writer_open(&year->store, year_now(year), &year->writer, NULL) == 0, "open");
	year_must(bh_reader_open(&year->store, &year->reader) == 0, "reader");
	profile_set(year);
	year_phones_enrol(year);
	plan(year);
	year_after(year, 0, YEAR_KIND_DAY, 0);
}

void year_close(struct year *year)
{
	for (uint32_t i = 0; i < year->phones_count; i++)
		year_phone_free(&year->phones[i]);
	bh_writer_close(year->writer);
	bh_reader_close(year->reader);
	bh_hasher_close(year->hasher);
	bh_simqueue_free(year->queue);
	year_district_free(year->district);
	bh_simvfs_free(year->vfs);
	free(year->phones);
	free(year->cases);
	free(year->jobs);
	free(year->photos);
}

/* ---- A day ---- */

static int64_t moment_draw(struct year *year)
{
	if (bh_simrng_chance(&year->world, 800000))
		return bh_simrng_between(&year->world, 8 * YEAR_HOUR, 19 * YEAR_HOUR);
	return bh_simrng_between(&year->world, 0, YEAR_DAY - 1);
}

static uint32_t worker_draw(struct year *year)
{
	return (uint32_t)bh_simrng_below(&year->world, year->options.townships * YEAR_GRIDS);
}

/* Of the public's handsets, which are the last ones, or a worker's. */
static uint32_t reporter_draw(struct year *year)
{
	const uint32_t townships = year->options.townships;
	if (bh_simrng_chance(&year->world, PUBLIC_PPM))
		return year->phones_count - 1 - (uint32_t)bh_simrng_below(&year->world, townships);
	return worker_draw(year);
}

/* Some handsets have no line today and for some days to come. */
static void lines_draw(struct year *year)
{
	for (uint32_t i = 0; i < year->phones_count; i++) {
		if (!bh_simrng_chance(&year->world, OFFLINE_PPM))
			continue;
		year->phones[i].offline_until_ms = year->at_ms + bh_simrng_tail(&year->world,
									 YEAR_HOUR, 5 * YEAR_DAY);
		year->tally.offline++;
	}
}

static void day_begin(struct year *year, uint32_t day)
{
	uint64_t until = (uint64_t)year->options.cases * (day + 1) / year->options.days;
	uint64_t from = (uint64_t)year->options.cases * day / year->options.days;
	const uint32_t workers = year->options.townships * YEAR_GRIDS;
	year_day_judge(year);
	if (day < year->options.days + YEAR_WINDING_DAYS)
		year_after(year, YEAR_DAY, YEAR_KIND_DAY, day + 1);
	year_shifts_plan(year);
	if (day >= year->options.days)
		return;
	lines_draw(year);
	year_registers_plan(year, day);
	for (uint64_t i = from; i < until; i++)
		year_after(year, moment_draw(year), YEAR_KIND_REPORT, reporter_draw(year));
	for (uint32_t i = 0; i < workers * FIELD_A_DAY; i++)
		year_after(year, moment_draw(year), YEAR_KIND_FIELD, i / FIELD_A_DAY);
}

/* The wall clock goes wrong, comes right some hours later, and is confirmed after that. */
static void clock_turn(struct year *year, const struct bh_simevent *event)
{
	year->skew_ms = event->a == 1 ? (int64_t)event->c : 0;
	year->tally.jumps += event->a == 1;
	if (event->a == 1)
		year_after(year, 3 * YEAR_HOUR, YEAR_KIND_CLOCK, 0);
	else
		year_after(year, YEAR_HOUR, YEAR_KIND_CONFIRM, 0);
}

static void clock_confirm(struct year *year)
{
	bool alarmed = false;
	(void)bh_writer_time(year->writer, year_now(year), &alarmed);
	if (alarmed)
		(void)year_operate(year, BH_VERB_CLOCK_CONFIRM, bh_span(NULL, 0));
}

static void profile_change(struct year *year, uint32_t day)
{
	if (day > year->options.days / 2)
		year_district_publish(year->district);
	uint32_t n = (uint32_t)year->tally.profiles;
	uint32_t g = year_district_swapped(year->district, n);
	year->tally
		.changes[year_district_change(year->district, n, YEAR_START_DAY + (int32_t)day)]++;
	uint32_t grid = year->phones[g].grid;
	year->phones[g].grid = year->phones[g + 1].grid;
	year->phones[g + 1].grid = grid;
	profile_set(year);
}

static void phone_lose(struct year *year, const struct bh_simevent *event)
{
	struct year_phone *phone = &year->phones[event->a];
	if (phone->pushing)
		year_after(year, YEAR_MINUTE, YEAR_KIND_LOST, event->a);
	else
		year_lose(year, phone);
}

static void restart(struct year *year, uint32_t how)
{
	if (how == 2)
		year->tears = true;
	else if (year->jobs_count == 0)
		year_restart(year, how == 1);
	else
		year_after(year, YEAR_MINUTE, YEAR_KIND_RESTART, how);
}

static void phone_event(struct year *year, const struct bh_simevent *event)
{
	struct year_phone *phone = &year->phones[event->a];
	if (event->kind == YEAR_KIND_REPORT)
		year_report(year, phone);
	else if (event->kind == YEAR_KIND_FIELD)
		year_field(year, phone);
	else if (event->kind == YEAR_KIND_SYNC)
		year_sync(year, phone);
	else if (event->kind == YEAR_KIND_LOST)
		phone_lose(year, event);
	else
		year_handset_odd(year, event);
}

static void event_take(struct year *year, const struct bh_simevent *event)
{
	switch ((enum year_kind)event->kind) {
	case YEAR_KIND_DAY:
		day_begin(year, event->a);
		return;
	case YEAR_KIND_LOOK:
		year_look(year, event->a);
		return;
	case YEAR_KIND_RESTART:
		restart(year, event->a);
		return;
	case YEAR_KIND_CLOCK:
		clock_turn(year, event);
		return;
	case YEAR_KIND_CONFIRM:
		clock_confirm(year);
		return;
	case YEAR_KIND_PROFILE:
		profile_change(year, event->a);
		return;
	case YEAR_KIND_RELEASE:
		year_release(year, event);
		return;
	case YEAR_KIND_PHOTO:
		year_photo_come(year, event->a);
		return;
	case YEAR_KIND_SHIFT:
		year_shift_turn(year, (enum year_shift)event->a);
		return;
	case YEAR_KIND_REGISTER:
		year_register(year);
		return;
	default:
		phone_event(year, event);
	}
}

/* ---- Passing ---- */

static void clock_turns(struct year *year)
{
	size_t fired = ALARMS_A_TURN;
	while (fired >= ALARMS_A_TURN) {
		int err = bh_writer_tick(
			year->writer, year_now(year), ALARMS_A_TURN, &fired, &year->wakes);
		year_must(err == 0, "the clock's turn");
	}
}

/* The end of the minute in which something is next, at least a minute from now. */
static int64_t minute_next(struct year *year)
{
	struct bh_simevent event;
	int64_t at_ms = INT64_MAX, due_ms = bh_writer_due_ms(year->writer);
	if (bh_simqueue_peek(year->queue, &event))
		at_ms = event.at_ms;
	if (due_ms != 0) {
		int64_t left_ms = due_ms - bh_writer_time(year->writer, year_now(year), NULL);
		left_ms = left_ms > 0 ? left_ms : HELD_MS;
		at_ms = year->at_ms + left_ms < at_ms ? year->at_ms + left_ms : at_ms;
	}
	if (at_ms < year->at_ms + YEAR_MINUTE)
		at_ms = year->at_ms + YEAR_MINUTE;
	return (at_ms + YEAR_MINUTE - 1) / YEAR_MINUTE * YEAR_MINUTE;
}

void year_live(struct year *year)
{
	const int64_t end_ms = (int64_t)(year->options.days + YEAR_WINDING_DAYS) * YEAR_DAY;
	struct bh_simevent event;
	while (year->at_ms < end_ms) {
		int64_t until_ms = minute_next(year);
		while (bh_simqueue_peek(year->queue, &event) && event.at_ms <= until_ms) {
			(void)bh_simqueue_pop(year->queue, &event);
			if (event.at_ms > year->at_ms)
				year->at_ms = event.at_ms;
			event_take(year, &event);
		}
		if (until_ms > year->at_ms)
			year->at_ms = until_ms;
		year_jobs_run(year);
		clock_turns(year);
	}
}
