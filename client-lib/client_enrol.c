/* Asking for enrolment by a QR payload or its fields, and the status that a user is shown. */
#include <string.h>

#include "client-lib/client_state.h"
#include "client-lib/local_photo.h"
#include "proto/number.h"
#include "proto/sign.h"

#define CLOCK_OFF_MS INT64_C(300000) /* a skew that is shown */

#define BH_QR_BYTES_MAX 600u
#define BH_QR_FIELDS_MAX 8u
#define BH_PORT_DEFAULT 7443u

/* ---- The payload: BH1:HOST:PORT:DISTRICT:CODE:PIN[:PIN], an IPv6 host in brackets ---------- */

struct qr {
	char text[BH_QR_BYTES_MAX + 1];
	char *fields[BH_QR_FIELDS_MAX];
	size_t count;
};

static bool qr_split(struct qr *qr)
{
	char *at = qr->text;

	while (qr->count < BH_QR_FIELDS_MAX) {
		char *bracket = *at == '[' ? strchr(at, ']') : NULL;
		char *end = strchr(bracket ? bracket : at, ':');

		qr->fields[qr->count++] = at;
		if (!end)
			return true;
		*end = '\0';
		at = end + 1;
	}
	return false;
}

static bool port_parse(const char *text, uint32_t *out)
{
	uint32_t port = 0;

	if (text[0] == '\0' || strlen(text) > 5)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		port = port * 10 + (uint32_t)(*text - '0');
	}
	*out = port;
	return port > 0 && port <= UINT16_MAX;
}

/* The fields of a payload, as if the caller had given them; they live in *qr. */
static bh_status qr_take(struct qr *qr, bh_enrolment_input *input, bh_error *err)
{
	size_t len = strnlen(input->qr_payload, BH_QR_BYTES_MAX + 1);

	if (len > BH_QR_BYTES_MAX)
		return bh_fail(err, BH_E_LIMIT, "qr_payload is too long");
	memcpy(qr->text, input->qr_payload, len + 1);
	if (!qr_split(qr) || qr->count < 6 || qr->count > 7 ||
		(strcmp(qr->fields[0], "BH1") != 0 && strcmp(qr->fields[0], "bh1") != 0))
		return bh_fail(err, BH_E_INVALID, "qr_payload is not an enrolment code");
	if (!port_parse(qr->fields[2], &input->port))
		return bh_fail(err, BH_E_INVALID, "qr_payload: bad port");
	input->host = qr->fields[1];
	input->district = qr->fields[3];
	input->code = qr->fields[4];
	input->pin = qr->fields[5];
	input->backup_pin = qr->count == 7 ? qr->fields[6] : NULL;
	return BH_OK;
}

