/* Entry ─▶ rows of the table that fit ─▶ posts of the case's unit or of the nearest area that has
 * such a post ─▶ people, each once a kind; who did it is not told of it.
 *
 * P1 goes to the unit, the shift leader and the field units of the grid at once.  The unit's notice
 * wants an answer: unread and unsigned for five minutes it goes to the shift leader, and from there
 * to the level above. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/notice.h"

#define R(name) (1u << BH_ROLE_##name)
#define LEADS (R(UNIT_LEAD) | R(TIER_DESK))
#define UNIT_ROLES (LEADS | R(HANDLER) | R(MEDIATOR))
#define URGENT_P1 1u
#define HOLDERS_MAX 64u

enum when {
	ALWAYS,
	USUAL, /* not P1 */
	P1,
	P1_ALONE, /* P1, and the unit has nobody */
	BY_CLOCK,
	FIRST,   /* a first return */
	AGAIN,   /* one after a refusal: arbitration */
	OF_UNIT, /* what is asked is the own unit's to decide */
	OF_DESK,
	ENDS,     /* the reporter is owed an answer now */
	HAD_UNIT, /* another one than it has now */
	MOVES,    /* from one state to another */
	STALE,
};

enum to {
	TO_UNIT,
	TO_LEAD,
	TO_UNIT_BEFORE,
	TO_DISPATCHER,
	TO_SHIFT_LEADER,
	TO_SUPERVISOR,
	TO_COUNTY,
	TO_FIELD, /* the workers of the grid; a roster of who is on duty narrows it here */
	TO_ASKER,
	TO_ACCEPTOR,
	TO_TASK, /* whose the task is that the entry makes */
	TO_REPORTER,
	TO_BOTH, /* who came too late, and who was first */
};

