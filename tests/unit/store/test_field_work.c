/* Service entries and patrol rounds: each counted once, whatever comes how often, and by a replay
 * the same. */
#include "server/store/field_work.h"
#include "tests/unit/store/kit.h"

#define DAY 20514u /* 2026-03-02 */
#define COUNTS_MAX 16u

struct found {
	struct bh_service_count rows[COUNTS_MAX];
	size_t count;
	struct bh_patrol_count patrols[COUNTS_MAX];
	size_t patrols_count;
};

static int setup(void **state)
{
	return kit_setup(state, 71);
}

static int service_add(void *context, const struct bh_service_count *row)
{
	struct found *found = context;

	assert_in_range(found->count, 0, COUNTS_MAX - 1);
	found->rows[found->count++] = *row;
	return BH_NOERR;
}

static int patrol_add(void *context, const struct bh_patrol_count *row)
{
	struct found *found = context;

	assert_in_range(found->patrols_count, 0, COUNTS_MAX - 1);
	found->patrols[found->patrols_count++] = *row;
	return BH_NOERR;
}

static struct found look(struct kit *kit)
{
	struct found found = {.count = 0};

	assert_int_equal(
		bh_reader_service_counts(kit->reader, DAY, DAY + 1, true, service_add, &found), 0);
	assert_int_equal(bh_reader_patrol_counts(kit->reader, DAY, DAY + 1, patrol_add, &found), 0);
	return found;
}

static struct bh_command *entry(struct kit *kit, struct push *push, struct phone *phone,
	uint32_t kind, uint32_t area, const char *text)
{
	struct bh_command *command = push_op(kit, push, phone, BH_VERB_SERVICE, 0, text);

	command->type = kind;
	command->area = area;
	push_seal(kit, push, phone);
	return command;
}

static void test_field_work__entries_are_counted_by_day_grid_and_kind(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	entry(kit, &push, &phone, BH_SERVICE_PROXY, 1111, "a");
	entry(kit, &push, &phone, BH_SERVICE_CONSULTATION, 0, "b");
	entry(kit, &push, &phone, BH_SERVICE_CONSULTATION, 1111, "c");
	entry(kit, &push, &phone, BH_SERVICE_CONSULTATION, 1112, "not a grid of this worker");
	entry(kit, &push, &phone, BH_SERVICE_MAX + 1, 1111, "of no kind");
	entry(kit, &push, &phone, 77, 1111, "of a newer handset's kind");
	assert_int_equal(push_run(kit, &push), 0);
	const enum bh_verdict wanted[] = {BH_VERDICT_ACCEPTED, BH_VERDICT_ACCEPTED,
		BH_VERDICT_ACCEPTED, BH_VERDICT_REJECTED, BH_VERDICT_REJECTED, BH_VERDICT_ACCEPTED};
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(push.outcomes[i].verdict, wanted[i]);
	assert_int_equal(push.outcomes[3].reason, BH_REASON_NO_RIGHT);
	struct found found = look(kit);
	const struct bh_service_count rows[] = {{DAY, 1111, BH_SERVICE_CONSULTATION, 2},
		{DAY, 1111, BH_SERVICE_PROXY, 1}, {DAY, 1111, 77, 1}};
	assert_int_equal(found.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(found.rows[i].day, rows[i].day);
		assert_int_equal(found.rows[i].grid, rows[i].grid);
		assert_int_equal(found.rows[i].kind, rows[i].kind);
		assert_int_equal(found.rows[i].count, rows[i].count);
	}
	push_end(&push);
}

/* The same push again, in one group, after a restart: the recorded verdict, and no row more. */
static void test_field_work__a_repeat_counts_once(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	entry(kit, &push, &phone, BH_SERVICE_PROXY, 1111, "a");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(push_run(kit, &push), 0);
		assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(push.outcomes[0].repeat, i > 0);
		assert_int_equal(look(kit).rows[0].count, 1);
		kit_restart(kit, i == 1);
	}
	push_end(&push);
}

