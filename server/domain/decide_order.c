/* Who may issue, answer and judge an order, and what the clock does about one that waits.  Nothing
 * here moves a case: an order stands beside it, or free.
 *
 *   ORDER          by area: a chaser by the desk or a supervisor, the others from above; by the
 *                  clock at the thresholds of a disposal limit
 *   ORDER_ANSWER   by the addressed unit's lead, in words, late or not
 *   ORDER_REVIEW   by who may issue such a one and is not of that unit; back once.  The clock tells
 *                  up what is not answered, and closes what nobody judges
 */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/order.h"

#define R(name) (1u << BH_ROLE_##name)
#define LEADS (R(UNIT_LEAD) | R(TIER_DESK))
#define UNIT_ROLES (LEADS | R(HANDLER) | R(MEDIATOR))
#define UNTIL_MS_MAX (INT64_C(366) * 86400000)
#define DOUBLINGS_MAX 4u
#define S(name) (1u << BH_STATE_##name)

/* Who issues a kind, and by when it is answered where nothing else is said. */
static const struct {
	uint32_t roles;
	struct bh_limit limit;
	struct bh_limit urgent; /* of P1 */
} kinds[BH_ORDER_KINDS] = {
	[BH_ORDER_CHASER] = {R(DISPATCHER) | R(SHIFT_LEADER) | R(SUPERVISOR),
		{1, BH_LIMIT_WORK_DAY}, {1, BH_LIMIT_URGENT_HOUR}},
	[BH_ORDER_SUPERVISION] = {R(SUPERVISOR), {2, BH_LIMIT_WORK_DAY}, {4, BH_LIMIT_URGENT_HOUR}},
	[BH_ORDER_HAND_OVER] = {R(SUPERVISOR) | R(SHIFT_LEADER), {5, BH_LIMIT_WORK_DAY},
		{1, BH_LIMIT_NATURAL_DAY}},
};
static const struct bh_limit review_limit = {2, BH_LIMIT_WORK_DAY};
static const struct bh_limit above_limit = {3, BH_LIMIT_WORK_DAY};

static const struct {
	enum bh_threshold threshold;
	enum bh_order_kind kind;
	const char *text;
} raised[] = {
	{BH_THRESHOLD_RED, BH_ORDER_CHASER,
		"该案件已超过处置时限，请抓紧办理，并在本单时限内书面回复原因、措施和完成时间。"},
	{BH_THRESHOLD_DAY, BH_ORDER_SUPERVISION,
		"该案件超过处置时限已满 24 小时，现予督办，请在本单时限内书面回复办理情况。"},
	{BH_THRESHOLD_MISS, BH_ORDER_HAND_OVER,
		"该案件超过处置时限已满 72 "
		"小时，现予交办，请单位负责人专项推进，并在本单时限内书面回复。"},
};

struct deciding {
	const struct bh_order_ask *ask;
	const struct bh_command *command;
	struct bh_order_answer *out;
	bool by_clock;
};

static bool refuse(struct deciding *d, enum bh_reason reason, const char *detail)
{
	d->out->accepted = false;
	d->out->reason = reason;
	d->out->detail = detail;
	return false;
}

/* ---- Rights ---- */

/* The case's class binds an order, too; one that stands free is of no class. */
static bool post_is_for(
	const struct bh_rules *rules, const struct bh_msg_post *post, const struct bh_case *cased)
{
	return cased == NULL || (bh_rules_post_is_for(rules, post, cased->type) &&
					bh_rules_post_is_trusted(rules, post, cased->type));
}

static const struct bh_msg_post *post_of_area(const struct bh_rules *rules, int64_t now_ms,
	uint32_t person, uint32_t post, uint32_t roles, uint32_t area, const struct bh_case *cased)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if ((post == 0 || posts[i]->id == post) && (roles & 1u << posts[i]->role) != 0 &&
			bh_rules_area_within(rules, area, posts[i]->area) &&
			post_is_for(rules, posts[i], cased))
			return posts[i];
	return NULL;
}

