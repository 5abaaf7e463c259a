/* What a reader lists and finds, and that it never stands in the writer's way (faults.md E08, E14).
 */
#include <sqlite3.h>

#include "server/store/contact.h"
#include "server/store/db.h"
#include "server/store/similar.h"
#include "tests/unit/store/kit.h"

#define REPORTS 12u

struct lists {
	struct kit kit;
	struct phone phone;
	uint64_t numbers[REPORTS];
};

static int open_lists(void **state)
{
	struct lists *lists = test_calloc(1, sizeof(*lists));

	kit_open(&lists->kit, 8);
	kit_enrol(&lists->kit, &lists->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < REPORTS; i++) {
		lists->numbers[i] = kit_report(&lists->kit, &lists->phone, "litter");
		kit_pass(&lists->kit, 1000);
	}
	for (size_t i = 0; i < 4; i++) {
		struct bh_command command = kit_desk(
			BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), lists->numbers[i], "go");
		command.unit = i < 3 ? BH_DEMO_CLEAN_A : BH_DEMO_CLEAN_COUNTY;
		assert_int_equal(kit_run(&lists->kit, &command).verdict, BH_VERDICT_ACCEPTED);
	}
	*state = lists;
	return 0;
}

static int close_lists(void **state)
{
	struct lists *lists = *state;

	kit_close(&lists->kit);
	test_free(lists);
	return 0;
}

static size_t list(
	struct lists *lists, const struct bh_case_query *query, struct bh_case *cases, size_t max)
{
	size_t count = 99;

	assert_int_equal(bh_reader_cases(lists->kit.reader, query, cases, max, &count), 0);
	return count;
}

static void test_cases__the_queue_comes_least_time_left_first_and_in_pages(void **state)
{
	struct lists *lists = *state;
	struct bh_case_query query = {.queue = true};
	struct bh_case cases[5];
	size_t seen = 0, count;

	while ((count = list(lists, &query, cases, 5)) > 0) {
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(cases[i].number, lists->numbers[4 + seen]);
			seen++;
		}
		query.after_number = cases[count - 1].number;
		query.after_due_ms = cases[count - 1].dispatch_due_ms;
	}
	assert_int_equal(seen, REPORTS - 4);
}

static void test_cases__filters_restrict_together(void **state)
{
	struct lists *lists = *state;
	struct bh_case cases[REPORTS];

	assert_int_equal(list(lists, &(struct bh_case_query){0}, cases, REPORTS), REPORTS);
	assert_int_equal(
		list(lists, &(struct bh_case_query){.unit = BH_DEMO_CLEAN_A}, cases, REPORTS), 3);
	assert_int_equal(list(lists,
				 &(struct bh_case_query){.unit = BH_DEMO_CLEAN_A,
					 .after_number = lists->numbers[0]},
				 cases, REPORTS),
		2);
	assert_int_equal(list(lists, &(struct bh_case_query){.states = 1u << BH_STATE_RECEIVED},
				 cases, REPORTS),
		REPORTS - 4);
	assert_int_equal(list(lists,
				 &(struct bh_case_query){.states = 1u << BH_STATE_RECEIVED,
					 .unit = BH_DEMO_CLEAN_A},
				 cases, REPORTS),
		0);
	assert_int_equal(
		list(lists, &(struct bh_case_query){.area = BH_DEMO_TOWNSHIP_A}, cases, REPORTS),
		REPORTS);
	assert_int_equal(
		list(lists, &(struct bh_case_query){.area = BH_DEMO_TOWNSHIP_B}, cases, REPORTS),
		0);
	assert_int_equal(
		list(lists, &(struct bh_case_query){.reporter = lists->phone.person, .queue = true},
			cases, REPORTS),
		REPORTS - 4);
	assert_int_equal(list(lists, &(struct bh_case_query){.reporter = 1}, cases, REPORTS), 0);
}

