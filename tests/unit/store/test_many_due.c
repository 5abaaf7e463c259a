/* D08: 20,000 timers due in the same millisecond.  They fire in slices, so that whoever waits for
 * the writer waits for one slice alone; in the order of their cases, each once, and in no more
 * slices than that takes.  What a slice takes on this machine is printed, not judged. */
#include <stdio.h>

#include "proto/clock.h"
#include "tests/unit/store/kit.h"

#define SLICE 500u /* as many as the writer's thread takes in a turn */
#define CASES 20000u
#define HISTORY_MAX 16u

struct crowd {
	struct kit kit;
	struct phone phone;
	uint64_t numbers[CASES];
	int64_t slowest_ms, total_ms;
	unsigned slices;
};

/* All of them received at the same instant. */
static int gather(void **state)
{
	struct crowd *crowd = test_calloc(1, sizeof(*crowd));
	struct push push;
	size_t made = 0;

	kit_open(&crowd->kit, 8);
	kit_enrol(&crowd->kit, &crowd->phone, BH_DEMO_WORKER(1111), 1);
	while (made < CASES) {
		push_begin(&push);
		for (size_t i = 0; i < KIT_JOB_MAX && made + i < CASES; i++)
			push_report(&crowd->kit, &push, &crowd->phone, "litter");
		assert_int_equal(push_run(&crowd->kit, &push), 0);
		for (size_t i = 0; i < push.job.count; i++)
			crowd->numbers[made++] = push.outcomes[i].case_number;
		push_end(&push);
	}
	assert_int_equal(kit_tick(&crowd->kit), 0);
	*state = crowd;
	return 0;
}

static int scatter(void **state)
{
	struct crowd *crowd = *state;

	kit_close(&crowd->kit);
	test_free(crowd);
	return 0;
}

static int64_t machine_ms(void)
{
	struct bh_clock clock = bh_clock_system();

	return clock.now(clock.context).mono_ms;
}

static size_t slice_fire(struct crowd *crowd)
{
	struct kit *kit = &crowd->kit;
	int64_t from_ms = machine_ms(), took_ms;
	size_t fired = 0;

	assert_int_equal(bh_writer_tick(kit->writer, kit->now, SLICE, &fired, &kit->wakes), 0);
	took_ms = machine_ms() - from_ms;
	crowd->slowest_ms = took_ms > crowd->slowest_ms ? took_ms : crowd->slowest_ms;
	crowd->total_ms += took_ms;
	crowd->slices += fired > 0;
	assert_true(fired <= SLICE);
	return fired;
}

/* Everything that is due; between two slices somebody else has their turn. */
static size_t all_fire(struct crowd *crowd, const char *what)
{
	struct kit *kit = &crowd->kit;
	size_t fired, total = 0;

	crowd->slices = 0;
	crowd->slowest_ms = crowd->total_ms = 0;
	while ((fired = slice_fire(crowd)) > 0) {
		total += fired;
		if (total < CASES) {
			assert_int_equal(
				bh_writer_wake_mono_ms(kit->writer, kit->now), kit->now.mono_ms);
			/* Accepted, and its own clock begins behind all these. */
			kit_report(kit, &crowd->phone, "between two slices");
		}
	}
	print_message("# %zu %s in %u slices, %jd ms, the slowest %jd ms\n", total, what,
		crowd->slices, (intmax_t)crowd->total_ms, (intmax_t)crowd->slowest_ms);
	return total;
}

/* The position of the one entry of this verb in a case's history. */
static uint64_t position_of(struct kit *kit, uint64_t number, enum bh_verb verb)
{
	struct bh_entry entries[HISTORY_MAX];
	uint64_t position = 0;
	size_t count;

	bh_arena_reset(&kit->arena);
	assert_int_equal(
		bh_reader_history(kit->reader, number, &kit->arena, entries, HISTORY_MAX, &count),
		0);
	for (size_t i = 0; i < count; i++) {
		if (entries[i].verb != (uint32_t)verb)
			continue;
		assert_int_equal(position, 0);
		position = entries[i].position;
	}
	assert_true(position > 0);
	return position;
}

static void each_once_in_order(struct crowd *crowd, enum bh_verb verb)
{
	uint64_t last = 0;

	for (size_t i = 0; i < CASES; i++) {
		uint64_t position = position_of(&crowd->kit, crowd->numbers[i], verb);

		assert_true(position > last);
		last = position;
	}
}

static void test_tick__D08_20000_due_at_once_fire_in_slices_in_order_and_once(void **state)
{
	struct crowd *crowd = *state;
	struct kit *kit = &crowd->kit;
	const int64_t received_ms = kit->now.wall_ms;
	const int64_t due_ms = kit_case(kit, crowd->numbers[0]).next_ms;
	struct bh_verify_report report;
	struct bh_stats stats;

	kit_pass(kit, due_ms - kit->now.wall_ms - 1);
	assert_int_equal(kit_tick(kit), 0);
	kit_pass(kit, 1);
	assert_int_equal(all_fire(crowd, "reminders"), CASES);
	assert_int_equal(crowd->slices, CASES / SLICE);
	each_once_in_order(crowd, BH_VERB_REMIND);

	/* At the margin the clock dispatches every one of them. */
	kit_pass(kit, received_ms + 25 * KIT_MINUTE - kit->now.wall_ms);
	assert_int_equal(all_fire(crowd, "dispatches"), CASES);
	assert_int_equal(crowd->slices, CASES / SLICE);
	each_once_in_order(crowd, BH_VERB_DISPATCH);
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.automatic, CASES);
	assert_int_equal(stats.breached, 0);
	assert_int_equal(stats.dispatched_in_time, CASES);
	assert_int_equal(kit_tick(kit), 0);
	assert_int_equal(kit_verify(kit, &report), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_tick__D08_20000_due_at_once_fire_in_slices_in_order_and_once, gather,
			scatter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
