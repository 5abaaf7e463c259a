/* The client under test, and the world around it. */
#include "tests/unit/client/client_world.h"

#include <string.h>

#include "proto/number.h"

static struct bh_now world_now(void *context)
{
	struct world *w = context;

	w->now.wall_ms++;
	w->now.mono_ms++;
	return w->now;
}

struct bh_clock world_clock(struct world *w)
{
	return (struct bh_clock){world_now, w};
}

void world_open(struct world *w, uint32_t drive, bool once)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};
	bh_error err;

	options.store_path = SCRIPTED_PATH;
	options.drive = drive;
	options.sync_once = once;
	if (drive == BH_DRIVE_HOST)
		seams.clock = world_clock(w);
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, &err), BH_OK);
}

int world_setup(void **state)
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

int world_teardown(void **state)
{
	struct world *w = *state;

	bh_client_close(w->client);
	autoserver_free(w->server);
	bh_simvfs_free(w->disk);
	pthread_cond_destroy(&w->woken);
	pthread_mutex_destroy(&w->lock);
	return 0;
}

void world_enrol(struct world *w)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	input.qr_payload = WORLD_QR;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
}

bh_status world_run(struct world *w, int64_t ms)
{
	return bh_client_run_until(w->client, w->now.wall_ms + ms, NULL);
}

bh_status_view world_status(struct world *w)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;

	assert_int_equal(bh_client_status(w->client, &view, NULL), BH_OK);
	return view;
}

bh_report_ref world_report(struct world *w, const char *text)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;

	input.text = text;
	input.type = 10001;
	assert_int_equal(bh_report_record(w->client, &input, &ref, NULL), BH_OK);
	return ref;
}

void world_enrolled(struct world *w)
{
	world_open(w, BH_DRIVE_HOST, false);
	world_enrol(w);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_YES);
}

uint64_t world_with_unit_case(struct world *w, enum bh_state state, uint32_t type, uint32_t lacks)
{
	static const uint64_t scopes[] = {SCRIPTED_UNIT};
	const struct bh_msg_record record = {.case_number = bh_case_number(99, 5),
		.position = 50,
		.cycle = 1,
		.state = state,
		.type = type,
		.unit = 9,
		.lacks = lacks,
		.scopes = scopes,
		.scopes_count = 1};

	world_enrolled(w);
	autoserver_tell(w->server, &record);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	return record.case_number;
}
