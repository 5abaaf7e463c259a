/* The store's part played in memory: load, decide, append, apply; every step is checked. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/datum.h"
#include "tests/unit/domain/demo_rules.h"

#define HELD_RETRY_MS BH_MINUTES(30)
#define RUN_COMMANDS_MAX 64u /* far more than one instant can have due */

int bh_docket_rules_open(void **state)
{
	*state = bh_demo_rules();
	return 0;
}

int bh_docket_rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

void bh_docket_open(struct bh_docket *docket, const struct bh_rules *rules)
{
	memset(docket, 0, sizeof *docket);
	docket->rules = rules;
	docket->now_ms = BH_DOCKET_START_MS;
	docket->punishes = true;
	docket->device_live = true;
	docket->dues_checked = true;
}

static struct bh_span text_span(const char *text)
{
	return text == NULL ? bh_span(NULL, 0) : bh_span(text, strlen(text));
}

struct bh_command bh_docket_op(
	const struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text)
{
	return (struct bh_command){
		.source = BH_SOURCE_DEVICE,
		.verb = verb,
		.device = BH_DOCKET_DEVICE,
		.log_short = BH_DOCKET_LOG,
		.seq = docket->seq + 1,
		.captured_ms = docket->now_ms,
		.clock_bound_ms = 200,
		.person = person,
		.case_number = docket->cased.number,
		.cycle = docket->cased.cycle,
		.base_position = docket->cased.last,
		.text = text_span(text),
	};
}

struct bh_command bh_docket_report(const struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	struct bh_command command = bh_docket_op(
		docket, BH_VERB_SUBMIT, BH_DEMO_WORKER(grid), "a report");
	command.type = type;
	command.has_place = true;
	command.datum = BH_DATUM_WGS84;
	bh_demo_place(grid, &command.latitude_e7, &command.longitude_e7);
	return command;
}

struct bh_command bh_docket_desk(
	const struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text)
{
	return (struct bh_command){
		.source = BH_SOURCE_DESK,
		.verb = verb,
		.log_short = BH_LOG_DESK,
		.person = person,
		.case_number = docket->cased.number,
		.base_position = docket->cased.last,
		.text = text_span(text),
	};
}

static void dues_check(const struct bh_docket *docket)
{
	struct bh_dues dues;
	const struct bh_case *cased = &docket->cased;
	assert_int_equal(
		bh_dues_from_entries(docket->rules, docket->entries, docket->count, &dues), 0);
	assert_int_equal(cased->dispatch_due_ms, dues.dispatch_due_ms);
	assert_int_equal(cased->sign_due_ms, dues.sign_due_ms);
	assert_int_equal(cased->disposal_due_ms, dues.disposal_due_ms);
	assert_int_equal(cased->review_due_ms, dues.review_due_ms);
	assert_int_equal(cased->check_due_ms, dues.check_due_ms);
	assert_int_equal(cased->resume_due_ms, dues.resume_due_ms);
	assert_int_equal(cased->follow_due_ms, dues.follow_due_ms);
	if (cased->state == BH_STATE_CLOSED)
		assert_int_equal(cased->next_ms, dues.archive_due_ms);
}

/* I6, I7: what must hold of a case whoever changed it last. */
static void case_check(const struct bh_docket *docket)
{
	const struct bh_case *cased = &docket->cased;
	int64_t at_ms;
	bool live = cased->dispatch_due_ms != 0 || cased->sign_due_ms != 0 ||
		    cased->disposal_due_ms != 0 || cased->review_due_ms != 0 ||
		    cased->check_due_ms != 0 || cased->resume_due_ms != 0 ||
		    cased->follow_due_ms != 0 || cased->state == BH_STATE_CLOSED;
	assert_int_equal(live, bh_state_is_timed((enum bh_state)cased->state));
	bh_case_alarm(docket->rules, cased, &at_ms);
	assert_int_equal(cased->next_ms, at_ms);
	if (bh_state_ends_cycle((enum bh_state)cased->state)) {
		assert_int_equal(cased->next_ms != 0, cased->state == BH_STATE_CLOSED);
		assert_int_not_equal(cased->closed_ms, 0);
	}
	if (docket->dues_checked)
		dues_check(docket);
}

