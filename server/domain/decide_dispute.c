/* Disputes, and cases that are major: how complex it is (60), the time that a party asks for (65),
 * back down (66), sponsor and plan (67), consultations (68), and what must be there before it is
 * finished. */
#include "server/domain/decide_body.h"

#define PARTY_PAUSE_MS_MAX (INT64_C(7) * 24 * 60 * BH_MINUTE_MS)

/* ---- Grade ---- */

static bool grade_fits(struct bh_deciding *d, uint32_t grade)
{
	const struct bh_case *before = d->before;
	if (grade > BH_GRADES)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "a grade is 1, 2 or 3");
	if (grade != 0 && !bh_rules_is_dispute(d->rules, before->type))
		return bh_deciding_refuse(d, BH_REASON_GUARD, "only a dispute has a grade");
	return true;
}

void bh_decide_grade(struct bh_deciding *d)
{
	const struct bh_dispute_ask *ask = &d->command->dispute;
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !grade_fits(d, ask->grade))
		return;
	if ((ask->grade == 0 && ask->major == 0) || ask->major > 2) {
		bh_deciding_reject(d, BH_REASON_FIELD, "neither a grade nor a mark is stated");
		return;
	}
	if (d->before->tier != 0 && bh_rules_grade_tier(d->rules, ask->grade) > d->before->tier) {
		bh_deciding_reject(d, BH_REASON_GUARD,
			"a grade above its tier moves it up, or goes with another unit");
		return;
	}
	if (ask->grade != 0)
		after->grade = ask->grade;
	if (ask->major != 0)
		after->major = ask->major == 1;
	if (after->unit == 0 && after->grade != d->before->grade)
		bh_deciding_propose(d);
	bh_deciding_accept(d);
}

/* Row 16 with a grade: up to the tier of that. */
uint32_t bh_deciding_desk_above(struct bh_deciding *d)
{
	uint32_t grade = d->command->dispute.grade;
	uint32_t desk = bh_rules_desk_above(d->rules, d->before->unit);
	if (!grade_fits(d, grade))
		return 0;
	if (grade != 0 && grade <= d->before->grade) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it is of this grade already");
		return 0;
	}
	desk = bh_rules_desk_of_grade(d->rules, desk, grade);
	if (desk == 0)
		bh_deciding_reject(d, BH_REASON_GUARD, "there is no tier above");
	else if (grade != 0)
		d->out->after.grade = grade;
	return desk;
}

/* ---- Time, tiers ---- */

/* domain.md, Clock model: "at most once and seven days per tier". */
void bh_decide_party_pause(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t now_ms = d->standing->now_ms, until_ms = d->command->until_ms;
	uint32_t bit = 1u << d->before->tier;
	if (until_ms == 0)
		until_ms = now_ms + PARTY_PAUSE_MS_MAX;
	if (until_ms <= now_ms || until_ms > now_ms + PARTY_PAUSE_MS_MAX)
		bh_deciding_reject(d, BH_REASON_FIELD, "a party is given seven days at most");
	else if ((d->before->paused & bit) != 0)
		bh_deciding_reject(d, BH_REASON_GUARD, "a party was given time at this tier");
	else
		after->paused |= bit;
	if (after->paused == d->before->paused)
		return;
	bh_deciding_use(d);
	bh_deciding_leave(d);
	after->resume_due_ms = until_ms;
	bh_deciding_accept(d);
}

/* To the desk below that the case lies in; once a tier. */
void bh_decide_move_down(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	uint32_t tier = d->before->tier, bit = 1u << tier;
	uint32_t desk = bh_rules_desk_below(d->rules, d->before->area, tier);
	if (desk == 0) {
		bh_deciding_reject(d, BH_REASON_GUARD, "there is no tier below");
		return;
	}
	if ((d->before->lowered & bit) != 0) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it was sent back by this tier before");
		return;
	}
	d->out->after.lowered |= bit;
	bh_deciding_to_tier(d, desk);
}

/* ---- Major cases, consultations ---- */

static bool is_for(
	const struct bh_rules *rules, const struct bh_msg_post *post, const struct bh_case *cased)
{
	return post->role == BH_ROLE_SPONSOR &&
	       bh_rules_area_within(rules, cased->area, post->area);
}

static bool sponsors(
	const struct bh_rules *rules, const struct bh_case *cased, uint32_t person, int64_t at_ms)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, at_ms, posts);
	for (size_t i = 0; i < count; i++)
		if (is_for(rules, posts[i], cased))
			return true;
	return false;
}

static bool is_sponsor(struct bh_deciding *d, uint32_t person)
{
	if (sponsors(d->rules, d->before, person, d->standing->now_ms))
		return true;
	return bh_deciding_refuse(d, BH_REASON_FIELD, "this person sponsors no cases there");
}

