/* Records on their way down: to whom, with what in them, one Delta at a time, and never to who was
 * cut off (faults.md I5, I9, I14, C15). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/pair.h"

#define WORKER BH_PAIR_WORKER
#define UNIT BH_PAIR_UNIT
#define OTHER_UNIT BH_DEMO_CLEAN_COUNTY
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define TEXT BH_PAIR_TEXT

/* ---- To whom, and when ---- */

static void test_feed__a_redirected_case_leaves_the_first_unit(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	bh_pair_dispatch(f, number, UNIT, "x");
	(void)bh_pair_expect_record(&f->lead);
	bh_world_desk(&f->world, BH_VERB_REDIRECT, DISPATCHER, number, OTHER_UNIT, "not theirs");
	struct bh_msg_delta delta = bh_phone_expect(&f->lead, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(&f->lead, &delta);
	assert_int_equal(records.records_count, 0);
	assert_int_equal(records.left_count, 1);
	assert_true(records.left[0].scope == BH_SCOPE_UNIT(UNIT));
	assert_true(records.left[0].case_number == number);
}

static void test_feed__a_wake_reaches_only_the_sessions_concerned(void **state)
{
	struct bh_pair *f = *state;
	struct bh_phone other;
	struct bh_hub_counts before, after;
	bh_phone_enrolled(&f->world, BH_DEMO_LEAD(OTHER_UNIT), &other);
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	(void)bh_phone_live(&other);
	uint64_t number = bh_pair_report(f);
	bh_hub_counts(f->world.hub, &before);
	bh_pair_dispatch(f, number, UNIT, "x");
	bh_hub_counts(f->world.hub, &after);
	assert_int_equal(after.deltas - before.deltas, 2);
	bh_phone_expect_nothing(&other);
	bh_phone_free(&other);
}

static void test_feed__no_second_delta_before_the_first_is_applied_and_changes_add_up(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t first = bh_pair_report(f), second = bh_pair_report(f);
	bh_pair_dispatch(f, first, UNIT, "x");
	struct bh_msg_delta delta = bh_phone_expect(&f->worker, BH_SERVER_DELTA).u.delta;
	(void)bh_pair_expect_record(&f->lead);
	bh_pair_dispatch(f, second, UNIT, "x");
	(void)bh_pair_expect_record(&f->lead);
	bh_pair_lead_does(f, BH_VERB_SIGN, first, "");
	bh_phone_expect_nothing(&f->worker);
	bh_phone_applied(&f->worker, &delta);
	delta = bh_phone_expect(&f->worker, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(&f->worker, &delta);
	assert_int_equal(records.records_count, 2);
	assert_int_equal(records.records[0].state + records.records[1].state,
		BH_STATE_DISPATCHED + BH_STATE_HANDLING);
	bh_phone_applied(&f->worker, &delta);
	bh_phone_applied(&f->worker, &delta); /* twice is once */
	bh_phone_expect_nothing(&f->worker);
}

static void test_feed__applying_what_was_not_told_ends_the_session(void **state)
{
	struct bh_pair *f = *state;
	struct bh_msg_cursor cursor = {BH_SCOPE_OWN(WORKER), 1000000};
	struct bh_client_frame frame = {
		.kind = BH_CLIENT_APPLIED, .u.applied = {.cursors = &cursor, .cursors_count = 1}};
	(void)bh_phone_live(&f->worker);
	bh_phone_send(&f->worker, &frame);
	(void)bh_phone_expect_refusal(&f->worker, BH_REFUSAL_BAD_FRAME);
}

/* Many cases in the unit's hands. */
static void fill(struct bh_pair *f, size_t count)
{
	uint64_t first = f->worker.count + 1;
	for (size_t i = 0; i < count; i++)
		(void)bh_phone_report(&f->worker, TEXT);
	bh_phone_push(&f->worker, first, count, true);
	(void)bh_phone_expect(&f->worker, BH_SERVER_ACK);
	for (size_t i = 0; i < count; i++)
		bh_pair_dispatch(f, (uint64_t)f->worker.log_short << 32 | (first + i), UNIT, "x");
}

static struct bh_msg_delta next_delta(struct bh_phone *phone, size_t records_count, bool more)
{
	struct bh_msg_delta delta = bh_phone_expect(phone, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(phone, &delta);
	assert_int_equal(records.records_count, records_count);
	assert_int_equal(delta.more, more);
	return delta;
}

static void test_feed__many_records_come_in_parts_and_resume_after_a_cut(void **state)
{
	struct bh_pair *f = *state;
	struct bh_district district;
	struct bh_msg_cursor cursor;
	uint8_t check[8], signature[BH_SIGNATURE_BYTES];
	assert_int_equal(bh_reader_district(f->world.reader, &district), 0);
	(void)bh_phone_live(&f->worker);
	fill(f, 450);
	(void)bh_phone_live(&f->lead);
	struct bh_msg_delta delta = next_delta(&f->lead, 200, true);
	assert_int_equal(delta.cursors_count, 1);
	cursor = delta.cursors[0];
	memcpy(check, delta.head_hash.data, sizeof(check));
	bh_phone_connect(&f->lead); /* applied, and the word of it was lost */
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	frame.u.hello = bh_phone_hello(&f->lead);
	frame.u.hello.cursors = &cursor;
	frame.u.hello.cursors_count = 1;
	frame.u.hello.epoch = district.epoch;
	frame.u.hello.head_hash = bh_span(check, sizeof(check));
	bh_phone_sign_hello(&f->lead, &frame.u.hello, signature);
	bh_phone_send(&f->lead, &frame);
	assert_false(bh_phone_expect(&f->lead, BH_SERVER_WELCOME).u.welcome.from_start);
	delta = next_delta(&f->lead, 200, true);
	bh_phone_applied(&f->lead, &delta);
	delta = next_delta(&f->lead, 50, false);
	bh_phone_applied(&f->lead, &delta);
	bh_phone_expect_nothing(&f->lead);
}

static void test_feed__a_delta_that_ends_exactly_full_is_followed_by_the_last_word(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	fill(f, BH_DELTA_RECORDS_MAX);
	(void)bh_phone_live(&f->lead);
	struct bh_msg_delta delta = next_delta(&f->lead, BH_DELTA_RECORDS_MAX, true);
	bh_phone_applied(&f->lead, &delta);
	delta = next_delta(&f->lead, 0, false);
	bh_phone_applied(&f->lead, &delta);
	bh_phone_expect_nothing(&f->lead);
}

static void test_feed__long_texts_cut_a_delta_before_a_frame_is_full(void **state)
{
	struct bh_pair *f = *state;
	static char text[3901];
	size_t told = 0;
	memset(text, 'x', sizeof(text) - 1);
	(void)bh_phone_live(&f->worker);
	for (uint64_t seq = 1; seq <= 120; seq++) {
		text[seq] = (char)('a' + seq % 20);
		(void)bh_phone_report(&f->worker, text);
		if (seq % 40 == 0)
			bh_phone_push(&f->worker, seq - 39, 40, true);
	}
	assert_int_equal(bh_phone_drain(&f->worker), 3);
	for (uint64_t seq = 1; seq <= 120; seq++)
		bh_pair_dispatch(f, (uint64_t)f->worker.log_short << 32 | seq, UNIT, "x");
	(void)bh_phone_live(&f->lead);
	for (int deltas = 1;; deltas++) {
		struct bh_msg_delta delta = bh_phone_expect(&f->lead, BH_SERVER_DELTA).u.delta;
		assert_true(delta.records.raw_bytes <= 256u * 1024u);
		told += bh_phone_records(&f->lead, &delta).records_count;
		bh_phone_applied(&f->lead, &delta);
		if (!delta.more) {
			assert_int_equal(deltas, 3);
			break;
		}
	}
	assert_int_equal(told, 120);
}

/* ---- Cut off, and changed rights ---- */

static void test_feed__a_revoked_device_gets_not_a_record_more(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	bh_world_revoke(&f->world, f->lead.device);
	bh_pair_dispatch(f, number, UNIT, "x");
	(void)bh_phone_expect_refusal(&f->lead, BH_REFUSAL_REVOKED);
	bh_phone_expect_nothing(&f->lead);
	assert_true(bh_session_is_closing(f->lead.session));
	(void)bh_phone_expect(&f->worker, BH_SERVER_DELTA);
}

static void test_feed__a_revocation_whose_wake_is_still_on_its_way_holds_already(void **state)
{
	struct bh_pair *f = *state;
	struct bh_outcome outcome = {0};
	struct bh_buf payload = BH_BUF(256);
	struct bh_msg_entry_revoked entry = {
		.device = f->lead.device, .reason = bh_span("lost", 4)};
	struct bh_wakes wakes;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	assert_int_equal(bh_encode_entry_revoked(&entry, &payload), 0);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_REVOKE,
		.payload = bh_buf_span(&payload)};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, jobs, 1, &wakes), 0);
	bh_buf_free(&payload);
	bh_pair_dispatch(f, number, UNIT, "x"); /* its wake comes first */
	(void)bh_phone_expect_refusal(&f->lead, BH_REFUSAL_REVOKED);
	bh_phone_expect_nothing(&f->lead);
}

