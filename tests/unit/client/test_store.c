/* The handset's store: durable before it says so, whole after any failure. */
#include "tests/unit/client/scripted.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

/* A failed fsync: whatever really happened, what is said afterwards is what a power cut leaves. */
static void commit_with(struct scripted *s, enum bh_simvfs_fault fault, bool must_succeed)
{
	const struct bh_simvfs_plan plan = {BH_SIMVFS_SYNC, fault, 1, false, "-wal"};
	struct bh_op_ref ref;
	uint64_t before = scripted_log(s).head_seq;

	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	int rc = scripted_record(s, "unknown", &ref);

	assert_true(rc == 0 || (!must_succeed && rc == BH_ERR_IO));
	bh_simvfs_heal(s->disk);
	uint64_t said = scripted_log(s).head_seq;

	assert_int_equal(said, rc == 0 ? before + 1 : before);
	scripted_crash(s);
	assert_int_equal(scripted_log(s).head_seq, said);
	assert_int_equal(scripted_record(s, "after", &ref), 0);
	assert_int_equal(ref.seq, said + 1);
}

static void test_store__record_is_refused_before_enrolment(void **state)
{
	struct scripted *s = scripted_new();
	struct bh_op_ref ref;

	(void)state;
	assert_int_equal(scripted_record(s, "a", &ref), BH_ERR_AUTH);
	scripted_ask(s);
	assert_int_equal(scripted_record(s, "a", &ref), BH_ERR_AUTH);
	assert_int_equal(scripted_log(s).head_seq, 0);
	scripted_free(s);
}

static void test_store__number_is_known_at_once_and_ops_are_chained(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref first, second;
	uint8_t link[BH_HASH_BYTES];

	assert_int_equal(scripted_record(s, "one", &first), 0);
	assert_int_equal(scripted_record(s, "two", &second), 0);
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

/* C09, the handset's half. */
static void test_store__every_acknowledged_record_survives_a_power_cut(void **state)
{
	struct scripted *s = *state;

	for (uint64_t n = 1; n <= 40; n++) {
		struct bh_op_ref ref;
		uint8_t link[BH_HASH_BYTES];

		assert_int_equal(scripted_record(s, "power", &ref), 0);
		if (n % 3 == 0)
			assert_int_equal(bh_local_idle(s->local), 0);
		scripted_crash(s);
		assert_int_equal(scripted_log(s).head_seq, n);
		assert_int_equal(bh_local_link(s->local, n, link), 0);
		assert_memory_equal(link, ref.link, sizeof(link));
	}
	assert_true(bh_simvfs_stats(s->disk).crashes == 40);
}

/* Opens under the name of a boot and records; gives the count that the op carries. */
static uint32_t boot_recorded(struct scripted *s, uint64_t name)
{
	struct bh_arena arena = BH_ARENA(1u << 16);
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(s->disk),
		.rng = bh_simrng_source(&s->rng),
		.boot = name};
	struct bh_msg_op_header header;
	struct bh_op_batch batch;
	struct bh_op_ref ref;
	uint32_t said = 0;
	int reason;

	bh_local_close(s->local);
	assert_int_equal(bh_local_open(&options, &s->local), 0);
	assert_int_equal(bh_local_boot(s->local, &said), 0);
	assert_int_equal(scripted_record(s, "counted", &ref), 0);
	assert_int_equal(bh_local_batch(s->local, ref.seq, 1, 10000, &arena, &batch), 0);
	assert_int_equal(bh_op_decode_header(batch.headers[0], &arena, &header, &reason), 0);
	assert_int_equal(header.boot, said);
	assert_int_equal(bh_local_boot(s->local, &said), 0);
	assert_int_equal(header.boot, said);
	bh_arena_free(&arena);
	return said;
}

static void test_store__each_boot_that_recorded_is_counted(void **state)
{
	struct scripted *s = *state;
	uint32_t first = boot_recorded(s, 77);

	assert_true(first > 0);
	assert_int_equal(boot_recorded(s, 77), first);
	assert_int_equal(boot_recorded(s, 78), first + 1);
	assert_int_equal(boot_recorded(s, 78), first + 1);
	assert_int_equal(boot_recorded(s, UINT64_MAX), first + 2);
	/* Nobody knows its name: it may have booted with each opening. */
	assert_int_equal(boot_recorded(s, 0), first + 3);
	assert_int_equal(boot_recorded(s, 0), first + 4);
	assert_int_equal(boot_recorded(s, 77), first + 5);
}

/* C09 */
static void test_store__a_cut_at_every_write_leaves_a_whole_log(void **state)
{
	struct scripted *s = *state;
	uint64_t held = 0;

	for (uint64_t k = 1; k <= 30; k++) {
		struct bh_op_ref ref;

		bh_simvfs_stop_at(s->disk, k % 7 + 1);
		while (scripted_record(s, "cut", &ref) == 0)
			held = ref.seq;
		bh_local_close(s->local);
		bh_simvfs_crash(s->disk);
		const struct bh_local_options options = {
			SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};

		assert_int_equal(bh_local_open(&options, &s->local), 0);
		/* One more may have become durable without being said so. */
		uint64_t head = scripted_log(s).head_seq;

		assert_true(head == held || head == held + 1);
		held = head;
	}
	assert_true(held > 0);
}

