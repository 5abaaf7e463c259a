/* Dossiers in the store: papers beside a case, seals over what its entries are, loans, and what an
 * archivist and the clock archive; each time a replay comes to the same. */
#include <string.h>

#include "proto/codec.h"
#include "server/domain/paper_file.h"
#include "server/store/blob.h"
#include "server/store/dossier.h"
#include "server/store/notice.h"
#include "server/store/order.h"
#include "tests/unit/store/kit.h"

#define DAY (24 * 60 * KIT_MINUTE)
#define LOAN_MS (3 * DAY)
#define ARCHIVIST BH_DEMO_PERSON(ARCHIVIST)

struct world {
	struct kit kit;
	struct phone phone;
};

static int open_world(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	kit_open(&w->kit, 7);
	kit_enrol(&w->kit, &w->phone, BH_DEMO_WORKER(1111), 1);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;
	struct bh_verify_report report;

	if (kit_verify(&w->kit, &report) != 0)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	kit_close(&w->kit);
	test_free(w);
	return 0;
}

static struct bh_outcome act(
	struct world *w, enum bh_verb verb, uint32_t person, uint64_t number, const char *text)
{
	struct bh_command command = kit_desk(verb, person, number, text);

	command.reason_code = verb == BH_VERB_PAPER ? BH_PAPER_AGREEMENT : 0;
	command.until_ms = verb == BH_VERB_LEND ? w->kit.now.wall_ms + LOAN_MS : 0;
	return kit_run(&w->kit, &command);
}

static void must(
	struct world *w, enum bh_verb verb, uint32_t person, uint64_t number, const char *text)
{
	struct bh_outcome outcome = act(w, verb, person, number, text);

	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static uint64_t closed(struct world *w)
{
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");

	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "");
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, number).unit);
	must(w, BH_VERB_SIGN, lead, number, "");
	must(w, BH_VERB_FINISH, lead, number, "swept");
	must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, "it is swept");
	return number;
}

/* Closed by the clock where the class allows it would be a paper, too: what lacks here is a check.
 */
static uint64_t unchecked(struct world *w)
{
	uint64_t number = kit_report(&w->kit, &w->phone, "litter again");

	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "");
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, number).unit);
	must(w, BH_VERB_SIGN, lead, number, "");
	must(w, BH_VERB_FINISH, lead, number, "swept");
	must(w, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), number, "");
	while (kit_case(&w->kit, number).state == BH_STATE_CHECKING) {
		kit_pass(&w->kit, DAY);
		(void)kit_tick(&w->kit);
	}
	if (kit_case(&w->kit, number).state == BH_STATE_DONE)
		must(w, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, "nobody looked");
	return number;
}

static struct bh_dossier dossier_of(struct world *w, uint64_t number)
{
	struct bh_dossier_entries entries;
	struct bh_dossier dossier;

	assert_int_equal(bh_reader_dossier(w->kit.reader, number, &entries), 0);
	bh_dossier_judge(entries.items, entries.count, 0, &dossier);
	for (size_t i = 1; i < entries.count; i++)
		assert_true(entries.items[i - 1].position < entries.items[i].position);
	bh_dossier_entries_free(&entries);
	return dossier;
}

static void test_dossier__a_seal_covers_what_stands_and_no_more(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), position = 0, second = 0;
	struct bh_seal_said said;
	struct bh_dossier dossier = dossier_of(w, number);

	assert_int_equal(bh_dossier_lacks(&dossier), 0);
	assert_int_equal(bh_reader_seal(w->kit.reader, number, &said, &position), BH_ERR_NOT_FOUND);
	must(w, BH_VERB_SEAL, ARCHIVIST, number, "");
	assert_int_equal(bh_reader_seal(w->kit.reader, number, &said, &position), 0);
	assert_int_equal(said.upto, kit_case(&w->kit, number).last);
	assert_int_equal(
		act(w, BH_VERB_SEAL, ARCHIVIST, number, "again").reason, BH_REASON_NOT_NOW);
	must(w, BH_VERB_PAPER, BH_DEMO_PERSON(ACCEPTOR), number, "agreement no. 7\nboth signed");
	dossier = dossier_of(w, number);
	assert_true(dossier.newest > said.upto);
	must(w, BH_VERB_PAPER, ARCHIVIST, number, "and its envelope");
	must(w, BH_VERB_SEAL, ARCHIVIST, number, "performance is not due yet");
	assert_int_equal(bh_reader_seal(w->kit.reader, number, &said, &second), 0);
	assert_true(second > position);
	assert_true(said.upto > position);
	kit_restart(&w->kit, false);
	dossier = dossier_of(w, number);
	assert_int_equal(dossier.added, 2);
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_CLOSED);
}

