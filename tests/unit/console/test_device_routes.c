/* Enrolment codes, handsets and their end: the code is told once, the journal has its hash. */
#include "tests/unit/console/desk.h"

#include <stdio.h>

#define D "/districts/" KIT_CODE

static void test_enrolment__tells_a_code_of_which_only_the_hash_is_kept(void **state)
{
	struct desk desk;
	uint8_t code[BH_CODE_BYTES], hash[BH_HASH_BYTES];
	struct bh_entry entry;
	struct bh_msg_entry_enrol_code kept;
	char expected[200];
	(void)state;
	desk_open(&desk, 530, true);
	assert_int_equal(
		desk_ask(&desk, "POST", D "/people/W2/enrolment", "{\"ttl_minutes\": 30}"), 201);
	const char *text = desk_text(&desk, "code");
	assert_int_equal(strlen(text), 16);
	assert_int_equal(bh_base32_parse(text, code, sizeof(code)), 0);
	(void)snprintf(expected, sizeof(expected), "BH1:BIHUAN.EXAMPLE:7443:" KIT_CODE ":%s:%s:%s",
		text, "CEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIR", "EIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRC");
	assert_string_equal(desk_text(&desk, "payload"), expected);
	assert_string_equal(desk_text(&desk, "expires_at"), "2026-03-02T09:30:00.000+08:00");
	assert_int_equal(bh_reader_entry(desk.kit.reader, (uint64_t)desk_number(&desk, "position"),
				 &desk.kit.arena, &entry),
		0);
	assert_int_equal(bh_decode_entry_enrol_code(entry.content, &desk.kit.arena, &kept), 0);
	struct bh_span part = bh_span(code, sizeof(code));
	bh_hash_parts(desk.kit.hasher, &part, 1, hash);
	assert_true(bh_span_equal(kept.code_hash, bh_span(hash, sizeof(hash))));
	assert_int_equal(kept.person, 2);
	assert_int_equal(kept.expires_ms, desk.kit.now.wall_ms + 30 * KIT_MINUTE);
	assert_null(memmem(entry.content.data, entry.content.len, code, sizeof(code)));
	desk_close(&desk);
}

static void test_enrolment__codes_differ(void **state)
{
	struct desk desk;
	char first[24];
	(void)state;
	desk_open(&desk, 531, true);
	assert_int_equal(desk_ask(&desk, "POST", D "/people/W2/enrolment", NULL), 201);
	(void)snprintf(first, sizeof(first), "%s", desk_text(&desk, "code"));
	assert_int_equal(desk_ask(&desk, "POST", D "/people/W2/enrolment", NULL), 201);
	assert_string_not_equal(first, desk_text(&desk, "code"));
	desk_close(&desk);
}

static void test_devices__are_listed_and_shut_out_once(void **state)
{
	struct desk desk;
	struct phone phone;
	char target[80];
	(void)state;
	desk_open(&desk, 532, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(desk_ask(&desk, "GET", D "/devices", NULL), 200);
	const json_t *item = json_array_get(json_object_get(desk.answer, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "state")), "live");
	assert_string_equal(json_string_value(json_object_get(item, "person")), "W6111");
	(void)snprintf(target, sizeof(target), D "/devices/%u/revoke", phone.device);
	assert_int_equal(desk_ask(&desk, "POST", target, "{}"), 422);
	assert_int_equal(desk_ask(&desk, "POST", target, "{\"reason\": \"丢失\"}"), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "repeat")));
	assert_int_equal(desk_number(&desk, "device"), phone.device);
	assert_int_equal(desk_ask(&desk, "POST", target, "{\"reason\": \"丢失\"}"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "repeat")));
	assert_int_equal(desk_ask(&desk, "GET", D "/devices", NULL), 200);
	item = json_array_get(json_object_get(desk.answer, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "state")), "revoked");
	desk_close(&desk);
}

/* The first row of the list of what stands in quarantine; NULL: there is none. */
static const json_t *quarantine_first(struct desk *desk)
{
	assert_int_equal(desk_ask(desk, "GET", D "/quarantine", NULL), 200);
	return json_array_get(json_object_get(desk->answer, "items"), 0);
}

