/* Memory that ends at each allocation in turn, SQLite's and the simulated disk's too, once and for
 * good: what was asked fails by its code or is done, and done again with memory it is whole.
 *
 * What changes something meets each place in a world of its own.  What only reads has thousands of
 * places, most of them in preparing statements: it meets them one after the other in one world, so
 * that an ask which passes a place to fail at the next shows that the failure before harmed
 * nothing.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/client/short_memory.h"
#include "tests/unit/store/kit.h"

#define PLACES_MAX 30000L
#define LISTED 16u
#define WHOLE_EVERY 32 /* reads that fail between two that must not */

/* Every so manyth place: 1 in the long campaigns. */
static long stride;

struct world {
	struct kit kit;
	struct phone phone;
	struct push push;
	struct bh_command desk;
	struct bh_outcome outcome;
	uint64_t number;
	unsigned copies;
	char copy[32];
};

static void copy_whole(struct kit *kit, const char *path)
{
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(kit->writer, path), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit->writer, 64, &done), 0);
}

static void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	kit_open(&w->kit, 7);
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	w->number = kit_report(&w->kit, &w->phone, "here before");
	push_begin(&w->push);
	push_report(&w->kit, &w->push, &w->phone, "one");
	push_report(&w->kit, &w->push, &w->phone, "two");
	push_op(&w->kit, &w->push, &w->phone, BH_VERB_SIGN, w->number, ""); /* stale */
	w->desk = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), w->number, "go");
	w->desk.unit = BH_DEMO_CLEAN_A;
	memset(w->desk.key_hash, 9, BH_HASH_BYTES);
	copy_whole(&w->kit, "/d/well.db");
	kit_profile(&w->kit); /* its bytes stay in the payload */
}

static void world_close(struct world *w)
{
	push_end(&w->push);
	kit_close(&w->kit);
}

/* ---- what is asked: each can be asked again ---- */

static int job_run(struct world *w, struct bh_job *job)
{
	struct bh_job *jobs[] = {job};
	int err = bh_writer_run(w->kit.writer, w->kit.now, jobs, 1, &w->kit.wakes);

	return err ? err : job->err;
}

/* Its ballast is laid each time. */
static int ask_open(struct world *w)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(w->kit.options.vfs);

	kit_down(&w->kit);
	(void)vfs->xDelete(vfs, KIT_PATH "-ballast", 0);
	return kit_up(&w->kit);
}

static int ask_push(struct world *w)
{
	return job_run(w, &w->push.job);
}

static int ask_desk(struct world *w)
{
	struct bh_job job = {.commands = &w->desk, .outcomes = &w->outcome, .count = 1};

	return job_run(w, &job);
}

static int ask_rules(struct world *w)
{
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_PROFILE,
		.payload = bh_buf_span(&w->kit.payload)};
	struct bh_job job = {.commands = &command, .outcomes = &w->outcome, .count = 1};

	return job_run(w, &job);
}

static int ask_tick(struct world *w)
{
	size_t fired;

	return bh_writer_tick(w->kit.writer, w->kit.now, 100, &fired, &w->kit.wakes);
}

static int ask_copy(struct world *w)
{
	bool done = false;

	snprintf(w->copy, sizeof(w->copy), "/d/asked-%u.db", ++w->copies);
	int err = bh_writer_copy_begin(w->kit.writer, w->copy);
	while (!err && !done)
		err = bh_writer_copy_step(w->kit.writer, 64, &done);
	if (err)
		bh_writer_copy_abort(w->kit.writer);
	return err;
}

static int ask_verify(struct world *w)
{
	struct bh_store_options options = w->kit.options;
	struct bh_verify_report report;

	options.path = "/d/well.db";
	return bh_store_verify(&options, &report);
}

static int ask_readers(struct world *w)
{
	static const struct bh_case_query queries[] = {{.queue = true},
		{.area = BH_DEMO_TOWNSHIP_A}, {.reporter = BH_DEMO_WORKER(1111)},
		{.states = 1u << BH_STATE_CLOSED}};
	struct bh_store_reader *reader = NULL;
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_entry entries[LISTED];
	struct bh_case cases[LISTED];
	struct bh_verdict_row verdicts[LISTED];
	struct bh_feed_row feed[LISTED];
	struct bh_device devices[LISTED];
	struct bh_stats stats;
	int64_t received_ms;
	size_t count;
	int err = bh_reader_open(&w->kit.options, &reader);

	for (size_t i = 0; !err && i < sizeof(queries) / sizeof(queries[0]); i++)
		err = bh_reader_cases(reader, &queries[i], cases, LISTED, &count);
	if (!err)
		err = bh_reader_history(reader, w->number, &arena, entries, LISTED, &count);
	if (!err)
		err = bh_reader_closures(reader, w->number, &arena, entries, LISTED, &count);
	if (!err)
		err = bh_reader_verdicts(
			reader, w->phone.log_short, 0, 1, verdicts, LISTED, &count, &received_ms);
	if (!err)
		err = bh_reader_feed(
			reader, BH_SCOPE_OWN(w->phone.person), 0, feed, LISTED, &count);
	if (!err)
		err = bh_reader_devices(reader, 0, devices, LISTED, &count);
	if (!err)
		err = bh_reader_stats(reader, &stats);
	bh_arena_free(&arena);
	bh_reader_close(reader);
	return err;
}

/* ---- every place ---- */

/* Another process, with memory: the last one ended, or could not go on. */
static void world_reopen(struct world *w)
{
	bh_simvfs_kill(w->kit.vfs);
	kit_down(&w->kit);
	assert_int_equal(kit_up(&w->kit), 0);
}

