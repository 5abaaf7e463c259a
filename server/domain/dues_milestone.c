/* When the running step of a plan is due, from the case's entries alone, by another road than
 * decide: which step it is is counted, since when it runs is folded, and the calendar is asked once
 * at the end, by the rules of the entry that gave the case its calendar last, or that the step
 * began with.  Of decisions it reads the limits, how many there are, and the calendar's mark. */
#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/domain/milestone.h"

struct course {
	bh_rules_at at;
	void *context;
	struct bh_case facts;
	bool runs, paused;
	uint32_t step;
	int64_t began_ms, used_ms;
	uint64_t reckoned; /* the entry by whose calendar it goes */
};

static void begin(struct course *c, const struct bh_entry *entry)
{
	c->runs = true;
	c->paused = false;
	c->began_ms = entry->at_ms;
	c->used_ms = 0;
	c->reckoned = entry->position;
}

static int pause(struct course *c, const struct bh_entry *entry)
{
	const struct bh_rules *rules;
	int err = c->at(c->context, entry->position, &rules);
	if (err == 0 && c->runs && !c->paused)
		c->used_ms += bh_limit_used_ms(bh_rules_calendar(rules),
			bh_milestone_limit(&c->facts, c->step), c->began_ms, entry->at_ms);
	c->paused = true;
	return err;
}

static int entry_fold(struct course *c, const struct bh_entry *entry)
{
	switch (entry->verb) {
	case BH_VERB_MILESTONES:
		c->step = c->runs ? c->step : 0;
		begin(c, entry);
		return 0;
	case BH_VERB_MILESTONE_DONE:
		begin(c, entry);
		c->runs = ++c->step < c->facts.milestones;
		return 0;
	case BH_VERB_SUSPEND:
		return pause(c, entry);
	case BH_VERB_RESUME:
		c->paused = false;
		c->began_ms = entry->at_ms;
		c->reckoned = entry->position;
		return 0;
	case BH_VERB_ACCEPT_RETURN:
	case BH_VERB_REDIRECT:
	case BH_VERB_MOVE_UP:
	case BH_VERB_MOVE_DOWN:
	case BH_VERB_FINISH:
		c->runs = false;
		return 0;
	default:
		return 0;
	}
}

static int due(struct course *c, int64_t *out)
{
	const struct bh_rules *rules;
	*out = 0;
	if (!c->runs || c->paused)
		return 0;
	int err = c->at(c->context, c->reckoned, &rules);
	if (err == 0)
		*out = bh_limit_due(bh_rules_calendar(rules),
			bh_milestone_limit(&c->facts, c->step), c->began_ms, c->used_ms);
	return err;
}

int bh_dues_milestone(
	bh_rules_at at, void *context, const struct bh_entry *entries, size_t count, int64_t *out)
{
	struct course course = {.at = at, .context = context};
	for (size_t i = 0; i < count; i++) {
		const struct bh_entry *entry = &entries[i];
		uint32_t calendar = course.facts.calendar;
		if (entry->verdict != BH_VERDICT_ACCEPTED || entry->decision.len == 0)
			continue;
		int err = bh_case_patch(&course.facts, entry->decision);
		if (err == 0)
			err = entry_fold(&course, entry);
		if (err != 0)
			return err;
		if (course.facts.calendar != calendar)
			course.reckoned = entry->position;
	}
	return due(&course, out);
}
