/* The exports that open, drive and close a client, and that record. */
#include "tests/unit/client/misuse.h"

#include "proto/sign.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)

static bh_status right_open(struct misuse *m)
{
	const bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = NULL;

	/* Right but for the path, which must not be another store. */
	(void)m;
	return bh_client_open(&options, &client, NULL) == BH_E_INVALID ? BH_OK : BH_E_STATE;
}

static void nulls_open(struct misuse *m)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = m->client;

	INVALID(bh_client_open(NULL, &client, NULL));
	assert_null(client);
	INVALID(bh_client_open(&options, &client, NULL));
	options.store_path = "/no/such/folder/handset.db";
	INVALID(bh_client_open(&options, NULL, NULL));
}

static bh_status right_close(struct misuse *m)
{
	bh_client_close(m->client);
	return MISUSE_NO_STATUS;
}

static void nulls_close(struct misuse *m)
{
	(void)m;
	bh_client_close(NULL);
}

static bh_status right_enrol(struct misuse *m)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	uint8_t public_key[BH_PUBLIC_KEY_SIZE];

	bh_key_public(m->key, public_key);
	input.qr_payload = WORLD_QR;
	input.public_key = public_key;
	return bh_client_enrol(m->client, &input, NULL);
}

static void nulls_enrol(struct misuse *m)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	INVALID(bh_client_enrol(m->client, NULL, NULL));
	INVALID(bh_client_enrol(m->client, &input, NULL));
	input.host = "h";
	INVALID(bh_client_enrol(m->client, &input, NULL));
	input.district = "340803";
	INVALID(bh_client_enrol(m->client, &input, NULL));
	input.code = "AAAAAAAAAAAAAAAA";
	INVALID(bh_client_enrol(m->client, &input, NULL));
	input.pin = WORLD_PIN;
	INVALID(bh_client_enrol(m->client, &input, NULL)); /* public_key */
	INVALID(bh_client_enrol(NULL, &input, NULL));
}

static bh_status right_status(struct misuse *m)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;

	return bh_client_status(m->client, &view, NULL);
}

static void nulls_status(struct misuse *m)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;

	INVALID(bh_client_status(m->client, NULL, NULL));
	INVALID(bh_client_status(NULL, &view, NULL));
}

static bh_status right_reachable(struct misuse *m)
{
	bh_client_set_reachable(m->client, true);
	return MISUSE_NO_STATUS;
}

static bh_status right_suspended(struct misuse *m)
{
	bh_client_set_suspended(m->client, true);
	return MISUSE_NO_STATUS;
}

static bh_status right_hint(struct misuse *m)
{
	bh_client_hint(m->client);
	return MISUSE_NO_STATUS;
}

static void nulls_hints(struct misuse *m)
{
	(void)m;
	bh_client_set_reachable(NULL, true);
	bh_client_set_suspended(NULL, true);
	bh_client_hint(NULL);
}

static bh_status right_sync_now(struct misuse *m)
{
	return bh_client_sync_now(m->client, NULL);
}

static void nulls_sync_now(struct misuse *m)
{
	(void)m;
	INVALID(bh_client_sync_now(NULL, NULL));
}

static bh_status right_run_until(struct misuse *m)
{
	return bh_client_run_until(m->client, 0, NULL);
}

static void nulls_run_until(struct misuse *m)
{
	(void)m;
	INVALID(bh_client_run_until(NULL, INT64_MAX, NULL));
}

static bh_status right_next_event(struct misuse *m)
{
	bh_event event = BH_EVENT_INIT;

	return bh_client_next_event(m->client, &event, NULL);
}

static void nulls_next_event(struct misuse *m)
{
	bh_event event = BH_EVENT_INIT;

	INVALID(bh_client_next_event(m->client, NULL, NULL));
	INVALID(bh_client_next_event(NULL, &event, NULL));
}

/* ---- Recording ---- */

