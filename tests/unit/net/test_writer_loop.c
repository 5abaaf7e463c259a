/* The writer's thread over a real district's file: groups, turns between them, its bounds, its
 * stop, and the commit of which nobody knows what it came to. */
#include "tests/unit/proto/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/net/writer_loop.h"
#include "tests/sim/vfs.h"
#include "tests/unit/domain/demo_rules.h"

#define CODE "371482"
#define JOBS 40
#define WAIT_MS_MAX 20000
#define BALLAST_BYTES 300000

struct kit {
	struct bh_simvfs *vfs;
	struct bh_store_options options;
	struct bh_writer_loop *loop;
	struct bh_demo_profile demo;
	struct bh_buf profile;
	pthread_t tester;
	atomic_uint done, here, failed, cut, woke; /* here: on the tester's own thread */
	atomic_int fatal;
	atomic_int ballast; /* as told */
	int bell;
};

struct task {
	struct bh_errand errand;
	struct bh_job job;
	struct bh_command command;
	struct bh_outcome outcome;
	struct kit *kit;
	unsigned turns, turns_wanted;
};

static void on_woke(void *context, const struct bh_wakes *wakes)
{
	(void)wakes;
	atomic_fetch_add(&((struct kit *)context)->woke, 1);
}

static void ring(struct kit *kit)
{
	uint64_t one = 1;
	assert_int_equal(write(kit->bell, &one, sizeof(one)), sizeof(one));
}

static void on_fatal(void *context, int err)
{
	struct kit *kit = context;
	atomic_store(&kit->fatal, err);
	ring(kit);
}

static void on_ballast(void *context, enum bh_ballast_state state)
{
	atomic_store(&((struct kit *)context)->ballast, (int)state);
}

static void wait_for_bell(struct kit *kit)
{
	struct pollfd ready = {.fd = kit->bell, .events = POLLIN};
	uint64_t rings;
	assert_int_equal(poll(&ready, 1, WAIT_MS_MAX), 1);
	assert_int_equal(read(kit->bell, &rings, sizeof(rings)), sizeof(rings));
}

static void wait_for_done(struct kit *kit, unsigned count)
{
	while (atomic_load(&kit->done) < count)
		wait_for_bell(kit);
}

static int kit_open(void **state)
{
	static struct kit kit;
	const struct bh_simvfs_config config = {.number = 90, .seed = 91};
	const struct bh_writer_events events = {&kit, on_woke, on_fatal, on_ballast};
	struct bh_clock clock = bh_clock_system();
	const char *detail = "";
	memset(&kit, 0, sizeof(kit));
	kit.tester = pthread_self();
	kit.bell = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(bh_simvfs_create(&config, &kit.vfs), 0);
	kit.options = (struct bh_store_options){.path = "/d/district.db",
		.vfs = bh_simvfs_name(kit.vfs),
		.rng = bh_rng_system(),
		.boot = 1,
		.ballast_bytes = BALLAST_BYTES};
	assert_int_equal(bh_store_create(&kit.options, CODE, clock.now(clock.context)), 0);
	assert_int_equal(bh_writer_loop_new(&kit.options, clock, &events, &kit.loop, &detail), 0);
	bh_demo_profile(&kit.demo);
	kit.profile = BH_BUF(1u << 20);
	assert_int_equal(bh_encode_profile(&kit.demo.profile, &kit.profile), 0);
	*state = &kit;
	return 0;
}

static int kit_close(void **state)
{
	struct kit *kit = *state;
	bh_writer_loop_free(kit->loop);
	bh_buf_free(&kit->profile);
	bh_simvfs_free(kit->vfs);
	(void)close(kit->bell);
	return 0;
}

static void task_done(struct bh_errand *errand)
{
	struct task *task = (struct task *)(void *)errand;
	struct kit *kit = task->kit;
	if (pthread_equal(kit->tester, pthread_self()))
		atomic_fetch_add(&kit->here, 1);
	if (task->errand.job && (task->job.err || task->outcome.err))
		atomic_fetch_add(&kit->failed, 1);
	if (task->errand.cut)
		atomic_fetch_add(&kit->cut, 1);
	atomic_fetch_add(&kit->done, 1);
	ring(kit);
}

