/* Handsets whose clocks are wrong, and were set since. */
#include "tests/unit/proto/cmocka_all.h"

#include "server/sync/hub.h"

#define NOW INT64_C(1795132800000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

#define BOOT 7u

/* A session whose handset said: my wall clock is skew_ms ahead, I have run for up_ms. */
static struct bh_session session_of(int64_t skew_ms, int64_t up_ms)
{
	struct bh_session session = {0};
	session.offset_ms = -skew_ms;
	session.mono_offset_ms = NOW - up_ms;
	session.boot = BOOT;
	session.enrolled_ms = NOW - 100 * DAY;
	session.hello_bound_ms = 1000;
	return session;
}

static int64_t corrected(
	const struct bh_session *session, const struct bh_msg_op_header *header, int64_t *bound_ms)
{
	int64_t offset_ms;
	bh_capture_offset(session, NOW, header, &offset_ms, bound_ms);
	assert_true(offset_ms != INT64_MAX);
	return header->captured_ms + offset_ms;
}

static void test_capture__a_clock_set_since_is_corrected_by_the_monotonic_clock(void **state)
{
	/* Recorded two hours ago, when the clock was this far off. */
	const int64_t wrong[] = {0, 10 * YEAR, HOUR, -40 * YEAR, -HOUR, 3 * DAY};
	(void)state;
	for (size_t i = 0; i < 36; i++) {
		struct bh_session session = session_of(wrong[i % 6], 50 * HOUR);
		struct bh_msg_op_header header = {.boot = BOOT,
			.captured_ms = NOW - 2 * HOUR + wrong[i / 6],
			.boot_ms = NOW - 50 * HOUR + wrong[i / 6]};
		int64_t bound_ms;
		assert_int_equal(corrected(&session, &header, &bound_ms), NOW - 2 * HOUR);
		assert_int_equal(bound_ms, 1000 + 2 * HOUR / 5000);
	}
}

static void test_capture__the_bound_grows_with_what_a_quartz_drifts(void **state)
{
	struct bh_session session = session_of(0, 400 * DAY);
	struct bh_msg_op_header header = {
		.boot = BOOT, .captured_ms = NOW, .boot_ms = NOW - 400 * DAY};
	int64_t bound_ms;
	(void)state;
	assert_int_equal(corrected(&session, &header, &bound_ms), NOW);
	assert_int_equal(bound_ms, 1000);
	header.captured_ms = NOW - 30 * DAY;
	assert_int_equal(corrected(&session, &header, &bound_ms), NOW - 30 * DAY);
	assert_int_equal(bound_ms, 1000 + 30 * DAY / 5000);
}

static void test_capture__an_op_of_another_boot_keeps_its_wall_clock_within_a_day(void **state)
{
	const uint32_t boots[] = {BOOT - 1, BOOT + 1, 0};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bh_session session = session_of(7 * HOUR, HOUR);
		/* As if of this boot by its clocks: they may be so by chance. */
		struct bh_msg_op_header header = {.boot = boots[i],
			.captured_ms = NOW + 7 * HOUR - 3 * DAY,
			.boot_ms = NOW + 7 * HOUR - HOUR};
		int64_t bound_ms;
		assert_int_equal(corrected(&session, &header, &bound_ms), NOW - 3 * DAY);
		assert_int_equal(bound_ms, DAY);
	}
}

static void test_capture__nobody_knows_a_boot_that_neither_side_counted(void **state)
{
	struct bh_session session = session_of(0, 50 * HOUR);
	struct bh_msg_op_header header = {.captured_ms = NOW - HOUR, .boot_ms = NOW - 50 * HOUR};
	int64_t bound_ms;
	(void)state;
	session.boot = 0;
	assert_int_equal(corrected(&session, &header, &bound_ms), NOW - HOUR);
	assert_int_equal(bound_ms, DAY);
}