static bh_status host_take(const char *host, struct bh_device *asked, bh_error *err)
{
	size_t len = host ? strnlen(host, BH_HOST_BYTES_MAX + 3) : 0;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len == 0 || len > BH_HOST_BYTES_MAX)
		return bh_fail(err, BH_E_INVALID, "enrolment: host is missing or too long");
	for (size_t i = 0; i < len; i++) {
		char c = host[i];

		if (c <= ' ' || c > '~')
			return bh_fail(err, BH_E_INVALID, "enrolment: bad host");
		asked->host[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return BH_OK;
}

/* A QR code is in upper case, a district's code in lower: it is the name that TLS asks for, and it
 * is signed. */
static bh_status district_take(const char *text, struct bh_device *asked, bh_error *err)
{
	struct bh_span district;
	bh_status status = bh_text_take(text, BH_DISTRICT_BYTES_MAX, "district", &district, err);

	if (status == BH_OK && district.len == 0)
		status = bh_fail(err, BH_E_INVALID, "enrolment: district is missing");
	for (size_t i = 0; status == BH_OK && i < district.len; i++) {
		char c = (char)district.data[i];

		asked->district[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return status;
}

static bh_status pin_take(const char *pin, struct bh_device *asked, bh_error *err)
{
	if (!pin)
		return BH_OK;
	if (bh_base32_parse(pin, asked->pins[asked->pins_count], BH_PIN_BYTES) != 0)
		return bh_fail(err, BH_E_INVALID, "enrolment: a pin is not 32 base32 characters");
	asked->pins_count++;
	return BH_OK;
}

static bh_status enrolment_take(
	const bh_enrolment_input *input, struct bh_device *asked, bh_error *err)
{
	struct bh_span model;
	bh_status status = host_take(input->host, asked, err);

	if (status == BH_OK)
		status = district_take(input->district, asked, err);
	if (status == BH_OK)
		status = bh_text_take(
			input->device_model, BH_MODEL_BYTES_MAX, "device_model", &model, err);
	if (status != BH_OK)
		return status;
	if (input->port > UINT16_MAX)
		return bh_fail(err, BH_E_INVALID, "enrolment: bad port");
	if (!input->code || bh_base32_parse(input->code, asked->code, BH_CODE_BYTES) != 0)
		return bh_fail(
			err, BH_E_INVALID, "enrolment: the code is not 16 base32 characters");
	if (!input->pin)
		return bh_fail(err, BH_E_INVALID, "enrolment: pin is missing");
	if (model.len > 0)
		memcpy(asked->model, model.data, model.len);
	asked->port = (uint16_t)(input->port != 0 ? input->port : BH_PORT_DEFAULT);
	status = pin_take(input->pin, asked, err);
	return status == BH_OK ? pin_take(input->backup_pin, asked, err) : status;
}

/* The key that signs outside, or none: exactly as the client was opened. */
static bh_status key_take(const bh_client *client, const bh_enrolment_input *input,
	struct bh_device *asked, bh_error *err)
{
	if (!input->public_key && !client->signs_outside)
		return BH_OK;
	if (!input->public_key)
		return bh_fail(err, BH_E_INVALID, "enrolment: public_key is missing");
	if (!client->signs_outside)
		return bh_fail(err, BH_E_INVALID, "enrolment: public_key without options.sign");
	memcpy(asked->public_key, input->public_key, BH_PUBLIC_KEY_BYTES);
	if (!bh_public_key_valid(asked->public_key))
		return bh_fail(err, BH_E_INVALID, "enrolment: public_key is no point of P-256");
	return BH_OK;
}

bh_status bh_client_enrol(bh_client *client, const bh_enrolment_input *input, bh_error *err)
{
	struct bh_device asked = {0};
	struct qr qr = {0};
	bh_enrolment_input given;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_take(input, &given, sizeof(given), "enrolment", err);
	if (status == BH_OK && given.qr_payload)
		status = qr_take(&qr, &given, err);
	if (status == BH_OK)
		status = enrolment_take(&given, &asked, err);
	if (status == BH_OK)
		status = key_take(client, &given, &asked, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_ask(client->local, &asked);

	if (rc == 0)
		bh_engine_sync_now(client->engine, bh_worker_now(client->worker));
	else
		status = bh_fail_rc(err, client, rc, "enrol");
	bh_worker_unlock(client->worker);
	if (rc == 0)
		bh_worker_nudge(client->worker);
	return status;
}

/* ---- Status ------------------------------------------------------------------------------ */

static void text_copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	len = len < size ? len : size - 1;

	memcpy(out, text, len);
	out[len] = '\0';
}

static void keys_read(const bh_client *client, const struct bh_device *device, bh_status_view *view)
{
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *next;

	view->sealed = (uint32_t)bh_local_sealed(client->local);
	view->key_waits = bh_local_next_key(client->local, &next, next_public) ? 1 : 0;
	memcpy(view->public_key, device->public_key, sizeof(view->public_key));
}

static void status_count(bh_client *client, bh_status_view *view)
{
	struct bh_worker_counts drive = bh_worker_counts(client->worker);
	struct bh_engine_status engine = bh_engine_status(client->engine);

	view->bytes_up = drive.traffic.up_bytes;
	view->bytes_down = drive.traffic.down_bytes;
	view->photo_bytes_up = engine.counts.photo_bytes_up;
	view->photo_bytes_down = engine.counts.photo_bytes_down;
	view->attempts = drive.dials;
	view->sessions = engine.counts.sessions;
	view->wakeups = drive.wakeups;
	view->heartbeat_ms = (uint32_t)engine.heartbeat_ms;
	view->open_cursors = atomic_load(&client->held) - 1;
}

static void clock_read(const struct bh_device *device, bh_status_view *view)
{
	view->clock_skew_ms = device->skew_ms;
	view->clock_skew_known = device->skew_known;
	view->clock_is_off = device->skew_known &&
			     (device->skew_ms > CLOCK_OFF_MS || device->skew_ms < -CLOCK_OFF_MS);
}

static int status_read(bh_client *client, bh_status_view *view)
{
	struct bh_device device;
	struct bh_unsent unsent = {0}, photos = {0};
	struct bh_tally tally = {0};
	struct bh_now now = bh_worker_now(client->worker);
	struct bh_engine_status engine = bh_engine_status(client->engine);
	int rc = bh_local_device(client->local, &device);

	if (rc == 0 && device.enrolled == BH_ENROL_YES)
		rc = bh_local_unsent(client->local, &unsent);
	if (rc == 0)
		rc = bh_local_blobs_unsent(client->local, &photos);
	if (rc == 0)
		rc = bh_local_tally(client->local, &tally);
	if (rc != 0)
		return rc;
	view->enrolled = (int32_t)device.enrolled;
	view->cause = engine.cause;
	if (engine.cause == BH_WHY_NONE && unsent.ops > 0) /* "in step" would be untrue */
		view->cause = BH_WHY_WAITING;
	view->live = engine.live;
	view->unsent_ops = unsent.ops;
	view->unsent_bytes = unsent.bytes;
	view->oldest_unsent_at = unsent.oldest_ms;
	view->unsent_photos = photos.ops;
	view->unsent_photo_bytes = photos.bytes;
	view->damaged_files = bh_local_aside(client->local);
	keys_read(client, &device, view);
	view->last_contact_at = device.contact_ms;
	if (engine.attempt_mono_ms != INT64_MAX)
		view->next_attempt_at = now.wall_ms + (engine.attempt_mono_ms - now.mono_ms);
	clock_read(&device, view);
	view->device = device.device;
	view->refused_ops = tally.refused_ops;
	view->unseen_closures = tally.unseen_closures;
	status_count(client, view);
	text_copy(view->district_code, sizeof(view->district_code), device.district);
	text_copy(view->district_name, sizeof(view->district_name), device.district_name);
	text_copy(view->person_name, sizeof(view->person_name), device.person_name);
	return 0;
}

bh_status bh_client_status(bh_client *client, bh_status_view *out, bh_error *err)
{
	bh_status_view view = {0};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "status view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = status_read(client, &view);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "status");
	bh_worker_unlock(client->worker);
	if (rc == 0)
		bh_struct_give(&view, sizeof(view), out);
	return status;
}