static void test_cases__a_reporters_list_holds_the_waiting_and_the_ended(void **state)
{
	struct lists *lists = *state;
	struct kit *kit = &lists->kit;
	struct bh_case_query own = {.reporter = lists->phone.person};
	struct bh_case_query open = {.states = ~(1u << BH_STATE_REJECTED | 1u << BH_STATE_CLOSED) &
					       ((1u << BH_STATE_CLOSED) - 1)};
	struct bh_case cases[REPORTS];
	struct phone other;

	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	kit_report(kit, &other, "of another worker");
	struct bh_command command = kit_desk(
		BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), lists->numbers[5], "a test");
	command.reason_code = 1;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(list(lists, &own, cases, REPORTS), REPORTS);
	for (size_t i = 0; i < REPORTS; i++)
		assert_int_equal(cases[i].number, lists->numbers[i]);
	own.after_number = lists->numbers[9];
	assert_int_equal(list(lists, &own, cases, REPORTS), 2);
	assert_int_equal(list(lists, &open, cases, REPORTS), REPORTS); /* eleven, and the other's */
	struct bh_verify_report report;
	assert_int_equal(kit_verify(kit, &report), 0);
}

static void test_reader__finds_links_hashes_and_receipt_times(void **state)
{
	struct lists *lists = *state;
	struct bh_store_reader *reader = lists->kit.reader;
	struct bh_log log;
	struct bh_entry entry;
	struct bh_verdict_row rows[4];
	uint8_t link[BH_HASH_BYTES], hash[BH_HASH_BYTES];
	int64_t received_ms = 0;
	size_t count = 9;

	assert_int_equal(bh_reader_log(reader, lists->phone.log_id, &log), 0);
	assert_int_equal(log.head_seq, REPORTS);
	assert_memory_equal(log.head_link, lists->phone.link, BH_HASH_BYTES);
	assert_int_equal(bh_reader_link_at(reader, &log, REPORTS, link), 0);
	assert_memory_equal(link, lists->phone.link, BH_HASH_BYTES);
	assert_int_equal(bh_reader_link_at(reader, &log, REPORTS + 1, link), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_reader_link_at(reader, &log, 0, link), 0);
	bh_log_start(lists->kit.hasher, KIT_CODE, lists->phone.log_id, hash);
	assert_memory_equal(link, hash, BH_HASH_BYTES);
	struct bh_case cased = kit_case(&lists->kit, lists->numbers[2]);
	assert_int_equal(bh_reader_entry(reader, cased.first, &lists->kit.arena, &entry), 0);
	assert_int_equal(bh_reader_hash_at(reader, cased.first, hash), 0);
	assert_memory_equal(hash, entry.hash, BH_HASH_BYTES);
	assert_int_equal(bh_reader_hash_at(reader, 100000, hash), BH_ERR_NOT_FOUND);
	assert_int_equal(
		bh_reader_verdicts(reader, log.log_short, 0, 3, rows, 4, &count, &received_ms), 0);
	assert_int_equal(count, 0); /* all plainly accepted */
	assert_int_equal(received_ms, entry.at_ms);
	assert_int_equal(bh_reader_verdicts(reader, log.log_short, 0, REPORTS + 1, rows, 4, &count,
				 &received_ms),
		BH_ERR_NOT_FOUND);
}

static void test_reader__leaves_nothing_for_a_checkpoint_to_wait_for(void **state)
{
	struct lists *lists = *state;
	struct kit *kit = &lists->kit;
	struct bh_case cases[2];
	struct bh_writer_counts counts;
	struct bh_feed_row rows[1];
	size_t count;

	list(lists, &(struct bh_case_query){0}, cases, 2); /* stopped in the middle of its rows */
	assert_int_equal(
		bh_reader_feed(kit->reader, BH_SCOPE_OWN(lists->phone.person), 0, rows, 1, &count),
		0);
	assert_int_equal(count, 1);
	kit->options.wal_pages_max = 1;
	kit_restart(kit, false);
	for (int i = 0; i < 20; i++) {
		kit_report(kit, &lists->phone, "another");
		list(lists, &(struct bh_case_query){0}, cases, 2);
		bh_writer_counts(kit->writer, &counts);
		assert_true(counts.wal_pages < 64);
	}
	assert_true(counts.checkpoints > 15);
	struct bh_simvfs_stats stats = bh_simvfs_stats(kit->vfs);
	/* in the first process its founder and its writer, one after the other; then the writer */
	assert_int_equal(stats.checkpointers_max, 2);
}

