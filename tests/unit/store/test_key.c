/* A caller's key: one effect and one answer, over restarts, for operators as for desks; with
 * another request it is refused; what was refused leaves none. */
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	return kit_setup(state, 31);
}

static struct bh_command keyed(
	enum bh_verb verb, struct bh_span payload, uint8_t key, uint8_t request)
{
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR, .verb = verb, .payload = payload};

	memset(command.key_hash, key, BH_HASH_BYTES);
	memset(command.request_hash, request, BH_HASH_BYTES);
	return command;
}

static struct bh_span code_payload(struct kit *kit, uint8_t code)
{
	static uint8_t hash[BH_HASH_BYTES];
	const struct bh_msg_entry_enrol_code message = {
		.code_hash = bh_span(hash, sizeof(hash)),
		.person = BH_DEMO_WORKER(1111),
		.expires_ms = kit->now.wall_ms + KIT_MINUTE,
	};

	memset(hash, code, sizeof(hash));
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_enrol_code(&message, &kit->payload), 0);
	return bh_buf_span(&kit->payload);
}

static struct bh_span revoke_payload(struct kit *kit, uint32_t device)
{
	const struct bh_msg_entry_revoked message = {.device = device, .reason = bh_span("x", 1)};

	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_revoked(&message, &kit->payload), 0);
	return bh_buf_span(&kit->payload);
}

static void test_key__an_operators_command_has_one_effect_over_a_power_cut(void **state)
{
	struct kit *kit = *state;
	struct bh_key_use use;
	uint32_t device = 7;
	struct bh_command command = keyed(BH_VERB_ENROL_CODE, code_payload(kit, 9), 1, 2);

	assert_int_equal(bh_reader_key(kit->reader, command.key_hash, &use), BH_ERR_NOT_FOUND);
	struct bh_outcome first = kit_run(kit, &command);
	assert_int_equal(first.verdict, BH_VERDICT_ACCEPTED);
	assert_false(first.repeat);
	uint64_t head = kit_head(kit);
	assert_int_equal(first.position, head);
	kit_restart(kit, true);
	kit_pass(kit, KIT_MINUTE);
	struct bh_outcome again = kit_run(kit, &command);
	assert_int_equal(again.verdict, BH_VERDICT_ACCEPTED);
	assert_true(again.repeat);
	assert_int_equal(again.position, first.position);
	assert_int_equal(again.at_ms, first.at_ms);
	assert_int_equal(kit_head(kit), head);
	assert_int_equal(bh_reader_key(kit->reader, command.key_hash, &use), 0);
	assert_int_equal(use.position, first.position);
	assert_false(use.held);
	assert_memory_equal(use.request_hash, command.request_hash, BH_HASH_BYTES);
	uint8_t hash[BH_HASH_BYTES];
	memset(hash, 9, sizeof(hash));
	assert_int_equal(bh_reader_code(kit->reader, hash, &device), 0);
	assert_int_equal(device, 0);
	hash[0]++;
	assert_int_equal(bh_reader_code(kit->reader, hash, &device), BH_ERR_NOT_FOUND);
}

static void test_key__two_of_the_same_in_one_group_are_one(void **state)
{
	struct kit *kit = *state;
	struct bh_command commands[2];
	struct bh_outcome outcomes[2];
	struct bh_job jobs[2], *both[2] = {&jobs[0], &jobs[1]};

	commands[0] = keyed(BH_VERB_ENROL_CODE, code_payload(kit, 9), 1, 2);
	commands[1] = commands[0];
	for (size_t i = 0; i < 2; i++)
		jobs[i] = (struct bh_job){
			.commands = &commands[i], .outcomes = &outcomes[i], .count = 1};
	assert_int_equal(bh_writer_run(kit->writer, kit->now, both, 2, &kit->wakes), 0);
	assert_false(outcomes[0].repeat);
	assert_true(outcomes[1].repeat);
	assert_int_equal(outcomes[1].position, outcomes[0].position);
	assert_int_equal(kit_head(kit), outcomes[0].position);
}

