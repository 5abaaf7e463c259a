/* Letters from other threads: opened once, in order, on the loop's own thread; and a stop that
 * loses none. */
#include "tests/unit/proto/cmocka_all.h"

#include <pthread.h>
#include <stdatomic.h>

#include "server/net/loop.h"

#define SENDERS 4
#define LETTERS_EACH 500

struct note {
	struct bh_letter letter;
	int sender, number;
};

struct reading {
	pthread_t thread;
	int next[SENDERS];
	atomic_int opened;
	bool out_of_order;
	bool elsewhere;
	struct bh_loop *loop;
};

static void note_open(struct bh_letter *letter, void *loop_context)
{
	struct note *note = (struct note *)(void *)letter;
	struct reading *reading = loop_context;
	if (atomic_load(&reading->opened) == 0)
		reading->thread = pthread_self();
	reading->elsewhere = reading->elsewhere || !pthread_equal(reading->thread, pthread_self());
	reading->out_of_order = reading->out_of_order ||
				reading->next[note->sender] != note->number;
	reading->next[note->sender]++;
	if (atomic_fetch_add(&reading->opened, 1) + 1 == SENDERS * LETTERS_EACH)
		bh_loop_stop(reading->loop);
}

struct sender {
	struct bh_loop *loop;
	struct note notes[LETTERS_EACH];
};

static void *sender_thread(void *context)
{
	struct sender *sender = context;
	for (int i = 0; i < LETTERS_EACH; i++)
		bh_loop_post(sender->loop, &sender->notes[i].letter);
	return NULL;
}

static void test_loop__opens_every_letter_once_in_its_senders_order_on_its_thread(void **state)
{
	static struct sender senders[SENDERS];
	struct reading reading = {0};
	pthread_t threads[SENDERS];
	(void)state;
	assert_int_equal(bh_loop_new(bh_clock_system(), &reading, &reading.loop), 0);
	assert_int_equal(bh_loop_start(reading.loop, "test-loop"), 0);
	for (int s = 0; s < SENDERS; s++) {
		senders[s].loop = reading.loop;
		for (int i = 0; i < LETTERS_EACH; i++)
			senders[s].notes[i] = (struct note){{NULL, note_open}, s, i};
		assert_int_equal(pthread_create(&threads[s], NULL, sender_thread, &senders[s]), 0);
	}
	for (int s = 0; s < SENDERS; s++)
		assert_int_equal(pthread_join(threads[s], NULL), 0);
	bh_loop_join(reading.loop);
	assert_int_equal(atomic_load(&reading.opened), SENDERS * LETTERS_EACH);
	assert_false(reading.out_of_order);
	assert_false(reading.elsewhere);
	assert_false(pthread_equal(reading.thread, pthread_self()));
	bh_loop_free(reading.loop);
}

static void test_loop__stopped_before_it_runs_does_not_run_on(void **state)
{
	struct bh_loop *loop;
	(void)state;
	assert_int_equal(bh_loop_new(bh_clock_system(), NULL, &loop), 0);
	bh_loop_stop(loop);
	assert_int_equal(bh_loop_run(loop), 0);
	bh_loop_free(loop);
}

static void test_loop__letters_that_came_too_late_are_opened_when_it_is_freed(void **state)
{
	struct reading reading = {0};
	struct note late[2] = {{{NULL, note_open}, 0, 0}, {{NULL, note_open}, 0, 1}};
	(void)state;
	assert_int_equal(bh_loop_new(bh_clock_system(), &reading, &reading.loop), 0);
	assert_int_equal(bh_loop_start(reading.loop, "test-loop"), 0);
	bh_loop_stop(reading.loop);
	bh_loop_join(reading.loop);
	bh_loop_post(reading.loop, &late[0].letter);
	bh_loop_drain(reading.loop);
	assert_int_equal(atomic_load(&reading.opened), 1);
	bh_loop_post(reading.loop, &late[1].letter);
	bh_loop_free(reading.loop);
	assert_int_equal(atomic_load(&reading.opened), 2);
	assert_false(reading.out_of_order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_loop__opens_every_letter_once_in_its_senders_order_on_its_thread),
		cmocka_unit_test(test_loop__stopped_before_it_runs_does_not_run_on),
		cmocka_unit_test(test_loop__letters_that_came_too_late_are_opened_when_it_is_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
