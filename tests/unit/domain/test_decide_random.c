/* Thousands of commands at random upon one case after another: whatever is given, in whatever
 * order, every step keeps what docket.c checks (decision and case agree, due times from entries
 * alone, live clocks, scopes), and every case that is left to the clock ends up where a clock can
 * bring it. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/datum.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/draw.h"

#define CASES 45000
#define STEPS_MAX 60u

static const uint32_t types[] = {0, 99999, BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER,
	BH_DEMO_UNKNOWN, BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL, BH_DEMO_HAZARD};
static const uint32_t grids[] = {1111, 1112, 1121, 1122, 1211, 1212, 1221, 1222};
static const uint32_t units[] = {0, 0, 4711, BH_DEMO_DESK_COUNTY, BH_DEMO_DESK_A, BH_DEMO_CLEAN_A,
	BH_DEMO_GAS, BH_DEMO_POLICE_B, BH_DEMO_WORKS};
static const enum bh_verb verbs[] = {BH_VERB_FILE, BH_VERB_REFUSE, BH_VERB_DISPATCH, BH_VERB_SIGN,
	BH_VERB_RETURN, BH_VERB_ACCEPT_RETURN, BH_VERB_REFUSE_RETURN, BH_VERB_FINISH, BH_VERB_CLOSE,
	BH_VERB_VOID, BH_VERB_REDIRECT, BH_VERB_SEEN, BH_VERB_DELIVERED, BH_VERB_REOPEN,
	BH_VERB_DISPATCH, BH_VERB_SIGN, BH_VERB_FINISH, BH_VERB_REDIRECT, BH_VERB_RETURN,
	BH_VERB_ACCEPT_RETURN, BH_VERB_ASK_SUSPENSION, BH_VERB_ASK_SUSPENSION, BH_VERB_SUSPEND,
	BH_VERB_SUSPEND, BH_VERB_SUSPEND, BH_VERB_RESUME, BH_VERB_ASK_EXTENSION, BH_VERB_EXTEND,
	BH_VERB_FAIL, BH_VERB_START, BH_VERB_RECONSIDER, BH_VERB_ASK_VOID, BH_VERB_REFUSE_ASK,
	BH_VERB_MOVE_UP, BH_VERB_MOVE_UP, BH_VERB_RECEIVE, BH_VERB_AMEND, BH_VERB_ARCHIVE,
	BH_VERB_FOLLOW_TRY, BH_VERB_FOLLOW_UP, BH_VERB_RECUR, BH_VERB_REFUSE_RETURN, BH_VERB_MERGE,
	BH_VERB_UNMERGE, BH_VERB_VERIFY, BH_VERB_ANSWER_VERIFY, BH_VERB_CHECK, BH_VERB_PASS,
	BH_VERB_CHECK_FAILED, BH_VERB_ASK_HELP, BH_VERB_HELP_DONE};

static uint32_t person_draw(const struct bh_docket *docket, uint64_t *seed)
{
	switch (draw(seed, 6)) {
	case 0:
		return docket->cased.reporter;
	case 1:
		return BH_DEMO_LEAD(docket->cased.unit);
	case 2:
		return BH_DEMO_HANDLER(docket->cased.unit);
	case 3:
		return BH_DEMO_TWO_POSTS;
	case 4:
		return BH_DEMO_PERSON(ACCEPTOR);
	default:
		return 1 + draw(seed, BH_ROLE_CLOCK);
	}
}

/* A row that the table has here, looked for from anywhere in it; NULL: none. */
static const struct bh_move *move_draw(const struct bh_docket *docket, uint64_t *seed)
{
	uint32_t first = draw(seed, (uint32_t)bh_moves_count);
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[(first + i) % bh_moves_count];
		if (move->from == docket->cased.state && move->in_use && move->row < 58 &&
			move->roles != 1u << BH_ROLE_CLOCK)
			return move;
	}
	return NULL;
}

