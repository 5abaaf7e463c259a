/* The outbox in a district's file: with its entry or not at all, once for each person and kind,
 * over rollbacks and cuts; seen, sent, called on, and gone in the end. */
#include <sqlite3.h>

#include "server/store/notice.h"
#include "tests/unit/store/kit.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)
#define ROWS 100u
#define OF_UNIT 4u /* the lead, the handler, and the two that hold those roles by name */

struct outbox {
	struct bh_notice_row rows[ROWS];
	size_t count;
};

static int open_kit(void **state)
{
	return kit_setup(state, 41);
}

static void look(struct kit *kit, struct outbox *out)
{
	assert_int_equal(bh_reader_notices(kit->reader, 0, 0, out->rows, ROWS, &out->count), 0);
}

static const struct bh_notice_row *row_of(const struct outbox *box, uint32_t person, uint32_t kind)
{
	const struct bh_notice_row *found = NULL;

	for (size_t i = 0; i < box->count; i++) {
		if (box->rows[i].person != person || box->rows[i].kind != kind)
			continue;
		assert_null(found);
		found = &box->rows[i];
	}
	assert_non_null(found);
	return found;
}

static uint64_t report(struct kit *kit, struct phone *phone)
{
	kit_enrol(kit, phone, BH_DEMO_WORKER(1111), 1);
	return kit_report(kit, phone, "litter");
}

static struct bh_outcome dispatch(struct kit *kit, uint64_t number, uint32_t unit, uint32_t urgency)
{
	struct bh_command desk = kit_desk(BH_VERB_DISPATCH, DISPATCHER, number, "go");

	desk.unit = unit;
	desk.urgency = urgency;
	struct bh_outcome outcome = kit_run(kit, &desk);
	if (outcome.err == 0)
		assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	return outcome;
}

static struct bh_outcome seen(struct kit *kit, uint32_t person, uint64_t number)
{
	struct bh_command command = {.source = BH_SOURCE_NOTICE,
		.notice_act = BH_NOTICE_ACT_SEEN,
		.person = person,
		.case_number = number};
	return kit_run(kit, &command);
}

static void test_notice__is_there_with_its_entry_over_a_power_cut(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	char key[BH_NOTICE_KEY_MAX], again[BH_NOTICE_KEY_MAX];
	uint64_t number = report(kit, &phone);

	look(kit, &box);
	assert_int_equal(box.count, 0);
	uint64_t position = dispatch(kit, number, BH_DEMO_CLEAN_A, 0).position;
	look(kit, &box);
	assert_int_equal(box.count, OF_UNIT);
	const struct bh_notice_row *row = row_of(&box, LEAD, BH_NOTICE_DISPATCHED);
	assert_int_equal(row->position, position);
	assert_int_equal(row->number, number);
	assert_int_equal(row->state, BH_NOTICE_QUEUED);
	assert_int_equal(row->scope, BH_SCOPE_UNIT(BH_DEMO_CLEAN_A));
	bh_notice_key(row, KIT_CODE, key);
	kit_restart(kit, true);
	look(kit, &box);
	assert_int_equal(box.count, OF_UNIT);
	bh_notice_key(row_of(&box, LEAD, BH_NOTICE_DISPATCHED), KIT_CODE, again);
	assert_string_equal(key, again);
}

/* A full disk takes the ballast and the group is run once more: it tells what it would have told.
 */
static void test_notice__a_group_that_is_rolled_back_and_run_again_tells_once(void **state)
{
	struct kit *kit = *state;
	struct bh_writer_counts counts;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone);
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, NULL};

	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &full), 0);
	struct bh_outcome outcome = dispatch(kit, number, BH_DEMO_CLEAN_A, 0);
	assert_int_equal(outcome.err, 0);
	bh_writer_counts(kit->writer, &counts);
	assert_in_range(counts.rollbacks, 1, 9);
	look(kit, &box);
	assert_int_equal(box.count, OF_UNIT);
	assert_int_equal(row_of(&box, HANDLER, BH_NOTICE_DISPATCHED)->position, outcome.position);
	assert_int_equal(counts.notices[BH_NOTICE_QUEUED], OF_UNIT);
}

