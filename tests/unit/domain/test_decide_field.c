/* What a worker did in the grid that is no case: whose it may be, of which grid and day it is, and
 * the bytes of the fact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/datum.h"
#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/domain/rights.h"
#include "tests/unit/domain/demo_rules.h"

#define NOW_MS INT64_C(1772413200000) /* Monday 2026-03-02, 09:00 in UTC+8 */
#define DAY 20514u
#define PLAN 3u

static const struct bh_msg_checkpoint checkpoints[] = {
	{.name = {(const uint8_t *)"gate", 4}}, {.name = {(const uint8_t *)"pump", 4}}};

static int rules_open(void **state)
{
	static struct bh_demo_profile demo;
	static const struct bh_msg_patrol patrol = {.id = PLAN,
		.code = {(const uint8_t *)"P", 1},
		.name = {(const uint8_t *)"P", 1},
		.area = 1112,
		.weekdays = 1,
		.rounds = 1,
		.checkpoints = checkpoints,
		.checkpoints_count = 2};

	bh_demo_profile(&demo);
	demo.profile.patrols = &patrol;
	demo.profile.patrols_count = 1;
	*state = bh_demo_build(&demo);
	return 0;
}

static int rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

static struct bh_command command_of(enum bh_verb verb, uint32_t person)
{
	return (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = verb,
		.log_short = 17,
		.seq = 1,
		.person = person,
		.captured_ms = NOW_MS - 3600000,
		.type = verb == BH_VERB_SERVICE ? BH_SERVICE_PROXY : 0,
		.round = {.plan = verb == BH_VERB_PATROL ? PLAN : 0, .done = 1, .missed = 2}};
}

static struct bh_verdict_on decide(const struct bh_rules *rules, const struct bh_command *command)
{
	const struct bh_standing standing = {.rules = rules,
		.now_ms = NOW_MS,
		.device_person = command->person,
		.device_live = true};
	struct bh_verdict_on on;

	bh_decide(&standing, command, &on);
	assert_true(on.journal);
	assert_false(on.changes);
	return on;
}

static void accepted(
	const struct bh_rules *rules, const struct bh_command *command, uint32_t grid, uint32_t day)
{
	struct bh_verdict_on on = decide(rules, command);

	assert_int_equal(on.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(on.fact.grid, grid);
	assert_int_equal(on.fact.day, day);
}

static void rejected(
	const struct bh_rules *rules, const struct bh_command *command, enum bh_reason reason)
{
	struct bh_verdict_on on = decide(rules, command);

	assert_int_equal(on.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on.reason, reason);
}

static void test_field__an_entry_is_of_the_grid_named_or_by_place_or_the_workers_own(void **state)
{
	struct bh_command command = command_of(BH_VERB_SERVICE, BH_DEMO_WORKER(1111));

	accepted(*state, &command, 1111, DAY);
	command.has_place = true;
	command.datum = BH_DATUM_WGS84;
	bh_demo_place(1111, &command.latitude_e7, &command.longitude_e7);
	accepted(*state, &command, 1111, DAY);
	/* over the border, and far away */
	bh_demo_place(1112, &command.latitude_e7, &command.longitude_e7);
	accepted(*state, &command, 1111, DAY);
	command.latitude_e7 = 0;
	accepted(*state, &command, 1111, DAY);
	command.datum = 9;
	rejected(*state, &command, BH_REASON_PLACE);
	command.has_place = false;
	command.area = 1112;
	rejected(*state, &command, BH_REASON_NO_RIGHT);
	command.area = 4711;
	rejected(*state, &command, BH_REASON_NO_RIGHT);
}

static void test_field__only_a_field_post_does_field_work(void **state)
{
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		struct bh_command command = command_of(BH_VERB_SERVICE, role);

		command.area = 1222;
		if (role == BH_ROLE_GRID_WORKER || role == BH_ROLE_GRID_LEADER)
			accepted(*state, &command, 1222, DAY);
		else
			rejected(*state, &command, BH_REASON_NO_RIGHT);
	}
}

static void test_field__it_is_about_no_case_and_of_a_kind(void **state)
{
	struct bh_command command = command_of(BH_VERB_SERVICE, BH_DEMO_WORKER(1111));

	command.case_number = 5;
	rejected(*state, &command, BH_REASON_FIELD);
	command.case_number = 0;
	command.type = BH_SERVICE_NONE;
	rejected(*state, &command, BH_REASON_FIELD);
	command.type = BH_SERVICE_MAX;
	accepted(*state, &command, 1111, DAY);
	command.source = BH_SOURCE_DESK;
	const struct bh_standing standing = {.rules = *state, .now_ms = NOW_MS};
	struct bh_verdict_on on;

	bh_decide(&standing, &command, &on);
	assert_int_equal(on.reason, BH_REASON_UNSUPPORTED);
	assert_false(on.journal);
}

static void test_field__the_day_is_that_of_the_doing_where_the_district_is(void **state)
{
	struct bh_command command = command_of(BH_VERB_SERVICE, BH_DEMO_WORKER(1111));

	command.captured_ms = NOW_MS - 9 * 3600000; /* midnight */
	accepted(*state, &command, 1111, DAY);
	command.captured_ms--;
	accepted(*state, &command, 1111, DAY - 1);
	assert_int_equal(bh_local_day(-1, -480), 0);
	assert_int_equal(bh_local_day(INT64_C(1) << 60, 0), UINT16_MAX);
}