/* What is asked for is mostly decided, by who may. */
static bool decided_draw(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb *verb, uint32_t *person)
{
	static const enum bh_verb grants[] = {
		0, BH_VERB_EXTEND, BH_VERB_SUSPEND, BH_VERB_VOID, BH_VERB_REDIRECT};
	if (docket->cased.asked == BH_ASK_NONE || draw(seed, 2) == 0)
		return false;
	*verb = draw(seed, 2) == 0 ? BH_VERB_REFUSE_ASK : grants[docket->cased.asked];
	*person = *verb == BH_VERB_VOID ? BH_DEMO_PERSON(SHIFT_LEADER) : BH_DEMO_TWO_POSTS;
	return true;
}

/* An open task, mostly answered by whose it is; sometimes any task by anybody. */
static void task_draw(const struct bh_docket *docket, uint64_t *seed, struct bh_command *command)
{
	enum bh_task_kind kind = bh_verb_answers(command->verb);
	const struct bh_task *task = kind == BH_TASK_NONE ? NULL : bh_docket_task(docket, kind);
	if (draw(seed, 8) == 0)
		command->task = draw(seed, docket->cased.tasks + 2);
	bh_draw_reassign(docket, seed, command);
	if (task == NULL || draw(seed, 8) == 0)
		return;
	command->task = task->ordinal;
	command->reason_code = draw(seed, 4);
	command->photos = draw(seed, 2);
	if (draw(seed, 8) != 0)
		command->person = task->person != 0 ? task->person : BH_DEMO_LEAD(task->unit);
}

/* Now and then somebody is sent to look, and answers also beside a case that was dispatched. */
static enum bh_verb looked_draw(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb otherwise)
{
	uint32_t state = docket->cased.state;
	bool open = bh_docket_task(docket, BH_TASK_VERIFY) != NULL;
	if (state == BH_STATE_RECEIVED && draw(seed, 7) == 0)
		return BH_VERB_VERIFY;
	if (state == BH_STATE_DISPATCHED && open && draw(seed, 3) == 0)
		return BH_VERB_RETURN;
	if (state != BH_STATE_VERIFYING && open && draw(seed, 3) != 0)
		return BH_VERB_ANSWER_VERIFY;
	if (bh_docket_task(docket, BH_TASK_VISIT) != NULL && draw(seed, 3) == 0)
		return BH_VERB_VISIT_DONE;
	if (state != BH_STATE_HANDLING && bh_docket_task(docket, BH_TASK_HELP) != NULL &&
		draw(seed, 3) != 0)
		return BH_VERB_HELP_DONE;
	return otherwise;
}

/* What a command says besides its verb. */
static void particulars_draw(
	const struct bh_docket *docket, uint64_t *seed, struct bh_command *command)
{
	command->unit = PICK(seed, units);
	if (command->verb == BH_VERB_SELF_DISPOSE) {
		command->source = BH_SOURCE_DEVICE;
		command->person = draw(seed, 8) == 0 ? command->person : docket->cased.reporter;
		command->photos_before = command->photos_after = draw(seed, 8) != 0;
	}
	if (command->verb == BH_VERB_FOLLOW_UP)
		command->reason_code = draw(seed, BH_FOLLOW_UNREACHED + 1);
	if (draw(seed, 3) != 0)
		command->until_ms = docket->now_ms + BH_HOURS(1 + (int64_t)draw(seed, 24 * 40));
	if (draw(seed, 3) == 0 || command->verb == BH_VERB_AMEND)
		command->type = PICK(seed, types);
	if (draw(seed, 4) == 0)
		command->condition = draw(seed, 4);
	if (draw(seed, 8) == 0)
		command->urgency = draw(seed, 6);
	if (draw(seed, 8) == 0) {
		command->has_place = true;
		command->datum = 1 + draw(seed, 3);
		bh_demo_place(PICK(seed, grids), &command->latitude_e7, &command->longitude_e7);
	}
}

