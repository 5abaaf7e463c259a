/* Plans of steps: a unit's lead sets one for what he handles, changes it now and then, and says
 * what is done of it, sooner or later; some are never gone through. */
#include "server/domain/milestone.h"
#include "tests/sim/desk_state.h"

#define STEPS_MAX 4u

#define LINE(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static const struct bh_span lines[STEPS_MAX] = {LINE("20 urgent_minute look at the place"),
	LINE("1 work_hour bring what is needed"), LINE("2 work_hour put it right"),
	LINE("1 work_day see whether it holds")};

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->steps, 1000) < in_thousand;
}

static void plan(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const struct bh_limit limits[] = {{20, BH_LIMIT_URGENT_MINUTE},
		{1, BH_LIMIT_WORK_HOUR}, {2, BH_LIMIT_WORK_HOUR}, {1, BH_LIMIT_WORK_DAY},
		{1, BH_LIMIT_NATURAL_DAY}};
	struct bh_dispute_ask words = {.decisions = lines};
	struct bh_milestone_ask ask = {.count = BH_MILESTONES_MIN};

	ask.count += (uint32_t)bh_simrng_below(&desk->steps, STEPS_MAX - BH_MILESTONES_MIN + 1);
	words.decisions_count = ask.count;
	for (uint32_t i = 0; i < ask.count; i++)
		ask.limits[i] = limits[is_drawn(desk, 700) ? 0 : bh_simrng_below(&desk->steps, 5)];
	bh_simdesk_order_steps(desk, BH_VERB_MILESTONES,
		is_drawn(desk, 800) ? BH_DEMO_LEAD(cased->unit) : BH_DEMO_PERSON(DISPATCHER),
		cased->number, &words, &ask);
}

bool bh_simdesk_step(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const struct bh_dispute_ask no_words;
	static const struct bh_milestone_ask no_steps;
	bool runs = cased->milestone_due_ms != 0;

	if (desk->diligent || cased->state != BH_STATE_HANDLING)
		return false;
	if (runs && is_drawn(desk, 300)) {
		bh_simdesk_order_steps(desk, BH_VERB_MILESTONE_DONE, BH_DEMO_LEAD(cased->unit),
			cased->number, &no_words, &no_steps);
		return true;
	}
	if (!is_drawn(desk, runs ? 20 : 60))
		return false;
	plan(desk, cased);
	return true;
}
