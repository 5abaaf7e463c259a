/* Idempotency keys of the routes that run a district: the same request is told the same again, over
 * restarts, and happens once; another request is refused; codes follow from key, person and a
 * secret that the database has not. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/console/profile.h"

#define D "/districts/" KIT_CODE
#define ENROL D "/people/W2/enrolment"
#define APPLY D "/profile?apply=1"
#define SQUARE "[[117,31],[117.01,31],[117.01,31.01],[117,31.01],[117,31]]"
#define PROFILE(name, more)                                                                    \
	"{\"name\":\"" name "\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"县" \
	"\"},{\"code\":\"g\",\"kind\":\"grid\",\"name\":\"格\",\"parent\":\"c\","             \
	"\"polygon\":" SQUARE                                                                  \
	"}],\"units\":[{\"code\":\"u\",\"name\":\"所\",\"kind\":\"SANITATION\","              \
	"\"area\":\"c\",\"desk\":true}],\"people\":[{\"code\":\"p\",\"name\":\"人\"}" more "]}"

static int post(struct desk *desk, const char *target, const char *body, const char *key)
{
	return desk_ask_as(desk, "POST", target, body, NULL, key);
}

static bool repeat(const struct desk *desk)
{
	assert_true(json_is_boolean(json_object_get(desk->answer, "repeat")));
	return json_is_true(json_object_get(desk->answer, "repeat"));
}

static void restart(struct desk *desk)
{
	kit_restart(&desk->kit, true);
	desk->district.reader = desk->kit.reader;
}

static uint64_t head_of(struct desk *desk)
{
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	assert_int_equal(bh_reader_head(desk->kit.reader, &position, hash), 0);
	return position;
}

/* The same request again: the same answer but for repeat, and nothing in the journal. */
static void again(struct desk *desk, const char *target, const char *body, const char *key)
{
	json_t *first = json_copy(desk->answer);
	int status = desk->status;
	uint64_t head = head_of(desk);
	assert_int_equal(post(desk, target, body, key), status);
	assert_true(repeat(desk));
	assert_int_equal(json_object_set_new(first, "repeat", json_true()), 0);
	if (!json_equal(first, desk->answer))
		fail_msg("%s: %s", target, json_dumps(desk->answer, 0));
	assert_int_equal(head_of(desk), head);
	json_decref(first);
}

static void taken(struct desk *desk, const char *target, const char *body, const char *key)
{
	uint64_t head = head_of(desk);
	assert_int_equal(post(desk, target, body, key), 422);
	assert_string_equal(desk_text(desk, "code"), "key");
	assert_int_equal(head_of(desk), head);
}

static void test_enrolment__a_repeat_tells_the_same_code(void **state)
{
	struct desk desk;
	struct bh_entry entry;
	uint8_t code[BH_CODE_BYTES];
	(void)state;
	desk_open(&desk, 580, true);
	assert_int_equal(post(&desk, ENROL, "{\"ttl_minutes\": 30}", "k1"), 201);
	assert_false(repeat(&desk));
	assert_true(json_is_null(json_object_get(desk.answer, "device")));
	again(&desk, ENROL, "{\"ttl_minutes\": 30}", "k1");
	restart(&desk);
	kit_pass(&desk.kit, 40 * KIT_MINUTE);
	again(&desk, ENROL, "{\"ttl_minutes\": 30}", "k1");
	taken(&desk, ENROL, "{\"ttl_minutes\": 31}", "k1");
	taken(&desk, ENROL, NULL, "k1");
	taken(&desk, D "/people/W3/enrolment", "{\"ttl_minutes\": 30}", "k1");
	taken(&desk, D "/people/nobody/enrolment", "{\"ttl_minutes\": 30}", "k1");
	assert_int_equal(post(&desk, ENROL, "{\"ttl_minutes\": 30}", "k1"), 201);
	assert_int_equal(bh_base32_parse(desk_text(&desk, "code"), code, sizeof(code)), 0);
	assert_int_equal(bh_reader_entry(desk.kit.reader, (uint64_t)desk_number(&desk, "position"),
				 &desk.kit.arena, &entry),
		0);
	assert_null(memmem(entry.content.data, entry.content.len, code, sizeof(code)));
	desk_close(&desk);
}

