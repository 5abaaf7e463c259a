/* Commands to start from, the straight way to a state, and what the clock alone makes of it. */
#include <string.h>

#include "proto/datum.h"
#include "server/domain/alarm_queue.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/docket.h"

#define CALLS_DAYS 2u /* it calls at least once a day */

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
	struct bh_command command = {
		.source = BH_SOURCE_DESK,
		.verb = verb,
		.log_short = BH_LOG_DESK,
		.person = person,
		.case_number = docket->cased.number,
		.base_position = docket->cased.last,
		.text = text_span(text),
	};
	bh_demo_say(&command);
	return command;
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

void bh_docket_mediated(struct bh_docket *docket)
{
	uint32_t lead = BH_DEMO_LEAD(docket->cased.unit);
	struct bh_command command = bh_docket_desk(docket, BH_VERB_MEDIATE, lead, NULL);
	command.dispute.kind = BH_MEDIATION_PEOPLES;
	bh_docket_must(docket, &command);
	command = bh_docket_desk(docket, BH_VERB_CONCLUDE, lead, "they part");
	command.reason_code = BH_MEDIATION_END_FAILED;
	bh_docket_must(docket, &command);
}

void bh_docket_to_done(struct bh_docket *docket, uint32_t type, uint32_t grid)
{
	bh_docket_to_handling(docket, type, grid);
	if (bh_rules_is_dispute(docket->rules, type))
		bh_docket_mediated(docket);
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

void bh_docket_to_checked(struct bh_docket *docket)
{
	struct bh_command command = bh_docket_desk(
		docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	bh_docket_must(docket, &command);
	const struct bh_task *task = bh_docket_task(docket, BH_TASK_CHECK);
	assert_non_null(task);
	command = bh_docket_op(docket, BH_VERB_PASS, task->person, "seen");
	command.task = task->ordinal;
	bh_docket_must(docket, &command);
	assert_int_equal(docket->cased.checked, BH_CHECKED_PASSED);
}

/* For ever, unless somebody dispatches it. */
static bool only_calls_are_left(const struct bh_docket *docket)
{
	const struct bh_case *cased = &docket->cased;
	return bh_queue_holds(cased) && cased->breached == 1 && cased->breach_due_ms == 0 &&
	       cased->open_tasks == 0;
}

void bh_docket_leave(struct bh_docket *docket, unsigned days)
{
	unsigned left = days;
	while (left > 0) {
		bh_docket_run(docket, docket->now_ms + BH_HOURS(24));
		left = only_calls_are_left(docket) && left > CALLS_DAYS ? CALLS_DAYS : left - 1;
	}
}

void bh_docket_rules_change(struct bh_docket *docket, const struct bh_rules *rules)
{
	docket->rules = rules;
	docket->dues_checked = false; /* they are by those of before */
	(void)bh_case_alarm(rules, &docket->cased, &docket->cased.next_ms);
}
