/* A handset that dates an op back is held to what its log said before, also by the next process,
 * and to what it names as seen (server/domain/decide_capture.c). */
#include "tests/unit/store/kit.h"

#define HOUR (60 * KIT_MINUTE)

static int open_kit(void **state)
{
	return kit_setup(state, 21);
}

static int close_kit(void **state)
{
	return kit_teardown(state);
}

static struct bh_entry last_entry(struct kit *kit)
{
	struct bh_entry entry;

	bh_arena_reset(&kit->arena);
	assert_int_equal(bh_reader_entry(kit->reader, kit_head(kit), &kit->arena, &entry), 0);
	return entry;
}

/* One op of now less so much; by a clock that is wrong by as much as bound_ms. */
static struct bh_entry reported(
	struct kit *kit, struct phone *phone, int64_t back_ms, int64_t bound_ms)
{
	struct push push;

	push_begin(&push);
	struct bh_command *command = push_report(kit, &push, phone, "litter");
	command->captured_ms -= back_ms;
	command->clock_bound_ms = bound_ms;
	push_seal(kit, &push, phone);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	return last_entry(kit);
}

static void test_backdate__an_op_is_not_before_what_its_log_said(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	struct bh_entry first = reported(kit, &phone, 2 * HOUR, 100);
	kit_pass(kit, KIT_MINUTE);
	struct bh_entry next = reported(kit, &phone, HOUR, 100); /* an offline day, in order */
	assert_true(next.captured_ms == next.at_ms - HOUR);
	assert_int_equal(next.captured_bound_ms, 100);
	struct bh_entry held = reported(kit, &phone, 2 * HOUR, 100);
	assert_true(held.captured_ms == next.captured_ms - 100);
	assert_true(held.captured_ms + held.captured_bound_ms == held.at_ms);
	assert_true(first.captured_ms < held.captured_ms);
	kit_restart(kit, false);
	held = reported(kit, &phone, 2 * HOUR, 100);
	assert_true(held.captured_ms == next.captured_ms - 100);
}

/* What nobody believes holds nothing: another boot's clock may be a day off. */
static void test_backdate__a_clock_that_is_not_believed_holds_nothing(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	reported(kit, &phone, 0, 24 * HOUR);
	kit_pass(kit, KIT_MINUTE);
	struct bh_entry next = reported(kit, &phone, 2 * HOUR, 100);
	assert_true(next.captured_ms == next.at_ms - 2 * HOUR);
	struct bh_entry loose = reported(kit, &phone, 3 * HOUR, 24 * HOUR);
	assert_true(loose.captured_ms == loose.at_ms - 3 * HOUR);
	/* ... and breaks no chain. */
	struct bh_entry held = reported(kit, &phone, 3 * HOUR, 100);
	assert_true(held.captured_ms == next.captured_ms - 100);
}

static struct bh_entry signed_by(
	struct kit *kit, struct phone *phone, uint64_t number, uint64_t base, int64_t back_ms)
{
	struct push push;

	push_begin(&push);
	struct bh_command *command = push_op(kit, &push, phone, BH_VERB_SIGN, number, "");
	command->cycle = 1;
	command->base_position = base;
	command->captured_ms -= back_ms;
	push_seal(kit, &push, phone);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	return last_entry(kit);
}

static void test_backdate__an_op_is_not_before_what_it_had_seen(void **state)
{
	struct kit *kit = *state;
	struct phone reporter, handler;

	kit_enrol(kit, &reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	for (int honest = 0; honest < 2; honest++) {
		uint64_t number = kit_report(kit, &reporter, "litter");
		struct bh_command command = kit_desk(
			BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "go");
		command.unit = BH_DEMO_CLEAN_A;
		assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
		struct bh_entry seen = last_entry(kit);
		kit_pass(kit, HOUR);
		int64_t back_ms = honest ? HOUR : HOUR + KIT_MINUTE;
		struct bh_entry entry = signed_by(kit, &handler, number, seen.position, back_ms);
		assert_true(entry.captured_ms == seen.at_ms);
		assert_true(entry.captured_bound_ms == (honest ? 100u : (uint32_t)HOUR));
		assert_int_equal(
			kit_case(kit, number).held_to, honest ? BH_HELD_NOT : BH_HELD_SEEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_backdate__an_op_is_not_before_what_its_log_said, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_backdate__a_clock_that_is_not_believed_holds_nothing, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_backdate__an_op_is_not_before_what_it_had_seen, open_kit, close_kit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
