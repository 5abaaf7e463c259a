/* What is beside the straight way: a unit asks for more time and gets it or not, work that does not
 * do is done again, a case is void by two, an answered one goes on.  Towards the end of a run
 * nothing of it begins any more, and what waits is let go on. */
#include "tests/sim/desk_state.h"

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->aside, 1000) < in_thousand;
}

static void order(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb,
	uint32_t person, int64_t until_ms)
{
	uint64_t base = is_drawn(desk, 850) ? cased->last : 0;

	bh_simdesk_order_until(desk, verb, person, cased->number, until_ms, base);
}

static int64_t until_draw(struct bh_simdesk *desk)
{
	return bh_simserver_district_ms(desk->run->server) +
	       bh_simrng_between(&desk->aside, BH_SIM_DAY / 24, 20 * BH_SIM_DAY);
}

static void decide(struct bh_simdesk *desk, const struct bh_case *cased)
{
	bool void_asked = cased->asked == BH_ASK_VOID;
	uint32_t who = void_asked ? BH_DEMO_PERSON(SHIFT_LEADER) : BH_DEMO_PERSON(DISPATCHER);
	static const enum bh_verb grants[] = {[BH_ASK_EXTENSION] = BH_VERB_EXTEND,
		[BH_ASK_SUSPENSION] = BH_VERB_SUSPEND,
		[BH_ASK_VOID] = BH_VERB_VOID,
		[BH_ASK_REDIRECT] = BH_VERB_REDIRECT};
	enum bh_verb verb = grants[cased->asked];

	bool back = !void_asked && is_drawn(desk, 150); /* who asked takes it back */
	order(desk, cased, back || is_drawn(desk, 250) ? BH_VERB_REFUSE_ASK : verb,
		back ? cased->asked_by : who, 0);
}

/* The lead passes on what his handler asks for, or not. */
static void pass_on(struct bh_simdesk *desk, const struct bh_case *cased)
{
	enum bh_verb verb = cased->asked == BH_ASK_EXTENSION ? BH_VERB_ASK_EXTENSION
							     : BH_VERB_ASK_SUSPENSION;

	order(desk, cased, is_drawn(desk, 200) ? BH_VERB_REFUSE_ASK : verb,
		BH_DEMO_LEAD(cased->unit), 0);
}

static void ask(struct bh_simdesk *desk, const struct bh_case *cased)
{
	bool suspension = is_drawn(desk, 500);
	uint32_t who = is_drawn(desk, 400) ? BH_DEMO_HANDLER(cased->unit)
					   : BH_DEMO_LEAD(cased->unit);

	order(desk, cased, suspension ? BH_VERB_ASK_SUSPENSION : BH_VERB_ASK_EXTENSION, who,
		suspension ? until_draw(desk) : 0);
}

/* Too late for a return, its lead says that it is another's. */
static bool ask_redirect(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const uint32_t others[] = {BH_DEMO_CLEAN_COUNTY, BH_DEMO_GAS, BH_DEMO_WORKS};
	bool late = bh_simserver_district_ms(desk->run->server) > cased->disposal_due_ms;

	if (cased->asked != BH_ASK_NONE || !late || !is_drawn(desk, 60))
		return false;
	bh_simdesk_order(desk, BH_VERB_ASK_REDIRECT, BH_DEMO_LEAD(cased->unit), cased->number,
		others[bh_simrng_below(&desk->aside, 3)], 0);
	return true;
}

/* What its people handed in the lead signs off, or not, or leaves it. */
static bool sign_off(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint32_t lead = BH_DEMO_LEAD(cased->unit);

	if (cased->handed_by == 0 || !is_drawn(desk, desk->diligent ? 900 : 250))
		return false;
	if (!desk->diligent && is_drawn(desk, 300))
		order(desk, cased, BH_VERB_HAND_BACK, lead, 0);
	else
		order(desk, cased, BH_VERB_FINISH, lead, 0);
	return true;
}

/* The unit still has to do it. */
static bool handling(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (cased->tier != 0 && is_drawn(desk, 200))
		order(desk, cased, BH_VERB_MOVE_UP, BH_DEMO_PERSON(TIER_DESK), 0);
	else if (sign_off(desk, cased) || ask_redirect(desk, cased))
		return true;
	else if (cased->asked == BH_ASK_NONE && is_drawn(desk, 400))
		ask(desk, cased);
	else if (cased->asked != BH_ASK_NONE && cased->asked_level == BH_ASK_OF_UNIT &&
		 is_drawn(desk, 950))
		pass_on(desk, cased);
	else if (cased->asked != BH_ASK_NONE && cased->asked_level == BH_ASK_OF_DESK &&
		 is_drawn(desk, 950))
		decide(desk, cased);
	else
		return false;
	return true;
}

static bool waiting(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (cased->asked == BH_ASK_VOID && is_drawn(desk, 700))
		decide(desk, cased);
	else if (cased->state == BH_STATE_RECEIVED && is_drawn(desk, 20))
		order(desk, cased, BH_VERB_REFER, BH_DEMO_PERSON(ACCEPTOR), 0);
	else if (cased->state == BH_STATE_RECEIVED && is_drawn(desk, 60))
		bh_simdesk_merge(desk, cased);
	else
		return false;
	return true;
}

static void amend(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const uint32_t types[] = {
		0, BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER, BH_DEMO_HAZARD, BH_DEMO_QUARREL};
	uint32_t type = types[bh_simrng_below(&desk->aside, sizeof(types) / sizeof(types[0]))];

	bh_simdesk_order_amend(desk, BH_DEMO_PERSON(ACCEPTOR), cased->number, type,
		type == 0 ? 1 + (uint32_t)bh_simrng_below(&desk->aside, 4) : 0,
		is_drawn(desk, 850) ? cased->last : 0);
}

bool bh_simdesk_aside(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (!desk->diligent && cased->state != BH_STATE_TIER_MOVING && is_drawn(desk, 30)) {
		amend(desk, cased);
		return true;
	}
	switch ((enum bh_state)cased->state) {
	case BH_STATE_SUSPENDED:
		if (desk->diligent || is_drawn(desk, 20))
			order(desk, cased, BH_VERB_RESUME, BH_DEMO_PERSON(DISPATCHER), 0);
		return true;
	case BH_STATE_TIER_MOVING:
		if (desk->diligent || is_drawn(desk, 300))
			order(desk, cased, BH_VERB_RECEIVE, BH_DEMO_PERSON(TIER_DESK), 0);
		return true;
	case BH_STATE_REWORK:
		if (desk->diligent || is_drawn(desk, 400))
			order(desk, cased, is_drawn(desk, 300) ? BH_VERB_FINISH : BH_VERB_START,
				BH_DEMO_LEAD(cased->unit), 0);
		return true;
	case BH_STATE_RECEIVED:
	case BH_STATE_FILED:
		return !desk->diligent && waiting(desk, cased);
	case BH_STATE_HANDLING:
		return !desk->diligent && handling(desk, cased);
	case BH_STATE_DONE:
		if (desk->diligent || !is_drawn(desk, 100))
			return false;
		order(desk, cased, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), 0);
		return true;
	default:
		return false;
	}
}