/* What was refused for want of room left no entry, and so nobody is told. */
static void test_notice__nothing_is_told_of_what_could_not_be_written(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone);

	kit_fill(kit);
	assert_int_equal(dispatch(kit, number, BH_DEMO_CLEAN_A, 0).err, BH_ERR_FULL);
	bh_simvfs_heal(kit->vfs);
	look(kit, &box);
	assert_int_equal(box.count, 0);
	assert_int_equal(dispatch(kit, number, BH_DEMO_CLEAN_A, 0).err, 0);
	look(kit, &box);
	assert_int_equal(box.count, OF_UNIT);
}

static void test_notice__is_seen_by_an_act_by_opening_and_by_a_handsets_delta(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone);
	uint64_t position = dispatch(kit, number, BH_DEMO_CLEAN_A, 0).position;
	struct bh_notice_applied applied = {HANDLER, BH_SCOPE_UNIT(BH_DEMO_CLEAN_A), position - 1};

	assert_int_equal(bh_writer_notices_applied(kit->writer, kit->now, &applied, 1), 0);
	look(kit, &box);
	assert_int_equal(row_of(&box, HANDLER, BH_NOTICE_DISPATCHED)->state, BH_NOTICE_QUEUED);
	applied.position = position;
	assert_int_equal(bh_writer_notices_applied(kit->writer, kit->now, &applied, 1), 0);
	look(kit, &box);
	assert_int_equal(row_of(&box, HANDLER, BH_NOTICE_DISPATCHED)->state, BH_NOTICE_SEEN);
	assert_int_equal(row_of(&box, LEAD, BH_NOTICE_DISPATCHED)->state, BH_NOTICE_QUEUED);
	struct bh_command sign = kit_desk(BH_VERB_SIGN, LEAD, number, "");
	assert_int_equal(kit_run(kit, &sign).verdict, BH_VERDICT_ACCEPTED);
	look(kit, &box);
	assert_int_equal(row_of(&box, LEAD, BH_NOTICE_DISPATCHED)->state, BH_NOTICE_SEEN);
	struct bh_command back = kit_desk(BH_VERB_RETURN, LEAD, number, "not ours");
	assert_int_equal(kit_run(kit, &back).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(seen(kit, DISPATCHER, number).err, 0);
	look(kit, &box);
	assert_int_equal(row_of(&box, DISPATCHER, BH_NOTICE_RETURN_ASKED)->state, BH_NOTICE_SEEN);
}

static void test_notice__what_came_of_it_is_kept_unless_it_was_seen_meanwhile(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone), waiting = 0;
	int64_t oldest_ms = 0, next_ms = 0;

	dispatch(kit, number, BH_DEMO_CLEAN_A, 0);
	look(kit, &box);
	struct bh_notice_row rows[2] = {box.rows[0], box.rows[1]};
	uint32_t lane = rows[0].lane;
	assert_int_equal(bh_reader_notices_next(kit->reader, lane, &next_ms), 0);
	assert_int_equal(next_ms, rows[0].next_ms);
	for (size_t i = 0; i < box.count; i++)
		if (i != 1)
			assert_int_equal(seen(kit, box.rows[i].person, number).err, 0);
	rows[0].state = BH_NOTICE_SENT;
	rows[1].tries = 3;
	rows[1].error = 500;
	rows[1].next_ms += 60000;
	assert_int_equal(bh_writer_notices_set(kit->writer, kit->now, rows, 2), 0);
	look(kit, &box);
	assert_int_equal(box.rows[0].state, BH_NOTICE_SEEN);
	assert_int_equal(box.rows[1].state, BH_NOTICE_QUEUED);
	assert_int_equal(box.rows[1].tries, 3);
	assert_int_equal(box.rows[1].error, 500);
	assert_int_equal(bh_reader_notices_waiting(kit->reader, &waiting, &oldest_ms), 0);
	assert_int_equal(waiting, 1);
	assert_int_equal(oldest_ms, rows[1].next_ms);
	assert_int_equal(bh_reader_notices_due(kit->reader, lane, rows[1].next_ms - 1, box.rows,
				 ROWS, &box.count),
		0);
	assert_int_equal(box.count, 0);
}

