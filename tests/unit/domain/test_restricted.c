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
	docket.consented = false; /* withdrawn, before any unit has it */
	bh_docket_act_refused(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, NULL, BH_REASON_GUARD);
	(void)bh_docket_run(&docket, docket.now_ms + BH_HOURS(9));
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	docket.consented = true;
	bh_docket_act(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, NULL);
	docket.consented = false; /* what a unit has goes on, and its desk is told */
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_GAS), NULL);
	bh_rules_unref(rules);
}

static void test_restricted__no_task_gives_it_to_anybody_else(void **state)
{
	const uint32_t worker = BH_DEMO_WORKER(1222), lead = BH_DEMO_LEAD(BH_DEMO_GAS);
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	struct bh_docket docket;
	(void)state;
	reported(&docket, rules);
	bh_docket_act(&docket, BH_VERB_FILE, SHIFT_LEADER, NULL);
	bh_docket_act(&docket, BH_VERB_DISPATCH, NAMED, NULL);
	bh_docket_act(&docket, BH_VERB_SIGN, lead, NULL);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_HELP, lead, "come");
	ask.assignee = BH_DEMO_HANDLER(BH_DEMO_CLEAN_A);
	bh_docket_refused(&docket, &ask, BH_REASON_GUARD);
	ask.assignee = 0;
	ask.unit = BH_DEMO_CLEAN_A;
	bh_docket_refused(&docket, &ask, BH_REASON_GUARD);
	ask.unit = 0;
	ask.assignee = BH_DEMO_HANDLER(BH_DEMO_GAS);
	bh_docket_must(&docket, &ask);
	ask = bh_docket_desk(&docket, BH_VERB_ASK_VISIT, SHIFT_LEADER, "go");
	ask.until_ms = docket.now_ms + BH_HOURS(24);
	ask.assignee = worker;
	bh_docket_refused(&docket, &ask, BH_REASON_GUARD);
	bh_rules_unref(rules);
}

static void test_restricted__a_task_is_taken_back_when_its_case_becomes_that(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	struct bh_docket docket;
	struct bh_command command;
	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_VERIFY, ACCEPTOR, NULL);
	const struct bh_task *task = bh_docket_task(&docket, BH_TASK_VERIFY);
	assert_false(bh_task_command(rules, task, &docket.cased, docket.now_ms, &command));
	docket.cased.type = BH_DEMO_GAS_LEAK;
	assert_true(bh_task_command(rules, task, &docket.cased, docket.now_ms, &command));
	assert_int_equal(command.verb, BH_VERB_TASK_LAPSED);
	assert_int_equal(command.alarm, BH_ALARM_TASK_LEFT);
	bh_rules_unref(rules);
}

static void test_restricted__no_desk_below_the_county_s_is_its_backstop(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_RESTRICTED, true);
	uint32_t desk = bh_rules_desk(rules, 1111, 0);
	uint32_t county = bh_rules_desk(rules, bh_rules_county(rules), 0);
	(void)state;
	assert_int_not_equal(desk, county);
	assert_int_equal(bh_rules_backstop(rules, BH_DEMO_LITTER, 1111, 0), desk);
	assert_int_equal(bh_rules_backstop(rules, BH_DEMO_GAS_LEAK, 1111, 0), county);
	bh_rules_unref(rules);
}

static bool tells_of_consent(const struct bh_rules *rules, const struct bh_case *cased,
	uint32_t role, uint32_t consent, uint32_t person)
{
	const struct bh_party party = {.party = 1, .role = role, .consent = consent};
	struct bh_notice notices[BH_NOTICES_MAX];
	struct bh_buf content = BH_BUF(512);
	bool told = false;
	assert_int_equal(bh_party_encode(&party, &content), 0);
	const struct bh_entry entry = {.verb = BH_VERB_PARTY,
		.verdict = BH_VERDICT_ACCEPTED,
		.person = ACCEPTOR,
		.content = bh_buf_span(&content)};
	const struct bh_notice_facts facts = {
		.rules = rules, .entry = &entry, .before = cased, .after = cased};
	size_t count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++)
		told |= notices[i].kind == BH_NOTICE_CONSENT_GONE && notices[i].person == person;
	bh_buf_free(&content);
	return told;
}