/* Quoted from domain.md: "The 30 minutes", Clock model (thresholds), Routing 9, Offline rule 4. */
static const struct row {
	uint8_t verb;   /* 0: any */
	uint8_t reason; /* 0: any */
	uint8_t when;
	uint8_t to;
	uint8_t kind;
	bool waits; /* for working hours, P1 excepted */
} table[] = {
	{BH_VERB_DISPATCH, 0, USUAL, TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_DISPATCH, 0, P1, TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_DISPATCH, 0, P1, TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_DISPATCH, 0, P1, TO_FIELD, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_DISPATCH, 0, P1_ALONE, TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_DISPATCH, 0, BY_CLOCK, TO_SHIFT_LEADER, BH_NOTICE_AUTOMATIC, false},
	{BH_VERB_REDIRECT, 0, HAD_UNIT, TO_UNIT_BEFORE, BH_NOTICE_MOVED, false},
	{BH_VERB_REDIRECT, 0, USUAL, TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_REDIRECT, 0, P1, TO_UNIT, BH_NOTICE_URGENT, false},
	{BH_VERB_REDIRECT, 0, P1, TO_SHIFT_LEADER, BH_NOTICE_URGENT_TOLD, false},
	{BH_VERB_REDIRECT, 0, P1_ALONE, TO_SHIFT_LEADER, BH_NOTICE_CALLED, false},
	{BH_VERB_MOVE_UP, 0, ALWAYS, TO_UNIT, BH_NOTICE_DISPATCHED, false},
	{BH_VERB_REMIND, 50, ALWAYS, TO_DISPATCHER, BH_NOTICE_REMIND_50, false},
	{BH_VERB_REMIND, 80, ALWAYS, TO_SHIFT_LEADER, BH_NOTICE_REMIND_80, false},
	{BH_VERB_BREACH, 0, ALWAYS, TO_SHIFT_LEADER, BH_NOTICE_BREACH, false},
	{BH_VERB_RETURN, 0, FIRST, TO_DISPATCHER, BH_NOTICE_RETURN_ASKED, false},
	{BH_VERB_RETURN, 0, AGAIN, TO_SHIFT_LEADER, BH_NOTICE_RETURN_ASKED, false},
	{BH_VERB_REFUSE_RETURN, 0, ALWAYS, TO_UNIT, BH_NOTICE_RETURN_REFUSED, false},
	{BH_VERB_ACCEPT_RETURN, 0, HAD_UNIT, TO_UNIT_BEFORE, BH_NOTICE_RETURN_ACCEPTED, false},
	{BH_VERB_ASK_EXTENSION, 0, OF_UNIT, TO_LEAD, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_EXTENSION, 0, OF_DESK, TO_DISPATCHER, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_SUSPENSION, 0, OF_UNIT, TO_LEAD, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_SUSPENSION, 0, OF_DESK, TO_DISPATCHER, BH_NOTICE_ASKED, false},
	{BH_VERB_ASK_VOID, 0, ALWAYS, TO_SHIFT_LEADER, BH_NOTICE_ASKED, false},
	{BH_VERB_EXTEND, 0, ALWAYS, TO_UNIT, BH_NOTICE_GRANTED, false},
	{BH_VERB_SUSPEND, 0, ALWAYS, TO_UNIT, BH_NOTICE_GRANTED, false},
	{BH_VERB_REFUSE_ASK, 0, ALWAYS, TO_ASKER, BH_NOTICE_ASK_REFUSED, false},
	{BH_VERB_OVERDUE, 50, ALWAYS, TO_UNIT, BH_NOTICE_LIMIT_50, true},
	{BH_VERB_OVERDUE, 80, ALWAYS, TO_LEAD, BH_NOTICE_LIMIT_80, true},
	{BH_VERB_OVERDUE, 100, ALWAYS, TO_UNIT, BH_NOTICE_LIMIT_100, true},
	{BH_VERB_OVERDUE, 124, ALWAYS, TO_SUPERVISOR, BH_NOTICE_LIMIT_24H, true},
	{BH_VERB_OVERDUE, 172, ALWAYS, TO_COUNTY, BH_NOTICE_LIMIT_72H, true},
	{BH_VERB_FAIL, 0, ALWAYS, TO_UNIT, BH_NOTICE_REWORK, false},
	{BH_VERB_VERIFY, 0, ALWAYS, TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_CHECK, 0, ALWAYS, TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_ASK_HELP, 0, ALWAYS, TO_TASK, BH_NOTICE_TASK, false},
	{BH_VERB_CHECK_FAILED, 0, ALWAYS, TO_ACCEPTOR, BH_NOTICE_CHECK_FAILED, false},
	{BH_VERB_TASK_LAPSED, 0, MOVES, TO_ACCEPTOR, BH_NOTICE_TASK_LAPSED, false},
	{0, 0, ENDS, TO_REPORTER, BH_NOTICE_ENDED, true},
	{0, 0, STALE, TO_BOTH, BH_NOTICE_STALE, false},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* Notices in the making. */
struct gathering {
	const struct bh_notice_facts *facts;
	const struct row *row;
	int64_t now_ms;
	struct bh_notice *out;
	size_t count;
	size_t of_row;
};

static uint32_t unit_before(const struct bh_notice_facts *facts)
{
	return facts->before ? facts->before->unit : 0;
}

static bool unit_has_nobody(const struct bh_notice_facts *facts)
{
	const struct bh_msg_post *post;
	return bh_rules_posts_of_unit(facts->rules, facts->after->unit, UNIT_ROLES, &post, 1) == 0;
}

static bool ends_now(const struct bh_notice_facts *facts)
{
	const struct bh_entry *entry = facts->entry;
	return bh_state_ends_cycle((enum bh_state)entry->to_state) &&
	       entry->from_state != entry->to_state;
}

static bool effect_fits(const struct bh_notice_facts *facts, enum when when)
{
	const struct bh_case *after = facts->after;
	switch (when) {
	case ALWAYS:
		return true;
	case USUAL:
		return after->urgency != URGENT_P1;
	case P1:
		return after->urgency == URGENT_P1;
	case P1_ALONE:
		return after->urgency == URGENT_P1 && unit_has_nobody(facts);
	case BY_CLOCK:
		return facts->entry->log_short == BH_LOG_CLOCK;
	case FIRST:
		return after->refusals == 0;
	case AGAIN:
		return after->refusals > 0;
	case OF_UNIT:
		return after->asked_level == BH_ASK_OF_UNIT;
	case OF_DESK:
		return after->asked_level == BH_ASK_OF_DESK;
	case ENDS:
		return ends_now(facts);
	case HAD_UNIT:
		return unit_before(facts) != 0 && unit_before(facts) != after->unit;
	case MOVES:
		return facts->entry->from_state != facts->entry->to_state;
	case STALE:
		return false;
	}
	return false;
}

static bool row_fits(const struct bh_notice_facts *facts, const struct row *row)
{
	const struct bh_entry *entry = facts->entry;
	uint32_t verb = entry->verb == BH_VERB_WARN ? BH_VERB_OVERDUE : entry->verb;
	if (row->when == STALE)
		return entry->verdict == BH_VERDICT_STALE &&
		       entry->log_short >= BH_LOG_FIRST_DEVICE;
	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->cycle == 0)
		return false;
	return (row->verb == 0 || row->verb == verb) &&
	       (row->reason == 0 || row->reason == entry->reason) &&
	       effect_fits(facts, (enum when)row->when);
}

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
	bool by_unit = g->row && (g->row->to == TO_UNIT || g->row->to == TO_LEAD) && after->unit &&
		       g->facts->entry->verb != BH_VERB_OVERDUE &&
		       g->facts->entry->verb != BH_VERB_WARN;
	return by_unit ? BH_SCOPE_UNIT(after->unit) : 0;
}