static void test_notice__what_failed_goes_again_and_what_was_seen_does_not(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone);

	dispatch(kit, number, BH_DEMO_CLEAN_A, 0);
	look(kit, &box);
	struct bh_notice_row rows[2] = {box.rows[0], box.rows[1]};
	assert_int_equal(seen(kit, rows[0].person, number).err, 0);
	rows[1].tries = 3;
	rows[1].state = BH_NOTICE_FAILED;
	assert_int_equal(bh_writer_notices_set(kit->writer, kit->now, &rows[1], 1), 0);
	struct bh_command again = {.source = BH_SOURCE_NOTICE,
		.notice_act = BH_NOTICE_ACT_RETRY,
		.notice_id = rows[1].id};
	assert_int_equal(kit_run(kit, &again).position, rows[1].id);
	again.notice_id = rows[0].id; /* which was seen */
	assert_int_equal(kit_run(kit, &again).position, 0);
	look(kit, &box);
	assert_int_equal(box.rows[1].state, BH_NOTICE_QUEUED);
	assert_int_equal(box.rows[1].tries, 0);
}

static void test_notice__P1_that_nobody_acknowledges_goes_up_and_once(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone);

	dispatch(kit, number, BH_DEMO_CLEAN_A, 1);
	look(kit, &box);
	size_t first = box.count;
	assert_int_equal(row_of(&box, LEAD, BH_NOTICE_URGENT)->lane, BH_NOTICE_LANE(0u, true));
	kit_pass(kit, BH_NOTICE_ACK_MS - 1);
	kit_tick(kit);
	look(kit, &box);
	assert_int_equal(box.count, first);
	assert_in_range(bh_writer_wake_mono_ms(kit->writer, kit->now), 0, kit->now.mono_ms + 1);
	kit_pass(kit, 1);
	kit_tick(kit);
	kit_restart(kit, true);
	kit_tick(kit);
	look(kit, &box);
	(void)row_of(&box, BH_DEMO_PERSON(SHIFT_LEADER), BH_NOTICE_CALLED);
	size_t second = box.count;
	assert_true(second > first);
	kit_pass(kit, BH_NOTICE_ACK_MS);
	kit_tick(kit);
	look(kit, &box);
	(void)row_of(&box, BH_DEMO_PERSON(SUPERVISOR), BH_NOTICE_CALLED_ABOVE);
}

/* After 5, 5, 5, 10, 20 minutes: each a notice of its own, until one of them has seen it. */
static void test_notice__P1_that_nobody_acknowledges_calls_all_of_them_ever_again(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	char first[BH_NOTICE_KEY_MAX], key[BH_NOTICE_KEY_MAX];
	uint64_t number = report(kit, &phone);

	dispatch(kit, number, BH_DEMO_CLEAN_A, 1);
	for (int call = 1; call <= 2; call++) {
		kit_pass(kit, BH_NOTICE_ACK_MS);
		kit_tick(kit);
	}
	look(kit, &box);
	size_t count = box.count, calls = 0;
	for (uint32_t call = 1; call <= 4; call++) {
		int64_t wait_ms = call < 4 ? BH_NOTICE_ACK_MS : 2 * BH_NOTICE_ACK_MS;
		kit_pass(kit, wait_ms - 1);
		kit_tick(kit);
		look(kit, &box);
		assert_int_equal(box.count, count);
		kit_pass(kit, 1);
		kit_tick(kit);
		look(kit, &box);
		calls = call == 1 ? box.count - count : calls;
		assert_true(calls > 0);
		assert_int_equal(box.count - count, calls);
		count = box.count;
		assert_int_equal(box.rows[0].kind, BH_NOTICE_CALLED_AGAIN);
		assert_int_equal(box.rows[0].call, call);
		assert_int_equal(box.rows[0].position, box.rows[count - 1].position);
		bh_notice_key(&box.rows[0], "990101", call == 1 ? first : key);
	}
	assert_string_not_equal(key, first); /* no repetition of it */
	kit_restart(kit, true);
	assert_int_equal(seen(kit, HANDLER, number).err, 0);
	kit_pass(kit, 5 * BH_NOTICE_ACK_MS);
	kit_tick(kit);
	look(kit, &box);
	for (size_t i = 0; i < box.count; i++)
		assert_true(box.rows[i].call <= 4);
}

