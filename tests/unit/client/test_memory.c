/* Memory that ends at every point of a handset's life (faults.md E10), for one allocation and for
 * good: the call says so or the session ends, nothing is half written, nothing leaks, and with
 * memory again the same handset goes on.  The far end has memory of its own. */
#include "tests/unit/client/autoserver.h"

#include <stdlib.h>
#include <string.h>

#include "client-lib/seams.h"
#include "proto/caseflow.h"
#include "proto/number.h"
#include "tests/unit/client/jpeg_maker.h"
#include "tests/unit/client/scripted.h"
#include "tests/unit/client/short_memory.h"

#define POINTS_MAX 8000
#define PATIENCE_MS 400000 /* longer than the longest back-off */
#define PIN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define QR "BH1:HOST.EXAMPLE:7443:340803:AAAAAAAAAAAAAAAA:" PIN ":" PIN

/* ---- The handset and its far end ---- */

struct life {
	struct bh_simvfs *disk;
	struct autoserver *server;
	struct bh_transport far; /* the server's own */
	struct bh_transport_api api;
	bh_client *client;
	struct bh_now now;
	int recorded; /* reports that were said to be recorded */
	uint64_t number;
};

/* The far end is not short of memory; waiting moves the clock and takes no time. */
static struct life *life_now;
static long stride;
static struct bh_buf jpeg;

static int setup_group(void **state)
{
	(void)state;
	jpeg = jpeg_make(64, 48, 1, false);
	assert_int_equal(short_memory_install(), 0);
	return 0;
}

static int teardown_group(void **state)
{
	(void)state;
	bh_buf_free(&jpeg);
	return 0;
}

static struct bh_now life_clock(void *context)
{
	struct life *life = context;
	life->now.wall_ms++;
	life->now.mono_ms++;
	return life->now;
}

static int far_send(
	struct bh_link *link, struct bh_span bytes, size_t *sent, enum bh_link_cause *cause)
{
	bool armed = short_memory.armed;
	short_memory.armed = false;
	int rc = life_now->far.api->send(link, bytes, sent, cause);
	short_memory.armed = armed;
	return rc;
}

static int far_recv(
	struct bh_link *link, uint8_t *bytes, size_t size, size_t *got, enum bh_link_cause *cause)
{
	bool armed = short_memory.armed;
	short_memory.armed = false;
	int rc = life_now->far.api->recv(link, bytes, size, got, cause);
	short_memory.armed = armed;
	return rc;
}

static void far_wait(void *context, struct bh_link *link, bool want_send, int64_t timeout_ms)
{
	int64_t ms = timeout_ms < 0 || timeout_ms > 1000 ? 1000 : timeout_ms;
	(void)context;
	(void)link;
	(void)want_send;
	life_now->now.wall_ms += ms;
	life_now->now.mono_ms += ms;
}

static void life_begin(struct life *life)
{
	const struct bh_simvfs_config config = {.number = 3, .seed = 1};
	short_memory.armed = false;
	*life = (struct life){.now = {1790000000000, 1000}};
	life_now = life;
	assert_int_equal(bh_simvfs_create(&config, &life->disk), 0);
	life->server = autoserver_new();
	life->far = autoserver_transport(life->server);
	life->api = *life->far.api;
	life->api.send = far_send;
	life->api.recv = far_recv;
	life->api.wait = far_wait;
}

static void life_end(struct life *life)
{
	short_memory.armed = false;
	bh_client_close(life->client);
	autoserver_free(life->server);
	bh_simvfs_free(life->disk);
}

static bh_status life_open(struct life *life)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {.vfs = bh_simvfs_name(life->disk),
		.transport = {&life->api, life->far.context},
		.clock = {life_clock, life}};
	options.store_path = SCRIPTED_PATH;
	options.drive = BH_DRIVE_HOST;
	return bh_client_open_with(&options, &seams, &life->client, NULL);
}

static bh_status life_close(struct life *life)
{
	bh_client_close(life->client);
	life->client = NULL;
	return BH_OK;
}

static bh_status life_enrol(struct life *life)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	input.qr_payload = QR;
	return bh_client_enrol(life->client, &input, NULL);
}

