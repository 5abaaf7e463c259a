/* The public API over both drives: what it promises, and what it answers to who breaks its rules.
 */
#include "tests/unit/client/autoserver.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "client-lib/seams.h"
#include "proto/caseflow.h"
#include "proto/number.h"
#include "proto/verdict.h"
#include "tests/unit/client/scripted.h"

#define QR "BH1:HOST.EXAMPLE:7443:340803:AAAAAAAAAAAAAAAA:" PIN ":" PIN
#define PIN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct world {
	struct bh_simvfs *disk;
	struct autoserver *server;
	bh_client *client;
	struct bh_now now; /* the host drive's clock: advances a little at every look */
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool rings;
	bh_status inside; /* what a call from inside the callback answered */
};

static struct bh_now world_now(void *context)
{
	struct world *w = context;

	w->now.wall_ms++;
	w->now.mono_ms++;
	return w->now;
}

static void world_open(struct world *w, uint32_t drive, bool once)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};
	bh_error err;

	options.store_path = SCRIPTED_PATH;
	options.drive = drive;
	options.sync_once = once;
	if (drive == BH_DRIVE_HOST)
		seams.clock = (struct bh_clock){world_now, w};
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, &err), BH_OK);
}

static int setup(void **state)
{
	static struct world w;
	const struct bh_simvfs_config config = {.number = 2, .seed = 1};

	memset(&w, 0, sizeof(w));
	w.now = (struct bh_now){1790000000000, 1000};
	assert_int_equal(bh_simvfs_create(&config, &w.disk), 0);
	w.server = autoserver_new();
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.woken, NULL);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	bh_client_close(w->client);
	autoserver_free(w->server);
	bh_simvfs_free(w->disk);
	pthread_cond_destroy(&w->woken);
	pthread_mutex_destroy(&w->lock);
	return 0;
}

static void enrol(struct world *w)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	input.qr_payload = QR;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
}

static bh_status run(struct world *w, int64_t ms)
{
	return bh_client_run_until(w->client, w->now.wall_ms + ms, NULL);
}

static bh_status_view status_of(struct world *w)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;

	assert_int_equal(bh_client_status(w->client, &view, NULL), BH_OK);
	return view;
}

static bh_report_ref report(struct world *w, const char *text)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;

	input.text = text;
	input.type = 10001;
	assert_int_equal(bh_report_record(w->client, &input, &ref, NULL), BH_OK);
	return ref;
}

static void host_enrolled(struct world *w)
{
	world_open(w, BH_DRIVE_HOST, false);
	enrol(w);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(status_of(w).enrolled, BH_ENROLLED_YES);
}

/* ---- The loop ---- */

static void test_client__enrols_records_and_syncs_with_the_host_drive(void **state)
{
	struct world *w = *state;

	host_enrolled(w);
	bh_status_view view = status_of(w);

	assert_string_equal(view.district_code, "340803");
	assert_string_equal(view.person_name, "worker three");
	assert_int_equal(view.cause, BH_CAUSE_NONE);
	assert_int_equal(view.live, 1);
	assert_int_equal(view.device, SCRIPTED_DEVICE);
	bh_report_ref ref = report(w, "a cover is broken");

	assert_true(ref.case_number == bh_case_number(SCRIPTED_SHORT, 1));
	assert_int_equal(status_of(w).unsent_ops, 1);
	assert_true(status_of(w).oldest_unsent_at > 0);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(status_of(w).unsent_ops, 0);
	assert_int_equal(autoserver_counts(w->server).ops, 1);
}

static void test_client__sync_once_hangs_up_with_a_bye(void **state)
{
	struct world *w = *state;

	host_enrolled(w);
	bh_client_close(w->client);
	world_open(w, BH_DRIVE_HOST, true);
	report(w, "x");
	uint64_t byes = autoserver_counts(w->server).byes;

	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(status_of(w).live, 0);
	assert_int_equal(autoserver_counts(w->server).byes, byes + 1);
	assert_int_equal(autoserver_counts(w->server).bye_unsent, 0);
}

