/* Another working week while many cases run: their due times are computed again in slices, so that
 * nobody waits for more than one; each once, also where the process ends between two slices. */
#include <stdio.h>

#include "proto/clock.h"
#include "tests/unit/store/kit.h"

#define CASES 1200u
#define SLICE 500u
#define HISTORY_MAX 16u
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)

struct district {
	struct kit kit;
	struct phone phone;
	struct bh_demo_profile demo;
	uint64_t numbers[CASES];
};

static int open_district(void **state)
{
	struct district *d = test_calloc(1, sizeof(*d));

	kit_open(&d->kit, 9);
	bh_demo_profile(&d->demo);
	kit_enrol(&d->kit, &d->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < CASES; i++) {
		d->numbers[i] = kit_report(&d->kit, &d->phone, "litter");
		struct bh_command dispatch = kit_desk(
			BH_VERB_DISPATCH, DISPATCHER, d->numbers[i], "");
		assert_int_equal(kit_run(&d->kit, &dispatch).verdict, BH_VERDICT_ACCEPTED);
	}
	*state = d;
	return 0;
}

static int close_district(void **state)
{
	struct district *d = *state;

	kit_close(&d->kit);
	test_free(d);
	return 0;
}

static int64_t machine_ms(void)
{
	struct bh_clock clock = bh_clock_system();

	return clock.now(clock.context).mono_ms;
}

/* From now on Saturday mornings are worked, and afternoons are not. */
static void week_change(struct district *d)
{
	static const struct bh_msg_work_period week[] = {{1, 480, 720}, {2, 480, 720},
		{3, 480, 720}, {4, 480, 720}, {5, 480, 720}, {6, 480, 720}};

	d->demo.profile.settings.week = week;
	d->demo.profile.settings.week_count = sizeof(week) / sizeof(week[0]);
	d->kit.payload.len = 0;
	assert_int_equal(bh_encode_profile(&d->demo.profile, &d->kit.payload), 0);
	int64_t from_ms = machine_ms();
	struct bh_outcome outcome = kit_operator(
		&d->kit, BH_VERB_PROFILE, bh_buf_span(&d->kit.payload));
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	print_message("# the profile took %jd ms\n", (intmax_t)(machine_ms() - from_ms));
}

static size_t slice_fire(struct district *d)
{
	struct kit *kit = &d->kit;
	size_t fired = 0;

	assert_int_equal(bh_writer_tick(kit->writer, kit->now, SLICE, &fired, &kit->wakes), 0);
	assert_true(fired <= SLICE);
	return fired;
}

static unsigned times_computed(struct district *d, uint64_t number)
{
	struct bh_entry entries[HISTORY_MAX];
	unsigned times = 0;
	size_t count;

	bh_arena_reset(&d->kit.arena);
	assert_int_equal(bh_reader_history(d->kit.reader, number, &d->kit.arena, entries,
				 HISTORY_MAX, &count),
		0);
	for (size_t i = 0; i < count; i++)
		times += entries[i].verb == BH_VERB_RECOMPUTE;
	return times;
}

static void test_recompute__in_slices_and_once_though_the_process_ends_between(void **state)
{
	struct district *d = *state;
	struct bh_verify_report report;
	int64_t before_ms = kit_case(&d->kit, d->numbers[0]).disposal_due_ms;

	assert_int_equal(kit_tick(&d->kit), 0);
	week_change(d);
	assert_int_equal(slice_fire(d), SLICE);
	/* Who comes between two slices has their turn. */
	kit_report(&d->kit, &d->phone, "between two slices");
	kit_restart(&d->kit, true);
	assert_int_equal(slice_fire(d), SLICE);
	assert_int_equal(slice_fire(d), CASES - 2 * SLICE);
	assert_int_equal(slice_fire(d), 0);
	for (size_t i = 0; i < CASES; i++) {
		assert_int_equal(times_computed(d, d->numbers[i]), 1);
		assert_true(kit_case(&d->kit, d->numbers[i]).disposal_due_ms > before_ms);
	}
	if (kit_verify(&d->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_recompute__in_slices_and_once_though_the_process_ends_between,
			open_district, close_district),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
