/* What a program or a webhook is given of a case: what stands in its words stands beside them, and
 * what the words leave out is nowhere. */
#include <stdlib.h>

#include <jansson.h>

#include "server/notify/message.h"
#include "tests/unit/store/kit.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_GAS)
#define TYPE_NAME "燃气泄漏"
#define UNIT_NAME "U120"

static void profile_set(struct kit *kit, uint32_t privacy)
{
	static struct bh_demo_profile demo;

	bh_demo_profile(&demo);
	for (size_t i = 0; i < BH_DEMO_TYPES; i++)
		if (demo.types[i].code == BH_DEMO_GAS_LEAK)
			demo.types[i].privacy = privacy;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	struct bh_outcome outcome = kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload));
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

/* What its unit's lead is told of a case that was dispatched. */
static json_t *message_of(uint32_t number, uint32_t privacy, char **text)
{
	struct kit kit;
	struct phone phone;
	struct bh_slot slot = {.message = BH_BUF(BH_NOTIFY_MESSAGE_MAX)};

	kit_open(&kit, number);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t reported = kit_report(&kit, &phone, "it smells");
	struct bh_command command = kit_desk(BH_VERB_DISPATCH, DISPATCHER, reported, "go");
	command.type = BH_DEMO_GAS_LEAK;
	command.unit = BH_DEMO_GAS;
	struct bh_outcome outcome = kit_run(&kit, &command);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	if (privacy)
		profile_set(&kit, privacy);
	slot.row = (struct bh_notice_row){.position = outcome.position,
		.person = LEAD,
		.kind = BH_NOTICE_DISPATCHED,
		.number = reported};
	assert_int_equal(bh_notify_message(kit.reader, KIT_CODE, kit.now.wall_ms, &slot), 0);
	json_t *json = json_loadb((const char *)slot.message.data, slot.message.len, 0, NULL);
	assert_non_null(json);
	*text = json_dumps(json, 0);
	bh_buf_free(&slot.message);
	kit_close(&kit);
	return json;
}

static void test_message__says_the_type_beside_its_words(void **state)
{
	char *text;
	json_t *json = message_of(801, 0, &text);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(json, "type")), BH_DEMO_GAS_LEAK);
	assert_string_equal(json_string_value(json_object_get(json, "type_name")), TYPE_NAME);
	assert_non_null(strstr(json_string_value(json_object_get(json, "text")), TYPE_NAME));
	assert_string_equal(json_string_value(json_object_get(json, "unit_name")), UNIT_NAME);
	assert_non_null(strstr(json_string_value(json_object_get(json, "text")), UNIT_NAME));
	free(text);
	json_decref(json);
}

/* S3-11: a receiver lies outside of the district's own house. */
static void test_message__of_what_is_restricted_says_type_and_unit_nowhere(void **state)
{
	char *text;
	json_t *json = message_of(802, BH_PRIVACY_RESTRICTED, &text);

	(void)state;
	assert_true(json_is_null(json_object_get(json, "type")));
	assert_true(json_is_null(json_object_get(json, "type_name")));
	assert_true(json_is_null(json_object_get(json, "unit")));
	assert_true(json_is_null(json_object_get(json, "unit_name")));
	assert_null(strstr(text, TYPE_NAME));
	assert_null(strstr(text, UNIT_NAME));
	assert_null(strstr(text, "50001"));
	assert_non_null(json_object_get(json, "number"));
	free(text);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message__says_the_type_beside_its_words),
		cmocka_unit_test(test_message__of_what_is_restricted_says_type_and_unit_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
