/* The store's part played in memory: load, decide, append, apply; every step is checked. */
#include <string.h>

#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/docket.h"

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
	docket->punishes = docket->device_live = docket->dues_checked = true;
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
	assert_int_equal(cased->appeal_due_ms, dues.appeal_due_ms);
	assert_int_equal(cased->milestone_due_ms, dues.milestone_due_ms);
	bool appealed = dues.appeal_due_ms != 0 && dues.appeal_due_ms < dues.archive_due_ms;
	if (cased->state == BH_STATE_CLOSED && cased->breach_due_ms == 0)
		assert_int_equal(
			cased->next_ms, appealed ? dues.appeal_due_ms : dues.archive_due_ms);
}

/* What a case says of its tasks is so, and what waits for one waits for one that is open. */
static void tasks_check(const struct bh_docket *docket)
{
	const struct bh_case *cased = &docket->cased;
	uint32_t open = 0, helps = 0;
	for (uint32_t i = 0; i < cased->tasks && i < BH_DOCKET_TASKS_MAX; i++) {
		const struct bh_task *task = &docket->tasks[i];
		open += task->state == BH_TASK_OPEN;
		helps += task->state == BH_TASK_OPEN && task->kind == BH_TASK_HELP;
		assert_int_not_equal(task->due_ms, 0);
		assert_int_equal(task->ended_ms != 0, task->state != BH_TASK_OPEN);
	}
	assert_int_equal(cased->open_tasks, open);
	assert_int_equal(cased->open_helps, helps);
	assert_true(cased->state != BH_STATE_VERIFYING || cased->task != 0);
	assert_true(cased->state != BH_STATE_CHECKING || cased->task != 0 ||
		    cased->checked == BH_CHECKED_FAILED);
	if (cased->task != 0)
		assert_int_equal(docket->tasks[cased->task - 1].state, BH_TASK_OPEN);
}

const struct bh_task *bh_docket_task(const struct bh_docket *docket, enum bh_task_kind kind)
{
	for (uint32_t i = docket->cased.tasks; i > 0; i--) {
		const struct bh_task *task = &docket->tasks[i - 1];
		if (task->state == BH_TASK_OPEN && task->kind == (uint32_t)kind)
			return task;
	}
	return NULL;
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
		assert_int_equal(cased->next_ms != 0,
			cased->state == BH_STATE_CLOSED || cased->breach_due_ms != 0);
		assert_int_not_equal(cased->closed_ms, 0);
	}
	tasks_check(docket);
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
	assert_int_equal(lost,
		before->unit != 0 && before->unit != after->unit && before->unit != after->copied);
	if (before->unit != after->unit && after->unit != 0)
		assert_true(told);
}

/* Behind the case's fields, and back out of them. */
static void task_append(struct bh_docket *docket, struct bh_buf *decision)
{
	const struct bh_task *after = &docket->last.task;
	assert_in_range(after->ordinal, 1, BH_DOCKET_TASKS_MAX);
	struct bh_task *task = &docket->tasks[after->ordinal - 1];
	assert_int_equal(bh_task_diff(task, after, decision), 0);
	assert_int_equal(bh_task_of_decision(bh_buf_span(decision)), after->ordinal);
	assert_int_equal(bh_task_patch(task, bh_buf_span(decision)), 0);
	task->number = after->number;
	assert_true(bh_task_equal(task, after));
}

/* Behind those. */
static void mediation_append(struct bh_docket *docket, struct bh_buf *decision)
{
	const struct bh_mediation *after = &docket->last.mediation;
	assert_in_range(after->ordinal, 1, BH_DOCKET_MEDIATIONS_MAX);
	struct bh_mediation *mediation = &docket->mediations[after->ordinal - 1];
	assert_int_equal(bh_mediation_diff(mediation, after, decision), 0);
	assert_int_equal(bh_mediation_of_decision(bh_buf_span(decision)), after->ordinal);
	assert_int_equal(bh_mediation_patch(mediation, bh_buf_span(decision)), 0);
	mediation->number = after->number;
	struct bh_buf same = BH_BUF(64);
	assert_int_equal(bh_mediation_diff(mediation, after, &same), 0);
	assert_in_range(same.len, 1, 4); /* which one it is, and nothing that differs */
	bh_buf_free(&same);
}

/* What a case says of its mediations is so. */
static void mediations_check(const struct bh_docket *docket)
{
	const struct bh_case *cased = &docket->cased;
	uint32_t owed = 0, unkept = 0;
	for (uint32_t i = 0; i < cased->mediations; i++) {
		const struct bh_mediation *one = &docket->mediations[i];
		assert_true(one->state != BH_MEDIATION_OPEN ||
			    (i + 1 == cased->mediations &&
				    cased->mediation_state == BH_MEDIATION_OPEN));
		assert_int_equal(one->ended_ms != 0, one->state != BH_MEDIATION_OPEN);
		for (uint32_t k = 0; k < one->dates; k++) {
			owed += one->result[k] == BH_PERFORMANCE_OPEN;
			unkept += one->result[k] > BH_PERFORMANCE_DONE;
		}
	}
	assert_int_equal(cased->owed, owed);
	assert_int_equal(cased->unkept, unkept);
}

