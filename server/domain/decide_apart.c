/* Who holds a post in the unit and one at the desk does not grant what his unit asks for, where
 * somebody else could: anybody whose post allows the same move and who is not of the unit.  Where
 * there is nobody he may, so that a small desk is not stuck. */
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"

bool bh_deciding_is_of_unit(const struct bh_deciding *d, uint32_t person)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if (d->before->unit != 0 && posts[i]->unit == d->before->unit)
			return true;
	return false;
}

static bool could(const struct bh_deciding *d, uint32_t person)
{
	const struct bh_move *move;
	const struct bh_rights_ask ask = {.rules = d->rules,
		.now_ms = d->standing->now_ms,
		.person = person,
		.verb = d->command->verb,
		.state = (enum bh_state)d->before->state,
		.type = d->before->type,
		.area = d->before->area,
		.unit = d->before->unit,
		.guards_failed = d->before->refusals > 0 ? BH_GUARD_FIRST_REFUSAL : 0};
	return bh_rights_ask(&ask, &move) != 0;
}

static bool another_could(const struct bh_deciding *d)
{
	const struct bh_msg_profile *profile = bh_rules_profile(d->rules);
	for (size_t i = 0; i < profile->posts_count; i++) {
		uint32_t person = profile->posts[i].person;
		if ((d->move->roles & 1u << profile->posts[i].role) != 0 &&
			person != d->command->person && person != d->before->asked_by &&
			!bh_deciding_is_of_unit(d, person) && could(d, person))
			return true;
	}
	return false;
}

bool bh_deciding_is_apart(struct bh_deciding *d)
{
	if (d->command->source == BH_SOURCE_CLOCK ||
		!bh_deciding_is_of_unit(d, d->command->person) || !another_could(d))
		return true;
	bh_deciding_reject(d, BH_REASON_GUARD, "somebody who is not of the unit decides");
	return false;
}
