/* Handsets: the code that lets one in, the list of those that are, the end of one.  The code itself
 * is never kept: the journal has its hash.  One that was asked for with a key follows from the key,
 * and can be told again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "proto/number.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

#define TTL_MIN_USUAL 1440
#define TTL_MIN_MAX 43200 /* 30 days */
#define DEVICES_PAGE 200u
#define CODE_TEXT_SIZE 17
#define PIN_TEXT_SIZE 33

/* ---- Enrolment ---- */

/* BH1:HOST:PORT:DISTRICT:CODE:PIN:PIN in upper case: a QR's alphanumeric mode (experience.md 2). */
static int payload_format(struct bh_exchange *x, const char *code)
{
	char pin[PIN_TEXT_SIZE], backup[PIN_TEXT_SIZE];
	const struct bh_console_district *district = x->district;
	bh_base32_format(bh_span(district->pin, BH_PIN_BYTES), pin);
	bh_base32_format(bh_span(district->backup_pin, BH_PIN_BYTES), backup);
	int n = snprintf(x->kept_text, sizeof(x->kept_text), "BH1:%s:%u:%s:%s:%s:%s",
		district->public_host, district->public_port, district->code, code, pin, backup);
	if (n < 0 || (size_t)n >= sizeof(x->kept_text))
		return BH_ERR_LIMIT;
	for (char *at = x->kept_text; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return BH_NOERR;
}

static int code_hash(const uint8_t code[BH_CODE_BYTES], uint8_t hash[BH_HASH_BYTES])
{
	struct bh_hasher *hasher;
	struct bh_span part = bh_span(code, BH_CODE_BYTES);
	int err = bh_hasher_open(&hasher);
	if (err)
		return err;
	bh_hash_parts(hasher, &part, 1, hash);
	bh_hasher_close(hasher);
	return BH_NOERR;
}

/* The answer's words from the journal's entry, the first time and every other.  BH_ERR_NOT_FOUND:
 * the secret that the code followed from is another now. */
static int enrolment_read(
	struct bh_exchange *x, struct bh_msg_entry_enrol_code *kept, uint32_t *device)
{
	struct bh_entry entry;
	uint8_t hash[BH_HASH_BYTES];
	char text[CODE_TEXT_SIZE];
	int err = bh_reader_entry(x->district->reader, x->outcome.position, &x->arena, &entry);
	if (!err)
		err = bh_decode_entry_enrol_code(entry.content, &x->arena, kept);
	if (!err && x->keyed)
		err = bh_key_code(x, kept->person, kept->expires_ms, x->code);
	if (!err)
		err = code_hash(x->code, hash);
	if (!err && !bh_span_equal(kept->code_hash, bh_span(hash, sizeof(hash))))
		err = BH_ERR_NOT_FOUND;
	if (!err)
		err = bh_reader_code(x->district->reader, hash, device);
	if (err)
		return err;
	bh_base32_format(bh_span(x->code, BH_CODE_BYTES), text);
	return payload_format(x, text);
}

static void enrolment_tell(struct bh_exchange *x)
{
	struct bh_msg_entry_enrol_code kept;
	char text[CODE_TEXT_SIZE];
	uint32_t device = 0;
	int err = enrolment_read(x, &kept, &device);
	if (err == BH_ERR_NOT_FOUND)
		bh_answer_error(x, 409, "code-lost", "this code cannot be told again",
			"ask for another one, with another key");
	else if (err)
		bh_answer_err(x, err);
	if (err)
		return;
	const struct bh_msg_person *person = bh_rules_person(x->rules, kept.person);
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t posts_count = bh_rules_posts(x->rules, kept.person, posts);
	bh_base32_format(bh_span(x->code, BH_CODE_BYTES), text);
	bh_answer_json(x, 201,
		json_pack("{s:s, s:I, s:o, s:s, s:s, s:o, s:I, s:b, s:o, s:I}", "person",
			x->captures[1], "person_number", (json_int_t)(person ? person->id : 0),
			"name", person ? bh_json_span(person->name) : json_null(), "code", text,
			"payload", x->kept_text, "expires_at", bh_exchange_time(x, kept.expires_ms),
			"position", (json_int_t)x->outcome.position, "repeat", x->outcome.repeat,
			"device", device ? json_integer((json_int_t)device) : json_null(), "posts",
			(json_int_t)posts_count));
}

static int enrolment_submit(
	struct bh_exchange *x, const struct bh_msg_person *person, int64_t ttl_minutes)
{
	uint8_t hash[BH_HASH_BYTES];
	int64_t expires_ms = x->district->district_ms + ttl_minutes * 60000;
	int err = x->keyed ? bh_key_code(x, person->id, expires_ms, x->code)
			   : x->host->rng.fill(x->host->rng.context, x->code, BH_CODE_BYTES);
	if (!err)
		err = code_hash(x->code, hash);
	if (err)
		return err;
	struct bh_msg_entry_enrol_code entry = {.code_hash = bh_span(hash, sizeof(hash)),
		.person = person->id,
		.expires_ms = expires_ms};
	err = bh_encode_entry_enrol_code(&entry, &x->payload);
	if (!err)
		bh_exchange_submit_operator(x, BH_VERB_ENROL_CODE, enrolment_tell);
	return err;
}

static bool field_refused(struct bh_exchange *x, struct bh_import_faults *faults)
{
	bool refused = faults->count > 0;
	if (refused)
		bh_answer_field(x, faults);
	bh_faults_free(faults);
	return refused;
}

void bh_route_enrolment(struct bh_exchange *x)
{
	static const char *const names[] = {"ttl_minutes", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	const char *code = x->captures[1];
	int64_t ttl_minutes = TTL_MIN_USUAL;
	if (bh_key_told(x, enrolment_tell))
		return;
	const struct bh_msg_person *person = bh_rules_person_by_code(
		x->rules, bh_span(code, strlen(code)));
	if (!person) {
		bh_answer_error(x, 404, "person", "there is no person with this code",
			"see `bihuan people`");
		return;
	}
	if (x->body) {
		bh_fields_check(&at, x->body, names);
		(void)bh_field_number(
			&at, x->body, "ttl_minutes", 1, TTL_MIN_MAX, false, &ttl_minutes);
	}
	if (field_refused(x, &faults))
		return;
	int err = enrolment_submit(x, person, ttl_minutes);
	if (err)
		bh_answer_err(x, err);
}

/* ---- Devices ---- */

const char *bh_device_state_name(enum bh_device_state state)
{
	switch (state) {
	case BH_DEVICE_LIVE:
		return "live";
	case BH_DEVICE_REVOKED:
		return "revoked";
	case BH_DEVICE_SUSPENDED:
		return "suspended";
	}
	return "unknown";
}

static json_t *device_json(const struct bh_exchange *x, const struct bh_device *device)
{
	const struct bh_msg_person *person = bh_rules_person(x->rules, device->person);
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:I, s:o}", "device", (json_int_t)device->id,
		"person", bh_person_code(x->rules, device->person), "name",
		person ? bh_json_span(person->name) : json_null(), "state",
		bh_device_state_name(device->state), "enrolled_at",
		bh_exchange_time(x, device->enrolled_ms), "logs", (json_int_t)device->logs, "key",
		bh_json_hex(bh_span(device->public_key, BH_PUBLIC_KEY_BYTES)));
}

