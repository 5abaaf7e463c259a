/* What verification finds: nothing in a file that is well, and every single thing that was changed
 * behind its back. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));
	struct phone reporter, handler;
	struct bh_command command;
	struct push push;

	kit_open(kit, 2);
	kit_enrol(kit, &reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	uint64_t number = kit_report(kit, &reporter, "litter");
	kit_report(kit, &reporter, "more litter");
	command = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "please");
	command.unit = BH_DEMO_CLEAN_A;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&push);
	push_op(kit, &push, &handler, BH_VERB_SIGN, number, "");
	push_op(kit, &push, &handler, BH_VERB_FINISH, number, "done");
	push_op(kit, &push, &handler, BH_VERB_FINISH, number, "done twice");
	assert_int_equal(push_run(kit, &push), 0);
	push_end(&push);
	kit_pass(kit, 26 * KIT_MINUTE);
	assert_true(kit_tick(kit) > 0);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

static void test_verify__finds_nothing_in_a_live_copy(void **state)
{
	struct kit *kit = *state;
	struct bh_verify_report report;
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];

	int err = kit_verify(kit, &report);
	if (err)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	assert_int_equal(bh_reader_head(kit->reader, &position, hash), 0);
	assert_int_equal(report.entries, position);
	assert_memory_equal(report.head, hash, BH_HASH_BYTES);
	assert_int_equal(report.cases, 2);
	assert_int_equal(report.contents_erased, 0);
	assert_true(bh_simvfs_file_exists(kit->vfs, "/d/copy-1.db"));
	assert_false(bh_simvfs_file_exists(kit->vfs, "/d/copy-1.db-wal")); /* one file, no litter */
	assert_false(bh_simvfs_file_exists(kit->vfs, "/d/copy-1.db-journal"));
	assert_false(bh_simvfs_file_exists(kit->vfs, "/d/copy-1.db-lock"));
}

static void test_verify__accepts_a_content_that_was_erased(void **state)
{
	struct kit *kit = *state;
	struct bh_verify_report report;
	struct bh_entry entry;
	char sql[256], hex[2 * BH_HASH_BYTES + 1];

	/* the first report: its commitment stays, salt and bytes go */
	struct bh_case cased = kit_case(kit, bh_case_number(BH_LOG_FIRST_DEVICE, 1));
	assert_int_equal(bh_reader_entry(kit->reader, cased.first, &kit->arena, &entry), 0);
	bh_hex_format(bh_span(entry.commitment, BH_HASH_BYTES), hex);
	snprintf(sql, sizeof(sql),
		"UPDATE content SET salt = NULL, bytes = NULL, commitment = x'%s' WHERE position = "
		"%llu",
		hex, (unsigned long long)cased.first);
	kit_sql(kit, KIT_PATH, sql);
	int err = kit_verify(kit, &report);
	if (err)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	assert_int_equal(report.contents_erased, 1);
	assert_int_equal(bh_reader_entry(kit->reader, cased.first, &kit->arena, &entry), 0);
	assert_int_equal(entry.content.len, 0);
}

/* Each change alone, on the same file, is found; and the file is well again without it. */
static void tampers(struct kit *kit, const char *change, const char *back)
{
	struct bh_verify_report report;

	kit_sql(kit, KIT_PATH, change);
	if (kit_verify(kit, &report) != BH_ERR_CORRUPT)
		fail_msg("not found: %s", change);
	assert_true(report.what[0] != 0);
	kit_sql(kit, KIT_PATH, back);
	if (kit_verify(kit, &report) != 0)
		fail_msg("%s: not undone: %s", report.what, back);
}

static void test_verify__finds_each_integer_of_an_entry_that_was_changed(void **state)
{
	static const char *const columns[] = {"at_ms", "log", "seq", "device", "person", "post",
		"case_number", "prev", "cycle", "verb", "verdict", "reason", "from_state",
		"to_state", "captured_ms", "captured_bound_ms"};
	struct kit *kit = *state;
	struct bh_case cased = kit_case(kit, bh_case_number(BH_LOG_FIRST_DEVICE, 1));
	char change[160], back[160];

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		snprintf(change, sizeof(change),
			"UPDATE journal SET %s = %s + 1 WHERE position = %llu", columns[i],
			columns[i], (unsigned long long)cased.last);
		snprintf(back, sizeof(back), "UPDATE journal SET %s = %s - 1 WHERE position = %llu",
			columns[i], columns[i], (unsigned long long)cased.last);
		tampers(kit, change, back);
	}
}