static void test_enrolment__codes_differ_by_key_person_asker_and_secret(void **state)
{
	static const struct {
		const char *target, *key;
		bool admin;
	} rows[] = {{ENROL, "k1", false}, {ENROL, "k2", false},
		{D "/people/W3/enrolment", "k3", false}, {ENROL, "k1", true}, {ENROL, NULL, false},
		{ENROL, NULL, false}};
	struct desk desk, other;
	char codes[7][24], admin[12];
	(void)state;
	desk_open(&desk, 581, true);
	desk_open(&other, 590, true);
	other.district.mac_key = bh_span("another secret", 14);
	(void)snprintf(admin, sizeof(admin), "W%u", (unsigned)BH_ROLE_ADMIN);
	for (size_t i = 0; i < 7; i++) {
		struct desk *asked = i < 6 ? &desk : &other;
		const size_t row = i < 6 ? i : 0;
		assert_int_equal(desk_ask_as(asked, "POST", rows[row].target, NULL,
					 rows[row].admin ? admin : NULL, rows[row].key),
			201);
		(void)snprintf(codes[i], sizeof(codes[i]), "%s", desk_text(asked, "code"));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(codes[i], codes[j]);
	}
	desk_close(&desk);
	desk_close(&other);
}

/* I16: a server that was restored from before the code was given out knows nothing of its use. */
static void test_enrolment__a_restored_server_gives_the_key_another_code(void **state)
{
	struct desk desk, restored;
	char first[24];
	(void)state;
	desk_open(&desk, 591, true);
	desk_open(&restored, 592, true);
	kit_pass(&restored.kit, KIT_MINUTE);
	assert_int_equal(post(&desk, ENROL, NULL, "k1"), 201);
	(void)snprintf(first, sizeof(first), "%s", desk_text(&desk, "code"));
	assert_int_equal(post(&restored, ENROL, NULL, "k1"), 201);
	assert_string_not_equal(desk_text(&restored, "code"), first);
	desk_close(&desk);
	desk_close(&restored);
}

