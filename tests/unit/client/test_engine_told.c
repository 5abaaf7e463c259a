/* Forks, and what is told: records, cursors, closures, against a scripted server. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

static void fork_expected(struct scripted *s, const uint8_t old[BH_LOG_ID_BYTES], uint64_t last_seq)
{
	assert_true(bh_engine_want(s->engine).disconnect);
	bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);

	assert_memory_not_equal(frame.u.hello.log_id.data, old, BH_LOG_ID_BYTES);
	assert_int_equal(frame.u.hello.forked_from.len, BH_LOG_ID_BYTES);
	assert_memory_equal(frame.u.hello.forked_from.data, old, BH_LOG_ID_BYTES);
	assert_int_equal(frame.u.hello.last_seq, last_seq);
	memcpy(s->log_id, frame.u.hello.log_id.data, sizeof(s->log_id));
	bh_log_start(s->hasher, "340803", s->log_id, s->links[0]);
	s->held = 0;
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.log_short = SCRIPTED_SHORT + 1;
	scripted_give(s, &welcome);
	assert_int_equal(scripted_take_push(s), last_seq);
	assert_true(s->last_header.has_origin);
}

static const uint64_t own_scope[] = {SCRIPTED_OWN};

static void test_engine__a_fork_told_by_the_server_begins_a_new_log(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_report(s, "y");
	scripted_engine(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.fork = true;
	scripted_give(s, &welcome);
	fork_expected(s, old, 2);
	scripted_ack(s, 2);
	assert_int_equal(scripted_acked(s), 2);
	struct bh_op_ref ref;
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT};
	const struct bh_msg_op_content content = {.text = scripted_text("z")};

	assert_int_equal(bh_local_record(s->local, &header, &content, s->now, &ref), 0);
	assert_true(ref.number == bh_case_number(SCRIPTED_SHORT + 1, 3));
}

static void test_engine__a_server_ahead_of_an_old_backup_is_a_fork(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_engine(s);
	s->held = 3;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	fork_expected(s, old, 1);
}

static void test_engine__another_link_at_the_servers_head_is_a_fork(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_report(s, "y");
	scripted_engine(s);
	memset(s->links[1], 0xab, sizeof(s->links[1]));
	s->held = 1;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	fork_expected(s, old, 2);
}

static void test_engine__a_server_that_always_says_fork_is_met_at_the_back_offs_pace(void **state)
{
	struct scripted *s = *state;
	int64_t waited_ms = 0;

	scripted_report(s, "x");
	scripted_engine(s);
	for (int i = 0; i < 12; i++) {
		scripted_connect(s);
		scripted_take(s, BH_CLIENT_HELLO);
		struct bh_server_frame welcome = scripted_welcome(s);

		welcome.u.welcome.fork = true;
		scripted_give(s, &welcome);
		assert_true(bh_engine_want(s->engine).disconnect);
		bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
		if (!bh_engine_want(s->engine).connect)
			waited_ms += scripted_back_off(s);
	}
	assert_true(waited_ms > 300000);
}

static void test_engine__the_same_delta_twice_is_as_once_and_closures_are_delivered_once(
	void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_closure closure = {
		.cycle = 1, .kind = BH_STATE_CLOSED, .result = scripted_text("mended")};
	const struct bh_msg_record record = {.case_number = bh_case_number(SCRIPTED_SHORT, 1),
		.position = 40,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.closures = &closure,
		.closures_count = 1,
		.scopes = own_scope,
		.scopes_count = 1};

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	scripted_delta(s, &record, 1, 40);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_APPLIED);

	assert_int_equal(frame.u.applied.cursors[0].position, 40);
	assert_int_equal(scripted_take_push(s), 1);
	assert_int_equal(s->last_header.verb, BH_VERB_DELIVERED);
	assert_int_equal(s->last_header.cycle, 1);
	assert_int_equal(s->last_header.author, SCRIPTED_PERSON);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_crash(s);
	s->held = 1;
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 2);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	assert_true(scripted_silent(s));
	assert_int_equal(scripted_head(s), 2);
}

static void test_engine__cursors_are_told_in_hello_with_their_epoch(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	scripted_delta(s, NULL, 0, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_delta(s, NULL, 0, 30);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_cut(s);
	scripted_later(s, 2000);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);

	assert_int_equal(frame.u.hello.cursors_count, 1);
	assert_int_equal(frame.u.hello.cursors[0].position, 40);
	assert_int_equal(frame.u.hello.epoch, SCRIPTED_EPOCH);
	assert_int_equal(frame.u.hello.head_hash.len, 8);
	assert_int_equal(frame.u.hello.profile_version, 4);
}

static void test_engine__a_delta_of_another_epoch_is_not_applied(void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, 99};
	const struct bh_server_frame delta = {.kind = BH_SERVER_DELTA,
		.u.delta = {.cursors = &cursor, .cursors_count = 1, .epoch = SCRIPTED_EPOCH + 1}};
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 9;

	scripted_engine(s);
	scripted_session(s);
	scripted_give(s, &delta);
	scripted_hang_up(s);
	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	assert_int_equal(count, 0);
}

static void test_engine__a_full_disk_loses_no_delta(void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_record record = {.case_number = bh_case_number(99, 1),
		.position = 40,
		.scopes = own_scope,
		.scopes_count = 1,
		.text = scripted_text("told")};
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 9;

	scripted_engine(s);
	scripted_session(s);
	bh_simvfs_budget_set(s->disk, bh_simvfs_bytes_used(s->disk));
	scripted_delta(s, &record, 1, 40);
	assert_true(scripted_silent(s));
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_STORE);
	scripted_hang_up(s);
	bh_simvfs_heal(s->disk);
	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	assert_int_equal(count, 0);
	scripted_back_off(s);
	scripted_session(s);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_engine__a_fork_told_by_the_server_begins_a_new_log),
		CASE(test_engine__a_server_ahead_of_an_old_backup_is_a_fork),
		CASE(test_engine__another_link_at_the_servers_head_is_a_fork),
		CASE(test_engine__a_server_that_always_says_fork_is_met_at_the_back_offs_pace),
		CASE(test_engine__the_same_delta_twice_is_as_once_and_closures_are_delivered_once),
		CASE(test_engine__cursors_are_told_in_hello_with_their_epoch),
		CASE(test_engine__a_delta_of_another_epoch_is_not_applied),
		CASE(test_engine__a_full_disk_loses_no_delta),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
