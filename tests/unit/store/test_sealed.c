/* What names a person is sealed in a case's entries, bound to its place, and opened in an entry. */
#include "server/store/vault.h"
#include "tests/unit/store/privacy_kit.h"

static const struct bh_vault_keys rolled = {.count = 2, .keys = {{9, 9, 9}, {1, 2, 3}}};
static const struct bh_vault_keys other = {.count = 1, .keys = {{7, 7, 7}}};

static void test_sealed__a_name_is_sealed_and_lies_nowhere_in_plain(void **state)
{
	struct kit *kit = *state;
	struct bh_buf out = BH_BUF(1000);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	struct bh_outcome outcome = privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(outcome.id, 1);
	assert_int_equal(kit_case(kit, number).last, outcome.position - 1); /* it stands aside */
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, number, 0, &out), 0);
	assert_true(
		bh_span_equal(bh_buf_span(&out), bh_span(privacy_name, sizeof(privacy_name) - 1)));
	assert_true(privacy_anywhere(
		kit, privacy_told, sizeof(privacy_told) - 1)); /* the look would find it */
	assert_false(privacy_anywhere(kit, privacy_name, sizeof(privacy_name) - 1));
	assert_false(privacy_anywhere(kit, privacy_contact, sizeof(privacy_contact) - 1));
	privacy_verifies(kit, false);
	bh_buf_free(&out);
}

static void test_sealed__what_was_moved_or_is_of_another_key_is_not_opened(void **state)
{
	struct kit *kit = *state;
	struct bh_buf out = BH_BUF(1000);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	uint64_t second = kit_report(kit, &phone, privacy_told);
	privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS);
	privacy_party_set(kit, ACCEPTOR, second, 0, BH_PARTY_WITNESS);
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, number, 2, &out), BH_ERR_AUTH);
	assert_int_equal(privacy_unsealed(kit, &other, number, 0, &out), BH_ERR_AUTH);
	kit_down(kit);
	kit_sql(kit, KIT_PATH,
		"UPDATE party SET name = (SELECT q.name FROM party AS q ORDER BY q.number DESC "
		"LIMIT "
		"1)");
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, second, 0, &out), 0);
	assert_int_equal(privacy_unsealed(kit, &privacy_keys, number, 0, &out), BH_ERR_AUTH);
	struct bh_verify_report report;
	assert_int_equal(kit_verify(kit, &report), BH_ERR_CORRUPT);
	bh_buf_free(&out);
}

/* What a test has spoilt does not verify. */
static int spoilt_drop(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

static void test_sealed__parties_are_changed_and_taken_out_and_no_number_comes_twice(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_party parties[BH_PARTIES_MAX];
	size_t count;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS).id, 1);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_OTHER).id, 2);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 2, BH_PARTY_GONE).id, 2);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_CONTACT).id, 3);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 2, BH_PARTY_OTHER).reason,
		BH_REASON_FIELD);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 1, BH_PARTY_CONTACT).id, 1);
	assert_int_equal(
		privacy_party_set(kit, BH_DEMO_PERSON(HELPER), number, 0, BH_PARTY_OTHER).reason,
		BH_REASON_NO_RIGHT);
	assert_int_equal(bh_reader_parties(
				 kit->reader, number, &kit->arena, parties, BH_PARTIES_MAX, &count),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(parties[0].role, BH_PARTY_CONTACT);
	assert_int_equal(parties[1].party, 3);
	privacy_verifies(kit, false);
}