static const struct bh_msg_post *post_of_unit(const struct bh_rules *rules, int64_t now_ms,
	uint32_t person, uint32_t post, uint32_t roles, uint32_t unit)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if ((post == 0 || posts[i]->id == post) && (roles & 1u << posts[i]->role) != 0 &&
			unit != 0 && posts[i]->unit == unit)
			return posts[i];
	return NULL;
}

bool bh_order_sees(const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t post,
	const struct bh_order *order, const struct bh_case *cased)
{
	const uint32_t readers = R(DISPATCHER) | R(SHIFT_LEADER) | R(SUPERVISOR) | R(SPONSOR) |
				 R(ASSESSOR) | R(AUDITOR);
	return post_of_area(rules, now_ms, person, post, readers, order->area, cased) != NULL ||
	       post_of_unit(rules, now_ms, person, post, UNIT_ROLES, order->unit) != NULL;
}

/* Who issues and judges such a one has no part in the unit that it is for. */
static bool rules_over(struct deciding *d, uint32_t kind, uint32_t area, uint32_t unit)
{
	const struct bh_command *command = d->command;
	const struct bh_order_ask *ask = d->ask;
	const struct bh_msg_post *post = post_of_area(ask->rules, ask->now_ms, command->person,
		command->post, kinds[kind].roles, area, ask->cased);
	if (d->by_clock)
		return true;
	if (post == NULL)
		return refuse(d, BH_REASON_NO_RIGHT, NULL);
	if (post_of_unit(ask->rules, ask->now_ms, command->person, 0, UNIT_ROLES, unit) != NULL)
		return refuse(
			d, BH_REASON_GUARD, "who judges it is not of the unit that it is for");
	d->out->post = post->id;
	return true;
}

static bool text_fits(struct deciding *d)
{
	struct bh_span text = d->command->text;
	if (text.len > BH_TEXT_BYTES_MAX || !bh_utf8_valid(text))
		return refuse(d, BH_REASON_TEXT, NULL);
	return !bh_span_is_blank(text) || refuse(d, BH_REASON_NO_REASON, NULL);
}

/* ---- Issuing ---- */

/* Where a unit has it in its hands and time passes. */
static bool case_runs(const struct bh_case *cased)
{
	return cased->unit != 0 &&
	       (1u << cased->state & (S(DISPATCHED) | S(HANDLING) | S(RETURNING) | S(REWORK))) != 0;
}

/* A chaser and a supervision are about a case that a unit has, and go to that unit. */
static bool subject_fits(struct deciding *d, uint32_t kind, struct bh_order *order)
{
	const struct bh_case *cased = d->ask->cased;
	const struct bh_command *command = d->command;
	const struct bh_msg_unit *unit;
	if (command->case_number != 0 && cased == NULL)
		return refuse(d, BH_REASON_NO_CASE, NULL);
	if (kind != BH_ORDER_HAND_OVER && (cased == NULL || !case_runs(cased)))
		return refuse(d, BH_REASON_NOT_NOW, "no unit has such a case in its hands now");
	order->unit = command->unit != 0 ? command->unit : cased != NULL ? cased->unit : 0;
	unit = bh_rules_unit(d->ask->rules, order->unit);
	if (bh_rules_unit_is_gone(d->ask->rules, order->unit))
		return refuse(d, BH_REASON_NO_UNIT, "say which unit it is for");
	if (kind != BH_ORDER_HAND_OVER && order->unit != cased->unit)
		return refuse(d, BH_REASON_GUARD, "it goes to the unit that has the case");
	order->area = cased != NULL ? cased->area : unit->area;
	if (cased != NULL) {
		order->number = cased->number;
		order->cycle = cased->cycle;
		order->urgency = cased->urgency;
	}
	return true;
}

static int64_t due_of(const struct deciding *d, uint32_t kind, uint32_t urgency)
{
	struct bh_limit limit = urgency == 1 ? kinds[kind].urgent : kinds[kind].limit;
	return bh_limit_due(bh_rules_calendar(d->ask->rules), limit, d->ask->now_ms, 0);
}