/* 一名包保领导、一个工作专班、一套化解方案 (S0-23): named at once or one after the other. */
void bh_decide_plan(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (command->assignee != 0 && !is_sponsor(d, command->assignee))
		return;
	if (command->unit != 0 && bh_rules_unit_is_gone(d->rules, command->unit)) {
		bh_deciding_reject(d, BH_REASON_NO_UNIT, NULL);
		return;
	}
	if (command->dispute.measures >= 1u << BH_MEASURES) {
		bh_deciding_reject(d, BH_REASON_FIELD, "measures are of six kinds");
		return;
	}
	if (command->assignee != 0)
		after->sponsor = command->assignee;
	if (command->unit != 0)
		after->force = command->unit;
	if (command->dispute.measures != 0)
		after->measures = command->dispute.measures;
	after->unplanned = 0;
	bh_deciding_accept(d);
}

/* A line of what was decided is called by this entry's position and its place in it: an order that
 * is made of it names both. */
void bh_decide_consult(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	uint32_t what = d->command->reason_code;
	bool held = what == BH_CONSULTATION_HELD;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if ((!held && what != BH_CONSULTATION_ASKED) ||
		d->command->dispute.decisions_count > (held ? BH_DECISIONS_MAX : 0)) {
		bh_deciding_reject(d, BH_REASON_FIELD, "a consultation is asked for, or was held");
		return;
	}
	if (held == (d->before->consulting != BH_CONSULTATION_ASKED)) {
		bh_deciding_reject(d, BH_REASON_GUARD,
			held ? "no consultation was asked for" : "one is asked for already");
		return;
	}
	/* S3-47: who is asked is told, and answers; without a name it is the unit's own note. */
	bool asks = !held && (d->command->assignee != 0 || d->command->unit != 0);
	if (asks && !bh_deciding_help_begin(d))
		return;
	after->consulting = what;
	after->consultations += held;
	bh_deciding_accept(d);
}

/* ---- Guards ---- */

/* A task force that was dissolved is none. */
static bool force_and_plan(const struct bh_rules *rules, const struct bh_case *cased)
{
	return cased->force != 0 && !bh_rules_unit_is_gone(rules, cased->force) &&
	       cased->measures != 0;
}

bool bh_case_is_planned(const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms)
{
	return force_and_plan(rules, cased) && cased->sponsor != 0 &&
	       sponsors(rules, cased, cased->sponsor, at_ms);
}

/* Whoever was named held the post then: between two of his he comes back. */
int64_t bh_case_plan_end_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, cased->sponsor, posts);
	int64_t last_ms = 0;
	if (!force_and_plan(rules, cased))
		return 0;
	for (size_t i = 0; i < count; i++) {
		int64_t end_ms = bh_rules_post_end_ms(rules, posts[i]);
		if (is_for(rules, posts[i], cased) && end_ms > last_ms)
			last_ms = end_ms;
	}
	return last_ms;
}

uint32_t bh_case_lacks(const struct bh_rules *rules, const struct bh_case *cased)
{
	uint32_t state = cased->mediation_state, lacks = 0;
	if (bh_rules_is_dispute(rules, cased->type) && state != BH_MEDIATION_AGREED &&
		state != BH_MEDIATION_FAILED)
		lacks |= BH_LACKS_RESULT;
	if (cased->major != 0 && bh_case_plan_end_ms(rules, cased) == 0)
		lacks |= BH_LACKS_PLAN;
	if (cased->handed_by != 0)
		lacks |= BH_LACKS_SIGN_OFF;
	return state != BH_MEDIATION_OPEN ? lacks | BH_LACKS_MEDIATION : lacks;
}

bool bh_deciding_dispute_fits(struct bh_deciding *d, uint32_t guards)
{
	const struct bh_case *before = d->before;
	bool dispute = bh_rules_is_dispute(d->rules, before->type);
	uint32_t lacks = bh_case_lacks(d->rules, before);
	if (before->major != 0 && !bh_case_is_planned(d->rules, before, d->standing->now_ms))
		lacks |= BH_LACKS_PLAN;
	if ((guards & BH_GUARD_DISPUTE) != 0 && !dispute)
		return bh_deciding_refuse(d, BH_REASON_GUARD, "it is no dispute");
	if ((guards & BH_GUARD_SETTLED) != 0 && (lacks & BH_LACKS_RESULT) != 0)
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "a dispute ends with an agreement or a failure note");
	if ((guards & BH_GUARD_PLAN) != 0 && (lacks & BH_LACKS_PLAN) != 0)
		return bh_deciding_refuse(d, BH_REASON_GUARD,
			"a major case needs a sponsor, a task force and a plan first");
	return true;
}

/* 抄告 (S2-29): what was closed above the village is told there, but nothing that is restricted. */
void bh_deciding_copy(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	uint32_t desk = bh_rules_desk(d->rules, after->area, 0);
	bool above = after->tier > 1 && bh_rules_unit_tier(d->rules, desk) == 1;
	if (above && desk != after->unit && !bh_rules_is_restricted(d->rules, after->type))
		after->copied = desk;
}
