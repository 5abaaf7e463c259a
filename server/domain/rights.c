/* Authority = area × role × class × period (× own unit): the only place that is asked who may do
 * what.  Of a restricted type a post has by its area nothing but where it is trusted with it.
 *
 *   person ─▶ posts of now, for the case's class ─▶ a row of the table for (state, verb, the
 * post's role)
 *                └─ OWN_UNIT: the post is in the case's unit     else: the post's area holds the
 * case's
 *
 * Deny by default: no post, no row, no right. */
#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/domain/rights.h"

#define R(name) (1u << BH_ROLE_##name)

/* Whose posts let them see the cases of an area at a desk.  An administrator has accounts and rules
 * and no cases; a privacy officer reads audits; reporters, workers and helpers see their own. */
#define SEES_AREA                                                                             \
	(R(GRID_LEADER) | R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) |      \
		R(SUPERVISOR) | R(SPONSOR) | R(ASSESSOR) | R(FOLLOWUP_AGENT) | R(ARCHIVIST) | \
		R(AUDITOR))
/* "cannot edit cases", "read logs only". */
#define READS (R(ASSESSOR) | R(AUDITOR))
#define AT_DESK \
	(R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(SUPERVISOR) | R(AUDITOR))
#define FIELD (R(GRID_WORKER) | R(GRID_LEADER))

/* What a unit has in its hands, everybody of it sees, as on his handset; a class says which of it
 * he may act on. */
#define SEES_UNIT (R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR) | R(TIER_DESK))

static bool post_reaches(
	const struct bh_rights_ask *ask, const struct bh_msg_post *post, const struct bh_move *move)
{
	if ((move->guards & ask->guards_failed) != 0)
		return false;
	if ((move->guards & BH_GUARD_REPORTER) != 0) /* who reported may ask, whatever it became */
		return ask->person != 0 && ask->person == ask->reporter;
	if ((move->guards & BH_GUARD_OWN_TASK) != 0 && ask->task_person != 0)
		return ask->person == ask->task_person;
	if (ask->state == BH_STATE_OUTBOX) /* S1-35: any matter, whatever the desk's classes */
		return bh_rules_area_within(ask->rules, ask->area, post->area);
	if (!bh_rules_post_is_for(ask->rules, post, ask->type))
		return false;
	if ((move->guards & BH_GUARD_OWN_TASK) != 0)
		return ask->task_unit != 0 && post->unit == ask->task_unit;
	if ((move->guards & BH_GUARD_OWN_UNIT) != 0)
		return post->unit != 0 && (ask->any_unit || post->unit == ask->unit);
	return bh_rules_area_within(ask->rules, ask->area, post->area) &&
	       bh_rules_post_is_trusted(ask->rules, post, ask->type);
}

uint32_t bh_rights_ask(const struct bh_rights_ask *ask, const struct bh_move **move)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(ask->rules, ask->person, ask->now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		if (ask->post != 0 && posts[i]->id != ask->post)
			continue;
		const struct bh_move *row = bh_move_find(
			ask->state, ask->verb, (enum bh_role)posts[i]->role);
		if (row != NULL && row->in_use && post_reaches(ask, posts[i], row)) {
			*move = row;
			return posts[i]->id;
		}
	}
	return 0;
}

struct bh_rights_ask bh_rights_ask_beside(const struct bh_rules *rules, int64_t now_ms,
	uint32_t person, uint32_t post, enum bh_verb verb, const struct bh_case *cased)
{
	return (struct bh_rights_ask){.rules = rules,
		.now_ms = now_ms,
		.person = person,
		.post = post,
		.verb = verb,
		.type = cased->type,
		.area = cased->area,
		.unit = cased->unit};
}

uint32_t bh_rights_beside(
	const struct bh_right_beside *rows, size_t count, const struct bh_rights_ask *ask)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t posts_count = bh_rules_posts_now(ask->rules, ask->person, ask->now_ms, posts);
	size_t row = 0;
	while (row < count && rows[row].verb != ask->verb)
		row++;
	for (size_t i = 0; row < count && i < posts_count; i++) {
		uint32_t role = 1u << posts[i]->role;
		bool of_unit = ask->unit != 0 && posts[i]->unit == ask->unit;
		if ((ask->post != 0 && posts[i]->id != ask->post) ||
			!bh_rules_post_is_for(ask->rules, posts[i], ask->type))
			continue;
		if (((rows[row].by_unit & role) != 0 && of_unit) ||
			((rows[row].by_area & role) != 0 &&
				bh_rules_area_within(ask->rules, ask->area, posts[i]->area) &&
				bh_rules_post_is_trusted(ask->rules, posts[i], ask->type)))
			return posts[i]->id;
	}
	return 0;
}

