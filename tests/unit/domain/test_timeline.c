/* The district's time through jumps, slews, restarts and suspensions.  A machine is played: its
 * real time, the error of its wall clock, its boots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/timeline.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define T0 INT64_C(1795132800000) /* 2026-11-20T00:00:00Z */

struct machine {
	struct bh_now now;
	uint64_t boot;
	struct bh_timeline timeline;
	int64_t last_ms; /* what the district's time was when last looked at */
};

static int64_t look(struct machine *m)
{
	int64_t at_ms = bh_timeline_step(&m->timeline, m->now);

	assert_true(at_ms >= m->last_ms);
	m->last_ms = at_ms;
	return at_ms;
}

static void machine_start(struct machine *m, int64_t wall_ms)
{
	*m = (struct machine){.now = {wall_ms, 5 * MINUTE}, .boot = 11, .last_ms = INT64_MIN};
	bh_timeline_begin(&m->timeline, m->now, m->boot, INT64_MIN);
	look(m);
}

/* Time passes on both clocks, looked at every step_ms. */
static void pass(struct machine *m, int64_t ms, int64_t step_ms)
{
	while (ms > 0) {
		int64_t step = ms < step_ms ? ms : step_ms;

		m->now.wall_ms += step;
		m->now.mono_ms += step;
		ms -= step;
		look(m);
	}
}

/* The process ends and starts again with what was persisted. */
static void restart(struct machine *m)
{
	uint8_t heartbeat[BH_TIMELINE_BYTES];
	struct bh_timeline loaded;

	bh_timeline_pack(&m->timeline, heartbeat);
	assert_int_equal(bh_timeline_unpack(heartbeat, sizeof(heartbeat), &loaded), BH_NOERR);
	m->timeline = loaded;
	bh_timeline_resume(&m->timeline, m->now, m->boot, m->last_ms);
	look(m);
}

static void reboot(struct machine *m, int64_t away_ms)
{
	m->now.wall_ms += away_ms;
	m->now.mono_ms = 20 * SECOND;
	m->boot++;
	restart(m);
}

static void assert_calm(const struct machine *m)
{
	assert_int_equal(m->timeline.alarm, BH_TIMELINE_CALM);
	assert_true(bh_timeline_punishes(&m->timeline));
}

static void assert_alarm(const struct machine *m, enum bh_timeline_alarm alarm)
{
	assert_int_equal(m->timeline.alarm, alarm);
	assert_false(bh_timeline_punishes(&m->timeline));
}

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

static void test_timeline__an_ordinary_downtime_is_simply_elapsed(void **state)
{
	struct machine m;

	(void)state;
	machine_start(&m, T0);
	pass(&m, HOUR, SECOND);
	/* The same boot: two hours on both clocks. */
	m.now.wall_ms += 2 * HOUR;
	m.now.mono_ms += 2 * HOUR;
	restart(&m);
	assert_int_equal(look(&m), T0 + 3 * HOUR);
	/* Another boot: two hours on the wall clock. */
	reboot(&m, 2 * HOUR);
	assert_int_equal(look(&m), T0 + 5 * HOUR);
	assert_calm(&m);
	/* Exactly seven days are believed; a second behind is a coarse hardware clock. */
	reboot(&m, 7 * DAY);
	assert_int_equal(look(&m), T0 + 5 * HOUR + 7 * DAY);
	reboot(&m, -SECOND);
	assert_calm(&m);
	assert_int_equal(look(&m), T0 + 5 * HOUR + 7 * DAY);
	/* Ten days down on a machine that ran on: both clocks say so. */
	m.now.wall_ms += 10 * DAY + SECOND;
	m.now.mono_ms += 10 * DAY;
	restart(&m);
	assert_calm(&m);
}