/* Carried in another log of the same person's: journalled, and counted no more. */
static void test_field_work__a_carried_entry_counts_once(void **state)
{
	struct kit *kit = *state;
	struct phone phone, next;
	struct push push, carried;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	struct bh_command *first = entry(kit, &push, &phone, BH_SERVICE_PROXY, 1111, "a");
	uint8_t log_id[BH_LOG_ID_BYTES], link[BH_HASH_BYTES];

	memcpy(log_id, phone.log_id, sizeof(log_id));
	memcpy(link, first->link, sizeof(link));
	assert_int_equal(push_run(kit, &push), 0);
	next = phone;
	assert_int_equal(kit_log_begin(kit, &next, 9, log_id).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&carried);
	struct bh_command *again = entry(kit, &carried, &next, BH_SERVICE_PROXY, 1111, "a");

	again->has_origin = true;
	again->origin = (struct bh_msg_origin){
		bh_span(log_id, sizeof(log_id)), 1, bh_span(link, sizeof(link))};
	push_seal(kit, &carried, &next);
	assert_int_equal(push_run(kit, &carried), 0);
	assert_int_equal(carried.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(look(kit).rows[0].count, 1);
	push_end(&push);
	push_end(&carried);
}

static struct bh_command *round_of(struct kit *kit, struct push *push, struct phone *phone,
	uint64_t done, uint64_t missed, uint32_t minutes)
{
	struct bh_command *command = push_op(kit, push, phone, BH_VERB_PATROL, 0, "");

	command->area = 1111;
	command->round = (struct bh_msg_round){5, done, missed, minutes};
	push_seal(kit, push, phone);
	return command;
}

static void test_field_work__rounds_are_summed_by_plan(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	round_of(kit, &push, &phone, 7, 0, 30);
	round_of(kit, &push, &phone, 1, 6, 12);
	round_of(kit, &push, &phone, 3, 2, 1); /* one both done and missed */
	round_of(kit, &push, &phone, 0, 0, 1);
	round_of(kit, &push, &phone, 1, 0, 1441);
	assert_int_equal(push_run(kit, &push), 0);
	for (size_t i = 2; i < 5; i++)
		assert_int_equal(push.outcomes[i].reason, BH_REASON_FIELD);
	struct found found = look(kit);
	const struct bh_patrol_count *row = &found.patrols[0];

	assert_int_equal(found.patrols_count, 1);
	assert_int_equal(row->plan, 5);
	assert_int_equal(row->rounds, 2);
	assert_int_equal(row->whole, 1);
	assert_int_equal(row->done, 4);
	assert_int_equal(row->missed, 2);
	assert_int_equal(row->minutes, 42);
	push_end(&push);
}

/* What a revoked handset drains stands in quarantine, by a number of its own. */
static void test_field_work__in_quarantine_it_counts_nowhere_and_may_be_put_away(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;
	uint64_t held = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	entry(kit, &push, &phone, BH_SERVICE_PROXY, 1111, "a");
	kit_revoke(kit, phone.device);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	assert_int_equal(look(kit).count, 0);
	struct bh_command discard = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.device = phone.device,
		.person = BH_DEMO_PERSON(ADMIN),
		.base_position = push.outcomes[0].position,
		.text = bh_span("no", 2),
		.reason_code = 0};
	assert_int_equal(kit_run(kit, &discard).reason, BH_REASON_UNSUPPORTED);
	discard.reason_code = 1;
	assert_int_equal(kit_run(kit, &discard).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_held(kit->reader, phone.device, &held), 0);
	assert_int_equal(held, 0);
	push_end(&push);
}

