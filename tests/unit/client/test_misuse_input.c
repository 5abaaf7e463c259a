/* What is given to the library and cannot be: structs of sizes that there are not, texts that are
 * too long, no UTF-8, or cut short by a NUL. */
#include "tests/unit/client/misuse.h"

#include <stdlib.h>
#include <string.h>

#include "proto/sign.h"

#define ROOM 4096u
#define LONG_BYTES (1u << 20)

static char long_text[LONG_BYTES + 1];
static const char *const no_utf8[] = {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	"\xe4\xbd", "ok\x80", "\xf8\x88\x80\x80\x80"};

/* ---- Sizes ---- */

/* Structs that are right but for their size, in a room of the largest. */
union room {
	uint32_t size;
	uint8_t bytes[ROOM];
	bh_report_input report;
	bh_act_input act;
	bh_enrolment_input enrolment;
	bh_client_options options;
};

static bh_status take_report(struct misuse *m, union room *room)
{
	return bh_report_record(m->client, &room->report, NULL, NULL);
}

static bh_status take_act(struct misuse *m, union room *room)
{
	return bh_act_record(m->client, &room->act, NULL, NULL);
}

static bh_status take_enrolment(struct misuse *m, union room *room)
{
	return bh_client_enrol(m->client, &room->enrolment, NULL);
}

static bh_status take_options(struct misuse *m, union room *room)
{
	bh_client *client = m->client;
	bh_status status = bh_client_open(&room->options, &client, NULL);

	assert_null(client);
	return status;
}

static const struct {
	bh_status (*take)(struct misuse *m, union room *room);
	size_t size;
	bh_status right; /* what the largest is answered */
	bh_status small; /* ... and one that is too old to say what it is about */
} inputs[] = {
	{take_report, sizeof(bh_report_input), BH_OK, BH_E_INVALID},
	{take_act, sizeof(bh_act_input), BH_E_STATE, BH_E_NOT_FOUND}, /* the case is closed */
	{take_enrolment, sizeof(bh_enrolment_input), BH_E_EXISTS, BH_E_INVALID},
	{take_options, sizeof(bh_client_options), BH_E_STORAGE, BH_E_INVALID}, /* no such folder */
};

static union room room_of(struct misuse *m, size_t which, uint32_t size)
{
	static uint8_t public_key[BH_PUBLIC_KEY_SIZE];
	union room room = {0};

	bh_key_public(m->key, public_key);
	if (inputs[which].take == take_report) {
		room.report.text = "x";
	} else if (inputs[which].take == take_act) {
		room.act.act = BH_ACT_SIGN;
		room.act.case_number = m->number;
	} else if (inputs[which].take == take_enrolment) {
		room.enrolment.qr_payload = WORLD_QR;
		room.enrolment.public_key = public_key;
	} else {
		room.options.store_path = "/no/such/folder/handset.db";
	}
	room.size = size;
	return room;
}

static void test_input__of_a_size_that_cannot_be_is_refused(void **state)
{
	static const uint32_t impossible[] = {0, 1, 7, ROOM + 1, INT32_MAX, UINT32_MAX};
	struct misuse *m = *state;

	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		for (size_t k = 0; k < sizeof(impossible) / sizeof(impossible[0]); k++) {
			union room room = room_of(m, i, impossible[k]);

			assert_int_equal(inputs[i].take(m, &room), BH_E_INVALID);
		}
		/* An old program's lacks what it needs: in a room of that size, for sanitizers. */
		union room small = room_of(m, i, 8);
		void *tight = malloc(8);

		assert_non_null(tight);
		memcpy(tight, &small, 8);
		assert_int_equal(inputs[i].take(m, tight), inputs[i].small);
		free(tight);
		/* A newer program's has more than this library knows. */
		union room large = room_of(m, i, ROOM);

		memset(large.bytes + inputs[i].size, 0xa5, ROOM - inputs[i].size);
		assert_int_equal(inputs[i].take(m, &large), inputs[i].right);
	}
}