/* What a forgotten sync left in the WAL, and a cut while that is put right, take nothing away. */
static void test_store__a_sync_that_the_kernel_forgot_takes_nothing_later_with_it(void **state)
{
	struct scripted *s = *state;
	const struct bh_simvfs_plan forgotten = {
		BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, "-wal"};
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	uint64_t held = 0;

	for (uint64_t n = 1; n <= 60; n++) {
		struct bh_op_ref ref;

		assert_int_equal(scripted_record(s, "before", &ref), 0);
		held = ref.seq;
		assert_int_equal(bh_simvfs_plan_add(s->disk, &forgotten), 0);
		if (scripted_record(s, "forgotten", &ref) == 0) /* looked for, and found */
			held = ref.seq;
		bh_simvfs_stop_at(s->disk, n % 2 ? 0 : n / 2);
		for (uint64_t later = n % 3; later > 0 && scripted_record(s, "later", &ref) == 0;
			later--)
			held = ref.seq;
		bh_simvfs_crash(s->disk);
		bh_local_close(s->local);
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		assert_true(scripted_log(s).head_seq >= held);
		held = scripted_log(s).head_seq;
	}
}

static void test_store__a_commit_of_unknown_outcome_is_looked_for(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;

	assert_int_equal(scripted_record(s, "first", &ref), 0);
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
		uint64_t before = scripted_log(s).head_seq;
		struct bh_op_ref ref;
		int rc = 0;

		assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
		for (int i = 0; i < 10 && rc == 0; i++)
			rc = scripted_record(s, "eio", &ref);
		assert_true(rc == BH_ERR_IO || rc == BH_ERR_UNKNOWN);
		assert_true(bh_local_last_code(s->local) != 0);
		bh_simvfs_heal(s->disk);
		assert_true(scripted_log(s).head_seq >= before);
		assert_int_equal(scripted_record(s, "healed", &ref), 0);
	}
}

static void test_store__what_is_too_large_is_refused(void **state)
{
	struct scripted *s = *state;
	static char text[BH_OP_CONTENT_BYTES_MAX + 10];
	struct bh_op_ref ref;

	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(scripted_record(s, text, &ref), BH_ERR_LIMIT);
	assert_int_equal(scripted_log(s).head_seq, 0);
}

static void test_store__a_second_opening_is_refused(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	struct bh_local *local = NULL;
	struct bh_op_ref ref;

	assert_int_equal(scripted_record(s, "in its log of writes", &ref), 0);
	uint64_t writes = bh_simvfs_stats(s->disk).calls[BH_SIMVFS_WRITE];

	assert_int_equal(bh_local_open(&options, &local), BH_ERR_BUSY);
	assert_null(local);
	/* not a byte under the hands of the one who has it */
	assert_int_equal(bh_simvfs_stats(s->disk).calls[BH_SIMVFS_WRITE], writes);
}

/* A commit that the kernel forgot, and the power goes at each change of the disk that the next
 * opening makes. */
static void test_store__a_cut_while_a_forgotten_commit_is_put_right_takes_nothing(void **state)
{
	const struct bh_simvfs_plan gone[] = {
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, "-wal"},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 2, false, "-wal"},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 4, false, "-wal"}};
	static char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (uint64_t round = 0; round < 240; round++) {
		struct scripted *s = scripted_new();
		const struct bh_local_options options = {
			SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
		struct bh_op_ref ref;
		uint64_t held = 0;

		scripted_enrol(s);
		for (int i = 0; i < 30; i++) {
			assert_int_equal(scripted_record(s, text, &ref), 0);
			held = ref.seq;
		}
		bh_local_close(s->local);
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		assert_int_equal(bh_simvfs_plan_add(s->disk, &gone[round % 3]), 0);
		/* What it says, it looked up in a file opened anew: the cut is while it does. */
		bh_simvfs_stop_at(s->disk, 4 + round / 3 % 40);
		while (scripted_record(s, text, &ref) == 0)
			held = ref.seq;
		bh_simvfs_heal(s->disk);
		scripted_crash(s);
		uint64_t head = scripted_log(s).head_seq;

		assert_true(head == held || head == held + 1);
		assert_int_equal(scripted_record(s, "on it goes", &ref), 0);
		scripted_crash(s);
		assert_int_equal(scripted_log(s).head_seq, head + 1);
		scripted_free(s);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_store__a_sync_that_the_kernel_forgot_takes_nothing_later_with_it),
		cmocka_unit_test(test_store__record_is_refused_before_enrolment),
		CASE(test_store__number_is_known_at_once_and_ops_are_chained),
		CASE(test_store__every_acknowledged_record_survives_a_power_cut),
		CASE(test_store__each_boot_that_recorded_is_counted),
		CASE(test_store__a_cut_at_every_write_leaves_a_whole_log),
		CASE(test_store__a_commit_of_unknown_outcome_is_looked_for),
		CASE(test_store__io_errors_refuse_and_the_store_comes_back),
		CASE(test_store__what_is_too_large_is_refused),
		CASE(test_store__a_second_opening_is_refused),
		cmocka_unit_test(
			test_store__a_cut_while_a_forgotten_commit_is_put_right_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
