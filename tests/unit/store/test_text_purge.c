/* Words about no case: destroyed when they were kept long enough, counted as before, and neither a
 * restart, a backup put back nor a handset that brings them again has them back. */
#include "server/domain/purge_fact.h"
#include "server/store/field_work.h"
#include "server/store/order.h"
#include "tests/unit/store/privacy_kit.h"

#define DAY (24 * 60 * KIT_MINUTE)

static const char words[] = "told in the entry's own words";
static const char order_words[] = "the words of an order that stands free";
static const char refused_words[] = "the words of what was rejected";
static const char answer_words[] = "the words that answer it";

static void retention_set(struct kit *kit, const struct bh_msg_retention *rows, size_t count)
{
	static struct bh_demo_profile demo;

	bh_demo_profile(&demo);
	demo.profile.settings.retention = rows;
	demo.profile.settings.retention_count = count;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	assert_int_equal(kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload)).verdict,
		BH_VERDICT_ACCEPTED);
}

static void texts_kept(struct kit *kit, uint32_t days)
{
	const struct bh_msg_retention row = {.entries = true, .days = days};

	retention_set(kit, &row, 1);
}

static void days_pass(struct kit *kit, int days)
{
	kit_pass(kit, days * DAY);
	while (kit_tick(kit) > 0)
		;
	for (int i = 0; i < 5; i++)
		(void)kit_tick(kit);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
}

static void served(struct kit *kit, struct phone *phone, size_t count, const char *text)
{
	struct push push;

	push_begin(&push);
	for (size_t i = 0; i < count; i++) {
		struct bh_command *command = push_op(kit, &push, phone, BH_VERB_SERVICE, 0, text);
		command->type = BH_SERVICE_HAZARD_CHECK;
		command->area = 1111;
		push_seal(kit, &push, phone);
	}
	assert_int_equal(push_run(kit, &push), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(push.outcomes[i].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
}

static int count_add(void *context, const struct bh_service_count *row)
{
	*(uint64_t *)context += row->count;
	return BH_NOERR;
}

static uint64_t counted(struct kit *kit)
{
	uint64_t count = 0;

	assert_int_equal(
		bh_reader_service_counts(kit->reader, 0, UINT16_MAX, true, count_add, &count), 0);
	return count;
}

static bool there(struct kit *kit, const char *text)
{
	return privacy_anywhere(kit, text, strlen(text));
}

/* All that purges said that they destroyed, and how many of them there were. */
static uint64_t purged(struct kit *kit, size_t *entries)
{
	struct bh_erasure rows[64];
	uint64_t texts = 0;
	size_t count = 0;

	*entries = 0;
	assert_int_equal(bh_reader_erasures(kit->reader, 0, rows, 64, &count), 0);
	for (size_t i = 0; i < count; i++) {
		struct bh_purge_fact fact;
		struct bh_entry entry;
		if (rows[i].number != 0)
			continue;
		bh_arena_reset(&kit->arena);
		assert_int_equal(
			bh_reader_entry(kit->reader, rows[i].position, &kit->arena, &entry), 0);
		assert_int_equal(entry.verb, BH_VERB_PURGE_TEXTS);
		assert_int_equal(bh_purge_fact_decode(entry.decision, &fact), 0);
		texts += fact.texts;
		++*entries;
	}
	return texts;
}

static void test_text_purge__words_go_in_their_time_and_counts_stay(void **state)
{
	const struct bh_msg_retention cases = {.days = 30};
	struct kit *kit = *state;
	struct phone phone;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	served(kit, &phone, 3, words);
	retention_set(kit, &cases, 1);
	days_pass(kit, 60);
	assert_true(there(kit, words)); /* a row of cases is none of theirs */
	served(kit, &phone, 2, "younger words");
	texts_kept(kit, 62);
	days_pass(kit, 1);
	assert_true(there(kit, words));
	days_pass(kit, 2);
	assert_false(there(kit, words));
	assert_true(there(kit, "younger words"));
	assert_int_equal(purged(kit, &entries), 3);
	assert_int_equal(entries, 1);
	assert_int_equal(counted(kit), 5);
	uint64_t head = kit_head(kit);
	days_pass(kit, 1);
	assert_int_equal(kit_head(kit), head); /* a day with nothing writes nothing */
	privacy_verifies(kit, true);
	kit_restart(kit, true);
	days_pass(kit, 60);
	assert_false(there(kit, "younger words"));
	assert_int_equal(purged(kit, &entries), 5);
	assert_int_equal(counted(kit), 5);
	privacy_verifies(kit, true);
}

static void test_text_purge__goes_slice_by_slice(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 30; i++)
		served(kit, &phone, 20, words);
	texts_kept(kit, 30);
	kit_pass(kit, 31 * DAY);
	kit_tick(kit);
	assert_int_equal(purged(kit, &entries), 500);
	kit_restart(kit, true);
	kit_tick(kit);
	assert_int_equal(purged(kit, &entries), 600);
	assert_int_equal(entries, 2);
	kit_tick(kit);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(there(kit, words));
	privacy_verifies(kit, true);
}

static struct bh_order free_order(struct kit *kit)
{
	struct bh_command command = kit_desk(
		BH_VERB_ORDER, BH_DEMO_PERSON(SUPERVISOR), 0, order_words);
	struct bh_order order;

	command.reason_code = BH_ORDER_HAND_OVER;
	command.unit = BH_DEMO_GAS;
	struct bh_outcome outcome = kit_run(kit, &command);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_order_at(kit->reader, outcome.position, &order), 0);
	return order;
}

