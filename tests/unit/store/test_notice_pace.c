/* Whoever may report may send what is urgent without end: it delays nobody else's notices, each
 * unit is told of each of its cases, and nobody is told without end where to look. */
#include "server/store/notice.h"
#include "tests/unit/store/kit.h"

#define FLOOD 100u /* cases of one reporter, in three pushes */
#define ROWS 2000u
#define LEAD BH_DEMO_LEAD(BH_DEMO_GAS)
#define LEADER BH_DEMO_PERSON(SHIFT_LEADER)

static struct bh_notice_row rows[ROWS];
static size_t rows_count;

static int open_kit(void **state)
{
	return kit_setup(state, 42);
}

static void look(struct kit *kit)
{
	assert_int_equal(bh_reader_notices(kit->reader, 0, 0, rows, ROWS, &rows_count), 0);
}

static size_t count_of(uint32_t person, uint32_t kind, uint32_t lane)
{
	size_t count = 0;

	for (size_t i = 0; i < rows_count; i++)
		count += rows[i].person == person && rows[i].kind == kind && rows[i].lane == lane;
	return count;
}

/* Gas that escapes: the rules dispatch it at once. */
static void flood(struct kit *kit, struct phone *phone, unsigned count)
{
	while (count > 0) {
		struct push push;

		push_begin(&push);
		for (unsigned i = 0; i < 50 && count > 0; i++, count--) {
			push_report(kit, &push, phone, "gas")->type = BH_DEMO_GAS_LEAK;
			push_seal(kit, &push, phone);
		}
		assert_int_equal(push_run(kit, &push), 0);
		push_end(&push);
	}
	kit_tick(kit);
}

static void test_I13_notice__a_flood_of_P1_is_urgent_up_to_its_reporters_pace(void **state)
{
	struct kit *kit = *state;
	const uint32_t urgent = BH_NOTICE_LANE(0u, true), usual = BH_NOTICE_LANE(0u, false);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	flood(kit, &phone, FLOOD);
	look(kit);
	assert_int_equal(count_of(LEAD, BH_NOTICE_URGENT, urgent), BH_NOTICE_PACE_BURST);
	assert_int_equal(count_of(LEAD, BH_NOTICE_URGENT, usual), FLOOD - BH_NOTICE_PACE_BURST);
	assert_int_equal(count_of(LEADER, BH_NOTICE_URGENT_TOLD, urgent), BH_NOTICE_PACE_BURST);
	assert_int_equal(count_of(LEADER, BH_NOTICE_URGENT_TOLD, usual), 0);
	assert_int_equal(count_of(LEADER, BH_NOTICE_URGENT_MORE, urgent), 1);
	kit_pass(kit, BH_NOTICE_MORE_MS);
	flood(kit, &phone, 2);
	look(kit);
	assert_int_equal(count_of(LEADER, BH_NOTICE_URGENT_MORE, urgent), 2);
}

static void test_I13_notice__who_reports_beside_a_flood_is_told_of_as_ever(void **state)
{
	struct kit *kit = *state;
	const uint32_t urgent = BH_NOTICE_LANE(0u, true);
	struct phone phone, other;
	size_t before, count = 0;
	struct bh_notice_row due[4];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	flood(kit, &phone, FLOOD);
	look(kit);
	before = count_of(LEAD, BH_NOTICE_URGENT, urgent);
	flood(kit, &other, 1);
	look(kit);
	assert_int_equal(count_of(LEAD, BH_NOTICE_URGENT, urgent), before + 1);
	/* What has to be acknowledged goes before what only says where to look. */
	assert_int_equal(
		bh_reader_notices_due(kit->reader, urgent, kit->now.wall_ms, due, 4, &count), 0);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(due[i].kind, BH_NOTICE_URGENT);
}

/* Minutes later there is room again; and who was not heard is followed by the next in the same
 * manner. */
static void test_I13_notice__a_pace_comes_back_and_calls_keep_to_it(void **state)
{
	struct kit *kit = *state;
	const uint32_t urgent = BH_NOTICE_LANE(0u, true), usual = BH_NOTICE_LANE(0u, false);
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	flood(kit, &phone, FLOOD);
	kit_pass(kit, BH_NOTICE_ACK_MS);
	kit_tick(kit);
	look(kit);
	assert_int_equal(count_of(LEADER, BH_NOTICE_CALLED, urgent), BH_NOTICE_PACE_BURST);
	assert_true(count_of(LEADER, BH_NOTICE_CALLED, usual) > 0);
	size_t before = count_of(LEAD, BH_NOTICE_URGENT, urgent);
	kit_pass(kit, BH_NOTICE_PACE_MS);
	flood(kit, &phone, 1);
	look(kit);
	assert_int_equal(count_of(LEAD, BH_NOTICE_URGENT, urgent), before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, kit_teardown)
		TEST(test_I13_notice__a_flood_of_P1_is_urgent_up_to_its_reporters_pace),
		TEST(test_I13_notice__who_reports_beside_a_flood_is_told_of_as_ever),
		TEST(test_I13_notice__a_pace_comes_back_and_calls_keep_to_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