static void test_reader__one_that_is_stuck_lets_the_log_of_writes_grow_and_no_more(void **state)
{
	struct lists *lists = *state;
	struct kit *kit = &lists->kit;
	struct bh_writer_counts counts;
	sqlite3 *stuck;

	kit->options.wal_pages_max = 8;
	kit_restart(kit, false);
	assert_int_equal(
		sqlite3_open_v2(KIT_PATH, &stuck, SQLITE_OPEN_READWRITE, kit->options.vfs), 0);
	assert_int_equal(sqlite3_exec(stuck, "BEGIN; SELECT count(*) FROM journal", 0, 0, 0), 0);
	for (int i = 0; i < 30; i++)
		kit_report(kit, &lists->phone, "while somebody reads");
	bh_writer_counts(kit->writer, &counts);
	assert_true(counts.wal_pages > 100); /* told, so that somebody is alarmed */
	assert_int_equal(sqlite3_exec(stuck, "COMMIT", 0, 0, 0), 0);
	kit_report(kit, &lists->phone, "it has gone");
	kit_report(kit, &lists->phone, "and another");
	bh_writer_counts(kit->writer, &counts);
	assert_true(counts.wal_pages < 40);
	int unused;
	sqlite3_db_config(stuck, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &unused);
	sqlite3_close(stuck);
}

/* So many reports in one grid that a step of a list does not get past them. */
static void crowd(struct lists *lists, size_t reports)
{
	struct push push;

	push_begin(&push);
	for (size_t done = 0; done < reports; done += push.job.count) {
		push.job.count = 0;
		while (push.job.count < KIT_JOB_MAX)
			push_report(&lists->kit, &push, &lists->phone, "litter");
		assert_int_equal(push_run(&lists->kit, &push), 0);
	}
	push_end(&push);
}

/* Steps through a list until it ends: each looks at so many rows and no more. */
static size_t steps(struct lists *lists, struct bh_case_query query, size_t *found)
{
	struct bh_case cases[8];
	size_t count, looks = 0;
	bool more = true;

	*found = 0;
	while (more) {
		assert_int_equal(
			bh_reader_cases_page(lists->kit.reader, &query, cases, 8, &count, &more),
			0);
		*found += count;
		looks++;
	}
	return looks;
}

static void test_cases__a_step_looks_at_so_many_rows_and_goes_on_where_it_stopped(void **state)
{
	struct lists *lists = *state;
	struct phone far;
	struct bh_case cases[8];
	struct push push;
	size_t found;

	crowd(lists, BH_LIST_ROWS_MAX + 100);
	kit_pass(&lists->kit, 1000);
	kit_enrol(&lists->kit, &far, BH_DEMO_WORKER(1211), 2);
	push_begin(&push);
	for (int i = 0; i < 3; i++) {
		struct bh_command *command = push_report(&lists->kit, &push, &far, "far off");
		bh_demo_place(1211, &command->latitude_e7, &command->longitude_e7);
		push_seal(&lists->kit, &push, &far);
	}
	assert_int_equal(push_run(&lists->kit, &push), 0);
	uint64_t last = push.outcomes[2].case_number;
	push_end(&push);
	struct bh_command refuse = kit_desk(
		BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), last, "not a case");
	refuse.reason_code = 1;
	assert_int_equal(kit_run(&lists->kit, &refuse).verdict, BH_VERDICT_ACCEPTED);

	struct bh_case_query queue = {.queue = true, .area = BH_DEMO_TOWNSHIP_B};
	assert_int_equal(steps(lists, queue, &found), 2);
	assert_int_equal(found, 2);
	struct bh_case_query all = {.area = BH_DEMO_TOWNSHIP_B};
	assert_int_equal(steps(lists, all, &found), 2);
	assert_int_equal(found, 3);
	assert_int_equal(list(lists, &all, cases, 8), 3); /* as long as it takes */
	/* ended ones and a person's own are not looked for among all others */
	struct bh_case_query ended = {.states = 1u << BH_STATE_REJECTED | 1u << BH_STATE_CLOSED,
		.area = BH_DEMO_TOWNSHIP_B};
	assert_int_equal(steps(lists, ended, &found), 1);
	assert_int_equal(found, 1);
	struct bh_case_query own = {.reporter = far.person};
	assert_int_equal(steps(lists, own, &found), 1);
	assert_int_equal(found, 3);
}

