/* The library's own thread: it wakes, it refuses calls from inside, many may record at once. */
#include "tests/unit/client/client_world.h"

#include <math.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/number.h"
#include "proto/verdict.h"

static void on_wake(void *payload)
{
	struct world *w = payload;
	bh_status_view view = BH_STATUS_VIEW_INIT;
	bh_status inside = bh_client_status(w->client, &view, NULL);

	bh_client_set_suspended(w->client, true);
	bh_client_close(w->client);
	pthread_mutex_lock(&w->lock);
	w->inside = inside;
	w->rings = true;
	pthread_cond_signal(&w->woken);
	pthread_mutex_unlock(&w->lock);
}

/* Until the status says so, woken by wake alone. */
static void await(struct world *w, bool (*is_so)(const bh_status_view *view))
{
	for (;;) {
		bh_status_view view = world_status(w);

		if (is_so(&view))
			return;
		pthread_mutex_lock(&w->lock);
		while (!w->rings)
			pthread_cond_wait(&w->woken, &w->lock);
		w->rings = false;
		pthread_mutex_unlock(&w->lock);
	}
}

/* What the callback was answered, once it was; a call that is let in never ends the waiting. */
static bh_status refusal_of_inside(struct world *w)
{
	bh_status inside;

	pthread_mutex_lock(&w->lock);
	while (w->inside == BH_OK)
		pthread_cond_wait(&w->woken, &w->lock);
	inside = w->inside;
	pthread_mutex_unlock(&w->lock);
	return inside;
}

static bool is_enrolled(const bh_status_view *view)
{
	return view->enrolled == BH_ENROLLED_YES && view->live;
}

static bool is_sent(const bh_status_view *view)
{
	return view->unsent_ops == 0;
}

struct crowd {
	struct world *world;
	int recorded;
};

static void *crowd_records(void *context)
{
	struct crowd *crowd = context;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_event event = BH_EVENT_INIT;

	input.text = "from a thread";
	for (int i = 0; i < 50; i++) {
		bh_report_ref ref = BH_REPORT_REF_INIT;

		crowd->recorded += bh_report_record(crowd->world->client, &input, &ref, NULL) ==
				   BH_OK;
		(void)bh_client_next_event(crowd->world->client, &event, NULL);
	}
	return NULL;
}

static void test_client__its_own_thread_does_all_that_and_wakes(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};

	options.store_path = SCRIPTED_PATH;
	options.wake = on_wake;
	options.wake_payload = w;
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, NULL), BH_OK);
	assert_int_equal(bh_client_run_until(w->client, 1, NULL), BH_E_INVALID);
	world_enrol(w);
	await(w, is_enrolled);
	/* A call from inside the callback is refused, and harms nothing. */
	assert_int_equal(refusal_of_inside(w), BH_E_REENTRANT);
	for (int i = 0; i < 20; i++)
		world_report(w, "x");
	await(w, is_sent);
	assert_int_equal(autoserver_counts(w->server).ops, 20);
	bh_client_close(w->client);
	w->client = NULL;
	assert_int_equal(autoserver_counts(w->server).byes, 1);
}

static void test_client__many_threads_may_record_while_it_syncs(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};
	struct crowd crowds[4] = {{w, 0}, {w, 0}, {w, 0}, {w, 0}};
	pthread_t threads[4];

	options.store_path = SCRIPTED_PATH;
	options.wake = on_wake;
	options.wake_payload = w;
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, NULL), BH_OK);
	world_enrol(w);
	await(w, is_enrolled);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_records, &crowds[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(crowds[i].recorded, 50);
	}
	await(w, is_sent);
	assert_int_equal(autoserver_counts(w->server).ops, 200);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_client__its_own_thread_does_all_that_and_wakes),
		CASE(test_client__many_threads_may_record_while_it_syncs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
