/* Handsets whose clocks are wrong, and were set since. */
#include "tests/unit/proto/cmocka_all.h"

#include "server/sync/hub.h"

#define NOW INT64_C(1795132800000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

/* A session whose handset said: my wall clock is skew_ms ahead, I have run for up_ms. */
static struct bh_session session_of(int64_t skew_ms, int64_t up_ms)
{
	struct bh_session session = {0};
	session.offset_ms = -skew_ms;
	session.boot_ms = NOW + skew_ms - up_ms;
	session.mono_offset_ms = NOW - up_ms;
	session.enrolled_ms = NOW - 100 * DAY;
	return session;
}

static int64_t corrected(
	const struct bh_session *session, int64_t captured_ms, int64_t boot_ms, int64_t *bound_ms)
{
	int64_t offset_ms;
	bh_capture_offset(session, NOW, captured_ms, boot_ms, &offset_ms, bound_ms);
	assert_true(offset_ms != INT64_MAX);
	return captured_ms + offset_ms;
}

static void test_capture__a_clock_ten_years_off_is_corrected_by_the_offset(void **state)
{
	const int64_t skews[] = {10 * YEAR, -10 * YEAR, 0};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bh_session session = session_of(skews[i], 5 * HOUR);
		int64_t bound_ms;
		int64_t at_ms = corrected(
			&session, NOW + skews[i] - HOUR, session.boot_ms, &bound_ms);
		assert_int_equal(at_ms, NOW - HOUR);
		assert_int_equal(bound_ms, 1000);
	}
}

static void test_capture__a_clock_set_since_is_corrected_by_the_monotonic_clock(void **state)
{
	/* Recorded two hours ago, when the clock was this far off; right since. */
	const int64_t wrong[] = {10 * YEAR, HOUR, -40 * YEAR, -HOUR};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct bh_session session = session_of(0, 50 * HOUR);
		int64_t bound_ms;
		int64_t at_ms = corrected(
			&session, NOW - 2 * HOUR + wrong[i], session.boot_ms + wrong[i], &bound_ms);
		assert_int_equal(at_ms, NOW - 2 * HOUR);
		assert_int_equal(bound_ms, 1000);
	}
}

static void test_capture__an_op_of_an_earlier_boot_keeps_its_wall_clock_within_a_day(void **state)
{
	struct bh_session session = session_of(7 * HOUR, HOUR);
	int64_t bound_ms;
	(void)state;
	int64_t at_ms = corrected(&session, NOW + 7 * HOUR - 3 * DAY,
		NOW + 7 * HOUR - 3 * DAY - 20 * HOUR, &bound_ms);
	assert_int_equal(at_ms, NOW - 3 * DAY);
	assert_int_equal(bound_ms, DAY);
}

static void test_capture__what_cannot_be_is_not_believed(void **state)
{
	struct bh_session session = session_of(0, HOUR);
	const struct {
		int64_t captured_ms, boot_ms;
	} claims[] = {
		{NOW + YEAR, NOW + YEAR - 10 * HOUR}, /* the future, up longer than this boot */
		{0, -5 * DAY},                        /* 1970, likewise */
		{INT64_MAX, 0},
		{INT64_MIN, INT64_MAX},
		{NOW, INT64_MIN},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		int64_t offset_ms, bound_ms;
		bh_capture_offset(&session, NOW, claims[i].captured_ms, claims[i].boot_ms,
			&offset_ms, &bound_ms);
		assert_true(offset_ms == INT64_MAX && bound_ms == INT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capture__a_clock_ten_years_off_is_corrected_by_the_offset),
		cmocka_unit_test(
			test_capture__a_clock_set_since_is_corrected_by_the_monotonic_clock),
		cmocka_unit_test(
			test_capture__an_op_of_an_earlier_boot_keeps_its_wall_clock_within_a_day),
		cmocka_unit_test(test_capture__what_cannot_be_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