static bh_status report_with(struct life *life, const bh_photo_input *photo)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;
	input.photos = photo;
	input.photos_count = photo != NULL;
	input.text = "a cover is broken";
	input.type = 10001;
	bh_status status = bh_report_record(life->client, &input, &ref, NULL);
	life->recorded += status == BH_OK;
	if (status == BH_OK)
		life->number = ref.case_number;
	return status;
}

static bh_status life_report(struct life *life)
{
	return report_with(life, NULL);
}

/* The first of them writes the photo; the others name it too. */
static bh_status life_shoot(struct life *life)
{
	bh_photo_input photo = BH_PHOTO_INPUT_INIT;
	photo.data = jpeg.data;
	photo.size = jpeg.len;
	return report_with(life, &photo);
}

static bh_status life_run(struct life *life)
{
	bh_status status = bh_client_run_until(life->client, life->now.wall_ms + PATIENCE_MS, NULL);
	return status == BH_DONE ? BH_OK : status;
}

static bh_status life_status(struct life *life)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	return bh_client_status(life->client, &view, NULL);
}

/* Counts the cases: NOT_FOUND when they are not those that were recorded. */
static bh_status life_list(struct life *life)
{
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	int count = 0;
	bh_status status = bh_case_cursor_open(life->client, &cursor, NULL);
	while (status == BH_OK) {
		status = bh_case_cursor_next(cursor, &view, NULL);
		count += status == BH_OK;
	}
	bh_case_cursor_close(cursor);
	if (status != BH_DONE)
		return status;
	return count == life->recorded ? BH_OK : BH_E_NOT_FOUND;
}

static bh_status life_get(struct life *life)
{
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_closure_view closure = BH_CLOSURE_VIEW_INIT;
	bh_status status = bh_case_get(life->client, life->number, &cursor, &view, NULL);
	if (status == BH_OK && view.closures_count > 0)
		status = bh_case_closure(cursor, 0, &closure, NULL);
	bh_case_cursor_close(cursor);
	return status;
}

static bh_status life_seen(struct life *life)
{
	bh_status status = bh_case_mark_seen(life->client, life->number, 1, NULL);
	return status == BH_DONE || status == BH_E_EXISTS ? BH_OK : status;
}

static bh_status life_tell(struct life *life)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN};
	static const struct bh_msg_closure closure = {.cycle = 1,
		.closed_ms = 77,
		.kind = BH_STATE_CLOSED,
		.result = {(const uint8_t *)"mended", 6}};
	const struct bh_msg_record record = {.case_number = life->number,
		.position = 50,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.closures = &closure,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 1};
	autoserver_tell(life->server, &record);
	return BH_OK;
}

/* ---- Every point ---- */

typedef bh_status life_step(struct life *life);

/* Whatever fails for want of memory is done again with memory.  STORAGE is the answer where a
 * commit failed and even reading what became of it did: then that is looked at first, as an
 * application would. */
static void step_do(struct life *life, life_step *step)
{
	bh_status status = step(life);
	if (status == BH_OK)
		return;
	assert_true(short_memory.failed);
	short_memory.armed = false;
	if (status == BH_E_STORAGE && (step == life_report || step == life_shoot)) {
		life->recorded++;
		if (life_list(life) == BH_OK)
			return;
		life->recorded--;
	}
	if (status != BH_E_STORAGE)
		assert_int_equal(status, BH_E_NOMEM);
	assert_int_equal(step(life), BH_OK);
}

static void steps_do(struct life *life, life_step *const *steps)
{
	for (; *steps != NULL; steps++)
		step_do(life, *steps);
}

/* After whatever was short: everything recorded arrives, once. */
static void life_check(struct life *life, int delivered)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	short_memory.armed = false;
	if (life->client == NULL)
		assert_int_equal(life_open(life), BH_OK);
	if (delivered > 0)
		(void)life_tell(life); /* again, as a server does whose delta was not applied */
	assert_int_equal(life_run(life), BH_OK);
	assert_int_equal(bh_client_status(life->client, &view, NULL), BH_OK);
	assert_int_equal(view.unsent_ops, 0);
	assert_int_equal(view.unsent_photos, 0);
	assert_int_equal(view.cause, life->recorded > 0 ? BH_CAUSE_NONE : view.cause);
	assert_int_equal(life_list(life), BH_OK);
	struct autoserver_counts counts = autoserver_counts(life->server);
	assert_int_equal(counts.delivered, delivered);
	assert_int_equal(counts.ops - counts.delivered - counts.seen, life->recorded);
}