/* Who archives, who follows up, and who finds that it is back. */
static enum bh_verb after_draw(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb verb, uint32_t *person)
{
	/* Who was answered asks again at times. */
	if ((verb == BH_VERB_REOPEN || verb == BH_VERB_RECONSIDER) && draw(seed, 2) == 0)
		*person = draw(seed, 2) == 0 ? docket->cased.reporter : BH_DEMO_PERSON(SUPERVISOR);
	if (!bh_state_is_end((enum bh_state)docket->cased.state) || draw(seed, 3) == 0)
		return verb;
	if (docket->cased.state == BH_STATE_ARCHIVED && draw(seed, 4) != 0)
		verb = draw(seed, 2) == 0 ? BH_VERB_RECUR : BH_VERB_FOLLOW_UP;
	if (docket->cased.state == BH_STATE_FOLLOWED)
		verb = BH_VERB_RECUR;
	if (verb == BH_VERB_ARCHIVE)
		*person = BH_DEMO_PERSON(ARCHIVIST);
	else if (verb == BH_VERB_FOLLOW_TRY || verb == BH_VERB_FOLLOW_UP)
		*person = BH_DEMO_PERSON(FOLLOWUP_AGENT);
	else if (verb == BH_VERB_RECUR)
		*person = BH_DEMO_PERSON(SUPERVISOR);
	return verb;
}

static void step_at_random(struct bh_docket *docket, uint64_t *seed)
{
	uint32_t person = person_draw(docket, seed);
	const char *text = draw(seed, 4) == 0 ? NULL : "because";
	enum bh_verb verb = PICK(seed, verbs);
	/* Half of the time what the table has here, mostly by who may, so that cases get far. */
	const struct bh_move *move = draw(seed, 2) == 0 ? move_draw(docket, seed) : NULL;
	if (move != NULL) {
		verb = (enum bh_verb)move->verb;
		bool unit = (move->guards & BH_GUARD_OWN_UNIT) != 0;
		if (draw(seed, 3) != 0)
			person = unit ? BH_DEMO_LEAD(docket->cased.unit) : BH_DEMO_TWO_POSTS;
	}
	bool decided = decided_draw(docket, seed, &verb, &person);
	if (docket->cased.state == BH_STATE_SUSPENDED && draw(seed, 2) == 0)
		verb = draw(seed, 4) == 0 ? BH_VERB_ASK_VISIT : BH_VERB_AMEND,
		person = BH_DEMO_TWO_POSTS;
	verb = bh_draw_seldom(docket, seed, looked_draw(docket, seed, verb), &person);
	if ((verb == BH_VERB_MOVE_UP || verb == BH_VERB_RECEIVE) && draw(seed, 2) == 0)
		person = BH_DEMO_PERSON(TIER_DESK);
	verb = after_draw(docket, seed, verb, &person);
	bh_draw_dispute(docket, seed, &verb, &person);
	/* Ends are ends: rarely. */
	if (!decided && (verb == BH_VERB_REFUSE || verb == BH_VERB_VOID || verb == BH_VERB_MERGE) &&
		draw(seed, 4) != 0)
		verb = BH_VERB_FILE;
	struct bh_command command = draw(seed, 3) == 0 ? bh_docket_op(docket, verb, person, text)
						       : bh_docket_desk(docket, verb, person, text);
	particulars_draw(docket, seed, &command);
	task_draw(docket, seed, &command);
	bh_draw_papers(docket, seed, &command);
	if (draw(seed, 5) == 0)
		command.base_position = draw(seed, (uint32_t)docket->cased.last + 2);
	bh_docket_give(docket, &command);
}