static void test_feed__a_run_that_dispatches_and_revokes_sends_nothing(void **state)
{
	struct bh_pair *f = *state;
	struct bh_outcome outcomes[2] = {0};
	struct bh_buf payload = BH_BUF(256);
	struct bh_msg_entry_revoked entry = {
		.device = f->lead.device, .reason = bh_span("lost", 4)};
	struct bh_wakes wakes;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	assert_int_equal(bh_encode_entry_revoked(&entry, &payload), 0);
	struct bh_command commands[2] = {{.source = BH_SOURCE_DESK,
						 .verb = BH_VERB_DISPATCH,
						 .person = DISPATCHER,
						 .case_number = number,
						 .unit = UNIT,
						 .none_fits = true},
		{.source = BH_SOURCE_OPERATOR,
			.verb = BH_VERB_REVOKE,
			.payload = bh_buf_span(&payload)}};
	struct bh_job first = {.commands = &commands[0], .outcomes = &outcomes[0], .count = 1};
	struct bh_job second = {.commands = &commands[1], .outcomes = &outcomes[1], .count = 1};
	struct bh_job *jobs[] = {&first, &second};
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, jobs, 2, &wakes), 0);
	bh_buf_free(&payload);
	assert_int_equal(outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	bh_hub_wake(f->world.hub, f->world.now, bh_world_ms(&f->world), &wakes);
	(void)bh_phone_expect_refusal(&f->lead, BH_REFUSAL_REVOKED);
	bh_phone_expect_nothing(&f->lead);
	(void)bh_pair_expect_record(&f->worker);
}

