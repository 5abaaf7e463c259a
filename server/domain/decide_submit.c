/* A report arrives (row 1), and the answer to one has arrived (delivered, seen).
 *
 * A report from a live handset is never turned away for what it lacks: an unknown type is kept as
 * it came and goes to a person, no place means the county's desk.  Only what cannot be read as a
 * report is rejected. */
#include "proto/err.h"
#include "proto/number.h"
#include "server/domain/decide_body.h"
#include "server/domain/rating.h"
#include "server/domain/rights.h"
#include "server/domain/routing.h"

/* The post that was named, if it is the author's now, else the first; NULL without any: a report
 * needs no right. */
static const struct bh_msg_post *post_of(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, d->command->person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++) {
		if (posts[i]->id == d->command->post)
			return posts[i];
	}
	return count > 0 ? posts[0] : NULL;
}

static uint32_t post_id(const struct bh_msg_post *post)
{
	return post == NULL ? 0 : post->id;
}

static bool report_fits(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	if (d->before != NULL)
		bh_deciding_reject(d, BH_REASON_FIELD, "this number is taken");
	else if (command->log_short == 0 || command->seq == 0 || command->seq > UINT32_MAX)
		bh_deciding_reject(d, BH_REASON_FIELD, "the sequence is out of range");
	else if (command->urgency > 4)
		bh_deciding_reject(d, BH_REASON_FIELD, "urgency is 1 to 4");
	else if (command->type == 0 && command->text.len == 0)
		bh_deciding_reject(d, BH_REASON_TEXT, "a text or a type is needed");
	else
		return bh_deciding_text_fits(d, false);
	return false;
}

void bh_deciding_place_of_post(struct bh_deciding *d, const struct bh_msg_post *post)
{
	struct bh_case *after = &d->out->after;
	const struct bh_msg_area *area = post == NULL ? NULL : bh_rules_area(d->rules, post->area);
	if (area == NULL) {
		after->area = bh_rules_county(d->rules);
		return;
	}
	after->area = area->id;
	if (area->kind == BH_AREA_GRID || area->kind == BH_AREA_SPECIAL_GRID) {
		after->grid = area->id;
		after->place_marked = 1;
	}
}

static bool place_fill(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	struct bh_placing placing;
	if (!command->has_place) {
		/* S4-16: every case has a grid.  Without a position it is where the author's post
		 * is, a worker's own grid. */
		bh_deciding_place_of_post(d, post_of(d));
		return true;
	}
	if (bh_rules_place(d->rules, command->latitude_e7, command->longitude_e7, command->datum,
		    command->type, &placing) != 0) {
		bh_deciding_reject(d, BH_REASON_PLACE, NULL);
		return false;
	}
	after->has_place = 1;
	after->latitude_e7 = placing.latitude_e7;
	after->longitude_e7 = placing.longitude_e7;
	after->grid = placing.grid;
	after->area = placing.area;
	after->place_marked = placing.marked;
	return true;
}

void bh_deciding_receive(struct bh_deciding *d, int64_t received_ms)
{
	struct bh_case *after = &d->out->after;
	after->cycle = 1;
	after->state = BH_STATE_RECEIVED;
	after->reporter = d->command->person;
	after->received_ms = received_ms;
	bh_case_rules_begin(d->rules, after, received_ms);
	bh_deciding_asset(d);
	bh_deciding_propose(d);
	bh_deciding_queue(d);
	bh_deciding_accept(d);
}

void bh_decide_submit(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	struct bh_case *after = &d->out->after;
	if (!report_fits(d) || !place_fill(d))
		return;
	const struct bh_msg_catalogue_type *type = bh_rules_type(d->rules, command->type);
	uint32_t own_urgency = type == NULL ? BH_URGENCY_DEFAULT : type->urgency;
	after->number = bh_case_number(command->log_short, (uint32_t)command->seq);
	after->by_public = bh_rating_is_public(d->rules, command->person);
	after->type = command->type;
	after->condition = command->condition;
	after->urgency = command->urgency != 0 ? command->urgency : own_urgency;
	after->captured_ms = d->out->captured_ms;
	d->out->post = post_id(post_of(d));
	/* A server that was put back learns from its own receipt when the report had come; the
	 * desk gets its whole limit again, for what it had done since is not known. */
	bh_deciding_receive(
		d, command->received_ms != 0 ? command->received_ms : d->standing->now_ms);
}

/* One bit a cycle: a closure arrives once, however often and from however many handsets it is said.
 * What is said again is accepted and changes nothing. */
static void receipt_accept(struct bh_deciding *d, uint32_t cycle)
{
	struct bh_case *after = &d->out->after;
	uint32_t *received = d->command->verb == BH_VERB_SEEN ? &after->seen : &after->delivered;
	uint32_t bit = cycle <= BH_RECEIPT_CYCLES_MAX ? UINT32_C(1) << (cycle - 1) : 0;
	bh_deciding_accept(d);
	d->out->changes = (*received | bit) != *received;
	*received |= bit;
	d->out->post = post_id(post_of(d));
}

/* A closure's receipt names a cycle that has ended, and is its reporter's to give. */
void bh_decide_receipt(struct bh_deciding *d)
{
	uint32_t cycle = d->command->cycle;
	if (d->before == NULL) {
		bh_deciding_reject(d, BH_REASON_NO_CASE, NULL);
		return;
	}
	bool ended = bh_state_is_end((enum bh_state)d->before->state);
	if (d->before->reporter != d->command->person)
		bh_deciding_reject(d, BH_REASON_NO_RIGHT, NULL);
	else if (cycle == 0 || cycle > d->before->cycle)
		bh_deciding_reject(d, BH_REASON_FIELD, "the case has no such cycle");
	else if (d->command->photos > 0)
		bh_deciding_reject(d, BH_REASON_FIELD, "a receipt shows nothing");
	else if (cycle == d->before->cycle && !ended)
		bh_deciding_reject(d, BH_REASON_NOT_NOW, "this cycle has not ended");
	else
		receipt_accept(d, cycle);
}