static void test_dossier__an_archivist_says_why_it_is_incomplete(void **state)
{
	struct world *w = *state;
	uint64_t number = unchecked(w), whole = closed(w);
	struct bh_dossier dossier = dossier_of(w, number);

	assert_int_equal(dossier.missing, 1u << BH_PAPER_CHECK);
	kit_pass(&w->kit, 3 * DAY + KIT_MINUTE);
	assert_int_equal(
		act(w, BH_VERB_ARCHIVE, ARCHIVIST, number, "").reason, BH_REASON_NO_REASON);
	must(w, BH_VERB_ARCHIVE, ARCHIVIST, number, "nobody was on duty to look");
	assert_int_equal(kit_case(&w->kit, number).dossier, BH_ARCHIVED_INCOMPLETE);
	must(w, BH_VERB_ARCHIVE, ARCHIVIST, whole, "");
	assert_int_equal(kit_case(&w->kit, whole).dossier, BH_ARCHIVED_COMPLETE);
	must(w, BH_VERB_RECUR, BH_DEMO_PERSON(SUPERVISOR), whole, "it is back");
	assert_int_equal(kit_case(&w->kit, whole).dossier, BH_ARCHIVED_NOT);
}

static void test_dossier__the_clock_archives_all_the_same(void **state)
{
	struct world *w = *state;
	uint64_t number = unchecked(w);

	kit_pass(&w->kit, 8 * DAY);
	assert_true(kit_tick(&w->kit) > 0);
	assert_int_equal(kit_case(&w->kit, number).state, BH_STATE_ARCHIVED);
	assert_int_equal(kit_case(&w->kit, number).dossier, BH_ARCHIVED_INCOMPLETE);
}

