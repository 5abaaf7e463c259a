/* What a device may see of a case: the union of its rights, and every closure (faults.md I9, I10).
 */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/pair.h"

#define WORKER BH_PAIR_WORKER
#define UNIT BH_PAIR_UNIT
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define TEXT "小区门口垃圾堆放"

/* A report of the worker's, acknowledged; gives its case number. */
static uint64_t report(struct bh_pair *f)
{
	uint64_t seq = bh_phone_report(&f->worker, TEXT);
	bh_phone_push(&f->worker, seq, 1, true);
	assert_int_equal(bh_phone_expect(&f->worker, BH_SERVER_ACK).u.ack.verdicts_count, 0);
	return (uint64_t)f->worker.log_short << 32 | seq;
}

static void dispatch(struct bh_pair *f, uint64_t number, uint32_t unit, const char *note)
{
	bh_world_desk(&f->world, BH_VERB_DISPATCH, DISPATCHER, number, unit, note);
}

/* The one record of the next delta, applied. */
static struct bh_msg_record expect_record(struct bh_phone *phone)
{
	struct bh_msg_delta delta = bh_phone_expect(phone, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(phone, &delta);
	assert_int_equal(records.records_count, 1);
	assert_int_equal(records.left_count, 0);
	assert_false(delta.more);
	bh_phone_applied(phone, &delta);
	return records.records[0];
}

/* An op of the unit lead's on a case. */
static void lead_does(struct bh_pair *f, enum bh_verb verb, uint64_t number, const char *text)
{
	struct bh_msg_op_header header = {
		.verb = verb, .case_number = number, .cycle = 1, .reason = 1};
	struct bh_msg_op_content content = {.text = bh_span(text, strlen(text))};
	uint64_t seq = bh_phone_op(&f->lead, &header, &content);
	bh_phone_push(&f->lead, seq, 1, true);
	struct bh_msg_ack ack = bh_phone_expect(&f->lead, BH_SERVER_ACK).u.ack;
	if (ack.verdicts_count > 0)
		print_message("# %s: %s\n", bh_verb_name(verb),
			bh_reason_name((enum bh_reason)ack.verdicts[0].code));
	assert_int_equal(ack.verdicts_count, 0);
}

static void test_record__the_unit_sees_the_report_and_the_dispatchers_word(void **state)
{
	struct bh_pair *f = *state;
	int32_t latitude_e7, longitude_e7;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = report(f);
	dispatch(f, number, UNIT, "先清理东侧");
	struct bh_msg_record record = expect_record(&f->lead);
	assert_true(record.case_number == number);
	assert_int_equal(record.state, BH_STATE_DISPATCHED);
	assert_int_equal(record.unit, UNIT);
	assert_true(bh_span_equal(record.text, bh_span(TEXT, strlen(TEXT))));
	assert_true(bh_span_equal(record.unit_note, bh_span("先清理东侧", 15)));
	bh_demo_place(1111, &latitude_e7, &longitude_e7);
	assert_true(record.has_place);
	assert_int_equal(record.latitude_e7, latitude_e7);
	assert_int_equal(record.longitude_e7, longitude_e7);
	assert_int_equal(record.grid, 1111);
	assert_true(record.disposal_due_ms > 0 && record.sign_due_ms > 0);
	assert_int_equal(record.scopes_count, 1);
	assert_true(record.scopes[0] == BH_SCOPE_UNIT(UNIT));
}

static void test_record__the_reporter_sees_where_it_stands_and_not_the_word_to_the_unit(
	void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	uint64_t number = report(f);
	bh_phone_expect_nothing(&f->worker);
	dispatch(f, number, UNIT, "secret of the desk");
	struct bh_msg_record record = expect_record(&f->worker);
	assert_true(record.case_number == number);
	assert_int_equal(record.state, BH_STATE_DISPATCHED);
	assert_int_equal(record.unit, UNIT);
	assert_true(record.unit_name.len > 0);
	assert_int_equal(record.unit_note.len, 0);
	assert_int_equal(record.text.len, 0); /* it stands in its own log */
	assert_int_equal(record.disposal_due_ms, 0);
	assert_int_equal(record.closures_count, 0);
	assert_int_equal(record.scopes_count, 1);
	assert_true(record.scopes[0] == BH_SCOPE_OWN(WORKER));
}

static void test_record__another_handset_of_the_reporter_is_told_the_text_too(void **state)
{
	struct bh_pair *f = *state;
	struct bh_phone second;
	(void)bh_phone_live(&f->worker);
	uint64_t number = report(f);
	dispatch(f, number, UNIT, "x");
	bh_phone_enrolled(&f->world, WORKER, &second);
	(void)bh_phone_live(&second);
	struct bh_msg_record record = expect_record(&second);
	assert_true(bh_span_equal(record.text, bh_span(TEXT, strlen(TEXT))));
	assert_int_equal(record.unit_note.len, 0);
	bh_phone_free(&second);
}

static void test_record__a_closure_comes_back_to_the_handset_that_reported(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = report(f);
	dispatch(f, number, UNIT, "x");
	(void)expect_record(&f->worker);
	(void)expect_record(&f->lead);
	lead_does(f, BH_VERB_SIGN, number, "");
	assert_int_equal(expect_record(&f->worker).state, BH_STATE_HANDLING);
	(void)expect_record(&f->lead);
	lead_does(f, BH_VERB_FINISH, number, "已清运");
	assert_int_equal(expect_record(&f->worker).state, BH_STATE_DONE);
	(void)expect_record(&f->lead);
	bh_world_desk(&f->world, BH_VERB_CLOSE, ACCEPTOR, number, 0, "垃圾已清理,感谢反映");
	struct bh_msg_record record = expect_record(&f->worker);
	assert_int_equal(record.state, BH_STATE_CLOSED);
	assert_int_equal(record.closures_count, 1);
	const struct bh_msg_closure *closure = &record.closures[0];
	assert_int_equal(closure->cycle, 1);
	assert_int_equal(closure->kind, BH_STATE_CLOSED);
	assert_int_equal(closure->unit, UNIT);
	assert_true(closure->unit_name.len > 0);
	assert_true(closure->position == record.position);
	assert_false(closure->automatic);
	assert_true(bh_span_equal(closure->result, bh_span("垃圾已清理,感谢反映", 28)));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_pair_setup, bh_pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_record__the_unit_sees_the_report_and_the_dispatchers_word),
		CASE(test_record__the_reporter_sees_where_it_stands_and_not_the_word_to_the_unit),
		CASE(test_record__another_handset_of_the_reporter_is_told_the_text_too),
		CASE(test_record__a_closure_comes_back_to_the_handset_that_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