static void test_timeline__a_clock_that_jumped_while_the_server_was_down_is_seen(void **state)
{
	static const int64_t jumps[] = {HOUR, -HOUR, 10 * YEAR, -10 * YEAR};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		/* The same boot: measured against the monotonic clock, to two seconds. */
		machine_start(&m, T0);
		m.now.wall_ms += 2 * HOUR + jumps[i];
		m.now.mono_ms += 2 * HOUR;
		restart(&m);
		assert_alarm(&m, jumps[i] > 0 ? BH_TIMELINE_AHEAD : BH_TIMELINE_BEHIND);
		assert_int_equal(look(&m), T0 + 2 * HOUR);
	}
	/* Another boot: backwards, or forward by more than seven days. */
	machine_start(&m, T0);
	reboot(&m, -2001);
	assert_alarm(&m, BH_TIMELINE_BEHIND);
	assert_int_equal(look(&m), T0);
	machine_start(&m, T0);
	reboot(&m, 7 * DAY + 1);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
	assert_int_equal(m.timeline.jump_ms, 7 * DAY + 1);
	assert_int_equal(look(&m), T0);
	pass(&m, HOUR, SECOND);
	assert_int_equal(look(&m), T0 + HOUR);
	/* The alarm outlives restarts, and time goes on by what elapses. */
	m.now.wall_ms += HOUR;
	m.now.mono_ms += HOUR;
	restart(&m);
	reboot(&m, HOUR);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
	assert_int_equal(look(&m), T0 + 3 * HOUR);
	assert_int_equal(m.timeline.jump_ms, 7 * DAY + 1);
}

static void test_timeline__what_was_given_out_after_the_heartbeat_is_not_given_out_again(
	void **state)
{
	uint8_t heartbeat[BH_TIMELINE_BYTES];
	struct machine m;

	(void)state;
	/* A heartbeat, ten more seconds of entries, a power cut, a clock that starts in 1970. */
	machine_start(&m, T0);
	bh_timeline_pack(&m.timeline, heartbeat);
	pass(&m, 10 * SECOND, SECOND);
	assert_int_equal(bh_timeline_unpack(heartbeat, sizeof(heartbeat), &m.timeline), BH_NOERR);
	bh_timeline_resume(&m.timeline, (struct bh_now){0, 30 * SECOND}, 12, m.last_ms);
	assert_alarm(&m, BH_TIMELINE_BEHIND);
	assert_int_equal(m.timeline.district_ms, T0 + 10 * SECOND);
	/* A clock that went back less than the heartbeat's age: only the journal can tell. */
	assert_int_equal(bh_timeline_unpack(heartbeat, sizeof(heartbeat), &m.timeline), BH_NOERR);
	bh_timeline_resume(
		&m.timeline, (struct bh_now){T0 + 5 * SECOND, 30 * SECOND}, 12, T0 + 10 * SECOND);
	assert_alarm(&m, BH_TIMELINE_BEHIND);
	assert_int_equal(m.timeline.district_ms, T0 + 10 * SECOND);
	/* The honest case: 40 seconds for the reboot. */
	assert_int_equal(bh_timeline_unpack(heartbeat, sizeof(heartbeat), &m.timeline), BH_NOERR);
	bh_timeline_resume(
		&m.timeline, (struct bh_now){T0 + 50 * SECOND, 30 * SECOND}, 12, T0 + 10 * SECOND);
	assert_calm(&m);
	assert_int_equal(m.timeline.district_ms, T0 + 50 * SECOND);
}

