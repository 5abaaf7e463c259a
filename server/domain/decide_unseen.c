/* Row 19, and its way out: what has to be checked is looked at by the field worker who is nearest,
 * and who neither did it nor is of its unit.  Where the district has nobody at all to send, a
 * shift leader who is not of the unit either closes it on his own word (23): else it would be done
 * for ever.
 *
 *   somebody can be sent ──▶ CHECKING first          nobody can ──▶ a shift leader closes it */
#include "proto/caseflow.h"
#include "server/domain/decide_body.h"

struct bh_worker_ask bh_deciding_check_ask(const struct bh_deciding *d)
{
	return (struct bh_worker_ask){.area = d->before->area,
		.type = d->before->type,
		.now_ms = d->standing->now_ms,
		.except = d->before->finished_by,
		.except_unit = d->before->unit};
}

static bool leads_shifts(const struct bh_deciding *d, const struct bh_msg_post *post)
{
	return post->role == BH_ROLE_SHIFT_LEADER &&
	       bh_rules_post_in_force(d->rules, post, d->standing->now_ms) &&
	       bh_rules_area_within(d->rules, d->before->area, post->area) &&
	       bh_rules_post_is_for(d->rules, post, d->before->type);
}

static bool another_leads(const struct bh_deciding *d)
{
	const struct bh_msg_profile *profile = bh_rules_profile(d->rules);
	for (size_t i = 0; i < profile->posts_count; i++)
		if (leads_shifts(d, &profile->posts[i]) &&
			!bh_deciding_is_of_unit(d, profile->posts[i].person))
			return true;
	return false;
}

/* One of the unit only where every other one is, too: a small desk is not stuck. */
static bool may_vouch(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(d->rules, d->command->person, posts);
	for (size_t i = 0; i < count; i++)
		if (leads_shifts(d, posts[i]))
			return d->command->person != d->before->finished_by &&
			       (!bh_deciding_is_of_unit(d, d->command->person) ||
				       !another_leads(d));
	return false;
}

bool bh_deciding_closes_unseen(struct bh_deciding *d)
{
	const struct bh_worker_ask ask = bh_deciding_check_ask(d);
	if (d->command->source == BH_SOURCE_CLOCK || bh_rules_worker(d->rules, &ask) != 0)
		return bh_deciding_refuse(d, BH_REASON_GUARD, "it has to be checked first");
	return may_vouch(d) || bh_deciding_refuse(d, BH_REASON_GUARD,
				       "nobody can be sent to check it: a shift leader closes it");
}
