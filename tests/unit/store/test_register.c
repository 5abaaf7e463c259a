/* Numbers of what desks register: a log of the district's own, each number once, over repeats,
 * power cuts, rollbacks, restores and folders that were put back. */
#include "server/domain/intake.h"
#include "server/store/kept_apply.h"
#include "tests/unit/store/kit.h"

#define KEPT "/330106.kept"
#define OLD "/d/old.db"
#define CLERK BH_DEMO_PERSON(ACCEPTOR)

static int open_kit(void **state)
{
	return kit_setup(state, 131);
}

static struct bh_command matter(const char *text)
{
	struct bh_command command = kit_desk(BH_VERB_REGISTER, CLERK, 0, text);

	command.intake = BH_INTAKE_HALL;
	command.type = BH_DEMO_LITTER;
	command.area = 1111;
	command.outside = command.none_fits = false;
	command.channel = command.reason_code = 0;
	return command;
}

static struct bh_outcome registered(struct kit *kit, const char *text)
{
	struct bh_command command = matter(text);
	struct bh_outcome outcome = kit_run(kit, &command);

	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	return outcome;
}

static void test_register__gives_numbers_of_a_log_of_its_own(void **state)
{
	struct kit *kit = *state;
	struct phone phone, later;
	struct bh_entry entry;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	struct bh_outcome first = registered(kit, "the road sank");
	kit_enrol(kit, &later, BH_DEMO_WORKER(1112), 2);
	struct bh_outcome second = registered(kit, "a lamp is out");
	assert_int_equal(first.case_number, bh_case_number(phone.log_short + 1, 1));
	assert_int_equal(second.case_number, bh_case_number(phone.log_short + 1, 2));
	assert_int_equal(later.log_short, phone.log_short + 2);
	assert_int_equal(first.state, BH_STATE_RECEIVED);
	assert_true(first.dispatch_due_ms > first.at_ms);
	assert_int_equal(bh_reader_entry(kit->reader, first.position, &kit->arena, &entry), 0);
	assert_int_equal(entry.log_short, phone.log_short + 1);
	assert_int_equal(entry.seq, 1);
	assert_int_equal(entry.device, 0);
	assert_int_equal(entry.person, CLERK);
	struct bh_case cased = kit_case(kit, first.case_number);
	assert_int_equal(cased.intake, BH_INTAKE_HALL);
	assert_int_equal(cased.first, first.position);
}

/* What was refused leaves nothing, no log either. */
static void test_register__refused_leaves_nothing(void **state)
{
	struct kit *kit = *state;
	uint64_t head = kit_head(kit);
	struct bh_command command = matter("");

	command.type = 0;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_head(kit), head);
}

static void test_register__the_same_key_is_one_case_over_a_power_cut(void **state)
{
	struct kit *kit = *state;
	struct bh_command command = matter("the road sank");

	memset(command.key_hash, 1, BH_HASH_BYTES);
	memset(command.request_hash, 2, BH_HASH_BYTES);
	struct bh_outcome first = kit_run(kit, &command);
	kit_restart(kit, true);
	command = matter("the road sank");
	memset(command.key_hash, 1, BH_HASH_BYTES);
	memset(command.request_hash, 2, BH_HASH_BYTES);
	struct bh_outcome again = kit_run(kit, &command);
	assert_true(again.repeat);
	assert_int_equal(again.case_number, first.case_number);
	assert_int_equal(again.dispatch_due_ms, first.dispatch_due_ms);
	memset(command.request_hash, 3, BH_HASH_BYTES);
	assert_true(kit_run(kit, &command).key_taken);
	assert_int_equal(registered(kit, "another").case_number, first.case_number + 1);
}

/* A full disk: the group is rolled back, and with it a log that it had begun. */
static void test_register__goes_on_after_a_rollback(void **state)
{
	struct kit *kit = *state;
	struct bh_command command = matter("the road sank");
	struct bh_outcome outcome;
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	uint64_t head = kit_head(kit);

	kit_fill(kit);
	assert_int_equal(bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes), 0);
	assert_int_equal(job.err, BH_ERR_FULL);
	bh_simvfs_heal(kit->vfs);
	assert_int_equal(kit_head(kit), head);
	uint64_t first = registered(kit, "the road sank").case_number;
	assert_int_equal(first & UINT32_MAX, 1);
	assert_int_equal(registered(kit, "a lamp is out").case_number, first + 1);
}

/* ---- Put back ---- */

static void back_up(struct kit *kit)
{
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(kit->writer, OLD), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit->writer, 64, &done), 0);
}

/* By a restore, which begins the epoch before anybody looks at what is kept; or by hand, epoch 0.
 */
