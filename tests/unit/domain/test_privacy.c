/* Every role against every verb about people that cases name, in its area and out of it, of the
 * case's unit and of another: what the table gives, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/intake.h"
#include "server/domain/privacy.h"
#include "tests/unit/domain/demo_rules.h"

#define R(name) (1u << BH_ROLE_##name)

/* Said once more, by another hand than the table's. */
static const struct {
	enum bh_verb verb;
	uint32_t area;
	uint32_t unit;
} expected[] = {
	{BH_VERB_PARTY, R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(PRIVACY_OFFICER),
		R(MEDIATOR) | R(UNIT_LEAD)},
	{BH_VERB_OPEN,
		R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(FOLLOWUP_AGENT) |
			R(PRIVACY_OFFICER),
		R(MEDIATOR) | R(UNIT_LEAD)},
	{BH_VERB_ERASE, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SHIFT_LEADER), 0},
	{BH_VERB_HOLD, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SUPERVISOR), 0},
	{BH_VERB_UNHOLD, R(PRIVACY_OFFICER) | R(SUPERVISOR), 0},
	{BH_VERB_ASK_ERASE, R(PRIVACY_OFFICER), 0},
};

static uint32_t allowed(const struct bh_rules *rules, uint32_t person, uint32_t post,
	enum bh_verb verb, uint32_t area, uint32_t unit)
{
	const struct bh_case cased = {.area = area, .unit = unit, .type = BH_DEMO_LITTER};
	return bh_privacy_post(rules, 0, person, post, verb, &cased);
}

static uint32_t unit_of(uint32_t role)
{
	return role == BH_ROLE_MEDIATOR    ? BH_DEMO_MEDIATION_A
	       : role == BH_ROLE_TIER_DESK ? BH_DEMO_DESK_COUNTY
	       : role == BH_ROLE_UNIT_LEAD ? BH_DEMO_CLEAN_A
	       : role == BH_ROLE_HANDLER   ? BH_DEMO_CLEAN_A
					   : 0;
}

static void test_privacy__every_role_may_what_the_table_gives_it(void **state)
{
	struct bh_rules *rules = bh_demo_rules();

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
			bool area = (expected[i].area >> role & 1) != 0;
			bool unit = (expected[i].unit >> role & 1) != 0;
			uint32_t own = unit_of(role) ? unit_of(role) : BH_DEMO_GAS;
			/* person r holds role r of the county: nothing of it is out of its area */
			assert_int_equal(
				allowed(rules, role, 0, expected[i].verb, 1111, BH_DEMO_WORKS) != 0,
				area);
			assert_int_equal(allowed(rules, role, 0, expected[i].verb, 1111, own) != 0,
				area || unit);
			assert_int_equal(allowed(rules, role, 0, expected[i].verb, 0, 0), 0);
		}
	}
	bh_rules_unref(rules);
}

static void test_privacy__an_area_ends_where_it_ends_and_a_post_is_the_persons_own(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	uint32_t desk = BH_DEMO_TOWNSHIP_DESK; /* acceptor and dispatcher of township B */

	(void)state;
	assert_true(allowed(rules, desk, 0, BH_VERB_OPEN, 1211, 0) != 0);
	assert_int_equal(allowed(rules, desk, 0, BH_VERB_OPEN, 1111, 0), 0);
	assert_int_equal(allowed(rules, desk, 51, BH_VERB_OPEN, 1211, 0), 51);
	assert_int_equal(allowed(rules, desk, 60, BH_VERB_OPEN, 1211, 0), 0);
	assert_int_equal(allowed(rules, 0, 0, BH_VERB_OPEN, 1211, 0), 0);
	assert_int_equal(allowed(rules, desk, 0, BH_VERB_CLOSE, 1211, 0), 0);
	bh_rules_unref(rules);
}

static enum bh_reason named(const struct bh_rules *rules, const struct bh_case *cased,
	uint32_t person, struct bh_party party)
{
	const struct bh_privacy_ask ask = {.rules = rules, .cased = cased};
	struct bh_command command = {.verb = BH_VERB_PARTY, .person = person};
	struct bh_buf bytes = BH_BUF(1000);
	struct bh_privacy_answer answer;

	assert_int_equal(bh_party_encode(&party, &bytes), 0);
	command.payload = bh_buf_span(&bytes);
	bh_privacy_decide(&ask, &command, &answer);
	assert_int_equal(answer.accepted, answer.post != 0);
	bh_buf_free(&bytes);
	return answer.reason;
}