static bool is_gathered(const struct gathering *g, uint32_t person, uint32_t kind)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->out[i].person == person && g->out[i].kind == kind)
			return true;
	return false;
}

static void person_add(struct gathering *g, uint32_t person, uint32_t kind)
{
	bool calls = kind == BH_NOTICE_URGENT || kind == BH_NOTICE_CALLED ||
		     kind == BH_NOTICE_CALLED_ABOVE;
	bool urgent = g->facts->after->urgency == URGENT_P1;
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
		.ack_ms = calls ? g->now_ms + scaled(g->facts, BH_NOTICE_ACK_MS) : 0,
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
	size_t count = bh_rules_posts_of_unit(g->facts->rules, unit, roles, posts, HOLDERS_MAX);
	posts_add(g, posts, count, kind);
}

/* Of the nearest area that has one, from this one upwards.  Gives that area, 0: none has. */
static uint32_t role_add(struct gathering *g, uint32_t role, uint32_t area, uint32_t kind)
{
	const struct bh_msg_post *posts[HOLDERS_MAX];
	const struct bh_msg_area *at = bh_rules_area(g->facts->rules, area);
	size_t count = 0;
	while (at != NULL && count == 0) {
		area = at->id;
		count = bh_rules_posts_of_area(g->facts->rules, role, area, posts, HOLDERS_MAX);
		at = at->parent ? bh_rules_area(g->facts->rules, at->parent) : NULL;
	}
	posts_add(g, posts, count, kind);
	return count > 0 ? area : 0;
}

static void first_role_add(struct gathering *g, uint32_t area, uint32_t first, uint32_t else_role)
{
	if (role_add(g, first, area, g->row->kind) == 0)
		(void)role_add(g, else_role, area, g->row->kind);
}

/* At the desk, where nobody has the one role, who has the other. */
static void desk_add(struct gathering *g)
{
	static const struct {
		uint8_t to;
		uint8_t first;
		uint8_t other;
	} desks[] = {
		{TO_DISPATCHER, BH_ROLE_DISPATCHER, BH_ROLE_SHIFT_LEADER},
		{TO_SHIFT_LEADER, BH_ROLE_SHIFT_LEADER, BH_ROLE_DISPATCHER},
		{TO_SUPERVISOR, BH_ROLE_SUPERVISOR, BH_ROLE_SHIFT_LEADER},
		{TO_ACCEPTOR, BH_ROLE_ACCEPTOR, BH_ROLE_SHIFT_LEADER},
	};
	for (size_t i = 0; i < sizeof(desks) / sizeof(desks[0]); i++)
		if (desks[i].to == g->row->to)
			first_role_add(g, g->facts->after->area, desks[i].first, desks[i].other);
}