static bool device_number(const char *text, uint32_t *out)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

void bh_route_devices(struct bh_exchange *x)
{
	struct bh_device devices[DEVICES_PAGE];
	char next[16];
	size_t count = 0;
	uint32_t after = 0;
	const char *text = bh_target_parameter(&x->target, "after");
	if (text && !device_number(text, &after)) {
		bh_answer_error(x, 400, "parameter", "after: it is not a device's number", NULL);
		return;
	}
	int err = bh_reader_devices(x->district->reader, after, devices, DEVICES_PAGE, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, device_json(x, &devices[i]));
	(void)snprintf(next, sizeof(next), "%u", count ? devices[count - 1].id : 0);
	bh_answer_json(x, 200, bh_list_json(items, count == DEVICES_PAGE ? next : NULL));
}

/* ---- Revocation ---- */

static void revoked(struct bh_exchange *x)
{
	uint32_t device = 0;
	(void)device_number(x->captures[1], &device);
	bh_answer_json(x, 200,
		json_pack("{s:I, s:s, s:b, s:I}", "device", (json_int_t)device, "state", "revoked",
			"repeat", x->outcome.repeat, "position", (json_int_t)x->outcome.position));
}

void bh_route_revoke(struct bh_exchange *x)
{
	static const char *const names[] = {"reason", "give_up", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_msg_entry_revoked entry = {.device = 0};
	struct bh_device device;
	if (bh_key_told(x, revoked))
		return;
	int err = device_number(x->captures[1], &entry.device)
			  ? bh_reader_device(x->district->reader, entry.device, &device)
			  : BH_ERR_NOT_FOUND;
	if (err == BH_ERR_NOT_FOUND) {
		bh_answer_error(
			x, 404, "device", "there is no such device", "see `bihuan devices`");
		return;
	}
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "reason", BH_NAME_BYTES_MAX, true, &entry.reason);
	(void)bh_field_u32(&at, x->body, "give_up", 0, 1, false, &x->command.reason_code);
	if (field_refused(x, &faults))
		return;
	if (!err)
		err = bh_encode_entry_revoked(&entry, &x->payload);
	if (err)
		bh_answer_err(x, err);
	else
		bh_exchange_submit_operator(x, BH_VERB_REVOKE, revoked);
}
