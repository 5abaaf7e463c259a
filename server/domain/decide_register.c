/* A desk registers a matter that came to it (83): from then on it is what a handset's report is.
 *
 *   how it came ─▶ type, condition, urgency ─▶ place ─▶ a desk's post whose area holds it ─▶
 * received, in the queue
 *
 * Its reporter is who registers it.  What names a citizen goes into a sealed party of it, and so
 * stands nowhere here.  Its number is given by who keeps the numbers, with its entry.  A desk asks
 * again where it is refused: what a handset's report may lack or have wrong is told here. */
#include "server/domain/decide_body.h"
#include "server/domain/intake.h"
#include "server/domain/rights.h"

static bool matter_fits(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	bool came = command->intake > BH_INTAKE_HANDSET && command->intake < BH_INTAKE_COUNT;
	if (d->before != NULL || command->case_number != 0)
		bh_deciding_reject(d, BH_REASON_FIELD, "its number is given to it");
	else if (!came)
		bh_deciding_reject(d, BH_REASON_FIELD, "say how it came");
	else if (command->visitors > BH_VISITORS_MAX)
		bh_deciding_reject(d, BH_REASON_FIELD, "so many people do not come");
	else if (command->type == 0 && bh_span_is_blank(command->text))
		bh_deciding_reject(d, BH_REASON_TEXT, "a text or a type is needed");
	else
		return bh_deciding_text_fits(d, false);
	return false;
}

/* May he register it under this post?  What has no place is where the post works. */
static bool desk_takes(const struct bh_deciding *d, const struct bh_msg_post *post)
{
	const struct bh_case *after = &d->out->after;
	const struct bh_move *move;
	struct bh_rights_ask ask = {.rules = d->rules,
		.now_ms = d->standing->now_ms,
		.person = d->command->person,
		.post = post->id,
		.verb = BH_VERB_REGISTER,
		.state = BH_STATE_OUTBOX,
		.type = after->type,
		.area = after->area != 0 ? after->area : post->area};
	return bh_rights_ask(&ask, &move) != 0;
}

static const struct bh_msg_post *desk_of(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, d->command->person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		bool named = d->command->post == 0 || posts[i]->id == d->command->post;
		if (named && desk_takes(d, posts[i]))
			return posts[i];
	}
	return NULL;
}

static bool desk_fits(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	const struct bh_msg_post *post = desk_of(d);
	if (post == NULL)
		return bh_deciding_refuse(d, BH_REASON_NO_RIGHT, NULL);
	if (after->area == 0)
		bh_deciding_place_of_post(d, post);
	after->outside = after->outside != 0 && after->grid == 0;
	d->out->post = post->id;
	return true;
}

void bh_decide_register(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	if (!matter_fits(d) || !bh_deciding_type_correct(d) || !bh_deciding_place_correct(d) ||
		!desk_fits(d))
		return;
	if (after->urgency == 0)
		after->urgency = BH_URGENCY_DEFAULT;
	after->intake = command->intake;
	after->visitors = command->visitors;
	after->by_public = bh_intake_is_public(command->intake);
	after->captured_ms = d->standing->now_ms;
	bh_deciding_receive(d, d->standing->now_ms);
}
