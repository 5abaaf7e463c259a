/* Orders on disk: numbers without holes within a year, rows from entries alone, what a case's
 * course raises and ends, the clock's turn, and what a replay of the journal gives. */
#include "server/store/order.h"
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	return kit_setup(state, 6);
}

static int close_kit(void **state)
{
	return kit_teardown(state);
}

static struct bh_order order_of(struct kit *kit, uint64_t ref)
{
	struct bh_order order;

	assert_int_equal(bh_reader_order(kit->reader, ref, &order), 0);
	return order;
}

static struct bh_outcome issue(
	struct kit *kit, uint32_t kind, uint32_t unit, uint64_t number, enum bh_verdict verdict)
{
	struct bh_command command = kit_desk(
		BH_VERB_ORDER, BH_DEMO_PERSON(SUPERVISOR), number, "how is it?");

	command.reason_code = kind;
	command.unit = unit;
	struct bh_outcome outcome = kit_run(kit, &command);
	assert_int_equal(outcome.verdict, verdict);
	return outcome;
}

static uint64_t ref_at(struct kit *kit, uint64_t position)
{
	struct bh_order order;

	assert_int_equal(bh_reader_order_at(kit->reader, position, &order), 0);
	return order.ref;
}

static void test_order__numbers_have_no_holes_and_begin_anew_each_year(void **state)
{
	struct kit *kit = *state;
	static const uint32_t kinds[] = {3, 3, 3};

	for (uint32_t i = 0; i < 3; i++) {
		struct bh_outcome outcome = issue(
			kit, kinds[i], BH_DEMO_GAS, 0, BH_VERDICT_ACCEPTED);
		assert_int_equal(ref_at(kit, outcome.position),
			BH_ORDER_REF(BH_ORDER_HAND_OVER, 2026, 1, i + 1));
		(void)issue(kit, 3, 4711, 0, BH_VERDICT_REJECTED); /* which leaves no hole */
	}
	kit_restart(kit, true);
	kit_pass(kit, 304 * 24 * 60 * KIT_MINUTE + 14 * 60 * KIT_MINUTE); /* 2026-12-31, 23:00 */
	struct bh_outcome outcome = issue(kit, 3, BH_DEMO_GAS, 0, BH_VERDICT_ACCEPTED);
	assert_int_equal(
		ref_at(kit, outcome.position), BH_ORDER_REF(BH_ORDER_HAND_OVER, 2026, 1, 4));
	kit_pass(kit, 60 * KIT_MINUTE);
	outcome = issue(kit, 3, BH_DEMO_GAS, 0, BH_VERDICT_ACCEPTED);
	assert_int_equal(
		ref_at(kit, outcome.position), BH_ORDER_REF(BH_ORDER_HAND_OVER, 2027, 1, 1));
}

static uint64_t dispatched(struct kit *kit, struct phone *phone)
{
	kit_enrol(kit, phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, phone, "litter");
	kit_pass(kit, 26 * KIT_MINUTE);
	(void)kit_tick(kit);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_DISPATCHED);
	return number;
}

static size_t orders_of(struct kit *kit, uint64_t number, struct bh_order orders[8])
{
	size_t count = 0;

	assert_int_equal(bh_reader_orders_of(kit->reader, number, 0, orders, 8, &count), 0);
	return count;
}

static void ticks(struct kit *kit, int64_t until_ms)
{
	while (kit->now.wall_ms < until_ms) {
		kit_pass(kit, 30 * KIT_MINUTE);
		while (kit_tick(kit) > 0)
			continue;
	}
}

