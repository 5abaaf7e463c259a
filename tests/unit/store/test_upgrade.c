/* What a program before the clock's later steps left: it is served at once, and what had ended is
 * brought up to date in slices beside, whatever happens between two of them. */
#include <string.h>

#include "tests/unit/store/kit.h"

#define ENDED 600u
#define SLICE 256u
#define DAY (24 * 60 * KIT_MINUTE)

struct world {
	struct kit kit;
	struct phone phone;
	uint64_t numbers[ENDED];
};

static void must(struct kit *kit, enum bh_verb verb, uint32_t person, uint64_t number)
{
	struct bh_command command = kit_desk(verb, person, number, "as agreed");

	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static uint64_t closed(struct world *w)
{
	struct kit *kit = &w->kit;
	uint64_t number = kit_report(kit, &w->phone, "litter");

	must(kit, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number);
	uint32_t lead = BH_DEMO_LEAD(kit_case(kit, number).unit);
	must(kit, BH_VERB_SIGN, lead, number);
	must(kit, BH_VERB_FINISH, lead, number);
	must(kit, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number);
	return number;
}

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 9);
	w->kit.nowhere = true;
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < ENDED; i++)
		w->numbers[i] = closed(w);
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

static void age(struct world *w)
{
	kit_down(&w->kit);
	kit_sql(&w->kit, KIT_PATH, KIT_SCHEMA_2 "UPDATE cases SET next_ms = 0 WHERE open = 0");
}

static size_t known(struct world *w)
{
	size_t count = 0;

	for (size_t i = 0; i < ENDED; i++)
		count += kit_case(&w->kit, w->numbers[i]).next_ms != 0;
	return count;
}

static void holds(struct world *w)
{
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
}

static void test_upgrade__what_had_ended_is_brought_up_in_slices_beside_todays_alarms(void **state)
{
	struct world *w = *state;
	struct kit *kit = &w->kit;
	uint64_t today = kit_report(kit, &w->phone, "of today");

	age(w);
	kit_pass(kit, 31 * KIT_MINUTE);
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(known(w), 0);
	holds(w);
	for (size_t slices = 1; slices <= 2; slices++) {
		(void)kit_tick(kit);
		assert_int_equal(kit_case(kit, today).state, BH_STATE_DISPATCHED);
		assert_int_equal(known(w), slices * SLICE);
		assert_true(
			bh_writer_wake_mono_ms(kit->writer, kit->now) <= kit->now.mono_ms + 200);
		holds(w);
	}
	kit_profile(kit); /* other rules come between, and a case that moves by itself */
	must(kit, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), w->numbers[ENDED - 1]);
	holds(w);
	(void)kit_tick(kit);
	assert_int_equal(known(w), ENDED);
	assert_true(bh_writer_wake_mono_ms(kit->writer, kit->now) > kit->now.mono_ms + 1000);
	holds(w);
	kit_pass(kit, 7 * DAY);
	while (kit_tick(kit) > 0)
		;
	assert_int_equal(kit_case(kit, w->numbers[0]).state, BH_STATE_ARCHIVED);
	assert_int_equal(kit_case(kit, w->numbers[ENDED - 2]).state, BH_STATE_ARCHIVED);
	holds(w);
}

/* E13: cut at every place where a slice writes, it goes on behind the last one that was whole. */
static void test_upgrade__one_that_is_cut_goes_on_where_it_was(void **state)
{
	struct world *w = *state;
	struct kit *kit = &w->kit;
	bool struck = true;
	uint64_t place = 1;
	size_t fired = 0;

	for (; struck; place++) {
		age(w);
		assert_int_equal(kit_up(kit), 0);
		bh_simvfs_stop_at(kit->vfs, place);
		for (size_t i = 0; i < 3 && !bh_simvfs_is_stopped(kit->vfs); i++)
			(void)bh_writer_tick(kit->writer, kit->now, 64, &fired, &kit->wakes);
		struck = bh_simvfs_is_stopped(kit->vfs);
		if (struck) {
			bh_simvfs_crash(kit->vfs);
			kit_down(kit);
			assert_int_equal(kit_up(kit), 0);
			size_t before = known(w);
			assert_true(before == ENDED || before % SLICE == 0);
			for (size_t i = 0; i < 3; i++)
				(void)kit_tick(kit);
		}
		bh_simvfs_stop_at(kit->vfs, 0);
		assert_int_equal(known(w), ENDED);
	}
	assert_true(place > 8);
	holds(w);
}

static void test_upgrade__no_room_on_the_disk_keeps_no_alarm_from_firing(void **state)
{
	struct world *w = *state;
	struct kit *kit = &w->kit;
	size_t fired = 0;

	age(w);
	assert_int_equal(kit_up(kit), 0);
	kit_fill(kit);
	(void)bh_writer_tick(kit->writer, kit->now, 64, &fired, &kit->wakes);
	assert_int_equal(known(w), 0);
	bh_simvfs_heal(kit->vfs);
	uint64_t today = kit_report(kit, &w->phone, "of today");
	kit_pass(kit, 31 * KIT_MINUTE);
	for (size_t i = 0; i < 4; i++)
		(void)kit_tick(kit);
	assert_int_equal(kit_case(kit, today).state, BH_STATE_DISPATCHED);
	assert_int_equal(known(w), ENDED);
	holds(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_upgrade__what_had_ended_is_brought_up_in_slices_beside_todays_alarms,
			open_world, close_world),
		cmocka_unit_test_setup_teardown(test_upgrade__one_that_is_cut_goes_on_where_it_was,
			open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_upgrade__no_room_on_the_disk_keeps_no_alarm_from_firing, open_world,
			close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