static void test_input__photos_of_a_size_that_cannot_be_are_refused(void **state)
{
	static const uint32_t impossible[] = {0, 7, ROOM + 1, UINT32_MAX};
	struct misuse *m = *state;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_photo_input photos[2] = {BH_PHOTO_INPUT_INIT, BH_PHOTO_INPUT_INIT};

	input.text = "x";
	input.photos = photos;
	for (size_t k = 0; k < sizeof(impossible) / sizeof(impossible[0]); k++) {
		photos[0].struct_size = photos[1].struct_size = impossible[k];
		input.photos_count = 1;
		assert_int_equal(bh_report_record(m->client, &input, NULL, NULL), BH_E_INVALID);
	}
	photos[0].struct_size = sizeof(photos[0]);
	input.photos_count = SIZE_MAX;
	assert_int_equal(bh_report_record(m->client, &input, NULL, NULL), BH_E_LIMIT);
	input.photos_count = BH_PHOTOS_MAX + 1;
	assert_int_equal(bh_report_record(m->client, &input, NULL, NULL), BH_E_LIMIT);
}

/* ---- Texts ---- */

static bh_status text_of_report(struct misuse *m, const char *text)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	input.text = text;
	return bh_report_record(m->client, &input, NULL, NULL);
}

static bh_status text_of_act(struct misuse *m, const char *text)
{
	bh_act_input input = BH_ACT_INPUT_INIT;

	input.act = BH_ACT_FINISH;
	input.case_number = m->number;
	input.text = text;
	return bh_act_record(m->client, &input, NULL, NULL);
}

static bh_status text_of_photo(struct misuse *m, const char *text)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_photo_input photo = BH_PHOTO_INPUT_INIT;

	photo.path = text;
	input.text = "x";
	input.photos = &photo;
	input.photos_count = 1;
	return bh_report_record(m->client, &input, NULL, NULL);
}

static bh_status text_of_version(struct misuse *m, const char *text)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client;

	(void)m;
	options.store_path = "/no/such/folder/handset.db";
	options.app_version = text;
	return bh_client_open(&options, &client, NULL);
}

static bh_status text_of_store(struct misuse *m, const char *text)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client;

	(void)m;
	options.store_path = text;
	return bh_client_open(&options, &client, NULL);
}

static bh_status enrol_by(struct misuse *m, size_t field, const char *text)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	uint8_t public_key[BH_PUBLIC_KEY_SIZE];
	const char **fields[] = {&input.qr_payload, &input.host, &input.district, &input.code,
		&input.pin, &input.backup_pin, &input.device_model};

	bh_key_public(m->key, public_key);
	input.public_key = public_key;
	input.host = "h";
	input.district = "340803";
	input.code = "AAAAAAAAAAAAAAAA";
	input.pin = WORLD_PIN;
	*fields[field] = text;
	return bh_client_enrol(m->client, &input, NULL);
}

static bh_status text_of_qr(struct misuse *m, const char *text)
{
	return enrol_by(m, 0, text);
}

static bh_status text_of_host(struct misuse *m, const char *text)
{
	return enrol_by(m, 1, text);
}

static bh_status text_of_district(struct misuse *m, const char *text)
{
	return enrol_by(m, 2, text);
}

static bh_status text_of_code(struct misuse *m, const char *text)
{
	return enrol_by(m, 3, text);
}

static bh_status text_of_pin(struct misuse *m, const char *text)
{
	return enrol_by(m, 4, text);
}

static bh_status text_of_backup_pin(struct misuse *m, const char *text)
{
	return enrol_by(m, 5, text);
}

static bh_status text_of_model(struct misuse *m, const char *text)
{
	return enrol_by(m, 6, text);
}

static bh_status text_of_name(struct misuse *m, const char *text)
{
	return bh_author_set(m->client, 9, text, "1234", NULL, NULL);
}

static bh_status text_of_pin_set(struct misuse *m, const char *text)
{
	return bh_author_set(m->client, 9, "Li", text, NULL, NULL);
}

static bh_status text_of_pin_chosen(struct misuse *m, const char *text)
{
	return bh_author_choose(m->client, 9, text, NULL);
}

static bh_status text_of_read(struct misuse *m, const char *text)
{
	uint8_t byte;
	size_t length;

	return bh_photo_read(m->client, text, &byte, 1, &length, NULL);
}

