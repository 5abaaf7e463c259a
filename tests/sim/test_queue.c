/* The event queue: the earliest first, the order of asking within an instant, and time that never
 * goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/err.h"
#include "tests/sim/queue.h"
#include "tests/sim/rng.h"

#define EVENTS 2000

static struct bh_simqueue *queue_of(size_t max)
{
	struct bh_simqueue *queue = NULL;

	assert_int_equal(bh_simqueue_create(max, 0, &queue), BH_NOERR);
	return queue;
}

static void test_queue__pops_by_instant_and_then_by_order_of_pushing(void **state)
{
	struct bh_simqueue *queue = queue_of(EVENTS);
	struct bh_simrng rng = bh_simrng_make(1);
	struct bh_simevent last = {.at_ms = -1};
	struct bh_simevent event;

	(void)state;
	for (uint32_t i = 0; i < EVENTS; i++)
		assert_int_equal(
			bh_simqueue_push(queue, bh_simrng_between(&rng, 0, 50), 1, i, 0, 0),
			BH_NOERR);
	for (int i = 0; i < EVENTS; i++) {
		assert_true(bh_simqueue_pop(queue, &event));
		assert_true(event.at_ms > last.at_ms ||
			    (event.at_ms == last.at_ms && event.a > last.a));
		assert_true(bh_simqueue_now(queue) == event.at_ms);
		last = event;
	}
	assert_false(bh_simqueue_pop(queue, &event));
	bh_simqueue_free(queue);
}

/* Against a plain list that is searched from the front each time. */
static void test_queue__agrees_with_a_list_under_random_pushes_and_pops(void **state)
{
	struct bh_simqueue *queue = queue_of(EVENTS);
	struct bh_simrng rng = bh_simrng_make(2);
	int64_t due[EVENTS];
	bool taken[EVENTS] = {false};
	uint32_t len = 0;

	(void)state;
	while (len < EVENTS) {
		struct bh_simevent event;
		uint32_t best = EVENTS;

		if (bh_simrng_below(&rng, 3) > 0) {
			due[len] = bh_simqueue_now(queue) + bh_simrng_between(&rng, 0, 20);
			assert_int_equal(bh_simqueue_push(queue, due[len], 1, len, 0, 0), BH_NOERR);
			len++;
			continue;
		}
		for (uint32_t i = 0; i < len; i++)
			if (!taken[i] && (best == EVENTS || due[i] < due[best]))
				best = i;
		assert_true(bh_simqueue_pop(queue, &event) == (best < EVENTS));
		if (best == EVENTS)
			continue;
		assert_int_equal(event.a, best);
		taken[best] = true;
	}
	bh_simqueue_free(queue);
}

static void test_queue__what_is_asked_for_in_the_past_happens_now(void **state)
{
	struct bh_simqueue *queue = queue_of(10);
	struct bh_simevent event;

	(void)state;
	assert_int_equal(bh_simqueue_push(queue, 100, 1, 1, 0, 0), BH_NOERR);
	assert_int_equal(bh_simqueue_push(queue, 100, 1, 2, 0, 0), BH_NOERR);
	assert_true(bh_simqueue_pop(queue, &event));
	assert_int_equal(bh_simqueue_push(queue, 5, 1, 3, 4, 5), BH_NOERR);
	assert_true(bh_simqueue_pop(queue, &event));
	assert_int_equal(event.a, 2);
	assert_true(bh_simqueue_pop(queue, &event));
	assert_int_equal(event.a, 3);
	assert_int_equal(event.b, 4);
	assert_int_equal(event.c, 5);
	assert_int_equal(event.at_ms, 100);
	bh_simqueue_free(queue);
}

static void test_queue__refuses_more_than_its_maximum_and_keeps_what_it_has(void **state)
{
	struct bh_simqueue *queue = queue_of(2);
	struct bh_simevent event;

	(void)state;
	assert_int_equal(bh_simqueue_push(queue, 2, 1, 0, 0, 0), BH_NOERR);
	assert_int_equal(bh_simqueue_push(queue, 1, 1, 0, 0, 0), BH_NOERR);
	assert_int_equal(bh_simqueue_push(queue, 0, 1, 0, 0, 0), BH_ERR_LIMIT);
	assert_int_equal(bh_simqueue_len(queue), 2);
	assert_true(bh_simqueue_peek(queue, &event));
	assert_int_equal(event.at_ms, 1);
	assert_int_equal(bh_simqueue_len(queue), 2);
	bh_simqueue_free(queue);
}

static void test_queue__advances_through_emptiness_but_not_past_an_event(void **state)
{
	struct bh_simqueue *queue = queue_of(2);

	(void)state;
	assert_int_equal(bh_simqueue_advance(queue, 50), BH_NOERR);
	assert_int_equal(bh_simqueue_advance(queue, 49), BH_ERR_INVALID);
	assert_int_equal(bh_simqueue_push(queue, 60, 1, 0, 0, 0), BH_NOERR);
	assert_int_equal(bh_simqueue_advance(queue, 61), BH_ERR_INVALID);
	assert_int_equal(bh_simqueue_advance(queue, 60), BH_NOERR);
	assert_int_equal(bh_simqueue_now(queue), 60);
	bh_simqueue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue__pops_by_instant_and_then_by_order_of_pushing),
		cmocka_unit_test(test_queue__agrees_with_a_list_under_random_pushes_and_pops),
		cmocka_unit_test(test_queue__what_is_asked_for_in_the_past_happens_now),
		cmocka_unit_test(test_queue__refuses_more_than_its_maximum_and_keeps_what_it_has),
		cmocka_unit_test(test_queue__advances_through_emptiness_but_not_past_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
