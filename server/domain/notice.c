/* Entry ─▶ rows of the table that fit (notice_rows.c) ─▶ posts of the case's unit or of the nearest
 * area that has such a post ─▶ of those who are on duty, where a roster says so ─▶ people, each
 * once a kind; who did it is not told of it.
 *
 * P1 goes to the unit, the shift leader and the field units of the grid at once.  The unit's notice
 * wants an answer: unread and unsigned for five minutes it goes to the shift leader, from there to
 * the level above, and then to all of them and the county, again and again. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/notice_body.h"

#define HOLDERS_MAX 64u
#define CALL_LIMITS_MAX 32

/* Notices in the making. */
struct gathering {
	const struct bh_notice_facts *facts;
	const struct bh_notice_row *row;
	int64_t now_ms;
	struct bh_notice *out;
	size_t count;
	size_t of_row;
};

/* ---- People ---- */

static int64_t scaled(const struct bh_notice_facts *facts, int64_t length_ms)
{
	return length_ms / (facts->due_divisor > 1 ? facts->due_divisor : 1);
}

static int64_t ready_ms(const struct gathering *g, bool urgent, bool by_delta)
{
	int64_t at_ms = g->now_ms;
	if (urgent)
		return at_ms;
	if (g->row && g->row->waits) {
		at_ms = bh_calendar_next_working(bh_rules_calendar(g->facts->rules), at_ms);
		at_ms = at_ms == BH_CALENDAR_NEVER ? g->now_ms : at_ms;
	}
	return by_delta && at_ms == g->now_ms ? at_ms + scaled(g->facts, BH_NOTICE_GRACE_MS)
					      : at_ms;
}

/* An entry that makes a task says all of it. */
static struct bh_task task_made(const struct bh_notice_facts *facts)
{
	struct bh_task task = {0};
	(void)bh_task_patch(&task, facts->entry->decision); /* it was applied */
	return task;
}

static uint64_t scope_of(const struct gathering *g, uint32_t person, uint32_t kind)
{
	const struct bh_case *after = g->facts->after;
	if (kind == BH_NOTICE_ENDED)
		return BH_SCOPE_OWN(person);
	if (kind == BH_NOTICE_TASK) {
		struct bh_task task = task_made(g->facts);
		return task.unit != 0 ? BH_SCOPE_UNIT(task.unit) : BH_SCOPE_OWN(person);
	}
	bool by_unit = g->row && (g->row->to == BH_TO_UNIT || g->row->to == BH_TO_LEAD) &&
		       after->unit && g->facts->entry->verb != BH_VERB_OVERDUE &&
		       g->facts->entry->verb != BH_VERB_WARN &&
		       g->facts->entry->verb != BH_VERB_REMIND &&
		       g->facts->entry->verb != BH_VERB_MILESTONE_DUE;
	return by_unit ? BH_SCOPE_UNIT(after->unit) : 0;
}

static bool is_gathered(const struct gathering *g, uint32_t person, uint32_t kind)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->out[i].person == person && g->out[i].kind == kind)
			return true;
	return false;
}

/* Of a call that is repeated: as long as it is called for already. */
static int64_t ack_length_ms(const struct gathering *g, uint32_t kind)
{
	int64_t length_ms = scaled(g->facts, BH_NOTICE_ACK_MS);
	int64_t since_ms = g->now_ms - g->facts->called_ms;
	if (kind != BH_NOTICE_CALLED_AGAIN || g->facts->called_ms == 0 || since_ms < length_ms)
		return length_ms;
	return since_ms < CALL_LIMITS_MAX * length_ms ? since_ms : CALL_LIMITS_MAX * length_ms;
}

static void person_add(struct gathering *g, uint32_t person, uint32_t kind)
{
	bool calls = bh_notice_is_call(kind);
	bool urgent = g->facts->after->urgency == BH_NOTICE_P1;
	bool did_it = person == g->facts->entry->person && kind != BH_NOTICE_STALE && !calls;
	if (person == 0 || did_it || g->count == BH_NOTICES_MAX ||
		g->of_row == BH_NOTICE_PEOPLE_MAX || is_gathered(g, person, kind))
		return;
	uint64_t scope = scope_of(g, person, kind);
	g->of_row++;
	g->out[g->count++] = (struct bh_notice){
		.person = person,
		.kind = kind,
		.scope = scope,
		.ready_ms = ready_ms(g, urgent, scope != 0),
		.ack_ms = calls ? g->now_ms + ack_length_ms(g, kind) : 0,
		.urgent = urgent,
		.if_unreachable = kind == BH_NOTICE_ENDED,
	};
}