/* Runs before with memory, during without, and checks: for each point that one allocation fails,
 * and that none succeeds from there on. */
static void every_point(
	life_step *const *before, life_step *const *during, int delivered, long at_least)
{
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k += stride) {
			struct life life;
			life_begin(&life);
			steps_do(&life, before);
			short_memory.armed = true;
			short_memory.left = k;
			short_memory.once = once == 1;
			short_memory.failed = false;
			steps_do(&life, during);
			reached = short_memory.failed;
			life_check(&life, delivered);
			life_end(&life);
		}
		print_message("# %ld points, %s\n", k, once == 1 ? "once" : "for good");
		assert_false(reached);
		assert_true(k >= at_least);
	}
}

static void test_memory__a_new_store_is_opened_or_nothing_is(void **state)
{
	static life_step *const before[] = {NULL};
	static life_step *const during[] = {life_open, life_status, life_close, NULL};
	(void)state;
	every_point(before, during, 0, 100);
}

static void test_memory__an_enrolment_that_fell_short_is_made_again(void **state)
{
	static life_step *const before[] = {life_open, NULL};
	static life_step *const during[] = {life_enrol, life_run, life_status, NULL};
	(void)state;
	every_point(before, during, 0, 100);
}

static void test_memory__a_report_is_recorded_whole_or_not_at_all(void **state)
{
	static life_step *const before[] = {
		life_open, life_enrol, life_run, life_close, life_open, NULL};
	static life_step *const during[] = {life_report, life_report, life_list, NULL};
	(void)state;
	every_point(before, during, 0, 50);
}

static void test_memory__a_session_goes_on_where_it_fell_short(void **state)
{
	static life_step *const before[] = {life_open, life_enrol, life_run, life_report,
		life_report, life_tell, life_close, life_open, NULL};
	static life_step *const during[] = {life_run, life_close, NULL};
	(void)state;
	every_point(before, during, 1, 100);
}

static void test_memory__what_was_told_is_read_or_refused(void **state)
{
	static life_step *const before[] = {life_open, life_enrol, life_run, life_report, life_tell,
		life_run, life_close, NULL};
	static life_step *const during[] = {
		life_open, life_status, life_list, life_get, life_seen, life_close, NULL};
	(void)state;
	every_point(before, during, 1, 100);
}

static void test_memory__a_photo_is_recorded_with_its_report_or_not_at_all(void **state)
{
	static life_step *const before[] = {
		life_open, life_enrol, life_run, life_close, life_open, NULL};
	static life_step *const during[] = {life_shoot, life_shoot, life_list, life_get, NULL};
	(void)state;
	every_point(before, during, 0, 100);
}

static void test_memory__a_photo_is_sent_whole_wherever_memory_ended(void **state)
{
	static life_step *const before[] = {
		life_open, life_enrol, life_run, life_shoot, life_close, life_open, NULL};
	static life_step *const during[] = {life_run, life_close, NULL};
	(void)state;
	every_point(before, during, 0, 100);
}

/* Which of them, and the stride. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[][1] = {
		{cmocka_unit_test(test_memory__a_new_store_is_opened_or_nothing_is)},
		{cmocka_unit_test(test_memory__an_enrolment_that_fell_short_is_made_again)},
		{cmocka_unit_test(test_memory__a_report_is_recorded_whole_or_not_at_all)},
		{cmocka_unit_test(test_memory__a_session_goes_on_where_it_fell_short)},
		{cmocka_unit_test(test_memory__what_was_told_is_read_or_refused)},
		{cmocka_unit_test(test_memory__a_photo_is_recorded_with_its_report_or_not_at_all)},
		{cmocka_unit_test(test_memory__a_photo_is_sent_whole_wherever_memory_ended)},
	};
	static const char *const names[] = {
		"opened", "enrolled", "recorded", "synced", "told", "photographed", "photo-sent"};
	stride = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	for (size_t i = 0; stride > 0 && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(argv[1], names[i]) == 0)
			return cmocka_run_group_tests(tests[i], setup_group, teardown_group);
	return 2;
}