static void test_capture__a_monotonic_clock_that_cannot_be_leaves_the_wall_clock(void **state)
{
	const int64_t up_ms[] = {20 * YEAR, -20 * YEAR};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bh_session session = session_of(0, up_ms[i]);
		struct bh_msg_op_header header = {
			.boot = BOOT, .captured_ms = NOW - HOUR, .boot_ms = NOW - 50 * HOUR};
		int64_t bound_ms;
		assert_int_equal(corrected(&session, &header, &bound_ms), NOW - HOUR);
		assert_int_equal(bound_ms, DAY);
	}
}

/* The Hello was 8 s under way, what was recorded since was faster. */
static void test_capture__a_slow_hello_is_believed_no_better_than_it_was(void **state)
{
	struct bh_session session = session_of(0, 50 * HOUR);
	struct bh_msg_op_header header = {
		.boot = BOOT, .captured_ms = NOW + 7000, .boot_ms = NOW - 50 * HOUR};
	int64_t bound_ms;
	(void)state;
	session.hello_bound_ms = 8000;
	assert_int_equal(corrected(&session, &header, &bound_ms), NOW + 7000);
	assert_int_equal(bound_ms, 8000);
}

static void test_capture__what_cannot_be_is_not_believed(void **state)
{
	struct bh_session session = session_of(0, HOUR);
	const struct bh_msg_op_header claims[] = {
		{.captured_ms = NOW + YEAR, .boot_ms = NOW + YEAR - 10 * HOUR, .boot = BOOT},
		{.captured_ms = NOW + YEAR, .boot_ms = NOW + YEAR - 10 * HOUR},
		{.captured_ms = 0, .boot_ms = -5 * DAY},              /* 1970 */
		{.captured_ms = 0, .boot_ms = 5 * DAY, .boot = BOOT}, /* before its boot */
		{.captured_ms = INT64_MAX, .boot = BOOT},
		{.captured_ms = INT64_MIN, .boot_ms = INT64_MAX, .boot = BOOT},
		{.captured_ms = NOW, .boot_ms = INT64_MIN, .boot = BOOT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		int64_t offset_ms, bound_ms;
		bh_capture_offset(&session, NOW, &claims[i], &offset_ms, &bound_ms);
		assert_true(offset_ms == INT64_MAX && bound_ms == INT64_MAX);
	}
}

static void test_capture__an_instant_of_its_wall_clock_is_one_of_the_district_or_none(void **state)
{
	struct bh_session session = session_of(10 * YEAR, HOUR);
	(void)state;
	assert_int_equal(bh_capture_wall(&session, NOW, NOW + 10 * YEAR - DAY), NOW - DAY);
	assert_int_equal(bh_capture_wall(&session, NOW, NOW + 10 * YEAR + 500), NOW);
	assert_int_equal(bh_capture_wall(&session, NOW, NOW + 10 * YEAR - 100 * DAY - HOUR),
		session.enrolled_ms);
	const int64_t nothing[] = {0, NOW - YEAR, NOW + 11 * YEAR, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_int_equal(bh_capture_wall(&session, NOW, nothing[i]), 0);
	session.offset_ms = INT64_MAX;
	assert_int_equal(bh_capture_wall(&session, NOW, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_capture__a_clock_set_since_is_corrected_by_the_monotonic_clock),
		cmocka_unit_test(test_capture__the_bound_grows_with_what_a_quartz_drifts),
		cmocka_unit_test(
			test_capture__an_op_of_another_boot_keeps_its_wall_clock_within_a_day),
		cmocka_unit_test(test_capture__nobody_knows_a_boot_that_neither_side_counted),
		cmocka_unit_test(
			test_capture__a_monotonic_clock_that_cannot_be_leaves_the_wall_clock),
		cmocka_unit_test(test_capture__a_slow_hello_is_believed_no_better_than_it_was),
		cmocka_unit_test(test_capture__what_cannot_be_is_not_believed),
		cmocka_unit_test(
			test_capture__an_instant_of_its_wall_clock_is_one_of_the_district_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