static void entry_append(struct bh_docket *docket, const struct bh_command *command)
{
	const struct bh_verdict_on *on = &docket->last;
	const struct bh_case before = docket->cased; /* all zero before the first entry */
	struct bh_buf decision = BH_BUF(BH_DOCKET_DECISION_MAX);
	assert_in_range(docket->count, 0, BH_DOCKET_ENTRIES_MAX - 1);
	if (on->changes)
		assert_int_equal(bh_case_diff(&before, &on->after, &decision), 0);
	if (on->task_changes)
		task_append(docket, &decision);
	if (on->mediation_changes)
		mediation_append(docket, &decision);
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
		.verb = on->verb != BH_VERB_NONE ? on->verb : command->verb,
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
	mediations_check(docket);
	scopes_check(docket, &before);
}

/* I6: what changed, changed by a row of the table that is in use. */
static void move_check(const struct bh_docket *docket, const struct bh_command *command)
{
	uint32_t from = docket->exists ? docket->cased.state : BH_STATE_OUTBOX;
	uint32_t to = docket->last.after.state;
	uint32_t verb = docket->last.verb != BH_VERB_NONE ? docket->last.verb : command->verb;
	bool found = from == to && verb >= BH_VERB_CASE_COUNT;
	for (size_t i = 0; i < bh_moves_count; i++)
		found = found || (bh_moves[i].from == from && bh_moves[i].to == to &&
					 bh_moves[i].verb == verb && bh_moves[i].in_use);
	assert_true(found);
}

/* As the store does: what the case no longer waits for is withdrawn. */
static void tasks_follow(struct bh_docket *docket)
{
	const struct bh_verdict_on given = docket->last;
	struct bh_command command;
	for (uint32_t i = 0; i < docket->cased.tasks; i++) {
		const struct bh_task *task = &docket->tasks[i];
		bool follows = !bh_task_stands(task, &docket->cased) ||
			       bh_task_moves(task, &docket->cased);
		if (task->state == BH_TASK_OPEN && follows &&
			bh_task_command(
				docket->rules, task, &docket->cased, docket->now_ms, &command)) {
			bh_docket_must(docket, &command);
			docket->last = given;
			return;
		}
	}
}

/* As it stands; nothing where there is none. */
static struct bh_mediation mediation_of(
	const struct bh_docket *docket, const struct bh_command *command)
{
	uint32_t ordinal = bh_mediation_asked(command, &docket->cased);
	bool there = ordinal > 0 && ordinal <= docket->cased.mediations;
	return there ? docket->mediations[ordinal - 1] : (struct bh_mediation){0};
}

const struct bh_verdict_on *bh_docket_give(
	struct bh_docket *docket, const struct bh_command *command)
{
	const struct bh_case was = docket->cased;
	bool names = command->task > 0 && command->task <= was.tasks;
	const struct bh_task task = names ? docket->tasks[command->task - 1] : (struct bh_task){0};
	const struct bh_mediation mediation = mediation_of(docket, command);
	struct bh_standing standing = {
		.rules = docket->rules,
		.before = docket->exists ? &was : NULL,
		.task = names ? &task : NULL,
		.mediation = mediation.ordinal != 0 ? &mediation : NULL,
		.now_ms = docket->now_ms,
		.punishes = docket->punishes,
		.device_person = docket->holder != 0 ? docket->holder : command->person,
		.device_live = docket->device_live,
		.blob = docket->blob,
		.main = docket->main,
		.merged = docket->merged,
		.repeats = docket->repeats,
		.consented = docket->consented,
		.floor = docket->floor,
	};
	struct bh_verdict_on *on = &docket->last;
	bh_decide(&standing, command, on);
	assert_true(bh_case_equal(&was, &docket->cased));
	bool again = command->source == BH_SOURCE_STORE && docket->blob == BH_BLOB_STORED;
	bool device = command->source == BH_SOURCE_DEVICE;
	docket->seq += device;
	assert_int_equal(on->journal, device || (on->verdict == BH_VERDICT_ACCEPTED && !again));
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
	if (on->changes && docket->cased.open_tasks > 0)
		tasks_follow(docket);
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

/* A task whose instant has come ends; a date of an agreement is told of. */
static bool task_wake(struct bh_docket *docket)
{
	struct bh_command command;
	for (uint32_t i = 0; i < docket->cased.tasks; i++) {
		if (bh_task_command(docket->rules, &docket->tasks[i], &docket->cased,
			    docket->now_ms, &command)) {
			bh_docket_must(docket, &command);
			return true;
		}
	}
	for (uint32_t i = 0; i < docket->cased.mediations; i++) {
		if (bh_mediation_command(&docket->mediations[i], docket->now_ms, &command)) {
			bh_docket_must(docket, &command);
			return true;
		}
	}
	return false;
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return b_ms != 0 && (a_ms == 0 || b_ms < a_ms) ? b_ms : a_ms;
}

/* The next instant of the case or of a task of it; 0: none. */
static int64_t next_of(const struct bh_docket *docket)
{
	int64_t next_ms = docket->cased.next_ms;
	for (uint32_t i = 0; i < docket->cased.tasks; i++)
		next_ms = earlier(next_ms, bh_task_next_ms(docket->rules, &docket->tasks[i]));
	for (uint32_t i = 0; i < docket->cased.mediations; i++)
		next_ms = earlier(next_ms, bh_mediation_next_ms(&docket->mediations[i]));
	return next_ms;
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
	while (task_wake(docket))
		assert_in_range(++given, 1, RUN_COMMANDS_MAX);
	return given;
}

size_t bh_docket_run(struct bh_docket *docket, int64_t until_ms)
{
	size_t given = 0;
	int64_t at_ms;
	while ((at_ms = next_of(docket)) != 0 && at_ms <= until_ms) {
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