static void test_client__run_until_ends_at_its_deadline_or_when_nothing_can_be_done(void **state)
{
	struct world *w = *state;

	host_enrolled(w);
	bh_client_close(w->client);
	autoserver_reach(w->server, false);
	world_open(w, BH_DRIVE_HOST, false);
	report(w, "x");
	assert_int_equal(run(w, 400), BH_DONE);
	bh_status_view view = status_of(w);

	assert_int_equal(view.cause, BH_CAUSE_UNREACHABLE);
	assert_int_equal(view.unsent_ops, 1);
	assert_true(view.next_attempt_at > w->now.wall_ms);
	assert_int_equal(bh_client_run_until(w->client, w->now.wall_ms - 5, NULL), BH_DONE);
	autoserver_reach(w->server, true);
	assert_int_equal(bh_client_sync_now(w->client, NULL), BH_OK);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(status_of(w).unsent_ops, 0);
}

static void test_client__a_closure_arrives_is_delivered_and_marked_seen(void **state)
{
	struct world *w = *state;
	static const uint64_t scopes[] = {SCRIPTED_OWN};
	static const struct bh_msg_closure closure = {.cycle = 1,
		.closed_ms = 77,
		.kind = BH_STATE_CLOSED,
		.result = {(const uint8_t *)"mended", 6},
		.unit_name = {(const uint8_t *)"works", 5}};
	struct bh_msg_record record = {.position = 50,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.type = 10001,
		.text = {(const uint8_t *)"told", 4},
		.closures = &closure,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 1};
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_closure_view closed = BH_CLOSURE_VIEW_INIT;
	bh_event event = BH_EVENT_INIT;
	bh_case_cursor *cursor;
	int closures = 0;

	host_enrolled(w);
	record.case_number = report(w, "x").case_number;
	autoserver_tell(w->server, &record);
	assert_int_equal(run(w, 20000), BH_DONE);
	while (bh_client_next_event(w->client, &event, NULL) == BH_OK)
		closures += event.type == BH_EVENT_CLOSURE &&
			    event.case_number == record.case_number && event.cycle == 1;
	assert_int_equal(closures, 1);
	assert_int_equal(autoserver_counts(w->server).delivered, 1);
	assert_int_equal(status_of(w).unseen_closures, 1);
	assert_int_equal(bh_case_get(w->client, record.case_number, &cursor, &view, NULL), BH_OK);
	assert_int_equal(view.state, BH_CASE_CLOSED);
	assert_int_equal(view.own, 1);
	assert_int_equal(view.known, 1);
	assert_int_equal(view.report_verdict, BH_OP_ACCEPTED);
	assert_int_equal(view.closures_count, 1);
	assert_int_equal(view.unseen_closures, 1);
	assert_string_equal(view.text, "told");
	assert_int_equal(bh_case_closure(cursor, 0, &closed, NULL), BH_OK);
	assert_string_equal(closed.result, "mended");
	assert_string_equal(closed.unit_name, "works");
	assert_int_equal(closed.delivered, 1);
	assert_int_equal(closed.seen, 0);
	assert_int_equal(bh_case_closure(cursor, 1, &closed, NULL), BH_E_NOT_FOUND);
	bh_case_cursor_close(cursor);
	assert_int_equal(bh_case_mark_seen(w->client, record.case_number, 1, NULL), BH_OK);
	assert_int_equal(bh_case_mark_seen(w->client, record.case_number, 1, NULL), BH_DONE);
	assert_int_equal(bh_case_mark_seen(w->client, record.case_number, 2, NULL), BH_E_NOT_FOUND);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(autoserver_counts(w->server).seen, 1);
	assert_int_equal(status_of(w).unseen_closures, 0);
}

