/* Row 33, "sampled for audit": to a share of what the clock closed somebody goes who had no part in
 * it.
 *
 *   closed by the clock ──in the sample──▶ ASKED ──it is so──▶ PASSED
 *                                            │  └──it is not──▶ FAILED: a supervisor may reopen it
 *                                            └──nobody went──▶ LAPSED
 *
 * Where there is nobody to send, and of what is shown to nobody of the grid, there is no audit. */
#include "server/domain/decide_body.h"

static const struct bh_limit audit_limit = {3, BH_LIMIT_WORK_DAY};

void bh_deciding_audit(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	const struct bh_msg_settings *settings = bh_rules_settings(d->rules);
	const struct bh_worker_ask ask = {.area = before->area,
		.type = before->type,
		.now_ms = d->standing->now_ms,
		.turn = before->number,
		.except = before->finished_by,
		.except_unit = before->unit};
	if (settings->check_sampling_off || bh_rules_is_restricted(d->rules, before->type) ||
		before->open_tasks >= BH_TASKS_OPEN_MAX ||
		!bh_rules_is_sampled(
			d->rules, BH_SAMPLE_AUDIT, before->number, settings->check_percent))
		return;
	uint32_t person = bh_rules_worker(d->rules, &ask);
	if (person == 0 || !bh_deciding_task_begin(d, BH_TASK_VISIT, audit_limit))
		return;
	d->out->task.person = person;
	d->out->after.audit = BH_AUDIT_ASKED;
	d->out->after.audit_task = d->out->task.ordinal;
}

void bh_deciding_audit_end(struct bh_deciding *d, uint32_t ordinal, enum bh_audit audit)
{
	if (ordinal != 0 && ordinal == d->before->audit_task)
		d->out->after.audit = audit;
}