static bh_status right_report(struct misuse *m)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	input.text = "x";
	return bh_report_record(m->client, &input, NULL, NULL);
}

static void nulls_report(struct misuse *m)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	INVALID(bh_report_record(m->client, NULL, NULL, NULL));
	INVALID(bh_report_record(m->client, &input, NULL, NULL)); /* text */
	input.text = "x";
	input.photos_count = 1;
	INVALID(bh_report_record(m->client, &input, NULL, NULL)); /* photos */
	const bh_photo_input photo = BH_PHOTO_INPUT_INIT;

	input.photos = &photo;
	INVALID(bh_report_record(m->client, &input, NULL, NULL)); /* neither data nor path */
	INVALID(bh_report_record(NULL, &input, NULL, NULL));
}

static bh_status right_act(struct misuse *m)
{
	bh_act_input input = BH_ACT_INPUT_INIT;

	input.act = BH_ACT_SIGN;
	input.case_number = m->number;
	return bh_act_record(m->client, &input, NULL, NULL);
}

static void nulls_act(struct misuse *m)
{
	bh_act_input input = BH_ACT_INPUT_INIT;

	INVALID(bh_act_record(m->client, NULL, NULL, NULL));
	INVALID(bh_act_record(m->client, &input, NULL, NULL)); /* no act */
	input.act = BH_ACT_FINISH;
	input.case_number = m->number;
	INVALID(bh_act_record(m->client, &input, NULL, NULL)); /* text */
	INVALID(bh_act_record(NULL, &input, NULL, NULL));
}

static bh_status right_acts(struct misuse *m)
{
	int32_t acts[2];
	size_t count;

	return bh_acts_possible(m->client, m->number, acts, 2, &count, NULL);
}

static void nulls_acts(struct misuse *m)
{
	int32_t acts[2];
	size_t count;

	INVALID(bh_acts_possible(m->client, m->number, NULL, 2, &count, NULL));
	INVALID(bh_acts_possible(m->client, m->number, acts, 2, NULL, NULL));
	INVALID(bh_acts_possible(NULL, m->number, acts, 2, &count, NULL));
	assert_int_equal(bh_acts_possible(m->client, m->number, NULL, 0, &count, NULL), BH_OK);
}

static bh_status right_seen(struct misuse *m)
{
	return bh_case_mark_seen(m->client, m->number, 1, NULL);
}

static void nulls_seen(struct misuse *m)
{
	INVALID(bh_case_mark_seen(NULL, m->number, 1, NULL));
}

const struct misuse_export misuse_clients[] = {
	{"bh_client_open", MISUSE_PURE, right_open, nulls_open},
	{"bh_client_close", MISUSE_CLOSES, right_close, nulls_close},
	{"bh_client_enrol", MISUSE_CLIENT, right_enrol, nulls_enrol},
	{"bh_client_status", MISUSE_CLIENT, right_status, nulls_status},
	{"bh_client_set_reachable", MISUSE_SILENT, right_reachable, nulls_hints},
	{"bh_client_set_suspended", MISUSE_SILENT, right_suspended, nulls_hints},
	{"bh_client_hint", MISUSE_SILENT, right_hint, nulls_hints},
	{"bh_client_sync_now", MISUSE_CLIENT, right_sync_now, nulls_sync_now},
	{"bh_client_run_until", MISUSE_CLIENT, right_run_until, nulls_run_until},
	{"bh_client_next_event", MISUSE_CLIENT, right_next_event, nulls_next_event},
	{"bh_report_record", MISUSE_CLIENT, right_report, nulls_report},
	{"bh_act_record", MISUSE_CLIENT, right_act, nulls_act},
	{"bh_acts_possible", MISUSE_CLIENT, right_acts, nulls_acts},
	{"bh_case_mark_seen", MISUSE_CLIENT, right_seen, nulls_seen},
};
const size_t misuse_clients_count = sizeof(misuse_clients) / sizeof(misuse_clients[0]);