static void test_key__with_another_request_is_refused_and_does_nothing(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter"),
		 other = kit_report(kit, &phone, "dirt");
	struct bh_command desk = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "go");
	desk.unit = BH_DEMO_CLEAN_A;
	memset(desk.key_hash, 1, BH_HASH_BYTES);
	memset(desk.request_hash, 2, BH_HASH_BYTES);
	assert_int_equal(kit_run(kit, &desk).verdict, BH_VERDICT_ACCEPTED);
	struct bh_command revoke = keyed(BH_VERB_REVOKE, revoke_payload(kit, phone.device), 3, 4);
	assert_int_equal(kit_run(kit, &revoke).verdict, BH_VERDICT_ACCEPTED);
	uint64_t head = kit_head(kit);
	desk.case_number = other;
	desk.request_hash[31]++;
	revoke.request_hash[0]++;
	struct bh_outcome outcomes[] = {kit_run(kit, &desk), kit_run(kit, &revoke)};
	for (size_t i = 0; i < 2; i++) {
		assert_true(outcomes[i].key_taken);
		assert_int_equal(outcomes[i].verdict, BH_VERDICT_REJECTED);
		assert_int_equal(outcomes[i].position, 0);
	}
	assert_int_equal(kit_head(kit), head);
	memset(desk.request_hash, 0, BH_HASH_BYTES); /* not stated: as the first */
	assert_true(kit_run(kit, &desk).repeat);
}

static void test_key__a_refusal_leaves_none(void **state)
{
	struct kit *kit = *state;
	struct bh_key_use use;
	struct bh_command confirm = keyed(BH_VERB_CLOCK_CONFIRM, bh_span(NULL, 0), 1, 2);

	assert_int_equal(kit_run(kit, &confirm).reason, BH_REASON_NOT_NOW);
	assert_int_equal(bh_reader_key(kit->reader, confirm.key_hash, &use), BH_ERR_NOT_FOUND);
	kit->now.wall_ms += 60 * KIT_MINUTE; /* the clock jumps */
	kit_tick(kit);
	struct bh_outcome first = kit_run(kit, &confirm);
	assert_int_equal(first.verdict, BH_VERDICT_ACCEPTED);
	assert_true(first.position > 0);
	kit->now.wall_ms += 60 * KIT_MINUTE;
	kit_tick(kit);
	struct bh_outcome again = kit_run(kit, &confirm);
	assert_true(again.repeat); /* the second jump is doubted still */
	assert_int_equal(again.position, first.position);
	bool alarmed = false;
	(void)bh_writer_time(kit->writer, kit->now, &alarmed);
	assert_true(alarmed);
}

static void test_key__what_held_already_is_remembered_without_an_entry(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_key_use use;
	struct bh_district district;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_false(kit_revoke(kit, phone.device).repeat);
	uint64_t head = kit_head(kit);
	struct bh_command revoke = keyed(BH_VERB_REVOKE, revoke_payload(kit, phone.device), 1, 2);
	struct bh_command profile = keyed(BH_VERB_PROFILE, bh_span(NULL, 0), 3, 4);
	profile.holds = true;
	for (int i = 0; i < 2; i++) {
		struct bh_outcome outcome = kit_run(kit, &revoke);
		assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
		assert_true(outcome.repeat);
		assert_int_equal(outcome.position, 0);
		outcome = kit_run(kit, &profile);
		assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(outcome.repeat, i > 0);
		assert_int_equal(outcome.position, 0);
		kit_restart(kit, true);
	}
	assert_int_equal(kit_head(kit), head);
	assert_int_equal(bh_reader_key(kit->reader, revoke.key_hash, &use), 0);
	assert_true(use.held);
	assert_int_equal(use.position, head);
	assert_int_equal(bh_reader_key(kit->reader, profile.key_hash, &use), 0);
	assert_true(use.held);
	assert_true(use.position < head); /* of the profile in force */
	assert_int_equal(bh_reader_district(kit->reader, &district), 0);
	assert_int_equal(district.profile_version, 1);
}

static void test_key__a_profile_names_the_one_it_replaced(void **state)
{
	struct kit *kit = *state;
	struct bh_entry entry;
	struct bh_rules *rules = NULL;
	struct bh_key_use use;
	struct bh_command held = keyed(BH_VERB_PROFILE, bh_span(NULL, 0), 1, 2);

	held.holds = true;
	(void)kit_run(kit, &held);
	assert_int_equal(bh_reader_key(kit->reader, held.key_hash, &use), 0);
	uint64_t first = use.position;
	kit_profile(kit);
	uint64_t second = kit_head(kit);
	assert_int_equal(bh_reader_entry(kit->reader, first, &kit->arena, &entry), 0);
	assert_int_equal(entry.verb, BH_VERB_PROFILE);
	assert_int_equal(entry.prev, 0);
	assert_int_equal(bh_reader_entry(kit->reader, second, &kit->arena, &entry), 0);
	assert_int_equal(entry.prev, first);
	assert_int_equal(bh_reader_rules_at(kit->reader, first, &rules), 0);
	assert_non_null(bh_rules_unit(rules, BH_DEMO_CLEAN_A));
	bh_rules_unref(rules);
	assert_int_equal(bh_reader_rules_at(kit->reader, 0, &rules), 0);
	assert_null(bh_rules_unit(rules, BH_DEMO_CLEAN_A));
	bh_rules_unref(rules);
}