static void order_act(
	struct kit *kit, enum bh_verb verb, uint32_t person, uint64_t ref, uint32_t reason)
{
	struct bh_command command = kit_desk(verb, person, 0, answer_words);

	command.order = ref;
	command.reason_code = reason;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

/* Whatever is old of it: an order keeps its words while it goes on. */
static void test_text_purge__an_order_keeps_its_words_until_it_ended(void **state)
{
	struct kit *kit = *state;
	size_t entries = 0;

	texts_kept(kit, 30);
	struct bh_order order = free_order(kit);
	days_pass(kit, 40);
	assert_true(there(kit, order_words));
	assert_int_equal(purged(kit, &entries), 0);
	order_act(kit, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), order.ref, 0);
	order_act(kit, BH_VERB_ORDER_REVIEW, BH_DEMO_PERSON(SUPERVISOR), order.ref, BH_ORDER_CLOSE);
	days_pass(kit, 20);
	assert_true(there(kit, order_words));
	days_pass(kit, 11);
	assert_false(there(kit, order_words));
	assert_false(there(kit, answer_words));
	assert_int_equal(purged(kit, &entries), 3);
	privacy_verifies(kit, true);
}

/* The backup is older than the purge, and lacks what the handset brought after it was made. */
static void test_text_purge__a_backup_put_back_has_no_words_again(void **state)
{
	static const char after[] = "told after the backup was made";
	struct kit *kit = *state;
	struct phone phone, again;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	served(kit, &phone, 2, words);
	texts_kept(kit, 30);
	privacy_back_up(kit);
	again = phone;
	served(kit, &phone, 1, after);
	int64_t captured_ms = kit->now.wall_ms;
	days_pass(kit, 31);
	assert_int_equal(purged(kit, &entries), 3);
	kit_down(kit);
	kit->options.path = PRIVACY_OLD;
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(purged(kit, &entries), 2); /* before anybody is served */
	struct push push;
	push_begin(&push);
	struct bh_command *command = push_op(kit, &push, &again, BH_VERB_SERVICE, 0, after);
	command->type = BH_SERVICE_HAZARD_CHECK;
	command->area = 1111;
	command->captured_ms = captured_ms;
	push_seal(kit, &push, &again);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	served(kit, &again, 1, "of today");
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(there(kit, after));
	assert_false(privacy_disk_holds(kit, PRIVACY_OLD, words, sizeof(words) - 1));
	assert_int_equal(counted(kit), 4);
	privacy_verifies(kit, true);
	kit_restart(kit, true);
	assert_int_equal(purged(kit, &entries), 2); /* once */
	assert_int_equal(entries, 1);
}

static void refused(struct kit *kit, struct phone *phone, uint32_t verb, uint64_t number)
{
	struct push push;

	push_begin(&push);
	(void)push_op(kit, &push, phone, (enum bh_verb)verb, number, refused_words);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_REJECTED);
	push_end(&push);
}

/* What was rejected about a case that is not there, or about nothing, is no case's to erase. */
static void test_text_purge__words_of_what_was_rejected_go_too(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	refused(kit, &phone, BH_VERB_FINISH, UINT64_C(999) << 32 | 7);
	refused(kit, &phone, BH_VERB_HAND_OVER, 0);
	refused(kit, &phone, BH_VERB_ORDER, 0);
	refused(kit, &phone, 200, 0);
	uint64_t number = kit_report(kit, &phone, words);
	refused(kit, &phone, BH_VERB_CLOSE, number);
	texts_kept(kit, 30);
	days_pass(kit, 20);
	assert_true(there(kit, refused_words));
	days_pass(kit, 11);
	assert_int_equal(purged(kit, &entries), 4);
	assert_true(there(kit, refused_words)); /* of the case, and goes with it */
	assert_true(there(kit, words));
	privacy_verifies(kit, true);
	kit_restart(kit, true);
	assert_int_equal(purged(kit, &entries), 4);
}