static void test_client__a_handler_signs_and_finishes_offline(void **state)
{
	struct world *w = *state;
	static const uint64_t scopes[] = {SCRIPTED_UNIT};
	const struct bh_msg_record record = {.case_number = bh_case_number(99, 5),
		.position = 50,
		.cycle = 1,
		.state = BH_STATE_DISPATCHED,
		.unit = 9,
		.scopes = scopes,
		.scopes_count = 1};
	bh_act_input act = BH_ACT_INPUT_INIT;
	int32_t acts[4];
	size_t count = 9;
	uint64_t sequence = 0;

	host_enrolled(w);
	autoserver_tell(w->server, &record);
	assert_int_equal(run(w, 20000), BH_DONE);
	autoserver_reach(w->server, false);
	assert_int_equal(
		bh_acts_possible(w->client, record.case_number, acts, 4, &count, NULL), BH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(acts[0], BH_ACT_SIGN);
	act.case_number = record.case_number;
	act.act = BH_ACT_FINISH;
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_INVALID);
	act.text = "mended";
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_STATE);
	act.act = BH_ACT_SIGN;
	act.text = NULL;
	assert_int_equal(bh_act_record(w->client, &act, &sequence, NULL), BH_OK);
	assert_int_equal(sequence, 1);
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_STATE);
	act.act = BH_ACT_FINISH;
	act.text = "mended";
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_OK);
	assert_int_equal(
		bh_acts_possible(w->client, record.case_number, acts, 4, &count, NULL), BH_OK);
	assert_int_equal(count, 0);
	act.case_number = bh_case_number(99, 6);
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_NOT_FOUND);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(autoserver_counts(w->server).signs, 1);
	assert_int_equal(autoserver_counts(w->server).finishes, 1);
}

static void test_client__a_rejected_report_says_why(void **state)
{
	struct world *w = *state;
	bh_op_view view = BH_OP_VIEW_INIT;
	bh_case_view cased = BH_CASE_VIEW_INIT;
	bh_case_cursor *cases;
	bh_op_cursor *ops;

	host_enrolled(w);
	autoserver_verdict(w->server, (struct bh_msg_verdict){.seq = 2,
					      .verdict = BH_VERDICT_REJECTED,
					      .code = BH_REASON_PLACE,
					      .correctable = true,
					      .sentence = {(const uint8_t *)"bad place", 9}});
	report(w, "one");
	report(w, "two");
	assert_int_equal(run(w, 20000), BH_DONE);
	report(w, "three");
	assert_int_equal(status_of(w).refused_ops, 1);
	assert_int_equal(bh_op_cursor_open(w->client, BH_OPS_REFUSED, &ops, NULL), BH_OK);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_OK);
	assert_int_equal(view.sequence, 2);
	assert_int_equal(view.verdict, BH_OP_REJECTED);
	assert_int_equal(view.correctable, 1);
	assert_string_equal(view.verdict_text, "bad place");
	assert_string_equal(view.verb_name, "submit");
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	bh_op_cursor_close(ops);
	assert_int_equal(bh_op_cursor_open(w->client, BH_OPS_WAITING, &ops, NULL), BH_OK);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_OK);
	assert_int_equal(view.sequence, 3);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	bh_op_cursor_close(ops);
	/* Newest first. */
	assert_int_equal(bh_case_cursor_open(w->client, &cases, NULL), BH_OK);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_OK);
	assert_string_equal(cased.text, "three");
	assert_int_equal(cased.unsent, 1);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_OK);
	assert_string_equal(cased.text, "two");
	assert_int_equal(cased.report_verdict, BH_OP_REJECTED);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_OK);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_DONE);
	bh_case_cursor_close(cases);
}

static void test_client__a_refused_code_is_a_cause_and_a_new_one_may_follow(void **state)
{
	struct world *w = *state;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(status_of(w).cause, BH_CAUSE_NOT_ENROLLED);
	autoserver_refuse_codes(w->server);
	enrol(w);
	assert_int_equal(status_of(w).enrolled, BH_ENROLLED_ASKED);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(status_of(w).cause, BH_CAUSE_CODE_REFUSED);
	assert_int_equal(status_of(w).enrolled, BH_ENROLLED_NO);
	enrol(w);
	assert_int_equal(status_of(w).enrolled, BH_ENROLLED_ASKED);
}

static void test_client__the_catalogue_is_there_after_enrolment(void **state)
{
	struct world *w = *state;
	bh_type_cursor *types;
	bh_type_view view = BH_TYPE_VIEW_INIT;
	const char *label = NULL;
	uint32_t condition = 0;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_type_cursor_open(w->client, &types, NULL), BH_OK);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_DONE);
	bh_type_cursor_close(types);
	enrol(w);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(bh_type_cursor_open(w->client, &types, NULL), BH_OK);
	assert_int_equal(bh_type_condition(types, 0, &condition, &label, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_OK);
	assert_int_equal(view.code, 10001);
	assert_string_equal(view.name, "manhole");
	assert_int_equal(view.conditions_count, 2);
	assert_int_equal(bh_type_condition(types, 1, &condition, &label, NULL), BH_OK);
	assert_int_equal(condition, 2);
	assert_string_equal(label, "large");
	assert_int_equal(bh_type_condition(types, 2, &condition, &label, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_OK);
	assert_int_equal(view.dispute, 1);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_DONE);
	bh_type_cursor_close(types);
}

