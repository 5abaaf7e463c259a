/* What a device may see of a case: the union of its rights, and every closure (faults.md I9, I10).
 */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"
#include "tests/unit/sync/pair.h"
#include "tests/unit/sync/photos.h"

#define WORKER BH_PAIR_WORKER
#define UNIT BH_PAIR_UNIT
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define TEXT BH_PAIR_TEXT

static void test_record__the_unit_sees_the_report_and_the_dispatchers_word(void **state)
{
	struct bh_pair *f = *state;
	int32_t latitude_e7, longitude_e7;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	bh_pair_dispatch(f, number, UNIT, "先清理东侧");
	struct bh_msg_record record = bh_pair_expect_record(&f->lead);
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
	assert_true(record.disposal_yellow_ms > record.received_ms &&
		    record.disposal_yellow_ms < record.disposal_due_ms);
	assert_true(record.disposal_works);
	assert_int_equal(record.scopes_count, 1);
	assert_true(record.scopes[0] == BH_SCOPE_UNIT(UNIT));
}

static void test_record__the_reporter_sees_where_it_stands_and_not_the_word_to_the_unit(
	void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	uint64_t number = bh_pair_report(f);
	bh_phone_expect_nothing(&f->worker);
	bh_pair_dispatch(f, number, UNIT, "secret of the desk");
	struct bh_msg_record record = bh_pair_expect_record(&f->worker);
	assert_true(record.case_number == number);
	assert_int_equal(record.state, BH_STATE_DISPATCHED);
	assert_int_equal(record.unit, UNIT);
	assert_true(record.unit_name.len > 0);
	assert_int_equal(record.unit_note.len, 0);
	assert_int_equal(record.text.len, 0); /* it stands in its own log */
	assert_int_equal(record.disposal_due_ms, 0);
	assert_int_equal(record.disposal_yellow_ms, 0);
	assert_int_equal(record.closures_count, 0);
	assert_int_equal(record.scopes_count, 1);
	assert_true(record.scopes[0] == BH_SCOPE_OWN(WORKER));
}

static void test_record__another_handset_of_the_reporter_is_told_the_text_too(void **state)
{
	struct bh_pair *f = *state;
	struct bh_phone second;
	(void)bh_phone_live(&f->worker);
	uint64_t number = bh_pair_report(f);
	bh_pair_dispatch(f, number, UNIT, "x");
	bh_phone_enrolled(&f->world, WORKER, &second);
	(void)bh_phone_live(&second);
	struct bh_msg_record record = bh_pair_expect_record(&second);
	assert_true(bh_span_equal(record.text, bh_span(TEXT, strlen(TEXT))));
	assert_int_equal(record.unit_note.len, 0);
	bh_phone_free(&second);
}

