/* May this actor make this move on this case now?  The same questions for every verb, in this
 * order:
 *
 *   is it the case that was seen ─▶ has the table a row ─▶ has the actor a post for it ─▶ do its
 * guards hold
 *
 * A desk is refused and asks again.  A worker's op whose case has moved on is stale: kept, told,
 * without effect (domain.md, offline rule 4). */
#include "proto/err.h"
#include "server/domain/checking.h"
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"
#include "server/domain/threshold.h"

/* The version that was seen is the one that stands: entries since then were reminders or arrivals
 * of photos at most. */
static bool version_stands(const struct bh_case *before, uint64_t base)
{
	if (base == before->last)
		return true;
	return before->quiet_from != 0 && base >= before->quiet_from && base < before->last;
}

static bool case_is_the_one_seen(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	bool desk = command->source == BH_SOURCE_DESK;
	if (d->before == NULL) {
		bh_deciding_reject(d, BH_REASON_NO_CASE, NULL);
		return false;
	}
	if (command->cycle > d->before->cycle) {
		bh_deciding_reject(d, BH_REASON_FIELD, "the case has no such cycle yet");
		return false;
	}
	if (command->cycle != 0 && command->cycle < d->before->cycle) {
		bh_deciding_stale(d, "the case has begun another cycle");
		return false;
	}
	/* C17: of two who decide on the same version the first commit wins. */
	if (desk && command->base_position != 0 &&
		!version_stands(d->before, command->base_position)) {
		bh_deciding_stale(d, "somebody else was first");
		return false;
	}
	return true;
}

/* What the actor saw.  Who puts right what he has just reported saw it as he made it. */
static uint64_t base_seen(const struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	bool own = command->verb == BH_VERB_SELF_DISPOSE && command->log_short != 0 &&
		   command->case_number >> 32 == command->log_short;
	return command->base_position == 0 && own ? d->before->first : command->base_position;
}

/* Has the table a row in use for this verb and source, from this state (or from any)? */
static bool table_has(const struct bh_deciding *d, bool any_state)
{
	enum bh_source source = d->command->source;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		bool ours = source == BH_SOURCE_CLOCK ? (move->roles & 1u << BH_ROLE_CLOCK) != 0
						      : (move->roles & ~(1u << BH_ROLE_CLOCK)) != 0;
		if (move->verb == d->command->verb && move->in_use && ours &&
			(source != BH_SOURCE_DEVICE || move->offline) &&
			(any_state || move->from == d->before->state))
			return true;
	}
	return false;
}

/* The same state, and other work: what a handset finished before it failed is no result of what
 * was asked for since. */
static bool is_of_before_rework(const struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	return command->source == BH_SOURCE_DEVICE &&
	       (command->verb == BH_VERB_FINISH || command->verb == BH_VERB_HAND_IN) &&
	       command->base_position != 0 && command->base_position <= d->before->redone_from;
}

/* A lead's yes or no is to the result that he saw: another one was handed in since. */
static bool is_of_before_handing(const struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	bool leads = command->verb == BH_VERB_HAND_BACK ||
		     (command->verb == BH_VERB_FINISH && !bh_deciding_is_handed_in(d));
	return command->source == BH_SOURCE_DEVICE && leads && d->before->handed_by != 0 &&
	       command->base_position != 0 && command->base_position <= d->before->handed_from;
}

static bool table_allows(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	uint64_t base = base_seen(d);
	if (table_has(d, false) && !is_of_before_rework(d) && !is_of_before_handing(d))
		return true;
	if (!table_has(d, true))
		bh_deciding_reject(d, BH_REASON_UNSUPPORTED, NULL);
	else if (command->source == BH_SOURCE_DEVICE && base != 0 &&
		 !version_stands(d->before, base))
		bh_deciding_stale(d, NULL);
	else
		bh_deciding_reject(d, BH_REASON_NOT_NOW, NULL);
	return false;
}

