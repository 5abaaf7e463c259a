/* Who is sent to look: the field worker whose post is nearest to a place.
 *
 *   grid's worker ─▶ grid's leader ─▶ a worker of the village ─▶ a leader there ─▶ ... county
 *
 * Whom a roster has off duty is asked only where nobody else is left; whom it has on duty goes
 * before whom none names.  Of several who are equally near each has his turn. */
#include "server/domain/rules_body.h"

#include "proto/caseflow.h"

#define NOBODY UINT32_MAX
#define OFF_DUTY 1024u /* farther than any way up the tree */

static bool is_excepted(
	const struct bh_rules *rules, const struct bh_worker_ask *ask, uint32_t person)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	if (person == ask->except || person == ask->except_too)
		return true;
	if (ask->named != 0 && person != ask->named)
		return true;
	size_t count = ask->except_unit != 0 ? bh_rules_posts(rules, person, posts) : 0;
	for (size_t i = 0; i < count; i++) {
		if (posts[i]->unit == ask->except_unit)
			return true;
	}
	return false;
}

static uint32_t far_of(const struct bh_rules *rules, const struct bh_msg_post *post, int64_t now_ms,
	uint32_t steps)
{
	enum bh_duty duty = bh_rules_post_duty(rules, post, now_ms);
	return 2 * steps + (duty != BH_DUTY_ON) + (duty == BH_DUTY_OFF ? OFF_DUTY : 0);
}

/* How far a post is from the case's area: in steps up the tree to what holds both, leaders behind
 * workers, and of those equally near who is on duty by a roster; NOBODY: it is no field post. */
static uint32_t distance_of(const struct bh_rules *rules, const struct bh_worker_ask *ask,
	const struct bh_msg_post *post)
{
	bool worker = post->role == BH_ROLE_GRID_WORKER;
	if ((!worker && post->role != BH_ROLE_GRID_LEADER) ||
		!bh_rules_post_in_force(rules, post, ask->now_ms) ||
		!bh_rules_post_is_for(rules, post, ask->type) ||
		!bh_rules_post_is_trusted(rules, post, ask->type))
		return NOBODY;
	uint32_t at = bh_rules_area_at(rules, ask->area);
	for (uint32_t steps = 0; at != BH_ID_MAP_NONE && at != BH_RULES_NONE; steps++) {
		if (bh_rules_area_within(rules, post->area, rules->profile.areas[at].id))
			return far_of(rules, post, ask->now_ms, 2 * steps + !worker);
		at = rules->area_links[at].parent;
	}
	return NOBODY;
}

bool bh_rules_is_field_worker(const struct bh_rules *rules, uint32_t person)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts);
	for (size_t i = 0; i < count; i++)
		if (posts[i]->role == BH_ROLE_GRID_WORKER || posts[i]->role == BH_ROLE_GRID_LEADER)
			return true;
	return false;
}

uint32_t bh_rules_worker(const struct bh_rules *rules, const struct bh_worker_ask *ask)
{
	const struct bh_msg_profile *profile = &rules->profile;
	uint32_t nearest = NOBODY, equals = 0;
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		uint32_t distance = distance_of(rules, ask, post);
		if (distance > nearest || distance == NOBODY ||
			is_excepted(rules, ask, post->person))
			continue;
		equals = distance < nearest ? 1 : equals + 1;
		nearest = distance;
	}
	uint64_t turn = equals != 0 ? ask->turn % equals : 0;
	for (size_t i = 0; equals != 0 && i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (distance_of(rules, ask, post) == nearest &&
			!is_excepted(rules, ask, post->person) && turn-- == 0)
			return post->person;
	}
	return 0;
}