static void test_feed__what_a_revoked_device_has_not_taken_yet_is_dropped(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	bh_pair_dispatch(f, number, UNIT, "x");
	assert_true(bh_session_output(f->lead.session)->len > 0);
	bh_world_revoke(&f->world, f->lead.device);
	assert_int_equal(bh_session_output(f->lead.session)->len, 0);
	assert_true(bh_session_is_closing(f->lead.session));
}

static void test_feed__new_rules_bring_the_district_anew(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	f->world.demo->profile.settings.dispatch_limit_min = 20;
	assert_int_equal(bh_world_profile(&f->world).verdict, BH_VERDICT_ACCEPTED);
	bh_phone_expect_nothing(&f->worker);
	for (int i = 0; i < 2; i++) {
		struct bh_phone *phone = i == 0 ? &f->worker : &f->lead;
		assert_true(bh_session_wake_mono_ms(phone->session) <= f->world.now.mono_ms + 10);
		bh_world_pass(&f->world, 10);
		bh_session_tick(phone->session, f->world.now, bh_world_ms(&f->world));
		struct bh_server_frame frame = bh_phone_expect(phone, BH_SERVER_DISTRICT);
		assert_int_equal(frame.u.district.version, 2);
		assert_int_equal(frame.u.district.person, phone->person);
	}
	(void)bh_phone_live(&f->worker); /* whose Hello knows version 1 */
	assert_int_equal(bh_phone_expect(&f->worker, BH_SERVER_DISTRICT).u.district.version, 2);
}

static void test_feed__who_loses_a_post_greets_anew_and_is_told_fewer_scopes(void **state)
{
	struct bh_pair *f = *state;
	struct bh_msg_post *posts = f->world.demo->posts;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	for (size_t i = 0; i < BH_DEMO_POSTS; i++) {
		if (posts[i].person == BH_DEMO_LEAD(UNIT)) {
			posts[i].role = BH_ROLE_REPORTER;
			posts[i].unit = 0;
		}
	}
	assert_int_equal(bh_world_profile(&f->world).verdict, BH_VERDICT_ACCEPTED);
	assert_false(bh_session_is_closing(f->worker.session));
	(void)bh_phone_expect_refusal(&f->lead, BH_REFUSAL_BUSY);
	assert_int_equal(bh_phone_live(&f->lead).scopes_count, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_pair_setup, bh_pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_feed__a_redirected_case_leaves_the_first_unit),
		CASE(test_feed__a_wake_reaches_only_the_sessions_concerned),
		CASE(test_feed__no_second_delta_before_the_first_is_applied_and_changes_add_up),
		CASE(test_feed__applying_what_was_not_told_ends_the_session),
		CASE(test_feed__many_records_come_in_parts_and_resume_after_a_cut),
		CASE(test_feed__a_delta_that_ends_exactly_full_is_followed_by_the_last_word),
		CASE(test_feed__long_texts_cut_a_delta_before_a_frame_is_full),
		CASE(test_feed__a_revoked_device_gets_not_a_record_more),
		CASE(test_feed__a_revocation_whose_wake_is_still_on_its_way_holds_already),
		CASE(test_feed__a_run_that_dispatches_and_revokes_sends_nothing),
		CASE(test_feed__what_a_revoked_device_has_not_taken_yet_is_dropped),
		CASE(test_feed__new_rules_bring_the_district_anew),
		CASE(test_feed__who_loses_a_post_greets_anew_and_is_told_fewer_scopes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