static void posts_add(
	struct gathering *g, const struct bh_msg_post *const *posts, size_t count, uint32_t kind)
{
	for (size_t i = 0; i < count; i++)
		person_add(g, posts[i]->person, kind);
}

static void unit_add(struct gathering *g, uint32_t unit, uint32_t roles, uint32_t kind)
{
	const struct bh_msg_post *posts[HOLDERS_MAX];
	size_t count = bh_rules_posts_of_unit(
		g->facts->rules, g->now_ms, unit, roles, posts, HOLDERS_MAX);
	count = bh_rules_on_duty(g->facts->rules, posts, count, g->now_ms);
	posts_add(g, posts, count, kind);
}

/* Of the nearest area that has one, from this one upwards.  Gives that area, 0: none has.  Of a
 * restricted case the trusted alone are told: its place by itself would give somebody away. */
static uint32_t role_add(struct gathering *g, uint32_t role, uint32_t area, uint32_t kind)
{
	const struct bh_msg_post *posts[HOLDERS_MAX];
	const struct bh_msg_area *at = bh_rules_area(g->facts->rules, area);
	size_t count = 0;
	while (at != NULL && count == 0) {
		area = at->id;
		count = bh_rules_trusted_of_area(g->facts->rules, g->now_ms, role, area,
			g->facts->after->type, posts, HOLDERS_MAX);
		count = bh_notice_keep_apart(g->facts, kind, posts, count);
		at = at->parent ? bh_rules_area(g->facts->rules, at->parent) : NULL;
	}
	count = bh_rules_on_duty(g->facts->rules, posts, count, g->now_ms);
	posts_add(g, posts, count, kind);
	return count > 0 ? area : 0;
}

static void first_role_add(struct gathering *g, uint32_t area, uint32_t first, uint32_t else_role)
{
	if (role_add(g, first, area, g->row->kind) == 0)
		(void)role_add(g, else_role, area, g->row->kind);
}

/* The level above the nearest shift leader's, and who watches over it. */
static void above_add(struct gathering *g, uint32_t kind)
{
	const struct bh_rules *rules = g->facts->rules;
	uint32_t at = g->facts->after->area;
	const struct bh_msg_area *area = bh_rules_area(rules, at);
	const struct bh_msg_post *post;
	while (area != NULL && bh_rules_posts_of_area(rules, g->now_ms, BH_ROLE_SHIFT_LEADER,
				       area->id, &post, 1) == 0)
		area = area->parent ? bh_rules_area(rules, area->parent) : NULL;
	if (area != NULL && area->parent)
		(void)role_add(g, BH_ROLE_SHIFT_LEADER, area->parent, kind);
	(void)role_add(g, BH_ROLE_SUPERVISOR, at, kind);
}

/* Everybody who was called, and the county. */
static void all_add(struct gathering *g, uint32_t kind)
{
	uint32_t county = bh_rules_county(g->facts->rules);
	unit_add(g, g->facts->after->unit, BH_ROLES_HANDLE, kind);
	(void)role_add(g, BH_ROLE_SHIFT_LEADER, g->facts->after->area, kind);
	above_add(g, kind);
	(void)role_add(g, BH_ROLE_SHIFT_LEADER, county, kind);
	(void)role_add(g, BH_ROLE_DISPATCHER, county, kind);
	(void)role_add(g, BH_ROLE_SUPERVISOR, county, kind);
}

