/* Many main cases end at once, each with as many merged into it as there may be: what one of them
 * brings stands together or not at all, and no transaction holds more of them than it has room for.
 * What the closing of one takes on this machine is printed, not judged. */
#include <stdio.h>

#include "proto/clock.h"
#include "tests/unit/store/kit.h"

#define MAINS 22u
#define EACH BH_MERGED_MAX
#define OF_ONE (1u + EACH) /* the close, and an answer for each */

struct world {
	struct kit kit;
	struct phone phone;
	uint64_t mains[MAINS];
	uint64_t last[MAINS]; /* merged into each */
};

static void must(struct kit *kit, enum bh_verb verb, uint32_t person, uint64_t number)
{
	struct bh_command command = kit_desk(verb, person, number, "as agreed");

	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static void merge(struct kit *kit, uint64_t number, uint64_t main)
{
	struct bh_command command = kit_desk(
		BH_VERB_MERGE, BH_DEMO_PERSON(ACCEPTOR), number, "the same");

	command.main_number = main;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static void merge_each(struct world *w, size_t at)
{
	struct push push;
	size_t made = 0;

	while (made < EACH) {
		push_begin(&push);
		for (size_t i = 0; i < KIT_JOB_MAX && made + i < EACH; i++)
			push_report(&w->kit, &push, &w->phone, "litter");
		assert_int_equal(push_run(&w->kit, &push), 0);
		for (size_t i = 0; i < push.job.count; i++, made++)
			merge(&w->kit, push.outcomes[i].case_number, w->mains[at]);
		w->last[at] = push.outcomes[push.job.count - 1].case_number;
		push_end(&push);
	}
}

static void all_done(struct world *w)
{
	for (size_t i = 0; i < MAINS; i++) {
		must(&w->kit, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), w->mains[i]);
		uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, w->mains[i]).unit);
		must(&w->kit, BH_VERB_SIGN, lead, w->mains[i]);
		must(&w->kit, BH_VERB_FINISH, lead, w->mains[i]);
	}
}

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 11);
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < MAINS; i++) {
		w->mains[i] = kit_report(&w->kit, &w->phone, "litter");
		merge_each(w, i);
	}
	all_done(w);
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

static struct bh_writer_counts counts_of(const struct world *w)
{
	struct bh_writer_counts counts;

	bh_writer_counts(w->kit.writer, &counts);
	return counts;
}

/* How many main cases have ended; what is merged into each has its answer, or has none. */
static size_t answered(struct world *w, uint32_t cycle)
{
	size_t count = 0;

	for (size_t i = 0; i < MAINS; i++) {
		bool ended = kit_case(&w->kit, w->mains[i]).state == BH_STATE_CLOSED;
		assert_int_equal(kit_case(&w->kit, w->last[i]).cycle, cycle + ended);
		count += ended;
	}
	return count;
}

static void all_close(struct world *w)
{
	struct bh_command commands[MAINS];
	struct bh_outcome outcomes[MAINS] = {{0}};
	struct bh_job each[MAINS], *jobs[MAINS];

	for (size_t i = 0; i < MAINS; i++) {
		commands[i] = kit_desk(
			BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), w->mains[i], "as agreed");
		each[i] = (struct bh_job){
			.commands = &commands[i], .count = 1, .outcomes = &outcomes[i]};
		jobs[i] = &each[i];
	}
	struct bh_writer_counts before = counts_of(w);
	uint64_t head = kit_head(&w->kit);
	int64_t from_ms = bh_clock_system().now(NULL).mono_ms;
	assert_int_equal(bh_writer_run(w->kit.writer, w->kit.now, jobs, MAINS, &w->kit.wakes), 0);
	printf("# %u cases with %u each: %lld ms, %llu pages\n", MAINS, EACH,
		(long long)(bh_clock_system().now(NULL).mono_ms - from_ms),
		(unsigned long long)(counts_of(w).wal_pages - before.wal_pages));
	for (size_t i = 0; i < MAINS; i++)
		assert_int_equal(outcomes[i].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_head(&w->kit) - head, MAINS * OF_ONE);
	assert_int_equal(counts_of(w).commits - before.commits, 2);
}

static void test_merged_many__commands_that_bring_many_entries_share_no_transaction(void **state)
{
	struct world *w = *state;
	struct bh_verify_report report;

	all_close(w);
	assert_int_equal(answered(w, 1), MAINS);
	assert_int_equal(kit_verify(&w->kit, &report), 0);
}

/* The power goes at some instants of it: of each main case all stands, or nothing. */
static void test_merged_many__a_cut_leaves_whole_ends(void **state)
{
	struct world *w = *state;
	struct kit *kit = &w->kit;
	size_t ended = 0, seen_between = 0;

	for (uint64_t place = 1; ended < MAINS; place = place * 3 / 2 + 1) {
		struct bh_command command;
		for (size_t i = 0; i < MAINS; i++) {
			if (kit_case(kit, w->mains[i]).state == BH_STATE_CLOSED)
				continue;
			command = kit_desk(
				BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), w->mains[i], "as agreed");
			break;
		}
		struct bh_outcome outcome = {0};
		struct bh_job job = {.commands = &command, .count = 1, .outcomes = &outcome};
		struct bh_job *jobs[] = {&job};
		bh_simvfs_stop_at(kit->vfs, place);
		(void)bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes);
		bool cut = bh_simvfs_is_stopped(kit->vfs);
		bh_simvfs_stop_at(kit->vfs, 0);
		if (cut) {
			bh_simvfs_crash(kit->vfs);
			kit_down(kit);
			assert_int_equal(kit_up(kit), 0);
			seen_between++;
		}
		ended = answered(w, 1);
	}
	assert_true(seen_between > 3);
}

static void test_merged_many__the_clocks_turn_ends_where_a_transaction_has_enough(void **state)
{
	struct world *w = *state;
	size_t turns = 0, fired = 1;

	kit_pass(&w->kit, 2 * 24 * 60 * KIT_MINUTE);
	while (fired > 0) {
		uint64_t head = kit_head(&w->kit);
		assert_int_equal(
			bh_writer_tick(w->kit.writer, w->kit.now, 2000, &fired, &w->kit.wakes), 0);
		assert_true(kit_head(&w->kit) - head < BH_GROUP_ENTRIES_MAX + OF_ONE);
		turns += fired > 0;
	}
	assert_int_equal(answered(w, 1), MAINS);
	assert_true(turns >= 2 && turns <= 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_merged_many__commands_that_bring_many_entries_share_no_transaction,
			open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_merged_many__a_cut_leaves_whole_ends, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_merged_many__the_clocks_turn_ends_where_a_transaction_has_enough,
			open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
