/* The steps of a case that is worked off by a plan (issue 4, "milestones with successive limits"):
 * each has a limit of its own, the first from when the plan was set, each next from when the one
 * before was done.
 *
 *   set ──▶ step 1 ──done──▶ step 2 ──done──▶ ... ──▶ DONE
 *            │  ▲ PAUSED while the case is suspended
 *            └──▶ DROPPED: the case leaves its unit, or is finished; what was done stays
 *
 * It stands beside the case's own limit and moves nothing of that. */
#ifndef BH_DOMAIN_MILESTONE_H
#define BH_DOMAIN_MILESTONE_H

#include "server/domain/decide.h"
#include "proto/limit.h"
#include "server/domain/threshold.h"

#define BH_MILESTONES_MIN 2u
#define BH_MILESTONE_LIMIT_MAX 999u /* of its unit */

enum bh_milestones_state {
	BH_MILESTONES_NONE = 0,
	BH_MILESTONES_RUN = 1,
	BH_MILESTONES_PAUSED = 2,
	BH_MILESTONES_DONE = 3,
	BH_MILESTONES_DROPPED = 4,
};

enum bh_milestones_state bh_milestones_state(const struct bh_case *cased);
/* How many steps were late, of this plan and of the cycle's earlier ones. */
uint32_t bh_milestones_late(const struct bh_case *cased);
const char *bh_milestones_state_name(enum bh_milestones_state state); /* "running"; NULL: none */

/* Step 0, 1 ... of the plan.  A limit that is none of a milestone's is not set. */
struct bh_limit bh_milestone_limit(const struct bh_case *cased, uint32_t step);
bool bh_milestone_limit_fits(struct bh_limit limit);
void bh_milestone_limit_set(struct bh_case *cased, uint32_t step, struct bh_limit limit);

/* When the last of the plan would be done if none of those that are left were early, the running
 * one from an instant on. */
int64_t bh_milestones_end_ms(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t from_ms);

/* The running step's clock: from an instant on; stops, and what it used up stays; goes on; by the
 * calendar in force now; ends. */
void bh_milestone_begin(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms);
void bh_milestone_pause(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms);
void bh_milestone_resume(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms);
void bh_milestone_reckon(const struct bh_rules *rules, struct bh_case *cased);
void bh_milestones_drop(struct bh_case *cased);

/* Since when it runs by working time; 0: it does not. */
int64_t bh_milestone_works_since(const struct bh_case *cased);

/* The next of 50, 80 and 100 % that has not been told of, as bh_case_warning; and as
 * bh_case_warning_now what of it is to be told of now. */
enum bh_threshold bh_milestone_warning(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms);
enum bh_threshold bh_milestone_warning_now(const struct bh_rules *rules,
	const struct bh_case *cased, int64_t now_ms, bool punishes, int64_t *due_ms);

/* The due time of the running step from the case's entries alone: the checker's side (dues.c). */
int bh_dues_milestone(
	bh_rules_at at, void *context, const struct bh_entry *entries, size_t count, int64_t *out);

#endif
