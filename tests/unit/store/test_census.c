/* Who may hold work that is not here: the longest since first, each by its last word. */
#include "server/store/census.h"
#include "tests/unit/store/kit.h"

#define DEVICES 5u

struct census {
	struct kit kit;
	struct phone phones[DEVICES];
};

static int open_census(void **state)
{
	struct census *census = test_calloc(1, sizeof(*census));

	kit_open(&census->kit, 41);
	for (size_t i = 0; i < DEVICES; i++) {
		kit_enrol(&census->kit, &census->phones[i], BH_DEMO_WORKER(1111), (uint8_t)(i + 1));
		kit_pass(&census->kit, 1000);
	}
	*state = census;
	return 0;
}

static int close_census(void **state)
{
	struct census *census = *state;

	kit_close(&census->kit);
	test_free(census);
	return 0;
}

static void say(struct census *census, size_t phone, int64_t after_ms, uint64_t ops, uint64_t bytes,
	int64_t oldest_after_ms)
{
	int64_t oldest_ms = oldest_after_ms ? KIT_START_MS + oldest_after_ms : 0;
	const struct bh_contact contact = {
		census->phones[phone].device, KIT_START_MS + after_ms, ops, bytes, oldest_ms};

	assert_int_equal(bh_writer_contacts(census->kit.writer, census->kit.now, &contact, 1), 0);
}

/* The devices in order, as indices of phones. */
static size_t ask(struct census *census, bool holding, size_t page, size_t order[DEVICES])
{
	struct bh_census_query query = {.holding = holding, .after_since_ms = INT64_MIN};
	struct bh_census_row rows[DEVICES];
	size_t found = 0, count = page;

	while (count == page) {
		assert_int_equal(
			bh_reader_census(census->kit.reader, &query, rows, page, &count), 0);
		for (size_t i = 0; i < count; i++) {
			for (size_t p = 0; p < DEVICES; p++)
				if (census->phones[p].device == rows[i].device)
					order[found] = p;
			found++;
			query.after_since_ms = rows[i].since_ms;
			query.after_device = rows[i].device;
		}
	}
	return found;
}

static void test_census__the_longest_since_comes_first_in_pages_of_any_size(void **state)
{
	struct census *census = *state;
	size_t order[DEVICES];

	say(census, 0, 9 * KIT_MINUTE, 0, 0, 0);
	say(census, 1, 9 * KIT_MINUTE, 3, 900, 2 * KIT_MINUTE);
	say(census, 2, 5 * KIT_MINUTE, 7, 0, 0); /* it said how many, and no more */
	say(census, 3, 9 * KIT_MINUTE, 0, 0, 0); /* 4 never said anything */
	for (size_t page = 1; page <= DEVICES; page++) {
		const size_t wanted[] = {4, 1, 2, 0, 3};
		assert_int_equal(ask(census, false, page, order), DEVICES);
		assert_memory_equal(order, wanted, sizeof(wanted));
		assert_int_equal(ask(census, true, page, order), 2);
		assert_memory_equal(order, wanted + 1, 2 * sizeof(wanted[0]));
	}
}

static void test_census__counts_what_is_held_and_nothing_else(void **state)
{
	struct census *census = *state;
	struct bh_census_totals totals;

	assert_int_equal(bh_reader_census_totals(census->kit.reader, &totals), 0);
	assert_int_equal(totals.devices + totals.ops + totals.bytes, 0);
	assert_int_equal(totals.oldest_ms, 0);
	say(census, 0, 9 * KIT_MINUTE, 3, 900, 4 * KIT_MINUTE);
	say(census, 1, 3 * KIT_MINUTE, 7, 0, 0);
	say(census, 2, 1 * KIT_MINUTE, 0, 0, 0);
	kit_restart(&census->kit, true);
	assert_int_equal(bh_reader_census_totals(census->kit.reader, &totals), 0);
	assert_int_equal(totals.devices, 2);
	assert_int_equal(totals.ops, 10);
	assert_int_equal(totals.bytes, 900);
	assert_true(totals.oldest_ms == KIT_START_MS + 3 * KIT_MINUTE);
}

static void test_census__a_revoked_handset_is_waited_for_while_it_holds_something(void **state)
{
	struct census *census = *state;
	struct bh_census_query query = {.holding = true, .after_since_ms = INT64_MIN};
	struct bh_census_row row;
	size_t order[DEVICES], count;

	say(census, 0, KIT_MINUTE, 2, 80, 0);
	say(census, 1, KIT_MINUTE, 0, 0, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(kit_revoke(&census->kit, census->phones[i].device).verdict,
			BH_VERDICT_ACCEPTED);
	assert_int_equal(ask(census, false, DEVICES + 1, order), 3); /* 0, 3, 4 */
	assert_int_equal(bh_reader_census(census->kit.reader, &query, &row, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(row.device, census->phones[0].device);
	assert_int_equal(row.state, BH_DEVICE_REVOKED);
	assert_int_equal(row.contact.unsent_ops, 2);
	say(census, 0, 2 * KIT_MINUTE, 0, 0, 0); /* it drained */
	assert_int_equal(ask(census, false, DEVICES + 1, order), 2);
}

/* It is the handset's word: no two of them make the sum of all unreadable. */
static void test_census__no_word_of_a_handset_overflows_the_sum(void **state)
{
	static const char *const older = "UPDATE contact SET unsent_ops = 9223372036854775807, "
					 "unsent_bytes = 9223372036854775807";
	struct census *census = *state;
	struct bh_census_totals totals;
	size_t order[DEVICES];

	for (size_t i = 0; i < 3; i++)
		say(census, i, KIT_MINUTE, i ? UINT64_MAX : INT64_MAX, i ? UINT64_MAX : INT64_MAX,
			0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(bh_reader_census_totals(census->kit.reader, &totals), 0);
		assert_int_equal(totals.devices, 3);
		assert_int_equal(totals.ops, UINT64_C(3) << 32);
		assert_int_equal(totals.bytes, UINT64_C(3) << 40);
		assert_int_equal(ask(census, true, 1, order), 3);
		kit_down(&census->kit); /* kept before they were bounded */
		kit_sql(&census->kit, KIT_PATH, older);
		assert_int_equal(kit_up(&census->kit), 0);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_census, close_census)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_census__the_longest_since_comes_first_in_pages_of_any_size),
		CASE(test_census__counts_what_is_held_and_nothing_else),
		CASE(test_census__a_revoked_handset_is_waited_for_while_it_holds_something),
		CASE(test_census__no_word_of_a_handset_overflows_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