static bool due_fits(struct deciding *d, uint32_t kind, struct bh_order *order)
{
	int64_t until_ms = d->command->until_ms, now_ms = d->ask->now_ms;
	if (until_ms != 0 && (until_ms <= now_ms || until_ms > now_ms + UNTIL_MS_MAX))
		return refuse(d, BH_REASON_FIELD, "it is answered by a date within a year");
	order->due_ms = until_ms != 0 ? until_ms : due_of(d, kind, order->urgency);
	order->next_ms = order->due_ms;
	return true;
}

static void issue(struct deciding *d)
{
	struct bh_order *after = &d->out->after;
	uint32_t kind = d->command->reason_code;
	if (kind == BH_ORDER_NONE || kind >= BH_ORDER_KINDS) {
		(void)refuse(d, BH_REASON_FIELD, "chaser, supervision or handover");
		return;
	}
	*after = (struct bh_order){.ref = d->ask->ref,
		.state = BH_ORDER_ISSUED,
		.by = d->command->person,
		.threshold = d->by_clock ? raised[kind - 1].threshold : 0,
		.made_ms = d->ask->now_ms};
	if (!subject_fits(d, kind, after) || !rules_over(d, kind, after->area, after->unit) ||
		!text_fits(d) || !due_fits(d, kind, after))
		return;
	if (after->ref == 0)
		(void)refuse(d, BH_REASON_GUARD, "the year's numbers of this kind are used up");
}

/* ---- Answering ---- */

static void answer(struct deciding *d)
{
	const struct bh_order_ask *ask = d->ask;
	struct bh_order *after = &d->out->after;
	const struct bh_msg_post *post = post_of_unit(
		ask->rules, ask->now_ms, d->command->person, d->command->post, LEADS, after->unit);
	if (post == NULL)
		(void)refuse(d, BH_REASON_NO_RIGHT, NULL);
	else if (!bh_order_is_open(after))
		(void)refuse(d, BH_REASON_NOT_NOW, "no answer to it is waited for");
	else if (text_fits(d)) {
		d->out->post = post->id;
		after->state = BH_ORDER_ANSWERED;
		after->late |= ask->now_ms > after->due_ms;
		after->answered_by = d->command->person;
		after->answered_ms = ask->now_ms;
		after->next_ms = bh_limit_due(
			bh_rules_calendar(ask->rules), review_limit, ask->now_ms, 0);
	}
}

/* ---- Judging ---- */

static void order_end(struct deciding *d, enum bh_order_state state)
{
	struct bh_order *after = &d->out->after;
	after->state = state;
	after->ended_by = d->command->person;
	after->ended_ms = d->ask->now_ms;
	after->next_ms = 0;
}

static void send_back(struct deciding *d)
{
	struct bh_order *after = &d->out->after;
	if (after->state != BH_ORDER_ANSWERED) {
		(void)refuse(d, BH_REASON_NOT_NOW, "it is not answered yet");
	} else if (after->returned != 0) {
		(void)refuse(d, BH_REASON_GUARD, "an answer is sent back once");
	} else if (text_fits(d)) {
		after->state = BH_ORDER_SENT_BACK;
		after->returned = 1;
		after->told = 0;
		after->due_ms = due_of(d, BH_ORDER_KIND(after->ref), after->urgency);
		after->next_ms = after->due_ms;
	}
}

/* Once to who issued it and the supervisor, then to the county, each time after twice as long. */
static void tell(struct deciding *d)
{
	struct bh_order *after = &d->out->after;
	struct bh_limit limit = above_limit;
	limit.value <<= after->told < DOUBLINGS_MAX ? after->told : DOUBLINGS_MAX;
	after->told++;
	after->next_ms = bh_limit_due(bh_rules_calendar(d->ask->rules), limit, d->ask->now_ms, 0);
}

static void review_by_clock(struct deciding *d)
{
	struct bh_command due;
	const struct bh_order_ask *ask = d->ask;
	bool now = bh_order_command(ask->order, ask->now_ms, ask->punishes, &due);
	bool after = ask->cased != NULL && bh_order_command_after(ask->order, ask->cased, &due);
	if ((!now && !after) || due.reason_code != d->command->reason_code)
		(void)refuse(d, BH_REASON_NOT_NOW, "the clock has nothing of this to do now");
	else if (due.reason_code == BH_ORDER_TELL)
		tell(d);
	else
		order_end(d,
			due.reason_code == BH_ORDER_CLOSE ? BH_ORDER_CLOSED : BH_ORDER_WITHDRAWN);
}