static void test_timeline__without_a_heartbeat_the_journal_is_the_witness(void **state)
{
	struct bh_timeline t;

	(void)state;
	bh_timeline_begin(&t, (struct bh_now){T0, 9}, 11, T0 - DAY);
	assert_int_equal(t.district_ms, T0);
	assert_true(bh_timeline_punishes(&t));
	bh_timeline_begin(&t, (struct bh_now){T0, 9}, 11, T0 + DAY);
	assert_int_equal(t.district_ms, T0 + DAY);
	assert_int_equal(t.alarm, BH_TIMELINE_BEHIND);
	bh_timeline_begin(&t, (struct bh_now){T0, 9}, 11, T0 - 8 * DAY);
	assert_int_equal(t.district_ms, T0 - 8 * DAY);
	assert_int_equal(t.alarm, BH_TIMELINE_AHEAD);
	/* The boot is known from then on. */
	assert_int_equal(
		bh_timeline_step(&t, (struct bh_now){T0 + 1, 1009}), T0 - 8 * DAY + SECOND);
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

static void test_timeline__an_unknown_boot_is_never_the_same_one(void **state)
{
	struct machine m;

	(void)state;
	machine_start(&m, T0);
	m.boot = m.timeline.boot = 0;
	m.now.wall_ms += HOUR;
	m.now.mono_ms += 3 * HOUR;
	restart(&m);
	assert_int_equal(look(&m), T0 + HOUR);
	/* A monotonic clock behind its own past belongs to another boot, whatever its marker says.
	 */
	machine_start(&m, T0);
	m.now.wall_ms += HOUR;
	m.now.mono_ms -= MINUTE;
	restart(&m);
	assert_int_equal(look(&m), T0 + HOUR);
	assert_calm(&m);
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

/* Anything may happen to the clocks; whatever does, time goes on by what elapses, or says so. */
static void test_timeline__whatever_the_clocks_do_time_never_goes_back(void **state)
{
	uint64_t seed = 2026;
	struct machine m;
	int i, alarms = 0;

	(void)state;
	machine_start(&m, T0);
	for (i = 0; i < 200000; i++) {
		int64_t size = (int64_t)(seed >> 40) % 100000, before = m.last_ms, gone;
		bool alarmed = !bh_timeline_punishes(&m.timeline);

		if (seed >> 33 & 1)
			size = -size;
		switch ((seed >> 20) % 40) {
		case 0:
			m.now.wall_ms += size * 1000;
			look(&m);
			break;
		case 1:
			restart(&m);
			break;
		case 2:
			reboot(&m, size * 100);
			break;
		case 3:
			m.last_ms = bh_timeline_confirm(&m.timeline, m.now);
			assert_true(m.last_ms >= before);
			break;
		case 4:
			m.now.wall_ms += size / 50;
			look(&m);
			break;
		default:
			gone = llabs(size);
			m.now.wall_ms += gone;
			m.now.mono_ms += gone;
			look(&m);
			assert_true(llabs(m.last_ms - before - gone) <=
				    (alarmed ? 0 : gone / 1000 + 1));
			break;
		}
		alarms += !alarmed && !bh_timeline_punishes(&m.timeline);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
	}
	print_message("# %d alarms\n", alarms);
	assert_true(alarms > 1000);
}

static void test_timeline__a_heartbeat_keeps_everything_and_a_damaged_one_is_refused(void **state)
{
	struct bh_timeline t = {T0, -T0, 123456789, 0xfedcba9876543210u, 3600000, -987654321, 999,
		BH_TIMELINE_BEHIND};
	struct bh_timeline back = {.boot = 77};
	uint8_t bytes[BH_TIMELINE_BYTES];
	size_t i;

	(void)state;
	bh_timeline_pack(&t, bytes);
	for (i = 0; i < BH_TIMELINE_BYTES; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes), &back),
			i < 4 ? BH_ERR_VERSION : BH_ERR_CORRUPT);
		bytes[i] ^= 0x10;
	}
	assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes) - 1, &back), BH_ERR_CORRUPT);
	assert_int_equal(bh_timeline_unpack(NULL, 0, &back), BH_ERR_CORRUPT);
	assert_int_equal(back.boot, 77);
	assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes), &back), BH_NOERR);
	assert_int_equal(back.district_ms, t.district_ms);
	assert_int_equal(back.wall_ms, t.wall_ms);
	assert_int_equal(back.mono_ms, t.mono_ms);
	assert_true(back.boot == t.boot);
	assert_int_equal(back.offset_ms, t.offset_ms);
	assert_int_equal(back.jump_ms, t.jump_ms);
	assert_int_equal(back.slew_rest_ms, t.slew_rest_ms);
	assert_int_equal(back.alarm, t.alarm);
	/* Whole, but not a state that can be. */
	t.alarm = 3;
	bh_timeline_pack(&t, bytes);
	assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes), &back), BH_ERR_CORRUPT);
	t.alarm = 0;
	t.slew_rest_ms = 1000;
	bh_timeline_pack(&t, bytes);
	assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes), &back), BH_ERR_CORRUPT);
	t.slew_rest_ms = 0;
	t.district_ms = INT64_MAX;
	bh_timeline_pack(&t, bytes);
	assert_int_equal(bh_timeline_unpack(bytes, sizeof(bytes), &back), BH_ERR_CORRUPT);
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
		cmocka_unit_test(test_timeline__an_ordinary_downtime_is_simply_elapsed),
		cmocka_unit_test(
			test_timeline__a_clock_that_jumped_while_the_server_was_down_is_seen),
		cmocka_unit_test(
			test_timeline__what_was_given_out_after_the_heartbeat_is_not_given_out_again),
		cmocka_unit_test(test_timeline__without_a_heartbeat_the_journal_is_the_witness),
		cmocka_unit_test(test_timeline__a_suspended_machine_is_a_downtime),
		cmocka_unit_test(test_timeline__an_unknown_boot_is_never_the_same_one),
		cmocka_unit_test(test_timeline__absurd_clocks_neither_overflow_nor_turn_time_back),
		cmocka_unit_test(test_timeline__whatever_the_clocks_do_time_never_goes_back),
		cmocka_unit_test(
			test_timeline__a_heartbeat_keeps_everything_and_a_damaged_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
