/* What a post is good for besides its role, area and unit: from its first day to its last, both
 * whole, by the district's own calendar; and for the event classes it names, or for all. */
#include "server/domain/rules_body.h"

#include "proto/caseflow.h"

#define R(name) (1u << BH_ROLE_##name)
/* S3-11: the restricted desk. */
#define TRUSTED_ALWAYS (R(SHIFT_LEADER) | R(PRIVACY_OFFICER))
#define TRUSTED_BY_CLASS                                                             \
	(R(ACCEPTOR) | R(DISPATCHER) | R(TIER_DESK) | R(SUPERVISOR) | R(ARCHIVIST) | \
		R(FOLLOWUP_AGENT))
#define DAY_MS 86400000

/* Downwards also before 1970. */
int32_t bh_rules_day(const struct bh_rules *rules, int64_t at_ms)
{
	int64_t local_ms = at_ms + (int64_t)rules->settings.utc_offset_min * 60000;
	return (int32_t)(local_ms / DAY_MS - (local_ms % DAY_MS < 0));
}

int64_t bh_rules_day_begin_ms(const struct bh_rules *rules, int32_t day)
{
	return day * (int64_t)DAY_MS - (int64_t)rules->settings.utc_offset_min * 60000;
}

bool bh_rules_post_in_force(
	const struct bh_rules *rules, const struct bh_msg_post *post, int64_t now_ms)
{
	int32_t day = bh_rules_day(rules, now_ms);
	return (post->from_day == 0 || day >= post->from_day) &&
	       (post->to_day == 0 || day <= post->to_day);
}

int64_t bh_rules_post_end_ms(const struct bh_rules *rules, const struct bh_msg_post *post)
{
	return post->to_day == 0 ? INT64_MAX : bh_rules_day_begin_ms(rules, post->to_day) + DAY_MS;
}

bool bh_rules_post_is_for(
	const struct bh_rules *rules, const struct bh_msg_post *post, uint32_t type)
{
	uint32_t class = post->classes_count > 0 ? bh_rules_class(rules, type) : 0;
	for (size_t i = 0; i < post->classes_count; i++)
		if (post->classes[i] == class)
			return true;
	return post->classes_count == 0;
}

static uint32_t privacy_of(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	return known != NULL ? known->privacy : BH_PRIVACY_PUBLIC;
}

bool bh_rules_is_restricted(const struct bh_rules *rules, uint32_t type)
{
	return privacy_of(rules, type) == BH_PRIVACY_RESTRICTED;
}

bool bh_rules_is_sealed(const struct bh_rules *rules, uint32_t type)
{
	return privacy_of(rules, type) >= BH_PRIVACY_SEALED;
}

bool bh_rules_needs_consent(const struct bh_rules *rules, uint32_t type)
{
	return privacy_of(rules, type) == BH_PRIVACY_CONSENT;
}

bool bh_rules_post_is_trusted(
	const struct bh_rules *rules, const struct bh_msg_post *post, uint32_t type)
{
	uint32_t role = 1u << post->role;
	if (!bh_rules_is_restricted(rules, type) || (role & TRUSTED_ALWAYS) != 0)
		return true;
	return (role & TRUSTED_BY_CLASS) != 0 && post->classes_count > 0 &&
	       bh_rules_post_is_for(rules, post, type);
}

size_t bh_rules_posts_now(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	const struct bh_msg_post *posts[BH_POSTS_MAX])
{
	size_t kept = 0, count = bh_rules_posts(rules, person, posts);
	for (size_t i = 0; i < count; i++)
		if (bh_rules_post_in_force(rules, posts[i], now_ms))
			posts[kept++] = posts[i];
	return kept;
}

bool bh_rules_is_of_unit(const struct bh_rules *rules, uint32_t person, uint32_t unit)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts);
	bool is = false;
	for (size_t i = 0; i < count; i++)
		is = is || (unit != 0 && posts[i]->unit == unit);
	return is;
}
