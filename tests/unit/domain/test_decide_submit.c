/* A report arrives: what is kept, what is corrected, what is rejected; and a closure's receipts. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/datum.h"
#include "proto/number.h"
#include "tests/unit/domain/demo_rules.h"

static void rejected(
	struct bh_docket *docket, const struct bh_command *command, enum bh_reason reason)
{
	const struct bh_verdict_on *on = bh_docket_give(docket, command);
	assert_int_equal(on->verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on->reason, reason);
	assert_true(on->journal);
	assert_false(on->changes);
}

static void test_submit__makes_a_case_with_its_clock_and_its_unit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(cased->number, bh_case_number(BH_DOCKET_LOG, 1));
	assert_int_equal(cased->state, BH_STATE_RECEIVED);
	assert_int_equal(cased->cycle, 1);
	assert_int_equal(cased->reporter, BH_DEMO_WORKER(1111));
	assert_int_equal(cased->grid, 1111);
	assert_int_equal(cased->area, 1111);
	assert_int_equal(cased->urgency, 3);
	assert_int_equal(cased->proposed_unit, BH_DEMO_CLEAN_A);
	assert_int_equal(cased->unit, 0);
	assert_int_equal(cased->received_ms, BH_DOCKET_START_MS);
	assert_int_equal(cased->dispatch_due_ms, BH_DOCKET_START_MS + BH_MINUTES(30));
	assert_int_equal(cased->next_ms, BH_DOCKET_START_MS + BH_MINUTES(15));
	assert_int_equal(docket.last.post, BH_DEMO_WORKER(1111));
	assert_int_equal(docket.changes_count, 0); /* the handset has it: it made it */
}

/* dhis2-android#1225: an unknown type is stored as it came and goes to a person. */
static void test_submit__keeps_an_unknown_type_and_gives_it_to_a_desk(void **state)
{
	static const uint32_t types[] = {0, 99999, UINT32_MAX};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, types[i], 1211);
		assert_int_equal(docket.cased.type, types[i]);
		assert_int_equal(docket.cased.urgency, BH_URGENCY_DEFAULT);
		assert_int_equal(docket.cased.proposed_unit, BH_DEMO_DESK_B);
	}
}

static void test_submit__needs_a_text_or_a_type(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, 0, 1111);
	command.text = bh_span(NULL, 0);
	rejected(&docket, &command, BH_REASON_TEXT);
	assert_false(docket.exists);
	command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.text = bh_span(NULL, 0);
	bh_docket_must(&docket, &command);
}

static void test_submit__outside_everything_is_the_countys(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_HAZARD, 1111);
	command.latitude_e7 = -105000000;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.area, BH_DEMO_COUNTY);
	assert_int_equal(docket.cased.grid, 0);
	assert_int_equal(docket.cased.has_place, 1);
	assert_int_equal(docket.cased.latitude_e7, -105000000);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_DESK_COUNTY);
}

/* S4-16: every case has a grid; one that was not measured is marked. */
static void test_submit__without_a_position_lies_where_its_author_works(void **state)
{
	const struct {
		uint32_t person, post, area, grid;
	} rows[] = {
		{BH_DEMO_WORKER(1212), 0, 1212, 1212},
		{BH_DEMO_TOWNSHIP_DESK, 51, BH_DEMO_TOWNSHIP_B, 0},
		{BH_DEMO_PERSON(REPORTER), 0, BH_DEMO_COUNTY, 0},
		{888888, 0, BH_DEMO_COUNTY, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		struct bh_command command = bh_docket_report(&docket, BH_DEMO_HAZARD, 1111);
		command.has_place = false;
		command.person = rows[i].person;
		command.post = rows[i].post;
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.cased.area, rows[i].area);
		assert_int_equal(docket.cased.grid, rows[i].grid);
		assert_int_equal(docket.cased.place_marked, rows[i].grid != 0);
		assert_int_equal(docket.cased.has_place, 0);
		assert_int_equal(docket.cased.latitude_e7, 0);
	}
}

static void test_submit__just_outside_takes_the_nearest_grid_and_marks_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.latitude_e7 = 305000000 - 10000; /* 110 m south of the edge */
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.grid, 1111);
	assert_int_equal(docket.cased.area, 1111);
	assert_int_equal(docket.cased.place_marked, 1);
}

static void test_submit__a_special_grid_wins_its_class_only(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_STALL, 1111);
	command.latitude_e7 = 305100000;
	command.longitude_e7 = 1170100000 + 5000;
	struct bh_command other = command;
	other.type = BH_DEMO_LITTER;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.grid, BH_DEMO_MARKET);
	bh_docket_open(&docket, *state);
	bh_docket_must(&docket, &other);
	assert_int_equal(docket.cased.grid, 1112);
}