static void test_notice__P1_that_is_signed_or_seen_calls_nobody(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone), other = kit_report(kit, &phone, "gas");

	dispatch(kit, number, BH_DEMO_CLEAN_A, 1);
	dispatch(kit, other, BH_DEMO_CLEAN_A, 1);
	look(kit, &box);
	size_t first = box.count;
	struct bh_command sign = kit_desk(BH_VERB_SIGN, LEAD, number, "");
	assert_int_equal(kit_run(kit, &sign).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(seen(kit, HANDLER, other).err, 0);
	kit_pass(kit, 3 * BH_NOTICE_ACK_MS);
	kit_tick(kit);
	look(kit, &box);
	assert_int_equal(box.count, first);
}

static void test_notice__a_test_is_one_and_expires_and_goes_in_the_end(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct bh_writer_counts counts;
	struct bh_command test = {
		.source = BH_SOURCE_NOTICE, .notice_act = BH_NOTICE_ACT_TEST, .person = LEAD};

	uint64_t id = kit_run(kit, &test).position;
	assert_int_not_equal(id, 0);
	look(kit, &box);
	assert_int_equal(row_of(&box, LEAD, BH_NOTICE_TEST)->id, id);
	kit_pass(kit, BH_NOTICE_EXPIRE_MS + 5001);
	kit_tick(kit);
	look(kit, &box);
	assert_int_equal(row_of(&box, LEAD, BH_NOTICE_TEST)->state, BH_NOTICE_EXPIRED);
	kit_pass(kit, BH_NOTICE_KEPT_MS);
	kit_tick(kit);
	look(kit, &box);
	assert_int_equal(box.count, 0);
	bh_writer_counts(kit->writer, &counts);
	assert_int_equal(counts.notices[BH_NOTICE_EXPIRED], 1);
	assert_int_equal(counts.notices_purged, 1);
}

/* A closure is told to who has no handset: whoever has one gets it by that. */
static void test_notice__a_closure_is_told_to_who_has_no_handset(void **state)
{
	struct kit *kit = *state;
	struct outbox box;
	struct phone phone;
	uint64_t number = report(kit, &phone), other = kit_report(kit, &phone, "again");
	struct bh_command refuse = kit_desk(
		BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), number, "not here");

	refuse.reason_code = 1;
	assert_int_equal(kit_run(kit, &refuse).verdict, BH_VERDICT_ACCEPTED);
	look(kit, &box);
	assert_int_equal(box.count, 0);
	assert_int_equal(kit_revoke(kit, phone.device).verdict, BH_VERDICT_ACCEPTED);
	refuse.case_number = other;
	refuse.base_position = 0;
	assert_int_equal(kit_run(kit, &refuse).verdict, BH_VERDICT_ACCEPTED);
	look(kit, &box);
	assert_int_equal(box.count, 1);
	(void)row_of(&box, BH_DEMO_WORKER(1111), BH_NOTICE_ENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, kit_teardown)
		TEST(test_notice__is_there_with_its_entry_over_a_power_cut),
		TEST(test_notice__a_group_that_is_rolled_back_and_run_again_tells_once),
		TEST(test_notice__nothing_is_told_of_what_could_not_be_written),
		TEST(test_notice__is_seen_by_an_act_by_opening_and_by_a_handsets_delta),
		TEST(test_notice__what_came_of_it_is_kept_unless_it_was_seen_meanwhile),
		TEST(test_notice__what_failed_goes_again_and_what_was_seen_does_not),
		TEST(test_notice__P1_that_nobody_acknowledges_goes_up_and_once),
		TEST(test_notice__P1_that_nobody_acknowledges_calls_all_of_them_ever_again),
		TEST(test_notice__P1_that_is_signed_or_seen_calls_nobody),
		TEST(test_notice__a_test_is_one_and_expires_and_goes_in_the_end),
		TEST(test_notice__a_closure_is_told_to_who_has_no_handset),
#undef TEST
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
