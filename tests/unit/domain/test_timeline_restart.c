/* The district's time across restarts and reboots, and the heartbeat that carries it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/timeline.h"
#include "tests/unit/domain/machine.h"

static void test_timeline_restart__an_ordinary_downtime_is_simply_elapsed(void **state)
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

static void test_timeline_restart__a_jump_while_the_server_was_down_is_seen(void **state)
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
	/* Of several the first is told. */
	reboot(&m, -HOUR);
	assert_alarm(&m, BH_TIMELINE_AHEAD);
	assert_int_equal(m.timeline.jump_ms, 7 * DAY + 1);
}

static void test_timeline_restart__time_given_out_after_the_heartbeat_stays(void **state)
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

static void test_timeline_restart__without_a_heartbeat_the_journal_is_the_witness(void **state)
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

static void test_timeline_restart__an_unknown_boot_is_never_the_same_one(void **state)
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

static void test_timeline_restart__a_heartbeat_is_whole_or_refused(void **state)
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
		cmocka_unit_test(test_timeline_restart__an_ordinary_downtime_is_simply_elapsed),
		cmocka_unit_test(test_timeline_restart__a_jump_while_the_server_was_down_is_seen),
		cmocka_unit_test(test_timeline_restart__time_given_out_after_the_heartbeat_stays),
		cmocka_unit_test(
			test_timeline_restart__without_a_heartbeat_the_journal_is_the_witness),
		cmocka_unit_test(test_timeline_restart__an_unknown_boot_is_never_the_same_one),
		cmocka_unit_test(test_timeline_restart__a_heartbeat_is_whole_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