static void test_verify__finds_each_byte_string_of_an_entry_that_was_changed(void **state)
{
	static const char *const columns[] = {"decision", "header", "link", "hash"};
	struct kit *kit = *state;
	struct bh_case cased = kit_case(kit, bh_case_number(BH_LOG_FIRST_DEVICE, 1));
	char change[200], back[200];

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		snprintf(change, sizeof(change),
			"CREATE TABLE kept AS SELECT %s AS was FROM journal WHERE position = %llu; "
			"UPDATE journal SET %s = CAST(x'00' || substr(%s, 2) AS BLOB) WHERE "
			"position = %llu",
			columns[i], (unsigned long long)cased.first, columns[i], columns[i],
			(unsigned long long)cased.first);
		snprintf(back, sizeof(back),
			"UPDATE journal SET %s = (SELECT was FROM kept) WHERE position = %llu; "
			"DROP TABLE kept",
			columns[i], (unsigned long long)cased.first);
		tampers(kit, change, back);
	}
}

static void test_verify__finds_what_was_done_to_contents_and_projections(void **state)
{
	static const char *const pairs[][2] = {
		{"UPDATE content SET bytes = CAST(bytes || x'00' AS BLOB) WHERE position = 8",
			"UPDATE content SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE "
			"position = 8"},
		{"UPDATE content SET salt = CAST(substr(salt, 2) || substr(salt, 1, 1) AS BLOB) "
		 "WHERE position = 8",
			"UPDATE content SET salt = CAST(substr(salt, 16) || substr(salt, 1, 15) AS "
			"BLOB) "
			"WHERE position = 8"},
		{"UPDATE content SET position = 100000 WHERE position = 8",
			"UPDATE content SET position = 8 WHERE position = 100000"},
		{"UPDATE journal SET position = 100000 WHERE position = 8",
			"UPDATE journal SET position = 8 WHERE position = 100000"},
		{"UPDATE cases SET next_ms = next_ms + 1",
			"UPDATE cases SET next_ms = next_ms - 1"},
		{"UPDATE cases SET dispatch_due_ms = dispatch_due_ms + 1",
			"UPDATE cases SET dispatch_due_ms = dispatch_due_ms - 1"},
		{"UPDATE scope SET position = position - 1",
			"UPDATE scope SET position = position + 1"},
		{"UPDATE scope SET gone = 1 - gone", "UPDATE scope SET gone = 1 - gone"},
		{"UPDATE op SET odd = 1 - odd", "UPDATE op SET odd = 1 - odd"},
		{"UPDATE device SET state = 4 - state", "UPDATE device SET state = 4 - state"},
		{"UPDATE log SET head_seq = head_seq + 1",
			"UPDATE log SET head_seq = head_seq - 1"},
		{"UPDATE enrol_code SET device = device + 1",
			"UPDATE enrol_code SET device = device - 1"},
		{"UPDATE tally SET value = value + 1", "UPDATE tally SET value = value - 1"},
		{"UPDATE district SET epoch = epoch + 1", "UPDATE district SET epoch = epoch - 1"},
		{"INSERT INTO aside VALUES(1, 1)", "DELETE FROM aside WHERE number = 1"},
	};
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		tampers(kit, pairs[i][0], pairs[i][1]);
}

/* A copy of what is there now, changed behind everybody's back. */
static int chain_of(struct kit *kit, const char *change, struct bh_verify_report *report)
{
	struct bh_store_options options = kit->options;
	char path[64];

	assert_int_equal(kit_verify(kit, report), 0);
	snprintf(path, sizeof(path), "/d/copy-%u.db", kit->copies);
	options.path = path;
	if (change)
		kit_sql(kit, path, change);
	return bh_store_verify_chain(&options, report);
}