static void review(struct deciding *d)
{
	struct bh_order *after = &d->out->after;
	if (!rules_over(d, BH_ORDER_KIND(after->ref), after->area, after->unit))
		return;
	if (bh_order_is_end(after)) {
		(void)refuse(d, BH_REASON_NOT_NOW, "it has ended");
		return;
	}
	switch (d->command->reason_code) {
	case BH_ORDER_CLOSE:
		if (after->state != BH_ORDER_ANSWERED)
			(void)refuse(d, BH_REASON_NOT_NOW, "it is not answered yet");
		else
			order_end(d, BH_ORDER_CLOSED);
		break;
	case BH_ORDER_SEND_BACK:
		send_back(d);
		break;
	case BH_ORDER_WITHDRAW:
		if (text_fits(d))
			order_end(d, BH_ORDER_WITHDRAWN);
		break;
	default:
		(void)refuse(d, BH_REASON_FIELD, "close, send-back or withdraw");
	}
}

void bh_order_decide(const struct bh_order_ask *ask, const struct bh_command *command,
	struct bh_order_answer *out)
{
	struct deciding d = {
		.ask = ask,
		.command = command,
		.out = out,
		.by_clock = command->source == BH_SOURCE_CLOCK,
	};
	*out = (struct bh_order_answer){.accepted = true};
	if (command->verb == BH_VERB_ORDER) {
		issue(&d);
		return;
	}
	if (ask->order == NULL) {
		(void)refuse(&d, BH_REASON_FIELD, "there is no such order");
		return;
	}
	out->after = *ask->order;
	if (command->verb == BH_VERB_ORDER_ANSWER)
		answer(&d);
	else if (d.by_clock)
		review_by_clock(&d);
	else
		review(&d);
}

/* ---- The clock ---- */

bool bh_order_of_threshold(
	const struct bh_case *cased, enum bh_threshold threshold, struct bh_command *out)
{
	for (size_t i = 0; i < sizeof(raised) / sizeof(raised[0]); i++) {
		if (raised[i].threshold != threshold)
			continue;
		*out = (struct bh_command){
			.source = BH_SOURCE_CLOCK,
			.verb = BH_VERB_ORDER,
			.log_short = BH_LOG_CLOCK,
			.case_number = cased->number,
			.unit = cased->unit,
			.reason_code = raised[i].kind,
			.text = bh_span(raised[i].text, __builtin_strlen(raised[i].text)),
		};
		return true;
	}
	return false;
}

static void clock_review(
	const struct bh_order *order, enum bh_order_act act, struct bh_command *out)
{
	*out = (struct bh_command){
		.source = BH_SOURCE_CLOCK,
		.verb = BH_VERB_ORDER_REVIEW,
		.log_short = BH_LOG_CLOCK,
		.case_number = order->number,
		.order = order->ref,
		.reason_code = act,
	};
}

bool bh_order_command(
	const struct bh_order *order, int64_t now_ms, bool punishes, struct bh_command *out)
{
	if (order->next_ms == 0 || order->next_ms > now_ms)
		return false;
	if (bh_order_is_open(order) && !punishes)
		return false;
	clock_review(order, bh_order_is_open(order) ? BH_ORDER_TELL : BH_ORDER_CLOSE, out);
	return true;
}

/* What was done answers it; what another unit has is no longer this one's to answer for. */
bool bh_order_command_after(
	const struct bh_order *order, const struct bh_case *cased, struct bh_command *out)
{
	bool same = cased->cycle == order->cycle && cased->unit == order->unit;
	if (order->threshold == 0 || bh_order_is_end(order) || (same && case_runs(cased)) ||
		(same && cased->state == BH_STATE_SUSPENDED))
		return false;
	bool done = same && (1u << cased->state & (S(DONE) | S(CHECKING) | S(CLOSED))) != 0;
	clock_review(order, done ? BH_ORDER_CLOSE : BH_ORDER_WITHDRAW, out);
	return true;
}