static void time_passes(struct bh_docket *docket, uint64_t *seed)
{
	static const int64_t minutes[] = {0, 1, 5, 14, 15, 16, 24, 25, 26, 30, 31, 60, 500, 4000};
	int64_t until = docket->now_ms + BH_MINUTES(PICK(seed, minutes));
	if (bh_state_is_end((enum bh_state)docket->cased.state)) /* whose clocks take days */
		until += BH_HOURS(24 * (2 * draw(seed, 2) + 7 * draw(seed, 2)));
	docket->punishes = draw(seed, 4) != 0;
	if (draw(seed, 3) == 0)
		bh_docket_wake(docket, until); /* after a downtime */
	else
		bh_docket_run(docket, until);
}

/* Each clock of the queue reminds and breaches at most once. */
static void clocks_once_check(const struct bh_docket *docket)
{
	unsigned at_50 = 0, at_80 = 0, breaches = 0;
	struct bh_case cased = {0};
	for (size_t i = 0; i < docket->count; i++) {
		const struct bh_entry *entry = &docket->entries[i];
		if ((entry->verb == BH_VERB_ACCEPT_RETURN || entry->verb == BH_VERB_REOPEN ||
			    entry->verb == BH_VERB_RECUR || entry->verb == BH_VERB_UNMERGE ||
			    entry->verb == BH_VERB_RECONSIDER) &&
			entry->decision.len > 0)
			at_50 = at_80 = breaches = 0;
		at_50 += entry->verb == BH_VERB_REMIND && entry->reason == 50;
		at_80 += entry->verb == BH_VERB_REMIND && entry->reason == 80;
		bool before = cased.breach_due_ms != 0 && cased.dispatch_due_ms != 0;
		breaches += entry->verb == BH_VERB_BREACH && !before;
		assert_in_range(at_50, 0, 1);
		assert_in_range(at_80, 0, 1);
		assert_in_range(breaches, 0, 1);
		assert_int_equal(bh_case_patch(&cased, entry->decision), 0);
	}
}

static bool limit_begins(const struct bh_entry *entry)
{
	switch (entry->verb) {
	case BH_VERB_DISPATCH:
	case BH_VERB_REDIRECT:
	case BH_VERB_RECEIVE:
	case BH_VERB_FAIL:
		return entry->decision.len > 0;
	default:
		return false;
	}
}

/* Each disposal limit rises through its thresholds, and never tells of one at night but for P1. */
static void thresholds_once_check(const struct bh_docket *docket)
{
	const struct bh_calendar *calendar = bh_rules_calendar(docket->rules);
	struct bh_case cased = {0};
	uint32_t told = 0;
	for (size_t i = 0; i < docket->count; i++) {
		const struct bh_entry *entry = &docket->entries[i];
		if (limit_begins(entry))
			told = 0;
		/* More time, or another limit: what lies ahead again is told of again. */
		if (entry->verb == BH_VERB_EXTEND || entry->verb == BH_VERB_AMEND ||
			entry->verb == BH_VERB_RESUME)
			told = 0;
		if (entry->verb == BH_VERB_WARN || entry->verb == BH_VERB_OVERDUE) {
			bool again = entry->reason == BH_THRESHOLD_AGAIN;
			assert_true(
				again ? cased.warned == BH_THRESHOLD_MISS : entry->reason > told);
			assert_int_equal(entry->verb == BH_VERB_OVERDUE, entry->reason >= 100);
			told = again ? told : entry->reason;
			assert_true(cased.urgency == 1 ||
				    bh_calendar_is_working(calendar, entry->at_ms));
		}
		assert_int_equal(bh_case_patch(&cased, entry->decision), 0);
	}
}

/* Left to the clock alone, what waits for a dispatch gets one, and what waits to be signed is
 * signed. */
