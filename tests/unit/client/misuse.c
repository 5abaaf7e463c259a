/* The handset that is misused: host drive, all three callbacks, a key outside the library. */
#include "tests/unit/client/misuse.h"

#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/sign.h"
#include "tests/unit/client/jpeg_maker.h"

void misuse_each(struct misuse *m, void (*visit)(struct misuse *m, const struct misuse_export *one))
{
	for (size_t i = 0; i < misuse_values_count; i++)
		visit(m, &misuse_values[i]);
	for (size_t i = 0; i < misuse_clients_count; i++)
		visit(m, &misuse_clients[i]);
	for (size_t i = 0; i < misuse_cursors_count; i++)
		visit(m, &misuse_cursors[i]);
	for (size_t i = 0; i < misuse_authors_count; i++)
		visit(m, &misuse_authors[i]);
	for (size_t i = 0; i < misuse_fields_count; i++)
		visit(m, &misuse_fields[i]);
	for (size_t i = 0; i < misuse_offlines_count; i++)
		visit(m, &misuse_offlines[i]);
}

/* ---- Callbacks ---- */

static void on_wake(void *payload)
{
	struct misuse *m = payload;

	if (m->inside)
		m->inside(m, "wake");
}

static void on_log(int32_t level, const char *line, void *payload)
{
	struct misuse *m = payload;

	assert_in_range(level, BH_LOG_ERROR, BH_LOG_DEBUG);
	assert_true(strlen(line) > 0);
	if (m->inside)
		m->inside(m, "log");
}

static int32_t on_sign(
	const uint8_t digest[BH_DIGEST_SIZE], uint8_t *signature, size_t *length, void *payload)
{
	struct misuse *m = payload;

	if (m->inside)
		m->inside(m, "sign");
	*length = BH_SIGNATURE_BYTES;
	return bh_key_sign_digest(m->key, digest, signature);
}

/* ---- Life ---- */

static void client_open(struct misuse *m)
{
	struct world *w = m->world;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {.vfs = bh_simvfs_name(w->disk),
		.transport = autoserver_transport(w->server),
		.clock = world_clock(w)};

	options.store_path = SCRIPTED_PATH;
	options.drive = BH_DRIVE_HOST;
	options.wake = on_wake;
	options.wake_payload = m;
	options.log = on_log;
	options.log_payload = m;
	options.sign = on_sign;
	options.sign_payload = m;
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, NULL), BH_OK);
	m->client = w->client;
}

static void client_enrol(struct misuse *m)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	uint8_t public_key[BH_PUBLIC_KEY_SIZE];

	bh_key_public(m->key, public_key);
	input.qr_payload = WORLD_QR;
	input.public_key = public_key;
	assert_int_equal(bh_client_enrol(m->client, &input, NULL), BH_OK);
	assert_int_equal(world_run(m->world, 20000), BH_DONE);
	assert_int_equal(world_status(m->world).enrolled, BH_ENROLLED_YES);
}

/* A report with a photo, and its closure. */
static void case_closed(struct misuse *m)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN};
	static const struct bh_msg_closure closure = {.cycle = 1,
		.closed_ms = 77,
		.kind = BH_STATE_CLOSED,
		.result = {(const uint8_t *)"mended", 6},
		.unit_name = {(const uint8_t *)"works", 5}};
	const struct bh_msg_record_task task = {.ordinal = 1, .kind = BH_TASK_KIND_VERIFY};
	struct bh_msg_record record = {.position = 50,
		.tasks = &task,
		.tasks_count = 1,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.closures = &closure,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 1};
	struct bh_buf jpeg = jpeg_make(64, 48, 1, false);
	bh_photo_input photo = BH_PHOTO_INPUT_INIT;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;

	photo.data = jpeg.data;
	photo.size = jpeg.len;
	input.text = "x";
	input.photos = &photo;
	input.photos_count = 1;
	assert_int_equal(bh_report_record(m->client, &input, &ref, NULL), BH_OK);
	bh_buf_free(&jpeg);
	m->number = record.case_number = ref.case_number;
	autoserver_tell(m->world->server, &record);
	assert_int_equal(world_run(m->world, 20000), BH_DONE);
}

static void cursors_open(struct misuse *m)
{
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_photo_view photo = BH_PHOTO_VIEW_INIT;
	bh_type_view type = BH_TYPE_VIEW_INIT;

	assert_int_equal(bh_case_get(m->client, m->number, &m->cases, &view, NULL), BH_OK);
	assert_int_equal(view.closures_count, 1);
	assert_int_equal(bh_case_photo(m->cases, 0, &photo, NULL), BH_OK);
	memcpy(m->hash, photo.hash, sizeof(m->hash));
	assert_int_equal(bh_op_cursor_open(m->client, BH_OPS_ALL, &m->ops, NULL), BH_OK);
	assert_int_equal(bh_type_cursor_open(m->client, &m->types, NULL), BH_OK);
	assert_int_equal(bh_type_cursor_next(m->types, &type, NULL), BH_OK);
}

int misuse_setup(void **state)
{
	static struct misuse m;
	void *world = NULL;

	assert_int_equal(world_setup(&world), 0);
	m = (struct misuse){.world = world};
	assert_int_equal(bh_key_generate(&m.key), 0);
	client_open(&m);
	client_enrol(&m);
	case_closed(&m);
	cursors_open(&m);
	*state = &m;
	return 0;
}

void misuse_cursors_close(struct misuse *m)
{
	bh_case_cursor_close(m->cases);
	bh_op_cursor_close(m->ops);
	bh_type_cursor_close(m->types);
	m->cases = NULL;
	m->ops = NULL;
	m->types = NULL;
}

int misuse_teardown(void **state)
{
	struct misuse *m = *state;
	void *world = m->world;

	m->inside = NULL;
	misuse_cursors_close(m);
	world_teardown(&world);
	bh_key_free(m->key);
	return 0;
}