/* ---- The thread drive ---- */

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
		bh_status_view view = status_of(w);

		if (is_so(&view))
			return;
		pthread_mutex_lock(&w->lock);
		while (!w->rings)
			pthread_cond_wait(&w->woken, &w->lock);
		w->rings = false;
		pthread_mutex_unlock(&w->lock);
	}
}

static bool is_enrolled(const bh_status_view *view)
{
	return view->enrolled == BH_ENROLLED_YES && view->live;
}

static bool is_sent(const bh_status_view *view)
{
	return view->unsent_ops == 0;
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
	enrol(w);
	await(w, is_enrolled);
	/* A call from inside the callback is refused, and harms nothing. */
	assert_int_equal(w->inside, BH_E_REENTRANT);
	for (int i = 0; i < 20; i++)
		report(w, "x");
	await(w, is_sent);
	assert_int_equal(autoserver_counts(w->server).ops, 20);
	bh_client_close(w->client);
	w->client = NULL;
	assert_int_equal(autoserver_counts(w->server).byes, 1);
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
	enrol(w);
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

/* ---- Who breaks the rules ---- */

static void test_client__open_refuses_what_cannot_be(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = (bh_client *)(void *)w;
	bh_error err;

	assert_int_equal(bh_client_open(NULL, &client, &err), BH_E_INVALID);
	assert_null(client);
	assert_int_equal(bh_client_open(&options, NULL, &err), BH_E_INVALID);
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "store_path"));
	options.store_path = "/no/such/folder/handset.db";
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_STORAGE);
	options.drive = 7;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	options.drive = 0;
	options.struct_size = 0;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	options.struct_size = 1u << 20;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	bh_client_close(NULL);
}

static void test_client__a_store_in_use_is_busy(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};
	bh_client *second = NULL;

	world_open(w, BH_DRIVE_HOST, false);
	options.store_path = SCRIPTED_PATH;
	assert_int_equal(bh_client_open_with(&options, &seams, &second, NULL), BH_E_BUSY);
	assert_null(second);
}

