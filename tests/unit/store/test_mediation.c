/* Mediations on disk: rows from entries alone, the clock's order, and what a replay of the journal
 * gives; and what is kept of an agreement's paper. */
#include "server/store/mediation.h"
#include "proto/message_dispute.h"
#include "tests/unit/store/kit.h"

#define DAY (24 * 60 * KIT_MINUTE)

static int open_kit(void **state)
{
	return kit_setup(state, 4);
}

static int close_kit(void **state)
{
	return kit_teardown(state);
}

static struct bh_mediation mediation_of(struct kit *kit, uint64_t number)
{
	struct bh_mediation mediations[4];
	size_t count = 0;

	assert_int_equal(bh_reader_mediations(kit->reader, number, mediations, 4, &count), 0);
	assert_int_equal(count, 1);
	return mediations[0];
}

static void must(struct kit *kit, struct bh_command *command)
{
	assert_int_equal(kit_run(kit, command).verdict, BH_VERDICT_ACCEPTED);
}

/* With an agreement whose only date is a day ahead. */
static uint64_t agreed(struct kit *kit, struct phone *phone)
{
	kit_enrol(kit, phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, phone, "they shout");
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "mediate");
	uint32_t lead = BH_DEMO_LEAD(BH_DEMO_MEDIATION_A);

	command.type = BH_DEMO_QUARREL;
	command.unit = BH_DEMO_MEDIATION_A;
	must(kit, &command);
	command = kit_desk(BH_VERB_SIGN, lead, number, "signed");
	must(kit, &command);
	command = kit_desk(BH_VERB_MEDIATE, lead, number, "begin");
	command.dispute.kind = BH_MEDIATION_PEOPLES;
	must(kit, &command);
	command = kit_desk(BH_VERB_CONCLUDE, lead, number, "he mends the wall");
	command.reason_code = BH_MEDIATION_END_AGREED;
	command.dispute.agreement = bh_span("2026-7", 6);
	command.dispute.dates = 1;
	command.dispute.due_ms[0] = kit->now.wall_ms + DAY;
	must(kit, &command);
	return number;
}

static void test_mediation__keeps_its_paper(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t number = agreed(kit, &phone);
	struct bh_mediation mediation = mediation_of(kit, number);
	struct bh_msg_dispute_content paper;
	struct bh_entry entry;

	assert_int_equal(mediation.state, BH_MEDIATION_AGREED);
	assert_int_equal(mediation.paper, kit_case(kit, number).last);
	assert_int_equal(bh_reader_entry(kit->reader, mediation.paper, &kit->arena, &entry), 0);
	assert_int_equal(bh_decode_dispute_content(entry.content, &kit->arena, &paper), 0);
	assert_true(bh_span_equal(paper.agreement, bh_span("2026-7", 6)));
	assert_true(bh_span_equal(paper.text, bh_span("he mends the wall", 17)));
}

static void test_mediation__its_date_is_told_of_once_and_survives_a_restart(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t number = agreed(kit, &phone);
	struct bh_command finish = kit_desk(
		BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_MEDIATION_A), number, "done");

	must(kit, &finish);
	struct bh_mediation mediation = mediation_of(kit, number);
	kit_pass(kit, mediation.due_ms[0] - kit->now.wall_ms - 1);
	(void)kit_tick(kit);
	assert_int_equal(mediation_of(kit, number).asked, 0);
	kit_restart(kit, true);
	kit_pass(kit, 1);
	(void)kit_tick(kit);
	assert_int_equal(mediation_of(kit, number).asked, 1);
	mediation = mediation_of(kit, number);
	(void)kit_tick(kit);
	assert_int_equal(mediation_of(kit, number).last, mediation.last);
	kit_pass(kit, mediation.chase_ms[0] - kit->now.wall_ms);
	(void)kit_tick(kit);
	assert_int_equal(mediation_of(kit, number).chased, 1);
}

/* Verification sees a row that no entry made. */
static void test_mediation__a_row_that_is_no_entrys_is_found(void **state)
{
	struct kit kit;
	struct phone phone;
	struct bh_verify_report report;

	(void)state;
	kit_open(&kit, 5);
	(void)agreed(&kit, &phone);
	assert_int_equal(kit_verify(&kit, &report), 0);
	kit_down(&kit);
	kit_sql(&kit, KIT_PATH, "UPDATE mediation SET next_ms = next_ms + 1");
	assert_int_equal(kit_up(&kit), 0);
	assert_int_equal(kit_verify(&kit, &report), BH_ERR_CORRUPT);
	assert_non_null(strstr(report.what, "mediation"));
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_mediation__keeps_its_paper, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_mediation__its_date_is_told_of_once_and_survives_a_restart, open_kit,
			close_kit),
		cmocka_unit_test(test_mediation__a_row_that_is_no_entrys_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
