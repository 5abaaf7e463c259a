/* A plan's steps in the fields of its case: four limits to a number, sixteen bits each, the unit in
 * the upper three.  Its clock is one stretch, or several where the case was suspended between; its
 * thresholds are told of in working hours like those of the case's own limit (threshold.h). */
#include "server/domain/milestone.h"

#define LIMITS_OF_A_FIELD 4u
#define LIMIT_BITS 16u
#define VALUE_BITS 13u
#define VALUE_MASK ((1u << VALUE_BITS) - 1)
#define THRESHOLDS 3u

enum bh_milestones_state bh_milestones_state(const struct bh_case *cased)
{
	if (cased->milestones == 0)
		return BH_MILESTONES_NONE;
	if (cased->milestones_done == cased->milestones)
		return BH_MILESTONES_DONE;
	if (cased->milestone_due_ms != 0)
		return BH_MILESTONES_RUN;
	return cased->milestone_from_ms != 0 ? BH_MILESTONES_PAUSED : BH_MILESTONES_DROPPED;
}

uint32_t bh_milestones_late(const struct bh_case *cased)
{
	uint32_t steps = cased->milestones_late & ((1u << BH_MILESTONES_MAX) - 1);
	return (cased->milestones_late >> BH_MILESTONES_MAX) + (uint32_t)__builtin_popcount(steps);
}

