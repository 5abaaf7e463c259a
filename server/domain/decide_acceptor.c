/* Whose a case is to close (domain.md, Rules of adjustment: closing, pool).
 *
 *   the pool's ──who files it (4, 9)──▶ his ──the dispatcher names another (9)──▶ that one's
 *      ▲                                  │
 *      └── he may close it no more: he is gone, or the case is elsewhere or of another class
 *
 * A shift leader stands in for him. */
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"

/* The role of the post that allowed it. */
static uint32_t role_acting(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(d->rules, d->command->person, posts);
	for (size_t i = 0; i < count; i++)
		if (posts[i]->id == d->out->post)
			return posts[i]->role;
	return BH_ROLE_NONE;
}

static bool may_close(const struct bh_deciding *d, const struct bh_case *cased, uint32_t person)
{
	const struct bh_move *move;
	const struct bh_rights_ask ask = {.rules = d->rules,
		.now_ms = d->standing->now_ms,
		.person = person,
		.verb = BH_VERB_CLOSE,
		.state = BH_STATE_DONE,
		.type = cased->type,
		.area = cased->area};
	return person != 0 && bh_rights_ask(&ask, &move) != 0;
}

void bh_deciding_accept_for(struct bh_deciding *d)
{
	if (d->out->after.acceptor == 0 && role_acting(d) == BH_ROLE_ACCEPTOR)
		d->out->after.acceptor = d->command->person;
}

bool bh_deciding_acceptor_name(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	uint32_t person = d->command->assignee;
	if (person != 0 && !may_close(d, after, person)) {
		bh_deciding_reject(d, BH_REASON_FIELD, "this person is no acceptor of the case");
		return false;
	}
	if (person != 0)
		after->acceptor = person;
	return true;
}

bool bh_deciding_acceptor_closes(struct bh_deciding *d)
{
	uint32_t acceptor = d->before->acceptor;
	if (d->command->source == BH_SOURCE_CLOCK || acceptor == 0 ||
		acceptor == d->command->person || role_acting(d) == BH_ROLE_SHIFT_LEADER ||
		!may_close(d, d->before, acceptor))
		return true;
	bh_deciding_reject(d, BH_REASON_GUARD, "another acceptor has it, or the shift leader");
	return false;
}
