/* The field table: what is written comes back, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/case.h"

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Bytes at random are a case at random: every field is an integer. */
static struct bh_case case_random(uint64_t *seed)
{
	struct bh_case cased;
	uint8_t bytes[sizeof cased];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)next_random(seed);
	memcpy(&cased, bytes, sizeof cased);
	return cased;
}

static void test_case__fields_have_ids_and_names(void **state)
{
	(void)state;
	unsigned last = bh_case_field_last(), named = 0;
	for (unsigned id = 1; id <= last; id++) {
		const char *name = bh_case_field_name(id);
		named += name != NULL;
		for (unsigned other = 1; name != NULL && other < id; other++)
			if (bh_case_field_name(other) != NULL)
				assert_string_not_equal(name, bh_case_field_name(other));
	}
	assert_true(named >= 54); /* without a hole up to there */
	assert_non_null(bh_case_field_name(54));
	assert_null(bh_case_field_name(0));
	assert_null(bh_case_field_name(last + 1));
	assert_int_equal(bh_case_field(&(struct bh_case){.cycle = 9}, 0), 0);
}

/* Frozen: these numbers stand in journals. */
static void test_case__ids_are_frozen(void **state)
{
	(void)state;
	assert_string_equal(bh_case_field_name(1), "cycle");
	assert_string_equal(bh_case_field_name(2), "state");
	assert_string_equal(bh_case_field_name(10), "unit");
	assert_string_equal(bh_case_field_name(22), "dispatch_due_ms");
	assert_string_equal(bh_case_field_name(32), "next_ms");
	assert_string_equal(bh_case_field_name(36), "quiet_from");
	assert_string_equal(bh_case_field_name(37), "delivered");
	assert_string_equal(bh_case_field_name(38), "seen");
	struct bh_case before = {0};
	struct bh_case after = {.cycle = 1, .state = 4, .latitude_e7 = -1};
	struct bh_buf out = BH_BUF(64);
	const uint8_t expected[] = {1, 2, 2, 8, 33, 1};
	assert_int_equal(bh_case_diff(&before, &after, &out), 0);
	assert_int_equal(out.len, sizeof expected);
	assert_memory_equal(out.data, expected, sizeof expected);
	bh_buf_free(&out);
}

static void test_case__every_field_is_in_the_table(void **state)
{
	(void)state;
	struct bh_case ones;
	memset(&ones, 0xff, sizeof ones);
	struct bh_case zero = {0}, patched = {0};
	struct bh_buf out = BH_BUF(2048);
	assert_int_equal(bh_case_diff(&zero, &ones, &out), 0);
	assert_int_equal(bh_case_patch(&patched, bh_buf_span(&out)), 0);
	patched.number = patched.first = patched.last = UINT64_MAX;
	assert_int_equal(patched.next_ms, 0); /* an index: nobody decides it */
	patched.next_ms = ones.next_ms;
	assert_memory_equal(&patched, &ones, offsetof(struct bh_case, quiet_from));
	assert_true(bh_case_equal(&patched, &ones));
	bh_buf_free(&out);
}

static void test_case__patching_a_diff_gives_the_case_again(void **state)
{
	(void)state;
	uint64_t seed = 7;
	struct bh_buf out = BH_BUF(2048);
	for (int round = 0; round < 20000; round++) {
		struct bh_case before = case_random(&seed), after = case_random(&seed);
		if (round % 3 == 0) {
			after = before;
			after.state = (uint32_t)next_random(&seed);
		}
		struct bh_case patched = before;
		out.len = 0;
		assert_int_equal(bh_case_diff(&before, &after, &out), 0);
		assert_int_equal(bh_case_patch(&patched, bh_buf_span(&out)), 0);
		assert_int_equal(patched.number, before.number);
		patched.number = after.number;
		patched.first = after.first;
		patched.last = after.last;
		assert_true(bh_case_equal(&patched, &after));
	}
	bh_buf_free(&out);
}