static void scopes_check(const struct bh_docket *docket, const struct bh_case *before)
{
	const struct bh_case *after = &docket->cased;
	bool lost = false, told = false;
	for (size_t i = 0; i < docket->changes_count; i++) {
		lost = lost || (docket->changes[i].left &&
				       docket->changes[i].scope == BH_SCOPE_UNIT(before->unit));
		told = told || (!docket->changes[i].left &&
				       docket->changes[i].scope == BH_SCOPE_UNIT(after->unit));
	}
	assert_int_equal(lost, before->unit != 0 && before->unit != after->unit);
	if (before->unit != after->unit && after->unit != 0)
		assert_true(told);
}

static void entry_append(struct bh_docket *docket, const struct bh_command *command)
{
	const struct bh_verdict_on *on = &docket->last;
	const struct bh_case before = docket->cased; /* all zero before the first entry */
	struct bh_buf decision = BH_BUF(BH_DOCKET_DECISION_MAX);
	assert_in_range(docket->count, 0, BH_DOCKET_ENTRIES_MAX - 1);
	if (on->changes)
		assert_int_equal(bh_case_diff(&before, &on->after, &decision), 0);
	if (decision.len > 0)
		memcpy(docket->decisions[docket->count], decision.data, decision.len);
	struct bh_entry *entry = &docket->entries[docket->count];
	*entry = (struct bh_entry){
		.position = docket->count + 1,
		.at_ms = docket->now_ms,
		.log_short = command->log_short,
		.person = command->person,
		.case_number = on->changes ? on->after.number : command->case_number,
		.prev = before.last,
		.cycle = on->after.cycle,
		.verb = command->verb,
		.verdict = on->verdict,
		.reason = on->reason,
		.from_state = before.state,
		.to_state = on->changes ? on->after.state : before.state,
		.decision = bh_span(docket->decisions[docket->count], decision.len),
	};
	bh_buf_free(&decision);
	docket->count++;
}

static void entry_apply(struct bh_docket *docket)
{
	const struct bh_verdict_on *on = &docket->last;
	const struct bh_entry *entry = &docket->entries[docket->count - 1];
	const struct bh_case before = docket->cased;
	docket->changes_count = 0;
	if (!docket->exists && !on->changes)
		return; /* a rejected report makes no case */
	assert_int_equal(
		bh_apply(&before, entry, &docket->cased, docket->changes, &docket->changes_count),
		0);
	docket->exists = true;
	bh_case_alarm(docket->rules, &docket->cased, &docket->cased.next_ms);
	struct bh_case expected = on->changes ? on->after : before;
	expected.number = docket->cased.number;
	expected.first = docket->cased.first;
	expected.last = entry->position;
	assert_true(bh_case_equal(&expected, &docket->cased));
	if (!on->changes)
		return;
	case_check(docket);
	scopes_check(docket, &before);
}

/* I6: what changed, changed by a row of the table that is in use. */
static void move_check(const struct bh_docket *docket, const struct bh_command *command)
{
	uint32_t from = docket->exists ? docket->cased.state : BH_STATE_OUTBOX;
	uint32_t to = docket->last.after.state;
	bool found = from == to && command->verb >= BH_VERB_CASE_COUNT;
	for (size_t i = 0; i < bh_moves_count; i++)
		found = found || (bh_moves[i].from == from && bh_moves[i].to == to &&
					 bh_moves[i].verb == command->verb && bh_moves[i].in_use);
	assert_true(found);
}

