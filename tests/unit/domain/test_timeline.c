/* The district's time on a running machine: jumps, slews, leap seconds, suspensions, absurdities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/timeline.h"
#include "tests/unit/domain/machine.h"

static void test_timeline__follows_an_honest_clock_exactly(void **state)
{
	/* Across 2038-01-19T03:14:07Z, the end of February 2100, and before 1970. */
	static const int64_t starts[] = {
		T0, INT64_C(2147483647000) - HOUR, INT64_C(4107456000000), -3 * DAY};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		machine_start(&m, starts[i]);
		pass(&m, 3 * HOUR, 7 * SECOND + 13);
		pass(&m, SECOND, 1);
		pass(&m, 40 * DAY, DAY);
		assert_int_equal(look(&m), m.now.wall_ms);
		assert_calm(&m);
	}
}

static void test_timeline__a_wall_clock_that_jumps_is_not_followed(void **state)
{
	static const int64_t jumps[] = {
		10 * YEAR, -10 * YEAR, HOUR, -HOUR, 2001, -2001, 60 * YEAR, -56 * YEAR - 300 * DAY};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		machine_start(&m, T0);
		pass(&m, HOUR, MINUTE);
		m.now.wall_ms += jumps[i];
		pass(&m, 30 * MINUTE, 10 * SECOND);
		assert_alarm(&m, jumps[i] > 0 ? BH_TIMELINE_AHEAD : BH_TIMELINE_BEHIND);
		assert_int_equal(m.timeline.jump_ms, jumps[i]);
		/* A dispatch clock of 30 minutes that started at the jump is due exactly now. */
		assert_int_equal(look(&m), T0 + HOUR + 30 * MINUTE);
		/* The clock is mended; the alarm stays until somebody has looked. */
		m.now.wall_ms -= jumps[i];
		pass(&m, HOUR, MINUTE);
		assert_alarm(&m, jumps[i] > 0 ? BH_TIMELINE_AHEAD : BH_TIMELINE_BEHIND);
		assert_int_equal(look(&m), m.now.wall_ms);
		bh_timeline_confirm(&m.timeline, m.now);
		assert_calm(&m);
		assert_int_equal(look(&m), m.now.wall_ms);
		assert_int_equal(m.timeline.offset_ms, 0);
	}
}

static void test_timeline__a_small_difference_is_slewed_at_one_in_a_thousand(void **state)
{
	static const int64_t shifts[] = {2000, -2000, 1, -1, 1337, -999};
	static const int64_t steps[] = {1, 7, 999, 1000, 1001, 10000};
	struct machine m;
	size_t i, k;

	(void)state;
	for (i = 0; i < 6; i++)
		for (k = 0; k < 6; k++) {
			int64_t distance = llabs(shifts[i]), before, gone;

			machine_start(&m, T0);
			m.now.wall_ms += shifts[i];
			look(&m);
			assert_int_equal(look(&m), T0);
			pass(&m, 100 * SECOND, steps[k]);
			before = look(&m);
			gone = before - T0 - 100 * SECOND;
			if (distance > 100)
				assert_int_equal(gone, shifts[i] > 0 ? 100 : -100);
			pass(&m, distance * 1000, steps[k] < 999 ? 999 : steps[k]);
			assert_int_equal(look(&m), m.now.wall_ms);
			assert_calm(&m);
		}
}

/* 23:59:60 makes POSIX time repeat a second (or a negative one skip it). */
static void test_timeline__a_leap_second_melts_without_an_alarm(void **state)
{
	int leap;

	(void)state;
	for (leap = -1; leap <= 1; leap += 2) {
		struct machine m;

		machine_start(&m, T0);
		pass(&m, HOUR, SECOND);
		m.now.wall_ms += leap * SECOND;
		pass(&m, 17 * MINUTE, SECOND);
		assert_int_equal(look(&m), m.now.wall_ms);
		assert_calm(&m);
	}
}

static void test_timeline__small_jumps_cannot_add_up_unseen(void **state)
{
	struct machine m;
	int i;

	(void)state;
	machine_start(&m, T0);
	for (i = 0; i < 3; i++) {
		m.now.wall_ms += 900;
		pass(&m, MINUTE, SECOND);
	}
	assert_alarm(&m, BH_TIMELINE_AHEAD);
	assert_true(look(&m) - T0 - 3 * MINUTE <= 180);
}

static void test_timeline__confirming_a_clock_ahead_moves_time_up_to_it(void **state)
{
	struct machine m;

	(void)state;
	machine_start(&m, T0);
	m.now.wall_ms += YEAR;
	pass(&m, MINUTE, SECOND);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
	assert_int_equal(bh_timeline_confirm(&m.timeline, m.now), T0 + YEAR + MINUTE);
	assert_calm(&m);
	pass(&m, HOUR, SECOND);
	assert_int_equal(look(&m), m.now.wall_ms);
	assert_calm(&m);
}

