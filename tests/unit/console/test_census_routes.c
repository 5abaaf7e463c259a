/* The census by its route: what is known stands with how old it is, and what is not is null; and
 * who knows the keys that handsets go by. */
#include "server/store/contact.h"
#include "tests/unit/console/desk.h"

#include <stdio.h>

#include "proto/sign.h"

#define D "/districts/" KIT_CODE
#define CENSUS D "/census"

static const json_t *item(const struct desk *desk, size_t i)
{
	return json_array_get(json_object_get(desk->answer, "items"), i);
}

static const json_t *member(const struct desk *desk, size_t i, const char *name)
{
	return json_object_get(item(desk, i), name);
}

static void say(struct desk *desk, uint32_t device, uint64_t ops, uint64_t bytes, int64_t oldest_ms)
{
	const struct bh_contact contact = {device, desk->kit.now.wall_ms, ops, bytes, oldest_ms};
	assert_int_equal(bh_writer_contacts(desk->kit.writer, desk->kit.now, &contact, 1), 0);
}

static void test_census__says_what_is_known_and_how_old_it_is(void **state)
{
	struct desk desk;
	struct phone phones[3];
	(void)state;
	desk_open(&desk, 570, true);
	for (uint8_t i = 0; i < 3; i++)
		kit_enrol(&desk.kit, &phones[i], BH_DEMO_WORKER(1111), (uint8_t)(i + 1));
	kit_pass(&desk.kit, 10 * KIT_MINUTE);
	say(&desk, phones[0].device, 3, 900, desk.kit.now.wall_ms - 5 * KIT_MINUTE);
	say(&desk, phones[1].device, 4, 0, 0);
	kit_pass(&desk.kit, 2 * KIT_MINUTE);
	assert_int_equal(desk_ask(&desk, "GET", CENSUS, NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 3);
	/* the third never said anything: since its enrolment nobody knows */
	assert_int_equal(json_integer_value(member(&desk, 0, "device")), phones[2].device);
	assert_true(json_is_null(member(&desk, 0, "unsent_ops")));
	assert_true(json_is_null(member(&desk, 0, "said_at")));
	assert_true(json_is_null(member(&desk, 0, "said_s")));
	assert_int_equal(json_integer_value(member(&desk, 0, "since_s")), 12 * 60);
	assert_int_equal(json_integer_value(member(&desk, 1, "unsent_bytes")), 900);
	assert_int_equal(json_integer_value(member(&desk, 1, "since_s")), 7 * 60);
	assert_int_equal(json_integer_value(member(&desk, 1, "said_s")), 2 * 60);
	assert_string_equal(json_string_value(member(&desk, 1, "person")), "W6111");
	assert_int_equal(json_integer_value(member(&desk, 2, "unsent_ops")), 4);
	assert_true(json_is_null(member(&desk, 2, "unsent_bytes")));
	assert_true(json_is_null(member(&desk, 2, "oldest_at")));
	const json_t *totals = json_object_get(desk.answer, "totals");
	assert_int_equal(json_integer_value(json_object_get(totals, "devices")), 2);
	assert_int_equal(json_integer_value(json_object_get(totals, "unsent_ops")), 7);
	desk_close(&desk);
}

static void test_keys__says_what_handsets_go_by_and_who_does_not_know(void **state)
{
	struct desk desk;
	struct phone phones[3];
	(void)state;
	desk_open(&desk, 572, true);
	for (uint8_t i = 0; i < 3; i++)
		kit_enrol(&desk.kit, &phones[i], BH_DEMO_WORKER(1111), (uint8_t)(i + 1));
	const struct bh_contact contacts[] = {
		{.device = phones[0].device, .pins = bh_pin_mark(desk.district.backup_pin)},
		{.device = phones[1].device, .pins = bh_pin_mark(desk.district.pin)}};
	assert_int_equal(bh_writer_contacts(desk.kit.writer, desk.kit.now, contacts, 2), 0);
	assert_int_equal(desk_ask(&desk, "GET", D "/keys", NULL), 200);
	assert_string_equal(desk_text(&desk, "ca_pin"), "CEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIR");
	assert_string_equal(desk_text(&desk, "backup_pin"), "EIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRC");
	assert_true(json_is_false(json_object_get(desk.answer, "backup_key_here")));
	assert_int_equal(desk_number(&desk, "devices"), 3);
	assert_int_equal(desk_number(&desk, "devices_lacking"), 2);
	const json_t *lacking = json_object_get(desk.answer, "lacking");
	assert_int_equal(json_array_size(lacking), 2);
	assert_int_equal(json_integer_value(json_array_get(lacking, 0)), phones[1].device);
	assert_int_equal(json_integer_value(json_array_get(lacking, 1)), phones[2].device);
	desk_close(&desk);
}

static void test_census__goes_on_where_a_page_ended_also_under_a_filter(void **state)
{
	static const char *const filters[] = {
		"?limit=2", "?limit=2&area=A11", "?limit=2&holding=1"};
	struct desk desk;
	struct phone phones[7];
	char target[120];
	(void)state;
	desk_open(&desk, 571, true);
	for (uint8_t i = 0; i < 7; i++) {
		kit_enrol(&desk.kit, &phones[i], BH_DEMO_WORKER(i % 2 ? 1111 : 1211),
			(uint8_t)(i + 1));
		say(&desk, phones[i].device, i % 3, 0, 0);
	}
	const size_t wanted[] = {7, 3, 4};
	for (size_t f = 0; f < 3; f++) {
		size_t seen = 0;
		(void)snprintf(target, sizeof(target), CENSUS "%s", filters[f]);
		while (*target) {
			assert_int_equal(desk_ask(&desk, "GET", target, NULL), 200);
			seen += (size_t)desk_number(&desk, "count");
			const char *next = json_string_value(json_object_get(desk.answer, "next"));
			assert_true(!next || desk_number(&desk, "count") == 2);
			(void)snprintf(target, sizeof(target), next ? CENSUS "%s&after=%s" : "%s%s",
				next ? filters[f] : "", next ? next : "");
		}
		assert_int_equal(seen, wanted[f]);
	}
	desk_close(&desk);
}

static void test_census__refuses_by_name_what_it_does_not_know(void **state)
{
	static const char *const wrong[] = {"?limit=0", "?limit=501", "?limit=x", "?holding=2",
		"?holding=", "?unit=NO", "?area=NO", "?after=1", "?after=1:", "?after=1:2x",
		"?after=:2", "?since=1", "?limit=1&limit=2"};
	struct desk desk;
	char target[80];
	(void)state;
	desk_open(&desk, 572, true);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(target, sizeof(target), CENSUS "%s", wrong[i]);
		assert_int_equal(desk_ask(&desk, "GET", target, NULL), 400);
		assert_string_equal(desk_text(&desk, "code"), "parameter");
	}
	assert_int_equal(desk_ask_as(&desk, "GET", CENSUS, NULL, "W6", NULL), 403);
	desk_close(&desk);
}

