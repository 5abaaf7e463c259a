/* The handset's store: durable before it says so, whole after any failure, the same twice as once.
 */
#include "tests/unit/client/scripted.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

static int setup(void **state)
{
	struct scripted *s = scripted_new();

	scripted_enrol(s);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	scripted_free(*state);
	return 0;
}

static struct bh_log log_of(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log;
}

static int record(struct scripted *s, const char *text, struct bh_op_ref *ref)
{
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	const struct bh_msg_op_content content = {.text = scripted_text(text)};

	return bh_local_record(s->local, &header, &content, s->now, ref);
}

static struct bh_changes *changes_new(void)
{
	return calloc(1, sizeof(struct bh_changes));
}

/* ---- Recording ---- */

static void test_store__record_is_refused_before_enrolment(void **state)
{
	struct scripted *s = scripted_new();
	struct bh_op_ref ref;

	(void)state;
	assert_int_equal(record(s, "a", &ref), BH_ERR_AUTH);
	scripted_ask(s);
	assert_int_equal(record(s, "a", &ref), BH_ERR_AUTH);
	assert_int_equal(log_of(s).head_seq, 0);
	scripted_free(s);
}

static void test_store__number_is_known_at_once_and_ops_are_chained(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref first, second;
	uint8_t link[BH_HASH_BYTES];

	assert_int_equal(record(s, "one", &first), 0);
	assert_int_equal(record(s, "two", &second), 0);
	assert_int_equal(first.seq, 1);
	assert_int_equal(second.seq, 2);
	assert_true(first.number == bh_case_number(SCRIPTED_SHORT, 1));
	assert_true(second.number == bh_case_number(SCRIPTED_SHORT, 2));
	assert_memory_not_equal(first.id, second.id, sizeof(first.id));
	assert_int_equal(bh_local_link(s->local, 1, link), 0);
	assert_memory_equal(link, first.link, sizeof(link));
	assert_int_equal(bh_local_link(s->local, 0, link), 0);
	assert_memory_equal(link, s->links[0], sizeof(link));
	assert_int_equal(bh_local_link(s->local, 3, link), BH_ERR_NOT_FOUND);
}

static void test_store__every_acknowledged_record_survives_a_power_cut(void **state)
{
	struct scripted *s = *state;

	for (uint64_t n = 1; n <= 40; n++) {
		struct bh_op_ref ref;
		uint8_t link[BH_HASH_BYTES];

		assert_int_equal(record(s, "power", &ref), 0);
		if (n % 3 == 0)
			assert_int_equal(bh_local_idle(s->local), 0);
		scripted_crash(s);
		assert_int_equal(log_of(s).head_seq, n);
		assert_int_equal(bh_local_link(s->local, n, link), 0);
		assert_memory_equal(link, ref.link, sizeof(link));
	}
	assert_true(bh_simvfs_stats(s->disk).crashes == 40);
}

static void test_store__a_cut_at_every_write_leaves_a_whole_log(void **state)
{
	struct scripted *s = *state;
	uint64_t held = 0;

	for (uint64_t k = 1; k <= 30; k++) {
		struct bh_op_ref ref;

		bh_simvfs_stop_at(s->disk, k % 7 + 1);
		while (record(s, "cut", &ref) == 0)
			held = ref.seq;
		bh_local_close(s->local);
		bh_simvfs_crash(s->disk);
		const struct bh_local_options options = {
			SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};

		assert_int_equal(bh_local_open(&options, &s->local), 0);
		/* One more may have become durable without being said so. */
		uint64_t head = log_of(s).head_seq;

		assert_true(head == held || head == held + 1);
		held = head;
	}
	assert_true(held > 0);
}

static void test_store__full_disk_records_nothing_and_heals(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;
	uint64_t n = 0;
	int rc;

	bh_simvfs_budget_set(s->disk, bh_simvfs_bytes_used(s->disk) + 60000);
	while ((rc = record(s, "the disk fills up while this is recorded", &ref)) == 0)
		n++;
	assert_int_equal(rc, BH_ERR_FULL);
	assert_int_equal(log_of(s).head_seq, n);
	bh_simvfs_heal(s->disk);
	assert_int_equal(record(s, "room again", &ref), 0);
	assert_int_equal(ref.seq, n + 1);
	scripted_crash(s);
	assert_int_equal(log_of(s).head_seq, n + 1);
}