/* New rules for the district: always accepted, always one entry. */
static void job_make(struct kit *kit, struct task *task)
{
	*task = (struct task){.kit = kit};
	task->command = (struct bh_command){.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_PROFILE,
		.payload = bh_buf_span(&kit->profile)};
	task->job = (struct bh_job){
		.commands = &task->command, .outcomes = &task->outcome, .count = 1};
	task->errand = (struct bh_errand){.job = &task->job, .done = task_done};
}

static bool task_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct task *task = (struct task *)(void *)errand;
	(void)writer;
	return ++task->turns < task->turns_wanted;
}

static void turn_make(struct kit *kit, struct task *task, unsigned turns_wanted)
{
	*task = (struct task){.kit = kit, .turns_wanted = turns_wanted};
	task->errand = (struct bh_errand){.turn = task_turn, .done = task_done};
}

static void test_writer__what_gathered_is_one_commit_and_one_wake(void **state)
{
	struct kit *kit = *state;
	static struct task tasks[JOBS];
	struct bh_writer_counts counts;
	for (size_t i = 0; i < JOBS; i++) {
		job_make(kit, &tasks[i]);
		assert_int_equal(bh_writer_loop_submit(kit->loop, &tasks[i].errand), 0);
	}
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_done(kit, JOBS);
	bh_writer_loop_stop(kit->loop);
	bh_writer_loop_counts(kit->loop, &counts);
	assert_int_equal(counts.commits, 1);
	assert_int_equal(counts.entries, JOBS);
	assert_int_equal(atomic_load(&kit->failed), 0);
	assert_int_equal(atomic_load(&kit->here), 0);
	assert_int_equal(atomic_load(&kit->woke), 1);
}

static void test_writer__a_stop_finishes_what_was_submitted_and_takes_nothing_more(void **state)
{
	struct kit *kit = *state;
	static struct task tasks[JOBS];
	struct task late;
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	for (size_t i = 0; i < JOBS; i++) {
		job_make(kit, &tasks[i]);
		assert_int_equal(bh_writer_loop_submit(kit->loop, &tasks[i].errand), 0);
	}
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), JOBS);
	assert_int_equal(atomic_load(&kit->failed), 0);
	job_make(kit, &late);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &late.errand), BH_ERR_CLOSED);
	assert_int_equal(atomic_load(&kit->done), JOBS);
}

static void test_writer__is_busy_past_its_bound_and_forgets_nobody_below_it(void **state)
{
	struct kit *kit = *state;
	struct task *tasks = calloc(BH_ERRANDS_WAITING_MAX + 1, sizeof(*tasks));
	assert_non_null(tasks);
	for (size_t i = 0; i < BH_ERRANDS_WAITING_MAX; i++) {
		turn_make(kit, &tasks[i], 1);
		assert_int_equal(bh_writer_loop_submit(kit->loop, &tasks[i].errand), 0);
	}
	turn_make(kit, &tasks[BH_ERRANDS_WAITING_MAX], 1);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &tasks[BH_ERRANDS_WAITING_MAX].errand),
		BH_ERR_BUSY);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), BH_ERRANDS_WAITING_MAX);
	free(tasks);
}

static void test_writer__gives_a_turn_again_until_it_wants_no_more(void **state)
{
	struct kit *kit = *state;
	struct task turn, job;
	turn_make(kit, &turn, 7);
	job_make(kit, &job);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &turn.errand), 0);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &job.errand), 0);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_done(kit, 2);
	assert_int_equal(turn.turns, 7);
	assert_int_equal(atomic_load(&kit->cut), 0);
}

static void test_writer__a_stop_cuts_a_turn_that_wants_more_and_says_so(void **state)
{
	struct kit *kit = *state;
	struct task turn;
	turn_make(kit, &turn, UINT32_MAX);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &turn.errand), 0);
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), 1);
	assert_int_equal(atomic_load(&kit->cut), 1);
	assert_true(turn.turns >= 1);
}

/* Its first turn fills the queue behind it. */
static struct task *filler;