static json_int_t revoke(struct desk *desk, uint32_t device, const char *body)
{
	char target[80];
	(void)snprintf(target, sizeof(target), D "/devices/%u/revoke", device);
	assert_int_equal(desk_ask(desk, "POST", target, body), 200);
	return desk_number(desk, "position");
}

/* What a lost handset holds will never come; nobody has to read of it for ever. */
static void test_census__what_a_revoked_handset_holds_may_be_given_up(void **state)
{
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 573, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	say(&desk, phone.device, 3, 900, 0);
	assert_true(revoke(&desk, phone.device, "{\"reason\": \"lost\"}") > 0);
	assert_int_equal(revoke(&desk, phone.device, "{\"reason\": \"lost\", \"give_up\": 0}"), 0);
	assert_int_equal(desk_ask(&desk, "GET", CENSUS "?holding=1", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	kit_pass(&desk.kit, KIT_MINUTE);
	assert_int_equal(revoke(&desk, phone.device, "{\"reason\": \"lost\", \"give_up\": 1}"), 0);
	assert_int_equal(desk_ask(&desk, "GET", CENSUS, NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 0);
	kit_pass(&desk.kit, KIT_MINUTE);
	say(&desk, phone.device, 2, 900, 0);
	assert_int_equal(desk_ask(&desk, "GET", CENSUS, NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_census__says_what_is_known_and_how_old_it_is),
		cmocka_unit_test(test_keys__says_what_handsets_go_by_and_who_does_not_know),
		cmocka_unit_test(test_census__goes_on_where_a_page_ended_also_under_a_filter),
		cmocka_unit_test(test_census__refuses_by_name_what_it_does_not_know),
		cmocka_unit_test(test_census__what_a_revoked_handset_holds_may_be_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