/* A failed fsync: whatever really happened, what is said afterwards is what a power cut leaves. */
static void commit_with(struct scripted *s, enum bh_simvfs_fault fault, bool must_succeed)
{
	const struct bh_simvfs_plan plan = {BH_SIMVFS_SYNC, fault, 1, false, "-wal"};
	struct bh_op_ref ref;
	uint64_t before = log_of(s).head_seq;

	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	int rc = record(s, "unknown", &ref);

	assert_true(rc == 0 || (!must_succeed && rc == BH_ERR_IO));
	bh_simvfs_heal(s->disk);
	uint64_t said = log_of(s).head_seq;

	assert_int_equal(said, rc == 0 ? before + 1 : before);
	scripted_crash(s);
	assert_int_equal(log_of(s).head_seq, said);
	assert_int_equal(record(s, "after", &ref), 0);
	assert_int_equal(ref.seq, said + 1);
}

static void test_store__a_commit_of_unknown_outcome_is_looked_for(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;

	assert_int_equal(record(s, "first", &ref), 0);
	commit_with(s, BH_SIMVFS_SYNC_DONE, true);
	commit_with(s, BH_SIMVFS_SYNC_PART, true);
	commit_with(s, BH_SIMVFS_SYNC_GONE, true);
	commit_with(s, BH_SIMVFS_EIO, true);
}

static void test_store__io_errors_refuse_and_the_store_comes_back(void **state)
{
	struct scripted *s = *state;

	for (uint32_t nth = 1; nth <= 4; nth++) {
		const struct bh_simvfs_plan plan = {
			BH_SIMVFS_WRITE, BH_SIMVFS_EIO, nth, true, NULL};
		uint64_t before = log_of(s).head_seq;
		struct bh_op_ref ref;
		int rc = 0;

		assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
		for (int i = 0; i < 10 && rc == 0; i++)
			rc = record(s, "eio", &ref);
		assert_true(rc == BH_ERR_IO || rc == BH_ERR_UNKNOWN);
		assert_true(bh_local_last_code(s->local) != 0);
		bh_simvfs_heal(s->disk);
		assert_true(log_of(s).head_seq >= before);
		assert_int_equal(record(s, "healed", &ref), 0);
	}
}

static void test_store__what_is_too_large_is_refused(void **state)
{
	struct scripted *s = *state;
	static char text[BH_OP_CONTENT_BYTES_MAX + 10];
	struct bh_op_ref ref;

	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(record(s, text, &ref), BH_ERR_LIMIT);
	assert_int_equal(log_of(s).head_seq, 0);
}

