/* A case's own history stands whatever anybody says about it, and however often. */
#include "tests/unit/store/kit.h"

#define JUNK 250u
#define CHAIN 5u
#define HISTORY_MAX 2000u

struct cased {
	struct kit kit;
	struct phone reporter, handler, stranger;
	uint64_t number;
	uint64_t chain[CHAIN]; /* positions of the report and what moved it */
};

static void op(struct cased *c, struct phone *phone, enum bh_verb verb, const char *text,
	enum bh_verdict verdict)
{
	struct push push;

	push_begin(&push);
	push_op(&c->kit, &push, phone, verb, c->number, text)->cycle = 1;
	push_seal(&c->kit, &push, phone);
	assert_int_equal(push_run(&c->kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, verdict);
	push_end(&push);
}

static void junk(struct cased *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		op(c, &c->stranger, BH_VERB_FINISH, "junk", BH_VERDICT_REJECTED);
}

static void desk(struct cased *c, enum bh_verb verb, uint32_t person, uint32_t unit)
{
	struct bh_command command = kit_desk(verb, person, c->number, "done");

	command.unit = unit;
	assert_int_equal(kit_run(&c->kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

/* Reported, buried in junk, dispatched, signed, finished, closed. */
static int open_case(void **state)
{
	struct cased *c = test_calloc(1, sizeof(*c));
	struct kit *kit = &c->kit;

	kit_open(kit, 14);
	kit_enrol(kit, &c->reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &c->handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	kit_enrol(kit, &c->stranger, BH_DEMO_WORKER(1112), 3);
	c->number = kit_report(kit, &c->reporter, "litter");
	c->chain[0] = kit_head(kit);
	junk(c, JUNK);
	desk(c, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), BH_DEMO_CLEAN_A);
	c->chain[1] = kit_head(kit);
	op(c, &c->handler, BH_VERB_SIGN, "", BH_VERDICT_ACCEPTED);
	c->chain[2] = kit_head(kit);
	op(c, &c->handler, BH_VERB_FINISH, "removed", BH_VERDICT_ACCEPTED);
	c->chain[3] = kit_head(kit);
	desk(c, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), 0);
	c->chain[4] = kit_head(kit);
	*state = c;
	return 0;
}

static int close_case(void **state)
{
	struct cased *c = *state;
	struct bh_verify_report report;

	if (kit_verify(&c->kit, &report))
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	kit_close(&c->kit);
	test_free(c);
	return 0;
}

/* How many of max entries are the chain's. */
static size_t chain_in(struct cased *c, size_t max, size_t *count)
{
	static struct bh_entry entries[HISTORY_MAX];
	size_t found = 0;

	bh_arena_reset(&c->kit.arena);
	assert_int_equal(
		bh_reader_history(c->kit.reader, c->number, &c->kit.arena, entries, max, count), 0);
	for (size_t i = 0; i < *count; i++)
		found += found < CHAIN && entries[i].position == c->chain[found];
	assert_int_equal(entries[0].verb, BH_VERB_SUBMIT);
	return found;
}

static void test_history__junk_hides_nothing_of_the_chain_and_is_bounded(void **state)
{
	struct cased *c = *state;
	size_t count;

	assert_int_equal(chain_in(c, HISTORY_MAX, &count), CHAIN);
	assert_int_equal(count, CHAIN + BH_ASIDES_MAX);
	assert_int_equal(chain_in(c, 16, &count), CHAIN);
	assert_int_equal(count, 16);
	assert_int_equal(chain_in(c, CHAIN, &count), CHAIN);
	assert_int_equal(count, CHAIN);
}

static void test_history__of_a_chain_too_long_the_report_and_the_newest_are_kept(void **state)
{
	struct cased *c = *state;
	struct bh_entry entries[3];
	size_t count;

	assert_int_equal(
		bh_reader_history(c->kit.reader, c->number, &c->kit.arena, entries, 3, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(entries[0].position, c->chain[0]);
	assert_int_equal(entries[1].position, c->chain[3]);
	assert_int_equal(entries[2].position, c->chain[4]);
}

static void test_history__the_unit_then_is_the_chains(void **state)
{
	struct cased *c = *state;
	uint32_t unit = 99;

	assert_int_equal(bh_reader_unit_then(c->kit.reader, c->chain[4], &unit), 0);
	assert_int_equal(unit, BH_DEMO_CLEAN_A);
	assert_int_equal(bh_reader_unit_then(c->kit.reader, c->chain[1], &unit), 0);
	assert_int_equal(unit, BH_DEMO_CLEAN_A);
	assert_int_equal(bh_reader_unit_then(c->kit.reader, c->chain[0], &unit), 0);
	assert_int_equal(unit, 0);
}

/* The tally would say that more closures arrived than were owed, and the chain would grow by all of
 * them. */
static void test_receipt__said_again_is_accepted_and_joins_nothing(void **state)
{
	struct cased *c = *state;
	struct bh_stats stats;
	struct bh_entry entry;

	op(c, &c->reporter, BH_VERB_DELIVERED, "", BH_VERDICT_ACCEPTED);
	op(c, &c->reporter, BH_VERB_SEEN, "", BH_VERDICT_ACCEPTED);
	struct bh_case once = kit_case(&c->kit, c->number);
	for (int i = 0; i < 3; i++) {
		op(c, &c->reporter, BH_VERB_DELIVERED, "", BH_VERDICT_ACCEPTED);
		op(c, &c->reporter, BH_VERB_SEEN, "", BH_VERDICT_ACCEPTED);
	}
	struct bh_case again = kit_case(&c->kit, c->number);
	assert_int_equal(again.last, once.last);
	assert_true(bh_case_equal(&again, &once));
	assert_int_equal(bh_reader_stats(c->kit.reader, &stats), 0);
	assert_int_equal(stats.closures_owed, 1);
	assert_int_equal(stats.closures_delivered, 1);
	assert_int_equal(stats.closures_seen, 1);
	assert_int_equal(
		bh_reader_entry(c->kit.reader, kit_head(&c->kit), &c->kit.arena, &entry), 0);
	assert_int_equal(entry.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(entry.case_number, c->number);
	assert_int_equal(entry.prev, once.last);
}

static void test_receipt__said_again_has_the_same_verdict_for_ever(void **state)
{
	struct cased *c = *state;
	struct bh_verdict_row rows[4];
	int64_t received_ms;
	size_t count = 99;

	for (int i = 0; i < 2; i++)
		op(c, &c->reporter, BH_VERB_DELIVERED, "", BH_VERDICT_ACCEPTED);
	kit_restart(&c->kit, true);
	assert_int_equal(bh_reader_verdicts(c->kit.reader, c->reporter.log_short, 0,
				 c->reporter.seq, rows, 4, &count, &received_ms),
		0);
	assert_int_equal(count, 0); /* all of them accepted */
}

/* What a desk is shown of a case is of one instant, whatever is committed meanwhile. */
static void test_history__what_is_held_is_of_one_instant(void **state)
{
	struct cased *c = *state;
	struct bh_entry entries[CHAIN + 4];
	struct bh_case before, now;
	size_t count = 0;

	assert_int_equal(bh_reader_hold(c->kit.reader), 0);
	before = kit_case(&c->kit, c->number);
	op(c, &c->reporter, BH_VERB_DELIVERED, "", BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_history(c->kit.reader, c->number, &c->kit.arena, entries,
				 CHAIN + 4, &count),
		0);
	assert_int_equal(entries[count - 1].position, before.last);
	bh_reader_release(c->kit.reader);
	now = kit_case(&c->kit, c->number);
	assert_true(now.last > before.last);
	assert_int_equal(bh_reader_hold(c->kit.reader), 0);
	bh_reader_release(c->kit.reader);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_case, close_case)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_history__junk_hides_nothing_of_the_chain_and_is_bounded),
		CASE(test_history__of_a_chain_too_long_the_report_and_the_newest_are_kept),
		CASE(test_history__the_unit_then_is_the_chains),
		CASE(test_history__what_is_held_is_of_one_instant),
		CASE(test_receipt__said_again_is_accepted_and_joins_nothing),
		CASE(test_receipt__said_again_has_the_same_verdict_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