/* Hundreds of metres lie between the datums: the truth that is stored is WGS-84. */
static void test_submit__converts_the_datum_it_came_in(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1121);
	struct bh_command plain = command;
	bh_docket_must(&docket, &plain);
	struct bh_case wgs84 = docket.cased;
	bh_docket_open(&docket, *state);
	command.datum = BH_DATUM_GCJ02;
	bh_docket_must(&docket, &command);
	assert_int_equal(wgs84.longitude_e7, command.longitude_e7);
	assert_int_not_equal(docket.cased.longitude_e7, command.longitude_e7);
	bh_docket_open(&docket, *state);
	command.datum = 4;
	rejected(&docket, &command, BH_REASON_PLACE);
	command.datum = BH_DATUM_WGS84;
	command.latitude_e7 = 910000000;
	rejected(&docket, &command, BH_REASON_PLACE);
}

struct clock_row {
	int64_t captured_ms, offset_ms, bound_ms, expected_ms;
	uint32_t expected_bound_ms;
};

/* D07: a claim that can be corrected is; one that cannot be is replaced, and says so. */
static void test_submit__corrects_the_handsets_clock(void **state)
{
	const int64_t now = BH_DOCKET_START_MS, day = BH_HOURS(24), y2000 = INT64_C(946684800000);
	const uint32_t no = UINT32_MAX;
	const struct clock_row rows[] = {
		{now, 0, 200, now, 200},
		{now - BH_HOURS(30), 0, 200, now - BH_HOURS(30), 200}, /* an offline day */
		{now - BH_MINUTES(600), BH_MINUTES(590), 300, now - BH_MINUTES(10), 300},
		{now, day, 1, now + day, 1},
		{now, day + 1, 1, now, no},
		{y2000, 0, 9, y2000, 9},
		{y2000 - 1, 0, 9, now, no},
		{0, 0, 9, now, no},
		{-1, 0, 9, now, no},
		{INT64_MAX, INT64_MAX, 9, now, no},
		{INT64_MIN, INT64_MIN, 9, now, no},
		{0, now, 9, now, 9}, /* a clock reset to 1970, measured */
		{now, 0, INT64_MAX, now, no - 1},
		{now, 0, -1, now, no - 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
		command.captured_ms = rows[i].captured_ms;
		command.clock_offset_ms = rows[i].offset_ms;
		command.clock_bound_ms = rows[i].bound_ms;
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.last.captured_ms, rows[i].expected_ms);
		assert_int_equal(docket.last.captured_bound_ms, rows[i].expected_bound_ms);
		assert_int_equal(docket.cased.captured_ms, rows[i].expected_ms);
		/* The 30 minutes run from receipt, whatever a handset says. */
		assert_int_equal(docket.cased.dispatch_due_ms, now + BH_MINUTES(30));
	}
}

static void test_submit__what_decoding_refused_is_journalled_and_makes_no_case(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.reason = BH_REASON_UNREADABLE;
	rejected(&docket, &command, BH_REASON_UNREADABLE);
	assert_int_equal(docket.count, 1);
	assert_false(docket.exists);
}

static void test_submit__values_out_of_range_are_rejected(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.urgency = 5;
	rejected(&docket, &command, BH_REASON_FIELD);
	command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.seq = (uint64_t)UINT32_MAX + 1;
	rejected(&docket, &command, BH_REASON_FIELD);
	command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	char text[BH_TEXT_BYTES_MAX + 1];
	memset(text, 'x', sizeof text);
	command.text = bh_span(text, sizeof text);
	rejected(&docket, &command, BH_REASON_TEXT);
	command.text.len--;
	bh_docket_must(&docket, &command);
	/* The same number again is the store's repeat; here it can only be a fault. */
	rejected(&docket, &command, BH_REASON_FIELD);
}

static void test_submit__an_author_who_is_not_the_devices_is_rejected(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	struct bh_standing standing = {
		.rules = *state,
		.now_ms = docket.now_ms,
		.device_live = true,
		.device_person = BH_DEMO_WORKER(1112),
	};
	struct bh_verdict_on on;
	bh_decide(&standing, &command, &on);
	assert_int_equal(on.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on.reason, BH_REASON_AUTHOR);
	assert_true(on.journal);
	command.person = standing.device_person = 0;
	bh_decide(&standing, &command, &on);
	assert_int_equal(on.reason, BH_REASON_AUTHOR);
}

/* On a shared handset: who holds the same post is an author, and the case is as if whose handset it
 * is had reported it. */