static void test_store__a_foreign_file_is_not_touched(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		"/foreign.db", bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	struct bh_local *local = NULL;
	sqlite3 *db;

	assert_int_equal(
		sqlite3_open_v2("/foreign.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			bh_simvfs_name(s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t(a)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(bh_local_open(&options, &local), BH_ERR_CORRUPT);
	assert_null(local);
}

static void test_store__a_newer_schema_is_refused_by_name(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	struct bh_local *local = NULL;
	sqlite3 *db;

	bh_local_close(s->local);
	assert_int_equal(
		sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE, bh_simvfs_name(s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	s->local = NULL;
	assert_int_equal(bh_local_open(&options, &local), BH_ERR_VERSION);
}

static void test_store__a_second_opening_is_refused(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	struct bh_local *local = NULL;

	assert_int_equal(bh_local_open(&options, &local), BH_ERR_BUSY);
	assert_null(local);
}

/* ---- Acknowledgements ---- */

static void test_store__acknowledgement_never_moves_back(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	struct bh_unsent unsent;

	for (int i = 0; i < 5; i++)
		assert_int_equal(record(s, "x", &ref), 0);
	struct bh_msg_ack ack = {.seq = 4, .received_ms = 1, .mac = scripted_text("mac")};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	ack.seq = 2;
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(log_of(s).acked_seq, 4);
	ack.seq = 6;
	assert_int_equal(bh_local_ack(s->local, &ack, changes), BH_ERR_FORK);
	assert_int_equal(log_of(s).acked_seq, 4);
	assert_int_equal(bh_local_unsent(s->local, &unsent), 0);
	assert_int_equal(unsent.ops, 1);
	assert_true(unsent.bytes > 0 && unsent.oldest_ms == s->now.wall_ms);
	free(changes);
}

static void test_store__a_verdict_is_kept_with_its_sentence(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_op_ref ref;
	struct bh_op_row row;
	struct bh_case_row cased;
	struct bh_tally tally;

	for (int i = 0; i < 3; i++)
		assert_int_equal(record(s, "x", &ref), 0);
	const struct bh_msg_verdict verdict = {.seq = 2,
		.verdict = BH_VERDICT_REJECTED,
		.code = BH_REASON_TEXT,
		.sentence = scripted_text("no text"),
		.correctable = true};
	const struct bh_msg_ack ack = {.seq = 3,
		.received_ms = 77,
		.mac = scripted_text("mac"),
		.verdicts = &verdict,
		.verdicts_count = 1};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	scripted_crash(s);
	assert_int_equal(bh_local_op_below(s->local, 0, BH_WHICH_REFUSED, &arena, &row), 0);
	assert_int_equal(row.seq, 2);
	assert_int_equal(row.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(row.code, BH_REASON_TEXT);
	assert_true(row.correctable && row.acked_ms == 77);
	assert_string_equal((const char *)row.sentence.data, "no text");
	assert_int_equal(
		bh_local_op_below(s->local, 2, BH_WHICH_REFUSED, &arena, &row), BH_ERR_NOT_FOUND);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){bh_case_number(SCRIPTED_SHORT, 3), 0},
			&arena, &cased),
		0);
	assert_int_equal(cased.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_local_tally(s->local, &tally), 0);
	assert_int_equal(tally.refused_ops, 1);
	bh_arena_free(&arena);
	free(changes);
}

/* ---- Records ---- */

static const uint64_t own_scope[] = {SCRIPTED_OWN};

static struct bh_msg_record record_of(uint64_t number, uint64_t position)
{
	return (struct bh_msg_record){.case_number = number,
		.position = position,
		.cycle = 1,
		.state = BH_STATE_DISPATCHED,
		.text = scripted_text("told"),
		.scopes = own_scope,
		.scopes_count = 1};
}

static int apply(struct scripted *s, const struct bh_msg_record *records, size_t count,
	const struct bh_msg_left *left, size_t left_count, uint64_t position,
	struct bh_changes *changes)
{
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, position};
	const struct bh_msg_delta delta = {.cursors = &cursor, .cursors_count = 1};
	const struct bh_msg_records message = {records, count, left, left_count};

	return bh_local_apply(s->local, &delta, &message, s->now, changes);
}

static uint64_t cursor_of(struct scripted *s)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 0;

	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	return count == 0 ? 0 : cursors[0].position;
}

static void test_store__closure_of_ours_is_delivered_once(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	bool delivered, seen;

	assert_int_equal(record(s, "mine", &ref), 0);
	const struct bh_msg_closure closure = {
		.cycle = 1, .closed_ms = 5, .result = scripted_text("mended"), .kind = 12};
	struct bh_msg_record told = record_of(ref.number, 9);

	told.closures = &closure;
	told.closures_count = 1;
	told.state = BH_STATE_CLOSED;
	for (int i = 0; i < 3; i++)
		assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(log_of(s).head_seq, 2);
	assert_int_equal(bh_local_receipts(s->local, ref.number, 1, &delivered, &seen), 0);
	assert_true(delivered && !seen);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 1, s->now), 0);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 1, s->now), BH_ERR_EXISTS);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 2, s->now), BH_ERR_NOT_FOUND);
	assert_int_equal(log_of(s).head_seq, 3);
	free(changes);
}