static void test_dossier__is_lent_once_and_comes_back(void **state)
{
	struct world *w = *state;
	struct bh_dossier_row rows[4];
	uint64_t number = closed(w);
	size_t count;

	assert_int_equal(act(w, BH_VERB_LEND, ARCHIVIST, number, "to W").reason, BH_REASON_NOT_NOW);
	kit_pass(&w->kit, 8 * DAY);
	(void)kit_tick(&w->kit);
	must(w, BH_VERB_LEND, ARCHIVIST, number, "to the court");
	assert_int_equal(act(w, BH_VERB_LEND, ARCHIVIST, number, "to W").reason, BH_REASON_NOT_NOW);
	assert_int_equal(bh_reader_loans(w->kit.reader, 0, rows, 4, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].number, number);
	kit_restart(&w->kit, true);
	must(w, BH_VERB_GIVE_BACK, ARCHIVIST, number, "");
	assert_int_equal(bh_reader_loans(w->kit.reader, 0, rows, 4, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(
		act(w, BH_VERB_GIVE_BACK, ARCHIVIST, number, "").reason, BH_REASON_NOT_NOW);
	must(w, BH_VERB_LEND, ARCHIVIST, number, "once more");
}

static size_t loans_told(struct world *w, uint64_t number)
{
	struct bh_notice_row rows[64];
	size_t count = 0, told = 0;

	assert_int_equal(bh_reader_notices(w->kit.reader, 0, 0, rows, 64, &count), 0);
	for (size_t i = 0; i < count; i++)
		told += rows[i].kind == BH_NOTICE_LOAN_OVERDUE && rows[i].number == number &&
			rows[i].person == ARCHIVIST;
	return told;
}

/* The clock says once that it did not come back, to the archivist; and of what came back nothing.
 */
static void test_dossier__a_loan_that_stays_out_is_told_once(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w), other = closed(w);

	kit_pass(&w->kit, 8 * DAY);
	(void)kit_tick(&w->kit);
	must(w, BH_VERB_LEND, ARCHIVIST, number, "to the court");
	must(w, BH_VERB_LEND, ARCHIVIST, other, "to the auditor");
	must(w, BH_VERB_GIVE_BACK, ARCHIVIST, other, "");
	kit_pass(&w->kit, LOAN_MS - 1);
	(void)kit_tick(&w->kit);
	assert_int_equal(loans_told(w, number), 0);
	kit_restart(&w->kit, true);
	kit_pass(&w->kit, 1);
	assert_true(kit_tick(&w->kit) > 0);
	assert_int_equal(loans_told(w, number), 1);
	assert_int_equal(loans_told(w, other), 0);
	kit_restart(&w->kit, true);
	kit_pass(&w->kit, 5 * DAY);
	(void)kit_tick(&w->kit);
	assert_int_equal(loans_told(w, number), 1);
	must(w, BH_VERB_GIVE_BACK, ARCHIVIST, number, "");
	must(w, BH_VERB_LEND, ARCHIVIST, number, "once more");
	kit_pass(&w->kit, LOAN_MS);
	(void)kit_tick(&w->kit);
	assert_int_equal(loans_told(w, number), 2);
	struct bh_command own = kit_desk(BH_VERB_LOAN_OVERDUE, ARCHIVIST, number, "");
	assert_int_equal(kit_run(&w->kit, &own).reason, BH_REASON_NO_RIGHT);
}

static void ordered(struct world *w, enum bh_verb verb, uint32_t person, uint64_t ref,
	uint32_t act_, const char *text)
{
	struct bh_command command = kit_desk(verb, person, 0, text);

	command.order = ref;
	command.reason_code = act_;
	assert_int_equal(kit_run(&w->kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static void entries_count(struct world *w, uint64_t number, unsigned verb, size_t expected)
{
	struct bh_dossier_entries entries;
	size_t count = 0;

	assert_int_equal(bh_reader_dossier(w->kit.reader, number, &entries), 0);
	for (size_t i = 0; i < entries.count; i++)
		count += entries.items[i].verb == verb;
	bh_dossier_entries_free(&entries);
	assert_int_equal(count, expected);
}

/* All that was said about it, the answer that was sent back too; while it waits its reply lacks. */
static void test_dossier__holds_its_cases_orders(void **state)
{
	struct world *w = *state;
	const uint32_t reply = 1u << BH_PAPER_ORDER_REPLY, supervisor = BH_DEMO_PERSON(SUPERVISOR);
	uint64_t number = kit_report(&w->kit, &w->phone, "litter");
	struct bh_order order;

	must(w, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "");
	uint32_t lead = BH_DEMO_LEAD(kit_case(&w->kit, number).unit);
	struct bh_command issue = kit_desk(BH_VERB_ORDER, supervisor, number, "how is it?");
	issue.reason_code = BH_ORDER_SUPERVISION;
	struct bh_outcome issued = kit_run(&w->kit, &issue);
	assert_int_equal(issued.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_order_at(w->kit.reader, issued.position, &order), 0);
	assert_int_equal(dossier_of(w, number).newest, issued.position);
	assert_int_equal(dossier_of(w, number).missing & reply, reply);
	ordered(w, BH_VERB_ORDER_ANSWER, lead, order.ref, 0, "soon");
	assert_int_equal(dossier_of(w, number).missing & reply, 0);
	ordered(w, BH_VERB_ORDER_REVIEW, supervisor, order.ref, BH_ORDER_SEND_BACK, "when?");
	assert_int_equal(dossier_of(w, number).missing & reply, reply);
	kit_restart(&w->kit, true);
	ordered(w, BH_VERB_ORDER_ANSWER, lead, order.ref, 0, "at noon");
	ordered(w, BH_VERB_ORDER_REVIEW, supervisor, order.ref, BH_ORDER_CLOSE, "");
	assert_int_equal(dossier_of(w, number).missing & reply, 0);
	entries_count(w, number, BH_VERB_ORDER, 1);
	entries_count(w, number, BH_VERB_ORDER_ANSWER, 2);
	entries_count(w, number, BH_VERB_ORDER_REVIEW, 2);
	entries_count(w, closed(w), BH_VERB_ORDER, 0);
}

/* A key that comes twice has one effect. */
static void test_dossier__a_paper_with_a_key_is_added_once(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	struct bh_command command = kit_desk(BH_VERB_PAPER, ARCHIVIST, number, "a letter");

	command.reason_code = BH_PAPER_OTHER;
	command.key_hash[0] = 7;
	struct bh_outcome first = kit_run(&w->kit, &command);
	struct bh_outcome again = kit_run(&w->kit, &command);
	assert_int_equal(first.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(again.position, first.position);
	assert_true(again.repeat);
	assert_int_equal(dossier_of(w, number).added, 1);
}

static size_t rooms(struct world *w)
{
	uint8_t hashes[4][BH_HASH_BYTES];
	size_t count = 0;

	assert_int_equal(bh_reader_uploads_old(w->kit.reader, INT64_MAX, hashes, 4, &count), 0);
	return count;
}

/* The bytes wait for the word that their paper may be added; room is refused as the paper is. */
static void test_dossier__a_refused_paper_takes_no_room(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	struct bh_command blank = kit_desk(BH_VERB_PAPER, ARCHIVIST, number, "  \nand its text");

	blank.reason_code = BH_PAPER_OTHER;
	blank.type = BH_PAPER_FORM_PDF;
	blank.blob_size = 1000;
	blank.blob_hash[0] = 1;
	struct bh_command paper = blank;
	paper.text = bh_span("a letter", 8);
	paper.key_hash[0] = 8;
	paper.blob_room = blank.blob_room = true;
	assert_int_equal(kit_run(&w->kit, &blank).reason, BH_REASON_TEXT);
	assert_int_equal(rooms(w), 0);
	struct bh_outcome room = kit_run(&w->kit, &paper);
	assert_int_equal(room.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(room.position, 0);
	assert_int_equal(rooms(w), 1);
	paper.blob_room = false;
	struct bh_outcome added = kit_run(&w->kit, &paper);
	assert_int_equal(added.verdict, BH_VERDICT_ACCEPTED);
	assert_false(added.repeat);
	assert_int_equal(rooms(w), 0);
	paper.blob_room = true; /* the request comes again */
	struct bh_outcome again = kit_run(&w->kit, &paper);
	assert_true(again.repeat);
	assert_int_equal(again.position, added.position);
	assert_int_equal(rooms(w), 0);
}

/* Between the two somebody else's paper was the last that there may be. */
static void test_dossier__a_paper_refused_after_all_gives_its_room_back(void **state)
{
	struct world *w = *state;
	uint64_t number = closed(w);
	struct bh_command paper = kit_desk(BH_VERB_PAPER, ARCHIVIST, number, "a letter");

	w->kit.options.upload_bytes_max = 1500;
	kit_restart(&w->kit, false);
	paper.reason_code = BH_PAPER_OTHER;
	paper.type = BH_PAPER_FORM_PDF;
	paper.blob_size = 1000;
	paper.blob_hash[0] = 1;
	struct bh_command other = paper;
	other.blob_hash[0] = 2;
	paper.blob_room = other.blob_room = true;
	assert_int_equal(kit_run(&w->kit, &paper).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_run(&w->kit, &other).reason, BH_REASON_NOT_NOW);
	paper.blob_room = false;
	paper.text = bh_span(" ", 1);
	assert_int_equal(kit_run(&w->kit, &paper).reason, BH_REASON_TEXT);
	assert_int_equal(kit_run(&w->kit, &other).verdict, BH_VERDICT_ACCEPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dossier__a_seal_covers_what_stands_and_no_more,
			open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__an_archivist_says_why_it_is_incomplete, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__the_clock_archives_all_the_same, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__is_lent_once_and_comes_back, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__a_loan_that_stays_out_is_told_once, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__holds_its_cases_orders, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__a_paper_with_a_key_is_added_once, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__a_refused_paper_takes_no_room, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			test_dossier__a_paper_refused_after_all_gives_its_room_back, open_world,
			close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