static void right_missing(struct bh_deciding *d, struct bh_rights_ask *ask)
{
	const struct bh_move *move;
	uint64_t base = base_seen(d);
	if (ask->guards_failed != 0) {
		ask->guards_failed = 0;
		if (bh_rights_ask(ask, &move) != 0) {
			bh_deciding_reject(d, BH_REASON_GUARD,
				"a second refusal of a return is the shift leader's");
			return;
		}
	}
	/* The unit lost the case while this handset was away: that is no lack of a right. */
	ask->any_unit = true;
	if (d->command->source == BH_SOURCE_DEVICE && base != 0 &&
		!version_stands(d->before, base) && bh_rights_ask(ask, &move) != 0)
		bh_deciding_stale(d, "the case is another unit's now");
	else
		bh_deciding_reject(d, BH_REASON_NO_RIGHT, NULL);
}

/* Whose people may do it. */
static uint32_t unit_asked(const struct bh_deciding *d)
{
	if (d->command->verb == BH_VERB_APPEAL)
		return bh_case_appeal_unit(d->before);
	if (d->command->verb == BH_VERB_PERFORM)
		return bh_mediation_keeper(d->rules, d->before, d->standing->now_ms);
	return d->before->unit;
}

static bool actor_has_right(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	enum bh_state state = (enum bh_state)d->before->state;
	if (command->source == BH_SOURCE_CLOCK) {
		d->move = bh_move_find(state, command->verb, BH_ROLE_CLOCK);
		return true;
	}
	struct bh_rights_ask ask = {
		.rules = d->rules,
		.now_ms = d->standing->now_ms,
		.person = command->person,
		.post = command->post,
		.verb = command->verb,
		.state = state,
		.type = d->before->type,
		.area = d->before->area,
		.unit = unit_asked(d),
		.reporter = d->before->reporter,
		.task_person = d->standing->task != NULL ? d->standing->task->person : 0,
		.task_unit = d->standing->task != NULL ? d->standing->task->unit : 0,
		.guards_failed = d->before->refusals > 0 ? BH_GUARD_FIRST_REFUSAL : 0,
	};
	d->out->post = bh_rights_ask(&ask, &d->move);
	if (d->out->post != 0)
		return true;
	right_missing(d, &ask);
	return false;
}

bool bh_deciding_may(struct bh_deciding *d)
{
	if (!case_is_the_one_seen(d) || !table_allows(d) || !actor_has_right(d))
		return false;
	d->out->after.state = d->move->to;
	bh_deciding_clocks_end(d);
	return true;
}

/* ---- Guards ---- */

bool bh_deciding_text_fits(struct bh_deciding *d, bool needed)
{
	struct bh_span text = d->command->text;
	if (text.len > BH_TEXT_BYTES_MAX)
		bh_deciding_reject(d, BH_REASON_TEXT, "the text is too long");
	else if (needed && bh_span_is_blank(text))
		bh_deciding_reject(d, BH_REASON_NO_REASON, NULL);
	else
		return true;
	return false;
}

/* No longer than its limit: who is late answers for it. */
bool bh_deciding_may_return(const struct bh_deciding *d)
{
	int64_t window_ms = (int64_t)bh_rules_settings(d->rules)->return_window_work_min *
			    BH_MINUTE_MS;
	const struct bh_calendar *calendar = bh_rules_calendar(d->rules);
	int64_t from_ms = d->before->dispatched_ms;
	bool works;
	int64_t limit_ms = bh_case_limit_ms(d->rules, d->before, &works);
	return d->standing->now_ms <= bh_calendar_walk(calendar, from_ms, window_ms) &&
	       d->standing->now_ms <= bh_length_due(calendar, works, from_ms, limit_ms);
}

/* In which a reporter may ask for more, in natural days after the answer (24, 31). */
#define AGAIN_MS (INT64_C(3) * 24 * 60 * BH_MINUTE_MS)