static void test_client__nulls_are_named_not_followed(void **state)
{
	struct world *w = *state;
	bh_error err;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_op_view op = BH_OP_VIEW_INIT;
	bh_type_view type = BH_TYPE_VIEW_INIT;
	bh_case_cursor *cursor = NULL;
	size_t count = 0;

	assert_int_equal(bh_report_record(NULL, &input, NULL, &err), BH_E_INVALID);
	assert_int_equal(err.status, BH_E_INVALID);
	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_report_record(w->client, NULL, NULL, &err), BH_E_INVALID);
	assert_int_equal(bh_report_record(w->client, &input, NULL, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "text"));
	assert_int_equal(bh_client_status(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_client_enrol(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_client_next_event(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_act_record(w->client, NULL, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_acts_possible(w->client, 1, NULL, 2, &count, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_cursor_open(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_cursor_next(NULL, &view, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_get(w->client, 0, &cursor, &view, NULL), BH_E_NOT_FOUND);
	assert_null(cursor);
	assert_int_equal(bh_case_get(w->client, 1, &cursor, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_op_cursor_open(w->client, 3, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_op_cursor_next(NULL, &op, NULL), BH_E_INVALID);
	assert_int_equal(bh_type_cursor_next(NULL, &type, NULL), BH_E_INVALID);
	bh_case_cursor_close(NULL);
	bh_op_cursor_close(NULL);
	bh_type_cursor_close(NULL);
	bh_client_set_reachable(NULL, true);
	bh_client_set_suspended(NULL, true);
	assert_int_equal(bh_id_parse(NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_number_parse(NULL, NULL), BH_E_INVALID);
}

static bh_status try_report(struct world *w, const char *text, double latitude, uint32_t datum)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	input.text = text;
	input.has_place = 1;
	input.latitude_deg = latitude;
	input.longitude_deg = 117.0;
	input.datum = datum;
	return bh_report_record(w->client, &input, NULL, NULL);
}

static void test_client__bad_reports_are_refused_and_leave_nothing(void **state)
{
	struct world *w = *state;
	static char text[BH_REPORT_TEXT_BYTES_MAX + 2];
	bh_report_input input = BH_REPORT_INPUT_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(try_report(w, "x", 30.0, BH_PLACE_WGS84), BH_E_AUTH);
	enrol(w);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(try_report(w, "", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "\xff", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "\xc0\x80", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 90.1, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", (double)NAN, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", (double)INFINITY, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 30.0, 0), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 30.0, 4), BH_E_INVALID);
	memset(text, 'x', BH_REPORT_TEXT_BYTES_MAX + 1);
	assert_int_equal(try_report(w, text, 30.0, BH_PLACE_WGS84), BH_E_LIMIT);
	input.text = "x";
	input.urgency = 5;
	assert_int_equal(bh_report_record(w->client, &input, NULL, NULL), BH_E_INVALID);
	assert_int_equal(status_of(w).unsent_ops, 0);
	text[BH_REPORT_TEXT_BYTES_MAX] = '\0';
	assert_int_equal(try_report(w, text, -90.0, BH_PLACE_BD09), BH_OK);
	assert_int_equal(status_of(w).unsent_ops, 1);
}

static void test_client__a_place_comes_back_in_the_datum_it_came_in(void **state)
{
	struct world *w = *state;
	bh_case_cursor *cursor;
	bh_case_view view = BH_CASE_VIEW_INIT;

	host_enrolled(w);
	assert_int_equal(try_report(w, "x", -30.1234567, BH_PLACE_GCJ02), BH_OK);
	assert_int_equal(
		bh_case_get(w->client, bh_case_number(SCRIPTED_SHORT, 1), &cursor, &view, NULL),
		BH_OK);
	assert_int_equal(view.has_place, 1);
	assert_int_equal(view.datum, BH_PLACE_GCJ02);
	assert_true(fabs(view.latitude_deg + 30.1234567) < 1e-9);
	assert_int_equal(view.state, BH_CASE_OUTBOX);
	assert_int_equal(view.known, 0);
	bh_case_cursor_close(cursor);
}

static void test_client__older_and_newer_programs_are_both_served(void **state)
{
	struct world *w = *state;
	struct {
		bh_report_input input;
		uint64_t newer[4];
	} larger = {.input = BH_REPORT_INPUT_INIT, .newer = {1, 2, 3, 4}};
	union {
		bh_status_view view;
		uint8_t bytes[sizeof(bh_status_view)];
	} small;

	host_enrolled(w);
	larger.input.struct_size = (uint32_t)sizeof(larger);
	larger.input.text = "newer";
	assert_int_equal(bh_report_record(w->client, &larger.input, NULL, NULL), BH_OK);
	/* An older program's view ends before unsent_bytes: nothing behind it is touched. */
	memset(&small, 0xee, sizeof(small));
	small.view.struct_size = (uint32_t)offsetof(bh_status_view, unsent_bytes);
	assert_int_equal(bh_client_status(w->client, &small.view, NULL), BH_OK);
	assert_int_equal(small.view.struct_size, offsetof(bh_status_view, unsent_bytes));
	assert_int_equal(small.view.unsent_ops, 1);
	for (size_t i = offsetof(bh_status_view, unsent_bytes); i < sizeof(small); i++)
		assert_int_equal(small.bytes[i], 0xee);
	/* An older program's input ends before has_place: the rest is zero. */
	bh_report_input older = BH_REPORT_INPUT_INIT;

	older.struct_size = (uint32_t)offsetof(bh_report_input, has_place);
	older.text = "older";
	older.has_place = 1;
	older.datum = 99;
	assert_int_equal(bh_report_record(w->client, &older, NULL, NULL), BH_OK);
}

static void test_client__bad_enrolment_codes_are_refused_at_once(void **state)
{
	struct world *w = *state;
	static const char *const bad[] = {"", "BH1", "BH2:h:1:d:AAAAAAAAAAAAAAAA:" PIN,
		"BH1:h:0:d:AAAAAAAAAAAAAAAA:" PIN, "BH1:h:70000:d:AAAAAAAAAAAAAAAA:" PIN,
		"BH1:h:1x:d:AAAAAAAAAAAAAAAA:" PIN, "BH1::1:d:AAAAAAAAAAAAAAAA:" PIN,
		"BH1:h:1::AAAAAAAAAAAAAAAA:" PIN, "BH1:h:1:d:AAAA:" PIN,
		"BH1:h:1:d:AAAAAAAAAAAAAAAA:AAAA", "BH1:h:1:d:AAAAAAAAAAAAAAAA",
		"BH1:h:1:d:AAAAAAAAAAAAAAA1:" PIN,
		"BH1:h:1:d:AAAAAAAAAAAAAAAA:" PIN ":" PIN ":" PIN};
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		input.qr_payload = bad[i];
		assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_E_INVALID);
	}
	assert_int_equal(status_of(w).enrolled, BH_ENROLLED_NO);
	input.qr_payload = "BH1:[::1]:7443:d:aaaaaaaaaaaaaaaa:" PIN;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
	input = (bh_enrolment_input)BH_ENROLMENT_INPUT_INIT;
	input.host = "h";
	input.district = "340803";
	input.code = "AAAAAAAAAAAAAAAA";
	input.pin = PIN;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
	assert_int_equal(run(w, 20000), BH_DONE);
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_E_EXISTS);
}

static void test_client__ids_and_numbers_read_as_they_are_written(void **state)
{
	bh_id id, back;
	char text[BH_ID_TEXT_SIZE], number[BH_NUMBER_TEXT_SIZE];
	uint64_t value = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(id.bytes); i++)
		id.bytes[i] = (uint8_t)(i * 17);
	bh_id_format(&id, text);
	assert_int_equal(strlen(text), 36);
	assert_int_equal(bh_id_parse(text, &back), BH_OK);
	assert_memory_equal(&id, &back, sizeof(id));
	text[8] = '0';
	assert_int_equal(bh_id_parse(text, &back), BH_E_INVALID);
	bh_number_format(0, number);
	assert_string_equal(number, "");
	bh_number_format(UINT64_C(0x7fffffffffffffff), number);
	assert_int_equal(bh_number_parse(number, &value), BH_OK);
	assert_true(value == UINT64_C(0x7fffffffffffffff));
	assert_int_equal(bh_number_parse("17-42-", &value), BH_E_INVALID);
	assert_int_equal(bh_version(), 0x010000);
	assert_string_equal(bh_status_name(BH_E_NO_SPACE), "BH_E_NO_SPACE");
	assert_string_equal(bh_case_state_name(BH_CASE_DISPATCHED, "en"), "dispatched");
	for (int32_t cause = -1; cause < 20; cause++) {
		assert_non_null(bh_cause_name(cause));
		assert_true(strlen(bh_cause_sentence(cause, "zh")) > 0);
		assert_true(strlen(bh_cause_sentence(cause, NULL)) > 0);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_client__enrols_records_and_syncs_with_the_host_drive),
		CASE(test_client__sync_once_hangs_up_with_a_bye),
		CASE(test_client__run_until_ends_at_its_deadline_or_when_nothing_can_be_done),
		CASE(test_client__a_closure_arrives_is_delivered_and_marked_seen),
		CASE(test_client__a_handler_signs_and_finishes_offline),
		CASE(test_client__a_rejected_report_says_why),
		CASE(test_client__a_refused_code_is_a_cause_and_a_new_one_may_follow),
		CASE(test_client__the_catalogue_is_there_after_enrolment),
		CASE(test_client__its_own_thread_does_all_that_and_wakes),
		CASE(test_client__many_threads_may_record_while_it_syncs),
		CASE(test_client__open_refuses_what_cannot_be),
		CASE(test_client__a_store_in_use_is_busy),
		CASE(test_client__nulls_are_named_not_followed),
		CASE(test_client__bad_reports_are_refused_and_leave_nothing),
		CASE(test_client__a_place_comes_back_in_the_datum_it_came_in),
		CASE(test_client__older_and_newer_programs_are_both_served),
		CASE(test_client__bad_enrolment_codes_are_refused_at_once),
		cmocka_unit_test(test_client__ids_and_numbers_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