static void put_back(struct kit *kit, uint64_t epoch)
{
	const char *kept = kit->options.kept_path;

	kit_down(kit);
	kit->options.path = OLD;
	if (epoch) {
		kit->options.kept_path = NULL;
		assert_int_equal(kit_up(kit), 0);
		assert_int_equal(bh_writer_restored(kit->writer, kit->now, epoch), 0);
		kit_down(kit);
		kit->options.kept_path = kept;
	}
	assert_int_equal(kit_up(kit), 0);
}

static void kept_open(struct kit *kit, uint32_t number)
{
	kit_open(kit, number);
	kit_down(kit);
	kit->options.kept_path = KEPT;
	assert_int_equal(kit_up(kit), 0);
}

static void verified(struct kit *kit)
{
	struct bh_verify_report report = {0};

	assert_int_equal(kit_verify(kit, &report), 0);
	kit_close(kit);
}

/* Some were registered before the backup, and some since: their numbers were told. */
static void test_register__gives_no_number_again_after_a_restore(void **state)
{
	struct kit kit = {0};
	struct phone phone;
	(void)state;

	kept_open(&kit, 132);
	uint64_t kept = registered(&kit, "kept").case_number;
	back_up(&kit);
	uint64_t lost = registered(&kit, "lost").case_number;
	put_back(&kit, 2);
	uint64_t next = registered(&kit, "next").case_number;
	assert_int_equal(lost, kept + 1);
	assert_true(next >> 32 > lost >> 32);
	assert_int_equal(registered(&kit, "and one").case_number, next + 1);
	assert_int_equal(kit_case(&kit, kept).number, kept);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_true(phone.log_short > next >> 32);
	verified(&kit);
}

/* The log itself was begun since: the file beside the district knows it, whoever put it back. */
static void test_register__a_log_that_was_begun_since_is_found_in_the_kept_file(void **state)
{
	struct kit kit = {0};
	struct bh_district district;
	(void)state;

	kept_open(&kit, 133);
	back_up(&kit);
	uint64_t lost = registered(&kit, "lost").case_number;
	put_back(&kit, 0);
	assert_int_equal(bh_reader_district(kit.reader, &district), 0);
	assert_int_equal(district.epoch, 2);
	assert_true(registered(&kit, "next").case_number >> 32 > lost >> 32);
	kit_restart(&kit, false);
	assert_int_equal(bh_reader_district(kit.reader, &district), 0);
	assert_int_equal(district.epoch, 2); /* known by now */
	verified(&kit);
}

/* ... and likewise where a restore put it back: what it was is known, and it has ended. */
static void test_register__a_log_that_was_begun_since_a_backup_has_ended(void **state)
{
	struct kit kit = {0};
	(void)state;

	kept_open(&kit, 134);
	back_up(&kit);
	uint64_t lost = registered(&kit, "lost").case_number;
	put_back(&kit, 2);
	uint64_t next = registered(&kit, "next").case_number;
	assert_true(next >> 32 > lost >> 32);
	kit_restart(&kit, true);
	assert_int_equal(registered(&kit, "and one").case_number, next + 1);
	verified(&kit);
}

/* Nobody's log to a handset that calls its own so. */
static void test_register__its_log_is_no_handsets(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_entry entry;
	struct bh_msg_entry_log begun;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t position = registered(kit, "the road sank").position;
	assert_int_equal(bh_reader_entry(kit->reader, position - 1, &kit->arena, &entry), 0);
	assert_int_equal(entry.verb, BH_VERB_LOG_BEGIN);
	assert_int_equal(bh_decode_entry_log(entry.content, &kit->arena, &begun), 0);
	assert_int_equal(begun.device, 0);
	const struct bh_msg_entry_log claim = {.device = phone.device, .log_id = begun.log_id};
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_log(&claim, &kit->payload), 0);
	struct bh_outcome outcome = kit_operator(
		kit, BH_VERB_LOG_BEGIN, bh_buf_span(&kit->payload));
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_register__gives_numbers_of_a_log_of_its_own, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_register__refused_leaves_nothing, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_register__the_same_key_is_one_case_over_a_power_cut, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_register__goes_on_after_a_rollback, open_kit, kit_teardown),
		cmocka_unit_test(test_register__gives_no_number_again_after_a_restore),
		cmocka_unit_test(
			test_register__a_log_that_was_begun_since_is_found_in_the_kept_file),
		cmocka_unit_test(test_register__a_log_that_was_begun_since_a_backup_has_ended),
		cmocka_unit_test_setup_teardown(
			test_register__its_log_is_no_handsets, open_kit, kit_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
