/* New rules and the cases that are open: what the clock does next is that of the new rules at once,
 * what they were promised stays, and a replay comes to the same. */
#include "tests/unit/store/kit.h"

#define MANY 300u /* more than are looked at in one go */

struct world {
	struct kit kit;
	struct phone phone;
	struct bh_demo_profile demo;
};

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 6);
	bh_demo_profile(&w->demo);
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	kit_close(&w->kit);
	test_free(w);
	return 0;
}

static struct bh_outcome profile_give(struct world *w)
{
	w->kit.payload.len = 0;
	assert_int_equal(bh_encode_profile(&w->demo.profile, &w->kit.payload), 0);
	return kit_operator(&w->kit, BH_VERB_PROFILE, bh_buf_span(&w->kit.payload));
}

static void profile_take(struct world *w)
{
	struct bh_outcome outcome = profile_give(w);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static struct bh_msg_settings *settings(struct world *w)
{
	return &w->demo.profile.settings;
}

static void holds(struct world *w)
{
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
}

static void test_rules__a_breached_case_is_dispatched_when_the_clock_is_switched_on(void **state)
{
	struct world *w = *state;

	settings(w)->automatic_off = true;
	profile_take(w);
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");
	kit_pass(&w->kit, 31 * KIT_MINUTE);
	assert_true(kit_tick(&w->kit) > 0);
	struct bh_case cased = kit_case(&w->kit, number);
	assert_int_equal(cased.breached, 1);
	assert_int_equal(cased.next_ms, cased.dispatch_due_ms + 30 * KIT_MINUTE); /* it calls */
	assert_int_equal(cased.state, BH_STATE_RECEIVED);
	holds(w);

	settings(w)->automatic_off = false;
	profile_take(w);
	cased = kit_case(&w->kit, number);
	assert_in_range(cased.next_ms, 1, w->kit.now.wall_ms);
	assert_int_equal(bh_writer_wake_mono_ms(w->kit.writer, w->kit.now), w->kit.now.mono_ms);
	holds(w);
	kit_restart(&w->kit, true);
	assert_int_equal(kit_tick(&w->kit), 1);
	cased = kit_case(&w->kit, number);
	assert_int_equal(cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(cased.automatic, 1);
	holds(w);
}

static void test_rules__switched_off_the_clock_leaves_the_dispatch_to_people(void **state)
{
	struct world *w = *state;
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	settings(w)->automatic_off = true;
	profile_take(w);
	kit_pass(&w->kit, 29 * KIT_MINUTE);
	kit_tick(&w->kit);
	struct bh_case cased = kit_case(&w->kit, number);
	assert_int_equal(cased.state, BH_STATE_RECEIVED);
	assert_int_equal(cased.next_ms, cased.dispatch_due_ms); /* the breach */
	holds(w);
}

static void test_rules__a_rule_for_dispatch_at_once_acts_on_what_waits(void **state)
{
	struct world *w = *state;
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	assert_int_equal(kit_tick(&w->kit), 0);
	for (size_t i = 0; i < w->demo.profile.routes_count; i++)
		w->demo.routes[i].immediate = true;
	w->demo.routes[0].class = 0;
	w->demo.routes[0].type = BH_DEMO_LITTER;
	profile_take(w);
	assert_int_equal(kit_tick(&w->kit), 1);
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_DISPATCHED);
	assert_int_equal(kit_case(&w->kit, number).automatic, 2);
	holds(w);
}

static void test_rules__a_wider_margin_acts_earlier_and_promises_stay(void **state)
{
	struct world *w = *state;
	uint64_t old = kit_report(&w->kit, &w->phone, "before");
	struct bh_case before = kit_case(&w->kit, old);

	settings(w)->dispatch_limit_min = 20;
	settings(w)->dispatch_margin_min = 18;
	profile_take(w);
	uint64_t fresh = kit_report(&w->kit, &w->phone, "after");
	struct bh_case after = kit_case(&w->kit, old);
	assert_int_equal(after.dispatch_due_ms, before.dispatch_due_ms);
	assert_int_equal(after.next_ms, before.dispatch_due_ms - 18 * KIT_MINUTE);
	assert_int_equal(
		kit_case(&w->kit, fresh).dispatch_due_ms, w->kit.now.wall_ms + 20 * KIT_MINUTE);
	holds(w);
	kit_pass(&w->kit, 12 * KIT_MINUTE);
	assert_int_equal(kit_tick(&w->kit), 2);
	assert_int_equal(kit_case(&w->kit, old).state, BH_STATE_DISPATCHED);
	settings(w)->sign_limit_work_min = 7;
	profile_take(w);
	settings(w)->check_limit_work_min = 7;
	profile_take(w);
	holds(w); /* each clock by the rules it started under */
}

static void test_rules__every_open_case_is_looked_at_again(void **state)
{
	struct world *w = *state;
	uint64_t numbers[MANY];

	for (size_t i = 0; i < MANY; i++)
		numbers[i] = kit_report(&w->kit, &w->phone, "litter");
	settings(w)->dispatch_margin_min = 16;
	profile_take(w);
	for (size_t i = 0; i < MANY; i++) {
		struct bh_case cased = kit_case(&w->kit, numbers[i]);
		assert_int_equal(cased.next_ms, cased.dispatch_due_ms - 16 * KIT_MINUTE);
	}
	holds(w);
}

static void test_rules__that_could_not_be_kept_change_nothing(void **state)
{
	struct world *w = *state;
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");
	struct bh_case before = kit_case(&w->kit, number);

	settings(w)->dispatch_margin_min = 16;
	kit_fill(&w->kit);
	assert_int_equal(profile_give(w).err, BH_ERR_FULL);
	bh_simvfs_heal(w->kit.vfs);
	assert_int_equal(kit_case(&w->kit, number).next_ms, before.next_ms);
	uint64_t later = kit_report(&w->kit, &w->phone, "by the old rules");
	assert_int_equal(kit_case(&w->kit, later).next_ms, before.next_ms);
	holds(w);
	profile_take(w);
	assert_int_not_equal(kit_case(&w->kit, number).next_ms, before.next_ms);
	holds(w);
}

static void test_rules__limits_that_are_divided_verify_too(void **state)
{
	struct world *w = *state;

	w->kit.options.due_divisor = 60;
	kit_restart(&w->kit, false);
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");
	assert_int_equal(kit_case(&w->kit, number).dispatch_due_ms, w->kit.now.wall_ms + 30000);
	holds(w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		CASE(test_rules__a_breached_case_is_dispatched_when_the_clock_is_switched_on),
		CASE(test_rules__switched_off_the_clock_leaves_the_dispatch_to_people),
		CASE(test_rules__a_rule_for_dispatch_at_once_acts_on_what_waits),
		CASE(test_rules__a_wider_margin_acts_earlier_and_promises_stay),
		CASE(test_rules__every_open_case_is_looked_at_again),
		CASE(test_rules__that_could_not_be_kept_change_nothing),
		CASE(test_rules__limits_that_are_divided_verify_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