static void test_record__a_closure_comes_back_to_the_handset_that_reported(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_pair_report(f);
	bh_pair_dispatch(f, number, UNIT, "x");
	(void)bh_pair_expect_record(&f->worker);
	(void)bh_pair_expect_record(&f->lead);
	bh_pair_lead_does(f, BH_VERB_SIGN, number, "");
	assert_int_equal(bh_pair_expect_record(&f->worker).state, BH_STATE_HANDLING);
	(void)bh_pair_expect_record(&f->lead);
	bh_pair_lead_does(f, BH_VERB_FINISH, number, "已清运");
	assert_int_equal(bh_pair_expect_record(&f->worker).state, BH_STATE_DONE);
	(void)bh_pair_expect_record(&f->lead);
	bh_world_desk(&f->world, BH_VERB_CLOSE, ACCEPTOR, number, 0, "垃圾已清理,感谢反映");
	struct bh_msg_record record = bh_pair_expect_record(&f->worker);
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

static void desk_does(struct bh_pair *f, struct bh_command command, const char *text)
{
	command.source = BH_SOURCE_DESK;
	command.text = bh_span(text, strlen(text));
	assert_int_equal(bh_world_run(&f->world, &command).verdict, BH_VERDICT_ACCEPTED);
}

static void its_lead_does(struct bh_pair *f, enum bh_verb verb, uint64_t number, const char *text)
{
	const uint32_t failed = verb == BH_VERB_CONCLUDE ? BH_MEDIATION_END_FAILED : 0;
	desk_does(f,
		(struct bh_command){.verb = verb,
			.person = BH_DEMO_LEAD(BH_DEMO_MEDIATION_A),
			.case_number = number,
			.reason_code = failed,
			.dispute.kind = verb == BH_VERB_MEDIATE ? BH_MEDIATION_PEOPLES : 0},
		text);
}

/* S2-29: what became of it, and nothing of what was reported. */
static void test_record__the_village_of_a_copy_is_told_the_end_and_not_the_report(void **state)
{
	struct bh_pair *f = *state;
	struct bh_phone village;
	(void)bh_phone_live(&f->worker);
	bh_phone_enrolled(&f->world, BH_DEMO_LEAD(BH_DEMO_DESK_VILLAGE), &village);
	(void)bh_phone_live(&village);
	uint64_t number = bh_pair_report(f);
	desk_does(f,
		(struct bh_command){.verb = BH_VERB_DISPATCH,
			.person = DISPATCHER,
			.case_number = number,
			.type = BH_DEMO_QUARREL,
			.unit = BH_DEMO_MEDIATION_A},
		"mediate");
	its_lead_does(f, BH_VERB_SIGN, number, "");
	its_lead_does(f, BH_VERB_MEDIATE, number, "begin");
	its_lead_does(f, BH_VERB_CONCLUDE, number, "they parted");
	its_lead_does(f, BH_VERB_FINISH, number, "no agreement");
	bh_phone_expect_nothing(&village);
	bh_world_desk(&f->world, BH_VERB_CLOSE, ACCEPTOR, number, 0, "to the court");
	struct bh_msg_record record = bh_pair_expect_record(&village);
	assert_int_equal(record.state, BH_STATE_CLOSED);
	assert_int_equal(record.closures_count, 1);
	assert_int_equal(record.text.len, 0);
	assert_false(record.has_place);
	assert_int_equal(record.latitude_e7, 0);
	assert_int_equal(record.blobs_count, 0);
	bh_phone_free(&village);
}

/* Whose it is reads why it was not taken up, and where to go, before what the desk wrote. */
static void test_record__a_refusal_says_its_ground_and_where_to_go(void **state)
{
	static const char told[] = "不属本平台受理范围，请联系：12345 政务服务便民热线。请致电";
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	uint64_t number = bh_pair_report(f);
	bh_world_desk(&f->world, BH_VERB_REFUSE, ACCEPTOR, number, 0, "请致电");
	struct bh_msg_record record = bh_pair_expect_record(&f->worker);
	assert_int_equal(record.state, BH_STATE_REJECTED);
	assert_true(bh_span_equal(record.closures[0].result, bh_span(told, sizeof(told) - 1)));
}

static void file_add(struct bh_pair *f, uint64_t number, uint8_t nth)
{
	struct bh_command paper = {.verb = BH_VERB_PAPER,
		.person = BH_DEMO_PERSON(ARCHIVIST),
		.case_number = number,
		.reason_code = BH_PAPER_OTHER,
		.type = BH_PAPER_FORM_PDF,
		.blob_size = 20,
		.blob_hash = {1, nth},
		.blob_room = true};
	desk_does(f, paper, "a letter");
	paper.blob_room = false;
	desk_does(f, paper, "a letter");
}

/* S0-54: a dossier's papers are on no handset, and take no photo's place there. */
static void test_record__has_the_photos_however_many_papers_there_are(void **state)
{
	struct bh_pair *f = *state;
	static const uint8_t hash[BH_HASH_BYTES] = {9};
	const struct bh_msg_blob blob = {
		.hash = bh_span(hash, sizeof(hash)), .kind = BH_BLOB_PHOTO, .size = 5000};
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t number = bh_photo_report(&f->worker, &blob, 1);
	for (uint8_t nth = 0; nth <= BH_RECORD_BLOBS_MAX; nth++)
		file_add(f, number, nth);
	bh_pair_dispatch(f, number, UNIT, "");
	struct bh_msg_record record = bh_pair_expect_record(&f->lead);
	assert_int_equal(record.blobs_count, 1);
	assert_memory_equal(record.blobs[0].hash.data, hash, sizeof(hash));
	assert_int_equal(record.blobs[0].verb, BH_VERB_SUBMIT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_pair_setup, bh_pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_record__the_unit_sees_the_report_and_the_dispatchers_word),
		CASE(test_record__the_reporter_sees_where_it_stands_and_not_the_word_to_the_unit),
		CASE(test_record__another_handset_of_the_reporter_is_told_the_text_too),
		CASE(test_record__a_closure_comes_back_to_the_handset_that_reported),
		CASE(test_record__the_village_of_a_copy_is_told_the_end_and_not_the_report),
		CASE(test_record__a_refusal_says_its_ground_and_where_to_go),
		CASE(test_record__has_the_photos_however_many_papers_there_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