static bool is_in_time(struct bh_deciding *d, uint32_t guards)
{
	const struct bh_case *before = d->before;
	const struct bh_calendar *calendar = bh_rules_calendar(d->rules);
	int64_t now_ms = d->standing->now_ms;
	bool over = now_ms > bh_length_due(calendar, false, before->closed_ms, AGAIN_MS);
	bool closed = (guards & BH_GUARD_RETURN_WINDOW) != 0 && !bh_deciding_may_return(d);
	closed = closed || ((guards & BH_GUARD_WINDOW) != 0 && over);
	closed = closed || ((guards & BH_GUARD_AFTER_WINDOW) != 0 && !over);
	closed = closed || ((guards & BH_GUARD_IN_TIME) != 0 && now_ms > before->disposal_due_ms);
	if (closed)
		bh_deciding_reject(d, BH_REASON_WINDOW, NULL);
	return !closed;
}

/* Something waits to be decided, by another person than the one who asked. */
static bool ask_stands(struct bh_deciding *d, uint32_t guards)
{
	const struct bh_case *before = d->before;
	if ((guards & BH_GUARD_ASKED) != 0 && before->asked == BH_ASK_NONE)
		bh_deciding_reject(d, BH_REASON_GUARD, "nobody has asked for it");
	else if ((guards & BH_GUARD_SECOND) != 0 && before->asked_by == d->command->person)
		bh_deciding_reject(
			d, BH_REASON_GUARD, "another person than the one who asked decides");
	else
		return true;
	return false;
}

/* Row 8: such a case, and two pictures of it. */
static bool self_disposal_fits(struct bh_deciding *d, uint32_t guards)
{
	const struct bh_command *command = d->command;
	const struct bh_case *before = d->before;
	if ((guards & BH_GUARD_SELF_TYPE) != 0 &&
		!bh_rules_self_disposes(d->rules, before->type, before->urgency))
		bh_deciding_reject(d, BH_REASON_GUARD, "no worker puts such a case right alone");
	else if ((guards & BH_GUARD_BOTH_PHOTOS) != 0 &&
		 (command->photos_before == 0 || command->photos_after == 0))
		bh_deciding_reject(
			d, BH_REASON_GUARD, "a photo from before and one from after are needed");
	else
		return true;
	return false;
}

/* Who signs off what was handed in has its words and pictures, and need add none. */
static bool keeps_handed(const struct bh_deciding *d)
{
	return d->command->verb == BH_VERB_FINISH && d->before->handed_by != 0 &&
	       !bh_deciding_is_handed_in(d);
}

/* What was seen in the field is shown, or said; what was done there is shown as its type asks. */
static bool field_work_shows(struct bh_deciding *d, uint32_t guards)
{
	uint32_t photos = d->command->photos_before + d->command->photos_after;
	if (keeps_handed(d))
		photos += d->before->handed_photos;
	if ((guards & BH_GUARD_EVIDENCE) != 0 && d->command->source == BH_SOURCE_DEVICE &&
		photos < bh_rules_evidence(d->rules, d->before->type)) {
		bh_deciding_reject(
			d, BH_REASON_GUARD, "such a result is shown by more photos than it has");
		return false;
	}
	if ((guards & BH_GUARD_FIELD_WORK) == 0 || d->command->photos > 0)
		return true;
	return bh_deciding_text_fits(d, true);
}

/* Row 18: helpers first.  Row 23: what has to be checked was, or nobody came, or there is nobody to
 * send.  Row 21: what is being checked fails by its answer. */
static bool tasks_are_done(struct bh_deciding *d, uint32_t guards)
{
	const struct bh_case *before = d->before;
	bool checks = (guards & BH_GUARD_CHECKED) != 0;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 19
	guards &= ~(uint32_t)BH_GUARD_NO_HELP;
#endif
	if ((guards & BH_GUARD_NO_HELP) != 0 && before->open_helps > 0)
		bh_deciding_reject(d, BH_REASON_GUARD, "help that was asked for is still open");
	else if (checks && before->state == BH_STATE_CHECKING &&
		 before->checked != BH_CHECKED_FAILED)
		bh_deciding_reject(d, BH_REASON_GUARD, "its check is still open");
	else if (checks && before->state == BH_STATE_DONE &&
		 !bh_case_check_stands(d->rules, before))
		return bh_deciding_closes_unseen(d);
	else
		return true;
	return false;
}