static void test_key__a_row_of_an_older_release_fits_any_request(void **state)
{
	struct kit *kit = *state;
	struct bh_key_use use;

	kit_sql(kit, KIT_PATH,
		"INSERT INTO desk_key(hash, position) VALUES(x'"
		"0101010101010101010101010101010101010101010101010101010101010101', 2)");
	struct bh_command command = keyed(BH_VERB_ENROL_CODE, code_payload(kit, 9), 1, 2);
	struct bh_outcome outcome = kit_run(kit, &command);
	assert_true(outcome.repeat);
	assert_int_equal(outcome.position, 2);
	assert_int_equal(bh_reader_key(kit->reader, command.key_hash, &use), 0);
	assert_true(bh_key_use_fits(&use, command.request_hash));
	memset(command.key_hash, 0, BH_HASH_BYTES); /* below every key there is */
	command.key_hash[31] = 1;
	assert_int_equal(bh_reader_key(kit->reader, command.key_hash, &use), BH_ERR_NOT_FOUND);
}

/* From 4 on it is kept as a MAC, from which nothing can be guessed. */
static void test_key__what_was_asked_is_forgotten_of_a_schema_before_4_alone(void **state)
{
	struct kit *kit = *state;
	struct bh_key_use use;

	for (unsigned schema = 4; schema >= 3; schema--) {
		struct bh_command command = keyed(
			BH_VERB_ENROL_CODE, code_payload(kit, (uint8_t)schema), (uint8_t)schema, 2);
		assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
		kit_down(kit);
		kit_sql(kit, KIT_PATH, schema == 4 ? KIT_SCHEMA_4 : KIT_SCHEMA_3);
		assert_int_equal(kit_up(kit), 0);
		assert_int_equal(bh_reader_key(kit->reader, command.key_hash, &use), 0);
		assert_true(bh_key_use_fits(&use, command.request_hash));
		command.request_hash[0]++;
		assert_true(bh_key_use_fits(&use, command.request_hash) == (schema == 3));
	}
}

static void test_key__of_a_districts_creation_stays_in_it(void **state)
{
	struct bh_caller_key key;
	struct bh_key_use use;
	struct bh_verify_report report;
	struct kit kit;
	(void)state;

	kit_open_bare(&kit, 32);
	memset(key.key_hash, 1, BH_HASH_BYTES);
	memset(key.request_hash, 2, BH_HASH_BYTES);
	assert_int_equal(bh_store_create_keyed(&kit.options, KIT_CODE, kit.now, &key), 0);
	assert_int_equal(kit_up(&kit), 0);
	kit_restart(&kit, true);
	assert_int_equal(bh_reader_key(kit.reader, key.key_hash, &use), 0);
	assert_int_equal(use.position, 1);
	assert_true(bh_key_use_fits(&use, key.request_hash));
	key.request_hash[0]++;
	assert_false(bh_key_use_fits(&use, key.request_hash));
	struct bh_command held = keyed(BH_VERB_PROFILE, bh_span(NULL, 0), 3, 4);
	held.holds = true; /* where there is no profile, none holds */
	assert_int_equal(kit_run(&kit, &held).reason, BH_REASON_NOT_NOW);
	assert_int_equal(kit_verify(&kit, &report), 0);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_key__an_operators_command_has_one_effect_over_a_power_cut, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__two_of_the_same_in_one_group_are_one, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__with_another_request_is_refused_and_does_nothing, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__a_refusal_leaves_none, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__what_held_already_is_remembered_without_an_entry, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__a_profile_names_the_one_it_replaced, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__a_row_of_an_older_release_fits_any_request, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_key__what_was_asked_is_forgotten_of_a_schema_before_4_alone, open_kit,
			kit_teardown),
		cmocka_unit_test(test_key__of_a_districts_creation_stays_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