const struct bh_verdict_on *bh_docket_give(
	struct bh_docket *docket, const struct bh_command *command)
{
	const struct bh_case was = docket->cased;
	struct bh_standing standing = {
		.rules = docket->rules,
		.before = docket->exists ? &was : NULL,
		.now_ms = docket->now_ms,
		.punishes = docket->punishes,
		.device_person = command->person,
		.device_live = docket->device_live,
		.blob = docket->blob,
		.main = docket->main,
		.merged = docket->merged,
	};
	struct bh_verdict_on *on = &docket->last;
	bh_decide(&standing, command, on);
	assert_true(bh_case_equal(&was, &docket->cased));
	if (command->source == BH_SOURCE_DEVICE) {
		assert_true(on->journal);
		docket->seq++;
	} else {
		bool again = command->source == BH_SOURCE_STORE && docket->blob == BH_BLOB_STORED;
		assert_int_equal(on->journal, on->verdict == BH_VERDICT_ACCEPTED && !again);
	}
	if (on->changes) {
		assert_int_equal(on->verdict, BH_VERDICT_ACCEPTED);
		move_check(docket, command);
	} else if (docket->exists) {
		assert_true(bh_case_equal(&on->after, &was));
	}
	if (on->journal) {
		entry_append(docket, command);
		entry_apply(docket);
	}
	return on;
}

void bh_docket_must(struct bh_docket *docket, const struct bh_command *command)
{
	const struct bh_verdict_on *on = bh_docket_give(docket, command);
	if (on->verdict != BH_VERDICT_ACCEPTED)
		print_message("# %s: %s, %s\n", bh_verb_name(command->verb),
			bh_reason_name(on->reason), on->detail == NULL ? "" : on->detail);
	assert_int_equal(on->verdict, BH_VERDICT_ACCEPTED);
}

void bh_docket_refused(
	struct bh_docket *docket, const struct bh_command *command, enum bh_reason reason)
{
	size_t count = docket->count;
	const struct bh_verdict_on *on = bh_docket_give(docket, command);
	assert_int_equal(on->verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on->reason, reason);
	assert_int_equal(docket->count, count);
}

size_t bh_docket_wake(struct bh_docket *docket, int64_t now_ms)
{
	size_t given = 0;
	struct bh_command command;
	docket->now_ms = now_ms;
	while (bh_clock_command(
		docket->rules, &docket->cased, docket->now_ms, docket->punishes, &command)) {
		bh_docket_must(docket, &command);
		assert_in_range(++given, 1, RUN_COMMANDS_MAX);
	}
	return given;
}

size_t bh_docket_run(struct bh_docket *docket, int64_t until_ms)
{
	size_t given = 0;
	while (docket->cased.next_ms != 0 && docket->cased.next_ms <= until_ms) {
		int64_t at_ms = docket->cased.next_ms;
		size_t now = bh_docket_wake(
			docket, at_ms > docket->now_ms ? at_ms : docket->now_ms);
		if (now == 0 && docket->now_ms + HELD_RETRY_MS > until_ms)
			break;
		if (now == 0) /* held, or it is night */
			docket->now_ms += HELD_RETRY_MS;
		given += now;
		assert_in_range(given, 0, RUN_COMMANDS_MAX);
	}
	docket->now_ms = until_ms > docket->now_ms ? until_ms : docket->now_ms;
	return given;
}

void bh_docket_to_received(struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	struct bh_command command = bh_docket_report(docket, type, grid);
	bh_docket_must(docket, &command);
}

void bh_docket_to_dispatched(struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	bh_docket_to_received(docket, type, grid);
	struct bh_command command = bh_docket_desk(
		docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	bh_docket_must(docket, &command);
}

void bh_docket_to_handling(struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	bh_docket_to_dispatched(docket, type, grid);
	struct bh_command command = bh_docket_op(
		docket, BH_VERB_SIGN, BH_DEMO_HANDLER(docket->cased.unit), NULL);
	bh_docket_must(docket, &command);
}

void bh_docket_to_done(struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	bh_docket_to_handling(docket, type, grid);
	struct bh_command command = bh_docket_op(
		docket, BH_VERB_FINISH, BH_DEMO_HANDLER(docket->cased.unit), "it is done");
	bh_docket_must(docket, &command);
}

void bh_docket_act(struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text)
{
	struct bh_command command = bh_docket_desk(docket, verb, person, text);
	bh_docket_must(docket, &command);
}

void bh_docket_act_refused(struct bh_docket *docket, enum bh_verb verb, uint32_t person,
	const char *text, enum bh_reason reason)
{
	struct bh_command command = bh_docket_desk(docket, verb, person, text);
	bh_docket_refused(docket, &command, reason);
}
