/* What is restricted (S3-11): its own desk, its unit and who reported it, and nobody else, in no
 * list, no notice and no task of the grid; and what is opened with a party's consent alone. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "server/domain/checking.h"
#include "server/domain/notice.h"
#include "server/domain/privacy.h"
#include "server/domain/rights.h"
#include "tests/unit/domain/demo_rules.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define NAMED BH_DEMO_PERSON(DISPATCHER) /* whose post names class 50 */

static const uint32_t gas_class[] = {50};

/* named: the dispatcher's and the auditor's posts name its class. */
static struct bh_rules *rules_with(uint32_t level, bool named)
{
	struct bh_demo_profile demo;
	static struct bh_msg_catalogue_type types[BH_DEMO_TYPES];
	bh_demo_profile(&demo);
	memcpy(types, demo.profile.catalogue.types, sizeof(types));
	demo.profile.catalogue.types = types;
	for (size_t i = 0; i < BH_DEMO_TYPES; i++)
		if (types[i].code == BH_DEMO_GAS_LEAK)
			types[i].privacy = level;
	for (size_t i = 0; named && i < demo.profile.posts_count; i++) {
		if (demo.posts[i].person != NAMED && demo.posts[i].role != BH_ROLE_AUDITOR)
			continue;
		demo.posts[i].classes = gas_class;
		demo.posts[i].classes_count = 1;
	}
	return bh_demo_build(&demo);
}

/* A P1 of grid 1111, which its worker reported. */
static void reported(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_received(docket, BH_DEMO_GAS_LEAK, 1111);
}

static void test_restricted__is_seen_by_its_desk_its_unit_and_its_reporter(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	struct bh_docket docket;
	(void)state;
	reported(&docket, rules);
	docket.cased.unit = BH_DEMO_GAS;
	for (uint32_t person = BH_ROLE_REPORTER; person < BH_ROLE_CLOCK; person++)
		assert_int_equal(bh_rights_views(rules, person, docket.now_ms, &docket.cased) != 0,
			person == NAMED || person == SHIFT_LEADER);
	assert_true(bh_rights_views(rules, BH_DEMO_HANDLER(BH_DEMO_GAS), docket.now_ms,
			    &docket.cased) != 0);
	assert_true(
		bh_rights_views(rules, BH_DEMO_WORKER(1111), docket.now_ms, &docket.cased) != 0);
	docket.cased.type = BH_DEMO_LITTER; /* as it was called before somebody amended it */
	assert_true(bh_rights_views(rules, ACCEPTOR, docket.now_ms, &docket.cased) != 0);
	bh_rules_unref(rules);
}

static void test_restricted__is_acted_on_by_its_desk_alone_and_looked_at_by_nobody(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	struct bh_docket docket;
	(void)state;
	reported(&docket, rules);
	bh_docket_act_refused(&docket, BH_VERB_FILE, ACCEPTOR, NULL, BH_REASON_NO_RIGHT);
	bh_docket_act_refused(&docket, BH_VERB_VERIFY, SHIFT_LEADER, NULL, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_FILE, SHIFT_LEADER, NULL);
	bh_docket_act(&docket, BH_VERB_DISPATCH, NAMED, NULL);
	assert_int_equal(docket.cased.unit, BH_DEMO_GAS);
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_GAS), NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_GAS), "seen to");
	assert_false(bh_case_closes_by_limit(rules, &docket.cased));
	bh_docket_act_refused(&docket, BH_VERB_CLOSE, ACCEPTOR, "well", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_CLOSE, SHIFT_LEADER, "well");
	bh_rules_unref(rules);
}

static void test_restricted__is_told_without_its_name_and_not_to_the_grid(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	struct bh_notice notices[BH_NOTICES_MAX];
	struct bh_docket docket;
	char text[BH_NOTICE_TEXT_MAX];
	bool unit = false;
	(void)state;
	reported(&docket, rules);
	struct bh_case before = docket.cased;
	struct bh_command go = bh_docket_desk(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, "go");
	bh_docket_must(&docket, &go);
	const struct bh_notice_facts facts = {.rules = rules,
		.entry = &docket.entries[docket.count - 1],
		.before = &before,
		.after = &docket.cased};
	size_t count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++) {
		assert_int_not_equal(notices[i].person, BH_DEMO_WORKER(1111));
		unit |= notices[i].person == BH_DEMO_LEAD(BH_DEMO_GAS);
		bh_notice_text(rules, notices[i].kind, &docket.cased, "17-1", "", text);
		assert_null(strstr(text, "燃气泄漏"));
		assert_non_null(strstr(text, "受限事项"));
	}
	assert_true(unit);
	bh_rules_unref(rules);
}

static void test_restricted__no_consent_no_case(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_CONSENT, false);
	struct bh_docket docket;
	(void)state;
	reported(&docket, rules);
	assert_int_equal(bh_docket_run(&docket, docket.cased.dispatch_due_ms + BH_HOURS(9)), 3 + 4);
	assert_int_equal(docket.cased.breached, 1);
	assert_int_equal(docket.cased.queue_calls, 4);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED); /* no clock opens it */
	bh_docket_act_refused(&docket, BH_VERB_FILE, ACCEPTOR, NULL, BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, NULL, BH_REASON_GUARD);
	docket.consented = true;
	bh_docket_act(&docket, BH_VERB_FILE, ACCEPTOR, NULL);
	docket.consented = false; /* withdrawn: what is open goes on */
	bh_docket_act(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, NULL);
	bh_rules_unref(rules);
}

static void test_restricted__no_other_name_goes_around_the_consent(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_CONSENT, false);
	struct bh_docket docket;
	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command amend = bh_docket_desk(
		&docket, BH_VERB_AMEND, ACCEPTOR, "it is another matter");
	amend.type = BH_DEMO_GAS_LEAK;
	bh_docket_refused(&docket, &amend, BH_REASON_GUARD);
	docket.consented = true;
	bh_docket_must(&docket, &amend);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restricted__is_seen_by_its_desk_its_unit_and_its_reporter),
		cmocka_unit_test(
			test_restricted__is_acted_on_by_its_desk_alone_and_looked_at_by_nobody),
		cmocka_unit_test(test_restricted__is_told_without_its_name_and_not_to_the_grid),
		cmocka_unit_test(test_restricted__no_consent_no_case),
		cmocka_unit_test(test_restricted__no_other_name_goes_around_the_consent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