/* Brought by hand, of a log that another had continued: nobody is cut off for that. */
static void test_quarantine__names_a_device_that_is_live(void **state)
{
	struct desk desk;
	struct phone phone, other, next;
	struct push push;
	char target[80], admin[16];
	(void)state;
	desk_open(&desk, 534, true);
	(void)snprintf(admin, sizeof(admin), "W%u", BH_DEMO_PERSON(ADMIN));
	kit_enrol(&desk.kit, &other, BH_DEMO_WORKER(1112), 1);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 2);
	assert_false(kit_revoke(&desk.kit, other.device).repeat);
	assert_null(quarantine_first(&desk));
	next = phone;
	assert_int_equal(
		kit_log_begin(&desk.kit, &next, 3, phone.log_id).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&push);
	push_report(&desk.kit, &push, &phone, "by hand")->by_hand = true;
	assert_int_equal(push_run(&desk.kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	const json_t *item = quarantine_first(&desk);
	assert_int_equal(json_integer_value(json_object_get(item, "device")), phone.device);
	assert_string_equal(json_string_value(json_object_get(item, "state")), "live");
	assert_int_equal(json_integer_value(json_object_get(item, "held")), 1);
	(void)snprintf(target, sizeof(target), D "/devices/%u/quarantine/%llu/release",
		phone.device, (unsigned long long)push.outcomes[0].position);
	push_end(&push);
	assert_int_equal(
		desk_ask_as(&desk, "POST", target, "{\"reason\": \"补交\"}", admin, NULL), 200);
	item = quarantine_first(&desk);
	assert_int_equal(json_integer_value(json_object_get(item, "held")), 0);
	assert_int_equal(json_integer_value(json_object_get(item, "released")), 1);
	assert_string_equal(json_string_value(json_object_get(item, "state")), "live");
	desk_close(&desk);
}

/* The clause alone: the sentences of that reason are to a worker, about the handset in hand. */
static void test_errors__tell_who_runs_the_server_the_clause_alone(void **state)
{
	static const char rekey[] =
		"{\"key\": \"036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\"}";
	struct desk desk;
	struct phone phone;
	char target[80];
	(void)state;
	desk_open(&desk, 535, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)snprintf(target, sizeof(target), D "/devices/%u/revoke", phone.device);
	assert_int_equal(desk_ask(&desk, "POST", target, "{\"reason\": \"lost\"}"), 200);
	(void)snprintf(target, sizeof(target), D "/devices/%u/key", phone.device);
	assert_int_equal(desk_ask(&desk, "POST", target, rekey), 422);
	assert_string_equal(desk_text(&desk, "code"), "device");
	assert_string_equal(desk_text(&desk, "message"), desk_text(&desk, "detail"));
	assert_true(json_is_null(json_object_get(desk.answer, "message_zh")));
	desk_close(&desk);
}

/* What is quoted of a request is cut to a length, and was answered as if memory had run out where
 * that fell into a character. */
static void test_errors__quote_whole_characters(void **state)
{
	static const char field[] = "{\"x垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾\": 1}";
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], target[80];
	(void)state;
	desk_open(&desk, 533, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	bh_case_number_format(kit_report(&desk.kit, &phone, "litter"), number);
	(void)snprintf(target, sizeof(target), D "/cases/%s/dispatch", number);
	assert_int_equal(desk_ask(&desk, "POST", D "/people/W2/enrolment", field), 422);
	assert_string_equal(desk_text(&desk, "code"), "field");
	assert_int_equal(desk_ask_as(&desk, "POST", target, field, "W6", NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "field");
	assert_int_equal(desk_ask(&desk, "GET",
				 D "/cases/x垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾", NULL),
		404);
	assert_string_equal(desk_text(&desk, "code"), "no_case");
	assert_int_equal(
		desk_ask(&desk, "POST", D "/profile",
			"{\"name\": \"x\", \"areas\": [{\"kind\": 1, \"name\": \"n\", \"code\": "
			"\"x垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾垃圾\"}]}"),
		422);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enrolment__tells_a_code_of_which_only_the_hash_is_kept),
		cmocka_unit_test(test_enrolment__codes_differ),
		cmocka_unit_test(test_devices__are_listed_and_shut_out_once),
		cmocka_unit_test(test_quarantine__names_a_device_that_is_live),
		cmocka_unit_test(test_errors__tell_who_runs_the_server_the_clause_alone),
		cmocka_unit_test(test_errors__quote_whole_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
