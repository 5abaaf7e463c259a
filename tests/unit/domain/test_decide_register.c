/* A desk registers a matter: who may, where it lies, what it becomes; it then goes on as a report
 * does, with its registrar as who reported it. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/datum.h"
#include "server/domain/dossier.h"
#include "server/domain/intake.h"
#include "server/domain/notice.h"
#include "server/domain/rights.h"
#include "tests/unit/domain/demo_rules.h"

#define CLERK BH_DEMO_PERSON(ACCEPTOR)

static struct bh_command matter(const struct bh_docket *docket, uint32_t person)
{
	struct bh_command command = bh_docket_desk(
		docket, BH_VERB_REGISTER, person, "the road sank");
	command.intake = BH_INTAKE_HALL;
	command.type = BH_DEMO_LITTER;
	command.area = 1111;
	command.none_fits = command.outside = command.matter_ended = false;
	command.channel = command.reason_code = 0;
	return command;
}

static void refused(void **state, const struct bh_command *command, enum bh_reason reason)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_refused(&docket, command, reason);
	assert_false(docket.exists);
}

static struct bh_case registered(void **state, const struct bh_command *command)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_must(&docket, command);
	return docket.cased;
}

static void test_register__makes_a_case_in_the_queue_like_a_report(void **state)
{
	struct bh_docket docket, report;
	bh_docket_open(&docket, *state);
	bh_docket_open(&report, *state);
	struct bh_command command = matter(&docket, CLERK);
	command.visitors = 3;
	bh_docket_must(&docket, &command);
	bh_docket_to_received(&report, BH_DEMO_LITTER, 1111);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(cased->state, BH_STATE_RECEIVED);
	assert_int_equal(cased->cycle, 1);
	assert_int_equal(cased->reporter, CLERK);
	assert_int_equal(cased->intake, BH_INTAKE_HALL);
	assert_int_equal(cased->visitors, 3);
	assert_int_equal(cased->by_public, 1);
	assert_int_equal(cased->grid, 1111);
	assert_int_equal(cased->received_ms, docket.now_ms);
	assert_int_equal(docket.last.post, CLERK);
	assert_int_equal(report.cased.intake, BH_INTAKE_HANDSET);
	/* unlike a report it is news to a handset of who reports it */
	assert_int_equal(docket.changes_count, 1);
	assert_int_equal(docket.changes[0].scope, BH_SCOPE_OWN(CLERK));
	/* its clock, its unit, its rules: those of the same report */
	assert_int_equal(cased->dispatch_due_ms, report.cased.dispatch_due_ms);
	assert_int_equal(cased->proposed_unit, report.cased.proposed_unit);
	assert_int_equal(cased->urgency, report.cased.urgency);
	assert_int_equal(cased->next_ms, report.cased.next_ms);
	assert_int_equal(cased->rules, report.cased.rules);
	assert_int_equal(cased->rules_day, report.cased.rules_day);
}

static void test_register__each_way_it_came_is_kept(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	for (uint32_t intake = BH_INTAKE_HANDSET; intake <= BH_INTAKE_COUNT; intake++) {
		struct bh_command command = matter(&docket, CLERK);
		command.intake = intake;
		if (intake == BH_INTAKE_HANDSET || intake == BH_INTAKE_COUNT) {
			refused(state, &command, BH_REASON_FIELD);
			continue;
		}
		struct bh_case cased = registered(state, &command);
		assert_int_equal(cased.intake, intake);
		assert_int_equal(cased.by_public, intake != BH_INTAKE_DEPARTMENT);
		assert_int_equal(bh_intake_parse(bh_intake_name(intake)), intake);
		assert_true(bh_intake_name_zh(intake)[0] != '\0');
	}
	assert_null(bh_intake_name(BH_INTAKE_COUNT));
	assert_null(bh_intake_name_zh(BH_INTAKE_COUNT));
	assert_int_equal(bh_intake_parse("handset"), 0);
}