/* Who asks how the work was done did not do it, nor did his unit. */
static bool is_separate(struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	uint32_t person = d->command->person, unit = d->before->unit, late = d->before->late_unit;
	size_t count = bh_rules_posts(d->rules, person, posts);
	bool own = person == d->before->finished_by;
	for (size_t i = 0; i < count; i++)
		own = own || (unit != 0 && posts[i]->unit == unit) ||
		      (late != 0 && posts[i]->unit == late) ||
		      (d->before->appeal_unit != 0 && posts[i]->unit == d->before->appeal_unit);
	if (own)
		bh_deciding_reject(d, BH_REASON_GUARD, "who follows up had no part in it");
	return !own;
}

/* Whether such a case is opened as one now: from where no unit had it, so that what was withdrawn
 * since it was filed counts; or by what it is called from now on. */
static bool consent_stands(struct bh_deciding *d)
{
	const struct bh_case *before = d->before, *after = &d->out->after;
	bool waits = before->state == BH_STATE_RECEIVED || before->state == BH_STATE_VERIFYING ||
		     before->state == BH_STATE_FILED;
	bool opens = waits ? after->state == BH_STATE_FILED || after->state == BH_STATE_DISPATCHED
			   : after->type != before->type;
	if (!opens || d->command->source != BH_SOURCE_DESK || d->standing->consented ||
		!bh_rules_needs_consent(d->rules, after->type))
		return true;
	bh_deciding_reject(d, BH_REASON_GUARD, "such a case needs a party's consent first");
	return false;
}

/* FIRST_REFUSAL, OWN_UNIT, OWN_TASK and REPORTER are judged with the right; UNIT by the handler
 * that picks the unit. */
bool bh_deciding_guards_hold(struct bh_deciding *d)
{
	uint32_t guards = d->move->guards;
	const struct bh_case *after = &d->out->after;
	bool says = (guards & (BH_GUARD_REASON | BH_GUARD_RESULT)) != 0 && !keeps_handed(d);
	if (!bh_deciding_text_fits(d, says))
		return false;
	/* S4-16: outside every grid the county itself is where the case lies. */
	if ((guards & BH_GUARD_TYPE_AND_GRID) != 0 &&
		(bh_rules_type(d->rules, after->type) == NULL || after->area == 0)) {
		bh_deciding_reject(d, BH_REASON_GUARD, "a known type and a place are needed");
		return false;
	}
	if ((guards & BH_GUARD_FILED) != 0 && !bh_deciding_particulars_stand(d))
		return false;
	if (!is_in_time(d, guards) || !ask_stands(d, guards) || !field_work_shows(d, guards) ||
		!self_disposal_fits(d, guards) || !tasks_are_done(d, guards) || !consent_stands(d))
		return false;
	if ((guards & BH_GUARD_SEPARATE) != 0 && !is_separate(d))
		return false;
	if (!bh_deciding_dispute_fits(d, guards))
		return false;
	if ((guards & BH_GUARD_MILESTONE) != 0 && d->before->milestone_due_ms == 0) {
		bh_deciding_reject(d, BH_REASON_GUARD, "no step of a plan runs");
		return false;
	}
	/* S3-27: a form that was sent ends nothing; of what the clock closes nobody says that. */
	if ((guards & BH_GUARD_ENDED) != 0 && !d->command->matter_ended) {
		bh_deciding_reject(d, BH_REASON_GUARD, "say that the matter has ended");
		return false;
	}
	if ((guards & BH_GUARD_NOT_BY_LIMIT) != 0 && !bh_case_closes_by_limit(d->rules, after)) {
		bh_deciding_reject(d, BH_REASON_GUARD, "the clock never closes such a case");
		return false;
	}
	return true;
}