static bool sees_by_area(
	const struct bh_rules *rules, const struct bh_msg_post *post, const struct bh_case *cased)
{
	return (1u << post->role & SEES_AREA) != 0 &&
	       bh_rules_area_within(rules, cased->area, post->area) &&
	       bh_rules_post_is_for(rules, post, cased->type) &&
	       bh_rules_post_is_trusted(rules, post, cased->type);
}

bool bh_rights_only_oversees(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, const struct bh_case *cased)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	bool oversees = false;
	for (size_t i = 0; i < count; i++) {
		uint32_t role = 1u << posts[i]->role;
		if ((role & READS) != 0 || !sees_by_area(rules, posts[i], cased))
			continue;
		if ((role & BH_ROLES_OVERSEE) == 0)
			return false;
		oversees = true;
	}
	return oversees && person != cased->sponsor;
}

unsigned bh_rights_views(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, const struct bh_case *cased)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	unsigned views = person != 0 && person == cased->reporter ? BH_VIEW_REPORTER : 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t role = 1u << posts[i]->role;
		if (sees_by_area(rules, posts[i], cased))
			views |= (role & READS) != 0 ? BH_VIEW_READER : BH_VIEW_DESK;
		if ((role & SEES_UNIT) == 0 || posts[i]->unit == 0)
			continue;
		if (posts[i]->unit == cased->unit)
			views |= BH_VIEW_UNIT;
		else if (posts[i]->unit == cased->copied)
			views |= BH_VIEW_COPIED;
	}
	return views;
}

const struct bh_msg_post *bh_rights_field_post(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t post, uint32_t area)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		if ((1u << posts[i]->role & FIELD) != 0 && (post == 0 || posts[i]->id == post) &&
			(area == 0 || bh_rules_area_within(rules, area, posts[i]->area)))
			return posts[i];
	}
	return NULL;
}

static bool has_role_over(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	uint32_t area, uint32_t roles)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		if ((1u << posts[i]->role & roles) != 0 &&
			bh_rules_area_within(rules, area, posts[i]->area))
			return true;
	}
	return false;
}

bool bh_rights_see_field(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t area)
{
	return has_role_over(rules, person, now_ms, area, SEES_AREA | FIELD);
}

bool bh_rights_count_field(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t area)
{
	return has_role_over(rules, person, now_ms, area, (AT_DESK & ~READS) | FIELD);
}

bool bh_rights_see_desk(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t unit)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	const struct bh_msg_unit *desk = bh_rules_unit(rules, unit);
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; desk != NULL && i < count; i++) {
		if (posts[i]->unit == unit ||
			((1u << posts[i]->role & AT_DESK) != 0 &&
				bh_rules_area_within(rules, desk->area, posts[i]->area)))
			return true;
	}
	return false;
}

bool bh_rights_see_person(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t other)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX], *others[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	size_t others_count = bh_rules_posts(rules, other, others);
	for (size_t i = 0; i < count; i++) {
		uint32_t role = 1u << posts[i]->role;
		bool by_area = (role & (SEES_AREA | FIELD | R(ADMIN) | R(PRIVACY_OFFICER))) != 0;
		for (size_t k = 0; k < others_count; k++)
			if ((posts[i]->unit != 0 && posts[i]->unit == others[k]->unit) ||
				(by_area && bh_rules_area_within(
						    rules, others[k]->area, posts[i]->area)))
				return true;
		if (others_count == 0 && role == R(ADMIN) &&
			posts[i]->area == bh_rules_county(rules))
			return true;
	}
	return person != 0 && person == other;
}

bool bh_rights_are_colleagues(
	const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t other)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX], *others[BH_POSTS_MAX];

	if (person == 0 || other == 0 || person == other)
		return person != 0 && person == other;
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	size_t others_count = bh_rules_posts_now(rules, other, now_ms, others);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < others_count; k++)
			if (posts[i]->role == others[k]->role &&
				posts[i]->unit == others[k]->unit &&
				posts[i]->area == others[k]->area)
				return true;
	return false;
}

bool bh_rights_own_task(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t task_person, uint32_t task_unit)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	if (person == 0 || task_person != 0)
		return person != 0 && person == task_person;
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		if (task_unit != 0 && posts[i]->unit == task_unit &&
			(1u << posts[i]->role & SEES_UNIT) != 0)
			return true;
	}
	return false;
}

size_t bh_rights_scopes(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint64_t *scopes, size_t max)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t posts_count = bh_rules_posts_now(rules, person, now_ms, posts);
	size_t count = 0;
	if (person == 0 || max == 0)
		return 0;
	scopes[count++] = BH_SCOPE_OWN(person);
	for (size_t i = 0; i < posts_count && count < max; i++) {
		uint64_t scope = BH_SCOPE_UNIT(posts[i]->unit);
		bool known = posts[i]->unit == 0 || (1u << posts[i]->role & SEES_UNIT) == 0;
		for (size_t k = 0; k < count; k++)
			known = known || scopes[k] == scope;
		if (!known)
			scopes[count++] = scope;
	}
	return count;
}
