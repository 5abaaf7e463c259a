/* What is done, and who looks at it (rows 18, 19 and 33): by whom and when it was done; before it
 * is closed, where it is urgent, done again, or at a place that repeats, and of the others those of
 * the sample; and after the clock closed it, another sample.
 *
 *   finished ──▶ its place is counted anew, by the judge's own cases ──▶ checked ──▶ closed
 *                                                        by the clock ──▶ audited by who had no
 * part
 */
#include "server/domain/alarm.h"
#include "server/domain/decide.h"
#include "server/domain/repeat.h"
#include "server/domain/sample.h"
#include "server/domain/task.h"
#include "tests/sim/judge_state.h"

#define SAMPLE_PERCENT 20u /* desk.c */

static bool is_drawn(const struct bh_simjudge *judge, uint64_t drawn)
{
	return bh_sample_hash(judge->secret, drawn) % 100 < SAMPLE_PERCENT;
}

/* Row 19, and 20 % of the others: those whose number, with the district's secret, falls into a
 * fifth. */
static bool has_to_be_checked(const struct bh_simjudge *judge, const struct bh_case *before)
{
	const struct bh_msg_settings *settings = bh_rules_settings(judge->rules);
	bool repeats = before->repeats > 0 && !settings->repeat_check_off;
	bool always = before->urgency == 1 || before->reworks > 0 || before->cycle > 1 || repeats;

	if (before->checked == BH_CHECKED_PASSED)
		return false;
	if (always || before->checked == BH_CHECKED_LAPSED)
		return always;
	return !settings->check_sampling_off && is_drawn(judge, before->number);
}

static bool is_placed(const struct bh_case *cased)
{
	return cased->grid != 0 && (cased->has_place != 0 || cased->asset != 0);
}

static uint32_t count_at_place(
	const struct bh_simjudge *judge, const struct bh_case *cased, int64_t now_ms)
{
	uint32_t count = 0;

	if (!is_placed(cased) || !bh_case_counts_for_repeat(judge->rules, cased, now_ms))
		return 0;
	for (size_t i = 0; i < BH_SIMJUDGE_SLOTS; i++) {
		const struct bh_case *other = &judge->cases[i].now;
		count += other->number != 0 && other->grid == cased->grid && is_placed(other) &&
			 bh_case_counts_for_repeat(judge->rules, other, now_ms) &&
			 (other->number == cased->number || bh_case_is_at_place(cased, other));
	}
	return count;
}

/* Whose post signs off what others of the unit finish. */
static bool leads(const struct bh_msg_profile *profile, uint32_t unit, uint32_t person)
{
	bool any = false;

	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		any |= post->unit == unit && (person == 0 || post->person == person) &&
		       (post->role == BH_ROLE_UNIT_LEAD || post->role == BH_ROLE_TIER_DESK);
	}
	return any;
}

static void sign_off(
	struct bh_simjudge *judge, const struct bh_case *before, const struct bh_entry *entry)
{
	const struct bh_msg_profile *profile = bh_rules_profile(judge->rules);

	if (entry->verb == BH_VERB_FINISH && profile->settings.unit_sign_off &&
		leads(profile, before->unit, 0) && !leads(profile, before->unit, entry->person))
		bh_simjudge_break(judge, "I6", entry, "its unit's lead did not sign it off");
}

/* By the handset's clock where that is known well enough and cannot be otherwise: a day without a
 * network is no lateness.
 */
static void lateness(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	int64_t done_ms = entry->captured_ms + (int64_t)entry->captured_bound_ms;
	bool known = entry->device != 0 && now->held_to == BH_HELD_NOT &&
		     entry->captured_bound_ms <= BH_CLOCK_BOUND_MS_MAX &&
		     entry->captured_ms >= bh_case_clock_from_ms(before) && done_ms <= entry->at_ms;
	bool late = before->disposal_due_ms != 0 &&
		    (known ? done_ms : entry->at_ms) > before->disposal_due_ms;

	if (before->late == 0 && late != (now->late != 0))
		bh_simjudge_break(judge, "I8", entry,
			late ? "it is done late, and it is not said"
			     : "it is not done late, and it is said");
}

static void finished(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	sign_off(judge, before, entry);
	if (entry->verb == BH_VERB_FINISH)
		lateness(judge, before, now, entry);
	bool repeats = count_at_place(judge, before, entry->at_ms) >= BH_REPEAT_CASES;

	if (repeats != (now->repeats != 0))
		bh_simjudge_break(judge, "I23", entry,
			repeats ? "its place repeats, and it is not said"
				: "its place does not repeat, and it is said");
}

/* Whoever could go: not who did it, nor anybody of the unit. */
static bool somebody_could_go(
	const struct bh_simjudge *judge, const struct bh_case *before, int64_t now_ms)
{
	const struct bh_worker_ask ask = {.area = before->area,
		.type = before->type,
		.now_ms = now_ms,
		.turn = before->number,
		.except = before->finished_by,
		.except_unit = before->unit};

	return !bh_rules_is_restricted(judge->rules, before->type) &&
	       before->open_tasks < BH_TASKS_OPEN_MAX && bh_rules_worker(judge->rules, &ask) != 0;
}

static void closed(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	bool by_clock = entry->log_short == BH_LOG_CLOCK;
	bool drawn = by_clock && !bh_rules_settings(judge->rules)->check_sampling_off &&
		     is_drawn(judge, before->number | UINT64_C(1) << 63);
	bool asked = now->audit == BH_AUDIT_ASKED;

	if (has_to_be_checked(judge, before))
		bh_simjudge_break(judge, "I6", entry, "it was closed before anybody checked it");
	if (asked && !drawn)
		bh_simjudge_break(judge, "I6", entry, "it is audited, and nobody drew it");
	if (drawn && !asked && somebody_could_go(judge, before, entry->at_ms))
		bh_simjudge_break(judge, "I6", entry, "the clock closed it, and nobody is sent");
	judge->run->tally.audits += asked;
	judge->run->tally.repeats_checked += before->repeats > 0 &&
					     before->checked == BH_CHECKED_PASSED;
}

/* An audit ends with its own visit, and who did it does not tell how it was done. */
static void visited(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	struct bh_simtally *tally = &judge->run->tally;
	bool lapsed = entry->verb == BH_VERB_TASK_LAPSED;

	if (before->audit != BH_AUDIT_ASKED || now->audit == BH_AUDIT_ASKED)
		return;
	if (lapsed != (now->audit == BH_AUDIT_LAPSED))
		bh_simjudge_break(judge, "I6", entry, "an audit ends as nobody ended it");
	if (!lapsed && entry->person == before->finished_by)
		bh_simjudge_break(judge, "I6", entry, "who did it audits it");
	tally->audits_lapsed += lapsed;
	tally->audits_answered += !lapsed;
}

void bh_simjudge_checking(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	if (judge->rules == NULL)
		return;
	if (entry->verb == BH_VERB_FINISH || entry->verb == BH_VERB_SELF_DISPOSE) {
		if (now->state == BH_STATE_DONE)
			finished(judge, before, now, entry);
	} else if (entry->verb == BH_VERB_CLOSE) {
		closed(judge, before, now, entry);
	} else if (entry->verb == BH_VERB_VISIT_DONE || entry->verb == BH_VERB_TASK_LAPSED) {
		visited(judge, before, now, entry);
	}
}