static void test_case__what_the_clock_does_next_is_in_no_decision(void **state)
{
	(void)state;
	struct bh_case before = {.next_ms = 1}, after = {.next_ms = 2};
	struct bh_buf out = BH_BUF(0);
	const uint8_t early[] = {2, 8, 32, 6}; /* a decision that names it all the same */
	assert_int_equal(bh_case_diff(&before, &after, &out), 0);
	assert_int_equal(out.len, 0);
	assert_true(bh_case_equal(&before, &after));
	assert_int_equal(bh_case_patch(&before, bh_span(early, sizeof early)), 0);
	assert_int_equal(before.state, 4);
	assert_int_equal(before.next_ms, 1);
	assert_int_equal(bh_case_field(&after, 32), 2);
}

static void test_case__nothing_changed_is_no_bytes(void **state)
{
	(void)state;
	uint64_t seed = 3;
	struct bh_case cased = case_random(&seed);
	struct bh_buf out = BH_BUF(0);
	assert_int_equal(bh_case_diff(&cased, &cased, &out), 0);
	assert_int_equal(out.len, 0);
	struct bh_case other = cased;
	other.cycle++;
	assert_int_equal(bh_case_diff(&cased, &other, &out), BH_ERR_LIMIT);
	assert_false(bh_case_equal(&cased, &other));
}

static void test_case__a_field_of_a_newer_program_is_skipped(void **state)
{
	(void)state;
	struct bh_case cased = {0};
	const uint8_t decision[] = {1, 4, 0xe4, 0x7a, 0x80, 0x80, 4};
	assert_int_equal(bh_case_patch(&cased, bh_span(decision, sizeof decision)), 0);
	assert_int_equal(cased.cycle, 2);
}

static void test_case__broken_decisions_change_nothing(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[24];
		size_t len;
	} broken[] = {
		{{1}, 1},                                /* no value */
		{{0x80}, 1},                             /* half an id */
		{{1, 0x80}, 2},                          /* half a value */
		{{0, 2}, 2},                             /* id 0 */
		{{2, 2, 1, 2}, 4},                       /* out of order */
		{{1, 2, 1, 2}, 4},                       /* twice */
		{{1, 1}, 2},                             /* -1 in an unsigned field */
		{{1, 0x80, 0x80, 0x80, 0x80, 0x20}, 6},  /* 2^32 */
		{{33, 0x80, 0x80, 0x80, 0x80, 0x10}, 6}, /* 2^31 in 32 signed bits */
		{{19, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, 11}, /* 65 bits */
		{{19, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 12},
		{{1, 2, 2}, 3}, /* a good one first: still nothing */
	};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct bh_case cased = {.cycle = 77}, was = cased;
		assert_int_equal(bh_case_patch(&cased, bh_span(broken[i].bytes, broken[i].len)),
			BH_ERR_MALFORMED);
		assert_true(bh_case_equal(&cased, &was));
	}
}

static void test_case__random_bytes_never_crash_and_never_half_apply(void **state)
{
	(void)state;
	uint64_t seed = 11;
	for (int round = 0; round < 50000; round++) {
		uint8_t bytes[40];
		size_t len = next_random(&seed) % sizeof bytes;
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(next_random(&seed) % 5 == 0 ? next_random(&seed)
									 : next_random(&seed) % 40);
		struct bh_case cased = {.cycle = 5}, was = cased;
		if (bh_case_patch(&cased, bh_span(bytes, len)) != 0)
			assert_true(bh_case_equal(&cased, &was));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_case__fields_have_ids_and_names),
		cmocka_unit_test(test_case__ids_are_frozen),
		cmocka_unit_test(test_case__every_field_is_in_the_table),
		cmocka_unit_test(test_case__patching_a_diff_gives_the_case_again),
		cmocka_unit_test(test_case__what_the_clock_does_next_is_in_no_decision),
		cmocka_unit_test(test_case__nothing_changed_is_no_bytes),
		cmocka_unit_test(test_case__a_field_of_a_newer_program_is_skipped),
		cmocka_unit_test(test_case__broken_decisions_change_nothing),
		cmocka_unit_test(test_case__random_bytes_never_crash_and_never_half_apply),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