static void is_well(struct world *w, long place)
{
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("place %ld: %s", place, report.what);
}

/* Fails the place-th allocation of an ask; its code.  *failed false: there is none. */
static int ask_without(
	struct world *w, int (*ask)(struct world *), bool once, long place, bool *failed)
{
	short_memory = (struct short_memory){.armed = true, .left = place, .once = once};
	int err = ask(w);

	*failed = short_memory.failed;
	short_memory.armed = false;
	if (err && err != BH_ERR_NOMEM && err != BH_ERR_IO && err != BH_ERR_FULL &&
		err != BH_ERR_UNKNOWN)
		fail_msg("place %ld: code %d", place, err);
	assert_true(*failed || err == 0);
	return err;
}

/* What changes the district, or leaves files. */
static void changes_everywhere(int (*ask)(struct world *), int64_t later_ms)
{
	for (int once = 0; once < 2; once++) {
		bool failed = true;
		long place = 0;

		for (; failed && place < PLACES_MAX; place += stride) {
			struct world w;
			world_open(&w);
			kit_pass(&w.kit, later_ms);
			if (ask_without(&w, ask, once == 1, place, &failed) == BH_ERR_UNKNOWN)
				world_reopen(&w);
			assert_int_equal(ask(&w), 0);
			is_well(&w, place);
			world_close(&w);
		}
		print_message("# %ld places, one in %ld\n", place, stride);
		assert_in_range(place, 2, PLACES_MAX - 1);
	}
}

static void reads_everywhere(int (*ask)(struct world *), bool once)
{
	bool failed = true;
	long place = 0;
	struct world w;

	world_open(&w);
	for (long asks = 0; failed && place < PLACES_MAX; place += stride) {
		(void)ask_without(&w, ask, once, place, &failed);
		if (++asks % WHOLE_EVERY == 0)
			assert_int_equal(ask(&w), 0);
	}
	assert_int_equal(ask(&w), 0);
	print_message("# %ld places, one in %ld\n", place, stride);
	assert_in_range(place, 1000, PLACES_MAX - 1);
	is_well(&w, 0);
	world_close(&w);
}

static void test_memory__ends_while_a_push_is_taken(void **state)
{
	(void)state;
	changes_everywhere(ask_push, 0);
}

static void test_memory__ends_while_a_desk_commands(void **state)
{
	(void)state;
	changes_everywhere(ask_desk, 0);
}

static void test_memory__ends_while_rules_change(void **state)
{
	(void)state;
	changes_everywhere(ask_rules, 0);
}

static void test_memory__ends_while_the_clock_acts(void **state)
{
	(void)state;
	changes_everywhere(ask_tick, 40 * KIT_MINUTE);
}

static void test_memory__ends_while_a_copy_is_made(void **state)
{
	(void)state;
	changes_everywhere(ask_copy, 0);
}

static void test_memory__ends_once_while_a_district_is_opened(void **state)
{
	(void)state;
	reads_everywhere(ask_open, true);
}

static void test_memory__ends_for_good_while_a_district_is_opened(void **state)
{
	(void)state;
	reads_everywhere(ask_open, false);
}

static void test_memory__ends_once_while_a_copy_is_verified(void **state)
{
	(void)state;
	reads_everywhere(ask_verify, true);
}

static void test_memory__ends_for_good_while_a_copy_is_verified(void **state)
{
	(void)state;
	reads_everywhere(ask_verify, false);
}

static void test_memory__ends_once_while_somebody_reads(void **state)
{
	(void)state;
	reads_everywhere(ask_readers, true);
}

static void test_memory__ends_for_good_while_somebody_reads(void **state)
{
	(void)state;
	reads_everywhere(ask_readers, false);
}

/* Which of the four, and the stride. */
int main(int argc, char **argv)
{
	const struct CMUnitTest changes[] = {
		cmocka_unit_test(test_memory__ends_while_a_push_is_taken),
		cmocka_unit_test(test_memory__ends_while_a_desk_commands),
		cmocka_unit_test(test_memory__ends_while_rules_change),
		cmocka_unit_test(test_memory__ends_while_the_clock_acts),
		cmocka_unit_test(test_memory__ends_while_a_copy_is_made),
	};
	const struct CMUnitTest opens[] = {
		cmocka_unit_test(test_memory__ends_once_while_a_district_is_opened),
		cmocka_unit_test(test_memory__ends_for_good_while_a_district_is_opened),
	};
	const struct CMUnitTest verifies[] = {
		cmocka_unit_test(test_memory__ends_once_while_a_copy_is_verified),
		cmocka_unit_test(test_memory__ends_for_good_while_a_copy_is_verified),
	};
	const struct CMUnitTest reads[] = {
		cmocka_unit_test(test_memory__ends_once_while_somebody_reads),
		cmocka_unit_test(test_memory__ends_for_good_while_somebody_reads),
	};

	stride = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	if (stride <= 0 || short_memory_install() != 0)
		return 2;
	if (strcmp(argv[1], "changes") == 0)
		return cmocka_run_group_tests(changes, NULL, NULL);
	if (strcmp(argv[1], "opens") == 0)
		return cmocka_run_group_tests(opens, NULL, NULL);
	if (strcmp(argv[1], "verifies") == 0)
		return cmocka_run_group_tests(verifies, NULL, NULL);
	return strcmp(argv[1], "reads") == 0 ? cmocka_run_group_tests(reads, NULL, NULL) : 2;
}