static void test_timeline__confirming_a_clock_behind_never_goes_back(void **state)
{
	struct machine m;
	int64_t at_ms;

	(void)state;
	machine_start(&m, T0);
	m.now.wall_ms -= HOUR;
	pass(&m, MINUTE, SECOND);
	assert_alarm(&m, BH_TIMELINE_BEHIND);
	at_ms = bh_timeline_confirm(&m.timeline, m.now);
	assert_int_equal(at_ms, T0 + MINUTE);
	assert_int_equal(m.timeline.offset_ms, HOUR);
	assert_calm(&m);
	/* A limit of 30 minutes still takes 30 minutes, but for a thousandth. */
	pass(&m, 30 * MINUTE, SECOND);
	assert_int_equal(look(&m), at_ms + 30 * MINUTE - 1800);
	/* The adopted difference survives a restart and a reboot, and is no jump. */
	restart(&m);
	reboot(&m, 2 * HOUR);
	assert_calm(&m);
	pass(&m, 50 * DAY, HOUR);
	assert_calm(&m);
	assert_int_equal(look(&m), m.now.wall_ms);
	/* And a jump from there is seen as one. */
	m.now.wall_ms += 2001;
	look(&m);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
}

static void test_timeline__a_suspended_machine_is_a_downtime(void **state)
{
	struct machine m;

	(void)state;
	/* The monotonic clock counts the suspension, as it must. */
	machine_start(&m, T0);
	m.now.wall_ms += 9 * HOUR;
	m.now.mono_ms += 9 * HOUR;
	assert_int_equal(look(&m), T0 + 9 * HOUR);
	assert_calm(&m);
	/* One that does not: an alarm, nothing expires, nothing punishes. */
	m.now.wall_ms += 9 * HOUR;
	assert_int_equal(look(&m), T0 + 9 * HOUR);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
}

static void test_timeline__absurd_clocks_neither_overflow_nor_turn_time_back(void **state)
{
	static const int64_t absurd[] = {INT64_MIN, INT64_MAX, -1, 0, INT64_MAX / 2, INT64_MIN / 2};
	struct bh_timeline t;
	size_t i, k;

	(void)state;
	for (i = 0; i < 6; i++)
		for (k = 0; k < 6; k++) {
			struct bh_now now = {absurd[i], absurd[k]};
			int64_t before;

			bh_timeline_begin(&t, (struct bh_now){T0, 5}, 11, INT64_MIN);
			before = t.district_ms;
			assert_true(bh_timeline_step(&t, now) >= before);
			before = t.district_ms;
			assert_true(bh_timeline_confirm(&t, now) >= before);
			before = t.district_ms;
			bh_timeline_resume(&t, now, 12, absurd[i]);
			assert_true(t.district_ms >= before);
			assert_true(t.district_ms <= BH_TIMELINE_MS_MAX);
			bh_timeline_begin(&t, now, 11, absurd[k]);
			assert_true(t.district_ms <= BH_TIMELINE_MS_MAX);
		}
}

/* One thing that may happen to a machine, chosen by luck. */
static void mishap(struct machine *m, uint64_t luck)
{
	int64_t size = (int64_t)(luck >> 40) % 100000, before = m->last_ms;
	bool alarmed = !bh_timeline_punishes(&m->timeline);
	int64_t sign = luck >> 33 & 1 ? -1 : 1;

	switch ((luck >> 20) % 40) {
	case 0:
		m->now.wall_ms += sign * size * 1000;
		break;
	case 1:
		restart(m);
		break;
	case 2:
		reboot(m, sign * size * 100);
		break;
	case 3:
		m->last_ms = bh_timeline_confirm(&m->timeline, m->now);
		assert_true(m->last_ms >= before);
		break;
	case 4:
		m->now.wall_ms += sign * size / 50;
		break;
	default:
		m->now.wall_ms += size;
		m->now.mono_ms += size;
		look(m);
		assert_true(llabs(m->last_ms - before - size) <= (alarmed ? 0 : size / 1000 + 1));
		return;
	}
	look(m);
}

/* Whatever the clocks do, time goes on by what elapses, or says that it cannot tell. */
static void test_timeline__whatever_the_clocks_do_time_never_goes_back(void **state)
{
	uint64_t luck = 2026;
	struct machine m;
	int i, alarms = 0;

	(void)state;
	machine_start(&m, T0);
	for (i = 0; i < 200000; i++) {
		bool calm = bh_timeline_punishes(&m.timeline);

		mishap(&m, luck);
		alarms += calm && !bh_timeline_punishes(&m.timeline);
		luck = luck * 6364136223846793005u + 1442695040888963407u;
	}
	print_message("# %d alarms\n", alarms);
	assert_true(alarms > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeline__follows_an_honest_clock_exactly),
		cmocka_unit_test(test_timeline__a_wall_clock_that_jumps_is_not_followed),
		cmocka_unit_test(test_timeline__a_small_difference_is_slewed_at_one_in_a_thousand),
		cmocka_unit_test(test_timeline__a_leap_second_melts_without_an_alarm),
		cmocka_unit_test(test_timeline__small_jumps_cannot_add_up_unseen),
		cmocka_unit_test(test_timeline__confirming_a_clock_ahead_moves_time_up_to_it),
		cmocka_unit_test(test_timeline__confirming_a_clock_behind_never_goes_back),
		cmocka_unit_test(test_timeline__a_suspended_machine_is_a_downtime),
		cmocka_unit_test(test_timeline__absurd_clocks_neither_overflow_nor_turn_time_back),
		cmocka_unit_test(test_timeline__whatever_the_clocks_do_time_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