static void test_enrolment__a_used_code_is_told_with_its_handset(void **state)
{
	struct desk desk;
	uint8_t code[BH_CODE_BYTES], hash[BH_HASH_BYTES];
	struct bh_span part = bh_span(code, sizeof(code));
	const struct bh_msg_entry_enrolled message = {
		.code_hash = bh_span(hash, sizeof(hash)),
		.public_key = bh_span("a public key of sixty-five bytes, which this test does not "
				      "look at..",
			BH_PUBLIC_KEY_BYTES),
		.log_id = bh_span("0123456789abcdef", BH_LOG_ID_BYTES),
	};
	(void)state;
	desk_open(&desk, 582, true);
	assert_int_equal(post(&desk, ENROL, NULL, "k1"), 201);
	assert_int_equal(bh_base32_parse(desk_text(&desk, "code"), code, sizeof(code)), 0);
	bh_hash_parts(desk.kit.hasher, &part, 1, hash);
	desk.kit.payload.len = 0;
	assert_int_equal(bh_encode_entry_enrolled(&message, &desk.kit.payload), 0);
	struct bh_outcome used = kit_operator(
		&desk.kit, BH_VERB_ENROLLED, bh_buf_span(&desk.kit.payload));
	assert_int_equal(used.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(post(&desk, ENROL, NULL, "k1"), 201);
	assert_true(repeat(&desk));
	assert_int_equal(desk_number(&desk, "device"), used.id);
	/* With another secret nobody can say what was asked with it, nor what the code was. */
	desk.district.mac_key = bh_span("another secret", 14);
	assert_int_equal(post(&desk, ENROL, NULL, "k1"), 422);
	assert_string_equal(desk_text(&desk, "code"), "key");
	desk_close(&desk);
}

static void test_revoke__a_repeat_is_told_the_same(void **state)
{
	struct desk desk;
	struct phone phone;
	char target[80];
	(void)state;
	desk_open(&desk, 583, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)snprintf(target, sizeof(target), D "/devices/%u/revoke", phone.device);
	assert_int_equal(post(&desk, target, "{}", "k1"), 422); /* a refusal leaves no key */
	assert_int_equal(post(&desk, target, "{\"reason\": \"丢失\"}", "k1"), 200);
	assert_false(repeat(&desk));
	assert_true(desk_number(&desk, "position") > 0);
	restart(&desk);
	again(&desk, target, "{\"reason\": \"丢失\"}", "k1");
	assert_int_equal(desk_number(&desk, "device"), phone.device);
	taken(&desk, target, "{\"reason\": \"坏\"}", "k1");
	/* Another key finds it done, and is kept all the same. */
	assert_int_equal(post(&desk, target, "{\"reason\": \"坏\"}", "k2"), 200);
	assert_int_equal(desk_number(&desk, "position"), 0);
	again(&desk, target, "{\"reason\": \"坏\"}", "k2");
	taken(&desk, ENROL, NULL, "k2");
	desk_close(&desk);
}

static void test_clock__a_repeat_confirms_nothing_new(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 584, true);
	assert_int_equal(post(&desk, D "/clock/confirm", NULL, "k1"), 409);
	desk.kit.now.wall_ms += 60 * KIT_MINUTE;
	kit_tick(&desk.kit);
	assert_int_equal(post(&desk, D "/clock/confirm", NULL, "k1"), 200);
	again(&desk, D "/clock/confirm", NULL, "k1");
	desk.kit.now.wall_ms += 60 * KIT_MINUTE;
	kit_tick(&desk.kit);
	again(&desk, D "/clock/confirm", NULL, "k1");
	assert_int_equal(desk_ask(&desk, "GET", D, NULL), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "clock_alarm")));
	desk_close(&desk);
}