static bh_status text_of_fetch(struct misuse *m, const char *text)
{
	return bh_photo_fetch(m->client, text, NULL);
}

static bh_status text_of_id(struct misuse *m, const char *text)
{
	bh_id id;

	(void)m;
	return bh_id_parse(text, &id);
}

static bh_status text_of_number(struct misuse *m, const char *text)
{
	uint64_t number;

	(void)m;
	return bh_number_parse(text, &number);
}

static const struct {
	const char *name;
	bh_status (*take)(struct misuse *m, const char *text);
	bh_status too_long, no_utf8, empty;
} texts[] = {
	{"report.text", text_of_report, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"act.text", text_of_act, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	/* A path is the system's: any bytes. */
	{"photo.path", text_of_photo, BH_E_NOT_FOUND, BH_E_NOT_FOUND, BH_E_NOT_FOUND},
	{"options.app_version", text_of_version, BH_E_LIMIT, BH_E_INVALID, BH_E_STORAGE},
	{"enrolment.qr_payload", text_of_qr, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.host", text_of_host, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.district", text_of_district, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.code", text_of_code, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.pin", text_of_pin, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.backup_pin", text_of_backup_pin, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"enrolment.device_model", text_of_model, BH_E_LIMIT, BH_E_INVALID, BH_E_EXISTS},
	{"author_set.name", text_of_name, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"author_set.pin", text_of_pin_set, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"author_choose.pin", text_of_pin_chosen, BH_E_LIMIT, BH_E_INVALID, BH_E_INVALID},
	{"photo_read.hash", text_of_read, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"photo_fetch.hash", text_of_fetch, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"id", text_of_id, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
	{"number", text_of_number, BH_E_INVALID, BH_E_INVALID, BH_E_INVALID},
};

static void answers(struct misuse *m, size_t which, const char *text, bh_status wanted)
{
	bh_status got = texts[which].take(m, text);

	if (got != wanted)
		fail_msg("%s: %s instead of %s", texts[which].name, bh_status_name(got),
			bh_status_name(wanted));
}

static void test_input__texts_that_cannot_be_are_refused_and_leave_nothing(void **state)
{
	struct misuse *m = *state;
	const bh_status_view before = world_status(m->world);

	memset(long_text, 'a', LONG_BYTES);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		answers(m, i, long_text, texts[i].too_long);
		answers(m, i, "", texts[i].empty);
		for (size_t k = 0; k < sizeof(no_utf8) / sizeof(no_utf8[0]); k++)
			answers(m, i, no_utf8[k], texts[i].no_utf8);
	}
	assert_int_equal(text_of_store(m, long_text), BH_E_LIMIT);
	assert_int_equal(text_of_store(m, ""), BH_E_INVALID);
	assert_int_equal(world_status(m->world).unsent_ops, before.unsent_ops);
}

/* A C string ends at its first NUL: what is behind it is neither read nor kept. */
static void test_input__a_text_ends_at_its_nul(void **state)
{
	struct misuse *m = *state;
	char hash[BH_PHOTO_HASH_SIZE];
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_case_cursor *cursor;

	memcpy(hash, m->hash, sizeof(hash));
	hash[32] = '\0';
	assert_int_equal(text_of_read(m, hash), BH_E_INVALID);
	assert_int_equal(text_of_fetch(m, hash), BH_E_INVALID);
	assert_int_equal(text_of_id(m, "00000000-0000\0-0000-0000-000000000000"), BH_E_INVALID);
	assert_int_equal(text_of_report(m, "seen\0 hidden \xff"), BH_OK);
	assert_int_equal(bh_case_cursor_open(m->client, &cursor, NULL), BH_OK);
	assert_int_equal(bh_case_cursor_next(cursor, &view, NULL), BH_OK);
	assert_string_equal(view.text, "seen");
	bh_case_cursor_close(cursor);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, misuse_setup, misuse_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_input__of_a_size_that_cannot_be_is_refused),
		CASE(test_input__photos_of_a_size_that_cannot_be_are_refused),
		CASE(test_input__texts_that_cannot_be_are_refused_and_leave_nothing),
		CASE(test_input__a_text_ends_at_its_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
