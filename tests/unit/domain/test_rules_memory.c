/* Memory that runs out at every single point of a build: nothing is built, nothing is leaked,
 * nothing is told as a fault of the profile.  Linked with --wrap, also for each request to the
 * arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/arena.h"
#include "proto/err.h"
#include "server/domain/decide.h"
#include "tests/unit/domain/demo_rules.h"

#define POINTS_MAX 2000

static int requests_left = -1; /* -1: as many as you like */

static bool request_fails(void)
{
	if (requests_left == 0)
		return true;
	if (requests_left > 0)
		requests_left--;
	return false;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_bh_arena_array(struct bh_arena *arena, size_t count, size_t size);
void *__wrap_bh_arena_array(struct bh_arena *arena, size_t count, size_t size);
int __real_bh_arena_copy(struct bh_arena *arena, struct bh_span from, struct bh_span *out);
int __wrap_bh_arena_copy(struct bh_arena *arena, struct bh_span from, struct bh_span *out);

void *__wrap_malloc(size_t size)
{
	return request_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return request_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_bh_arena_array(struct bh_arena *arena, size_t count, size_t size)
{
	return request_fails() ? NULL : __real_bh_arena_array(arena, count, size);
}

int __wrap_bh_arena_copy(struct bh_arena *arena, struct bh_span from, struct bh_span *out)
{
	return request_fails() ? BH_ERR_NOMEM : __real_bh_arena_copy(arena, from, out);
}

static void test_rules__memory_may_run_out_anywhere(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	assert_non_null(demo);
	bh_demo_profile(demo);
	const struct bh_msg_calendar_day days[] = {
		{.day = 20000, .name = {(const uint8_t *)"x", 1}}, {.day = 20004, .works = true}};
	demo->profile.settings.days = days;
	demo->profile.settings.days_count = 2;
	int point = 0, err = BH_ERR_NOMEM;
	for (; point < POINTS_MAX && err != 0; point++) {
		struct bh_rules *rules = NULL;
		struct bh_profile_fault fault;
		size_t faults = 0;
		requests_left = point;
		err = bh_rules_build(&demo->profile, &fault, 1, &faults, &rules);
		requests_left = -1;
		assert_true(err == 0 || err == BH_ERR_NOMEM);
		assert_int_equal(faults, 0);
		assert_int_equal(err == 0, rules != NULL);
		bh_rules_unref(rules);
	}
	assert_int_equal(err, 0);
	assert_in_range(point, 200, POINTS_MAX); /* names and codes alone are as many */
	free(demo);
}

static void test_rules__no_memory_for_even_empty_ones(void **state)
{
	(void)state;
	struct bh_rules *rules = NULL;
	requests_left = 0;
	int err = bh_rules_empty(&rules);
	requests_left = -1;
	assert_int_equal(err, BH_ERR_NOMEM);
	assert_null(rules);
}

/* decide never allocates: with no memory at all it answers as ever. */
static void test_decide__asks_for_no_memory(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_command command = {
		.source = BH_SOURCE_DEVICE,
		.verb = BH_VERB_SUBMIT,
		.log_short = 17,
		.seq = 1,
		.person = BH_DEMO_WORKER(1111),
		.type = BH_DEMO_STALL,
		.has_place = true,
		.datum = 2,
	};
	bh_demo_place(1212, &command.latitude_e7, &command.longitude_e7);
	struct bh_standing standing = {
		.rules = rules,
		.now_ms = INT64_C(1772413200000),
		.device_live = true,
		.device_person = command.person,
	};
	struct bh_verdict_on on;
	requests_left = 0;
	bh_decide(&standing, &command, &on);
	requests_left = -1;
	assert_int_equal(on.verdict, BH_VERDICT_ACCEPTED);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules__memory_may_run_out_anywhere),
		cmocka_unit_test(test_rules__no_memory_for_even_empty_ones),
		cmocka_unit_test(test_decide__asks_for_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