static void test_order__an_overdue_limit_raises_one_and_the_units_work_ends_it(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_order orders[8];
	uint64_t number = dispatched(kit, &phone);

	ticks(kit, kit_case(kit, number).disposal_due_ms + KIT_MINUTE);
	assert_int_equal(orders_of(kit, number, orders), 1);
	assert_int_equal(BH_ORDER_KIND(orders[0].ref), BH_ORDER_CHASER);
	assert_int_equal(orders[0].unit, kit_case(kit, number).unit);
	assert_int_equal(orders[0].state, BH_ORDER_ISSUED);
	ticks(kit, kit_case(kit, number).disposal_due_ms + 73 * 60 * KIT_MINUTE);
	size_t count = orders_of(kit, number, orders);
	assert_int_equal(count, 3);
	assert_int_equal(orders[0].told, 1); /* nobody answered */
	/* Called again and again, it is written to no more. */
	ticks(kit, kit_case(kit, number).disposal_due_ms + 30 * 24 * 60 * KIT_MINUTE);
	assert_in_range(kit_case(kit, number).overdue_calls, 2, 10);
	assert_int_equal(orders_of(kit, number, orders), count);
	struct bh_command finish = kit_desk(
		BH_VERB_FINISH, BH_DEMO_LEAD(orders[0].unit), number, "done");
	struct bh_case cased = kit_case(kit, number);
	if (cased.state == BH_STATE_DISPATCHED) {
		struct bh_command sign = kit_desk(
			BH_VERB_SIGN, BH_DEMO_LEAD(cased.unit), number, "signed");
		assert_int_equal(kit_run(kit, &sign).verdict, BH_VERDICT_ACCEPTED);
	}
	assert_int_equal(kit_run(kit, &finish).verdict, BH_VERDICT_ACCEPTED);
	count = orders_of(kit, number, orders);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(orders[i].state, BH_ORDER_CLOSED);
		assert_int_equal(orders[i].next_ms, 0);
	}
}

static void test_order__is_told_up_at_its_instant_after_a_power_cut_too(void **state)
{
	struct kit *kit = *state;
	struct bh_outcome outcome = issue(kit, 3, BH_DEMO_GAS, 0, BH_VERDICT_ACCEPTED);
	uint64_t ref = ref_at(kit, outcome.position);
	int64_t due_ms = order_of(kit, ref).due_ms;

	kit_pass(kit, due_ms - kit->now.wall_ms - 1);
	(void)kit_tick(kit);
	assert_int_equal(order_of(kit, ref).told, 0);
	assert_int_equal(bh_writer_wake_mono_ms(kit->writer, kit->now), kit->now.mono_ms + 1);
	kit_restart(kit, true);
	kit_pass(kit, 1);
	assert_int_equal(kit_tick(kit), 1);
	assert_int_equal(order_of(kit, ref).told, 1);
	assert_int_equal(kit_tick(kit), 0);
	struct bh_command answer = kit_desk(
		BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), 0, "soon");
	answer.order = ref;
	outcome = kit_run(kit, &answer);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(order_of(kit, ref).answer, outcome.position);
	assert_int_equal(order_of(kit, ref).late, 1);
	answer.order = ref + 1;
	assert_int_equal(kit_run(kit, &answer).verdict, BH_VERDICT_REJECTED);
}

/* Verification sees a row that no entry made. */
static void test_order__a_row_that_is_no_entrys_is_found(void **state)
{
	struct kit kit;
	struct bh_verify_report report;

	(void)state;
	kit_open(&kit, 7);
	(void)issue(&kit, 3, BH_DEMO_GAS, 0, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_verify(&kit, &report), 0);
	kit_down(&kit);
	kit_sql(&kit, KIT_PATH, "UPDATE orders SET next_ms = next_ms + 1");
	assert_int_equal(kit_up(&kit), 0);
	assert_int_equal(kit_verify(&kit, &report), BH_ERR_CORRUPT);
	assert_non_null(strstr(report.what, "orders"));
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_order__numbers_have_no_holes_and_begin_anew_each_year, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_order__an_overdue_limit_raises_one_and_the_units_work_ends_it,
			open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_order__is_told_up_at_its_instant_after_a_power_cut_too, open_kit,
			close_kit),
		cmocka_unit_test(test_order__a_row_that_is_no_entrys_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