static void test_store__closure_in_a_reopened_case_is_still_delivered(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	const struct bh_msg_closure closures[] = {
		{.cycle = 1, .kind = 12}, {.cycle = 2, .kind = 15}};

	assert_int_equal(record(s, "mine", &ref), 0);
	struct bh_msg_record told = record_of(ref.number, 9);

	told.cycle = 3;
	told.closures = closures;
	told.closures_count = 1;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	told.position = 12;
	told.closures_count = 2;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 12, changes), 0);
	assert_int_equal(log_of(s).head_seq, 3);
	free(changes);
}

static void test_store__closure_of_another_worker_has_no_receipt(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	static const uint64_t unit[] = {SCRIPTED_UNIT};
	const struct bh_msg_closure closure = {.cycle = 1, .kind = 12};
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 9);

	told.scopes = unit;
	told.closures = &closure;
	told.closures_count = 1;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(log_of(s).head_seq, 0);
	free(changes);
}

static void test_store__record_goes_with_its_last_scope(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	static const uint64_t both[] = {SCRIPTED_OWN, SCRIPTED_UNIT};
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 9);
	const struct bh_msg_left left[] = {
		{SCRIPTED_UNIT, told.case_number}, {SCRIPTED_OWN, told.case_number}};
	const struct bh_case_key key = {told.case_number, 0};
	struct bh_case_row row;

	told.scopes = both;
	told.scopes_count = 2;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(apply(s, NULL, 0, &left[0], 1, 10, changes), 0);
	assert_int_equal(bh_local_case(s->local, key, &arena, &row), 0);
	assert_int_equal(apply(s, NULL, 0, &left[1], 1, 11, changes), 0);
	assert_int_equal(bh_local_case(s->local, key, &arena, &row), BH_ERR_NOT_FOUND);
	assert_int_equal(cursor_of(s), 11);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__cursor_and_records_move_together_and_forward(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, BH_SIMVFS_EIO, 2, true, "-wal"};
	const struct bh_msg_record first = record_of(bh_case_number(99, 1), 20);
	const struct bh_msg_record second = record_of(bh_case_number(99, 2), 30);
	struct bh_case_row row;

	assert_int_equal(apply(s, &first, 1, NULL, 0, 20, changes), 0);
	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	assert_true(apply(s, &second, 1, NULL, 0, 30, changes) != 0);
	bh_simvfs_heal(s->disk);
	scripted_crash(s);
	assert_int_equal(cursor_of(s), 20);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){second.case_number, 0}, &arena, &row),
		BH_ERR_NOT_FOUND);
	assert_int_equal(apply(s, &second, 1, NULL, 0, 10, changes), 0);
	assert_int_equal(cursor_of(s), 20);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__an_older_record_changes_nothing(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 20);
	struct bh_case_row row;

	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	told.position = 19;
	told.state = BH_STATE_RECEIVED;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){told.case_number, 0}, &arena, &row),
		0);
	assert_int_equal(row.record.state, BH_STATE_DISPATCHED);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__a_lost_scope_closes_and_takes_its_records(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_case_key *keys = NULL;
	size_t count = 9;
	const struct bh_msg_record told = record_of(bh_case_number(99, 1), 20);

	struct bh_server_frame welcome = scripted_welcome(s);

	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	welcome.u.welcome.scopes_count = 0;
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(cursor_of(s), 0);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 0);
	free(keys);
	free(changes);
}

static void test_store__from_start_keeps_the_list_until_all_is_told_anew(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	const struct bh_msg_record told[] = {
		record_of(bh_case_number(99, 1), 20), record_of(bh_case_number(99, 2), 21)};
	struct bh_msg_record anew = record_of(bh_case_number(99, 2), 4);
	struct bh_server_frame welcome = scripted_welcome(s);

	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(apply(s, told, 2, NULL, 0, 21, changes), 0);
	welcome.u.welcome.epoch = SCRIPTED_EPOCH + 1;
	welcome.u.welcome.from_start = true;
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(cursor_of(s), 0);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 2);
	free(keys);
	assert_int_equal(apply(s, &anew, 1, NULL, 0, 4, changes), 0);
	assert_int_equal(cursor_of(s), 4);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 1);
	assert_true(keys[0].number == anew.case_number);
	free(keys);
	free(changes);
}

/* ---- Forks ---- */

