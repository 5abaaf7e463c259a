/* Receipts that are given back with ops which a server has lost (faults.md C04). */
#include "tests/unit/client/scripted.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/verdict.h"

#define OPS 12
#define ALL 500

static const char *const macs[] = {"0123456789abcdea", "0123456789abcdeb", "0123456789abcdec"};

static void acknowledge(struct scripted *s, uint64_t seq, int64_t received_ms, const char *mac,
	const struct bh_msg_verdict *verdicts, size_t count)
{
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_ack ack = {.seq = seq,
		.received_ms = received_ms,
		.mac = scripted_text(mac),
		.verdicts = verdicts,
		.verdicts_count = count};

	assert_non_null(changes);
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	free(changes);
}

/* Twelve ops, of which 3, 7 and 10 ended an Ack; 2, 5 and 6 were not accepted. */
static void acknowledged(struct scripted *s)
{
	struct bh_op_ref ref;
	const struct bh_msg_verdict first = {
		.seq = 2, .verdict = BH_VERDICT_STALE, .code = BH_REASON_MOVED_ON};
	const struct bh_msg_verdict second[] = {
		{.seq = 5, .verdict = BH_VERDICT_REJECTED, .code = BH_REASON_TEXT},
		{.seq = 6, .verdict = BH_VERDICT_CARRIED}};

	for (int i = 0; i < OPS; i++)
		assert_int_equal(scripted_record(s, "x", &ref), 0);
	acknowledge(s, 3, 100, macs[0], &first, 1);
	acknowledge(s, 7, 200, macs[1], second, 2);
	acknowledge(s, 10, 300, macs[2], NULL, 0);
}

struct given {
	struct bh_op_batch batch;
	const struct bh_msg_push_receipt *receipts;
	size_t count;
};

static struct given give(
	struct scripted *s, struct bh_arena *arena, uint64_t first_seq, size_t ops_max)
{
	struct given given;

	bh_arena_reset(arena);
	assert_int_equal(bh_local_batch(s->local, first_seq, ops_max, BH_BATCH_BYTES_MAX, arena,
				 &given.batch),
		0);
	assert_int_equal(bh_local_batch_receipts(
				 s->local, arena, &given.batch, &given.receipts, &given.count),
		0);
	return given;
}

static void test_receipts__each_has_the_answers_since_the_one_before_it(void **state)
{
	struct scripted *s = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);

	acknowledged(s);
	scripted_crash(s);
	struct given given = give(s, &arena, 1, ALL);

	/* The two that have no answer yet go in a batch of their own. */
	assert_int_equal(given.batch.count, 10);
	assert_int_equal(given.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(given.receipts[i].received_ms, 100 * (i + 1));
		assert_true(bh_span_equal(given.receipts[i].mac, scripted_text(macs[i])));
	}
	assert_int_equal(given.receipts[0].seq, 3);
	assert_int_equal(given.receipts[0].verdicts_count, 1);
	assert_int_equal(given.receipts[0].verdicts[0].seq, 2);
	assert_int_equal(given.receipts[0].verdicts[0].verdict, BH_VERDICT_STALE);
	assert_int_equal(given.receipts[0].verdicts[0].code, BH_REASON_MOVED_ON);
	assert_int_equal(given.receipts[1].verdicts_count, 2);
	assert_int_equal(given.receipts[1].verdicts[0].seq, 5);
	assert_int_equal(given.receipts[1].verdicts[1].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(given.receipts[2].verdicts_count, 0);
	bh_arena_free(&arena);
}

/* A server may have been put back into the middle of what one Ack spoke of. */
static void test_receipts__one_whose_beginning_the_server_kept_is_given_whole(void **state)
{
	struct scripted *s = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);

	acknowledged(s);
	struct given given = give(s, &arena, 6, ALL);

	assert_int_equal(given.count, 2);
	assert_int_equal(given.receipts[0].seq, 7);
	assert_int_equal(given.receipts[0].verdicts_count, 2);
	assert_int_equal(given.receipts[0].verdicts[0].seq, 5);
	bh_arena_free(&arena);
}

static void test_receipts__a_batch_is_cut_where_the_last_of_them_ends(void **state)
{
	struct scripted *s = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);
	uint8_t link[BH_HASH_BYTES];

	acknowledged(s);
	struct given given = give(s, &arena, 1, 9);

	assert_int_equal(given.batch.count, 7);
	assert_int_equal(given.batch.salts.len, 7 * BH_SALT_BYTES);
	assert_int_equal(bh_local_link(s->local, 7, link), 0);
	assert_memory_equal(given.batch.last_link, link, sizeof(link));
	assert_int_equal(given.count, 2);
	/* None ends in it: it goes as it is. */
	given = give(s, &arena, 4, 2);
	assert_int_equal(given.batch.count, 2);
	assert_int_equal(given.count, 0);
	bh_arena_free(&arena);
}

static void test_receipts__new_ops_have_none(void **state)
{
	struct scripted *s = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);

	acknowledged(s);
	struct given given = give(s, &arena, 11, ALL);

	assert_int_equal(given.batch.count, 2);
	assert_int_equal(given.count, 0);
	bh_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_receipts__each_has_the_answers_since_the_one_before_it, scripted_setup,
			scripted_teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__one_whose_beginning_the_server_kept_is_given_whole,
			scripted_setup, scripted_teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__a_batch_is_cut_where_the_last_of_them_ends, scripted_setup,
			scripted_teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__new_ops_have_none, scripted_setup, scripted_teardown),
	};

	return cmocka_run_group_tests_name("store_receipt", tests, NULL, NULL);
}