/* At the desk, where nobody has the one role, who has the other; false: it is for no desk. */
static bool desk_add(struct gathering *g)
{
	static const struct {
		uint8_t to;
		uint8_t first;
		uint8_t other;
	} desks[] = {
		{BH_TO_DISPATCHER, BH_ROLE_DISPATCHER, BH_ROLE_SHIFT_LEADER},
		{BH_TO_SHIFT_LEADER, BH_ROLE_SHIFT_LEADER, BH_ROLE_DISPATCHER},
		{BH_TO_SUPERVISOR, BH_ROLE_SUPERVISOR, BH_ROLE_SHIFT_LEADER},
		{BH_TO_ACCEPTOR, BH_ROLE_ACCEPTOR, BH_ROLE_SHIFT_LEADER},
		{BH_TO_ARCHIVIST, BH_ROLE_ARCHIVIST, BH_ROLE_SHIFT_LEADER},
		{BH_TO_FOLLOW_UP, BH_ROLE_FOLLOWUP_AGENT, BH_ROLE_SUPERVISOR},
		{BH_TO_PRIVACY, BH_ROLE_PRIVACY_OFFICER, BH_ROLE_SHIFT_LEADER},
	};
	for (size_t i = 0; i < sizeof(desks) / sizeof(desks[0]); i++) {
		if (desks[i].to != g->row->to)
			continue;
		first_role_add(g, g->facts->after->area, desks[i].first, desks[i].other);
		return true;
	}
	return false;
}

/* Of the grid, of the level above, or of the county. */
static void place_add(struct gathering *g)
{
	if (g->row->to == BH_TO_FIELD) {
		(void)role_add(g, BH_ROLE_GRID_WORKER, g->facts->after->grid, g->row->kind);
		return;
	}
	uint32_t county = bh_rules_county(g->facts->rules);
	if (g->row->to == BH_TO_ABOVE) {
		above_add(g, g->row->kind);
		return;
	}
	first_role_add(g, county, BH_ROLE_SHIFT_LEADER, BH_ROLE_DISPATCHER);
	(void)role_add(g, BH_ROLE_SUPERVISOR, county, g->row->kind);
}

/* The unit that an agreement is asked of. */
static uint32_t keeper_of(const struct gathering *g)
{
	return bh_mediation_keeper(g->facts->rules, g->facts->after, g->now_ms);
}

/* Of more than a row takes, its leads in any case. */
static void whole_unit_add(struct gathering *g)
{
	uint32_t unit = g->row->to == BH_TO_UNIT ? g->facts->after->unit
						 : bh_notice_unit_before(g->facts);
	if (g->row->kind == BH_NOTICE_PERFORM_DUE)
		unit = keeper_of(g);
	unit_add(g, unit, BH_NOTICE_LEADS, g->row->kind);
	unit_add(g, unit, BH_ROLES_HANDLE, g->row->kind);
}

static void lead_add(struct gathering *g, uint32_t unit)
{
	unit_add(g, unit, BH_NOTICE_LEADS, g->row->kind);
	if (g->of_row == 0)
		unit_add(g, unit, BH_ROLES_HANDLE, g->row->kind);
	if (g->of_row == 0 && g->row->to == BH_TO_WARNED)
		above_add(g, g->row->kind);
}

/* Who asked may have gone: then the lead of whose case it is. */
static void task_asker_add(struct gathering *g)
{
	const struct bh_task *task = g->facts->task;
	if (task == NULL)
		return;
	person_add(g, task->asked_by, g->row->kind);
	if (task->kind == BH_TASK_HELP)
		lead_add(g, g->facts->after->unit);
}

static void task_add(struct gathering *g)
{
	if (g->row->to == BH_TO_TASK_ASKER) {
		task_asker_add(g);
		return;
	}
	if (g->row->to == BH_TO_TASK_BEFORE) {
		person_add(g, task_made(g->facts).person_before, g->row->kind);
		return;
	}
	struct bh_task task = task_made(g->facts);
	person_add(g, task.person, g->row->kind);
	if (task.unit != 0)
		unit_add(g, task.unit, BH_ROLES_HANDLE, g->row->kind);
}

/* Who watches over a dispute, whose village it is of, who sponsors it. */
static void dispute_add(struct gathering *g)
{
	const struct bh_case *after = g->facts->after;
	if (g->row->to == BH_TO_TIER_DESK)
		(void)role_add(g, BH_ROLE_TIER_DESK, after->area, g->row->kind);
	else if (g->row->to == BH_TO_COPIED)
		unit_add(g, after->copied, BH_ROLES_HANDLE, g->row->kind);
	else
		person_add(g, after->sponsor, g->row->kind);
}