static void test_field_work__a_row_that_is_gone_is_noticed(void **state)
{
	struct kit *kit = *state;
	struct bh_verify_report report;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	entry(kit, &push, &phone, BH_SERVICE_PROXY, 1111, "a");
	round_of(kit, &push, &phone, 7, 0, 30);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(kit_verify(kit, &report), 0);
	push_end(&push);
	kit_down(kit);
	kit_sql(kit, KIT_PATH, "UPDATE patrol SET done = 2");
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(kit_verify(kit, &report), BH_ERR_CORRUPT);
	assert_non_null(strstr(report.what, "patrol"));
	kit_down(kit);
	kit_sql(kit, KIT_PATH, "UPDATE patrol SET done = 3; DELETE FROM service");
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(kit_verify(kit, &report), BH_ERR_CORRUPT);
	assert_non_null(strstr(report.what, "service"));
	kit_down(kit);
	kit_sql(kit, KIT_PATH,
		"INSERT INTO service SELECT 20514, 1111, 2, position FROM journal "
		"WHERE verb = 100");
	assert_int_equal(kit_up(kit), 0);
}

/* The demo's profile with so many rounds a day of one plan; 0: without it. */
static void profile(struct kit *kit, uint32_t rounds)
{
	static struct bh_demo_profile demo;
	static const struct bh_msg_checkpoint gate = {.name = {(const uint8_t *)"gate", 4}};
	const struct bh_msg_patrol patrol = {.id = 5,
		.code = {(const uint8_t *)"P", 1},
		.name = {(const uint8_t *)"P", 1},
		.area = 1111,
		.weekdays = 0x7f,
		.rounds = rounds,
		.checkpoints = &gate,
		.checkpoints_count = 1};

	bh_demo_profile(&demo);
	demo.profile.patrols = &patrol;
	demo.profile.patrols_count = rounds != 0;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	assert_int_equal(kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload)).verdict,
		BH_VERDICT_ACCEPTED);
}

struct plans {
	struct bh_patrol_plan rows[COUNTS_MAX];
	size_t count;
};

static int plan_add(void *context, const struct bh_patrol_plan *row)
{
	struct plans *plans = context;

	assert_in_range(plans->count, 0, COUNTS_MAX - 1);
	plans->rows[plans->count++] = *row;
	return BH_NOERR;
}

/* The last word of a day holds for it; what did not change has no row more. */
static void test_field_work__how_a_plan_was_is_known_for_each_day(void **state)
{
	static const struct {
		uint32_t day, rounds;
	} wanted[] = {{DAY, 3}, {DAY + 2, 1}, {DAY + 3, 0}, {DAY + 4, 1}};
	static const uint32_t said[][2] = {{2, 3}, {3, 3}, {1, 1}, {1, 0}, {0, 1}};
	struct kit *kit = *state;
	struct plans plans = {.count = 0};

	for (size_t day = 0; day < 5; day++) {
		profile(kit, said[day][0]);
		profile(kit, said[day][1]);
		kit_pass(kit, 24 * 60 * KIT_MINUTE);
	}
	assert_int_equal(bh_reader_patrol_plans(kit->reader, UINT16_MAX, plan_add, &plans), 0);
	assert_int_equal(plans.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(plans.rows[i].plan, 5);
		assert_int_equal(plans.rows[i].day, wanted[i].day);
		assert_int_equal(plans.rows[i].rounds, wanted[i].rounds);
		assert_int_equal(plans.rows[i].weekdays, wanted[i].rounds ? 0x7f : 0);
	}
	plans.count = 0;
	assert_int_equal(bh_reader_patrol_plans(kit->reader, DAY + 1, plan_add, &plans), 0);
	assert_int_equal(plans.count, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_field_work__entries_are_counted_by_day_grid_and_kind),
		CASE(test_field_work__a_repeat_counts_once),
		CASE(test_field_work__a_carried_entry_counts_once),
		CASE(test_field_work__rounds_are_summed_by_plan),
		CASE(test_field_work__in_quarantine_it_counts_nowhere_and_may_be_put_away),
		CASE(test_field_work__a_row_that_is_gone_is_noticed),
		CASE(test_field_work__how_a_plan_was_is_known_for_each_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