static void test_field__a_round_is_of_its_plans_grid_or_of_the_one_named(void **state)
{
	struct bh_command command = command_of(BH_VERB_PATROL, BH_DEMO_WORKER(1112));

	command.area = 1111; /* the plan has it otherwise */
	accepted(*state, &command, 1112, DAY);
	command.round.plan = 99;
	rejected(*state, &command, BH_REASON_NO_RIGHT);
	command.area = 1112;
	accepted(*state, &command, 1112, DAY);
	command.round.done = 3;
	rejected(*state, &command, BH_REASON_FIELD);
	command.round.done = UINT64_MAX & ~UINT64_C(2);
	struct bh_verdict_on on = decide(*state, &command);

	assert_int_equal(on.fact.done, 63);
	assert_int_equal(on.fact.missed, 1);
}

static void test_field__a_fact_comes_back_from_its_bytes_and_from_no_others(void **state)
{
	const struct bh_field_fact facts[] = {
		{.grid = UINT32_MAX, .day = UINT16_MAX, .kind = 255}, {.grid = 7,
									      .day = 9,
									      .plan = UINT32_MAX,
									      .done = 64,
									      .missed = 3,
									      .minutes = 1440}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		unsigned verb = i == 0 ? BH_VERB_SERVICE : BH_VERB_PATROL;
		struct bh_buf bytes = BH_BUF(32);
		struct bh_field_fact out;

		assert_int_equal(bh_field_fact_encode(verb, &facts[i], &bytes), 0);
		assert_int_equal(bh_field_fact_decode(verb, bh_buf_span(&bytes), &out), 0);
		assert_memory_equal(&out, &facts[i], sizeof(out));
		for (size_t len = 0; len < bytes.len; len++)
			assert_int_equal(bh_field_fact_decode(verb, bh_span(bytes.data, len), &out),
				BH_ERR_MALFORMED);
		assert_int_equal(bh_field_fact_decode(BH_VERB_SUBMIT, bh_buf_span(&bytes), &out),
			BH_ERR_MALFORMED);
		bh_buf_free(&bytes);
	}
}

static void test_field__whoever_has_an_area_or_works_there_sees_what_was_done_in_it(void **state)
{
	assert_true(bh_rights_see_field(*state, BH_DEMO_WORKER(1111), 0, 1111));
	assert_false(bh_rights_see_field(*state, BH_DEMO_WORKER(1111), 0, 1112));
	assert_true(bh_rights_see_field(*state, BH_DEMO_PERSON(DISPATCHER), 0, 1222));
	assert_true(bh_rights_see_field(*state, BH_DEMO_TOWNSHIP_DESK, 0, 1211));
	assert_false(bh_rights_see_field(*state, BH_DEMO_TOWNSHIP_DESK, 0, 1111));
	assert_false(bh_rights_see_field(*state, BH_DEMO_PERSON(ADMIN), 0, 1111));
	assert_false(bh_rights_see_field(*state, 4711, 0, 1111));
	/* each one of it, and counts of few */
	assert_true(bh_rights_count_field(*state, BH_DEMO_WORKER(1111), 0, 1111));
	assert_true(bh_rights_count_field(*state, BH_DEMO_PERSON(DISPATCHER), 0, 1222));
	assert_false(bh_rights_count_field(*state, BH_DEMO_TOWNSHIP_DESK, 0, 1111));
	assert_true(bh_rights_see_field(*state, BH_DEMO_PERSON(ASSESSOR), 0, 1111));
	assert_false(bh_rights_count_field(*state, BH_DEMO_PERSON(ASSESSOR), 0, 1111));
	assert_false(bh_rights_count_field(*state, BH_DEMO_PERSON(AUDITOR), 0, 1111));
}

static void faults(struct bh_msg_patrol patrol, size_t wanted)
{
	static struct bh_demo_profile demo;
	struct bh_profile_fault found[8];
	struct bh_rules *rules = NULL;
	size_t count = 0;

	bh_demo_profile(&demo);
	demo.profile.patrols = &patrol;
	demo.profile.patrols_count = 1;
	int err = bh_rules_build(&demo.profile, found, 8, &count, &rules);

	assert_int_equal(err, wanted ? BH_ERR_INVALID : 0);
	assert_int_equal(count, wanted);
	if (wanted)
		assert_string_equal(found[0].list, "patrols");
	bh_rules_unref(rules);
}

static void test_field__a_plan_that_cannot_be_gone_by_is_told(void **state)
{
	struct bh_msg_checkpoint far = checkpoints[0];
	struct bh_msg_patrol patrol = {.id = 1,
		.area = 1111,
		.weekdays = 0x7f,
		.rounds = 24,
		.checkpoints = checkpoints,
		.checkpoints_count = 2};
	struct bh_msg_patrol other = patrol;

	(void)state;
	faults(patrol, 0);
	other.area = 111; /* a village */
	faults(other, 1);
	other = patrol;
	other.weekdays = 0;
	faults(other, 1);
	other.weekdays = 0x80;
	other.checkpoints_count = 0;
	faults(other, 2);
	other = patrol;
	far.has_place = true;
	far.radius_m = 10001;
	other.checkpoints = &far;
	other.checkpoints_count = 1;
	faults(other, 1);
	other = patrol;
	other.id = 0;
	other.rounds = 25;
	faults(other, 2);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rules_open, rules_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_field__an_entry_is_of_the_grid_named_or_by_place_or_the_workers_own),
		CASE(test_field__only_a_field_post_does_field_work),
		CASE(test_field__it_is_about_no_case_and_of_a_kind),
		CASE(test_field__the_day_is_that_of_the_doing_where_the_district_is),
		CASE(test_field__a_round_is_of_its_plans_grid_or_of_the_one_named),
		CASE(test_field__a_fact_comes_back_from_its_bytes_and_from_no_others),
		CASE(test_field__whoever_has_an_area_or_works_there_sees_what_was_done_in_it),
		CASE(test_field__a_plan_that_cannot_be_gone_by_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
