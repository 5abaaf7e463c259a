/* An open round in the store: whole at every cut, sealed where the store is, and gone in the very
 * commit in which its op comes. */
#include <string.h>

#include "client-lib/local_round.h"
#include "proto/caseflow.h"
#include "proto/err.h"
#include "tests/unit/client/sealed_world.h"

#define PLAN 7u
#define REASON "the third door is locked"

static struct bh_round round_of(uint64_t done, uint64_t skipped)
{
	struct bh_round round = {.started_ms = 5, .done = done, .skipped = skipped};

	for (unsigned i = 0; i < BH_CHECKPOINTS_MAX; i++) {
		if ((skipped >> i & 1) == 0)
			continue;
		round.reasons[i].len = sizeof(REASON) - 1;
		memcpy(round.reasons[i].text, REASON, sizeof(REASON) - 1);
	}
	return round;
}

static int finish(struct scripted *s, const struct bh_round *round, struct bh_op_ref *ref)
{
	const struct bh_msg_op_header header = {
		.verb = BH_VERB_PATROL, .area = 1, .round = {PLAN, round->done, round->skipped, 3}};

	return bh_local_round_finish(s->local, &header, NULL, s->now, ref);
}

static void test_round__comes_back_as_it_was_put(void **state)
{
	struct scripted *s = *state;
	const struct bh_round rounds[] = {round_of(1, 0),
		round_of(UINT64_MAX >> 1, UINT64_C(1) << 63), round_of(0, UINT64_MAX),
		round_of(0, 0)};
	struct bh_round out;

	assert_int_equal(bh_local_round_get(s->local, PLAN, &out), BH_ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		assert_int_equal(bh_local_round_put(s->local, PLAN, &rounds[i]), 0);
		scripted_crash(s);
		assert_int_equal(bh_local_round_get(s->local, PLAN, &out), 0);
		assert_memory_equal(&out, &rounds[i], sizeof(out));
	}
	assert_int_equal(bh_local_round_get(s->local, PLAN + 1, &out), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_round_put(s->local, UINT32_MAX, &rounds[0]), 0);
	assert_int_equal(bh_local_round_drop(s->local, PLAN), 0);
	assert_int_equal(bh_local_round_get(s->local, PLAN, &out), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_round_get(s->local, UINT32_MAX, &out), 0);
}

/* The power goes at each write of the end: then there is the open round, or its op, and never both
 * or none. */
static void test_round__ends_as_one_op_wherever_the_power_goes(void **state)
{
	const struct bh_round round = round_of(3, 4);
	bool ended = false;

	(void)state;
	for (uint64_t at = 1; !ended; at++) {
		struct scripted *s = scripted_new();
		struct bh_round out;
		struct bh_op_ref ref;

		scripted_enrol(s);
		assert_int_equal(bh_local_round_put(s->local, PLAN, &round), 0);
		bh_simvfs_stop_at(s->disk, at);
		ended = finish(s, &round, &ref) == 0 && !bh_simvfs_is_stopped(s->disk);
		scripted_crash(s);
		int rc = bh_local_round_get(s->local, PLAN, &out);
		uint64_t head = scripted_log(s).head_seq;

		assert_true((rc == 0 && head == 0) || (rc == BH_ERR_NOT_FOUND && head == 1));
		assert_true(!ended || head == 1);
		scripted_free(s);
		assert_in_range(at, 1, 100);
	}
}

static void test_round__those_of_today_are_counted_by_plan_and_not_what_was_refused(void **state)
{
	struct scripted *s = *state;
	const struct bh_round round = round_of(1, 0);
	struct bh_op_ref ref;
	uint32_t plans[4];
	size_t count = 9;

	assert_int_equal(finish(s, &round, &ref), 0);
	scripted_report(s, "something else");
	scripted_later(s, 1000);
	int64_t since_ms = s->now.wall_ms;

	assert_int_equal(bh_local_rounds_since(s->local, since_ms, plans, 4, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(finish(s, &round, &ref), 0);
	assert_int_equal(finish(s, &round, &ref), 0);
	assert_int_equal(bh_local_rounds_since(s->local, since_ms, plans, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(plans[0], PLAN);
	assert_int_equal(bh_local_rounds_since(s->local, 0, plans, 4, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(bh_local_rounds_since(s->local, 0, plans, 1, &count), 0);
	assert_int_equal(count, 1);
}

static void test_round__lies_sealed_where_the_store_does(void **state)
{
	struct sealed_world *w = sealed_world_new(sealed_key);
	const struct bh_round round = round_of(1, 2);
	struct bh_round out;
	const uint8_t *file;
	size_t len;

	(void)state;
	assert_int_equal(bh_local_round_put(w->s->local, PLAN, &round), 0);
	sealed_shut(w);
	assert_int_equal(bh_simvfs_file_image(w->s->disk, SCRIPTED_PATH, &file, &len), 0);
	assert_null(memmem(file, len, REASON, sizeof(REASON) - 1));
	assert_int_equal(sealed_open(w, sealed_key), 0);
	assert_int_equal(bh_local_round_get(w->s->local, PLAN, &out), 0);
	assert_memory_equal(&out, &round, sizeof(out));
	sealed_world_free(w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_round__comes_back_as_it_was_put),
		cmocka_unit_test(test_round__ends_as_one_op_wherever_the_power_goes),
		CASE(test_round__those_of_today_are_counted_by_plan_and_not_what_was_refused),
		cmocka_unit_test(test_round__lies_sealed_where_the_store_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