static void test_chain__says_of_a_copy_what_a_replay_says_of_it(void **state)
{
	struct kit *kit = *state;
	struct bh_verify_report whole, chain;

	assert_int_equal(kit_verify(kit, &whole), 0);
	int err = chain_of(kit, NULL, &chain);
	if (err)
		fail_msg("%s at %llu", chain.what, (unsigned long long)chain.first_bad);
	assert_memory_equal(&chain, &whole, sizeof(whole));
}

static void test_chain__finds_an_entry_a_content_and_an_index_that_were_changed(void **state)
{
	static const struct {
		const char *change, *what;
		uint64_t first_bad;
	} rows[] = {
		{"UPDATE journal SET person = person + 1 WHERE position = 5",
			"an entry's hash is not that of its fields", 5},
		{"DELETE FROM journal WHERE position = 3", "an entry is missing", 3},
		{"UPDATE content SET bytes = x'00' WHERE position = (SELECT max(position) FROM "
		 "content)",
			"an entry's ", 0},
		{"DELETE FROM journal", "there is no journal", 1},
		/* what the index says of each row is not what the row says any more */
		{"PRAGMA writable_schema=1; UPDATE sqlite_schema SET rootpage = (SELECT rootpage "
		 "FROM sqlite_schema WHERE name = 'log_device') WHERE name = 'cases_open'",
			"the file's pages are damaged: ", 0},
		{"PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql = 'CREATE INDEX "
		 "cases_open ON cases(unit)' WHERE name = 'cases_open'",
			"its tables are not those of its schema", 0},
		{"PRAGMA writable_schema=1; DELETE FROM sqlite_schema WHERE name = 'aside'",
			"its tables are not those of its schema", 0},
	};
	struct kit *kit = *state;
	struct bh_verify_report report;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (chain_of(kit, rows[i].change, &report) != BH_ERR_CORRUPT)
			fail_msg("not found: %s", rows[i].change);
		if (strncmp(report.what, rows[i].what, strlen(rows[i].what)) != 0)
			fail_msg("%s: told as: %s", rows[i].change, report.what);
		if (rows[i].first_bad)
			assert_int_equal(report.first_bad, rows[i].first_bad);
	}
}

static void test_verify__is_refused_where_a_writer_is_at_work(void **state)
{
	struct kit *kit = *state;
	struct bh_verify_report report;

	assert_int_equal(bh_store_verify(&kit->options, &report), BH_ERR_BUSY);
	assert_int_equal(bh_store_verify_chain(&kit->options, &report), BH_ERR_BUSY);
}

static void test_copy__holds_what_was_committed_while_it_ran_and_opens_as_a_district(void **state)
{
	struct kit *kit = *state;
	struct bh_store_options options = kit->options;
	struct bh_store_reader *reader;
	struct phone phone;
	struct bh_case cased;
	uint64_t number = 0;
	bool done = false;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1112), 3);
	options.path = "/d/backup.db";
	assert_int_equal(bh_writer_copy_begin(kit->writer, options.path), 0);
	assert_int_equal(bh_writer_copy_begin(kit->writer, "/d/other.db"), BH_ERR_BUSY);
	for (int i = 0; !done; i++) {
		if (i == 2)
			number = kit_report(kit, &phone, "in the middle of it");
		assert_int_equal(bh_writer_copy_step(kit->writer, 4, &done), 0);
	}
	assert_int_not_equal(number, 0);
	assert_int_equal(bh_writer_copy_begin(kit->writer, options.path), BH_ERR_EXISTS);
	struct bh_verify_report report;
	assert_int_equal(bh_store_verify(&options, &report), 0);
	assert_int_equal(bh_reader_open(&options, &reader), 0);
	assert_int_equal(bh_reader_case(reader, number, &cased), 0);
	bh_reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_verify__finds_nothing_in_a_live_copy, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_verify__accepts_a_content_that_was_erased, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_verify__finds_each_integer_of_an_entry_that_was_changed, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_verify__finds_each_byte_string_of_an_entry_that_was_changed, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_verify__finds_what_was_done_to_contents_and_projections, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_copy__holds_what_was_committed_while_it_ran_and_opens_as_a_district,
			open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_chain__says_of_a_copy_what_a_replay_says_of_it, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_chain__finds_an_entry_a_content_and_an_index_that_were_changed,
			open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_verify__is_refused_where_a_writer_is_at_work, open_kit, close_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