/* The citizen stands before him, at whatever desk: until somebody has it in hand. */
static void test_privacy__who_registered_it_names_its_complainant_until_it_is_taken_up(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	const uint32_t desk = BH_DEMO_PERSON(TIER_DESK);
	const struct bh_party he = {
		.role = BH_PARTY_COMPLAINANT, .name = bh_span("x", 1), .contact = bh_span("", 0)};
	const struct bh_case fresh = {.area = 1111,
		.type = BH_DEMO_LITTER,
		.state = BH_STATE_RECEIVED,
		.cycle = 1,
		.reporter = desk,
		.intake = BH_INTAKE_HALL};
	struct bh_case cased = fresh;

	(void)state;
	assert_int_equal(named(rules, &cased, desk, he), BH_REASON_NONE);
	assert_int_equal(named(rules, &cased, BH_DEMO_LEAD(BH_DEMO_DESK_COUNTY), he),
		BH_REASON_NO_RIGHT); /* another's */
	struct bh_party other = he;
	other.role = BH_PARTY_OTHER;
	assert_int_equal(named(rules, &cased, desk, other), BH_REASON_NO_RIGHT);
	other = he;
	other.party = 1; /* one that stands is for who has it in hand */
	assert_int_equal(named(rules, &cased, desk, other), BH_REASON_NO_RIGHT);
	cased.state = BH_STATE_DISPATCHED; /* at once, by a rule */
	assert_int_equal(named(rules, &cased, desk, he), BH_REASON_NONE);
	cased.dispatched_by = BH_DEMO_PERSON(DISPATCHER);
	assert_int_equal(named(rules, &cased, desk, he), BH_REASON_NO_RIGHT);
	cased = fresh;
	cased.state = BH_STATE_HANDLING;
	assert_int_equal(named(rules, &cased, desk, he), BH_REASON_NO_RIGHT);
	cased = fresh;
	cased.intake = BH_INTAKE_HANDSET;
	assert_int_equal(named(rules, &cased, desk, he), BH_REASON_NO_RIGHT);
	cased = fresh;
	cased.reporter = BH_DEMO_PERSON(HANDLER); /* whose post registers nothing */
	assert_int_equal(named(rules, &cased, BH_DEMO_PERSON(HANDLER), he), BH_REASON_NO_RIGHT);
	bh_rules_unref(rules);
}

static void test_privacy__a_party_is_read_whole_or_not_at_all(void **state)
{
	const struct bh_party party = {.party = 3,
		.role = BH_PARTY_WITNESS,
		.consent = BH_CONSENT_GIVEN,
		.name = bh_span("甲", 3),
		.contact = bh_span("信箱", 6)};
	struct bh_buf bytes = BH_BUF(1000);
	struct bh_party out = {0};

	(void)state;
	assert_int_equal(bh_party_encode(&party, &bytes), 0);
	assert_int_equal(bh_party_decode(bh_buf_span(&bytes), &out), 0);
	assert_int_equal(out.party, 3);
	assert_true(bh_span_equal(out.name, party.name));
	assert_true(bh_span_equal(out.contact, party.contact));
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(bh_party_decode(bh_span(bytes.data, len), &out), BH_ERR_MALFORMED);
	assert_int_equal(bh_put_u8(&bytes, 0), 0);
	assert_int_equal(bh_party_decode(bh_buf_span(&bytes), &out), BH_ERR_MALFORMED);
	bh_buf_free(&bytes);
}

/* Of spaces alone, also of a Chinese keyboard's, nobody learns why. */
static void test_privacy__a_reason_says_something(void **state)
{
	static const enum bh_verb verbs[] = {
		BH_VERB_HOLD, BH_VERB_UNHOLD, BH_VERB_ASK_ERASE, BH_VERB_ERASE};
	const struct bh_case cased = {
		.area = 1111, .type = BH_DEMO_LITTER, .state = BH_STATE_FOLLOWED};
	struct bh_rules *rules = bh_demo_rules();

	(void)state;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct bh_privacy_ask ask = {.rules = rules, .cased = &cased};
		struct bh_privacy_answer answer;
		struct bh_command command = {.verb = verbs[i],
			.person = BH_DEMO_PERSON(PRIVACY_OFFICER),
			.text = bh_span(" \t\u3000", 5)};
		bh_privacy_decide(&ask, &command, &answer);
		assert_false(answer.accepted);
		assert_int_equal(answer.reason, BH_REASON_NO_REASON);
		command.text = bh_span("why", 3);
		bh_privacy_decide(&ask, &command, &answer);
		assert_true(answer.accepted || answer.reason != BH_REASON_NO_REASON);
	}
	bh_rules_unref(rules);
}

