/* A full phone (E02): nothing is recorded, everything can be read, and nothing half-written stays.
 */
#include "tests/unit/client/scripted.h"

#include "proto/err.h"

static void test_store__full_disk_records_nothing_and_heals(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;
	uint64_t n = 0;
	int rc;

	bh_simvfs_budget_set(s->disk, bh_simvfs_bytes_used(s->disk) + 60000);
	while ((rc = scripted_record(s, "the disk fills up while this is recorded", &ref)) == 0)
		n++;
	assert_int_equal(rc, BH_ERR_FULL);
	assert_int_equal(scripted_log(s).head_seq, n);
	/* Not a byte is left, and the application is started anew: all can be read, nothing
	 * recorded. */
	bh_simvfs_budget_set(s->disk, bh_simvfs_bytes_used(s->disk));
	scripted_crash(s);
	assert_int_equal(scripted_log(s).head_seq, n);
	assert_int_equal(scripted_record(s, "the disk fills up while", &ref), BH_ERR_FULL);
	assert_int_equal(scripted_log(s).head_seq, n);
	bh_simvfs_heal(s->disk);
	assert_int_equal(scripted_record(s, "room again", &ref), 0);
	assert_int_equal(ref.seq, n + 1);
	scripted_crash(s);
	assert_int_equal(scripted_log(s).head_seq, n + 1);
}

/* The application ends at once and is started anew while a write of its copy fails; nth 0: none. */
static int open_again(struct scripted *s, enum bh_simvfs_fault fault, uint32_t nth)
{
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, fault, nth, false, "-renew"};
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(s->disk),
		.rng = bh_simrng_source(&s->rng)};

	bh_simvfs_kill(s->disk);
	bh_local_close(s->local);
	s->local = NULL;
	if (nth > 0)
		assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	return bh_local_open(&options, &s->local);
}

/* What cannot be made as durable as it looks is not opened; only the way into the file may wait. */
static void test_store__an_opening_that_cannot_renew_is_none(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;

	assert_int_equal(scripted_record(s, "in the log of writes", &ref), 0);
	assert_int_equal(open_again(s, BH_SIMVFS_FULL, 1), BH_ERR_FULL);
	assert_int_equal(open_again(s, BH_SIMVFS_FULL, 0), 0);
	assert_int_equal(scripted_log(s).head_seq, ref.seq);
}

/* The copy's label is cut short, again and again: one that is half of it and half of another says
 * where nothing belongs, and what was recorded long ago would be written over. */
static void test_store__a_torn_copy_is_none(void **state)
{
	struct scripted *s = *state;
	struct bh_op_ref ref;

	for (int i = 0; i < 20; i++)
		assert_int_equal(scripted_record(s, "in the log of writes", &ref), 0);
	/* once behind a label and its part, then always in a label */
	assert_int_equal(open_again(s, BH_SIMVFS_SHORT, 3), BH_ERR_IO);
	for (uint32_t round = 1; round < 300; round++)
		assert_int_equal(open_again(s, BH_SIMVFS_SHORT, 1), BH_ERR_IO);
	assert_int_equal(open_again(s, BH_SIMVFS_SHORT, 0), 0);
	assert_int_equal(scripted_log(s).head_seq, ref.seq);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_store__full_disk_records_nothing_and_heals),
		CASE(test_store__an_opening_that_cannot_renew_is_none),
		CASE(test_store__a_torn_copy_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