static void clock_finishes(struct bh_docket *docket, bool automatic)
{
	docket->punishes = true;
	bh_docket_wake(docket, docket->now_ms + BH_HOURS(24 * 30));
	bh_docket_leave(docket, 90);
	uint32_t left = docket->cased.state;
	bool queued = left == BH_STATE_RECEIVED || left == BH_STATE_FILED;
	assert_true(left != BH_STATE_DISPATCHED && left != BH_STATE_VERIFYING);
	assert_true(left != BH_STATE_CHECKING && left != BH_STATE_RETURNING);
	assert_int_equal(docket->cased.open_tasks, 0);
	assert_true(!queued || (!automatic && docket->cased.breached == 1));
	/* What only people dispatch, do or close is called for, again and again. */
	assert_int_equal(docket->cased.next_ms != 0, !bh_state_is_end((enum bh_state)left));
}

/* How often each (from, verb) was taken. */
struct taken {
	unsigned counts[BH_STATE_COUNT][BH_VERB_MAX];
};

static void taken_count(struct taken *taken, const struct bh_docket *docket)
{
	for (size_t i = 0; i < docket->count; i++) {
		const struct bh_entry *entry = &docket->entries[i];
		if (entry->decision.len > 0)
			taken->counts[entry->from_state][entry->verb]++;
	}
}

/* Else the rest of this file proves little: every row in use was walked. */
static void taken_check(const struct taken *taken)
{
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		/* An answer beside another matter has a window of half an hour. */
		unsigned least = move->row < 50 ? 10 : 1,
			 found = taken->counts[move->from][move->verb];
		if (bh_draw_is_seldom(move))
			continue;
		if (move->in_use && found < least)
			print_message("# hardly ever: %s from %s\n",
				bh_verb_name((enum bh_verb)move->verb),
				bh_state_name((enum bh_state)move->from));
		if (move->in_use)
			assert_in_range(found, least, UINT32_MAX);
	}
}

static void cases_at_random(
	const struct bh_rules *rules, uint64_t seed, bool automatic, struct taken *taken)
{
	for (int i = 0; i < CASES; i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, rules);
		docket.now_ms += BH_MINUTES(draw(&seed, 20000));
		bh_docket_to_received(&docket, PICK(&seed, types), PICK(&seed, grids));
		struct bh_case main = docket.cased; /* which it may be merged into */
		main.number++;
		docket.main = &main;
		uint32_t steps = draw(&seed, STEPS_MAX);
		for (uint32_t k = 0; k < steps && docket.count < BH_DOCKET_ENTRIES_MAX - 208; k++) {
			if (draw(&seed, 3) == 0)
				time_passes(&docket, &seed);
			else
				step_at_random(&docket, &seed);
		}
		clock_finishes(&docket, automatic);
		clocks_once_check(&docket);
		thresholds_once_check(&docket);
		taken_count(taken, &docket);
	}
}

/* With the clock dispatching, and without. */
static void test_decide__whatever_is_given_the_invariants_hold(void **state)
{
	(void)state;
	struct taken taken = {0};
	struct bh_demo_profile demo;
	struct bh_rules *rules = bh_demo_rules();
	cases_at_random(rules, 1, true, &taken);
	bh_rules_unref(rules);
	bh_demo_profile(&demo);
	demo.profile.settings.automatic_off = true;
	rules = bh_demo_build(&demo);
	cases_at_random(rules, 2, false, &taken);
	bh_rules_unref(rules);
	taken_check(&taken);
}

/* The same standing and command, the same answer: decide has no memory. */
static void test_decide__is_a_function(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	struct bh_command command = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	struct bh_standing standing = {.rules = rules,
		.now_ms = docket.now_ms,
		.device_live = true,
		.device_person = command.person};
	struct bh_verdict_on first, second;
	memset(&first, 0x55, sizeof first);
	memset(&second, 0xaa, sizeof second);
	bh_decide(&standing, &command, &first);
	bh_decide(&standing, &command, &second);
	assert_true(bh_case_equal(&first.after, &second.after));
	assert_int_equal(first.verdict, second.verdict);
	assert_int_equal(first.post, second.post);
	assert_ptr_equal(first.detail, second.detail);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide__whatever_is_given_the_invariants_hold),
		cmocka_unit_test(test_decide__is_a_function),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