static void test_profile__a_late_repeat_does_not_undo_what_came_after(void **state)
{
	static const char one[] = PROFILE("一", ""), two[] = PROFILE("二", ",{\"code\":\"q\","
									   "\"name\":\"乙\"}");
	struct desk desk;
	(void)state;
	desk_open(&desk, 585, false);
	assert_int_equal(post(&desk, D "/profile", one, "k1"), 200); /* a check keeps no key */
	assert_int_equal(post(&desk, APPLY, one, "k1"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	again(&desk, APPLY, one, "k1");
	assert_int_equal(post(&desk, APPLY, one, "held"), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	json_t *held = json_incref(desk.answer);
	assert_int_equal(post(&desk, APPLY, two, "k2"), 200);
	json_t *people = json_object_get(json_object_get(desk.answer, "changes"), "people");
	assert_int_equal(json_integer_value(json_object_get(people, "added")), 1);
	restart(&desk);
	again(&desk, APPLY, two, "k2");
	assert_int_equal(post(&desk, APPLY, one, "k1"), 200);
	assert_true(repeat(&desk));
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	assert_int_equal(post(&desk, APPLY, one, "held"), 200);
	assert_int_equal(json_object_set_new(held, "repeat", json_true()), 0);
	assert_true(json_equal(held, desk.answer));
	json_decref(held);
	taken(&desk, APPLY, one, "k2");
	taken(&desk, D "/catalogue?apply=1", two, "k2");
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	assert_string_equal(desk_text(&desk, "name"), "二");
	desk_close(&desk);
}

static void test_catalogue__a_repeat_is_told_the_same(void **state)
{
	struct desk desk;
	char *catalogue = NULL;
	(void)state;
	desk_open(&desk, 586, false);
	assert_int_equal(post(&desk, APPLY, PROFILE("一", ""), "k1"), 200);
	json_t *shipped = json_loadb(
		(const char *)bh_catalogue_default().data, bh_catalogue_default().len, 0, NULL);
	json_t *type = json_array_get(json_object_get(shipped, "types"), 3);
	assert_int_equal(json_object_set_new(type, "default_urgency", json_string("P1")), 0);
	catalogue = json_dumps(shipped, JSON_COMPACT);
	json_decref(shipped);
	assert_int_equal(post(&desk, D "/catalogue?apply=1", catalogue, "k2"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	again(&desk, D "/catalogue?apply=1", catalogue, "k2");
	free(catalogue);
	desk_close(&desk);
}

static void test_district__the_key_that_made_it_is_known_by_it(void **state)
{
	static const char body[] = "{\"code\": \"" KIT_CODE "\"}";
	struct desk desk;
	struct bh_caller_key key;
	(void)state;
	desk_open(&desk, 587, true);
	assert_int_equal(post(&desk, "/districts", body, "k1"), 409); /* it is there without one */
	assert_string_equal(desk_text(&desk, "code"), "exists");
	key = desk.create_key;
	assert_int_equal(post(&desk, ENROL, NULL, "k1"), 201); /* a district's key is another */
	desk_close(&desk);

	memset(&desk, 0, sizeof(desk));
	desk_open_keyed(&desk, 588, &key);
	desk.answer = json_pack("{s:s, s:b, s:b}", "code", KIT_CODE, "created", 1, "repeat", 0);
	desk.status = 201;
	again(&desk, "/districts", body, "k1");
	restart(&desk);
	again(&desk, "/districts", body, "k1");
	taken(&desk, "/districts", "{\"code\": \"990102\"}", "k1");
	assert_int_equal(post(&desk, "/districts", body, "k2"), 409);
	assert_int_equal(post(&desk, "/districts", body, NULL), 409);
	assert_memory_equal(desk.create_key.key_hash, (uint8_t[BH_HASH_BYTES]){0}, BH_HASH_BYTES);
	desk_close(&desk);
}

static void test_verb__a_key_of_another_case_is_refused(void **state)
{
	struct desk desk;
	struct phone phone;
	char numbers[2][BH_CASE_TEXT_SIZE], target[120];
	(void)state;
	desk_open(&desk, 589, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 2; i++) {
		bh_case_number_format(kit_report(&desk.kit, &phone, "井盖破损"), numbers[i]);
		(void)snprintf(target, sizeof(target), D "/cases/%s/file", numbers[i]);
		int status = desk_ask_as(&desk, "POST", target,
			"{\"type\": \"10001\", \"condition\": 2}", "W5", "k1");
		assert_int_equal(status, i == 0 ? 200 : 422);
	}
	assert_string_equal(desk_text(&desk, "code"), "key");
	(void)snprintf(target, sizeof(target), D "/cases/%s", numbers[1]);
	assert_int_equal(desk_ask(&desk, "GET", target, NULL), 200);
	assert_string_equal(desk_text(&desk, "state"), "received");
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enrolment__a_repeat_tells_the_same_code),
		cmocka_unit_test(test_enrolment__codes_differ_by_key_person_asker_and_secret),
		cmocka_unit_test(test_enrolment__a_restored_server_gives_the_key_another_code),
		cmocka_unit_test(test_enrolment__a_used_code_is_told_with_its_handset),
		cmocka_unit_test(test_revoke__a_repeat_is_told_the_same),
		cmocka_unit_test(test_clock__a_repeat_confirms_nothing_new),
		cmocka_unit_test(test_profile__a_late_repeat_does_not_undo_what_came_after),
		cmocka_unit_test(test_catalogue__a_repeat_is_told_the_same),
		cmocka_unit_test(test_district__the_key_that_made_it_is_known_by_it),
		cmocka_unit_test(test_verb__a_key_of_another_case_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