static void test_privacy__words_come_back(void **state)
{
	uint32_t value = 0;

	(void)state;
	for (uint32_t i = BH_PURPOSE_CONTACT; i < BH_PURPOSES; i++) {
		assert_int_equal(bh_purpose_parse(bh_purpose_name(i), &value), 0);
		assert_int_equal(value, i);
	}
	for (uint32_t i = BH_PARTY_COMPLAINANT; i < BH_PARTY_ROLES; i++) {
		assert_int_equal(bh_party_role_parse(bh_party_role_name(i), &value), 0);
		assert_int_equal(value, i);
	}
	assert_int_equal(bh_party_role_parse("gone", &value), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_purpose_parse("none", &value), BH_ERR_NOT_FOUND);
	assert_string_equal(bh_consent_name(77), "unknown");
}

/* A post that has ended, has not begun, or is for other classes opens nothing. */
static void test_privacy__a_post_is_good_in_its_days_and_for_its_classes(void **state)
{
	static const uint32_t class_of_litter = 10, another = 20;
	const struct bh_case cased = {.area = 1111, .type = BH_DEMO_LITTER};
	const int64_t day_ms = INT64_C(86400000);
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	struct bh_msg_post *post = demo.posts;
	while (post->role != BH_ROLE_PRIVACY_OFFICER)
		post++;
	uint32_t person = post->person;

	(void)state;
	post->from_day = 100;
	post->to_day = 110;
	post->classes = &class_of_litter;
	post->classes_count = 1;
	struct bh_rules *rules = bh_demo_build(&demo);
	for (int64_t day = 98; day <= 112; day++)
		assert_int_equal(
			bh_privacy_post(rules, day * day_ms, person, 0, BH_VERB_OPEN, &cased) != 0,
			day >= 100 && day <= 110);
	bh_rules_unref(rules);
	post->classes = &another;
	rules = bh_demo_build(&demo);
	assert_int_equal(bh_privacy_post(rules, 105 * day_ms, person, 0, BH_VERB_OPEN, &cased), 0);
	bh_rules_unref(rules);
}

/* What a handset says of its clock is a claim: what may have been recorded before an erasure stays
 * without its content. */
static void test_privacy__what_may_be_older_than_an_erasure_is_covered(void **state)
{
	const struct bh_guarded guarded = {.erasures = 1, .erased_ms = 1000};
	const struct bh_guarded never = {.erasures = 0};
	struct bh_entry entry = {
		.device = 7, .case_number = 17, .verb = BH_VERB_FINISH, .captured_ms = 1000};

	(void)state;
	assert_true(bh_guarded_covers(&guarded, &entry));
	assert_false(bh_guarded_covers(&never, &entry));
	entry.captured_ms = 1001;
	assert_false(bh_guarded_covers(&guarded, &entry));
	entry.captured_bound_ms = 1;
	assert_true(bh_guarded_covers(&guarded, &entry));
	entry.captured_ms = 5000;
	assert_false(bh_guarded_covers(&guarded, &entry));
	entry.captured_bound_ms = UINT32_MAX; /* its clock is not believed at all */
	assert_true(bh_guarded_covers(&guarded, &entry));
	entry.device = 0; /* what a desk says after it is new */
	assert_false(bh_guarded_covers(&guarded, &entry));
}

/* Words about no case have their time again where nobody knows when they were written. */
static void test_privacy__words_older_than_a_purge_are_covered(void **state)
{
	const struct bh_guarded purged = {.erasures = 1, .erased_ms = 1000};
	const struct bh_guarded never = {.erasures = 0};
	struct bh_entry entry = {.device = 7, .verb = BH_VERB_SERVICE, .captured_ms = 1000};

	(void)state;
	assert_true(bh_guarded_covers(&purged, &entry));
	assert_false(bh_guarded_covers(&never, &entry));
	entry.captured_ms = 1001;
	entry.captured_bound_ms = 500;
	assert_false(bh_guarded_covers(&purged, &entry));
	entry.captured_ms = 1;
	entry.captured_bound_ms = UINT32_MAX;
	assert_false(bh_guarded_covers(&purged, &entry));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_privacy__what_may_be_older_than_an_erasure_is_covered),
		cmocka_unit_test(test_privacy__words_older_than_a_purge_are_covered),
		cmocka_unit_test(test_privacy__a_post_is_good_in_its_days_and_for_its_classes),
		cmocka_unit_test(test_privacy__every_role_may_what_the_table_gives_it),
		cmocka_unit_test(
			test_privacy__an_area_ends_where_it_ends_and_a_post_is_the_persons_own),
		cmocka_unit_test(
			test_privacy__who_registered_it_names_its_complainant_until_it_is_taken_up),
		cmocka_unit_test(test_privacy__a_party_is_read_whole_or_not_at_all),
		cmocka_unit_test(test_privacy__words_come_back),
		cmocka_unit_test(test_privacy__a_reason_says_something),
	};

	return cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