/* As every handset that was put back brings it: in a log of its own, and rejected before. */
static void test_text_purge__words_of_what_came_again_go_with_the_first(void **state)
{
	struct kit *kit = *state;
	struct phone phone, next;
	struct push push, again;
	struct bh_entry entry;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	const struct bh_command *first = push_op(
		kit, &push, &phone, BH_VERB_FINISH, 7, refused_words);
	assert_int_equal(push_run(kit, &push), 0);
	next = phone;
	assert_int_equal(kit_log_begin(kit, &next, 9, phone.log_id).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&again);
	struct bh_command *copy = push_op(kit, &again, &next, BH_VERB_FINISH, 7, refused_words);
	copy->has_origin = true;
	copy->origin = (struct bh_msg_origin){bh_span(phone.log_id, sizeof(phone.log_id)), 1,
		bh_span(first->link, sizeof(first->link))};
	push_seal(kit, &again, &next);
	assert_int_equal(push_run(kit, &again), 0);
	assert_int_equal(bh_reader_entry(kit->reader, kit_head(kit), &kit->arena, &entry), 0);
	assert_int_equal(entry.verdict, BH_VERDICT_CARRIED);
	texts_kept(kit, 30);
	days_pass(kit, 31);
	assert_int_equal(purged(kit, &entries), 2);
	assert_false(there(kit, refused_words));
	push_end(&again);
	push_end(&push);
	privacy_verifies(kit, true);
}

/* Decided of, whenever that was: from then on it is kept as long as other words. */
static void test_text_purge__words_of_what_was_put_away_go_too(void **state)
{
	static const char *const said[] = {refused_words, words, order_words};
	struct kit *kit = *state;
	struct phone phone;
	struct push push;
	size_t entries = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	for (size_t i = 0; i < 3; i++)
		push_report(kit, &push, &phone, said[i]);
	kit_revoke(kit, phone.device);
	assert_int_equal(push_run(kit, &push), 0);
	texts_kept(kit, 30);
	days_pass(kit, 40);
	struct bh_command discard = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.device = phone.device,
		.person = BH_DEMO_PERSON(ADMIN),
		.base_position = push.outcomes[0].position,
		.text = bh_span(answer_words, sizeof(answer_words) - 1),
		.reason_code = 1};
	assert_int_equal(kit_run(kit, &discard).verdict, BH_VERDICT_ACCEPTED);
	discard.base_position = push.outcomes[2].position;
	assert_int_equal(kit_run(kit, &discard).verdict, BH_VERDICT_ACCEPTED);
	discard.reason_code = 0; /* ... and let in after all */
	assert_int_equal(kit_run(kit, &discard).verdict, BH_VERDICT_ACCEPTED);
	days_pass(kit, 29);
	assert_true(there(kit, refused_words));
	days_pass(kit, 2);
	assert_int_equal(purged(kit, &entries), 2); /* the report, and why */
	assert_false(there(kit, refused_words));
	assert_true(there(kit, words)); /* waits still */
	assert_true(there(kit, order_words));
	push_end(&push);
	privacy_verifies(kit, true);
	kit_restart(kit, true);
	discard.base_position = push.outcomes[0].position;
	assert_int_equal(kit_run(kit, &discard).reason, BH_REASON_NO_CASE);
}

/* Committed, and the power went before the line was written. */
static void test_text_purge__a_line_that_was_not_written_is(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	served(kit, &phone, 2, words);
	texts_kept(kit, 30);
	days_pass(kit, 31);
	assert_true(privacy_disk_holds(kit, PRIVACY_KEPT, " purged ", 8));
	kit_down(kit);
	bh_simvfs_sweep(kit->vfs, PRIVACY_KEPT, NULL, NULL);
	assert_int_equal(kit_up(kit), 0);
	assert_true(privacy_disk_holds(kit, PRIVACY_KEPT, " purged ", 8));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, privacy_setup, privacy_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_text_purge__words_go_in_their_time_and_counts_stay),
		WITH(test_text_purge__goes_slice_by_slice),
		WITH(test_text_purge__an_order_keeps_its_words_until_it_ended),
		WITH(test_text_purge__a_backup_put_back_has_no_words_again),
		WITH(test_text_purge__words_of_what_was_rejected_go_too),
		WITH(test_text_purge__words_of_what_came_again_go_with_the_first),
		WITH(test_text_purge__words_of_what_was_put_away_go_too),
		WITH(test_text_purge__a_line_that_was_not_written_is),
	};

	return cmocka_run_group_tests_name("text_purge", tests, NULL, NULL);
}