static void test_sealed__an_opening_asks_a_purpose_is_an_entry_and_is_bounded(void **state)
{
	struct kit *kit = *state;
	struct bh_opening openings[4];
	size_t count;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	assert_int_equal(
		privacy_look(kit, ACCEPTOR, number, BH_PURPOSE_CONTACT).reason, BH_REASON_NOT_NOW);
	privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS);
	assert_int_equal(privacy_look(kit, ACCEPTOR, number, 0).reason, BH_REASON_NO_REASON);
	assert_int_equal(
		privacy_look(kit, ACCEPTOR, number, BH_PURPOSES).reason, BH_REASON_NO_REASON);
	for (unsigned i = 0; i < BH_OPENINGS_A_DAY; i++) {
		assert_int_equal(privacy_look(kit, ACCEPTOR, number, BH_PURPOSE_CONTACT).verdict,
			BH_VERDICT_ACCEPTED);
		kit_pass(kit, KIT_MINUTE);
	}
	assert_int_equal(
		privacy_look(kit, ACCEPTOR, number, BH_PURPOSE_CONTACT).reason, BH_REASON_NOT_NOW);
	kit_restart(kit, true); /* counted by entries, so that no restart forgets */
	assert_int_equal(
		privacy_look(kit, ACCEPTOR, number, BH_PURPOSE_CONTACT).reason, BH_REASON_NOT_NOW);
	assert_int_equal(privacy_look(kit, PRIVACY_OFFICER_ONE, number, BH_PURPOSE_LEGAL).verdict,
		BH_VERDICT_ACCEPTED);
	kit_pass(kit, 24 * 60 * KIT_MINUTE);
	assert_int_equal(privacy_look(kit, ACCEPTOR, number, BH_PURPOSE_FOLLOW_UP).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_openings(kit->reader, 0, openings, 4, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(openings[0].person, ACCEPTOR);
	assert_int_equal(openings[0].purpose, BH_PURPOSE_CONTACT);
	assert_int_equal(openings[0].number, number);
	privacy_verifies(kit, false);
}

/* Somebody who is no party any more has to be taken out whether or not a key is there. */
static void test_sealed__who_is_taken_out_needs_no_key(void **state)
{
	struct kit *kit = *state;
	struct bh_party parties[BH_PARTIES_MAX];
	struct phone phone;
	size_t count = 1;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS);
	kit_down(kit);
	kit->options.vault = NULL;
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 1, BH_PARTY_OTHER).reason,
		BH_REASON_GUARD);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 1, BH_PARTY_GONE).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_parties(
				 kit->reader, number, &kit->arena, parties, BH_PARTIES_MAX, &count),
		0);
	assert_int_equal(count, 0);
	kit_down(kit);
	kit->options.vault = &privacy_keys;
	assert_int_equal(kit_up(kit), 0);
	privacy_verifies(kit, false);
}

static void test_sealed__without_its_key_fields_are_unreadable_and_nothing_else(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, privacy_told);
	privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_WITNESS);
	kit_down(kit);
	kit->options.vault = NULL;
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_OTHER).reason,
		BH_REASON_GUARD);
	assert_int_equal(privacy_look(kit, ACCEPTOR, number, 1).reason, BH_REASON_GUARD);
	uint64_t next = kit_report(kit, &phone, privacy_told);
	kit_down(kit);
	kit->options.vault = &other;
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_OTHER).reason,
		BH_REASON_GUARD);
	assert_int_equal(privacy_party_set(kit, ACCEPTOR, next, 0, BH_PARTY_OTHER).verdict,
		BH_VERDICT_ACCEPTED);
	privacy_verifies(kit, false);
}

static void test_sealed__a_roll_wraps_every_key_anew_slice_by_slice(void **state)
{
	struct kit *kit = *state;
	struct bh_buf out = BH_BUF(1000);
	struct phone phone;
	uint64_t numbers[70];
	const struct bh_vault_keys present = {.count = 1, .keys = {{9, 9, 9}}};

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 70; i++) {
		numbers[i] = kit_report(kit, &phone, privacy_told);
		privacy_party_set(kit, ACCEPTOR, numbers[i], 0, BH_PARTY_WITNESS);
	}
	kit_down(kit);
	kit->options.vault = &rolled;
	assert_int_equal(kit_up(kit), 0);
	kit_tick(kit);
	assert_int_equal(privacy_unsealed(kit, &present, numbers[0], 0, &out), 0);
	assert_int_equal(privacy_unsealed(kit, &present, numbers[69], 0, &out), BH_ERR_AUTH);
	kit_tick(kit);
	for (size_t i = 0; i < 70; i++)
		assert_int_equal(privacy_unsealed(kit, &present, numbers[i], 0, &out), 0);
	privacy_verifies(kit, false);
	bh_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_sealed__a_name_is_sealed_and_lies_nowhere_in_plain, privacy_setup,
			privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_sealed__what_was_moved_or_is_of_another_key_is_not_opened,
			privacy_setup, spoilt_drop),
		cmocka_unit_test_setup_teardown(
			test_sealed__parties_are_changed_and_taken_out_and_no_number_comes_twice,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_sealed__an_opening_asks_a_purpose_is_an_entry_and_is_bounded,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_sealed__without_its_key_fields_are_unreadable_and_nothing_else,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(test_sealed__who_is_taken_out_needs_no_key,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_sealed__a_roll_wraps_every_key_anew_slice_by_slice, privacy_setup,
			privacy_teardown),
	};

	return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