/* S1-35: any desk; a unit's people, field workers and who watches are none. */
static void test_register__is_any_desks_inside_its_area(void **state)
{
	const uint32_t desks = 1u << BH_ROLE_ACCEPTOR | 1u << BH_ROLE_DISPATCHER |
			       1u << BH_ROLE_SHIFT_LEADER | 1u << BH_ROLE_TIER_DESK;
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		struct bh_command command = matter(&docket, role);
		if ((desks >> role & 1) == 0)
			refused(state, &command, BH_REASON_NO_RIGHT);
		else
			assert_int_equal(registered(state, &command).reporter, role);
	}
	struct bh_command town = matter(&docket, BH_DEMO_TOWNSHIP_DESK);
	refused(state, &town, BH_REASON_NO_RIGHT);
	town.area = 1211;
	assert_int_equal(registered(state, &town).grid, 1211);
	town.post = 51;
	assert_int_equal(registered(state, &town).grid, 1211);
	town.post = 5; /* another's */
	refused(state, &town, BH_REASON_NO_RIGHT);
	struct bh_command device = matter(&docket, CLERK);
	device.source = BH_SOURCE_DEVICE;
	assert_int_equal(bh_docket_give(&docket, &device)->verdict, BH_VERDICT_REJECTED);
	assert_int_equal(docket.last.reason, BH_REASON_UNSUPPORTED);
}

static void test_register__lies_where_it_is_said_or_where_the_desk_works(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = matter(&docket, BH_DEMO_TOWNSHIP_DESK);
	command.area = 0;
	struct bh_case cased = registered(state, &command);
	assert_int_equal(cased.area, BH_DEMO_TOWNSHIP_B);
	assert_int_equal(cased.grid, 0);
	assert_int_equal(cased.outside, 0);
	command.outside = true;
	assert_int_equal(registered(state, &command).outside, 1);
	command.outside = false;
	command.has_place = true;
	command.datum = BH_DATUM_WGS84;
	bh_demo_place(1222, &command.latitude_e7, &command.longitude_e7);
	cased = registered(state, &command);
	assert_int_equal(cased.grid, 1222);
	assert_int_equal(cased.has_place, 1);
	command.area = 1221; /* its position says another grid */
	refused(state, &command, BH_REASON_GUARD);
	command.area = 0;
	bh_demo_place(1111, &command.latitude_e7, &command.longitude_e7);
	refused(state, &command, BH_REASON_NO_RIGHT);
	command.latitude_e7 = -105000000; /* the county's, where it has no post */
	refused(state, &command, BH_REASON_NO_RIGHT);
	command.person = CLERK;
	assert_int_equal(registered(state, &command).area, BH_DEMO_COUNTY);
	command.datum = 99;
	refused(state, &command, BH_REASON_PLACE);
	command = matter(&docket, CLERK);
	command.area = BH_DEMO_TOWNSHIP_A;
	refused(state, &command, BH_REASON_FIELD);
}

static void test_register__tells_a_desk_what_is_wrong(void **state)
{
	static char text[BH_TEXT_BYTES_MAX + 1];
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = matter(&docket, CLERK);
	command.type = 99999;
	refused(state, &command, BH_REASON_FIELD);
	command = matter(&docket, CLERK);
	command.condition = 99;
	refused(state, &command, BH_REASON_FIELD);
	command = matter(&docket, CLERK);
	command.urgency = 5;
	refused(state, &command, BH_REASON_FIELD);
	command = matter(&docket, CLERK);
	command.visitors = BH_VISITORS_MAX + 1;
	refused(state, &command, BH_REASON_FIELD);
	command = matter(&docket, CLERK);
	command.type = 0;
	command.text = bh_span(" ", 1);
	refused(state, &command, BH_REASON_TEXT);
	command.text = bh_span(text, sizeof(text));
	memset(text, 'x', sizeof(text));
	refused(state, &command, BH_REASON_TEXT);
	command.text = bh_span(text, sizeof(text) - 1);
	struct bh_case cased = registered(state, &command);
	assert_int_equal(cased.type, 0);
	assert_int_equal(cased.urgency, BH_URGENCY_DEFAULT);
	command = matter(&docket, CLERK);
	command.text = bh_span(NULL, 0);
	command.condition = 2;
	assert_int_equal(registered(state, &command).condition, 2);
	/* of a case that is there already it is no command */
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	command = matter(&docket, CLERK);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
}

/* A post for some classes may register what is of others (S1-35), and act on those it is for. */
static void test_register__takes_what_its_posts_classes_are_not_for(void **state)
{
	static const uint32_t gas[] = {50};
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		if (demo.posts[i].person == CLERK) {
			demo.posts[i].classes = gas;
			demo.posts[i].classes_count = 1;
		}
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	struct bh_command command = matter(&docket, CLERK);
	bh_docket_must(&docket, &command);
	bh_docket_act_refused(&docket, BH_VERB_FILE, CLERK, NULL, BH_REASON_NO_RIGHT);
	assert_int_equal(
		bh_rights_views(rules, CLERK, docket.now_ms, &docket.cased), BH_VIEW_REPORTER);
	bh_rules_unref(rules);
}

