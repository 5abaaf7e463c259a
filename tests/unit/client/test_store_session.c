/* Acknowledgements, verdicts and forks in the store. */
#include "tests/unit/client/scripted.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

static struct bh_changes *changes_new(void)
{
	return calloc(1, sizeof(struct bh_changes));
}

static void test_store__acknowledgement_never_moves_back(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	struct bh_unsent unsent;

	for (int i = 0; i < 5; i++)
		assert_int_equal(scripted_record(s, "x", &ref), 0);
	struct bh_msg_ack ack = {.seq = 4, .received_ms = 1, .mac = scripted_text("mac")};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	ack.seq = 2;
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	assert_int_equal(scripted_log(s).acked_seq, 4);
	ack.seq = 6;
	assert_int_equal(bh_local_ack(s->local, &ack, changes), BH_ERR_FORK);
	assert_int_equal(scripted_log(s).acked_seq, 4);
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
		assert_int_equal(scripted_record(s, "x", &ref), 0);
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
		assert_int_equal(scripted_record(s, "x", &ref[i]), 0);
	const struct bh_msg_ack ack = {.seq = 2, .mac = scripted_text("mac")};

	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	struct bh_log old = scripted_log(s);

	assert_int_equal(bh_local_fork(s->local, changes), 0);
	struct bh_log new = scripted_log(s);

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
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__a_second_fork_keeps_the_first_origin(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_op_ref ref;
	struct bh_op_row row;
	struct bh_log old = scripted_log(s);

	assert_int_equal(scripted_record(s, "x", &ref), 0);
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	assert_int_equal(bh_local_fork(s->local, changes), 0);
	assert_int_equal(bh_local_op_below(s->local, 2, BH_WHICH_ALL, &arena, &row), 0);
	assert_memory_equal(row.header.origin.log_id.data, old.log_id, sizeof(old.log_id));
	assert_int_equal(row.header.origin.seq, 1);
	assert_memory_equal(row.header.origin.link.data, ref.link, sizeof(ref.link));
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

	assert_int_equal(scripted_record(s, "x", &ref), 0);
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
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_store__acknowledgement_never_moves_back),
		CASE(test_store__a_verdict_is_kept_with_its_sentence),
		CASE(test_store__a_fork_carries_what_is_unacknowledged_with_its_origin),
		CASE(test_store__a_second_fork_keeps_the_first_origin),
		CASE(test_store__a_carried_repeat_gets_its_old_number_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