static void test_store__a_fork_carries_what_is_unacknowledged_with_its_origin(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_op_ref ref[4];
	struct bh_op_row row;
	struct bh_case_key *keys = NULL;
	size_t count = 0;

	for (int i = 0; i < 4; i++)
		assert_int_equal(record(s, "x", &ref[i]), 0);
	const struct bh_msg_ack ack = {.seq = 2, .mac = scripted_text("mac")};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	struct bh_log old = log_of(s);

	assert_int_equal(bh_local_fork(s->local, changes), 0);
	struct bh_log new = log_of(s);

	assert_memory_not_equal(new.log_id, old.log_id, sizeof(old.log_id));
	assert_true(new.has_forked_from);
	assert_memory_equal(new.forked_from, old.log_id, sizeof(old.log_id));
	assert_int_equal(new.head_seq, 2);
	assert_int_equal(new.acked_seq, 0);
	assert_int_equal(new.log_short, 0);
	assert_int_equal(bh_local_op_below(s->local, 2, BH_WHICH_ALL, &arena, &row), 0);
	assert_true(row.header.has_origin);
	assert_int_equal(row.header.origin.seq, 3);
	assert_memory_equal(row.header.origin.log_id.data, old.log_id, sizeof(old.log_id));
	assert_memory_equal(row.header.origin.link.data, ref[2].link, sizeof(ref[2].link));
	/* The id stays that of the first recording; the number is provisional. */
	assert_memory_equal(row.id, ref[2].id, sizeof(row.id));
	assert_true(row.number == 0);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 4);
	free(keys);
	/* A second fork keeps the first origin. */
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	assert_int_equal(bh_local_op_below(s->local, 2, BH_WHICH_ALL, &arena, &row), 0);
	assert_memory_equal(row.header.origin.log_id.data, old.log_id, sizeof(old.log_id));
	assert_int_equal(row.header.origin.seq, 3);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__a_carried_repeat_gets_its_old_number_back(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_op_ref ref;
	struct bh_case_row row;

	assert_int_equal(record(s, "x", &ref), 0);
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	const struct bh_msg_verdict verdict = {
		.seq = 1, .verdict = BH_VERDICT_CARRIED, .case_number = ref.number};
	const struct bh_msg_ack ack = {
		.seq = 1, .mac = scripted_text("mac"), .verdicts = &verdict, .verdicts_count = 1};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){ref.number, 0}, &arena, &row), 0);
	assert_true(row.own && row.key.number == ref.number);
	assert_int_equal(row.verdict, BH_VERDICT_CARRIED);
	bh_arena_free(&arena);
	free(changes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store__record_is_refused_before_enrolment),
		CASE(test_store__number_is_known_at_once_and_ops_are_chained),
		CASE(test_store__every_acknowledged_record_survives_a_power_cut),
		CASE(test_store__a_cut_at_every_write_leaves_a_whole_log),
		CASE(test_store__full_disk_records_nothing_and_heals),
		CASE(test_store__a_commit_of_unknown_outcome_is_looked_for),
		CASE(test_store__io_errors_refuse_and_the_store_comes_back),
		CASE(test_store__what_is_too_large_is_refused),
		CASE(test_store__a_foreign_file_is_not_touched),
		CASE(test_store__a_newer_schema_is_refused_by_name),
		CASE(test_store__a_second_opening_is_refused),
		CASE(test_store__acknowledgement_never_moves_back),
		CASE(test_store__a_verdict_is_kept_with_its_sentence),
		CASE(test_store__closure_of_ours_is_delivered_once),
		CASE(test_store__closure_in_a_reopened_case_is_still_delivered),
		CASE(test_store__closure_of_another_worker_has_no_receipt),
		CASE(test_store__record_goes_with_its_last_scope),
		CASE(test_store__cursor_and_records_move_together_and_forward),
		CASE(test_store__an_older_record_changes_nothing),
		CASE(test_store__a_lost_scope_closes_and_takes_its_records),
		CASE(test_store__from_start_keeps_the_list_until_all_is_told_anew),
		CASE(test_store__a_fork_carries_what_is_unacknowledged_with_its_origin),
		CASE(test_store__a_carried_repeat_gets_its_old_number_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