static size_t told_of(const struct bh_docket *docket, uint32_t kind, uint32_t person)
{
	static const struct bh_case nothing;
	struct bh_notice notices[BH_NOTICES_MAX];
	const struct bh_notice_facts facts = {.rules = docket->rules,
		.entry = &docket->entries[docket->count - 1],
		.before = docket->count > 1 ? &docket->cased : &nothing,
		.after = &docket->cased,
		.due_divisor = 1};
	size_t found = 0, count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++)
		found += notices[i].kind == kind && notices[i].person == person;
	return found;
}

static void test_register__tells_of_what_is_urgent_and_of_nothing_else(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = matter(&docket, CLERK);
	command.type = BH_DEMO_HAZARD;
	command.urgency = 1;
	bh_docket_must(&docket, &command);
	assert_int_equal(told_of(&docket, BH_NOTICE_ARRIVED, BH_DEMO_PERSON(SHIFT_LEADER)), 1);
	assert_int_equal(told_of(&docket, BH_NOTICE_ARRIVED, BH_DEMO_WORKER(1111)), 1);
	assert_int_equal(told_of(&docket, BH_NOTICE_ARRIVED, CLERK), 0);
	bh_docket_open(&docket, *state);
	command.urgency = 2;
	bh_docket_must(&docket, &command);
	assert_int_equal(told_of(&docket, BH_NOTICE_ARRIVED, BH_DEMO_PERSON(SHIFT_LEADER)), 0);
}

/* Rows 24, 31 and 32 for who reported it: a dispatcher has no other right to them. */
static void test_register__its_registrar_has_a_reporters_rights(void **state)
{
	const uint32_t clerk = BH_DEMO_PERSON(DISPATCHER);
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = matter(&docket, clerk);
	bh_docket_must(&docket, &command);
	bh_docket_act(&docket, BH_VERB_REFUSE, CLERK, "not ours");
	bh_docket_act_refused(
		&docket, BH_VERB_RECONSIDER, BH_DEMO_TWO_POSTS, "again", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_RECONSIDER, clerk, "again");
	assert_int_equal(docket.cased.cycle, 2);
	assert_int_equal(docket.cased.intake, BH_INTAKE_HALL);
	bh_docket_act(&docket, BH_VERB_DISPATCH, clerk, NULL);
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(docket.cased.unit), NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "mended");
	bh_docket_to_checked(&docket);
	bh_docket_act(&docket, BH_VERB_CLOSE, CLERK, "mended");
	bh_docket_act_refused(
		&docket, BH_VERB_REOPEN, BH_DEMO_TWO_POSTS, "it is back", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_REOPEN, clerk, "it is back");
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.cycle, 3);
}

static void test_register__left_alone_is_dispatched_by_the_clock(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = matter(&docket, CLERK);
	bh_docket_must(&docket, &command);
	bh_docket_run(&docket, docket.now_ms + BH_MINUTES(26));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.automatic, 1);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.breached, 0);
}

static void test_register__is_the_first_paper_of_its_dossier(void **state)
{
	const struct bh_dossier_entry entry = {.verb = BH_VERB_REGISTER,
		.from_state = BH_STATE_OUTBOX,
		.to_state = BH_STATE_RECEIVED,
		.cycle = 1};
	(void)state;
	assert_int_equal(bh_paper_of(&entry), BH_PAPER_REPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register__makes_a_case_in_the_queue_like_a_report),
		cmocka_unit_test(test_register__each_way_it_came_is_kept),
		cmocka_unit_test(test_register__is_any_desks_inside_its_area),
		cmocka_unit_test(test_register__lies_where_it_is_said_or_where_the_desk_works),
		cmocka_unit_test(test_register__tells_a_desk_what_is_wrong),
		cmocka_unit_test(test_register__takes_what_its_posts_classes_are_not_for),
		cmocka_unit_test(test_register__tells_of_what_is_urgent_and_of_nothing_else),
		cmocka_unit_test(test_register__its_registrar_has_a_reporters_rights),
		cmocka_unit_test(test_register__left_alone_is_dispatched_by_the_clock),
		cmocka_unit_test(test_register__is_the_first_paper_of_its_dossier),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
