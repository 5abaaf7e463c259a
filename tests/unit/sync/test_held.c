/* How much of a device that is cut off stands in quarantine: what asking costs, and that it is
 * exact.
 */
#include "tests/unit/proto/cmocka_all.h"

#include "server/store/reader.h"
#include "server/sync/hub.h"
#include "tests/unit/sync/single.h"

static void drain(struct bh_single *f)
{
	assert_true(bh_phone_live(&f->phone).draining);
	bh_phone_expect_nothing(&f->phone);
}

/* Steps of SQLite's machine that the hub's reader took since it was asked last. */
static int64_t steps_taken(struct bh_single *f)
{
	int64_t steps = 0;
	for (size_t i = 0; i < BH_SQL_COUNT; i++)
		if (f->world.reader->db.statements[i] != NULL)
			steps += sqlite3_stmt_status(
				f->world.reader->db.statements[i], SQLITE_STMTSTATUS_VM_STEP, 1);
	return steps;
}

static int64_t refused_push_costs(struct bh_single *f, uint64_t seq)
{
	(void)steps_taken(f);
	bh_phone_push(&f->phone, seq, 1, true);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
	int64_t steps = steps_taken(f);
	bh_phone_hang_up(&f->phone);
	return steps;
}

/* However much it ever sent, one more push costs no more, and out of its own bucket. */
static void test_held__what_is_refused_costs_little_and_is_paid_for(void **state)
{
	struct bh_single *f = *state;
	uint64_t held = 0;
	for (int i = 0; i < 70; i++)
		(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	f->world.hub->options.device_quarantined_max = 4;
	drain(f);
	(void)bh_phone_pushed(&f->phone, 1, 4);
	int64_t few = refused_push_costs(f, 5);
	f->world.hub->options.device_quarantined_max = 69;
	drain(f);
	(void)bh_phone_pushed(&f->phone, 5, 65);
	assert_int_equal(bh_reader_held(f->world.reader, f->phone.device, &held), 0);
	assert_int_equal(held, 69);
	assert_true(refused_push_costs(f, 70) <= few + 20);
	bh_world_hub(&f->world, 30, 3);
	f->world.hub->options.device_quarantined_max = 69;
	for (int i = 0; i < 4; i++) {
		drain(f);
		bh_phone_push(&f->phone, 70, 1, true);
		struct bh_msg_refusal busy = bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
		assert_true(i < 3 ? busy.retry_after_ms == BH_QUARANTINE_FULL_RETRY_MS
				  : busy.retry_after_ms < BH_QUARANTINE_FULL_RETRY_MS);
		bh_phone_hang_up(&f->phone);
	}
}

static struct bh_outcome decide(struct bh_single *f, uint64_t position, uint32_t discards)
{
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.person = BH_DEMO_PERSON(DISPATCHER),
		.device = f->phone.device,
		.base_position = position,
		.reason_code = discards,
		.text = bh_span("found again", 11)};
	return bh_world_run(&f->world, &command);
}

/* The entry of the report that was drained last. */
static uint64_t last_entry(struct bh_single *f)
{
	uint64_t position = 0;
	uint8_t hash[BH_HASH_BYTES];
	assert_int_equal(bh_reader_head(f->world.reader, &position, hash), 0);
	return position;
}

static void assert_held(struct bh_single *f, uint64_t wanted)
{
	struct bh_quarantine_sum sum;
	uint64_t held = 0;
	size_t count = 0;
	assert_int_equal(bh_reader_held(f->world.reader, f->phone.device, &held), 0);
	assert_int_equal(bh_reader_quarantines(f->world.reader, 0, &sum, 1, &count), 0);
	assert_int_equal(held, wanted);
	assert_int_equal(sum.held, wanted);
}

/* As a program before there were such rows left them. */
static void rows_forget(struct bh_single *f)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(f->world.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM local WHERE id >> 32 = 5", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* What is kept is what the journal says, after each decision, a restart, and in an older file. */
static void test_held__is_counted_exactly(void **state)
{
	struct bh_single *f = *state;
	uint64_t ops[5];
	for (int i = 0; i < 6; i++)
		(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	drain(f);
	for (uint64_t i = 0; i < 5; i++) {
		(void)bh_phone_pushed(&f->phone, i + 1, 1);
		ops[i] = last_entry(f);
		assert_held(f, i + 1);
	}
	for (int again = 0; again < 2; again++)
		(void)decide(f, ops[0], 1), assert_held(f, 4);
	(void)decide(f, ops[1], 0);
	assert_held(f, 3);
	for (int again = 0; again < 2; again++)
		(void)decide(f, ops[0], 0), assert_held(f, 3);
	bh_phone_hang_up(&f->phone);
	bh_world_restart(&f->world);
	assert_held(f, 3);
	rows_forget(f);
	bh_world_restart(&f->world);
	assert_held(f, 3);
	(void)decide(f, ops[2], 1);
	assert_held(f, 2);
	drain(f);
	(void)bh_phone_pushed(&f->phone, 6, 1);
	assert_held(f, 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_held__what_is_refused_costs_little_and_is_paid_for),
		CASE(test_held__is_counted_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