static bool filling_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct task *task = (struct task *)(void *)errand;
	(void)writer;
	if (task->turns++ > 0)
		return false;
	for (size_t i = 0; i < BH_ERRANDS_WAITING_MAX; i++) {
		turn_make(task->kit, &filler[i], 1);
		if (bh_writer_loop_submit(task->kit->loop, &filler[i].errand))
			return false;
	}
	return true;
}

static void test_writer__a_turn_that_began_goes_on_past_a_full_queue(void **state)
{
	struct kit *kit = *state;
	struct task turn;
	filler = calloc(BH_ERRANDS_WAITING_MAX, sizeof(*filler));
	assert_non_null(filler);
	turn_make(kit, &turn, 2);
	turn.errand.turn = filling_turn;
	assert_int_equal(bh_writer_loop_submit(kit->loop, &turn.errand), 0);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_done(kit, BH_ERRANDS_WAITING_MAX + 1);
	assert_int_equal(turn.turns, 2);
	assert_int_equal(atomic_load(&kit->cut), 0);
	bh_writer_loop_stop(kit->loop);
	free(filler);
}

static void test_writer__an_unknown_commit_is_fatal_and_answers_nobody(void **state)
{
	struct kit *kit = *state;
	struct task job;
	const struct bh_simvfs_plan plan = {BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, true, "-wal"};
	job_make(kit, &job);
	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &plan), 0);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &job.errand), 0);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_bell(kit);
	assert_int_equal(atomic_load(&kit->fatal), BH_ERR_UNKNOWN);
	assert_int_equal(atomic_load(&kit->done), 0);
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), 0);
}

static void test_writer__a_full_disk_is_told_and_does_not_look_like_a_hang(void **state)
{
	struct kit *kit = *state;
	struct bh_clock clock = bh_clock_system();
	struct task job;
	bool can_commit = true;
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, true, "-wal"};
	job_make(kit, &job);
	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &plan), 0);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &job.errand), 0);
	int64_t before_ms = clock.now(clock.context).mono_ms;
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_done(kit, 1);
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(job.job.err, BH_ERR_FULL);
	assert_true(bh_writer_loop_turned_ms(kit->loop, &can_commit) >= before_ms);
	assert_false(can_commit);
	assert_int_equal(atomic_load(&kit->fatal), 0);
}

static void test_writer__a_disk_that_fills_takes_the_ballast_and_refuses_nobody(void **state)
{
	struct kit *kit = *state;
	struct task job;
	bool can_commit = false;
	struct bh_writer_counts counts;
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, "-wal"};
	job_make(kit, &job);
	bh_writer_loop_counts(kit->loop, &counts);
	assert_int_equal(counts.ballast_bytes, BALLAST_BYTES);
	assert_int_equal(atomic_load(&kit->ballast), BH_BALLAST_UNWANTED); /* nothing was told */
	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &plan), 0);
	assert_int_equal(bh_writer_loop_submit(kit->loop, &job.errand), 0);
	assert_int_equal(bh_writer_loop_start(kit->loop), 0);
	wait_for_done(kit, 1);
	bh_writer_loop_stop(kit->loop);
	assert_int_equal(job.job.err, BH_NOERR);
	assert_int_equal(job.outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(atomic_load(&kit->ballast), BH_BALLAST_RELEASED);
	(void)bh_writer_loop_turned_ms(kit->loop, &can_commit);
	assert_true(can_commit);
	bh_writer_loop_counts(kit->loop, &counts);
	assert_int_equal(counts.ballast_bytes, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, kit_open, kit_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_writer__what_gathered_is_one_commit_and_one_wake),
		CASE(test_writer__a_stop_finishes_what_was_submitted_and_takes_nothing_more),
		CASE(test_writer__is_busy_past_its_bound_and_forgets_nobody_below_it),
		CASE(test_writer__gives_a_turn_again_until_it_wants_no_more),
		CASE(test_writer__a_stop_cuts_a_turn_that_wants_more_and_says_so),
		CASE(test_writer__a_turn_that_began_goes_on_past_a_full_queue),
		CASE(test_writer__an_unknown_commit_is_fatal_and_answers_nobody),
		CASE(test_writer__a_full_disk_is_told_and_does_not_look_like_a_hang),
		CASE(test_writer__a_disk_that_fills_takes_the_ballast_and_refuses_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