/* Whom an order is for; or who issued it, and who watches over its area where the clock did. */
static void order_add(struct gathering *g)
{
	struct bh_order order = bh_notice_order(g->facts);
	if (g->row->to == BH_TO_ADDRESSEE) {
		lead_add(g, order.unit);
		return;
	}
	person_add(g, order.by, g->row->kind);
	if (order.by == 0)
		first_role_add(g, order.area, BH_ROLE_SUPERVISOR, BH_ROLE_SHIFT_LEADER);
}

/* Who asked, who reported; who came too late, and who was first. */
static void people_add(struct gathering *g)
{
	const struct bh_notice_facts *facts = g->facts;
	if (g->row->to == BH_TO_ASKER)
		person_add(g, facts->before ? facts->before->asked_by : 0, g->row->kind);
	else if (g->row->to == BH_TO_HANDED)
		person_add(g, facts->before ? facts->before->handed_by : 0, g->row->kind);
	else if (g->row->to == BH_TO_REPORTER)
		person_add(g, facts->after->reporter, g->row->kind);
	else
		person_add(g, facts->entry->person, g->row->kind);
	if (g->row->to == BH_TO_BOTH)
		person_add(g, facts->other, g->row->kind);
}

/* An appeal is the late unit's. */
static uint32_t lead_of(const struct gathering *g)
{
	const struct bh_notice_facts *facts = g->facts;
	if (g->row->to == BH_TO_WARNED)
		return facts->after->warned_unit;
	bool appeals = g->row->to == BH_TO_LEAD_BEFORE ||
		       facts->entry->verb == BH_VERB_REVIEW_APPEAL;
	if (appeals) /* as before: a review that ends clears whose it was */
		return facts->before ? bh_case_appeal_unit(facts->before) : 0;
	return facts->after->unit;
}

static void row_add(struct gathering *g)
{
	if (desk_add(g))
		return;
	switch ((enum bh_notice_to)g->row->to) {
	case BH_TO_UNIT:
	case BH_TO_UNIT_BEFORE:
		whole_unit_add(g);
		break;
	case BH_TO_LEAD:
	case BH_TO_LEAD_BEFORE:
	case BH_TO_WARNED:
		lead_add(g, lead_of(g));
		break;
	case BH_TO_COUNTY:
	case BH_TO_ABOVE:
	case BH_TO_FIELD:
		place_add(g);
		break;
	case BH_TO_TASK:
	case BH_TO_TASK_ASKER:
	case BH_TO_TASK_BEFORE:
		task_add(g);
		break;
	case BH_TO_TIER_DESK:
	case BH_TO_COPIED:
	case BH_TO_SPONSOR:
		dispute_add(g);
		break;
	case BH_TO_ADDRESSEE:
	case BH_TO_ISSUER:
		order_add(g);
		break;
	case BH_TO_ASKER:
	case BH_TO_HANDED:
	case BH_TO_REPORTER:
	case BH_TO_BOTH:
		people_add(g);
		break;
	default:
		break;
	}
}

size_t bh_notices_of(const struct bh_notice_facts *facts, struct bh_notice out[BH_NOTICES_MAX])
{
	struct gathering g = {.facts = facts, .now_ms = facts->entry->at_ms, .out = out};
	if (facts->after == NULL)
		return 0;
	for (size_t i = 0; i < bh_notice_rows_count; i++) {
		g.row = &bh_notice_rows[i];
		g.of_row = 0;
		if (bh_notice_row_fits(facts, g.row))
			row_add(&g);
	}
	return g.count;
}

size_t bh_notices_next(const struct bh_notice_facts *facts, uint32_t kind, int64_t now_ms,
	struct bh_notice out[BH_NOTICES_MAX])
{
	struct gathering g = {.facts = facts, .now_ms = now_ms, .out = out};
	if (kind == BH_NOTICE_URGENT) {
		(void)role_add(&g, BH_ROLE_SHIFT_LEADER, facts->after->area, BH_NOTICE_CALLED);
		kind = BH_NOTICE_CALLED; /* without a shift leader the level above is next */
	}
	if (g.count == 0 && kind == BH_NOTICE_CALLED)
		above_add(&g, BH_NOTICE_CALLED_ABOVE);
	if (g.count == 0 && bh_notice_is_call(kind))
		all_add(&g, BH_NOTICE_CALLED_AGAIN);
	return g.count;
}