static void lead_add(struct gathering *g)
{
	uint32_t unit = g->facts->after->unit;
	unit_add(g, unit, LEADS, g->row->kind);
	if (g->of_row == 0)
		unit_add(g, unit, UNIT_ROLES, g->row->kind);
}

static void task_add(struct gathering *g)
{
	struct bh_task task = task_made(g->facts);
	person_add(g, task.person, g->row->kind);
	if (task.unit != 0)
		unit_add(g, task.unit, UNIT_ROLES, g->row->kind);
}

static void row_add(struct gathering *g)
{
	const struct bh_notice_facts *facts = g->facts;
	const struct bh_case *after = facts->after;
	uint32_t kind = g->row->kind, county = bh_rules_county(facts->rules);
	switch ((enum to)g->row->to) {
	case TO_UNIT:
		unit_add(g, after->unit, UNIT_ROLES, kind);
		break;
	case TO_LEAD:
		lead_add(g);
		break;
	case TO_UNIT_BEFORE:
		unit_add(g, unit_before(facts), UNIT_ROLES, kind);
		break;
	case TO_DISPATCHER:
	case TO_SHIFT_LEADER:
	case TO_SUPERVISOR:
	case TO_ACCEPTOR:
		desk_add(g);
		break;
	case TO_COUNTY:
		first_role_add(g, county, BH_ROLE_SHIFT_LEADER, BH_ROLE_DISPATCHER);
		(void)role_add(g, BH_ROLE_SUPERVISOR, county, kind);
		break;
	case TO_FIELD:
		(void)role_add(g, BH_ROLE_GRID_WORKER, after->grid, kind);
		break;
	case TO_ASKER:
		person_add(g, facts->before ? facts->before->asked_by : 0, kind);
		break;
	case TO_TASK:
		task_add(g);
		break;
	case TO_REPORTER:
		person_add(g, after->reporter, kind);
		break;
	case TO_BOTH:
		person_add(g, facts->entry->person, kind);
		person_add(g, facts->other, kind);
		break;
	}
}

size_t bh_notices_of(const struct bh_notice_facts *facts, struct bh_notice out[BH_NOTICES_MAX])
{
	struct gathering g = {.facts = facts, .now_ms = facts->entry->at_ms, .out = out};
	if (facts->after == NULL)
		return 0;
	for (size_t i = 0; i < ROWS; i++) {
		g.row = &table[i];
		g.of_row = 0;
		if (row_fits(facts, g.row))
			row_add(&g);
	}
	return g.count;
}

size_t bh_notices_next(const struct bh_notice_facts *facts, uint32_t kind, int64_t now_ms,
	struct bh_notice out[BH_NOTICES_MAX])
{
	struct gathering g = {.facts = facts, .now_ms = now_ms, .out = out};
	const struct bh_rules *rules = facts->rules;
	const struct bh_msg_area *area = bh_rules_area(rules, facts->after->area);
	if (kind == BH_NOTICE_URGENT) {
		(void)role_add(&g, BH_ROLE_SHIFT_LEADER, facts->after->area, BH_NOTICE_CALLED);
		kind = BH_NOTICE_CALLED; /* without a shift leader the level above is next */
	}
	if (g.count > 0 || kind != BH_NOTICE_CALLED)
		return g.count;
	/* The level above the nearest shift leader's, and who watches over it. */
	const struct bh_msg_post *post;
	while (area != NULL &&
		bh_rules_posts_of_area(rules, BH_ROLE_SHIFT_LEADER, area->id, &post, 1) == 0)
		area = area->parent ? bh_rules_area(rules, area->parent) : NULL;
	if (area != NULL && area->parent)
		(void)role_add(&g, BH_ROLE_SHIFT_LEADER, area->parent, BH_NOTICE_CALLED_ABOVE);
	(void)role_add(&g, BH_ROLE_SUPERVISOR, facts->after->area, BH_NOTICE_CALLED_ABOVE);
	return g.count;
}