const char *bh_milestones_state_name(enum bh_milestones_state state)
{
	static const char *const names[] = {NULL, "running", "paused", "done", "dropped"};
	return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

/* ---- Limits ---- */

struct bh_limit bh_milestone_limit(const struct bh_case *cased, uint32_t step)
{
	uint64_t field = step < BH_MILESTONES_MAX
				 ? cased->milestone_limits[step / LIMITS_OF_A_FIELD]
				 : 0;
	uint32_t packed = (uint32_t)(field >> (step % LIMITS_OF_A_FIELD * LIMIT_BITS) & 0xffffu);
	return (struct bh_limit){packed & VALUE_MASK, packed >> VALUE_BITS};
}

bool bh_milestone_limit_fits(struct bh_limit limit)
{
	return limit.value >= 1 && limit.value <= BH_MILESTONE_LIMIT_MAX &&
	       limit.unit >= BH_LIMIT_URGENT_MINUTE && limit.unit <= BH_LIMIT_NATURAL_DAY;
}

void bh_milestone_limit_set(struct bh_case *cased, uint32_t step, struct bh_limit limit)
{
	unsigned shift = step % LIMITS_OF_A_FIELD * LIMIT_BITS;
	uint64_t packed = limit.unit << VALUE_BITS | limit.value;
	if (step >= BH_MILESTONES_MAX || !bh_milestone_limit_fits(limit))
		return;
	uint64_t *field = &cased->milestone_limits[step / LIMITS_OF_A_FIELD];
	*field = (*field & ~(UINT64_C(0xffff) << shift)) | packed << shift;
}

int64_t bh_milestones_end_ms(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t from_ms)
{
	int64_t at_ms = from_ms;
	for (uint32_t i = cased->milestones_done; i < cased->milestones; i++)
		at_ms = bh_limit_due(
			bh_rules_calendar(rules), bh_milestone_limit(cased, i), at_ms, 0);
	return at_ms;
}

/* ---- The clock ---- */

static struct bh_limit running(const struct bh_case *cased)
{
	return bh_milestone_limit(cased, cased->milestones_done);
}

void bh_milestone_reckon(const struct bh_rules *rules, struct bh_case *cased)
{
	cased->milestone_due_ms = bh_limit_due(bh_rules_calendar(rules), running(cased),
		cased->milestone_from_ms, cased->milestone_used_ms);
}

void bh_milestone_begin(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms)
{
	cased->milestone_from_ms = now_ms;
	cased->milestone_used_ms = 0;
	cased->milestone_warned = BH_THRESHOLD_NONE;
	bh_milestone_reckon(rules, cased);
}

void bh_milestone_pause(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms)
{
	if (bh_milestones_state(cased) != BH_MILESTONES_RUN)
		return;
	cased->milestone_used_ms += bh_limit_used_ms(
		bh_rules_calendar(rules), running(cased), cased->milestone_from_ms, now_ms);
	cased->milestone_due_ms = 0;
}

void bh_milestone_resume(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms)
{
	if (bh_milestones_state(cased) != BH_MILESTONES_PAUSED)
		return;
	cased->milestone_from_ms = now_ms;
	bh_milestone_reckon(rules, cased);
}

void bh_milestones_drop(struct bh_case *cased)
{
	cased->milestone_from_ms = 0;
	cased->milestone_used_ms = 0;
	cased->milestone_due_ms = 0;
	cased->milestone_warned = BH_THRESHOLD_NONE;
}

int64_t bh_milestone_works_since(const struct bh_case *cased)
{
	bool works = bh_milestones_state(cased) == BH_MILESTONES_RUN &&
		     bh_limit_is_working(running(cased));
	return works ? cased->milestone_from_ms : 0;
}

/* ---- Thresholds ---- */

static const enum bh_threshold thresholds[THRESHOLDS] = {
	BH_THRESHOLD_NOTE, BH_THRESHOLD_YELLOW, BH_THRESHOLD_RED};

/* When it may be told of. */
static int64_t told_at(const struct bh_rules *rules, const struct bh_case *cased, size_t at)
{
	int64_t at_ms = bh_limit_threshold(bh_rules_calendar(rules), running(cased),
		cased->milestone_from_ms, cased->milestone_used_ms, (uint32_t)thresholds[at]);
	/* Never after the limit, also where that was decided under another calendar. */
	bool over = at_ms > cased->milestone_due_ms || thresholds[at] == BH_THRESHOLD_RED;
	return bh_case_in_working_time(rules, cased, over ? cased->milestone_due_ms : at_ms);
}

/* The first that was not told of; THRESHOLDS: none. */
static size_t first_left(const struct bh_case *cased)
{
	size_t at = 0;
	if (bh_milestones_state(cased) != BH_MILESTONES_RUN)
		return THRESHOLDS;
	while (at < THRESHOLDS && cased->milestone_warned >= (uint32_t)thresholds[at])
		at++;
	return at;
}

/* Of those whose time has come by then the last alone. */
static enum bh_threshold last_by(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t by_ms, int64_t *at_ms)
{
	enum bh_threshold last = BH_THRESHOLD_NONE;
	for (size_t i = first_left(cased); i < THRESHOLDS; i++) {
		int64_t next_ms = told_at(rules, cased, i);
		if (next_ms > by_ms)
			break;
		last = thresholds[i];
		*at_ms = next_ms;
	}
	return last;
}

enum bh_threshold bh_milestone_warning(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	size_t first = first_left(cased);
	*at_ms = 0;
	if (first == THRESHOLDS)
		return BH_THRESHOLD_NONE;
	int64_t first_ms = told_at(rules, cased, first);
	if (first_ms == BH_CALENDAR_NEVER)
		return BH_THRESHOLD_NONE;
	return last_by(rules, cased, first_ms, at_ms);
}

enum bh_threshold bh_milestone_warning_now(const struct bh_rules *rules,
	const struct bh_case *cased, int64_t now_ms, bool punishes, int64_t *due_ms)
{
	int64_t at_ms = 0;
	*due_ms = 0;
	enum bh_threshold threshold = last_by(rules, cased, now_ms, &at_ms);
	if (threshold == BH_THRESHOLD_RED && !punishes)
		return BH_THRESHOLD_NONE;
	/* It was missed in working hours: the next ones do. */
	if (threshold == BH_THRESHOLD_NONE ||
		bh_case_in_working_time(rules, cased, now_ms) > now_ms)
		return BH_THRESHOLD_NONE;
	*due_ms = at_ms;
	return threshold;
}
