/* Who may do what, asked in one place; deny by default (architecture.md "Who sees what"). */
#ifndef BH_DOMAIN_RIGHTS_H
#define BH_DOMAIN_RIGHTS_H

#include "proto/caseflow.h"
#include "server/domain/case.h"
#include "server/domain/rules.h"

/* The post of this person that allows the verb on a case in this state, area and unit, or 0.  A
 * named post (post != 0) must be the person's own and is the only one considered; every one is in
 * force now and for the case's class.  *move is the table's row.  Where the row asks for the case's
 * own unit, being of it is what counts: the dispatcher put the case into its hands, wherever it
 * lies.  Where it asks for the reporter, or for whose task it is, being the one counts.  Elsewhere
 * the post's area must hold the case's.  The rows bound by a guard that is known to fail are passed
 * over, and a row for the case's own unit may be asked for as if the person's unit were it. */
struct bh_rights_ask {
	const struct bh_rules *rules;
	int64_t now_ms;
	uint32_t person;
	uint32_t post;
	enum bh_verb verb;
	enum bh_state state;
	uint32_t type;
	uint32_t area;
	uint32_t unit;
	uint32_t reporter;
	uint32_t guards_failed; /* enum bh_guard bits */
	uint32_t task_person;   /* whose task it is: this person's, */
	uint32_t task_unit;     /* or that of anybody of this unit */
	bool any_unit;
};
uint32_t bh_rights_ask(const struct bh_rights_ask *ask, const struct bh_move **move);
/* Who may do what beside a case, where nothing of it moves: a row of a table of such verbs. */
struct bh_right_beside {
	enum bh_verb verb;
	uint32_t by_area; /* 1u << enum bh_role: whose post's area holds the case */
	uint32_t by_unit; /* ... whose post is of its unit */
};
/* What a person asks to do beside a case; post 0: under any. */
struct bh_rights_ask bh_rights_ask_beside(const struct bh_rules *rules, int64_t now_ms,
	uint32_t person, uint32_t post, enum bh_verb verb, const struct bh_case *cased);
/* The post of this person that allows the verb by one of the rows, 0: none; a named post is the
 * only one considered. */
uint32_t bh_rights_beside(
	const struct bh_right_beside *rows, size_t count, const struct bh_rights_ask *ask);
/* Why a person sees a case, and so how much of it. */
enum bh_view {
	BH_VIEW_READER = 1u << 0,   /* assessor and auditor: what was done, not what it is about */
	BH_VIEW_REPORTER = 1u << 1, /* whose report it is */
	BH_VIEW_TASK = 1u << 2,     /* whose open task it has: not asked here */
	BH_VIEW_UNIT = 1u << 3,     /* who has it in hand */
	BH_VIEW_DESK = 1u << 4,     /* whose posts' area holds it */
	BH_VIEW_COPIED = 1u << 5,   /* the desk that is told what became of it */
	BH_VIEW_VEILED = 1u << 6,   /* a desk's, without its words: not asked here */
};
unsigned bh_rights_views(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, const struct bh_case *cased);
/* Who watches over the cases of an area and has none in hand. */
#define BH_ROLES_OVERSEE \
	(1u << BH_ROLE_SUPERVISOR | 1u << BH_ROLE_SPONSOR | 1u << BH_ROLE_ARCHIVIST)
/* Does this person see it at a desk by such posts alone, and is not its sponsor? */
bool bh_rights_only_oversees(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, const struct bh_case *cased);
/* The post under which a grid's worker or leader does field work in an area (0: in the first of
 * their own); a named post is the only one considered.  NULL: none. */
const struct bh_msg_post *bh_rights_field_post(const struct bh_rules *rules, uint32_t person,
	int64_t now_ms, uint32_t post, uint32_t area);
/* May this person see what is counted and listed of an area's field work? */
bool bh_rights_see_field(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t area);
/* ... all of it, each one and counts of few: at a desk of there, or working there. */
bool bh_rights_count_field(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t area);
/* May this person read what is written at a desk: who works at it, its leaders and who watches over
 * them, where their posts' area holds it. */
bool bh_rights_see_desk(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t unit);
/* May this person know who another is and which posts he holds: of one's own unit, and of the area
 * that one works for; an administrator knows all of his. */
bool bh_rights_see_person(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t other);
/* Whether one may be the author of what is done on the other's handset: the same person, or both
 * hold a post of one role, unit and area.  Not for person 0. */
bool bh_rights_are_colleagues(
	const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t other);
/* Whether a task of this person or, where that is 0, of this unit is his. */
bool bh_rights_own_task(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t task_person, uint32_t task_unit);
/* What a device of this person is entitled to follow: their own reports, and the cases of each unit
 * in which a post of theirs may sign (lead, handler, mediator, tier desk) now.  Each scope once; at
 * most max, gives how many. */
size_t bh_rights_scopes(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	uint64_t *scopes, size_t max);

#endif