static void test_contacts__the_last_word_of_each_device_is_kept(void **state)
{
	struct lists *lists = *state;
	struct kit *kit = &lists->kit;
	struct bh_contact said[] = {
		{7, 1000, 3, 300, 500}, {9, 1000, 0, 0, 0}, {7, 2000, 1, 90, 700}};
	struct bh_contact kept[4];
	size_t count;

	assert_int_equal(bh_writer_contacts(kit->writer, kit->now, said, 3), 0);
	/* What an older link of the same device said comes late. */
	assert_int_equal(bh_writer_contacts(kit->writer, kit->now, said, 1), 0);
	kit_restart(kit, true);
	assert_int_equal(bh_reader_contacts(kit->reader, 0, kept, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(kept[0].device, 7);
	assert_int_equal(kept[0].at_ms, 2000);
	assert_int_equal(kept[0].unsent_ops, 1);
	assert_int_equal(kept[0].unsent_bytes, 90);
	assert_int_equal(kept[0].oldest_ms, 700);
	assert_int_equal(bh_reader_contacts(kit->reader, 7, kept, 4, &count), 0);
	assert_int_equal(count, 1);
}

/* The nearest, and of equally near ones the oldest; those of another type and those that are over
 * are none. */
static void test_similar__gives_the_nearest_that_may_be_of_the_same_thing(void **state)
{
	struct lists *lists = *state;
	struct kit *kit = &lists->kit;
	struct bh_similar found[4];
	struct bh_case cased = kit_case(kit, lists->numbers[5]);
	size_t count = 0;
	bool cut = true;

	struct bh_command refuse = kit_desk(
		BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), lists->numbers[4], "not ours");
	assert_int_equal(kit_run(kit, &refuse).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(
		bh_reader_similar(kit->reader, &cased, bh_writer_time(kit->writer, kit->now, NULL),
			found, 4, &count, &cut),
		0);
	assert_int_equal(count, 4);
	assert_false(cut);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(found[i].other.number, lists->numbers[i]);
		assert_int_equal(found[i].distance_m, 0);
	}
	cased.type = 40001;
	assert_int_equal(bh_reader_similar(kit->reader, &cased, 0, found, 4, &count, &cut), 0);
	assert_int_equal(count, 0);
}

/* Each text is SQL for the schema that is made. */
static void test_reader__every_statement_can_be_prepared(void **state)
{
	struct bh_db db;

	(void)state;
	assert_int_equal(bh_db_open(&db, BH_DB_MEMORY, NULL, NULL, NULL), 0);
	for (enum bh_sql i = 0; i < BH_SQL_COUNT; i++) {
		assert_non_null(bh_sql(&db, i));
		assert_ptr_equal(bh_sql(&db, i), bh_sql(&db, i));
	}
	bh_db_close(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_cases__the_queue_comes_least_time_left_first_and_in_pages, open_lists,
			close_lists),
		cmocka_unit_test_setup_teardown(
			test_cases__filters_restrict_together, open_lists, close_lists),
		cmocka_unit_test_setup_teardown(
			test_similar__gives_the_nearest_that_may_be_of_the_same_thing, open_lists,
			close_lists),
		cmocka_unit_test_setup_teardown(
			test_cases__a_reporters_list_holds_the_waiting_and_the_ended, open_lists,
			close_lists),
		cmocka_unit_test_setup_teardown(
			test_reader__finds_links_hashes_and_receipt_times, open_lists, close_lists),
		cmocka_unit_test_setup_teardown(
			test_reader__leaves_nothing_for_a_checkpoint_to_wait_for, open_lists,
			close_lists),
		cmocka_unit_test_setup_teardown(
			test_reader__one_that_is_stuck_lets_the_log_of_writes_grow_and_no_more,
			open_lists, close_lists),
		cmocka_unit_test_setup_teardown(
			test_cases__a_step_looks_at_so_many_rows_and_goes_on_where_it_stopped,
			open_lists, close_lists),
		cmocka_unit_test_setup_teardown(test_contacts__the_last_word_of_each_device_is_kept,
			open_lists, close_lists),
		cmocka_unit_test_setup_teardown(
			test_reader__every_statement_can_be_prepared, open_lists, close_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