static void test_submit__a_colleague_reports_on_a_shared_handset(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	struct bh_standing standing = {
		.rules = *state,
		.now_ms = docket.now_ms,
		.device_live = true,
		.device_person = BH_DEMO_PERSON(DISPATCHER),
	};
	struct bh_verdict_on on;

	command.person = BH_DEMO_TWO_POSTS;
	bh_decide(&standing, &command, &on);
	assert_int_equal(on.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(on.after.reporter, BH_DEMO_PERSON(DISPATCHER));
	assert_int_equal(command.person, BH_DEMO_TWO_POSTS);
	/* another role's, though of the same area */
	command.person = BH_DEMO_PERSON(ACCEPTOR);
	bh_decide(&standing, &command, &on);
	assert_int_equal(on.reason, BH_REASON_AUTHOR);
}

/* I14: what a revoked handset drains is quarantined, whatever it is. */
static void test_submit__a_revoked_device_is_quarantined_and_changes_nothing(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	docket.device_live = false;
	struct bh_command ops[] = {
		bh_docket_op(&docket, BH_VERB_SIGN, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), NULL),
		bh_docket_op(&docket, BH_VERB_SEEN, BH_DEMO_WORKER(1111), NULL),
		bh_docket_op(&docket, BH_VERB_SIGN, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), NULL),
	};
	ops[2].reason = BH_REASON_UNREADABLE;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(bh_docket_give(&docket, &ops[i])->verdict, BH_VERDICT_QUARANTINED);
		assert_int_equal(docket.last.reason, BH_REASON_DEVICE);
		assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	}
}

/* Somebody without any post, or whose post has ended meanwhile, is heard all the same. */
static void test_submit__needs_no_post(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.person = 888888;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.last.post, 0);
	bh_docket_open(&docket, *state);
	command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	command.person = BH_DEMO_TWO_POSTS;
	command.post = 61;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.last.post, 61);
}

static void test_receipt__is_its_reporters_for_a_cycle_that_has_ended(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command seen = bh_docket_op(&docket, BH_VERB_SEEN, BH_DEMO_WORKER(1111), NULL);
	rejected(&docket, &seen, BH_REASON_NO_CASE);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	seen = bh_docket_op(&docket, BH_VERB_SEEN, BH_DEMO_WORKER(1111), NULL);
	rejected(&docket, &seen, BH_REASON_NOT_NOW);
	struct bh_command close = bh_docket_desk(
		&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "cleaned");
	bh_docket_must(&docket, &close);
	struct bh_case closed = docket.cased;
	struct bh_command other = bh_docket_op(&docket, BH_VERB_SEEN, BH_DEMO_WORKER(1112), NULL);
	rejected(&docket, &other, BH_REASON_NO_RIGHT);
	bh_docket_must(&docket, &seen);
	struct bh_command delivered = seen;
	delivered.verb = BH_VERB_DELIVERED;
	bh_docket_must(&docket, &delivered);
	assert_true(docket.last.changes);
	assert_int_equal(docket.changes_count, 0);
	closed.last = docket.cased.last;
	closed.seen = closed.delivered = 1;
	assert_true(bh_case_equal(&closed, &docket.cased));
	/* Once more, it is accepted and nothing comes of it. */
	bh_docket_must(&docket, &delivered);
	assert_false(docket.last.changes);
	bh_docket_must(&docket, &seen);
	assert_false(docket.last.changes);
	seen.cycle = 0;
	rejected(&docket, &seen, BH_REASON_FIELD);
	seen.cycle = 2;
	rejected(&docket, &seen, BH_REASON_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_submit__makes_a_case_with_its_clock_and_its_unit),
		cmocka_unit_test(test_submit__keeps_an_unknown_type_and_gives_it_to_a_desk),
		cmocka_unit_test(test_submit__needs_a_text_or_a_type),
		cmocka_unit_test(test_submit__outside_everything_is_the_countys),
		cmocka_unit_test(test_submit__without_a_position_lies_where_its_author_works),
		cmocka_unit_test(test_submit__just_outside_takes_the_nearest_grid_and_marks_it),
		cmocka_unit_test(test_submit__a_special_grid_wins_its_class_only),
		cmocka_unit_test(test_submit__converts_the_datum_it_came_in),
		cmocka_unit_test(test_submit__corrects_the_handsets_clock),
		cmocka_unit_test(
			test_submit__what_decoding_refused_is_journalled_and_makes_no_case),
		cmocka_unit_test(test_submit__values_out_of_range_are_rejected),
		cmocka_unit_test(test_submit__an_author_who_is_not_the_devices_is_rejected),
		cmocka_unit_test(test_submit__a_colleague_reports_on_a_shared_handset),
		cmocka_unit_test(test_submit__a_revoked_device_is_quarantined_and_changes_nothing),
		cmocka_unit_test(test_submit__needs_no_post),
		cmocka_unit_test(test_receipt__is_its_reporters_for_a_cycle_that_has_ended),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
