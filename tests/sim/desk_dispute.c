/* Disputes at the desks: graded, some of them major and planned for, mediated to an agreement or a
 * failure note, given time, sent back down; what was agreed is looked after when its dates come,
 * also after the closing, or is not. */
#include "tests/sim/desk_state.h"

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->disputes, 1000) < in_thousand;
}

static void order(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb,
	uint32_t reason, const struct bh_dispute_ask *ask)
{
	bool tiers = verb == BH_VERB_MOVE_DOWN;
	bool grades = verb == BH_VERB_GRADE;
	bool plans = verb == BH_VERB_PLAN;
	uint32_t who = tiers    ? BH_DEMO_PERSON(TIER_DESK)
		       : grades ? BH_DEMO_PERSON(ACCEPTOR)
		       : plans  ? BH_DEMO_PERSON(SHIFT_LEADER)
				: BH_DEMO_LEAD(cased->unit);

	bh_simdesk_order_dispute(desk, verb, who, cased->number, reason, ask);
}

static void conclude(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_dispute_ask ask = {.agreement = {(const uint8_t *)"2026-1", 6}};
	int64_t at_ms = bh_simserver_district_ms(desk->run->server);
	bool agreed = is_drawn(desk, 600);

	ask.amount_fen = (int64_t)bh_simrng_below(&desk->disputes, 1000000);
	ask.dates = (uint32_t)bh_simrng_below(&desk->disputes, 4);
	for (uint32_t i = 0; i < ask.dates; i++) {
		at_ms += bh_simrng_between(&desk->disputes, BH_SIM_DAY / 12, 3 * BH_SIM_DAY);
		ask.due_ms[i] = at_ms;
	}
	order(desk, cased, BH_VERB_CONCLUDE,
		agreed ? BH_MEDIATION_END_AGREED : BH_MEDIATION_END_FAILED, &ask);
}

static bool mediate(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_dispute_ask ask = {.kind = 1 + (uint32_t)bh_simrng_below(&desk->disputes, 4),
		.linkage = (uint32_t)bh_simrng_below(&desk->disputes, 7),
		.present = BH_PRESENT(2, 1, 0, 1)};

	if (cased->mediation_state == BH_MEDIATION_OPEN) {
		if (!desk->diligent && is_drawn(desk, 400))
			order(desk, cased, BH_VERB_SESSION, BH_SITTING_AGAIN, &ask);
		else
			conclude(desk, cased);
		return true;
	}
	if (cased->mediation_state != BH_MEDIATION_NONE ||
		!is_drawn(desk, desk->diligent ? 950 : 700))
		return false;
	order(desk, cased, BH_VERB_MEDIATE, 0, &ask);
	return true;
}

/* A major one waits for its sponsor, task force and plan. */
static bool plan(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_dispute_ask ask = {.measures = 5};

	if (cased->major == 0 || cased->sponsor != 0 || (!desk->diligent && !is_drawn(desk, 400)))
		return false;
	order(desk, cased, BH_VERB_PLAN, 0, &ask);
	return true;
}

static bool perform(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_dispute_ask ask = {.date = 1 + (uint32_t)bh_simrng_below(&desk->disputes, 3)};

	if (cased->owed + cased->unkept == 0 || !is_drawn(desk, 150))
		return false;
	order(desk, cased, BH_VERB_PERFORM, 1 + (uint32_t)bh_simrng_below(&desk->disputes, 3),
		&ask);
	return true;
}

/* Beside the straight way; towards the end of a run nothing of it begins any more. */
static bool aside(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const struct bh_dispute_ask nothing;

	if (desk->diligent)
		return false;
	if (is_drawn(desk, 60))
		order(desk, cased, BH_VERB_SUSPEND, 0, &nothing);
	else if (is_drawn(desk, 60))
		order(desk, cased, BH_VERB_MOVE_DOWN, 0, &nothing);
	else if (is_drawn(desk, 60))
		order(desk, cased, BH_VERB_CONSULT,
			cased->consulting == BH_CONSULTATION_ASKED ? BH_CONSULTATION_HELD
								   : BH_CONSULTATION_ASKED,
			&nothing);
	else
		return false;
	return true;
}

bool bh_simdesk_dispute(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_dispute_ask graded = {
		.grade = 1 + (uint32_t)bh_simrng_below(&desk->disputes, BH_GRADES)};

	if (cased->unit != 0 && perform(desk, cased))
		return true;
	if (cased->type != BH_DEMO_QUARREL)
		return false;
	switch ((enum bh_state)cased->state) {
	case BH_STATE_RECEIVED:
	case BH_STATE_FILED:
		if (cased->grade != 0 || desk->diligent || !is_drawn(desk, 200))
			return false;
		graded.major = is_drawn(desk, 400);
		order(desk, cased, BH_VERB_GRADE, 0, &graded);
		return true;
	case BH_STATE_HANDLING:
		return plan(desk, cased) || aside(desk, cased) || mediate(desk, cased);
	default:
		return false;
	}
}