static void test_restricted__consent_that_goes_is_told(void **state)
{
	struct bh_rules *rules = rules_with(BH_PRIVACY_CONSENT, false);
	const uint32_t officer = BH_DEMO_PERSON(PRIVACY_OFFICER);
	struct bh_docket docket;
	(void)state;
	reported(&docket, rules);
	const struct bh_case waits = docket.cased;
	docket.consented = true;
	bh_docket_act(&docket, BH_VERB_DISPATCH, SHIFT_LEADER, NULL);
	const struct bh_case *cased = &docket.cased;
	assert_true(tells_of_consent(
		rules, cased, BH_PARTY_COMPLAINANT, BH_CONSENT_WITHDRAWN, officer));
	assert_true(
		tells_of_consent(rules, cased, BH_PARTY_REPRESENTATIVE, BH_CONSENT_REFUSED, NAMED));
	assert_false(
		tells_of_consent(rules, cased, BH_PARTY_COMPLAINANT, BH_CONSENT_GIVEN, officer));
	assert_false(
		tells_of_consent(rules, cased, BH_PARTY_WITNESS, BH_CONSENT_WITHDRAWN, officer));
	assert_false(tells_of_consent(
		rules, &waits, BH_PARTY_COMPLAINANT, BH_CONSENT_WITHDRAWN, officer));
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

/* Of what is sealed who only oversees it reads the words for a purpose, by an opening of his own.
 */
static void test_sealed__who_only_oversees_it_opens_its_words_and_no_names(void **state)
{
	(void)state;
	for (uint32_t level = BH_PRIVACY_PUBLIC; level <= BH_PRIVACY_CONSENT; level++) {
		struct bh_rules *rules = rules_with(level, false);
		struct bh_docket docket;
		bh_docket_open(&docket, rules);
		bh_docket_to_received(&docket, BH_DEMO_GAS_LEAK, 1111);
		struct bh_case *cased = &docket.cased;
		for (uint32_t person = BH_ROLE_REPORTER; person < BH_ROLE_CLOCK; person++) {
			bool oversees = person == BH_ROLE_SUPERVISOR || person == BH_ROLE_SPONSOR ||
					person == BH_ROLE_ARCHIVIST;
			assert_int_equal(
				bh_rights_only_oversees(rules, person, docket.now_ms, cased),
				oversees);
			assert_int_equal(
				bh_privacy_oversees(rules, docket.now_ms, person, 0, cased) != 0,
				oversees && level != BH_PRIVACY_PUBLIC);
			assert_true(!oversees || bh_privacy_post(rules, docket.now_ms, person, 0,
							 BH_VERB_OPEN, cased) == 0);
		}
		cased->sponsor = BH_DEMO_PERSON(SPONSOR);
		assert_false(bh_rights_only_oversees(
			rules, BH_DEMO_PERSON(SPONSOR), docket.now_ms, cased));
		bh_rules_unref(rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sealed__who_only_oversees_it_opens_its_words_and_no_names),
		cmocka_unit_test(test_restricted__is_seen_by_its_desk_its_unit_and_its_reporter),
		cmocka_unit_test(
			test_restricted__is_acted_on_by_its_desk_alone_and_looked_at_by_nobody),
		cmocka_unit_test(test_restricted__is_told_without_its_name_and_not_to_the_grid),
		cmocka_unit_test(test_restricted__no_consent_no_case),
		cmocka_unit_test(test_restricted__no_task_gives_it_to_anybody_else),
		cmocka_unit_test(test_restricted__a_task_is_taken_back_when_its_case_becomes_that),
		cmocka_unit_test(test_restricted__no_desk_below_the_county_s_is_its_backstop),
		cmocka_unit_test(test_restricted__consent_that_goes_is_told),
		cmocka_unit_test(test_restricted__no_other_name_goes_around_the_consent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
